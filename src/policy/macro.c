/* SPDX-License-Identifier: Apache-2.0 */
/* has(), comprehensions, cel.bind(), and the long forms of math.greatest(). */
#include "claims/claims.h"
#include "policy/parse.h"

static const struct macro {
	const char *name;
	uint32_t kids; /* receiver included */
	uint32_t vars;
	vs_op op;
} macros[] = {
    {"all", 3, 1, VS_OP_ALL},
    {"all", 4, 2, VS_OP_ALL},
    {"exists", 3, 1, VS_OP_EXISTS},
    {"exists", 4, 2, VS_OP_EXISTS},
    {"exists_one", 3, 1, VS_OP_ONE},
    {"existsOne", 3, 1, VS_OP_ONE},
    {"exists_one", 4, 2, VS_OP_ONE},
    {"existsOne", 4, 2, VS_OP_ONE},
    {"filter", 3, 1, VS_OP_FILTER},
    {"map", 3, 1, VS_OP_TRANSFORM},
    {"map", 4, 1, VS_OP_TRANSFORM},
    {"transformList", 4, 2, VS_OP_TRANSFORM},
    {"transformList", 5, 2, VS_OP_TRANSFORM},
    {"transformMap", 4, 2, VS_OP_TRANSFORM_MAP},
    {"transformMap", 5, 2, VS_OP_TRANSFORM_MAP},
    {"transformMapEntry", 4, 2, VS_OP_TRANSFORM_ENTRY},
    {"transformMapEntry", 5, 2, VS_OP_TRANSFORM_ENTRY},
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
want_name(struct vs_parser *p, const struct vs_cel_node *call, uint32_t i,
    const char *macro)
{
	const struct vs_cel_node *n = call->kid[i];

	if (n->op == VS_OP_IDENT && !n->member)
		return true;
	return vs_cel_fault(p->fault, "E_PARSE", n->pos,
	    "the %s argument of %s() must be a plain name",
	    i == 1 ? "first" : "second", macro);
}

/* Range, variables, then one or two expressions. */
static bool
expand_loop(
    struct vs_parser *p, struct vs_cel_node *call, const struct macro *m)
{
	struct vs_cel_node **k = call->kid;
	uint32_t first = 1 + m->vars; /* of the expressions */

	for (uint32_t i = 1; i < first; i++) {
		if (!want_name(p, call, i, m->name))
			return false;
	}
	if (m->vars == 2 && vs_span_equal(k[1]->name, k[2]->name))
		return vs_cel_fault(p->fault, "E_PARSE", k[2]->pos,
		    "%s() has two variables of the same name", m->name);
	call->op = (uint8_t)m->op;
	call->name = k[1]->name;
	if (m->vars == 2)
		call->name2 = k[2]->name;
	if (call->n == first + 2) {
		k[1] = k[first];
		k[2] = k[first + 1];
		call->n = 3;
	} else if (m->op >= VS_OP_TRANSFORM) {
		/* The place of the predicate stays empty. */
		k[2] = k[first];
		k[1] = NULL;
		call->n = 3;
	} else {
		k[1] = k[first];
		call->n = 2;
	}
	return true;
}

/* Whether the receiver is this name, as in cel.bind(). */
static bool
called_on(const struct vs_cel_node *call, const char *name)
{
	return call->member && call->kid[0]->op == VS_OP_IDENT &&
	    vs_span_is(call->kid[0]->name, name);
}

static bool
expand_bind(struct vs_parser *p, struct vs_cel_node *call)
{
	if (!want_name(p, call, 1, "cel.bind"))
		return false;
	call->op = VS_OP_BIND;
	call->name = call->kid[1]->name;
	call->kid += 2;
	call->n = 2;
	return true;
}

/* math.greatest(a, b, c) is math.greatest([a, b, c]). */
static bool
gather(struct vs_parser *p, struct vs_cel_node *call)
{
	struct vs_kids k = {0};
	struct vs_cel_node *list;

	for (size_t i = 1; i < call->n; i++) {
		if (!vs_parser_add(p, &k, call->kid[i]))
			return false;
	}
	list = vs_parser_node(p, VS_OP_LIST, call->kid[1]->pos, &k);
	if (list == NULL)
		return false;
	if (list->depth >= call->depth)
		call->depth = (uint16_t)(list->depth + 1);
	if (call->depth > VS_CEL_DEPTH_MAX)
		return vs_cel_fault(p->fault, "E_LIMIT", call->pos,
		    "more than %d levels deep", VS_CEL_DEPTH_MAX);
	call->kid[1] = list;
	call->n = 2;
	return true;
}

bool
vs_parser_macro(struct vs_parser *p, struct vs_cel_node *call)
{
	if (!call->member && call->n == 1 && vs_span_is(call->name, "has"))
		return expand_has(p, call);
	if (!call->member)
		return true;
	if (call->n == 4 && vs_span_is(call->name, "bind") &&
	    called_on(call, "cel"))
		return expand_bind(p, call);
	if (call->n > 3 &&
	    (vs_span_is(call->name, "greatest") ||
		vs_span_is(call->name, "least")) &&
	    called_on(call, "math"))
		return gather(p, call);
	for (size_t i = 0; i < VS_COUNT(macros); i++) {
		if (macros[i].kids == call->n &&
		    vs_span_is(call->name, macros[i].name))
			return expand_loop(p, call, &macros[i]);
	}
	return true;
}
