/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns over names with slashes, always for the whole text: `*` any run
 * without '/', `**` any run, `?` one character but '/', `[abc]` `[a-z]`
 * `[!a]` one of a set (never '/'), `\` takes the next character as it is.
 */
#ifndef VS_POLICY_GLOB_H
#define VS_POLICY_GLOB_H

#include "base/bytes.h"

/* NULL when the pattern is well formed, else what is wrong. */
const char *vs_glob_check(struct vs_span pattern);
/* A malformed pattern matches nothing. Both are valid UTF-8. Time: at most
 * text times pattern. */
bool vs_glob_match(struct vs_span pattern, struct vs_span text);

#endif
