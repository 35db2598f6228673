/* SPDX-License-Identifier: Apache-2.0 */
/* An explanation as one JSON object. */
#include "base/clock.h"
#include "policy/explain.h"

static void
put_member(struct vs_buf *b, const char *name, struct vs_span text)
{
	vs_buf_printf(b, ",\"%s\":", name);
	vs_json_quote(text, b);
}

static void
put_cstr(struct vs_buf *b, const char *name, const char *text)
{
	if (text != NULL)
		put_member(b, name, vs_span_cstr(text));
}

static void
put_operands(const struct vs_why *y, struct vs_buf *b)
{
	if (y->operands_n == 0)
		return;
	vs_buf_puts(b, ",\"operands\":[");
	for (size_t i = 0; i < y->operands_n; i++) {
		vs_buf_puts(b, i > 0 ? ",{\"source\":" : "{\"source\":");
		vs_json_quote(y->operands[i].source, b);
		put_cstr(b, "value", y->operands[i].value);
		vs_buf_puts(b, "}");
	}
	vs_buf_puts(b, "]");
}

static void
put_notes(const struct vs_why *y, struct vs_buf *b)
{
	if (y->notes_n == 0)
		return;
	vs_buf_puts(b, ",\"notes\":[");
	for (size_t i = 0; i < y->notes_n; i++) {
		vs_buf_puts(b, i > 0 ? "," : "");
		vs_json_quote(vs_span_cstr(y->notes[i]), b);
	}
	vs_buf_puts(b, "]");
}

/* Depth: that of the expression. */
static void
put_whys(const struct vs_why *y, struct vs_buf *b)
{
	vs_buf_puts(b, "[");
	for (bool first = true; y != NULL; y = y->next, first = false) {
		vs_buf_printf(b,
		    "%s{\"outcome\":\"%s\",\"line\":%d,"
		    "\"column\":%d",
		    first ? "" : ",", vs_why_what_name(y->what), y->line,
		    y->col);
		put_member(b, "source", y->source);
		put_cstr(b, "operator", y->op);
		put_cstr(b, "error", y->error);
		if (y->what == VS_WHY_ELEMENT)
			vs_buf_printf(b, ",\"index\":%zu", y->index);
		put_operands(y, b);
		put_notes(y, b);
		if (y->kids != NULL) {
			vs_buf_puts(b, ",\"because\":");
			put_whys(y->kids, b);
		}
		vs_buf_puts(b, "}");
	}
	vs_buf_puts(b, "]");
}

static void
put_rule(const struct vs_explained_rule *r, struct vs_buf *b)
{
	vs_buf_puts(b, "{\"outcome\":\"");
	vs_buf_puts(b, vs_rule_outcome_name(r->result->outcome));
	vs_buf_puts(b, "\"");
	put_cstr(b, "id", r->rule->id);
	vs_buf_printf(b, ",\"line\":%d", r->rule->line);
	if (r->rule->warn)
		vs_buf_puts(b, ",\"warn\":true");
	put_cstr(b, "message", r->rule->message);
	put_cstr(b, "ref", r->rule->ref);
	put_cstr(b, "owner", r->rule->owner);
	put_cstr(b, "error", r->result->error);
	if (r->result->explain.n > 0)
		put_member(b, "explain", r->result->explain);
	if (r->in_when)
		vs_buf_puts(b, ",\"in\":\"when\"");
	if (r->cut)
		vs_buf_puts(b, ",\"cut\":true");
	vs_buf_puts(b, ",\"because\":");
	put_whys(r->why, b);
	vs_buf_puts(b, "}");
}

static void
put_verdict(const struct vs_policy_result *r, struct vs_buf *b)
{
	vs_buf_puts(b,
	    r->verdict == VS_VERDICT_ALLOW ? "\"allow\":true"
					   : "\"allow\":false");
	put_cstr(b, "reason", r->reason);
}

static void
put_policy(const struct vs_explained_policy *p, struct vs_buf *b)
{
	vs_buf_puts(b, "{");
	put_verdict(&p->result, b);
	put_cstr(b, "policy", p->policy->name);
	vs_buf_printf(b, ",\"version\":%lld", (long long)p->policy->version);
	put_cstr(b, "file", p->policy->file);
	if (p->policy->shadow)
		vs_buf_puts(b, ",\"shadow\":true");
	put_cstr(b, "note", p->note);
	vs_buf_puts(b, ",\"rules\":[");
	for (const struct vs_explained_rule *r = p->rules; r != NULL;
	     r = r->next) {
		put_rule(r, b);
		if (r->next != NULL)
			vs_buf_puts(b, ",");
	}
	vs_buf_puts(b, "]}");
}

void
vs_explain_json(const struct vs_explanation *e, struct vs_buf *out)
{
	char time[VS_TIME_TEXT_MAX];

	vs_time_format_ms(e->now_ms, time);
	vs_buf_puts(out, "{");
	put_verdict(&e->result, out);
	put_member(out, "key", e->key);
	put_cstr(out, "at", time);
	put_cstr(out, "note", e->note);
	vs_buf_puts(out, ",\"policies\":[");
	for (const struct vs_explained_policy *p = e->policies; p != NULL;
	     p = p->next) {
		put_policy(p, out);
		if (p->next != NULL)
			vs_buf_puts(out, ",");
	}
	vs_buf_puts(out, "]}");
}
