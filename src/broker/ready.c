/* SPDX-License-Identifier: Apache-2.0 */
/* May this daemon serve releases now? */
#include <string.h>

#include "broker/broker_int.h"
#include "broker/expiry.h"

/* A probe costs a sync of the disk: anyone may ask, but not that often. */
enum { MEMO_NS = 1000 * 1000 * 1000 };

static vs_status
check_keeper(struct vs_broker *b, struct vs_err *err)
{
	struct vs_keeper_status ks = {0};

	vs_keeper_status(b->opt.keeper, &ks);
	if (!ks.up)
		return vs_fail_code(err, VS_UNAVAILABLE, "keeper.down",
		    "the keeper does not run");
	if (ks.sealed)
		return vs_fail_code(err, VS_SEALED, "keeper.sealed",
		    "the keeper is sealed: %s", ks.why);
	return VS_OK;
}

static vs_status
check_dates(
    struct vs_broker *b, const struct vs_collateral *c, struct vs_err *err)
{
	int64_t now = vs_clock_s(&b->opt.clock);

	for (size_t i = 0; i < vs_collateral_count(c); i++) {
		const struct vs_collateral_item *item =
		    vs_collateral_item(c, i);

		if (b->opt.crl == VS_CRL_OFF && strcmp(item->kind, "crl") == 0)
			continue;
		/* Without the TCB info of one platform the others are served:
		 * see vs_expiry_count for what is said of that. */
		if (vs_expiry_of(item, now) == VS_EXPIRY_LAPSED &&
		    !vs_expiry_is_partial(item))
			return vs_fail_code(err, VS_UNAVAILABLE,
			    "collateral.expired",
			    "collateral is out of date: %s %s", item->kind,
			    item->name);
	}
	return VS_OK;
}

static vs_status
check_snapshot(struct vs_broker *b, struct vs_err *err)
{
	VS_AUTO(vs_snapshot) *s = vs_broker_snapshot(b);

	if (s == NULL)
		return vs_fail_code(err, VS_UNAVAILABLE, "snapshot.none",
		    "policies and collateral are not loaded");
	if (vs_policy_set_count(s->policies) == 0)
		return vs_fail_code(
		    err, VS_UNAVAILABLE, "policy.none", "no policy is loaded");
	return check_dates(b, s->collateral, err);
}

static vs_status
check_all(struct vs_broker *b, struct vs_err *err)
{
	vs_status st = check_keeper(b, err);

	if (st == VS_OK)
		st = check_snapshot(b, err);
	if (st == VS_OK)
		st = vs_store_probe(b->opt.store, err);
	if (st != VS_OK && vs_status_class(st) != VS_CLASS_UNAVAILABLE) {
		st = VS_UNAVAILABLE;
		err->status = st;
	}
	return st;
}

vs_status
vs_broker_ready(struct vs_broker *b, struct vs_err *err)
{
	struct vs_ready_memo *m = &b->ready;
	int64_t now = vs_mono_ns();
	vs_status st;

	pthread_mutex_lock(&m->lock);
	if (m->at_ns == 0 || now - m->at_ns > MEMO_NS) {
		vs_err_clear(&m->err);
		m->st = check_all(b, &m->err);
		m->at_ns = now;
	}
	st = m->st;
	if (st != VS_OK)
		*err = m->err;
	pthread_mutex_unlock(&m->lock);
	return st;
}
