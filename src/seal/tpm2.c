/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TPM seal: a sealed object under the storage primary. Its policy is
 * PolicyPCR over the values at the time of sealing or, where there is a key
 * for it, PolicyOR of that and PolicyAuthorize, so that whoever signs new
 * values lets them in.
 *
 * The blob, big-endian:
 *   u8 format 1, u16 bank, u32 mask, the values in order of their numbers
 *   u8 signer 0 or 1, its key (x, y)
 *   name of the storage primary, TPM2B_PUBLIC, TPM2B_PRIVATE
 * The TPM holds to the policy alone; what is before it tells people which
 * PCR is not as it was.
 */
#include <string.h>
#include <tss2/tss2_mu.h>

#include "base/encoding.h"
#include "base/file.h"
#include "crypto/digest.h"
#include "seal/tpm.h"

enum {
	FORMAT = 1,
	SIGNED_MAX = 256 * 1024,
	PEM_MAX = 4096,
	SHOWN = 8,        /* bytes of a value in a message */
	SECRET_MAX = 128, /* MAX_SYM_DATA of the PC Client profile */
};

struct sealed {
	struct vs_tpm_pcrs pcrs;
	bool has_signer;
	uint8_t signer[VS_TPM_KEY];
	uint8_t parent[VS_TPM_NAME];
	TPM2B_PUBLIC public;
	TPM2B_PRIVATE private;
};

static vs_status
sealed_fail(struct vs_err *err, const char *why)
{
	return vs_fail_code(err, VS_SEALED, "seal.tpm2", "%s", why);
}

/* ---- the blob ----------------------------------------------------------- */

/* Not inlined: one frame for this buffer and what it is made from is large. */
__attribute__((noinline)) static vs_status
write_blob(const struct sealed *s, struct vs_buf *blob)
{
	uint8_t buf[2 * sizeof *s];
	struct vs_wr w = vs_wr_of(buf, sizeof buf);
	struct vs_span out = {0};
	size_t at;

	vs_wr_u8(&w, FORMAT);
	vs_wr_u16be(&w, s->pcrs.bank);
	vs_wr_u32be(&w, s->pcrs.mask);
	for (unsigned i = 0; i < VS_TPM_PCRS; i++)
		if (vs_tpm_has(&s->pcrs, i))
			vs_wr_bytes(
			    &w, VS_SPAN(s->pcrs.value[i], s->pcrs.size));
	vs_wr_u8(&w, s->has_signer);
	vs_wr_bytes(&w, VS_SPAN(s->signer, s->has_signer ? VS_TPM_KEY : 0));
	vs_wr_bytes(&w, VS_SPAN_OF(s->parent));
	at = w.n;
	if (w.overflow ||
	    Tss2_MU_TPM2B_PUBLIC_Marshal(&s->public, buf, sizeof buf, &at) !=
		TSS2_RC_SUCCESS ||
	    Tss2_MU_TPM2B_PRIVATE_Marshal(&s->private, buf, sizeof buf, &at) !=
		TSS2_RC_SUCCESS)
		return VS_INTERNAL;
	out = VS_SPAN(buf, at);
	vs_buf_add(blob, out);
	return vs_buf_status(blob);
}

static vs_status
read_pcrs(struct vs_rd *in, struct vs_tpm_pcrs *p)
{
	vs_status st = vs_rd_u16be(in, &p->bank);

	if (st == VS_OK)
		st = vs_rd_u32be(in, &p->mask);
	p->size = vs_tpm_bank_size(p->bank);
	if (st == VS_OK &&
	    (p->size == 0 || p->mask == 0 || p->mask >> VS_TPM_PCRS != 0))
		st = VS_RANGE;
	for (unsigned i = 0; st == VS_OK && i < VS_TPM_PCRS; i++)
		if (vs_tpm_has(p, i))
			st = vs_rd_copy(in, p->value[i], p->size);
	return st;
}

static vs_status
read_blob(struct vs_span blob, struct sealed *s)
{
	struct vs_rd in = vs_rd_of(blob);
	uint8_t format = 0, signer = 0;
	size_t at = 0;
	vs_status st = vs_rd_u8(&in, &format);

	if (st == VS_OK && format != FORMAT)
		st = VS_UNSUPPORTED;
	if (st == VS_OK)
		st = read_pcrs(&in, &s->pcrs);
	if (st == VS_OK)
		st = vs_rd_u8(&in, &signer);
	if (st == VS_OK && signer > 1)
		st = VS_RANGE;
	s->has_signer = signer == 1;
	if (st == VS_OK && s->has_signer)
		st = vs_rd_copy(&in, s->signer, sizeof s->signer);
	if (st == VS_OK)
		st = vs_rd_copy(&in, s->parent, sizeof s->parent);
	if (st != VS_OK)
		return st;
	/* The library follows the type, and does not compare the size. */
	if (Tss2_MU_TPM2B_PUBLIC_Unmarshal(in.p, in.n, &at, &s->public) !=
		TSS2_RC_SUCCESS ||
	    at != s->public.size + sizeof(UINT16) ||
	    Tss2_MU_TPM2B_PRIVATE_Unmarshal(in.p, in.n, &at, &s->private) !=
		TSS2_RC_SUCCESS)
		return VS_MALFORMED;
	return at == in.n ? VS_OK : VS_TRAILING;
}

/* ---- sealing ------------------------------------------------------------ */

static vs_status
load_signer_file(const char *path, struct sealed *s, struct vs_err *err)
{
	struct vs_buf pem = {0};
	vs_status st = vs_file_read(path, PEM_MAX, &pem, err);

	if (st == VS_OK)
		st = vs_tpm_key_parse(vs_buf_span(&pem), s->signer, err);
	s->has_signer = st == VS_OK;
	vs_buf_fini(&pem);
	return st;
}

static vs_status
policy_of(const struct sealed *s, uint8_t out[VS_TPM_DIGEST])
{
	uint8_t pcrs[VS_TPM_DIGEST], other[VS_TPM_DIGEST];
	vs_status st = vs_tpm_policy_pcrs(&s->pcrs, pcrs);

	if (st == VS_OK && s->has_signer)
		st = vs_tpm_policy_signed(s->signer, other);
	if (st == VS_OK && s->has_signer)
		return vs_tpm_policy_either(pcrs, other, out);
	memcpy(out, pcrs, sizeof pcrs);
	return st;
}

/* The object, in s->public and s->private. */
static vs_status
create(struct vs_tpm *t, struct sealed *s, struct vs_span secret,
    struct vs_err *err)
{
	static const TPM2B_DATA outside;
	static const TPML_PCR_SELECTION no_pcrs;
	/* No userWithAuth: the policy is the only way in. */
	TPM2B_PUBLIC want = {
	    .publicArea = {.type = TPM2_ALG_KEYEDHASH,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes = TPMA_OBJECT_FIXEDTPM |
		    TPMA_OBJECT_FIXEDPARENT | TPMA_OBJECT_NODA,
		.authPolicy.size = VS_TPM_DIGEST,
		.parameters.keyedHashDetail.scheme.scheme = TPM2_ALG_NULL}};
	TPM2B_SENSITIVE_CREATE in = {.sensitive.data.size = (UINT16)secret.n};
	TPM2B_PUBLIC *public = NULL;
	TPM2B_PRIVATE *private = NULL;
	TSS2_RC rc;

	VS_TRY(err, "policy", policy_of(s, want.publicArea.authPolicy.buffer));
	memcpy(in.sensitive.data.buffer, secret.p, secret.n);
	rc = Esys_Create(t->esys, t->parent, t->session, ESYS_TR_NONE,
	    ESYS_TR_NONE, &in, &want, &outside, &no_pcrs, &private, &public,
	    NULL, NULL, NULL);
	vs_wipe(&in, sizeof in);
	VS_PASS(vs_tpm_rc(err, "sealing", rc));
	s->public = *public;
	s->private = *private;
	Esys_Free(public);
	Esys_Free(private);
	return VS_OK;
}

vs_status
vs_tpm2_wrap(const struct vs_seal_conf *c, struct vs_span secret,
    struct vs_buf *blob, struct vs_err *err)
{
	VS_AUTO(vs_tpm) *t = NULL;
	struct sealed s = {0};
	ESYS_TR key;

	if (secret.n == 0 || secret.n > SECRET_MAX)
		return vs_fail(err, VS_TOO_LARGE, "too large for a TPM");
	if (c->tpm2.pcrs == NULL)
		return sealed_fail(err, "the seal needs PCRs: sha256:7,11");
	VS_TRY(err, "pcrs", vs_tpm_pcrs_parse(c->tpm2.pcrs, &s.pcrs, err));
	if (c->tpm2.policy_key != NULL)
		VS_TRY(err, "policy_key",
		    load_signer_file(c->tpm2.policy_key, &s, err));
	VS_PASS(vs_tpm_open(c, &t, err));
	VS_PASS(vs_tpm_read_pcrs(t, &s.pcrs, err));
	VS_PASS(vs_tpm_parent(t, s.parent, err));
	/* A key that no TPM takes would be a way back that is not there. */
	if (s.has_signer)
		VS_TRY(err, "policy_key",
		    vs_tpm_load_signer(t, s.signer, &key, err));
	VS_PASS(vs_tpm_session(t, TPM2_SE_HMAC, err));
	VS_PASS(create(t, &s, secret, err));
	VS_TRY(err, "tpm2", write_blob(&s, blob));
	return VS_OK;
}

/* ---- opening ------------------------------------------------------------ */

static bool
same_value(const struct sealed *s, const struct vs_tpm_pcrs *now, unsigned i)
{
	return !vs_tpm_has(&s->pcrs, i) ||
	    memcmp(s->pcrs.value[i], now->value[i], s->pcrs.size) == 0;
}

/* The first PCR that changed and its values, then the numbers of the rest. */
static vs_status
changed(const struct sealed *s, const struct vs_tpm_pcrs *now,
    const char *advice, struct vs_err *err)
{
	char want[2 * SHOWN + 1], got[2 * SHOWN + 1];
	struct vs_buf also = {0};
	unsigned first = VS_TPM_PCRS;

	for (unsigned i = 0; i < VS_TPM_PCRS; i++) {
		if (same_value(s, now, i))
			continue;
		if (first < VS_TPM_PCRS)
			vs_buf_printf(&also, "%s%u",
			    also.n == 0 ? "; changed too: " : ", ", i);
		else
			first = i;
	}
	vs_hex(VS_SPAN(s->pcrs.value[first % VS_TPM_PCRS], SHOWN), want);
	vs_hex(VS_SPAN(now->value[first % VS_TPM_PCRS], SHOWN), got);
	(void)vs_fail_code(err, VS_SEALED, "seal.tpm2.pcr",
	    "PCR %u changed: expected %s.., found %s..%s%s", first, want, got,
	    vs_buf_cstr(&also), advice);
	vs_buf_fini(&also);
	return VS_SEALED;
}

/* The TPM checks the signature, and PolicyAuthorize that it is over the policy
 * that the session has at the moment. */
static vs_status
approve(struct vs_tpm *t, const struct sealed *s,
    const uint8_t policy[VS_TPM_DIGEST], const uint8_t sig[VS_TPM_SIG],
    struct vs_err *err)
{
	const struct vs_span parts[] = {
	    VS_SPAN(policy, VS_TPM_DIGEST), VS_SPAN_LIT(VS_TPM_POLICY_REF)};
	TPMT_SIGNATURE given = {.sigAlg = TPM2_ALG_ECDSA,
	    .signature.ecdsa = {.hash = TPM2_ALG_SHA256,
		.signatureR.size = 32,
		.signatureS.size = 32}};
	TPM2B_DIGEST digest = {.size = VS_TPM_DIGEST};
	TPM2B_DIGEST approved = {.size = VS_TPM_DIGEST};
	TPM2B_NONCE ref = {.size = sizeof VS_TPM_POLICY_REF - 1};
	TPM2B_NAME name = {.size = VS_TPM_NAME};
	TPMT_TK_VERIFIED *ticket = NULL;
	ESYS_TR key = ESYS_TR_NONE;
	TSS2_RC rc;

	memcpy(given.signature.ecdsa.signatureR.buffer, sig, 32);
	memcpy(given.signature.ecdsa.signatureS.buffer, sig + 32, 32);
	memcpy(approved.buffer, policy, VS_TPM_DIGEST);
	memcpy(ref.buffer, VS_TPM_POLICY_REF, ref.size);
	VS_TRY(err, "policy",
	    vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), digest.buffer));
	VS_TRY(err, "policy", vs_tpm_key_name(s->signer, name.name));
	VS_PASS(vs_tpm_load_signer(t, s->signer, &key, err));
	rc = Esys_VerifySignature(t->esys, key, ESYS_TR_NONE, ESYS_TR_NONE,
	    ESYS_TR_NONE, &digest, &given, &ticket);
	if (rc != TSS2_RC_SUCCESS)
		return vs_fail_code(err, VS_SEALED, "seal.tpm2.signature",
		    "the signature for the present PCR values is not by the "
		    "key that this seal was made for");
	rc = Esys_PolicyAuthorize(t->esys, t->session, ESYS_TR_NONE,
	    ESYS_TR_NONE, ESYS_TR_NONE, &approved, &ref, &name, ticket);
	Esys_Free(ticket);
	return vs_tpm_rc(err, "the signed policy", rc);
}

/* New values, which somebody signed. */
static vs_status
authorize(struct vs_tpm *t, const struct vs_seal_conf *c,
    const struct sealed *s, const struct vs_tpm_pcrs *now, struct vs_err *err)
{
	uint8_t policy[VS_TPM_DIGEST], sig[VS_TPM_SIG];
	struct vs_buf text = {0};
	vs_status st = vs_tpm_policy_pcrs(now, policy);

	if (st == VS_OK && c->tpm2.policy_sig == NULL)
		st = VS_NOT_FOUND;
	else if (st == VS_OK)
		st = vs_file_read(c->tpm2.policy_sig, SIGNED_MAX, &text, err);
	if (st == VS_OK)
		st = vs_tpm_signature_find(vs_buf_span(&text), policy, sig);
	vs_buf_fini(&text);
	if (st == VS_NOT_FOUND)
		return changed(s, now, "; no signature for them", err);
	VS_TRY_CODE(err, "seal.tpm2.signature", "policy_sig", st);
	return approve(t, s, policy, sig, err);
}

static vs_status
satisfy(struct vs_tpm *t, const struct vs_seal_conf *c, const struct sealed *s,
    struct vs_err *err)
{
	static const TPM2B_DIGEST present; /* whatever the PCRs are now */
	const TPML_PCR_SELECTION selection = vs_tpm_selection(&s->pcrs);
	TPML_DIGEST either = {.count = 2,
	    .digests = {{.size = VS_TPM_DIGEST}, {.size = VS_TPM_DIGEST}}};
	struct vs_tpm_pcrs now = s->pcrs;
	bool same = true;

	VS_PASS(vs_tpm_read_pcrs(t, &now, err));
	for (unsigned i = 0; i < VS_TPM_PCRS; i++)
		same = same && same_value(s, &now, i);
	if (!same && !s->has_signer)
		return changed(s, &now, "", err);
	VS_PASS(vs_tpm_rc(err, "the PCR policy",
	    Esys_PolicyPCR(t->esys, t->session, ESYS_TR_NONE, ESYS_TR_NONE,
		ESYS_TR_NONE, &present, &selection)));
	if (!s->has_signer)
		return VS_OK;
	if (!same)
		VS_PASS(authorize(t, c, s, &now, err));
	VS_TRY(err, "policy",
	    vs_tpm_policy_pcrs(&s->pcrs, either.digests[0].buffer));
	VS_TRY(err, "policy",
	    vs_tpm_policy_signed(s->signer, either.digests[1].buffer));
	return vs_tpm_rc(err, "the policy",
	    Esys_PolicyOR(t->esys, t->session, ESYS_TR_NONE, ESYS_TR_NONE,
		ESYS_TR_NONE, &either));
}

static vs_status
unseal(struct vs_tpm *t, ESYS_TR object, struct vs_secret **out,
    struct vs_err *err)
{
	TPM2B_SENSITIVE_DATA *data = NULL;
	TSS2_RC rc = Esys_Unseal(
	    t->esys, object, t->session, ESYS_TR_NONE, ESYS_TR_NONE, &data);

	/* The blob's account of the PCRs may be wrong; the TPM's is not. */
	if (vs_tpm_rc_base(rc) == TPM2_RC_POLICY_FAIL &&
	    (rc & TSS2_RC_LAYER_MASK) == 0)
		return sealed_fail(err,
		    "the TPM does not open the seal in the present state of "
		    "its PCRs");
	VS_PASS(vs_tpm_rc(err, "unsealing", rc));
	*out = data->size == 0 ? NULL : vs_secret_new(data->size);
	if (*out != NULL)
		memcpy(vs_secret_poke(*out), data->buffer, data->size);
	vs_wipe(data, sizeof *data);
	Esys_Free(data);
	return *out != NULL ? VS_OK
			    : vs_fail(err, VS_NO_MEMORY, "unsealed key");
}

vs_status
vs_tpm2_unwrap(const struct vs_seal_conf *c, struct vs_span blob,
    struct vs_secret **out, struct vs_err *err)
{
	VS_AUTO(vs_tpm) *t = NULL;
	struct sealed s = {0};
	uint8_t parent[VS_TPM_NAME];
	ESYS_TR object = ESYS_TR_NONE;

	VS_TRY_CODE(err, "seal.tpm2", "tpm2: damaged", read_blob(blob, &s));
	VS_PASS(vs_tpm_open(c, &t, err));
	VS_PASS(vs_tpm_parent(t, parent, err));
	if (memcmp(parent, s.parent, sizeof parent) != 0)
		return sealed_fail(err,
		    "not the TPM that this seal was made in, or it was cleared "
		    "since");
	VS_PASS(vs_tpm_session(t, TPM2_SE_POLICY, err));
	VS_PASS(satisfy(t, c, &s, err));
	VS_PASS(vs_tpm_rc(err, "loading the seal",
	    Esys_Load(t->esys, t->parent, ESYS_TR_PASSWORD, ESYS_TR_NONE,
		ESYS_TR_NONE, &s.private, &s.public, &object)));
	vs_tpm_hold(t, object);
	return unseal(t, object, out, err);
}
