/* SPDX-License-Identifier: Apache-2.0 */
/* Time, injected so that a test or --at can set it; and RFC 3339 text. */
#ifndef VS_BASE_CLOCK_H
#define VS_BASE_CLOCK_H

#include "base/bytes.h"

struct vs_clock {
	int64_t (*now_ms)(void *ctx); /* Unix time in milliseconds */
	void *ctx;
};

struct vs_clock vs_clock_system(void);
/* Always *ms; the caller may change it between calls. */
struct vs_clock vs_clock_fixed(int64_t *ms);
int64_t vs_clock_ms(const struct vs_clock *c);
int64_t vs_clock_s(const struct vs_clock *c);
/* Monotonic nanoseconds, for measuring only. */
int64_t vs_mono_ns(void);

enum { VS_TIME_TEXT_MAX = 32 };

/* "2026-01-02T03:04:05Z", with milliseconds when they are not zero. */
void vs_time_format_ms(int64_t unix_ms, char out[VS_TIME_TEXT_MAX]);
/* RFC 3339 with Z or an offset, or a plain decimal Unix time in seconds. */
VS_MUST_USE vs_status vs_time_parse_ms(struct vs_span text, int64_t *unix_ms);

/* Proleptic Gregorian calendar, years 1..9999. Days since 1970-01-01. */
int64_t vs_days_from_civil(int64_t year, unsigned month, unsigned day);
void vs_civil_from_days(
    int64_t days, int64_t *year, unsigned *month, unsigned *day);

#endif
