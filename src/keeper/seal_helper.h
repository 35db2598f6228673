/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vouchsafe-seal: the process that speaks to a TPM or to a PKCS#11 module,
 * started for one request and gone before the first byte from the front.
 *
 * Arguments: tcti, pcrs, policy_key, policy_sig, module, token, key, pin_file;
 * "" for none. On VS_SEAL_CHANNEL one message each way, over a SEQPACKET
 * socket:
 *   request: u8 operation, what to wrap or to unwrap
 *   answer:  u32be status, u8 code, u8 length and text of the message, then
 *            the blob, the secret, or u64be of the counter
 */
#ifndef VS_KEEPER_SEAL_HELPER_H
#define VS_KEEPER_SEAL_HELPER_H

#include "keeper/seal.h"

enum {
	VS_SEAL_CHANNEL = 3,
	VS_SEAL_HELPER_ARGS = 8,
	VS_SEAL_MESSAGE_MAX = VS_SEAL_BLOB_MAX + 512,
};

typedef enum vs_seal_op {
	VS_SEAL_OP_TPM2_WRAP = 1,
	VS_SEAL_OP_TPM2_UNWRAP,
	VS_SEAL_OP_PKCS11_WRAP,
	VS_SEAL_OP_PKCS11_UNWRAP,
	VS_SEAL_OP_COUNTER_DEFINE,
	VS_SEAL_OP_COUNTER_READ,
	VS_SEAL_OP_COUNTER_BUMP,
} vs_seal_op;

/* One request. *data is borrowed from answer, which has room for
 * VS_SEAL_MESSAGE_MAX bytes. */
VS_MUST_USE vs_status vs_seal_helper_call(const struct vs_seal_conf *c,
    vs_seal_op op, struct vs_span in, uint8_t *answer, struct vs_span *data,
    struct vs_err *err);
/* VS_SEALED, code "seal.helper": it does not do what it should. */
vs_status vs_seal_helper_broken(struct vs_err *err, const char *why);

/* The fine codes of the back ends, by their number in an answer. */
#define VS_SEAL_CODES                                                          \
	{                                                                      \
		NULL, "seal.tpm2", "seal.tpm2.pcr", "seal.tpm2.signature",     \
		    "seal.tpm2.counter", "seal.pkcs11", "seal.pkcs11.pin",     \
		    "seal.pkcs11.key"                                          \
	}

#endif
