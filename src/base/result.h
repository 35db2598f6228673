/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One result type for the whole program.
 *
 * A status says what kind of failure happened; its class (the high byte)
 * decides the HTTP status, the CLI exit code and the audit class. A vs_err
 * carries the status, a fine code for machines and a message for people.
 * Library code never prints: it fills a vs_err and returns.
 *
 * A verdict is NOT a status: see vs_verdict in policy/policy.h.
 */
#ifndef VS_BASE_RESULT_H
#define VS_BASE_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#define VS_MUST_USE __attribute__((warn_unused_result))
#define VS_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* X(symbol, value, text). The high byte is the class. */
#define VS_STATUS_TABLE(X)                                                     \
	X(VS_OK, 0x0000, "ok")                                                 \
	X(VS_MALFORMED, 0x0100, "malformed")                                   \
	X(VS_TRUNCATED, 0x0101, "ends too early")                              \
	X(VS_TRAILING, 0x0102, "trailing bytes")                               \
	X(VS_RESERVED, 0x0103, "reserved bytes are not zero")                  \
	X(VS_RANGE, 0x0104, "value out of range")                              \
	X(VS_DUPLICATE, 0x0105, "duplicate")                                   \
	X(VS_UNSUPPORTED, 0x0106, "unsupported")                               \
	X(VS_UNTRUSTED, 0x0200, "not trusted")                                 \
	X(VS_STALE, 0x0300, "stale")                                           \
	X(VS_SPENT, 0x0301, "already spent")                                   \
	X(VS_DENIED, 0x0400, "denied")                                         \
	X(VS_LIMITED, 0x0500, "limit exceeded")                                \
	X(VS_TOO_LARGE, 0x0501, "too large")                                   \
	X(VS_BUSY, 0x0502, "too many requests")                                \
	X(VS_USAGE, 0x0600, "wrong usage")                                     \
	X(VS_NOT_FOUND, 0x0601, "not found")                                   \
	X(VS_CONFLICT, 0x0602, "conflict")                                     \
	X(VS_UNAVAILABLE, 0x0700, "unavailable")                               \
	X(VS_SEALED, 0x0701, "sealed")                                         \
	X(VS_DISK_FULL, 0x0702, "disk full")                                   \
	X(VS_INTERNAL, 0x0800, "internal error")                               \
	X(VS_NO_MEMORY, 0x0801, "out of memory")

typedef enum vs_status {
#define X(sym, value, text) sym = (value),
	VS_STATUS_TABLE(X)
#undef X
} vs_status;

/* X(symbol, value, name, HTTP status, CLI exit code). */
#define VS_CLASS_TABLE(X)                                                      \
	X(VS_CLASS_OK, 0, "ok", 200, 0)                                        \
	X(VS_CLASS_MALFORMED, 1, "malformed", 400, 2)                          \
	X(VS_CLASS_UNVERIFIED, 2, "unverified", 403, 3)                        \
	X(VS_CLASS_STALE, 3, "stale", 401, 3)                                  \
	X(VS_CLASS_DENIED, 4, "denied", 403, 1)                                \
	X(VS_CLASS_LIMITED, 5, "limited", 429, 4)                              \
	X(VS_CLASS_USAGE, 6, "usage", 400, 2)                                  \
	X(VS_CLASS_UNAVAILABLE, 7, "unavailable", 503, 4)                      \
	X(VS_CLASS_INTERNAL, 8, "internal", 500, 4)

typedef enum vs_class {
#define X(sym, value, name, http, code) sym = (value),
	VS_CLASS_TABLE(X)
#undef X
} vs_class;

enum { VS_ERR_MSG_MAX = 256 };

/*
 * On the caller's stack, zero-initialised, last parameter, never NULL.
 * code is a static string such as "chain.revoked", or NULL.
 * msg reads from outside in: "snp: report: reported_tcb: reserved ...".
 */
struct vs_err {
	vs_status status;
	const char *code;
	char msg[VS_ERR_MSG_MAX];
};

vs_class vs_status_class(vs_status st);
const char *vs_status_text(vs_status st);
const char *vs_class_name(vs_class c);
/* 404, 409 and 413 are told apart by value, all else by class. */
int vs_status_http(vs_status st);
int vs_status_exit(vs_status st);

void vs_err_clear(struct vs_err *err);

/* Records a new failure (replacing what err held) and returns st. */
vs_status vs_fail(struct vs_err *err, vs_status st, const char *fmt, ...)
    VS_PRINTF(3, 4);

/* The same with a fine code; code must be a string literal. */
vs_status vs_fail_code(struct vs_err *err, vs_status st, const char *code,
    const char *fmt, ...) VS_PRINTF(4, 5);

/*
 * Adds "what: " in front of the message of a failure on its way up and
 * returns st. When the failing call was a primitive that fills no err, the
 * message becomes the text of st.
 */
vs_status vs_ctx(struct vs_err *err, const char *what, vs_status st);

/* Returns from the calling function on failure, naming what was tried. */
#define VS_TRY(err, what, expr)                                                \
	do {                                                                   \
		vs_status vs_st_ = (expr);                                     \
		if (vs_st_ != VS_OK)                                           \
			return vs_ctx((err), (what), vs_st_);                  \
	} while (0)

/* VS_TRY that also sets the fine code, unless a deeper call set one. */
#define VS_TRY_CODE(err, fine, what, expr)                                     \
	do {                                                                   \
		vs_status vs_st_ = (expr);                                     \
		if (vs_st_ != VS_OK) {                                         \
			vs_st_ = vs_ctx((err), (what), vs_st_);                \
			if ((err)->code == NULL)                               \
				(err)->code = (fine);                          \
			return vs_st_;                                         \
		}                                                              \
	} while (0)

/* VS_AUTO(vs_cert) *c = NULL; runs vs_cert_free(&c) at scope exit. */
#define VS_AUTO(type) __attribute__((cleanup(type##_free))) struct type

/* Moves a pointer out of an owner that would otherwise free it. */
#define VS_TAKE(ptr)                                                           \
	__extension__({                                                        \
		__typeof__(ptr) vs_taken_ = (ptr);                             \
		(ptr) = NULL;                                                  \
		vs_taken_;                                                     \
	})

/* A broken invariant of our own: always on, aborts. */
#define VS_ASSERT(cond)                                                        \
	do {                                                                   \
		if (!(cond))                                                   \
			vs_assert_failed(#cond, __FILE__, __LINE__);           \
	} while (0)
__attribute__((noreturn)) void vs_assert_failed(
    const char *cond, const char *file, int line);

#define VS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
