/* SPDX-License-Identifier: Apache-2.0 */
/* Intel TDX DCAP Quoting Library API, appendix 3; Intel PCS API v4, TCB info:
 * "how to use". */
#include "evidence/dcap/tcb.h"

#include <string.h>

/* TEE_TCB_SVN: module minor (its ISVSVN), module major, then the rest. */
enum { MODULE_SVN = 0, MODULE_VERSION = 1 };

/* One walk of the levels, by one set of SVNs. */
struct standing {
	const struct vs_intel_verdict *platform;
	const struct vs_intel_verdict *module; /* NULL: none counts */
	vs_tcb_status status;                  /* converged, QE included */
};

static bool
reaches(const uint8_t *have, const uint8_t *need, size_t from)
{
	for (size_t i = from; i < VS_INTEL_COMPONENTS; i++)
		if (have[i] < need[i])
			return false;
	return true;
}

/* With a module that has an identity of its own, its two bytes are judged by
 * that identity and not by the level. */
static bool
fits(const struct vs_dcap_tcb_in *in, const uint8_t *tee_svn,
    const struct vs_intel_level *l)
{
	size_t from = tee_svn[MODULE_VERSION] > 0 ? 2 : 0;

	return reaches(in->pck_svn, l->sgx, 0) && in->pcesvn >= l->pcesvn &&
	    (in->info->tee == VS_INTEL_SGX || reaches(tee_svn, l->tdx, from));
}

static vs_status
find_platform(const struct vs_dcap_tcb_in *in, const uint8_t *tee_svn,
    const struct vs_intel_verdict **out, struct vs_err *err)
{
	for (size_t i = 0; i < in->info->levels_n; i++)
		if (fits(in, tee_svn, &in->info->levels[i])) {
			*out = &in->info->levels[i].verdict;
			return VS_OK;
		}
	return vs_fail_code(err, VS_UNTRUSTED, "tcb_level_not_found",
	    "the platform is below every TCB level");
}

static vs_status
find_isv(const struct vs_intel_isv_level *v, size_t n, uint16_t isvsvn,
    const char *what, const struct vs_intel_verdict **out, struct vs_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (isvsvn >= v[i].isvsvn) {
			*out = &v[i].verdict;
			return VS_OK;
		}
	return vs_fail_code(err, VS_UNTRUSTED, "tcb_level_not_found",
	    "the %s is below every TCB level: %u", what, isvsvn);
}

static vs_status
pick_module(const struct vs_intel_tcb_info *info, uint8_t version,
    const struct vs_intel_module **out, struct vs_err *err)
{
	if (version == 0) {
		*out = &info->base;
		return VS_OK;
	}
	for (size_t i = 0; i < info->modules_n; i++)
		if (info->modules[i].version == version) {
			*out = &info->modules[i];
			return VS_OK;
		}
	return vs_fail_code(err, VS_UNTRUSTED, "tdx_module_mismatch",
	    "no identity of the module TDX_%02X", version);
}

static bool
is_masked(
    const uint8_t *have, const uint8_t *mask, const uint8_t *want, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((have[i] & mask[i]) != want[i])
			return false;
	return true;
}

/* SEAMATTRIBUTES outside the mask would be attributes that nobody judges. */
static bool
none_outside(const uint8_t *have, const uint8_t *mask, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((have[i] & (uint8_t)~mask[i]) != 0)
			return false;
	return true;
}

static vs_status
find_module(const struct vs_dcap_tcb_in *in, const uint8_t *tee_svn,
    const struct vs_intel_verdict **out, struct vs_err *err)
{
	const struct vs_intel_module *m = NULL;
	const size_t n = sizeof(in->seamattributes);

	VS_TRY(err, "TDX module",
	    pick_module(in->info, tee_svn[MODULE_VERSION], &m, err));
	if (memcmp(in->mrsignerseam, m->mrsigner, sizeof(m->mrsigner)) != 0)
		return vs_fail_code(err, VS_UNTRUSTED, "tdx_module_mismatch",
		    "MRSIGNERSEAM is not the signer of the TDX module");
	if (!is_masked(
		in->seamattributes, m->attributes_mask, m->attributes, n) ||
	    !none_outside(in->seamattributes, m->attributes_mask, n))
		return vs_fail_code(err, VS_UNTRUSTED, "tdx_module_mismatch",
		    "SEAMATTRIBUTES are not those of the TDX module");
	if (tee_svn[MODULE_VERSION] == 0)
		return VS_OK; /* judged by the level: *out stays NULL */
	return find_isv(m->levels, m->levels_n, tee_svn[MODULE_SVN],
	    "TDX module", out, err);
}

vs_tcb_status
vs_dcap_converge(vs_tcb_status platform, vs_tcb_status component)
{
	if (component == VS_TCB_NONE || component == VS_TCB_UP_TO_DATE)
		return platform;
	if (component != VS_TCB_OUT_OF_DATE)
		return VS_TCB_REVOKED;
	switch (platform) {
	case VS_TCB_UP_TO_DATE:
	case VS_TCB_SW_HARDENING_NEEDED:
		return VS_TCB_OUT_OF_DATE;
	case VS_TCB_CONFIGURATION_NEEDED:
	case VS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED:
		return VS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
	case VS_TCB_OUT_OF_DATE:
	case VS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED:
		return platform;
	case VS_TCB_NONE:
	case VS_TCB_TD_RELAUNCH_ADVISED:
	case VS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED:
	case VS_TCB_REVOKED:
	case VS_TCB_STATUS_COUNT:
		break;
	}
	return VS_TCB_REVOKED; /* what no level says is never acceptable */
}

static bool
wants_configuration(vs_tcb_status s)
{
	return s == VS_TCB_CONFIGURATION_NEEDED ||
	    s == VS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED ||
	    s == VS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

static bool
is_outdated(vs_tcb_status s)
{
	return s == VS_TCB_OUT_OF_DATE ||
	    s == VS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED;
}

static bool
is_current(vs_tcb_status s)
{
	return s == VS_TCB_UP_TO_DATE || s == VS_TCB_SW_HARDENING_NEEDED ||
	    s == VS_TCB_CONFIGURATION_NEEDED ||
	    s == VS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED;
}

vs_tcb_status
vs_dcap_relaunch(vs_tcb_status launch, vs_tcb_status current)
{
	if (!is_outdated(launch) || !is_current(current))
		return launch;
	return wants_configuration(launch) || wants_configuration(current)
	    ? VS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
	    : VS_TCB_TD_RELAUNCH_ADVISED;
}

static vs_status
stand(const struct vs_dcap_tcb_in *in, const uint8_t *tee_svn,
    const struct vs_intel_verdict *qe, struct standing *out, struct vs_err *err)
{
	struct standing s = {0};

	if (in->info->tee == VS_INTEL_TDX)
		VS_TRY(err, "TCB", find_module(in, tee_svn, &s.module, err));
	VS_TRY(err, "TCB", find_platform(in, tee_svn, &s.platform, err));
	s.status = vs_dcap_converge(s.platform->status,
	    s.module == NULL ? VS_TCB_NONE : s.module->status);
	s.status = vs_dcap_converge(s.status, qe->status);
	if (s.status == VS_TCB_REVOKED)
		return vs_fail_code(err, VS_UNTRUSTED, "tcb_revoked",
		    "Intel revoked this TCB level: platform %s, module %s, "
		    "QE %s",
		    vs_tcb_status_name(s.platform->status),
		    s.module == NULL ? "-"
				     : vs_tcb_status_name(s.module->status),
		    vs_tcb_status_name(qe->status));
	*out = s;
	return VS_OK;
}

static int
compare(struct vs_span a, struct vs_span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

/* Into its place, unless it is there. */
static void
add_advisory(struct vs_dcap_tcb *t, struct vs_span id)
{
	size_t at = 0;

	while (at < t->advisories_n && compare(t->advisories[at], id) < 0)
		at++;
	if (at < t->advisories_n && compare(t->advisories[at], id) == 0)
		return;
	/* Three levels of VS_INTEL_ADVISORIES_MAX, four have room. */
	VS_ASSERT(t->advisories_n < VS_DCAP_ADVISORIES_MAX);
	memmove(&t->advisories[at + 1], &t->advisories[at],
	    (t->advisories_n - at) * sizeof(t->advisories[0]));
	t->advisories[at] = id;
	t->advisories_n++;
}

static vs_tcb_status
add_verdict(struct vs_dcap_tcb *t, const struct vs_intel_verdict *v)
{
	if (v == NULL)
		return VS_TCB_NONE;
	for (size_t i = 0; i < v->advisories.n; i++)
		add_advisory(t, v->advisories.v[i]);
	if (v->date < t->date)
		t->date = v->date;
	return v->status;
}

static void
tell(const struct vs_dcap_tcb_in *in, const struct standing *s,
    const struct vs_intel_verdict *qe, vs_tcb_status status,
    struct vs_dcap_tcb *out)
{
	*out = (struct vs_dcap_tcb){.date = INT64_MAX};
	out->platform = add_verdict(out, s->platform);
	out->module = add_verdict(out, s->module);
	out->qe = add_verdict(out, qe);
	out->status = status;
	if (in->info->tee == VS_INTEL_TDX)
		out->module_version = in->tee_tcb_svn[MODULE_VERSION];
	out->info_number = in->info->number;
	out->qe_number = in->qe->number;
}

vs_status
vs_dcap_tcb_evaluate(const struct vs_dcap_tcb_in *in, struct vs_dcap_tcb *out,
    struct vs_err *err)
{
	const struct vs_intel_verdict *qe = NULL;
	struct standing launch = {0}, current = {0};
	vs_tcb_status status;

	if (in->info->tee != in->qe->tee)
		return vs_fail_code(err, VS_UNTRUSTED, "qe_identity_mismatch",
		    "TCB info and QE identity are of different TEEs");
	VS_TRY(err, "QE",
	    find_isv(in->qe->levels, in->qe->levels_n, in->qe_isvsvn,
		"quoting enclave", &qe, err));
	VS_TRY(err, "launch", stand(in, in->tee_tcb_svn, qe, &launch, err));
	status = launch.status;
	/* Stricter than Intel's library in one point: a host that now runs
	 * what was revoked is refused, whatever the TD was launched on. */
	if (in->info->tee == VS_INTEL_TDX && in->has_svn2) {
		VS_TRY(err, "current",
		    stand(in, in->tee_tcb_svn2, qe, &current, err));
		status = vs_dcap_relaunch(launch.status, current.status);
	}
	tell(in, &launch, qe, status, out);
	return VS_OK;
}

vs_status
vs_dcap_qe_check(const struct vs_intel_identity *id,
    const struct vs_dcap_qe *qe, struct vs_err *err)
{
	const char *what = NULL;

	if (!is_masked(qe->miscselect, id->miscselect_mask, id->miscselect,
		sizeof(qe->miscselect)))
		what = "MISCSELECT";
	else if (!is_masked(qe->attributes, id->attributes_mask, id->attributes,
		     sizeof(qe->attributes)))
		what = "ATTRIBUTES";
	else if (memcmp(qe->mrsigner, id->mrsigner, sizeof(qe->mrsigner)) != 0)
		what = "MRSIGNER";
	else if (qe->isvprodid != id->isvprodid)
		what = "ISVPRODID";
	if (what == NULL)
		return VS_OK;
	return vs_fail_code(err, VS_UNTRUSTED, "qe_identity_mismatch",
	    "%s of the quoting enclave is not Intel's", what);
}
