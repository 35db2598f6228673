/* SPDX-License-Identifier: Apache-2.0 */
/* A session with one token of one PKCS#11 module, logged in. */
#ifndef VS_SEAL_TOKEN_H
#define VS_SEAL_TOKEN_H

#include <p11-kit/pkcs11.h>

#include "seal/backend.h"

enum { VS_TOKEN_LABEL_MAX = 32 }; /* of a token: CK_TOKEN_INFO.label */

struct vs_token {
	void *module; /* of dlopen */
	CK_FUNCTION_LIST *f;
	bool initialized;
	bool open;
	CK_SESSION_HANDLE session;
	char label[VS_TOKEN_LABEL_MAX + 1]; /* of the key */
};

/*
 * Logs in at most once, and not at all where the token says that a wrong PIN
 * would lock it: a broker that starts again and again must not.
 */
VS_MUST_USE vs_status vs_token_open(
    const struct vs_seal_conf *c, struct vs_token **out, struct vs_err *err);
void vs_token_free(struct vs_token **t);

vs_status vs_token_fail(struct vs_err *err, const char *why);
/* VS_OK, or VS_SEALED with what was tried and what the token answered. */
VS_MUST_USE vs_status vs_token_rv(
    struct vs_err *err, const char *what, CK_RV rv);
/* CK_INVALID_HANDLE where there is none; VS_SEALED where there are two. */
VS_MUST_USE vs_status vs_token_find(struct vs_token *t, CK_OBJECT_CLASS class,
    CK_OBJECT_HANDLE *out, struct vs_err *err);

#endif
