/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor against policies that nobody would write: expressions put together
 * at random from what tells something and what does not. Of those that load,
 * none lets a bad guest in.
 */
#include "floor_guests.h"

enum { POLICIES = 8000, GUESTS = 48, RULES = 3 };

/* What tells something comes often, so that some do load. */
static const char *const atoms[] = {"!tee.debug", "!tee.debug", "tee.debug",
    "tee.debug == false", "!snp.policy.debug", "has(snp.policy.debug)",
    "snp.measurement in param.m", "snp.measurement in param.m",
    "snp.measurement == param.one", "snp.measurement != param.one",
    "snp.measurement in lists.l", "snp.measurement in registry.r",
    "!(snp.measurement in lists.l)", "registry.r[snp.measurement].revoked",
    "registry.r[snp.measurement].slsa_level >= 2", "has(snp.measurement)",
    "snp.author_key_digest in param.m", "snp.author_key_digest in param.z",
    "snp.tcb.reported.microcode >= 200", "snp.tcb.reported.microcode >= 200",
    "snp.tcb.reported.microcode > 0", "snp.tcb.reported.microcode >= 0",
    "snp.tcb.reported.snp < 30", "snp.tcb.reported.snp in [23, 24]",
    "has(snp.tcb.reported)", "has(snp.tcb.reported.microcode)",
    "snp.product == \"Milan\"", "snp.product in [\"Milan\", \"Genoa\"]",
    "has(snp.product)", "snp.vmpl == 0", "snp.vmpl > 1", "has(snp.vmpl)",
    "key.name == \"models/a\"", "tee.simulated", "tee.bound", "true", "false",
    "now > timestamp(0)", "has(snp.csp_id)", "ok", "image", "prod",
    "snp.measurement == snp.author_key_digest",
    "[1, 2].exists(x, snp.vmpl == x)",
    "[0, 200].all(x, snp.tcb.reported.microcode >= x)",
    "[0, 200].exists(x, snp.tcb.reported.microcode >= x)",
    "param.m.exists(m, m == snp.measurement)",
    "(has(snp.measurement) ? snp.measurement : param.one) in param.m",
    "(tee.debug ? \"a\" : snp.measurement) in param.m",
    "{true: 200, false: 0}[tee.bound] <= snp.tcb.reported.microcode",
    "{true: 200, false: 0}[tee.simulated] <= snp.tcb.reported.microcode",
    "cel.bind(d, tee.debug, !d)", "size(gpus) == 2", "size(gpus) > 0",
    "size(gpus) < 3", "gpus.all(g, has(g.cc_state) && g.cc_state == \"on\")",
    "gpus.all(g, g.cc_state == \"on\" || g.measurements == \"match\")",
    "gpus.exists(g, g.cc_state == \"on\")",
    "!gpus.exists(g, g.cc_state != \"on\")",
    "gpus.all(g, g.cc_state != \"off\" && g.cc_state != \"devtools\")",
    "gpus[0].cc_state == \"on\"",
    "(prod ? 200 : 0) <= snp.tcb.reported.microcode"};

static void
expr(struct vs_buf *b, unsigned depth)
{
	unsigned kind = depth == 0 ? 0 : dice(8);

	switch (kind) {
	case 1:
	case 2:
	case 3:
		vs_buf_puts(b, "(");
		expr(b, depth - 1);
		vs_buf_puts(b, kind == 1 ? " || " : " && ");
		expr(b, depth - 1);
		vs_buf_puts(b, ")");
		break;
	case 4:
		vs_buf_puts(b, "!(");
		expr(b, depth - 1);
		vs_buf_puts(b, ")");
		break;
	case 5:
		vs_buf_puts(b, "(");
		expr(b, depth - 1);
		vs_buf_puts(b, " ? ");
		expr(b, depth - 1);
		vs_buf_puts(b, " : ");
		expr(b, depth - 1);
		vs_buf_puts(b, ")");
		break;
	case 6:
		vs_buf_puts(b, "[true, tee.bound].all(b, b == (");
		expr(b, depth - 1);
		vs_buf_puts(b, "))");
		break;
	default:
		vs_buf_puts(b, atoms[dice(VS_COUNT(atoms))]);
	}
}

/* Most rules are conjunctions, as rules are. */
static void
rule(struct vs_buf *b, unsigned i)
{
	unsigned parts = 1 + dice(4);

	vs_buf_printf(b, "  - id: r%u\n", i);
	if (dice(3) == 0) {
		vs_buf_puts(b, "    when: |\n      ");
		expr(b, 1);
		vs_buf_puts(b, "\n");
	}
	vs_buf_puts(b, "    assert: |\n      ");
	for (unsigned k = 0; k < parts; k++) {
		vs_buf_puts(b, k > 0 ? " && " : "");
		expr(b, dice(3));
	}
	vs_buf_puts(b, "\n");
}

static struct vs_buf
policy(void)
{
	struct vs_buf b = {0};
	unsigned rules = 1 + dice(RULES);

	vs_buf_puts(&b,
	    "apiVersion: policy/v1\nname: p\nversion: 1\nkeys: [\"**\"]\n"
	    "tee: [snp]\nlists:\n  l: {source: signed-file}\n"
	    "  r: {source: registry}\nparams:\n  m: [\"" HEX96_A
	    "\", \"" HEX96_B "\"]\n  one: \"" HEX96_A "\"\n  z: [\"");
	for (int i = 0; i < 96; i++)
		vs_buf_puts(&b, "0");
	vs_buf_puts(&b,
	    "\"]\nlet:\n  prod: |\n    has(snp.product) && snp.product == "
	    "\"Genoa\"\n");
	vs_buf_puts(&b, "  ok: |\n    ");
	vs_buf_puts(&b,
	    dice(2) == 0 ? "!tee.debug || prod\n"
			 : "snp.measurement in param.m && !tee.debug\n");
	vs_buf_puts(&b, "  image: |\n    ");
	vs_buf_puts(&b,
	    dice(2) == 0 ? "snp.measurement in registry.r && !ok\n"
			 : "ok || registry.r[snp.measurement].revoked\n");
	vs_buf_puts(&b, "rules:\n");
	for (unsigned i = 0; i < rules; i++)
		rule(&b, i);
	return b;
}

static bool
bad_guest_gets_in(struct vs_policy_set *set, bool gpus)
{
	for (unsigned i = 0; i < GUESTS; i++) {
		good_guest("snp");
		shuffle();
		if (gpus && i % 2 == 0)
			attack_gpus();
		else if (i % 3 == 0)
			attack_debug();
		else if (i % 3 == 1)
			attack_identity("snp");
		else
			attack_tcb();
		if (judge(set, true) != VS_VERDICT_DENY)
			return true;
	}
	return false;
}

static size_t loaded, useful;

static void
try(void)
{
	struct vs_buf b = policy();
	struct vs_policy *p = NULL;
	struct vs_policy_set *set = NULL;
	bool good = false;

	if (vs_policy_load_at("p", vs_buf_span(&b), NOW, NULL, &p, &err) !=
	    VS_OK) {
		vs_buf_fini(&b);
		return;
	}
	loaded++;
	CHECK_OK(vs_policy_set_new(&p, 1, &set, &err), err);
	if (!CHECK(!bad_guest_gets_in(
		set, strstr(vs_buf_cstr(&b), "gpus") != NULL)))
		fprintf(stderr, "%s\n", vs_buf_cstr(&b));
	for (unsigned i = 0; i < 4 && !good; i++) {
		good_guest("snp");
		if (i > 0)
			shuffle();
		good = judge(set, true) == VS_VERDICT_ALLOW;
	}
	useful += good;
	vs_policy_set_free(&set);
	vs_buf_fini(&b);
}

static struct vs_lists *
random_lists(void)
{
	struct vs_lists_builder *b = vs_lists_builder_new();
	struct vs_registry_record rec = {.slsa_level = 3};
	struct vs_list_head head = {.name = VS_SPAN_LIT("r"), .as_of_ms = NOW};
	struct vs_lists *l = NULL;

	CHECK_OK(vs_lists_add_registry(b, &head, &err), err);
	CHECK_OK(vs_lists_add_record(b, VS_SPAN_LIT(HEX96_A), &rec, &err), err);
	head.name = VS_SPAN_LIT("l");
	CHECK_OK(vs_lists_add_list(b, &head, &err), err);
	CHECK_OK(vs_lists_add_value(b, VS_SPAN_LIT(HEX96_A), 0, &err), err);
	CHECK_OK(vs_lists_build(&b, "", &l, &err), err);
	return l;
}

int
main(void)
{
	const char *more = getenv("VS_FLOOR_POLICIES");
	long n = more != NULL ? strtol(more, NULL, 10) : POLICIES;

	vs_arena_init(&arena, 1 << 20);
	vs_arena_init(&claims_arena, 1 << 20);
	lists = random_lists();
	for (long i = 0; i < n; i++)
		try();
	printf("%ld policies: %zu load, %zu of them let a good guest in\n", n,
	    loaded, useful);
	/* Else nothing was tried. */
	CHECK(useful > 20);
	vs_lists_free(&lists);
	vs_arena_fini(&claims_arena);
	vs_arena_fini(&arena);
	return check_result();
}
