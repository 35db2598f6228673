/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots of lists and registries, and what policies make of them. */
#include "check.h"

#include "policy/policy.h"
#include "policy/record.h"
#include "policy/siphash.h"

/* The engine is tested here, not the floor: see test_policy_floor.c. */
#define vs_policy_load(file, text, diags, out, err)                            \
	vs_policy_load_at(file, text, VS_POLICY_PAST, diags, out, err)

/* 2026-06-15T00:00:00Z */
static const int64_t NOW = INT64_C(1781481600000);
static const int64_t NOW_S = INT64_C(1781481600);

static struct vs_arena arena, claims_arena;
static struct vs_claims claims;
static struct vs_err err;

static struct vs_list_head
head(const char *name)
{
	return (struct vs_list_head){
	    .name = vs_span_cstr(name), .as_of_ms = NOW};
}

/* Aumasson, Bernstein: the test vector of the paper. */
static void
test_siphash(void)
{
	const uint64_t key[2] = {
	    UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
	uint8_t text[15];

	for (uint8_t i = 0; i < sizeof(text); i++)
		text[i] = i;
	CHECK(
	    vs_siphash(key, VS_SPAN_OF(text)) == UINT64_C(0xa129ca6149be45e5));
	CHECK(
	    vs_siphash(key, VS_SPAN(NULL, 0)) == UINT64_C(0x726fdb47dd0e0e31));
}

static void
test_many(void)
{
	struct vs_lists_builder *b = vs_lists_builder_new();
	struct vs_list_head h = head("many-values");
	struct vs_lists *l = NULL;
	const struct vs_list *many;
	char text[32];

	CHECK_OK(vs_lists_add_list(b, &h, &err), err);
	for (int i = 0; i < 100000; i++) {
		(void)snprintf(text, sizeof(text), "value-%d", i);
		if (vs_lists_add_value(b, vs_span_cstr(text), 0, &err) != VS_OK)
			CHECK(false);
	}
	CHECK_OK(vs_lists_add_value(b, VS_SPAN_LIT("value-7"), 0, &err), err);
	CHECK_OK(vs_lists_build(&b, "sha256:x", &l, &err), err);
	CHECK(b == NULL);
	CHECK_STR(vs_lists_digest(l), "sha256:x");
	many = vs_lists_find(l, false, VS_SPAN_LIT("many_values"));
	CHECK(vs_lists_find(l, true, VS_SPAN_LIT("many_values")) == NULL);
	if (!CHECK(many != NULL))
		return;
	CHECK_INT(vs_list_size(many), 100000);
	for (int i = 0; i < 100000; i += 997) {
		(void)snprintf(text, sizeof(text), "value-%d", i);
		CHECK(vs_list_get(many, vs_span_cstr(text), NOW_S) != NULL);
	}
	CHECK(vs_list_get(many, VS_SPAN_LIT("value-100000"), NOW_S) == NULL);
	CHECK(vs_list_get(many, VS_SPAN_LIT("value-"), NOW_S) == NULL);
	CHECK(vs_list_get(many, VS_SPAN(NULL, 0), NOW_S) == NULL);
	struct vs_lists *second = vs_lists_ref(l);
	vs_lists_free(&l);
	CHECK(l == NULL);
	CHECK_INT(vs_lists_count(second), 1);
	vs_lists_free(&second);
}

static void
test_refused(void)
{
	static const char *const bad[] = {"", "9a", "a b", "a.b", "\xc3\xa4"};
	char long_name[VS_LIST_NAME_MAX + 2];
	char long_value[VS_LIST_VALUE_MAX + 1];
	struct vs_lists_builder *b = vs_lists_builder_new();
	struct vs_registry_record rec = {0};
	struct vs_list_head h;

	memset(long_name, 'a', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	memset(long_value, 'a', sizeof(long_value));
	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		h = head(bad[i]);
		CHECK_INT(vs_lists_add_list(b, &h, &err), VS_MALFORMED);
	}
	h = head(long_name);
	CHECK_INT(vs_lists_add_list(b, &h, &err), VS_MALFORMED);
	h = head("a-b");
	CHECK_OK(vs_lists_add_list(b, &h, &err), err);
	CHECK_INT(
	    vs_lists_add_value(b, VS_SPAN(NULL, 0), 0, &err), VS_MALFORMED);
	CHECK_INT(
	    vs_lists_add_value(b, VS_SPAN_LIT("\xff"), 0, &err), VS_MALFORMED);
	CHECK_INT(vs_lists_add_value(b, VS_SPAN_OF(long_value), 0, &err),
	    VS_TOO_LARGE);
	h = head("a_b");
	CHECK_INT(vs_lists_add_list(b, &h, &err), VS_CONFLICT);
	CHECK_OK(vs_lists_add_registry(b, &h, &err), err);
	CHECK_OK(vs_lists_add_record(b, VS_SPAN_LIT("k"), &rec, &err), err);
	CHECK_INT(
	    vs_lists_add_record(b, VS_SPAN_LIT("k"), &rec, &err), VS_CONFLICT);
	rec.added_at_s = INT64_MAX;
	CHECK_INT(
	    vs_lists_add_record(b, VS_SPAN_LIT("l"), &rec, &err), VS_RANGE);
	vs_lists_builder_free(&b);
	CHECK(b == NULL);
	vs_lists_builder_free(&b);
	vs_lists_free(NULL);
	CHECK_INT(vs_lists_count(NULL), 0);
	CHECK_STR(vs_lists_digest(NULL), "");
	CHECK(vs_lists_find(NULL, false, VS_SPAN_LIT("a")) == NULL);
}

static void
test_usable(void)
{
	struct vs_lists_builder *b = vs_lists_builder_new();
	struct vs_list_head h = head("a");
	struct vs_lists *l = NULL;
	const struct vs_list *a;

	h.valid_until_ms = NOW + 10000;
	CHECK_OK(vs_lists_add_list(b, &h, &err), err);
	CHECK_OK(vs_lists_build(&b, "", &l, &err), err);
	a = vs_lists_at(l, 0);
	CHECK(vs_list_usable(a, 0, NOW));
	CHECK(vs_list_usable(a, 1000, NOW + 1000));
	CHECK(!vs_list_usable(a, 1000, NOW + 1001));
	CHECK(vs_list_usable(a, 0, NOW + 9999));
	CHECK(!vs_list_usable(a, 0, NOW + 10000));
	/* A clock that runs ahead is borne with, a date to come is not. */
	CHECK(vs_list_usable(a, 1000, NOW - 300000));
	CHECK(!vs_list_usable(a, 0, NOW - 300001));
	CHECK(!vs_list_usable(a, 1000, INT64_MIN));
	vs_lists_free(&l);
}

/* ---- in policies --------------------------------------------------------- */

#define DOC(rules)                                                             \
	"apiVersion: policy/v1\nname: p\nversion: 1\nkeys: [\"**\"]\n"         \
	"tee: [snp]\nlists:\n"                                                 \
	"  images: {source: registry, max_age: 1h}\n"                          \
	"  the-list: {source: signed-file}\n"                                  \
	"  missing: {source: signed-file}\n"                                   \
	"  old: {source: signed-file, max_age: 30m}\n"                         \
	"  gone: {source: registry}\n"                                         \
	"let:\n  also: |\n    lists.the_list\n"                                \
	"  image: |\n    registry.images[\"good\"]\n"                          \
	"rules:\n" rules
#define RULE(expr) "  - id: x\n    assert: |\n      " expr "\n"

static struct vs_lists *
snapshot(void)
{
	const struct vs_span names[] = {
	    VS_SPAN_LIT("alice"), VS_SPAN_LIT("bob")};
	struct vs_registry_record good = {.added_at_s = NOW_S - 3600,
	    .expires_at_s = NOW_S + 3600,
	    .added_by = VS_SPAN_LIT("ci"),
	    .approvals = names,
	    .approvals_n = 2,
	    .slsa_level = 3,
	    .builder = VS_SPAN_LIT("builder"),
	    .source_ref = VS_SPAN_LIT("refs/heads/main")};
	struct vs_registry_record bad = {.revoked = true};
	struct vs_registry_record over = {.expires_at_s = NOW_S};
	struct vs_lists_builder *b = vs_lists_builder_new();
	struct vs_list_head h = head("images");
	struct vs_lists *l = NULL;

	CHECK_OK(vs_lists_add_registry(b, &h, &err), err);
	CHECK_OK(vs_lists_add_record(b, VS_SPAN_LIT("good"), &good, &err), err);
	CHECK_OK(vs_lists_add_record(b, VS_SPAN_LIT("bad"), &bad, &err), err);
	CHECK_OK(vs_lists_add_record(b, VS_SPAN_LIT("over"), &over, &err), err);
	h = head("the-list");
	CHECK_OK(vs_lists_add_list(b, &h, &err), err);
	CHECK_OK(vs_lists_add_value(b, VS_SPAN_LIT("snp"), 0, &err), err);
	CHECK_OK(vs_lists_add_value(b, VS_SPAN_LIT("over"), NOW_S, &err), err);
	CHECK_OK(
	    vs_lists_add_value(b, VS_SPAN_LIT("soon"), NOW_S + 1, &err), err);
	CHECK_OK(vs_lists_add_value(b, VS_SPAN_LIT("long"), NOW_S, &err), err);
	CHECK_OK(vs_lists_add_value(b, VS_SPAN_LIT("long"), 0, &err), err);
	h = head("old");
	h.as_of_ms = NOW - 1800001;
	CHECK_OK(vs_lists_add_list(b, &h, &err), err);
	CHECK_OK(vs_lists_build(&b, "", &l, &err), err);
	return l;
}

static const char *
outcome(const char *text, const struct vs_lists *lists)
{
	static char said[64];
	struct vs_policy_result r;
	struct vs_policy_set *set = NULL;
	struct vs_policy *p = NULL;

	if (!CHECK_OK(
		vs_policy_load("p", vs_span_cstr(text), NULL, &p, &err), err))
		return "";
	CHECK_OK(vs_policy_set_new(&p, 1, &set, &err), err);
	vs_arena_reset(&claims_arena);
	vs_claims_init(&claims, &claims_arena);
	CHECK_INT(
	    vs_claims_str(&claims, VS_CLAIM_KEY_NAME, VS_SPAN_LIT("models/a")),
	    VS_OK);
	CHECK_INT(vs_claims_str(&claims, VS_CLAIM_TEE_KIND, VS_SPAN_LIT("snp")),
	    VS_OK);
	vs_claims_bool(&claims, VS_CLAIM_TEE_DEBUG, false);
	vs_claims_bool(&claims, VS_CLAIM_TEE_SIMULATED, false);
	vs_arena_reset(&arena);
	vs_policy_decide(set, lists, &claims, NOW, &arena, &r);
	(void)snprintf(said, sizeof(said), "%s%s%s", r.reason,
	    r.rules[0].error != NULL ? ": " : "",
	    r.rules[0].error != NULL ? r.rules[0].error : "");
	vs_policy_set_free(&set);
	return said;
}

static struct vs_lists *lists;

#define IS(expr) CHECK_STR(outcome(DOC(RULE(expr)), lists), "allowed")
#define NOT(expr) CHECK_STR(outcome(DOC(RULE(expr)), lists), "rules")
#define FATAL(expr)                                                            \
	CHECK_STR(outcome(DOC(RULE(expr)), lists), "fatal: list_unavailable")

static void
test_lookup(void)
{
	IS("tee.kind in lists.the_list");
	IS("tee.kind in also");
	NOT("key.name in lists.the_list");
	IS("!(key.name in lists.the_list)");
	IS("\"soon\" in lists.the_list && \"long\" in lists.the_list");
	NOT("\"over\" in lists.the_list");
	IS("size(lists.the_list) == 3 && size(also) == 3");
	IS("lists.the_list[0] == \"snp\"");
	/* By number, too, what has expired is not there. */
	IS("lists.the_list[1] == \"soon\" && also[1] == \"soon\"");
	NOT("lists.the_list[1] == \"over\" || also[1] == \"over\"");
	IS("lists.the_list.exists(x, x == tee.kind)");
	IS("!lists.the_list.exists(x, x == \"over\")");
	IS("lists.the_list + [\"z\"] == [\"snp\", \"soon\", \"long\", \"z\"]");
	IS("sets.contains(lists.the_list, [tee.kind])");
	IS("cel.bind(l, lists.the_list, tee.kind in l)");
}

static void
test_registry(void)
{
	IS("\"good\" in registry.images && \"bad\" in registry.images");
	NOT("\"over\" in registry.images");
	IS("registry.images[\"good\"].slsa_level >= 3");
	IS("image.slsa_level == 3 && image.added_by == \"ci\"");
	IS("registry.images.good.builder == \"builder\"");
	IS("\"alice\" in image.approvals && size(image.approvals) == 2");
	IS("image.added_at < now && image.expires_at > now");
	IS("has(image.source_ref) && !has(image.source_uri)");
	IS("!image.revoked && registry.images[\"bad\"].revoked");
	IS("has(registry.images[\"good\"].revoked)");
	IS("!has(registry.images[\"bad\"].expires_at)");
	IS("registry.images.exists(d, registry.images[d].slsa_level > 2)");
	IS("size(registry.images) == 2");
	IS("has(registry.images.good) && !has(registry.images.over)");
	CHECK_STR(
	    outcome(DOC(RULE("registry.images[key.name].revoked")), lists),
	    "rules: no_such_key");
	CHECK_STR(
	    outcome(DOC(RULE("registry.images[\"over\"].revoked")), lists),
	    "rules: no_such_key");
	CHECK_STR(outcome(DOC(RULE("registry.images[\"bad\"].builder == \"\"")),
		      lists),
	    "rules: no_such_field");
}

/* Nothing makes up for a list that is not there. */
static void
test_unavailable(void)
{
	FATAL("tee.kind in lists.missing");
	FATAL("!(tee.kind in lists.missing)");
	FATAL("tee.kind in lists.missing || true != tee.debug");
	FATAL("tee.kind in lists.missing && tee.debug");
	FATAL("(tee.kind in lists.missing ? false : true)");
	FATAL("lists.missing.all(x, x != tee.kind)");
	FATAL("!lists.missing.exists(x, x == tee.kind)");
	FATAL("[tee.kind].exists(x, !(x in lists.missing))");
	FATAL("[tee.kind, \"b\"].all(x, x in lists.missing || !tee.debug)");
	FATAL("[tee.kind].exists_one(x, !(x in lists.missing))");
	FATAL("size([tee.kind].filter(x, x in lists.missing)) == 0");
	FATAL("size(lists.missing) == 0");
	FATAL("tee.kind in lists.old");
	FATAL("!(tee.kind in registry.gone)");
	FATAL("registry.gone[tee.kind].revoked || !tee.debug");
	FATAL("has(registry.gone[tee.kind].builder) || !tee.debug");
	FATAL("cel.bind(l, lists.missing, !(tee.kind in l))");
	/* One that was not read does no harm. */
	IS("tee.debug || !tee.debug");
	CHECK_STR(outcome(DOC(RULE("!(tee.kind in lists.the_list)")), NULL),
	    "fatal: list_unavailable");
	/* It ends the policy, not just the rule. */
	CHECK_STR(
	    outcome(DOC("  - id: w\n    severity: warn\n    assert: |\n"
			"      tee.kind in lists.missing\n") RULE("!tee.debug"),
		lists),
	    "fatal: list_unavailable");
}

/* Longer than what may be walked through, and still looked up. */
static void
test_long(void)
{
	struct vs_lists_builder *b = vs_lists_builder_new();
	struct vs_list_head h = head("the-list");
	struct vs_lists *l = NULL;
	char text[32];

	CHECK_OK(vs_lists_add_list(b, &h, &err), err);
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(text, sizeof(text), "v%d", i);
		CHECK_OK(
		    vs_lists_add_value(b, vs_span_cstr(text), 0, &err), err);
	}
	CHECK_OK(vs_lists_build(&b, "", &l, &err), err);
	CHECK_STR(
	    outcome(DOC(RULE("\"v4999\" in lists.the_list")), l), "allowed");
	CHECK_STR(outcome(DOC(RULE("!lists.the_list.exists(x, x == \"\")")), l),
	    "fatal: arena_exhausted");
	vs_lists_free(&l);
}

/* ---- loading ------------------------------------------------------------- */

static void
refused(const char *text, const char *code, const char *msg)
{
	struct vs_policy *p = NULL;

	CHECK(vs_policy_load("p", vs_span_cstr(text), NULL, &p, &err) != VS_OK);
	CHECK_STR(err.code, code);
	if (!CHECK(strstr(err.msg, msg) != NULL))
		fprintf(stderr, "  %s\n", err.msg);
	vs_policy_free(&p);
}

#define LISTS(lists)                                                           \
	"apiVersion: policy/v1\nname: p\nversion: 1\nkeys: [\"**\"]\n"         \
	"tee: [snp]\nlists: {" lists "}\nrules:\n" RULE("tee.bound")

static void
test_load_errors(void)
{
	refused(LISTS("a: {source: file}"), "E_SCHEMA", "source: unknown");
	refused(LISTS("a: {max_age: 1h}"), "E_SCHEMA", "has no \"source\"");
	refused(LISTS("a: {source: registry, maxage: 1h}"), "E_SCHEMA",
	    "did you mean \"max_age\"?");
	refused(LISTS("a: {source: registry, max_age: 1d}"), "E_SCHEMA",
	    "there is no unit of days");
	refused(LISTS("a: {source: registry, max_age: 0s}"), "E_SCHEMA",
	    "a duration above zero");
	refused(LISTS("a-b: {source: registry}, a_b: {source: registry}"),
	    "E_SCHEMA", "\"a_b\" is taken by line 6");
	refused(LISTS("a.b: {source: registry}"), "E_SCHEMA", "the name of a");
	refused(LISTS("in: {source: registry}"), "E_SCHEMA", "the name of a");
	refused(DOC(RULE("tee.kind in lists.the_lst")), "E_CHECK",
	    "did you mean \"lists.the_list\"?");
	refused(DOC(RULE("tee.kind in lists.images")), "E_CHECK",
	    "did you mean \"registry.images\"?");
	refused(DOC(RULE("tee.kind in registry.the_list")), "E_CHECK",
	    "did you mean \"lists.the_list\"?");
	refused(DOC(RULE("tee.kind in the_list")), "E_CHECK",
	    "did you mean \"lists.the_list\"?");
	refused(DOC(RULE("tee.kind in lists")), "E_CHECK", "lists is no value");
	refused(
	    DOC(RULE("has(lists.the_list)")), "E_CHECK", "lists is no value");
	refused(DOC(RULE("image.slsalevel > 2")), "E_CHECK",
	    "an entry of a registry has no field \"slsalevel\"; did you mean "
	    "\"slsa_level\"?");
	refused(DOC(RULE("image == image")), "E_CHECK", "records are not");
	refused(DOC(RULE("image in [image]")), "E_CHECK", "records are not");
	refused(DOC(RULE("registry.images == registry.gone")), "E_CHECK",
	    "records are not");
	refused(DOC(RULE("1 in lists.the_list")), "E_CHECK", "no operator in");
	refused(DOC(RULE("lists.the_list.any(x, x == tee.kind)")), "E_CHECK",
	    "no method is called any(); did you mean exists()?");
	refused(DOC(RULE("lists.the_list.exist(x, x == tee.kind)")), "E_CHECK",
	    "did you mean exists()?");
	refused(DOC(RULE("tee.kind.length() > 2")), "E_CHECK",
	    "did you mean size()?");
	refused(DOC(RULE("glob(tee.kind, \"a\")")), "E_CHECK",
	    "glob() is a method");
	refused(DOC(RULE("tee.kind.vercmp(\"a\") > 0")), "E_CHECK",
	    "vercmp() is a function");
}

int
main(void)
{
	vs_arena_init(&arena, 1 << 20);
	vs_arena_init(&claims_arena, 1 << 20);
	lists = snapshot();
	RUN(test_siphash);
	RUN(test_many);
	RUN(test_refused);
	RUN(test_usable);
	RUN(test_lookup);
	RUN(test_registry);
	RUN(test_unavailable);
	RUN(test_long);
	RUN(test_load_errors);
	vs_lists_free(&lists);
	vs_arena_fini(&arena);
	vs_arena_fini(&claims_arena);
	return check_result();
}
