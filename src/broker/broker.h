/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decisions: challenge, release, and the administration of keys. Bytes
 * and protocols belong to http/; here are typed requests and answers.
 */
#ifndef VS_BROKER_BROKER_H
#define VS_BROKER_BROKER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "broker/list_rule.h"
#include "evidence/devices.h"
#include "evidence/evidence.h"
#include "keeper/client.h"
#include "policy/policy.h"
#include "store/store.h"

struct vs_broker;

struct vs_broker_options {
	struct vs_store *store;   /* borrowed */
	struct vs_keeper *keeper; /* borrowed */
	struct vs_clock clock;
	unsigned nonce_ttl_s; /* 10 .. 3600; default 300 */
	vs_crl_mode crl;
	bool allow_masked_chip_id;
	bool allow_expired_rim; /* of GPUs */
	unsigned workers;       /* release may run on 0 .. workers-1 */
	unsigned batch_channel; /* of the keeper, for what takes long */
	/* A KEK that encrypted so often is rotated; 0: VS_KEK_MAX_USES. */
	int64_t kek_max_uses;
	/* Threads that help to verify the devices of a request; shared. */
	unsigned hands;
	struct vs_list_rules lists; /* borrowed; n == 0: there are none */
};
/* A quarter of what SP 800-38D 8.3 allows for random nonces of 96 bits, which
 * leaves time for the rotation. */
#define VS_KEK_MAX_USES ((int64_t)1 << 30)
VS_MUST_USE vs_status vs_broker_new(const struct vs_broker_options *opt,
    struct vs_broker **out, struct vs_err *err);
void vs_broker_free(struct vs_broker **b);

/* What a reload swaps, whole. References are taken over. Digests name the
 * snapshot in audit records. A request keeps the snapshot it began with. */
struct vs_snapshot_parts {
	struct vs_policy_set *policies;
	uint8_t policies_digest[32];
	struct vs_lists *lists; /* NULL: those in force stay */
	struct vs_collateral *collateral;
	int64_t loaded_ms;
};
VS_MUST_USE vs_status vs_broker_install(
    struct vs_broker *b, struct vs_snapshot_parts *parts, struct vs_err *err);

/* ---- guests ------------------------------------------------------------ */

enum { VS_NONCE_SIZE = 32 };
/* Stateless: time || random || MAC. */
VS_MUST_USE vs_status vs_broker_challenge(struct vs_broker *b,
    uint8_t nonce[VS_NONCE_SIZE], unsigned *expires_in_s, struct vs_err *err);

struct vs_key_ask {
	struct vs_span name;
	uint32_t version; /* 0: the newest active one */
};

enum { VS_RELEASE_KEYS_MAX = VS_RESEAL_KEYS_MAX };

/* Decoded, not judged. Spans are borrowed for the call. */
struct vs_release_request {
	struct vs_span nonce;
	struct vs_recipient recipient;
	struct vs_evidence_input cpu;
	struct vs_devices_input devices; /* zero: none */
	const struct vs_key_ask *keys;
	size_t keys_n;
	struct vs_span peer; /* address, for the audit record */
};

struct vs_release_reply {
	uint8_t id[VS_STORE_ID_SIZE]; /* set whatever the outcome */
	struct vs_buf jwe;            /* only on VS_OK; the caller finis it */
	/* Rule ids that failed, only where policies disclose them. In the
	 * arena. */
	const char *const *failed_rules;
	size_t failed_rules_n;
};

/*
 * The whole way of one release, in the order of the architecture: nonce MAC
 * and age; evidence; policy; records; keeper; audit record and spent nonce
 * on disk. Only then VS_OK. worker picks the keeper channel; the arena is
 * the worker's, reset by the caller.
 * VS_DENIED for policy, unknown, disabled and destroyed keys alike; with code
 * "approval.pending" where it waits for people, and may be asked for again.
 */
VS_MUST_USE vs_status vs_broker_release(struct vs_broker *b, unsigned worker,
    struct vs_arena *arena, const struct vs_release_request *req,
    struct vs_release_reply *reply, struct vs_err *err);

/* SHA-512(tag || 0 || nonce || thumbprint || devices), the 64 bytes that the
 * CPU report must carry. devices: 32 bytes, or empty for none. */
VS_MUST_USE vs_status vs_binding_report_data(struct vs_span nonce,
    const struct vs_recipient *recipient, struct vs_span devices,
    uint8_t out[64]);
/* What all GPUs and switches must answer:
 * SHA-256("vouchsafe/v1 gpu" || 0 || nonce || thumbprint). */
VS_MUST_USE vs_status vs_binding_gpu_nonce(struct vs_span nonce,
    const struct vs_recipient *recipient, uint8_t out[32]);
/* SHA-256 over the devices in the order sent, the GPUs first: of each its
 * SHA-256(report) || SHA-256(certs), and where a GPU states its cc_state also
 * SHA-256("vouchsafe/v1 cc-state" || 0 || the text). 32 zeros for none.
 * VS_TOO_LARGE above the limits of evidence/devices.h. */
VS_MUST_USE vs_status vs_binding_devices(
    const struct vs_devices_input *in, uint8_t out[32]);
/* RFC 7638 SHA-256 thumbprint of the recipient's public JWK. */
VS_MUST_USE vs_status vs_binding_thumbprint(
    const struct vs_recipient *recipient, uint8_t out[32]);

/* ---- administration ---------------------------------------------------- */

/* 1..255 bytes of [A-Za-z0-9._-] in segments parted by '/', no empty, "."
 * or ".." segment; at least two segments. VS_MALFORMED says what is wrong. */
VS_MUST_USE vs_status vs_key_name_check(
    struct vs_span name, struct vs_err *err);

/* who: identity for the audit record ("uid:0", ...). Each successful change
 * leaves an audit record before it returns. */
VS_MUST_USE vs_status vs_broker_key_create(struct vs_broker *b,
    struct vs_span who, const struct vs_span *names, size_t n, size_t bytes,
    struct vs_span content_type, bool dry_run, struct vs_err *err);
/* The same with more to say. */
struct vs_key_make {
	const struct vs_span *names;
	size_t n;
	size_t bytes;
	struct vs_span content_type;
	bool dataset;     /* others are derived from it */
	int64_t max_uses; /* 0: no limit */
};
VS_MUST_USE vs_status vs_broker_key_make(struct vs_broker *b,
    struct vs_span who, const struct vs_key_make *make, bool dry_run,
    struct vs_err *err);
/* Epochs up to this one are never given out again. */
VS_MUST_USE vs_status vs_broker_key_close(struct vs_broker *b,
    struct vs_span who, struct vs_span name, uint32_t epoch, bool dry_run,
    struct vs_err *err);

/*
 * A key that somebody else made, sealed to the keeper's import key. version
 * is the one it was sealed for: 1 for a new name, else the next.
 */
enum { VS_BROKER_IMPORT_KEY_SIZE = 32, VS_SEALED_HEADER_MAX = 1024 };
struct vs_sealed_key {
	struct vs_span header; /* base64url text, as received */
	struct vs_span epk;
	struct vs_span iv;
	struct vs_span ciphertext;
	struct vs_span tag;
};
struct vs_key_import {
	struct vs_span name;
	uint32_t version;
	struct vs_span content_type;
	bool dataset;
	int64_t max_uses; /* 0: no limit */
	struct vs_sealed_key sealed;
};
VS_MUST_USE vs_status vs_broker_key_import(struct vs_broker *b,
    struct vs_span who, const struct vs_key_import *in, bool dry_run,
    struct vs_err *err);
VS_MUST_USE vs_status vs_broker_import_key(struct vs_broker *b,
    uint8_t out[VS_BROKER_IMPORT_KEY_SIZE], struct vs_err *err);
VS_MUST_USE vs_status vs_broker_key_rotate(struct vs_broker *b,
    struct vs_span who, struct vs_span name, bool dry_run,
    uint32_t *new_version, struct vs_err *err);
/* version 0: every version. */
VS_MUST_USE vs_status vs_broker_key_state(struct vs_broker *b,
    struct vs_span who, struct vs_span name, uint32_t version,
    vs_key_state state, bool dry_run, struct vs_err *err);

/*
 * Destroyed after a waiting period, by the upkeep, and not given out
 * meanwhile; and undone: the versions are disabled then.
 */
enum {
	VS_DESTROY_WAIT_S = 7 * 86400, /* where nobody says otherwise */
	VS_DESTROY_WAIT_MAX_S = 3650 * 86400,
};
VS_MUST_USE vs_status vs_broker_key_schedule(struct vs_broker *b,
    struct vs_span who, struct vs_span name, uint32_t version, int64_t wait_s,
    bool dry_run, int64_t *due_ms, struct vs_err *err);
VS_MUST_USE vs_status vs_broker_key_cancel(struct vs_broker *b,
    struct vs_span who, struct vs_span name, uint32_t version, bool dry_run,
    struct vs_err *err);

/* Readiness: VS_OK or VS_UNAVAILABLE with what is missing. */
VS_MUST_USE vs_status vs_broker_ready(struct vs_broker *b, struct vs_err *err);

#endif
