/* SPDX-License-Identifier: Apache-2.0 */
/* Policies that are good, and what may be done to one of their rules. */
#ifndef VS_TESTS_FLOOR_MUTANTS_H
#define VS_TESTS_FLOOR_MUTANTS_H

#include "base/buf.h"

#define HEX64_A                                                                \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX96_A HEX64_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX64_B                                                                \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HEX96_B HEX64_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

struct rule {
	const char *when; /* or NULL */
	const char *expr;
	/* What is lost with it: d(ebug), t(cb), i(dentity), g(pu), or "": it
	 * is there for other reasons. */
	const char *tells;
};

enum { RULES_MAX = 10 };

struct good {
	const char *name;
	const char *head; /* beyond name, version, keys, apiVersion */
	struct rule rule[RULES_MAX];
	size_t n;
};

static const struct good goods[] = {
    {"plain", "tee: [snp]\nparams:\n  images: [\"" HEX96_A "\"]\n",
	{{NULL, "!tee.debug", "d"},
	    {NULL, "has(snp.measurement) && snp.measurement in param.images",
		"i"},
	    {NULL,
		"has(snp.tcb.reported.microcode) && "
		"snp.tcb.reported.microcode >= 200",
		"t"},
	    {NULL, "has(snp.vmpl) && snp.vmpl == 0", ""}},
	4},
    {"guarded",
	"tee: [snp]\nparams:\n  images: [\"" HEX96_A "\", \"" HEX96_B
	"\"]\n  milan: 200\n  genoa: 70\n"
	"let:\n  product: |\n    has(snp.product) ? snp.product : \"none\"\n",
	{{NULL, "!tee.debug && has(snp.policy.debug) && !snp.policy.debug",
	     "d"},
	    {NULL, "has(snp.measurement) && snp.measurement in param.images",
		"i"},
	    {NULL, "product in [\"Milan\", \"Genoa\"]", "t"},
	    {"product == \"Milan\"",
		"has(snp.tcb.reported) && "
		"snp.tcb.reported.microcode >= param.milan",
		"t"},
	    {"product == \"Genoa\"",
		"has(snp.tcb.reported) && "
		"snp.tcb.reported.microcode >= param.genoa",
		"t"},
	    {"!tee.simulated", "tee.crl == \"good\"", ""}},
	6},
    {"one-rule", "tee: [snp]\n",
	{{NULL,
	    "tee.debug == false && snp.tcb.reported.snp > 20 && "
	    "(snp.measurement == \"" HEX96_A
	    "\" || snp.author_key_digest == \"" HEX96_B "\")",
	    "dti"}},
	1},
    {"ternary", "tee: [snp]\n",
	{{NULL, "tee.debug ? false : true", "d"},
	    {NULL,
		"has(snp.tcb.reported.snp) ? snp.tcb.reported.snp >= 22 : "
		"false",
		"t"},
	    {NULL,
		"[\"" HEX96_A "\", \"" HEX96_B
		"\"].exists(m, m == snp.measurement)",
		"i"}},
	3},
    {"lists",
	"tee: [snp]\nlists:\n  images: {source: registry, max_age: 1h}\n"
	"  bad-images: {source: signed-file}\n"
	"let:\n  image: |\n    registry.images[snp.measurement]\n"
	"  fresh: |\n    !(tee.debug || tee.simulated)\n",
	{{NULL, "fresh", "d"},
	    {NULL, "image.slsa_level >= 3 && !image.revoked", "i"},
	    {NULL, "!(snp.measurement in lists.bad_images)", ""},
	    {NULL, "!(snp.tcb.reported.microcode < 200)", "t"}},
	4},
    {"azure",
	"tee: [azure]\nlists:\n  pcrs: {source: signed-file, max_age: 24h}\n",
	{{NULL, "!tee.debug", "d"},
	    {NULL, "snp.measurement == \"" HEX96_A "\"", "i"},
	    {NULL, "azure.quote_verified && azure.pcr_digest in lists.pcrs",
		"i"},
	    {NULL, "has(snp.tcb.reported) && snp.tcb.reported.microcode >= 200",
		"t"}},
	4},
    {"two-kinds",
	"tee: [snp, azure]\nparams:\n  images: [\"" HEX96_A
	"\"]\n  pcrs: [\"" HEX64_A "\"]\n",
	{{NULL, "!tee.debug", "d"},
	    {NULL, "snp.measurement in param.images", "i"},
	    {"tee.kind != \"snp\"", "azure.pcr_digest in param.pcrs", "i"},
	    {NULL, "snp.tcb.reported.microcode >= 200", "t"}},
	4},
    {"gpus", "tee: [snp]\nparams:\n  images: [\"" HEX96_A "\"]\n",
	{{NULL, "!tee.debug", "d"},
	    {NULL, "snp.measurement in param.images", "i"},
	    {NULL, "snp.tcb.reported.microcode >= 200", "t"},
	    {NULL, "size(gpus) == 2", "g"},
	    {NULL,
		"gpus.all(g, has(g.cc_state) && g.cc_state == \"on\" && "
		"g.measurements == \"match\")",
		"g"}},
	5},
};
enum { GOODS = sizeof(goods) / sizeof(goods[0]) };

/* How a rule is written after the mutation: when and expr with %s for the
 * old ones; NULL for `when` leaves it as it is. */
struct mutation {
	const char *name;
	const char *when;
	const char *expr;
	bool warn;
	bool harmless; /* the policy demands as much as before */
};

static const struct mutation mutations[] = {
    {"or true", NULL, "(%s) || true", false, false},
    {"true or", NULL, "true || (%s)", false, false},
    {"negated", NULL, "!(%s)", false, false},
    {"severity warn", NULL, "%s", true, false},
    {"when false", "false", "%s", false, false},
    {"when debug is off", "!tee.debug && snp.vmpl == 0", "%s", false, false},
    {"when absent", "has(snp.csp_id)", "%s", false, false},
    {"when key", "key.name.startsWith(\"models/\")", "%s", false, false},
    {"when never both", "snp.vmpl == 0 && snp.vmpl == 1", "%s", false, false},
    {"or a claim", NULL, "(%s) || has(snp.product)", false, false},
    {"or a key", NULL, "(%s) || key.name == \"models/test\"", false, false},
    {"or an error", NULL, "(%s) || snp.csp_id != \"\"", false, false},
    {"or the time", NULL, "(%s) || now > timestamp(\"2020-01-01T00:00:00Z\")",
	false, false},
    {"ternary", NULL, "snp.vmpl == 0 ? (%s) : true", false, false},
    {"itself", NULL,
	"snp.measurement == snp.measurement || snp.tcb.reported.snp >= 0 || "
	"(%s)",
	false, false},
    {"exists of nothing", NULL, "!([1, 2].exists(x, x == 3)) || (%s)", false,
	false},
    {"any prefix", NULL, "(%s) || snp.measurement.startsWith(\"\")", false,
	false},
    {"list of nothing", NULL, "(%s) || !(snp.vmpl in [7, 8])", false, false},
    {"simulated", NULL, "(%s) || tee.simulated", false, false},
    {"twice", NULL, "(%s) && (%s)", false, true},
    {"not not", NULL, "!!(%s)", false, true},
    {"or false", NULL, "(%s) || false", false, true},
    {"and more", NULL, "(%s) && tee.bound", false, true},
    {"in a loop", NULL, "[1, 2].all(x, %s)", false, true},
};
enum { MUTATIONS = sizeof(mutations) / sizeof(mutations[0]) };

#endif
