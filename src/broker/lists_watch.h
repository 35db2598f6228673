/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of the store as policies see them: built anew when the store has
 * changed, by whichever broker, and looked after by a thread of its own.
 */
#ifndef VS_BROKER_LISTS_WATCH_H
#define VS_BROKER_LISTS_WATCH_H

#include "broker/broker.h"

struct vs_lists_watch;

enum {
	/* How often the store is asked whether anything changed. */
	VS_LISTS_POLL_MS = 100,
	/* Lists that could not be looked at for so long are not used. */
	VS_LISTS_TRUST_MS = 10000,
};

/*
 * Builds the lists now, when what is in force is not of this state of the
 * store; else says that they still hold. On failure what was there stays,
 * until it is too old.
 */
VS_MUST_USE vs_status vs_lists_refresh(struct vs_broker *b, struct vs_err *err);

/* The first refresh, and a thread for those that follow; none where the
 * configuration has no lists. */
VS_MUST_USE vs_status vs_lists_watch_start(
    struct vs_broker *b, struct vs_err *err);
void vs_lists_watch_free(struct vs_lists_watch **w);

/* Something was changed here: a refresh that begins now, not at the next
 * poll. With wait, returns when it is in force, or after two seconds; false:
 * it is not yet. */
bool vs_lists_watch_poke(struct vs_broker *b, bool wait);

#endif
