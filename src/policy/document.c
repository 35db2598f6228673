/* SPDX-License-Identifier: Apache-2.0 */
/* A policy file: the keys at its top, and loading as a whole. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "policy/document.h"
#include "policy/floor.h"
#include "policy/glob.h"

/* The most that a file of 256 KiB of nothing but operators compiles to. */
enum { ARENA_MAX = 128 * 1024 * 1024 };

static void
read_name(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	struct vs_span s = y->text;
	bool good = s.n > 0 && s.n <= 63 && s.p[0] != '-';

	if (!vs_doc_str(d, y, "name", &d->p->name))
		return;
	for (size_t i = 0; i < s.n; i++)
		good = good &&
		    ((s.p[i] >= 'a' && s.p[i] <= 'z') ||
			(s.p[i] >= '0' && s.p[i] <= '9') || s.p[i] == '-');
	if (!good)
		vs_doc_bad(d, y,
		    "a name holds lower-case letters, digits and -, begins "
		    "with no -, and is at most 63 long");
}

static void
read_version(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	if (vs_doc_int(d, y, "version", &d->p->version) && d->p->version < 1)
		vs_doc_bad(d, y, "version must be 1 or more");
}

static void
read_keys(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	if (!vs_doc_is(d, y, VS_YAML_SEQ, "keys"))
		return;
	if (y->n == 0 || y->n > VS_POL_KEYS_MAX) {
		vs_doc_bad(d, y, "keys has 1 to %d patterns", VS_POL_KEYS_MAX);
		return;
	}
	d->p->keys = vs_doc_calloc(d, y->n, sizeof(*d->p->keys));
	if (d->p->keys == NULL)
		return;
	for (size_t i = 0; i < y->n; i++) {
		const char *why;

		if (!vs_doc_is(d, y->v[i], VS_YAML_SCALAR, "a key pattern"))
			continue;
		why = vs_glob_check(y->v[i]->text);
		if (why != NULL)
			vs_doc_bad(
			    d, y->v[i], "the pattern is broken: %s", why);
		d->p->keys[d->p->keys_n++] = y->v[i]->text;
	}
}

static void
read_tee(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	static const char *const names[] = {
#define X(sym, name, kind, other) name,
	    VS_POL_TEE_TABLE(X)
#undef X
	};

	if (!vs_doc_is(d, y, VS_YAML_SEQ, "tee"))
		return;
	if (y->n == 0)
		vs_doc_bad(d, y, "tee admits nothing");
	for (size_t i = 0; i < y->n; i++) {
		size_t k;

		if (!vs_doc_enum(d, y->v[i], "tee", names, VS_TEE_COUNT, &k))
			continue;
		if (d->p->tee[k])
			vs_doc_bad(
			    d, y->v[i], "\"%s\" is there twice", names[k]);
		d->p->tee[k] = true;
	}
}

static void
read_choices(struct vs_pol_doc *d, const struct vs_yaml *root)
{
	static const char *const api[] = {"policy/v1"};
	static const char *const modes[] = {"enforce", "shadow", "guard"};
	static const char *const disclosures[] = {"none", "rule-ids"};
	const struct vs_yaml *y = vs_yaml_get(root, "apiVersion");
	size_t i = 0;

	if (y != NULL)
		(void)vs_doc_enum(d, y, "apiVersion", api, 1, &i);
	y = vs_yaml_get(root, "mode");
	if (y != NULL && vs_doc_enum(d, y, "mode", modes, 3, &i)) {
		d->p->shadow = i == 1;
		d->p->guard = i == 2;
	}
	y = vs_yaml_get(root, "disclose");
	if (y != NULL && vs_doc_enum(d, y, "disclose", disclosures, 2, &i))
		d->p->disclose = i == 1;
}

static void
read_window(struct vs_pol_doc *d, const struct vs_yaml *root)
{
	const struct vs_yaml *before = vs_yaml_get(root, "not_before");
	const struct vs_yaml *after = vs_yaml_get(root, "not_after");
	struct vs_policy *p = d->p;

	if (before != NULL)
		p->has_not_before =
		    vs_doc_time(d, before, "not_before", &p->not_before_ms);
	if (after != NULL)
		p->has_not_after =
		    vs_doc_time(d, after, "not_after", &p->not_after_ms);
	if (p->has_not_before && p->has_not_after &&
	    p->not_before_ms >= p->not_after_ms)
		vs_doc_bad(d, after, "not_after is not after not_before");
}

/* `now`, then room for every param, list and let. */
static bool
make_decls(struct vs_pol_doc *d, const struct vs_yaml *root)
{
	const struct vs_yaml *params = vs_yaml_get(root, "params");
	const struct vs_yaml *lists = vs_yaml_get(root, "lists");
	const struct vs_yaml *lets = vs_yaml_get(root, "let");
	size_t n = 1 + (params != NULL ? params->n : 0) +
	    (lists != NULL ? lists->n : 0) + (lets != NULL ? lets->n : 0);

	d->p->decls = vs_doc_calloc(d, n, sizeof(*d->p->decls));
	if (d->p->decls == NULL)
		return false;
	d->p->decls[d->p->decls_n++] =
	    (struct vs_cel_decl){.name = VS_SPAN_LIT("now"),
		.op = VS_OP_NOW,
		.type = vs_type_of_kind(VS_KIND_TIMESTAMP),
		.used = true};
	return true;
}

/* In the order in which names become visible, whatever the file's order. */
static void
read_root(struct vs_pol_doc *d, const struct vs_yaml *root)
{
	static const char *const names[] = {"apiVersion", "name", "version",
	    "keys", "tee", "rules", NULL, "mode", "not_before", "not_after",
	    "params", "lists", "let", "tests", "disclose", "waive",
	    "approvals"};
	static const struct {
		const char *key;
		void (*read)(struct vs_pol_doc *d, const struct vs_yaml *y);
	} sections[] = {{"name", read_name}, {"version", read_version},
	    {"keys", read_keys}, {"tee", read_tee}, {"params", vs_doc_params},
	    {"lists", vs_doc_lists}, {"let", vs_doc_lets},
	    {"waive", vs_doc_waive}, {"approvals", vs_doc_approvals},
	    {"rules", vs_doc_rules}, {"tests", vs_doc_tests}};

	if (!vs_doc_is(d, root, VS_YAML_MAP, "a policy"))
		return;
	(void)vs_doc_keys(d, root, "a policy", names, VS_COUNT(names));
	read_choices(d, root);
	read_window(d, root);
	if (!make_decls(d, root))
		return;
	for (size_t i = 0; i < VS_COUNT(sections); i++) {
		const struct vs_yaml *y = vs_yaml_get(root, sections[i].key);

		if (y != NULL)
			sections[i].read(d, y);
	}
}

/* The YAML reader's message begins "LINE:COL: ". */
static void
yaml_failed(struct vs_pol_doc *d, const struct vs_err *err)
{
	char *rest;
	long line = strtol(err->msg, &rest, 10), col = 0;

	if (*rest == ':')
		col = strtol(rest + 1, &rest, 10);
	if (*rest == ':' && rest[1] == ' ')
		rest += 2;
	if (err->status == VS_NO_MEMORY)
		d->report->no_memory = true;
	vs_report_error(d->report, "E_YAML", (int)line, (int)col, "%s", rest);
}

static void
load(struct vs_pol_doc *d, int64_t now_ms)
{
	const struct vs_yaml *root;
	struct vs_err err = {0};

	if (vs_yaml_parse(d->text, &d->p->arena, &root, &err) != VS_OK) {
		yaml_failed(d, &err);
		return;
	}
	read_root(d, root);
	if (d->report->errors == 0 && !d->report->no_memory)
		vs_doc_cost(d);
	if (d->report->errors == 0 && !d->report->no_memory)
		vs_doc_lint(d);
	if (d->report->errors == 0 && !d->report->no_memory)
		vs_doc_floor(d, now_ms);
}

static struct vs_policy *
new_policy(const char *file)
{
	struct vs_policy *p = vs_calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	vs_arena_init(&p->arena, ARENA_MAX);
	p->file = vs_arena_cstr(&p->arena, vs_span_cstr(file));
	if (p->file == NULL)
		vs_policy_free(&p);
	return p;
}

vs_status
vs_policy_load(const char *file, struct vs_span text,
    struct vs_policy_diags *diags, struct vs_policy **out, struct vs_err *err)
{
	struct vs_clock clock = vs_clock_system();

	return vs_policy_load_at(
	    file, text, vs_clock_ms(&clock), diags, out, err);
}

vs_status
vs_policy_load_at(const char *file, struct vs_span text, int64_t now_ms,
    struct vs_policy_diags *diags, struct vs_policy **out, struct vs_err *err)
{
	VS_AUTO(vs_policy) *p = new_policy(file);
	struct vs_report r = {.file = file, .diags = diags, .err = err};
	struct vs_pol_doc d = {.p = p, .text = text, .report = &r};

	vs_err_clear(err);
	if (p == NULL)
		return vs_fail(err, VS_NO_MEMORY, "out of memory");
	VS_TRY(err, file, vs_arena_dup(&p->arena, text, &p->text));
	load(&d, now_ms);
	if (r.no_memory)
		return vs_fail(err, VS_NO_MEMORY, "%s: out of memory", file);
	if (r.errors > 0)
		return err->status;
	*out = VS_TAKE(p);
	return VS_OK;
}

void
vs_policy_free(struct vs_policy **p)
{
	if (p == NULL || *p == NULL)
		return;
	for (size_t i = 0; i < (*p)->tests_n; i++)
		vs_lists_free(&(*p)->tests[i].lists);
	vs_arena_fini(&(*p)->arena);
	free(*p);
	*p = NULL;
}

const char *
vs_policy_name(const struct vs_policy *p)
{
	return p->name;
}

const char *
vs_policy_file(const struct vs_policy *p)
{
	return p->file;
}

struct vs_span
vs_policy_text(const struct vs_policy *p)
{
	return p->text;
}

int64_t
vs_policy_version(const struct vs_policy *p)
{
	return p->version;
}

bool
vs_policy_enforces(const struct vs_policy *p)
{
	return !p->shadow;
}

const char *
vs_policy_mode(const struct vs_policy *p)
{
	if (p->guard)
		return "guard";
	return p->shadow ? "shadow" : "enforce";
}

const struct vs_policy_waiver *
vs_policy_waiver_at(const struct vs_policy *p, size_t i)
{
	for (size_t k = 0; k < p->waivers_n; k++) {
		if (p->waivers[k].used && i-- == 0)
			return &p->waivers[k].pub;
	}
	return NULL;
}

size_t
vs_policy_rules(const struct vs_policy *p)
{
	return p->rules_n;
}
