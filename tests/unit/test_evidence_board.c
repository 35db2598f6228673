/* SPDX-License-Identifier: Apache-2.0 */
/* A real board of 8 H100 GPUs and 4 NVSwitches, as a request brings it. */
#include "evidence/devices.h"
#include "evidence/nvgpu/nvgpu.h"
#include "nv_vectors.h"

enum { GPUS = 8, SWITCHES = 4 };

static struct {
	struct vs_collateral *collateral;
	struct vs_arena a, run;
	struct vs_device_input gpu[GPUS + 1], sw[SWITCHES + 1];
	struct vs_device_input alone; /* a GPU of the same board, by itself */
	uint8_t nonce[32];
	int64_t now;
	struct vs_claims claims;
	struct vs_err err;
} t;

static size_t
load(const char *path, struct vs_device_input *out, size_t want)
{
	struct vs_nv_input in[VS_NV_DEVICES_MAX];
	struct vs_buf b = {0};
	size_t n = 0;

	if (!n_read(path, &b))
		return 0;
	CHECK_OK(
	    vs_nv_evidence_json(vs_buf_span(&b), &t.a, in, &n, &t.err), t.err);
	CHECK_INT(n, want);
	for (size_t i = 0; i < n && i < want; i++)
		out[i] = (struct vs_device_input){
		    in[i].report, in[i].certs, VS_CC_UNSAID};
	vs_buf_fini(&b);
	return n;
}

static const char *
judge(const struct vs_device_input *gpus, size_t n, size_t switches)
{
	struct vs_devices_input in = {gpus, n, t.sw, switches};
	struct vs_devices_options opt = {.collateral = t.collateral,
	    .nonce = VS_SPAN_OF(t.nonce),
	    .now = t.now};
	vs_status st;

	vs_arena_reset(&t.run);
	vs_claims_init(&t.claims, &t.run);
	st = vs_devices_appraise(&in, &opt, &t.claims, &t.err);
	return st == VS_OK ? "ok" : t.err.code != NULL ? t.err.code : "none";
}

static void
test_whole(void)
{
	CHECK_STR(judge(t.gpu, GPUS, SWITCHES), "ok");
	if (!CHECK_INT(t.claims.gpus_n, GPUS))
		return;
	for (size_t i = 0; i < GPUS; i++) {
		const struct vs_claim_value *v = t.claims.gpus[i].v;

		CHECK(v[VS_GPU_TOPOLOGY].present && v[VS_GPU_TOPOLOGY].u.b);
		CHECK(v[VS_GPU_BOUND].u.b && !v[VS_GPU_SIMULATED].u.b);
		CHECK(vs_span_is(v[VS_GPU_CC_MODE].u.s, "ppcie"));
		/* No document is at hand: never a match. */
		CHECK(vs_span_is(v[VS_GPU_MEASUREMENTS].u.s, "absent"));
		CHECK(vs_span_is(v[VS_GPU_SWITCHES].u.s, "absent"));
		CHECK(vs_span_is(v[VS_GPU_REVOCATION].u.s, "absent"));
	}
}

/* Without its switches the board shows no topology. */
static void
test_gpus_alone(void)
{
	CHECK_STR(judge(t.gpu, GPUS, 0), "ok");
	CHECK(!t.claims.gpus[0].v[VS_GPU_TOPOLOGY].u.b);
	CHECK(!t.claims.gpus[0].v[VS_GPU_SWITCHES].present);
}

static void
test_wrong_boards(void)
{
	struct vs_device_input gpus[GPUS];

	CHECK_STR(judge(t.gpu, GPUS - 1, SWITCHES), "TOPOLOGY");
	CHECK_STR(judge(t.gpu, GPUS, SWITCHES - 1), "TOPOLOGY");
	memcpy(gpus, t.gpu, sizeof(gpus));
	gpus[7] = gpus[0];
	CHECK_STR(judge(gpus, GPUS, SWITCHES), "GPU_DUPLICATE");
	CHECK(strstr(t.err.msg, "GPU 7 (41") != NULL);
	gpus[7] = t.sw[0];
	CHECK_STR(judge(gpus, GPUS, SWITCHES), "GPU_ARCH");
	gpus[7] = t.alone;
	CHECK_STR(judge(gpus, GPUS, SWITCHES), "GPU_NONCE");
	CHECK(strstr(t.err.msg, "GPU 7 (41") != NULL);
	t.nonce[31] ^= 1;
	CHECK_STR(judge(t.gpu, GPUS, SWITCHES), "GPU_NONCE");
	CHECK(strstr(t.err.msg, "GPU 0 (41") != NULL);
	t.nonce[31] ^= 1;
}

static bool
prepare(void)
{
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	const char *nonce =
	    "4760e30534a0621357d458b1a7936551b5dc4cd1e69718adf7ed9fb0252a537e";

	vs_arena_init(&t.a, 4 << 20);
	vs_arena_init(&t.run, 4 << 20);
	CHECK_OK(vs_collateral_build(b, &t.collateral, &t.err), t.err);
	vs_collateral_builder_free(&b);
	t.now = 1769904000; /* 2026-02-01 */
	CHECK_INT(
	    vs_unhex(vs_span_cstr(nonce), t.nonce, sizeof(t.nonce)), VS_OK);
	return load("evidence/ppcie-8gpu-590.12.json", t.gpu, GPUS) == GPUS &&
	    load("evidence/ppcie-4switch-96.10.73.00.01.json", t.sw,
		SWITCHES) == SWITCHES &&
	    load("evidence/hopper-590.12-single.json", &t.alone, 1) == 1;
}

int
main(void)
{
	if (check_vectors() == NULL)
		return 77;
	if (prepare()) {
		RUN(test_whole);
		RUN(test_gpus_alone);
		RUN(test_wrong_boards);
	}
	vs_collateral_free(&t.collateral);
	vs_arena_fini(&t.a);
	vs_arena_fini(&t.run);
	return check_result();
}
