/* SPDX-License-Identifier: Apache-2.0 */
/* The root out of a seal without shares, as a daemon's first start has it. */
#ifndef VS_TESTS_SEAL_FILE_H
#define VS_TESTS_SEAL_FILE_H

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "keeper/seal_make.h"

/* What vouchsafe-seal does at a first start. */
static inline vs_status
seal_file_make(const char *path, struct vs_err *err)
{
	const struct vs_seal_conf c = {.kind = "file", .path = path};
	const struct vs_seal_making m = {.c = &c};
	struct vs_secret *ring = NULL;
	vs_status st = vs_ring_new(&ring);

	st = st == VS_OK ? vs_seal_make(&m, ring, err)
			 : vs_fail(err, st, "root");
	vs_secret_free(&ring);
	return st;
}

static inline vs_status
seal_file_open(
    const char *path, bool create, struct vs_secret **root, struct vs_err *err)
{
	const struct vs_seal_conf c = {.path = path};
	struct vs_seal *s = NULL;
	struct vs_secret *ring = NULL;
	vs_status st = VS_OK;

	if (create && access(path, F_OK) != 0 && errno == ENOENT)
		st = seal_file_make(path, err);
	if (st == VS_CONFLICT) { /* somebody was faster */
		vs_err_clear(err);
		st = VS_OK;
	}
	if (st == VS_OK)
		st = vs_seal_open(&c, &s, err);
	if (st == VS_OK)
		st = vs_seal_unlock(s, &ring, err);
	if (st == VS_OK) {
		*root = vs_secret_new(32);
		if (*root == NULL)
			st = vs_fail(err, VS_NO_MEMORY, "root");
		else
			memcpy(vs_secret_poke(*root),
			    vs_ring_root(ring, VS_RING_NEWEST).p, 32);
	}
	vs_secret_free(&ring);
	vs_seal_free(&s);
	return st;
}

#endif
