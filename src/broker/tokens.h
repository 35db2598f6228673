/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens of our own, for sites without an issuer: "vouchsafe_ID_SECRET". The
 * secret is made where the token is wanted; the broker gets its SHA-256, and
 * sees the token for the first time when it is used.
 */
#ifndef VS_BROKER_TOKENS_H
#define VS_BROKER_TOKENS_H

#include "broker/broker.h"
#include "broker/identity.h"
#include "store/tokens.h"

#define VS_TOKEN_PREFIX "vouchsafe_"
enum {
	VS_TOKEN_ID_LEN = 16,
	VS_TOKEN_SECRET_SIZE = 32,
	VS_TOKEN_SECRET_LEN = 43,
	VS_TOKEN_TEXT_LEN =
	    sizeof VS_TOKEN_PREFIX - 1 + VS_TOKEN_ID_LEN + 1 + 43,
	VS_TOKEN_DAYS_MAX = 366,
};

struct vs_token_ask {
	uint8_t hash[VS_TOKEN_HASH_SIZE];
	struct vs_span name;
	unsigned roles;
	struct vs_scope lists;
	struct vs_scope kinds;
	/* For whom; only an owner may say it for another: the tokens that
	 * somebody makes are that one's hand. */
	struct vs_span person;
	int64_t expires_ms;
};

/*
 * Nobody gives what he does not have; the roles ci and auditor may be given
 * by everybody who may make tokens. VS_DENIED (codes "token.roles",
 * "token.person", "token.expiry", "identity.list") or VS_MALFORMED. *row lives
 * in the arena.
 */
VS_MUST_USE vs_status vs_broker_token_make(struct vs_broker *b,
    const struct vs_identity *who, const struct vs_token_ask *ask, bool dry_run,
    struct vs_arena *a, struct vs_token_row *row, struct vs_err *err);
VS_MUST_USE vs_status vs_broker_token_revoke(struct vs_broker *b,
    const struct vs_identity *who, struct vs_span id, bool dry_run,
    struct vs_arena *a, struct vs_token_row *row, struct vs_err *err);
VS_MUST_USE vs_status vs_broker_token_list(struct vs_broker *b,
    struct vs_span before, size_t limit, struct vs_arena *a,
    struct vs_token_row **rows, size_t *n, struct vs_err *err);
/* "active", "expired" or "revoked". */
const char *vs_token_state(const struct vs_token_row *r, int64_t now_ms);

/* Whether the text has the form of a token of ours. */
bool vs_token_is(struct vs_span text);
/*
 * VS_UNTRUSTED with code "token.unknown", also for a wrong secret;
 * VS_STALE with "token.revoked" or "token.expired", of a right one.
 */
VS_MUST_USE vs_status vs_identify_token(struct vs_broker *b,
    struct vs_span text, struct vs_arena *a, struct vs_identity *out,
    struct vs_err *err);

#endif
