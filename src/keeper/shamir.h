/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sharing 32 bytes among n so that any k of them give it back and k - 1 tell
 * nothing (Shamir 1979), over GF(256) with the polynomial of AES (FIPS 197
 * 4.2). No tables, no branch and no index depends on a secret.
 */
#ifndef VS_KEEPER_SHAMIR_H
#define VS_KEEPER_SHAMIR_H

#include "base/bytes.h"

enum {
	VS_SHAMIR_SIZE = 32,
	VS_SHAMIR_MAX = 32, /* custodians */
	VS_SHARE_SET_SIZE = 4,
	/* "VSS1-", number, 16 groups of 4 with a dash before, NUL. */
	VS_SHARE_TEXT_MAX = 5 + 2 + 16 * 5 + 1,
};

/* The field's product. */
uint8_t vs_gf_mul(uint8_t a, uint8_t b);

/* 2 <= k <= n <= VS_SHAMIR_MAX, or k = n = 1. shares has room for n times 32
 * bytes; the number of share i is i + 1. Both in locked memory. */
VS_MUST_USE vs_status vs_shamir_split(
    const uint8_t *secret, unsigned k, unsigned n, uint8_t *shares);
/* From k different shares, their numbers (not 0) beside. Whatever they are,
 * 32 bytes come out: who asks must be able to tell whether they are right. */
void vs_shamir_join(const uint8_t *numbers, const uint8_t *shares, unsigned k,
    uint8_t out[VS_SHAMIR_SIZE]);

/* A share on paper. The set tells shares of different ceremonies apart, 4
 * bytes of SHA-256 find a slip of the pen. */
VS_MUST_USE vs_status vs_share_text(unsigned number,
    const uint8_t set[VS_SHARE_SET_SIZE], const uint8_t *share,
    char out[VS_SHARE_TEXT_MAX]);
/*
 * VS_MALFORMED: no share. VS_UNTRUSTED: something in it is wrong, and nothing
 * says what; *number is what it says. Letters may be small.
 */
VS_MUST_USE vs_status vs_share_read(struct vs_span text, unsigned *number,
    uint8_t set[VS_SHARE_SET_SIZE], uint8_t *share);

/* A share as it goes to the keeper. */
struct vs_share {
	uint8_t number;
	uint8_t set[VS_SHARE_SET_SIZE];
	uint8_t bytes[VS_SHAMIR_SIZE];
};
/* vs_share_read with words for people, code "seal.share". Nothing of the share
 * is in them. */
VS_MUST_USE vs_status vs_share_parse(
    struct vs_span text, struct vs_share *out, struct vs_err *err);

#endif
