/* SPDX-License-Identifier: Apache-2.0 */
/* vs_json_parse against jansson's own reader: same verdict, same value. */
#include <jansson.h>
#include <string.h>

#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Ours has limits that jansson has not: depth, values, digits. */
static bool
is_limit(const struct vs_err *err)
{
	static const char *const limits[] = {
	    "nested too deep", "too many values", "number too long"};

	for (size_t i = 0; i < VS_COUNT(limits); i++) {
		struct vs_span msg = vs_span_cstr(err->msg);
		struct vs_span l = vs_span_cstr(limits[i]);

		if (msg.n >= l.n &&
		    vs_span_equal(vs_span_slice(msg, msg.n - l.n, l.n), l))
			return true;
	}
	return false;
}

/* jansson takes a NUL behind a word for its end; we refuse it anywhere. */
static bool
has_nul(const uint8_t *data, size_t n)
{
	return n > 0 && memchr(data, 0, n) != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct vs_json *ours = NULL;
	struct vs_err err = {0};
	json_error_t why;
	vs_status st = vs_json_parse(VS_SPAN(data, n), &ours, &err);
	json_t *theirs = json_loadb(n == 0 ? "" : (const char *)data, n,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);

	if (st == VS_OK)
		VS_ASSERT(
		    theirs != NULL && json_equal((json_t *)ours, theirs) == 1);
	else
		VS_ASSERT(theirs == NULL || is_limit(&err) || has_nul(data, n));
	json_decref(theirs);
	vs_json_free(&ours);
	return 0;
}
