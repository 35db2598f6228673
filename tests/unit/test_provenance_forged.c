/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles under a Sigstore of our own: each check of a verification is the
 * only one that fails, and says so by its own code. */
#include "prov_forge.h"

static struct f_world world;
static struct vs_provenance_trust *trust;
static uint8_t digest[32];
static struct vs_arena pool;

static struct vs_provenance_want
demand(void)
{
	return (struct vs_provenance_want){.digest = VS_SPAN_OF(digest),
	    .issuer = VS_SPAN_LIT(F_ISSUER),
	    .identity = VS_SPAN_LIT(F_REPO "/" F_FLOW "@refs/heads/*"),
	    .source_uri = VS_SPAN_LIT(F_REPO),
	    .source_ref = VS_SPAN_LIT(F_REF),
	    .now_s = F_AT + 60};
}

static vs_status
judge(const struct f_make *m, const struct vs_provenance_want *w,
    struct vs_provenance *out, struct vs_err *err)
{
	struct vs_buf bundle = {0};
	vs_status st;

	f_bundle(&world, m, &bundle);
	st = vs_provenance_verify(
	    vs_buf_span(&bundle), trust, w, &pool, out, err);
	vs_buf_fini(&bundle);
	return st;
}

/* code NULL: accepted. */
static void
expect_of(const struct f_make *m, const struct vs_provenance_want *w,
    const char *code, int line)
{
	struct vs_provenance out = {.slsa_level = -1};
	struct vs_err err = {0};
	vs_status st = judge(m, w, &out, &err);

	if (code == NULL) {
		if (!CHECK_OK(st, err))
			fprintf(stderr, "  in line %d\n", line);
		return;
	}
	if (!CHECK(st != VS_OK) || !CHECK_STR(err.code, code))
		fprintf(stderr, "  in line %d: %s\n", line, err.msg);
	CHECK_INT(out.slsa_level, -1);
	CHECK(st == VS_OK || vs_status_class(st) != VS_CLASS_INTERNAL);
}

#define EXPECT(m, code)                                                        \
	do {                                                                   \
		struct vs_provenance_want w_ = demand();                       \
		expect_of(&(m), &w_, (code), __LINE__);                        \
	} while (0)
/* One member of a good bundle otherwise. */
#define MAKE(member, value, code)                                              \
	do {                                                                   \
		struct f_make m_ = f_good();                                   \
		m_.member = (value);                                           \
		EXPECT(m_, (code));                                            \
	} while (0)
/* One member of a good demand otherwise. */
#define WANT(member, value, code)                                              \
	do {                                                                   \
		struct vs_provenance_want w_ = demand();                       \
		struct f_make m_ = f_good();                                   \
		w_.member = (value);                                           \
		expect_of(&m_, &w_, (code), __LINE__);                         \
	} while (0)

static void
test_a_good_bundle_says_who_built_it(void)
{
	struct vs_provenance_want w = demand();
	struct f_make m = f_good();
	struct vs_provenance p;
	struct vs_err err = {0};

	if (!CHECK_OK(judge(&m, &w, &p, &err), err))
		return;
	CHECK(p.keyless && p.logged);
	CHECK_INT(p.slsa_level, 2);
	CHECK_INT(p.log_index, 1002);
	CHECK_INT(p.times_n, 1);
	CHECK_INT(p.times[0], F_AT);
	CHECK(vs_span_is(p.builder, F_SAN));
	CHECK(vs_span_is(p.source_uri, F_REPO));
	CHECK(vs_span_is(p.source_ref, F_REF));
	CHECK(vs_span_is(p.source_digest, F_COMMIT));
	CHECK(vs_span_is(p.source_repo_id, "4242"));
	CHECK(vs_span_is(p.workflow, F_FLOW));
	CHECK(vs_span_is(p.subject_name, "registry.example/model"));
}

static void
test_every_kind_of_entry(void)
{
	static const char *const kinds[][2] = {{"dsse", "0.0.1"},
	    {"intoto", "0.0.2"}, {"hashedrekord", "0.0.1"},
	    {"hashedrekord", "0.0.2"}};

	for (size_t i = 0; i < VS_COUNT(kinds); i++) {
		struct f_make m = f_good();
		m.kind = kinds[i][0];
		m.version = kinds[i][1];
		EXPECT(m, NULL);
		m.other_payload = true;
		EXPECT(m, "binding-mismatch.entry");
		m.other_payload = false;
		m.other_sig = true;
		EXPECT(m, "binding-mismatch.entry");
		m.other_sig = false;
		m.other_cert = true;
		EXPECT(m, "binding-mismatch.entry");
	}
	MAKE(version, "0.0.9", "unsupported");
}

static void
test_signature(void)
{
	MAKE(bad_sig, true, "bad-signature");
	MAKE(type, "text/plain", "unsupported");
	MAKE(two_sigs, true, "malformed");
}

static void
test_form(void)
{
	MAKE(media, "application/vnd.dev.sigstore.bundle.v0.4+json",
	    "unsupported");
	MAKE(media, "application/vnd.dev.sigstore.bundle+json;version=0.2",
	    "unsupported");
	MAKE(extra, ",\"media_type\":1", "malformed");
	MAKE(two_signers, true, "malformed");
	MAKE(self_signed, true, "malformed");
}

static void
test_log(void)
{
	MAKE(no_entry, true, "missing-claim.log");
	MAKE(foreign_log, true, "unknown-key.log");
	MAKE(bad_set, true, "bad-signature.set");
	MAKE(no_proof, true, "missing-claim.proof");
	MAKE(bad_hash, true, "binding-mismatch.proof");
	MAKE(more_hashes, true, "binding-mismatch.proof");
	MAKE(fewer_hashes, true, "binding-mismatch.proof");
	MAKE(other_index, true, "binding-mismatch.proof");
	MAKE(no_checkpoint, true, "missing-claim.checkpoint");
	MAKE(other_root, true, "binding-mismatch.checkpoint");
	MAKE(other_size, true, "binding-mismatch.checkpoint");
	MAKE(no_log_sig, true, "missing-claim.checkpoint");
	MAKE(other_hint, true, "missing-claim.checkpoint");
	MAKE(bad_checkpoint_sig, true, "bad-signature.checkpoint");
	MAKE(second_bad_sig, true, "bad-signature.checkpoint");
	MAKE(witness, true, NULL);
}

/* The log's key ends on 2027-01-15T08:00:00Z, that second included. */
static void
test_log_key_is_valid_at_both_ends(void)
{
	struct f_make m = f_good();

	m.from = F_TO - F_LIFE;
	m.integrated = F_TO;
	EXPECT(m, NULL);
	m.from = F_TO;
	m.integrated = F_TO + 1;
	EXPECT(m, "expired");
}

/* Who has the key of a log that was replaced can sign checkpoints for ever. */
static void
test_log_key_of_yesterday(void)
{
	static const char end[] = "2027-01-15T08:00:00Z";
	struct vs_provenance_trust *today = trust, *old = NULL;
	struct f_make m = f_good();
	struct vs_buf root = {0};
	struct vs_err err = {0};
	char *at;

	f_root(&world, &root);
	at = strstr(vs_buf_cstr(&root), end); /* of the first log */
	if (!CHECK(at != NULL))
		return;
	memcpy(at, "2025-01-15T08:00:00Z", sizeof end - 1);
	CHECK_OK(
	    vs_provenance_trust_read(vs_buf_span(&root), NULL, 0, &old, &err),
	    err);
	trust = old;
	m.stamps = 1;
	EXPECT(m, "expired");
	m.no_set = true;
	EXPECT(m, "expired");
	trust = today;
	EXPECT(m, NULL);
	vs_provenance_trust_free(&old);
	vs_buf_fini(&root);
}

static void
test_times(void)
{
	struct f_make m = f_good();

	MAKE(no_set, true, "missing-claim.time");
	m.no_set = true;
	m.stamps = 2;
	EXPECT(m, NULL);
	m = f_good();
	m.stamps = 1;
	EXPECT(m, NULL);
	m.stamp_of_other = true;
	EXPECT(m, "timestamp-invalid");
	m.stamp_of_other = false;
	m.foreign_tsa = true;
	EXPECT(m, "timestamp-invalid");
	m.foreign_tsa = false;
	m.stamp_at = F_TO + 1; /* the authority's certificate is over */
	EXPECT(m, "timestamp-invalid");
	m.stamp_at = F_AT + F_LIFE; /* a time at which the leaf is not valid */
	EXPECT(m, "expired");
}

static void
test_chain(void)
{
	MAKE(from, F_AT + 1, "expired");
	MAKE(from, F_AT - F_LIFE - 1, "expired");
	MAKE(foreign_ca, true, "untrusted-root");
	MAKE(leaf_is_ca, true, "untrusted-root");
	MAKE(eku, NULL, "untrusted-root");
	MAKE(eku, "serverAuth", "untrusted-root");
	MAKE(ku, NULL, "untrusted-root");
	MAKE(ku, "critical,keyAgreement", "untrusted-root");
	MAKE(no_sct, true, "bad-signature.sct");
	MAKE(bad_sct, true, "bad-signature.sct");
	MAKE(foreign_sct, true, "bad-signature.sct");
}

static void
test_identity(void)
{
	MAKE(san, NULL, "malformed");
	MAKE(san, "URI:" F_SAN ",URI:https://a.example", "malformed");
	MAKE(san, "DNS:a.example", "malformed");
	MAKE(issuer_v2, "https://other.example", "binding-mismatch.issuer");
	MAKE(issuer_v2, NULL, NULL); /* early certificates */
	struct f_make m = f_good();
	m.issuer_v1 = m.issuer_v2 = NULL;
	EXPECT(m, "missing-claim.issuer");
	/* A tenant's issuer begins as the default one does. */
	m.issuer_v1 = m.issuer_v2 = F_ISSUER "/tenant";
	EXPECT(m, "policy-denied.issuer");
	WANT(identity, VS_SPAN_LIT(F_REPO "/*"), "policy-denied.identity");
	WANT(identity, VS_SPAN_LIT(F_SAN "x"), "policy-denied.identity");
	WANT(identity, ((struct vs_span){0}), "policy-denied.identity");
	WANT(issuer, ((struct vs_span){0}), "policy-denied.identity");
	WANT(issuer, VS_SPAN_LIT("https://token"), "policy-denied.issuer");
	WANT(identity, VS_SPAN_LIT(F_REPO "/**"), NULL);
}

static void
test_demands(void)
{
	const struct vs_span type = VS_SPAN_LIT(F_TYPE),
			     other = VS_SPAN_LIT("https://other.example");
	const struct vs_provenance_builder b = {type, 3},
					   c = {VS_SPAN_LIT(F_REPO "/**"), 3};
	struct vs_provenance_want w = demand();
	struct f_make m = f_good();

	WANT(source_uri, other, "policy-denied.source");
	WANT(source_uri, VS_SPAN_LIT(F_REPO "x"), "policy-denied.source");
	WANT(source_repo_id, VS_SPAN_LIT("42"), "policy-denied.source");
	WANT(source_ref, VS_SPAN_LIT("refs/tags/*"), "policy-denied.source");
	WANT(source_digest, VS_SPAN_LIT("00"), "policy-denied.source");
	WANT(source_digest, VS_SPAN_LIT(F_COMMIT), NULL);
	WANT(runner, VS_SPAN_LIT("self-hosted"), "policy-denied.runner");
	WANT(min_level, 2, NULL);
	WANT(min_level, 3, "policy-denied.level");
	WANT(max_age_s, 60, NULL);
	WANT(max_age_s, 59, "policy-denied.age");
	w.build_types = &other;
	w.build_types_n = 1;
	expect_of(&m, &w, "policy-denied.build-type", __LINE__);
	w.build_types = &type;
	expect_of(&m, &w, NULL, __LINE__);
	w.builders = &b;
	w.builders_n = 1;
	expect_of(&m, &w, "policy-denied.builder", __LINE__);
	w.builders = &c;
	w.min_level = 3;
	expect_of(&m, &w, NULL, __LINE__);
	m.runner = "self-hosted";
	w = demand();
	w.min_level = 2;
	expect_of(&m, &w, "policy-denied.level", __LINE__);
}

#define STATEMENT(text, code) MAKE(statement, text, code)
#define PREDICATE(text, code) STATEMENT(F_STATEMENT(F_DIGEST, F_V1, text), code)

static void
test_statement(void)
{
	STATEMENT("{}", "unsupported");
	STATEMENT("[", "malformed");
	STATEMENT(
	    "{\"_type\":\"https://in-toto.io/Statement/v1\"}", "malformed");
	STATEMENT("{\"_type\":\"https://in-toto.io/Statement/v1\","
		  "\"predicateType\":\"a\",\"subject\":[]}",
	    "malformed");
	STATEMENT("{\"_type\":\"https://in-toto.io/Statement/v1\","
		  "\"predicateType\":\"a\",\"subject\":[{\"digest\":{}}]}",
	    "malformed");
	STATEMENT(
	    F_STATEMENT(
		"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b"
		"9825",
		F_V1, F_SLSA(F_REPO, F_REF, F_FLOW, F_COMMIT, F_SAN)),
	    "policy-denied.subject");
	/* Hex in capitals is another text. */
	STATEMENT(
	    F_STATEMENT(
		"2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B"
		"9824",
		F_V1, F_SLSA(F_REPO, F_REF, F_FLOW, F_COMMIT, F_SAN)),
	    "policy-denied.subject");
	STATEMENT(F_STATEMENT(F_DIGEST, "https://slsa.dev/provenance/v2", "{}"),
	    "policy-denied.predicate");
	STATEMENT(
	    F_STATEMENT(F_DIGEST, "https://slsa.dev/provenance/v0.2", "{}"),
	    "policy-denied.predicate");
	STATEMENT(F_STATEMENT(F_DIGEST, F_V1, "[]"), "malformed");
	PREDICATE("{}", "malformed");
}

static void
test_predicate_agrees_with_the_certificate(void)
{
	PREDICATE(F_SLSA(F_REPO "x", F_REF, F_FLOW, F_COMMIT, F_SAN),
	    "binding-mismatch.predicate");
	PREDICATE(F_SLSA(F_REPO, "refs/heads/dev", F_FLOW, F_COMMIT, F_SAN),
	    "binding-mismatch.predicate");
	PREDICATE(F_SLSA(F_REPO, F_REF, "other.yml", F_COMMIT, F_SAN),
	    "binding-mismatch.predicate");
	PREDICATE(F_SLSA(F_REPO, F_REF, F_FLOW, "00", F_SAN),
	    "binding-mismatch.predicate");
	PREDICATE(F_SLSA(F_REPO, F_REF, F_FLOW, F_COMMIT,
		      "https://github.com/slsa-framework/generator@v1"),
	    "binding-mismatch.predicate");
	PREDICATE(F_SLSA(F_REPO, F_REF, F_FLOW, F_COMMIT,
		      "https://github.com/actions/runner/github-hosted"),
	    NULL);
	PREDICATE(F_SLSA(F_REPO, F_REF, F_FLOW, F_COMMIT,
		      "https://github.com/actions/runner/self-hosted"),
	    "binding-mismatch.predicate");
	/* The source is one of the dependencies, by either name of a commit. */
	PREDICATE("{\"buildDefinition\":{\"buildType\":\"t\","
		  "\"resolvedDependencies\":[{\"uri\":\"pkg:npm/a\"},{\"uri\":"
		  "\"git+" F_REPO "\",\"digest\":{\"sha1\":\"" F_COMMIT
		  "\"}}]},\"runDetails\":{\"builder\":{\"id\":\"" F_SAN "\"}}}",
	    NULL);
	PREDICATE("{\"buildDefinition\":{\"buildType\":\"t\","
		  "\"resolvedDependencies\":[{\"uri\":\"git+" F_REPO
		  "@refs/heads/x\",\"digest\":{\"sha1\":\"" F_COMMIT
		  "\"}}]},\"runDetails\":{\"builder\":{\"id\":\"" F_SAN "\"}}}",
	    "binding-mismatch.predicate");
	PREDICATE("{\"buildDefinition\":{},\"runDetails\":{}}", "malformed");
	PREDICATE("{\"buildDefinition\":{\"buildType\":\"t\"}}", "malformed");
	/* Certificates of early 2023 name no calling workflow. */
	struct f_make old = f_good();
	old.config = NULL;
	EXPECT(old, NULL);
	old.ref = "refs/heads/x";
	struct vs_provenance_want any = demand();
	any.source_ref = (struct vs_span){0};
	expect_of(&old, &any, "binding-mismatch.predicate", __LINE__);
	/* Without a source there is nothing to agree on. */
	PREDICATE("{\"buildDefinition\":{\"buildType\":\"t\"},"
		  "\"runDetails\":{\"builder\":{\"id\":\"" F_SAN "\"}}}",
	    "binding-mismatch.predicate");
	/* A reusable workflow signs: its name, and the caller's source. */
	struct f_make m = f_good();
	m.san = "URI:https://github.com/example/builders/a.yml@v1";
	m.signer = "https://github.com/example/builders/a.yml@v1";
	m.statement = F_STATEMENT(F_DIGEST, F_V1,
	    F_SLSA(F_REPO, F_REF, F_FLOW, F_COMMIT,
		"https://github.com/example/builders/a.yml@v1"));
	EXPECT(m, "policy-denied.identity");
	struct vs_provenance_want w = demand();
	w.identity = VS_SPAN_LIT("https://github.com/example/builders/*@v1");
	expect_of(&m, &w, NULL, __LINE__);
	w.source_uri = VS_SPAN_LIT("https://github.com/example/builders");
	expect_of(&m, &w, "policy-denied.source", __LINE__);
}

#define F_V02(uri, sha1, entry)                                                \
	F_STATEMENT(F_DIGEST, "https://slsa.dev/provenance/v0.2",              \
	    "{\"builder\":{\"id\":\"" F_SAN                                    \
	    "\"},\"buildType\":\"t\",\"invocation\":{\"configSource\":{"       \
	    "\"uri\":\"" uri "\",\"digest\":{\"sha1\":\"" sha1                 \
	    "\"},\"entryPoint\":\"" entry "\"},\"parameters\":{\"a\":1}}}")

static void
test_provenance_v02(void)
{
	static const struct {
		const char *statement, *code;
	} rows[] = {
	    {F_V02("git+" F_REPO "@" F_REF, F_COMMIT, F_FLOW), NULL},
	    {F_V02("git+" F_REPO "@refs/x", F_COMMIT, F_FLOW),
		"binding-mismatch.predicate"},
	    {F_V02("git+" F_REPO "x@" F_REF, F_COMMIT, F_FLOW),
		"binding-mismatch.predicate"},
	    {F_V02("git+" F_REPO "@" F_REF, "00", F_FLOW),
		"binding-mismatch.predicate"},
	    {F_V02("git+" F_REPO "@" F_REF, F_COMMIT, "x.yml"),
		"binding-mismatch.predicate"},
	};
	struct vs_provenance_want w = demand();
	struct f_make m = f_good();

	w.allow_v02 = true;
	for (size_t i = 0; i < VS_COUNT(rows); i++) {
		m.statement = rows[i].statement;
		expect_of(&m, &w, rows[i].code, __LINE__);
	}
	m.statement = rows[0].statement;
	w.strict_parameters = true;
	expect_of(&m, &w, "policy-denied.parameters", __LINE__);
}

static void
test_strict_parameters(void)
{
	struct vs_provenance_want w = demand();
	struct f_make m = f_good();

	w.strict_parameters = true;
	expect_of(&m, &w, NULL, __LINE__);
	m.statement = F_STATEMENT(F_DIGEST, F_V1,
	    "{\"buildDefinition\":{\"buildType\":\"" F_TYPE
	    "\",\"externalParameters\":{\"debug\":1}}}");
	expect_of(&m, &w, "policy-denied.parameters", __LINE__);
}

static void
test_any_predicate_proves_only_who(void)
{
	const struct vs_span type = VS_SPAN_LIT(F_TYPE);
	const struct vs_provenance_builder own = {VS_SPAN_LIT(F_SAN), 3};
	const struct vs_provenance_builder other = {
	    VS_SPAN_LIT("https://example/builder"), 3};
	struct vs_provenance_want w = demand();
	struct f_make m = f_good();
	struct vs_provenance p;
	struct vs_err err = {0};

	m.statement = F_STATEMENT(F_DIGEST, "https://example/x", "{}");
	expect_of(&m, &w, "policy-denied.predicate", __LINE__);
	w.any_predicate = true;
	if (CHECK_OK(judge(&m, &w, &p, &err), err))
		CHECK_INT(p.slsa_level, 0);
	w.min_level = 1;
	expect_of(&m, &w, "policy-denied.level", __LINE__);
	w.min_level = 0;
	/* What it cannot show is not taken as shown. */
	w.build_types = &type;
	w.build_types_n = 1;
	expect_of(&m, &w, "policy-denied.build-type", __LINE__);
	w.build_types_n = 0;
	w.builders = &other;
	w.builders_n = 1;
	expect_of(&m, &w, "policy-denied.builder", __LINE__);
	w.builders = &own;
	if (CHECK_OK(judge(&m, &w, &p, &err), err))
		CHECK_INT(p.slsa_level, 0);
	w.builders_n = 0;
	m.message = true;
	m.kind = "hashedrekord";
	expect_of(&m, &w, NULL, __LINE__);
	w.any_predicate = false;
	expect_of(&m, &w, "policy-denied.predicate", __LINE__);
}

static void
test_a_ca_without_logs(void)
{
	struct vs_provenance_want w = demand();
	struct f_make m = f_good();

	m.no_entry = m.no_sct = true;
	m.stamps = 1;
	expect_of(&m, &w, "missing-claim.log", __LINE__);
	w.no_transparency = true;
	expect_of(&m, &w, NULL, __LINE__);
	m.stamps = 0;
	expect_of(&m, &w, "missing-claim.time", __LINE__);
}

static void
test_by_key(void)
{
	struct vs_provenance_want w = demand();
	struct f_make m = f_good();
	struct vs_provenance p;
	struct vs_err err = {0};

	m.by_key = true;
	if (CHECK_OK(judge(&m, &w, &p, &err), err)) {
		CHECK(!p.keyless && p.logged);
		CHECK_INT(p.slsa_level, 1);
		CHECK(vs_span_starts(p.identity, VS_SPAN_LIT("key:")));
		CHECK_INT(p.identity.n, 4 + 64);
		CHECK(vs_span_is(p.source_uri, F_REPO));
		CHECK(vs_span_is(p.source_ref, F_REF));
		CHECK(vs_span_is(p.source_digest, F_COMMIT));
	}
	m.other_cert = true;
	expect_of(&m, &w, "binding-mismatch.entry", __LINE__);
	m.other_cert = false;
	m.no_entry = true;
	expect_of(&m, &w, "missing-claim.log", __LINE__);
	w.no_log = true;
	expect_of(&m, &w, NULL, __LINE__);
	w.max_age_s = 3600; /* nothing says when */
	expect_of(&m, &w, "policy-denied.age", __LINE__);
	w.max_age_s = 0;
	m.bad_sig = true;
	expect_of(&m, &w, "bad-signature", __LINE__);
}

static vs_status
judge_dsse(const struct f_make *m, const struct vs_provenance_want *w,
    struct vs_err *err)
{
	struct vs_buf text = {0};
	struct vs_provenance p;
	vs_status st;

	f_dsse(&world, m, &text);
	st = vs_provenance_verify(vs_buf_span(&text), trust, w, &pool, &p, err);
	vs_buf_fini(&text);
	return st;
}

static void
test_a_bare_envelope(void)
{
	struct vs_provenance_want w = demand();
	struct f_make m = f_good();
	struct vs_err err = {0};

	m.by_key = true;
	CHECK_INT(judge_dsse(&m, &w, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "missing-claim.log");
	w.no_log = true;
	CHECK_OK(judge_dsse(&m, &w, &err), err);
	m.two_sigs = true;
	CHECK_OK(judge_dsse(&m, &w, &err), err);
	m.by_key = false; /* by the certificate's key, which is not ours */
	CHECK_INT(judge_dsse(&m, &w, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "bad-signature");
}

/* code: for a signature of the artifact, by its digest alone. */
static void
by_kind_of_key(EVP_PKEY *key, const char *code)
{
	struct vs_provenance_trust *ours = trust;
	struct vs_provenance_want w = demand();
	struct f_make m = f_good();
	struct vs_buf pem = {0};
	struct vs_err err = {0};
	struct vs_span text;
	EVP_PKEY *was = world.own_key;

	world.own_key = key;
	f_pem_key(key, &pem);
	text = vs_buf_span(&pem);
	CHECK_OK(vs_provenance_trust_read(
		     (struct vs_span){0}, &text, 1, &trust, &err),
	    err);
	w.no_log = w.any_predicate = true;
	w.source_uri = w.source_ref = (struct vs_span){0};
	m.by_key = m.no_entry = true;
	expect_of(&m, &w, NULL, __LINE__);
	m.message = true;
	expect_of(&m, &w, code, __LINE__);
	w.artifact = VS_SPAN_LIT("hello");
	expect_of(&m, &w, NULL, __LINE__);
	m.bad_sig = true;
	expect_of(&m, &w, "bad-signature", __LINE__);
	vs_provenance_trust_free(&trust);
	trust = ours;
	world.own_key = was;
	vs_buf_fini(&pem);
	EVP_PKEY_free(key);
}

static void
test_every_kind_of_key(void)
{
	by_kind_of_key(EVP_EC_gen("P-256"), NULL);
	by_kind_of_key(EVP_RSA_gen(2048), NULL);
	by_kind_of_key(EVP_EC_gen("P-384"), "unsupported");
	by_kind_of_key(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "unsupported");
}

/* A leaf whose key is of a kind that we do not verify with. */
static void
test_a_certificate_of_another_kind(void)
{
	EVP_PKEY *was = world.leaf_key;
	struct f_make m = f_good();

	world.leaf_key = EVP_EC_gen("P-521");
	EXPECT(m, "unsupported");
	EVP_PKEY_free(world.leaf_key);
	world.leaf_key = was;
}

#define F_VSA(result, level)                                                   \
	F_STATEMENT(F_DIGEST, "https://slsa.dev/verification_summary/v1",      \
	    "{\"verifier\":{\"id\":\"https://verifier.example\"},"             \
	    "\"verificationResult\":\"" result                                 \
	    "\",\"verifiedLevels\":[\"SLSA_SOURCE_LEVEL_4\","                  \
	    "\"SLSA_BUILD_LEVEL_" level "\"]}")

static void
test_verification_summaries(void)
{
	const struct vs_provenance_builder b = {
	    VS_SPAN_LIT("https://verifier.example"), 2};
	struct vs_provenance_want w = demand();
	struct f_make m = f_good();
	struct vs_provenance p;
	struct vs_err err = {0};

	w.source_uri = w.source_ref = (struct vs_span){0};
	m.by_key = true;
	m.statement = F_VSA("PASSED", "3");
	expect_of(&m, &w, "policy-denied.predicate", __LINE__);
	w.allow_vsa = true;
	if (CHECK_OK(judge(&m, &w, &p, &err), err))
		CHECK_INT(p.slsa_level, 3);
	w.builders = &b;
	w.builders_n = 1;
	if (CHECK_OK(judge(&m, &w, &p, &err), err))
		CHECK_INT(p.slsa_level, 2);
	m.statement = F_VSA("FAILED", "3");
	expect_of(&m, &w, "policy-denied.result", __LINE__);
	m.statement = F_VSA("PASSED", "3");
	m.by_key = false; /* a CA vouches for nobody's judgement */
	expect_of(&m, &w, "policy-denied.predicate", __LINE__);
}

static void
test_legacy_bundles(void)
{
	struct vs_provenance_want w = demand();
	struct f_make m = f_good();

	w.legacy_bundles = true;
	m.media = "application/vnd.dev.sigstore.bundle+json;version=0.1";
	m.no_checkpoint = true;
	expect_of(&m, &w, NULL, __LINE__);
	m.bad_hash = true;
	expect_of(&m, &w, "binding-mismatch.proof", __LINE__);
	m.bad_hash = false;
	m.no_proof = true;
	expect_of(&m, &w, NULL, __LINE__);
	m.no_set = true;
	m.stamps = 1;
	expect_of(&m, &w, "missing-claim.set", __LINE__);
	m.media = "application/vnd.dev.sigstore.bundle+json;version=0.2";
	expect_of(&m, &w, "missing-claim.proof", __LINE__);
}

/* Every bit of a good bundle counts, or is not looked at: none of them
 * changes what comes out. */
static void
test_every_flip(void)
{
	struct vs_provenance_want w = demand();
	struct f_make m = f_good();
	struct vs_buf b = {0};
	size_t passed = 0;

	f_bundle(&world, &m, &b);
	for (size_t i = 0; i < b.n; i++) {
		struct vs_provenance p;
		struct vs_err err = {0};
		vs_arena_reset(&pool);
		b.p[i] ^= (uint8_t)(1u << i % 7);
		if (vs_provenance_verify(
			vs_buf_span(&b), trust, &w, &pool, &p, &err) == VS_OK) {
			passed++;
			CHECK(vs_span_is(p.identity, F_SAN));
			CHECK(vs_span_is(p.source_digest, F_COMMIT));
			CHECK_INT(p.times[0], F_AT);
		}
		b.p[i] ^= (uint8_t)(1u << i % 7);
	}
	/* The name of "keyid", which is not looked at. */
	CHECK(passed <= 5);
	for (size_t n = 0; n < b.n; n += 7) {
		struct vs_provenance p;
		struct vs_err err = {0};
		CHECK(vs_provenance_verify(VS_SPAN(b.p, n), trust, &w, &pool,
			  &p, &err) != VS_OK);
	}
	vs_buf_puts(&b, "x");
	struct vs_provenance p;
	struct vs_err err = {0};
	CHECK_INT(
	    vs_provenance_verify(vs_buf_span(&b), trust, &w, &pool, &p, &err),
	    VS_MALFORMED);
	vs_buf_fini(&b);
}

static void
test_bad_trust(void)
{
	static const char *const roots[] = {"{}", "[", "{\"mediaType\":1}"};
	struct vs_buf root = {0};
	struct vs_provenance_trust *t = NULL;
	struct vs_span key = VS_SPAN_LIT("-----BEGIN PRIVATE KEY-----\n");
	char *at;

	for (size_t i = 0; i < VS_COUNT(roots); i++) {
		struct vs_err err = {0};
		CHECK(vs_provenance_trust_read(
			  vs_span_cstr(roots[i]), NULL, 0, &t, &err) != VS_OK);
		CHECK_STR(err.code, "malformed-trust-root");
	}
	struct vs_err err = {0};
	CHECK(vs_provenance_trust_read(
		  (struct vs_span){0}, &key, 1, &t, &err) != VS_OK);
	CHECK_STR(err.code, "malformed");
	/* A window without a start would be one without an end. */
	f_root(&world, &root);
	at = strstr(vs_buf_cstr(&root), "\"start\"");
	if (CHECK(at != NULL))
		root.p[at - vs_buf_cstr(&root) + 1] = 'x';
	err = (struct vs_err){0};
	CHECK(vs_provenance_trust_read(vs_buf_span(&root), NULL, 0, &t, &err) !=
	    VS_OK);
	CHECK_STR(err.code, "malformed-trust-root");
	vs_buf_fini(&root);
	CHECK(t == NULL);
}

static void
test_nothing_trusted_accepts_nothing(void)
{
	struct vs_provenance_trust *none = NULL, *ours = trust;
	struct f_make m = f_good();
	struct vs_err err = {0};

	CHECK_OK(
	    vs_provenance_trust_read((struct vs_span){0}, NULL, 0, &none, &err),
	    err);
	trust = none;
	EXPECT(m, "unknown-key.log");
	m.by_key = true;
	EXPECT(m, "unknown-key");
	trust = ours;
	vs_provenance_trust_free(&none);
}

static void
test_patterns(void)
{
	static const struct {
		const char *pattern, *text;
		bool want;
	} rows[] = {
	    {"a", "a", true},
	    {"a", "ab", false},
	    {"a", "ba", false},
	    {"*", "", true},
	    {"*", "abc", true},
	    {"*", "a/c", false},
	    {"**", "a/c", true},
	    {"a/*/c", "a/b/c", true},
	    {"a/*/c", "a/b/b/c", false},
	    {"a/**/c", "a/b/b/c", true},
	    {"**/x*y", "a/xy/b/xzy", true},
	    {"**x*y", "xa/xby", true},
	    {"*a*b", "aab", true},
	    {"*a*b", "aac", false},
	    {"***", "a/b", true},
	    {"?", "a", false},
	    {"[a]", "a", false},
	    {"refs/heads/*", "refs/heads/a/b", false},
	    {"*@b.example", "a@b.example", true},
	    {"*@b.example", "a@b.example.evil", false},
	    {"", "", false},
	};

	for (size_t i = 0; i < VS_COUNT(rows); i++)
		if (!CHECK(vs_provenance_pattern_match(
			       vs_span_cstr(rows[i].pattern),
			       vs_span_cstr(rows[i].text)) == rows[i].want))
			fprintf(stderr, "  %s on %s\n", rows[i].pattern,
			    rows[i].text);
}

static void
test_the_digest_must_be_one(void)
{
	struct vs_provenance_want w = demand();
	struct vs_provenance p;
	struct vs_err err = {0};
	struct f_make m = f_good();

	w.digest.n = 31;
	CHECK_INT(judge(&m, &w, &p, &err), VS_USAGE);
	w.digest.n = 32;
	w.artifact = VS_SPAN_LIT("hello");
	CHECK_OK(judge(&m, &w, &p, &err), err);
	w.artifact = VS_SPAN_LIT("hallo");
	CHECK_INT(judge(&m, &w, &p, &err), VS_USAGE);
}

static void
start(void)
{
	struct vs_buf root = {0}, pem = {0};
	struct vs_err err = {0};
	struct vs_span key;

	f_world_init(&world);
	f_root(&world, &root);
	f_pem_key(world.own_key, &pem);
	key = vs_buf_span(&pem);
	CHECK_OK(
	    vs_provenance_trust_read(vs_buf_span(&root), &key, 1, &trust, &err),
	    err);
	CHECK(vs_unhex(VS_SPAN_LIT(F_DIGEST), digest, 32) == VS_OK);
	vs_arena_init(&pool, 64 << 20);
	vs_buf_fini(&root);
	vs_buf_fini(&pem);
}

int
main(void)
{
	start();
	if (trust == NULL)
		return check_result();
	RUN(test_a_good_bundle_says_who_built_it);
	RUN(test_every_kind_of_entry);
	RUN(test_signature);
	RUN(test_form);
	RUN(test_log);
	RUN(test_log_key_is_valid_at_both_ends);
	RUN(test_log_key_of_yesterday);
	RUN(test_times);
	RUN(test_chain);
	RUN(test_identity);
	RUN(test_demands);
	RUN(test_statement);
	RUN(test_predicate_agrees_with_the_certificate);
	RUN(test_provenance_v02);
	RUN(test_strict_parameters);
	RUN(test_any_predicate_proves_only_who);
	RUN(test_a_ca_without_logs);
	RUN(test_by_key);
	RUN(test_a_bare_envelope);
	RUN(test_every_kind_of_key);
	RUN(test_a_certificate_of_another_kind);
	RUN(test_verification_summaries);
	RUN(test_legacy_bundles);
	RUN(test_every_flip);
	RUN(test_bad_trust);
	RUN(test_nothing_trusted_accepts_nothing);
	RUN(test_patterns);
	RUN(test_the_digest_must_be_one);
	vs_provenance_trust_free(&trust);
	vs_arena_fini(&pool);
	f_world_fini(&world);
	return check_result();
}
