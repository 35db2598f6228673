/* SPDX-License-Identifier: Apache-2.0 */
/* Names of keys: "models/llama-70b/weights". */
#include "broker/broker_int.h"

static bool
is_name_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static vs_status
check_segment(struct vs_span s, struct vs_err *err)
{
	if (s.n == 0)
		return vs_fail_code(err, VS_MALFORMED, "key.name",
		    "key name: a segment is empty");
	if (vs_span_is(s, ".") || vs_span_is(s, ".."))
		return vs_fail_code(err, VS_MALFORMED, "key.name",
		    "key name: a segment is \".\" or \"..\"");
	for (size_t i = 0; i < s.n; i++)
		if (!is_name_char(s.p[i]))
			return vs_fail_code(err, VS_MALFORMED, "key.name",
			    "key name: byte 0x%02x is not allowed",
			    (unsigned)s.p[i]);
	return VS_OK;
}

struct vs_span
vs_key_namespace(struct vs_span name)
{
	size_t n = 0;

	while (n < name.n && name.p[n] != '/')
		n++;
	return vs_span_slice(name, 0, n);
}

vs_status
vs_key_name_check(struct vs_span name, struct vs_err *err)
{
	size_t segments = 0;
	size_t at = 0;

	if (name.n == 0 || name.n > VS_KEY_NAME_MAX)
		return vs_fail_code(err, VS_MALFORMED, "key.name",
		    "key name: must be 1 to %d bytes", VS_KEY_NAME_MAX);
	/* One round more than there are slashes: a last one is an error. */
	while (at <= name.n) {
		struct vs_span rest = vs_span_slice(name, at, name.n);
		struct vs_span segment = vs_key_namespace(rest);
		vs_status st = check_segment(segment, err);

		if (st != VS_OK)
			return st;
		segments++;
		at += segment.n + 1;
	}
	if (segments < 2)
		return vs_fail_code(err, VS_MALFORMED, "key.name",
		    "key name: needs a namespace: \"namespace/name\"");
	return VS_OK;
}
