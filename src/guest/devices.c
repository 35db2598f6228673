/* SPDX-License-Identifier: Apache-2.0 */
#include "guest/devices.h"

#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"

static void
device_fini(struct vs_guest_device *d)
{
	vs_buf_fini(&d->report);
	vs_buf_fini(&d->certs);
	d->cc_state = NULL;
}

void
vs_guest_devices_fini(struct vs_guest_devices *d)
{
	for (size_t i = 0; i < VS_GUEST_GPUS_MAX; i++)
		device_fini(&d->gpu[i]);
	for (size_t i = 0; i < VS_GUEST_SWITCHES_MAX; i++)
		device_fini(&d->nvswitch[i]);
	d->gpus = d->switches = 0;
}

static void
view(const struct vs_guest_device *d, size_t n, struct vs_api_device *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (struct vs_api_device){vs_buf_span(&d[i].report),
		    vs_buf_span(&d[i].certs), d[i].cc_state};
}

void
vs_guest_devices_view(
    const struct vs_guest_devices *d, struct vs_guest_devices_view *out)
{
	view(d->gpu, d->gpus, out->gpu);
	view(d->nvswitch, d->switches, out->nvswitch);
	out->gpus = d->gpus;
	out->switches = d->switches;
}

static vs_status
put_device(struct vs_buf *b, const struct vs_api_device *d)
{
	static const char tag[] = "vouchsafe/v1 cc-state"; /* and its NUL */
	uint8_t digest[VS_SHA256_SIZE];
	vs_status st = vs_sha256(d->report, digest);

	vs_buf_add(b, VS_SPAN_OF(digest));
	if (st == VS_OK)
		st = vs_sha256(d->certs, digest);
	vs_buf_add(b, VS_SPAN_OF(digest));
	if (st == VS_OK && d->cc_state != NULL) {
		const struct vs_span said[] = {
		    VS_SPAN_OF(tag), vs_span_cstr(d->cc_state)};

		st = vs_digest(VS_HASH_SHA256, said, VS_COUNT(said), digest);
		vs_buf_add(b, VS_SPAN_OF(digest));
	}
	return st;
}

vs_status
vs_guest_devices_digest(const struct vs_guest_devices_view *d, uint8_t out[32])
{
	struct vs_buf b = {0};
	vs_status st = VS_OK;

	memset(out, 0, VS_SHA256_SIZE);
	if (d->gpus + d->switches == 0)
		return VS_OK;
	for (size_t i = 0; st == VS_OK && i < d->gpus; i++)
		st = put_device(&b, &d->gpu[i]);
	for (size_t i = 0; st == VS_OK && i < d->switches; i++)
		st = put_device(&b, &d->nvswitch[i]);
	if (st == VS_OK)
		st = vs_buf_status(&b);
	if (st == VS_OK)
		st = vs_sha256(vs_buf_span(&b), out);
	vs_buf_fini(&b);
	return st;
}

/* The buffers change hands. */
static void
adopt(struct vs_sim_devices *from, struct vs_guest_devices *out)
{
	vs_guest_devices_fini(out);
	for (size_t i = 0; i < from->gpus; i++)
		out->gpu[i] = (struct vs_guest_device){from->gpu[i].report,
		    from->gpu[i].certs, from->gpu[i].cc_state};
	for (size_t i = 0; i < from->switches; i++)
		out->nvswitch[i] = (struct vs_guest_device){
		    from->nvswitch[i].report, from->nvswitch[i].certs, NULL};
	out->gpus = from->gpus;
	out->switches = from->switches;
	*from = (struct vs_sim_devices){.gpus = 0};
}

static void
sim_view(
    const struct vs_sim_device_evidence *d, size_t n, struct vs_api_device *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (struct vs_api_device){vs_buf_span(&d[i].report),
		    vs_buf_span(&d[i].certs), d[i].cc_state};
}

static vs_status
sim_digest(const struct vs_sim_devices *d, uint8_t out[32])
{
	struct vs_guest_devices_view v = {
	    .gpus = d->gpus, .switches = d->switches};

	sim_view(d->gpu, d->gpus, v.gpu);
	sim_view(d->nvswitch, d->switches, v.nvswitch);
	return vs_guest_devices_digest(&v, out);
}

static vs_status
forge(const struct vs_sim_board *b, const struct vs_guest_gpu_source *src,
    const uint8_t nonce[32], struct vs_guest_devices *out, uint8_t digest[32],
    struct vs_err *err)
{
	struct vs_sim_machine m = src->machine;
	struct vs_sim_devices d = {.gpus = 0};
	vs_status st;

	if (src->which == VS_GUEST_GPUS_COUNT)
		m.gpus = src->count;
	st = vs_sim_devices(b, &m, nonce, &d, err);
	if (st != VS_OK)
		return st;
	st = sim_digest(&d, digest);
	if (st == VS_OK)
		st = vs_sim_relayed(b, &m, nonce, &d, err);
	if (st == VS_OK)
		adopt(&d, out);
	vs_sim_devices_fini(&d);
	return st;
}

static vs_status
simulate(const struct vs_guest_gpu_source *src, const uint8_t nonce[32],
    struct vs_guest_devices *out, uint8_t digest[32], struct vs_err *err)
{
	VS_AUTO(vs_sim_board) *b = NULL;
	char dir[4096];
	int n = snprintf(dir, sizeof(dir), "%s/gpu", src->simulate);

	if (n < 0 || (size_t)n >= sizeof(dir))
		return vs_fail(err, VS_USAGE, "%s: path too long", dir);
	if (!vs_sim_board_is(dir)) {
		if (src->which == VS_GUEST_GPUS_AUTO)
			return VS_OK;
		return vs_fail(err, VS_USAGE,
		    "%s has no GPUs: make them with `vouchsafe simulate pki "
		    "DIR --gpus N`",
		    src->simulate);
	}
	VS_TRY(err, "GPUs", vs_sim_board_load(dir, &b, err));
	return forge(b, src, nonce, out, digest, err);
}

/* Switches have a say only between GPUs that are taken as one. */
static vs_status
take_real(const struct vs_guest_gpu_source *src, const uint8_t nonce[32],
    struct vs_guest_devices *out, uint8_t digest[32], struct vs_err *err)
{
	struct vs_guest_devices_view v = {.gpus = 0};
	bool fabric = false;

	VS_TRY(err, "GPUs", vs_nvml_take(src, nonce, out, &fabric, err));
	if (fabric)
		VS_TRY(err, "switches", vs_nscq_take(src, nonce, out, err));
	vs_guest_devices_view(out, &v);
	VS_TRY(err, "GPUs", vs_guest_devices_digest(&v, digest));
	return VS_OK;
}

vs_status
vs_guest_devices_take(const struct vs_guest_gpu_source *src,
    const uint8_t nonce[32], struct vs_guest_devices *out, uint8_t digest[32],
    struct vs_err *err)
{
	vs_status st;

	memset(digest, 0, VS_SHA256_SIZE);
	if (src->which == VS_GUEST_GPUS_NONE)
		return VS_OK;
	st = src->simulate != NULL ? simulate(src, nonce, out, digest, err)
				   : take_real(src, nonce, out, digest, err);
	if (st != VS_OK)
		vs_guest_devices_fini(out);
	return st;
}
