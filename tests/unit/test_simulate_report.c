/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated report at the offsets of AMD 56860, its signature judged by
 * OpenSSL, and the certificate table. */
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "check.h"
#include "simulate/simulate.h"

static struct vs_sim_pki *
make(vs_sim_product product)
{
	struct vs_sim_pki_options opt;
	struct vs_sim_pki *p = NULL;
	struct vs_err err = {0};

	vs_sim_pki_defaults(product, 1767225600, &opt);
	opt.rsa_bits = 2048;
	memset(opt.chip_id, 0xc1, sizeof(opt.chip_id));
	if (!CHECK_OK(vs_sim_pki_new(&opt, &p, &err), err))
		exit(1);
	return p;
}

static bool
all(const uint8_t *p, size_t n, uint8_t v)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != v)
			return false;
	return true;
}

static bool
is(const uint8_t *p, const char *hex)
{
	for (; hex[0] != '\0'; hex += 2, p++) {
		char one[3] = {hex[0], hex[1], '\0'};

		if (*p != strtoul(one, NULL, 16))
			return false;
	}
	return true;
}

static bool
verifies(struct vs_span cert, const uint8_t *report)
{
	const unsigned char *at = cert.p;
	X509 *c = d2i_X509(NULL, &at, (long)cert.n);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *der = NULL;
	int n;
	bool ok;

	ECDSA_SIG_set0(sig, BN_lebin2bn(report + 0x2a0, 72, NULL),
	    BN_lebin2bn(report + 0x2e8, 72, NULL));
	n = i2d_ECDSA_SIG(sig, &der);
	ok = n > 0 &&
	    EVP_DigestVerifyInit(
		ctx, NULL, EVP_sha384(), NULL, X509_get0_pubkey(c)) == 1 &&
	    EVP_DigestVerify(ctx, der, (size_t)n, report, 0x2a0) == 1;
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
	ECDSA_SIG_free(sig);
	X509_free(c);
	return ok;
}

static void
check_reserved(const uint8_t *r)
{
	CHECK(all(r + 0x4c, 4, 0));
	CHECK(all(r + 0x18b, 21, 0));
	CHECK(r[0x1eb] == 0 && r[0x1ef] == 0);
	CHECK(all(r + 0x208, 152, 0));
	CHECK(all(r + 0x2a0 + 48, 24, 0));
	CHECK(all(r + 0x2e8 + 48, 24, 0));
	CHECK(all(r + 0x330, 368, 0));
}

static void
test_milan_v3_fields(void)
{
	struct vs_sim_pki *p = make(VS_SIM_MILAN);
	struct vs_sim_guest g = {.vmpl = 2};
	uint8_t r[VS_SIM_REPORT_SIZE];
	struct vs_err err = {0};

	memset(g.report_data, 0xda, 64);
	memset(g.host_data, 0x0d, 32);
	CHECK_OK(vs_sim_report(p, &g, r, &err), err);
	CHECK(is(r,
	    "0300000000000000"
	    "0000030000000000"));
	CHECK(is(r + 0x30,
	    "0200000001000000"
	    "04000000000018db"
	    "2500000000000000"
	    "00000000"));
	CHECK(all(r + 0x50, 64, 0xda));
	CHECK(all(r + 0x90, 48, 0x11));
	CHECK(all(r + 0xc0, 32, 0x0d));
	CHECK(all(r + 0xe0, 96, 0)); /* no ID block */
	CHECK(!all(r + 0x140, 32, 0));
	CHECK(all(r + 0x160, 32, 0xff));
	CHECK(is(r + 0x180,
	    "04000000000018db"
	    "190101"));
	CHECK(all(r + 0x1a0, 64, 0xc1));
	CHECK(is(r + 0x1e0,
	    "04000000000018db"
	    "1d3701001d370100"));
	CHECK(is(r + 0x1f0,
	    "04000000000018db"
	    "0000000000000000"));
	check_reserved(r);
	CHECK(verifies(vs_sim_vcek(p), r));
	CHECK(!verifies(vs_sim_vlek(p), r));
	vs_sim_pki_free(&p);
}

static void
test_turin_v5_has_its_tcb_layout_and_short_chip_id(void)
{
	struct vs_sim_pki *p = make(VS_SIM_TURIN);
	struct vs_sim_guest g = {0};
	uint8_t r[VS_SIM_REPORT_SIZE];
	struct vs_err err = {0};

	CHECK_OK(vs_sim_report(p, &g, r, &err), err);
	CHECK(is(r, "05000000"));
	CHECK(is(r + 0x180,
	    "010100040000004f"
	    "1a0201"));
	CHECK(all(r + 0x1a0, 8, 0xc1));
	CHECK(all(r + 0x1a8, 56, 0));
	check_reserved(r);
	CHECK(verifies(vs_sim_vcek(p), r));
	vs_sim_pki_free(&p);
}

static void
test_versions_differ_where_the_firmware_differs(void)
{
	struct vs_sim_pki *p = make(VS_SIM_GENOA);
	struct vs_sim_guest g = {.version = 2};
	uint8_t r[VS_SIM_REPORT_SIZE];
	struct vs_err err = {0};

	CHECK_OK(vs_sim_report(p, &g, r, &err), err);
	CHECK(is(r + 0x188, "000000")); /* no CPUID before version 3 */
	CHECK_INT(r[0x40], 0x05);
	g.version = 5;
	CHECK_OK(vs_sim_report(p, &g, r, &err), err);
	CHECK(is(r + 0x188, "191101"));
	CHECK(is(r + 0x1f8,
	    "0b00000000000000"
	    "0b00000000000000"));
	check_reserved(r);
	vs_sim_pki_free(&p);
}

static void
test_vlek_guest_hides_its_chip(void)
{
	struct vs_sim_pki *p = make(VS_SIM_MILAN);
	struct vs_sim_guest g = {.vlek = true, .policy = 0xb0000};
	uint8_t r[VS_SIM_REPORT_SIZE];
	struct vs_err err = {0};

	memset(g.measurement, 0x77, 48);
	CHECK_OK(vs_sim_report(p, &g, r, &err), err);
	CHECK(is(r + 8, "00000b0000000000"));
	CHECK(is(r + 0x48, "04000000"));
	CHECK(all(r + 0x90, 48, 0x77));
	CHECK(all(r + 0x1a0, 64, 0));
	CHECK(verifies(vs_sim_vlek(p), r));
	r[0x90] ^= 1;
	CHECK(!verifies(vs_sim_vlek(p), r));
	CHECK_OK(vs_sim_resign(p, true, r, &err), err);
	CHECK(verifies(vs_sim_vlek(p), r));
	vs_sim_pki_free(&p);
}

static uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static void
check_table(const struct vs_sim_pki *p, bool vlek)
{
	const char *guids[] = {vlek ? "a8074bc2a25a483eaae639c045a0b8a1"
				    : "63da758de6644564adc5f4b93be8accd",
	    "4ab7b379bbac4fe4a02f05aef327c782",
	    "c0b406a4a803495297433fb6014cd0ae"};
	struct vs_span certs[] = {vlek ? vs_sim_vlek(p) : vs_sim_vcek(p),
	    vlek ? vs_sim_asvk(p) : vs_sim_ask(p), vs_sim_ark(p)};
	struct vs_buf b = {0};
	struct vs_err err = {0};

	CHECK_OK(vs_sim_cert_table(p, vlek, &b, &err), err);
	for (size_t i = 0; i < 3; i++) {
		const uint8_t *entry = b.p + 24 * i;

		CHECK(is(entry, guids[i]));
		CHECK(vs_span_equal(vs_span_slice(vs_buf_span(&b),
					le32(entry + 16), le32(entry + 20)),
		    certs[i]));
	}
	CHECK(all(b.p + 72, 24, 0));
	CHECK_INT(b.n, 96 + certs[0].n + certs[1].n + certs[2].n);
	vs_buf_fini(&b);
}

static void
test_certificate_table(void)
{
	struct vs_sim_pki *p = make(VS_SIM_MILAN);

	check_table(p, false);
	check_table(p, true);
	vs_sim_pki_free(&p);
}

int
main(void)
{
	RUN(test_milan_v3_fields);
	RUN(test_turin_v5_has_its_tcb_layout_and_short_chip_id);
	RUN(test_versions_differ_where_the_firmware_differs);
	RUN(test_vlek_guest_hides_its_chip);
	RUN(test_certificate_table);
	return check_result();
}
