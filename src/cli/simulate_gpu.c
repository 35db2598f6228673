/* SPDX-License-Identifier: Apache-2.0 */
/* GPUs of `vouchsafe simulate evidence`. */
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "base/file.h"
#include "cli/simulate.h"
#include "simulate/gpu.h"

static vs_status
machine(const struct vs_sim_gpu_opts *o, struct vs_sim_machine *m,
    struct vs_err *err)
{
	if (o->n > VS_SIM_GPUS_MAX)
		return vs_fail(
		    err, VS_USAGE, "--gpus: at most %d", VS_SIM_GPUS_MAX);
	m->gpus = (unsigned)o->n;
	for (size_t i = 0; i < o->words.n; i++)
		VS_TRY(err, "--sim-gpu",
		    vs_sim_machine_word(m, o->words.v[i], err));
	return VS_OK;
}

static vs_status
write_json(const struct vs_sim_board *b, const struct vs_sim_devices *d,
    const uint8_t nonce[VS_SIM_GPU_NONCE], const char *path, struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st = vs_sim_devices_json(b, d, nonce, &text, err);

	if (st == VS_OK)
		st = vs_file_write(path, vs_buf_span(&text), 0644, err);
	vs_buf_fini(&text);
	return st;
}

static void
inputs(const struct vs_sim_device_evidence *e, size_t n,
    struct vs_device_input *out)
{
	for (size_t i = 0; i < n; i++) {
		out[i].report = vs_buf_span(&e[i].report);
		out[i].certs = vs_buf_span(&e[i].certs);
		if (e[i].cc_state != NULL)
			out[i].cc_state =
			    vs_cc_state_parse(vs_span_cstr(e[i].cc_state));
	}
}

static vs_status
digest(const struct vs_sim_devices *d, uint8_t out[32])
{
	struct vs_device_input gpu[VS_SIM_GPUS_MAX] = {{.cc_state = 0}};
	struct vs_device_input sw[VS_SIM_SWITCHES_MAX] = {{.cc_state = 0}};
	struct vs_devices_input in = {gpu, d->gpus, sw, d->switches};

	inputs(d->gpu, d->gpus, gpu);
	inputs(d->nvswitch, d->switches, sw);
	return vs_binding_devices(&in, out);
}

/* What arrives is written; what was taken is in the digest. */
static vs_status
forge(const struct vs_sim_gpu_opts *o, const char *pki,
    const uint8_t nonce[VS_SIM_GPU_NONCE], uint8_t devices[32],
    struct vs_err *err)
{
	VS_AUTO(vs_sim_board) *b = NULL;
	struct vs_sim_machine m = {0};
	struct vs_sim_devices d = {0};
	char dir[4096];
	int n = snprintf(dir, sizeof(dir), "%s/gpu", pki);
	vs_status st;

	if (n < 0 || (size_t)n >= sizeof(dir))
		return vs_fail(err, VS_USAGE, "%s: path too long", pki);
	VS_TRY(err, "GPUs", machine(o, &m, err));
	VS_TRY(err, "GPUs", vs_sim_board_load(dir, &b, err));
	st = vs_sim_devices(b, &m, nonce, &d, err);
	if (st == VS_OK)
		st = digest(&d, devices);
	if (st == VS_OK)
		st = vs_sim_relayed(b, &m, nonce, &d, err);
	if (st == VS_OK)
		st = write_json(b, &d, nonce, o->out, err);
	vs_sim_devices_fini(&d);
	return st;
}

vs_status
vs_cli_simulate_gpus(
    const struct vs_sim_gpu_opts *o, const char *pki, struct vs_err *err)
{
	uint8_t nonce[VS_SIM_GPU_NONCE] = {0}, devices[32];

	if (o->out == NULL)
		return o->n != 0 || o->words.n != 0 || o->nonce != NULL
		    ? vs_fail(err, VS_USAGE,
			  "--gpus, --sim-gpu and --gpu-nonce go with "
			  "--out-gpus FILE")
		    : VS_OK;
	if (o->nonce != NULL &&
	    vs_unhex(vs_span_cstr(o->nonce), nonce, sizeof(nonce)) != VS_OK)
		return vs_fail(
		    err, VS_USAGE, "--gpu-nonce: wants 32 bytes in hex");
	return forge(o, pki, nonce, devices, err);
}

vs_status
vs_cli_simulate_bound(const struct vs_sim_gpu_opts *o, const char *pki,
    struct vs_span nonce, const struct vs_recipient *to, uint8_t devices[32],
    struct vs_err *err)
{
	uint8_t answer[VS_SIM_GPU_NONCE];

	if (o->nonce != NULL)
		return vs_fail(
		    err, VS_USAGE, "--gpu-nonce and --nonce: one or the other");
	memset(devices, 0, 32);
	if (o->out == NULL)
		return vs_cli_simulate_gpus(o, pki, err);
	VS_TRY(err, "binding", vs_binding_gpu_nonce(nonce, to, answer));
	return forge(o, pki, answer, devices, err);
}
