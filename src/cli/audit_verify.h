/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VS_CLI_AUDIT_VERIFY_H
#define VS_CLI_AUDIT_VERIFY_H

#include "cli/admin.h"
#include "cli/dispatch.h"

struct vs_audit_verify_opts {
	struct vs_admin_opts admin;
	const char *head; /* NUMBER:MAC, or NULL */
};

int vs_cli_audit_verify(const void *opts, const struct vs_args *args);

#endif
