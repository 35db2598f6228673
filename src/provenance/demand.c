/* SPDX-License-Identifier: Apache-2.0 */
/* What the caller demands of it, item by item. */
#include "provenance/parts.h"

static vs_status
denied(struct vs_err *err, const char *code, const char *what)
{
	vs_status st = vs_fail(err, VS_DENIED, "%s", what);

	err->code = code;
	return st;
}

static bool
is(struct vs_span want, struct vs_span got)
{
	return want.n == 0 || vs_span_equal(want, got);
}

vs_status
vs_pv_demand_signer(const struct vs_pv_run *r, struct vs_err *err)
{
	const struct vs_provenance_want *w = r->want;

	if (!r->out.keyless)
		return VS_OK;
	/* A CA signs for anybody: without these, anybody would do. */
	if (w->issuer.n == 0 || w->identity.n == 0)
		return denied(err, "policy-denied.identity",
		    "keyless: no issuer and identity are demanded, so that "
		    "none is accepted");
	if (!vs_span_equal(w->issuer, r->out.issuer))
		return denied(err, "policy-denied.issuer", "another issuer");
	if (!vs_provenance_pattern_match(w->identity, r->out.identity))
		return denied(err, "policy-denied.identity",
		    "another identity signed it");
	return VS_OK;
}

static vs_status
check_source(const struct vs_pv_run *r, struct vs_err *err)
{
	const struct vs_provenance_want *w = r->want;

	if (!is(w->source_uri, r->out.source_uri) ||
	    !is(w->source_repo_id, r->out.source_repo_id))
		return denied(err, "policy-denied.source",
		    "built from another repository");
	if (w->source_ref.n != 0 &&
	    !vs_provenance_pattern_match(w->source_ref, r->out.source_ref))
		return denied(
		    err, "policy-denied.source", "built from another ref");
	if (!is(w->source_digest, r->out.source_digest))
		return denied(
		    err, "policy-denied.source", "built from another commit");
	if (!is(w->runner, r->out.runner))
		return denied(err, "policy-denied.runner",
		    "built on another kind of runner");
	return VS_OK;
}

static vs_status
check_type(const struct vs_pv_run *r, struct vs_err *err)
{
	for (size_t i = 0; i < r->want->build_types_n; i++)
		if (vs_span_equal(r->want->build_types[i], r->out.build_type))
			return VS_OK;
	return r->want->build_types_n == 0
	    ? VS_OK
	    : denied(err, "policy-denied.build-type",
		  "a build type that is not listed");
}

/* The certificate's name for the builder counts as much as its own. */
static const struct vs_provenance_builder *
find_builder(const struct vs_pv_run *r)
{
	for (size_t i = 0; i < r->want->builders_n; i++) {
		const struct vs_provenance_builder *b = &r->want->builders[i];
		if (vs_provenance_pattern_match(b->id, r->out.builder) ||
		    vs_provenance_pattern_match(b->id, r->build_signer))
			return b;
	}
	return NULL;
}

static bool
is_github_hosted(const struct vs_pv_run *r)
{
	return r->out.keyless &&
	    vs_span_is(
		r->out.issuer, "https://token.actions.githubusercontent.com") &&
	    vs_span_is(r->out.runner, "github-hosted");
}

static vs_status
set_level(struct vs_pv_run *r, struct vs_err *err)
{
	const struct vs_provenance_builder *b = find_builder(r);
	bool summary = vs_span_is(
	    r->out.predicate_type, "https://slsa.dev/verification_summary/v1");

	if (r->want->builders_n != 0 && b == NULL)
		return denied(err, "policy-denied.builder",
		    "a builder that is not listed");
	/* Who signed is known, how it was built is not. */
	if (r->want->any_predicate)
		return VS_OK;
	if (summary && b != NULL && r->out.slsa_level > b->level)
		r->out.slsa_level = b->level;
	if (!summary)
		r->out.slsa_level = b != NULL ? b->level
		    : is_github_hosted(r)     ? 2
					      : 1;
	return VS_OK;
}

/* By the earliest time: what was signed again is not younger for it. */
static vs_status
check_age(const struct vs_pv_run *r, struct vs_err *err)
{
	const struct vs_provenance_want *w = r->want;
	int64_t first = INT64_MAX;

	if (w->max_age_s == 0)
		return VS_OK;
	for (size_t i = 0; i < r->out.times_n; i++)
		if (r->out.times[i] < first)
			first = r->out.times[i];
	if (r->out.times_n == 0 || first < w->now_s - w->max_age_s)
		return denied(err, "policy-denied.age", "signed too long ago");
	return VS_OK;
}

vs_status
vs_pv_demand(struct vs_pv_run *r, struct vs_err *err)
{
	VS_TRY(err, "source", check_source(r, err));
	VS_TRY(err, "build", check_type(r, err));
	VS_TRY(err, "builder", set_level(r, err));
	if (r->out.slsa_level < r->want->min_level)
		return denied(err, "policy-denied.level", "a lower SLSA level");
	return check_age(r, err);
}
