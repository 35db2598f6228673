/* SPDX-License-Identifier: Apache-2.0 */
/* A DER writer over vs_buf: what the simulator needs, byte for byte. */
#ifndef VS_SIMULATE_DERW_H
#define VS_SIMULATE_DERW_H

#include "base/buf.h"

enum {
	VS_DERW_BOOL = 0x01,
	VS_DERW_INTEGER = 0x02,
	VS_DERW_BITS = 0x03,
	VS_DERW_OCTETS = 0x04,
	VS_DERW_NULL = 0x05,
	VS_DERW_OID = 0x06,
	VS_DERW_ENUM = 0x0a,
	VS_DERW_UTF8 = 0x0c,
	VS_DERW_PRINTABLE = 0x13,
	VS_DERW_IA5 = 0x16,
	VS_DERW_UTCTIME = 0x17,
	VS_DERW_GENTIME = 0x18,
	VS_DERW_SEQ = 0x30,
	VS_DERW_SET = 0x31,
	VS_DERW_CTX0 = 0xa0, /* constructed, context-specific */
};

/* Opens an element; the mark goes to vs_derw_close, which writes its length. */
size_t vs_derw_open(struct vs_buf *b, unsigned tag);
void vs_derw_close(struct vs_buf *b, size_t mark);
void vs_derw_put(struct vs_buf *b, unsigned tag, struct vs_span content);
void vs_derw_text(struct vs_buf *b, unsigned tag, const char *text);
void vs_derw_uint(struct vs_buf *b, uint64_t v);
/* INTEGER of big-endian bytes, at least one: minimal, with a zero in front
 * where the top bit is a sign. */
void vs_derw_unsigned(struct vs_buf *b, struct vs_span be);
/* Dotted text; a broken one makes the buffer bad. */
void vs_derw_oid(struct vs_buf *b, const char *dotted);
/* BIT STRING without unused bits. */
void vs_derw_bits(struct vs_buf *b, struct vs_span content);
/* RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime from 2050. */
void vs_derw_time(struct vs_buf *b, int64_t unix_s);

#endif
