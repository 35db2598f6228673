/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/decide.h"

vs_status
vs_unwrap(struct vs_keeper *k, unsigned channel, const struct vs_grant *grant,
    struct vs_buf *jwe, struct vs_err *err)
{
	vs_status st;

	VS_ASSERT(grant != NULL);
	st = vs_keeper_reseal(k, channel, vs_grant_reseal(grant), jwe, err);
	if (st == VS_OK)
		return VS_OK;
	/* Lengths were checked before: what is left is the point itself. */
	if (vs_status_class(st) == VS_CLASS_MALFORMED)
		return vs_fail_code(err, VS_MALFORMED, "recipient.key",
		    "recipient: not a valid point of its curve");
	/* A record that does not open is our fault or a thief's, and nothing
	 * that the guest could mend. */
	if (st == VS_UNTRUSTED)
		return vs_fail_code(err, VS_INTERNAL, "key.record",
		    "a record of the key does not open");
	return vs_ctx(err, "unwrap", st);
}
