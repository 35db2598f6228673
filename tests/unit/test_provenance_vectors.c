/* SPDX-License-Identifier: Apache-2.0 */
/* Real bundles: the conformance suite of Sigstore and provenance of GitHub's
 * builders. Each gives the verdict, and the kind of refusal, of the list. */
#include "base/arena.h"
#include "base/encoding.h"
#include "base/file.h"
#include "check.h"
#include "codec/json.h"
#include "crypto/digest.h"
#include "provenance/provenance.h"

static struct vs_arena pool;

static struct vs_span
slurp(const char *dir, const char *name)
{
	struct vs_buf b = {0};
	struct vs_err err = {0};
	struct vs_span out = {0};
	char path[4096];

	snprintf(path, sizeof(path), "%s/provenance/%s%s%s", check_vectors(),
	    dir, dir[0] ? "/" : "", name);
	if (vs_file_read(path, 1 << 20, &b, &err) == VS_OK)
		CHECK(vs_arena_dup(&pool, vs_buf_span(&b), &out) == VS_OK);
	vs_buf_fini(&b);
	return out;
}

static struct vs_span
slurp_or(const char *dir, const char *name, const char *other)
{
	struct vs_span s = slurp(dir, name);

	return s.n != 0 ? s : slurp("", other);
}

static struct vs_span
trimmed(struct vs_span s)
{
	while (s.n > 0 && s.p[s.n - 1] == '\n')
		s.n--;
	return s;
}

static struct vs_span
text(const struct vs_json *o, const char *name)
{
	struct vs_span s = {0};

	(void)vs_json_is_string(vs_json_get(o, name), &s);
	return s;
}

struct vec {
	const struct vs_json *row;
	struct vs_span id, bundle, root, key;
	struct vs_provenance_want want;
	uint8_t digest[VS_SHA512_SIZE];
};

static const char issuer[] = "https://token.actions.githubusercontent.com";

/* A folder of the conformance suite: anything that the beacon signed. */
static void
conformance(struct vec *v, const char *dir)
{
	static const char beacon[] =
	    "https://github.com/sigstore-conformance/"
	    "extremely-dangerous-public-oidc-beacon/.github/workflows/"
	    "extremely-dangerous-oidc-beacon.yml@refs/heads/main";
	struct vs_span artifact = slurp_or(dir, "artifact", "a.txt");
	struct vs_span who = trimmed(slurp(dir, "identity"));
	struct vs_span by = trimmed(slurp(dir, "issuer"));

	v->bundle = slurp(dir, "bundle.sigstore.json");
	v->root =
	    slurp_or(dir, "trusted_root.json", "trusted_root.public-good.json");
	v->key = slurp(dir, "key.pub");
	CHECK(vs_sha256(artifact, v->digest) == VS_OK);
	v->want.digest = VS_SPAN(v->digest, VS_SHA256_SIZE);
	v->want.identity = who.n != 0 ? who : vs_span_cstr(beacon);
	v->want.issuer = by.n != 0 ? by : vs_span_cstr(issuer);
	v->want.any_predicate = true;
	v->want.legacy_bundles = true;
}

/* Provenance of a build: the certificate's claims are the demand. */
static void
provenance(struct vec *v, const char *file)
{
	const struct vs_json *claims = vs_json_get(v->row, "claims");
	const struct vs_json *digest = vs_json_get(
	    vs_json_at(vs_json_get(claims, "subject"), 0), "digest");
	struct vs_span hex = text(digest, "sha256");

	if (hex.n == 0)
		hex = text(digest, "sha512");
	v->bundle = slurp("", file);
	v->root = slurp("", "trusted_root.public-good.json");
	CHECK(vs_unhex(hex, v->digest, hex.n / 2) == VS_OK);
	v->want.digest = VS_SPAN(v->digest, hex.n / 2);
	CHECK(vs_json_is_string(
	    vs_json_at(vs_json_get(claims, "san"), 0), &v->want.identity));
	v->want.issuer = text(claims, "issuer");
	v->want.source_uri = text(claims, "source_repo_uri");
	v->want.source_digest = text(claims, "source_repo_digest");
	v->want.source_ref = text(claims, "source_repo_ref");
	v->want.runner = text(claims, "runner_env");
	v->want.allow_v02 = true;
	v->want.min_level = 2;
}

static void
fill(struct vec *v)
{
	const char *name = vs_arena_cstr(
	    &pool, text(vs_json_at(vs_json_get(v->row, "files"), 0), "file"));
	const char *slash = strrchr(name, '/');

	v->id = text(v->row, "id");
	if (slash == NULL)
		provenance(v, name);
	else
		conformance(v,
		    vs_arena_cstr(
			&pool, VS_SPAN(name, (size_t)(slash - name))));
}

static vs_status
judge(const struct vec *v, struct vs_provenance *out, struct vs_err *err)
{
	VS_AUTO(vs_provenance_trust) *trust = NULL;
	vs_status st = vs_provenance_trust_read(
	    v->root, &v->key, v->key.n != 0 ? 1 : 0, &trust, err);

	return st == VS_OK
	    ? vs_provenance_verify(v->bundle, trust, &v->want, &pool, out, err)
	    : st;
}

/* "bad-signature.set" is of the kind "bad-signature". */
static bool
of_kind(const char *code, struct vs_span kind)
{
	return code != NULL && vs_span_starts(vs_span_cstr(code), kind) &&
	    (code[kind.n] == '\0' || code[kind.n] == '.');
}

static void
check_times(const struct vs_json *want, const struct vs_provenance *got)
{
	int64_t t;

	if (want == NULL)
		return;
	CHECK_INT(got->times_n, vs_json_size(want));
	for (size_t i = 0; i < vs_json_size(want); i++) {
		bool found = false;
		CHECK(vs_json_is_int(vs_json_at(vs_json_at(want, i), 1), &t));
		for (size_t j = 0; j < got->times_n; j++)
			found = found || got->times[j] == t;
		CHECK(found);
	}
}

static void
check_vector(struct vec *v)
{
	struct vs_provenance out = {.slsa_level = -1};
	struct vs_err err = {0};
	vs_status st = judge(v, &out, &err);

	if (vs_span_is(text(v->row, "expect"), "accept")) {
		if (!CHECK_OK(st, err))
			fprintf(stderr, "  %.*s\n", VS_SPAN_ARG(v->id));
		check_times(
		    vs_json_get(vs_json_get(v->row, "claims"), "trusted_times"),
		    &out);
		return;
	}
	if (!CHECK(st != VS_OK) ||
	    !CHECK(of_kind(err.code, text(v->row, "reason"))))
		fprintf(stderr, "  %.*s: %s [%s], want %.*s\n",
		    VS_SPAN_ARG(v->id), err.msg, err.code ? err.code : "",
		    VS_SPAN_ARG(text(v->row, "reason")));
	CHECK_INT(out.slsa_level, -1);
}

static struct vs_json *
manifest(void)
{
	struct vs_json *doc = NULL;
	struct vs_err err = {0};

	CHECK_OK(vs_json_parse(slurp("", "manifest.json"), &doc, &err), err);
	return doc;
}

static void
test_every_case_of_the_manifest(void)
{
	VS_AUTO(vs_json) *doc = manifest();
	const struct vs_json *rows = vs_json_get(doc, "vectors");

	CHECK(vs_json_size(rows) >= 48);
	for (size_t i = 0; i < vs_json_size(rows); i++) {
		struct vec v = {.row = vs_json_at(rows, i)};
		fill(&v);
		check_vector(&v);
	}
}

static void
find(const struct vs_json *doc, const char *id, struct vec *v)
{
	const struct vs_json *rows = vs_json_get(doc, "vectors");

	*v = (struct vec){.row = NULL};
	for (size_t i = 0; i < vs_json_size(rows); i++)
		if (vs_span_is(text(vs_json_at(rows, i), "id"), id))
			v->row = vs_json_at(rows, i);
	if (CHECK(v->row != NULL))
		fill(v);
}

static bool
is(struct vs_span s, const char *want)
{
	return CHECK_STR(vs_arena_cstr(&pool, s), want);
}

static void
test_what_comes_out(void)
{
	VS_AUTO(vs_json) *doc = manifest();
	struct vs_provenance p;
	struct vs_err err = {0};
	struct vec v;

	find(doc, "slsa-v1-reusable-workflow", &v);
	if (!CHECK_OK(judge(&v, &p, &err), err))
		return;
	CHECK(p.keyless && p.logged);
	CHECK_INT(p.slsa_level, 2);
	CHECK_INT(p.log_index, 96764485);
	is(p.source_uri, "https://github.com/malancas/attest-demo");
	is(p.source_ref, "refs/heads/main");
	is(p.source_digest, "95baf27389e83e6a5c48f42e190d48d7abcea19e");
	is(p.workflow, ".github/workflows/shared.yml");
	is(p.builder, "https://github.com/actions/runner/github-hosted");
	is(p.runner, "github-hosted");
	is(p.issuer, issuer);
	is(p.predicate_type, "https://slsa.dev/provenance/v1");
	is(p.subject_name, "github_provenance_demo-0.0.0-py3-none-any.whl");
}

/* The reusable workflow is what is trusted with level 3. */
static void
test_level_is_what_is_said_of_the_builder(void)
{
	const struct vs_provenance_builder rows[] = {
	    {VS_SPAN_LIT("https://github.com/github/"
			 "artifact-attestations-workflows/.github/workflows/"
			 "attest.yml@*"),
		3},
	    {VS_SPAN_LIT("**"), 1},
	};
	VS_AUTO(vs_json) *doc = manifest();
	struct vs_provenance p;
	struct vs_err err = {0};
	struct vec v;

	find(doc, "slsa-v1-reusable-workflow", &v);
	v.want.builders = rows;
	v.want.builders_n = 1;
	v.want.min_level = 3;
	if (CHECK_OK(judge(&v, &p, &err), err))
		CHECK_INT(p.slsa_level, 3);
	find(doc, "slsa-v1-npm-sha512", &v);
	v.want.builders = rows;
	v.want.builders_n = 1;
	CHECK_INT(judge(&v, &p, &err), VS_DENIED);
	CHECK_STR(err.code, "policy-denied.builder");
	v.want.builders_n = 2;
	CHECK_INT(judge(&v, &p, &err), VS_DENIED);
	CHECK_STR(err.code, "policy-denied.level");
}

int
main(void)
{
	if (check_vectors() == NULL)
		return 77;
	vs_arena_init(&pool, 64 << 20);
	RUN(test_every_case_of_the_manifest);
	RUN(test_what_comes_out);
	RUN(test_level_is_what_is_said_of_the_builder);
	vs_arena_fini(&pool);
	return check_result();
}
