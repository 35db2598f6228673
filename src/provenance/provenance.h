/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who built it, from what: in-toto statements (SLSA provenance v1 and v0.2,
 * verification summaries) in DSSE envelopes and in Sigstore bundles, judged
 * offline. The caller hands in the document, what to trust and what to
 * demand; the answer holds nothing that is not covered by a signature.
 *
 * Two ways to trust:
 *   key      the envelope or bundle is signed by a key of the trust;
 *   keyless  a bundle is signed by a certificate of minutes, which a CA of
 *            the trusted root gave to an identity, and a log and time stamps
 *            show that it was used while it was valid.
 *
 * Sources: DSSE protocol.md, in-toto/attestation v1, slsa.dev provenance v1
 * and v0.2, the Sigstore bundle v0.3 and trusted root v0.1, RFC 6962,
 * RFC 9162, RFC 3161, C2SP signed-note and tlog-checkpoint.
 */
#ifndef VS_PROVENANCE_PROVENANCE_H
#define VS_PROVENANCE_PROVENANCE_H

#include "base/arena.h"

enum {
	VS_PROVENANCE_MAX = 1024 * 1024, /* octets of a document */
	VS_PROVENANCE_KEYS_MAX = 32,
	VS_PROVENANCE_BUILDERS_MAX = 64,
	VS_PROVENANCE_LEVEL_MAX = 4, /* SLSA_BUILD_LEVEL_n; the track ends at 3,
					v0.1 had a level 4 */
	VS_PROVENANCE_TIMES_MAX = 64,
};

/*
 * Why a document was refused: the fine code of the vs_err. The part before
 * the dot is the kind of failure, the part behind it says where.
 * X(code, status, what it means).
 */
/* clang-format off */
#define VS_PROVENANCE_CODE_TABLE(X)					\
	X("malformed", VS_MALFORMED,					\
	  "it does not parse")						\
	X("unsupported", VS_UNSUPPORTED,				\
	  "a version, kind or algorithm that is not known")		\
	X("malformed-trust-root", VS_MALFORMED,				\
	  "the trusted root does not parse")				\
	X("unknown-key", VS_UNTRUSTED,					\
	  "signed by a key, and none is trusted")			\
	X("unknown-key.log", VS_UNTRUSTED,				\
	  "a log that the trusted root does not have")			\
	X("bad-signature", VS_UNTRUSTED,				\
	  "the envelope or artifact is not signed by its key")		\
	X("bad-signature.set", VS_UNTRUSTED,				\
	  "the log did not promise this entry")				\
	X("bad-signature.checkpoint", VS_UNTRUSTED,			\
	  "the log did not sign this checkpoint")			\
	X("bad-signature.sct", VS_UNTRUSTED,				\
	  "no certificate log signed for the certificate")		\
	X("missing-claim.proof", VS_UNTRUSTED,				\
	  "a log entry without proof of inclusion")			\
	X("missing-claim.set", VS_UNTRUSTED,				\
	  "a log entry without a promise where the version needs one")	\
	X("missing-claim.log", VS_UNTRUSTED,				\
	  "no log entry")						\
	X("missing-claim.checkpoint", VS_UNTRUSTED,			\
	  "a checkpoint without a signature of its log")		\
	X("missing-claim.time", VS_UNTRUSTED,				\
	  "nothing says when it was signed")				\
	X("missing-claim.issuer", VS_UNTRUSTED,				\
	  "the certificate names no issuer")				\
	X("binding-mismatch.entry", VS_UNTRUSTED,			\
	  "the log entry is about something else")			\
	X("binding-mismatch.proof", VS_UNTRUSTED,			\
	  "the proof does not lead to the root")			\
	X("binding-mismatch.checkpoint", VS_UNTRUSTED,			\
	  "the checkpoint is of another tree")				\
	X("binding-mismatch.issuer", VS_UNTRUSTED,			\
	  "the certificate names two issuers")				\
	X("binding-mismatch.predicate", VS_UNTRUSTED,			\
	  "the statement contradicts the certificate")			\
	X("timestamp-invalid", VS_UNTRUSTED,				\
	  "a time stamp does not verify")				\
	X("untrusted-root", VS_UNTRUSTED,				\
	  "the certificate is of no CA of the trusted root")		\
	X("expired", VS_STALE,						\
	  "not valid at the time of signing")				\
	X("policy-denied.digest", VS_DENIED,				\
	  "signed for another artifact")				\
	X("policy-denied.subject", VS_DENIED,				\
	  "no subject has the digest")					\
	X("policy-denied.issuer", VS_DENIED,				\
	  "another issuer of identities")				\
	X("policy-denied.identity", VS_DENIED,				\
	  "another identity signed")					\
	X("policy-denied.source", VS_DENIED,				\
	  "another repository, ref or commit")				\
	X("policy-denied.runner", VS_DENIED,				\
	  "another kind of runner")					\
	X("policy-denied.builder", VS_DENIED,				\
	  "a builder that is not listed")				\
	X("policy-denied.build-type", VS_DENIED,			\
	  "a build type that is not listed")				\
	X("policy-denied.predicate", VS_DENIED,				\
	  "not a kind of statement that is asked for")			\
	X("policy-denied.parameters", VS_DENIED,			\
	  "an external parameter that is not known")			\
	X("policy-denied.level", VS_DENIED,				\
	  "a lower SLSA level")						\
	X("policy-denied.age", VS_DENIED,				\
	  "signed too long ago")					\
	X("policy-denied.result", VS_DENIED,				\
	  "a verification summary that says FAILED")
/* clang-format on */

/* What to trust. Immutable once read; any number of threads. */
struct vs_provenance_trust;

/*
 * root: a Sigstore trusted root (JSON), or empty: nothing keyless verifies.
 * keys: PEM public keys (Ed25519, P-256, P-384, RSA from 2048 bits), one
 * block each. code "malformed-trust-root" for a bad root, "malformed" for a
 * bad key. Nothing is kept of the spans.
 */
VS_MUST_USE vs_status vs_provenance_trust_read(struct vs_span root,
    const struct vs_span *keys, size_t keys_n, struct vs_provenance_trust **out,
    struct vs_err *err);
void vs_provenance_trust_free(struct vs_provenance_trust **t);

/* How far a builder is trusted. */
struct vs_provenance_builder {
	struct vs_span id; /* pattern, for builder.id or the build signer */
	int64_t level;     /* 0 to VS_PROVENANCE_LEVEL_MAX */
};

/*
 * What to demand. Patterns are for the whole text: `*` any run without '/',
 * `**` any run, all else itself. Empty spans and zeros demand nothing,
 * except that issuer and identity must be given for keyless.
 */
struct vs_provenance_want {
	/* Of the artifact, raw: 32 octets (SHA-256) or 64 (SHA-512). */
	struct vs_span digest;
	/* The artifact itself, where one has it: needed for an Ed25519
	 * signature that is over the artifact and not over a statement. */
	struct vs_span artifact;
	struct vs_span issuer;   /* exact */
	struct vs_span identity; /* pattern: URI or email of the certificate */
	struct vs_span source_uri;         /* exact, https://host/owner/name */
	struct vs_span source_repo_id;     /* exact; survives renames */
	struct vs_span source_ref;         /* pattern */
	struct vs_span source_digest;      /* exact, commit in hex */
	struct vs_span runner;             /* exact: "github-hosted" */
	const struct vs_span *build_types; /* exact; n == 0: any */
	size_t build_types_n;
	/* n == 0: any, and see slsa_level. Else the builder must match one of
	 * them, and the first that matches gives the level. */
	const struct vs_provenance_builder *builders;
	size_t builders_n;
	int64_t min_level;
	int64_t max_age_s; /* since it was signed; needs now_s */
	int64_t now_s;
	bool allow_v02; /* SLSA provenance v0.2 as well as v1 */
	bool allow_vsa; /* verification summaries; signed by a key only */
	/* Any statement or a bare signature of the artifact: proves who signed
	 * it, not how it was built. The level is 0. */
	bool any_predicate;
	bool strict_parameters; /* refuse unknown external parameters */
	bool legacy_bundles;    /* bundles of v0.1 and v0.2 */
	bool no_log;            /* key: a log entry may be missing */
	/* keyless: the CA keeps no logs (GitHub's own, for private
	 * repositories): no log entry, no SCT; a time stamp is needed. */
	bool no_transparency;
};

/* Text lives in the arena. Empty: not stated by what was signed. */
struct vs_provenance {
	bool keyless;
	/*
	 * SLSA build level: what `builders` says of the builder. Without
	 * builders 1, and 2 when GitHub's issuer vouches that the build ran
	 * on a runner of GitHub. Of a verification summary: what it says, at
	 * most what `builders` says of the verifier.
	 */
	int64_t slsa_level;
	/* "https://…" or "a@b" of the certificate; "key:" and the SHA-256 of
	 * its SubjectPublicKeyInfo in hex. */
	struct vs_span identity;
	struct vs_span issuer;
	struct vs_span builder; /* builder.id, or the verifier's */
	struct vs_span build_type;
	struct vs_span source_uri; /* "https://github.com/o/r" */
	struct vs_span source_ref;
	struct vs_span source_digest;
	struct vs_span source_repo_id;
	struct vs_span workflow; /* path in the source */
	struct vs_span runner;
	struct vs_span predicate_type; /* "" for a bare signature */
	struct vs_span subject_name;   /* label of the matching subject */
	/* When it was signed, Unix seconds, as time stamps and logs say; none
	 * for a key without a log. */
	int64_t times[VS_PROVENANCE_TIMES_MAX];
	size_t times_n;
	bool logged;
	int64_t log_index; /* of the first entry */
	uint8_t log_id[32];
};

/*
 * document: a Sigstore bundle or a DSSE envelope, told apart by its members;
 * an envelope is verified by key only and needs want->no_log. On failure
 * err->code is of the table, or NULL for lack of memory and the like.
 */
VS_MUST_USE vs_status vs_provenance_verify(struct vs_span document,
    const struct vs_provenance_trust *trust,
    const struct vs_provenance_want *want, struct vs_arena *a,
    struct vs_provenance *out, struct vs_err *err);

/* True for a pattern that may match something: valid UTF-8, not empty, at
 * most 512 octets. */
bool vs_provenance_pattern_ok(struct vs_span pattern);
bool vs_provenance_pattern_match(struct vs_span pattern, struct vs_span text);

#endif
