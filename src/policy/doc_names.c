/* SPDX-License-Identifier: Apache-2.0 */
/* params and let: the names that a document gives. */
#include <string.h>

#include "policy/document.h"

static bool
quoted(const struct vs_yaml *y)
{
	return y->style != VS_YAML_PLAIN;
}

/* By style and content: only plain text can be a bool or an int. */
static struct vs_val
scalar_value(const struct vs_yaml *y)
{
	int64_t i;

	if (!quoted(y) && vs_span_is(y->text, "true"))
		return vs_val_bool(true);
	if (!quoted(y) && vs_span_is(y->text, "false"))
		return vs_val_bool(false);
	if (!quoted(y) && vs_doc_parse_int(y->text, &i))
		return vs_val_int(i);
	return vs_val_str(y->text);
}

static bool
list_value(struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_val *out,
    struct vs_cel_type **type)
{
	struct vs_types types = {.arena = &d->p->arena};
	unsigned kind = VS_KIND_STRING; /* of an empty list */
	struct vs_val *v;

	if (y->n > VS_CEL_ITEMS_MAX)
		return false;
	v = vs_doc_calloc(d, y->n, sizeof(*v));
	if (v == NULL)
		return false;
	for (size_t i = 0; i < y->n; i++) {
		if (!vs_doc_is(
			d, y->v[i], VS_YAML_SCALAR, "an element of a param"))
			return false;
		v[i] = scalar_value(y->v[i]);
		if (i == 0)
			kind = v[i].kind;
		if (v[i].kind != kind) {
			vs_doc_bad(d, y->v[i],
			    "the elements of a list must be of one type; this "
			    "is a %s, the first is a %s",
			    vs_kind_name((vs_kind)v[i].kind),
			    vs_kind_name((vs_kind)kind));
			return false;
		}
	}
	*out = vs_val_list(v, y->n);
	*type = vs_type_new(&types, VS_KIND_LIST, vs_type_of_kind(kind), NULL);
	return true;
}

static bool
good_name(struct vs_pol_doc *d, const struct vs_yaml *key, const char *what)
{
	if (vs_doc_is_ident(key->text))
		return true;
	vs_doc_bad(d, key,
	    "a %s name holds letters, digits and _ and begins with no digit",
	    what);
	return false;
}

static void
add_param(
    struct vs_pol_doc *d, const struct vs_yaml *key, const struct vs_yaml *y)
{
	struct vs_cel_decl decl = {
	    .op = VS_OP_LIT, .line = key->line, .col = key->col};
	char *name;

	if (!good_name(d, key, "param"))
		return;
	if (y->type == VS_YAML_MAP) {
		vs_doc_bad(d, y, "a param is a value or a list of values");
		return;
	}
	if (y->type == VS_YAML_SEQ) {
		if (!list_value(d, y, &decl.val, &decl.type))
			return;
	} else {
		decl.val = scalar_value(y);
		decl.type = vs_type_of_kind(decl.val.kind);
	}
	name =
	    vs_arena_printf(&d->p->arena, "param.%.*s", VS_SPAN_ARG(key->text));
	if (name == NULL) {
		d->report->no_memory = true;
		return;
	}
	decl.name = vs_span_cstr(name);
	d->p->decls[d->p->decls_n++] = decl;
}

void
vs_doc_params(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	if (!vs_doc_is(d, y, VS_YAML_MAP, "params"))
		return;
	if (y->n > VS_POL_NAMES_MAX) {
		vs_doc_bad(d, y, "more than %d params", VS_POL_NAMES_MAX);
		return;
	}
	for (size_t i = 0; i < y->n; i++)
		add_param(d, y->k[i], y->v[i]);
	d->p->params_n = y->n;
}

/* A let that hid a claim would make a rule read as something it is not. */
static bool
free_name(struct vs_pol_doc *d, const struct vs_yaml *key)
{
	static const char *const taken[] = {
	    "now", "param", "lists", "registry", "gpus"};
	bool hit = vs_cel_is_record(key->text) ||
	    vs_claim_find(key->text) != VS_CLAIM_COUNT;

	for (size_t i = 0; i < VS_COUNT(taken); i++)
		hit = hit || vs_span_is(key->text, taken[i]);
	if (!hit)
		return true;
	vs_doc_bad(
	    d, key, "the name \"%.*s\" is taken", VS_SPAN_ARG(key->text));
	return false;
}

static void
add_let(
    struct vs_pol_doc *d, const struct vs_yaml *key, const struct vs_yaml *y)
{
	struct vs_policy *p = d->p;
	struct vs_pol_let *let = &p->lets[p->lets_n];

	if (!good_name(d, key, "let") || !free_name(d, key))
		return;
	let->code = vs_doc_expr(d, y, "a let", VS_DOC_ANY_KIND);
	if (let->code == NULL || !vs_doc_str(d, key, "a let", &let->name))
		return;
	let->yaml = y;
	let->depth = vs_doc_depth(p, let->code);
	vs_doc_reads(p, let->code, &let->reads);
	p->let_code[p->lets_n] = let->code;
	p->decls[p->decls_n++] = (struct vs_cel_decl){.name = key->text,
	    .op = VS_OP_LET,
	    .id = (uint32_t)p->lets_n,
	    .type = let->code->type,
	    .line = key->line,
	    .col = key->col};
	p->lets_n++;
}

void
vs_doc_lets(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	struct vs_policy *p = d->p;

	if (!vs_doc_is(d, y, VS_YAML_MAP, "let"))
		return;
	if (y->n > VS_POL_NAMES_MAX) {
		vs_doc_bad(d, y, "more than %d lets", VS_POL_NAMES_MAX);
		return;
	}
	p->lets = vs_doc_calloc(d, y->n, sizeof(*p->lets));
	p->let_code = vs_doc_calloc(d, y->n, sizeof(*p->let_code));
	if (p->lets == NULL || p->let_code == NULL)
		return;
	for (size_t i = 0; i < y->n; i++)
		add_let(d, y->k[i], y->v[i]);
}
