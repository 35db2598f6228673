/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store in a folder of its own, for the store's tests. The chain is a toy:
 * the store does not know what a MAC is.
 */
#ifndef VS_TESTS_STORE_FIXTURE_H
#define VS_TESTS_STORE_FIXTURE_H

#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "store/store.h"

struct fixture {
	char dir[64];
	char path[96];
	struct vs_store *s;
	struct vs_arena a;
	struct vs_err err;
	bool chain_fails;
	const char *stop_at; /* the process ends at this point of a commit */
	unsigned chain_calls;
};

static inline void
toy_hash(struct vs_span a, struct vs_span b, uint8_t out[32])
{
	uint64_t h[4] = {1, 2, 3, 4};

	for (size_t i = 0; i < a.n + b.n; i++) {
		uint8_t c = i < a.n ? a.p[i] : b.p[i - a.n];

		for (size_t k = 0; k < 4; k++)
			h[k] = (h[k] ^ c) * (1099511628211u + 2 * k);
	}
	memcpy(out, h, 32);
}

static inline vs_status
toy_digest(void *ctx, struct vs_span row, uint8_t out[32])
{
	(void)ctx;
	toy_hash(row, (struct vs_span){0}, out);
	return VS_OK;
}

static inline vs_status
toy_chain(void *ctx, const uint8_t prev[32], const uint8_t (*digests)[32],
    size_t n, uint8_t (*macs)[32], struct vs_err *err)
{
	struct fixture *f = ctx;

	f->chain_calls++;
	if (f->chain_fails)
		return vs_fail(err, VS_SEALED, "toy chain is sealed");
	for (size_t i = 0; i < n; i++)
		toy_hash(VS_SPAN(i == 0 ? prev : macs[i - 1], 32),
		    VS_SPAN(digests[i], 32), macs[i]);
	return VS_OK;
}

static inline void
toy_at(void *ctx, const char *point)
{
	struct fixture *f = ctx;

	if (f->stop_at != NULL && strcmp(f->stop_at, point) == 0)
		_exit(9);
}

static inline vs_status
fixture_open(struct fixture *f)
{
	struct vs_store_options opt = {.path = f->path,
	    .readers = 4,
	    .chain = toy_chain,
	    .digest = toy_digest,
	    .ctx = f,
	    .at = toy_at};

	vs_err_clear(&f->err);
	return vs_store_open(&opt, &f->s, &f->err);
}

static inline void
fixture_init_at(struct fixture *f, const char *parent)
{
	*f = (struct fixture){0};
	(void)snprintf(f->dir, sizeof f->dir, "%s/vs-store-XXXXXX", parent);
	if (mkdtemp(f->dir) == NULL) {
		perror("mkdtemp");
		exit(1);
	}
	(void)snprintf(f->path, sizeof f->path, "%s/store.db", f->dir);
	vs_arena_init(&f->a, 64 * 1024 * 1024);
}

static inline void
fixture_init(struct fixture *f)
{
	fixture_init_at(f, "/tmp");
	if (!CHECK_OK(fixture_open(f), f->err))
		exit(1);
}

static inline void
fixture_remove(struct fixture *f)
{
	static const char *const tails[] = {"", "-wal", "-shm"};
	char path[128];

	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(path, sizeof path, "%s%s", f->path, tails[i]);
		(void)unlink(path);
	}
	(void)rmdir(f->dir);
}

static inline void
fixture_fini(struct fixture *f)
{
	vs_store_close(&f->s);
	vs_arena_fini(&f->a);
	fixture_remove(f);
}

static inline vs_status
fixture_reopen(struct fixture *f)
{
	vs_store_close(&f->s);
	return fixture_open(f);
}

/* KEK 1 of a namespace. */
static inline void
add_kek(struct fixture *f, const char *ns)
{
	const struct vs_kek_row kek = {.ns = vs_span_cstr(ns),
	    .version = 1,
	    .record = VS_SPAN_LIT("record of the kek")};

	CHECK_OK(vs_store_add_kek(f->s, &kek, &f->err), f->err);
}

static inline struct vs_key_row
key_row(const char *name, uint32_t version)
{
	return (struct vs_key_row){.name = vs_span_cstr(name),
	    .version = version,
	    .state = VS_KEY_ACTIVE,
	    .content_type = VS_SPAN_LIT("application/octet-stream"),
	    .size = 32,
	    .created_ms = 1000,
	    .kek_version = 1,
	    .dek = VS_SPAN_LIT("a wrapped dek"),
	    .payload = VS_SPAN_LIT("a sealed payload")};
}

static inline vs_status
add_key(struct fixture *f, const char *name, uint32_t version)
{
	struct vs_key_row row = key_row(name, version);

	return vs_store_add_keys(f->s, &row, 1, &f->err);
}

/* An allowed release; id is n in big-endian at its end. */
static inline struct vs_audit_row
audit_row(uint64_t n)
{
	struct vs_audit_row row = {.at_ms = (int64_t)(1000 * n),
	    .action = VS_SPAN_LIT("release"),
	    .outcome = VS_SPAN_LIT("allowed"),
	    .class_name = VS_SPAN_LIT("ok"),
	    .peer = VS_SPAN_LIT("127.0.0.1"),
	    .keys = VS_SPAN_LIT("models/a@1,models/b@2"),
	    .detail = VS_SPAN_LIT("{\"claims\":{}}")};

	for (size_t i = 0; i < 8; i++)
		row.id[15 - i] = (uint8_t)(n >> (8 * i));
	return row;
}

static inline vs_status
commit(struct fixture *f, uint64_t n, const uint8_t *nonce)
{
	struct vs_audit_row row = audit_row(n);

	return vs_store_commit(f->s, &row, nonce, 5000, &f->err);
}

/* Recomputes the chain over every row; the number of rows, or -1. */
static inline long
check_chain(struct fixture *f)
{
	struct vs_audit_filter all = {.limit = 100000};
	struct vs_audit_row *rows = NULL;
	struct vs_buf buf = {0};
	uint8_t prev[32] = {0};
	size_t n = 0;

	if (vs_store_audit_list(f->s, &all, &f->a, &rows, &n, &f->err) != VS_OK)
		return -1;
	for (size_t i = n; i > 0; i--) {
		struct vs_audit_row row;
		uint8_t digest[32];
		uint8_t mac[32];

		if (vs_store_audit_get(
			f->s, rows[i - 1].id, &f->a, &row, &f->err) != VS_OK)
			return -1;
		vs_buf_reset(&buf);
		vs_audit_canonical(&row, &buf);
		toy_hash(vs_buf_span(&buf), (struct vs_span){0}, digest);
		toy_hash(VS_SPAN_OF(prev), VS_SPAN_OF(digest), mac);
		if (row.seq != (int64_t)(n - i + 1) ||
		    memcmp(mac, row.mac, 32) != 0)
			n = 0, i = 1;
		memcpy(prev, mac, 32);
	}
	vs_buf_fini(&buf);
	return n == 0 ? -1 : (long)n;
}

#endif
