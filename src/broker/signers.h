/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who must have signed a policy, and the file that holds the signatures,
 * NAME.yaml.sig beside NAME.yaml:
 *
 *   {"format": "vouchsafe-policy-signatures/1",
 *    "sha256": HEX of the policy,
 *    "signatures": [{"key": HEX, "alg": "ed25519", "signature": BASE64URL}]}
 *
 * key is the SHA-256 of the signer's SubjectPublicKeyInfo. What is signed is
 * "vouchsafe/v1 policy", a zero octet, and the octets of the policy file.
 */
#ifndef VS_BROKER_SIGNERS_H
#define VS_BROKER_SIGNERS_H

#include "base/arena.h"
#include "crypto/sign.h"

enum {
	VS_SIGNERS_MAX = 32,
	VS_SIG_FILE_MAX = 64 * 1024,
	VS_SIG_ENTRIES_MAX = 64,
};
#define VS_SIG_SUFFIX ".sig"

struct vs_signers; /* keys, and how many of them must have signed */

/*
 * files: public keys in PEM. A key that is there twice counts once.
 * VS_USAGE when there are fewer keys than the threshold.
 */
VS_MUST_USE vs_status vs_signers_load(const char *const *files, size_t n,
    size_t threshold, struct vs_signers **out, struct vs_err *err);
void vs_signers_free(struct vs_signers **s);
size_t vs_signers_threshold(const struct vs_signers *s);

/* One signature of a file. Spans are in the arena it was read into. */
struct vs_sig_entry {
	uint8_t key[VS_SIGN_ID_SIZE];
	struct vs_span alg;
	uint8_t sig[VS_SIG_SIZE];
};
struct vs_sig_file {
	uint8_t sha256[32];
	struct vs_sig_entry v[VS_SIG_ENTRIES_MAX];
	size_t n;
};
VS_MUST_USE vs_status vs_sig_file_read(struct vs_span text, struct vs_arena *a,
    struct vs_sig_file *out, struct vs_err *err);
void vs_sig_file_write(const struct vs_sig_file *f, struct vs_buf *out);

/* What a signature of a policy is over. */
void vs_sig_message(struct vs_span policy, struct vs_buf *out);

/*
 * Whether enough of the signers signed this text. VS_UNTRUSTED says how many
 * did; signatures of others, and a second one of a key, count for nothing.
 * good may be NULL, or takes how many did.
 */
VS_MUST_USE vs_status vs_signers_check(const struct vs_signers *s,
    const char *file, struct vs_span policy, struct vs_span signatures,
    size_t *good, struct vs_err *err);

#endif
