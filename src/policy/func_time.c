/* SPDX-License-Identifier: Apache-2.0 */
/* Accessors of timestamps, with an optional zone, and of durations. */
#include "base/clock.h"
#include "policy/func.h"

struct civil {
	int64_t days; /* since 1970-01-01 */
	int64_t second;
	int64_t year;
	unsigned month, day;
};

static bool
civil_of(const struct vs_val *a, size_t n, struct civil *c)
{
	int64_t offset = 0, t;

	if (n == 2 && !vs_cel_parse_zone(vs_val_span(a[1]), &offset))
		return false;
	t = a[0].u.i + offset;
	c->days = t / 86400 - (t % 86400 < 0);
	c->second = t - c->days * 86400;
	vs_civil_from_days(c->days, &c->year, &c->month, &c->day);
	return true;
}

/* Accessors differ in one expression over c. */
#define ACCESSOR(fn, expr)                                                     \
	struct vs_val fn(                                                      \
	    struct vs_cel_run *run, const struct vs_val *a, size_t n)          \
	{                                                                      \
		struct civil c;                                                \
                                                                               \
		(void)run;                                                     \
		if (!civil_of(a, n, &c))                                       \
			return vs_val_error(VS_CEL_ARGUMENT);                  \
		return vs_val_int(expr);                                       \
	}

/* 1970-01-01 was a Thursday, day 4 when Sunday is 0. */
ACCESSOR(vs_fn_year, c.year)
ACCESSOR(vs_fn_month, (int64_t)c.month - 1)
ACCESSOR(vs_fn_date, (int64_t)c.day)
ACCESSOR(vs_fn_day_of_month, (int64_t)c.day - 1)
ACCESSOR(vs_fn_day_of_year, c.days - vs_days_from_civil(c.year, 1, 1))
ACCESSOR(vs_fn_day_of_week, ((c.days % 7) + 7 + 4) % 7)
ACCESSOR(vs_fn_hours, c.second / 3600)
ACCESSOR(vs_fn_minutes, c.second / 60 % 60)
ACCESSOR(vs_fn_seconds, c.second % 60)
ACCESSOR(vs_fn_millis, (int64_t)a[0].n / 1000000)

/* Of a duration the whole in that unit, but for milliseconds: their part. */
#define DURATION(fn, expr)                                                     \
	struct vs_val fn(                                                      \
	    struct vs_cel_run *run, const struct vs_val *a, size_t n)          \
	{                                                                      \
		(void)run;                                                     \
		(void)n;                                                       \
		return vs_val_int(expr);                                       \
	}

DURATION(vs_fn_dur_hours, a[0].u.i / INT64_C(3600000000000))
DURATION(vs_fn_dur_minutes, a[0].u.i / INT64_C(60000000000))
DURATION(vs_fn_dur_seconds, a[0].u.i / INT64_C(1000000000))
DURATION(vs_fn_dur_millis, a[0].u.i / INT64_C(1000000) % 1000)
