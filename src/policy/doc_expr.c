/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions inside the document: YAML styles, positions, all passes. */
#include <string.h>

#include "policy/document.h"
#include "policy/parser.h"

/* Line n of the file, from 1. */
static struct vs_span
source_line(struct vs_span text, int n)
{
	const uint8_t *end;

	for (; n > 1 && text.n > 0; n--) {
		end = memchr(text.p, '\n', text.n);
		if (end == NULL)
			return VS_SPAN(NULL, 0);
		text = vs_span_slice(text, (size_t)(end - text.p) + 1, text.n);
	}
	end = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;
	return end != NULL ? VS_SPAN(text.p, (size_t)(end - text.p)) : text;
}

static size_t
leading_blanks(struct vs_span s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == ' ')
		n++;
	return n;
}

/* Columns count characters, as the YAML reader does. */
static int
columns(struct vs_span s)
{
	int n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (s.p[i] & 0xc0) != 0x80;
	return n;
}

/* Blanks that the block scalar took off each line. */
static size_t
block_indent(const struct vs_pol_doc *d, const struct vs_yaml *y)
{
	struct vs_span rest = y->text;

	for (int line = y->line + 1; rest.n > 0; line++) {
		const uint8_t *end = memchr(rest.p, '\n', rest.n);
		size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;
		size_t inner = leading_blanks(VS_SPAN(rest.p, n));

		if (inner < n) {
			size_t outer =
			    leading_blanks(source_line(d->text, line));
			return outer >= inner ? outer - inner : 0;
		}
		rest = vs_span_slice(rest, n + 1, rest.n);
	}
	return 0;
}

static void
position_in_block(const struct vs_pol_doc *d, const struct vs_yaml *y,
    struct vs_span before, int *line, int *col)
{
	size_t begin = 0;

	*line = y->line + 1;
	for (size_t i = 0; i < before.n; i++) {
		if (before.p[i] == '\n') {
			++*line;
			begin = i + 1;
		}
	}
	*col = (int)block_indent(d, y) +
	    columns(vs_span_slice(before, begin, before.n)) + 1;
}

void
vs_doc_position(const struct vs_pol_doc *d, const struct vs_yaml *y,
    uint32_t pos, int *line, int *col)
{
	struct vs_span before = vs_span_slice(y->text, 0, pos);
	struct vs_span src = source_line(d->text, y->line);
	size_t at = 0;

	*line = y->line;
	*col = y->col;
	if (y->style == VS_YAML_LITERAL) {
		position_in_block(d, y, before, line, col);
		return;
	}
	/* Quoted, on one line and without escapes: the text stands there. */
	for (int c = 1; c < y->col && at < src.n; c++) {
		at++;
		while (at < src.n && (src.p[at] & 0xc0) == 0x80)
			at++;
	}
	if (y->style != VS_YAML_PLAIN && y->style != VS_YAML_FOLDED &&
	    vs_span_starts(vs_span_slice(src, at + 1, src.n), y->text))
		*col += 1 + columns(before);
}

static void
report_fault(
    struct vs_pol_doc *d, const struct vs_yaml *y, const struct vs_cel_fault *f)
{
	int line, col;

	vs_doc_position(d, y, f->pos, &line, &col);
	vs_report_error(d->report, f->code, line, col, "%s", f->msg);
}

/* An expression in a plain scalar is cut at " #" and broken by ": ". */
static bool
check_style(struct vs_pol_doc *d, const struct vs_yaml *y, const char *what)
{
	if (!vs_doc_is(d, y, VS_YAML_SCALAR, what))
		return false;
	if (y->style == VS_YAML_PLAIN) {
		vs_doc_bad(d, y, "write the expression as a block (|)");
		return false;
	}
	if (y->style == VS_YAML_DOUBLE) {
		struct vs_span src = source_line(d->text, y->line);

		if (src.n > 0 && memchr(src.p, '\\', src.n) != NULL)
			vs_report_warn(d->report, "W_DQUOTE", y->line, y->col,
			    "YAML reads the backslashes of a double-quoted "
			    "expression first: write a block (|)");
	}
	return true;
}

/* bound: by slot, the depth of the value of each cel.bind() around here. */
static unsigned
depth_of(const struct vs_policy *p, const struct vs_cel_node *n,
    unsigned bound[VS_CEL_LOCALS_MAX])
{
	unsigned most = 0;

	if (n->op == VS_OP_LET)
		return 1 + p->lets[n->id].depth;
	if (n->op == VS_OP_BOUND)
		return 1 + bound[n->id];
	for (size_t i = 0; i < n->n; i++) {
		unsigned one =
		    n->kid[i] != NULL ? depth_of(p, n->kid[i], bound) : 0;
		most = one > most ? one : most;
		if (n->op == VS_OP_BIND && i == 0)
			bound[n->id] = one;
	}
	return most + 1;
}

unsigned
vs_doc_depth(const struct vs_policy *p, const struct vs_cel_node *n)
{
	unsigned bound[VS_CEL_LOCALS_MAX] = {0};

	return depth_of(p, n, bound);
}

static bool
check_kind(struct vs_cel_fault *f, const char *what,
    const struct vs_cel_node *n, unsigned kind)
{
	char text[VS_TYPE_TEXT_MAX];

	if (kind == VS_DOC_ANY_KIND || n->type->kind == kind)
		return true;
	vs_type_text(n->type, text);
	return vs_cel_fault(f, "E_CHECK", n->pos, "%s must be a %s, not %s",
	    what, vs_kind_name((vs_kind)kind), text);
}

static bool
has_op(const struct vs_cel_node *n, int op)
{
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL && has_op(n->kid[i], op))
			return true;
	}
	return n->op == op;
}

struct vs_cel_node *
vs_doc_expr(struct vs_pol_doc *d, const struct vs_yaml *y, const char *what,
    unsigned kind)
{
	struct vs_policy *p = d->p;
	struct vs_cel_env env = {
	    .decls = p->decls, .decls_n = p->decls_n, .policy = true};
	struct vs_cel_fault f = {0};
	struct vs_cel_node *n;

	if (!check_style(d, y, what))
		return NULL;
	n = vs_cel_parse(y->text, y->style != VS_YAML_LITERAL, &p->arena, &f);
	if (n == NULL || !vs_cel_resolve(&env, n, &p->arena, &f) ||
	    !vs_cel_check(&env, n, &p->arena, &f) ||
	    !check_kind(&f, what, n, kind)) {
		report_fault(d, y, &f);
		return NULL;
	}
	/* Folding would take them out of `true || size(gpus) == 8`. */
	p->mentions_gpus = p->mentions_gpus || has_op(n, VS_OP_GPUS);
	if (!vs_cel_fold(n, &p->arena, &f)) {
		report_fault(d, y, &f);
		return NULL;
	}
	if (vs_doc_depth(p, n) > VS_CEL_DEPTH_MAX) {
		vs_report_error(d->report, "E_LIMIT", y->line, y->col,
		    "with its lets more than %d levels deep", VS_CEL_DEPTH_MAX);
		return NULL;
	}
	return n;
}

void
vs_doc_reads(const struct vs_policy *p, const struct vs_cel_node *n,
    struct vs_pol_reads *out)
{
	if (n->op == VS_OP_CLAIM)
		out->claim[n->id] = true;
	if (n->op == VS_OP_LET) {
		for (size_t i = 0; i < VS_CLAIM_COUNT; i++)
			out->claim[i] =
			    out->claim[i] || p->lets[n->id].reads.claim[i];
	}
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL)
			vs_doc_reads(p, n->kid[i], out);
	}
}
