/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token seal (PKCS#11 2.40): the seal key encrypted by a key that never
 * leaves the token. An AES key (CKM_AES_GCM), or an RSA pair
 * (CKM_RSA_PKCS_OAEP), found by its label; wrap makes an AES key where there
 * is neither.
 *
 * The blob: u8 format 1, u8 mechanism, for GCM the nonce, the ciphertext.
 */
#include <string.h>

#include "crypto/rand.h"
#include "seal/token.h"

enum {
	FORMAT = 1,
	BY_GCM = 1,
	BY_OAEP = 2,
	NONCE = 12,
	SECRET_MAX = 128, /* OAEP under RSA-2048 takes 214 */
	CIPHER_MAX = 1024,
};

struct mechanism {
	CK_MECHANISM m;
	CK_GCM_PARAMS gcm;
	CK_RSA_PKCS_OAEP_PARAMS oaep;
	CK_BYTE nonce[NONCE];
};

static void
mechanism_set(struct mechanism *m, uint8_t by)
{
	if (by == BY_GCM) {
		m->gcm = (CK_GCM_PARAMS){.pIv = m->nonce,
		    .ulIvLen = NONCE,
		    .ulIvBits = 8 * NONCE,
		    .ulTagBits = 128};
		m->m = (CK_MECHANISM){CKM_AES_GCM, &m->gcm, sizeof m->gcm};
		return;
	}
	/* SHA-1 is what every token has; OAEP does not ask of its hash what
	 * SHA-1 has lost. */
	m->oaep = (CK_RSA_PKCS_OAEP_PARAMS){.hashAlg = CKM_SHA_1,
	    .mgf = CKG_MGF1_SHA1,
	    .source = CKZ_DATA_SPECIFIED};
	m->m = (CK_MECHANISM){CKM_RSA_PKCS_OAEP, &m->oaep, sizeof m->oaep};
}

static vs_status
make_aes(struct vs_token *t, CK_OBJECT_HANDLE *out, struct vs_err *err)
{
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ULONG size = 32;
	CK_MECHANISM m = {CKM_AES_KEY_GEN, NULL, 0};
	CK_ATTRIBUTE want[] = {
	    {CKA_TOKEN, &yes, sizeof yes},
	    {CKA_PRIVATE, &yes, sizeof yes},
	    {CKA_SENSITIVE, &yes, sizeof yes},
	    {CKA_EXTRACTABLE, &no, sizeof no},
	    {CKA_ENCRYPT, &yes, sizeof yes},
	    {CKA_DECRYPT, &yes, sizeof yes},
	    {CKA_VALUE_LEN, &size, sizeof size},
	    {CKA_LABEL, t->label, strlen(t->label)},
	};

	return vs_token_rv(err, "making a key",
	    t->f->C_GenerateKey(t->session, &m, want, VS_COUNT(want), out));
}

/* A key that the token gives away would be a seal that guards nothing. */
static vs_status
check_key(struct vs_token *t, CK_OBJECT_HANDLE key, struct vs_err *err)
{
	CK_BBOOL extractable = CK_TRUE, sensitive = CK_FALSE;
	CK_ATTRIBUTE have[] = {
	    {CKA_EXTRACTABLE, &extractable, sizeof extractable},
	    {CKA_SENSITIVE, &sensitive, sizeof sensitive},
	};

	VS_PASS(vs_token_rv(err, "asking about the key",
	    t->f->C_GetAttributeValue(t->session, key, have, VS_COUNT(have))));
	if (extractable != CK_FALSE || sensitive != CK_TRUE)
		return vs_fail_code(err, VS_SEALED, "seal.pkcs11.key",
		    "the token would give the key \"%.32s\" away: it must be "
		    "sensitive and not extractable",
		    t->label);
	return VS_OK;
}

/* The key to encrypt with, and what it is. */
static vs_status
choose(
    struct vs_token *t, CK_OBJECT_HANDLE *key, uint8_t *by, struct vs_err *err)
{
	CK_OBJECT_HANDLE private = CK_INVALID_HANDLE;

	VS_PASS(vs_token_find(t, CKO_SECRET_KEY, key, err));
	*by = BY_GCM;
	if (*key != CK_INVALID_HANDLE)
		return check_key(t, *key, err);
	VS_PASS(vs_token_find(t, CKO_PRIVATE_KEY, &private, err));
	if (private == CK_INVALID_HANDLE)
		return make_aes(t, key, err);
	*by = BY_OAEP;
	VS_PASS(check_key(t, private, err));
	VS_PASS(vs_token_find(t, CKO_PUBLIC_KEY, key, err));
	if (*key == CK_INVALID_HANDLE)
		return vs_fail_code(err, VS_SEALED, "seal.pkcs11.key",
		    "no public key \"%.32s\" beside the private one", t->label);
	return VS_OK;
}

static vs_status
encrypt(struct vs_token *t, struct vs_span secret, struct vs_buf *blob,
    struct vs_err *err)
{
	CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
	CK_BYTE in[SECRET_MAX], out[CIPHER_MAX];
	CK_ULONG n = sizeof out;
	struct mechanism m = {0};
	uint8_t head[2] = {FORMAT};
	CK_RV rv;

	VS_PASS(choose(t, &key, &head[1], err));
	VS_TRY(err, "pkcs11", vs_rand_public(m.nonce, sizeof m.nonce));
	mechanism_set(&m, head[1]);
	memcpy(in, secret.p, secret.n); /* C_Encrypt takes no const */
	rv = t->f->C_EncryptInit(t->session, &m.m, key);
	if (rv == CKR_OK)
		rv = t->f->C_Encrypt(t->session, in, secret.n, out, &n);
	vs_wipe(in, sizeof in);
	VS_PASS(vs_token_rv(err, "encrypting", rv));
	if (n == 0 || n > sizeof out)
		return vs_token_fail(err, "the token gave no ciphertext");
	vs_buf_add(blob, VS_SPAN_OF(head));
	/* As it is now: some tokens choose the nonce themselves. */
	if (head[1] == BY_GCM)
		vs_buf_add(blob, VS_SPAN_OF(m.nonce));
	vs_buf_add(blob, VS_SPAN(out, n));
	VS_TRY(err, "pkcs11", vs_buf_status(blob));
	return VS_OK;
}

vs_status
vs_pkcs11_wrap(const struct vs_seal_conf *c, struct vs_span secret,
    struct vs_buf *blob, struct vs_err *err)
{
	VS_AUTO(vs_token) *t = NULL;

	if (secret.n == 0 || secret.n > SECRET_MAX)
		return vs_fail(err, VS_TOO_LARGE, "too large for a token");
	VS_PASS(vs_token_open(c, &t, err));
	return encrypt(t, secret, blob, err);
}

static vs_status
decrypt(struct vs_token *t, uint8_t by, struct mechanism *m,
    struct vs_span cipher, struct vs_secret **out, struct vs_err *err)
{
	VS_AUTO(vs_secret) *plain = vs_secret_new(CIPHER_MAX);
	CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
	CK_BYTE in[CIPHER_MAX];
	CK_ULONG n = CIPHER_MAX;
	CK_RV rv;

	if (plain == NULL)
		return vs_fail(err, VS_NO_MEMORY, "seal");
	VS_PASS(vs_token_find(
	    t, by == BY_GCM ? CKO_SECRET_KEY : CKO_PRIVATE_KEY, &key, err));
	if (key == CK_INVALID_HANDLE)
		return vs_fail_code(err, VS_SEALED, "seal.pkcs11.key",
		    "the token has no key \"%.32s\"", t->label);
	mechanism_set(m, by);
	memcpy(in, cipher.p, cipher.n);
	rv = t->f->C_DecryptInit(t->session, &m->m, key);
	VS_PASS(vs_token_rv(err, "decrypting", rv));
	rv = t->f->C_Decrypt(
	    t->session, in, cipher.n, vs_secret_poke(plain), &n);
	if (rv != CKR_OK || n == 0 || n > SECRET_MAX)
		return vs_fail_code(err, VS_SEALED, "seal.pkcs11.key",
		    "the key \"%.32s\" does not open this seal (error 0x%lx): "
		    "it is another key than the one it was made with, or the "
		    "seal is damaged",
		    t->label, rv);
	*out = vs_secret_new(n);
	if (*out == NULL)
		return vs_fail(err, VS_NO_MEMORY, "seal");
	memcpy(vs_secret_poke(*out), vs_secret_peek(plain).p, n);
	return VS_OK;
}

vs_status
vs_pkcs11_unwrap(const struct vs_seal_conf *c, struct vs_span blob,
    struct vs_secret **out, struct vs_err *err)
{
	VS_AUTO(vs_token) *t = NULL;
	struct vs_rd in = vs_rd_of(blob);
	struct mechanism m = {0};
	uint8_t format = 0, by = 0;
	vs_status st = vs_rd_u8(&in, &format);

	if (st == VS_OK)
		st = vs_rd_u8(&in, &by);
	if (st == VS_OK && (format != FORMAT || by < BY_GCM || by > BY_OAEP))
		st = VS_UNSUPPORTED;
	if (st == VS_OK && by == BY_GCM)
		st = vs_rd_copy(&in, m.nonce, sizeof m.nonce);
	if (st == VS_OK && (in.n == 0 || in.n > CIPHER_MAX))
		st = VS_RANGE;
	VS_TRY_CODE(err, "seal.pkcs11", "pkcs11: damaged", st);
	VS_PASS(vs_token_open(c, &t, err));
	return decrypt(t, by, &m, vs_rd_rest(&in), out, err);
}
