/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seal file's bytes. Header: u8 slots, then for each u32be length and
 * kind, u8 k, u8 n, u32be length and blob. The blob of "file" is the seal key
 * itself; that of "shamir" the set and a SHA-256 for each share.
 */
#include "keeper/frame.h"
#include "keeper/seal_int.h"

static const char magic1[] = "VSSEAL1\n";
static const char magic2[] = "VSSEAL2\n";
enum { KIND_MAX = 15, BARE_ROOT = 32, HEAD = VS_SEAL_MAGIC_SIZE + 4 };

static vs_status
check_sum(struct vs_span body, struct vs_span sum)
{
	uint8_t got[VS_SHA256_SIZE];
	vs_status st = vs_sha256(body, got);

	if (st == VS_OK && !vs_equal_ct(VS_SPAN_OF(got), sum))
		st = VS_UNTRUSTED;
	return st;
}

static vs_status
parse_bare(struct vs_span file, struct vs_seal_parts *out)
{
	enum { BODY = VS_SEAL_MAGIC_SIZE + BARE_ROOT };

	if (file.n != BODY + VS_SHA256_SIZE)
		return VS_MALFORMED;
	*out = (struct vs_seal_parts){.bare = true,
	    .root = vs_span_slice(file, VS_SEAL_MAGIC_SIZE, BARE_ROOT)};
	return check_sum(
	    VS_SPAN(file.p, BODY), vs_span_slice(file, BODY, VS_SHA256_SIZE));
}

static bool
slot_ok(const struct vs_seal_slot *s)
{
	if (vs_span_is(s->kind, "file"))
		return s->blob.n == VS_SEAL_KEY_SIZE;
	if (vs_span_is(s->kind, "shamir"))
		return s->k >= 1 && s->k <= s->n && s->n <= VS_SHAMIR_MAX &&
		    s->blob.n ==
		    VS_SHARE_SET_SIZE + (size_t)s->n * VS_SHA256_SIZE;
	return vs_span_is(s->kind, "tpm2") || vs_span_is(s->kind, "pkcs11");
}

static vs_status
parse_slots(struct vs_rd in, struct vs_seal_parts *p)
{
	uint8_t n;

	if (vs_rd_u8(&in, &n) != VS_OK || n == 0 || n > VS_SEAL_SLOTS_MAX)
		return VS_MALFORMED;
	for (; p->slots_n < n; p->slots_n++) {
		struct vs_seal_slot *s = &p->slots[p->slots_n];

		if (vs_get_field(&in, KIND_MAX, &s->kind) != VS_OK ||
		    vs_rd_u8(&in, &s->k) != VS_OK ||
		    vs_rd_u8(&in, &s->n) != VS_OK ||
		    vs_get_field(&in, VS_SEAL_BLOB_MAX, &s->blob) != VS_OK ||
		    !slot_ok(s))
			return VS_MALFORMED;
	}
	return vs_rd_end(&in);
}

vs_status
vs_seal_parse(struct vs_span file, struct vs_seal_parts *out)
{
	struct vs_seal_parts p = {0};
	struct vs_rd in = vs_rd_of(file);
	struct vs_span magic;
	struct vs_rd slots;
	uint32_t n;
	vs_status st;

	if (vs_rd_bytes(&in, VS_SEAL_MAGIC_SIZE, &magic) != VS_OK)
		return VS_MALFORMED;
	if (vs_span_is(magic, magic1))
		return parse_bare(file, out);
	if (!vs_span_is(magic, magic2) || vs_rd_u32be(&in, &n) != VS_OK ||
	    vs_rd_sub(&in, n, &slots) != VS_OK ||
	    vs_rd_bytes(&in, VS_SHA256_SIZE, &p.sum) != VS_OK)
		return VS_MALFORMED;
	st = check_sum(VS_SPAN(file.p, HEAD + (size_t)n), p.sum);
	if (st == VS_OK)
		st = parse_slots(slots, &p);
	p.areas_at = file.n - in.n;
	for (unsigned i = 0; st == VS_OK && i < 2; i++)
		st = vs_rd_bytes(&in, VS_SEAL_AREA, &p.areas[i]);
	if (st == VS_OK)
		st = vs_rd_end(&in);
	if (st == VS_OK)
		*out = p;
	return st;
}

vs_status
vs_seal_share_id(const struct vs_share *share, uint8_t out[VS_SHA256_SIZE])
{
	const struct vs_span parts[] = {VS_SPAN_LIT("vouchsafe/v1 share"),
	    VS_SPAN_OF(share->set), VS_SPAN(&share->number, 1),
	    VS_SPAN_OF(share->bytes)};

	return vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), out);
}
