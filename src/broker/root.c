/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/root.h"

#include <stdio.h>

#include "base/log.h"
#include "broker/admin.h"
#include "broker/upkeep.h"
#include "keeper/root.h"
#include "store/keks.h"

enum {
	ROOT_MEMORY_MAX = 16 * 1024 * 1024,
	/* For releases that have read a KEK as it was before: the longest
	 * that one may be on its way to the keeper, and more. */
	GRACE_S = 5,
};

static vs_status
act(struct vs_broker *b, vs_root_act what, struct vs_broker_root *out,
    struct vs_err *err)
{
	struct vs_root_state now = {0};

	VS_TRY(err, "root",
	    vs_keeper_root(
		b->opt.keeper, b->opt.batch_channel, what, &now, err));
	*out = (struct vs_broker_root){now.generation, now.old};
	return VS_OK;
}

vs_status
vs_broker_root(
    struct vs_broker *b, struct vs_broker_root *out, struct vs_err *err)
{
	return act(b, VS_ROOT_LOOK, out, err);
}

/* The ring is in the seal before its record is in the trail: a crash between
 * both leaves the record of the end, never one of what did not happen. */
static vs_status
record(struct vs_broker *b, struct vs_span who, const char *action,
    uint32_t generation, struct vs_err *err)
{
	struct vs_audit_row row;
	char detail[64];

	(void)snprintf(
	    detail, sizeof detail, "{\"generation\":%u}", (unsigned)generation);
	VS_TRY(err, "root",
	    vs_admin_row(b, who, action, VS_SPAN_LIT(""), vs_span_cstr(detail),
		&row, err));
	return vs_store_commit(b->opt.store, &row, NULL, 0, err);
}

vs_status
vs_broker_root_rotate(struct vs_broker *b, struct vs_span who, bool dry_run,
    struct vs_broker_root *out, struct vs_err *err)
{
	struct vs_broker_root now = {0};

	VS_TRY(err, "root", vs_broker_root(b, &now, err));
	if (now.old != 0)
		return vs_fail_code(err, VS_CONFLICT, "root.state",
		    "a rotation of the root is under way");
	if (!dry_run) {
		VS_TRY(err, "root", act(b, VS_ROOT_BEGIN, &now, err));
		VS_TRY(err, "root",
		    record(b, who, "root.rotate", now.generation, err));
		vs_upkeep_kick(&b->upkeep);
	}
	*out = now;
	return VS_OK;
}

/* *left counts those that were not under the newest root, and are now. */
static vs_status
move_keks(
    struct vs_broker *b, struct vs_arena *a, size_t *left, struct vs_err *err)
{
	struct vs_kek_row *keks = NULL;
	size_t n = 0;

	VS_TRY(err, "keks", vs_store_kek_list(b->opt.store, a, &keks, &n, err));
	for (size_t i = 0; i < n && !b->upkeep.stop; i++) {
		uint8_t record[VS_KEY_RECORD_SIZE];
		bool moved = false;

		if (keks[i].retired_ms != 0)
			continue;
		if (keks[i].record.n != VS_KEY_RECORD_SIZE)
			return vs_fail_code(err, VS_UNTRUSTED, "keeper.record",
			    "the record of a KEK has a wrong size");
		VS_TRY(err, "kek",
		    vs_keeper_rewrap_kek(b->opt.keeper, b->opt.batch_channel,
			keks[i].ns, keks[i].record.p, keks[i].version, record,
			&moved, err));
		if (!moved)
			continue;
		*left += 1;
		VS_TRY(err, "kek",
		    vs_store_kek_record(
			b->opt.store, &keks[i], VS_SPAN_OF(record), err));
	}
	return VS_OK;
}

/* With no KEK on its way from the keeper to the store: what is seen under
 * the newest root is all there is. */
static vs_status
finish(struct vs_broker *b, struct vs_arena *a, struct vs_err *err)
{
	struct vs_broker_root now = {0};
	size_t left = 0;
	uint32_t old;

	VS_TRY(err, "root", move_keks(b, a, &left, err));
	if (left > 0 || b->upkeep.stop)
		return VS_OK; /* the next round looks again */
	VS_TRY(err, "root", vs_broker_root(b, &now, err));
	old = now.old;
	VS_TRY(err, "root", act(b, VS_ROOT_FINISH, &now, err));
	VS_TRY(err, "root",
	    record(b, VS_SPAN_LIT("daemon"), "root.retire", old, err));
	vs_log(VS_LOG_INFO, "event=root-rotated generation=%u",
	    (unsigned)now.generation);
	return VS_OK;
}

static vs_status
step(struct vs_broker *b, struct vs_arena *a, struct vs_err *err)
{
	struct vs_broker_root now = {0};
	size_t left = 0;
	vs_status st;

	VS_TRY(err, "root", vs_broker_root(b, &now, err));
	if (now.old == 0)
		return VS_OK;
	VS_TRY(err, "root", move_keks(b, a, &left, err));
	if (left > 0)
		b->root_moved_ns = vs_mono_ns();
	if (b->root_moved_ns != 0 &&
	    vs_mono_ns() - b->root_moved_ns < GRACE_S * (int64_t)1000000000)
		return VS_OK; /* a later round finishes */
	(void)pthread_mutex_lock(&b->kek_lock);
	st = finish(b, a, err);
	(void)pthread_mutex_unlock(&b->kek_lock);
	return st;
}

void
vs_root_step(struct vs_broker *b)
{
	struct vs_err err = {0};
	struct vs_arena a;

	vs_arena_init(&a, ROOT_MEMORY_MAX);
	if (step(b, &a, &err) != VS_OK)
		vs_log(VS_LOG_ERROR, "event=root-not-rotated error=\"%s\"",
		    err.msg);
	vs_arena_fini(&a);
}
