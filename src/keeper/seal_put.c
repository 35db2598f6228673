/* SPDX-License-Identifier: Apache-2.0 */
/* A new ring into a seal: sealed, and written in place. */
#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/rand.h"
#include "keeper/seal_int.h"

vs_status
vs_seal_busy(struct vs_err *err)
{
	return vs_fail_code(err, VS_CONFLICT, "seal.busy",
	    "the seal is being changed by another process");
}

vs_status
vs_seal_area(const uint8_t *key, struct vs_span sum, uint64_t serial,
    const struct vs_secret *ring, uint8_t area[VS_SEAL_AREA])
{
	struct vs_wr w = vs_wr_of(area, 8);
	uint8_t aad[VS_SHA256_SIZE + 8];
	VS_AUTO(vs_aead) *a = NULL;
	struct vs_aead_msg m = {
	    .nonce = area + 8,
	    .aad = VS_SPAN_OF(aad),
	    .in = vs_secret_peek(ring),
	    .out = area + 8 + VS_AEAD_NONCE_SIZE,
	    .tag = area + VS_SEAL_AREA - VS_AEAD_TAG_SIZE,
	};
	vs_status st = vs_rand_public(area + 8, VS_AEAD_NONCE_SIZE);

	vs_wr_u64be(&w, serial);
	memcpy(aad, sum.p, VS_SHA256_SIZE);
	memcpy(aad + VS_SHA256_SIZE, area, 8);
	if (st == VS_OK)
		st = vs_aead_new(&a);
	if (st == VS_OK)
		st = vs_aead_seal(a, key, &m);
	return st;
}

/* In place, so that it needs no file system; into the area that does not
 * count, so that a crash leaves the one that does. */
static bool
write_area(const struct vs_seal *s, unsigned i, const uint8_t *area)
{
	off_t at = (off_t)(s->p.areas_at + (size_t)i * VS_SEAL_AREA);
	ssize_t n;

	do
		n = pwrite(s->fd, area, VS_SEAL_AREA, at);
	while (n < 0 && errno == EINTR);
	return n == VS_SEAL_AREA && fdatasync(s->fd) == 0;
}

static vs_status
put_locked(struct vs_seal *s, const struct vs_secret *ring, struct vs_err *err)
{
	uint8_t area[VS_SEAL_AREA];
	unsigned i = 1 - s->area;
	struct stat st;

	/* The new root would be in a file that nobody finds again. One that
	 * lost its name to another may have a second one, so that its links
	 * do not tell; that they changed, does. */
	if (fstat(s->fd, &st) != 0 || st.st_nlink == 0 ||
	    st.st_ctim.tv_sec != s->changed.tv_sec ||
	    st.st_ctim.tv_nsec != s->changed.tv_nsec)
		return vs_fail_code(err, VS_CONFLICT, "seal.replaced",
		    "the seal file was replaced or changed since it was "
		    "opened; start the daemon again");
	VS_TRY(err, "seal",
	    vs_seal_area(
		vs_secret_peek(s->key).p, s->p.sum, s->serial + 1, ring, area));
	if (!write_area(s, i, area))
		return vs_fail_code(err, VS_UNAVAILABLE, "seal.file",
		    "%.64s: cannot be written", s->c->path);
	s->serial++;
	s->area = i;
	if (fstat(s->fd, &st) == 0)
		s->changed = st.st_ctim;
	return VS_OK;
}

/* The ring that is in force, in the other area as well. */
static vs_status
settle_locked(
    struct vs_seal *s, const struct vs_secret *ring, struct vs_err *err)
{
	if (!s->unlike || vs_ring_generation(ring, VS_RING_OLD) != 0)
		return VS_OK;
	VS_TRY(err, "settle", put_locked(s, ring, err));
	s->unlike = false;
	return VS_OK;
}

vs_status
vs_seal_settle(
    struct vs_seal *s, const struct vs_secret *ring, struct vs_err *err)
{
	vs_status st;

	if (s->key == NULL)
		return VS_OK; /* of the first version: one place for one root */
	if (flock(s->fd, LOCK_EX | LOCK_NB) != 0)
		return vs_seal_busy(err);
	st = settle_locked(s, ring, err);
	(void)flock(s->fd, LOCK_UN); /* ends with the file at the latest */
	return st;
}

vs_status
vs_seal_put_ring(
    struct vs_seal *s, const struct vs_secret *ring, struct vs_err *err)
{
	struct vs_err later = {0};
	vs_status st;

	if (s->key == NULL)
		return vs_fail_code(err, VS_CONFLICT, "seal.version",
		    "the seal is of the first version, which holds one root "
		    "for ever; use `vouchsafe seal migrate` first");
	if (flock(s->fd, LOCK_EX | LOCK_NB) != 0)
		return vs_seal_busy(err);
	st = put_locked(s, ring, err);
	if (st == VS_OK) {
		s->unlike = true;
		/* It counts from here on; the next start tries again. */
		(void)settle_locked(s, ring, &later);
	}
	(void)flock(s->fd, LOCK_UN); /* ends with the file at the latest */
	return st;
}
