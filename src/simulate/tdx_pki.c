/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/tdx_pki.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "simulate/derw.h"
#include "simulate/pki.h"

/* Intel SGX PCK Certificate profile, 1.3.5. */
#define OID_SGX "1.2.840.113741.1.13.1"
#define URL_ROOT_CRL                                                           \
	"https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"
#define URL_PCK_CRL                                                            \
	"https://api.trustedservices.intel.com/sgx/certification/v4/"          \
	"pckcrl?ca=platform&encoding=der"

enum { SGX_TYPE_SCALABLE = 1 };

void
vs_sim_tdx_defaults(int64_t now, struct vs_sim_tdx_options *out)
{
	/* "SIM": of no family that Intel sells. */
	static const struct vs_sim_tdx_options defaults = {
	    .fmspc = {0x00, 'S', 'I', 'M', 0, 0},
	    .svn = {VS_SIM_MICROCODE, VS_SIM_MICROCODE, 2, 2, 4, 1, 0, 6},
	    .pcesvn = 11,
	};

	*out = defaults;
	out->now = now;
}

vs_status
vs_sim_tdx_serial(
    const struct vs_issue_key *key, uint64_t *serial, struct vs_err *err)
{
	uint8_t id[20];
	uint64_t v = 0;

	VS_TRY(err, "serial", vs_issue_key_id(key, id, err));
	for (size_t i = 0; i < 8; i++)
		v = v << 8 | id[i];
	*serial = v | 1; /* never zero */
	return VS_OK;
}

/* SEQUENCE { OID 1.2.840.113741.1.13.1.SUFFIX, ... }, left open. */
static size_t
open_field(struct vs_buf *b, const char *oid)
{
	size_t mark = vs_derw_open(b, VS_DERW_SEQ);

	vs_derw_oid(b, oid);
	return mark;
}

static void
put_octets(struct vs_buf *b, const char *oid, struct vs_span v)
{
	size_t mark = open_field(b, oid);

	vs_derw_put(b, VS_DERW_OCTETS, v);
	vs_derw_close(b, mark);
}

static void
put_uint(struct vs_buf *b, const char *oid, uint64_t v)
{
	size_t mark = open_field(b, oid);

	vs_derw_uint(b, v);
	vs_derw_close(b, mark);
}

static void
put_bool(struct vs_buf *b, const char *oid, bool v)
{
	size_t mark = open_field(b, oid);

	vs_derw_put(
	    b, VS_DERW_BOOL, v ? VS_SPAN_LIT("\xff") : VS_SPAN_LIT("\0"));
	vs_derw_close(b, mark);
}

static void
put_tcb(const struct vs_sim_tdx *t, struct vs_buf *b)
{
	static const char *const oids[16] = {OID_SGX ".2.1", OID_SGX ".2.2",
	    OID_SGX ".2.3", OID_SGX ".2.4", OID_SGX ".2.5", OID_SGX ".2.6",
	    OID_SGX ".2.7", OID_SGX ".2.8", OID_SGX ".2.9", OID_SGX ".2.10",
	    OID_SGX ".2.11", OID_SGX ".2.12", OID_SGX ".2.13", OID_SGX ".2.14",
	    OID_SGX ".2.15", OID_SGX ".2.16"};
	size_t field = open_field(b, OID_SGX ".2");
	size_t list = vs_derw_open(b, VS_DERW_SEQ);

	for (size_t i = 0; i < VS_COUNT(oids); i++)
		put_uint(b, oids[i], t->opt.svn[i]);
	put_uint(b, OID_SGX ".2.17", t->opt.pcesvn);
	put_octets(b, OID_SGX ".2.18", VS_SPAN_OF(t->opt.svn));
	vs_derw_close(b, list);
	vs_derw_close(b, field);
}

static void
put_configuration(struct vs_buf *b)
{
	size_t field = open_field(b, OID_SGX ".7");
	size_t list = vs_derw_open(b, VS_DERW_SEQ);

	put_bool(b, OID_SGX ".7.1", true);  /* dynamic platform */
	put_bool(b, OID_SGX ".7.2", false); /* cached keys */
	put_bool(b, OID_SGX ".7.3", true);  /* SMT */
	vs_derw_close(b, list);
	vs_derw_close(b, field);
}

static void
put_sgx_extension(const struct vs_sim_tdx *t, struct vs_buf *out)
{
	struct vs_buf b = {0};
	uint8_t type = SGX_TYPE_SCALABLE;
	size_t list = vs_derw_open(&b, VS_DERW_SEQ), field;

	put_octets(&b, OID_SGX ".1", VS_SPAN_OF(t->ppid));
	put_tcb(t, &b);
	put_octets(&b, OID_SGX ".3", VS_SPAN_OF(t->opt.pceid));
	put_octets(&b, OID_SGX ".4", VS_SPAN_OF(t->opt.fmspc));
	field = open_field(&b, OID_SGX ".5");
	vs_derw_put(&b, VS_DERW_ENUM, VS_SPAN(&type, 1));
	vs_derw_close(&b, field);
	put_octets(&b, OID_SGX ".6", VS_SPAN_OF(t->instance));
	put_configuration(&b);
	vs_derw_close(&b, list);
	vs_sim_ext(out, OID_SGX, false, vs_buf_span(&b));
	vs_buf_fini(&b);
}

/* A certificate by the root, or the PCK when its extension is given. */
static vs_status
make_cert(const struct vs_sim_tdx *t, struct vs_sim_eccert *c, int years,
    struct vs_buf *der, struct vs_err *err)
{
	c->not_before = t->opt.now - VS_SIM_DAY;
	c->not_after = t->opt.now + (int64_t)years * VS_SIM_YEAR;
	VS_TRY(err, c->subject_cn, vs_sim_tdx_serial(c->key, &c->serial, err));
	return vs_sim_eccert_build(c, der, err);
}

static vs_status
make_authorities(struct vs_sim_tdx *t, struct vs_err *err)
{
	struct vs_sim_eccert root = {.subject_cn = VS_SIM_ROOT_CN,
	    .issuer_cn = VS_SIM_ROOT_CN,
	    .use = VS_SIM_USE_ROOT,
	    .crl_url = URL_ROOT_CRL,
	    .key = t->root_key,
	    .issuer = t->root_key};
	struct vs_sim_eccert ca = {.subject_cn = VS_SIM_CA_CN,
	    .issuer_cn = VS_SIM_ROOT_CN,
	    .use = VS_SIM_USE_CA,
	    .crl_url = URL_ROOT_CRL,
	    .key = t->ca_key,
	    .issuer = t->root_key};
	struct vs_sim_eccert signing = {.subject_cn = VS_SIM_SIGNING_CN,
	    .issuer_cn = VS_SIM_ROOT_CN,
	    .use = VS_SIM_USE_LEAF,
	    .crl_url = URL_ROOT_CRL,
	    .key = t->signing_key,
	    .issuer = t->root_key};

	VS_TRY(err, "root", make_cert(t, &root, 30, &t->root, err));
	VS_TRY(err, "CA", make_cert(t, &ca, 15, &t->ca, err));
	VS_TRY(err, "signer", make_cert(t, &signing, 7, &t->signing, err));
	return VS_OK;
}

static vs_status
make_pck(struct vs_sim_tdx *t, struct vs_err *err)
{
	struct vs_buf ext = {0};
	struct vs_sim_eccert pck = {.subject_cn = VS_SIM_PCK_CN,
	    .issuer_cn = VS_SIM_CA_CN,
	    .use = VS_SIM_USE_LEAF,
	    .crl_url = URL_PCK_CRL,
	    .key = t->pck_key,
	    .issuer = t->ca_key};
	vs_status st;

	put_sgx_extension(t, &ext);
	st = vs_buf_status(&ext);
	if (st == VS_OK) {
		pck.extensions = vs_buf_span(&ext);
		st = make_cert(t, &pck, 7, &t->pck, err);
	}
	vs_buf_fini(&ext);
	return st;
}

static vs_status
make_keys(struct vs_sim_tdx *t, struct vs_err *err)
{
	struct vs_issue_key **keys[] = {
	    &t->root_key, &t->ca_key, &t->signing_key, &t->pck_key, &t->qe_key};

	for (size_t i = 0; i < VS_COUNT(keys); i++)
		VS_TRY(err, "keys", vs_issue_key_p256(keys[i], err));
	VS_TRY(err, "PPID", vs_random(t->ppid, sizeof(t->ppid)));
	VS_TRY(err, "instance", vs_random(t->instance, sizeof(t->instance)));
	return VS_OK;
}

vs_status
vs_sim_tdx_new(const struct vs_sim_tdx_options *opt, struct vs_sim_tdx **out,
    struct vs_err *err)
{
	VS_AUTO(vs_sim_tdx) *t = vs_calloc(1, sizeof(*t));

	if (t == NULL)
		return vs_fail(err, VS_NO_MEMORY, "simulated PKI");
	t->opt = *opt;
	VS_TRY(err, "simulate", make_keys(t, err));
	VS_TRY(err, "simulate", make_authorities(t, err));
	VS_TRY(err, "simulate", make_pck(t, err));
	*out = VS_TAKE(t);
	return VS_OK;
}

void
vs_sim_tdx_free(struct vs_sim_tdx **tp)
{
	struct vs_sim_tdx *t = *tp;

	if (t == NULL)
		return;
	vs_issue_key_free(&t->root_key);
	vs_issue_key_free(&t->ca_key);
	vs_issue_key_free(&t->signing_key);
	vs_issue_key_free(&t->pck_key);
	vs_issue_key_free(&t->qe_key);
	vs_buf_fini(&t->root);
	vs_buf_fini(&t->ca);
	vs_buf_fini(&t->signing);
	vs_buf_fini(&t->pck);
	free(t);
	*tp = NULL;
}

struct vs_span
vs_sim_tdx_root(const struct vs_sim_tdx *t)
{
	return vs_buf_span(&t->root);
}

struct vs_span
vs_sim_tdx_ca(const struct vs_sim_tdx *t)
{
	return vs_buf_span(&t->ca);
}

struct vs_span
vs_sim_tdx_signing(const struct vs_sim_tdx *t)
{
	return vs_buf_span(&t->signing);
}

struct vs_span
vs_sim_tdx_pck(const struct vs_sim_tdx *t)
{
	return vs_buf_span(&t->pck);
}
