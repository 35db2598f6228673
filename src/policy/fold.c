/* SPDX-License-Identifier: Apache-2.0 */
/* Constant folding at load. */
#include "policy/env.h"
#include "policy/members.h"

struct folder {
	struct vs_cel_run run;
	struct vs_cel_fault *fault;
};

static bool fold(struct folder *f, struct vs_cel_node *n);

static bool
is_lit(const struct vs_cel_node *n)
{
	return n->op == VS_OP_LIT;
}

/* dyn() may have let another kind through the checker. */
static bool
is_bool(const struct vs_cel_node *n)
{
	return is_lit(n) && n->val.kind == VS_KIND_BOOL;
}

static void
become_lit(struct vs_cel_node *n, struct vs_val v)
{
	n->op = VS_OP_LIT;
	n->val = v;
	n->n = 0;
}

/* The constant's value in place of the node. */
static bool
compute(struct folder *f, struct vs_cel_node *n)
{
	struct vs_val v;

	/* One budget for all constants of an expression: loading must end. */
	v = vs_cel_answer(&f->run, n);
	if (vs_val_is_error(v))
		return vs_cel_fault(f->fault, "E_CHECK", n->pos,
		    "this can only fail: %s",
		    vs_cel_error_name((vs_cel_error)v.error));
	become_lit(n, v);
	return true;
}

/* Nothing after a constant that decides is ever looked at. */
static bool
fold_logic(struct folder *f, struct vs_cel_node *n)
{
	bool decides = n->op == VS_OP_OR, all = true;

	for (size_t i = 0; i < n->n; i++) {
		if (!fold(f, n->kid[i]))
			return false;
		all = all && is_lit(n->kid[i]);
		if (is_bool(n->kid[i]) && n->kid[i]->val.u.b == decides) {
			become_lit(n, vs_val_bool(decides));
			return true;
		}
	}
	return all ? compute(f, n) : true;
}

static bool
fold_cond(struct folder *f, struct vs_cel_node *n)
{
	struct vs_cel_node *branch;

	if (!fold(f, n->kid[0]))
		return false;
	if (!is_bool(n->kid[0]))
		return fold(f, n->kid[1]) && fold(f, n->kid[2]);
	branch = n->kid[n->kid[0]->val.u.b ? 1 : 2];
	if (!fold(f, branch))
		return false;
	*n = *branch;
	return true;
}

/* Whether a body reads nothing but constants and variables from slot on. */
static bool
closed(const struct vs_cel_node *n, uint32_t slot)
{
	switch (n->op) {
	case VS_OP_VAR:
	case VS_OP_LET:
	case VS_OP_NOW:
	case VS_OP_LISTED:
	case VS_OP_GPUS:
	case VS_OP_CLAIM:
	case VS_OP_HAS_CLAIM:
	case VS_OP_HAS_RECORD:
		return false;
	case VS_OP_LOCAL:
	case VS_OP_BOUND:
		return n->id >= slot;
	default:
		break;
	}
	for (size_t i = 0; i < n->n; i++) {
		if (n->kid[i] != NULL && !closed(n->kid[i], slot))
			return false;
	}
	return true;
}

static bool
fold_loop(struct folder *f, struct vs_cel_node *n)
{
	bool all;

	if (!fold(f, n->kid[0]))
		return false;
	all = is_lit(n->kid[0]);
	for (size_t i = 1; i < n->n; i++) {
		if (n->kid[i] == NULL)
			continue;
		if (!fold(f, n->kid[i]))
			return false;
		all = all && closed(n->kid[i], n->id);
	}
	return all ? compute(f, n) : true;
}

/* A value that can only fail does no harm unless it is read. */
static bool
fold_bind(struct folder *f, struct vs_cel_node *n)
{
	struct vs_cel_fault *fault = f->fault, unread = {0};

	f->fault = &unread;
	(void)fold(f, n->kid[0]);
	f->fault = fault;
	if (!fold(f, n->kid[1]))
		return false;
	if (!closed(n->kid[0], n->id) || !closed(n->kid[1], n->id))
		return true;
	return compute(f, n);
}

static bool
fold_kids(struct folder *f, struct vs_cel_node *n)
{
	bool all = true;

	for (size_t i = 0; i < n->n; i++) {
		if (!fold(f, n->kid[i]))
			return false;
		all = all && is_lit(n->kid[i]);
	}
	return all ? compute(f, n) : true;
}

static bool
fold(struct folder *f, struct vs_cel_node *n)
{
	switch (n->op) {
	case VS_OP_LIT:
	case VS_OP_VAR:
	case VS_OP_LOCAL:
	case VS_OP_BOUND:
	case VS_OP_LET:
	case VS_OP_NOW:
	case VS_OP_LISTED:
	case VS_OP_GPUS:
	case VS_OP_CLAIM:
	case VS_OP_HAS_CLAIM:
	case VS_OP_HAS_RECORD:
		return true;
	case VS_OP_BIND:
		return fold_bind(f, n);
	case VS_OP_AND:
	case VS_OP_OR:
		return fold_logic(f, n);
	case VS_OP_COND:
		return fold_cond(f, n);
	case VS_OP_ALL:
	case VS_OP_EXISTS:
	case VS_OP_ONE:
	case VS_OP_FILTER:
	case VS_OP_TRANSFORM:
	case VS_OP_TRANSFORM_MAP:
	case VS_OP_TRANSFORM_ENTRY:
		return fold_loop(f, n);
	default:
		return fold_kids(f, n);
	}
}

bool
vs_cel_fold(
    struct vs_cel_node *root, struct vs_arena *a, struct vs_cel_fault *fault)
{
	struct folder f = {
	    .run = {.arena = a, .limit = VS_CEL_POLICY_COST}, .fault = fault};

	if (!fold(&f, root))
		return false;
	return vs_cel_members(root, a) ||
	    vs_cel_fault(fault, "E_LIMIT", root->pos, "out of memory");
}
