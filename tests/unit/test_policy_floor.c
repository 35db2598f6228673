/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor. Mutants of good policies: what demands less does not load, or
 * denies every guest that lacks what is demanded; what demands as much loads
 * and lets the good guest in.
 */
#include "floor_guests.h"

/* ---- policies ------------------------------------------------------------ */

static void
put_rule(
    struct vs_buf *b, size_t i, const struct rule *r, const struct mutation *m)
{
	const char *when = m != NULL && m->when != NULL ? m->when : r->when;
	const char *at = m != NULL ? m->expr : "%s", *hole;

	vs_buf_printf(b, "  - id: r%zu\n", i);
	if (when != NULL)
		vs_buf_printf(b, "    when: |\n      %s\n", when);
	if (m != NULL && m->warn)
		vs_buf_puts(b, "    severity: warn\n");
	vs_buf_puts(b, "    assert: |\n      ");
	for (; (hole = strstr(at, "%s")) != NULL; at = hole + 2) {
		vs_buf_add(b, VS_SPAN(at, (size_t)(hole - at)));
		vs_buf_puts(b, r->expr);
	}
	vs_buf_puts(b, at);
	vs_buf_puts(b, "\n");
}

/* g with m done to rule i; m NULL and i < n: without that rule. */
static struct vs_buf
write_policy(
    const struct good *g, const char *more, size_t i, const struct mutation *m)
{
	struct vs_buf b = {0};

	vs_buf_printf(&b,
	    "apiVersion: policy/v1\nname: %s\nversion: 1\n"
	    "keys: [\"**\"]\n%s%srules:\n",
	    g->name, g->head, more);
	for (size_t k = 0; k < g->n; k++) {
		if (k != i || m != NULL)
			put_rule(&b, k, &g->rule[k], k == i ? m : NULL);
	}
	return b;
}

static struct vs_policy *
load(const struct vs_buf *text)
{
	struct vs_policy *p = NULL;

	if (vs_policy_load_at("p", vs_buf_span(text), NOW, NULL, &p, &err) !=
	    VS_OK)
		return NULL;
	return p;
}

static bool
is_azure(const struct good *g)
{
	return strstr(g->head, "azure]") != NULL;
}

/* No guest that lacks what is demanded gets in, however it varies. */
static void
attack(const struct good *g, struct vs_policy_set *set, const char *what)
{
	bool gpus = strcmp(g->name, "gpus") == 0;
	bool let_in = false;

	for (unsigned i = 0; i < 160 && !let_in; i++) {
		const char *kind =
		    is_azure(g) && (i & 4) != 0 ? "az-snp" : "snp";

		good_guest(kind);
		if (i >= 16)
			shuffle();
		if (i % 4 == 0)
			attack_debug();
		else if (i % 4 == 1)
			attack_identity(kind);
		else if (i % 4 == 2)
			attack_tcb();
		else if (gpus)
			attack_gpus();
		else
			attack_identity(kind);
		let_in = judge(set, i % 8 != 7) != VS_VERDICT_DENY;
	}
	if (!CHECK(!let_in))
		fprintf(stderr, "  %s: %s\n", g->name, what);
}

static bool
lets_in(const struct good *g, struct vs_policy_set *set)
{
	good_guest(strcmp(g->name, "azure") == 0 ? "az-snp" : "snp");
	return judge(set, true) == VS_VERDICT_ALLOW;
}

static size_t tried, refused_n, loaded_n, below_n;

/* Loads or not; in any case nothing bad gets in. */
static bool
try(const struct good *g, const struct vs_buf *text, const char *what,
    bool *allows)
{
	struct vs_policy *p = load(text);
	struct vs_policy_set *set = NULL;

	tried++;
	*allows = false;
	if (p == NULL) {
		refused_n++;
		below_n += err.code != NULL && strcmp(err.code, "E_FLOOR") == 0;
		return false;
	}
	loaded_n++;
	CHECK_OK(vs_policy_set_new(&p, 1, &set, &err), err);
	attack(g, set, what);
	*allows = lets_in(g, set);
	vs_policy_set_free(&set);
	return true;
}

static void
test_good_ones_load(void)
{
	for (size_t i = 0; i < GOODS; i++) {
		struct vs_buf b = write_policy(&goods[i], "", SIZE_MAX, NULL);
		bool allows;

		if (!CHECK(try(&goods[i], &b, "as it is", &allows)))
			fprintf(stderr, "  %s\n", err.msg);
		if (!CHECK(allows))
			fprintf(stderr, "  %s\n", goods[i].name);
		vs_buf_fini(&b);
	}
}

static void
mutate(const struct good *g, size_t i, const struct mutation *m)
{
	bool tells = g->rule[i].tells[0] != '\0';
	struct vs_buf b = write_policy(g, "", i, m);
	bool allows, loads;

	loads = try(g, &b, m != NULL ? m->name : "dropped", &allows);
	if (m != NULL && m->harmless && !CHECK(loads && allows))
		fprintf(stderr, "  %s, rule %zu, %s: %s\n", g->name, i, m->name,
		    err.msg);
	/* A rule that tells something is missed when it is gone. */
	if (tells && m == NULL && g->n > 1 && !CHECK(!loads))
		fprintf(stderr, "  %s, rule %zu\n", g->name, i);
	vs_buf_fini(&b);
}

static void
test_rules_mutated(void)
{
	for (size_t g = 0; g < GOODS; g++) {
		for (size_t i = 0; i < goods[g].n; i++) {
			mutate(&goods[g], i, NULL);
			for (size_t m = 0; m < MUTATIONS; m++)
				mutate(&goods[g], i, &mutations[m]);
		}
	}
}

/* Two at once: what one leaves, the other may undo. */
static void
test_pairs_mutated(void)
{
	for (size_t g = 0; g < GOODS; g++) {
		for (unsigned k = 0; k < 40; k++) {
			struct good two = goods[g];
			size_t a = dice((unsigned)two.n);
			size_t b = dice((unsigned)two.n);
			const struct mutation *m = &mutations[dice(MUTATIONS)];
			struct vs_buf once = {0}, text;
			bool allows;

			if (m->when != NULL)
				two.rule[a].when = m->when;
			vs_buf_printf(&once, "(%s) || (%s)",
			    goods[g].rule[a].expr, goods[g].rule[b].expr);
			two.rule[a].expr = vs_buf_cstr(&once);
			text = write_policy(
			    &two, "", b, &mutations[dice(MUTATIONS)]);
			(void)try(&goods[g], &text, "two at once", &allows);
			vs_buf_fini(&text);
			vs_buf_fini(&once);
		}
	}
}

/* What YAML or a slip of the finger makes of a policy. */
static void
test_text_mutated(void)
{
	static const struct {
		const char *from, *to;
	} slips[] = {{"assert: |\n      ", "assert: "},
	    {"tee.debug", "tee.debg"}, {"measurement", "mesurement"},
	    {"rules:", "mode: shadow\nrules:"},
	    {"rules:", "mode: guard\nrules:"}, {"pcr_digest", "user_data"},
	    {"!tee.debug", "tee.debug == \"false\""},
	    {" in param.images", " != \"" HEX96_A "\""},
	    {"[\"" HEX96_A "\"", "[\"" HEX96_A "\", \"\""},
	    {"images:", "image:"}, {"lists:\n  images", "lists:\n  image"},
	    {"microcode >= 200", "microcode >= 0"},
	    {"microcode >= 200", "microcode <= 200"},
	    {"microcode >= param.milan", "microcode != param.milan"},
	    {"reported.microcode", "current.microcode"},
	    {"snp.measurement in", "snp.host_data in"},
	    {"snp.author_key_digest ==", "snp.image_id =="},
	    {"gpus.all(", "gpus.exists("}, {"== \"on\"", "!= \"off\""},
	    {"== \"on\"", "!= \"ON\""}, {"size(gpus) == 2", "size(gpus) < 3"},
	    {"size(gpus) == 2", "size(gpus) >= 0"},
	    {"tee.debug ? false : true", "tee.debug ? true : true"},
	    {": \"none\"", ": \"Milan\""},
	    {" in [\"Milan\", \"Genoa\"]", " != \"Turin\""},
	    {"      !tee.debug\n", "      !tee.debug #\n"},
	    {"      !tee.debug\n", "      tee.bound // !tee.debug\n"},
	    {"lists.pcrs", "[azure.pcr_digest]"},
	    {"registry.images[snp.measurement]", "registry.images[\"a\"]"},
	    {"registry.images[snp.measurement]", "registry.images[key.name]"}};

	for (size_t g = 0; g < GOODS; g++) {
		struct vs_buf b = write_policy(&goods[g], "", SIZE_MAX, NULL);

		for (size_t i = 0; i < VS_COUNT(slips); i++) {
			const char *at = strstr(vs_buf_cstr(&b), slips[i].from);
			struct vs_buf text = {0};
			bool allows;

			if (at == NULL)
				continue;
			vs_buf_add(&text,
			    VS_SPAN(vs_buf_cstr(&b),
				(size_t)(at - vs_buf_cstr(&b))));
			vs_buf_puts(&text, slips[i].to);
			vs_buf_puts(&text, at + strlen(slips[i].from));
			(void)try(&goods[g], &text, slips[i].to, &allows);
			vs_buf_fini(&text);
		}
		vs_buf_fini(&b);
	}
}

/* ---- one by one ---------------------------------------------------------- */

#define ONE(expr)                                                              \
	"apiVersion: policy/v1\nname: p\nversion: 1\nkeys: [\"**\"]\n"         \
	"tee: [snp]\nlists:\n  a: {source: signed-file}\n"                     \
	"  r: {source: registry}\nparams:\n  m: [\"" HEX96_A "\"]\n"           \
	"  none: []\n  zero: [\"" ZERO96 "\"]\nrules:\n"                       \
	"  - id: x\n    assert: |\n      " expr "\n"
#define ZERO96                                                                 \
	"000000000000000000000000000000000000000000000000"                     \
	"000000000000000000000000000000000000000000000000"
#define REST_OF_D " && snp.tcb.reported.snp >= 1 && snp.measurement in param.m"
#define REST_OF_T " && !tee.debug && snp.measurement in param.m"
#define REST_OF_I " && !tee.debug && snp.tcb.reported.snp >= 1"

static void
stands(const char *text, bool wants)
{
	struct vs_policy *p = NULL;
	vs_status st = vs_policy_load_at(
	    "p.yaml", vs_span_cstr(text), NOW, NULL, &p, &err);

	if (!CHECK((st == VS_OK) == wants) ||
	    (!wants && !CHECK_STR(err.code, "E_FLOOR")))
		fprintf(stderr, "  %s  %s\n", strstr(text, "assert"),
		    st == VS_OK ? "" : err.msg);
	vs_policy_free(&p);
}

static void
test_debug(void)
{
	stands(ONE("!tee.debug" REST_OF_D), true);
	stands(ONE("tee.debug != true" REST_OF_D), true);
	stands(
	    ONE("has(snp.policy.debug) && !snp.policy.debug" REST_OF_D), true);
	stands(ONE("(tee.debug ? snp.policy.debug != tee.debug : "
		   "tee.bound)" REST_OF_D),
	    true);
	stands(ONE("tee.bound" REST_OF_D), false);
	stands(ONE("tee.debug == tee.debug" REST_OF_D), false);
	stands(ONE("(!tee.debug || tee.simulated)" REST_OF_D), false);
	stands(ONE("(!tee.debug || !has(snp.policy.debug))" REST_OF_D), false);
	stands(
	    ONE("(has(snp.policy.debug) ? !snp.policy.debug : true)" REST_OF_D),
	    false);
	stands(ONE("string(tee.debug) == \"false\"" REST_OF_D), false);
	stands(ONE("(tee.debug in [true, false])" REST_OF_D), false);
}

static void
test_tcb(void)
{
#define T(expr) ONE(expr REST_OF_T)
	stands(T("snp.tcb.reported.microcode >= 200"), true);
	stands(T("200 <= snp.tcb.reported.microcode"), true);
	stands(T("snp.tcb.reported.microcode in [213, 219]"), true);
	stands(T("snp.tcb.reported.raw == \"04000000000018db\""), true);
	stands(T("!(snp.tcb.reported.microcode < 1)"), true);
	stands(T("[1, 2].all(x, snp.tcb.reported.snp >= x)"), true);
	stands(T("cel.bind(t, snp.tcb.reported.snp, t > 3)"), true);
	stands(T("snp.tcb.reported.microcode >= 0"), false);
	stands(T("snp.tcb.reported.microcode > -1"), false);
	stands(T("snp.tcb.reported.microcode < 300"), false);
	stands(T("snp.tcb.reported.microcode != 200"), false);
	stands(T("snp.tcb.reported.snp >= snp.tcb.reported.tee"), false);
	stands(T("snp.tcb.reported.snp >= snp.guest_svn"), false);
	stands(T("snp.tcb.reported.snp + 100 >= 100"), false);
	stands(T("[0, 9].exists(x, snp.tcb.reported.snp >= x)"), false);
	/* What old firmware says of itself. */
	stands(T("snp.tcb.current.microcode >= 200"), false);
	stands(T("vercmp(snp.firmware.committed, \"1.55\") >= 0"), false);
	/* has() is no minimum. */
	stands(T("(!has(snp.tcb.reported.fmc) || snp.tcb.reported.fmc >= 1)"),
	    false);
#undef T
}

static void
test_identity(void)
{
#define I(expr) ONE(expr REST_OF_I)
	stands(I("snp.measurement in param.m"), true);
	stands(I("snp.measurement in lists.a"), true);
	stands(I("snp.measurement in registry.r"), true);
	stands(I("registry.r[snp.measurement].slsa_level >= 2"), true);
	stands(I("has(registry.r[snp.measurement].builder)"), true);
	stands(I("registry.r[key.name].source_ref == snp.measurement"), true);
	stands(I("lists.a.exists(x, x == snp.measurement)"), true);
	stands(I("param.m.exists(x, x == snp.measurement)"), true);
	stands(I("snp.author_key_digest == \"" HEX96_A "\""), true);
	stands(I("(snp.measurement in lists.a || snp.measurement in param.m)"),
	    true);
	stands(
	    I("snp.measurement in {\"models/a\": [\"" HEX96_A "\"]}[key.name]"),
	    true);
	stands(I("!(snp.measurement != \"" HEX96_A "\")"), true);
	/* That is a policy that allows nothing. */
	stands(I("snp.measurement in param.none"), true);
	stands(I("snp.measurement == snp.measurement"), false);
	stands(I("snp.measurement == snp.report_data"), false);
	stands(I("snp.measurement in [snp.measurement]"), false);
	stands(I("snp.measurement != \"" HEX96_A "\""), false);
	stands(I("!(snp.measurement in lists.a)"), false);
	stands(I("!(snp.measurement in param.none)"), false);
	stands(I("snp.measurement.startsWith(\"aa\")"), false);
	stands(I("snp.measurement >= \"aa\""), false);
	stands(I("size(snp.measurement) == 96"), false);
	stands(I("snp.host_data in lists.a"), false);
	stands(I("snp.image_id in lists.a"), false);
	stands(I("snp.chip_id in lists.a"), false);
	/* Without an ID block the digest of its key is zero. */
	stands(I("snp.id_key_digest in param.zero"), false);
	stands(I("(snp.measurement in param.m || key.name in lists.a)"), false);
	stands(I("(has(snp.measurement) ? snp.measurement : param.m[0]) in "
		 "param.m"),
	    false);
	stands(I("(key.name == \"a\" ? snp.measurement in lists.a : "
		 "tee.bound)"),
	    false);
	stands(I("lists.a.all(x, x == snp.measurement)"), false);
	stands(I("!lists.a.exists(x, x == snp.measurement)"), false);
	stands(I("(registry.r[snp.measurement].revoked || tee.bound)"), false);
	stands(I("\"" HEX96_A "\" in lists.a"), false);
#undef I
}

/* Whose paravisor is not known may have any PCRs. */
static void
test_azure(void)
{
#define AZ(expr)                                                               \
	"apiVersion: policy/v1\nname: p\nversion: 1\nkeys: [\"**\"]\n"         \
	"tee: [azure]\nrules:\n  - id: x\n    assert: |\n"                     \
	"      !tee.debug && snp.tcb.reported.snp > 0 && " expr "\n"
	stands(AZ("snp.measurement == \"" HEX96_A
		  "\" && azure.pcr_digest == \"" HEX64_A "\""),
	    true);
	stands(AZ("snp.measurement == \"" HEX96_A "\""), false);
	CHECK(strstr(err.msg, "a guest of any image (az-snp)") != NULL);
	stands(AZ("azure.pcr_digest == \"" HEX64_A "\""), false);
	CHECK(strstr(err.msg, "a guest under any paravisor (az-snp)") != NULL);
	stands(AZ("(snp.measurement == \"" HEX96_A
		  "\" || azure.pcr_digest == \"" HEX64_A "\")"),
	    false);
	/* Who signed the ID block of the paravisor says nothing of the guest.
	 */
	stands(AZ("azure.pcr_digest == \"" HEX64_A
		  "\" && snp.author_key_digest == \"" HEX96_A "\""),
	    false);
#undef AZ
}

static void
test_messages(void)
{
	stands(ONE("tee.bound &&\n      (!tee.debug || "
		   "has(snp.csp_id))" REST_OF_D),
	    false);
	CHECK_STR(err.msg,
	    "p.yaml:17:22: a guest under debug (snp) can be allowed: rule "
	    "\"x\" "
	    "holds where `has(snp.csp_id)` is true");
	stands(ONE("!tee.debug" REST_OF_I), false);
	CHECK_STR(err.msg,
	    "p.yaml:14:3: a guest of any image (snp) can be allowed: no deny "
	    "rule looks at what would tell");
	stands(ONE("!tee.debug" REST_OF_I
		   "\n  - id: y\n    when: |\n      snp.product == \"Milan\"\n"
		   "    assert: |\n      snp.measurement in lists.a"),
	    false);
	CHECK_STR(err.msg,
	    "p.yaml:19:7: a guest of any image (snp) can be allowed: rule "
	    "\"y\" "
	    "is skipped where `snp.product == \"Milan\"` is false, with "
	    "another snp.product");
}

/* ---- waivers ------------------------------------------------------------- */

#define WAIVE(check, until)                                                    \
	ONE("!tee.debug" REST_OF_I)                                            \
	"waive:\n  - check: " check "\n    reason: a demonstration\n"          \
	"    until: " until "\n"

static void
test_waivers(void)
{
	static const char text[] = WAIVE("identity", "2026-07-01T00:00:00Z");
	struct vs_policy_diags *diags = vs_policy_diags_new();
	const struct vs_policy_waiver *w;
	struct vs_policy_result r;
	struct vs_policy_set *set = NULL;
	struct vs_policy *p = NULL;
	size_t told = 0;

	CHECK_OK(
	    vs_policy_load_at("p", VS_SPAN_LIT(text), NOW, diags, &p, &err),
	    err);
	for (size_t i = 0; i < vs_policy_diags_count(diags); i++) {
		const struct vs_policy_diag *d = vs_policy_diags_at(diags, i);

		told += strcmp(d->code, "W_WAIVED") == 0 && d->line == 18;
	}
	CHECK_INT(told, 1);
	vs_policy_diags_free(&diags);
	w = vs_policy_waiver_at(p, 0);
	if (CHECK(w != NULL)) {
		CHECK_STR(w->check, "identity");
		CHECK_STR(w->until, "2026-07-01T00:00:00Z");
		CHECK_STR(w->reason, "a demonstration");
		CHECK_STR(w->policy, "p");
	}
	CHECK(vs_policy_waiver_at(p, 1) == NULL);
	CHECK_OK(vs_policy_set_new(&p, 1, &set, &err), err);
	good_guest("snp");
	vs_arena_reset(&arena);
	vs_policy_decide(set, NULL, &claims, NOW, &arena, &r);
	CHECK_INT(r.verdict, VS_VERDICT_ALLOW);
	if (CHECK_INT(r.waived_n, 1))
		CHECK_STR(r.waived[0]->check, "identity");
	/* It stops while the daemon runs, too. */
	vs_policy_decide(
	    set, NULL, &claims, INT64_C(1782864000000), &arena, &r);
	CHECK_INT(r.verdict, VS_VERDICT_DENY);
	CHECK_STR(r.reason, "waiver");
	CHECK_INT(r.waived_n, 1);
	vs_policy_set_free(&set);

	/* Judged again it is as it was, the waiver included. */
	CHECK_OK(vs_policy_load_at("p",
		     VS_SPAN_LIT(WAIVE("identity", "2026-06-14T00:00:00Z")),
		     VS_POLICY_PAST, NULL, &p, &err),
	    err);
	CHECK(vs_policy_waiver_at(p, 0) != NULL);
	vs_policy_free(&p);
	stands(WAIVE("identity", "2026-06-15T00:00:00Z"), false);
	CHECK(strstr(err.msg, "has expired") != NULL);
	stands(WAIVE("tcb", "2026-07-01T00:00:00Z"), false);
}

static void
test_bad_waivers(void)
{
	static const char *const bad[] = {"waive: x\n",
	    "waive: [{check: debug}]\n",
	    "waive: [{check: all, reason: because of it, until: "
	    "\"2027-01-01T00:00:00Z\"}]\n",
	    "waive: [{check: tcb, reason: x, until: "
	    "\"2027-01-01T00:00:00Z\"}]\n",
	    "waive: [{check: tcb, reason: because of it, until: never}]\n"};

	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		struct vs_buf b =
		    write_policy(&goods[0], bad[i], SIZE_MAX, NULL);
		struct vs_policy *p = load(&b);

		CHECK(p == NULL);
		CHECK_STR(err.code, "E_SCHEMA");
		vs_policy_free(&p);
		vs_buf_fini(&b);
	}
}

static void
test_unknown_kind(void)
{
	struct vs_policy_diags *diags = vs_policy_diags_new();
	struct vs_policy *p = NULL;
	size_t told = 0;

	CHECK_OK(vs_policy_load_at("p",
		     VS_SPAN_LIT("apiVersion: policy/v1\nname: p\nversion: 1\n"
				 "keys: [\"**\"]\ntee: [nitro]\nrules:\n"
				 "  - id: x\n    assert: |\n      tee.bound\n"),
		     NOW, diags, &p, &err),
	    err);
	for (size_t i = 0; i < vs_policy_diags_count(diags); i++)
		told +=
		    strcmp(vs_policy_diags_at(diags, i)->code, "W_KIND") == 0;
	CHECK_INT(told, 1);
	vs_policy_free(&p);
	vs_policy_diags_free(&diags);
}

/* A demand that was taken back is still a word about GPUs. */
static void
test_gpus(void)
{
#define G(expr) ONE("!tee.debug" REST_OF_D expr)
	stands(G(""), true);
	stands(G(" && size(gpus) == 2 && gpus.all(g, g.cc_state == \"on\")"),
	    true);
	stands(G(" && size(gpus) > 0 && !gpus.exists(g, g.cc_state != \"on\")"),
	    true);
	stands(G(" && gpus.all(g, g.cc_state == \"on\")"), false);
	stands(G(" && size(gpus) == 2"), false);
	stands(G(" && (true || size(gpus) == 2)"), false);
	stands(G(" && !(false && size(gpus) == 2)"), false);
	stands(G(" && size(gpus) == 2 && gpus.exists(g, g.cc_state == \"on\")"),
	    false);
	stands(G(" && size(gpus) == 2 && gpus[0].cc_state == \"on\""), false);
	stands(G(" && size(gpus) >= 0 && gpus.all(g, g.cc_state == \"on\")"),
	    false);
	stands(G(" && (size(gpus) == 0 || gpus.all(g, g.cc_state == \"on\"))"),
	    false);
	stands(G(" && size(gpus) == 2 && "
		 "gpus.all(g, !has(g.cc_state) || g.cc_state == \"on\")"),
	    false);
	stands(G(" && size(gpus) == 2 && gpus.all(g, g.cc_mode == \"spt\")"),
	    false);
#undef G
}

/* Deep, wide and entangled: nothing is proved rather than for ever. */
static void
test_intricate(void)
{
	struct vs_buf b = {0};
	struct vs_policy *p = NULL;

	vs_buf_puts(&b,
	    "apiVersion: policy/v1\nname: p\nversion: 1\nkeys: [\"**\"]\n"
	    "tee: [snp]\nlet:\n  a0: |\n    tee.bound && !tee.simulated\n");
	for (int i = 1; i < 60; i++)
		vs_buf_printf(&b, "  a%d: |\n    a%d && a%d || !a%d\n", i,
		    i - 1, i - 1, i - 1);
	vs_buf_puts(&b, "rules:\n  - id: x\n    assert: |\n      a59\n");
	for (int i = 0; i < 60; i++)
		vs_buf_printf(&b,
		    "  - id: r%d\n    when: |\n      snp.vmpl == %d || "
		    "snp.guest_svn == %d\n    assert: |\n      "
		    "[1, 2, 3, 4, 5, 6, 7].all(x, [1, 2, 3, 4, 5, 6].all(y, "
		    "[1, 2, 3, 4].all(z, x + y + z + snp.vmpl > 0 || "
		    "snp.guest_svn == %d)))\n",
		    i, i % 4, i % 5, i);
	CHECK(vs_policy_load_at("p", vs_buf_span(&b), NOW, NULL, &p, &err) !=
	    VS_OK);
	vs_policy_free(&p);
	vs_buf_fini(&b);
}

/* Lets that double: the words of the message are found in time, too. */
static void
test_doubling(void)
{
	struct vs_buf b = {0};
	struct vs_policy *p = NULL;

	vs_buf_puts(&b,
	    "apiVersion: policy/v1\nname: p\nversion: 1\nkeys: [\"**\"]\n"
	    "tee: [snp]\nlet:\n  a0: |\n    has(snp.product) ? snp.product :"
	    " \"x\"\n");
	for (int i = 1; i < 60; i++)
		vs_buf_printf(&b,
		    "  a%d: |\n    tee.bound ? a%d : (tee.simulated ? a%d : "
		    "\"y\")\n",
		    i, i - 1, i - 1);
	vs_buf_puts(&b,
	    "rules:\n  - id: x\n    assert: |\n      a59 == snp.csp_id || "
	    "!tee.debug\n");
	CHECK(vs_policy_load_at("p", vs_buf_span(&b), NOW, NULL, &p, &err) !=
	    VS_OK);
	CHECK_STR(err.code, "E_FLOOR");
	vs_policy_free(&p);
	vs_buf_fini(&b);
}

int
main(void)
{
	vs_arena_init(&arena, 1 << 20);
	vs_arena_init(&claims_arena, 1 << 20);
	make_lists();
	RUN(test_good_ones_load);
	RUN(test_debug);
	RUN(test_tcb);
	RUN(test_identity);
	RUN(test_azure);
	RUN(test_messages);
	RUN(test_waivers);
	RUN(test_bad_waivers);
	RUN(test_gpus);
	RUN(test_unknown_kind);
	RUN(test_intricate);
	RUN(test_doubling);
	RUN(test_rules_mutated);
	RUN(test_pairs_mutated);
	RUN(test_text_mutated);
	printf("%zu mutants: %zu do not load (%zu below the floor), %zu do\n",
	    tried, refused_n, below_n, loaded_n);
	CHECK(tried >= 200);
	vs_lists_free(&lists);
	vs_arena_fini(&claims_arena);
	vs_arena_fini(&arena);
	return check_result();
}
