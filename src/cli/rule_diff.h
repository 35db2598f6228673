/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that two versions of policies do not share. */
#ifndef VS_CLI_RULE_DIFF_H
#define VS_CLI_RULE_DIFF_H

#include "cli/replay.h"
#include "codec/json.h"

void vs_rule_diff_print(
    const struct vs_policy_files *before, const struct vs_policy_files *after);
struct vs_json *vs_rule_diff_json(
    const struct vs_policy_files *before, const struct vs_policy_files *after);

#endif
