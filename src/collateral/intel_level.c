/* SPDX-License-Identifier: Apache-2.0 */
/* What TCB info and QE identity have in common. */
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "collateral/intel_parse.h"

static const char *const names[VS_TCB_STATUS_COUNT] = {
    [VS_TCB_NONE] = "",
    [VS_TCB_UP_TO_DATE] = "UpToDate",
    [VS_TCB_SW_HARDENING_NEEDED] = "SWHardeningNeeded",
    [VS_TCB_CONFIGURATION_NEEDED] = "ConfigurationNeeded",
    [VS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED] =
	"ConfigurationAndSWHardeningNeeded",
    [VS_TCB_TD_RELAUNCH_ADVISED] = "TDRelaunchAdvised",
    [VS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED] =
	"TDRelaunchAdvisedConfigurationNeeded",
    [VS_TCB_OUT_OF_DATE] = "OutOfDate",
    [VS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED] = "OutOfDateConfigurationNeeded",
    [VS_TCB_REVOKED] = "Revoked",
};

const char *
vs_tcb_status_name(vs_tcb_status s)
{
	return s < VS_TCB_STATUS_COUNT ? names[s] : "";
}

static bool
stated(vs_tcb_status s)
{
	return s != VS_TCB_NONE && s != VS_TCB_TD_RELAUNCH_ADVISED &&
	    s != VS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED;
}

static vs_status
read_status(const struct vs_json *level, vs_tcb_status *out, struct vs_err *err)
{
	struct vs_span text;

	VS_TRY(
	    err, "level", vs_json_need_str(level, "", "tcbStatus", &text, err));
	for (int i = 0; i < VS_TCB_STATUS_COUNT; i++)
		if (stated((vs_tcb_status)i) && vs_span_is(text, names[i])) {
			*out = (vs_tcb_status)i;
			return VS_OK;
		}
	return vs_fail(err, VS_MALFORMED, "unknown tcbStatus");
}

vs_status
vs_intel_hex(const struct vs_json *obj, const char *name, uint8_t *out,
    size_t n, struct vs_err *err)
{
	struct vs_span text;

	VS_TRY(err, "object", vs_json_need_str(obj, "", name, &text, err));
	if (vs_unhex(text, out, n) != VS_OK)
		return vs_fail(
		    err, VS_MALFORMED, "%s: wants %zu hex digits", name, 2 * n);
	return VS_OK;
}

vs_status
vs_intel_uint(const struct vs_json *obj, const char *name, int64_t max,
    uint32_t *out, struct vs_err *err)
{
	int64_t v;

	if (!vs_json_is_int(vs_json_get(obj, name), &v) || v < 0 || v > max)
		return vs_fail(err, VS_MALFORMED,
		    "%s: wants a whole number up to %lld", name,
		    (long long)max);
	*out = (uint32_t)v;
	return VS_OK;
}

/* vs_time_parse_ms takes more forms than Intel writes. */
static bool
is_plain_time(struct vs_span text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:ddZ";

	if (text.n != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		bool digit = text.p[i] >= '0' && text.p[i] <= '9';

		if (form[i] == 'd' ? !digit : text.p[i] != (uint8_t)form[i])
			return false;
	}
	return true;
}

vs_status
vs_intel_time(const struct vs_json *obj, const char *name, int64_t *out,
    struct vs_err *err)
{
	struct vs_span text;
	int64_t ms;

	VS_TRY(err, "object", vs_json_need_str(obj, "", name, &text, err));
	if (!is_plain_time(text) || vs_time_parse_ms(text, &ms) != VS_OK)
		return vs_fail(err, VS_MALFORMED,
		    "%s: wants a time like 2026-01-02T03:04:05Z", name);
	*out = ms / 1000;
	return VS_OK;
}

static bool
is_advisory(struct vs_span s)
{
	if (s.n == 0 || s.n > VS_INTEL_ADVISORY_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

static vs_status
read_advisories(const struct vs_json *list, struct vs_arena *a,
    struct vs_intel_advisories *out, struct vs_err *err)
{
	size_t n = vs_json_size(list);
	struct vs_span *v;

	if (vs_json_type_of(list) != VS_JSON_ARRAY ||
	    n > VS_INTEL_ADVISORIES_MAX)
		return vs_fail(err, VS_MALFORMED,
		    "advisoryIDs: wants at most %d texts",
		    VS_INTEL_ADVISORIES_MAX);
	v = vs_arena_calloc(a, n, sizeof(*v));
	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "advisoryIDs");
	for (size_t i = 0; i < n; i++) {
		struct vs_span text;

		if (!vs_json_is_string(vs_json_at(list, i), &text) ||
		    !is_advisory(text))
			return vs_fail(
			    err, VS_MALFORMED, "advisoryIDs: not an advisory");
		VS_TRY(err, "advisoryIDs", vs_arena_dup(a, text, &v[i]));
	}
	*out = (struct vs_intel_advisories){v, n};
	return VS_OK;
}

vs_status
vs_intel_read_verdict(const struct vs_json *level, struct vs_arena *a,
    struct vs_intel_verdict *out, struct vs_err *err)
{
	struct vs_intel_verdict v = {0};
	const struct vs_json *list = vs_json_get(level, "advisoryIDs");

	VS_TRY(err, "level", read_status(level, &v.status, err));
	VS_TRY(err, "level", vs_intel_time(level, "tcbDate", &v.date, err));
	if (list != NULL)
		VS_TRY(
		    err, "level", read_advisories(list, a, &v.advisories, err));
	*out = v;
	return VS_OK;
}

vs_status
vs_intel_array(const struct vs_json *obj, const char *name, size_t max,
    const struct vs_json **out, struct vs_err *err)
{
	const struct vs_json *list;

	VS_TRY(err, "object",
	    vs_json_need(obj, "", name, VS_JSON_ARRAY, &list, err));
	if (vs_json_size(list) == 0 || vs_json_size(list) > max)
		return vs_fail(err, VS_MALFORMED, "%s: wants 1 to %zu elements",
		    name, max);
	*out = list;
	return VS_OK;
}

/* A component says no more than these (Intel PCS API, both schemas). */
static bool
is_component_status(vs_tcb_status s)
{
	return s == VS_TCB_UP_TO_DATE || s == VS_TCB_OUT_OF_DATE ||
	    s == VS_TCB_REVOKED;
}

static vs_status
read_isv_level(const struct vs_json *level, struct vs_arena *a,
    struct vs_intel_isv_level *out, struct vs_err *err)
{
	const struct vs_json *tcb;
	uint32_t svn = 0;

	VS_TRY(err, "level",
	    vs_json_need(level, "", "tcb", VS_JSON_OBJECT, &tcb, err));
	VS_TRY(
	    err, "level", vs_intel_uint(tcb, "isvsvn", UINT16_MAX, &svn, err));
	VS_TRY(
	    err, "level", vs_intel_read_verdict(level, a, &out->verdict, err));
	if (!is_component_status(out->verdict.status))
		return vs_fail(err, VS_MALFORMED,
		    "tcbStatus %s has no meaning for a component",
		    vs_tcb_status_name(out->verdict.status));
	out->isvsvn = (uint16_t)svn;
	return VS_OK;
}

vs_status
vs_intel_isv_levels(const struct vs_json *obj, struct vs_arena *a,
    const struct vs_intel_isv_level **out, size_t *n, struct vs_err *err)
{
	const struct vs_json *list;
	struct vs_intel_isv_level *v;
	size_t count;

	VS_TRY(err, "levels",
	    vs_intel_array(obj, "tcbLevels", VS_INTEL_LEVELS_MAX, &list, err));
	count = vs_json_size(list);
	v = vs_arena_calloc(a, count, sizeof(*v));
	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "tcbLevels");
	for (size_t i = 0; i < count; i++) {
		VS_TRY(err, "tcbLevels",
		    read_isv_level(vs_json_at(list, i), a, &v[i], err));
		/* The first that fits counts: a later one that is not lower
		 * could never be reached. */
		if (i > 0 && v[i].isvsvn >= v[i - 1].isvsvn)
			return vs_fail(
			    err, VS_MALFORMED, "tcbLevels: not in order");
	}
	*out = v;
	*n = count;
	return VS_OK;
}
