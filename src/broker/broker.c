/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/secret.h"
#include "broker/broker_int.h"
#include "broker/lists_watch.h"

vs_status
vs_broker_new(const struct vs_broker_options *opt, struct vs_broker **out,
    struct vs_err *err)
{
	struct vs_broker *b;

	if (opt->nonce_ttl_s < VS_NONCE_TTL_MIN ||
	    opt->nonce_ttl_s > VS_NONCE_TTL_MAX)
		return vs_fail(err, VS_RANGE,
		    "the life of a nonce must be %d to %d seconds",
		    VS_NONCE_TTL_MIN, VS_NONCE_TTL_MAX);
	b = vs_calloc(1, sizeof *b);
	if (b == NULL)
		return vs_fail(err, VS_NO_MEMORY, "broker");
	b->crew = vs_crew_new(opt->hands);
	if (b->crew == NULL) {
		free(b);
		return vs_fail(err, VS_NO_MEMORY, "broker");
	}
	b->opt = *opt;
	if (b->opt.kek_max_uses == 0)
		b->opt.kek_max_uses = VS_KEK_MAX_USES;
	(void)pthread_mutex_init(&b->kek_lock, NULL);
	vs_rotations_init(&b->rotations);
	vs_upkeep_init(&b->upkeep);
	/* These fail only for attributes, and there are none. */
	(void)pthread_mutex_init(&b->snapshot_lock, NULL);
	(void)pthread_mutex_init(&b->nonce_lock, NULL);
	(void)pthread_mutex_init(&b->ready.lock, NULL);
	*out = b;
	return VS_OK;
}

void
vs_broker_free(struct vs_broker **bp)
{
	struct vs_broker *b = *bp;

	if (b == NULL)
		return;
	vs_broker_upkeep_stop(b);
	vs_upkeep_fini(&b->upkeep);
	vs_rotations_fini(&b->rotations);
	vs_crew_free(&b->crew);
	vs_lists_watch_free(&b->watch);
	(void)pthread_mutex_destroy(&b->kek_lock);
	vs_snapshot_free(&b->snapshot);
	vs_lists_free(&b->lists);
	vs_counters_fini(&b->counters);
	vs_wipe(b->nonce_key, sizeof b->nonce_key);
	(void)pthread_mutex_destroy(&b->snapshot_lock);
	(void)pthread_mutex_destroy(&b->nonce_lock);
	(void)pthread_mutex_destroy(&b->ready.lock);
	free(b);
	*bp = NULL;
}
