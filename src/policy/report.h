/* SPDX-License-Identifier: Apache-2.0 */
/* Findings of the loader, on their way into vs_policy_diags and vs_err. */
#ifndef VS_POLICY_REPORT_H
#define VS_POLICY_REPORT_H

#include "policy/policy.h"

struct vs_report {
	const char *file;
	struct vs_policy_diags *diags; /* may be NULL */
	struct vs_err *err;            /* takes the first error */
	size_t errors;
	bool no_memory;
};

/* code is a static string; line 0: the whole file. */
void vs_report_error(struct vs_report *r, const char *code, int line, int col,
    const char *fmt, ...) VS_PRINTF(5, 6);
void vs_report_warn(struct vs_report *r, const char *code, int line, int col,
    const char *fmt, ...) VS_PRINTF(5, 6);

#endif
