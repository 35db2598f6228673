/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/dcap/pck.h"

#include <string.h>

#include "crypto/der.h"

enum {
	DER_BOOLEAN = 0x01,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0a,
	/* Below the extension's OID */
	ARC_PPID = 1,
	ARC_TCB = 2,
	ARC_PCEID = 3,
	ARC_FMSPC = 4,
	ARC_SGX_TYPE = 5,
	ARC_INSTANCE = 6,
	ARC_CONFIG = 7,
	/* Below ARC_TCB; the components are 1 to 16. */
	ARC_PCESVN = 17,
	ARC_CPUSVN = 18,
	/* Below ARC_CONFIG */
	ARC_DYNAMIC = 1,
	ARC_CACHED = 2,
	ARC_SMT = 3,
	ID_SIZE = 16,
	SGX_TYPE_MAX = 2,
};

/* 1.2.840.113741.1.13.1 */
static const uint8_t intel_oid[] = {
    0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

/* A SEQUENCE OF { OID, value }, whose order is not promised. */
struct walk {
	struct vs_rd rd;
	const uint8_t *prefix; /* all OIDs are this and one number more */
	size_t prefix_n;
	uint32_t seen; /* bit per number */
};

static vs_status
read_pair(struct walk *w, uint8_t *arc, struct vs_der *value)
{
	struct vs_der pair, oid;
	struct vs_rd in;

	if (vs_der_next(&w->rd, &pair) != VS_OK || pair.tag != VS_DER_SEQUENCE)
		return VS_MALFORMED;
	in = vs_rd_of(pair.value);
	if (vs_der_next(&in, &oid) != VS_OK || oid.tag != DER_OID ||
	    vs_der_next(&in, value) != VS_OK || vs_rd_end(&in) != VS_OK)
		return VS_MALFORMED;
	if (oid.value.n != w->prefix_n + 1 ||
	    memcmp(oid.value.p, w->prefix, w->prefix_n) != 0)
		return VS_MALFORMED;
	*arc = oid.value.p[w->prefix_n];
	return *arc > 0 && *arc < 32 ? VS_OK : VS_MALFORMED;
}

/* The next part, which must not have been there before. */
static vs_status
next(struct walk *w, uint8_t *arc, struct vs_der *value, struct vs_err *err)
{
	VS_TRY(err, "part", read_pair(w, arc, value));
	if ((w->seen >> *arc & 1) != 0)
		return vs_fail(err, VS_DUPLICATE, "part %u twice", *arc);
	w->seen |= UINT32_C(1) << *arc;
	return VS_OK;
}

/* In its only DER form. */
static vs_status
uint_of(const struct vs_der *v, uint32_t max, uint32_t *out)
{
	struct vs_span s = v->value;
	uint32_t n = 0;

	if (v->tag != VS_DER_INTEGER || s.n == 0 || s.n > 3 || s.p[0] >= 0x80)
		return VS_MALFORMED;
	if (s.n > 1 && s.p[0] == 0 && s.p[1] < 0x80)
		return VS_MALFORMED;
	for (size_t i = 0; i < s.n; i++)
		n = n << 8 | s.p[i];
	if (n > max)
		return VS_RANGE;
	*out = n;
	return VS_OK;
}

static vs_status
octets_of(const struct vs_der *v, size_t n, uint8_t *out)
{
	if (v->tag != VS_DER_OCTETS || v->value.n != n)
		return VS_MALFORMED;
	if (out != NULL)
		memcpy(out, v->value.p, n);
	return VS_OK;
}

static vs_status
bool_of(const struct vs_der *v, bool *out)
{
	if (v->tag != DER_BOOLEAN || v->value.n != 1 ||
	    (v->value.p[0] != 0 && v->value.p[0] != 0xff))
		return VS_MALFORMED;
	*out = v->value.p[0] != 0;
	return VS_OK;
}

static vs_status
tcb_part(uint8_t arc, const struct vs_der *v, struct vs_dcap_pck *p)
{
	uint32_t n = 0;
	vs_status st;

	if (arc == ARC_CPUSVN) /* the same numbers in the CPU's own form */
		return octets_of(v, ID_SIZE, NULL);
	if (arc > ARC_CPUSVN)
		return VS_OK;
	st = uint_of(v, arc == ARC_PCESVN ? UINT16_MAX : UINT8_MAX, &n);
	if (st != VS_OK)
		return st;
	if (arc == ARC_PCESVN)
		p->pcesvn = (uint16_t)n;
	else
		p->svn[arc - 1] = (uint8_t)n;
	return VS_OK;
}

/* The parts 1 to n were all there. */
static bool
complete(const struct walk *w, unsigned n)
{
	uint32_t all = ((UINT32_C(1) << n) - 1) << 1;

	return (w->seen & all) == all;
}

static vs_status
read_tcb(const struct vs_der *v, struct vs_dcap_pck *p, struct vs_err *err)
{
	uint8_t prefix[sizeof(intel_oid) + 1];
	struct walk w = {
	    .rd = vs_rd_of(v->value),
	    .prefix = prefix,
	    .prefix_n = sizeof(prefix),
	};

	memcpy(prefix, intel_oid, sizeof(intel_oid));
	prefix[sizeof(intel_oid)] = ARC_TCB;
	if (v->tag != VS_DER_SEQUENCE)
		return VS_MALFORMED;
	while (w.rd.n > 0) {
		struct vs_der value;
		uint8_t arc;

		VS_TRY(err, "TCB", next(&w, &arc, &value, err));
		VS_TRY(err, "TCB", tcb_part(arc, &value, p));
	}
	return complete(&w, ARC_CPUSVN) ? VS_OK : VS_TRUNCATED;
}

static vs_status
read_config(const struct vs_der *v, struct vs_dcap_pck *p, struct vs_err *err)
{
	uint8_t prefix[sizeof(intel_oid) + 1];
	struct walk w = {
	    .rd = vs_rd_of(v->value),
	    .prefix = prefix,
	    .prefix_n = sizeof(prefix),
	};

	memcpy(prefix, intel_oid, sizeof(intel_oid));
	prefix[sizeof(intel_oid)] = ARC_CONFIG;
	if (v->tag != VS_DER_SEQUENCE)
		return VS_MALFORMED;
	while (w.rd.n > 0) {
		struct vs_der value;
		uint8_t arc;
		bool b;

		VS_TRY(err, "configuration", next(&w, &arc, &value, err));
		VS_TRY(err, "configuration", bool_of(&value, &b));
		if (arc == ARC_DYNAMIC)
			p->dynamic_platform = b;
		else if (arc == ARC_CACHED)
			p->cached_keys = b;
		else if (arc == ARC_SMT)
			p->smt = b;
	}
	/* One that leaves a part out would be read as its being off. */
	if (!complete(&w, ARC_SMT))
		return VS_TRUNCATED;
	p->has_config = true;
	return VS_OK;
}

static vs_status
read_sgx_type(const struct vs_der *v, struct vs_dcap_pck *p)
{
	if (v->tag != DER_ENUMERATED || v->value.n != 1 ||
	    v->value.p[0] > SGX_TYPE_MAX)
		return VS_MALFORMED;
	p->sgx_type = v->value.p[0];
	return VS_OK;
}

/* Parts that are unknown are later ones, and are of no meaning here. */
static vs_status
read_part(uint8_t arc, const struct vs_der *v, struct vs_dcap_pck *p,
    struct vs_err *err)
{
	switch (arc) {
	case ARC_PPID:
		VS_TRY(err, "PPID", octets_of(v, ID_SIZE, NULL));
		break;
	case ARC_TCB:
		VS_TRY(err, "TCB", read_tcb(v, p, err));
		break;
	case ARC_PCEID:
		VS_TRY(err, "PCEID", octets_of(v, sizeof(p->pceid), p->pceid));
		break;
	case ARC_FMSPC:
		VS_TRY(err, "FMSPC", octets_of(v, sizeof(p->fmspc), p->fmspc));
		break;
	case ARC_SGX_TYPE:
		VS_TRY(err, "SGX type", read_sgx_type(v, p));
		break;
	case ARC_INSTANCE:
		VS_TRY(err, "platform instance", octets_of(v, ID_SIZE, NULL));
		break;
	case ARC_CONFIG:
		VS_TRY(err, "configuration", read_config(v, p, err));
		break;
	default:
		break;
	}
	return VS_OK;
}

static vs_status
read_all(struct vs_span octets, struct vs_dcap_pck *p, struct vs_err *err)
{
	struct walk w = {.prefix = intel_oid, .prefix_n = sizeof(intel_oid)};
	struct vs_span body;

	VS_TRY(err, "extension", vs_der_only(octets, VS_DER_SEQUENCE, &body));
	w.rd = vs_rd_of(body);
	while (w.rd.n > 0) {
		struct vs_der value;
		uint8_t arc;

		VS_TRY(err, "extension", next(&w, &arc, &value, err));
		VS_TRY(err, "extension", read_part(arc, &value, p, err));
	}
	if (!complete(&w, ARC_SGX_TYPE))
		return vs_fail(err, VS_MALFORMED, "a part is missing");
	return VS_OK;
}

vs_status
vs_dcap_pck_parse(
    struct vs_span octets, struct vs_dcap_pck *out, struct vs_err *err)
{
	struct vs_dcap_pck p = {0};
	struct vs_err why = {0};

	vs_err_clear(err);
	if (read_all(octets, &p, &why) != VS_OK)
		return vs_fail_code(
		    err, VS_UNTRUSTED, "pck_extension", "%s", why.msg);
	*out = p;
	return VS_OK;
}

vs_status
vs_dcap_pck_read(
    const struct vs_cert *cert, struct vs_dcap_pck *out, struct vs_err *err)
{
	struct vs_span octets;
	size_t n = vs_cert_ext(cert, VS_SPAN_OF(intel_oid), &octets);

	vs_err_clear(err);
	if (n != 1)
		return vs_fail_code(err, VS_UNTRUSTED, "pck_extension",
		    "%zu times Intel's extension in the certificate", n);
	return vs_dcap_pck_parse(octets, out, err);
}
