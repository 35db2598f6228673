/* SPDX-License-Identifier: Apache-2.0 */
/* What a collateral service would answer, item by item. */
#include "simulate/pki.h"
#include "simulate/tdx_pki.h"

enum { CRL_DAYS = 30 };

static int64_t
next_update(const struct vs_sim_tdx_collateral *c)
{
	int64_t days = c->days == 0 ? CRL_DAYS : (int64_t)c->days;

	return c->issued + days * VS_SIM_DAY;
}

static vs_status
revoke(const struct vs_issue_key *key, bool yes, uint64_t *serials, size_t *n,
    struct vs_err *err)
{
	return yes ? vs_sim_tdx_serial(key, &serials[(*n)++], err) : VS_OK;
}

static vs_status
root_crl(const struct vs_sim_tdx *t, const struct vs_sim_tdx_collateral *c,
    struct vs_buf *out, struct vs_err *err)
{
	uint64_t serials[2] = {0};
	struct vs_sim_crl_spec spec = {.issuer_cn = VS_SIM_ROOT_CN,
	    .issuer = t->root_key,
	    .this_update = c->issued,
	    .next_update = c->issued + (int64_t)VS_SIM_YEAR,
	    .serials = serials};

	VS_TRY(
	    err, "CA", revoke(t->ca_key, c->revoke_ca, serials, &spec.n, err));
	VS_TRY(err, "signer",
	    revoke(t->signing_key, c->revoke_signing, serials, &spec.n, err));
	return vs_sim_eccrl_build(&spec, out, err);
}

static vs_status
pck_crl(const struct vs_sim_tdx *t, const struct vs_sim_tdx_collateral *c,
    struct vs_buf *out, struct vs_err *err)
{
	uint64_t serials[1] = {0};
	struct vs_sim_crl_spec spec = {.issuer_cn = VS_SIM_CA_CN,
	    .issuer = t->ca_key,
	    .this_update = c->issued,
	    .next_update = next_update(c),
	    .serials = serials};

	VS_TRY(err, "PCK",
	    revoke(t->pck_key, c->revoke_pck, serials, &spec.n, err));
	return vs_sim_eccrl_build(&spec, out, err);
}

/* Leaf first, then the root: as the service's issuer chains. */
static vs_status
chain(const struct vs_sim_tdx *t, const struct vs_buf *leaf, struct vs_buf *out,
    struct vs_err *err)
{
	VS_TRY(err, "chain",
	    vs_issue_pem_write("CERTIFICATE", vs_buf_span(leaf), out, err));
	return vs_issue_pem_write(
	    "CERTIFICATE", vs_buf_span(&t->root), out, err);
}

static vs_status
ca_chain(const struct vs_sim_tdx *t, const struct vs_sim_tdx_collateral *c,
    struct vs_buf *out, struct vs_err *err)
{
	(void)c;
	return chain(t, &t->ca, out, err);
}

static vs_status
signing_chain(const struct vs_sim_tdx *t, const struct vs_sim_tdx_collateral *c,
    struct vs_buf *out, struct vs_err *err)
{
	(void)c;
	return chain(t, &t->signing, out, err);
}

static const struct {
	const char *name;
	vs_status (*make)(const struct vs_sim_tdx *t,
	    const struct vs_sim_tdx_collateral *c, struct vs_buf *out,
	    struct vs_err *err);
} items[VS_SIM_TDX_ITEMS] = {
    {"pck-crl-issuer-chain.pem", ca_chain},
    {"tcb-info-issuer-chain.pem", signing_chain},
    {"root-crl.der", root_crl},
    {"pck-crl.der", pck_crl},
    {"tcb-info.json", vs_sim_tdx_tcb_info},
    {"qe-identity.json", vs_sim_tdx_qe_identity},
};

const char *
vs_sim_tdx_item_name(size_t i)
{
	VS_ASSERT(i < VS_SIM_TDX_ITEMS);
	return items[i].name;
}

vs_status
vs_sim_tdx_item(const struct vs_sim_tdx *t,
    const struct vs_sim_tdx_collateral *c, size_t i, struct vs_buf *out,
    struct vs_err *err)
{
	VS_TRY(err, vs_sim_tdx_item_name(i), items[i].make(t, c, out, err));
	return VS_OK;
}
