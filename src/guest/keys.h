/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a release, as the opened answer holds them. */
#ifndef VS_GUEST_KEYS_H
#define VS_GUEST_KEYS_H

#include "base/random.h"
#include "base/secret.h"

enum { VS_GUEST_NAME_MAX = 255 };

struct vs_guest_key {
	char name[VS_GUEST_NAME_MAX + 1];
	uint32_t version;
	struct vs_secret *key;
};

/*
 * {"keys":[{"name","version","key","content_type"?}...],"release_id"}: read
 * in place, for no JSON library may see keys. Fills exactly n entries, which
 * the caller zeroed and later gives to vs_guest_keys_fini, also on failure.
 * VS_UNTRUSTED when the answer is of another release.
 */
VS_MUST_USE vs_status vs_guest_keys_parse(struct vs_span plain,
    const char release_id[VS_UUID_TEXT_MAX], struct vs_guest_key *keys,
    size_t n, struct vs_err *err);
void vs_guest_keys_fini(struct vs_guest_key *keys, size_t n);

/* A name that is safe as a relative path: segments of [A-Za-z0-9._-], none
 * empty, "." or "..", at most 255 bytes in all. */
bool vs_guest_name_ok(struct vs_span name);

#endif
