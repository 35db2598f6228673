/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/pki.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

void
vs_sim_ca_name(
    const struct vs_sim_pki *p, const char *prefix, char out[VS_SIM_CN_MAX])
{
	(void)snprintf(out, VS_SIM_CN_MAX, "%s-%s", prefix,
	    vs_sim_product_name(p->product)); /* both are short and ours */
}

static void
crl_url(const struct vs_sim_pki *p, const char *kind, char out[80])
{
	(void)snprintf(out, 80, "https://kdsintf.amd.com/%s/v1/%s/crl", kind,
	    vs_sim_product_name(p->product)); /* fits: both are ours */
}

/* ARK when issuer is NULL, else a CA below it. */
static vs_status
make_ca(const struct vs_sim_pki *p, const char *prefix, uint64_t serial,
    const struct vs_issue_key *key, const char *kind, struct vs_buf *der,
    struct vs_err *err)
{
	bool root = key == p->ark_key;
	struct vs_buf ext = {0};
	char subject[VS_SIM_CN_MAX], issuer[VS_SIM_CN_MAX], url[80];
	struct vs_sim_cert c = {
	    .serial = serial,
	    .subject_cn = subject,
	    .issuer_cn = issuer,
	    .not_before = p->now - VS_SIM_DAY,
	    .not_after = p->now + 25LL * VS_SIM_YEAR,
	    .trailer = true,
	    .key = key,
	    .issuer = p->ark_key,
	};
	vs_status st;

	vs_sim_ca_name(p, prefix, subject);
	vs_sim_ca_name(p, "ARK", issuer);
	crl_url(p, kind, url);
	st =
	    vs_sim_ca_extensions(key, root ? NULL : p->ark_key, url, &ext, err);
	if (st == VS_OK) {
		c.extensions = vs_buf_span(&ext);
		st = vs_sim_cert_build(&c, der, err);
	}
	vs_buf_fini(&ext);
	return st;
}

void
vs_sim_leaf_default(
    const struct vs_sim_pki *p, bool vlek, struct vs_sim_leaf *out)
{
	const struct vs_sim_product_info *info =
	    vs_sim_product_info(p->product);

	*out = (struct vs_sim_leaf){
	    .struct_version = info->turin_tcb ? 1 : 0,
	    .product_name = vlek ? info->name : info->vcek_name,
	    .fmc = p->tcb.fmc,
	    .bl = p->tcb.bl,
	    .tee = p->tcb.tee,
	    .snp = p->tcb.snp,
	    .ucode = p->tcb.ucode,
	};
	if (vlek)
		out->csp_id = VS_SIM_CSP_ID;
	else
		out->hwid = VS_SPAN(p->chip_id, info->chip_id_size);
}

void
vs_sim_leaf_cert(const struct vs_sim_pki *p, bool vlek, char cn[VS_SIM_CN_MAX],
    struct vs_sim_cert *out)
{
	vs_sim_ca_name(p, vlek ? "SEV-VLEK" : "SEV", cn);
	*out = (struct vs_sim_cert){
	    .serial = 0,
	    .subject_cn = vlek ? "SEV-VLEK" : "SEV-VCEK",
	    .issuer_cn = cn,
	    .not_before = p->now - VS_SIM_DAY,
	    .not_after = p->now + (vlek ? 1LL : 7LL) * VS_SIM_YEAR,
	    .key = vlek ? p->vlek_key : p->vcek_key,
	    .issuer = vlek ? p->asvk_key : p->ask_key,
	};
}

vs_status
vs_sim_leaf_issue(const struct vs_sim_pki *p, bool vlek,
    const struct vs_sim_leaf *leaf, struct vs_buf *der, struct vs_err *err)
{
	struct vs_buf ext = {0};
	char cn[VS_SIM_CN_MAX];
	struct vs_sim_cert c;
	vs_status st;

	vs_sim_leaf_cert(p, vlek, cn, &c);
	if (c.issuer == NULL)
		return vs_fail(err, VS_USAGE, "the CA key was not kept");
	vs_sim_leaf_extensions(leaf, &ext);
	st = vs_buf_status(&ext);
	if (st == VS_OK) {
		c.extensions = vs_buf_span(&ext);
		st = vs_sim_cert_build(&c, der, err);
	}
	vs_buf_fini(&ext);
	return st;
}

static vs_status
make_keys(struct vs_sim_pki *p, unsigned bits, struct vs_err *err)
{
	VS_TRY(err, "ARK", vs_issue_key_rsa(bits, &p->ark_key, err));
	VS_TRY(err, "ASK", vs_issue_key_rsa(bits, &p->ask_key, err));
	VS_TRY(err, "ASVK", vs_issue_key_rsa(bits, &p->asvk_key, err));
	VS_TRY(err, "VCEK", vs_issue_key_p384(&p->vcek_key, err));
	VS_TRY(err, "VLEK", vs_issue_key_p384(&p->vlek_key, err));
	return VS_OK;
}

static vs_status
make_certs(struct vs_sim_pki *p, struct vs_err *err)
{
	const struct vs_sim_product_info *info =
	    vs_sim_product_info(p->product);
	struct vs_sim_leaf leaf;

	VS_TRY(err, "ARK",
	    make_ca(p, "ARK", info->ark, p->ark_key, "vcek", &p->ark, err));
	VS_TRY(err, "ASK",
	    make_ca(p, "SEV", info->ask, p->ask_key, "vcek", &p->ask, err));
	VS_TRY(err, "ASVK",
	    make_ca(
		p, "SEV-VLEK", info->asvk, p->asvk_key, "vlek", &p->asvk, err));
	vs_sim_leaf_default(p, false, &leaf);
	VS_TRY(err, "VCEK", vs_sim_leaf_issue(p, false, &leaf, &p->vcek, err));
	vs_sim_leaf_default(p, true, &leaf);
	VS_TRY(err, "VLEK", vs_sim_leaf_issue(p, true, &leaf, &p->vlek, err));
	return VS_OK;
}

static vs_status
set_chip_id(struct vs_sim_pki *p, const uint8_t id[64], struct vs_err *err)
{
	size_t n = vs_sim_product_info(p->product)->chip_id_size;

	if (vs_span_zero(VS_SPAN(id, 64)))
		VS_TRY(err, "chip id", vs_random(p->chip_id, n));
	else
		memcpy(p->chip_id, id, n);
	return VS_OK;
}

vs_status
vs_sim_pki_new(const struct vs_sim_pki_options *opt, struct vs_sim_pki **out,
    struct vs_err *err)
{
	VS_AUTO(vs_sim_pki) *p = NULL;

	if ((unsigned)opt->product >= VS_SIM_PRODUCTS)
		return vs_fail(err, VS_USAGE, "unknown product");
	p = vs_calloc(1, sizeof(*p));
	if (p == NULL)
		return vs_fail(err, VS_NO_MEMORY, "simulated PKI");
	p->product = opt->product;
	p->now = opt->now;
	p->tcb = (struct vs_sim_tcb){
	    opt->fmc, opt->bl, opt->tee, opt->snp, opt->ucode};
	VS_TRY(err, "simulate", set_chip_id(p, opt->chip_id, err));
	VS_TRY(err, "simulate",
	    make_keys(p, opt->rsa_bits == 0 ? 4096 : opt->rsa_bits, err));
	VS_TRY(err, "simulate", make_certs(p, err));
	*out = VS_TAKE(p);
	return VS_OK;
}

void
vs_sim_pki_free(struct vs_sim_pki **pp)
{
	struct vs_sim_pki *p = *pp;

	if (p == NULL)
		return;
	vs_issue_key_free(&p->ark_key);
	vs_issue_key_free(&p->ask_key);
	vs_issue_key_free(&p->asvk_key);
	vs_issue_key_free(&p->vcek_key);
	vs_issue_key_free(&p->vlek_key);
	vs_buf_fini(&p->ark);
	vs_buf_fini(&p->ask);
	vs_buf_fini(&p->asvk);
	vs_buf_fini(&p->vcek);
	vs_buf_fini(&p->vlek);
	free(p);
	*pp = NULL;
}

struct vs_span
vs_sim_ark(const struct vs_sim_pki *p)
{
	return vs_buf_span(&p->ark);
}

struct vs_span
vs_sim_ask(const struct vs_sim_pki *p)
{
	return vs_buf_span(&p->ask);
}

struct vs_span
vs_sim_asvk(const struct vs_sim_pki *p)
{
	return vs_buf_span(&p->asvk);
}

struct vs_span
vs_sim_vcek(const struct vs_sim_pki *p)
{
	return vs_buf_span(&p->vcek);
}

struct vs_span
vs_sim_vlek(const struct vs_sim_pki *p)
{
	return vs_buf_span(&p->vlek);
}

vs_status
vs_sim_crl(const struct vs_sim_pki *p, int64_t this_update, int64_t next_update,
    const uint64_t *serials, size_t n, struct vs_buf *der, struct vs_err *err)
{
	char cn[VS_SIM_CN_MAX];
	struct vs_sim_crl_spec c = {
	    .issuer_cn = cn,
	    .issuer = p->ark_key,
	    .this_update = this_update,
	    .next_update = next_update,
	    .serials = serials,
	    .n = n,
	};

	vs_sim_ca_name(p, "ARK", cn);
	return vs_sim_crl_build(&c, der, err);
}
