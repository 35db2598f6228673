/* SPDX-License-Identifier: Apache-2.0 */
/* What the simulator says of a machine, the verifier says, too: each flaw by
 * itself, on a Hopper board with its switches and on Blackwell. */
#include "check.h"
#include "collateral/collateral.h"
#include "evidence/devices.h"
#include "simulate/files.h"
#include "simulate/gpu.h"

enum { NOW = 1750000000 };

static const uint8_t nonce[32] = {0xa5, 3};
static char dir[] = "/tmp/vouchsafe-gpusim.XXXXXX";

struct lab {
	struct vs_sim_board *board;
	struct vs_collateral *trusted;
	struct vs_arena arena;
	struct vs_claims claims;
	struct vs_err err;
};

static void
trust(struct lab *l)
{
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	struct vs_buf pem = {0};

	CHECK_OK(vs_sim_board_save(l->board, dir, &l->err), l->err);
	CHECK_OK(vs_sim_file_load(dir, "gpu-root.pem", &pem, &l->err), l->err);
	CHECK_OK(
	    vs_collateral_add_anchor(b, "lab-gpu", vs_buf_span(&pem), &l->err),
	    l->err);
	CHECK_OK(vs_collateral_build(b, &l->trusted, &l->err), l->err);
	vs_buf_fini(&pem);
	vs_collateral_builder_free(&b);
}

static void
open_lab(struct lab *l, bool blackwell)
{
	struct vs_sim_board_options opt;

	*l = (struct lab){.board = NULL};
	vs_sim_board_defaults(NOW, blackwell, 8, &opt);
	CHECK_OK(vs_sim_board_new(&opt, &l->board, &l->err), l->err);
	vs_arena_init(&l->arena, 4 * 1024 * 1024);
	trust(l);
}

static void
close_lab(struct lab *l)
{
	vs_sim_board_free(&l->board);
	vs_collateral_free(&l->trusted);
	vs_arena_fini(&l->arena);
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

/* words: parted by spaces. */
static vs_status
judge(struct lab *l, const char *words)
{
	struct vs_device_input gpu[VS_SIM_GPUS_MAX] = {{.cc_state = 0}};
	struct vs_device_input sw[VS_SIM_SWITCHES_MAX] = {{.cc_state = 0}};
	struct vs_devices_options opt = {
	    .collateral = l->trusted, .nonce = VS_SPAN_OF(nonce), .now = NOW};
	struct vs_sim_machine m = {0};
	struct vs_sim_devices d = {0};
	char text[128], *save = NULL;
	vs_status st;

	(void)snprintf(text, sizeof(text), "%s", words);
	for (char *w = strtok_r(text, " ", &save); w != NULL;
	     w = strtok_r(NULL, " ", &save))
		CHECK_OK(vs_sim_machine_word(&m, w, &l->err), l->err);
	CHECK_OK(vs_sim_devices(l->board, &m, nonce, &d, &l->err), l->err);
	inputs(d.gpu, d.gpus, gpu);
	inputs(d.nvswitch, d.switches, sw);
	vs_arena_fini(&l->arena);
	vs_arena_init(&l->arena, 4 * 1024 * 1024);
	vs_claims_init(&l->claims, &l->arena);
	l->err = (struct vs_err){0};
	st = vs_devices_appraise(
	    &(struct vs_devices_input){gpu, d.gpus, sw, d.switches}, &opt,
	    &l->claims, &l->err);
	vs_sim_devices_fini(&d);
	return st;
}

static void
refused(struct lab *l, const char *words, const char *code)
{
	CHECK_INT(judge(l, words), VS_UNTRUSTED);
	if (!CHECK(l->err.code != NULL && strcmp(l->err.code, code) == 0))
		fprintf(stderr, "%s: %s [%s]\n", words, l->err.msg,
		    l->err.code != NULL ? l->err.code : "");
	CHECK_INT(vs_claims_gpus(&l->claims), 0);
}

static void
says(struct lab *l, size_t gpu, vs_gpu_claim_id id, const char *want)
{
	const struct vs_claim_value *v = vs_claims_gpu_get(&l->claims, gpu, id);

	if (!CHECK(v != NULL && v->present && vs_span_is(v->u.s, want)))
		fprintf(stderr, "gpu %zu: not %s\n", gpu, want);
}

static void
of_any_device(struct lab *l)
{
	refused(l, "stale:3", "GPU_NONCE");
	refused(l, "bad-signature:0", "GPU_SIG");
	refused(l, "fwid", "GPU_FWID");
	refused(l, "duplicate", "GPU_DUPLICATE");
	CHECK_OK(judge(l, "old-vbios:1 devtools:2 unsaid"), l->err);
	CHECK_INT(vs_claims_gpus(&l->claims), 8);
	says(l, 2, VS_GPU_CC_STATE, "devtools");
	says(l, 0, VS_GPU_CC_STATE, "on");
	CHECK(!vs_claims_gpu_get(&l->claims, 7, VS_GPU_CC_STATE)->present);
	CHECK(vs_claims_gpu_get(&l->claims, 0, VS_GPU_SIMULATED)->u.b);
}

static void
test_hopper(void)
{
	struct lab l;

	open_lab(&l, false);
	of_any_device(&l);
	says(&l, 1, VS_GPU_VBIOS_VERSION, "96.00.9F.00.01");
	says(&l, 0, VS_GPU_ARCH, "hopper");
	says(&l, 0, VS_GPU_CC_MODE, "ppcie");
	CHECK(vs_claims_gpu_get(&l.claims, 7, VS_GPU_TOPOLOGY)->u.b);
	refused(&l, "foreign", "TOPOLOGY");
	refused(&l, "spt:4", "TOPOLOGY");
	CHECK_OK(judge(&l, "spt:4 no-switches"), l.err);
	says(&l, 4, VS_GPU_CC_MODE, "spt");
	says(&l, 5, VS_GPU_CC_MODE, "ppcie");
	close_lab(&l);
}

static void
test_blackwell(void)
{
	struct lab l;

	open_lab(&l, true);
	of_any_device(&l);
	says(&l, 1, VS_GPU_VBIOS_VERSION, "97.00.83.00.09");
	says(&l, 0, VS_GPU_ARCH, "blackwell");
	says(&l, 0, VS_GPU_CC_MODE, "mpt");
	CHECK_OK(judge(&l, "foreign spt:0"), l.err);
	says(&l, 0, VS_GPU_CC_MODE, "spt");
	close_lab(&l);
}

int
main(void)
{
	char command[64];

	CHECK(mkdtemp(dir) != NULL);
	RUN(test_hopper);
	RUN(test_blackwell);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	CHECK(system(command) == 0);
	return check_result();
}
