/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/dcap/claims.h"

#include <inttypes.h>
#include <stdio.h>

struct named_bit {
	vs_claim_id id;
	unsigned bit;
};

/* Intel TDX Module ABI, ATTRIBUTES: the low byte is "TD under debug". */
enum { ATTR_DEBUG = 0 };
#define ATTR_TUD UINT64_C(0xff)

static const struct named_bit td_attributes[] = {
    {VS_CLAIM_TDX_ATTR_DEBUG, ATTR_DEBUG},
    {VS_CLAIM_TDX_ATTR_ICSSD, 16},
    {VS_CLAIM_TDX_ATTR_LASS, 27},
    {VS_CLAIM_TDX_ATTR_SEPT_VE, 28},
    {VS_CLAIM_TDX_ATTR_MIGRATABLE, 29},
    {VS_CLAIM_TDX_ATTR_PKS, 30},
    {VS_CLAIM_TDX_ATTR_KL, 31},
    {VS_CLAIM_TDX_ATTR_TPA, 62},
    {VS_CLAIM_TDX_ATTR_PERFMON, 63},
};

/* Intel SDM 1, 13.1: state components; x87 and SSE are always on. */
#define XFAM_BASE UINT64_C(0x3)
static const struct {
	vs_claim_id id;
	uint64_t mask; /* all of them */
} xfam[] = {
    {VS_CLAIM_TDX_XFAM_AVX, UINT64_C(1) << 2},
    {VS_CLAIM_TDX_XFAM_AVX512, UINT64_C(7) << 5},
    {VS_CLAIM_TDX_XFAM_PT, UINT64_C(1) << 8},
    {VS_CLAIM_TDX_XFAM_PKRU, UINT64_C(1) << 9},
    {VS_CLAIM_TDX_XFAM_CET, UINT64_C(3) << 11},
    {VS_CLAIM_TDX_XFAM_UINTR, UINT64_C(1) << 14},
    {VS_CLAIM_TDX_XFAM_LBR, UINT64_C(1) << 15},
    {VS_CLAIM_TDX_XFAM_AMX, UINT64_C(3) << 17},
};

/* Intel SDM 3D, 35.7.1: ATTRIBUTES. Bit 0, INIT, is set in every report. */
enum { SGX_INIT = 0, SGX_DEBUG = 1 };
static const struct named_bit sgx_attributes[] = {
    {VS_CLAIM_SGX_ATTR_DEBUG, SGX_DEBUG},
    {VS_CLAIM_SGX_ATTR_MODE64, 2},
    {VS_CLAIM_SGX_ATTR_PROVISION, 4},
    {VS_CLAIM_SGX_ATTR_EINITTOKEN, 5},
    {VS_CLAIM_SGX_ATTR_KSS, 7},
    {VS_CLAIM_SGX_ATTR_AEXNOTIFY, 10},
};

static bool
bit(uint64_t v, unsigned n)
{
	return (v >> n & 1) != 0;
}

static vs_status
text(struct vs_claims *c, vs_claim_id id, const char *s, struct vs_err *err)
{
	VS_TRY(
	    err, vs_claim_def(id)->path, vs_claims_str(c, id, vs_span_cstr(s)));
	return VS_OK;
}

static vs_status
hex64(struct vs_claims *c, vs_claim_id id, uint64_t v, struct vs_err *err)
{
	char s[17];

	(void)snprintf(s, sizeof(s), "%016" PRIx64, v);
	return text(c, id, s, err);
}

/* Absent where the form of the quote has no such field. */
struct field {
	vs_claim_id id;
	struct vs_span v;
};

static vs_status
fields(struct vs_claims *c, const struct field *f, size_t n, struct vs_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (f[i].v.n > 0)
			VS_TRY(err, vs_claim_def(f[i].id)->path,
			    vs_claims_hex(c, f[i].id, f[i].v));
	return VS_OK;
}

/* Names the bits and returns those that have no name. */
static uint64_t
name_bits(struct vs_claims *c, const struct named_bit *b, size_t n, uint64_t v)
{
	for (size_t i = 0; i < n; i++) {
		vs_claims_bool(c, b[i].id, bit(v, b[i].bit));
		v &= ~(UINT64_C(1) << b[i].bit);
	}
	return v;
}

/* The module's own debugging is ruled out by its identity; said once more,
 * so that no change there makes it pass for protected memory. */
static bool
is_debug(const struct vs_dcap_quote *q)
{
	if (q->tee == VS_INTEL_SGX)
		return bit(q->sgx.flags, SGX_DEBUG);
	return (q->td.attributes & ATTR_TUD) != 0 ||
	    !vs_span_zero(q->td.seamattributes);
}

static vs_status
tee(const struct vs_dcap_verified *v, struct vs_claims *c, struct vs_err *err)
{
	VS_TRY(err, "tee",
	    text(c, VS_CLAIM_TEE_KIND, vs_evidence_kind_name(v->kind), err));
	vs_claims_bool(c, VS_CLAIM_TEE_DEBUG, is_debug(v->quote));
	vs_claims_bool(c, VS_CLAIM_TEE_SIMULATED, !v->anchor->built_in);
	VS_TRY(err, "tee", text(c, VS_CLAIM_TEE_ANCHOR, v->anchor->name, err));
	vs_claims_bool(c, VS_CLAIM_TEE_BOUND, v->bound);
	VS_TRY(err, "tee.evidence_digest",
	    vs_claims_hex(c, VS_CLAIM_TEE_EVIDENCE_DIGEST,
		VS_SPAN_OF(v->evidence_digest)));
	return text(c, VS_CLAIM_TEE_CRL, "good", err);
}

static vs_status
status(struct vs_claims *c, vs_claim_id id, vs_tcb_status s, struct vs_err *err)
{
	return s == VS_TCB_NONE ? VS_OK
				: text(c, id, vs_tcb_status_name(s), err);
}

static vs_status
tcb(const struct vs_dcap_verified *v, struct vs_claims *c, struct vs_err *err)
{
	const struct vs_dcap_tcb *t = v->tcb;

	VS_TRY(err, "tcb", status(c, VS_CLAIM_TCB_STATUS, t->status, err));
	VS_TRY(err, "tcb",
	    status(c, VS_CLAIM_INTEL_PLATFORM_STATUS, t->platform, err));
	VS_TRY(err, "tcb",
	    status(c, VS_CLAIM_INTEL_MODULE_STATUS, t->module, err));
	VS_TRY(err, "tcb", status(c, VS_CLAIM_INTEL_QE_STATUS, t->qe, err));
	VS_TRY(err, "advisories",
	    vs_claims_list(
		c, VS_CLAIM_ADVISORIES, t->advisories, t->advisories_n));
	vs_claims_time(c, VS_CLAIM_TCB_DATE, t->date);
	vs_claims_int(c, VS_CLAIM_TCB_NUMBER, t->info_number);
	vs_claims_int(c, VS_CLAIM_INTEL_QE_NUMBER, t->qe_number);
	vs_claims_int(c, VS_CLAIM_INTEL_INFO_VERSION, v->info->version);
	return VS_OK;
}

static vs_status
platform(
    const struct vs_dcap_verified *v, struct vs_claims *c, struct vs_err *err)
{
	static const char *const types[] = {
	    "standard", "scalable", "integrity"};
	const struct vs_dcap_platform *p = v->platform;
	const struct field all[] = {
	    {VS_CLAIM_INTEL_FMSPC, VS_SPAN_OF(p->id.fmspc)},
	    {VS_CLAIM_INTEL_PCEID, VS_SPAN_OF(p->id.pceid)},
	    {VS_CLAIM_INTEL_COMPONENTS, VS_SPAN_OF(p->id.svn)},
	    {VS_CLAIM_INTEL_PCK_SPKI,
		VS_SPAN_OF(vs_cert_facts(p->pck)->spki_sha256)},
	};

	VS_TRY(err, "platform", fields(c, all, VS_COUNT(all), err));
	VS_TRY(err, "platform",
	    text(c, VS_CLAIM_INTEL_PCK_CA, vs_cert_facts(p->ca)->cn, err));
	VS_TRY(err, "platform",
	    text(c, VS_CLAIM_INTEL_SGX_TYPE, types[p->id.sgx_type], err));
	vs_claims_int(c, VS_CLAIM_INTEL_PCESVN, p->id.pcesvn);
	vs_claims_int(c, VS_CLAIM_INTEL_QE_ISVSVN, v->quote->qe.isvsvn);
	vs_claims_int(c, VS_CLAIM_INTEL_QUOTE_VERSION, v->quote->version);
	if (!p->id.has_config)
		return VS_OK;
	vs_claims_bool(c, VS_CLAIM_INTEL_SMT, p->id.smt);
	vs_claims_bool(c, VS_CLAIM_INTEL_CACHED_KEYS, p->id.cached_keys);
	vs_claims_bool(c, VS_CLAIM_INTEL_DYNAMIC, p->id.dynamic_platform);
	return VS_OK;
}

static vs_status
td_bits(const struct vs_td_report *r, struct vs_claims *c, struct vs_err *err)
{
	uint64_t rest =
	    name_bits(c, td_attributes, VS_COUNT(td_attributes), r->attributes);
	uint64_t left = r->xfam & ~XFAM_BASE;

	VS_TRY(err, "attributes",
	    hex64(c, VS_CLAIM_TDX_ATTR_RAW, r->attributes, err));
	vs_claims_bool(c, VS_CLAIM_TDX_ATTR_TUD, (rest & ATTR_TUD) != 0);
	vs_claims_bool(c, VS_CLAIM_TDX_ATTR_UNKNOWN, (rest & ~ATTR_TUD) != 0);
	VS_TRY(err, "xfam", hex64(c, VS_CLAIM_TDX_XFAM_RAW, r->xfam, err));
	for (size_t i = 0; i < VS_COUNT(xfam); i++) {
		vs_claims_bool(
		    c, xfam[i].id, (r->xfam & xfam[i].mask) == xfam[i].mask);
		left &= ~xfam[i].mask;
	}
	vs_claims_bool(c, VS_CLAIM_TDX_XFAM_UNKNOWN, left != 0);
	return VS_OK;
}

static vs_status
td(const struct vs_dcap_verified *v, struct vs_claims *c, struct vs_err *err)
{
	const struct vs_td_report *r = &v->quote->td;
	const vs_tcb_status s = v->tcb->status;
	const struct field all[] = {
	    {VS_CLAIM_TDX_MRTD, r->mrtd},
	    {VS_CLAIM_TDX_RTMR0, r->rtmr[0]},
	    {VS_CLAIM_TDX_RTMR1, r->rtmr[1]},
	    {VS_CLAIM_TDX_RTMR2, r->rtmr[2]},
	    {VS_CLAIM_TDX_RTMR3, r->rtmr[3]},
	    {VS_CLAIM_TDX_REPORT_DATA, r->report_data},
	    {VS_CLAIM_TDX_MRCONFIGID, r->mrconfigid},
	    {VS_CLAIM_TDX_MROWNER, r->mrowner},
	    {VS_CLAIM_TDX_MROWNERCONFIG, r->mrownerconfig},
	    {VS_CLAIM_TDX_MRSERVICETD, r->mrservicetd},
	    {VS_CLAIM_TDX_MRSEAM, r->mrseam},
	    {VS_CLAIM_TDX_MRSIGNERSEAM, r->mrsignerseam},
	    {VS_CLAIM_TDX_SEAMATTRIBUTES, r->seamattributes},
	    {VS_CLAIM_TDX_TCB_SVN, r->tee_tcb_svn},
	    {VS_CLAIM_TDX_TCB_SVN2, r->tee_tcb_svn2},
	};

	VS_TRY(err, "TD", fields(c, all, VS_COUNT(all), err));
	VS_TRY(err, "TD", td_bits(r, c, err));
	vs_claims_int(c, VS_CLAIM_TDX_MODULE_VERSION, v->tcb->module_version);
	vs_claims_bool(c, VS_CLAIM_TDX_RELAUNCH,
	    s == VS_TCB_TD_RELAUNCH_ADVISED ||
		s == VS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED);
	return VS_OK;
}

static vs_status
sgx(const struct vs_dcap_verified *v, struct vs_claims *c, struct vs_err *err)
{
	const struct vs_sgx_report *r = &v->quote->sgx;
	const struct field all[] = {
	    {VS_CLAIM_SGX_MRENCLAVE, r->mrenclave},
	    {VS_CLAIM_SGX_MRSIGNER, r->mrsigner},
	    {VS_CLAIM_SGX_CONFIGID, r->configid},
	    {VS_CLAIM_SGX_EXTPRODID, r->isvextprodid},
	    {VS_CLAIM_SGX_FAMILYID, r->isvfamilyid},
	    {VS_CLAIM_SGX_REPORT_DATA, r->report_data},
	    {VS_CLAIM_SGX_CPUSVN, r->cpusvn},
	    {VS_CLAIM_SGX_MISCSELECT, r->miscselect},
	    {VS_CLAIM_SGX_ATTR_RAW, r->attributes},
	};
	uint64_t rest =
	    name_bits(c, sgx_attributes, VS_COUNT(sgx_attributes), r->flags);

	VS_TRY(err, "enclave", fields(c, all, VS_COUNT(all), err));
	vs_claims_bool(
	    c, VS_CLAIM_SGX_ATTR_UNKNOWN, rest >> (SGX_INIT + 1) != 0);
	vs_claims_int(c, VS_CLAIM_SGX_PRODID, r->isvprodid);
	vs_claims_int(c, VS_CLAIM_SGX_SVN, r->isvsvn);
	vs_claims_int(c, VS_CLAIM_SGX_CONFIGSVN, r->configsvn);
	return VS_OK;
}

static vs_status
event_log(
    const struct vs_dcap_verified *v, struct vs_claims *c, struct vs_err *err)
{
	const struct vs_event_log *l = v->log;

	if (l == NULL)
		return VS_OK;
	vs_claims_int(c, VS_CLAIM_EVENT_LOG_EVENTS, (int64_t)l->events);
	vs_claims_bool(c, VS_CLAIM_EVENT_LOG_RTMR3, v->rtmr3_replayed);
	if (l->secure_boot != VS_UNSAID)
		vs_claims_bool(c, VS_CLAIM_EVENT_LOG_SECURE_BOOT,
		    l->secure_boot == VS_YES);
	if (v->rtmr3_replayed && !l->apps_lost)
		VS_TRY(err, "eventlog.applications",
		    vs_claims_list(
			c, VS_CLAIM_EVENT_LOG_APPS, l->apps, l->apps_n));
	return VS_OK;
}

vs_status
vs_dcap_claims(
    const struct vs_dcap_verified *v, struct vs_claims *out, struct vs_err *err)
{
	VS_TRY(err, "claims", tee(v, out, err));
	VS_TRY(err, "claims", tcb(v, out, err));
	VS_TRY(err, "claims", platform(v, out, err));
	VS_TRY(err, "claims",
	    v->quote->tee == VS_INTEL_TDX ? td(v, out, err) : sgx(v, out, err));
	VS_TRY(err, "claims", event_log(v, out, err));
	if (v->azure != NULL)
		VS_TRY(err, "claims", vs_az_claims(v->azure, out, err));
	return VS_OK;
}
