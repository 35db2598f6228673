/* SPDX-License-Identifier: Apache-2.0 */
/* All states at once, one character after the other. */
#include "policy/regex_prog.h"
#include "policy/utf8.h"

enum { NOTHING = 0x110000 }; /* before the text, and behind it */

/* Where a match stands: between two characters. */
struct place {
	uint32_t before, after;
};

struct vs_regex_work *
vs_regex_work(const struct vs_regex *r, struct vs_arena *a)
{
	struct vs_regex_work *w = vs_arena_alloc(a, sizeof(*w));
	/* Four sets of numbers, and a stack that each state entered makes
	 * one deeper at most. */
	uint16_t *v = vs_arena_calloc(a, 5 * r->n + 1, sizeof(*v));

	if (w == NULL || v == NULL)
		return NULL;
	w->cap = r->n;
	w->now = (struct vs_regex_set){v, v + r->n, 0};
	w->next = (struct vs_regex_set){v + 2 * r->n, v + 3 * r->n, 0};
	w->stack = v + 4 * r->n;
	return w;
}

static bool
has(const struct vs_regex_set *s, uint16_t pc)
{
	return s->sparse[pc] < s->n && s->dense[s->sparse[pc]] == pc;
}

static void
put(struct vs_regex_set *s, uint16_t pc)
{
	s->sparse[pc] = (uint16_t)s->n;
	s->dense[s->n++] = pc;
}

static bool
is_word(uint32_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
holds(uint8_t op, const struct place *at)
{
	switch (op) {
	case VS_RX_BEGIN:
		return at->before == NOTHING;
	case VS_RX_END:
		return at->after == NOTHING;
	case VS_RX_BOL:
		return at->before == NOTHING || at->before == '\n';
	case VS_RX_EOL:
		return at->after == NOTHING || at->after == '\n';
	case VS_RX_WORD:
		return is_word(at->before) != is_word(at->after);
	default:
		return is_word(at->before) == is_word(at->after);
	}
}

/* Enters a state and all that follow without a character. True: a match. */
static bool
enter(const struct vs_regex *r, struct vs_regex_work *w,
    struct vs_regex_set *set, uint32_t from, const struct place *at)
{
	size_t n = 0;

	w->stack[n++] = (uint16_t)from;
	while (n > 0) {
		uint16_t pc = w->stack[--n];
		const struct vs_rx_inst *i = &r->prog[pc];

		if (has(set, pc))
			continue;
		put(set, pc);
		w->steps++;
		if (i->op == VS_RX_MATCH)
			return true;
		if (i->op == VS_RX_JMP) {
			w->stack[n++] = (uint16_t)i->a;
		} else if (i->op == VS_RX_SPLIT) {
			w->stack[n++] = (uint16_t)i->b;
			w->stack[n++] = (uint16_t)i->a;
		} else if (i->op > VS_RX_JMP && holds(i->op, at)) {
			w->stack[n++] = (uint16_t)(pc + 1);
		}
	}
	return false;
}

static bool
takes(const struct vs_rx_inst *i, uint32_t c)
{
	switch (i->op) {
	case VS_RX_CHAR:
		return i->a == c;
	case VS_RX_CLASS:
		return vs_rx_class_has(i->set, c);
	case VS_RX_ANY:
		return true;
	case VS_RX_NOT_LF:
		return c != '\n';
	default:
		return false;
	}
}

/* Over the character c, to the place behind it. True: a match. */
static bool
step(const struct vs_regex *r, struct vs_regex_work *w, uint32_t c,
    const struct place *behind)
{
	w->next.n = 0;
	for (size_t k = 0; k < w->now.n; k++) {
		uint16_t pc = w->now.dense[k];

		w->steps++;
		if (takes(&r->prog[pc], c) &&
		    enter(r, w, &w->next, pc + 1U, behind))
			return true;
	}
	return false;
}

static uint32_t
next_char(struct vs_span *s)
{
	uint32_t c;

	if (s->n == 0)
		return NOTHING;
	if (s->p[0] < 0x80) {
		c = s->p[0];
		*s = VS_SPAN(s->p + 1, s->n - 1);
		return c;
	}
	c = vs_utf8_get(*s);
	*s = vs_span_slice(*s, vs_utf8_step(*s), s->n);
	return c;
}

bool
vs_regex_match(
    const struct vs_regex *r, struct vs_span text, struct vs_regex_work *w)
{
	struct place at = {NOTHING, next_char(&text)};

	VS_ASSERT(r->n <= w->cap);
	w->now.n = 0;
	if (enter(r, w, &w->now, 0, &at))
		return true;
	while (at.after != NOTHING) {
		struct vs_regex_set done = w->now;

		at = (struct place){at.after, next_char(&text)};
		if (step(r, w, at.before, &at))
			return true;
		w->now = w->next;
		w->next = done;
		if (!r->from_begin && enter(r, w, &w->now, 0, &at))
			return true;
		if (r->from_begin && w->now.n == 0)
			return false;
	}
	return false;
}
