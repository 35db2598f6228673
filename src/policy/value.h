/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of the expression language: 16 bytes, passed by value. Strings,
 * lists and maps point into the evidence, the program or the arena of the
 * decision. An evaluation error is a value too, so that it travels up by
 * itself until && or || absorbs it.
 */
#ifndef VS_POLICY_VALUE_H
#define VS_POLICY_VALUE_H

#include "base/bytes.h"

struct vs_cel_run;

/* X(symbol, name as the language has it, letter in a signature). */
#define VS_KIND_TABLE(X)                                                       \
	X(VS_KIND_ERROR, "error", '?')                                         \
	X(VS_KIND_NULL, "null_type", 'n')                                      \
	X(VS_KIND_BOOL, "bool", 'b')                                           \
	X(VS_KIND_INT, "int", 'i')                                             \
	X(VS_KIND_UINT, "uint", 'u')                                           \
	X(VS_KIND_DOUBLE, "double", 'd')                                       \
	X(VS_KIND_STRING, "string", 's')                                       \
	X(VS_KIND_BYTES, "bytes", 'y')                                         \
	X(VS_KIND_LIST, "list", 'L')                                           \
	X(VS_KIND_MAP, "map", 'M')                                             \
	X(VS_KIND_TYPE, "type", 'T')                                           \
	X(VS_KIND_TIMESTAMP, "google.protobuf.Timestamp", 't')                 \
	X(VS_KIND_DURATION, "google.protobuf.Duration", 'D')                   \
	X(VS_KIND_IP, "net.IP", 'I')                                           \
	X(VS_KIND_CIDR, "net.CIDR", 'C')                                       \
	X(VS_KIND_SEMVER, "kubernetes.Semver", 'V')                            \
	X(VS_KIND_RECORD, "record", 'R')

typedef enum vs_kind {
#define X(sym, name, letter) sym,
	VS_KIND_TABLE(X)
#undef X
	    VS_KIND_COUNT
} vs_kind;

/* X(symbol, name). The first four are fatal: nothing absorbs them. */
#define VS_CEL_ERROR_TABLE(X)                                                  \
	X(VS_CEL_INTERNAL, "internal")                                         \
	X(VS_CEL_COST, "cost_exceeded")                                        \
	X(VS_CEL_ARENA, "arena_exhausted")                                     \
	X(VS_CEL_LIST_UNAVAILABLE, "list_unavailable")                         \
	X(VS_CEL_NO_FIELD, "no_such_field")                                    \
	X(VS_CEL_NO_KEY, "no_such_key")                                        \
	X(VS_CEL_NO_OVERLOAD, "no_matching_overload")                          \
	X(VS_CEL_UNBOUND, "unbound_variable")                                  \
	X(VS_CEL_UNKNOWN_FN, "unknown_function")                               \
	X(VS_CEL_DIV_ZERO, "div_by_zero")                                      \
	X(VS_CEL_OVERFLOW, "overflow")                                         \
	X(VS_CEL_RANGE, "range")                                               \
	X(VS_CEL_ARGUMENT, "invalid_argument")                                 \
	X(VS_CEL_CONVERSION, "conversion")                                     \
	X(VS_CEL_DUPLICATE_KEY, "duplicate_key")                               \
	X(VS_CEL_BAD_UTF8, "bad_utf8")

typedef enum vs_cel_error {
#define X(sym, name) sym,
	VS_CEL_ERROR_TABLE(X)
#undef X
} vs_cel_error;

struct vs_val {
	uint8_t kind;  /* vs_kind; zeroed memory is an error */
	uint8_t error; /* vs_cel_error, of an error */
	uint32_t n;    /* octets, elements, pairs; nanoseconds of a second;
			  IP: family, 4 or 6; CIDR: family << 8 | length */
	union {
		bool b;
		int64_t i; /* int; timestamp: s; duration: ns; type: vs_kind */
		uint64_t u;
		double d;
		const uint8_t *p;       /* string, bytes, semver: text; IP,
					   CIDR: 16 octets of address */
		const struct vs_val *v; /* list; map: key, value, key, ...;
					   record: its fields */
	} u;
};

const char *vs_kind_name(vs_kind k);
const char *vs_cel_error_name(vs_cel_error e);

static inline struct vs_val
vs_val_error(vs_cel_error e)
{
	return (struct vs_val){.kind = VS_KIND_ERROR, .error = (uint8_t)e};
}

static inline struct vs_val
vs_val_bool(bool b)
{
	return (struct vs_val){.kind = VS_KIND_BOOL, .u.b = b};
}

static inline struct vs_val
vs_val_int(int64_t i)
{
	return (struct vs_val){.kind = VS_KIND_INT, .u.i = i};
}

static inline struct vs_val
vs_val_uint(uint64_t u)
{
	return (struct vs_val){.kind = VS_KIND_UINT, .u.u = u};
}

static inline struct vs_val
vs_val_double(double d)
{
	return (struct vs_val){.kind = VS_KIND_DOUBLE, .u.d = d};
}

static inline struct vs_val
vs_val_null(void)
{
	return (struct vs_val){.kind = VS_KIND_NULL};
}

static inline struct vs_val
vs_val_type(vs_kind k)
{
	return (struct vs_val){.kind = VS_KIND_TYPE, .u.i = (int64_t)k};
}

static inline struct vs_val
vs_val_duration(int64_t ns)
{
	return (struct vs_val){.kind = VS_KIND_DURATION, .u.i = ns};
}

/* Strings are bounded to 64 KiB where they are made, claims to less. */
static inline struct vs_val
vs_val_str(struct vs_span s)
{
	return (struct vs_val){
	    .kind = VS_KIND_STRING, .n = (uint32_t)s.n, .u.p = s.p};
}

static inline struct vs_val
vs_val_bytes(struct vs_span s)
{
	return (struct vs_val){
	    .kind = VS_KIND_BYTES, .n = (uint32_t)s.n, .u.p = s.p};
}

static inline struct vs_val
vs_val_list(const struct vs_val *v, size_t n)
{
	return (struct vs_val){
	    .kind = VS_KIND_LIST, .n = (uint32_t)n, .u.v = v};
}

static inline struct vs_val
vs_val_map(const struct vs_val *pairs, size_t n)
{
	return (struct vs_val){
	    .kind = VS_KIND_MAP, .n = (uint32_t)n, .u.v = pairs};
}

static inline struct vs_span
vs_val_span(struct vs_val v)
{
	return VS_SPAN(v.u.p, v.n);
}

static inline bool
vs_val_is_error(struct vs_val v)
{
	return v.kind == VS_KIND_ERROR;
}

/* Also true of a zeroed value: nothing but an evaluation makes an answer. */
static inline bool
vs_val_is_fatal(struct vs_val v)
{
	return v.kind == VS_KIND_ERROR && v.error < VS_CEL_NO_FIELD;
}

static inline bool
vs_val_is_true(struct vs_val v)
{
	return v.kind == VS_KIND_BOOL && v.u.b;
}

static inline bool
vs_val_is_number(struct vs_val v)
{
	return v.kind == VS_KIND_INT || v.kind == VS_KIND_UINT ||
	    v.kind == VS_KIND_DOUBLE;
}

/*
 * Equality across types: different types are unequal, numbers compare by
 * their mathematical value. Charged to the run; once the run is over its
 * limit the answer means nothing and the run fails.
 */
bool vs_val_equal(struct vs_cel_run *run, struct vs_val a, struct vs_val b);

typedef enum vs_order {
	VS_LESS = -1,
	VS_SAME = 0,
	VS_GREATER = 1,
	VS_UNORDERED = 2, /* a NaN is involved */
} vs_order;

/* False when the two have no order (other types, null, list, map, type). */
bool vs_val_order(
    struct vs_cel_run *run, struct vs_val a, struct vs_val b, vs_order *out);

/* What a map key may be: bool, int, uint, string. */
bool vs_val_is_key(struct vs_val v);
/* The value of a key, or NULL; numbers match across types. */
const struct vs_val *vs_val_map_get(
    struct vs_cel_run *run, struct vs_val map, struct vs_val key);

#endif
