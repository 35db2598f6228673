/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/rotation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/admin.h"
#include "broker/upkeep.h"
#include "store/keks.h"

enum {
	/* Of one keeper call and one transaction. A release that waits behind
	 * it waits some 20 ms. */
	BATCH = 1000,
	BATCH_BYTES = 16 * 1024 * 1024,
	PASS_MEMORY_MAX = 32 * 1024 * 1024,
};
_Static_assert((int)BATCH <= (int)VS_REWRAP_KEYS_MAX, "a batch is one call");

void
vs_rotations_init(struct vs_rotations *r)
{
	(void)pthread_mutex_init(&r->lock, NULL);
	r->first = NULL;
}

void
vs_rotations_fini(struct vs_rotations *r)
{
	while (r->first != NULL) {
		struct vs_rotation *next = r->first->next;

		free(r->first);
		r->first = next;
	}
	(void)pthread_mutex_destroy(&r->lock);
}

/* With the lock. */
static struct vs_rotation *
find(struct vs_rotations *r, struct vs_span ns)
{
	for (struct vs_rotation *it = r->first; it != NULL; it = it->next)
		if (vs_span_is(ns, it->ns))
			return it;
	return NULL;
}

bool
vs_rotations_get(
    struct vs_rotations *r, struct vs_span ns, struct vs_rotation *out)
{
	const struct vs_rotation *it;

	(void)pthread_mutex_lock(&r->lock);
	it = find(r, ns);
	if (it != NULL)
		*out = *it;
	(void)pthread_mutex_unlock(&r->lock);
	return it != NULL;
}

/* Begins anew in the place of what was known of the namespace. */
static vs_status
put(struct vs_rotations *r, struct vs_span ns, const struct vs_rotation *now,
    struct vs_err *err)
{
	struct vs_rotation *it;
	vs_status st = VS_OK;

	(void)pthread_mutex_lock(&r->lock);
	it = find(r, ns);
	if (it == NULL) {
		it = vs_calloc(1, sizeof *it);
		if (it == NULL) {
			st = vs_fail(err, VS_NO_MEMORY, "rotation");
		} else {
			it->next = r->first;
			r->first = it;
		}
	}
	if (it != NULL) {
		struct vs_rotation *next = it->next;

		*it = *now;
		it->next = next;
		if (ns.n > 0)
			memcpy(it->ns, ns.p, ns.n);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return st;
}

/* ---- one pass ---------------------------------------------------------- */

struct pass {
	struct vs_broker *b;
	struct vs_span ns;
	const _Atomic bool *stop;
	struct vs_arena keep; /* of the whole pass */
	struct vs_arena page; /* of one batch */
	struct vs_kek_row to;
	struct vs_rotation now;
	char after[VS_KEY_NAME_MAX + 1];
	uint32_t after_version;
};

static void
tell(struct pass *p)
{
	struct vs_err ignored = {0};

	/* The entry is there, so nothing is allocated. */
	(void)put(&p->b->rotations, p->ns, &p->now, &ignored);
}

/* Rows from..to of one old KEK go through one keeper call. */
static vs_status
rewrap_group(
    struct pass *p, struct vs_rewrap_row *rows, size_t n, struct vs_err *err)
{
	struct vs_rewrap_item *items =
	    vs_arena_calloc(&p->page, n, sizeof *items);
	uint8_t(*deks)[VS_KEY_RECORD_SIZE] =
	    vs_arena_calloc(&p->page, n, sizeof *deks);
	bool *ok = vs_arena_calloc(&p->page, n, sizeof *ok);
	const struct vs_rewrap req = {.from = rows[0].kek,
	    .from_version = rows[0].kek_version,
	    .to = p->to.record,
	    .to_version = p->to.version,
	    .items = items,
	    .n = n};

	if (items == NULL || deks == NULL || ok == NULL)
		return vs_fail(err, VS_NO_MEMORY, "rewrap");
	for (size_t i = 0; i < n; i++)
		items[i] = (struct vs_rewrap_item){.name = rows[i].name,
		    .version = rows[i].version,
		    .dataset = rows[i].kind == VS_KIND_DATASET,
		    .dek = rows[i].dek};
	VS_TRY(err, "rewrap",
	    vs_keeper_rewrap(p->b->opt.keeper, p->b->opt.batch_channel, &req,
		deks, ok, err));
	for (size_t i = 0; i < n; i++) {
		if (ok[i])
			rows[i].moved = VS_SPAN_OF(deks[i]);
		else
			p->now.unreadable++;
	}
	return VS_OK;
}

/* A record of a wrong size would fail the call for all: it is one that does
 * not open, and known without asking. */
static size_t
group_of(struct pass *p, const struct vs_rewrap_row *rows, size_t n)
{
	size_t i = 0;

	while (i < n && rows[i].dek.n == VS_KEY_RECORD_SIZE &&
	    rows[i].kek.n == VS_KEY_RECORD_SIZE &&
	    rows[i].kek_version == rows[0].kek_version)
		i++;
	if (i == 0)
		p->now.unreadable++;
	return i;
}

static vs_status
rewrap_page(
    struct pass *p, struct vs_rewrap_row *rows, size_t n, struct vs_err *err)
{
	size_t i = 0;

	while (i < n) {
		size_t group = group_of(p, rows + i, n - i);

		if (group > 0)
			VS_TRY(err, "batch",
			    rewrap_group(p, rows + i, group, err));
		i += group > 0 ? group : 1;
	}
	VS_TRY(err, "batch",
	    vs_store_rewrap_apply(
		p->b->opt.store, p->ns, p->to.version, rows, n, err));
	p->now.done += n;
	p->after_version = rows[n - 1].version;
	(void)snprintf(
	    p->after, sizeof p->after, "%.*s", VS_SPAN_ARG(rows[n - 1].name));
	return VS_OK;
}

static vs_status
move_all(struct pass *p, struct vs_err *err)
{
	while (!*p->stop) {
		struct vs_rewrap_page page = {.ns = p->ns,
		    .to_version = p->to.version,
		    .after_name = vs_span_cstr(p->after),
		    .after_version = p->after_version,
		    .limit = BATCH,
		    .bytes_max = BATCH_BYTES};
		struct vs_rewrap_row *rows = NULL;
		size_t n = 0;

		vs_arena_reset(&p->page);
		VS_TRY(err, "batch",
		    vs_store_rewrap_next(
			p->b->opt.store, &page, &p->page, &rows, &n, err));
		if (n == 0)
			break;
		VS_TRY(err, "batch", rewrap_page(p, rows, n, err));
		tell(p);
	}
	return VS_OK;
}

static vs_status
retire(struct pass *p, uint32_t version, struct vs_err *err)
{
	struct vs_audit_row audit;
	char *detail =
	    vs_arena_printf(&p->keep, "{\"version\":%u,\"newest\":%u}",
		(unsigned)version, (unsigned)p->to.version);

	if (detail == NULL)
		return vs_fail(err, VS_NO_MEMORY, "retire");
	VS_TRY(err, "retire",
	    vs_admin_row(p->b, VS_SPAN_LIT("daemon"), "kek.retire", p->ns,
		vs_span_cstr(detail), &audit, err));
	return vs_store_kek_retire(
	    p->b->opt.store, p->ns, version, audit.at_ms, &audit, err);
}

static vs_status
retire_old(struct pass *p, struct vs_err *err)
{
	struct vs_kek_row *keks = NULL;
	size_t n = 0;

	VS_TRY(err, "retire",
	    vs_store_kek_list(p->b->opt.store, &p->keep, &keks, &n, err));
	for (size_t i = 0; i < n; i++) {
		vs_status st;

		if (!vs_span_equal(keks[i].ns, p->ns) ||
		    keks[i].retired_ms != 0 || keks[i].version >= p->to.version)
			continue;
		st = retire(p, keks[i].version, err);
		/* Its keys are the ones that do not open. */
		if (st == VS_CONFLICT && p->now.unreadable > 0)
			vs_err_clear(err);
		else if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

static vs_status
run(struct pass *p, struct vs_err *err)
{
	VS_TRY(err, "rewrap",
	    vs_store_kek(p->b->opt.store, p->ns, &p->keep, &p->to, err));
	p->now.version = p->to.version;
	VS_TRY(err, "rewrap",
	    vs_store_rewrap_left(
		p->b->opt.store, p->ns, p->to.version, &p->now.total, err));
	VS_TRY(err, "rewrap", put(&p->b->rotations, p->ns, &p->now, err));
	VS_TRY(err, "rewrap", move_all(p, err));
	return *p->stop ? VS_OK : retire_old(p, err);
}

vs_status
vs_rotation_pass(struct vs_broker *b, struct vs_span ns,
    const _Atomic bool *stop, struct vs_err *err)
{
	struct pass p = {.b = b,
	    .ns = ns,
	    .stop = stop,
	    .now = {.running = true, .started_ms = vs_clock_ms(&b->opt.clock)}};
	vs_status st;

	vs_arena_init(&p.keep, PASS_MEMORY_MAX);
	vs_arena_init(&p.page, PASS_MEMORY_MAX);
	st = run(&p, err);
	p.now.running = false;
	p.now.failed = st != VS_OK;
	p.now.ended_ms = vs_clock_ms(&b->opt.clock);
	if (st != VS_OK)
		(void)snprintf(p.now.error, sizeof p.now.error, "%s", err->msg);
	tell(&p);
	vs_arena_fini(&p.page);
	vs_arena_fini(&p.keep);
	return st;
}

/* ---- administration ----------------------------------------------------- */

vs_status
vs_broker_keks(struct vs_broker *b, struct vs_span ns, struct vs_arena *a,
    struct vs_kek_view **out, size_t *n, struct vs_err *err)
{
	struct vs_kek_row *keks = NULL;
	struct vs_kek_view *v;
	size_t all = 0;
	size_t found = 0;

	VS_TRY(
	    err, "keks", vs_store_kek_list(b->opt.store, a, &keks, &all, err));
	v = vs_arena_calloc(a, all > 0 ? all : 1, sizeof *v);
	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "keks");
	/* Ordered by namespace and version: the newest comes last. */
	for (size_t i = 0; i < all; i++) {
		bool last =
		    i + 1 == all || !vs_span_equal(keks[i].ns, keks[i + 1].ns);

		if (ns.n > 0 && !vs_span_equal(keks[i].ns, ns))
			continue;
		v[found].old += !last && keks[i].retired_ms == 0;
		if (!last)
			continue;
		v[found].ns = keks[i].ns;
		v[found].version = keks[i].version;
		v[found].created_ms = keks[i].created_ms;
		v[found].uses = keks[i].uses;
		v[found].has_pass =
		    vs_rotations_get(&b->rotations, keks[i].ns, &v[found].pass);
		found++;
	}
	if (ns.n > 0 && found == 0)
		return vs_fail(err, VS_NOT_FOUND, "there is no such namespace");
	*out = v;
	*n = found;
	return VS_OK;
}

static vs_status
add_kek(struct vs_broker *b, struct vs_span who, struct vs_span ns,
    uint32_t version, struct vs_err *err)
{
	uint8_t record[VS_KEY_RECORD_SIZE];
	struct vs_kek_row row = {
	    .ns = ns, .version = version, .record = VS_SPAN_OF(record)};
	struct vs_audit_row audit;
	char detail[64];

	VS_TRY(err, "kek",
	    vs_keeper_new_kek(
		b->opt.keeper, b->opt.batch_channel, ns, version, record, err));
	(void)snprintf(
	    detail, sizeof detail, "{\"version\":%u}", (unsigned)version);
	VS_TRY(err, "kek",
	    vs_admin_row(
		b, who, "kek.rotate", ns, vs_span_cstr(detail), &audit, err));
	row.created_ms = audit.at_ms;
	return vs_store_add_kek_audited(b->opt.store, &row, &audit, err);
}

static vs_status
rotate(struct vs_broker *b, struct vs_span who, struct vs_arena *a,
    struct vs_span ns, bool dry_run, uint32_t *version, struct vs_err *err)
{
	struct vs_rotation now = {0};
	struct vs_kek_view *v = NULL;
	size_t n = 0;
	vs_status st;

	VS_TRY(err, "rotate", vs_broker_keks(b, ns, a, &v, &n, err));
	if (v->has_pass && v->pass.running) {
		*version = v->version;
		return VS_OK;
	}
	*version = v->version + 1;
	if (dry_run)
		return VS_OK;
	(void)pthread_mutex_lock(&b->kek_lock);
	st = add_kek(b, who, ns, *version, err);
	(void)pthread_mutex_unlock(&b->kek_lock);
	if (st != VS_OK)
		return vs_ctx(err, "rotate", st);
	now = (struct vs_rotation){.version = *version,
	    .running = true,
	    .started_ms = vs_clock_ms(&b->opt.clock)};
	VS_TRY(err, "rotate", put(&b->rotations, ns, &now, err));
	vs_upkeep_kick(&b->upkeep);
	return VS_OK;
}

vs_status
vs_broker_kek_rotate(struct vs_broker *b, struct vs_span who, struct vs_span ns,
    bool dry_run, uint32_t *version, struct vs_err *err)
{
	struct vs_arena a;
	vs_status st;

	if (ns.n == 0 || ns.n > VS_KEY_NAMESPACE_MAX)
		return vs_fail(err, VS_MALFORMED, "not a namespace");
	vs_arena_init(&a, PASS_MEMORY_MAX);
	st = rotate(b, who, &a, ns, dry_run, version, err);
	vs_arena_fini(&a);
	return st;
}
