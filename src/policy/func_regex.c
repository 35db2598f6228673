/* SPDX-License-Identifier: Apache-2.0 */
/* matches(). Policies have their patterns compiled at load; only elsewhere
 * is a pattern an operand like any other. */
#include "policy/func.h"
#include "policy/regex.h"

/* One work memory serves all matches of a run that need no larger one. */
static struct vs_regex_work *
work_for(struct vs_cel_run *run, const struct vs_regex *r)
{
	if (run->regex == NULL || run->regex_arena != run->arena ||
	    run->regex->cap < vs_regex_size(r)) {
		run->regex = vs_regex_work(r, run->arena);
		run->regex_arena = run->arena;
	}
	return run->regex;
}

struct vs_val
vs_cel_matches(
    struct vs_cel_run *run, const struct vs_regex *r, struct vs_val text)
{
	uint64_t steps = ((uint64_t)text.n + 3) / 4 * vs_regex_size(r);
	struct vs_regex_work *w;

	vs_cel_charge(run, 1 + (steps + 15) / 16);
	if (vs_cel_over(run))
		return vs_val_error(VS_CEL_COST);
	w = work_for(run, r);
	if (w == NULL)
		return vs_val_error(VS_CEL_ARENA);
	return vs_val_bool(vs_regex_match(r, vs_val_span(text), w));
}

struct vs_val
vs_fn_matches(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	const struct vs_regex *r;
	const char *why;
	size_t at;
	vs_status st;

	(void)n;
	/* A few octets of {n,m} may stand for the largest program. */
	vs_cel_charge(run, VS_REGEX_PROG_MAX / 16);
	vs_cel_charge_octets(run, a[1].n);
	if (vs_cel_over(run))
		return vs_val_error(VS_CEL_COST);
	st = vs_regex_compile(vs_val_span(a[1]), run->arena, &r, &at, &why);
	if (st == VS_NO_MEMORY)
		return vs_val_error(VS_CEL_ARENA);
	if (st != VS_OK)
		return vs_val_error(VS_CEL_ARGUMENT);
	return vs_cel_matches(run, r, a[0]);
}
