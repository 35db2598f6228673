/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seal: one file from which the root ring comes, or does not.
 *
 * The ring is encrypted under a random seal key of 32 bytes. The file holds
 * the seal key once for each slot, wrapped by the slot's back end, so that a
 * back end can change without the ring, and the ring (a new root) without the
 * back end:
 *
 *   "VSSEAL2\n", u32be length of the header
 *   header: u8 slots, each: kind, k, n, blob (seal_frame.c)
 *   SHA-256 of all before
 *   ring area A, ring area B: u64be serial, nonce 12, ring, tag 16
 *
 * The area with the higher serial counts. A new ring goes into the other one,
 * in place and synced: the keeper holds the file open and needs no file
 * system for it, and a crash leaves the old ring. The areas' AAD is the
 * header's SHA-256 and the serial.
 *
 * A file of the first version ("VSSEAL1\n", the bare root) still opens.
 */
#ifndef VS_KEEPER_SEAL_H
#define VS_KEEPER_SEAL_H

#include "base/buf.h"
#include "base/secret.h"

enum {
	VS_SEAL_KEY_SIZE = 32,
	/* What a back end may be asked to wrap. */
	VS_SEAL_SECRET_MAX = 256,
	VS_SEAL_BLOB_MAX = 16 * 1024,
};

/* Where the seal is and what its back ends need; text is borrowed, and NULL
 * or 0 where it does not apply. */
struct vs_seal_conf {
	const char *kind; /* "file", "tpm2", "pkcs11" or "shamir"; NULL: any */
	const char *path; /* of the seal file */

	struct {
		const char *tcti; /* "device:/dev/tpmrm0", "swtpm:path=..." */
		const char *pcrs; /* "sha256:7,11" */
		/* Of whoever signs new PCR values, PEM; NULL: PolicyPCR. */
		const char *policy_key;
		const char *policy_sig; /* the signed policy's file */
	} tpm2;

	struct {
		const char *module; /* path of the PKCS#11 module */
		const char *token;  /* label of the token */
		const char *key;    /* label of the wrapping key */
		const char *pin_file;
		const char *env; /* "NAME=VALUE" for the module, or NULL */
	} pkcs11;
};

/*
 * Back ends. wrap makes a blob of at most VS_SEAL_BLOB_MAX bytes, appended;
 * what is not in the token or TPM yet (the wrapping key) is made by wrap, and
 * never by unwrap. All that unwrap needs beside the conf is in the blob: for
 * a TPM the PCR selection, and the PCR values and policy for its message.
 * VS_SEALED with a code of "seal.tpm2", "seal.pkcs11" and a message for
 * people (which PCR, expected and found; wrong PIN) where it does not open.
 * No retries. Called before the cage closes.
 */
VS_MUST_USE vs_status vs_seal_tpm2_wrap(const struct vs_seal_conf *c,
    struct vs_span secret, struct vs_buf *blob, struct vs_err *err);
VS_MUST_USE vs_status vs_seal_tpm2_unwrap(const struct vs_seal_conf *c,
    struct vs_span blob, struct vs_secret **out, struct vs_err *err);
VS_MUST_USE vs_status vs_seal_pkcs11_wrap(const struct vs_seal_conf *c,
    struct vs_span secret, struct vs_buf *blob, struct vs_err *err);
VS_MUST_USE vs_status vs_seal_pkcs11_unwrap(const struct vs_seal_conf *c,
    struct vs_span blob, struct vs_secret **out, struct vs_err *err);

/*
 * A monotonic counter in the TPM's NV memory. define makes it where it is
 * not there yet and bumps it once, for it cannot be read before. VS_NOT_FOUND
 * from read: not defined.
 */
VS_MUST_USE vs_status vs_tpm_counter_define(
    const struct vs_seal_conf *c, uint64_t *out, struct vs_err *err);
VS_MUST_USE vs_status vs_tpm_counter_read(
    const struct vs_seal_conf *c, uint64_t *out, struct vs_err *err);
VS_MUST_USE vs_status vs_tpm_counter_bump(
    const struct vs_seal_conf *c, uint64_t *out, struct vs_err *err);

/*
 * The root ring, in one secret of fixed size: the root, during a rotation the
 * old one too, and the sub-keys that outlive a rotation.
 *
 *   u8 format 1, u8 roots 1..2, 2 zero bytes
 *   2 times: u32be generation, root 32 (the newest first; zeros: none)
 *   audit chain key 32
 */
enum {
	VS_RING_SIZE = 4 + 2 * (4 + 32) + 32,
	VS_RING_NEWEST = 0,
	VS_RING_OLD = 1,
};

/* A fresh ring of one root, generation 1. */
VS_MUST_USE vs_status vs_ring_new(struct vs_secret **out);
/* Checks the form of one that was sealed; root32 makes one of a bare root of
 * the first version, with the audit chain key that it had. */
bool vs_ring_ok(struct vs_span ring);
VS_MUST_USE vs_status vs_ring_of_root(
    struct vs_span root32, struct vs_secret **out);

/* which: VS_RING_NEWEST, VS_RING_OLD. Generation 0, an empty span: there is
 * none. Borrowed. */
uint32_t vs_ring_generation(const struct vs_secret *ring, unsigned which);
struct vs_span vs_ring_root(const struct vs_secret *ring, unsigned which);
struct vs_span vs_ring_audit(const struct vs_secret *ring);

/* The next ring of a rotation of the root: begin adds a fresh newest root
 * (VS_CONFLICT where there are two), finish drops the old one (VS_NOT_FOUND).
 */
VS_MUST_USE vs_status vs_ring_begin(
    const struct vs_secret *ring, struct vs_secret **out);
VS_MUST_USE vs_status vs_ring_finish(
    const struct vs_secret *ring, struct vs_secret **out);

/* An open seal file; one thread at a time. */
struct vs_seal;

/* Progress of an unsealing by shares, for people. */
struct vs_seal_shares {
	unsigned threshold; /* 0: this seal takes no shares */
	unsigned total;
	unsigned given;
	bool recovery; /* beside a seal that opens by itself */
};

/*
 * Opens and checks the file, holds it open. VS_SEALED, code "seal.file", with
 * a message that says what to do, where it is missing, damaged, another
 * user's, or not of the configured kind.
 */
VS_MUST_USE vs_status vs_seal_open(
    const struct vs_seal_conf *c, struct vs_seal **out, struct vs_err *err);
void vs_seal_free(struct vs_seal **s);
/* "file", "tpm2", "pkcs11", "shamir" */
const char *vs_seal_kind(const struct vs_seal *s);

/* By the seal's own back end. A seal of shares says VS_SEALED and how many it
 * waits for. */
VS_MUST_USE vs_status vs_seal_unlock(
    struct vs_seal *s, struct vs_secret **ring, struct vs_err *err);
/*
 * One more share. *ring stays NULL until there are enough. A share of another
 * set, or not what was handed out, is named by its number and does not count;
 * the same one twice counts once.
 */
struct vs_share; /* keeper/shamir.h */
VS_MUST_USE vs_status vs_seal_share(struct vs_seal *s,
    const struct vs_share *share, struct vs_secret **ring, struct vs_err *err);
void vs_seal_progress(const struct vs_seal *s, struct vs_seal_shares *out);

/* Another ring under the same slots, in place. Only after it was unlocked;
 * when it fails the file still holds the old ring. */
VS_MUST_USE vs_status vs_seal_put_ring(
    struct vs_seal *s, const struct vs_secret *ring, struct vs_err *err);
/* A ring of one root goes into both areas, so that no root of before stays in
 * the file. For one that is in force, after a crash between the two. */
vs_status vs_seal_settle(
    struct vs_seal *s, const struct vs_secret *ring, struct vs_err *err);

#endif
