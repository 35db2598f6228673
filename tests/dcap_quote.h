/* SPDX-License-Identifier: Apache-2.0 */
/* Quotes of the right form and of no worth: no signature in them is one. */
#ifndef VS_TESTS_DCAP_QUOTE_H
#define VS_TESTS_DCAP_QUOTE_H

#include "check.h"
#include "evidence/dcap/quote.h"

enum { Q_MAX = 4096, Q_HEADER = 48, Q_CERT = 37, Q_AUTH = 32 };

struct q_form {
	uint16_t version;
	uint16_t body; /* of version 5; else 1: SGX, 2: TDX */
	uint16_t cert_type;
};

static inline size_t
q_body_size(uint16_t body)
{
	static const size_t sizes[] = {0, VS_SGX_REPORT_SIZE,
	    VS_TD10_REPORT_SIZE, VS_TD15_REPORT_SIZE, VS_TD15_EXTENDED_SIZE};

	return body < VS_COUNT(sizes) ? sizes[body] : 16;
}

/* Every byte of a body tells its place. */
static inline void
q_body(struct vs_wr *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		vs_wr_u8(w, (uint8_t)(i * 7 + i / 256));
}

static inline size_t
q_write(const struct q_form *f, uint8_t out[Q_MAX])
{
	static const uint8_t vendor[] = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c,
	    0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};
	const uint32_t inner = 384 + 64 + 2 + Q_AUTH + 2 + 4 + Q_CERT;
	struct vs_wr w = vs_wr_of(out, Q_MAX);
	struct vs_span all = {0};

	vs_wr_u16le(&w, f->version);
	vs_wr_u16le(&w, 2);
	vs_wr_u32le(&w, f->body == 1 ? 0 : 0x81);
	vs_wr_zeros(&w, 4);
	vs_wr_bytes(&w, VS_SPAN_OF(vendor));
	vs_wr_zeros(&w, 20);
	if (f->version == 5) {
		vs_wr_u16le(&w, f->body);
		vs_wr_u32le(&w, (uint32_t)q_body_size(f->body));
	}
	q_body(&w, q_body_size(f->body));
	vs_wr_u32le(&w, 128 + (f->version == 3 ? 0U : 6U) + inner);
	q_body(&w, 64 + 64);
	if (f->version != 3) {
		vs_wr_u16le(&w, 6);
		vs_wr_u32le(&w, inner);
	}
	q_body(&w, 384 + 64);
	vs_wr_u16le(&w, Q_AUTH);
	q_body(&w, Q_AUTH);
	vs_wr_u16le(&w, f->cert_type);
	vs_wr_u32le(&w, Q_CERT);
	q_body(&w, Q_CERT);
	CHECK_INT(vs_wr_finish(&w, &all), VS_OK);
	return all.n;
}

#endif
