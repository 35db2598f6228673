/* SPDX-License-Identifier: Apache-2.0 */
/* What NVIDIA's service calls a reference document. */
#include <stdio.h>
#include <string.h>

#include "collateral/nvidia.h"

/* "96.00.9f.00.01" -> "96009F0001" */
static void
compact(const char *version, char out[VS_NV_RIM_VERSION_MAX + 1])
{
	for (; *version != '\0'; version++)
		if (*version != '.')
			*out++ = *version >= 'a' && *version <= 'z'
			    ? (char)(*version - 'a' + 'A')
			    : *version;
	*out = '\0';
}

static bool
is_plain(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

/* Three groups of letters and digits, each with '_' behind; 0: others. */
static size_t
board_length(struct vs_span s)
{
	size_t groups = 0, from = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '_') {
			if (i == from || i - from > 16)
				return 0;
			from = i + 1;
			if (++groups == 3)
				return from;
		} else if (!is_plain(s.p[i])) {
			return 0;
		}
	}
	return 0;
}

static vs_status
vbios_id(const struct vs_nv_rim *r, struct vs_span name,
    char out[VS_NV_RIM_ID_MAX + 1], struct vs_err *err)
{
	static const char prefix[] = "NV_GPU_VBIOS_";
	char version[VS_NV_RIM_VERSION_MAX + 1];
	struct vs_span rest = vs_span_slice(name, sizeof(prefix) - 1, name.n);
	size_t board, n;

	compact(r->version, version);
	n = strlen(version);
	board = board_length(rest);
	if (!vs_span_starts(name, VS_SPAN_LIT("NV_GPU_VBIOS_")) || board == 0 ||
	    !vs_span_is(vs_span_slice(rest, board, n), version) ||
	    (rest.n > board + n && is_plain(rest.p[board + n])))
		return vs_fail(err, VS_USAGE,
		    "%.*s: a reference document of a VBIOS does not name its "
		    "board: the name must begin with the id, "
		    "NV_GPU_VBIOS_PROJECT_PROJECTSKU_CHIPSKU_%s",
		    (int)(name.n < 60 ? name.n : 60), (const char *)name.p,
		    version);
	(void)snprintf(out, VS_NV_RIM_ID_MAX + 1, "%s%.*s%s", prefix,
	    (int)board, (const char *)rest.p, version);
	return VS_OK;
}

vs_status
vs_nv_rim_id(const struct vs_nv_rim *r, struct vs_span name,
    char out[VS_NV_RIM_ID_MAX + 1], struct vs_err *err)
{
	char version[VS_NV_RIM_VERSION_MAX + 1];

	if (strcmp(r->product, "LS10") == 0) {
		compact(r->version, version);
		(void)snprintf(out, VS_NV_RIM_ID_MAX + 1,
		    "NV_SWITCH_BIOS_5612_0002_890_%s", version);
		return VS_OK;
	}
	if (!r->is_driver)
		return vbios_id(r, name, out, err);
	(void)snprintf(out, VS_NV_RIM_ID_MAX + 1, "NV_GPU_%sDRIVER_%s_%s",
	    strcmp(r->product, "GH100") == 0 ? "" : "CC_", r->product,
	    r->version);
	return VS_OK;
}
