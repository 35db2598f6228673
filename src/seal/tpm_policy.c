/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/tpm_policy.h"

#include <string.h>

#include "base/arena.h"
#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/pem.h"

/* TPM 2.0 Library part 2, tables 9, 10 and 12. */
enum {
	CC_POLICY_AUTHORIZE = 0x16a,
	CC_POLICY_OR = 0x171,
	CC_POLICY_PCR = 0x17f,
	ALG_NULL = 0x10,
	ALG_ECDSA = 0x18,
	ALG_ECC = 0x23,
	CURVE_P256 = 0x03,
	/* userWithAuth and sign: what tpm_policy and tpm.c load it with. */
	KEY_ATTRIBUTES = 0x40040,
	PEM_MAX = 4096,
};

bool
vs_tpm_has(const struct vs_tpm_pcrs *p, unsigned n)
{
	return (p->mask >> n & 1) != 0;
}

size_t
vs_tpm_bank_size(uint16_t bank)
{
	return bank == VS_TPM_SHA256 ? 32 : bank == VS_TPM_SHA384 ? 48 : 0;
}

/* The number of a PCR up to a comma or the end. */
static bool
parse_pcr(const char **at, unsigned *out)
{
	const char *p = *at;
	unsigned v = 0;

	for (; *p >= '0' && *p <= '9' && v < VS_TPM_PCRS; p++)
		v = v * 10 + (unsigned)(*p - '0');
	if (p == *at || v >= VS_TPM_PCRS || (*p != ',' && *p != '\0'))
		return false;
	if (p[0] == ',' && p[1] == '\0')
		return false;
	*at = *p == ',' ? p + 1 : p;
	*out = v;
	return true;
}

vs_status
vs_tpm_pcrs_parse(const char *text, struct vs_tpm_pcrs *out, struct vs_err *err)
{
	struct vs_tpm_pcrs p = {0};
	unsigned n = 0;

	if (strncmp(text, "sha256:", 7) == 0)
		p.bank = VS_TPM_SHA256;
	else if (strncmp(text, "sha384:", 7) == 0)
		p.bank = VS_TPM_SHA384;
	p.size = vs_tpm_bank_size(p.bank);
	if (p.size == 0)
		return vs_fail(err, VS_MALFORMED,
		    "PCRs are written as sha256:7,11 or sha384:7,11");
	for (const char *at = text + 7; *at != '\0' || p.mask == 0;) {
		if (!parse_pcr(&at, &n))
			return vs_fail(err, VS_MALFORMED,
			    "PCRs are numbers from 0 to 23, with commas "
			    "between them: sha256:7,11");
		if (vs_tpm_has(&p, n))
			return vs_fail(
			    err, VS_DUPLICATE, "PCR %u is named twice", n);
		p.mask |= UINT32_C(1) << n;
	}
	*out = p;
	return VS_OK;
}

vs_status
vs_tpm_key_parse(
    struct vs_span pem, uint8_t key[VS_TPM_KEY], struct vs_err *err)
{
	/* RFC 5480: id-ecPublicKey, secp256r1, an uncompressed point. */
	static const uint8_t head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a,
	    0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
	    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
	struct vs_rd text = vs_rd_of(pem);
	struct vs_pem block = {0};
	struct vs_arena a;
	vs_status st;

	vs_arena_init(&a, PEM_MAX);
	st = vs_pem_next(&text, &a, &block);
	if (st == VS_OK &&
	    (!vs_span_is(block.label, "PUBLIC KEY") ||
		block.der.n != sizeof head + VS_TPM_KEY ||
		memcmp(block.der.p, head, sizeof head) != 0))
		st = VS_MALFORMED;
	if (st == VS_OK)
		memcpy(key, block.der.p + sizeof head, VS_TPM_KEY);
	vs_arena_fini(&a);
	if (st != VS_OK)
		return vs_fail(err, VS_MALFORMED,
		    "not a public key on P-256 in PEM "
		    "(-----BEGIN PUBLIC KEY-----)");
	return VS_OK;
}

vs_status
vs_tpm_key_name(const uint8_t key[VS_TPM_KEY], uint8_t name[VS_TPM_NAME])
{
	uint8_t area[128];
	struct vs_wr w = vs_wr_of(area, sizeof area);
	struct vs_span public = {0};
	vs_status st;

	/* TPMT_PUBLIC: part 2, table 200. */
	vs_wr_u16be(&w, ALG_ECC);
	vs_wr_u16be(&w, VS_TPM_SHA256);
	vs_wr_u32be(&w, KEY_ATTRIBUTES);
	vs_wr_u16be(&w, 0); /* no policy of its own */
	vs_wr_u16be(&w, ALG_NULL);
	vs_wr_u16be(&w, ALG_ECDSA);
	vs_wr_u16be(&w, VS_TPM_SHA256);
	vs_wr_u16be(&w, CURVE_P256);
	vs_wr_u16be(&w, ALG_NULL);
	for (size_t i = 0; i < VS_TPM_KEY; i += VS_TPM_KEY / 2) {
		vs_wr_u16be(&w, VS_TPM_KEY / 2);
		vs_wr_bytes(&w, VS_SPAN(key + i, VS_TPM_KEY / 2));
	}
	st = vs_wr_finish(&w, &public);
	if (st == VS_OK)
		st = vs_sha256(public, name + 2);
	name[0] = VS_TPM_SHA256 >> 8;
	name[1] = VS_TPM_SHA256 & 0xff;
	return st;
}

/* policyDigest := H(policyDigest, command code, what the command adds). */
static vs_status
extend(uint32_t command, struct vs_span a, struct vs_span b,
    uint8_t digest[VS_TPM_DIGEST])
{
	const uint8_t cc[4] = {0, 0, (uint8_t)(command >> 8), (uint8_t)command};
	const struct vs_span parts[] = {
	    VS_SPAN(digest, VS_TPM_DIGEST), VS_SPAN_OF(cc), a, b};
	uint8_t out[VS_TPM_DIGEST];
	vs_status st = vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), out);

	if (st == VS_OK)
		memcpy(digest, out, sizeof out);
	return st;
}

vs_status
vs_tpm_policy_pcrs(const struct vs_tpm_pcrs *p, uint8_t out[VS_TPM_DIGEST])
{
	/* TPML_PCR_SELECTION of one bank. */
	const uint8_t selection[] = {0, 0, 0, 1, (uint8_t)(p->bank >> 8),
	    (uint8_t)p->bank, 3, (uint8_t)p->mask, (uint8_t)(p->mask >> 8),
	    (uint8_t)(p->mask >> 16)};
	struct vs_span values[VS_TPM_PCRS];
	uint8_t digest[VS_TPM_DIGEST];
	size_t n = 0;
	vs_status st;

	for (unsigned i = 0; i < VS_TPM_PCRS; i++)
		if (vs_tpm_has(p, i))
			values[n++] = VS_SPAN(p->value[i], p->size);
	st = vs_digest(VS_HASH_SHA256, values, n, digest);
	memset(out, 0, VS_TPM_DIGEST);
	if (st == VS_OK)
		st = extend(CC_POLICY_PCR, VS_SPAN_OF(selection),
		    VS_SPAN_OF(digest), out);
	return st;
}

/* Part 3, 23.16: name and reference go into two steps. */
vs_status
vs_tpm_policy_signed(const uint8_t key[VS_TPM_KEY], uint8_t out[VS_TPM_DIGEST])
{
	uint8_t name[VS_TPM_NAME];
	vs_status st = vs_tpm_key_name(key, name);

	memset(out, 0, VS_TPM_DIGEST);
	if (st == VS_OK)
		st = extend(CC_POLICY_AUTHORIZE, VS_SPAN_OF(name),
		    VS_SPAN(NULL, 0), out);
	if (st == VS_OK) {
		const struct vs_span parts[] = {VS_SPAN(out, VS_TPM_DIGEST),
		    VS_SPAN_LIT(VS_TPM_POLICY_REF)};
		uint8_t digest[VS_TPM_DIGEST];

		st = vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), digest);
		memcpy(out, digest, sizeof digest);
	}
	return st;
}

vs_status
vs_tpm_policy_either(const uint8_t a[VS_TPM_DIGEST],
    const uint8_t b[VS_TPM_DIGEST], uint8_t out[VS_TPM_DIGEST])
{
	memset(out, 0, VS_TPM_DIGEST);
	return extend(CC_POLICY_OR, VS_SPAN(a, VS_TPM_DIGEST),
	    VS_SPAN(b, VS_TPM_DIGEST), out);
}

static struct vs_span
next_line(struct vs_span *text)
{
	const uint8_t *end =
	    text->n > 0 ? memchr(text->p, '\n', text->n) : NULL;
	size_t n = end == NULL ? text->n : (size_t)(end - text->p);
	struct vs_span line = VS_SPAN(text->p, n);

	*text = vs_span_slice(*text, n + 1, text->n);
	return line;
}

vs_status
vs_tpm_signature_find(struct vs_span text, const uint8_t policy[VS_TPM_DIGEST],
    uint8_t sig[VS_TPM_SIG])
{
	enum { HEX = 2 * VS_TPM_DIGEST };
	uint8_t at[VS_TPM_DIGEST], s[VS_TPM_SIG];

	while (text.n > 0) {
		struct vs_span line = next_line(&text);

		if (line.n == 0 || line.p[0] == '#')
			continue;
		if (line.n < HEX + 1 || line.p[HEX] != ' ' ||
		    vs_unhex(VS_SPAN(line.p, HEX), at, sizeof at) != VS_OK ||
		    vs_unhex(vs_span_slice(line, HEX + 1, line.n), s,
			sizeof s) != VS_OK)
			return VS_MALFORMED;
		if (memcmp(at, policy, sizeof at) == 0) {
			memcpy(sig, s, sizeof s);
			return VS_OK;
		}
	}
	return VS_NOT_FOUND;
}
