/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of policies that were loaded, sets, pins; reading from outside. */
#include "store/policies.h"
#include "store_fixture.h"

static struct vs_policy_row
version(const char *name, int64_t v, const char *text)
{
	struct vs_policy_row r = {.name = vs_span_cstr(name),
	    .version = v,
	    .file = VS_SPAN_LIT("p.yaml"),
	    .text = vs_span_cstr(text),
	    .signatures = VS_SPAN_LIT("")};

	toy_hash(r.text, (struct vs_span){0}, r.hash);
	return r;
}

static vs_status
load(struct fixture *f, const struct vs_policy_row *rows, size_t n, uint8_t id)
{
	struct vs_policy_load_row l = {
	    .rows = rows, .n = n, .at_ms = 1000 + id};
	struct vs_audit_row audit = {.id = {9, id},
	    .at_ms = 1000 + id,
	    .action = VS_SPAN_LIT("policy.load"),
	    .outcome = VS_SPAN_LIT("done"),
	    .class_name = VS_SPAN_LIT("ok")};

	l.digest[0] = id;
	vs_err_clear(&f->err);
	return vs_store_policies_loaded(f->s, &l, &audit, &f->err);
}

static void
test_policies_load_keeps_every_version(void)
{
	struct fixture f;
	struct vs_policy_row a1 = version("a", 1, "one"), r, *all;
	struct vs_policy_row two[] = {
	    version("a", 2, "two"), version("b", 7, "bee")};
	struct vs_span hashes;
	size_t n = 0;
	uint8_t digest[32] = {2};

	fixture_init(&f);
	CHECK_OK(load(&f, &a1, 1, 1), f.err);
	CHECK_OK(load(&f, two, 2, 2), f.err);
	CHECK_OK(load(&f, two, 2, 3), f.err); /* again: nothing new */
	CHECK_OK(fixture_reopen(&f), f.err);
	CHECK_OK(
	    vs_store_policy_newest(f.s, VS_SPAN_LIT("a"), &f.a, &r, &f.err),
	    f.err);
	CHECK_INT(r.version, 2);
	CHECK_INT(r.loaded_ms, 1002);
	CHECK_OK(
	    vs_store_policy_version(f.s, VS_SPAN_LIT("a"), 1, &f.a, &r, &f.err),
	    f.err);
	CHECK(vs_span_is(r.text, "one") && vs_span_is(r.file, "p.yaml"));
	CHECK_OK(
	    vs_store_policy_hash(f.s, two[1].hash, &f.a, &r, &f.err), f.err);
	CHECK(vs_span_is(r.name, "b") && r.version == 7);
	CHECK_OK(
	    vs_store_policy_set(f.s, digest, &f.a, &hashes, &f.err), f.err);
	CHECK_INT(hashes.n, 64);
	CHECK(memcmp(hashes.p + 32, two[1].hash, 32) == 0);
	CHECK_OK(
	    vs_store_policy_list(f.s, VS_SPAN_LIT(""), &f.a, &all, &n, &f.err),
	    f.err);
	CHECK_INT(n, 3);
	CHECK_INT(all[0].version, 2);
	digest[0] = 99;
	CHECK_INT(vs_store_policy_set(f.s, digest, &f.a, &hashes, &f.err),
	    VS_NOT_FOUND);
	CHECK_INT(
	    vs_store_policy_newest(f.s, VS_SPAN_LIT("c"), &f.a, &r, &f.err),
	    VS_NOT_FOUND);
	fixture_fini(&f);
}

/* Nothing of a refused load stays, neither rows nor set nor record. */
static void
test_policies_version_must_grow(void)
{
	struct fixture f;
	struct vs_policy_row rows[] = {
	    version("b", 1, "bee"), version("a", 2, "two")};
	struct vs_policy_row other = version("a", 2, "another two"), r;
	struct vs_policy_row older = version("a", 1, "one");
	struct vs_audit_row *audit;
	struct vs_audit_filter filter = {.limit = 10};
	struct vs_span hashes;
	uint8_t digest[32] = {3};
	size_t n = 0;

	fixture_init(&f);
	CHECK_OK(load(&f, &rows[1], 1, 1), f.err);
	CHECK_INT(load(&f, &other, 1, 2), VS_CONFLICT);
	CHECK_STR(f.err.code, "policy.version");
	CHECK_INT(load(&f, &older, 1, 2), VS_CONFLICT);
	rows[1] = other;
	CHECK_INT(load(&f, rows, 2, 3), VS_CONFLICT);
	CHECK_INT(
	    vs_store_policy_newest(f.s, VS_SPAN_LIT("b"), &f.a, &r, &f.err),
	    VS_NOT_FOUND);
	CHECK_INT(vs_store_policy_set(f.s, digest, &f.a, &hashes, &f.err),
	    VS_NOT_FOUND);
	CHECK_OK(
	    vs_store_audit_list(f.s, &filter, &f.a, &audit, &n, &f.err), f.err);
	CHECK_INT(n, 1);
	fixture_fini(&f);
}

static void
test_policies_pin_wants_a_loaded_version(void)
{
	struct fixture f;
	struct vs_policy_row rows[] = {
	    version("a", 1, "one"), version("b", 1, "bee")};
	struct vs_policy_row *pins;
	size_t n = 9;

	fixture_init(&f);
	CHECK_OK(load(&f, rows, 2, 1), f.err);
	CHECK_INT(vs_store_policy_pin(f.s, VS_SPAN_LIT("a"), 2, NULL, &f.err),
	    VS_NOT_FOUND);
	CHECK_INT(vs_store_policy_pin(f.s, VS_SPAN_LIT("x"), 1, NULL, &f.err),
	    VS_NOT_FOUND);
	CHECK_OK(
	    vs_store_policy_pin(f.s, VS_SPAN_LIT("a"), 1, NULL, &f.err), f.err);
	CHECK_OK(
	    vs_store_policy_pin(f.s, VS_SPAN_LIT("a"), 1, NULL, &f.err), f.err);
	CHECK_OK(vs_store_policy_pins(f.s, &f.a, &pins, &n, &f.err), f.err);
	CHECK_INT(n, 1);
	CHECK(vs_span_is(pins[0].name, "a") && pins[0].version == 1);
	CHECK_OK(
	    vs_store_policy_pin(f.s, VS_SPAN_LIT("a"), 0, NULL, &f.err), f.err);
	CHECK_OK(vs_store_policy_pins(f.s, &f.a, &pins, &n, &f.err), f.err);
	CHECK_INT(n, 0);
	fixture_fini(&f);
}

static void
test_audit_scan_pages_in_order(void)
{
	struct fixture f;
	struct vs_policy_row a = version("a", 1, "one");
	struct vs_store_options opt = {.read_only = true, .readers = 1};
	struct vs_store *outside = NULL;
	struct vs_audit_span span = {
	    .since_ms = 1002, .until_ms = 1008, .limit = 3};
	struct vs_audit_row *rows;
	size_t n = 0;

	fixture_init(&f);
	for (uint8_t i = 1; i < 10; i++)
		CHECK_OK(load(&f, &a, 1, i), f.err);
	opt.path = f.path;
	CHECK_OK(vs_store_open(&opt, &outside, &f.err), f.err);
	CHECK_OK(vs_store_audit_count(outside, &span, &n, &f.err), f.err);
	CHECK_INT(n, 7);
	for (int page = 0; page < 3; page++) {
		CHECK_OK(vs_store_audit_scan(
			     outside, &span, &f.a, &rows, &n, &f.err),
		    f.err);
		CHECK_INT(n, page < 2 ? 3 : 1);
		CHECK_INT(rows[0].at_ms, 1002 + 3 * page);
		span.after = rows[n - 1].seq;
	}
	span.action = VS_SPAN_LIT("release");
	span.after = 0;
	CHECK_OK(vs_store_audit_count(outside, &span, &n, &f.err), f.err);
	CHECK_INT(n, 0);
	vs_store_close(&outside);
	fixture_fini(&f);
}

static void
test_read_only_open_changes_nothing(void)
{
	struct fixture f;
	struct vs_store_options opt = {.read_only = true, .readers = 1};
	struct vs_store *s = NULL;
	struct stat st;

	fixture_init_at(&f, "/tmp");
	opt.path = f.path;
	CHECK_INT(vs_store_open(&opt, &s, &f.err), VS_UNAVAILABLE);
	CHECK(stat(f.path, &st) != 0);
	fixture_fini(&f);
}

int
main(void)
{
	RUN(test_policies_load_keeps_every_version);
	RUN(test_policies_version_must_grow);
	RUN(test_policies_pin_wants_a_loaded_version);
	RUN(test_audit_scan_pages_in_order);
	RUN(test_read_only_open_changes_nothing);
	return check_result();
}
