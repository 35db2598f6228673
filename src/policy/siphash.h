/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash for tables whose
 * content others choose. Not for authentication of anything. */
#ifndef VS_POLICY_SIPHASH_H
#define VS_POLICY_SIPHASH_H

#include "base/bytes.h"

uint64_t vs_siphash(const uint64_t key[2], struct vs_span text);

#endif
