/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/trail.h"

void
vs_trail_fini(struct vs_trail *t)
{
	vs_buf_fini(&t->out);
	vs_buf_fini(&t->keys);
	vs_buf_fini(&t->last);
	vs_buf_fini(&t->cur);
}

static void
put_member(struct vs_buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	vs_buf_puts(b, ",\"");
	vs_buf_puts(b, name);
	vs_buf_puts(b, "\":");
	vs_json_quote(vs_span_cstr(text), b);
}

static void
put_rule(struct vs_buf *b, const struct vs_rule_result *r)
{
	bool good =
	    r->outcome == VS_RULE_PASSED || r->outcome == VS_RULE_SKIPPED;

	vs_buf_puts(b, "{\"outcome\":\"");
	vs_buf_puts(b, vs_rule_outcome_name(r->outcome));
	vs_buf_puts(b, "\"");
	put_member(b, "policy", r->policy);
	put_member(b, "id", r->id);
	vs_buf_printf(b, ",\"line\":%d", r->line);
	if (r->warn)
		vs_buf_puts(b, ",\"warn\":true");
	if (r->shadow)
		vs_buf_puts(b, ",\"shadow\":true");
	if (!good)
		put_member(b, "message", r->message);
	put_member(b, "error", r->error);
	if (r->explain.n > 0) {
		vs_buf_puts(b, ",\"explain\":");
		vs_json_quote(r->explain, b);
	}
	vs_buf_puts(b, "}");
}

/* Shadow policies that would have denied. */
static void
put_shadows(struct vs_buf *b, const struct vs_policy_result *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->opinions_n; i++) {
		const struct vs_policy_opinion *o = &p->opinions[i];

		if (!o->shadow || o->allow)
			continue;
		vs_buf_puts(b, n++ == 0 ? ",\"shadow_deny\":[" : ",");
		vs_json_quote(vs_span_cstr(vs_policy_name(o->policy)), b);
	}
	if (n > 0)
		vs_buf_puts(b, "]");
}

/* What the policies of this decision do not demand, and why. */
static void
put_waivers(struct vs_buf *b, const struct vs_policy_result *p)
{
	for (size_t i = 0; i < p->waived_n; i++) {
		const struct vs_policy_waiver *w = p->waived[i];

		vs_buf_puts(b, i == 0 ? ",\"waived\":[{" : ",{");
		vs_buf_puts(b, "\"check\":");
		vs_json_quote(vs_span_cstr(w->check), b);
		put_member(b, "policy", w->policy);
		put_member(b, "until", w->until);
		put_member(b, "reason", w->reason);
		vs_buf_puts(b, "}");
	}
	if (p->waived_n > 0)
		vs_buf_puts(b, "]");
}

static void
put_judgement(struct vs_buf *b, const struct vs_judged *j)
{
	const struct vs_policy_result *p = j->policy;

	vs_buf_puts(b, j->allow ? "\"allow\":true" : "\"allow\":false");
	put_member(b, "state", j->state);
	put_member(b, "reason", p->reason);
	put_shadows(b, p);
	put_waivers(b, p);
	vs_buf_puts(b, ",\"rules\":[");
	for (size_t i = 0; i < p->rules_n; i++) {
		if (i > 0)
			vs_buf_puts(b, ",");
		put_rule(b, &p->rules[i]);
	}
	vs_buf_puts(b, "]");
}

static void
close_element(struct vs_trail *t)
{
	if (t->keys.n == 0)
		return;
	vs_buf_puts(&t->out, t->out.n == 0 ? "[{\"keys\":[" : ",{\"keys\":[");
	vs_buf_add(&t->out, vs_buf_span(&t->keys));
	vs_buf_puts(&t->out, "],");
	vs_buf_add(&t->out, vs_buf_span(&t->last));
	vs_buf_puts(&t->out, "}");
	vs_buf_reset(&t->keys);
}

static void
keep_failure(struct vs_trail *t)
{
	if (t->out.bad == VS_OK)
		t->out.bad = t->cur.bad != VS_OK ? t->cur.bad : t->keys.bad;
}

void
vs_trail_add(struct vs_trail *t, const struct vs_judged *j)
{
	vs_buf_reset(&t->cur);
	put_judgement(&t->cur, j);
	if (t->keys.n == 0 ||
	    !vs_span_equal(vs_buf_span(&t->cur), vs_buf_span(&t->last))) {
		struct vs_buf old = t->last;

		close_element(t);
		t->last = t->cur;
		t->cur = old;
	} else {
		vs_buf_puts(&t->keys, ",");
	}
	vs_buf_puts(&t->keys, "{\"name\":");
	vs_json_quote(j->name, &t->keys);
	if (j->version != 0)
		vs_buf_printf(
		    &t->keys, ",\"version\":%u", (unsigned)j->version);
	vs_buf_puts(&t->keys, "}");
	keep_failure(t);
}

vs_status
vs_trail_end(struct vs_trail *t, struct vs_span *out)
{
	vs_status st;

	close_element(t);
	vs_buf_puts(&t->out, t->out.n == 0 ? "[]" : "]");
	st = vs_buf_status(&t->out);
	if (st == VS_OK)
		*out = vs_buf_span(&t->out);
	return st;
}
