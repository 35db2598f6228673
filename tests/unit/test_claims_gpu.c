/* SPDX-License-Identifier: Apache-2.0 */
/* The claims of GPUs: setters, limits, JSON and text. */
#include "check.h"

#include "claims/gpu.h"

static struct vs_arena arena;
static struct vs_claims claims;

static void
begin(size_t cap)
{
	vs_arena_init(&arena, cap);
	vs_claims_init(&claims, &arena);
}

static void
test_table(void)
{
	for (unsigned i = 0; i < VS_GPU_CLAIM_COUNT; i++) {
		const struct vs_claim_def *d =
		    vs_gpu_claim_def((vs_gpu_claim_id)i);

		CHECK(d->path[0] != '\0' && strchr(d->path, '.') == NULL);
		CHECK(d->doc[0] != '\0');
		CHECK((d->max > 0) ==
		    (d->type == VS_CLAIM_STRING ||
			d->type == VS_CLAIM_STRINGS));
		CHECK_INT(vs_gpu_claim_find(vs_span_cstr(d->path)), i);
	}
	CHECK_INT(vs_gpu_claim_find(VS_SPAN_LIT("ach")), VS_GPU_CLAIM_COUNT);
}

static void
test_count(void)
{
	size_t at = 99;

	begin(1 << 20);
	CHECK_INT(vs_claims_gpus(&claims), 0);
	for (size_t i = 0; i < VS_CLAIM_GPUS_MAX; i++) {
		CHECK(vs_claims_gpu_add(&claims, &at) == VS_OK);
		CHECK_INT(at, i);
	}
	CHECK_INT(vs_claims_gpu_add(&claims, &at), VS_RANGE);
	CHECK_INT(vs_claims_gpus(&claims), VS_CLAIM_GPUS_MAX);
	CHECK(!vs_claims_gpu_get(&claims, 15, VS_GPU_ARCH)->present);
	vs_arena_fini(&arena);
	begin(100);
	CHECK_INT(vs_claims_gpu_add(&claims, &at), VS_NO_MEMORY);
	CHECK_INT(vs_claims_gpus(&claims), 0);
	vs_arena_fini(&arena);
}

static void
test_limits(void)
{
	struct vs_span many[VS_CLAIM_ITEMS_MAX + 1];
	uint8_t big[100];
	size_t g;

	memset(big, 'x', sizeof(big));
	for (size_t i = 0; i < VS_COUNT(many); i++)
		many[i] = VS_SPAN_LIT("driver:1");
	begin(1 << 20);
	CHECK(vs_claims_gpu_add(&claims, &g) == VS_OK);
	CHECK_INT(vs_claims_gpu_str(&claims, g, VS_GPU_ARCH, VS_SPAN(big, 17)),
	    VS_RANGE);
	CHECK_INT(
	    vs_claims_gpu_str(&claims, g, VS_GPU_ARCH, VS_SPAN_LIT("\xff")),
	    VS_RANGE);
	CHECK(!vs_claims_gpu_get(&claims, g, VS_GPU_ARCH)->present);
	CHECK_INT(vs_claims_gpu_hex(&claims, g, VS_GPU_FWID, VS_SPAN(big, 49)),
	    VS_RANGE);
	CHECK_INT(vs_claims_gpu_strs(
		      &claims, g, VS_GPU_MISMATCHES, many, VS_COUNT(many)),
	    VS_RANGE);
	many[1] = VS_SPAN(big, 33);
	CHECK_INT(vs_claims_gpu_strs(&claims, g, VS_GPU_MISMATCHES, many, 2),
	    VS_RANGE);
	CHECK(!vs_claims_gpu_get(&claims, g, VS_GPU_MISMATCHES)->present);
	CHECK(vs_claims_gpu_strs(&claims, g, VS_GPU_MISMATCHES, many, 0) ==
	    VS_OK);
	CHECK(vs_claims_gpu_get(&claims, g, VS_GPU_MISMATCHES)->present);
	vs_arena_fini(&arena);
}

static void
test_output(void)
{
	static const uint8_t fwid[2] = {0xAB, 0x01};
	struct vs_span mism[2] = {
	    VS_SPAN_LIT("driver:24"), VS_SPAN_LIT("vbios:9")};
	struct vs_buf b = {0};
	size_t g, h;

	begin(1 << 20);
	CHECK(vs_claims_gpu_add(&claims, &g) == VS_OK);
	CHECK(vs_claims_gpu_add(&claims, &h) == VS_OK);
	vs_claims_json(&claims, &b);
	CHECK_STR(vs_buf_cstr(&b), "{\"gpus\":[{},{}]}");
	vs_buf_reset(&b);
	vs_claims_int(&claims, VS_CLAIM_SNP_TCB_LAUNCH_BL, 5);
	CHECK(vs_claims_gpu_str(
		  &claims, g, VS_GPU_ARCH, VS_SPAN_LIT("hop\"per")) == VS_OK);
	CHECK(vs_claims_gpu_hex(&claims, g, VS_GPU_FWID, VS_SPAN_OF(fwid)) ==
	    VS_OK);
	vs_claims_gpu_bool(&claims, g, VS_GPU_BOUND, true);
	CHECK(vs_claims_gpu_strs(&claims, h, VS_GPU_MISMATCHES, mism, 2) ==
	    VS_OK);
	vs_claims_json(&claims, &b);
	CHECK_STR(vs_buf_cstr(&b),
	    "{\"snp\":{\"tcb\":{\"launch\":{\"boot_loader\":5}}},\"gpus\":["
	    "{\"arch\":\"hop\\\"per\",\"fwid\":\"ab01\",\"bound\":true},"
	    "{\"mismatches\":[\"driver:24\",\"vbios:9\"]}]}");
	vs_buf_reset(&b);
	vs_claims_text(&claims, &b);
	CHECK_STR(vs_buf_cstr(&b),
	    "snp.tcb.launch.boot_loader         5\n"
	    "gpus[0].arch                       hop\"per\n"
	    "gpus[0].fwid                       ab01\n"
	    "gpus[0].bound                      true\n"
	    "gpus[1].mismatches                 [\"driver:24\",\"vbios:9\"]\n");
	vs_buf_fini(&b);
	vs_arena_fini(&arena);
}

int
main(void)
{
	RUN(test_table);
	RUN(test_count);
	RUN(test_limits);
	RUN(test_output);
	return check_result();
}
