/* SPDX-License-Identifier: Apache-2.0 */
/* Guests that have their evidence ready: requests to be sent as they are. */
#ifndef VS_CLI_BENCH_GUESTS_H
#define VS_CLI_BENCH_GUESTS_H

#include "cli/bench_daemon.h"
#include "client/loadgen.h"

struct vs_bench_guests {
	struct vs_load_request *requests;
	size_t n;
	struct vs_buf certs; /* shared by all */
};

/* Takes n challenges, signs n reports, each for a fresh recipient key and a
 * random one of the first `keys` keys. close_each: the requests ask the
 * server to hang up. */
VS_MUST_USE vs_status vs_bench_guests_make(const struct vs_bench_daemon *d,
    const struct vs_sim_pki *pki, size_t n, size_t keys, bool close_each,
    struct vs_bench_guests *out, struct vs_err *err);
void vs_bench_guests_fini(struct vs_bench_guests *g);

enum { VS_BENCH_KEY_NAME_MAX = 32 };
void vs_bench_key_name(size_t i, char out[VS_BENCH_KEY_NAME_MAX]);

#endif
