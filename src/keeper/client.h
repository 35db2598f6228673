/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The front's side of the keeper: starts the keeper process, supervises it,
 * and asks it. Records are opaque to everyone but the keeper; no call
 * returns a key, a KEK or the root key, for there is no such request.
 */
#ifndef VS_KEEPER_CLIENT_H
#define VS_KEEPER_CLIENT_H

#include "base/buf.h"
#include "base/cage.h"
#include "crypto/ecdh.h" /* vs_curve */
#include "keeper/seal.h"

enum {
	VS_KEEPER_ID_SIZE = 16,
	/* format 1 || id 16 || nonce 12 || ciphertext 32 || tag 16 */
	VS_KEY_RECORD_SIZE = 77,
	/* A payload record is 45 bytes longer than the payload. */
	VS_PAYLOAD_OVERHEAD = 45,
	VS_PAYLOAD_MAX = 1024 * 1024,
	VS_KEY_NAME_MAX = 255,
	VS_CONTENT_TYPE_MAX = 127,
	VS_RESEAL_KEYS_MAX = 10000,
	VS_REWRAP_KEYS_MAX = 1024,
	VS_KEEPER_CHAIN_SIZE = 32,
	VS_KEEPER_WHY_MAX = 256,
};

struct vs_keeper; /* one supervised process; thread-safe */

struct vs_keeper_options {
	const char *program; /* path of vouchsafe-keeper */
	struct vs_seal_conf seal;
	/* Make a root when there is no seal file: only for an empty store,
	 * for under a new root no old record opens. */
	bool may_create_seal;
	unsigned channels; /* one per front worker */
	/* Who the keeper becomes, once it has read the seal, where we are
	 * root; uid 0: stays who we are. */
	struct vs_cage_user user;
};

/*
 * Forks the process that will start the keeper (keeper/starter.h). To be
 * called before the first thread and before the caller confines itself.
 */
VS_MUST_USE vs_status vs_keeper_new(const struct vs_keeper_options *opt,
    struct vs_keeper **out, struct vs_err *err);
/*
 * Has the keeper started and waits until it answered. A supervisor thread
 * restarts it, with bounded back-off, when it dies; calls meanwhile fail with
 * VS_UNAVAILABLE. A keeper that cannot open its seal stays up as sealed:
 * calls then fail with VS_SEALED.
 */
VS_MUST_USE vs_status vs_keeper_run(struct vs_keeper *k, struct vs_err *err);
/* Both of them. */
VS_MUST_USE vs_status vs_keeper_start(const struct vs_keeper_options *opt,
    struct vs_keeper **out, struct vs_err *err);
/* Stops the process and frees. Accepts NULL, nulls the pointer. */
void vs_keeper_free(struct vs_keeper **k);

struct vs_keeper_status {
	bool up;
	bool sealed;
	char seal[16]; /* "file" */
	/* why it is sealed, for people; "" otherwise */
	char why[VS_KEEPER_WHY_MAX];
	struct vs_seal_shares shares;
	int pid;
	uint32_t restarts;
	uint64_t unwraps;  /* the keeper's own count since its start */
	uint64_t failures; /* records that did not open */
};
void vs_keeper_status(struct vs_keeper *k, struct vs_keeper_status *out);

/*
 * Gives a sealed keeper one share, as printed. With the last one that it needs
 * it opens, and serves from the next call on. A share that is wrong is named
 * by its number (VS_MALFORMED) and does not count; VS_CONFLICT where the
 * keeper is not sealed, or takes no shares.
 */
VS_MUST_USE vs_status vs_keeper_unseal(struct vs_keeper *k, unsigned channel,
    struct vs_span share, struct vs_err *err);

/*
 * channel picks the worker's own channel (0 .. channels-1); a channel is
 * used by one thread at a time (a mutex guards against mistakes).
 */

/* The key of the nonce MAC: derived from the root, the one sub-key that is
 * handed to the front. */
VS_MUST_USE vs_status vs_keeper_nonce_key(
    struct vs_keeper *k, unsigned channel, uint8_t out[32], struct vs_err *err);

/* A fresh KEK for a namespace, wrapped under the root's kek-wrap key. */
VS_MUST_USE vs_status vs_keeper_new_kek(struct vs_keeper *k, unsigned channel,
    struct vs_span ns, uint32_t kek_version, uint8_t kek[VS_KEY_RECORD_SIZE],
    struct vs_err *err);

/* What a record is bound to; all of it is in the AAD. */
struct vs_key_place {
	struct vs_span kek; /* KEK record, VS_KEY_RECORD_SIZE bytes */
	uint32_t kek_version;
	struct vs_span name; /* whole key name; namespace = 1st segment */
	uint32_t version;
	bool dataset; /* never given out: others are derived from it */
};

/* A fresh random payload of n bytes under a fresh DEK. payload receives
 * n + VS_PAYLOAD_OVERHEAD bytes. */
VS_MUST_USE vs_status vs_keeper_new_key(struct vs_keeper *k, unsigned channel,
    const struct vs_key_place *place, size_t n, uint8_t dek[VS_KEY_RECORD_SIZE],
    struct vs_buf *payload, struct vs_err *err);

/* The recipient: raw big-endian coordinates (P-256 32+32, P-384 48+48) or
 * the 32 bytes of X25519 with y empty. */
struct vs_recipient {
	vs_curve curve;
	struct vs_span x;
	struct vs_span y;
};

struct vs_reseal_item {
	struct vs_key_place place;
	struct vs_span dek;          /* record */
	struct vs_span payload;      /* record */
	struct vs_span content_type; /* may be empty */
	/* BASE/epoch-N/shard-N, of a dataset: this key is derived from it and
	 * given out in its place. Empty otherwise. */
	struct vs_span derived;
};

struct vs_reseal {
	struct vs_recipient to;
	struct vs_span nonce;      /* 32 bytes: apu */
	struct vs_span release_id; /* UUID text, 36 bytes: apv and plaintext */
	const struct vs_reseal_item *items;
	size_t n;
};

/*
 * The hot core: opens every record and encrypts
 * {"keys":[{"name","version","key","content_type"?}..],"release_id"} to the
 * recipient as one compact JWE (RFC 7516, ECDH-ES + A256GCM), appended to
 * jwe. VS_UNTRUSTED when any record does not open (nothing says which);
 * VS_MALFORMED for a point that is not on its curve.
 */
VS_MUST_USE vs_status vs_keeper_reseal(struct vs_keeper *k, unsigned channel,
    const struct vs_reseal *req, struct vs_buf *jwe, struct vs_err *err);

/* A DEK that moves from one KEK of its namespace to another. */
struct vs_rewrap_item {
	struct vs_span name;
	uint32_t version;
	bool dataset;
	struct vs_span dek; /* record */
};

struct vs_rewrap {
	struct vs_span from; /* KEK records */
	struct vs_span to;
	uint32_t from_version;
	uint32_t to_version;
	const struct vs_rewrap_item *items;
	size_t n; /* at most VS_REWRAP_KEYS_MAX */
};

/*
 * deks[i] becomes items[i].dek under the KEK `to`, the same DEK of the same
 * id: payloads are not touched. ok[i] is false, and deks[i] zeros, for a
 * record that does not open. VS_UNTRUSTED when `to` does not.
 */
VS_MUST_USE vs_status vs_keeper_rewrap(struct vs_keeper *k, unsigned channel,
    const struct vs_rewrap *req, uint8_t (*deks)[VS_KEY_RECORD_SIZE], bool *ok,
    struct vs_err *err);

/*
 * Audit chain: mac[0] = HMAC(audit key, prev || digest[0]), and so on, each
 * over the one before. n at most 1024.
 */
VS_MUST_USE vs_status vs_keeper_chain(struct vs_keeper *k, unsigned channel,
    const uint8_t prev[VS_KEEPER_CHAIN_SIZE], const uint8_t (*digests)[32],
    size_t n, uint8_t (*macs)[VS_KEEPER_CHAIN_SIZE], struct vs_err *err);

#endif
