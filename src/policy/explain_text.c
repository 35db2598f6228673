/* SPDX-License-Identifier: Apache-2.0 */
/* An explanation for people: what, where, with the line and carets. */
#include <string.h>

#include "base/clock.h"
#include "policy/explain.h"

struct page {
	const struct vs_policy *p;
	struct vs_buf *out;
};

static void
indent(const struct page *g, int depth)
{
	for (int i = 0; i < depth; i++)
		vs_buf_puts(g->out, "  ");
}

/* For a terminal: whatever evidence or policies hold. */
static void
put_safe(const struct page *g, struct vs_span text)
{
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (c < 0x20 || c == 0x7f)
			vs_buf_puts(g->out, c == '\t' ? " " : "?");
		else
			vs_buf_add(g->out, VS_SPAN(&text.p[i], 1));
	}
}

static struct vs_span
first_line(struct vs_span text)
{
	const uint8_t *end = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;

	return end != NULL ? VS_SPAN(text.p, (size_t)(end - text.p)) : text;
}

static struct vs_span
line_of(struct vs_span text, int line)
{
	for (; line > 1 && text.n > 0; line--) {
		struct vs_span first = first_line(text);

		text = vs_span_slice(text, first.n + 1, text.n);
	}
	return first_line(text);
}

static int
columns(struct vs_span s)
{
	int n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (s.p[i] & 0xc0) != 0x80;
	return n;
}

static void
put_carets(const struct page *g, const struct vs_why *y, int depth)
{
	struct vs_span line = line_of(g->p->text, y->line);
	int width = columns(first_line(y->source));

	if (y->line <= 0 || line.n == 0)
		return;
	indent(g, depth);
	vs_buf_printf(g->out, "%5d | ", y->line);
	put_safe(g, line);
	vs_buf_puts(g->out, "\n");
	indent(g, depth);
	vs_buf_puts(g->out, "      | ");
	for (int i = 1; i < y->col; i++)
		vs_buf_puts(g->out, " ");
	vs_buf_puts(g->out, "^");
	for (int i = 1; i < width; i++)
		vs_buf_puts(g->out, "~");
	vs_buf_puts(g->out, "\n");
}

/* An expression on one line. */
static void
put_source(const struct page *g, struct vs_span source)
{
	bool blank = false;

	for (size_t i = 0; i < source.n; i++) {
		uint8_t c = source.p[i];

		if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
			blank = true;
			continue;
		}
		if (blank)
			vs_buf_puts(g->out, " ");
		blank = false;
		put_safe(g, VS_SPAN(&source.p[i], 1));
	}
}

static void
put_head(const struct page *g, const struct vs_why *y, int depth)
{
	indent(g, depth);
	if (y->what == VS_WHY_ELEMENT) {
		vs_buf_printf(g->out, "element %zu\n", y->index);
		return;
	}
	vs_buf_printf(g->out, "%s:%d:%d: %s", g->p->file, y->line, y->col,
	    vs_why_what_name(y->what));
	if (y->what == VS_WHY_GUARDED) {
		vs_buf_puts(g->out, ", not looked at: ");
		put_source(g, y->source);
	} else if (y->error != NULL) {
		vs_buf_printf(g->out, ", %s", y->error);
	}
	vs_buf_puts(g->out, "\n");
	if (y->what != VS_WHY_GUARDED)
		put_carets(g, y, depth);
}

/* Depth: that of the expression. */
static void
put_whys(const struct page *g, const struct vs_why *y, int depth)
{
	for (; y != NULL; y = y->next) {
		put_head(g, y, depth);
		for (size_t i = 0; i < y->operands_n; i++) {
			indent(g, depth + 1);
			put_source(g, y->operands[i].source);
			vs_buf_printf(g->out, " = %s\n", y->operands[i].value);
		}
		for (size_t i = 0; i < y->notes_n; i++) {
			indent(g, depth + 1);
			vs_buf_printf(g->out, "%s\n", y->notes[i]);
		}
		put_whys(g, y->kids, depth + 1);
	}
}

static void
put_labelled(const struct page *g, const char *label, struct vs_span text)
{
	if (text.n == 0)
		return;
	indent(g, 2);
	vs_buf_printf(g->out, "%s: ", label);
	put_safe(g, text);
	vs_buf_puts(g->out, "\n");
}

static struct vs_span
text_or_none(const char *text)
{
	return text != NULL ? vs_span_cstr(text) : VS_SPAN(NULL, 0);
}

static void
put_rule(const struct page *g, const struct vs_explained_rule *r)
{
	indent(g, 1);
	vs_buf_printf(g->out, "rule %s %s%s%s", r->rule->id,
	    vs_rule_outcome_name(r->result->outcome),
	    r->rule->warn ? " (warning only)" : "",
	    r->in_when ? ", in its when" : "");
	if (r->rule->message != NULL) {
		vs_buf_puts(g->out, ": ");
		put_safe(g, vs_span_cstr(r->rule->message));
	}
	vs_buf_puts(g->out, "\n");
	put_labelled(g, "explain", r->result->explain);
	put_labelled(g, "ref", text_or_none(r->rule->ref));
	put_labelled(g, "owner", text_or_none(r->rule->owner));
	put_whys(g, r->why, 2);
	if (r->cut) {
		indent(g, 2);
		vs_buf_puts(g->out, "(there is more than can be told)\n");
	}
}

static void
put_policy(const struct vs_explained_policy *p, struct vs_buf *out)
{
	struct page g = {p->policy, out};
	bool allow = p->result.verdict == VS_VERDICT_ALLOW;

	vs_buf_printf(out, "policy %s version %lld (%s): %s (%s)%s\n",
	    p->policy->name, (long long)p->policy->version, p->policy->file,
	    allow ? "allow" : "deny", p->result.reason,
	    p->policy->shadow ? ", in shadow mode" : "");
	if (p->note != NULL)
		vs_buf_printf(out, "  %s\n", p->note);
	for (const struct vs_explained_rule *r = p->rules; r != NULL;
	     r = r->next)
		put_rule(&g, r);
}

void
vs_explain_text(const struct vs_explanation *e, struct vs_buf *out)
{
	struct page g = {NULL, out};
	bool allow = e->result.verdict == VS_VERDICT_ALLOW;
	char time[VS_TIME_TEXT_MAX];

	vs_time_format_ms(e->now_ms, time);
	vs_buf_printf(
	    out, "%s (%s): key ", allow ? "allow" : "deny", e->result.reason);
	put_safe(&g, e->key);
	vs_buf_printf(out, " at %s\n", time);
	if (e->note != NULL)
		vs_buf_printf(out, "  %s\n", e->note);
	for (const struct vs_explained_policy *p = e->policies; p != NULL;
	     p = p->next)
		put_policy(p, out);
}
