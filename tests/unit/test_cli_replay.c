/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decisions taken again: raising one component of the TCB by one finds the
 * records that have just that value, and no other, of 100,000.
 */
#include "store_fixture.h"

#include "base/encoding.h"
#include "base/file.h"
#include "cli/replay.h"
#include "crypto/digest.h"
#include "store/policies.h"

/* A tenth of them where every instruction is watched. */
#ifdef __OPTIMIZE__
enum { RECORDS = 100000 };
#else
enum { RECORDS = 10000 };
#endif
enum { FEW = 2000, LOWEST = 8, SPREAD = 13 };

static const char text[] = "apiVersion: policy/v1\n"
			   "name: base\n"
			   "version: %d\n"
			   "keys: [\"models/**\"]\n"
			   "tee: [snp]\n"
			   "rules:\n"
			   "  - id: no-debug\n"
			   "    assert: |\n"
			   "      !tee.debug\n"
			   "  - id: image\n"
			   "    assert: |\n"
			   "      snp.measurement == \"%s\"\n"
			   "  - id: tcb\n"
			   "    assert: |\n"
			   "      snp.tcb.reported.snp >= %d\n";

static char measurement[97];
static struct fixture f;
static struct vs_arena a;

static void
make_text(char out[1024], int version, int least)
{
	(void)snprintf(out, 1024, text, version, measurement, least);
}

static void
load(int version, int least, char hex[65])
{
	char doc[1024];
	struct vs_policy_row row = {.name = VS_SPAN_LIT("base"),
	    .version = version,
	    .file = VS_SPAN_LIT("base.yaml"),
	    .signatures = VS_SPAN_LIT("")};
	struct vs_policy_load_row l = {.rows = &row, .n = 1, .at_ms = version};

	make_text(doc, version, least);
	row.text = vs_span_cstr(doc);
	CHECK_INT(vs_sha256(row.text, row.hash), VS_OK);
	CHECK_INT(vs_sha256(VS_SPAN_OF(row.hash), l.digest), VS_OK);
	CHECK_OK(vs_store_policies_loaded(f.s, &l, NULL, &f.err), f.err);
	vs_hex(VS_SPAN_OF(l.digest), hex);
}

static int
tcb_of(int i)
{
	return LOWEST + i * 7 % SPREAD;
}

/* As large as the records of a daemon. */
static void
set_claims(struct vs_claims *c, int i)
{
	vs_arena_reset(&a);
	vs_claims_init(c, &a);
	for (int id = 0; id < VS_CLAIM_COUNT; id++) {
		const struct vs_claim_def *def = vs_claim_def((vs_claim_id)id);

		if (strncmp(def->path, "snp.", 4) != 0)
			continue;
		if (def->type == VS_CLAIM_BOOL)
			vs_claims_bool(c, (vs_claim_id)id, false);
		else if (def->type == VS_CLAIM_INT)
			vs_claims_int(c, (vs_claim_id)id, 3);
		else if (def->type == VS_CLAIM_STRING)
			CHECK_INT(vs_claims_str(c, (vs_claim_id)id,
				      VS_SPAN(measurement,
					  def->max < 96 ? def->max : 96)),
			    VS_OK);
	}
	CHECK_INT(
	    vs_claims_str(c, VS_CLAIM_TEE_KIND, VS_SPAN_LIT("snp")), VS_OK);
	vs_claims_bool(c, VS_CLAIM_TEE_DEBUG, false);
	vs_claims_bool(c, VS_CLAIM_TEE_SIMULATED, false);
	vs_claims_bool(c, VS_CLAIM_TEE_BOUND, true);
	vs_claims_int(c, VS_CLAIM_SNP_TCB_REPORTED_SNP, tcb_of(i));
}

static void
write_record(int i, const char *set, bool allow)
{
	struct vs_claims c;
	struct vs_buf detail = {0};
	struct vs_audit_row row = {.at_ms = 1700000000000 + i,
	    .action = VS_SPAN_LIT("release"),
	    .outcome = vs_span_cstr(allow ? "allowed" : "denied"),
	    .class_name = vs_span_cstr(allow ? "ok" : "denied"),
	    .keys = VS_SPAN_LIT("models/a@1")};

	for (size_t k = 0; k < 4; k++)
		row.id[k] = (uint8_t)(i >> (8 * k));
	set_claims(&c, i);
	vs_buf_printf(&detail,
	    "{\"evidence\":{\"kind\":\"snp\"},\"policies\":\"%s\","
	    "\"collateral\":\"%s\",\"claims\":",
	    set, set);
	vs_claims_json(&c, &detail);
	vs_buf_printf(&detail,
	    ",\"decisions\":[{\"keys\":[{\"name\":\"models/a\",\"version\":1}]"
	    ",\"allow\":%s,\"state\":\"active\",\"reason\":\"%s\","
	    "\"rules\":[]}]}",
	    allow ? "true" : "false", allow ? "allowed" : "rules");
	row.detail = vs_buf_span(&detail);
	CHECK_OK(vs_store_commit(f.s, &row, NULL, 0, &f.err), f.err);
	vs_buf_fini(&detail);
}

struct seen {
	uint8_t changed[RECORDS]; /* 1: loses, 2: gains */
	size_t wrong_rule;
	size_t last_done, last_total;
};

static void
on_change(void *ctx, const struct vs_change *c)
{
	struct seen *s = ctx;
	int64_t i = c->at_ms - 1700000000000;

	if (i >= 0 && i < RECORDS)
		s->changed[i] = c->gains ? 2 : 1;
	s->wrong_rule +=
	    c->rules_n != 1 || strcmp(c->rules[0], "base/tcb") != 0;
}

static void
on_progress(void *ctx, size_t done, size_t total)
{
	struct seen *s = ctx;

	CHECK(done >= s->last_done);
	s->last_done = done;
	s->last_total = total;
}

static struct seen seen;

static void
replay(struct vs_history *h, int n, struct vs_policy_files *before,
    struct vs_policy_files *after, struct vs_replay_totals *t)
{
	struct vs_err err = {0};
	struct vs_replay r = {.h = h,
	    .until_ms = n > 0 ? 1700000000000 + n - 1 : INT64_MAX,
	    .before = before,
	    .after = after,
	    .change = on_change,
	    .progress = on_progress,
	    .ctx = &seen};

	memset(&seen, 0, sizeof(seen));
	if (after == NULL)
		CHECK_OK(vs_history_current(h, &r.current, &err), err);
	CHECK_OK(vs_replay_run(&r, t, &err), err);
	CHECK_INT(seen.last_done, seen.last_total);
}

/* Exactly those for which (tcb >= from) and (tcb >= to) differ. */
static void
check_seen(int n, int from, int to)
{
	size_t bad = 0;

	for (int i = 0; i < n; i++) {
		bool was = tcb_of(i) >= from, is = tcb_of(i) >= to;
		uint8_t want = was == is ? 0 : was ? 1 : 2;

		bad += seen.changed[i] != want;
	}
	CHECK_INT(bad, 0);
	CHECK_INT(seen.wrong_rule, 0);
}

static void
files_of(struct vs_policy_files *out, int version, int least)
{
	char doc[1024];
	struct vs_err err = {0};

	make_text(doc, version, least);
	CHECK_OK(vs_policy_load(
		     "new.yaml", vs_span_cstr(doc), NULL, &out->v[0], &err),
	    err);
	out->n = 1;
}

static void
test_raising_one_component_lists_the_affected(void)
{
	struct vs_admin_opts admin = {.socket = NULL};
	struct vs_policy_files ten = {.n = 0}, eleven = {.n = 0},
			       nine = {.n = 0};
	struct vs_history *h = NULL;
	struct vs_replay_totals t = {0};
	struct vs_err err = {0};
	char set[65];
	int64_t begin;

	load(1, 10, set);
	for (int i = 0; i < RECORDS; i++)
		write_record(i, set, tcb_of(i) >= 10);
	CHECK_OK(vs_history_open(&admin, f.path, &h, &err), err);
	files_of(&nine, 2, 9);
	files_of(&ten, 2, 10);
	files_of(&eleven, 2, 11);
	begin = vs_mono_ns();
	replay(h, RECORDS, NULL, &eleven, &t);
	printf("%d decisions replayed in %.2f s\n", RECORDS,
	    (double)(vs_mono_ns() - begin) / 1e9);
	check_seen(RECORDS, 10, 11);
	CHECK_INT(t.records, RECORDS);
	CHECK_INT(t.decisions, RECORDS);
	CHECK_INT(t.differs + t.lost_records + t.unjudged + t.gain, 0);
	CHECK(t.lose > RECORDS / SPREAD - 2);
	/* The other way round, and nothing for the same rules. */
	replay(h, FEW, NULL, &nine, &t);
	check_seen(FEW, 10, 9);
	replay(h, FEW, NULL, &ten, &t);
	check_seen(FEW, 10, 10);
	replay(h, FEW, &nine, &eleven, &t);
	check_seen(FEW, 9, 11);
	vs_history_close(&h);
	vs_policy_files_fini(&nine);
	vs_policy_files_fini(&ten);
	vs_policy_files_fini(&eleven);
}

static void
put_file(const char *name, const char *content, char path[128])
{
	(void)snprintf(path, 128, "%s/%s", f.dir, name);
	CHECK_OK(
	    vs_file_write(path, vs_span_cstr(content), 0600, &f.err), f.err);
}

/* A list of today, as if it had been there then. */
static void
test_replay_with_lists_of_a_file(void)
{
	struct vs_admin_opts admin = {.socket = NULL};
	struct vs_policy_files listed = {.n = 0};
	struct vs_history *h = NULL;
	struct vs_replay_totals t = {0};
	struct vs_err err = {0};
	char doc[1024], lists[256], policy[128], with[128], without[128];
	struct vs_replay r = {.until_ms = 1700000000000 + FEW - 1,
	    .after = &listed,
	    .change = on_change,
	    .progress = on_progress,
	    .ctx = &seen};

	(void)snprintf(doc, sizeof doc,
	    "apiVersion: policy/v1\nname: base\nversion: 9\n"
	    "keys: [\"models/**\"]\ntee: [snp]\n"
	    "lists:\n  images: {source: signed-file, max_age: 1h}\n"
	    "rules:\n  - id: no-debug\n    assert: |\n      !tee.debug\n"
	    "  - id: image\n    assert: |\n"
	    "      snp.measurement in lists.images\n"
	    "  - id: tcb\n    assert: |\n"
	    "      snp.tcb.reported.snp >= 10\n");
	(void)snprintf(lists, sizeof lists,
	    "{\"lists\":{\"images\":{\"values\":[\"%s\"]}}}", measurement);
	put_file("listed.yaml", doc, policy);
	put_file("with.json", lists, with);
	put_file("without.json", "{\"lists\":{\"images\":{\"values\":[]}}}",
	    without);
	CHECK_OK(vs_policy_files_add(&listed, policy, &err), err);
	CHECK_OK(vs_history_open(&admin, f.path, &h, &err), err);
	r.h = h;
	r.lists = with;
	memset(&seen, 0, sizeof seen);
	CHECK_OK(vs_replay_run(&r, &t, &err), err);
	CHECK_INT(t.gain + t.lose + t.differs, 0);
	CHECK_INT(t.decisions, FEW);
	r.lists = without;
	memset(&seen, 0, sizeof seen);
	CHECK_OK(vs_replay_run(&r, &t, &err), err);
	CHECK(t.lose > FEW / 2);
	r.lists = NULL; /* without the list nobody gets in */
	memset(&seen, 0, sizeof seen);
	CHECK_OK(vs_replay_run(&r, &t, &err), err);
	CHECK(t.lose > FEW / 2);
	vs_history_close(&h);
	vs_policy_files_fini(&listed);
	(void)unlink(policy);
	(void)unlink(with);
	(void)unlink(without);
}

/* What cannot be taken again is told, never guessed. */
static void
test_replay_counts_what_it_cannot_do(void)
{
	struct vs_admin_opts admin = {.socket = NULL};
	struct vs_history *h = NULL;
	struct vs_replay_totals t = {0};
	struct vs_policy_files ten = {.n = 0};
	struct vs_audit_row row = {.id = {0, 0, 0, 0, 1},
	    .at_ms = 1800000000000,
	    .action = VS_SPAN_LIT("release"),
	    .detail = VS_SPAN_LIT("{}")};
	struct vs_err err = {0};
	char set[65];

	CHECK_OK(vs_store_commit(f.s, &row, NULL, 0, &f.err), f.err);
	row.id[4] = 2;
	row.detail = VS_SPAN_LIT("{\"claims\":{\"no\":1}}");
	CHECK_OK(vs_store_commit(f.s, &row, NULL, 0, &f.err), f.err);
	memset(set, 'a', 64);
	set[64] = '\0';
	write_record(RECORDS + 1, set, true);
	load(2, 10, set);
	write_record(RECORDS + 2, set, tcb_of(RECORDS + 2) < 10);
	CHECK_OK(vs_history_open(&admin, f.path, &h, &err), err);
	files_of(&ten, 3, 10);
	replay(h, 0, NULL, NULL, &t);
	CHECK_INT(t.unjudged, 1);
	CHECK_INT(t.lost_records, 2);
	CHECK_INT(t.differs, 1);
	CHECK(strstr(t.why, "no claim no") != NULL ||
	    strstr(t.why, "set") != NULL);
	vs_history_close(&h);
	vs_policy_files_fini(&ten);
}

int
main(void)
{
	struct stat st;

	memset(measurement, 'b', 96);
	vs_arena_init(&a, 1 << 20);
	/* 100,000 commits one by one: where syncing costs nothing. */
	fixture_init_at(&f, stat("/dev/shm", &st) == 0 ? "/dev/shm" : "/tmp");
	CHECK_OK(fixture_open(&f), f.err);
	RUN(test_raising_one_component_lists_the_affected);
	RUN(test_replay_with_lists_of_a_file);
	RUN(test_replay_counts_what_it_cannot_do);
	fixture_fini(&f);
	vs_arena_fini(&a);
	return check_result();
}
