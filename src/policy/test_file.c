/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/test_file.h"

#include <stdlib.h>
#include <string.h>

#include "policy/document.h"

enum { ARENA_MAX = 16 * 1024 * 1024, PATHS_MAX = 16 };

struct one {
	struct vs_pol_test test;
	struct vs_policy_evidence evidence;
};

struct vs_policy_cases {
	const struct vs_policy *p;
	/* What the reader of documents needs: the policy's rules, and an
	 * arena of our own. */
	struct vs_policy shell;
	struct one *v;
	size_t n;
};

/* Messages of the YAML reader begin "LINE:COL: ". */
static vs_status
parse(const char *file, struct vs_span text, struct vs_arena *a,
    const struct vs_yaml **root, struct vs_err *err)
{
	vs_status st = vs_yaml_parse(text, a, root, err);

	if (st != VS_OK)
		return vs_ctx(err, file, st);
	if ((*root)->type != VS_YAML_MAP)
		return vs_fail(err, VS_MALFORMED,
		    "%s: must be a mapping of policy and cases", file);
	return VS_OK;
}

vs_status
vs_policy_cases_policy(const char *file, struct vs_span text,
    struct vs_arena *a, const char **policy, struct vs_err *err)
{
	const struct vs_yaml *root = NULL, *y;
	const char *path;

	VS_TRY(err, "cases", parse(file, text, a, &root, err));
	y = vs_yaml_get(root, "policy");
	if (y == NULL || y->type != VS_YAML_SCALAR || y->text.n == 0)
		return vs_fail(err, VS_MALFORMED,
		    "%s: policy: must be the path of a policy", file);
	path = vs_arena_cstr(a, y->text);
	if (path == NULL)
		return vs_fail(err, VS_NO_MEMORY, "%s", file);
	*policy = path;
	return VS_OK;
}

static void
read_paths(struct vs_pol_doc *d, const struct vs_yaml *y, const char *what,
    const char *const **out, size_t *n)
{
	const char **v;

	if (y == NULL || !vs_doc_is(d, y, VS_YAML_SEQ, what))
		return;
	if (y->n > PATHS_MAX) {
		vs_doc_bad(d, y, "%s: more than %d", what, PATHS_MAX);
		return;
	}
	v = vs_doc_calloc(d, y->n, sizeof(*v));
	for (size_t i = 0; v != NULL && i < y->n; i++) {
		if (!vs_doc_str(d, y->v[i], what, &v[i]))
			return;
	}
	*out = v;
	*n = v != NULL ? y->n : 0;
}

static void
read_evidence(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_policy_evidence *e)
{
	const struct {
		const char *key;
		const char **out;
	} texts[] = {{"evidence", &e->report}, {"kind", &e->kind},
	    {"collateral", &e->collateral}, {"key", &e->key}};

	for (size_t i = 0; i < VS_COUNT(texts); i++) {
		const struct vs_yaml *v = vs_yaml_get(y, texts[i].key);

		if (v != NULL)
			(void)vs_doc_str(d, v, texts[i].key, texts[i].out);
	}
	read_paths(d, vs_yaml_get(y, "certs"), "certs", &e->certs, &e->certs_n);
	read_paths(d, vs_yaml_get(y, "trust_anchors"), "trust_anchors",
	    &e->anchors, &e->anchors_n);
}

static void
read_case(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_policy_cases *c)
{
	static const char *const names[] = {"name", "expect", NULL, "claims",
	    "now", "failed", "lists", "evidence", "kind", "collateral", "key",
	    "certs", "trust_anchors"};
	static const char *const verdicts[] = {"deny", "allow", "unverified"};
	struct one *one = &c->v[c->n];
	size_t verdict = 0;

	if (!vs_doc_keys(d, y, "a case", names, VS_COUNT(names)))
		return;
	vs_doc_case(d, y, &one->test);
	read_evidence(d, y, &one->evidence);
	one->evidence.now_ms = one->test.now_ms;
	if (vs_doc_enum(
		d, vs_yaml_get(y, "expect"), "expect", verdicts, 3, &verdict))
		one->test.allow = verdict == 1;
	one->evidence.unverified = verdict == 2;
	if (one->evidence.report == NULL && vs_yaml_get(y, "claims") == NULL)
		vs_doc_bad(d, y, "a case needs claims or evidence");
	if (one->evidence.report == NULL && one->evidence.unverified)
		vs_doc_bad(d, y, "only evidence can be unverified");
	c->n++;
}

static void
read_root(
    struct vs_pol_doc *d, const struct vs_yaml *root, struct vs_policy_cases *c)
{
	static const char *const names[] = {"policy", "cases"};
	const struct vs_yaml *y;

	if (!vs_doc_keys(d, root, "a file of cases", names, VS_COUNT(names)))
		return;
	y = vs_yaml_get(root, "cases");
	if (!vs_doc_is(d, y, VS_YAML_SEQ, "cases"))
		return;
	c->v = vs_doc_calloc(d, y->n, sizeof(*c->v));
	for (size_t i = 0; c->v != NULL && i < y->n; i++)
		read_case(d, y->v[i], c);
}

vs_status
vs_policy_cases_load(const char *file, struct vs_span text,
    const struct vs_policy *p, struct vs_policy_diags *diags,
    struct vs_policy_cases **out, struct vs_err *err)
{
	struct vs_report report = {.file = file, .diags = diags, .err = err};
	VS_AUTO(vs_policy_cases) *c = vs_calloc(1, sizeof(*c));
	struct vs_pol_doc d = {.report = &report};
	const struct vs_yaml *root = NULL;

	vs_err_clear(err);
	if (c == NULL)
		return vs_fail(err, VS_NO_MEMORY, "%s", file);
	c->p = p;
	c->shell = *p;
	vs_arena_init(&c->shell.arena, ARENA_MAX);
	d.p = &c->shell;
	VS_TRY(err, file, vs_arena_dup(&c->shell.arena, text, &d.text));
	VS_TRY(err, "cases", parse(file, d.text, &c->shell.arena, &root, err));
	read_root(&d, root, c);
	if (report.no_memory)
		return vs_fail(err, VS_NO_MEMORY, "%s: out of memory", file);
	if (report.errors > 0)
		return err->status;
	*out = VS_TAKE(c);
	return VS_OK;
}

void
vs_policy_cases_free(struct vs_policy_cases **cp)
{
	struct vs_policy_cases *c = cp != NULL ? *cp : NULL;

	if (c == NULL)
		return;
	*cp = NULL;
	for (size_t i = 0; i < c->n; i++)
		vs_lists_free(&c->v[i].test.lists);
	vs_arena_fini(&c->shell.arena);
	free(c);
}

size_t
vs_policy_cases_count(const struct vs_policy_cases *c)
{
	return c->n;
}

const struct vs_policy_evidence *
vs_policy_case_evidence(const struct vs_policy_cases *c, size_t i)
{
	VS_ASSERT(i < c->n);
	return &c->v[i].evidence;
}

const char *
vs_policy_case_name(const struct vs_policy_cases *c, size_t i)
{
	VS_ASSERT(i < c->n);
	return c->v[i].test.name;
}

void
vs_policy_run_case(const struct vs_policy_cases *c, size_t i,
    const struct vs_claims *base, struct vs_arena *arena,
    struct vs_policy_case_result *out)
{
	VS_ASSERT(i < c->n);
	vs_pol_run_case(c->p, &c->v[i].test, base, arena, out);
}
