/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe allow ...`: lists of what guests may be, and who agreed. */
#ifndef VS_CLI_ALLOW_H
#define VS_CLI_ALLOW_H

#include "cli/admin.h"
#include "cli/dispatch.h"
#include "cli/measure.h"
#include "cli/output.h"

struct vs_allow_opts {
	struct vs_admin_opts admin;
	struct vs_opt_list labels;
	const char *source;
	const char *reason;
	const char *state;
	const char *provenance; /* file */
	struct vs_measure_opts measure_of;
	bool measure;
	struct vs_opt_time expires;
	bool emergency;
	bool dry_run;
};

/* "/v1/allowlists/LIST", with "/entries/VALUE" unless value is NULL. */
void vs_allow_path(struct vs_buf *out, const char *list, const char *value);

/* The verbs. */
int vs_allow_add(const void *opts, const struct vs_args *args);
int vs_allow_revoke(const void *opts, const struct vs_args *args);
int vs_allow_list(const void *opts, const struct vs_args *args);
int vs_allow_show(const void *opts, const struct vs_args *args);
int vs_allow_pending(const void *opts, const struct vs_args *args);
int vs_allow_approve(const void *opts, const struct vs_args *args);
int vs_allow_reject(const void *opts, const struct vs_args *args);

#endif
