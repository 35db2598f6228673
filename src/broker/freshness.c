/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/freshness.h"

#include <stdio.h>

#include "broker/admin.h"
#include "broker/broker_int.h"
#include "store/generation.h"

#define ACCEPT "if you put it back, start once with --accept-old-store"

static vs_status
old(struct vs_err *err, const char *what)
{
	return vs_fail_code(err, VS_CONFLICT, "store.old", "%s; " ACCEPT, what);
}

/* The first start with a counter. */
static vs_status
begin(struct vs_store *s, const struct vs_freshness *f, struct vs_err *err)
{
	uint64_t now = 0;

	VS_TRY(err, "counter", f->counter->define(f->counter->ctx, &now, err));
	return vs_store_generation_set(s, (int64_t)now, err);
}

/* The database first: a crash between the two leaves it one ahead, which no
 * old one ever is. */
static vs_status
count_on(struct vs_store *s, const struct vs_freshness *f, uint64_t now,
    struct vs_err *err)
{
	uint64_t next = 0;

	VS_TRY(err, "generation",
	    vs_store_generation_set(s, (int64_t)now + 1, err));
	VS_TRY(err, "counter", f->counter->bump(f->counter->ctx, &next, err));
	if (next != now + 1)
		return vs_fail_code(err, VS_CONFLICT, "store.counter",
		    "another broker counts with the same TPM");
	return VS_OK;
}

static vs_status
compare(struct vs_store *s, const struct vs_freshness *f, int64_t have,
    uint64_t now, struct vs_err *err)
{
	const bool same =
	    have > 0 && ((uint64_t)have == now || (uint64_t)have == now + 1);

	if (have == VS_GENERATION_COPY && !f->accept)
		return vs_fail_code(err, VS_CONFLICT, "store.old",
		    "this database is a backup, and what was served since it "
		    "was made is not in it; " ACCEPT);
	if (!same && !f->accept && !(f->created && have == 0))
		return vs_fail_code(err, VS_CONFLICT, "store.old",
		    "this database is not the one that was last served here: "
		    "it is of start %lld, the TPM has seen %llu; " ACCEPT,
		    (long long)have, (unsigned long long)now);
	return count_on(s, f, now, err);
}

vs_status
vs_freshness_check(struct vs_store *s, const struct vs_freshness *f,
    bool *known, struct vs_err *err)
{
	int64_t have = 0;
	uint64_t now = 0;
	vs_status st;

	*known = true;
	VS_TRY(err, "generation", vs_store_generation(s, &have, err));
	st = f->counter->read(f->counter->ctx, &now, err);
	if (st == VS_OK)
		return compare(s, f, have, now, err);
	if (st == VS_NOT_FOUND && (have == 0 || f->accept))
		return begin(s, f, err);
	*known = false;
	if (f->sealed)
		return VS_OK;
	if (st == VS_NOT_FOUND)
		return old(err,
		    "the TPM has lost the counter that this database was "
		    "served with");
	return vs_ctx(err, "the TPM's counter", st);
}

vs_status
vs_freshness_record(struct vs_broker *b, struct vs_err *err)
{
	struct vs_audit_row row;
	char detail[64];
	int64_t now = 0;

	VS_TRY(err, "generation", vs_store_generation(b->opt.store, &now, err));
	(void)snprintf(detail, sizeof detail, "{\"start\":%lld}",
	    (long long)now); /* fits */
	VS_TRY(err, "audit",
	    vs_admin_row(b, VS_SPAN_LIT("command line"), "store.accept",
		VS_SPAN(NULL, 0), vs_span_cstr(detail), &row, err));
	return vs_store_add_keys_audited(b->opt.store, NULL, 0, &row, err);
}
