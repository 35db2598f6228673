/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/devices.h"

#include "evidence/nvgpu/nvgpu.h"

_Static_assert((int)VS_DEVICES_MAX <= (int)VS_NV_DEVICES_MAX, "devices");
_Static_assert(
    (int)VS_DEVICE_REPORT_MAX <= (int)VS_NV_REPORT_MAX, "size of a report");
_Static_assert(
    (int)VS_DEVICE_CERTS_MAX <= (int)VS_NV_CHAIN_MAX, "size of a chain");

static const struct {
	vs_cc_state state;
	const char *name;
} states[] = {
    {VS_CC_ON, "on"},
    {VS_CC_DEVTOOLS, "devtools"},
    {VS_CC_OFF, "off"},
};

vs_cc_state
vs_cc_state_parse(struct vs_span text)
{
	for (size_t i = 0; i < VS_COUNT(states); i++)
		if (vs_span_is(text, states[i].name))
			return states[i].state;
	return VS_CC_UNSAID;
}

const char *
vs_cc_state_name(vs_cc_state s)
{
	for (size_t i = 0; i < VS_COUNT(states); i++)
		if (states[i].state == s)
			return states[i].name;
	return "";
}

static vs_status
check_counts(const struct vs_devices_input *in, struct vs_err *err)
{
	if (in->gpus_n > VS_DEVICES_GPUS_MAX ||
	    in->switches_n > VS_DEVICES_SWITCHES_MAX)
		return vs_fail_code(err, VS_MALFORMED, "GPU_PARSE",
		    "%zu GPUs and %zu switches: at most %d and %d", in->gpus_n,
		    in->switches_n, VS_DEVICES_GPUS_MAX,
		    VS_DEVICES_SWITCHES_MAX);
	if (in->gpus_n == 0)
		return vs_fail_code(
		    err, VS_MALFORMED, "GPU_PARSE", "switches without GPUs");
	return VS_OK;
}

static vs_status
check_distinct(const struct vs_nv_device *v, size_t n, struct vs_err *err)
{
	char twin[VS_NV_NAME_MAX + 1], first[VS_NV_NAME_MAX + 1];

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++) {
			if (!vs_nv_device_same(&v[i], &v[k]))
				continue;
			vs_nv_device_name(&v[i], first);
			vs_nv_device_name(&v[k], twin);
			return vs_fail_code(err, VS_UNTRUSTED, "GPU_DUPLICATE",
			    "%s: the same device as %s", twin, first);
		}
	return VS_OK;
}

static vs_status
put_states(const struct vs_devices_input *in, size_t first,
    struct vs_claims *claims, struct vs_err *err)
{
	for (size_t i = 0; i < in->gpus_n; i++)
		if (in->gpus[i].cc_state != VS_CC_UNSAID)
			VS_TRY(err, "cc_state",
			    vs_claims_gpu_str(claims, first + i,
				VS_GPU_CC_STATE,
				vs_span_cstr(
				    vs_cc_state_name(in->gpus[i].cc_state))));
	return VS_OK;
}

static vs_status
judge(const struct vs_devices_input *in, const struct vs_nv_options *opt,
    struct vs_nv_device *v, struct vs_claims *claims, struct vs_err *err)
{
	size_t n = in->gpus_n + in->switches_n, first = claims->gpus_n;
	vs_status st = check_distinct(v, n, err);

	if (st == VS_OK)
		st = vs_nvgpu_judge(v, n, opt, err);
	if (st == VS_OK)
		st = vs_nvgpu_claims(v, n, opt->now, claims, err);
	if (st == VS_OK)
		st = put_states(in, first, claims, err);
	if (st != VS_OK)
		claims->gpus_n = first; /* nothing half-proven */
	return st;
}

/* GPUs first, as in the binding. */
static void
line_up(const struct vs_devices_input *in, struct vs_nv_input *out)
{
	for (size_t i = 0; i < in->gpus_n; i++, out++) {
		out->report = in->gpus[i].report;
		out->certs = in->gpus[i].certs;
	}
	for (size_t i = 0; i < in->switches_n; i++, out++) {
		out->report = in->switches[i].report;
		out->certs = in->switches[i].certs;
	}
}

vs_status
vs_devices_appraise(const struct vs_devices_input *in,
    const struct vs_devices_options *opt, struct vs_claims *claims,
    struct vs_err *err)
{
	size_t n = in->gpus_n + in->switches_n;
	struct vs_nv_input all[VS_DEVICES_MAX] = {0};
	struct vs_nv_device *v;
	struct vs_nv_options nv = {.collateral = opt->collateral,
	    .cache = opt->cache,
	    .crew = opt->crew,
	    .nonce = opt->nonce,
	    .now = opt->now,
	    .allow_expired_rim = opt->allow_expired_rim,
	    .gpus_n = in->gpus_n};
	vs_status st;

	vs_err_clear(err);
	if (opt->nonce.n != VS_DEVICE_NONCE_SIZE)
		return vs_fail(err, VS_USAGE, "devices: no nonce");
	VS_TRY(err, "devices", check_counts(in, err));
	v = vs_arena_calloc(claims->arena, n, sizeof(*v));
	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "devices");
	line_up(in, all);
	st = vs_nvgpu_verify(all, n, &nv, v, err);
	if (st == VS_OK)
		st = judge(in, &nv, v, claims, err);
	vs_nv_devices_fini(v, n);
	return st;
}
