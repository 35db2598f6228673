/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/appraise_gpu.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "cli/input.h"
#include "cli/rim.h"

/* Sixteen devices as JSON: 12 KiB each in base64. */
enum { GPU_FILE_MAX = 1024 * 1024, RIM_FILE_MAX = 512 * 1024 };

void
vs_gpu_job_free(struct vs_gpu_job **g)
{
	if (*g == NULL)
		return;
	vs_nv_devices_fini((*g)->device, VS_NV_DEVICES_MAX);
	for (size_t i = 0; i < (*g)->driver.n; i++)
		vs_nv_rim_free(&(*g)->driver.v[i]);
	for (size_t i = 0; i < (*g)->vbios.n; i++)
		vs_nv_rim_free(&(*g)->vbios.v[i]);
	free(*g);
	*g = NULL;
}

static vs_status
read_files(const char *what, const struct vs_opt_list *l, size_t max,
    size_t size, struct vs_arena *a, struct vs_span *out, struct vs_err *err)
{
	if (l->n > max)
		return vs_fail(
		    err, VS_USAGE, "--%s: at most %zu files", what, max);
	for (size_t i = 0; i < l->n; i++)
		VS_TRY(err, what, vs_cli_read(l->v[i], size, a, &out[i], err));
	return VS_OK;
}

vs_status
vs_appraise_gpu_read(const struct vs_appraise_opts *o, struct vs_arena *a,
    struct vs_gpu_job *g, struct vs_err *err)
{
	VS_TRY(err, "devices",
	    read_files("gpu", &o->gpus, VS_NV_DEVICES_MAX, GPU_FILE_MAX, a,
		g->file, err));
	VS_TRY(err, "devices",
	    read_files("gpu-certs", &o->gpu_certs, VS_NV_DEVICES_MAX,
		VS_NV_CHAIN_MAX, a, g->certs, err));
	VS_TRY(err, "devices",
	    read_files("gpu-driver-rim", &o->driver_rims, VS_GPU_RIMS_MAX,
		RIM_FILE_MAX, a, g->driver_file, err));
	VS_TRY(err, "devices",
	    read_files("gpu-vbios-rim", &o->vbios_rims, VS_GPU_RIMS_MAX,
		RIM_FILE_MAX, a, g->vbios_file, err));
	if (o->gpu_cc_states.n > 0 && o->recipient == NULL)
		return vs_fail(
		    err, VS_USAGE, "--gpu-cc-state needs --recipient");
	if (o->gpu_arch != NULL) {
		g->arch = vs_nv_arch_parse(vs_span_cstr(o->gpu_arch));
		if (g->arch == VS_NV_NONE)
			return vs_fail(err, VS_USAGE,
			    "--gpu-arch: wants hopper, blackwell or ls10");
	}
	if (o->gpu_nonce == NULL)
		return VS_OK;
	VS_TRY(err, "nonce",
	    vs_cli_hex("--gpu-nonce", o->gpu_nonce, VS_NV_NONCE_SIZE, a,
		&g->nonce, err));
	if (g->nonce.n != VS_NV_NONCE_SIZE)
		return vs_fail(err, VS_USAGE, "--gpu-nonce: wants %d bytes",
		    VS_NV_NONCE_SIZE);
	return VS_OK;
}

static bool
is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Hexadecimal text, as capture tools write reports; else as it is. */
static vs_status
report_bytes(struct vs_span file, struct vs_arena *a, struct vs_span *out)
{
	struct vs_span text = file;
	uint8_t *bytes;

	while (text.n > 0 && is_space(text.p[text.n - 1]))
		text.n--;
	*out = file;
	if (text.n == 0 || text.n % 2 != 0)
		return VS_OK;
	for (size_t i = 0; i < text.n; i++)
		if (memchr("0123456789abcdefABCDEF", text.p[i], 22) == NULL)
			return VS_OK;
	bytes = vs_arena_alloc(a, text.n / 2);
	if (bytes == NULL)
		return VS_NO_MEMORY;
	*out = VS_SPAN(bytes, text.n / 2);
	return vs_unhex(text, bytes, text.n / 2);
}

static vs_status
add_json(struct vs_span file, struct vs_arena *a, struct vs_gpu_job *g,
    size_t *n, struct vs_err *err)
{
	struct vs_nv_input more[VS_NV_DEVICES_MAX];
	size_t count = 0;
	vs_status st = vs_nv_evidence_json(file, a, more, &count, err);

	if (st != VS_OK)
		return st;
	if (count > VS_NV_DEVICES_MAX - *n)
		return vs_fail_code(err, VS_MALFORMED, "GPU_PARSE",
		    "more than %d devices", VS_NV_DEVICES_MAX);
	memcpy(&g->in[*n], more, count * sizeof(*more));
	*n += count;
	return VS_OK;
}

/* Files one after the other; each that is a bare report takes the next of
 * the certificate files. */
vs_status
vs_appraise_gpu_collect(const struct vs_appraise_opts *o, struct vs_arena *a,
    struct vs_gpu_job *g, struct vs_err *err)
{
	size_t certs = 0, *n = &g->in_n;

	for (size_t i = 0; i < o->gpus.n; i++) {
		struct vs_span file = g->file[i];
		struct vs_nv_input *in;
		vs_status st;

		if (file.n > 0 && (file.p[0] == '[' || file.p[0] == '{')) {
			st = add_json(file, a, g, n, err);
			if (st != VS_OK)
				return st;
			continue;
		}
		if (*n == VS_NV_DEVICES_MAX || certs == o->gpu_certs.n)
			return vs_fail(err, VS_USAGE,
			    "--gpu %s: a report needs its --gpu-certs",
			    o->gpus.v[i]);
		in = &g->in[(*n)++];
		in->arch = g->arch;
		in->certs = g->certs[certs++];
		VS_TRY(err, "report", report_bytes(file, a, &in->report));
	}
	if (certs != o->gpu_certs.n)
		return vs_fail(
		    err, VS_USAGE, "--gpu-certs: more files than bare reports");
	return VS_OK;
}

static vs_status
load_rim(struct vs_span file, const struct vs_trust *trust, int64_t now,
    const struct vs_appraise_opts *o, struct vs_arena *a,
    struct vs_gpu_rims *out, struct vs_err *err)
{
	/* With --allow-expired-rim the dates are judged once, later. */
	const int64_t *at = o->allow_expired_rim ? NULL : &now;
	struct vs_nv_rim_parts parts;
	vs_status st;

	if (vs_nv_table_is(file)) {
		st = vs_nv_table_read(file, &parts, err);
		if (st == VS_OK)
			st = vs_nv_rim_check(
			    &parts, trust, &out->v[out->n], err);
	} else {
		st = vs_rim_verify(
		    file, NULL, trust, at, a, &parts, &out->v[out->n], err);
	}
	if (st == VS_OK)
		out->n++;
	return st;
}

static vs_status
load_rims(const struct vs_appraise_opts *o, const struct vs_trust *trust,
    int64_t now, struct vs_arena *a, struct vs_gpu_job *g, struct vs_err *err)
{
	vs_status st = VS_OK;

	for (size_t i = 0; st == VS_OK && i < o->driver_rims.n; i++) {
		st = load_rim(
		    g->driver_file[i], trust, now, o, a, &g->driver, err);
		if (st != VS_OK)
			st = vs_ctx(err, o->driver_rims.v[i], st);
	}
	for (size_t i = 0; st == VS_OK && i < o->vbios_rims.n; i++) {
		st = load_rim(
		    g->vbios_file[i], trust, now, o, a, &g->vbios, err);
		if (st != VS_OK)
			st = vs_ctx(err, o->vbios_rims.v[i], st);
	}
	return st;
}

/* Only what the CPU's report was found to cover. */
static vs_status
put_states(
    const struct vs_gpu_job *g, struct vs_claims *claims, struct vs_err *err)
{
	for (size_t i = 0; i < g->gpus_n; i++)
		if (g->cc_state[i] != VS_CC_UNSAID)
			VS_TRY(err, "cc_state",
			    vs_claims_gpu_str(claims, i, VS_GPU_CC_STATE,
				vs_span_cstr(
				    vs_cc_state_name(g->cc_state[i]))));
	return VS_OK;
}

static vs_status
judge(const struct vs_appraise_opts *o, struct vs_nv_options *opt,
    struct vs_arena *a, struct vs_gpu_job *g, struct vs_claims *claims,
    struct vs_err *err)
{
	const struct vs_trust *trust = vs_collateral_trust(opt->collateral);
	const struct vs_nv_rim *driver[VS_GPU_RIMS_MAX] = {NULL};
	const struct vs_nv_rim *vbios[VS_GPU_RIMS_MAX] = {NULL};
	struct vs_nv_rims rims = {.driver = driver, .vbios = vbios};
	vs_status st = load_rims(o, trust, opt->now, a, g, err);

	rims.driver_n = g->driver.n;
	rims.vbios_n = g->vbios.n;
	for (size_t i = 0; i < g->driver.n; i++)
		driver[i] = g->driver.v[i];
	for (size_t i = 0; i < g->vbios.n; i++)
		vbios[i] = g->vbios.v[i];
	if (o->driver_rims.n + o->vbios_rims.n > 0)
		opt->rims = &rims;
	if (st == VS_OK)
		st = vs_nvgpu_judge(g->device, g->n, opt, err);
	opt->rims = NULL;
	if (st == VS_OK)
		st = vs_nvgpu_claims(g->device, g->n, opt->now, claims, err);
	return st == VS_OK ? put_states(g, claims, err) : st;
}

vs_status
vs_appraise_gpu(const struct vs_appraise_opts *o,
    const struct vs_collateral *collateral, struct vs_arena *a,
    struct vs_gpu_job *g, struct vs_claims *claims, struct vs_err *err)
{
	struct vs_nv_options opt = {.collateral = collateral,
	    .nonce = g->nonce,
	    .gpus_n = g->gpus_n,
	    .now = vs_cli_now(&o->at) / 1000,
	    .allow_expired_rim = o->allow_expired_rim,
	    .allow_absent_fwid = o->allow_absent_fwid};
	vs_status st = vs_nvgpu_verify(g->in, g->in_n, &opt, g->device, err);

	if (st != VS_OK)
		return st;
	g->n = g->in_n;
	return judge(o, &opt, a, g, claims, err);
}
