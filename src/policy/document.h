/* SPDX-License-Identifier: Apache-2.0 */
/* A policy document in memory, and the passes that read it from YAML. */
#ifndef VS_POLICY_DOCUMENT_H
#define VS_POLICY_DOCUMENT_H

#include "claims/gpu.h"
#include "codec/yaml.h"
#include "policy/env.h"
#include "policy/lists.h"
#include "policy/policy.h"
#include "policy/report.h"

enum {
	VS_POL_RULES_MAX = 128,
	VS_POL_KEYS_MAX = 64,
	VS_POL_NAMES_MAX = 128, /* params; lets */
	VS_POL_LISTS_MAX = 32,
	VS_POL_TESTS_MAX = 256,
};

/* X(symbol, name, kind of evidence, another kind or NULL). */
#define VS_POL_TEE_TABLE(X)                                                    \
	X(VS_TEE_SNP, "snp", "snp", NULL)                                      \
	X(VS_TEE_TDX, "tdx", "tdx", NULL)                                      \
	X(VS_TEE_SGX, "sgx", "sgx", NULL)                                      \
	X(VS_TEE_NITRO, "nitro", "nitro", NULL)                                \
	X(VS_TEE_CCA, "cca", "cca", NULL)                                      \
	X(VS_TEE_VTPM, "vtpm", "vtpm", NULL)                                   \
	X(VS_TEE_AZURE, "azure", "az-snp", "az-tdx")                           \
	X(VS_TEE_GCP, "gcp", "gcp-snp", "gcp-tdx")

enum {
#define X(sym, name, kind, other) sym,
	VS_POL_TEE_TABLE(X)
#undef X
	    VS_TEE_COUNT
};

/* Claims that an expression reads, lets included. */
struct vs_pol_reads {
	bool claim[VS_CLAIM_COUNT];
};

/* A list or registry that the document declares. */
struct vs_pol_list {
	const char *name; /* with '_' for '-' */
	bool registry;
	int64_t max_age_ms; /* 0: of any age */
	int line, col;
};

struct vs_pol_let {
	const char *name;
	struct vs_cel_node *code;
	const struct vs_yaml *yaml;
	struct vs_pol_reads reads;
	unsigned depth; /* of the tree, with the lets that it reads */
};

struct vs_pol_rule {
	const char *id;
	const char *message;
	const char *ref;
	const char *owner;
	struct vs_cel_node *assert_code;
	struct vs_cel_node *when;    /* or NULL */
	struct vs_cel_node *explain; /* or NULL */
	const struct vs_yaml *yaml_assert, *yaml_when;
	bool warn;
	int line, col;
	struct vs_pol_reads reads; /* of assert */
};

/* A check of the floor that is let go. */
struct vs_pol_waiver {
	struct vs_policy_waiver pub;
	int check; /* vs_floor_check */
	int col;
	bool used; /* the policy would not load without it */
};

/* One claim that a test sets. */
struct vs_pol_given {
	vs_claim_id id;
	struct vs_claim_value value;
};

struct vs_pol_test {
	const char *name;
	int line, col;
	const struct vs_pol_given *given;
	size_t given_n;
	struct vs_gpu_claims *gpus;
	size_t gpus_n;
	int64_t now_ms;
	struct vs_lists *lists; /* or NULL: none */
	bool allow;
	bool failed_set; /* `failed` was written */
	const char **failed;
	size_t failed_n;
};

struct vs_policy {
	struct vs_arena arena; /* holds everything below, and the YAML tree */
	const char *file;
	struct vs_span text; /* of the file, as it was read */
	const char *name;
	int64_t version;
	struct vs_span *keys;
	size_t keys_n;
	bool tee[VS_TEE_COUNT];
	bool shadow; /* judged and reported, never decides */
	bool guard;  /* may deny, does not grant */
	bool disclose;
	bool mentions_gpus; /* in some expression, read or not */
	bool has_not_before, has_not_after;
	int64_t not_before_ms, not_after_ms;
	struct vs_cel_decl *decls; /* now, params, lists, lets */
	size_t decls_n, params_n;
	struct vs_pol_list *lists;
	size_t lists_n;
	struct vs_pol_let *lets;
	const struct vs_cel_node **let_code;
	size_t lets_n;
	struct vs_pol_rule *rules;
	size_t rules_n;
	uint64_t cost; /* of one decision, at most */
	int rules_line, rules_col;
	struct vs_pol_waiver *waivers;
	size_t waivers_n;
	struct vs_policy_approvals approvals;
	struct vs_pol_test *tests;
	size_t tests_n;
};

/* While loading. */
struct vs_pol_doc {
	struct vs_policy *p;
	struct vs_span text; /* of the file */
	struct vs_report *report;
	bool rules_missing; /* one had errors and is not among the rules */
};

/* doc_read.c: scalars by the type the schema wants. All report and return
 * false when the text does not fit. */
void vs_doc_bad(struct vs_pol_doc *d, const struct vs_yaml *y, const char *fmt,
    ...) VS_PRINTF(3, 4);
void *vs_doc_calloc(struct vs_pol_doc *d, size_t n, size_t size);
bool vs_doc_is(struct vs_pol_doc *d, const struct vs_yaml *y, vs_yaml_type type,
    const char *what);
/* Keys outside the list are errors; so is a required key that is missing
 * (names up to the first NULL are required). */
bool vs_doc_keys(struct vs_pol_doc *d, const struct vs_yaml *map,
    const char *what, const char *const *names, size_t n);
bool vs_doc_str(struct vs_pol_doc *d, const struct vs_yaml *y, const char *what,
    const char **out);
bool vs_doc_int(struct vs_pol_doc *d, const struct vs_yaml *y, const char *what,
    int64_t *out);
bool vs_doc_time(struct vs_pol_doc *d, const struct vs_yaml *y,
    const char *what, int64_t *ms);
/* The number of the name that the text is. */
bool vs_doc_enum(struct vs_pol_doc *d, const struct vs_yaml *y,
    const char *what, const char *const *names, size_t n, size_t *out);
bool vs_doc_parse_int(struct vs_span s, int64_t *out);
/* [_a-zA-Z][_a-zA-Z0-9]*, no keyword. */
bool vs_doc_is_ident(struct vs_span s);

/* doc_expr.c: a checked expression of a kind, or NULL and reported. */
struct vs_cel_node *vs_doc_expr(struct vs_pol_doc *d, const struct vs_yaml *y,
    const char *what, unsigned kind);
/* Line and column in the file of an octet of an expression. */
void vs_doc_position(const struct vs_pol_doc *d, const struct vs_yaml *y,
    uint32_t pos, int *line, int *col);
void vs_doc_reads(const struct vs_policy *p, const struct vs_cel_node *n,
    struct vs_pol_reads *out);
/* Levels of the tree, with the lets that it reads. */
unsigned vs_doc_depth(const struct vs_policy *p, const struct vs_cel_node *n);
enum { VS_DOC_ANY_KIND = 255 };

/* doc_names.c, doc_lists.c, doc_waive.c, doc_rules.c, doc_tests.c: a section
 * each. */
void vs_doc_params(struct vs_pol_doc *d, const struct vs_yaml *y);
void vs_doc_lists(struct vs_pol_doc *d, const struct vs_yaml *y);
void vs_doc_waive(struct vs_pol_doc *d, const struct vs_yaml *y);
void vs_doc_approvals(struct vs_pol_doc *d, const struct vs_yaml *y);
void vs_pol_add_approvals(
    struct vs_policy_approvals *sum, const struct vs_policy_approvals *a);
void vs_doc_lets(struct vs_pol_doc *d, const struct vs_yaml *y);
void vs_doc_rules(struct vs_pol_doc *d, const struct vs_yaml *y);
void vs_doc_tests(struct vs_pol_doc *d, const struct vs_yaml *y);
/* doc_lists.c: what a test gives for the declared lists. */
void vs_doc_test_lists(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_test *t);

/* doc_tests.c: everything of a case but what is expected of it. Keys are
 * the caller's to check. */
void vs_doc_case(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_test *t);

/* tests_run.c: judges one case; base: claims that those of the case come
 * on top of, or NULL for what verified evidence always has. */
struct vs_policy_case_result;
void vs_pol_run_case(const struct vs_policy *p, const struct vs_pol_test *t,
    const struct vs_claims *base, struct vs_arena *arena,
    struct vs_policy_case_result *out);

/* doc_gpus.c: the GPUs that a test sets. */
void vs_doc_test_gpus(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_test *t);
/* doc_tests.c: the value of one claim. */
bool vs_doc_claim(struct vs_pol_doc *d, const struct vs_yaml *y,
    const struct vs_claim_def *def, struct vs_claim_value *out);

/* doc_cost.c: E_COST for what may run over its limit. */
void vs_doc_cost(struct vs_pol_doc *d);

/* lint.c, guard.c: warnings, and errors that only a whole document shows. */
void vs_doc_lint(struct vs_pol_doc *d);
void vs_doc_lint_guards(struct vs_pol_doc *d, const struct vs_pol_rule *rule);

/* decide.c: judges by exactly these policies, key names aside. shadow ones
 * do not decide, unless all_enforce. */
void vs_pol_judge(const struct vs_policy *const *policies, size_t n,
    bool all_enforce, const struct vs_lists *lists,
    const struct vs_claims *claims, int64_t now_ms, struct vs_arena *arena,
    struct vs_policy_result *out);

/* decide.c: the steps of a judgement, for who explains it afterwards. */
bool vs_pol_governs(const struct vs_policy *p, struct vs_span key);
bool vs_pol_admits(const struct vs_policy *p, const struct vs_claims *claims);
bool vs_pol_in_window(const struct vs_policy *p, int64_t now_ms);
/* Everything of *run but its limit. False without memory. */
struct vs_cel_run;
bool vs_pol_start(const struct vs_policy *p, const struct vs_lists *lists,
    const struct vs_claims *claims, int64_t now_ms, struct vs_arena *arena,
    struct vs_cel_run *run);

#endif
