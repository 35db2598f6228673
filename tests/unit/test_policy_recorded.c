/* SPDX-License-Identifier: Apache-2.0 */
/* Claims written as JSON and read again are the same claims. */
#include "check.h"

#include "claims/gpu.h"
#include "policy/recorded.h"

static struct vs_arena arena;
static struct vs_claims out;
static struct vs_err err;

static vs_status
read_text(struct vs_span text)
{
	struct vs_json *j = NULL;
	vs_status st = vs_json_parse(text, &j, &err);

	vs_arena_reset(&arena);
	vs_claims_init(&out, &arena);
	if (st == VS_OK)
		st = vs_claims_read(j, &out, &err);
	vs_json_free(&j);
	return st;
}

static vs_status
read_cstr(const char *text)
{
	return read_text(vs_span_cstr(text));
}

static void
fill(struct vs_claims *c)
{
	size_t gpu = 0;

	for (int i = 0; i < VS_CLAIM_COUNT; i++) {
		vs_claim_id id = (vs_claim_id)i;

		switch (vs_claim_def(id)->type) {
		case VS_CLAIM_BOOL:
			vs_claims_bool(c, id, i % 2 == 0);
			break;
		case VS_CLAIM_INT:
			vs_claims_int(c, id, i % 3 == 0 ? INT64_MIN : i);
			break;
		case VS_CLAIM_STRING:
			CHECK_INT(vs_claims_str(c, id, VS_SPAN_LIT("\"\\\nx")),
			    VS_OK);
			break;
		case VS_CLAIM_TIME:
			c->v[id].present = true;
			c->v[id].u.i = 1781481600 + i;
			break;
		case VS_CLAIM_STRINGS:
			break;
		}
	}
	for (int k = 0; k < 2; k++) {
		CHECK_INT(vs_claims_gpu_add(c, &gpu), VS_OK);
		CHECK_INT(vs_claims_gpu_str(
			      c, gpu, VS_GPU_ARCH, VS_SPAN_LIT("hopper")),
		    VS_OK);
		vs_claims_gpu_bool(c, gpu, VS_GPU_BOUND, true);
		CHECK_INT(vs_claims_gpu_strs(c, gpu, VS_GPU_MISMATCHES,
			      (struct vs_span[]){VS_SPAN_LIT("driver:24"),
				  VS_SPAN_LIT("vbios:9")},
			      2),
		    VS_OK);
	}
}

static void
test_recorded_claims_round_trip(void)
{
	struct vs_arena a;
	struct vs_claims in;
	struct vs_buf text = {0}, again = {0};

	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&in, &a);
	fill(&in);
	vs_claims_json(&in, &text);
	CHECK_OK(read_text(vs_buf_span(&text)), err);
	vs_claims_json(&out, &again);
	CHECK(vs_span_equal(vs_buf_span(&text), vs_buf_span(&again)));
	CHECK_INT(vs_claims_gpus(&out), 2);
	vs_buf_fini(&text);
	vs_buf_fini(&again);
	vs_arena_fini(&a);
}

static void
refused(const char *text, const char *why)
{
	CHECK_INT(read_cstr(text), VS_MALFORMED);
	if (!CHECK(strstr(err.msg, why) != NULL))
		fprintf(stderr, "  %s\n", err.msg);
	vs_err_clear(&err);
}

static void
test_recorded_misfit_is_refused(void)
{
	static char deep[600];

	CHECK_OK(read_cstr("{}"), err);
	CHECK(!out.v[VS_CLAIM_TEE_DEBUG].present);
	CHECK_OK(read_cstr("{\"tee\":{\"debug\":true},"
			   "\"tee.kind\":\"snp\"}"),
	    err);
	CHECK(out.v[VS_CLAIM_TEE_KIND].present);
	refused("[]", "an object");
	refused("{\"tee\":{\"debag\":true}}", "no claim tee.debag");
	refused("{\"tee\":true}", "no claim tee");
	refused("{\"tee\":{\"debug\":\"true\"}}", "true or false");
	refused("{\"snp\":{\"vmpl\":1.5}}", "a whole number");
	refused("{\"snp\":{\"vmpl\":\"1\"}}", "a whole number");
	refused("{\"tee\":{\"kind\":7}}", "a string");
	refused("{\"tee\":{\"kind\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaa\"}}",
	    "longer than");
	refused("{\"gpus\":{}}", "a list of objects");
	refused("{\"gpus\":[1]}", "a list of objects");
	refused("{\"gpus\":[{\"x\":1}]}", "no claim gpus[].x");
	refused("{\"gpus\":[{\"mismatches\":[1]}]}", "a list of strings");
	memset(deep, 'a', sizeof(deep) - 1);
	memcpy(deep, "{\"", 2);
	memcpy(deep + sizeof(deep) - 6, "\":1}", 5);
	refused(deep, "too long");
}

/* Every truncation and every flipped bit: an error or other claims, never a
 * crash; the sanitizers watch. */
static void
test_recorded_mutations_do_no_harm(void)
{
	char text[] = "{\"tee\":{\"debug\":true,\"kind\":\"snp\"},\"gpus\":"
		      "[{\"arch\":\"hopper\",\"mismatches\":[\"a\"]}]}";

	for (size_t n = 0; n < sizeof(text) - 1; n++)
		CHECK(read_text(VS_SPAN(text, n)) != VS_OK);
	for (size_t i = 0; i < (sizeof(text) - 1) * 8; i++) {
		text[i / 8] ^= (char)(1 << (i % 8));
		(void)!read_text(VS_SPAN(text, sizeof(text) - 1));
		text[i / 8] ^= (char)(1 << (i % 8));
	}
	CHECK_INT(read_text(VS_SPAN(text, sizeof(text) - 1)), VS_OK);
}

int
main(void)
{
	vs_arena_init(&arena, 1 << 20);
	RUN(test_recorded_claims_round_trip);
	RUN(test_recorded_misfit_is_refused);
	RUN(test_recorded_mutations_do_no_harm);
	vs_arena_fini(&arena);
	return check_result();
}
