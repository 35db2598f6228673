/* SPDX-License-Identifier: Apache-2.0 */
/* All policies that decide together. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

struct vs_policy_set {
	atomic_size_t refs;
	size_t n;
	struct vs_policy **v;
};

vs_status
vs_policy_set_new(struct vs_policy **policies, size_t n,
    struct vs_policy_set **out, struct vs_err *err)
{
	struct vs_policy_set *s;

	for (size_t i = 0; i < n; i++) {
		const char *name = vs_policy_name(policies[i]);

		for (size_t k = 0; k < i; k++) {
			if (strcmp(vs_policy_name(policies[k]), name) == 0)
				return vs_fail(err, VS_CONFLICT,
				    "two policies are called \"%s\"", name);
		}
	}
	s = vs_calloc(1, sizeof(*s));
	if (s == NULL)
		return vs_fail(err, VS_NO_MEMORY, "out of memory");
	s->v = vs_calloc(n > 0 ? n : 1, sizeof(struct vs_policy *));
	if (s->v == NULL) {
		free(s);
		return vs_fail(err, VS_NO_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < n; i++)
		s->v[i] = VS_TAKE(policies[i]);
	s->n = n;
	atomic_init(&s->refs, 1);
	*out = s;
	return VS_OK;
}

struct vs_policy_set *
vs_policy_set_ref(struct vs_policy_set *s)
{
	if (s != NULL)
		atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
	return s;
}

void
vs_policy_set_free(struct vs_policy_set **set)
{
	struct vs_policy_set *s = set != NULL ? *set : NULL;

	if (s == NULL)
		return;
	*set = NULL;
	if (atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) > 1)
		return;
	for (size_t i = 0; i < s->n; i++)
		vs_policy_free(&s->v[i]);
	free(s->v);
	free(s);
}

size_t
vs_policy_set_count(const struct vs_policy_set *s)
{
	return s != NULL ? s->n : 0;
}

const struct vs_policy *
vs_policy_set_at(const struct vs_policy_set *s, size_t i)
{
	return s != NULL && i < s->n ? s->v[i] : NULL;
}
