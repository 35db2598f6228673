/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/admin.h"

#include <string.h>

#include "base/random.h"

/* The keeper channel of administration: rare, and guarded by its mutex. */
enum { CHANNEL = 0 };

static vs_status
make_kek(struct vs_broker *b, struct vs_span ns, struct vs_err *err)
{
	uint8_t record[VS_KEY_RECORD_SIZE];
	struct vs_kek_row row = {.ns = ns,
	    .version = 1,
	    .record = VS_SPAN_OF(record),
	    .created_ms = vs_clock_ms(&b->opt.clock)};
	vs_status st;

	VS_TRY(err, "kek",
	    vs_keeper_new_kek(b->opt.keeper, CHANNEL, ns, 1, record, err));
	st = vs_store_add_kek(b->opt.store, &row, err);
	if (st != VS_CONFLICT)
		return st;
	/* Somebody else was first: theirs is the one. */
	vs_err_clear(err);
	return VS_OK;
}

vs_status
vs_admin_kek(struct vs_broker *b, struct vs_span ns, struct vs_arena *a,
    struct vs_kek_row *out, struct vs_err *err)
{
	vs_status st = vs_store_kek(b->opt.store, ns, a, out, err);

	if (st != VS_NOT_FOUND)
		return st;
	vs_err_clear(err);
	(void)pthread_mutex_lock(&b->kek_lock);
	st = make_kek(b, ns, err);
	(void)pthread_mutex_unlock(&b->kek_lock);
	if (st != VS_OK)
		return vs_ctx(err, "namespace", st);
	return vs_store_kek(b->opt.store, ns, a, out, err);
}

vs_status
vs_admin_generate(struct vs_broker *b, const struct vs_kek_row *kek,
    struct vs_arena *a, struct vs_key_row *row, struct vs_err *err)
{
	struct vs_key_place place = {.kek = kek->record,
	    .kek_version = kek->version,
	    .name = row->name,
	    .version = row->version,
	    .dataset = row->kind == VS_KIND_DATASET};
	uint8_t dek[VS_KEY_RECORD_SIZE];
	struct vs_buf payload = {0};
	vs_status st = vs_keeper_new_key(
	    b->opt.keeper, CHANNEL, &place, row->size, dek, &payload, err);

	if (st == VS_OK)
		st = vs_buf_status(&payload);
	if (st == VS_OK)
		st = vs_arena_dup(a, VS_SPAN_OF(dek), &row->dek);
	if (st == VS_OK)
		st = vs_arena_dup(a, vs_buf_span(&payload), &row->payload);
	vs_buf_fini(&payload);
	VS_TRY(err, "new key", st);
	row->kek_version = kek->version;
	row->state = VS_KEY_ACTIVE;
	row->created_ms = vs_clock_ms(&b->opt.clock);
	return VS_OK;
}

bool
vs_admin_kek_moved(vs_status st, struct vs_err *err)
{
	if (st != VS_CONFLICT || err->code == NULL ||
	    strcmp(err->code, "kek.rotated") != 0)
		return false;
	vs_err_clear(err);
	return true;
}

vs_status
vs_admin_row(struct vs_broker *b, struct vs_span who, const char *action,
    struct vs_span keys, struct vs_span detail, struct vs_audit_row *out,
    struct vs_err *err)
{
	*out = (struct vs_audit_row){.at_ms = vs_clock_ms(&b->opt.clock),
	    .action = vs_span_cstr(action),
	    .outcome = VS_SPAN_LIT("done"),
	    .class_name = VS_SPAN_LIT("ok"),
	    .peer = who,
	    .keys = keys,
	    .detail = detail};
	VS_TRY(err, "audit id", vs_uuid7(out->at_ms, out->id));
	return VS_OK;
}
