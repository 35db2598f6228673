/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/unseal.h"
#include "keeper/root.h"

#include <stdio.h>
#include <string.h>

/* Makes the keys of the newest root the ones in force. Takes the ring. */
static vs_status
open_with(struct vs_server *s, struct vs_secret **ring, struct vs_err *err)
{
	vs_status st = vs_ring_keys(*ring, &s->keys);
	struct vs_err later = {0};

	if (st != VS_OK) {
		vs_secret_free(ring);
		return vs_fail(err, st, "sub-keys");
	}
	/* What a crash left of an old root; a seal that may only be read keeps
	 * it, and opens all the same. */
	(void)vs_seal_settle(s->file, *ring, &later);
	s->ring = VS_TAKE(*ring);
	s->why[0] = '\0';
	atomic_store(&s->sealed, false);
	return VS_OK;
}

static vs_status
unseal(struct vs_server *s, const struct vs_seal_conf *c, struct vs_err *err)
{
	struct vs_secret *ring = NULL;
	vs_status st = vs_seal_open(c, &s->file, err);

	if (st != VS_OK)
		return st;
	s->seal = vs_seal_kind(s->file);
	st = vs_seal_unlock(s->file, &ring, err);
	return st == VS_OK ? open_with(s, &ring, err) : st;
}

void
vs_server_unseal(struct vs_server *s, const struct vs_seal_conf *c)
{
	struct vs_err err = {0};

	s->seal = c->kind != NULL ? c->kind : "file";
	atomic_store(&s->sealed, true);
	if (unseal(s, c, &err) != VS_OK)
		(void)snprintf(s->why, sizeof s->why, "%.*s",
		    (int)sizeof s->why - 1, err.msg);
}

static vs_status
take_share(
    struct vs_server *s, const struct vs_share *share, struct vs_err *err)
{
	struct vs_secret *ring = NULL;
	vs_status st;

	if (!atomic_load(&s->sealed))
		return vs_fail_code(
		    err, VS_CONFLICT, "seal.open", "the keeper is not sealed");
	if (s->file == NULL)
		return vs_fail_code(err, VS_SEALED, "seal.file", "%s", s->why);
	st = vs_seal_share(s->file, share, &ring, err);
	return ring == NULL ? st : open_with(s, &ring, err);
}

vs_status
vs_server_share(
    struct vs_server *s, const struct vs_share *share, struct vs_err *err)
{
	vs_status st;

	(void)pthread_mutex_lock(&s->lock);
	st = take_share(s, share, err);
	(void)pthread_mutex_unlock(&s->lock);
	return st;
}

void
vs_server_fini(struct vs_server *s)
{
	vs_root_wipe(&s->keys);
	vs_secret_free(&s->ring);
	vs_seal_free(&s->file);
}
