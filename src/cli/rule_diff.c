/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rule_diff.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"

/* What is compared: texts of one rule or let, blanks at their ends aside. */
struct item {
	const char *policy, *id;
	struct vs_span assert_text, when_text;
	bool warn;
};

static struct vs_span
trimmed(const struct vs_yaml *y)
{
	struct vs_span s = y != NULL ? y->text : VS_SPAN(NULL, 0);

	while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == ' '))
		s.n--;
	return s;
}

/* The i-th rule, then the lets, of all files; false past the end. */
static bool
item_at(const struct vs_policy_files *f, size_t i, struct item *out)
{
	for (size_t k = 0; k < f->n; k++) {
		const struct vs_policy *p = f->v[k];

		if (i < p->rules_n) {
			const struct vs_pol_rule *r = &p->rules[i];

			*out = (struct item){p->name, r->id,
			    trimmed(r->yaml_assert), trimmed(r->yaml_when),
			    r->warn};
			return true;
		}
		i -= p->rules_n;
		if (i < p->lets_n) {
			*out = (struct item){p->name, p->lets[i].name,
			    trimmed(p->lets[i].yaml), VS_SPAN(NULL, 0), false};
			return true;
		}
		i -= p->lets_n;
	}
	return false;
}

static bool
find(const struct vs_policy_files *f, const struct item *like, struct item *out)
{
	for (size_t i = 0; item_at(f, i, out); i++) {
		if (strcmp(out->id, like->id) == 0 &&
		    (f->n == 1 || strcmp(out->policy, like->policy) == 0))
			return true;
	}
	return false;
}

static bool
same(const struct item *a, const struct item *b)
{
	return a->warn == b->warn &&
	    vs_span_equal(a->assert_text, b->assert_text) &&
	    vs_span_equal(a->when_text, b->when_text);
}

typedef void (*told_fn)(
    void *ctx, const char *how, const struct item *old, const struct item *now);

static size_t
walk(const struct vs_policy_files *before, const struct vs_policy_files *after,
    told_fn told, void *ctx)
{
	struct item a, b;
	size_t n = 0;

	for (size_t i = 0; item_at(before, i, &a); i++) {
		if (!find(after, &a, &b)) {
			told(ctx, "removed", &a, NULL);
			n++;
		} else if (!same(&a, &b)) {
			told(ctx, "changed", &a, &b);
			n++;
		}
	}
	for (size_t i = 0; item_at(after, i, &b); i++) {
		if (!find(before, &b, &a)) {
			told(ctx, "added", NULL, &b);
			n++;
		}
	}
	return n;
}

static void
print_lines(const char *mark, vs_colour colour, struct vs_span text)
{
	while (text.n > 0) {
		const uint8_t *lf = memchr(text.p, '\n', text.n);
		size_t n = lf != NULL ? (size_t)(lf - text.p) : text.n;
		char safe[VS_CLI_TEXT_MAX], line[VS_CLI_TEXT_MAX + 8];

		(void)snprintf(line, sizeof(line), "  %s %s", mark,
		    vs_cli_text(vs_span_slice(text, 0, n), safe));
		vs_cli_paint(stdout, colour, line);
		putchar('\n');
		text = vs_span_slice(text, n + 1, text.n);
	}
}

static void
print_item(const char *mark, vs_colour colour, const struct item *it)
{
	if (it == NULL)
		return;
	print_lines(mark, colour, it->when_text);
	print_lines(mark, colour, it->assert_text);
}

static void
print_told(
    void *ctx, const char *how, const struct item *old, const struct item *now)
{
	const struct item *any = old != NULL ? old : now;

	(void)ctx;
	printf("%s %s/%s\n", how, any->policy, any->id);
	print_item("-", VS_BAD, old);
	print_item("+", VS_GOOD, now);
}

void
vs_rule_diff_print(
    const struct vs_policy_files *before, const struct vs_policy_files *after)
{
	if (walk(before, after, print_told, NULL) == 0)
		puts("the rules are the same");
}

static void
set_item(struct vs_json **o, const char *name, const struct item *it)
{
	struct vs_json *x = vs_json_object();

	if (it == NULL) {
		vs_json_free(&x);
		return;
	}
	vs_json_set(&x, "assert", vs_json_str(it->assert_text));
	if (it->when_text.n > 0)
		vs_json_set(&x, "when", vs_json_str(it->when_text));
	if (it->warn)
		vs_json_set(&x, "severity", vs_json_cstr("warn"));
	vs_json_set(o, name, x);
}

static void
json_told(
    void *ctx, const char *how, const struct item *old, const struct item *now)
{
	const struct item *any = old != NULL ? old : now;
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "change", vs_json_cstr(how));
	vs_json_set(&o, "policy", vs_json_cstr(any->policy));
	vs_json_set(&o, "id", vs_json_cstr(any->id));
	set_item(&o, "old", old);
	set_item(&o, "new", now);
	vs_json_append(ctx, o);
}

struct vs_json *
vs_rule_diff_json(
    const struct vs_policy_files *before, const struct vs_policy_files *after)
{
	struct vs_json *list = vs_json_array();

	(void)walk(before, after, json_told, &list);
	return list;
}
