/* SPDX-License-Identifier: Apache-2.0 */
/* Versions after SemVer 2.0.0. */
#ifndef VS_POLICY_SEMVER_H
#define VS_POLICY_SEMVER_H

#include "base/bytes.h"

/* Spans point into the text that was parsed. */
struct vs_semver {
	int64_t major, minor, patch;
	struct vs_span pre; /* "rc.1"; empty: a release */
};

enum { VS_SEMVER_TEXT_MAX = 256 };

/* False, and *out untouched, for anything else. */
bool vs_semver_parse(struct vs_span text, struct vs_semver *out);
/*
 * Without a leading v, with missing parts 0 and without leading zeros. False
 * when no version can come of it. Writes at most VS_SEMVER_TEXT_MAX octets.
 */
bool vs_semver_normalise(struct vs_span text, uint8_t *out, size_t *n);
/* -1, 0, 1. Build metadata does not count (SemVer 10, 11). */
int vs_semver_compare(const struct vs_semver *a, const struct vs_semver *b);

#endif
