/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of the database, made beside whoever writes to it. */
#ifndef VS_STORE_BACKUP_H
#define VS_STORE_BACKUP_H

#include "store/store.h"

/* What the copy holds, as it was counted in it. */
struct vs_backup {
	int64_t bytes;
	int64_t schema;
	int64_t names; /* of keys */
	int64_t keys;  /* versions of keys, destroyed ones as well */
	int64_t keks;
	int64_t policies;
	int64_t audit; /* records */
	int64_t head_seq;
	uint8_t head[VS_STORE_MAC_SIZE]; /* of the last record */
};

struct vs_backup_options {
	const char *from; /* the database; its schema must be of today */
	const char *to;   /* must not exist; made with mode 0600 */
	/* In pages; may be NULL. */
	void (*progress)(void *ctx, int64_t done, int64_t total);
	void *ctx;
};

/*
 * One moment of the database, whatever commits meanwhile; nobody waits for
 * the copy. It is read back, checked and counted before it gets its name,
 * and is on disk by then: there is a whole copy of that name, or none.
 *
 * The copy says that it is one: where a counter outside of the database is
 * kept (store/generation.h), VS_GENERATION_COPY takes its place, so that it
 * never passes for the database that was last served.
 *
 * VS_CONFLICT where a file of the name is there. It does not contain the
 * seal, and holds what was not destroyed at its moment for as long as it
 * exists.
 */
VS_MUST_USE vs_status vs_store_backup(const struct vs_backup_options *opt,
    struct vs_backup *out, struct vs_err *err);

#endif
