/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence through the kernel's configfs-tsm
 * (Documentation/ABI/testing/configfs-tsm): one directory per question.
 */
#ifndef VS_GUEST_TSM_H
#define VS_GUEST_TSM_H

#include "guest/evidence.h"

#define VS_TSM_PATH "/sys/kernel/config/tsm/report"

struct vs_tsm {
	const char *path; /* NULL: VS_TSM_PATH */
	int privlevel;    /* VMPL to ask for; -1: the kernel's default */
	/* Test hook, may be NULL: a plain directory has no kernel behind it.
	 * Called with the entry's path after each step. */
	void (*step)(void *ctx, const char *entry, const char *step);
	void *ctx;
};

VS_MUST_USE vs_status vs_tsm_collect(const struct vs_tsm *tsm,
    const uint8_t report_data[64], struct vs_guest_evidence *out,
    struct vs_err *err);

#endif
