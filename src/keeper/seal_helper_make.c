/* SPDX-License-Identifier: Apache-2.0 */
/* What the keeper itself never asks for: it opens seals, and makes none. */
#include <stdlib.h>

#include "keeper/seal_helper.h"

static vs_status
wrap(const struct vs_seal_conf *c, vs_seal_op op, struct vs_span secret,
    struct vs_buf *blob, struct vs_err *err)
{
	VS_AUTO(vs_secret) *answer = vs_secret_new(VS_SEAL_MESSAGE_MAX);
	struct vs_span data = {0};
	vs_status st;

	if (answer == NULL)
		return vs_fail(err, VS_NO_MEMORY, "seal");
	st = vs_seal_helper_call(
	    c, op, secret, vs_secret_poke(answer), &data, err);
	if (st != VS_OK)
		return st;
	if (data.n == 0 || data.n > VS_SEAL_BLOB_MAX)
		return vs_seal_helper_broken(err, "gave no blob");
	vs_buf_add(blob, data);
	VS_TRY(err, "seal", vs_buf_status(blob));
	return VS_OK;
}

/* No secret: the daemon, which has no locked memory, asks for it too. */
static vs_status
counter(const struct vs_seal_conf *c, vs_seal_op op, uint64_t *out,
    struct vs_err *err)
{
	uint8_t *answer = vs_calloc(1, VS_SEAL_MESSAGE_MAX);
	struct vs_span data = {0};
	struct vs_rd in;
	vs_status st;

	if (answer == NULL)
		return vs_fail(err, VS_NO_MEMORY, "counter");
	st = vs_seal_helper_call(c, op, VS_SPAN(NULL, 0), answer, &data, err);
	in = vs_rd_of(data);
	if (st == VS_OK && vs_rd_u64be(&in, out) != VS_OK)
		st = vs_seal_helper_broken(err, "gave no number");
	free(answer);
	return st;
}

vs_status
vs_seal_tpm2_wrap(const struct vs_seal_conf *c, struct vs_span secret,
    struct vs_buf *blob, struct vs_err *err)
{
	return wrap(c, VS_SEAL_OP_TPM2_WRAP, secret, blob, err);
}

vs_status
vs_seal_pkcs11_wrap(const struct vs_seal_conf *c, struct vs_span secret,
    struct vs_buf *blob, struct vs_err *err)
{
	return wrap(c, VS_SEAL_OP_PKCS11_WRAP, secret, blob, err);
}

vs_status
vs_tpm_counter_define(
    const struct vs_seal_conf *c, uint64_t *out, struct vs_err *err)
{
	return counter(c, VS_SEAL_OP_COUNTER_DEFINE, out, err);
}

vs_status
vs_tpm_counter_read(
    const struct vs_seal_conf *c, uint64_t *out, struct vs_err *err)
{
	return counter(c, VS_SEAL_OP_COUNTER_READ, out, err);
}

vs_status
vs_tpm_counter_bump(
    const struct vs_seal_conf *c, uint64_t *out, struct vs_err *err)
{
	return counter(c, VS_SEAL_OP_COUNTER_BUMP, out, err);
}
