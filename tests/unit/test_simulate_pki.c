/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated certificates, judged by OpenSSL and by AMD's real ones. */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/file.h"
#include "check.h"
#include "simulate/pki.h"

static const int64_t now = 1767225600; /* 2026-01-01 */

static struct vs_sim_pki *
make(vs_sim_product product)
{
	struct vs_sim_pki_options opt = {.product = product,
	    .now = now,
	    .rsa_bits = 2048,
	    .fmc = 1,
	    .bl = 4,
	    .tee = 0,
	    .snp = 24,
	    .ucode = 219};
	struct vs_sim_pki *p = NULL;
	struct vs_err err = {0};

	if (!CHECK_OK(vs_sim_pki_new(&opt, &p, &err), err))
		exit(1);
	return p;
}

static X509 *
parse(struct vs_span der)
{
	const unsigned char *p = der.p;
	X509 *c = d2i_X509(NULL, &p, (long)der.n);
	unsigned char *again = NULL;
	int n;

	if (!CHECK(c != NULL && p == der.p + der.n)) /* all of it */
		exit(1);
	n = i2d_X509(c, &again); /* and OpenSSL would write it so */
	CHECK(n == (int)der.n && memcmp(again, der.p, der.n) == 0);
	OPENSSL_free(again);
	return c;
}

static void
check_name(X509_NAME *name, const char *cn)
{
	char text[200], want[200];

	X509_NAME_oneline(name, text, sizeof(text));
	(void)snprintf(want, sizeof(want),
	    "/OU=Engineering/C=US/L=Santa Clara/ST=CA/"
	    "O=Advanced Micro Devices/CN=%s",
	    cn);
	CHECK_STR(text, want);
}

static void
check_issued(
    X509 *c, X509 *issuer, const char *cn, const char *issuer_cn, int years)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer);
	time_t begin = (time_t)now, end = (time_t)(now + years * 365LL * 86400);

	CHECK_INT(X509_verify(c, key), 1);
	CHECK_INT(X509_get_version(c), 2);
	CHECK_INT(X509_get_signature_nid(c), NID_rsassaPss);
	check_name(X509_get_subject_name(c), cn);
	check_name(X509_get_issuer_name(c), issuer_cn);
	CHECK(X509_cmp_time(X509_get0_notBefore(c), &begin) < 0);
	CHECK(X509_cmp_time(X509_get0_notAfter(c), &end) > 0);
	end += 3 * 86400 + years * 86400 / 4;
	CHECK(X509_cmp_time(X509_get0_notAfter(c), &end) < 0);
}

static void
check_chain(const struct vs_sim_pki *p, bool vlek)
{
	X509 *ark = parse(vs_sim_ark(p));
	X509 *ca = parse(vlek ? vs_sim_asvk(p) : vs_sim_ask(p));
	X509 *leaf = parse(vlek ? vs_sim_vlek(p) : vs_sim_vcek(p));
	char ark_cn[VS_SIM_CN_MAX], ca_cn[VS_SIM_CN_MAX];

	vs_sim_ca_name(p, "ARK", ark_cn);
	vs_sim_ca_name(p, vlek ? "SEV-VLEK" : "SEV", ca_cn);
	check_issued(ark, ark, ark_cn, ark_cn, 25);
	check_issued(ca, ark, ca_cn, ark_cn, 25);
	check_issued(
	    leaf, ca, vlek ? "SEV-VLEK" : "SEV-VCEK", ca_cn, vlek ? 1 : 7);
	CHECK_INT(X509_check_issued(ark, ca), X509_V_OK); /* AKI and SKI */
	CHECK_INT(X509_get_pathlen(ca), 0);
	CHECK_INT(X509_get_pathlen(ark), -1);
	CHECK_INT(X509_check_ca(ark), 1);
	CHECK_INT(X509_check_ca(ca), 1);
	CHECK_INT(X509_get_key_usage(ark), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
	CHECK_INT(X509_get_key_usage(ca), KU_KEY_CERT_SIGN);
	CHECK_INT(ASN1_INTEGER_get(X509_get0_serialNumber(leaf)), 0);
	CHECK_INT(EVP_PKEY_get_bits(X509_get0_pubkey(leaf)), 384);
	X509_free(ark);
	X509_free(ca);
	X509_free(leaf);
}

static void
test_chains_verify(void)
{
	for (int i = 0; i < VS_SIM_PRODUCTS; i++) {
		struct vs_sim_pki *p = make((vs_sim_product)i);

		check_chain(p, false);
		check_chain(p, true);
		vs_sim_pki_free(&p);
	}
}

/* All Extension elements of a leaf, for a Milan of TCB 4.0.24.219. */
static const uint8_t milan_ext[] = {
#define AMD 0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01
#define SPL(arc, v)                                                            \
	0x30, 0x11, 0x06, 0x0a, AMD, 0x03, arc, 0x04, 0x03, 0x02, 0x01, v
    0x30, 0x10, 0x06, 0x09, AMD, 0x01, 0x04, 0x03, 0x02, 0x01, 0x00, 0x30, 0x17,
    0x06, 0x09, AMD, 0x02, 0x04, 0x0a, 0x16, 0x08, 'M', 'i', 'l', 'a', 'n', '-',
    'B', '0', SPL(1, 4), SPL(2, 0), SPL(4, 0), SPL(5, 0), SPL(6, 0), SPL(7, 0),
    SPL(3, 24), 0x30, 0x12, 0x06, 0x0a, AMD, 0x03, 0x08, 0x04, 0x04, 0x02, 0x02,
    0x00, 0xdb, 0x30, 0x4d, 0x06, 0x09, AMD, 0x04, 0x04, 0x40};

static void
test_leaf_extensions_are_exact(void)
{
	uint8_t id[64];
	struct vs_sim_leaf leaf = {.product_name = "Milan-B0",
	    .bl = 4,
	    .snp = 24,
	    .ucode = 219,
	    .hwid = VS_SPAN_OF(id)};
	struct vs_buf b = {0};

	memset(id, 0x5a, sizeof(id));
	vs_sim_leaf_extensions(&leaf, &b);
	CHECK_INT(b.n, sizeof(milan_ext) + 64);
	CHECK(memcmp(b.p, milan_ext, sizeof(milan_ext)) == 0);
	CHECK(memcmp(b.p + sizeof(milan_ext), id, 64) == 0);
	vs_buf_fini(&b);
}

static void
test_turin_leaf_has_fmc_and_short_hwid(void)
{
	struct vs_sim_leaf leaf = {.struct_version = 1,
	    .product_name = "Turin",
	    .hwid = VS_SPAN_LIT("12345678")};
	static const uint8_t fmc[] = {
	    SPL(9, 0), SPL(1, 0), SPL(2, 0), SPL(5, 0)}; /* no spl_4 */
	static const uint8_t hwid[] = {0x30, 0x15, 0x06, 0x09, AMD, 0x04, 0x04,
	    0x08, '1', '2', '3', '4', '5', '6', '7', '8'};
	struct vs_buf b = {0};

	vs_sim_leaf_extensions(&leaf, &b);
	CHECK(memmem(b.p, b.n, fmc, sizeof(fmc)) != NULL);
	CHECK(b.n > sizeof(hwid) &&
	    memcmp(b.p + b.n - sizeof(hwid), hwid, sizeof(hwid)) == 0);
	vs_buf_fini(&b);
}

static void
test_vlek_names_the_csp_and_no_chip(void)
{
	struct vs_sim_pki *p = make(VS_SIM_GENOA);
	static const uint8_t hwid[] = {0x06, 0x09, AMD, 0x04};
	static const uint8_t csp[] = {0x06, 0x09, AMD, 0x05, 0x04, 0x16, 0x16,
	    0x14, 'C', 'N', '=', 's', 'i', 'm', 'u', 'l', 'a', 't', 'e', 'd',
	    '.', 'i', 'n', 'v', 'a', 'l', 'i', 'd'};
	struct vs_span vlek = vs_sim_vlek(p), vcek = vs_sim_vcek(p);

	CHECK(memmem(vlek.p, vlek.n, csp, sizeof(csp)) != NULL);
	CHECK(memmem(vlek.p, vlek.n, hwid, sizeof(hwid)) == NULL);
	CHECK(memmem(vcek.p, vcek.n, hwid, sizeof(hwid)) != NULL);
	CHECK(memmem(vcek.p, vcek.n, csp, 11) == NULL);
	vs_sim_pki_free(&p);
}

static void
test_crl_names_what_it_revokes(void)
{
	struct vs_sim_pki *p = make(VS_SIM_MILAN);
	const uint64_t serials[] = {0x10001, 0xffffffffffffffff};
	struct vs_buf der = {0};
	struct vs_err err = {0};
	X509 *ark = parse(vs_sim_ark(p)), *ask = parse(vs_sim_ask(p)),
	     *asvk = parse(vs_sim_asvk(p));
	const unsigned char *at;
	X509_REVOKED *row = NULL;
	X509_CRL *crl;

	CHECK_OK(vs_sim_crl(p, now, now + 86400, serials, 2, &der, &err), err);
	at = der.p;
	crl = d2i_X509_CRL(NULL, &at, (long)der.n);
	CHECK(crl != NULL && at == der.p + der.n);
	CHECK_INT(X509_CRL_verify(crl, X509_get0_pubkey(ark)), 1);
	CHECK_INT(X509_CRL_get0_by_cert(crl, &row, ask), 1);
	CHECK_INT(X509_CRL_get0_by_cert(crl, &row, asvk), 0);
	CHECK_INT(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)), 2);
	CHECK(X509_NAME_cmp(
		  X509_CRL_get_issuer(crl), X509_get_subject_name(ark)) == 0);
	X509_CRL_free(crl);
	X509_free(ark);
	X509_free(ask);
	X509_free(asvk);
	vs_buf_fini(&der);
	vs_sim_pki_free(&p);
}

/* The part of a real certificate from its version to the end of its subject
 * must come out of our writer byte for byte, and so must its extensions. */
static void
against_real(const char *dir, const char *file, const struct vs_sim_leaf *leaf,
    const char *issuer_cn)
{
	struct vs_sim_pki *p = make(VS_SIM_MILAN);
	struct vs_buf real = {0}, ours = {0}, ext = {0};
	struct vs_err err = {0};
	char path[1024], cn[VS_SIM_CN_MAX];
	struct vs_sim_cert c;

	(void)snprintf(path, sizeof(path), "%s/sev-snp/certs/%s", dir, file);
	if (!CHECK_OK(vs_file_read(path, 65536, &real, &err), err))
		return;
	vs_sim_leaf_cert(p, leaf->csp_id != NULL, cn, &c);
	c.issuer_cn = issuer_cn;
	vs_sim_leaf_extensions(leaf, &ext);
	c.extensions = vs_buf_span(&ext);
	CHECK_OK(vs_sim_cert_build(&c, &ours, &err), err);
	CHECK(memmem(real.p, real.n, ext.p, ext.n) != NULL);
	/* version, serial, algorithm, issuer; past two headers of 4 bytes */
	CHECK(memcmp(real.p + 8, ours.p + 8, 200) == 0);
	vs_buf_fini(&real);
	vs_buf_fini(&ours);
	vs_buf_fini(&ext);
	vs_sim_pki_free(&p);
}

static void
test_real_certificates_have_these_bytes(void)
{
	const char *dir = check_vectors();
	struct vs_sim_leaf vlek = {.product_name = "Milan",
	    .bl = 4,
	    .snp = 0x18,
	    .ucode = 0xd9,
	    .csp_id = "CN=cc-us-east-2.amazonaws.com"};

	if (dir == NULL)
		return;
	against_real(dir, "vlek-296a7c99053e.der", &vlek, "SEV-VLEK-Milan");
}

int
main(void)
{
	RUN(test_chains_verify);
	RUN(test_leaf_extensions_are_exact);
	RUN(test_turin_leaf_has_fmc_and_short_hwid);
	RUN(test_vlek_names_the_csp_and_no_chip);
	RUN(test_crl_names_what_it_revokes);
	RUN(test_real_certificates_have_these_bytes);
	if (check_result() != 0)
		return 1;
	return check_vectors() == NULL ? 77 : 0;
}
