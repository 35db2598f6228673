/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t
system_ms(void *ctx)
{
	struct timespec ts;

	(void)ctx;
	VS_ASSERT(clock_gettime(CLOCK_REALTIME, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t
fixed_ms(void *ctx)
{
	return *(int64_t *)ctx;
}

struct vs_clock
vs_clock_system(void)
{
	return (struct vs_clock){system_ms, NULL};
}

struct vs_clock
vs_clock_fixed(int64_t *ms)
{
	return (struct vs_clock){fixed_ms, ms};
}

int64_t
vs_clock_ms(const struct vs_clock *c)
{
	return c->now_ms(c->ctx);
}

/* Rounds down, also before 1970. */
static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

int64_t
vs_clock_s(const struct vs_clock *c)
{
	return floor_div(vs_clock_ms(c), 1000);
}

int64_t
vs_mono_ns(void)
{
	struct timespec ts;

	VS_ASSERT(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/*
 * Days are counted in eras of 400 years (146,097 days) that begin on 1 March,
 * so that the leap day is the last day of a year.
 */
int64_t
vs_days_from_civil(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = floor_div(y, 400);
	int64_t yoe = y - era * 400;
	int64_t mp = month > 2 ? (int64_t)month - 3 : (int64_t)month + 9;
	int64_t doy = (153 * mp + 2) / 5 + (int64_t)day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

void
vs_civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
	int64_t z = days + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int64_t m = mp < 10 ? mp + 3 : mp - 9;

	*day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	*month = (unsigned)m;
	*year = yoe + era * 400 + (m <= 2 ? 1 : 0);
}

void
vs_time_format_ms(int64_t unix_ms, char out[VS_TIME_TEXT_MAX])
{
	int64_t s = floor_div(unix_ms, 1000);
	int64_t ms = unix_ms - s * 1000;
	int64_t days = floor_div(s, 86400);
	int sod = (int)(s - days * 86400);
	int64_t year;
	unsigned month;
	unsigned day;
	int n;

	vs_civil_from_days(days, &year, &month, &day);
	n = snprintf(out, VS_TIME_TEXT_MAX, "%04d-%02u-%02uT%02d:%02d:%02d",
	    (int)year, month, day, sod / 3600, sod / 60 % 60, sod % 60);
	if (n < 0 || n > VS_TIME_TEXT_MAX - 6) {
		out[0] = '\0';
		return;
	}
	(void)snprintf(out + n, VS_TIME_TEXT_MAX - (size_t)n,
	    ms == 0 ? "Z" : ".%03dZ", (int)ms);
}

/* Exactly n decimal digits. */
static vs_status
digits(struct vs_rd *in, size_t n, int64_t *out)
{
	struct vs_rd ahead = *in;
	struct vs_span s;
	int64_t v = 0;

	if (vs_rd_bytes(&ahead, n, &s) != VS_OK)
		return VS_MALFORMED;
	for (size_t i = 0; i < n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return VS_MALFORMED;
		v = v * 10 + (s.p[i] - '0');
	}
	*out = v;
	*in = ahead;
	return VS_OK;
}

static bool
skip_char(struct vs_rd *in, char c)
{
	uint8_t got;
	struct vs_rd ahead = *in;

	if (vs_rd_u8(&ahead, &got) != VS_OK || got != (uint8_t)c)
		return false;
	*in = ahead;
	return true;
}

static vs_status
parse_date(struct vs_rd *in, int64_t *days)
{
	static const int month_days[] = {
	    31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t y;
	int64_t m;
	int64_t d;

	if (digits(in, 4, &y) != VS_OK || !skip_char(in, '-') ||
	    digits(in, 2, &m) != VS_OK || !skip_char(in, '-') ||
	    digits(in, 2, &d) != VS_OK)
		return VS_MALFORMED;
	if (y < 1 || m < 1 || m > 12 || d < 1 || d > month_days[m - 1])
		return VS_RANGE;
	if (m == 2 && d == 29 && (y % 4 != 0 || (y % 100 == 0 && y % 400 != 0)))
		return VS_RANGE;
	*days = vs_days_from_civil(y, (unsigned)m, (unsigned)d);
	return VS_OK;
}

static vs_status
parse_clock(struct vs_rd *in, int64_t *ms)
{
	int64_t h;
	int64_t mi;
	int64_t s;
	int64_t frac = 0;

	if (digits(in, 2, &h) != VS_OK || !skip_char(in, ':') ||
	    digits(in, 2, &mi) != VS_OK || !skip_char(in, ':') ||
	    digits(in, 2, &s) != VS_OK)
		return VS_MALFORMED;
	if (h > 23 || mi > 59 || s > 59)
		return VS_RANGE;
	if (skip_char(in, '.')) {
		int64_t digit;
		int n = 0;

		for (; n < 9 && digits(in, 1, &digit) == VS_OK; n++)
			if (n < 3)
				frac = frac * 10 + digit;
		if (n == 0)
			return VS_MALFORMED;
		for (; n < 3; n++)
			frac *= 10;
	}
	*ms = ((h * 60 + mi) * 60 + s) * 1000 + frac;
	return VS_OK;
}

static vs_status
parse_zone(struct vs_rd *in, int64_t *offset_ms)
{
	int64_t h;
	int64_t m;
	int64_t sign;

	*offset_ms = 0;
	if (skip_char(in, 'Z') || skip_char(in, 'z'))
		return VS_OK;
	if (skip_char(in, '+'))
		sign = 1;
	else if (skip_char(in, '-'))
		sign = -1;
	else
		return VS_MALFORMED;
	if (digits(in, 2, &h) != VS_OK || !skip_char(in, ':') ||
	    digits(in, 2, &m) != VS_OK)
		return VS_MALFORMED;
	if (h > 23 || m > 59)
		return VS_RANGE;
	*offset_ms = sign * (h * 60 + m) * 60000;
	return VS_OK;
}

/* Of the years 1 and 9999. */
#define FIRST_MS (INT64_C(-62135596800) * 1000)
#define LAST_MS (INT64_C(253402300799) * 1000 + 999)

static vs_status
parse_unix(struct vs_span text, int64_t *unix_ms)
{
	struct vs_rd in = vs_rd_of(text);
	int64_t s;

	/* 12 digits reach past the year 9999. */
	if (text.n == 0 || text.n > 12)
		return VS_MALFORMED;
	if (digits(&in, text.n, &s) != VS_OK)
		return VS_MALFORMED;
	if (s > LAST_MS / 1000)
		return VS_RANGE;
	*unix_ms = s * 1000;
	return VS_OK;
}

vs_status
vs_time_parse_ms(struct vs_span text, int64_t *unix_ms)
{
	struct vs_rd in = vs_rd_of(text);
	int64_t days;
	int64_t ms;
	int64_t offset;
	vs_status st;

	if (parse_unix(text, unix_ms) == VS_OK)
		return VS_OK;
	st = parse_date(&in, &days);
	if (st != VS_OK)
		return st;
	if (!skip_char(&in, 'T') && !skip_char(&in, 't'))
		return VS_MALFORMED;
	st = parse_clock(&in, &ms);
	if (st == VS_OK)
		st = parse_zone(&in, &offset);
	if (st == VS_OK)
		st = vs_rd_end(&in);
	if (st != VS_OK)
		return st;
	ms += days * 86400000 - offset;
	/* An offset leads out of the years that can be written. */
	if (ms < FIRST_MS || ms > LAST_MS)
		return VS_RANGE;
	*unix_ms = ms;
	return VS_OK;
}
