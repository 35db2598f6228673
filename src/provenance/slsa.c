/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provenance of SLSA v1 and v0.2. The build writes it about itself, so that
 * for a keyless signature the certificate is the authority, and provenance
 * that says anything else is refused.
 */
#include <string.h>

#include "provenance/parts.h"

/* What either version says. */
struct said {
	struct vs_span builder, type;
	struct vs_span repo, ref, path, commit;
};

static vs_status
contradicts(struct vs_err *err, const char *what)
{
	return vs_fail_code(err, VS_UNTRUSTED, "binding-mismatch.predicate",
	    "provenance contradicts the certificate: %s", what);
}

/* "git+https://host/o/r@ref": the part behind "git+", cut at the last '@'. */
static bool
git_uri(struct vs_span uri, struct vs_span *repo, struct vs_span *ref)
{
	const struct vs_span prefix = VS_SPAN_LIT("git+");
	size_t at;

	if (!vs_span_starts(uri, prefix))
		return false;
	uri = vs_span_slice(uri, prefix.n, uri.n);
	for (at = uri.n; at > 0 && uri.p[at - 1] != '@'; at--)
		;
	*repo = at > 0 ? vs_span_slice(uri, 0, at - 1) : uri;
	*ref = at > 0 ? vs_span_slice(uri, at, uri.n) : (struct vs_span){0};
	return true;
}

static struct vs_span
commit_of(const struct vs_json *digest)
{
	struct vs_span s = vs_pv_str(digest, "gitCommit");

	return s.n != 0 ? s : vs_pv_str(digest, "sha1");
}

static struct vs_span
join(struct vs_arena *a, const struct vs_span *parts, size_t n)
{
	struct vs_buf b = {0};
	struct vs_span out = {0};

	for (size_t i = 0; i < n; i++)
		vs_buf_add(&b, parts[i]);
	/* Out of memory: empty, which equals no claim. */
	if (vs_buf_status(&b) != VS_OK ||
	    vs_arena_dup(a, vs_buf_span(&b), &out) != VS_OK)
		out = (struct vs_span){0};
	vs_buf_fini(&b);
	return out;
}

/*
 * GitHub's own builder is named after its runners, which the certificate
 * knows as its own extension; every other one after its workflow, which is
 * the name of the certificate.
 */
static bool
is_builder(const struct vs_pv_run *r, struct vs_span id)
{
	const struct vs_span runner[] = {
	    VS_SPAN_LIT("https://github.com/actions/runner/"), r->out.runner};

	if (id.n == 0)
		return false;
	return vs_span_equal(id, r->out.identity) ||
	    vs_span_equal(id, r->build_signer) ||
	    (r->out.runner.n != 0 &&
		vs_span_equal(id, join(r->arena, runner, VS_COUNT(runner))));
}

static vs_status
check_workflow(
    const struct vs_pv_run *r, const struct said *s, struct vs_err *err)
{
	const struct vs_span parts[] = {
	    s->repo, VS_SPAN_LIT("/"), s->path, VS_SPAN_LIT("@"), s->ref};

	if (s->path.n != 0 && r->build_config.n != 0)
		return vs_span_equal(r->build_config,
			   join(r->arena, parts, VS_COUNT(parts)))
		    ? VS_OK
		    : contradicts(err, "workflow or ref");
	if (s->ref.n != 0 && !vs_span_equal(s->ref, r->out.source_ref))
		return contradicts(err, "ref");
	return VS_OK;
}

static vs_status
agree(const struct vs_pv_run *r, const struct said *s, struct vs_err *err)
{
	if (!is_builder(r, s->builder))
		return contradicts(err, "builder");
	if (s->repo.n == 0 || !vs_span_equal(s->repo, r->out.source_uri))
		return contradicts(err, "repository");
	if (s->commit.n == 0 || !vs_span_equal(s->commit, r->out.source_digest))
		return contradicts(err, "commit");
	return check_workflow(r, s, err);
}

/* By certificate the source is known already; by key, what was said is. */
static vs_status
settle(struct vs_pv_run *r, const struct said *s, struct vs_err *err)
{
	if (s->builder.n == 0)
		return vs_fail_code(err, VS_MALFORMED, "malformed",
		    "provenance: it names no builder");
	if (r->out.keyless) {
		VS_TRY(err, "provenance", agree(r, s, err));
	} else {
		r->out.source_uri = s->repo;
		r->out.source_ref = s->ref;
		r->out.source_digest = s->commit;
	}
	r->out.builder = s->builder;
	r->out.build_type = s->type;
	r->out.workflow = s->path;
	return VS_OK;
}

/* Of the dependencies, the one that is the source itself. */
static void
find_source(const struct vs_json *deps, struct said *s)
{
	struct vs_span repo, ref;

	for (size_t i = 0; i < vs_json_size(deps); i++) {
		const struct vs_json *d = vs_json_at(deps, i);
		if (!git_uri(vs_pv_str(d, "uri"), &repo, &ref) ||
		    (s->repo.n != 0 && !vs_span_equal(repo, s->repo)))
			continue;
		if (s->repo.n == 0) {
			s->repo = repo;
			s->ref = ref;
		}
		s->commit = commit_of(vs_json_get(d, "digest"));
		return;
	}
}

static bool
is_github_workflow(struct vs_span type)
{
	return vs_span_is(
		   type, "https://actions.github.io/buildtypes/workflow/v1") ||
	    vs_span_is(type,
		"https://slsa-framework.github.io/"
		"github-actions-buildtypes/workflow/v1");
}

/* SLSA: "verify external parameters": what is not known is not expected. */
static vs_status
check_parameters(const struct vs_pv_run *r, struct vs_span type,
    const struct vs_json *external, struct vs_err *err)
{
	static const char *const known[] = {"workflow", "inputs", "vars"};
	struct vs_err why = {0};

	if (!r->want->strict_parameters)
		return VS_OK;
	if (is_github_workflow(type) &&
	    vs_json_only(external, "externalParameters", known, VS_COUNT(known),
		&why) == VS_OK)
		return VS_OK;
	return vs_fail_code(err, VS_DENIED, "policy-denied.parameters",
	    "external parameters that are not known");
}

vs_status
vs_pv_slsa_v1(
    struct vs_pv_run *r, const struct vs_json *predicate, struct vs_err *err)
{
	const struct vs_json *def = vs_json_get(predicate, "buildDefinition");
	const struct vs_json *external = vs_json_get(def, "externalParameters");
	const struct vs_json *flow = vs_json_get(external, "workflow");
	const struct vs_json *run = vs_json_get(predicate, "runDetails");
	struct said s = {
	    .builder = vs_pv_str(vs_json_get(run, "builder"), "id"),
	    .type = vs_pv_str(def, "buildType"),
	    .repo = vs_pv_str(flow, "repository"),
	    .ref = vs_pv_str(flow, "ref"),
	    .path = vs_pv_str(flow, "path"),
	};

	if (s.type.n == 0)
		return vs_fail_code(
		    err, VS_MALFORMED, "malformed", "provenance: no buildType");
	find_source(vs_json_get(def, "resolvedDependencies"), &s);
	VS_TRY(err, "provenance", check_parameters(r, s.type, external, err));
	return settle(r, &s, err);
}

vs_status
vs_pv_slsa_v02(
    struct vs_pv_run *r, const struct vs_json *predicate, struct vs_err *err)
{
	const struct vs_json *call = vs_json_get(predicate, "invocation");
	const struct vs_json *source = vs_json_get(call, "configSource");
	struct said s = {
	    .builder = vs_pv_str(vs_json_get(predicate, "builder"), "id"),
	    .type = vs_pv_str(predicate, "buildType"),
	    .path = vs_pv_str(source, "entryPoint"),
	    .commit = commit_of(vs_json_get(source, "digest")),
	};

	if (s.type.n == 0)
		return vs_fail_code(
		    err, VS_MALFORMED, "malformed", "provenance: no buildType");
	(void)git_uri(vs_pv_str(source, "uri"), &s.repo, &s.ref);
	if (r->want->strict_parameters &&
	    vs_json_size(vs_json_get(call, "parameters")) > 0)
		return vs_fail_code(err, VS_DENIED, "policy-denied.parameters",
		    "external parameters that are not known");
	return settle(r, &s, err);
}
