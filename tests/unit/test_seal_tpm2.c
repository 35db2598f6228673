/* SPDX-License-Identifier: Apache-2.0 */
/* The TPM seal against swtpm: what opens, and each thing that keeps it shut. */
#include "check.h"

#include "base/encoding.h"
#include "base/file.h"
#include "crypto/digest.h"
#include "crypto/sign.h"
#include "seal/backend.h"
#include "seal/tpm_policy.h"
#include "swtpm.h"

static struct swtpm tpm;
static char key_path[96], sig_path[96];
static const uint8_t secret[32] = "thirty-two bytes of a seal key.";

static struct vs_seal_conf
conf(void)
{
	struct vs_seal_conf c = {.kind = "tpm2"};

	c.tpm2.tcti = tpm.tcti;
	c.tpm2.pcrs = "sha256:7,11";
	return c;
}

static void
enter(void)
{
	CHECK(swtpm_start(&tpm));
	(void)snprintf(key_path, sizeof key_path, "%s/policy.pem", tpm.dir);
	(void)snprintf(sig_path, sizeof sig_path, "%s/policy.sig", tpm.dir);
}

static void
leave(void)
{
	swtpm_remove(&tpm);
}

static vs_status
wrap(const struct vs_seal_conf *c, struct vs_buf *blob)
{
	struct vs_err err = {0};
	vs_status st = vs_tpm2_wrap(c, VS_SPAN_OF(secret), blob, &err);

	if (st != VS_OK)
		fprintf(stderr, "%s\n", err.msg);
	return st;
}

/* Unwraps; a refusal must have this code, and say this. */
static vs_status
unwrap(const struct vs_seal_conf *c, const struct vs_buf *blob,
    const char *code, const char *why)
{
	size_t before = vs_secret_pool_used();
	struct vs_secret *s = NULL;
	struct vs_err err = {0};
	vs_status st = vs_tpm2_unwrap(c, vs_buf_span(blob), &s, &err);

	if (st == VS_OK) {
		CHECK(code == NULL);
		CHECK(vs_span_equal(vs_secret_peek(s), VS_SPAN_OF(secret)));
		vs_secret_free(&s);
	} else {
		CHECK(s == NULL);
		if (!CHECK(code != NULL) ||
		    !CHECK(err.code != NULL && strcmp(err.code, code) == 0) ||
		    !CHECK(strstr(err.msg, why) != NULL))
			fprintf(stderr, "[%s] %s\n",
			    err.code == NULL ? "" : err.code, err.msg);
	}
	CHECK_INT(vs_secret_pool_used(), before);
	return st;
}

static void
test_round_trip_and_restart(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0}, other = {0};

	enter();
	CHECK_INT(wrap(&c, &blob), VS_OK);
	CHECK(blob.n < 1024);
	CHECK(memmem(blob.p, blob.n, secret, sizeof secret) == NULL);
	/* often: nothing may be left behind in the TPM */
	for (int i = 0; i < 5; i++)
		CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
	c.tpm2.pcrs = NULL; /* the selection is in the blob */
	CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
	c.tpm2.pcrs = "sha256:7,11";
	for (int i = 0; i < 4; i++)
		CHECK_INT(wrap(&c, &other), VS_OK);
	swtpm_stop(&tpm);
	CHECK(swtpm_start(&tpm));
	CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
	vs_buf_fini(&blob);
	vs_buf_fini(&other);
	leave();
}

static void
test_many_pcrs(void)
{
	static const char *const sets[] = {"sha256:0,1,2,3,4,5,6,7,8,9,10,11",
	    "sha256:23", "sha384:7,11",
	    "sha384:0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21"};
	struct vs_seal_conf c = conf();

	enter();
	for (size_t i = 0; i < VS_COUNT(sets); i++) {
		struct vs_buf blob = {0};

		c.tpm2.pcrs = sets[i];
		CHECK_INT(wrap(&c, &blob), VS_OK);
		CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
		vs_buf_fini(&blob);
	}
	leave();
}

/* Which PCR, what it should be and what it is. */
static void
test_changed_pcr(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};

	enter();
	CHECK_INT(wrap(&c, &blob), VS_OK);
	swtpm_extend(&tpm, 10);
	CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
	swtpm_extend(&tpm, 11);
	CHECK_INT(unwrap(&c, &blob, "seal.tpm2.pcr",
		      "PCR 11 changed: expected 0000000000000000.., found "),
	    VS_SEALED);
	swtpm_extend(&tpm, 7);
	CHECK_INT(
	    unwrap(&c, &blob, "seal.tpm2.pcr", "PCR 7 changed"), VS_SEALED);
	CHECK_INT(
	    unwrap(&c, &blob, "seal.tpm2.pcr", "; changed too: 11"), VS_SEALED);
	swtpm_stop(&tpm); /* back as it was */
	CHECK(swtpm_start(&tpm));
	CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
	vs_buf_fini(&blob);
	leave();
}

/* The TPM holds to its policy, whatever the blob says that it is. */
static void
test_blob_lies(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};
	uint8_t *value11, now[32];
	struct vs_buf second = {0};

	enter();
	CHECK_INT(wrap(&c, &blob), VS_OK);
	swtpm_extend(&tpm, 11);
	CHECK_INT(wrap(&c, &second), VS_OK);
	value11 = blob.p + 1 + 2 + 4 + 32;
	memcpy(now, second.p + (value11 - blob.p), sizeof now);
	memcpy(value11, now, sizeof now);
	CHECK_INT(unwrap(&c, &blob, "seal.tpm2", "does not open"), VS_SEALED);
	vs_buf_fini(&blob);
	vs_buf_fini(&second);
	leave();
}

/* ---- signed policies ---------------------------------------------------- */

static struct vs_signer *
new_signer(const char *path)
{
	struct vs_signer *s = NULL;
	struct vs_buf pem = {0};
	struct vs_err err = {0};

	CHECK_OK(vs_signer_new(VS_SIGN_P256, &s, &err), err);
	CHECK_OK(vs_signer_public(s, &pem, &err), err);
	CHECK_OK(vs_file_write(path, vs_buf_span(&pem), 0600, &err), err);
	vs_buf_fini(&pem);
	return s;
}

/* What the tool for it writes; ref: what is signed besides the policy. */
static void
sign(const struct vs_signer *s, const struct vs_tpm_pcrs *p, const char *ref,
    const char *path)
{
	uint8_t message[32 + 64], sig[VS_SIG_SIZE];
	struct vs_buf text = {0};
	struct vs_err err = {0};

	CHECK_INT(vs_tpm_policy_pcrs(p, message), VS_OK);
	memcpy(message + 32, ref, strlen(ref));
	CHECK_OK(
	    vs_sign(s, VS_SPAN(message, 32 + strlen(ref)), sig, &err), err);
	vs_buf_puts(&text, "# a comment\n\n");
	for (unsigned i = 0; i < 96; i++)
		vs_buf_puts(&text, i == 32 ? " 00" : "00");
	vs_buf_puts(&text, "\n");
	vs_buf_hex(&text, VS_SPAN(message, 32));
	vs_buf_puts(&text, " ");
	vs_buf_hex(&text, VS_SPAN_OF(sig));
	vs_buf_puts(&text, "\n");
	CHECK_OK(vs_file_write(path, vs_buf_span(&text), 0600, &err), err);
	vs_buf_fini(&text);
}

/* 7 as after a reset, 11 extended once by swtpm_extend. */
static struct vs_tpm_pcrs
predicted(void)
{
	static const uint8_t joined[64] = {[32] = 0xab};
	struct vs_tpm_pcrs p;
	struct vs_err err = {0};

	CHECK_OK(vs_tpm_pcrs_parse("sha256:7,11", &p, &err), err);
	CHECK_INT(vs_sha256(VS_SPAN_OF(joined), p.value[11]), VS_OK);
	return p;
}

static void
test_policy_authorize(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};
	struct vs_signer *signer, *stranger;
	struct vs_tpm_pcrs p, wrong;

	enter();
	p = predicted();
	signer = new_signer(key_path);
	c.tpm2.policy_key = key_path;
	CHECK_INT(wrap(&c, &blob), VS_OK);
	c.tpm2.policy_key = NULL; /* it is in the blob */
	CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
	swtpm_extend(&tpm, 11);
	CHECK_INT(unwrap(&c, &blob, "seal.tpm2.pcr", "no signature for them"),
	    VS_SEALED);
	c.tpm2.policy_sig = sig_path;
	CHECK_INT(unwrap(&c, &blob, "seal.tpm2.pcr", "no signature for them"),
	    VS_SEALED); /* no such file */
	wrong = p;
	wrong.value[11][0] ^= 1;
	sign(signer, &wrong, VS_TPM_POLICY_REF, sig_path);
	CHECK_INT(unwrap(&c, &blob, "seal.tpm2.pcr", "no signature for them"),
	    VS_SEALED);
	stranger = new_signer(key_path);
	sign(stranger, &p, VS_TPM_POLICY_REF, sig_path);
	CHECK_INT(unwrap(&c, &blob, "seal.tpm2.signature", "not by the key"),
	    VS_SEALED);
	sign(signer, &p, "some other purpose", sig_path);
	CHECK_INT(unwrap(&c, &blob, "seal.tpm2.signature", "not by the key"),
	    VS_SEALED);
	sign(signer, &p, VS_TPM_POLICY_REF, sig_path);
	CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
	swtpm_extend(&tpm, 11); /* only the value that was signed */
	CHECK_INT(
	    unwrap(&c, &blob, "seal.tpm2.pcr", "PCR 11 changed"), VS_SEALED);
	vs_signer_free(&signer);
	vs_signer_free(&stranger);
	vs_buf_fini(&blob);
	leave();
}

static void
test_bad_signature_file(void)
{
	static const char text[] = "not hexadecimal\n";
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};
	struct vs_signer *signer;
	struct vs_err err = {0};

	enter();
	signer = new_signer(key_path);
	c.tpm2.policy_key = key_path;
	c.tpm2.policy_sig = sig_path;
	CHECK_INT(wrap(&c, &blob), VS_OK);
	swtpm_extend(&tpm, 7);
	CHECK_OK(vs_file_write(sig_path, VS_SPAN_LIT(text), 0600, &err), err);
	CHECK_INT(unwrap(&c, &blob, "seal.tpm2.signature", "malformed"),
	    VS_MALFORMED);
	vs_signer_free(&signer);
	vs_buf_fini(&blob);
	leave();
}

/* ---- refusals ----------------------------------------------------------- */

static void
test_another_tpm(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};

	enter();
	CHECK_INT(wrap(&c, &blob), VS_OK);
	leave();
	enter();
	c.tpm2.tcti = tpm.tcti;
	CHECK_INT(unwrap(&c, &blob, "seal.tpm2", "not the TPM"), VS_SEALED);
	vs_buf_fini(&blob);
	leave();
}

static void
test_no_tpm(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};

	enter();
	CHECK_INT(wrap(&c, &blob), VS_OK);
	swtpm_stop(&tpm);
	CHECK_INT(unwrap(&c, &blob, "seal.tpm2", "no TPM at"), VS_SEALED);
	c.tpm2.tcti = "nonsense:x";
	CHECK_INT(unwrap(&c, &blob, "seal.tpm2", "no TPM at"), VS_SEALED);
	c.tpm2.tcti = "device:/nowhere";
	CHECK_INT(unwrap(&c, &blob, "seal.tpm2", "no TPM at"), VS_SEALED);
	vs_buf_fini(&blob);
	leave();
}

static void
owner_password(const char *from, const char *to)
{
	TSS2_TCTI_CONTEXT *tcti = NULL;
	ESYS_CONTEXT *esys = swtpm_connect(&tpm, &tcti);
	TPM2B_AUTH old = {.size = (UINT16)strlen(from)};
	TPM2B_AUTH new = {.size = (UINT16)strlen(to)};

	memcpy(old.buffer, from, old.size);
	memcpy(new.buffer, to, new.size);
	CHECK(Esys_TR_SetAuth(esys, ESYS_TR_RH_OWNER, &old) == 0);
	CHECK(Esys_HierarchyChangeAuth(esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
		  ESYS_TR_NONE, ESYS_TR_NONE, &new) == TSS2_RC_SUCCESS);
	swtpm_disconnect(esys, tcti);
}

static void
test_owner_password(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};

	enter();
	CHECK_INT(wrap(&c, &blob), VS_OK);
	owner_password("", "secret");
	CHECK_INT(
	    unwrap(&c, &blob, "seal.tpm2", "must have no password"), VS_SEALED);
	owner_password("secret", "");
	CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
	vs_buf_fini(&blob);
	leave();
}

/* No byte of the blob can be another and still open to the secret. */
static void
test_blob_mutations(void)
{
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0}, cut = {0};

	enter();
	CHECK_INT(wrap(&c, &blob), VS_OK);
	for (size_t n = 0; n < blob.n; n++) {
		struct vs_secret *s = NULL;
		struct vs_err err = {0};

		CHECK(
		    vs_tpm2_unwrap(&c, VS_SPAN(blob.p, n), &s, &err) != VS_OK);
		CHECK(s == NULL);
		blob.p[n] ^= (uint8_t)(1u << n % 8);
		CHECK(
		    vs_tpm2_unwrap(&c, vs_buf_span(&blob), &s, &err) != VS_OK);
		if (!CHECK(s == NULL && err.code != NULL))
			fprintf(stderr, "byte %zu of %zu: %s\n", n, blob.n,
			    err.msg);
		blob.p[n] ^= (uint8_t)(1u << n % 8);
	}
	vs_buf_add(&cut, vs_buf_span(&blob));
	vs_buf_add(&cut, VS_SPAN_LIT("\0"));
	CHECK_INT(unwrap(&c, &cut, "seal.tpm2", "trailing"), VS_TRAILING);
	CHECK_INT(unwrap(&c, &blob, NULL, NULL), VS_OK);
	vs_buf_fini(&cut);
	vs_buf_fini(&blob);
	leave();
}

static void
test_wrap_refusals(void)
{
	static const uint8_t large[200];
	static const char *const bad[] = {"", "sha256:", "sha256:24", "sha1:7",
	    "sha256:7,", "sha256:,7", "sha256:7,7", "sha256:7 ", "sha256:-1",
	    "7", "sha256:7,11,", "sha256:000000000000000000007777"};
	struct vs_seal_conf c = conf();
	struct vs_buf blob = {0};
	struct vs_err err = {0};
	struct vs_signer *signer;

	enter();
	CHECK_INT(
	    vs_tpm2_wrap(&c, VS_SPAN_OF(large), &blob, &err), VS_TOO_LARGE);
	CHECK_INT(
	    vs_tpm2_wrap(&c, VS_SPAN(large, 0), &blob, &err), VS_TOO_LARGE);
	CHECK_INT(vs_tpm2_wrap(&c, VS_SPAN(large, 128), &blob, &err), VS_OK);
	vs_buf_reset(&blob);
	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		c.tpm2.pcrs = bad[i];
		CHECK(
		    vs_tpm2_wrap(&c, VS_SPAN_OF(secret), &blob, &err) != VS_OK);
		CHECK_INT(blob.n, 0);
	}
	c = conf();
	c.tpm2.policy_key = "/nowhere/key.pem";
	CHECK_INT(
	    vs_tpm2_wrap(&c, VS_SPAN_OF(secret), &blob, &err), VS_NOT_FOUND);
	c.tpm2.policy_key = key_path;
	CHECK_OK(
	    vs_file_write(key_path, VS_SPAN_LIT("no key"), 0600, &err), err);
	CHECK_INT(
	    vs_tpm2_wrap(&c, VS_SPAN_OF(secret), &blob, &err), VS_MALFORMED);
	/* a point that is not on the curve */
	signer = new_signer(key_path);
	{
		struct vs_buf pem = {0};

		CHECK_OK(vs_file_read(key_path, 4096, &pem, &err), err);
		pem.p[100] = pem.p[100] == 'A' ? 'B' : 'A';
		CHECK_OK(vs_file_write(key_path, vs_buf_span(&pem), 0600, &err),
		    err);
		vs_buf_fini(&pem);
	}
	CHECK(vs_tpm2_wrap(&c, VS_SPAN_OF(secret), &blob, &err) != VS_OK);
	CHECK_INT(blob.n, 0);
	vs_buf_fini(&blob);
	vs_signer_free(&signer);
	leave();
}

/* ---- the counter -------------------------------------------------------- */

static void
undefine_counter(void)
{
	TSS2_TCTI_CONTEXT *tcti = NULL;
	ESYS_CONTEXT *esys = swtpm_connect(&tpm, &tcti);
	ESYS_TR nv = ESYS_TR_NONE;

	CHECK(Esys_TR_FromTPMPublic(esys, 0x01815653, ESYS_TR_NONE,
		  ESYS_TR_NONE, ESYS_TR_NONE, &nv) == TSS2_RC_SUCCESS);
	CHECK(
	    Esys_NV_UndefineSpace(esys, ESYS_TR_RH_OWNER, nv, ESYS_TR_PASSWORD,
		ESYS_TR_NONE, ESYS_TR_NONE) == TSS2_RC_SUCCESS);
	swtpm_disconnect(esys, tcti);
}

static void
test_counter(void)
{
	const struct vs_seal_conf c = conf();
	struct vs_err err = {0};
	uint64_t a = 0, b = 0;

	enter();
	CHECK_INT(vs_counter_read(&c, &a, &err), VS_NOT_FOUND);
	CHECK_INT(vs_counter_bump(&c, &a, &err), VS_NOT_FOUND);
	CHECK_OK(vs_counter_define(&c, &a, &err), err);
	CHECK(a > 0);
	CHECK_OK(vs_counter_read(&c, &b, &err), err);
	CHECK_INT(b, a);
	for (unsigned i = 1; i <= 3; i++) {
		CHECK_OK(vs_counter_bump(&c, &b, &err), err);
		CHECK_INT(b, a + i);
	}
	CHECK_OK(vs_counter_define(&c, &b, &err), err); /* is there */
	CHECK_INT(b, a + 4);
	swtpm_stop(&tpm);
	CHECK(swtpm_start(&tpm));
	CHECK_OK(vs_counter_read(&c, &b, &err), err);
	CHECK_INT(b, a + 4);
	/* whoever deletes it cannot turn it back */
	undefine_counter();
	CHECK_INT(vs_counter_read(&c, &b, &err), VS_NOT_FOUND);
	CHECK_OK(vs_counter_define(&c, &b, &err), err);
	CHECK(b > a + 4);
	leave();
}

/* What anybody may write to is no counter, though it stands in its place. */
static void
test_no_counter(void)
{
	static const TPM2B_AUTH no_password;
	const TPM2B_NV_PUBLIC plain = {
	    .nvPublic = {.nvIndex = 0x01815653,
		.nameAlg = TPM2_ALG_SHA256,
		.attributes =
		    TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD | TPMA_NV_NO_DA,
		.dataSize = 8}};
	const TPM2B_MAX_NV_BUFFER seven = {
	    .size = 8, .buffer = {0, 0, 0, 0, 0, 0, 0, 7}};
	const struct vs_seal_conf c = conf();
	TSS2_TCTI_CONTEXT *tcti = NULL;
	struct vs_err err = {0};
	ESYS_TR nv = ESYS_TR_NONE;
	ESYS_CONTEXT *esys;
	uint64_t n = 0;

	enter();
	esys = swtpm_connect(&tpm, &tcti);
	CHECK(Esys_NV_DefineSpace(esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
		  ESYS_TR_NONE, ESYS_TR_NONE, &no_password, &plain,
		  &nv) == TSS2_RC_SUCCESS);
	CHECK(Esys_NV_Write(esys, ESYS_TR_RH_OWNER, nv, ESYS_TR_PASSWORD,
		  ESYS_TR_NONE, ESYS_TR_NONE, &seven, 0) == TSS2_RC_SUCCESS);
	swtpm_disconnect(esys, tcti);
	CHECK_INT(vs_counter_read(&c, &n, &err), VS_CONFLICT);
	CHECK_STR(err.code, "seal.tpm2.counter");
	CHECK_INT(vs_counter_define(&c, &n, &err), VS_CONFLICT);
	CHECK_INT(n, 0);
	leave();
}

int
main(void)
{
	struct vs_err err = {0};

	CHECK(setenv("TSS2_LOG", "all+none", 1) == 0);
	if (!CHECK_OK(vs_secret_pool_init(1 << 20, &err), err))
		return check_result();
	if (!swtpm_there()) {
		printf("skipped: no swtpm\n");
		return 77;
	}
	RUN(test_round_trip_and_restart);
	RUN(test_many_pcrs);
	RUN(test_changed_pcr);
	RUN(test_blob_lies);
	RUN(test_policy_authorize);
	RUN(test_bad_signature_file);
	RUN(test_another_tpm);
	RUN(test_no_tpm);
	RUN(test_owner_password);
	RUN(test_blob_mutations);
	RUN(test_wrap_refusals);
	RUN(test_counter);
	RUN(test_no_counter);
	vs_secret_pool_fini();
	return check_result();
}
