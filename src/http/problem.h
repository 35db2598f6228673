/* SPDX-License-Identifier: Apache-2.0 */
/* Problem details (RFC 9457). */
#ifndef VS_HTTP_PROBLEM_H
#define VS_HTTP_PROBLEM_H

#include "base/random.h"
#include "http/message.h"

/* How much a caller may learn. */
typedef enum vs_candour {
	/* Guests: the field that is malformed, and for all else the class,
	 * so that answers of one class are no oracle. */
	VS_CANDOUR_GUEST,
	/* Administrators: the whole message. */
	VS_CANDOUR_ADMIN,
} vs_candour;

/*
 * Makes res the answer to a failure: status by class, Retry-After where it
 * helps. id: the release id, or NULL. rules: ids of failed rules to disclose.
 */
void vs_respond_problem(struct vs_response *res, vs_candour candour,
    vs_status st, const struct vs_err *err, const uint8_t *id,
    const char *const *rules, size_t rules_n);

/* 401: nobody knows who asks, and why what was shown does not tell. */
void vs_respond_unauthenticated(
    struct vs_response *res, const struct vs_err *err);

/* A problem that has no status of ours: 404, 405, 415, 429 ... detail is
 * shown as it stands. */
void vs_respond_status(
    struct vs_response *res, unsigned status, const char *detail);

#endif
