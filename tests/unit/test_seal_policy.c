/* SPDX-License-Identifier: Apache-2.0 */
/* The policies of a TPM seal, against what tpm2-tools 5.4 computed in swtpm,
 * and the texts that they are read from. */
#include "check.h"

#include "base/encoding.h"
#include "seal/tpm_policy.h"

static const char pem[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
    "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
    "-----END PUBLIC KEY-----\n";
/* tpm2_createpolicy --policy-pcr -l sha256:7,11, and with PCR 11 changed */
#define PCRS_ZERO                                                              \
	"384378caeddc9690b2ac9589827a756a5c46c8b33178b2fe468c80531b97a53e"
#define PCRS_CHANGED                                                           \
	"f43ae6755b127aa1eda45bfd924aff51bb8eb1e58f50e74b591d648e97f544d0"
/* tpm2_loadexternal -G ecc:ecdsa-sha256 -a "userwithauth|sign" */
#define NAME                                                                   \
	"000b"                                                                 \
	"19366a7e682a0589dc1096b44aab74b7942f84b386b94eab81013d9970daf605"
/* tpm2_policyauthorize -q ref of that name */
#define AUTHORIZED                                                             \
	"1d9f10cb10d1154329661aab8c0eab397db6696cd9f7d602a9c8c9d189fb78fb"
/* tpm2_policyor of the first two */
#define EITHER                                                                 \
	"4cc8e60e529cec24559dcc82a95cadb92a40b266d56fadff5a16caba3468e0f4"

static void
check_hex(const uint8_t *got, size_t n, const char *want)
{
	char text[2 * 64 + 1];

	vs_hex(VS_SPAN(got, n), text);
	CHECK_STR(text, want);
}

static struct vs_tpm_pcrs
pcrs_of(const char *text)
{
	struct vs_tpm_pcrs p = {0};
	struct vs_err err = {0};

	CHECK_OK(vs_tpm_pcrs_parse(text, &p, &err), err);
	return p;
}

static void
test_pcr_policies(void)
{
	struct vs_tpm_pcrs p = pcrs_of("sha256:7,11");
	uint8_t a[VS_TPM_DIGEST], b[VS_TPM_DIGEST], either[VS_TPM_DIGEST];

	CHECK_INT(vs_tpm_policy_pcrs(&p, a), VS_OK);
	check_hex(a, sizeof a, PCRS_ZERO);
	CHECK_INT(vs_unhex(VS_SPAN_LIT("DEBB3E7ACFFF6DD18D501042273629F0"
				       "B79CB206BB8C24F59F62DDB80849403B"),
		      p.value[11], 32),
	    VS_OK);
	CHECK_INT(vs_tpm_policy_pcrs(&p, b), VS_OK);
	check_hex(b, sizeof b, PCRS_CHANGED);
	CHECK_INT(vs_tpm_policy_either(a, b, either), VS_OK);
	check_hex(either, sizeof either, EITHER);
	p = pcrs_of("sha384:0,23");
	CHECK_INT(vs_tpm_policy_pcrs(&p, a), VS_OK);
	check_hex(a, sizeof a,
	    "ab84b5a4551d86297b6d66af22a8ef6d2ac2e7bd88ac69f9590daeab2c1433f4");
}

static void
test_signed_policy(void)
{
	uint8_t key[VS_TPM_KEY], name[VS_TPM_NAME], digest[VS_TPM_DIGEST];
	struct vs_err err = {0};

	CHECK_OK(vs_tpm_key_parse(VS_SPAN_LIT(pem), key, &err), err);
	CHECK_INT(vs_tpm_key_name(key, name), VS_OK);
	check_hex(name, sizeof name, NAME);
	CHECK_INT(vs_tpm_policy_signed(key, digest), VS_OK);
	check_hex(digest, sizeof digest, AUTHORIZED);
}

static void
test_selections(void)
{
	static const char *const bad[] = {"", "sha256", "sha256:", "sha256:24",
	    "sha1:7", "sha256:7,", "sha256:,7", "sha256:7,7", "sha256:7 ",
	    "sha256:-1", "7", "sha256:7;11", "sha512:7", "SHA256:7",
	    "sha256:0000000000000000000000000000000007777"};
	struct vs_tpm_pcrs p = pcrs_of("sha256:23,0,7");

	CHECK_INT(p.mask, 1 << 23 | 1 << 7 | 1);
	CHECK_INT(p.size, 32);
	CHECK_INT(pcrs_of("sha384:07").mask, 1 << 7);
	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		struct vs_tpm_pcrs q = {.mask = 77};
		struct vs_err err = {0};

		CHECK(vs_tpm_pcrs_parse(bad[i], &q, &err) != VS_OK);
		CHECK_INT(q.mask, 77);
		CHECK(err.msg[0] != '\0');
	}
}

/* No byte may be another, but in what is no part of the block. */
static void
test_keys(void)
{
	uint8_t key[VS_TPM_KEY], good[VS_TPM_KEY];
	struct vs_err err = {0};
	char text[sizeof pem];

	CHECK_OK(vs_tpm_key_parse(VS_SPAN_LIT(pem), good, &err), err);
	for (size_t n = 0; n < sizeof pem - 2; n++)
		CHECK(vs_tpm_key_parse(VS_SPAN(pem, n), key, &err) != VS_OK);
	for (size_t i = 0; i < sizeof pem - 1; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(text, pem, sizeof text);
			text[i] = (char)(text[i] ^ (1 << bit));
			memset(key, 0, sizeof key);
			if (vs_tpm_key_parse(VS_SPAN(text, sizeof text - 1),
				key, &err) == VS_OK)
				CHECK(i > sizeof pem - 3 ||
				    memcmp(key, good, sizeof key) != 0);
		}
	CHECK(vs_tpm_key_parse(VS_SPAN_LIT("-----BEGIN PRIVATE KEY-----\n"
					   "MFkw\n"
					   "-----END PRIVATE KEY-----\n"),
		  key, &err) != VS_OK);
}

static void
test_signature_files(void)
{
	static const uint8_t want[VS_TPM_DIGEST] = {0xaa};
	static const char *const lines[] = {"# a comment\n", "\n",
	    "bb000000000000000000000000000000000000000000000000000000000000"
	    "00 ",
	    "aa000000000000000000000000000000000000000000000000000000000000"
	    "00 "};
	uint8_t sig[VS_TPM_SIG] = {0}, last[VS_TPM_SIG];
	struct vs_buf text = {0};
	size_t signed_at;

	for (size_t i = 0; i < VS_COUNT(lines); i++) {
		vs_buf_puts(&text, lines[i]);
		for (unsigned k = 0; i >= 2 && k < VS_TPM_SIG; k++)
			vs_buf_printf(&text, "%02x", (unsigned)(16 * i + k));
		if (i >= 2)
			vs_buf_puts(&text, "\n");
	}
	CHECK_INT(vs_tpm_signature_find(vs_buf_span(&text), want, sig), VS_OK);
	CHECK_INT(sig[0], 48);
	CHECK_INT(sig[63], 48 + 63);
	/* the last newline may be missing, and nothing else of a line */
	CHECK_INT(vs_tpm_signature_find(VS_SPAN(text.p, text.n - 1), want, sig),
	    VS_OK);
	signed_at = text.n - 129;
	for (size_t n = 0; n < text.n - 1; n++)
		CHECK(vs_tpm_signature_find(VS_SPAN(text.p, n), want, sig) !=
		    VS_OK);
	memcpy(last, sig, sizeof last);
	for (size_t i = 0; i < text.n - 1; i++) {
		text.p[i] ^= 1;
		if (vs_tpm_signature_find(vs_buf_span(&text), want, sig) ==
			VS_OK &&
		    i >= signed_at)
			CHECK(memcmp(sig, last, sizeof sig) != 0);
		text.p[i] ^= 1;
	}
	vs_buf_puts(&text, "x");
	CHECK_INT(vs_tpm_signature_find(vs_buf_span(&text), want, sig), VS_OK);
	vs_buf_reset(&text);
	CHECK_INT(
	    vs_tpm_signature_find(vs_buf_span(&text), want, sig), VS_NOT_FOUND);
	vs_buf_fini(&text);
}

int
main(void)
{
	RUN(test_pcr_policies);
	RUN(test_signed_policy);
	RUN(test_selections);
	RUN(test_keys);
	RUN(test_signature_files);
	return check_result();
}
