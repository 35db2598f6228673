/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of any kind: each verifies what it signed with its own algorithm, and
 * nothing else. */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "check.h"
#include "crypto/sigkey.h"

struct made {
	EVP_PKEY *pkey;
	const EVP_MD *md;
	struct vs_sigkey *key;
	uint8_t spki[2048];
	size_t spki_n;
};

static void
make(EVP_PKEY *pkey, const EVP_MD *md, struct made *m)
{
	struct vs_err err = {0};
	unsigned char *p = m->spki;

	*m = (struct made){.pkey = pkey, .md = md};
	p = m->spki;
	m->spki_n = (size_t)i2d_PUBKEY(pkey, &p);
	CHECK_OK(
	    vs_sigkey_read(VS_SPAN(m->spki, m->spki_n), &m->key, &err), err);
	CHECK(
	    vs_span_equal(vs_sigkey_spki(m->key), VS_SPAN(m->spki, m->spki_n)));
}

static size_t
sign(const struct made *m, const EVP_MD *md, struct vs_span msg, uint8_t *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 1024;

	CHECK(EVP_DigestSignInit(ctx, NULL, md, NULL, m->pkey) == 1);
	CHECK(EVP_DigestSign(ctx, out, &n, msg.p, msg.n) == 1);
	EVP_MD_CTX_free(ctx);
	return n;
}

static void
check_key(const struct made *m, bool by_digest)
{
	const struct vs_span msg = VS_SPAN_LIT("hello");
	uint8_t sig[1024], digest[VS_SHA256_SIZE];
	struct vs_err err = {0};
	size_t n = sign(m, m->md, msg, sig);
	vs_status want = by_digest ? VS_OK : VS_UNSUPPORTED;

	CHECK_OK(vs_sigkey_verify(m->key, msg, VS_SPAN(sig, n), &err), err);
	CHECK_INT(vs_sigkey_verify(
		      m->key, VS_SPAN_LIT("hallo"), VS_SPAN(sig, n), &err),
	    VS_UNTRUSTED);
	CHECK_INT(vs_sigkey_verify(m->key, msg, VS_SPAN(sig, n - 1), &err),
	    VS_UNTRUSTED);
	CHECK_INT(
	    vs_sigkey_verify(m->key, msg, VS_SPAN(sig, 0), &err), VS_UNTRUSTED);
	CHECK(vs_sha256(msg, digest) == VS_OK);
	CHECK_INT(vs_sigkey_takes_sha256(m->key), by_digest);
	CHECK_INT(
	    vs_sigkey_verify_sha256(m->key, digest, VS_SPAN(sig, n), &err),
	    want);
	digest[0] ^= 1;
	CHECK(vs_sigkey_verify_sha256(m->key, digest, VS_SPAN(sig, n), &err) !=
	    VS_OK);
	sig[n - 1] ^= 1;
	CHECK_INT(
	    vs_sigkey_verify(m->key, msg, VS_SPAN(sig, n), &err), VS_UNTRUSTED);
}

static void
test_each_kind_verifies(void)
{
	struct made m[4];

	make(EVP_EC_gen("P-256"), EVP_sha256(), &m[0]);
	make(EVP_EC_gen("P-384"), EVP_sha384(), &m[1]);
	make(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), NULL, &m[2]);
	make(EVP_RSA_gen(2048), EVP_sha256(), &m[3]);
	check_key(&m[0], true);
	check_key(&m[1], false);
	check_key(&m[2], false);
	check_key(&m[3], true);
	for (size_t i = 0; i < VS_COUNT(m); i++) {
		vs_sigkey_free(&m[i].key);
		EVP_PKEY_free(m[i].pkey);
	}
}

/* The hash is the key's, not the signer's. */
static void
test_another_hash_is_refused(void)
{
	const struct vs_span msg = VS_SPAN_LIT("hello");
	struct vs_err err = {0};
	uint8_t sig[1024];
	struct made m;
	size_t n;

	make(EVP_EC_gen("P-256"), EVP_sha256(), &m);
	n = sign(&m, EVP_sha384(), msg, sig);
	CHECK_INT(
	    vs_sigkey_verify(m.key, msg, VS_SPAN(sig, n), &err), VS_UNTRUSTED);
	vs_sigkey_free(&m.key);
	EVP_PKEY_free(m.pkey);
}

static void
not_read(EVP_PKEY *pkey, vs_status want)
{
	struct vs_sigkey *k = NULL;
	struct vs_err err = {0};
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(pkey, &der);

	CHECK(n > 0);
	CHECK_INT(vs_sigkey_read(VS_SPAN(der, (size_t)n), &k, &err), want);
	CHECK(k == NULL);
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
}

static void
test_other_kinds_are_refused(void)
{
	not_read(EVP_EC_gen("P-521"), VS_UNSUPPORTED);
	not_read(EVP_EC_gen("secp256k1"), VS_UNSUPPORTED);
	not_read(EVP_RSA_gen(1024), VS_UNSUPPORTED);
	not_read(EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), VS_UNSUPPORTED);
}

static void
test_every_truncation_and_an_extra_byte(void)
{
	struct vs_sigkey *k = NULL;
	struct made m;

	make(EVP_EC_gen("P-256"), EVP_sha256(), &m);
	for (size_t n = 0; n < m.spki_n; n++) {
		struct vs_err err = {0};
		CHECK_INT(
		    vs_sigkey_read(VS_SPAN(m.spki, n), &k, &err), VS_MALFORMED);
	}
	for (size_t i = 0; i < 8 * m.spki_n; i++) {
		struct vs_err err = {0};
		m.spki[i / 8] ^= (uint8_t)(1 << i % 8);
		if (vs_sigkey_read(VS_SPAN(m.spki, m.spki_n), &k, &err) ==
		    VS_OK)
			CHECK(memcmp(vs_sigkey_id(k), vs_sigkey_id(m.key),
				  VS_SHA256_SIZE) != 0);
		vs_sigkey_free(&k);
		m.spki[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	struct vs_err err = {0};
	CHECK_INT(vs_sigkey_read(VS_SPAN(m.spki, m.spki_n + 1), &k, &err),
	    VS_MALFORMED);
	vs_sigkey_free(&m.key);
	EVP_PKEY_free(m.pkey);
}

int
main(void)
{
	RUN(test_each_kind_verifies);
	RUN(test_another_hash_is_refused);
	RUN(test_other_kinds_are_refused);
	RUN(test_every_truncation_and_an_extra_byte);
	return check_result();
}
