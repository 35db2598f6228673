/* SPDX-License-Identifier: Apache-2.0 */
/* Shares on their way to the keeper. */
#include "base/secret.h"
#include "keeper/client_int.h"
#include "keeper/shamir.h"

vs_status
vs_keeper_unseal(struct vs_keeper *k, unsigned channel, struct vs_span share,
    struct vs_err *err)
{
	struct vs_buf req = {.max = 4 + VS_SHARE_TEXT_MAX};
	struct vs_buf answer = {0};
	struct vs_span msg = {NULL, 0};
	struct vs_rd in;
	uint32_t result = VS_INTERNAL;
	vs_status st;

	if (share.n > VS_SHARE_TEXT_MAX)
		return vs_fail_code(
		    err, VS_MALFORMED, "seal.share", "that is no share");
	/* All at once: growing would leave copies behind. */
	if (vs_buf_grow(&req, 4 + VS_SHARE_TEXT_MAX) != NULL)
		req.n = 0;
	vs_put_field(&req, share);
	st = vs_keeper_ask(k, channel, VS_OP_UNSEAL, &req, 0, &answer, err);
	vs_wipe(req.p, req.n);
	vs_buf_fini(&req);
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
