/* SPDX-License-Identifier: Apache-2.0 */
/* What a record kept of a decision. */
#include "cli/history.h"
#include "cli/output.h"
#include "policy/recorded.h"

vs_status
vs_retake_read(const struct vs_recorded *r, struct vs_arena *a,
    struct vs_retake *out, struct vs_err *err)
{
	VS_AUTO(vs_json) *detail = NULL;
	const struct vs_json *claims;
	struct vs_claims *c; /* large for a stack */

	VS_TRY(err, "detail", vs_json_parse(r->detail, &detail, err));
	claims = vs_json_get(detail, "claims");
	if (claims == NULL)
		return vs_fail(err, VS_NOT_FOUND,
		    "no policy was asked: the evidence failed before");
	c = vs_arena_alloc(a, sizeof(*c));
	if (c == NULL)
		return vs_fail(err, VS_NO_MEMORY, "claims");
	vs_claims_init(c, a);
	VS_TRY(err, "claims", vs_claims_read(claims, c, err));
	out->claims = *c;
	out->decisions = vs_json_get(detail, "decisions");
	out->policies = vs_cli_str(detail, "policies");
	out->detail = VS_TAKE(detail);
	return VS_OK;
}

void
vs_retake_fini(struct vs_retake *t)
{
	vs_json_free(&t->detail);
}

/* The version that the policy heard: of an unknown key the first. */
vs_status
vs_retake_key(struct vs_retake *t, const struct vs_json *decision, size_t i,
    struct vs_span *name, struct vs_err *err)
{
	const struct vs_json *key =
	    vs_json_at(vs_json_get(decision, "keys"), i);
	int64_t version = vs_cli_int(key, "version");

	*name = vs_cli_str(key, "name");
	if (version < 0 || version > UINT32_MAX)
		return vs_fail(err, VS_MALFORMED, "record: version of a key");
	return vs_claims_key(
	    &t->claims, *name, version == 0 ? 1 : (uint32_t)version);
}
