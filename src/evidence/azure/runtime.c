/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/azure/runtime.h"

#include "base/encoding.h"
#include "codec/json.h"

static vs_status
read_ak(const struct vs_json *jwk, struct vs_arena *a,
    struct vs_az_runtime *out, struct vs_err *err)
{
	static const char *const private[] = {
	    "d", "p", "q", "dp", "dq", "qi", "oth", "k"};
	const size_t max = 1024; /* RSA-8192 */
	struct vs_span kty;

	if (out->has_ak)
		return vs_fail(err, VS_DUPLICATE, "HCLAkPub twice");
	VS_TRY(err, "HCLAkPub", vs_json_need_str(jwk, "", "kty", &kty, err));
	if (!vs_span_is(kty, "RSA"))
		return vs_fail(err, VS_UNSUPPORTED, "HCLAkPub is not RSA");
	for (size_t i = 0; i < VS_COUNT(private); i++)
		if (vs_json_get(jwk, private[i]) != NULL)
			return vs_fail(
			    err, VS_MALFORMED, "HCLAkPub has private members");
	VS_TRY(err, "HCLAkPub",
	    vs_json_need_b64url(jwk, "", "n", max, a, &out->ak_n, err));
	VS_TRY(err, "HCLAkPub",
	    vs_json_need_b64url(jwk, "", "e", max, a, &out->ak_e, err));
	out->has_ak = true;
	return VS_OK;
}

static vs_status
read_keys(const struct vs_json *keys, struct vs_arena *a,
    struct vs_az_runtime *out, struct vs_err *err)
{
	for (size_t i = 0; i < vs_json_size(keys); i++) {
		const struct vs_json *jwk = vs_json_at(keys, i);
		struct vs_span kid;

		if (vs_json_is_string(vs_json_get(jwk, "kid"), &kid) &&
		    vs_span_is(kid, "HCLAkPub"))
			VS_TRY(err, "keys", read_ak(jwk, a, out, err));
	}
	return VS_OK;
}

static vs_status
read_user_data(
    const struct vs_json *v, struct vs_az_runtime *out, struct vs_err *err)
{
	struct vs_span text;

	if (v == NULL || vs_json_type_of(v) == VS_JSON_NULL)
		return VS_OK;
	if (!vs_json_is_string(v, &text) ||
	    vs_unhex(text, out->user_data, sizeof(out->user_data)) != VS_OK)
		return vs_fail(
		    err, VS_MALFORMED, "user-data is not 64 bytes in hex");
	out->has_user_data = true;
	return VS_OK;
}

static vs_status
read_vm(const struct vs_json *vm, struct vs_arena *a, struct vs_az_runtime *out,
    struct vs_err *err)
{
	struct vs_span id;

	out->has_secure_boot =
	    vs_json_is_bool(vs_json_get(vm, "secure-boot"), &out->secure_boot);
	if (vs_json_is_string(vs_json_get(vm, "vmUniqueId"), &id))
		VS_TRY(err, "vmUniqueId", vs_arena_dup(a, id, &out->vm_id));
	return VS_OK;
}

static vs_status
read_root(const struct vs_json *root, struct vs_arena *a,
    struct vs_az_runtime *out, struct vs_err *err)
{
	const struct vs_json *keys;

	VS_TRY(err, "runtime data",
	    vs_json_need(root, "", "keys", VS_JSON_ARRAY, &keys, err));
	VS_TRY(err, "runtime data", read_keys(keys, a, out, err));
	VS_TRY(err, "runtime data",
	    read_user_data(vs_json_get(root, "user-data"), out, err));
	return read_vm(vs_json_get(root, "vm-configuration"), a, out, err);
}

vs_status
vs_az_runtime_parse(struct vs_span json, struct vs_arena *a,
    struct vs_az_runtime *out, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = NULL;
	struct vs_az_runtime r = {0};

	vs_err_clear(err);
	VS_TRY_CODE(
	    err, "parse.hcl", "runtime data", vs_json_parse(json, &root, err));
	VS_TRY_CODE(
	    err, "parse.hcl", "runtime data", read_root(root, a, &r, err));
	*out = r;
	return VS_OK;
}
