/* SPDX-License-Identifier: Apache-2.0 */
/* Lists and registries from a JSON file. */
#include "check.h"

#include <unistd.h>

#include "base/file.h"
#include "cli/lists_file.h"
#include "policy/record.h"

/* 2026-06-15T00:00:00Z */
static const int64_t NOW = INT64_C(1781481600000);
static const int64_t NOW_S = INT64_C(1781481600);

static char path[64];
static struct vs_err err;

static vs_status
read_text(const char *text, struct vs_lists **out)
{
	CHECK_OK(vs_file_write(path, vs_span_cstr(text), 0600, &err), err);
	return vs_cli_lists(path, NOW, out, &err);
}

static void
test_whole(void)
{
	struct vs_lists *l = NULL;
	const struct vs_list *list;
	const struct vs_val *v;

	CHECK_OK(
	    read_text("{\"lists\":{\"a-b\":{\"as_of\":\"2026-06-14T00:00:00Z\","
		      "\"valid_until\":\"2026-06-16T00:00:00Z\","
		      "\"values\":[\"x\",{\"value\":\"y\",\"expires_at\":"
		      "\"2026-06-15T00:00:00Z\"}]}},"
		      "\"registries\":{\"r\":{\"entries\":{\"k\":{"
		      "\"slsa_level\":3,\"revoked\":true,\"added_by\":\"ci\","
		      "\"added_at\":\"2026-06-01T00:00:00Z\","
		      "\"approvals\":[\"a\",\"b\"],\"builder\":\"w\","
		      "\"source_uri\":\"u\",\"source_ref\":\"main\"}}}}}",
		&l),
	    err);
	CHECK_INT(vs_lists_count(l), 2);
	list = vs_lists_find(l, false, VS_SPAN_LIT("a_b"));
	if (CHECK(list != NULL)) {
		CHECK(vs_list_get(list, VS_SPAN_LIT("x"), NOW_S) != NULL);
		CHECK(vs_list_get(list, VS_SPAN_LIT("y"), NOW_S) == NULL);
		CHECK(vs_list_get(list, VS_SPAN_LIT("y"), NOW_S - 1) != NULL);
		CHECK(!vs_list_usable(list, 3600 * 1000, NOW));
		CHECK(vs_list_usable(list, 24 * 3600 * 1000, NOW));
		CHECK(!vs_list_usable(list, 0, NOW + 24 * 3600 * 1000));
	}
	list = vs_lists_find(l, true, VS_SPAN_LIT("r"));
	if (CHECK(list != NULL)) {
		CHECK(vs_list_usable(list, 1, NOW));
		v = vs_list_get(list, VS_SPAN_LIT("k"), NOW_S);
		if (CHECK(v != NULL)) {
			CHECK_INT(v->u.v[VS_REG_SLSA_LEVEL].u.i, 3);
			CHECK(v->u.v[VS_REG_REVOKED].u.b);
			CHECK_INT(v->u.v[VS_REG_APPROVALS].n, 2);
			CHECK(vs_val_is_error(v->u.v[VS_REG_EXPIRES_AT]));
		}
	}
	vs_lists_free(&l);
	CHECK_OK(read_text("{}", &l), err);
	CHECK_INT(vs_lists_count(l), 0);
	vs_lists_free(&l);
}

static void
test_bad(void)
{
	static const char *const bad[] = {"", "[]", "{\"list\":{}}",
	    "{\"lists\":[]}", "{\"lists\":{\"a\":{}}}",
	    "{\"lists\":{\"a\":{\"values\":{}}}}",
	    "{\"lists\":{\"a\":{\"values\":[1]}}}",
	    "{\"lists\":{\"a\":{\"values\":[\"\"]}}}",
	    "{\"lists\":{\"a\":{\"values\":[{\"val\":\"x\"}]}}}",
	    "{\"lists\":{\"a\":{\"values\":[{\"value\":\"x\","
	    "\"expires_at\":7}]}}}",
	    "{\"lists\":{\"a\":{\"values\":[],\"as_of\":\"today\"}}}",
	    "{\"lists\":{\"a b\":{\"values\":[]}}}",
	    "{\"lists\":{\"a-b\":{\"values\":[]},\"a_b\":{\"values\":[]}}}",
	    "{\"registries\":{\"a\":{\"values\":[]}}}",
	    "{\"registries\":{\"a\":{\"entries\":[]}}}",
	    "{\"registries\":{\"a\":{\"entries\":{\"k\":1}}}}",
	    "{\"registries\":{\"a\":{\"entries\":{\"k\":{\"x\":1}}}}}",
	    "{\"registries\":{\"a\":{\"entries\":{\"k\":{"
	    "\"slsa_level\":\"3\"}}}}}",
	    "{\"registries\":{\"a\":{\"entries\":{\"k\":{\"revoked\":1}}}}}",
	    "{\"registries\":{\"a\":{\"entries\":{\"k\":{"
	    "\"approvals\":\"a\"}}}}}",
	    "{\"registries\":{\"a\":{\"entries\":{\"k\":{"
	    "\"approvals\":[1]}}}}}",
	    "{\"registries\":{\"a\":{\"entries\":{\"k\":{"
	    "\"builder\":1}}}}}"};
	struct vs_lists *l = NULL;

	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		if (!CHECK_INT(read_text(bad[i], &l), VS_USAGE))
			fprintf(stderr, "  %s\n", bad[i]);
		CHECK(l == NULL && err.msg[0] != '\0');
	}
	CHECK_INT(vs_cli_lists("/nowhere", NOW, &l, &err), VS_USAGE);
}

int
main(void)
{
	(void)snprintf(
	    path, sizeof(path), "/tmp/vs-lists-%ld.json", (long)getpid());
	RUN(test_whole);
	RUN(test_bad);
	(void)unlink(path);
	return check_result();
}
