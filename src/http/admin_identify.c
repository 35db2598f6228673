/* SPDX-License-Identifier: Apache-2.0 */
/* Who asks the admin API: a token decides where one is shown, then a
 * certificate, then the credentials of the socket. */
#include <strings.h>

#include "broker/tokens.h"
#include "http/admin_api.h"
#include "http/problem.h"

/* RFC 6750 2.1 */
static bool
bearer(struct vs_span header, struct vs_span *token)
{
	static const char scheme[] = "Bearer ";
	size_t n = sizeof scheme - 1;

	if (header.n <= n ||
	    strncasecmp((const char *)header.p, scheme, n) != 0)
		return false;
	*token = vs_span_slice(header, n, header.n);
	return true;
}

static vs_status
identify_token(struct vs_admin *a, const struct vs_identities *ids,
    const struct vs_request *req, struct vs_identity *out, struct vs_err *err)
{
	struct vs_clock clock = vs_clock_system();
	struct vs_span token;

	if (!bearer(req->authorization, &token))
		return vs_fail_code(err, VS_UNTRUSTED, "identity.scheme",
		    "Authorization: must be Bearer and a token");
	if (vs_token_is(token))
		return vs_identify_token(
		    a->broker, token, req->arena, out, err);
	return vs_identify_jwt(
	    ids, token, vs_clock_s(&clock), req->arena, out, err);
}

static vs_status
identify(struct vs_admin *a, const struct vs_identities *ids,
    const struct vs_request *req, struct vs_identity *out, struct vs_err *err)
{
	struct vs_local_peer peer = {req->uid, req->gid};

	if (req->authorization.n > 0)
		return identify_token(a, ids, req, out, err);
	if (req->client_cert.n > 0)
		return vs_identify_certificate(
		    ids, req->client_cert, req->arena, out, err);
	if (req->local)
		return vs_identify_local(ids, &peer, req->arena, out, err);
	return vs_fail_code(err, VS_UNTRUSTED, "identity.none",
	    "show a token (Authorization: Bearer) or a client certificate");
}

vs_status
vs_admin_identify(struct vs_admin *a, const struct vs_request *req,
    struct vs_identity *out, struct vs_err *err)
{
	struct vs_identities *ids =
	    a->gate == NULL ? NULL : vs_gate_take(a->gate);
	vs_status st;

	if (ids == NULL)
		return vs_fail(err, VS_UNAVAILABLE, "not loaded yet");
	st = identify(a, ids, req, out, err);
	/* What out borrows is the configuration's, which stays. */
	vs_identities_free(&ids);
	return st;
}

void
vs_admin_refuse(struct vs_response *res, vs_status st, const struct vs_err *err)
{
	switch (vs_status_class(st)) {
	case VS_CLASS_DENIED: /* known, and not wanted */
	case VS_CLASS_UNAVAILABLE:
	case VS_CLASS_INTERNAL:
		vs_admin_fail(res, st, err);
		return;
	case VS_CLASS_OK:
	case VS_CLASS_MALFORMED:
	case VS_CLASS_UNVERIFIED:
	case VS_CLASS_STALE:
	case VS_CLASS_LIMITED:
	case VS_CLASS_USAGE:
		break;
	}
	vs_respond_unauthenticated(res, err);
}
