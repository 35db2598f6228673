/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of the language: one table, all overloads of a name beside
 * each other. */
#ifndef VS_POLICY_FUNC_H
#define VS_POLICY_FUNC_H

#include "policy/eval.h"

struct vs_regex;

/* Operands are evaluated, free of errors, and of the kinds in sig. */
typedef struct vs_val (*vs_cel_impl)(
    struct vs_cel_run *run, const struct vs_val *a, size_t n);

enum {
	VS_FN_LOOSE = 1, /* not in policies: loses the type */
	VS_FN_GLOB = 2,  /* the last operand is a pattern: a constant */
	VS_FN_ZONE = 4,  /* the last operand, if a string, is a time zone */
	VS_FN_REGEX = 8, /* the last operand is a pattern: a constant */
};

struct vs_cel_fn {
	const char *name; /* NULL ends the table */
	const char *sig;  /* operand types, '>', result; see types.h */
	vs_cel_impl impl;
	bool member; /* written x.f() */
	uint8_t flags;
};

/* The most operands that a function takes, receiver included. */
enum { VS_FN_ARGS_MAX = 4 };

/* The first overload, or NULL. */
const struct vs_cel_fn *vs_cel_fn_find(struct vs_span name, bool member);
/* The one after f, or NULL. */
const struct vs_cel_fn *vs_cel_fn_next(const struct vs_cel_fn *f);
/* For "did you mean". */
const char *vs_cel_fn_nearest(struct vs_span name, bool member);
/* Whether values of these kinds fit the signature. */
bool vs_cel_fn_fits(
    const struct vs_cel_fn *f, const struct vs_val *a, size_t n);

/* X(implementation). */
/* clang-format off */
#define VS_FN_IMPL_TABLE(X)						\
	X(vs_fn_size)							\
	X(vs_fn_type)							\
	X(vs_fn_same)							\
	X(vs_fn_to_bool)						\
	X(vs_fn_to_int)							\
	X(vs_fn_to_uint)						\
	X(vs_fn_to_double)						\
	X(vs_fn_to_string)						\
	X(vs_fn_to_bytes)						\
	X(vs_fn_contains)						\
	X(vs_fn_starts)							\
	X(vs_fn_ends)							\
	X(vs_fn_lower)							\
	X(vs_fn_upper)							\
	X(vs_fn_trim)							\
	X(vs_fn_split)							\
	X(vs_fn_join)							\
	X(vs_fn_substring)						\
	X(vs_fn_index_of)						\
	X(vs_fn_last_index_of)						\
	X(vs_fn_replace)						\
	X(vs_fn_char_at)						\
	X(vs_fn_reverse)						\
	X(vs_fn_quote)							\
	X(vs_fn_format)							\
	X(vs_fn_timestamp)						\
	X(vs_fn_duration)						\
	X(vs_fn_year)							\
	X(vs_fn_month)							\
	X(vs_fn_date)							\
	X(vs_fn_day_of_month)						\
	X(vs_fn_day_of_year)						\
	X(vs_fn_day_of_week)						\
	X(vs_fn_hours)							\
	X(vs_fn_minutes)						\
	X(vs_fn_seconds)						\
	X(vs_fn_millis)							\
	X(vs_fn_dur_hours)						\
	X(vs_fn_dur_minutes)						\
	X(vs_fn_dur_seconds)						\
	X(vs_fn_dur_millis)						\
	X(vs_fn_hex)							\
	X(vs_fn_unhex)							\
	X(vs_fn_glob)							\
	X(vs_fn_matches)						\
	X(vs_fn_vercmp)							\
	X(vs_fn_vercmp_hex)						\
	X(vs_fn_vercmp_in)						\
	X(vs_fn_sets_contains)						\
	X(vs_fn_sets_intersects)					\
	X(vs_fn_sets_equivalent)					\
	X(vs_fn_distinct)						\
	X(vs_fn_greatest)						\
	X(vs_fn_least)							\
	X(vs_fn_bit_and)						\
	X(vs_fn_bit_or)							\
	X(vs_fn_bit_xor)						\
	X(vs_fn_bit_not)						\
	X(vs_fn_shift_left)						\
	X(vs_fn_shift_right)						\
	X(vs_fn_ceil)							\
	X(vs_fn_floor)							\
	X(vs_fn_round)							\
	X(vs_fn_trunc)							\
	X(vs_fn_sqrt)							\
	X(vs_fn_abs)							\
	X(vs_fn_sign)							\
	X(vs_fn_is_nan)							\
	X(vs_fn_is_inf)							\
	X(vs_fn_is_finite)						\
	X(vs_fn_b64_encode)						\
	X(vs_fn_b64_decode)						\
	X(vs_fn_ip)							\
	X(vs_fn_is_ip)							\
	X(vs_fn_ip_canonical)						\
	X(vs_fn_cidr)							\
	X(vs_fn_is_cidr)						\
	X(vs_fn_ip_family)						\
	X(vs_fn_ip_unspecified)						\
	X(vs_fn_ip_loopback)						\
	X(vs_fn_ip_local_multicast)					\
	X(vs_fn_ip_local_unicast)					\
	X(vs_fn_ip_global_unicast)					\
	X(vs_fn_cidr_has_ip)						\
	X(vs_fn_cidr_has_cidr)						\
	X(vs_fn_cidr_ip)						\
	X(vs_fn_cidr_masked)						\
	X(vs_fn_cidr_length)						\
	X(vs_fn_semver)							\
	X(vs_fn_is_semver)						\
	X(vs_fn_semver_compare)						\
	X(vs_fn_semver_greater)						\
	X(vs_fn_semver_less)						\
	X(vs_fn_semver_major)						\
	X(vs_fn_semver_minor)						\
	X(vs_fn_semver_patch)						\
	X(vs_fn_net_string)
/* clang-format on */

#define X(impl)                                                                \
	struct vs_val impl(                                                    \
	    struct vs_cel_run *run, const struct vs_val *a, size_t n);
VS_FN_IMPL_TABLE(X)
#undef X

/* matches() of a pattern that was compiled at load. */
struct vs_val vs_cel_matches(
    struct vs_cel_run *run, const struct vs_regex *r, struct vs_val text);

/* Negative, zero or positive, of two semantic versions. */
int vs_val_semver_order(
    struct vs_cel_run *run, struct vs_val a, struct vs_val b);

/* + - * / % and unary minus, by the kinds of the operands. */
struct vs_val vs_cel_arith(
    struct vs_cel_run *run, int op, struct vs_val a, struct vs_val b);
struct vs_val vs_cel_negate(struct vs_val a);
/* timestamp and duration, for + and -. */
struct vs_val vs_cel_time_arith(int op, struct vs_val a, struct vs_val b);

/* A timestamp from Unix seconds and nanoseconds, or the error "range". */
struct vs_val vs_val_timestamp(int64_t s, int64_t ns);
bool vs_cel_parse_timestamp(struct vs_span text, struct vs_val *out);
bool vs_cel_parse_duration(struct vs_span text, struct vs_val *out);
/* UTC or a fixed offset. */
bool vs_cel_parse_zone(struct vs_span text, int64_t *offset_s);
/* Text of a number, a timestamp or a duration; room for 64 octets. */
size_t vs_cel_format_scalar(struct vs_val v, char out[64]);
/* Text of a timestamp or duration; room for 64 octets. */
size_t vs_cel_format_time(struct vs_val v, char out[64]);
/* Likewise of an address or a network. */
size_t vs_cel_format_net(struct vs_val v, char out[64]);

#endif
