/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a seal: a fresh seal key, wrapped by the back end that was asked
 * for, and shared among custodians where there are any; the ring under it.
 */
#include "keeper/seal_make.h"

#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "crypto/rand.h"
#include "keeper/seal_int.h"

static vs_status
wrap(const struct vs_seal_conf *c, struct vs_span key, struct vs_buf *blob,
    struct vs_err *err)
{
	if (strcmp(c->kind, "tpm2") == 0)
		return vs_seal_tpm2_wrap(c, key, blob, err);
	if (strcmp(c->kind, "pkcs11") == 0)
		return vs_seal_pkcs11_wrap(c, key, blob, err);
	return vs_fail(err, VS_USAGE, "%.15s: no such seal", c->kind);
}

/* What does not open now would not open after the next start either. */
static vs_status
check_opens(const struct vs_seal_conf *c, struct vs_span key,
    struct vs_span blob, struct vs_err *err)
{
	struct vs_secret *again = NULL;
	const struct vs_seal_slot slot = {
	    .kind = vs_span_cstr(c->kind), .blob = blob};
	vs_status st = vs_seal_unwrap(c, &slot, &again, err);

	if (st == VS_OK && !vs_equal_ct(vs_secret_peek(again), key))
		st = vs_fail(
		    err, VS_INTERNAL, "the new seal gives back something else");
	vs_secret_free(&again);
	return st;
}

static void
put_slot(struct vs_wr *w, const struct vs_seal_slot *slot)
{
	vs_wr_lp32(w, slot->kind);
	vs_wr_u8(w, slot->k);
	vs_wr_u8(w, slot->n);
	vs_wr_lp32(w, slot->blob);
}

static vs_status
put_wrapped(const struct vs_seal_conf *c, struct vs_span key, struct vs_wr *w,
    struct vs_err *err)
{
	struct vs_buf blob = {.max = VS_SEAL_BLOB_MAX};
	struct vs_seal_slot slot = {.kind = vs_span_cstr(c->kind)};
	vs_status st = VS_OK;

	if (strcmp(c->kind, "file") == 0) {
		slot.blob = key;
		put_slot(w, &slot);
		return VS_OK;
	}
	st = wrap(c, key, &blob, err);
	if (st == VS_OK)
		st = vs_buf_status(&blob);
	if (st == VS_OK)
		st = check_opens(c, key, vs_buf_span(&blob), err);
	slot.blob = vs_buf_span(&blob);
	if (st == VS_OK)
		put_slot(w, &slot);
	vs_buf_fini(&blob);
	return st;
}

/* The first k give the key back, or none of them leaves this process. */
static vs_status
check_joins(const uint8_t *shares, unsigned k, struct vs_span key)
{
	struct vs_secret *again = vs_secret_new(VS_SEAL_KEY_SIZE);
	uint8_t numbers[VS_SHAMIR_MAX];
	vs_status st = VS_OK;

	if (again == NULL)
		return VS_NO_MEMORY;
	for (unsigned i = 0; i < k; i++)
		numbers[i] = (uint8_t)(i + 1);
	vs_shamir_join(numbers, shares, k, vs_secret_poke(again));
	if (!vs_equal_ct(vs_secret_peek(again), key))
		st = VS_INTERNAL;
	vs_secret_free(&again);
	return st;
}

static vs_status
share_out(const struct vs_seal_making *m, struct vs_span key,
    struct vs_secret *shares, uint8_t set[VS_SHARE_SET_SIZE],
    struct vs_err *err)
{
	VS_TRY(err, "shares", vs_rand_public(set, VS_SHARE_SET_SIZE));
	VS_TRY(err, "shares",
	    vs_shamir_split(
		key.p, m->threshold, m->shares, vs_secret_poke(shares)));
	VS_TRY(err, "shares",
	    check_joins(vs_secret_peek(shares).p, m->threshold, key));
	return VS_OK;
}

static vs_status
put_share_id(uint8_t *blob, unsigned i, const uint8_t *bytes)
{
	struct vs_share share = {.number = (uint8_t)(i + 1)};
	vs_status st;

	memcpy(share.set, blob, sizeof share.set);
	memcpy(share.bytes, bytes, sizeof share.bytes);
	st = vs_seal_share_id(
	    &share, blob + VS_SHARE_SET_SIZE + i * VS_SHA256_SIZE);
	vs_wipe(&share, sizeof share);
	return st;
}

static vs_status
put_shared(const struct vs_seal_making *m, struct vs_span key, struct vs_wr *w,
    struct vs_secret *shares, struct vs_err *err)
{
	uint8_t blob[VS_SHARES_BLOB_MAX];
	const struct vs_seal_slot slot = {.kind = VS_SPAN_LIT("shamir"),
	    .k = (uint8_t)m->threshold,
	    .n = (uint8_t)m->shares,
	    .blob = VS_SPAN(
		blob, VS_SHARE_SET_SIZE + (size_t)m->shares * VS_SHA256_SIZE)};

	vs_status st = share_out(m, key, shares, blob, err);

	if (st != VS_OK)
		return st;
	for (unsigned i = 0; i < m->shares; i++)
		VS_TRY(err, "shares",
		    put_share_id(blob, i,
			vs_secret_peek(shares).p + i * VS_SHAMIR_SIZE));
	put_slot(w, &slot);
	memcpy(m->set, blob, VS_SHARE_SET_SIZE);
	return VS_OK;
}

/* Both areas hold the ring, so that the second is never one of chance. */
static vs_status
put_rings(const struct vs_secret *ring, struct vs_span key, struct vs_wr *w,
    struct vs_err *err)
{
	uint8_t sum[VS_SHA256_SIZE];
	uint8_t area[VS_SEAL_AREA];

	VS_TRY(err, "seal", vs_sha256(VS_SPAN(w->p, w->n), sum));
	vs_wr_bytes(w, VS_SPAN_OF(sum));
	for (unsigned i = 0; i < 2; i++) {
		VS_TRY(err, "seal",
		    vs_seal_area(key.p, VS_SPAN_OF(sum), i + 1, ring, area));
		vs_wr_bytes(w, VS_SPAN_OF(area));
	}
	return VS_OK;
}

static vs_status
build(const struct vs_seal_making *m, const struct vs_secret *ring,
    struct vs_span key, struct vs_wr *w, struct vs_secret *shares,
    struct vs_err *err)
{
	bool custodians = strcmp(m->c->kind, "shamir") == 0;
	struct vs_wr length;
	vs_status st = VS_OK;

	vs_wr_bytes(w, VS_SPAN_LIT("VSSEAL2\n"));
	vs_wr_u32be(w, 0); /* the length, when it is known */
	vs_wr_u8(w, !custodians && m->shares > 0 ? 2 : 1);
	if (!custodians)
		st = put_wrapped(m->c, key, w, err);
	if (st == VS_OK && m->shares > 0)
		st = put_shared(m, key, w, shares, err);
	if (st != VS_OK)
		return st;
	length = vs_wr_of(w->p + VS_SEAL_MAGIC_SIZE, 4);
	vs_wr_u32be(&length, (uint32_t)(w->n - VS_SEAL_MAGIC_SIZE - 4));
	return put_rings(ring, key, w, err);
}

static vs_status
store(const struct vs_seal_making *m, struct vs_span file,
    struct vs_span shares, struct vs_err *err)
{
	char temp[VS_SEAL_PATH_MAX];
	vs_status st;

	st = vs_seal_disk_write(file, m->c->path, temp, err);
	if (st != VS_OK)
		return st;
	/* Before the seal is the one that counts: a share that nobody saw
	 * opens nothing. */
	st = m->shares > 0 ? m->hand_out(m->ctx, m->set, m->shares, shares, err)
			   : VS_OK;
	if (st == VS_OK)
		return vs_seal_disk_publish(temp, m->c->path, m->replace, err);
	(void)unlink(temp); /* of no use */
	return st;
}

static vs_status
check_making(const struct vs_seal_making *m, struct vs_err *err)
{
	if (strcmp(m->c->kind, "shamir") == 0 && m->shares == 0)
		return vs_fail(err, VS_USAGE,
		    "a shamir seal needs the numbers of shares and of those "
		    "that open it");
	if (m->shares > 0 &&
	    (m->shares > VS_SHAMIR_MAX || m->threshold < 2 ||
		m->threshold > m->shares))
		return vs_fail(err, VS_USAGE,
		    "shares: 2 to %d, of which at least 2 and at most all "
		    "open the seal",
		    VS_SHAMIR_MAX);
	return VS_OK;
}

vs_status
vs_seal_make(const struct vs_seal_making *m, const struct vs_secret *ring,
    struct vs_err *err)
{
	struct vs_secret *key = vs_secret_new(VS_SEAL_KEY_SIZE);
	struct vs_secret *shares =
	    vs_secret_new(VS_SHAMIR_MAX * VS_SHAMIR_SIZE);
	struct vs_secret *file = vs_secret_new(VS_SEAL_FILE_MAX);
	struct vs_span bytes = {NULL, 0};
	vs_status st = key == NULL || shares == NULL || file == NULL
	    ? vs_fail(err, VS_NO_MEMORY, "seal")
	    : check_making(m, err);

	if (st == VS_OK)
		st = vs_rand_secret(vs_secret_poke(key), VS_SEAL_KEY_SIZE);
	if (st == VS_OK) {
		struct vs_wr w =
		    vs_wr_of(vs_secret_poke(file), VS_SEAL_FILE_MAX);

		st = build(m, ring, vs_secret_peek(key), &w, shares, err);
		if (st == VS_OK)
			st = vs_wr_finish(&w, &bytes);
	}
	if (st == VS_OK)
		st = store(m, bytes, vs_secret_peek(shares), err);
	vs_secret_free(&key);
	vs_secret_free(&shares);
	vs_secret_free(&file);
	return st == VS_OK ? VS_OK : vs_ctx(err, "new seal", st);
}

vs_status
vs_ring_new(struct vs_secret **out)
{
	struct vs_secret *root = vs_secret_new(VS_RING_ROOT_SIZE);
	vs_status st;

	if (root == NULL)
		return VS_NO_MEMORY;
	st = vs_rand_secret(vs_secret_poke(root), VS_RING_ROOT_SIZE);
	if (st == VS_OK)
		st = vs_ring_of_root(vs_secret_peek(root), out);
	vs_secret_free(&root);
	return st;
}
