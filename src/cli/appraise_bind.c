/* SPDX-License-Identifier: Apache-2.0 */
/* The devices on the command line as those of one request with the CPU. */
#include <string.h>

#include "cli/appraise_gpu.h"

/* GPUs first, else in their order; a bare report is a GPU's unless
 * --gpu-arch says otherwise. */
static void
line_up(struct vs_gpu_job *g)
{
	struct vs_nv_input sorted[VS_NV_DEVICES_MAX];
	size_t n = 0;

	for (int switches = 0; switches <= 1; switches++) {
		for (size_t i = 0; i < g->in_n; i++)
			if (vs_nv_arch_is_switch(g->in[i].arch) ==
			    (switches == 1))
				sorted[n++] = g->in[i];
		if (switches == 0)
			g->gpus_n = n;
	}
	memcpy(g->in, sorted, n * sizeof(*sorted));
}

/* One word for all, or one for each. */
static vs_status
read_states(
    const struct vs_appraise_opts *o, struct vs_gpu_job *g, struct vs_err *err)
{
	const struct vs_opt_list *l = &o->gpu_cc_states;

	if (l->n == 0)
		return VS_OK;
	if (l->n != 1 && l->n != g->gpus_n)
		return vs_fail(err, VS_USAGE,
		    "--gpu-cc-state: once, or once for each of %zu GPUs",
		    g->gpus_n);
	for (size_t i = 0; i < g->gpus_n; i++) {
		const char *word = l->v[l->n == 1 ? 0 : i];

		g->cc_state[i] = vs_cc_state_parse(vs_span_cstr(word));
		if (g->cc_state[i] == VS_CC_UNSAID &&
		    strcmp(word, "unsaid") != 0)
			return vs_fail(err, VS_USAGE,
			    "--gpu-cc-state %.20s: wants on, devtools, off or "
			    "unsaid",
			    word);
	}
	return VS_OK;
}

static vs_status
bind(const struct vs_gpu_job *g, struct vs_appraise_input *in,
    struct vs_err *err)
{
	struct vs_device_input d[VS_DEVICES_MAX] = {{.cc_state = VS_CC_UNSAID}};
	struct vs_devices_input all = {.gpus = d,
	    .gpus_n = g->gpus_n,
	    .switches = &d[g->gpus_n],
	    .switches_n = g->in_n - g->gpus_n};
	uint8_t digest[32];

	for (size_t i = 0; i < g->in_n; i++) {
		d[i].report = g->in[i].report;
		d[i].certs = g->in[i].certs;
		if (i < g->gpus_n)
			d[i].cc_state = g->cc_state[i];
	}
	VS_TRY(err, "binding", vs_binding_devices(&all, digest));
	VS_TRY(err, "binding",
	    vs_binding_report_data(
		in->nonce, &in->to, VS_SPAN_OF(digest), in->report_data));
	return VS_OK;
}

vs_status
vs_appraise_gpu_bind(const struct vs_appraise_opts *o, struct vs_gpu_job *g,
    struct vs_appraise_input *in, struct vs_err *err)
{
	line_up(g);
	if (g->gpus_n == 0 || g->gpus_n > VS_DEVICES_GPUS_MAX ||
	    g->in_n - g->gpus_n > VS_DEVICES_SWITCHES_MAX)
		return vs_fail_code(err, VS_MALFORMED, "GPU_PARSE",
		    "%zu GPUs and %zu switches: 1 to %d and at most %d",
		    g->gpus_n, g->in_n - g->gpus_n, VS_DEVICES_GPUS_MAX,
		    VS_DEVICES_SWITCHES_MAX);
	VS_TRY(err, "devices", read_states(o, g, err));
	VS_TRY(err, "devices", bind(g, in, err));
	if (g->nonce.n != 0)
		return VS_OK; /* the person knows better */
	VS_TRY(err, "binding",
	    vs_binding_gpu_nonce(in->nonce, &in->to, g->bound_nonce));
	g->nonce = VS_SPAN_OF(g->bound_nonce);
	return VS_OK;
}
