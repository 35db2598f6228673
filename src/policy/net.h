/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses and networks of IPv4 and IPv6 in text (RFC 4291 2.2, RFC 5952).
 * An IPv4 address is kept as the IPv6 address that maps it, so that one
 * comparison serves both. No zones. A mapped address in hexadecimal
 * (::ffff:c0a8:1) is the IPv4 address; one in dotted form is refused.
 */
#ifndef VS_POLICY_NET_H
#define VS_POLICY_NET_H

#include "base/bytes.h"

enum { VS_IP_LEN = 16, VS_IP_TEXT_MAX = 48 };

struct vs_ip {
	uint8_t b[VS_IP_LEN];
	uint8_t family; /* 4 or 6 */
};

struct vs_cidr {
	struct vs_ip ip; /* host bits as written */
	uint8_t len;     /* of the prefix: to 32 or 128 */
};

/* False, and *out untouched, for anything else. */
bool vs_ip_parse(struct vs_span text, struct vs_ip *out);
bool vs_cidr_parse(struct vs_span text, struct vs_cidr *out);
/* Canonical text. Returns its length. */
size_t vs_ip_text(const struct vs_ip *ip, char out[VS_IP_TEXT_MAX]);
size_t vs_cidr_text(const struct vs_cidr *c, char out[VS_IP_TEXT_MAX]);

/* Host bits cleared. */
struct vs_cidr vs_cidr_masked(const struct vs_cidr *c);
/* False for the other family. */
bool vs_cidr_has_ip(const struct vs_cidr *c, const struct vs_ip *ip);
bool vs_cidr_has_cidr(const struct vs_cidr *c, const struct vs_cidr *part);

bool vs_ip_unspecified(const struct vs_ip *ip);
bool vs_ip_loopback(const struct vs_ip *ip);
bool vs_ip_multicast(const struct vs_ip *ip);
bool vs_ip_link_local_multicast(const struct vs_ip *ip);
bool vs_ip_link_local_unicast(const struct vs_ip *ip);
/* Any unicast address with more than local scope; private ones, too. */
bool vs_ip_global_unicast(const struct vs_ip *ip);

#endif
