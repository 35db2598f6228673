/* SPDX-License-Identifier: Apache-2.0 */
/* Shares on their way to the keeper. */
#include "base/secret.h"
#include "keeper/client_int.h"
#include "keeper/shamir.h"

static vs_status
ask(struct vs_keeper *k, unsigned channel, struct vs_share *share,
    struct vs_buf *answer, struct vs_err *err)
{
	struct vs_buf req = {0};
	vs_status st;

	vs_buf_add(&req, VS_SPAN(&share->number, 1));
	vs_buf_add(&req, VS_SPAN_OF(share->set));
	vs_buf_add(&req, VS_SPAN_OF(share->bytes));
	st = vs_keeper_ask(k, channel, VS_OP_UNSEAL, &req, 0, answer, err);
	vs_wipe(req.p, req.n);
	vs_wipe(share, sizeof *share);
	vs_buf_fini(&req);
	return st;
}

vs_status
vs_keeper_unseal(struct vs_keeper *k, unsigned channel, struct vs_span text,
    struct vs_err *err)
{
	struct vs_share share;
	struct vs_buf answer = {0};
	struct vs_span msg = {NULL, 0};
	struct vs_rd in;
	uint32_t result = VS_INTERNAL;
	vs_status st = vs_share_parse(text, &share, err);

	if (st == VS_OK)
		st = ask(k, channel, &share, &answer, err);
	in = vs_rd_of(vs_buf_span(&answer));
	if (st == VS_OK &&
	    (vs_rd_u32be(&in, &result) != VS_OK ||
		vs_get_field(&in, VS_ERR_MSG_MAX, &msg) != VS_OK))
		st = vs_fail(err, VS_INTERNAL, "keeper: answer");
	else if (st == VS_OK && result != VS_OK)
		st = vs_fail_code(err, (vs_status)result, "seal.share", "%.*s",
		    VS_SPAN_ARG(msg));
	vs_buf_fini(&answer);
	return st;
}
