/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "policy/ast.h"

bool
vs_cel_fault(
    struct vs_cel_fault *f, const char *code, size_t pos, const char *fmt, ...)
{
	va_list ap;

	if (f->code != NULL)
		return false;
	f->code = code;
	f->pos = (uint32_t)pos;
	va_start(ap, fmt);
	(void)vsnprintf(f->msg, sizeof(f->msg), fmt, ap); /* cut is fine */
	va_end(ap);
	return false;
}

const char *
vs_op_text(vs_op op)
{
	static const char *const texts[] = {
#define X(sym, text) [sym] = (text),
	    VS_OP_TABLE(X)
#undef X
	};
	const char *t = (size_t)op < VS_COUNT(texts) ? texts[op] : NULL;

	return t != NULL ? t : "expression";
}

bool
vs_cel_dotted(const struct vs_cel_node *node, struct vs_arena *a,
    struct vs_span *out, bool *first)
{
	const struct vs_cel_node *n = node;
	size_t len = 0;

	for (; n->op == VS_OP_SELECT; n = n->kid[0])
		len += n->name.n + 1;
	if (n->op != VS_OP_IDENT)
		return false;
	len += n->name.n;
	*first = n->member;

	uint8_t *text = vs_arena_alloc(a, len);
	if (text == NULL)
		return false;
	size_t at = len;
	for (n = node;; n = n->kid[0]) {
		at -= n->name.n;
		memcpy(text + at, n->name.p, n->name.n);
		if (n->op == VS_OP_IDENT)
			break;
		text[--at] = '.';
	}
	*out = VS_SPAN(text, len);
	return true;
}
