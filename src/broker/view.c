/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/view.h"

#include <string.h>

#include "broker/broker_int.h"

vs_status
vs_broker_key_list(struct vs_broker *b, struct vs_span prefix,
    struct vs_span after, size_t limit, struct vs_arena *a,
    struct vs_key_row **rows, size_t *n, struct vs_err *err)
{
	return vs_store_key_list(
	    b->opt.store, prefix, after, limit, a, rows, n, err);
}

vs_status
vs_broker_key_versions(struct vs_broker *b, struct vs_span name,
    struct vs_arena *a, struct vs_key_row **rows, size_t *n, struct vs_err *err)
{
	return vs_store_key_versions(b->opt.store, name, a, rows, n, err);
}

vs_status
vs_broker_audit_list(struct vs_broker *b, const struct vs_audit_filter *f,
    struct vs_arena *a, struct vs_audit_row **rows, size_t *n,
    struct vs_err *err)
{
	return vs_store_audit_list(b->opt.store, f, a, rows, n, err);
}

vs_status
vs_broker_audit_get(struct vs_broker *b, const uint8_t id[VS_STORE_ID_SIZE],
    struct vs_arena *a, struct vs_audit_row *out, struct vs_err *err)
{
	return vs_store_audit_get(b->opt.store, id, a, out, err);
}

void
vs_broker_keeper(struct vs_broker *b, struct vs_keeper_status *out)
{
	vs_keeper_status(b->opt.keeper, out);
}

void
vs_broker_prune(struct vs_broker *b)
{
	struct vs_err err = {0};
	size_t removed;

	/* Nothing depends on it: an expired nonce fails by age, stored or
	 * not. */
	if (vs_store_prune_nonces(b->opt.store, vs_clock_ms(&b->opt.clock),
		&removed, &err) != VS_OK)
		return;
}

void
vs_broker_loaded(struct vs_broker *b, struct vs_broker_loaded *out)
{
	VS_AUTO(vs_snapshot) *s = vs_broker_snapshot(b);

	*out = (struct vs_broker_loaded){0};
	if (s == NULL)
		return;
	out->policies = vs_policy_set_ref(s->policies);
	out->collateral = vs_collateral_ref(s->collateral);
	memcpy(out->policies_hex, s->policies_hex, sizeof out->policies_hex);
	memcpy(
	    out->collateral_hex, s->collateral_hex, sizeof out->collateral_hex);
	out->loaded_ms = s->loaded_ms;
}

void
vs_broker_loaded_fini(struct vs_broker_loaded *l)
{
	vs_policy_set_free(&l->policies);
	vs_collateral_free(&l->collateral);
}
