/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rule_diff.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "policy/explain.h"

/* The texts of two directories at their largest. */
enum { ARENA_MAX = 256 * 1024 * 1024 };

/* What is compared: texts of one rule, let or parameter, or of what the
 * policy governs; blanks at their ends aside. */
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

/* Whole, one element a line: a list is where versions differ. */
static struct vs_span
value_text(struct vs_val v, struct vs_arena *a)
{
	struct vs_buf b = {0};
	struct vs_span out = {NULL, 0};
	size_t n = v.kind == VS_KIND_LIST ? v.n : 1;

	for (size_t i = 0; i < n; i++) {
		struct vs_val one = v.kind == VS_KIND_LIST ? v.u.v[i] : v;
		const char *shown;

		if (i > 0)
			vs_buf_puts(&b, "\n");
		if (one.kind == VS_KIND_STRING) {
			vs_buf_add(&b, vs_val_span(one));
			continue;
		}
		shown = vs_why_show(one, a);
		vs_buf_puts(&b, shown != NULL ? shown : "?");
	}
	if (vs_arena_dup(a, vs_buf_span(&b), &out) != VS_OK)
		out = VS_SPAN(NULL, 0);
	vs_buf_fini(&b);
	return out;
}

static struct vs_span
scope_text(const struct vs_policy *p, struct vs_arena *a)
{
	static const char *const names[] = {
#define X(sym, name, kind, other) [sym] = (name),
	    VS_POL_TEE_TABLE(X)
#undef X
	};
	struct vs_buf b = {0};
	struct vs_span out = {NULL, 0};

	vs_buf_printf(&b, "mode: %s\ntee:",
	    p->shadow      ? "shadow"
		: p->guard ? "guard"
			   : "enforce");
	for (size_t i = 0; i < VS_TEE_COUNT; i++) {
		if (p->tee[i])
			vs_buf_printf(&b, " %s", names[i]);
	}
	vs_buf_puts(&b, "\nkeys:");
	for (size_t i = 0; i < p->keys_n; i++)
		vs_buf_printf(&b, " %.*s", VS_SPAN_ARG(p->keys[i]));
	if (vs_arena_dup(a, vs_buf_span(&b), &out) != VS_OK)
		out = VS_SPAN(NULL, 0);
	vs_buf_fini(&b);
	return out;
}

static bool
param_at(
    const struct vs_policy *p, size_t i, struct vs_arena *a, struct item *out)
{
	for (size_t k = 0; k < p->decls_n; k++) {
		const struct vs_cel_decl *d = &p->decls[k];

		if (d->op != VS_OP_LIT || i-- > 0)
			continue;
		*out = (struct item){.policy = p->name,
		    .id = vs_arena_cstr(a, d->name),
		    .assert_text = value_text(d->val, a)};
		if (out->id == NULL)
			out->id = "?";
		return true;
	}
	return false;
}

static size_t
params_of(const struct vs_policy *p)
{
	size_t n = 0;

	for (size_t k = 0; k < p->decls_n; k++)
		n += p->decls[k].op == VS_OP_LIT;
	return n;
}

/* Of one policy: its scope, the parameters, the lets, the rules. */
static bool
part_at(
    const struct vs_policy *p, size_t i, struct vs_arena *a, struct item *out)
{
	if (i == 0) {
		*out = (struct item){.policy = p->name,
		    .id = "scope",
		    .assert_text = scope_text(p, a)};
		return true;
	}
	i--;
	if (i < params_of(p))
		return param_at(p, i, a, out);
	i -= params_of(p);
	if (i < p->lets_n) {
		*out = (struct item){.policy = p->name,
		    .id = p->lets[i].name,
		    .assert_text = trimmed(p->lets[i].yaml)};
		return true;
	}
	i -= p->lets_n;
	if (i >= p->rules_n)
		return false;
	*out = (struct item){p->name, p->rules[i].id,
	    trimmed(p->rules[i].yaml_assert), trimmed(p->rules[i].yaml_when),
	    p->rules[i].warn};
	return true;
}

/* The i-th of all files; false past the end. */
static bool
item_at(const struct vs_policy_files *f, size_t i, struct vs_arena *a,
    struct item *out)
{
	for (size_t k = 0; k < f->n; k++) {
		const struct vs_policy *p = f->v[k];
		size_t n = 1 + params_of(p) + p->lets_n + p->rules_n;

		if (i < n)
			return part_at(p, i, a, out);
		i -= n;
	}
	return false;
}

static bool
find(const struct vs_policy_files *f, const struct item *like,
    struct vs_arena *a, struct item *out)
{
	for (size_t i = 0; item_at(f, i, a, out); i++) {
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
	struct vs_arena arena;
	struct item a, b;
	size_t n = 0;

	vs_arena_init(&arena, ARENA_MAX);
	for (size_t i = 0;
	     vs_arena_reset(&arena), item_at(before, i, &arena, &a); i++) {
		if (!find(after, &a, &arena, &b)) {
			told(ctx, "removed", &a, NULL);
			n++;
		} else if (!same(&a, &b)) {
			told(ctx, "changed", &a, &b);
			n++;
		}
	}
	for (size_t i = 0;
	     vs_arena_reset(&arena), item_at(after, i, &arena, &b); i++) {
		if (!find(before, &b, &arena, &a)) {
			told(ctx, "added", NULL, &b);
			n++;
		}
	}
	vs_arena_fini(&arena);
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
