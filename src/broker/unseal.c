/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/unseal.h"

#include "broker/admin.h"

/* The keeper channel of administration: rare, and guarded by its mutex. */
enum { CHANNEL = 0 };

static vs_status
record(struct vs_broker *b, struct vs_span who,
    const struct vs_keeper_status *k, struct vs_err *err)
{
	struct vs_audit_row row;
	struct vs_buf detail = {0};
	vs_status st;

	vs_buf_printf(&detail,
	    "{\"seal\":\"%s\",\"recovery\":%s,\"threshold\":%u}", k->seal,
	    k->shares.recovery ? "true" : "false", k->shares.threshold);
	st = vs_buf_status(&detail);
	if (st == VS_OK)
		st = vs_admin_row(b, who, "seal.unseal", VS_SPAN(NULL, 0),
		    vs_buf_span(&detail), &row, err);
	if (st == VS_OK)
		st =
		    vs_store_add_keys_audited(b->opt.store, NULL, 0, &row, err);
	vs_buf_fini(&detail);
	return st == VS_OK ? VS_OK : vs_ctx(err, "unsealed, but audit", st);
}

vs_status
vs_broker_unseal(struct vs_broker *b, struct vs_span who, struct vs_span share,
    struct vs_keeper_status *after, struct vs_err *err)
{
	vs_status st = vs_keeper_unseal(b->opt.keeper, CHANNEL, share, err);

	if (st != VS_OK)
		return st;
	vs_keeper_status(b->opt.keeper, after);
	return after->sealed ? VS_OK : record(b, who, after, err);
}
