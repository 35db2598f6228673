/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence of devices as JSON, in the forms that agents write. */
#include <string.h>

#include "base/encoding.h"
#include "codec/json.h"
#include "evidence/nvgpu/nvgpu.h"

/* Where the list of devices is. */
static const struct vs_json *
find_list(const struct vs_json *root, bool *hex)
{
	static const char *const names[] = {
	    "evidences", "evidence_list", "device_evidence_list"};

	*hex = false;
	if (vs_json_type_of(root) == VS_JSON_ARRAY)
		return root;
	for (size_t i = 0; i < VS_COUNT(names); i++) {
		const struct vs_json *v = vs_json_get(root, names[i]);

		if (vs_json_type_of(v) != VS_JSON_ARRAY)
			continue;
		*hex = strcmp(names[i], "device_evidence_list") == 0;
		return v;
	}
	return NULL;
}

static bool
is_hex(struct vs_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (memchr("0123456789abcdefABCDEF", s.p[i], 22) == NULL)
			return false;
	return s.n > 0 && s.n % 2 == 0;
}

static vs_status
decode(struct vs_span text, bool hex, struct vs_arena *a, struct vs_span *out,
    struct vs_err *err)
{
	uint8_t *bytes;

	if (!hex || !is_hex(text)) {
		VS_TRY(err, "base64", vs_b64_decode(a, text, out));
		return VS_OK;
	}
	bytes = vs_arena_alloc(a, text.n / 2);
	if (bytes == NULL)
		return vs_fail(err, VS_NO_MEMORY, "evidence");
	VS_TRY(err, "hex", vs_unhex(text, bytes, text.n / 2));
	*out = VS_SPAN(bytes, text.n / 2);
	return VS_OK;
}

static vs_status
read_device(const struct vs_json *v, const struct vs_json *root, bool hex,
    struct vs_arena *a, struct vs_nv_input *out, struct vs_err *err)
{
	const struct vs_json *arch = vs_json_get(v, "arch");
	struct vs_span text;

	/* NVIDIA's service takes one family a request. */
	if (arch == NULL && vs_json_type_of(root) == VS_JSON_OBJECT)
		arch = vs_json_get(root, "arch");
	if (!vs_json_is_string(arch, &text))
		return vs_fail(err, VS_MALFORMED, "device without arch");
	out->arch = vs_nv_arch_parse(text);
	if (out->arch == VS_NV_NONE)
		return vs_fail(err, VS_UNSUPPORTED, "arch \"%.*s\"",
		    (int)(text.n < 20 ? text.n : 20), (const char *)text.p);
	VS_TRY(err, "device",
	    vs_json_need_str(v, "device", "evidence", &text, err));
	VS_TRY(err, "evidence", decode(text, hex, a, &out->report, err));
	VS_TRY(err, "device",
	    vs_json_need_str(v, "device", "certificate", &text, err));
	VS_TRY(err, "certificate", decode(text, false, a, &out->certs, err));
	return VS_OK;
}

static vs_status
read_list(const struct vs_json *root, struct vs_arena *a,
    struct vs_nv_input *out, size_t *n, struct vs_err *err)
{
	bool hex;
	const struct vs_json *list = find_list(root, &hex);
	size_t count = vs_json_size(list);

	if (list == NULL)
		return vs_fail(err, VS_MALFORMED, "no list of devices");
	if (count == 0 || count > VS_NV_DEVICES_MAX)
		return vs_fail(err, VS_MALFORMED, "%zu devices, want 1 to %d",
		    count, VS_NV_DEVICES_MAX);
	for (size_t i = 0; i < count; i++)
		VS_TRY(err, "device",
		    read_device(
			vs_json_at(list, i), root, hex, a, &out[i], err));
	*n = count;
	return VS_OK;
}

vs_status
vs_nv_evidence_json(struct vs_span text, struct vs_arena *a,
    struct vs_nv_input *out, size_t *n, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = NULL;

	vs_err_clear(err);
	VS_TRY_CODE(
	    err, "GPU_PARSE", "gpu evidence", vs_json_parse(text, &root, err));
	VS_TRY_CODE(
	    err, "GPU_PARSE", "gpu evidence", read_list(root, a, out, n, err));
	return VS_OK;
}
