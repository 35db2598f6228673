/* SPDX-License-Identifier: Apache-2.0 */
/* Trees to programs. The size of each part is known beforehand, so that
 * nothing needs to be patched. */
#include "base/encoding.h"
#include "policy/regex_prog.h"

struct emitter {
	struct vs_rx_inst *prog;
	uint32_t n;
};

static void emit(struct emitter *e, const struct vs_rx_node *n);

static void
put(struct emitter *e, vs_rx_op op, uint32_t a, uint32_t b)
{
	e->prog[e->n++] =
	    (struct vs_rx_inst){.op = (uint8_t)op, .a = a, .b = b};
}

static void
emit_alt(struct emitter *e, const struct vs_rx_node *n)
{
	uint32_t end = e->n + (uint32_t)n->size;

	for (const struct vs_rx_node *k = n->kid; k != NULL; k = k->next) {
		if (k->next != NULL)
			put(e, VS_RX_SPLIT, e->n + 1,
			    e->n + 2 + (uint32_t)k->size);
		emit(e, k);
		if (k->next != NULL)
			put(e, VS_RX_JMP, end, 0);
	}
}

/* x{2,} is xxx*, with the last x and the star in one: xx+. */
static void
emit_repeat(struct emitter *e, const struct vs_rx_node *n)
{
	uint32_t end = e->n + (uint32_t)n->size;

	if (n->size == 0)
		return;
	if (n->max == VS_RX_FOREVER && n->min == 0) {
		uint32_t loop = e->n;

		put(e, VS_RX_SPLIT, loop + 1, end);
		emit(e, n->kid);
		put(e, VS_RX_JMP, loop, 0);
		return;
	}
	for (int i = 0; i < n->min; i++) {
		uint32_t loop = e->n;

		emit(e, n->kid);
		if (n->max == VS_RX_FOREVER && i + 1 == n->min)
			put(e, VS_RX_SPLIT, loop, end);
	}
	for (int i = n->min; i < n->max; i++) {
		put(e, VS_RX_SPLIT, e->n + 1, end);
		emit(e, n->kid);
	}
}

static void
emit(struct emitter *e, const struct vs_rx_node *n)
{
	switch ((vs_rx_op)n->op) {
	case VS_RX_CAT:
		for (n = n->kid; n != NULL; n = n->next)
			emit(e, n);
		return;
	case VS_RX_ALT:
		emit_alt(e, n);
		return;
	case VS_RX_REPEAT:
		emit_repeat(e, n);
		return;
	case VS_RX_MATCH:
	case VS_RX_CHAR:
	case VS_RX_CLASS:
	case VS_RX_ANY:
	case VS_RX_NOT_LF:
	case VS_RX_SPLIT:
	case VS_RX_JMP:
	case VS_RX_BEGIN:
	case VS_RX_END:
	case VS_RX_BOL:
	case VS_RX_EOL:
	case VS_RX_WORD:
	case VS_RX_NOT_WORD:
		put(e, (vs_rx_op)n->op, n->a, 0);
		e->prog[e->n - 1].set = n->set;
		return;
	}
}

/* Whether every match begins at the begin of the text. */
static bool
begins(const struct vs_rx_node *n)
{
	if (n->op == VS_RX_BEGIN)
		return true;
	if (n->op == VS_RX_CAT)
		return n->kid != NULL && begins(n->kid);
	if (n->op == VS_RX_REPEAT)
		return n->min > 0 && begins(n->kid);
	if (n->op != VS_RX_ALT)
		return false;
	for (n = n->kid; n != NULL; n = n->next) {
		if (!begins(n))
			return false;
	}
	return true;
}

static vs_status
assemble(struct vs_rx_parser *p, const struct vs_rx_node *tree,
    const struct vs_regex **out)
{
	struct vs_regex *r = vs_arena_alloc(p->arena, sizeof(*r));
	struct emitter e = {
	    vs_arena_calloc(p->arena, tree->size + 1, sizeof(*e.prog)), 0};

	if (r == NULL || e.prog == NULL) {
		(void)vs_rx_no_memory(p);
		return p->st;
	}
	emit(&e, tree);
	put(&e, VS_RX_MATCH, 0, 0);
	VS_ASSERT(e.n == tree->size + 1);
	*r = (struct vs_regex){e.prog, e.n, p->anchors, begins(tree)};
	*out = r;
	return VS_OK;
}

vs_status
vs_regex_compile(struct vs_span pattern, struct vs_arena *a,
    const struct vs_regex **out, size_t *err_at, const char **why)
{
	struct vs_rx_parser p = {.text = pattern, .arena = a};
	const struct vs_rx_node *tree = NULL;
	vs_status st;

	if (vs_utf8_valid(pattern))
		tree = vs_rx_parse(&p);
	else
		(void)vs_rx_bad(&p, 0, "not valid UTF-8");
	st = tree != NULL ? assemble(&p, tree, out) : p.st;
	if (st != VS_OK) {
		*err_at = p.err_at;
		*why = p.why;
	}
	return st;
}

size_t
vs_regex_size(const struct vs_regex *r)
{
	return r->n;
}

unsigned
vs_regex_anchors(const struct vs_regex *r)
{
	return r->anchors;
}
