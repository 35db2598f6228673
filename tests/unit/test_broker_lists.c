/* SPDX-License-Identifier: Apache-2.0 */
/* Lists as administrators change them and as policies see them. */
#include "broker/lists.h"
#include "broker/lists_build.h"
#include "broker/lists_watch.h"
#include "fake_world.h"

#define HEX32 "00112233445566778899aabbccddeeff"
#define DIGEST HEX32 HEX32 HEX32

static struct vs_list_rule rules[4];

/* Who they are: see people_init. */
static struct vs_identity ci, sec, sec2, apr;

static struct vs_identity
somebody(const char *name, const char *person, unsigned roles)
{
	return (struct vs_identity){.kind = VS_IDENTITY_TOKEN,
	    .name = vs_span_cstr(name),
	    .person = vs_span_cstr(person),
	    .audit = vs_span_cstr(name),
	    .roles = roles};
}

static void
people_init(void)
{
	ci = somebody("oidc:ci", "oidc:ci", VS_ROLE_CI);
	sec = somebody("token:1", "sue", VS_ROLE_SECURITY);
	/* Another identity of the same person. */
	sec2 = somebody("cert:sue", "sue", VS_ROLE_SECURITY | VS_ROLE_APPROVER);
	apr = somebody("token:2", "ann", VS_ROLE_APPROVER);
}

static void
lists_init(struct bench *t)
{
	const struct vs_entry_kind *m =
	    vs_entry_kind_named(VS_SPAN_LIT("snp-measurement"));

	rules[0] = (struct vs_list_rule){.name = "open-list",
	    .kind = m,
	    .registry = true,
	    .pending_s = 60,
	    .max_life_s = 7200};
	rules[1] = (struct vs_list_rule){.name = "agreed",
	    .kind = m,
	    .registry = true,
	    .pending_s = 60,
	    .keep_revoked = true,
	    .add = {.any = 1}};
	rules[2] = (struct vs_list_rule){.name = "bad",
	    .kind = vs_entry_kind_named(VS_SPAN_LIT("text")),
	    .deny = true,
	    .pending_s = 60,
	    .add = {.any = 1},
	    .revoke = {.any = 2}};
	people_init();
	bench_init(t);
	t->b->opt.lists = (struct vs_list_rules){rules, 3};
}

static struct vs_identity
with_scope(const struct vs_identity *who)
{
	static struct vs_span all[1];
	struct vs_identity w = *who;

	all[0] = VS_SPAN_LIT("*");

	if ((w.roles & VS_ROLE_CI) != 0)
		w.lists = (struct vs_scope){all, 1};
	return w;
}

static vs_status
push(struct bench *t, const struct vs_identity *who, const char *list,
    const char *value, struct vs_list_pushed *out)
{
	struct vs_identity w = with_scope(who);
	struct vs_list_push p = {.list = vs_span_cstr(list),
	    .value = vs_span_cstr(value),
	    .labels = VS_SPAN_LIT("{}")};

	vs_err_clear(&t->err);
	return vs_broker_list_add(t->b, &w, &p, &t->reads, out, &t->err);
}

static vs_status
take_back(struct bench *t, const struct vs_identity *who, const char *list,
    const char *value, bool emergency, struct vs_list_pushed *out)
{
	struct vs_list_revocation r = {.list = vs_span_cstr(list),
	    .value = vs_span_cstr(value),
	    .reason = VS_SPAN_LIT("because"),
	    .emergency = emergency};

	vs_err_clear(&t->err);
	return vs_broker_list_revoke(t->b, who, &r, &t->reads, out, &t->err);
}

static vs_status
vote(struct bench *t, const struct vs_identity *who, const uint8_t id[16],
    struct vs_vote_outcome *out)
{
	struct vs_list_vote v = {.reject = false};

	memcpy(v.ask, id, 16);
	vs_err_clear(&t->err);
	return vs_broker_vote(t->b, who, &v, &t->reads, out, &t->err);
}

/* As policies see it now: 0 not there, 1 there, 2 there and revoked. */
static int
seen(struct bench *t, bool registry, const char *list, const char *value)
{
	struct vs_lists *l;
	const struct vs_list *one;
	const struct vs_val *v = NULL;
	int found = 0;

	CHECK_OK(vs_lists_refresh(t->b, &t->err), t->err);
	l = vs_broker_lists(t->b);
	one = vs_lists_find(l, registry, vs_span_cstr(list));
	if (one != NULL && vs_list_usable(one, 1000, t->now_ms))
		v = vs_list_get(one, vs_span_cstr(value), t->now_ms / 1000);
	if (v != NULL)
		found = registry && v->u.v[VS_REG_REVOKED].u.b ? 2 : 1;
	vs_lists_free(&l);
	return found;
}

/* Records of an outcome. */
static size_t
trail(struct bench *t, const char *outcome)
{
	struct vs_audit_filter f = {
	    .outcome = vs_span_cstr(outcome), .limit = 100};
	struct vs_audit_row *rows = NULL;
	size_t n = 0;

	CHECK_OK(
	    vs_store_audit_list(t->store, &f, &t->reads, &rows, &n, &t->err),
	    t->err);
	return n;
}

static void
test_kinds(void)
{
	static const struct {
		const char *kind, *text, *want; /* NULL: refused */
	} cases[] = {
	    {"snp-measurement", DIGEST, DIGEST},
	    {"snp-measurement", HEX32 HEX32 "00112233445566778899AABBCCDDEEFF",
		DIGEST},
	    {"snp-measurement", HEX32 HEX32, NULL},
	    {"snp-measurement", DIGEST "0", NULL},
	    {"snp-measurement", HEX32 HEX32 "0x112233445566778899aabbccddeeff",
		NULL},
	    {"snp-measurement", "", NULL},
	    {"image-digest", "sha256:" HEX32 HEX32, "sha256:" HEX32 HEX32},
	    {"image-digest", HEX32 HEX32, NULL},
	    {"image-digest", "sha512:" HEX32 HEX32, NULL},
	    {"gpu-id", "GPU-1234", "GPU-1234"},
	    {"gpu-id", "GPU 1234", NULL},
	    {"advisory", "INTEL-SA-00615", "INTEL-SA-00615"},
	    {"advisory", "intel-sa-00615", NULL},
	    {"version-range", "570.0..570.86.15", "570.0..570.86.15"},
	    {"version-range", "570.0", NULL},
	    {"version-range", "1.9..1.10", "1.9..1.10"},
	    {"version-range", "9..10.0", "9..10.0"},
	    {"version-range", "2..1.9", NULL},
	    {"version-range", "1.10..1.9", NULL},
	    {"version-range", "1.0..1", NULL},
	    {"version-range", "..1", NULL},
	    {"version-range", "1..", NULL},
	    {"version-range", "1...2", NULL},
	    {"version-range", "1.x..2", NULL},
	    {"text", "eu-west", "eu-west"},
	    {"text", "a\nb", NULL},
	    {"text", "\xff", NULL},
	    {"text", "", NULL},
	};
	struct vs_arena a;

	vs_arena_init(&a, 1 << 16);
	CHECK(vs_entry_kind_named(VS_SPAN_LIT("nothing")) == NULL);
	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		struct vs_err err = {0};
		struct vs_span out = {NULL, 0};
		vs_status st = vs_entry_value(
		    vs_entry_kind_named(vs_span_cstr(cases[i].kind)),
		    vs_span_cstr(cases[i].text), &a, &out, &err);

		if (cases[i].want == NULL) {
			if (!CHECK_INT(st, VS_MALFORMED))
				fprintf(stderr, "case %zu\n", i);
			CHECK_STR(err.code, "entry.value");
		} else if (!CHECK_OK(st, err) ||
		    !CHECK(vs_span_is(out, cases[i].want))) {
			fprintf(stderr, "case %zu\n", i);
		}
	}
	vs_arena_fini(&a);
}

static void
test_add_and_revoke(void)
{
	struct bench t;
	struct vs_list_pushed out;

	lists_init(&t);
	CHECK_INT(seen(&t, true, "open_list", DIGEST), 0);
	CHECK_OK(push(&t, &ci, "open-list", DIGEST, &out), t.err);
	CHECK_INT(seen(&t, true, "open_list", DIGEST), 1);
	CHECK_INT(push(&t, &apr, "open-list", DIGEST, &out), VS_DENIED);
	CHECK_STR(t.err.code, "identity.role");
	CHECK_INT(trail(&t, "denied"), 1);
	CHECK_INT(push(&t, &ci, "opne-list", DIGEST, &out), VS_NOT_FOUND);
	CHECK(strstr(t.err.msg, "open-list") != NULL);
	CHECK_INT(
	    take_back(&t, &ci, "open-list", DIGEST, false, &out), VS_DENIED);
	CHECK_OK(take_back(&t, &sec, "open-list", DIGEST, false, &out), t.err);
	CHECK_INT(seen(&t, true, "open_list", DIGEST), 0);
	CHECK_INT(push(&t, &ci, "open-list", DIGEST, &out), VS_CONFLICT);
	CHECK_STR(t.err.code, "entry.revoked");
	CHECK_OK(push(&t, &sec, "open-list", DIGEST, &out), t.err);
	CHECK_INT(seen(&t, true, "open_list", DIGEST), 1);
	/* Its life is at most two hours. */
	t.now_ms += 7200 * 1000;
	CHECK_INT(seen(&t, true, "open_list", DIGEST), 0);
	bench_fini(&t);
}

static void
test_two_persons(void)
{
	struct bench t;
	struct vs_list_pushed out, again;
	struct vs_vote_outcome v;

	lists_init(&t);
	CHECK_OK(push(&t, &sec, "agreed", DIGEST, &out), t.err);
	CHECK(out.entry.waits);
	CHECK_INT(seen(&t, true, "agreed", DIGEST), 0);
	CHECK_INT(vote(&t, &sec, out.entry.ask, &v), VS_DENIED);
	CHECK_INT(vote(&t, &sec2, out.entry.ask, &v), VS_DENIED);
	CHECK_STR(t.err.code, "approval.self");
	CHECK_INT(vote(&t, &ci, out.entry.ask, &v), VS_DENIED);
	CHECK_STR(t.err.code, "identity.role");
	CHECK_INT(seen(&t, true, "agreed", DIGEST), 0);
	CHECK_OK(vote(&t, &apr, out.entry.ask, &v), t.err);
	CHECK_INT(v.state, VS_ASK_APPROVED);
	CHECK_INT(seen(&t, true, "agreed", DIGEST), 1);
	/* Shutting out needs nobody; this list shows what was revoked. */
	CHECK_OK(take_back(&t, &sec, "agreed", DIGEST, false, &again), t.err);
	CHECK_INT(seen(&t, true, "agreed", DIGEST), 2);
	bench_fini(&t);
}

static void
test_deny_lists_turn_it_round(void)
{
	struct bench t;
	struct vs_identity job;
	struct vs_list_pushed out;
	struct vs_list_push p = {.list = VS_SPAN_LIT("bad"),
	    .value = VS_SPAN_LIT("chip 7"),
	    .labels = VS_SPAN_LIT("{}"),
	    .emergency = true};

	lists_init(&t);
	CHECK_OK(push(&t, &sec, "bad", "chip 6", &out), t.err);
	CHECK(out.entry.waits);
	CHECK_INT(vs_broker_list_add(t.b, &sec, &p, &t.reads, &out, &t.err),
	    VS_MALFORMED);
	CHECK_STR(t.err.code, "entry.reason");
	p.reason = VS_SPAN_LIT("on fire");
	/* Without approvals, and so not by a pipeline. */
	job = with_scope(&ci);
	CHECK_INT(vs_broker_list_add(t.b, &job, &p, &t.reads, &out, &t.err),
	    VS_DENIED);
	CHECK_STR(t.err.code, "identity.role");
	CHECK_OK(
	    vs_broker_list_add(t.b, &sec, &p, &t.reads, &out, &t.err), t.err);
	CHECK(!out.entry.waits);
	CHECK_INT(seen(&t, false, "bad", "chip 7"), 1);
	/* What waits under the value does not hold it up. */
	p.value = VS_SPAN_LIT("chip 6");
	CHECK_OK(
	    vs_broker_list_add(t.b, &sec, &p, &t.reads, &out, &t.err), t.err);
	CHECK_INT(seen(&t, false, "bad", "chip 6"), 1);
	/* An end that comes soon is a revocation, which needs two. */
	p.expires_given = true;
	p.expires_ms = t.now_ms + 1000;
	CHECK_INT(vs_broker_list_add(t.b, &sec, &p, &t.reads, &out, &t.err),
	    VS_CONFLICT);
	CHECK_STR(t.err.code, "entry.sooner");
	CHECK_INT(
	    take_back(&t, &sec, "bad", "chip 7", true, &out), VS_MALFORMED);
	CHECK_STR(t.err.code, "entry.emergency");
	CHECK_OK(take_back(&t, &sec, "bad", "chip 7", false, &out), t.err);
	CHECK(out.entry.waits);
	CHECK_INT(seen(&t, false, "bad", "chip 7"), 1);
	p.list = VS_SPAN_LIT("agreed");
	p.value = VS_SPAN_LIT(DIGEST);
	CHECK_INT(vs_broker_list_add(t.b, &sec, &p, &t.reads, &out, &t.err),
	    VS_MALFORMED);
	bench_fini(&t);
}

static void
test_emergency(void)
{
	struct bench t;
	struct vs_list_pushed out;

	lists_init(&t);
	rules[0].revoke.any = 1;
	CHECK_OK(push(&t, &ci, "open-list", DIGEST, &out), t.err);
	CHECK_OK(take_back(&t, &sec, "open-list", DIGEST, false, &out), t.err);
	CHECK(out.entry.waits);
	CHECK_INT(seen(&t, true, "open_list", DIGEST), 1);
	CHECK_INT(
	    take_back(&t, &ci, "open-list", DIGEST, true, &out), VS_DENIED);
	CHECK_OK(take_back(&t, &sec, "open-list", DIGEST, true, &out), t.err);
	CHECK_INT(seen(&t, true, "open_list", DIGEST), 0);
	bench_fini(&t);
}

/* A broker that cannot look at the store stops to trust what it knew. */
static void
test_lists_that_nobody_looks_at_age(void)
{
	struct bench t;
	struct vs_lists *l;
	const struct vs_list *one;
	struct vs_list_pushed out;

	lists_init(&t);
	CHECK_OK(push(&t, &ci, "open-list", DIGEST, &out), t.err);
	CHECK_INT(seen(&t, true, "open_list", DIGEST), 1);
	l = vs_broker_lists(t.b);
	one = vs_lists_find(l, true, VS_SPAN_LIT("open_list"));
	CHECK(vs_list_usable(one, 0, t.now_ms + VS_LISTS_TRUST_MS - 1));
	CHECK(!vs_list_usable(one, 0, t.now_ms + VS_LISTS_TRUST_MS));
	vs_lists_free(&l);
	bench_fini(&t);
}

static bool
comes_true(struct bench *t, const char *value, bool want)
{
	const struct timespec tick = {.tv_nsec = 10 * 1000 * 1000};

	for (int i = 0; i < 100; i++) {
		struct vs_lists *l = vs_broker_lists(t->b);
		const struct vs_list *one =
		    vs_lists_find(l, true, VS_SPAN_LIT("open_list"));
		bool is = vs_list_get(one, vs_span_cstr(value),
			      t->now_ms / 1000) != NULL;

		vs_lists_free(&l);
		if (is == want)
			return true;
		(void)nanosleep(&tick, NULL);
	}
	return false;
}

/* Another broker of the store changes it; this one follows within a second,
 * and a revocation asked of this one is in force when it returns. */
static void
test_the_watch_follows(void)
{
	struct bench t;
	struct vs_list_pushed out;
	struct vs_broker *other = NULL, *own;
	struct vs_lists *l;

	lists_init(&t);
	own = t.b;
	CHECK_OK(vs_lists_watch_start(own, &t.err), t.err);
	CHECK_OK(vs_broker_new(&own->opt, &other, &t.err), t.err);
	t.b = other;
	CHECK_OK(push(&t, &ci, "open-list", DIGEST, &out), t.err);
	t.b = own;
	CHECK(comes_true(&t, DIGEST, true));
	CHECK_OK(take_back(&t, &sec, "open-list", DIGEST, false, &out), t.err);
	CHECK(out.in_force);
	l = vs_broker_lists(t.b);
	CHECK(vs_list_get(vs_lists_find(l, true, VS_SPAN_LIT("open_list")),
		  VS_SPAN_LIT(DIGEST), t.now_ms / 1000) == NULL);
	vs_lists_free(&l);
	vs_broker_free(&other);
	bench_fini(&t);
}

/* Nothing that somebody adds to one list takes all of them from policies. */
static void
test_the_last_day(void)
{
	struct bench t;
	struct vs_list_pushed out;
	struct vs_list_push p = {.list = VS_SPAN_LIT("agreed"),
	    .value = VS_SPAN_LIT(DIGEST),
	    .labels = VS_SPAN_LIT("{}"),
	    .expires_given = true,
	    .expires_ms = INT64_C(253402300800000)};

	lists_init(&t);
	rules[1].add.any = 0;
	CHECK_INT(vs_broker_list_add(t.b, &sec, &p, &t.reads, &out, &t.err),
	    VS_MALFORMED);
	CHECK_STR(t.err.code, "entry.expiry");
	p.expires_ms--;
	CHECK_OK(
	    vs_broker_list_add(t.b, &sec, &p, &t.reads, &out, &t.err), t.err);
	CHECK_INT(seen(&t, true, "agreed", DIGEST), 1);
	bench_fini(&t);
}

static void
test_a_full_list(void)
{
	struct vs_lists_builder *b = vs_lists_builder_new();
	struct vs_list_head head = {.name = VS_SPAN_LIT("bad")};
	struct vs_lists *l = NULL;
	struct vs_list_pushed out;
	struct bench t;
	char text[24] = "";

	lists_init(&t);
	CHECK_OK(vs_lists_add_list(b, &head, &t.err), t.err);
	for (int i = 0; i < VS_LIST_ITEMS_MAX - 16384; i++) {
		(void)snprintf(text, sizeof text, "chip %d", i);
		if (vs_lists_add_value(b, vs_span_cstr(text), 0, &t.err) !=
		    VS_OK)
			break;
	}
	CHECK_OK(vs_lists_build(&b, "full", &l, &t.err), t.err);
	vs_broker_set_lists(t.b, l);
	CHECK_INT(push(&t, &sec, "bad", "one more", &out), VS_CONFLICT);
	CHECK_STR(t.err.code, "list.full");
	CHECK_OK(push(&t, &sec, "bad", text, &out), t.err);
	CHECK_OK(push(&t, &sec, "open-list", DIGEST, &out), t.err);
	bench_fini(&t);
}

static void
test_dry_runs_change_nothing(void)
{
	struct bench t;
	struct vs_list_pushed out;
	struct vs_list_push p = {.list = VS_SPAN_LIT("open-list"),
	    .value = VS_SPAN_LIT(DIGEST),
	    .labels = VS_SPAN_LIT("{}"),
	    .dry_run = true};
	struct vs_entry_row row;

	lists_init(&t);
	CHECK_OK(
	    vs_broker_list_add(t.b, &sec, &p, &t.reads, &out, &t.err), t.err);
	CHECK_INT(out.entry.state, VS_ENTRY_ACTIVE);
	CHECK_INT(vs_broker_entry(t.b, p.list, p.value, &t.reads, &row, &t.err),
	    VS_NOT_FOUND);
	bench_fini(&t);
}

int
main(void)
{
	RUN(test_kinds);
	RUN(test_add_and_revoke);
	RUN(test_two_persons);
	RUN(test_deny_lists_turn_it_round);
	RUN(test_emergency);
	RUN(test_lists_that_nobody_looks_at_age);
	RUN(test_the_watch_follows);
	RUN(test_the_last_day);
	RUN(test_a_full_list);
	RUN(test_dry_runs_change_nothing);
	return check_result();
}
