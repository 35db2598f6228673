/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists and registries from a JSON file, for trying policies:
 *
 *   {"lists": {NAME: {"as_of": TIME, "values": [VALUE, ...]}},
 *    "registries": {NAME: {"as_of": TIME, "entries": {KEY: {...}}}}}
 *
 * Times are RFC 3339. as_of may be left out: the time of the judgement. A
 * value may be {"value": VALUE, "expires_at": TIME}; an entry has the fields
 * that policies read (slsa_level, revoked, approvals, ...).
 */
#ifndef VS_CLI_LISTS_FILE_H
#define VS_CLI_LISTS_FILE_H

#include "policy/lists.h"

VS_MUST_USE vs_status vs_cli_lists(const char *path, int64_t now_ms,
    struct vs_lists **out, struct vs_err *err);

#endif
