/* SPDX-License-Identifier: Apache-2.0 */
/* waive: checks of the floor that are let go for a while, and why. */
#include <string.h>

#include "base/clock.h"
#include "policy/floor.h"

enum { REASON_MIN = 8 };

static void
read_until(
    struct vs_pol_doc *d, const struct vs_yaml *y, struct vs_pol_waiver *w)
{
	char *text = vs_arena_alloc(&d->p->arena, VS_TIME_TEXT_MAX);

	if (text == NULL) {
		d->report->no_memory = true;
		return;
	}
	if (!vs_doc_time(d, y, "until", &w->pub.until_ms))
		return;
	vs_time_format_ms(w->pub.until_ms, text);
	w->pub.until = text;
}

static void
read_waiver(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	static const char *const keys[] = {"check", "reason", "until", NULL};
	static const char *const checks[] = {
#define X(sym, name, what) name,
	    VS_FLOOR_TABLE(X)
#undef X
	};
	struct vs_policy *p = d->p;
	struct vs_pol_waiver w = {.pub = {.line = y->line}, .col = y->col};
	const struct vs_yaml *reason;
	size_t check;

	if (!vs_doc_keys(d, y, "a waiver", keys, VS_COUNT(keys)) ||
	    !vs_doc_enum(d, vs_yaml_get(y, "check"), "check", checks,
		VS_FLOOR_COUNT, &check))
		return;
	w.check = (int)check;
	w.pub.check = checks[check];
	w.pub.policy = p->name;
	reason = vs_yaml_get(y, "reason");
	if (vs_doc_str(d, reason, "reason", &w.pub.reason) &&
	    reason->text.n < REASON_MIN)
		vs_doc_bad(d, reason, "say why, in a few words");
	read_until(d, vs_yaml_get(y, "until"), &w);
	for (size_t i = 0; i < p->waivers_n; i++) {
		if (p->waivers[i].check == w.check)
			vs_doc_bad(d, y, "\"%s\" is waived twice", w.pub.check);
	}
	if (p->waivers_n < VS_FLOOR_COUNT)
		p->waivers[p->waivers_n++] = w;
}

void
vs_doc_waive(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	if (!vs_doc_is(d, y, VS_YAML_SEQ, "waive"))
		return;
	d->p->waivers =
	    vs_doc_calloc(d, VS_FLOOR_COUNT, sizeof(*d->p->waivers));
	if (d->p->waivers == NULL)
		return;
	for (size_t i = 0; i < y->n; i++)
		read_waiver(d, y->v[i]);
}
