/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/rand.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/rand.h>

vs_status
vs_rand_public(void *out, size_t n)
{
	ERR_clear_error();
	if (n > INT_MAX)
		return VS_TOO_LARGE;
	return RAND_bytes(out, (int)n) == 1 ? VS_OK : VS_INTERNAL;
}

vs_status
vs_rand_secret(void *out, size_t n)
{
	ERR_clear_error();
	if (n > INT_MAX)
		return VS_TOO_LARGE;
	return RAND_priv_bytes(out, (int)n) == 1 ? VS_OK : VS_INTERNAL;
}
