/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/audit_check.h"

#include <string.h>

#include "broker/broker_int.h"

/* The record that the first one chains from: its MAC was checked by the call
 * before, or is zeros. */
static vs_status
find_start(struct vs_broker *b, int64_t after, struct vs_audit_check *c,
    struct vs_err *err)
{
	struct vs_audit_link start;
	size_t n = 0;

	c->last = after;
	if (after == 0)
		return VS_OK;
	VS_TRY(err, "audit",
	    vs_store_audit_links(b->opt.store, after - 1, 1, &start, &n, err));
	if (n == 0 || start.seq != after) {
		c->wrong = "missing";
		c->wrong_seq = after;
		return VS_OK;
	}
	memcpy(c->head, start.mac, sizeof c->head);
	return VS_OK;
}

static void
note(struct vs_audit_check *c, const struct vs_audit_link *l, const char *what)
{
	c->wrong = what;
	c->wrong_seq = l->seq;
	memcpy(c->wrong_id, l->id, sizeof c->wrong_id);
}

/* In the order of the records: the first that is wrong ends it. */
static void
compare(const struct vs_audit_link *links, const uint8_t (*macs)[32], size_t n,
    struct vs_audit_check *c)
{
	for (size_t i = 0; i < n; i++) {
		const struct vs_audit_link *l = &links[i];

		if (l->seq <= c->last) {
			note(c, l, "changed");
			return;
		}
		if (l->seq != c->last + 1) {
			c->wrong = "missing";
			c->wrong_seq = c->last + 1;
			return;
		}
		if (memcmp(macs[i], l->mac, sizeof l->mac) != 0) {
			note(c, l, "changed");
			return;
		}
		c->rows++;
		c->last = l->seq;
		memcpy(c->head, l->mac, sizeof c->head);
	}
}

static vs_status
check_rows(struct vs_broker *b, unsigned worker, size_t limit,
    struct vs_arena *a, struct vs_audit_check *c, struct vs_err *err)
{
	struct vs_audit_link *links = vs_arena_calloc(a, limit, sizeof *links);
	uint8_t(*digests)[32] = vs_arena_calloc(a, limit, sizeof *digests);
	uint8_t(*macs)[32] = vs_arena_calloc(a, limit, sizeof *macs);
	size_t n = 0;

	if (links == NULL || digests == NULL || macs == NULL)
		return vs_fail(err, VS_NO_MEMORY, "audit check");
	VS_TRY(err, "audit",
	    vs_store_audit_links(b->opt.store, c->last, limit, links, &n, err));
	if (n == 0)
		return VS_OK;
	for (size_t i = 0; i < n; i++)
		memcpy(digests[i], links[i].digest, sizeof digests[i]);
	VS_TRY(err, "audit chain",
	    vs_keeper_chain(b->opt.keeper, worker, c->head,
		(const uint8_t(*)[32])digests, n, macs, err));
	compare(links, (const uint8_t(*)[32])macs, n, c);
	return VS_OK;
}

vs_status
vs_broker_audit_check(struct vs_broker *b, unsigned worker, int64_t after,
    size_t limit, struct vs_arena *a, struct vs_audit_check *out,
    struct vs_err *err)
{
	struct vs_audit_check c = {0};

	if (after < 0 || limit == 0 || limit > VS_AUDIT_CHECK_MAX)
		return vs_fail(err, VS_RANGE, "audit check: out of range");
	VS_TRY(err, "audit check", find_start(b, after, &c, err));
	if (c.wrong == NULL)
		VS_TRY(err, "audit check",
		    check_rows(b, worker, limit, a, &c, err));
	*out = c;
	return VS_OK;
}
