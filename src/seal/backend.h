/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands between the seal key and the world: a TPM, or a token behind
 * PKCS#11. Run in a process of its own (vouchsafe-seal), so that no code of a
 * vendor and no device is ever in the process that holds keys; the promises
 * are those of the functions of the same purpose in keeper/seal.h.
 */
#ifndef VS_SEAL_BACKEND_H
#define VS_SEAL_BACKEND_H

#include "keeper/seal.h"

/* VS_TRY of a call that has said all that is to be said. */
#define VS_PASS(expr)                                                          \
	do {                                                                   \
		vs_status vs_st_ = (expr);                                     \
		if (vs_st_ != VS_OK)                                           \
			return vs_st_;                                         \
	} while (0)

VS_MUST_USE vs_status vs_tpm2_wrap(const struct vs_seal_conf *c,
    struct vs_span secret, struct vs_buf *blob, struct vs_err *err);
VS_MUST_USE vs_status vs_tpm2_unwrap(const struct vs_seal_conf *c,
    struct vs_span blob, struct vs_secret **out, struct vs_err *err);
VS_MUST_USE vs_status vs_pkcs11_wrap(const struct vs_seal_conf *c,
    struct vs_span secret, struct vs_buf *blob, struct vs_err *err);
VS_MUST_USE vs_status vs_pkcs11_unwrap(const struct vs_seal_conf *c,
    struct vs_span blob, struct vs_secret **out, struct vs_err *err);

VS_MUST_USE vs_status vs_counter_define(
    const struct vs_seal_conf *c, uint64_t *out, struct vs_err *err);
VS_MUST_USE vs_status vs_counter_read(
    const struct vs_seal_conf *c, uint64_t *out, struct vs_err *err);
VS_MUST_USE vs_status vs_counter_bump(
    const struct vs_seal_conf *c, uint64_t *out, struct vs_err *err);

#endif
