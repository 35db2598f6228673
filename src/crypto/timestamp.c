/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/timestamp.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <stdlib.h>

#include "crypto/x509_int.h"

/* Tokens with three certificates inside are below 8 KiB. */
enum { TOKEN_MAX = 64 * 1024 };

struct vs_timestamp {
	TS_RESP *resp;
	int64_t time;
};

void
vs_timestamp_free(struct vs_timestamp **t)
{
	if (*t == NULL)
		return;
	TS_RESP_free((*t)->resp);
	free(*t);
	*t = NULL;
}

static bool
is_known_hash(TS_TST_INFO *info)
{
	TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
	const ASN1_OBJECT *oid;
	X509_ALGOR *algo;

	if (imprint == NULL)
		return false;
	algo = TS_MSG_IMPRINT_get_algo(imprint);
	if (algo == NULL)
		return false;
	X509_ALGOR_get0(&oid, NULL, NULL, algo);
	switch (OBJ_obj2nid(oid)) {
	case NID_sha256:
	case NID_sha384:
	case NID_sha512:
		return true;
	default:
		return false;
	}
}

static vs_status
read_info(struct vs_timestamp *t, struct vs_err *err)
{
	const TS_STATUS_INFO *status = TS_RESP_get_status_info(t->resp);
	const ASN1_INTEGER *code =
	    status != NULL ? TS_STATUS_INFO_get0_status(status) : NULL;
	TS_TST_INFO *info = TS_RESP_get_tst_info(t->resp);
	long granted = code != NULL ? ASN1_INTEGER_get(code) : -1;

	/* 0 granted, 1 granted with modifications: RFC 3161 2.4.2 */
	if ((granted != 0 && granted != 1) || info == NULL)
		return vs_fail(err, VS_MALFORMED, "time stamp: not granted");
	if (!is_known_hash(info))
		return vs_fail(err, VS_MALFORMED, "time stamp: hash algorithm");
	if (!vs_x509_time(TS_TST_INFO_get_time(info), &t->time))
		return vs_fail(err, VS_MALFORMED, "time stamp: time");
	return VS_OK;
}

vs_status
vs_timestamp_parse(
    struct vs_span der, struct vs_timestamp **out, struct vs_err *err)
{
	VS_AUTO(vs_timestamp) *t = vs_calloc(1, sizeof(*t));
	const unsigned char *p = der.p;

	ERR_clear_error();
	if (t == NULL)
		return vs_fail(err, VS_NO_MEMORY, "time stamp");
	if (der.n > 0 && der.n <= TOKEN_MAX)
		t->resp = d2i_TS_RESP(NULL, &p, (long)der.n);
	ERR_clear_error();
	if (t->resp == NULL || p != der.p + der.n)
		return vs_fail(err, VS_MALFORMED, "not a time stamp");
	VS_TRY(err, "time stamp", read_info(t, err));
	*out = VS_TAKE(t);
	return VS_OK;
}

int64_t
vs_timestamp_time(const struct vs_timestamp *t)
{
	return t->time;
}

/* OpenSSL looks for the signer among the given certificates before it looks
 * into the token: where it is there, it is the one. */
static bool
signed_by(const struct vs_timestamp *t, STACK_OF(X509) * leaf)
{
	PKCS7 *token = TS_RESP_get_token(t->resp);
	STACK_OF(X509) * signers;
	bool is;

	if (token == NULL || !PKCS7_type_is_signed(token))
		return false;
	signers = PKCS7_get0_signers(token, leaf, PKCS7_NOINTERN);
	is = signers != NULL && sk_X509_num(signers) == 1 &&
	    sk_X509_value(signers, 0) == sk_X509_value(leaf, 0);
	sk_X509_free(signers);
	return is;
}

static bool
push(STACK_OF(X509) * stack, X509 *x)
{
	if (X509_up_ref(x) != 1)
		return false;
	if (sk_X509_push(stack, x) > 0)
		return true;
	X509_free(x);
	return false;
}

static X509_STORE *
store_of(X509 *anchor, int64_t at)
{
	X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM *p;

	if (store == NULL)
		return NULL;
	p = X509_STORE_get0_param(store);
	X509_VERIFY_PARAM_set_time(p, (time_t)at);
	if (X509_STORE_add_cert(store, anchor) == 1 &&
	    X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN) == 1)
		return store;
	X509_STORE_free(store);
	return NULL;
}

/* The context takes store, certs and data over. */
static bool
run(const struct vs_timestamp *t, X509_STORE *store, STACK_OF(X509) * certs,
    BIO *data)
{
	TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
	int ok;

	if (ctx == NULL) {
		X509_STORE_free(store);
		sk_X509_pop_free(certs, X509_free);
		BIO_free(data);
		return false;
	}
	(void)TS_VERIFY_CTX_set_flags(
	    ctx, TS_VFY_SIGNATURE | TS_VFY_VERSION | TS_VFY_DATA);
	(void)TS_VERIFY_CTX_set_store(ctx, store);
	(void)TS_VERIFY_CTX_set_certs(ctx, certs);
	(void)TS_VERIFY_CTX_set_data(ctx, data);
	ok = TS_RESP_verify_response(ctx, t->resp);
	TS_VERIFY_CTX_free(ctx);
	return ok == 1;
}

vs_status
vs_timestamp_verify(const struct vs_timestamp *t, struct vs_span data,
    const struct vs_cert *const *chain, size_t n, struct vs_err *err)
{
	STACK_OF(X509) *certs = sk_X509_new_null();
	X509_STORE *store = NULL;
	BIO *in = NULL;
	bool ok = certs != NULL && n > 0 && data.n > 0 && data.n <= INT_MAX;

	ERR_clear_error();
	for (size_t i = 0; ok && i < n; i++)
		ok = push(certs, chain[i]->x);
	if (ok && !signed_by(t, certs)) {
		sk_X509_pop_free(certs, X509_free);
		ERR_clear_error();
		return vs_fail(err, VS_UNTRUSTED,
		    "time stamp: not signed by this authority");
	}
	if (ok)
		store = store_of(chain[n - 1]->x, t->time);
	if (ok)
		in = BIO_new_mem_buf(data.p, (int)data.n);
	if (!ok || store == NULL || in == NULL) {
		X509_STORE_free(store);
		sk_X509_pop_free(certs, X509_free);
		BIO_free(in);
		return vs_fail(err, VS_NO_MEMORY, "time stamp");
	}
	ok = run(t, store, certs, in);
	ERR_clear_error();
	if (!ok)
		return vs_fail(
		    err, VS_UNTRUSTED, "time stamp: does not verify");
	return VS_OK;
}
