/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/snapshot.h"

#include <stdlib.h>

#include "base/encoding.h"
#include "broker/broker_int.h"

/* Verified chains to remember: one for each signing key of the machines that
 * ask in turn, and a node of GPUs has nine, or thirteen with its switches. An
 * entry holds parsed certificates, about 20 KiB. */
enum { CACHE_ENTRIES = 2048 };

vs_status
vs_snapshot_new(struct vs_snapshot_parts *parts, struct vs_snapshot **out,
    struct vs_err *err)
{
	struct vs_snapshot *s;
	uint8_t digest[32];

	if (parts->policies == NULL || parts->collateral == NULL)
		return vs_fail(err, VS_USAGE, "snapshot: a part is missing");
	s = vs_calloc(1, sizeof *s);
	if (s == NULL)
		return vs_fail(err, VS_NO_MEMORY, "snapshot");
	s->cache = vs_evidence_cache_new(CACHE_ENTRIES);
	if (s->cache == NULL) {
		free(s);
		return vs_fail(err, VS_NO_MEMORY, "snapshot: cache");
	}
	atomic_init(&s->refs, 1);
	s->policies = parts->policies;
	s->collateral = parts->collateral;
	s->loaded_ms = parts->loaded_ms;
	vs_hex(VS_SPAN_OF(parts->policies_digest), s->policies_hex);
	vs_collateral_digest(s->collateral, digest);
	vs_hex(VS_SPAN_OF(digest), s->collateral_hex);
	parts->policies = NULL;
	parts->collateral = NULL;
	*out = s;
	return VS_OK;
}

struct vs_snapshot *
vs_snapshot_ref(struct vs_snapshot *s)
{
	atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

void
vs_snapshot_free(struct vs_snapshot **sp)
{
	struct vs_snapshot *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	if (atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
		return;
	vs_evidence_cache_free(&s->cache);
	free(s->counters);
	vs_policy_set_free(&s->policies);
	vs_collateral_free(&s->collateral);
	free(s);
}

struct vs_snapshot *
vs_broker_snapshot(struct vs_broker *b)
{
	struct vs_snapshot *s = NULL;

	pthread_mutex_lock(&b->snapshot_lock);
	if (b->snapshot != NULL)
		s = vs_snapshot_ref(b->snapshot);
	pthread_mutex_unlock(&b->snapshot_lock);
	return s;
}

vs_status
vs_broker_install(
    struct vs_broker *b, struct vs_snapshot_parts *parts, struct vs_err *err)
{
	struct vs_snapshot *fresh = NULL;
	struct vs_snapshot *old;
	vs_status st;

	VS_TRY(err, "install", vs_snapshot_new(parts, &fresh, err));
	pthread_mutex_lock(&b->snapshot_lock);
	old = fresh;
	st = vs_counters_of(
	    &b->counters, fresh->policies, &fresh->counters, err);
	if (st == VS_OK) {
		old = b->snapshot;
		b->snapshot = fresh;
	}
	pthread_mutex_unlock(&b->snapshot_lock);
	vs_snapshot_free(&old);
	if (st == VS_OK && parts->lists != NULL)
		vs_broker_set_lists(b, VS_TAKE(parts->lists));
	return st;
}

struct vs_lists *
vs_broker_lists(struct vs_broker *b)
{
	struct vs_lists *l;

	pthread_mutex_lock(&b->snapshot_lock);
	l = vs_lists_ref(b->lists);
	pthread_mutex_unlock(&b->snapshot_lock);
	return l;
}

void
vs_broker_set_lists(struct vs_broker *b, struct vs_lists *fresh)
{
	struct vs_lists *old;

	pthread_mutex_lock(&b->snapshot_lock);
	old = b->lists;
	b->lists = fresh;
	pthread_mutex_unlock(&b->snapshot_lock);
	vs_lists_free(&old);
}
