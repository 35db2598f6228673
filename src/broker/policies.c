/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/policies.h"

#include <stdio.h>
#include <string.h>

#include "broker/admin.h"

enum { ARENA_MAX = 4 * 1024 * 1024 };

vs_status
vs_broker_policy_versions(struct vs_broker *b, struct vs_span name,
    struct vs_arena *a, struct vs_policy_row **rows, size_t *n,
    struct vs_err *err)
{
	return vs_store_policy_list(b->opt.store, name, a, rows, n, err);
}

vs_status
vs_broker_policy_version(struct vs_broker *b, struct vs_span name,
    int64_t version, struct vs_arena *a, struct vs_policy_row *out,
    struct vs_err *err)
{
	return vs_store_policy_version(
	    b->opt.store, name, version, a, out, err);
}

vs_status
vs_broker_audit_scan(struct vs_broker *b, const struct vs_audit_span *span,
    struct vs_arena *a, struct vs_audit_row **rows, size_t *n,
    struct vs_err *err)
{
	return vs_store_audit_scan(b->opt.store, span, a, rows, n, err);
}

vs_status
vs_broker_audit_count(struct vs_broker *b, const struct vs_audit_span *span,
    size_t *n, struct vs_err *err)
{
	return vs_store_audit_count(b->opt.store, span, n, err);
}

vs_status
vs_broker_policy_pinned(struct vs_broker *b, struct vs_span name,
    struct vs_arena *a, int64_t *version, struct vs_err *err)
{
	struct vs_policy_row *pins = NULL;
	size_t n = 0;

	VS_TRY(
	    err, "pins", vs_store_policy_pins(b->opt.store, a, &pins, &n, err));
	*version = 0;
	for (size_t i = 0; i < n; i++) {
		if (vs_span_equal(pins[i].name, name))
			*version = pins[i].version;
	}
	return VS_OK;
}

vs_status
vs_broker_policy_set(struct vs_broker *b,
    const uint8_t digest[VS_POLICY_HASH_SIZE], struct vs_arena *a,
    struct vs_policy_row **rows, size_t *n, struct vs_err *err)
{
	struct vs_policy_row *v;
	struct vs_span hashes;
	size_t count;

	VS_TRY(err, "set",
	    vs_store_policy_set(b->opt.store, digest, a, &hashes, err));
	count = hashes.n / VS_POLICY_HASH_SIZE;
	v = vs_arena_calloc(a, count, sizeof *v);
	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "set");
	for (size_t i = 0; i < count; i++)
		VS_TRY(err, "set",
		    vs_store_policy_hash(b->opt.store,
			hashes.p + i * VS_POLICY_HASH_SIZE, a, &v[i], err));
	*rows = v;
	*n = count;
	return VS_OK;
}

void
vs_broker_policy_counts(
    struct vs_broker *b, const char *name, struct vs_policy_counts *out)
{
	const struct vs_policy_counter *c;

	*out = (struct vs_policy_counts){0};
	pthread_mutex_lock(&b->snapshot_lock);
	for (c = b->counters.first; c != NULL; c = c->next) {
		if (strcmp(c->name, name) != 0)
			continue;
		out->allow = atomic_load(&c->allow);
		out->deny = atomic_load(&c->deny);
		out->shadow_allow = atomic_load(&c->shadow_allow);
		out->shadow_deny = atomic_load(&c->shadow_deny);
	}
	pthread_mutex_unlock(&b->snapshot_lock);
}

/* Of the policy in force, or 0. */
static int64_t
version_in_force(struct vs_broker *b, struct vs_span name)
{
	VS_AUTO(vs_snapshot) *s = vs_broker_snapshot(b);
	size_t n = s != NULL ? vs_policy_set_count(s->policies) : 0;

	for (size_t i = 0; i < n; i++) {
		const struct vs_policy *p = vs_policy_set_at(s->policies, i);

		if (vs_span_is(name, vs_policy_name(p)))
			return vs_policy_version(p);
	}
	return 0;
}

/* The version to go to, and the newest one; rows come newest first. */
static vs_status
choose(struct vs_broker *b, struct vs_span name, int64_t version,
    struct vs_arena *a, struct vs_rollback *r, int64_t *newest,
    struct vs_err *err)
{
	struct vs_policy_row *rows = NULL;
	size_t n = 0;

	r->from = version_in_force(b, name);
	if (r->from == 0)
		return vs_fail_code(err, VS_NOT_FOUND, "policy.unknown",
		    "no policy \"%.*s\" is in force", VS_SPAN_ARG(name));
	VS_TRY(err, "rollback",
	    vs_store_policy_list(b->opt.store, name, a, &rows, &n, err));
	r->to = 0;
	for (size_t i = 0; i < n && r->to == 0; i++) {
		if (version != 0 ? rows[i].version == version
				 : rows[i].version < r->from)
			r->to = rows[i].version;
	}
	if (r->to == 0 && version != 0)
		return vs_fail_code(err, VS_NOT_FOUND, "policy.unknown",
		    "version %lld was never loaded", (long long)version);
	if (r->to == 0)
		return vs_fail_code(err, VS_CONFLICT, "policy.first",
		    "there is no version before %lld", (long long)r->from);
	if (r->to == r->from)
		return vs_fail_code(err, VS_CONFLICT, "policy.same",
		    "version %lld is in force", (long long)r->from);
	*newest = rows[0].version;
	return VS_OK;
}

static vs_status
pin(struct vs_broker *b, struct vs_span who, struct vs_span name,
    const struct vs_rollback *r, int64_t pin_to, bool undo, struct vs_err *err)
{
	struct vs_audit_row audit;
	char detail[160];
	int n = snprintf(detail, sizeof detail,
	    "{\"policy\":\"%.*s\",\"from\":%lld,\"to\":%lld%s}",
	    (int)(name.n < 64 ? name.n : 64), (const char *)name.p,
	    (long long)(undo ? r->to : r->from),
	    (long long)(undo ? r->from : r->to),
	    undo ? ",\"undone\":true" : "");

	VS_ASSERT(n > 0 && (size_t)n < sizeof detail);
	VS_TRY(err, "rollback",
	    vs_admin_row(b, who, "policy.rollback", VS_SPAN_LIT(""),
		VS_SPAN(detail, (size_t)n), &audit, err));
	return vs_store_policy_pin(b->opt.store, name, pin_to, &audit, err);
}

/* It has to load today, too. */
static vs_status
check_text(struct vs_broker *b, struct vs_span name, int64_t version,
    struct vs_arena *a, struct vs_err *err)
{
	VS_AUTO(vs_policy) *p = NULL;
	struct vs_policy_row row;

	VS_TRY(err, "rollback",
	    vs_store_policy_version(b->opt.store, name, version, a, &row, err));
	return vs_policy_load("rollback", row.text, NULL, &p, err);
}

static vs_status
rollback(struct vs_broker *b, struct vs_span who, struct vs_span name,
    int64_t version, bool dry_run, struct vs_arena *a, struct vs_rollback *r,
    struct vs_err *err)
{
	int64_t newest = 0;

	VS_TRY(err, "rollback", choose(b, name, version, a, r, &newest, err));
	VS_TRY(err, "rollback",
	    vs_broker_policy_pinned(b, name, a, &r->before, err));
	VS_TRY(err, "rollback", check_text(b, name, r->to, a, err));
	if (dry_run)
		return VS_OK;
	return pin(b, who, name, r, r->to == newest ? 0 : r->to, false, err);
}

vs_status
vs_broker_rollback(struct vs_broker *b, struct vs_span who, struct vs_span name,
    int64_t version, bool dry_run, struct vs_rollback *out, struct vs_err *err)
{
	struct vs_rollback r = {0};
	struct vs_arena a;
	vs_status st;

	vs_arena_init(&a, ARENA_MAX);
	st = rollback(b, who, name, version, dry_run, &a, &r, err);
	vs_arena_fini(&a);
	if (st == VS_OK)
		*out = r;
	return st;
}

vs_status
vs_broker_rollback_undo(struct vs_broker *b, struct vs_span who,
    struct vs_span name, const struct vs_rollback *r, struct vs_err *err)
{
	return pin(b, who, name, r, r->before, true, err);
}
