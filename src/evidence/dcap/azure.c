/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/dcap/azure.h"

#include "base/encoding.h"
#include "codec/json.h"
#include "crypto/digest.h"

enum { VERSION = 1, PCRS = 24 };

/* base64url, which some writers pad. */
static vs_status
read_b64(const struct vs_json *o, const char *name, struct vs_arena *a,
    struct vs_span *out, struct vs_err *err)
{
	struct vs_span text;

	VS_TRY(err, "evidence", vs_json_need_str(o, "", name, &text, err));
	for (int i = 0; i < 2 && text.n > 0 && text.p[text.n - 1] == '='; i++)
		text.n--;
	VS_TRY(err, name, vs_b64url_decode(a, text, out));
	return VS_OK;
}

static vs_status
read_hex(const struct vs_json *o, const char *name, struct vs_arena *a,
    struct vs_span *out, struct vs_err *err)
{
	struct vs_span text;
	uint8_t *p;

	VS_TRY(err, "tpm_quote",
	    vs_json_need_str(o, "tpm_quote", name, &text, err));
	p = vs_arena_alloc(a, text.n / 2);
	if (p == NULL)
		return VS_NO_MEMORY;
	if (text.n == 0 || text.n % 2 != 0)
		return vs_fail(err, VS_MALFORMED, "%s: not hex", name);
	VS_TRY(err, name, vs_unhex(text, p, text.n / 2));
	*out = VS_SPAN(p, text.n / 2);
	return VS_OK;
}

/* A list of digests, made one. */
static vs_status
read_pcrs(const struct vs_json *o, struct vs_arena *a, struct vs_span *out,
    struct vs_err *err)
{
	const struct vs_json *list;
	uint8_t *p = vs_arena_alloc(a, PCRS * VS_SHA256_SIZE);

	if (p == NULL)
		return VS_NO_MEMORY;
	VS_TRY(err, "tpm_quote",
	    vs_json_need(o, "tpm_quote", "pcrs", VS_JSON_ARRAY, &list, err));
	if (vs_json_size(list) != PCRS)
		return vs_fail(err, VS_MALFORMED, "%zu PCRs, want %d",
		    vs_json_size(list), PCRS);
	for (size_t i = 0; i < PCRS; i++) {
		struct vs_span hex;

		if (!vs_json_is_string(vs_json_at(list, i), &hex))
			return vs_fail(err, VS_MALFORMED, "PCR: not hex");
		VS_TRY(err, "PCR",
		    vs_unhex(hex, p + i * VS_SHA256_SIZE, VS_SHA256_SIZE));
	}
	*out = VS_SPAN(p, PCRS * VS_SHA256_SIZE);
	return VS_OK;
}

static vs_status
read_quote(const struct vs_json *root, struct vs_arena *a,
    struct vs_vtpm_quote *out, struct vs_err *err)
{
	const struct vs_json *o = NULL;

	if (vs_json_get(root, "tpm_quote") == NULL)
		return VS_OK;
	VS_TRY(err, "evidence",
	    vs_json_need(root, "", "tpm_quote", VS_JSON_OBJECT, &o, err));
	VS_TRY(err, "quote", read_hex(o, "message", a, &out->attest, err));
	VS_TRY(err, "quote", read_hex(o, "signature", a, &out->signature, err));
	VS_TRY(err, "quote", read_pcrs(o, a, &out->pcrs, err));
	return VS_OK;
}

static vs_status
read_all(struct vs_span json, struct vs_arena *a, struct vs_dcap_azure *out,
    struct vs_err *err)
{
	VS_AUTO(vs_json) *root = NULL;
	struct vs_span blob;
	int64_t version;

	VS_TRY(err, "JSON", vs_json_parse(json, &root, err));
	if (!vs_json_is_int(vs_json_get(root, "version"), &version) ||
	    version != VERSION)
		return vs_fail(err, VS_UNSUPPORTED, "version is not 1");
	VS_TRY(err, "evidence", read_b64(root, "hcl_report", a, &blob, err));
	VS_TRY(err, "evidence", vs_hcl_parse(blob, VS_HCL_TDX, &out->hcl, err));
	VS_TRY(err, "evidence",
	    read_b64(root, "td_quote", a, &out->td_quote, err));
	return read_quote(root, a, &out->quote, err);
}

vs_status
vs_dcap_azure_read(struct vs_span json, struct vs_arena *a,
    struct vs_dcap_azure *out, struct vs_err *err)
{
	struct vs_dcap_azure az = {0};

	vs_err_clear(err);
	VS_TRY_CODE(err, "parse.az_tdx", "az-tdx", read_all(json, a, &az, err));
	*out = az;
	return VS_OK;
}
