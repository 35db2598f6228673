/* SPDX-License-Identifier: Apache-2.0 */
#include "base/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

vs_class
vs_status_class(vs_status st)
{
	return (vs_class)((unsigned)st >> 8);
}

const char *
vs_status_text(vs_status st)
{
	switch (st) {
#define X(sym, value, text)                                                    \
	case sym:                                                              \
		return text;
		VS_STATUS_TABLE(X)
#undef X
	}
	return "unknown status";
}

const char *
vs_class_name(vs_class c)
{
	switch (c) {
#define X(sym, value, name, http, code)                                        \
	case sym:                                                              \
		return name;
		VS_CLASS_TABLE(X)
#undef X
	}
	return "internal";
}

int
vs_status_http(vs_status st)
{
	if (st == VS_NOT_FOUND)
		return 404;
	if (st == VS_CONFLICT)
		return 409;
	if (st == VS_TOO_LARGE)
		return 413;
	switch (vs_status_class(st)) {
#define X(sym, value, name, http, code)                                        \
	case sym:                                                              \
		return http;
		VS_CLASS_TABLE(X)
#undef X
	}
	return 500;
}

int
vs_status_exit(vs_status st)
{
	switch (vs_status_class(st)) {
#define X(sym, value, name, http, code)                                        \
	case sym:                                                              \
		return code;
		VS_CLASS_TABLE(X)
#undef X
	}
	return 4;
}

void
vs_err_clear(struct vs_err *err)
{
	err->status = VS_OK;
	err->code = NULL;
	err->msg[0] = '\0';
}

VS_PRINTF(2, 0)
static void
set_msg(struct vs_err *err, const char *fmt, va_list ap)
{
	if (vsnprintf(err->msg, sizeof err->msg, fmt, ap) < 0)
		err->msg[0] = '\0';
}

vs_status
vs_fail(struct vs_err *err, vs_status st, const char *fmt, ...)
{
	va_list ap;

	VS_ASSERT(st != VS_OK);
	err->status = st;
	err->code = NULL;
	va_start(ap, fmt);
	set_msg(err, fmt, ap);
	va_end(ap);
	return st;
}

vs_status
vs_fail_code(
    struct vs_err *err, vs_status st, const char *code, const char *fmt, ...)
{
	va_list ap;

	VS_ASSERT(st != VS_OK);
	err->status = st;
	err->code = code;
	va_start(ap, fmt);
	set_msg(err, fmt, ap);
	va_end(ap);
	return st;
}

vs_status
vs_ctx(struct vs_err *err, const char *what, vs_status st)
{
	char old[VS_ERR_MSG_MAX];

	VS_ASSERT(st != VS_OK);
	if (err->status == VS_OK) {
		/* A primitive failed: it has a status, but no words. */
		err->status = st;
		(void)snprintf(
		    err->msg, sizeof err->msg, "%s", vs_status_text(st));
	}
	memcpy(old, err->msg, sizeof old);
	/* A message cut at the end is still a message. */
	if (snprintf(err->msg, sizeof err->msg, "%s: %s", what, old) < 0)
		err->msg[0] = '\0';
	return st;
}

void
vs_assert_failed(const char *cond, const char *file, int line)
{
	(void)fprintf(
	    stderr, "%s:%d: broken invariant: %s\n", file, line, cond);
	abort();
}
