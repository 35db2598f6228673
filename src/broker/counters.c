/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/counters.h"

#include <stdlib.h>
#include <string.h>

void
vs_counters_fini(struct vs_counters *c)
{
	while (c->first != NULL) {
		struct vs_policy_counter *one = c->first;

		c->first = one->next;
		free(one->name);
		free(one);
	}
}

static struct vs_policy_counter *
find_or_add(struct vs_counters *c, const char *name)
{
	struct vs_policy_counter *one;

	for (one = c->first; one != NULL; one = one->next) {
		if (strcmp(one->name, name) == 0)
			return one;
	}
	one = vs_calloc(1, sizeof *one);
	if (one == NULL)
		return NULL;
	one->name = strdup(name);
	if (one->name == NULL) {
		free(one);
		return NULL;
	}
	one->next = c->first;
	c->first = one;
	return one;
}

vs_status
vs_counters_of(struct vs_counters *c, const struct vs_policy_set *set,
    struct vs_policy_counter ***out, struct vs_err *err)
{
	size_t n = vs_policy_set_count(set);
	struct vs_policy_counter **v = vs_calloc(n > 0 ? n : 1, sizeof *v);

	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "counters");
	for (size_t i = 0; i < n; i++) {
		v[i] = find_or_add(c, vs_policy_name(vs_policy_set_at(set, i)));
		if (v[i] == NULL) {
			free(v);
			return vs_fail(err, VS_NO_MEMORY, "counters");
		}
	}
	*out = v;
	return VS_OK;
}

static void
count(struct vs_policy_counter *c, const struct vs_policy_opinion *o)
{
	atomic_ullong *at;

	if (o->shadow)
		at = o->allow ? &c->shadow_allow : &c->shadow_deny;
	else
		at = o->allow ? &c->allow : &c->deny;
	atomic_fetch_add_explicit(at, 1, memory_order_relaxed);
}

void
vs_counters_add(struct vs_policy_counter *const *counters,
    const struct vs_policy_set *set, const struct vs_policy_result *r)
{
	size_t at = 0, n = vs_policy_set_count(set);

	if (counters == NULL)
		return;
	/* Both are in the order of the set. */
	for (size_t i = 0; i < r->opinions_n; i++) {
		while (at < n &&
		    vs_policy_set_at(set, at) != r->opinions[i].policy)
			at++;
		if (at < n)
			count(counters[at], &r->opinions[i]);
	}
}
