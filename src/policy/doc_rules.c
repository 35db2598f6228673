/* SPDX-License-Identifier: Apache-2.0 */
/* rules: */
#include <string.h>

#include "policy/document.h"

/* [a-z0-9-]+ */
static bool
good_id(struct vs_span s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '-'))
			return false;
	}
	return s.n > 0 && s.n <= 64;
}

static void
read_id(struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_rule *r)
{
	const char *id;

	if (y == NULL || !vs_doc_str(d, y, "id", &id))
		return;
	if (!good_id(y->text)) {
		vs_doc_bad(d, y,
		    "an id holds lower-case letters, digits and -, at most "
		    "64");
		return;
	}
	for (size_t i = 0; i < d->p->rules_n; i++) {
		if (strcmp(d->p->rules[i].id, id) == 0)
			vs_doc_bad(d, y, "the id \"%s\" is taken by line %d",
			    id, d->p->rules[i].line);
	}
	r->id = id;
}

static void
read_texts(struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_rule *r)
{
	const struct {
		const char *key;
		const char **to;
	} texts[] = {
	    {"message", &r->message}, {"ref", &r->ref}, {"owner", &r->owner}};

	for (size_t i = 0; i < VS_COUNT(texts); i++) {
		const struct vs_yaml *v = vs_yaml_get(y, texts[i].key);

		if (v != NULL)
			(void)vs_doc_str(d, v, texts[i].key, texts[i].to);
	}
}

static void
read_severity(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_rule *r)
{
	static const char *const names[] = {"deny", "warn"};
	size_t i = 0;

	if (y != NULL && vs_doc_enum(d, y, "severity", names, 2, &i))
		r->warn = i == 1;
}

static void
read_exprs(struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_rule *r)
{
	const struct vs_yaml *explain = vs_yaml_get(y, "explain");

	r->yaml_assert = vs_yaml_get(y, "assert");
	r->yaml_when = vs_yaml_get(y, "when");
	if (r->yaml_assert != NULL)
		r->assert_code =
		    vs_doc_expr(d, r->yaml_assert, "assert", VS_KIND_BOOL);
	if (r->yaml_when != NULL)
		r->when = vs_doc_expr(d, r->yaml_when, "when", VS_KIND_BOOL);
	if (explain != NULL)
		r->explain = vs_doc_expr(d, explain, "explain", VS_KIND_STRING);
	if (r->assert_code != NULL)
		vs_doc_reads(d->p, r->assert_code, &r->reads);
}

static void
read_rule(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	static const char *const names[] = {"id", "assert", NULL, "when",
	    "message", "explain", "severity", "ref", "owner"};
	struct vs_pol_rule *r = &d->p->rules[d->p->rules_n];

	if (y->type != VS_YAML_MAP) {
		(void)vs_doc_is(d, y, VS_YAML_MAP, "a rule");
		return;
	}
	/* Even with a key too many or too few the rest is worth a look. */
	(void)vs_doc_keys(d, y, "a rule", names, VS_COUNT(names));
	r->line = y->line;
	r->col = y->col;
	read_id(d, vs_yaml_get(y, "id"), r);
	read_texts(d, y, r);
	read_severity(d, vs_yaml_get(y, "severity"), r);
	read_exprs(d, y, r);
	/* Otherwise there was an error and nothing will run. */
	if (r->id != NULL && r->assert_code != NULL) {
		d->p->rules_n++;
	} else {
		memset(r, 0, sizeof(*r));
		d->rules_missing = true;
	}
}

void
vs_doc_rules(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	if (!vs_doc_is(d, y, VS_YAML_SEQ, "rules"))
		return;
	if (y->n == 0 || y->n > VS_POL_RULES_MAX) {
		vs_doc_bad(
		    d, y, "a policy has 1 to %d rules", VS_POL_RULES_MAX);
		return;
	}
	d->p->rules_line = y->line;
	d->p->rules_col = y->col;
	d->p->rules = vs_doc_calloc(d, y->n, sizeof(*d->p->rules));
	if (d->p->rules == NULL)
		return;
	for (size_t i = 0; i < y->n; i++)
		read_rule(d, y->v[i]);
}
