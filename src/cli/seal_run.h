/* SPDX-License-Identifier: Apache-2.0 */
/* Running vouchsafe-seal: this program never sees a root. */
#ifndef VS_CLI_SEAL_RUN_H
#define VS_CLI_SEAL_RUN_H

#include "keeper/seal.h"

struct vs_seal_run {
	const char *program; /* vouchsafe-seal */
	struct vs_seal_conf conf;
	bool fresh;
	const char *to; /* NULL: the kind it has */
	unsigned shares;
	unsigned threshold;
	/* Called for each share made, and with NULL before the first one is
	 * asked for. */
	void (*show)(void *ctx, const char *share, unsigned number);
	void *ctx;
};

/* kind receives what the seal now is. */
VS_MUST_USE vs_status vs_seal_run(
    const struct vs_seal_run *r, char kind[16], struct vs_err *err);

#endif
