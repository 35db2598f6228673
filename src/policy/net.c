/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "policy/net.h"

enum { GROUPS = 8, V4_AT = 12 };

static const uint8_t mapped[V4_AT] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static int
hex_digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0'
	    : c >= 'a' && c <= 'f'  ? c - 'a' + 10
	    : c >= 'A' && c <= 'F'  ? c - 'A' + 10
				    : -1;
}

/* A decimal number up to max, without leading zeros; moves past it. */
static bool
take_number(struct vs_span *s, unsigned max, unsigned *out)
{
	unsigned v = 0;
	size_t n = 0;

	for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
		if (n == 3 || (n > 0 && v == 0))
			return false;
		v = v * 10 + (unsigned)(s->p[n] - '0');
	}
	if (n == 0 || v > max)
		return false;
	*s = vs_span_slice(*s, n, s->n);
	*out = v;
	return true;
}

/* Four parts to the end of s. */
static bool
parse_dotted(struct vs_span s, uint8_t out[4])
{
	for (size_t i = 0; i < 4; i++) {
		unsigned v;

		if (i > 0) {
			if (s.n == 0 || s.p[0] != '.')
				return false;
			s = vs_span_slice(s, 1, s.n);
		}
		if (!take_number(&s, 255, &v))
			return false;
		out[i] = (uint8_t)v;
	}
	return s.n == 0;
}

/* The groups of an IPv6 address as they are read. */
struct groups {
	uint8_t b[VS_IP_LEN];
	size_t n;   /* octets so far */
	size_t gap; /* where :: stands; SIZE_MAX: nowhere */
	bool dotted;
};

/* One to four hexadecimal digits, or at the end an IPv4 address. */
static bool
take_group(struct vs_span *s, struct groups *g)
{
	unsigned v = 0;
	size_t n = 0;

	while (n < s->n && n < 4 && hex_digit(s->p[n]) >= 0)
		v = v << 4 | (unsigned)hex_digit(s->p[n++]);
	if (n > 0 && n < s->n && s->p[n] == '.') {
		if (g->n + 4 > VS_IP_LEN || !parse_dotted(*s, g->b + g->n))
			return false;
		g->n += 4;
		g->dotted = true;
		s->n = 0;
		return true;
	}
	if (n == 0 || g->n + 2 > VS_IP_LEN)
		return false;
	g->b[g->n++] = (uint8_t)(v >> 8);
	g->b[g->n++] = (uint8_t)v;
	*s = vs_span_slice(*s, n, s->n);
	return true;
}

static bool
take_gap(struct vs_span *s, struct groups *g)
{
	if (s->n < 2 || s->p[0] != ':' || s->p[1] != ':')
		return false;
	*s = vs_span_slice(*s, 2, s->n);
	g->gap = g->n;
	return true;
}

static bool
take_groups(struct vs_span s, struct groups *g)
{
	if (take_gap(&s, g) && s.n == 0)
		return true;
	while (take_group(&s, g)) {
		if (s.n == 0)
			return true;
		if (g->gap == SIZE_MAX && take_gap(&s, g)) {
			if (s.n == 0)
				return true;
			continue;
		}
		if (s.p[0] != ':')
			return false;
		s = vs_span_slice(s, 1, s.n);
	}
	return false;
}

static bool
parse_v6(struct vs_span s, struct vs_ip *out)
{
	struct groups g = {.gap = SIZE_MAX};
	struct vs_ip ip = {.family = 6};
	size_t tail;

	/* The gap stands for one group at least. */
	if (!take_groups(s, &g) ||
	    (g.gap == SIZE_MAX ? g.n != VS_IP_LEN : g.n > VS_IP_LEN - 2))
		return false;
	if (g.gap == SIZE_MAX)
		g.gap = VS_IP_LEN;
	tail = g.gap < g.n ? g.n - g.gap : 0;
	memcpy(ip.b, g.b, g.n - tail);
	memcpy(ip.b + VS_IP_LEN - tail, g.b + (g.n - tail), tail);
	if (memcmp(ip.b, mapped, sizeof(mapped)) == 0) {
		if (g.dotted)
			return false;
		ip.family = 4;
	}
	*out = ip;
	return true;
}

bool
vs_ip_parse(struct vs_span s, struct vs_ip *out)
{
	struct vs_ip ip = {.family = 4};

	if (s.n > 0 && memchr(s.p, ':', s.n) != NULL)
		return parse_v6(s, out);
	if (!parse_dotted(s, ip.b + V4_AT))
		return false;
	memcpy(ip.b, mapped, sizeof(mapped));
	*out = ip;
	return true;
}

bool
vs_cidr_parse(struct vs_span s, struct vs_cidr *out)
{
	const uint8_t *slash = s.n > 0 ? memchr(s.p, '/', s.n) : NULL;
	struct vs_cidr c;
	struct vs_span rest, ip;
	unsigned len;

	if (slash == NULL)
		return false;
	ip = VS_SPAN(s.p, (size_t)(slash - s.p));
	rest = vs_span_slice(s, ip.n + 1, s.n);
	/* A prefix of a mapped address could be meant for either family. */
	if (!vs_ip_parse(ip, &c.ip) ||
	    (c.ip.family == 4 && memchr(ip.p, ':', ip.n) != NULL) ||
	    !take_number(&rest, c.ip.family == 4 ? 32 : 128, &len) ||
	    rest.n != 0)
		return false;
	c.len = (uint8_t)len;
	*out = c;
	return true;
}

static unsigned
group_of(const struct vs_ip *ip, size_t i)
{
	return (unsigned)ip->b[2 * i] << 8 | ip->b[2 * i + 1];
}

/* [RFC 5952 4.2] The first of the longest runs of two or more zeros. */
static size_t
longest_gap(const struct vs_ip *ip, size_t *at)
{
	size_t best = 1;

	*at = GROUPS;
	for (size_t i = 0; i < GROUPS; i++) {
		size_t n = 0;

		while (i + n < GROUPS && group_of(ip, i + n) == 0)
			n++;
		if (n > best) {
			best = n;
			*at = i;
		}
	}
	return best;
}

static size_t
text_v6(const struct vs_ip *ip, char *out)
{
	size_t gap_at, gap = longest_gap(ip, &gap_at), n = 0;

	for (size_t i = 0; i < GROUPS; i++) {
		if (i == gap_at) {
			out[n++] = ':';
			out[n++] = ':';
			i += gap - 1;
			continue;
		}
		int len = snprintf(out + n, VS_IP_TEXT_MAX - n, "%s%x",
		    i > 0 && out[n - 1] != ':' ? ":" : "", group_of(ip, i));
		n += len > 0 ? (size_t)len : 0;
	}
	out[n] = '\0';
	return n;
}

size_t
vs_ip_text(const struct vs_ip *ip, char out[VS_IP_TEXT_MAX])
{
	const uint8_t *b = ip->b + V4_AT;
	int n;

	if (ip->family == 6)
		return text_v6(ip, out);
	n = snprintf(
	    out, VS_IP_TEXT_MAX, "%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
	return n > 0 ? (size_t)n : 0;
}

size_t
vs_cidr_text(const struct vs_cidr *c, char out[VS_IP_TEXT_MAX])
{
	size_t n = vs_ip_text(&c->ip, out);
	int len = snprintf(out + n, VS_IP_TEXT_MAX - n, "/%u", c->len);

	return n + (len > 0 ? (size_t)len : 0);
}

/* Bits of the prefix in the address as it is kept. */
static unsigned
kept_bits(const struct vs_cidr *c)
{
	return c->len + (c->ip.family == 4 ? V4_AT * 8U : 0U);
}

static uint8_t
mask_of(unsigned bits, size_t i)
{
	unsigned here = bits > 8 * i ? bits - 8 * (unsigned)i : 0;

	return (uint8_t)(here >= 8 ? 0xffU : 0xff00U >> here & 0xffU);
}

struct vs_cidr
vs_cidr_masked(const struct vs_cidr *c)
{
	struct vs_cidr out = *c;

	for (size_t i = 0; i < VS_IP_LEN; i++)
		out.ip.b[i] &= mask_of(kept_bits(c), i);
	return out;
}

bool
vs_cidr_has_ip(const struct vs_cidr *c, const struct vs_ip *ip)
{
	if (c->ip.family != ip->family)
		return false;
	for (size_t i = 0; i < VS_IP_LEN; i++) {
		if (((c->ip.b[i] ^ ip->b[i]) & mask_of(kept_bits(c), i)) != 0)
			return false;
	}
	return true;
}

bool
vs_cidr_has_cidr(const struct vs_cidr *c, const struct vs_cidr *part)
{
	return part->len >= c->len && vs_cidr_has_ip(c, &part->ip);
}

static bool
is_v6(const struct vs_ip *ip, const char *text)
{
	struct vs_ip want = {.family = 4};

	return vs_ip_parse(vs_span_cstr(text), &want) &&
	    memcmp(ip->b, want.b, VS_IP_LEN) == 0;
}

bool
vs_ip_unspecified(const struct vs_ip *ip)
{
	return is_v6(ip, "::") || is_v6(ip, "0.0.0.0");
}

bool
vs_ip_loopback(const struct vs_ip *ip)
{
	return ip->family == 4 ? ip->b[V4_AT] == 127 : is_v6(ip, "::1");
}

bool
vs_ip_multicast(const struct vs_ip *ip)
{
	return ip->family == 4 ? ip->b[V4_AT] >> 4 == 0xe : ip->b[0] == 0xff;
}

bool
vs_ip_link_local_multicast(const struct vs_ip *ip)
{
	const uint8_t *b = ip->b + V4_AT;

	if (ip->family == 4)
		return b[0] == 224 && b[1] == 0 && b[2] == 0;
	return ip->b[0] == 0xff && (ip->b[1] & 0x0f) == 2;
}

bool
vs_ip_link_local_unicast(const struct vs_ip *ip)
{
	const uint8_t *b = ip->b + V4_AT;

	if (ip->family == 4)
		return b[0] == 169 && b[1] == 254;
	return ip->b[0] == 0xfe && (ip->b[1] & 0xc0) == 0x80;
}

bool
vs_ip_global_unicast(const struct vs_ip *ip)
{
	return !vs_ip_unspecified(ip) && !is_v6(ip, "255.255.255.255") &&
	    !vs_ip_loopback(ip) && !vs_ip_multicast(ip) &&
	    !vs_ip_link_local_unicast(ip);
}
