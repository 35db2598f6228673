/* SPDX-License-Identifier: Apache-2.0 */
/* Forged HCL blobs: the runtime data, its key, the quote and the nonce. */
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "snp_forge.h"

static struct vs_collateral *col;
static EVP_PKEY *ak;
static char ak_n[400];

static const char user_data[] =
    "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"
    "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
static uint8_t user_bytes[64], pcrs[768];

/* One try: what varies, and its defaults. */
struct az {
	const char *json;
	uint32_t vmpl;
	bool wrong_tail; /* REPORT_DATA behind the digest is not zero */
	struct vs_span report_data, nonce, quote_nonce;
	bool quote, with_pcrs;
	uint8_t pcr_last; /* last byte of the PCR selection */
};

static void
make_hcl(const struct az *z, struct vs_buf *out)
{
	struct vs_span json = vs_span_cstr(z->json);
	struct vs_sim_guest g = {.vmpl = z->vmpl};
	uint8_t report[VS_SIM_REPORT_SIZE], head[32] = "HCLA", data[20] = {0};
	struct vs_err err = {0};
	struct vs_wr w = vs_wr_of(head + 4, 12), d = vs_wr_of(data, 20);

	CHECK_INT(vs_sha256(json, g.report_data), VS_OK);
	g.report_data[63] = z->wrong_tail;
	CHECK_OK(vs_sim_report(f_pki(VS_SIM_MILAN), &g, report, &err), err);
	vs_wr_u32le(&w, 1);
	vs_wr_u32le(&w, (uint32_t)(1236 + json.n));
	vs_wr_u32le(&w, 2);
	vs_wr_u32le(&d, (uint32_t)(20 + json.n));
	vs_wr_u32le(&d, 1);
	vs_wr_u32le(&d, 2);
	vs_wr_u32le(&d, 1);
	vs_wr_u32le(&d, (uint32_t)json.n);
	vs_buf_add(out, VS_SPAN_OF(head));
	vs_buf_add(out, VS_SPAN_OF(report));
	vs_buf_add(out, VS_SPAN_OF(data));
	vs_buf_add(out, json);
}

static size_t
make_quote(const struct az *z, uint8_t b[256])
{
	struct vs_wr w = vs_wr_of(b, 256);
	uint8_t digest[32];
	struct vs_span done;

	CHECK_INT(vs_sha256(VS_SPAN_OF(pcrs), digest), VS_OK);
	vs_wr_u32be(&w, 0xff544347);
	vs_wr_u16be(&w, 0x8018);
	vs_wr_u16be(&w, 0);
	vs_wr_u16be(&w, (uint16_t)z->quote_nonce.n);
	vs_wr_bytes(&w, z->quote_nonce);
	vs_wr_zeros(&w, 25);
	vs_wr_u32be(&w, 1);
	vs_wr_u16be(&w, 0x000b);
	vs_wr_u8(&w, 3);
	vs_wr_u16be(&w, 0xffff);
	vs_wr_u8(&w, z->pcr_last);
	vs_wr_u16be(&w, 32);
	vs_wr_bytes(&w, VS_SPAN_OF(digest));
	CHECK_INT(vs_wr_finish(&w, &done), VS_OK);
	return done.n;
}

static size_t
sign(struct vs_span msg, uint8_t sig[256])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 256;

	CHECK(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, ak) == 1);
	CHECK(EVP_DigestSign(ctx, sig, &n, msg.p, msg.n) == 1);
	EVP_MD_CTX_free(ctx);
	return n;
}

static struct vs_arena arena;
static struct vs_claims claims;

static void
want(const struct az *z, const char *code)
{
	const struct vs_span certs[] = {
	    vs_sim_vcek(f_pki(VS_SIM_MILAN)), vs_sim_ask(f_pki(VS_SIM_MILAN))};
	struct vs_evidence_input in = {
	    .kind = VS_EVIDENCE_AZ_SNP, .certs = certs, .certs_n = 2};
	struct vs_evidence_expect expect = {
	    .report_data = z->report_data, .vtpm_nonce = z->nonce};
	struct vs_evidence_options opt = {.collateral = col, .now = F_NOW};
	uint8_t quote[256], sig[256];
	struct vs_buf hcl = {0};
	struct vs_err err = {0};
	vs_status st;

	make_hcl(z, &hcl);
	in.report = vs_buf_span(&hcl);
	if (z->quote) {
		in.quote.attest = VS_SPAN(quote, make_quote(z, quote));
		in.quote.signature = VS_SPAN(sig, sign(in.quote.attest, sig));
	}
	if (z->with_pcrs)
		in.quote.pcrs = VS_SPAN_OF(pcrs);
	vs_arena_reset(&arena);
	vs_claims_init(&claims, &arena);
	st = vs_evidence_appraise(&in, &expect, &opt, &claims, &err);
	if (code == NULL)
		CHECK_OK(st, err);
	else if (!CHECK_STR(err.code, code))
		fprintf(stderr, "     %s\n", err.msg);
	vs_buf_fini(&hcl);
}

static bool
claim(vs_claim_id id)
{
	const struct vs_claim_value *v = vs_claims_get(&claims, id);

	return v->present && v->u.b;
}

/* Runtime data with this list of keys and these further members. */
static const char *
runtime(const char *keys, const char *more)
{
	static char json[4096];

	snprintf(json, sizeof(json), "{\"keys\":%s%s}", keys, more);
	return json;
}

static const char *
jwk(const char *kid, const char *kty, const char *more)
{
	static char json[1024];

	snprintf(json, sizeof(json),
	    "{\"kid\":\"%s\",\"kty\":\"%s\",\"e\":\"AQAB\",\"n\":\"%s\"%s}",
	    kid, kty, ak_n, more);
	return json;
}

static const char *
good_json(void)
{
	char keys[1200], more[512];

	snprintf(keys, sizeof(keys), "[{\"kid\":\"HCLEkPub\"},%s]",
	    jwk("HCLAkPub", "RSA", ""));
	snprintf(more, sizeof(more),
	    ",\"vm-configuration\":{\"secure-boot\":false,\"vmUniqueId\":"
	    "\"vm-1\"},\"user-data\":\"%s\"",
	    user_data);
	return runtime(keys, more);
}

static struct az
defaults(void)
{
	return (struct az){.json = good_json(),
	    .quote_nonce = VS_SPAN_LIT("nonce"),
	    .pcr_last = 0xff};
}

static void
test_good(void)
{
	struct az z = defaults();

	want(&z, NULL);
	CHECK(claim(VS_CLAIM_TEE_SIMULATED));
	CHECK(!claim(VS_CLAIM_TEE_BOUND));
	CHECK(!claim(VS_CLAIM_AZ_QUOTE));
	CHECK(!claim(VS_CLAIM_AZ_SECURE_BOOT));
	CHECK(vs_claims_get(&claims, VS_CLAIM_AZ_SECURE_BOOT)->present);
	CHECK(
	    vs_span_is(vs_claims_get(&claims, VS_CLAIM_AZ_VM_ID)->u.s, "vm-1"));
	z.report_data = VS_SPAN_OF(user_bytes);
	want(&z, NULL);
	CHECK(claim(VS_CLAIM_TEE_BOUND));
	z.quote = z.with_pcrs = true;
	z.nonce = VS_SPAN_LIT("nonce");
	want(&z, NULL);
	CHECK(claim(VS_CLAIM_AZ_QUOTE));
	CHECK(vs_claims_get(&claims, VS_CLAIM_AZ_PCR_DIGEST)->present);
}

static void
test_bindings(void)
{
	uint8_t other[64];
	struct az z = defaults();

	z.wrong_tail = true;
	want(&z, "bind.hcl_runtime_data");
	z = defaults();
	for (uint32_t vmpl = 1; vmpl < 4; vmpl++) {
		z.vmpl = vmpl; /* the guest's own report, not the paravisor's */
		want(&z, "bind.hcl_runtime_data");
	}
	z = defaults();
	memcpy(other, user_bytes, 64);
	other[63] ^= 1;
	z.report_data = VS_SPAN_OF(other);
	want(&z, "bind.report_data");
	/* The quote's nonce may carry the 64 bytes instead. */
	z.quote = true;
	want(&z, "bind.report_data");
	z.quote_nonce = VS_SPAN_OF(other);
	want(&z, NULL);
	CHECK(claim(VS_CLAIM_TEE_BOUND));
	z.nonce = VS_SPAN_LIT("nonce");
	want(&z, "bind.nonce");
	z.quote = false;
	want(&z, "bind.nonce");
}

static void
test_pcr_selection(void)
{
	struct az z = defaults();

	z.quote = z.with_pcrs = true;
	z.pcr_last = 0x7f; /* 23 PCRs, whatever the sender says */
	want(&z, "tpm.pcr_digest");
	z.with_pcrs = false;
	want(&z, NULL);
	CHECK(!vs_claims_get(&claims, VS_CLAIM_AZ_PCR_DIGEST)->present);
}

static void
with_keys(const char *keys, bool quote, const char *code)
{
	struct az z = defaults();

	z.json = runtime(keys, "");
	z.quote = quote;
	want(&z, code);
}

static void
test_keys(void)
{
	char keys[2400];

	with_keys("[]", false, NULL);
	with_keys("[]", true, "tpm.signature");
	snprintf(keys, sizeof(keys), "[%s]", jwk("HCLEkPub", "RSA", ""));
	with_keys(keys, true, "tpm.signature");
	snprintf(keys, sizeof(keys), "[%s]", jwk("HCLAkPub", "EC", ""));
	with_keys(keys, false, "parse.hcl");
	snprintf(keys, sizeof(keys), "[%s]",
	    jwk("HCLAkPub", "RSA", ",\"d\":\"AQAB\""));
	with_keys(keys, false, "parse.hcl");
	snprintf(keys, sizeof(keys), "[%s", jwk("HCLAkPub", "RSA", ""));
	snprintf(keys + strlen(keys), sizeof(keys) - strlen(keys), ",%s]",
	    jwk("HCLAkPub", "RSA", ""));
	with_keys(keys, false, "parse.hcl");
	with_keys("[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\",\"n\":\"AQAB\","
		  "\"e\":\"AQAB\"}]",
	    true, "tpm.signature"); /* RSA-24 */
	with_keys("[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\",\"e\":\"AQAB\"}]",
	    false, "parse.hcl");
	with_keys("[{\"kid\":\"HCLAkPub\",\"kty\":\"RSA\",\"n\":\"AQAB\"}]",
	    false, "parse.hcl");
	with_keys("[{\"kid\":\"HCLAkPub\"}]", false, "parse.hcl");
	with_keys("{}", false, "parse.hcl");
}

static void
with_json(const char *json, const char *code)
{
	struct az z = defaults();

	z.json = json;
	want(&z, code);
}

static void
test_runtime_json(void)
{
	with_json("{\"keys\":[]}", NULL);
	with_json("{\"keys\":[],\"user-data\":null}", NULL);
	with_json("{\"keys\":[],\"user-data\":\"00\"}", "parse.hcl");
	with_json("{\"keys\":[],\"user-data\":7}", "parse.hcl");
	with_json("{\"keys\":[],\"keys\":[]}", "parse.hcl");
	with_json("{}", "parse.hcl");
	with_json("[]", "parse.hcl");
	with_json("not JSON", "parse.hcl");
	with_json("", "parse.hcl");
}

static void
make_ak(void)
{
	BIGNUM *n = NULL;
	uint8_t raw[256];
	struct vs_buf b = {0};

	ak = EVP_RSA_gen(2048);
	CHECK(EVP_PKEY_get_bn_param(ak, "n", &n) == 1);
	CHECK(BN_bn2bin(n, raw) == 256);
	BN_free(n);
	vs_buf_b64url(&b, VS_SPAN_OF(raw));
	snprintf(ak_n, sizeof(ak_n), "%s", vs_buf_cstr(&b));
	vs_buf_fini(&b);
	memset(pcrs, 0x31, sizeof(pcrs));
	CHECK_INT(vs_unhex(vs_span_cstr(user_data), user_bytes, 64), VS_OK);
}

int
main(void)
{
	make_ak();
	col = f_collateral(f_pki(VS_SIM_MILAN), &f_good, 1);
	vs_arena_init(&arena, 1 << 20);
	RUN(test_good);
	RUN(test_bindings);
	RUN(test_pcr_selection);
	RUN(test_keys);
	RUN(test_runtime_json);
	vs_arena_fini(&arena);
	vs_collateral_free(&col);
	EVP_PKEY_free(ak);
	return check_result();
}
