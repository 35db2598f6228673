/* SPDX-License-Identifier: Apache-2.0 */
/* ip(), cidr() and what they offer; names and rules as in Kubernetes. */
#include <string.h>

#include "policy/func.h"
#include "policy/net.h"

static struct vs_val
conversion(void)
{
	return vs_val_error(VS_CEL_CONVERSION);
}

static struct vs_ip
ip_of(struct vs_val v)
{
	struct vs_ip ip = {.family = (uint8_t)v.n};

	memcpy(ip.b, v.u.p, VS_IP_LEN);
	return ip;
}

static struct vs_cidr
cidr_of(struct vs_val v)
{
	struct vs_cidr c = {.len = (uint8_t)v.n};

	c.ip.family = (uint8_t)(v.n >> 8);
	memcpy(c.ip.b, v.u.p, VS_IP_LEN);
	return c;
}

static struct vs_val
address(
    struct vs_cel_run *run, vs_kind kind, const struct vs_ip *ip, uint32_t n)
{
	uint8_t *p = vs_cel_octets(run, VS_IP_LEN);

	if (p == NULL)
		return vs_val_error(VS_CEL_ARENA);
	memcpy(p, ip->b, VS_IP_LEN);
	return (struct vs_val){.kind = (uint8_t)kind, .n = n, .u.p = p};
}

static struct vs_val
ip_value(struct vs_cel_run *run, const struct vs_ip *ip)
{
	return address(run, VS_KIND_IP, ip, ip->family);
}

static struct vs_val
cidr_value(struct vs_cel_run *run, const struct vs_cidr *c)
{
	return address(
	    run, VS_KIND_CIDR, &c->ip, (uint32_t)c->ip.family << 8 | c->len);
}

static bool
parse_ip(struct vs_cel_run *run, struct vs_val text, struct vs_ip *out)
{
	vs_cel_charge_octets(run, text.n);
	return vs_ip_parse(vs_val_span(text), out);
}

static bool
parse_cidr(struct vs_cel_run *run, struct vs_val text, struct vs_cidr *out)
{
	vs_cel_charge_octets(run, text.n);
	return vs_cidr_parse(vs_val_span(text), out);
}

struct vs_val
vs_fn_ip(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_ip ip;

	(void)n;
	return parse_ip(run, a[0], &ip) ? ip_value(run, &ip) : conversion();
}

struct vs_val
vs_fn_is_ip(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_ip ip;

	(void)n;
	return vs_val_bool(parse_ip(run, a[0], &ip));
}

struct vs_val
vs_fn_ip_canonical(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	char text[VS_IP_TEXT_MAX];
	struct vs_ip ip;

	(void)n;
	if (!parse_ip(run, a[0], &ip))
		return conversion();
	return vs_val_bool(vs_span_equal(
	    vs_val_span(a[0]), VS_SPAN(text, vs_ip_text(&ip, text))));
}

struct vs_val
vs_fn_cidr(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_cidr c;

	(void)n;
	return parse_cidr(run, a[0], &c) ? cidr_value(run, &c) : conversion();
}

struct vs_val
vs_fn_is_cidr(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_cidr c;

	(void)n;
	return vs_val_bool(parse_cidr(run, a[0], &c));
}

size_t
vs_cel_format_net(struct vs_val v, char out[64])
{
	struct vs_cidr c;
	struct vs_ip ip;

	if (v.kind == VS_KIND_CIDR) {
		c = cidr_of(v);
		return vs_cidr_text(&c, out);
	}
	ip = ip_of(v);
	return vs_ip_text(&ip, out);
}

struct vs_val
vs_fn_net_string(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	char text[64];
	size_t len = vs_cel_format_net(a[0], text);
	uint8_t *p = vs_cel_octets(run, len);

	(void)n;
	if (p == NULL)
		return vs_val_error(VS_CEL_ARENA);
	memcpy(p, text, len);
	return vs_val_str(VS_SPAN(p, len));
}

struct vs_val
vs_fn_ip_family(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	return vs_val_int(a[0].n);
}

/* Questions differ in the function of net.h that answers them. */
#define QUESTION(fn, ask)                                                      \
	struct vs_val fn(                                                      \
	    struct vs_cel_run *run, const struct vs_val *a, size_t n)          \
	{                                                                      \
		struct vs_ip ip = ip_of(a[0]);                                 \
                                                                               \
		(void)run;                                                     \
		(void)n;                                                       \
		return vs_val_bool(ask(&ip));                                  \
	}

QUESTION(vs_fn_ip_unspecified, vs_ip_unspecified)
QUESTION(vs_fn_ip_loopback, vs_ip_loopback)
QUESTION(vs_fn_ip_local_multicast, vs_ip_link_local_multicast)
QUESTION(vs_fn_ip_local_unicast, vs_ip_link_local_unicast)
QUESTION(vs_fn_ip_global_unicast, vs_ip_global_unicast)

struct vs_val
vs_fn_cidr_has_ip(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_cidr c = cidr_of(a[0]);
	struct vs_ip ip;

	(void)n;
	if (a[1].kind == VS_KIND_IP)
		ip = ip_of(a[1]);
	else if (!parse_ip(run, a[1], &ip))
		return conversion();
	return vs_val_bool(vs_cidr_has_ip(&c, &ip));
}

struct vs_val
vs_fn_cidr_has_cidr(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_cidr c = cidr_of(a[0]), part;

	(void)n;
	if (a[1].kind == VS_KIND_CIDR)
		part = cidr_of(a[1]);
	else if (!parse_cidr(run, a[1], &part))
		return conversion();
	return vs_val_bool(vs_cidr_has_cidr(&c, &part));
}

struct vs_val
vs_fn_cidr_ip(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_cidr c = cidr_of(a[0]);

	(void)n;
	return ip_value(run, &c.ip);
}

struct vs_val
vs_fn_cidr_masked(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	struct vs_cidr c = cidr_of(a[0]);

	(void)n;
	c = vs_cidr_masked(&c);
	return cidr_value(run, &c);
}

struct vs_val
vs_fn_cidr_length(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)run;
	(void)n;
	return vs_val_int(a[0].n & 0xff);
}
