/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "claims/claims.h"

static void
test_paths_are_unique_and_grouped(void)
{
	/* A record whose rows are apart would be written twice in JSON. */
	for (unsigned i = 0; i < VS_CLAIM_COUNT; i++) {
		const char *path = vs_claim_def((vs_claim_id)i)->path;
		const char *dot = strrchr(path, '.');
		size_t n = dot == NULL ? 0 : (size_t)(dot - path) + 1;
		bool left = false;

		CHECK_INT(vs_claim_find(vs_span_cstr(path)), i);
		for (unsigned j = i + 1; j < VS_CLAIM_COUNT; j++) {
			const char *other = vs_claim_def((vs_claim_id)j)->path;
			bool same = strncmp(path, other, n) == 0;

			CHECK(!(left && same));
			left = left || !same;
		}
	}
	CHECK_INT(vs_claim_find(VS_SPAN_LIT("no.such")), VS_CLAIM_COUNT);
}

static void
test_json_nests(void)
{
	static const uint8_t raw[2] = {0xAB, 0x01};
	struct vs_arena a;
	struct vs_claims c;
	struct vs_buf b = {0};

	vs_arena_init(&a, 1 << 16);
	vs_claims_init(&c, &a);
	vs_claims_json(&c, &b);
	CHECK_STR(vs_buf_cstr(&b), "{}");
	vs_buf_reset(&b);
	CHECK(vs_claims_str(&c, VS_CLAIM_TEE_KIND, VS_SPAN_LIT("s\"\n\\p")) ==
	    VS_OK);
	vs_claims_bool(&c, VS_CLAIM_TEE_DEBUG, false);
	vs_claims_int(&c, VS_CLAIM_SNP_VERSION, 3);
	vs_claims_bool(&c, VS_CLAIM_SNP_POLICY_SMT, true);
	vs_claims_int(&c, VS_CLAIM_SNP_TCB_CURRENT_BL, 4);
	vs_claims_int(&c, VS_CLAIM_SNP_TCB_LAUNCH_BL, 5);
	CHECK(
	    vs_claims_hex(&c, VS_CLAIM_AZ_USER_DATA, VS_SPAN_OF(raw)) == VS_OK);
	vs_claims_json(&c, &b);
	CHECK_STR(vs_buf_cstr(&b),
	    "{\"tee\":{\"kind\":\"s\\\"\\u000a\\\\p\",\"debug\":false},"
	    "\"snp\":{\"version\":3,\"policy\":{\"smt\":true},"
	    "\"tcb\":{\"current\":{\"boot_loader\":4},"
	    "\"launch\":{\"boot_loader\":5}}},"
	    "\"azure\":{\"user_data\":\"ab01\"}}");
	vs_buf_reset(&b);
	vs_claims_text(&c, &b);
	CHECK(strstr(vs_buf_cstr(&b), "snp.tcb.launch.boot_loader") != NULL);
	vs_buf_fini(&b);
	vs_arena_fini(&a);
}

static void
test_limits(void)
{
	struct vs_arena a;
	struct vs_claims c;
	uint8_t big[300];

	vs_arena_init(&a, 64);
	vs_claims_init(&c, &a);
	memset(big, 'x', sizeof big);
	CHECK_INT(
	    vs_claims_str(&c, VS_CLAIM_KEY_NAME, VS_SPAN_OF(big)), VS_RANGE);
	CHECK_INT(vs_claims_str(&c, VS_CLAIM_TEE_KIND, VS_SPAN_LIT("\xff")),
	    VS_RANGE);
	CHECK_INT(vs_claims_hex(&c, VS_CLAIM_SNP_MEASUREMENT, VS_SPAN(big, 49)),
	    VS_RANGE);
	CHECK_INT(vs_claims_str(&c, VS_CLAIM_KEY_NAME, VS_SPAN(big, 200)),
	    VS_NO_MEMORY);
	CHECK(!vs_claims_get(&c, VS_CLAIM_KEY_NAME)->present);
	vs_arena_fini(&a);
}

int
main(void)
{
	RUN(test_paths_are_unique_and_grouped);
	RUN(test_json_nests);
	RUN(test_limits);
	return check_result();
}
