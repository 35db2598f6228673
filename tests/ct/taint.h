/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets as memcheck sees them: undefined. Included once a program, for it
 * holds the wrappers of libcrypto's functions that mark what they make.
 */
#ifndef VS_TESTS_CT_TAINT_H
#define VS_TESTS_CT_TAINT_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#define NEED(cond)                                                             \
	do {                                                                   \
		if (!(cond)) {                                                 \
			(void)fprintf(                                         \
			    stderr, "ct_keeper: %d: %s\n", __LINE__, #cond);   \
			exit(3);                                               \
		}                                                              \
	} while (0)

static void
secret(void *p, size_t n)
{
	(void)VALGRIND_MAKE_MEM_UNDEFINED(p, n);
}

static void public(const void *p, size_t n)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(p, n);
}

/* Bits of n bytes that memcheck holds for secret. */
static size_t
secret_bits(const uint8_t *p, size_t n)
{
	size_t bits = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t v = 0;

		NEED(VALGRIND_GET_VBITS(p + i, &v, 1) == 1);
		bits += (size_t)__builtin_popcount(v);
	}
	return bits;
}

/* ---- wrappers of libcrypto's functions ---------------------------------- */

/* How often each wrapper ran: one that never did would mark nothing. */
static struct {
	unsigned rand;
	unsigned pad;
	unsigned derive;
	unsigned compare;
} ran;

#define WRAP(name) I_WRAP_SONAME_FNNAME_ZU(libcryptoZdsoZa, name)
#define KEPT __attribute__((used, noinline))

KEPT int WRAP(RAND_priv_bytes)(unsigned char *out, int n);
KEPT int WRAP(BN_bn2binpad)(const void *a, unsigned char *to, int n);
KEPT int WRAP(EVP_PKEY_derive)(void *ctx, unsigned char *key, size_t *n);
KEPT int WRAP(CRYPTO_memcmp)(const void *a, const void *b, size_t n);

int
WRAP(RAND_priv_bytes)(unsigned char *out, int n)
{
	OrigFn fn;
	int r;

	VALGRIND_GET_ORIG_FN(fn);
	CALL_FN_W_WW(r, fn, out, n);
	secret(out, (size_t)n);
	ran.rand++;
	return r;
}

int
WRAP(BN_bn2binpad)(const void *a, unsigned char *to, int n)
{
	OrigFn fn;
	int r;

	VALGRIND_GET_ORIG_FN(fn);
	CALL_FN_W_WWW(r, fn, a, to, n);
	secret(to, (size_t)n);
	ran.pad++;
	return r;
}

int
WRAP(EVP_PKEY_derive)(void *ctx, unsigned char *key, size_t *n)
{
	OrigFn fn;
	int r;

	VALGRIND_GET_ORIG_FN(fn);
	CALL_FN_W_WWW(r, fn, ctx, key, n);
	if (r == 1 && key != NULL)
		secret(key, *n);
	ran.derive++;
	return r;
}

int
WRAP(CRYPTO_memcmp)(const void *a, const void *b, size_t n)
{
	OrigFn fn;
	int r;

	VALGRIND_GET_ORIG_FN(fn);
	CALL_FN_W_WWW(r, fn, a, b, n);
	public(&r, sizeof r);
	ran.compare++;
	return r;
}

#endif
