/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a verification, for provenance/ only: in the order in which
 * they happen. Names begin with vs_pv_. */
#ifndef VS_PROVENANCE_PARTS_H
#define VS_PROVENANCE_PARTS_H

#include "codec/json.h"
#include "crypto/sigkey.h"
#include "crypto/timestamp.h"
#include "provenance/provenance.h"

/* --- reading JSON (read.c) ------------------------------------------- */

/* Protobuf's JSON: a member that is null is absent. */
const struct vs_json *vs_pv_get(const struct vs_json *o, const char *name);
/* Empty when absent or not a string. */
struct vs_span vs_pv_str(const struct vs_json *o, const char *name);
/* Standard base64 into the arena; "malformed" unless it is there. */
VS_MUST_USE vs_status vs_pv_b64(const struct vs_json *o, const char *name,
    struct vs_arena *a, struct vs_span *out, struct vs_err *err);
/* 0 to 2^63 - 1, as a decimal string or a number. */
VS_MUST_USE vs_status vs_pv_u63(const struct vs_json *o, const char *name,
    uint64_t *out, struct vs_err *err);
/* The same of a text: no sign, no leading zero. */
bool vs_pv_decimal(struct vs_span text, uint64_t *out);
/* Lower-case hex of exactly n octets. */
bool vs_pv_is_hex(struct vs_span text, struct vs_span raw);
/* Parses, with the code "malformed" on failure. */
VS_MUST_USE vs_status vs_pv_json(
    struct vs_span text, struct vs_json **out, struct vs_err *err);
/* The array, or NULL; "malformed" above max elements or for another type. */
VS_MUST_USE vs_status vs_pv_array(const struct vs_json *o, const char *name,
    size_t max, const struct vs_json **out, struct vs_err *err);

/* --- what is trusted (trust.c) --------------------------------------- */

enum {
	VS_PV_CHAIN_MAX = 6,
	VS_PV_LOGS_MAX = 32,
};

/* Unix milliseconds, both ends included. */
struct vs_pv_window {
	int64_t start, end;
};
bool vs_pv_in(const struct vs_pv_window *w, int64_t unix_ms);

struct vs_pv_log {
	uint8_t id[32];
	struct vs_span host; /* of baseUrl: who signs checkpoints */
	struct vs_sigkey *key;
	struct vs_pv_window valid;
};

/* From what signs leaves up to the root, or for time stamps from the leaf. */
struct vs_pv_ca {
	const struct vs_cert *certs[VS_PV_CHAIN_MAX];
	size_t n;
	struct vs_pv_window valid;
};

struct vs_provenance_trust {
	struct vs_arena arena;
	bool has_root;
	struct vs_pv_log logs[VS_PV_LOGS_MAX];
	size_t logs_n;
	struct vs_pv_log ctlogs[VS_PV_LOGS_MAX];
	size_t ctlogs_n;
	struct vs_pv_ca cas[VS_PV_LOGS_MAX];
	size_t cas_n;
	struct vs_pv_ca tsas[VS_PV_LOGS_MAX];
	size_t tsas_n;
	struct vs_cert *certs[2 * VS_PV_LOGS_MAX * VS_PV_CHAIN_MAX];
	size_t certs_n;
	struct vs_sigkey *keys[VS_PROVENANCE_KEYS_MAX];
	size_t keys_n;
};

/* --- the document (bundle.c) ----------------------------------------- */

enum {
	VS_PV_ENTRIES_MAX = 32,
	VS_PV_HASHES_MAX = 64,
	VS_PV_STAMPS_MAX = 32,
	VS_PV_SIGNATURES_MAX = 16,
};

struct vs_pv_proof {
	bool given;
	uint64_t index, size;
	struct vs_span root;
	struct vs_span hashes[VS_PV_HASHES_MAX];
	size_t hashes_n;
	struct vs_span checkpoint; /* text; empty: none */
};

struct vs_pv_entry {
	uint64_t index; /* in the log as a whole */
	struct vs_span log_id;
	struct vs_span kind, version;
	uint64_t integrated;            /* seconds; 0: not stated */
	struct vs_span set;             /* empty: none */
	struct vs_span body, body_text; /* decoded, and as it stands */
	struct vs_pv_proof proof;
};

struct vs_pv_doc {
	bool bundle;
	int version;         /* of the bundle: 1, 2 or 3 for 0.x */
	struct vs_span leaf; /* certificate, DER; empty: by key */
	struct vs_pv_entry *entries;
	size_t entries_n;
	struct vs_span stamps[VS_PV_STAMPS_MAX];
	size_t stamps_n;
	struct vs_span sigs[VS_PV_SIGNATURES_MAX];
	size_t sigs_n;
	bool dsse;
	struct vs_span type, payload;  /* of the envelope */
	struct vs_span pae;            /* what its signatures are over */
	struct vs_span message_digest; /* SHA-256 of the artifact, or empty */
};

/* Reads either form; the arena holds what is decoded and *json the rest. */
VS_MUST_USE vs_status vs_pv_read(struct vs_span text,
    const struct vs_provenance_want *want, struct vs_arena *a,
    struct vs_json **json, struct vs_pv_doc *out, struct vs_err *err);
/* envelope.c: a DSSE envelope; one: exactly one signature. */
VS_MUST_USE vs_status vs_pv_envelope(const struct vs_json *o, bool one,
    struct vs_arena *a, struct vs_pv_doc *out, struct vs_err *err);
/* entries.c: what a log says. */
VS_MUST_USE vs_status vs_pv_entries(const struct vs_json *material,
    struct vs_arena *a, struct vs_pv_doc *out, struct vs_err *err);

/* --- the work -------------------------------------------------------- */

/* What is worked out on the way. */
struct vs_pv_run {
	const struct vs_provenance_trust *trust;
	const struct vs_provenance_want *want;
	struct vs_arena *arena; /* of this verification */
	struct vs_json *json;   /* the document */
	struct vs_json *statement_json;
	struct vs_pv_doc doc;
	struct vs_cert *cert;  /* keyless */
	struct vs_sigkey *key; /* of cert */
	const struct vs_sigkey *signer;
	struct vs_span sig;                    /* the one that verified */
	uint8_t signed_sha256[VS_SHA256_SIZE]; /* artifact or PAE */
	const struct vs_cert *issuer;          /* of cert, in the trust */
	struct vs_provenance out; /* spans into the run until the end */
	struct vs_span build_signer, build_config; /* of cert */
};

/* signature.c: step 2. */
VS_MUST_USE vs_status vs_pv_signature(struct vs_pv_run *r, struct vs_err *err);
/* stamps.c: step 3; adds times. */
VS_MUST_USE vs_status vs_pv_stamps(struct vs_pv_run *r, struct vs_err *err);
/* log.c: step 4; adds times. */
VS_MUST_USE vs_status vs_pv_logged(struct vs_pv_run *r, struct vs_err *err);
/* merkle.c: RFC 9162 2.1.3.2, with SHA-256. */
bool vs_pv_included(const struct vs_pv_proof *p, struct vs_span leaf);
/* checkpoint.c: of this log, over the proof's tree. */
VS_MUST_USE vs_status vs_pv_checkpoint(const struct vs_pv_proof *p,
    const struct vs_pv_log *log, struct vs_arena *a, struct vs_err *err);
/* entry.c: the entry is about this signature, by this key. */
VS_MUST_USE vs_status vs_pv_entry_matches(
    const struct vs_pv_run *r, const struct vs_pv_entry *e, struct vs_err *err);
/* chain.c: steps 5 and 6. */
VS_MUST_USE vs_status vs_pv_chain(struct vs_pv_run *r, struct vs_err *err);
/* sct.c: step 7. */
VS_MUST_USE vs_status vs_pv_sct(const struct vs_pv_run *r, struct vs_err *err);
/* identity.c: step 8, the certificate's own words. */
VS_MUST_USE vs_status vs_pv_identity(struct vs_pv_run *r, struct vs_err *err);
/* statement.c: what was signed, and its subject. */
VS_MUST_USE vs_status vs_pv_statement(struct vs_pv_run *r, struct vs_err *err);
/* slsa.c: predicates of provenance v1 and v0.2. */
VS_MUST_USE vs_status vs_pv_slsa_v1(
    struct vs_pv_run *r, const struct vs_json *predicate, struct vs_err *err);
VS_MUST_USE vs_status vs_pv_slsa_v02(
    struct vs_pv_run *r, const struct vs_json *predicate, struct vs_err *err);
/* vsa.c: a verification summary. */
VS_MUST_USE vs_status vs_pv_vsa(
    struct vs_pv_run *r, const struct vs_json *predicate, struct vs_err *err);
/* demand.c: who signed, and then all else that the caller wants. */
VS_MUST_USE vs_status vs_pv_demand_signer(
    const struct vs_pv_run *r, struct vs_err *err);
VS_MUST_USE vs_status vs_pv_demand(struct vs_pv_run *r, struct vs_err *err);

/* VS_LIMITED when there is no room. */
VS_MUST_USE vs_status vs_pv_add_time(
    struct vs_pv_run *r, int64_t unix_s, struct vs_err *err);

#endif
