/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks the admin API. */
#include "http/admin_api.h"

/* The listener has refused whom the machine's administrator does not trust
 * with everything. */
static vs_status
identify_socket(
    const struct vs_request *req, struct vs_identity *out, struct vs_err *err)
{
	struct vs_span name;

	VS_TRY(err, "identity",
	    vs_arena_dup(req->arena, vs_span_cstr(req->peer), &name));
	*out = (struct vs_identity){.kind = VS_IDENTITY_SOCKET,
	    .name = name,
	    .person = name,
	    .audit = name,
	    .roles = VS_ROLE_ALL};
	return VS_OK;
}

vs_status
vs_admin_identify(struct vs_admin *a, const struct vs_request *req,
    struct vs_identity *out, struct vs_err *err)
{
	(void)a;
	return identify_socket(req, out, err);
}
