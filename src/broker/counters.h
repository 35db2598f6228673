/* SPDX-License-Identifier: Apache-2.0 */
/* How often each policy allowed or denied since the daemon began: by name,
 * over reloads. Counting takes no lock. */
#ifndef VS_BROKER_COUNTERS_H
#define VS_BROKER_COUNTERS_H

#include <stdatomic.h>

#include "policy/policy.h"

struct vs_policy_counter {
	struct vs_policy_counter *next;
	char *name;
	atomic_ullong allow, deny;               /* deciding */
	atomic_ullong shadow_allow, shadow_deny; /* would have */
};

/* Counters are only ever added, and live as long as their list. */
struct vs_counters {
	struct vs_policy_counter *first;
};
void vs_counters_fini(struct vs_counters *c);

/*
 * One counter for each policy of the set, in its order; new names are added.
 * The caller frees the array, and keeps others away from the list meanwhile.
 */
VS_MUST_USE vs_status vs_counters_of(struct vs_counters *c,
    const struct vs_policy_set *set, struct vs_policy_counter ***out,
    struct vs_err *err);

/* counters as vs_counters_of gave them for this set; NULL: none. */
void vs_counters_add(struct vs_policy_counter *const *counters,
    const struct vs_policy_set *set, const struct vs_policy_result *r);

#endif
