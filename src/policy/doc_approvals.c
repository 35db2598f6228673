/* SPDX-License-Identifier: Apache-2.0 */
/* approvals: how many people must agree to each release. */
#include <string.h>

#include "policy/document.h"

enum {
	PEOPLE_MAX = 16,
	WAIT_DEFAULT_MS = 3600 * 1000,
	WAIT_MAX_MS = 7 * 24 * 3600 * 1000,
	WINDOW_DEFAULT_MS = 15 * 60 * 1000,
	WINDOW_MAX_MS = 24 * 3600 * 1000,
};

static void
read_people(
    struct vs_pol_doc *d, const struct vs_yaml *y, const char *what, int *out)
{
	int64_t n = 0;

	if (!vs_doc_int(d, y, what, &n))
		return;
	if (n < 1 || n > PEOPLE_MAX)
		vs_doc_bad(d, y, "%s is a number of people from 1 to %d", what,
		    PEOPLE_MAX);
	else
		*out = (int)n;
}

static void
read_release(struct vs_pol_doc *d, const struct vs_yaml *y,
    struct vs_policy_approvals *a)
{
	static const char *const roles[] = {
	    NULL, "security", "approver", "operator"};
	int *const to[] = {NULL, &a->security, &a->approver, &a->operators};

	if (y->type == VS_YAML_SCALAR) {
		read_people(d, y, "release", &a->any);
		return;
	}
	if (!vs_doc_keys(d, y, "release", roles, VS_COUNT(roles)))
		return;
	if (y->n == 0)
		vs_doc_bad(d, y, "release says how many people of which roles");
	for (size_t i = 0; i < y->n; i++)
		for (size_t k = 1; k < VS_COUNT(roles); k++)
			if (vs_span_is(y->k[i]->text, roles[k]))
				read_people(d, y->v[i], roles[k], to[k]);
}

static void
read_time(struct vs_pol_doc *d, const struct vs_yaml *map, const char *name,
    int64_t dflt_ms, int64_t max_ms, int64_t *out)
{
	const struct vs_yaml *y = vs_yaml_get(map, name);
	struct vs_val v;

	*out = dflt_ms;
	if (y == NULL || !vs_doc_is(d, y, VS_YAML_SCALAR, name))
		return;
	if (vs_cel_parse_duration(y->text, &v) && v.u.i >= 1000000000 &&
	    v.u.i / 1000000 <= max_ms)
		*out = v.u.i / 1000000;
	else
		vs_doc_bad(d, y, "%s must be a duration from 1s to %dh", name,
		    (int)(max_ms / 3600000));
}

void
vs_doc_approvals(struct vs_pol_doc *d, const struct vs_yaml *y)
{
	static const char *const keys[] = {
	    "release", NULL, "wait", "window", "reason"};
	struct vs_policy_approvals *a = &d->p->approvals;
	const struct vs_yaml *reason;

	if (!vs_doc_keys(d, y, "approvals", keys, VS_COUNT(keys)))
		return;
	read_release(d, vs_yaml_get(y, "release"), a);
	read_time(d, y, "wait", WAIT_DEFAULT_MS, WAIT_MAX_MS, &a->wait_ms);
	read_time(
	    d, y, "window", WINDOW_DEFAULT_MS, WINDOW_MAX_MS, &a->window_ms);
	reason = vs_yaml_get(y, "reason");
	if (reason != NULL)
		(void)vs_doc_str(d, reason, "reason", &a->reason);
}

static int
more(int a, int b)
{
	return a > b ? a : b;
}

static int64_t
shorter(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* Each policy's demands are met when the strictest of each kind is. */
void
vs_pol_add_approvals(
    struct vs_policy_approvals *sum, const struct vs_policy_approvals *a)
{
	if (!vs_policy_approvals_needed(a))
		return;
	sum->any = more(sum->any, a->any);
	sum->security = more(sum->security, a->security);
	sum->approver = more(sum->approver, a->approver);
	sum->operators = more(sum->operators, a->operators);
	sum->wait_ms = shorter(sum->wait_ms, a->wait_ms);
	sum->window_ms = shorter(sum->window_ms, a->window_ms);
	if (sum->reason == NULL)
		sum->reason = a->reason;
}
