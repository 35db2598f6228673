/* SPDX-License-Identifier: Apache-2.0 */
/* lists: what a document declares, and what its tests put into them. */
#include <string.h>

#include "policy/document.h"
#include "policy/record.h"

/* Names as expressions have them, with '_' for '-'. */
static const char *
list_name(struct vs_pol_doc *d, const struct vs_yaml *key)
{
	char *s = vs_arena_cstr(&d->p->arena, key->text);

	if (s == NULL) {
		d->report->no_memory = true;
		return NULL;
	}
	for (char *c = s; *c != '\0'; c++) {
		if (*c == '-')
			*c = '_';
	}
	if (key->text.n <= VS_LIST_NAME_MAX && strlen(s) == key->text.n &&
	    vs_doc_is_ident(vs_span_cstr(s)))
		return s;
	vs_doc_bad(d, key,
	    "the name of a list holds letters, digits, - and _, begins with "
	    "no digit, and is at most %d long",
	    VS_LIST_NAME_MAX);
	return NULL;
}

static void
read_max_age(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_list *l)
{
	struct vs_val v;

	if (!vs_doc_is(d, y, VS_YAML_SCALAR, "max_age"))
		return;
	if (vs_cel_parse_duration(y->text, &v) && v.u.i >= 1000000)
		l->max_age_ms = v.u.i / 1000000;
	else
		vs_doc_bad(d, y,
		    "max_age must be a duration above zero such as 24h or "
		    "1h30m; there is no unit of days");
}

static struct vs_cel_type *
list_type(struct vs_pol_doc *d, bool registry)
{
	struct vs_types t = {.arena = &d->p->arena};
	struct vs_cel_type *text = vs_type_of_kind(VS_KIND_STRING);
	struct vs_cel_type *type = registry
	    ? vs_type_new(
		  &t, VS_KIND_MAP, text, vs_type_record(&t, &vs_registry_entry))
	    : vs_type_new(&t, VS_KIND_LIST, text, NULL);

	d->report->no_memory = d->report->no_memory || t.no_memory;
	return type;
}

static void
declare(struct vs_pol_doc *d, const struct vs_pol_list *l)
{
	struct vs_policy *p = d->p;
	char *name = vs_arena_printf(
	    &p->arena, "%s.%s", l->registry ? "registry" : "lists", l->name);

	if (name == NULL) {
		d->report->no_memory = true;
		return;
	}
	p->decls[p->decls_n++] = (struct vs_cel_decl){
	    .name = vs_span_cstr(name),
	    .op = VS_OP_LISTED,
	    .id = (uint32_t)(l - p->lists),
	    .type = list_type(d, l->registry),
	    .line = l->line,
	    .col = l->col,
	};
}

static void
add_list(
    struct vs_pol_doc *d, const struct vs_yaml *key, const struct vs_yaml *y)
{
	static const char *const keys[] = {"source", NULL, "max_age"};
	static const char *const sources[] = {"signed-file", "registry"};
	struct vs_policy *p = d->p;
	struct vs_pol_list l = {
	    .name = list_name(d, key), .line = key->line, .col = key->col};
	const struct vs_yaml *max_age;
	size_t source;

	if (l.name == NULL || !vs_doc_keys(d, y, "a list", keys, 3) ||
	    !vs_doc_enum(
		d, vs_yaml_get(y, "source"), "source", sources, 2, &source))
		return;
	for (size_t i = 0; i < p->lists_n; i++) {
		if (strcmp(p->lists[i].name, l.name) == 0)
			vs_doc_bad(d, key,
			    "\"%s\" is taken by line %d: - and _ are alike",
			    l.name, p->lists[i].line);
	}
	l.registry = source == 1;
	max_age = vs_yaml_get(y, "max_age");
	if (max_age != NULL)
		read_max_age(d, max_age, &l);
	p->lists[p->lists_n] = l;
	declare(d, &p->lists[p->lists_n++]);
}

void
vs_doc_lists(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	if (!vs_doc_is(d, y, VS_YAML_MAP, "lists"))
		return;
	if (y->n > VS_POL_LISTS_MAX) {
		vs_doc_bad(d, y, "more than %d lists", VS_POL_LISTS_MAX);
		return;
	}
	d->p->lists = vs_doc_calloc(d, y->n, sizeof(*d->p->lists));
	if (d->p->lists == NULL)
		return;
	for (size_t i = 0; i < y->n; i++)
		add_list(d, y->k[i], y->v[i]);
}

const char *
vs_policy_list_at(
    const struct vs_policy *p, size_t i, bool *registry, int *line)
{
	if (i >= p->lists_n)
		return NULL;
	*registry = p->lists[i].registry;
	*line = p->lists[i].line;
	return p->lists[i].name;
}

/* ---- in tests ----------------------------------------------------------- */

static bool
time_s(struct vs_pol_doc *d, const struct vs_yaml *rec, const char *name,
    int64_t *out)
{
	const struct vs_yaml *y = vs_yaml_get(rec, name);
	int64_t ms;

	if (y == NULL)
		return true;
	if (!vs_doc_time(d, y, name, &ms))
		return false;
	*out = ms / 1000;
	return true;
}

static void
text_of(struct vs_pol_doc *d, const struct vs_yaml *rec, const char *name,
    struct vs_span *out)
{
	const struct vs_yaml *y = vs_yaml_get(rec, name);

	if (y != NULL && vs_doc_is(d, y, VS_YAML_SCALAR, name))
		*out = y->text;
}

static void
approvals_of(struct vs_pol_doc *d, const struct vs_yaml *rec,
    struct vs_registry_record *r)
{
	const struct vs_yaml *y = vs_yaml_get(rec, "approvals");
	struct vs_span *v;

	if (y == NULL || !vs_doc_is(d, y, VS_YAML_SEQ, "approvals"))
		return;
	v = vs_doc_calloc(d, y->n, sizeof(*v));
	if (v == NULL)
		return;
	for (size_t i = 0; i < y->n; i++) {
		if (vs_doc_is(d, y->v[i], VS_YAML_SCALAR, "approvals"))
			v[i] = y->v[i]->text;
	}
	r->approvals = v;
	r->approvals_n = y->n;
}

static void
read_record(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_registry_record *r)
{
	static const char *const names[] = {
#define X(sym, name, sig, optional, max) name,
	    VS_REGISTRY_FIELD_TABLE(X)
#undef X
	};
	static const char *const bools[] = {"false", "true"};
	const char *keys[VS_REG_COUNT + 1] = {NULL}; /* none is required */
	const struct vs_yaml *v;
	size_t i = 0;

	memcpy(keys + 1, names, sizeof(names));
	if (!vs_doc_keys(d, y, "an entry of a registry", keys, VS_COUNT(keys)))
		return;
	(void)(time_s(d, y, "added_at", &r->added_at_s) &&
	    time_s(d, y, "expires_at", &r->expires_at_s));
	text_of(d, y, "added_by", &r->added_by);
	text_of(d, y, "builder", &r->builder);
	text_of(d, y, "source_uri", &r->source_uri);
	text_of(d, y, "source_ref", &r->source_ref);
	approvals_of(d, y, r);
	v = vs_yaml_get(y, "slsa_level");
	if (v != NULL)
		(void)vs_doc_int(d, v, "slsa_level", &r->slsa_level);
	v = vs_yaml_get(y, "revoked");
	if (v != NULL && vs_doc_enum(d, v, "revoked", bools, 2, &i))
		r->revoked = i == 1;
}

static vs_status
fill_registry(struct vs_pol_doc *d, const struct vs_yaml *y,
    struct vs_lists_builder *b, const struct vs_list_head *head,
    struct vs_err *err)
{
	VS_TRY(err, "lists", vs_lists_add_registry(b, head, err));
	for (size_t i = 0; i < y->n; i++) {
		struct vs_registry_record r = {0};

		read_record(d, y->v[i], &r);
		VS_TRY(err, "lists",
		    vs_lists_add_record(b, y->k[i]->text, &r, err));
	}
	return VS_OK;
}

static vs_status
fill_list(struct vs_pol_doc *d, const struct vs_yaml *y,
    struct vs_lists_builder *b, const struct vs_list_head *head,
    struct vs_err *err)
{
	VS_TRY(err, "lists", vs_lists_add_list(b, head, err));
	for (size_t i = 0; i < y->n; i++) {
		if (!vs_doc_is(d, y->v[i], VS_YAML_SCALAR, "a value of a list"))
			continue;
		VS_TRY(
		    err, "lists", vs_lists_add_value(b, y->v[i]->text, 0, err));
	}
	return VS_OK;
}

static const struct vs_pol_list *
declared(struct vs_pol_doc *d, const struct vs_yaml *key)
{
	const char *name = list_name(d, key), *near;
	const char *names[VS_POL_LISTS_MAX];
	const struct vs_policy *p = d->p;

	if (name == NULL)
		return NULL;
	for (size_t i = 0; i < p->lists_n; i++) {
		if (strcmp(p->lists[i].name, name) == 0)
			return &p->lists[i];
		names[i] = p->lists[i].name;
	}
	near = vs_nearest(vs_span_cstr(name), names, p->lists_n);
	vs_doc_bad(d, key, "no list \"%s\" is declared under lists%s%s%s", name,
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
	return NULL;
}

/* A list is a sequence of values, a registry a mapping of keys to entries.
 * Both are of the time of the test. */
static void
fill(struct vs_pol_doc *d, const struct vs_yaml *key, const struct vs_yaml *y,
    struct vs_lists_builder *b, int64_t now_ms)
{
	const struct vs_pol_list *l = declared(d, key);
	struct vs_list_head head = {.name = key->text, .as_of_ms = now_ms};
	struct vs_err err = {0};
	vs_status st;

	if (l == NULL ||
	    !vs_doc_is(d, y, l->registry ? VS_YAML_MAP : VS_YAML_SEQ, l->name))
		return;
	st = l->registry ? fill_registry(d, y, b, &head, &err)
			 : fill_list(d, y, b, &head, &err);
	if (st == VS_NO_MEMORY)
		d->report->no_memory = true;
	else if (st != VS_OK)
		vs_doc_bad(d, y, "%s", err.msg);
}

void
vs_doc_test_lists(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_test *t)
{
	VS_AUTO(vs_lists_builder) *b = NULL;
	struct vs_err err = {0};

	if (!vs_doc_is(d, y, VS_YAML_MAP, "lists"))
		return;
	b = vs_lists_builder_new();
	if (b == NULL) {
		d->report->no_memory = true;
		return;
	}
	for (size_t i = 0; i < y->n; i++)
		fill(d, y->k[i], y->v[i], b, t->now_ms);
	if (vs_lists_build(&b, "", &t->lists, &err) != VS_OK)
		d->report->no_memory = true;
}
