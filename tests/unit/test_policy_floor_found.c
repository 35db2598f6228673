/* SPDX-License-Identifier: Apache-2.0 */
/* Ways past the floor that reviews have found: none of them loads again. */
#include "check.h"
#include "policy/policy.h"

static void
refused(const char *text)
{
	struct vs_policy_diags *diags = vs_policy_diags_new();
	struct vs_policy *p = NULL;
	bool told = false;
	struct vs_err err = {0};

	CHECK_INT(
	    vs_policy_load("found.yaml", vs_span_cstr(text), diags, &p, &err),
	    VS_MALFORMED);
	for (size_t i = 0; i < vs_policy_diags_count(diags); i++)
		if (strcmp(vs_policy_diags_at(diags, i)->code, "E_FLOOR") == 0)
			told = true;
	CHECK(told);
	CHECK(p == NULL);
	vs_policy_free(&p);
	vs_policy_diags_free(&diags);
}

/* A loop inside an element of a let must leave the loop around it alone. */
static void
test_loops_of_a_let(void)
{
	refused("apiVersion: policy/v1\n"
		"name: t1\n"
		"version: 1\n"
		"keys: [\"models/**\"]\n"
		"tee: [snp]\n"
		"let:\n"
		"  zed: |\n"
		"    [\"x\", key.name].map(q, q + \"y\")\n"
		"  za: |\n"
		"    [[\"1\",\"2\"].exists(q, q == key.name), true]\n"
		"rules:\n"
		"  - id: a\n"
		"    assert: |\n"
		"      [\"x\"].all(v, za.exists(w, w) && v == \"x\") && ("
		"tee.debug || !tee.debug)\n");
}

/* So must a bind, where the let is searched. */
static void
test_binds_of_a_let(void)
{
	refused("apiVersion: policy/v1\n"
		"name: clobber\n"
		"version: 1\n"
		"keys: [\"models/**\"]\n"
		"tee: [snp]\n"
		"let:\n"
		"  zed: |\n"
		"    [cel.bind(q, \"nope\", q + key.name)]\n"
		"rules:\n"
		"  - id: a\n"
		"    assert: |\n"
		"      [\"x\"].all(v, !(key.name in zed) && v == \"x\" &&"
		" (tee.debug || !tee.debug))\n");
}

/* Lists are no cells of a number: there is no room for so many. */
static void
test_lists_as_cells(void)
{
	refused("apiVersion: policy/v1\n"
		"name: over5\n"
		"version: 1\n"
		"keys: [\"models/**\"]\n"
		"tee: [snp]\n"
		"rules:\n"
		"  - id: a\n"
		"    assert: |\n"
		"      tee.bound || [[tcb_evaluation_data_number]] != [[1"
		"],[1,2],[1,2,3],[1,2,3,4],[1,2,3,4,5],[1,2,3,4,5,6],[1,2"
		",3,4,5,6,7],[1,2,3,4,5,6,7,8],[1,2,3,4,5,6,7,8,9],[1,2,3"
		",4,5,6,7,8,9,10]]\n"
		"  - id: b\n"
		"    assert: |\n"
		"      !has(intel.fmspc) && (tee.debug || !tee.debug)\n");
}

/* A platform may be out of date with no advisory to its name. */
static void
test_no_advisories(void)
{
	refused("apiVersion: policy/v1\n"
		"name: adv\n"
		"version: 1\n"
		"keys: [\"models/**\"]\n"
		"tee: [tdx]\n"
		"rules:\n"
		"  - id: d\n"
		"    assert: |\n"
		"      !tee.debug\n"
		"  - id: i\n"
		"    assert: |\n"
		"      has(tdx.mrtd) && tdx.mrtd == \"1111111111111111111"
		"11111111111111111111111111111111111111111111111111111111"
		"111111111111111111111\" && has(tdx.rtmr1) && tdx.rtmr1 ="
		"= \"1111111111111111111111111111111111111111111111111111"
		"11111111111111111111111111111111111111111111\"\n"
		"  - id: t\n"
		"    assert: |\n"
		"      has(advisories) && advisories.all(a, a in [\"INTEL"
		"-SA-00001\"])\n");
}

int
main(void)
{
	RUN(test_loops_of_a_let);
	RUN(test_binds_of_a_let);
	RUN(test_lists_as_cells);
	RUN(test_no_advisories);
	return check_result();
}
