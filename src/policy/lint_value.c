/* SPDX-License-Identifier: Apache-2.0 */
/* W_NEVER: a value that the claim it is compared with never has. */
#include "policy/lint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "policy/gpus.h"

static const char *const kinds[] = {
#define X(sym, name, kind, other) kind,
    VS_POL_TEE_TABLE(X)
#undef X
	"az-tdx",
    "gcp-tdx", NULL};
static const char *const crls[] = {"good", "absent", "off", NULL};
static const char *const products[] = {"Milan", "Genoa", "Turin", NULL};
static const char *const signers[] = {"vcek", "vlek", NULL};
static const char *const archs[] = {"hopper", "blackwell", NULL};
static const char *const modes[] = {"spt", "mpt", "ppcie", NULL};
static const char *const states[] = {"on", "devtools", "off", NULL};
static const char *const matches[] = {"match", "mismatch", "absent", NULL};
static const char *const revocations[] = {"good", "absent", "hold", NULL};

struct values {
	const char *path; /* "gpu." and the field for those of a GPU */
	const char *const *names;
	int64_t lo, hi; /* of a number */
};

static const struct values known[] = {
    {"tee.kind", kinds, 0, 0},
    {"tee.crl", crls, 0, 0},
    {"snp.product", products, 0, 0},
    {"snp.signer", signers, 0, 0},
    {"gpu.arch", archs, 0, 0},
    {"gpu.cc_mode", modes, 0, 0},
    {"gpu.cc_state", states, 0, 0},
    {"gpu.measurements", matches, 0, 0},
    {"gpu.revocation", revocations, 0, 0},
    {"snp.version", NULL, 2, 5},
    {"snp.vmpl", NULL, 0, UINT32_MAX},
};

/* Each part of a TCB is one octet. */
static const struct values tcb_part = {"snp.tcb.", NULL, 0, 255};

static const struct values *
values_of(const struct vs_pol_doc *d, const struct vs_cel_node *n, char *path,
    size_t size)
{
	n = vs_lint_behind(d, n);
	if (n->op == VS_OP_CLAIM)
		(void)snprintf(
		    path, size, "%s", vs_claim_def((vs_claim_id)n->id)->path);
	else if (n->op == VS_OP_SELECT && n->kid[0]->type != NULL &&
	    n->kid[0]->type->kind == VS_KIND_RECORD &&
	    n->kid[0]->type->record == &vs_gpu_record)
		(void)snprintf(path, size, "gpu.%.*s", VS_SPAN_ARG(n->name));
	else
		return NULL;
	for (size_t i = 0; i < VS_COUNT(known); i++) {
		if (vs_span_is(vs_span_cstr(path), known[i].path))
			return &known[i];
	}
	return n->op == VS_OP_CLAIM && n->type->kind == VS_KIND_INT &&
		vs_span_starts(vs_span_cstr(path), vs_span_cstr(tcb_part.path))
	    ? &tcb_part
	    : NULL;
}

static bool
has_name(const struct values *v, struct vs_span text, size_t *n)
{
	size_t i = 0;

	for (; v->names[i] != NULL; i++) {
		if (vs_span_is(text, v->names[i]))
			return true;
	}
	*n = i;
	return false;
}

/* "SNP" is far from "snp" by edits, and yet what was meant. */
static const char *
nearest(struct vs_span text, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strlen(names[i]) == text.n &&
		    strncasecmp(names[i], (const char *)text.p, text.n) == 0)
			return names[i];
	}
	return vs_nearest(text, names, n);
}

static void
check_value(const struct vs_lint_at *at, const struct vs_cel_node *n,
    const char *path, const struct values *v, struct vs_val val)
{
	const char *near;
	size_t names = 0;

	if (val.kind == VS_KIND_INT && v->names == NULL &&
	    (val.u.i < v->lo || val.u.i > v->hi))
		vs_lint_warn(at, n, "W_NEVER", "%s is never %lld", path,
		    (long long)val.u.i);
	if (val.kind != VS_KIND_STRING || v->names == NULL ||
	    has_name(v, vs_val_span(val), &names))
		return;
	near = nearest(vs_val_span(val), v->names, names);
	vs_lint_warn(at, n, "W_NEVER", "%s is never \"%.*s\"%s%s%s", path,
	    (int)(val.n < 40 ? val.n : 40), (const char *)val.u.p,
	    near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

static void
compare(const struct vs_lint_at *at, const struct vs_cel_node *claim,
    const struct vs_cel_node *other)
{
	char path[64];
	const struct values *v = values_of(at->d, claim, path, sizeof(path));

	if (v == NULL || other->op != VS_OP_LIT)
		return;
	if (other->val.kind != VS_KIND_LIST) {
		check_value(at, other, path, v, other->val);
		return;
	}
	for (size_t i = 0; i < other->val.n; i++)
		check_value(at, other, path, v, other->val.u.v[i]);
}

/* `5 <= 255` is no slip, so that limits of numbers are for == alone, but
 * `>= 256` is: nothing passes it. */
static bool
out_of_reach(const struct vs_cel_node *n)
{
	return n->op == VS_OP_EQ || n->op == VS_OP_NE || n->op == VS_OP_GE ||
	    n->op == VS_OP_GT || n->op == VS_OP_IN;
}

static void
look(const struct vs_lint_at *at, const struct vs_cel_node *n, void *ctx)
{
	(void)ctx;
	if (!out_of_reach(n))
		return;
	compare(at, n->kid[0], n->kid[1]);
	if (n->op == VS_OP_EQ || n->op == VS_OP_NE)
		compare(at, n->kid[1], n->kid[0]);
}

void
vs_lint_values(struct vs_pol_doc *d)
{
	vs_lint_each(d, look, NULL);
}
