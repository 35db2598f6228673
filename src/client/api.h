/* SPDX-License-Identifier: Apache-2.0 */
/* The guest API, as a guest calls it. */
#ifndef VS_CLIENT_API_H
#define VS_CLIENT_API_H

#include "client/client.h"

enum { VS_API_NONCE_SIZE = 32 };

/* POST /v1/challenge. */
VS_MUST_USE vs_status vs_api_challenge(struct vs_client *c,
    uint8_t nonce[VS_API_NONCE_SIZE], int64_t *expires_in_s,
    struct vs_problem *problem, struct vs_err *err);

/* One key that is asked for. */
struct vs_api_key {
	struct vs_span name;
	uint32_t version; /* 0: the newest */
};

/* A GPU or a switch. */
struct vs_api_device {
	struct vs_span report, certs; /* raw */
	const char *cc_state;         /* of a GPU; NULL: not said */
};

struct vs_api_release {
	struct vs_span nonce;     /* 32 bytes */
	struct vs_span jwk;       /* the recipient's public JWK, JSON text */
	const char *kind;         /* "snp", "tdx" */
	struct vs_span report;    /* raw */
	struct vs_span certs;     /* raw; empty: none sent */
	struct vs_span event_log; /* raw; empty: none sent */
	const struct vs_api_device *gpus;
	size_t gpus_n;
	const struct vs_api_device *switches;
	size_t switches_n;
	const struct vs_api_key *keys;
	size_t keys_n;
};

/* The body of POST /v1/release, appended to out. */
VS_MUST_USE vs_status vs_api_release_body(
    const struct vs_api_release *req, struct vs_buf *out, struct vs_err *err);

/* POST /v1/release: the compact JWE (appended to jwe) and the release id. */
VS_MUST_USE vs_status vs_api_release(struct vs_client *c,
    const struct vs_api_release *req, struct vs_buf *jwe,
    char id[VS_UUID_TEXT_MAX], struct vs_problem *problem, struct vs_err *err);

#endif
