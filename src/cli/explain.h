/* SPDX-License-Identifier: Apache-2.0 */
/* One decision in three views: what the guest learned, what the security
 * team sees, what an auditor can check. */
#ifndef VS_CLI_EXPLAIN_H
#define VS_CLI_EXPLAIN_H

#include "cli/history.h"

typedef enum vs_view {
	VS_VIEW_GUEST,
	VS_VIEW_SECURITY,
	VS_VIEW_AUDITOR,
} vs_view;
/* VS_USAGE for another name. NULL: security. */
VS_MUST_USE vs_status vs_view_parse(
    const char *text, vs_view *out, struct vs_err *err);

struct vs_explain_opts {
	struct vs_admin_opts admin;
	const char *db;    /* NULL: the daemon */
	const char *lists; /* file, or NULL */
	vs_view view;
};

/* Takes the decision of a record again and prints why it went so. Returns
 * the exit code. */
int vs_cli_explain_id(const struct vs_explain_opts *o, const char *id);

#endif
