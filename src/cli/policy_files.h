/* SPDX-License-Identifier: Apache-2.0 */
/* Policies from files, with their findings shown as a compiler would. */
#ifndef VS_CLI_POLICY_FILES_H
#define VS_CLI_POLICY_FILES_H

#include "cli/options.h"
#include "policy/policy.h"

/* Loads every file into one set. VS_USAGE, with the first finding in err,
 * when one does not load. */
VS_MUST_USE vs_status vs_cli_policy_set(const struct vs_opt_list *files,
    struct vs_policy_set **out, struct vs_err *err);

/* file:line:col: error: message [CODE], the line, and a caret under it. */
void vs_cli_print_diag(
    const char *file, struct vs_span text, const struct vs_policy_diag *d);

#endif
