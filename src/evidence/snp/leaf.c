/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/leaf.h"

#include <string.h>

#include "crypto/der.h"

/* 1.3.6.1.4.1.3704.1 and what comes behind. */
#define AMD_ARC 0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01
enum { ARC_STRUCT_VERSION = 1, ARC_SPL = 3, ARC_HWID = 4, ARC_CSP = 5 };

/* Last number of each SPL's OID below arc 3. */
static const uint8_t spl_arcs[VS_SNP_SPL_COUNT] = {
    [VS_SNP_SPL_BL] = 1,
    [VS_SNP_SPL_TEE] = 2,
    [VS_SNP_SPL_SNP] = 3,
    [VS_SNP_SPL_4] = 4,
    [VS_SNP_SPL_5] = 5,
    [VS_SNP_SPL_6] = 6,
    [VS_SNP_SPL_7] = 7,
    [VS_SNP_SPL_UCODE] = 8,
    [VS_SNP_SPL_FMC] = 9,
};

/* VS_SNP_EXT_ABSENT or _BAD, or 0 with the value when there is just one. */
static int
find(
    const struct vs_cert *cert, uint8_t arc, uint8_t sub, struct vs_span *value)
{
	const uint8_t oid[] = {AMD_ARC, arc, sub};
	size_t oid_n = sub == 0 ? sizeof(oid) - 1 : sizeof(oid);
	size_t n = vs_cert_ext(cert, VS_SPAN(oid, oid_n), value);

	if (n == 0)
		return VS_SNP_EXT_ABSENT;
	return n == 1 ? 0 : VS_SNP_EXT_BAD;
}

/* An INTEGER from 0 to 255 in its only DER form: 02 01 xx below 80h,
 * 02 02 00 xx from there on. Anything else would be read differently by
 * different verifiers. */
static int
small_integer(struct vs_span v)
{
	struct vs_span c;

	if (vs_der_only(v, VS_DER_INTEGER, &c) != VS_OK)
		return VS_SNP_EXT_BAD;
	if (c.n == 1 && c.p[0] < 0x80)
		return c.p[0];
	if (c.n == 2 && c.p[0] == 0 && c.p[1] >= 0x80)
		return c.p[1];
	return VS_SNP_EXT_BAD;
}

static int
read_integer(const struct vs_cert *cert, uint8_t arc, uint8_t sub)
{
	struct vs_span v;
	int st = find(cert, arc, sub, &v);

	return st != 0 ? st : small_integer(v);
}

/*
 * The octets are the id itself, 64 bytes or 8 (Turin); AMD has announced a
 * form with an OCTET STRING around it. The total length tells them apart:
 * an id may well begin with 04.
 */
static void
read_hwid(const struct vs_cert *cert, struct vs_snp_leaf *out)
{
	struct vs_span v, inner;
	int st = find(cert, ARC_HWID, 0, &v);

	out->hwid_n = st != 0 ? st : VS_SNP_EXT_BAD;
	if (st != 0)
		return;
	if ((v.n == 64 + 2 || v.n == 8 + 2) &&
	    vs_der_only(v, VS_DER_OCTETS, &inner) == VS_OK)
		v = inner;
	if (v.n != 64 && v.n != 8)
		return;
	memcpy(out->hwid, v.p, v.n);
	out->hwid_n = (int)v.n;
}

static void
read_csp(const struct vs_cert *cert, struct vs_snp_leaf *out)
{
	struct vs_span v, s;
	int st = find(cert, ARC_CSP, 0, &v);

	out->csp_n = st != 0 ? st : VS_SNP_EXT_BAD;
	if (st != 0 || vs_der_only(v, VS_DER_IA5STRING, &s) != VS_OK ||
	    s.n == 0 || s.n > VS_SNP_CSP_MAX)
		return;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return;
	memcpy(out->csp, s.p, s.n);
	out->csp[s.n] = '\0';
	out->csp_n = (int)s.n;
}

/* productName is not read: AMD has issued certificates with a wrong one, and
 * the issuer tells the product. Unknown arcs are not an error. */
void
vs_snp_leaf_read(const struct vs_cert *cert, struct vs_snp_leaf *out)
{
	memset(out, 0, sizeof(*out));
	out->struct_version = read_integer(cert, ARC_STRUCT_VERSION, 0);
	for (size_t i = 0; i < VS_SNP_SPL_COUNT; i++)
		out->spl[i] = read_integer(cert, ARC_SPL, spl_arcs[i]);
	read_hwid(cert, out);
	read_csp(cert, out);
}
