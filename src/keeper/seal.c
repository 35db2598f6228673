/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a seal: by its own back end, or by shares. */
#include "keeper/seal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper/seal_int.h"

#define DAMAGED "put back the backup of this file"

static vs_status
load(struct vs_seal *s, size_t n, struct vs_err *err)
{
	const char *path = s->c->path;
	vs_status st;

	s->file = vs_secret_new(n);
	if (s->file == NULL)
		return vs_fail(err, VS_NO_MEMORY, "seal");
	if (!vs_seal_disk_read(s->fd, vs_secret_poke(s->file), n))
		return vs_seal_refuse(err, path, "cannot be read");
	st = vs_seal_parse(vs_secret_peek(s->file), &s->p);
	if (st == VS_UNTRUSTED)
		return vs_seal_refuse(
		    err, path, "damaged (checksum); " DAMAGED);
	if (vs_status_class(st) == VS_CLASS_MALFORMED)
		return vs_seal_refuse(err, path, "damaged (size); " DAMAGED);
	VS_TRY(err, "seal", st);
	return VS_OK;
}

const char *
vs_seal_kind(const struct vs_seal *s)
{
	static const char *const kinds[] = {"tpm2", "pkcs11", "shamir"};

	for (size_t i = 0; i < VS_COUNT(kinds); i++)
		if (vs_span_is(s->p.slots[0].kind, kinds[i]))
			return kinds[i];
	return "file";
}

static vs_status
check_kind(const struct vs_seal *s, struct vs_err *err)
{
	const char *kind = vs_seal_kind(s);

	if (s->c->kind == NULL || strcmp(kind, s->c->kind) == 0)
		return VS_OK;
	return vs_fail_code(err, VS_SEALED, "seal.kind",
	    "%.64s: is a %s seal and the configuration says %.15s; set "
	    "seal.kind, or use `vouchsafe seal migrate`",
	    s->c->path, kind, s->c->kind);
}

vs_status
vs_seal_open(
    const struct vs_seal_conf *c, struct vs_seal **out, struct vs_err *err)
{
	VS_AUTO(vs_seal) *s = vs_calloc(1, sizeof *s);
	struct stat is;
	vs_status st;

	if (s == NULL)
		return vs_fail(err, VS_NO_MEMORY, "seal");
	s->c = c;
	s->fd = -1;
	st = vs_seal_disk_open(c->path, &s->fd, &is, err);
	if (st == VS_OK) {
		s->changed = is.st_ctim;
		st = load(s, (size_t)is.st_size, err);
	}
	if (st == VS_OK)
		st = check_kind(s, err);
	if (st == VS_OK)
		*out = VS_TAKE(s);
	return st;
}

void
vs_seal_free(struct vs_seal **s)
{
	if (*s == NULL)
		return;
	if ((*s)->fd >= 0)
		(void)close((*s)->fd); /* synced wherever it was written */
	vs_secret_free(&(*s)->file);
	vs_secret_free(&(*s)->key);
	vs_secret_free(&(*s)->shares);
	free(*s);
	*s = NULL;
}

/* One of the two areas; VS_UNTRUSTED when it does not open. */
static vs_status
open_area(const struct vs_seal *s, const uint8_t *key, struct vs_span area,
    uint64_t *serial, struct vs_secret *ring)
{
	struct vs_rd in = vs_rd_of(area);
	uint8_t aad[VS_SHA256_SIZE + 8];
	uint8_t tag[VS_AEAD_TAG_SIZE];
	VS_AUTO(vs_aead) *a = NULL;
	struct vs_aead_msg m = {
	    .nonce = area.p + 8,
	    .aad = VS_SPAN_OF(aad),
	    .in = vs_span_slice(area, 8 + VS_AEAD_NONCE_SIZE, VS_RING_SIZE),
	    .out = vs_secret_poke(ring),
	    .tag = tag,
	};
	vs_status st = vs_rd_u64be(&in, serial);

	memcpy(aad, s->p.sum.p, VS_SHA256_SIZE);
	memcpy(aad + VS_SHA256_SIZE, area.p, 8);
	memcpy(tag, area.p + VS_SEAL_AREA - sizeof tag, sizeof tag);
	if (st == VS_OK)
		st = vs_aead_new(&a);
	if (st == VS_OK)
		st = vs_aead_open(a, key, &m);
	if (st == VS_OK && !vs_ring_ok(vs_secret_peek(ring)))
		st = VS_UNTRUSTED;
	return st;
}

/* The later of the areas that open: a crash leaves at most one that does
 * not. */
static vs_status
open_ring(struct vs_seal *s, struct vs_secret *key, struct vs_secret **out)
{
	struct vs_secret *rings[2] = {NULL, NULL};
	uint64_t serials[2] = {0, 0};
	vs_status st[2];
	unsigned best;

	for (unsigned i = 0; i < 2; i++) {
		rings[i] = vs_secret_new(VS_RING_SIZE);
		st[i] = rings[i] == NULL
		    ? VS_NO_MEMORY
		    : open_area(s, vs_secret_peek(key).p, s->p.areas[i],
			  &serials[i], rings[i]);
	}
	best = st[1] == VS_OK && (st[0] != VS_OK || serials[1] > serials[0]);
	if (st[best] == VS_OK) {
		s->serial = serials[best];
		s->area = best;
		s->unlike = st[1 - best] != VS_OK ||
		    !vs_equal_ct(
			vs_secret_peek(rings[0]), vs_secret_peek(rings[1]));
		*out = VS_TAKE(rings[best]);
	}
	vs_secret_free(&rings[0]);
	vs_secret_free(&rings[1]);
	return st[best];
}

/* Takes the key. */
static vs_status
accept(struct vs_seal *s, struct vs_secret **key, struct vs_secret **ring,
    struct vs_err *err)
{
	vs_status st = vs_secret_len(*key) == VS_SEAL_KEY_SIZE
	    ? open_ring(s, *key, ring)
	    : VS_UNTRUSTED;

	if (st == VS_OK) {
		vs_secret_free(&s->key);
		s->key = VS_TAKE(*key);
		return VS_OK;
	}
	vs_secret_free(key);
	if (st != VS_UNTRUSTED)
		return vs_fail(err, st, "seal");
	return vs_seal_refuse(err, s->c->path, "damaged (root ring); " DAMAGED);
}

vs_status
vs_seal_unwrap(const struct vs_seal_conf *c, const struct vs_seal_slot *slot,
    struct vs_secret **key, struct vs_err *err)
{
	if (vs_span_is(slot->kind, "tpm2"))
		return vs_seal_tpm2_unwrap(c, slot->blob, key, err);
	if (vs_span_is(slot->kind, "pkcs11"))
		return vs_seal_pkcs11_unwrap(c, slot->blob, key, err);
	if (vs_span_is(slot->kind, "shamir"))
		return vs_fail_code(err, VS_SEALED, "seal.shares",
		    "waits for %u of %u shares; each custodian enters one with "
		    "`vouchsafe seal unseal`",
		    (unsigned)slot->k, (unsigned)slot->n);
	*key = vs_secret_new(slot->blob.n);
	if (*key == NULL)
		return vs_fail(err, VS_NO_MEMORY, "seal");
	memcpy(vs_secret_poke(*key), slot->blob.p, slot->blob.n);
	return VS_OK;
}

vs_status
vs_seal_unlock(struct vs_seal *s, struct vs_secret **ring, struct vs_err *err)
{
	struct vs_secret *key = NULL;
	vs_status st;

	if (s->p.bare) {
		VS_TRY(err, "seal", vs_ring_of_root(s->p.root, ring));
		return VS_OK;
	}
	st = vs_seal_unwrap(s->c, &s->p.slots[0], &key, err);
	return st == VS_OK ? accept(s, &key, ring, err) : st;
}

static const struct vs_seal_slot *
share_slot(const struct vs_seal *s)
{
	for (unsigned i = 0; i < s->p.slots_n; i++)
		if (vs_span_is(s->p.slots[i].kind, "shamir"))
			return &s->p.slots[i];
	return NULL;
}

void
vs_seal_progress(const struct vs_seal *s, struct vs_seal_shares *out)
{
	const struct vs_seal_slot *slot = share_slot(s);

	*out = (struct vs_seal_shares){0};
	if (slot == NULL)
		return;
	*out = (struct vs_seal_shares){.threshold = slot->k,
	    .total = slot->n,
	    .given = s->given,
	    .recovery = slot != &s->p.slots[0]};
}

static vs_status
wrong_share(struct vs_err *err, unsigned number, const char *what)
{
	return vs_fail_code(err, VS_MALFORMED, "seal.share",
	    "share %u %s; it does not count", number, what);
}

/* Whether it is one that was handed out for this very seal. */
static vs_status
check_share(const struct vs_seal_slot *slot, const struct vs_share *sh,
    struct vs_err *err)
{
	const struct vs_rd ids = vs_rd_of(
	    vs_span_slice(slot->blob, VS_SHARE_SET_SIZE, slot->blob.n));
	uint8_t id[VS_SHA256_SIZE];

	if (!vs_span_equal(
		VS_SPAN_OF(sh->set), VS_SPAN(slot->blob.p, VS_SHARE_SET_SIZE)))
		return wrong_share(err, sh->number,
		    "is of another set: from before the shares were made "
		    "anew, or of another seal");
	if (sh->number == 0 || sh->number > slot->n)
		return wrong_share(err, sh->number, "was never handed out");
	VS_TRY(err, "share", vs_seal_share_id(sh, id));
	if (!vs_equal_ct(VS_SPAN_OF(id),
		vs_span_slice(vs_rd_rest(&ids),
		    (sh->number - 1u) * VS_SHA256_SIZE, VS_SHA256_SIZE)))
		return wrong_share(
		    err, sh->number, "is not what was handed out");
	return VS_OK;
}

static vs_status
join(struct vs_seal *s, unsigned k, struct vs_secret **ring, struct vs_err *err)
{
	struct vs_secret *key = vs_secret_new(VS_SEAL_KEY_SIZE);

	if (key == NULL)
		return vs_fail(err, VS_NO_MEMORY, "share");
	vs_shamir_join(
	    s->numbers, vs_secret_peek(s->shares).p, k, vs_secret_poke(key));
	s->given = 0;
	vs_secret_free(&s->shares);
	return accept(s, &key, ring, err);
}

vs_status
vs_seal_share(struct vs_seal *s, const struct vs_share *share,
    struct vs_secret **ring, struct vs_err *err)
{
	const struct vs_seal_slot *slot = share_slot(s);
	vs_status st;

	if (slot == NULL)
		return vs_fail_code(err, VS_CONFLICT, "seal.shares",
		    "this seal takes no shares");
	if (s->shares == NULL)
		s->shares = vs_secret_new((size_t)slot->k * VS_SHAMIR_SIZE);
	if (s->shares == NULL)
		return vs_fail(err, VS_NO_MEMORY, "share");
	st = check_share(slot, share, err);
	if (st != VS_OK || memchr(s->numbers, share->number, s->given) != NULL)
		return st;
	memcpy(vs_secret_poke(s->shares) + s->given * VS_SHAMIR_SIZE,
	    share->bytes, VS_SHAMIR_SIZE);
	s->numbers[s->given++] = share->number;
	return s->given < slot->k ? VS_OK : join(s, slot->k, ring, err);
}
