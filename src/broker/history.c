/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "broker/admin.h"

/* A text, its signatures, and rows of the history without texts. */
enum { ARENA_MAX = 8 * 1024 * 1024 };

void
vs_incoming_fini(struct vs_incoming *in)
{
	vs_policy_free(&in->policy);
	vs_buf_fini(&in->signatures);
}

struct settle {
	struct vs_store *store;
	struct vs_arena arena;
	struct vs_policy_row *pins;
	size_t pins_n;
};

/* The version that an operator went back to, or 0. */
static int64_t
pinned(const struct settle *s, const char *name)
{
	for (size_t i = 0; i < s->pins_n; i++) {
		if (vs_span_is(s->pins[i].name, name))
			return s->pins[i].version;
	}
	return 0;
}

static vs_status
replace(struct settle *s, struct vs_incoming *in, int64_t version,
    struct vs_err *err)
{
	const char *name = vs_policy_name(in->policy);
	struct vs_incoming old = {.policy = NULL};
	struct vs_policy_row row;

	VS_TRY(err, "rollback",
	    vs_store_policy_version(
		s->store, vs_span_cstr(name), version, &s->arena, &row, err));
	VS_TRY(err, "rollback",
	    vs_policy_load(
		vs_policy_file(in->policy), row.text, NULL, &old.policy, err));
	memcpy(old.hash, row.hash, sizeof old.hash);
	vs_buf_add(&old.signatures, row.signatures);
	if (vs_buf_status(&old.signatures) != VS_OK) {
		vs_incoming_fini(&old);
		return vs_fail(err, VS_NO_MEMORY, "rollback");
	}
	vs_incoming_fini(in);
	*in = old;
	return VS_OK;
}

static vs_status
older(const struct vs_incoming *in, const struct vs_policy_row *newest,
    struct vs_err *err)
{
	return vs_fail_code(err, VS_CONFLICT, "policy.version",
	    "%s: version %lld of policy \"%s\" is older than version %lld, "
	    "which was loaded; to go back: vouchsafe policy rollback %s",
	    vs_policy_file(in->policy),
	    (long long)vs_policy_version(in->policy),
	    vs_policy_name(in->policy), (long long)newest->version,
	    vs_policy_name(in->policy));
}

static vs_status
changed(const struct vs_incoming *in, struct vs_err *err)
{
	long long v = (long long)vs_policy_version(in->policy);

	return vs_fail_code(err, VS_CONFLICT, "policy.version",
	    "%s: version %lld of policy \"%s\" was loaded with another "
	    "content: write version: %lld",
	    vs_policy_file(in->policy), v, vs_policy_name(in->policy), v + 1);
}

/* The file of the very version that was gone back to is fine as well. */
static vs_status
check_pinned(struct settle *s, const struct vs_incoming *in, int64_t pin,
    const struct vs_policy_row *newest, struct vs_err *err)
{
	struct vs_policy_row row;

	if (vs_policy_version(in->policy) != pin)
		return older(in, newest, err);
	VS_TRY(err, "rollback",
	    vs_store_policy_version(s->store,
		vs_span_cstr(vs_policy_name(in->policy)), pin, &s->arena, &row,
		err));
	return memcmp(row.hash, in->hash, sizeof row.hash) == 0
	    ? VS_OK
	    : changed(in, err);
}

static vs_status
settle_one(struct settle *s, struct vs_incoming *in, struct vs_err *err)
{
	const char *name = vs_policy_name(in->policy);
	int64_t version = vs_policy_version(in->policy), pin;
	struct vs_policy_row newest;
	vs_status st = vs_store_policy_newest(
	    s->store, vs_span_cstr(name), &s->arena, &newest, err);

	if (st == VS_NOT_FOUND) {
		vs_err_clear(err);
		return VS_OK;
	}
	if (st != VS_OK)
		return st;
	pin = pinned(s, name);
	if (version > newest.version)
		return VS_OK;
	if (version < newest.version)
		return pin != 0 ? check_pinned(s, in, pin, &newest, err)
				: older(in, &newest, err);
	if (memcmp(newest.hash, in->hash, sizeof newest.hash) != 0)
		return changed(in, err);
	return pin != 0 ? replace(s, in, pin, err) : VS_OK;
}

vs_status
vs_history_settle(struct vs_store *store, struct vs_incoming *in, size_t n,
    struct vs_err *err)
{
	struct settle s = {.store = store};
	vs_status st;

	vs_arena_init(&s.arena, ARENA_MAX);
	st = vs_store_policy_pins(store, &s.arena, &s.pins, &s.pins_n, err);
	for (size_t i = 0; st == VS_OK && i < n; i++)
		st = settle_one(&s, &in[i], err);
	vs_arena_fini(&s.arena);
	return st;
}

static void
put_detail(const struct vs_incoming *in, size_t n, const uint8_t digest[32],
    struct vs_buf *out)
{
	char hex[2 * VS_POLICY_HASH_SIZE + 1];

	vs_hex(VS_SPAN(digest, VS_POLICY_HASH_SIZE), hex);
	vs_buf_printf(out, "{\"digest\":\"%s\",\"policies\":[", hex);
	for (size_t i = 0; i < n; i++) {
		vs_hex(VS_SPAN_OF(in[i].hash), hex);
		vs_buf_puts(out, i > 0 ? ",{\"name\":" : "{\"name\":");
		vs_json_quote(vs_span_cstr(vs_policy_name(in[i].policy)), out);
		vs_buf_printf(out, ",\"version\":%lld,\"sha256\":\"%s\"}",
		    (long long)vs_policy_version(in[i].policy), hex);
	}
	vs_buf_puts(out, "]}");
}

/* In force now, or at a start the last that was: nothing to write. */
static bool
is_known(struct vs_broker *b, const uint8_t digest[32])
{
	struct vs_arena a;
	struct vs_span hashes;
	struct vs_err ignored = {0};
	char hex[2 * VS_POLICY_HASH_SIZE + 1];
	uint8_t last[VS_POLICY_HASH_SIZE];
	VS_AUTO(vs_snapshot) *s = vs_broker_snapshot(b);
	vs_status st;

	vs_hex(VS_SPAN(digest, VS_POLICY_HASH_SIZE), hex);
	if (s != NULL && strcmp(s->policies_hex, hex) != 0)
		return false;
	if (s == NULL &&
	    (vs_store_policy_set_last(b->opt.store, last, &ignored) != VS_OK ||
		memcmp(last, digest, sizeof last) != 0))
		return false;
	vs_arena_init(&a, ARENA_MAX);
	st = vs_store_policy_set(b->opt.store, digest, &a, &hashes, &ignored);
	vs_arena_fini(&a);
	return st == VS_OK;
}

static vs_status
write_load(struct vs_broker *b, const struct vs_policy_load_row *load,
    struct vs_span detail, struct vs_err *err)
{
	struct vs_audit_row audit;

	VS_TRY(err, "history",
	    vs_admin_row(b, VS_SPAN_LIT("daemon"), "policy.load",
		VS_SPAN_LIT(""), detail, &audit, err));
	return vs_store_policies_loaded(b->opt.store, load, &audit, err);
}

vs_status
vs_history_record(struct vs_broker *b, const struct vs_incoming *in, size_t n,
    const uint8_t digest[32], int64_t now_ms, struct vs_err *err)
{
	struct vs_policy_load_row load = {.n = n, .at_ms = now_ms};
	struct vs_policy_row *rows;
	struct vs_buf detail = {0};
	vs_status st;

	if (is_known(b, digest))
		return VS_OK;
	rows = vs_calloc(n > 0 ? n : 1, sizeof *rows);
	if (rows == NULL)
		return vs_fail(err, VS_NO_MEMORY, "history");
	for (size_t i = 0; i < n; i++) {
		const struct vs_policy *p = in[i].policy;

		rows[i] = (struct vs_policy_row){
		    .name = vs_span_cstr(vs_policy_name(p)),
		    .version = vs_policy_version(p),
		    .file = vs_span_cstr(vs_policy_file(p)),
		    .text = vs_policy_text(p),
		    .signatures = vs_buf_span(&in[i].signatures)};
		memcpy(rows[i].hash, in[i].hash, sizeof rows[i].hash);
	}
	load.rows = rows;
	memcpy(load.digest, digest, sizeof load.digest);
	put_detail(in, n, digest, &detail);
	st = vs_buf_status(&detail);
	if (st == VS_OK)
		st = write_load(b, &load, vs_buf_span(&detail), err);
	else
		(void)vs_fail(err, st, "history");
	vs_buf_fini(&detail);
	free(rows);
	return st;
}
