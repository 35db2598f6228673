/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/dcap/chain.h"

#include <string.h>

#include "base/arena.h"
#include "crypto/pem.h"

enum {
	CERTS_MAX = 3,
	/* What PEM decodes to, for the call only. */
	SCRATCH_MAX = 128 * 1024,
};

/* Certificates in the order in which they came. */
struct list {
	struct vs_cert *v[CERTS_MAX];
	size_t n;
};

static void
list_fini(struct list *l)
{
	for (size_t i = 0; i < l->n; i++)
		vs_cert_free(&l->v[i]);
	l->n = 0;
}

void
vs_dcap_chain_fini(struct vs_dcap_chain *c)
{
	vs_cert_free(&c->pck);
	vs_cert_free(&c->ca);
	vs_cert_free(&c->root);
}

static vs_status
invalid(struct vs_err *err, const char *what)
{
	return vs_fail_code(err, VS_UNTRUSTED, "chain_invalid", "%s", what);
}

static vs_status
add(struct list *l, struct vs_span der, struct vs_err *err)
{
	struct vs_err why = {0};

	if (l->n == CERTS_MAX)
		return invalid(err, "more than three certificates");
	if (vs_cert_parse(der, &l->v[l->n], &why) != VS_OK)
		return invalid(err, why.msg);
	l->n++;
	return VS_OK;
}

static vs_status
add_pem(struct list *l, struct vs_span text, struct vs_err *err)
{
	struct vs_arena scratch;
	struct vs_rd rd = vs_rd_of(text);
	struct vs_pem pem;
	vs_status st = VS_OK;

	vs_arena_init(&scratch, SCRATCH_MAX);
	while (st == VS_OK) {
		st = vs_pem_next(&rd, &scratch, &pem);
		if (st == VS_NOT_FOUND)
			break;
		if (st != VS_OK)
			st = invalid(err, "broken PEM");
		else if (!vs_span_is(pem.label, "CERTIFICATE"))
			st = invalid(err, "PEM block that is no certificate");
		else
			st = add(l, pem.der, err);
	}
	vs_arena_fini(&scratch);
	return st == VS_NOT_FOUND ? VS_OK : st;
}

static vs_status
add_any(struct list *l, struct vs_span bytes, struct vs_err *err)
{
	return vs_cert_is(bytes) ? add(l, bytes, err) : add_pem(l, bytes, err);
}

/* Intel's order, and no other: leaf, authority, root or none. */
static vs_status
by_place(struct list *l, struct vs_dcap_chain *c, struct vs_err *err)
{
	if (l->n < 2)
		return invalid(err, "fewer than two certificates");
	c->pck = VS_TAKE(l->v[0]);
	c->ca = VS_TAKE(l->v[1]);
	if (l->n == CERTS_MAX)
		c->root = VS_TAKE(l->v[2]);
	return VS_OK;
}

static vs_status
by_content(struct list *l, struct vs_dcap_chain *c, struct vs_err *err)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct vs_cert_facts *f = vs_cert_facts(l->v[i]);
		struct vs_cert **at = &c->pck;

		if (f->self_issued)
			at = &c->root;
		else if (f->ca)
			at = &c->ca;
		if (*at != NULL)
			return invalid(err, "two certificates for one place");
		*at = VS_TAKE(l->v[i]);
	}
	if (c->pck == NULL || c->ca == NULL)
		return invalid(err, "PCK or its authority is missing");
	return VS_OK;
}

/*
 * The signer of TCB info is under the same root: without its name, and what
 * it may not do, it could pose as a platform.
 */
static vs_status
check_shape(const struct vs_dcap_chain *c, struct vs_err *err)
{
	const struct vs_cert_facts *pck = vs_cert_facts(c->pck);
	const struct vs_cert_facts *ca = vs_cert_facts(c->ca);

	if (strstr(pck->cn, "SGX PCK Certificate") == NULL)
		return invalid(err, "the leaf is not named like a PCK");
	if (strstr(ca->cn, "SGX PCK Platform CA") == NULL &&
	    strstr(ca->cn, "SGX PCK Processor CA") == NULL)
		return invalid(err, "no PCK authority behind the leaf");
	if (pck->ca || pck->self_issued || !vs_cert_key_is_p256(c->pck))
		return invalid(err, "the leaf cannot be a PCK");
	if (ca->self_issued)
		return invalid(err, "the PCK authority is a root");
	if (c->root != NULL && !vs_cert_facts(c->root)->self_issued)
		return invalid(err, "no root at the end of the chain");
	return VS_OK;
}

static vs_status
collect(const struct vs_dcap_quote *q, const struct vs_span *certs,
    size_t certs_n, struct list *l, struct vs_err *err)
{
	if (q->cert_type == VS_DCAP_CERT_CHAIN)
		return add_pem(l, q->cert_data, err);
	if (q->cert_type < VS_DCAP_CERT_PPID ||
	    q->cert_type > VS_DCAP_CERT_PCK || certs_n == 0)
		return vs_fail_code(err, VS_UNSUPPORTED, "cert_data_type",
		    "certification data of type %u, and no PCK chain beside "
		    "the quote",
		    q->cert_type);
	if (q->cert_type == VS_DCAP_CERT_PCK)
		VS_TRY(err, "PCK", add_any(l, q->cert_data, err));
	for (size_t i = 0; i < certs_n; i++)
		VS_TRY(err, "certs", add_any(l, certs[i], err));
	return VS_OK;
}

vs_status
vs_dcap_chain_read(const struct vs_dcap_quote *q, const struct vs_span *certs,
    size_t certs_n, struct vs_dcap_chain *out, struct vs_err *err)
{
	struct vs_dcap_chain c = {0};
	struct list l = {0};
	vs_status st = collect(q, certs, certs_n, &l, err);

	if (st == VS_OK)
		st = q->cert_type == VS_DCAP_CERT_CHAIN
		    ? by_place(&l, &c, err)
		    : by_content(&l, &c, err);
	if (st == VS_OK)
		st = check_shape(&c, err);
	list_fini(&l);
	if (st != VS_OK)
		vs_dcap_chain_fini(&c);
	else
		*out = c;
	return st;
}
