/* SPDX-License-Identifier: Apache-2.0 */
/* has(), all(), exists(), exists_one(), map(), filter(). */
#include "claims/claims.h"
#include "policy/parse.h"

static const struct macro {
	const char *name;
	uint32_t kids; /* receiver included */
	vs_op op;
} macros[] = {
    {"all", 3, VS_OP_ALL},
    {"exists", 3, VS_OP_EXISTS},
    {"exists_one", 3, VS_OP_ONE},
    {"existsOne", 3, VS_OP_ONE},
    {"filter", 3, VS_OP_FILTER},
    {"map", 3, VS_OP_TRANSFORM},
    {"map", 4, VS_OP_TRANSFORM},
};

/* A claim that stands by itself has no record that could hold it: its name
 * is enough. */
static bool
is_claim(const struct vs_cel_node *arg, uint32_t *id)
{
	vs_claim_id found;

	if (arg->op != VS_OP_IDENT)
		return false;
	found = vs_claim_find(arg->name);
	*id = (uint32_t)found;
	return found != VS_CLAIM_COUNT;
}

static bool
expand_has(struct vs_parser *p, struct vs_cel_node *call)
{
	const struct vs_cel_node *arg = call->kid[0];

	if (is_claim(arg, &call->id)) {
		call->op = VS_OP_HAS_CLAIM;
		call->name = arg->name;
		call->n = 0;
		return true;
	}
	if (arg->op != VS_OP_SELECT)
		return vs_cel_fault(p->fault, "E_PARSE", arg->pos,
		    "has() takes a field: has(a.b)");
	call->op = VS_OP_HAS;
	call->name = arg->name;
	call->kid = arg->kid;
	return true;
}

static bool
expand_loop(
    struct vs_parser *p, struct vs_cel_node *call, const struct macro *m)
{
	const struct vs_cel_node *var = call->kid[1];

	if (var->op != VS_OP_IDENT || var->member)
		return vs_cel_fault(p->fault, "E_PARSE", var->pos,
		    "the first argument of %s() must be a plain name", m->name);
	call->op = (uint8_t)m->op;
	call->name = var->name;
	if (call->n == 3) {
		call->kid[1] = call->kid[2];
		call->n = 2;
		/* map(x, t): the place of the predicate stays empty. */
		if (m->op == VS_OP_TRANSFORM) {
			call->kid[1] = NULL;
			call->n = 3;
		}
	} else {
		call->kid[1] = call->kid[2];
		call->kid[2] = call->kid[3];
		call->n = 3;
	}
	return true;
}

bool
vs_parser_macro(struct vs_parser *p, struct vs_cel_node *call)
{
	if (!call->member && call->n == 1 && vs_span_is(call->name, "has"))
		return expand_has(p, call);
	if (!call->member)
		return true;
	for (size_t i = 0; i < VS_COUNT(macros); i++) {
		if (macros[i].kids == call->n &&
		    vs_span_is(call->name, macros[i].name))
			return expand_loop(p, call, &macros[i]);
	}
	return true;
}
