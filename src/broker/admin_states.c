/* SPDX-License-Identifier: Apache-2.0 */
/* Administration of keys: changes of state, and the end of waiting periods. */
#include "broker/admin.h"

#include "base/log.h"

enum {
	STATE_MEMORY_MAX = 16 * 1024 * 1024,
	/* Destroyed in one round of the upkeep. */
	DUE_MAX = 1000,
};

static const char *
state_action(vs_key_state state)
{
	switch (state) {
	case VS_KEY_ACTIVE:
		return "key.enable";
	case VS_KEY_DISABLED:
		return "key.disable";
	case VS_KEY_DESTROYED:
		return "key.destroy";
	case VS_KEY_DECRYPT_ONLY:
		return "key.retire";
	case VS_KEY_SCHEDULED:
	case VS_KEY_NONE:
		break;
	}
	return NULL;
}

/* What the store would say. */
static vs_status
try_state(struct vs_broker *b, const struct vs_key_row *change,
    struct vs_arena *a, struct vs_err *err)
{
	struct vs_key_row *rows = NULL;
	size_t n = 0;
	bool found = false;
	bool live = false;
	bool settable = false;

	VS_TRY(err, "state",
	    vs_store_key_versions(
		b->opt.store, change->name, a, &rows, &n, err));
	for (size_t i = 0; i < n; i++) {
		if (change->version != 0 && rows[i].version != change->version)
			continue;
		found = true;
		live = live || rows[i].state != VS_KEY_DESTROYED;
		settable = settable ||
		    (rows[i].state != VS_KEY_DESTROYED &&
			rows[i].state != VS_KEY_SCHEDULED);
	}
	if (!found)
		return vs_fail(err, VS_NOT_FOUND, "there is no such version");
	if (!live && change->state != VS_KEY_DESTROYED)
		return vs_fail_code(
		    err, VS_CONFLICT, "key.destroyed", "the key was destroyed");
	if (!settable && change->state != VS_KEY_DESTROYED &&
	    change->state != VS_KEY_SCHEDULED)
		return vs_fail_code(err, VS_CONFLICT, "key.scheduled",
		    "the key is scheduled for destruction: cancel that first");
	return VS_OK;
}

/* "name", or "name@3", in the arena. */
static vs_status
row_of(struct vs_broker *b, struct vs_span who, struct vs_arena *a,
    const struct vs_key_row *change, const char *action, struct vs_span detail,
    struct vs_audit_row *out, struct vs_err *err)
{
	char *keys = change->version == 0
	    ? vs_arena_cstr(a, change->name)
	    : vs_arena_printf(a, "%.*s@%u", VS_SPAN_ARG(change->name),
		  (unsigned)change->version);

	if (keys == NULL)
		return vs_fail(err, VS_NO_MEMORY, "state");
	return vs_admin_row(
	    b, who, action, vs_span_cstr(keys), detail, out, err);
}

static vs_status
set_state(struct vs_broker *b, struct vs_span who, struct vs_arena *a,
    const struct vs_key_row *change, struct vs_err *err)
{
	struct vs_audit_row audit;

	VS_TRY(err, "state",
	    row_of(b, who, a, change, state_action(change->state),
		VS_SPAN_LIT("{}"), &audit, err));
	return vs_store_key_state_audited(b->opt.store, change->name,
	    change->version, change->state, audit.at_ms, &audit, err);
}

vs_status
vs_broker_key_state(struct vs_broker *b, struct vs_span who,
    struct vs_span name, uint32_t version, vs_key_state state, bool dry_run,
    struct vs_err *err)
{
	struct vs_key_row change = {
	    .name = name, .version = version, .state = state};
	struct vs_arena a;
	vs_status st = vs_key_name_check(name, err);

	if (st != VS_OK)
		return st;
	if (state_action(state) == NULL)
		return vs_fail(err, VS_USAGE, "not a state to set");
	vs_arena_init(&a, STATE_MEMORY_MAX);
	st = dry_run ? try_state(b, &change, &a, err)
		     : set_state(b, who, &a, &change, err);
	vs_arena_fini(&a);
	return st;
}

static vs_status
schedule(struct vs_broker *b, struct vs_span who, struct vs_arena *a,
    const struct vs_key_row *change, struct vs_err *err)
{
	char at[VS_TIME_TEXT_MAX];
	struct vs_audit_row audit;
	char *detail;

	vs_time_format_ms(change->destroyed_ms, at);
	detail = vs_arena_printf(a, "{\"destroy_at\":\"%s\"}", at);
	if (detail == NULL)
		return vs_fail(err, VS_NO_MEMORY, "schedule");
	VS_TRY(err, "schedule",
	    row_of(b, who, a, change, "key.schedule", vs_span_cstr(detail),
		&audit, err));
	return vs_store_key_schedule(b->opt.store, change->name,
	    change->version, change->destroyed_ms, &audit, err);
}

vs_status
vs_broker_key_schedule(struct vs_broker *b, struct vs_span who,
    struct vs_span name, uint32_t version, int64_t wait_s, bool dry_run,
    int64_t *due_ms, struct vs_err *err)
{
	struct vs_key_row change = {
	    .name = name, .version = version, .state = VS_KEY_SCHEDULED};
	struct vs_arena a;
	vs_status st = vs_key_name_check(name, err);

	if (st != VS_OK)
		return st;
	if (wait_s < 1 || wait_s > VS_DESTROY_WAIT_MAX_S)
		return vs_fail_code(err, VS_MALFORMED, "key.wait",
		    "the waiting period must be 1 to %d seconds",
		    VS_DESTROY_WAIT_MAX_S);
	change.destroyed_ms = vs_clock_ms(&b->opt.clock) + wait_s * 1000;
	vs_arena_init(&a, STATE_MEMORY_MAX);
	st = dry_run ? try_state(b, &change, &a, err)
		     : schedule(b, who, &a, &change, err);
	vs_arena_fini(&a);
	if (st == VS_OK)
		*due_ms = change.destroyed_ms;
	return st;
}

static vs_status
cancel(struct vs_broker *b, struct vs_span who, struct vs_arena *a,
    const struct vs_key_row *change, struct vs_err *err)
{
	struct vs_audit_row audit;

	VS_TRY(err, "cancel",
	    row_of(b, who, a, change, "key.cancel", VS_SPAN_LIT("{}"), &audit,
		err));
	return vs_store_key_cancel(
	    b->opt.store, change->name, change->version, &audit, err);
}

static vs_status
try_cancel(struct vs_broker *b, const struct vs_key_row *change,
    struct vs_arena *a, struct vs_err *err)
{
	struct vs_key_row *rows = NULL;
	size_t n = 0;

	VS_TRY(err, "cancel",
	    vs_store_key_versions(
		b->opt.store, change->name, a, &rows, &n, err));
	for (size_t i = 0; i < n; i++)
		if ((change->version == 0 ||
			rows[i].version == change->version) &&
		    rows[i].state == VS_KEY_SCHEDULED)
			return VS_OK;
	return vs_fail_code(err, VS_CONFLICT, "key.not_scheduled",
	    "the key is not scheduled for destruction");
}

vs_status
vs_broker_key_cancel(struct vs_broker *b, struct vs_span who,
    struct vs_span name, uint32_t version, bool dry_run, struct vs_err *err)
{
	const struct vs_key_row change = {.name = name, .version = version};
	struct vs_arena a;
	vs_status st = vs_key_name_check(name, err);

	if (st != VS_OK)
		return st;
	vs_arena_init(&a, STATE_MEMORY_MAX);
	st = dry_run ? try_cancel(b, &change, &a, err)
		     : cancel(b, who, &a, &change, err);
	vs_arena_fini(&a);
	return st;
}

/* ---- epochs -------------------------------------------------------------- */

static vs_status
close_epochs(struct vs_broker *b, struct vs_span who, struct vs_arena *a,
    const struct vs_key_row *change, struct vs_err *err)
{
	struct vs_audit_row audit;
	char *detail = vs_arena_printf(
	    a, "{\"epoch\":%lld}", (long long)change->epoch_floor - 1);

	if (detail == NULL)
		return vs_fail(err, VS_NO_MEMORY, "close");
	VS_TRY(err, "close",
	    row_of(b, who, a, change, "key.close", vs_span_cstr(detail), &audit,
		err));
	return vs_store_key_close(
	    b->opt.store, change->name, change->epoch_floor, &audit, err);
}

static vs_status
try_close(struct vs_broker *b, const struct vs_key_row *change,
    struct vs_arena *a, struct vs_err *err)
{
	struct vs_key_row *rows = NULL;
	size_t n = 0;

	VS_TRY(err, "close",
	    vs_store_key_versions(
		b->opt.store, change->name, a, &rows, &n, err));
	if (rows[0].kind != VS_KIND_DATASET)
		return vs_fail_code(
		    err, VS_CONFLICT, "key.kind", "the key is no dataset");
	return VS_OK;
}

vs_status
vs_broker_key_close(struct vs_broker *b, struct vs_span who,
    struct vs_span name, uint32_t epoch, bool dry_run, struct vs_err *err)
{
	const struct vs_key_row change = {
	    .name = name, .epoch_floor = (int64_t)epoch + 1};
	struct vs_arena a;
	vs_status st = vs_key_name_check(name, err);

	if (st != VS_OK)
		return st;
	vs_arena_init(&a, STATE_MEMORY_MAX);
	st = dry_run ? try_close(b, &change, &a, err)
		     : close_epochs(b, who, &a, &change, err);
	vs_arena_fini(&a);
	return st;
}

/* ---- the end of waiting periods ------------------------------------------ */

static void
destroy_one(
    struct vs_broker *b, struct vs_arena *a, const struct vs_key_row *key)
{
	struct vs_audit_row audit;
	struct vs_err err = {0};
	char name[VS_LOG_TEXT_MAX];
	vs_status st = row_of(b, VS_SPAN_LIT("daemon"), a, key, "key.destroy",
	    VS_SPAN_LIT("{\"scheduled\":true}"), &audit, &err);

	if (st == VS_OK)
		st = vs_store_key_destroy_due(
		    b->opt.store, key, audit.at_ms, &audit, &err);
	(void)vs_log_text(key->name, name);
	if (st == VS_OK)
		vs_log(VS_LOG_INFO, "event=key-destroyed key=\"%s\" version=%u",
		    name, (unsigned)key->version);
	else if (st != VS_CONFLICT) /* cancelled at the last moment */
		vs_log(VS_LOG_ERROR,
		    "event=key-not-destroyed key=\"%s\" version=%u "
		    "error=\"%s\"",
		    name, (unsigned)key->version, err.msg);
}

void
vs_admin_destroy_due(struct vs_broker *b)
{
	struct vs_key_row *rows = NULL;
	struct vs_err ignored = {0};
	struct vs_arena a;
	size_t n = 0;

	vs_arena_init(&a, STATE_MEMORY_MAX);
	/* A store that cannot be read now is asked again in the next round. */
	if (vs_store_keys_due(b->opt.store, vs_clock_ms(&b->opt.clock), DUE_MAX,
		&a, &rows, &n, &ignored) == VS_OK)
		for (size_t i = 0; i < n; i++)
			destroy_one(b, &a, &rows[i]);
	vs_arena_fini(&a);
}
