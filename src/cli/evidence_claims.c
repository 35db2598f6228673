/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/evidence_claims.h"

#include "cli/input.h"
#include "codec/json.h"
#include "policy/recorded.h"

enum { JSON_MAX = 1024 * 1024 };

static vs_status
collateral(const struct vs_appraise_opts *o, struct vs_collateral **out,
    struct vs_err *err)
{
	VS_AUTO(vs_collateral_builder) *b = NULL;

	VS_TRY(err, "collateral",
	    vs_cli_builder(&o->anchors, o->collateral, &b, err));
	return vs_collateral_build(b, out, err);
}

vs_status
vs_cli_evidence_claims(const struct vs_appraise_opts *o, struct vs_arena *a,
    struct vs_claims *out, struct vs_err *err)
{
	VS_AUTO(vs_collateral) *c = NULL;
	struct vs_appraise_input *in = vs_arena_alloc(a, sizeof(*in));
	struct vs_evidence_options opt = {.now = vs_cli_now(&o->at) / 1000,
	    .allow_masked_chip_id = o->allow_masked_chip_id};

	if (in == NULL)
		return vs_fail(err, VS_NO_MEMORY, "evidence");
	VS_TRY(err, "evidence", vs_appraise_read(o, a, in, err));
	VS_TRY(err, "evidence", collateral(o, &c, err));
	opt.collateral = c;
	opt.crl = in->crl;
	vs_claims_init(out, a);
	return vs_evidence_appraise(&in->evidence, &in->expect, &opt, out, err);
}

vs_status
vs_cli_json_claims(const char *path, struct vs_arena *a, struct vs_claims *out,
    struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;
	const struct vs_json *claims;
	struct vs_span text;

	VS_TRY(err, "claims", vs_cli_read(path, JSON_MAX, a, &text, err));
	VS_TRY(err, path, vs_json_parse(text, &doc, err));
	claims = vs_json_get(doc, "claims");
	if (claims == NULL && vs_json_get(doc, "detail") != NULL)
		claims = vs_json_get(vs_json_get(doc, "detail"), "claims");
	vs_claims_init(out, a);
	return vs_claims_read(claims != NULL ? claims : doc, out, err);
}
