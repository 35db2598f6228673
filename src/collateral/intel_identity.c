/* SPDX-License-Identifier: Apache-2.0 */
/* Identity of a quoting enclave, version 2 (Intel PCS API v4). */
#include "collateral/intel_parse.h"

static const char code[] = "qe_identity_malformed";

/* The identities of verifying and of add-on enclaves (QVE, QAE) vouch for
 * nothing that signs quotes. */
static vs_status
read_id(
    const struct vs_json *obj, struct vs_intel_identity *q, struct vs_err *err)
{
	struct vs_span id;
	uint32_t version;

	VS_TRY(err, "identity", vs_json_need_str(obj, "", "id", &id, err));
	VS_TRY(err, "identity",
	    vs_intel_uint(obj, "version", UINT16_MAX, &version, err));
	if (version != 2)
		return vs_fail(err, VS_MALFORMED, "version %u", version);
	if (vs_span_is(id, "QE"))
		q->tee = VS_INTEL_SGX;
	else if (vs_span_is(id, "TD_QE"))
		q->tee = VS_INTEL_TDX;
	else
		return vs_fail(err, VS_MALFORMED, "id is neither QE nor TD_QE");
	return VS_OK;
}

static vs_status
read_validity(
    const struct vs_json *obj, struct vs_intel_identity *q, struct vs_err *err)
{
	VS_TRY(err, "identity",
	    vs_intel_time(obj, "issueDate", &q->issue_date, err));
	VS_TRY(err, "identity",
	    vs_intel_time(obj, "nextUpdate", &q->next_update, err));
	return vs_intel_uint(
	    obj, "tcbEvaluationDataNumber", UINT32_MAX, &q->number, err);
}

static vs_status
read_enclave(
    const struct vs_json *obj, struct vs_intel_identity *q, struct vs_err *err)
{
	uint32_t prodid;

	VS_TRY(err, "identity",
	    vs_intel_hex(obj, "miscselect", q->miscselect, 4, err));
	VS_TRY(err, "identity",
	    vs_intel_hex(obj, "miscselectMask", q->miscselect_mask, 4, err));
	VS_TRY(err, "identity",
	    vs_intel_hex(obj, "attributes", q->attributes, 16, err));
	VS_TRY(err, "identity",
	    vs_intel_hex(obj, "attributesMask", q->attributes_mask, 16, err));
	VS_TRY(err, "identity",
	    vs_intel_hex(obj, "mrsigner", q->mrsigner, 32, err));
	VS_TRY(err, "identity",
	    vs_intel_uint(obj, "isvprodid", UINT16_MAX, &prodid, err));
	q->isvprodid = (uint16_t)prodid;
	return VS_OK;
}

static vs_status
read_all(const struct vs_json *obj, struct vs_arena *a,
    struct vs_intel_identity *q, struct vs_err *err)
{
	VS_TRY_CODE(err, code, "QE identity", read_id(obj, q, err));
	VS_TRY_CODE(err, code, "QE identity", read_validity(obj, q, err));
	VS_TRY_CODE(err, code, "QE identity", read_enclave(obj, q, err));
	VS_TRY_CODE(err, code, "QE identity",
	    vs_intel_isv_levels(obj, a, &q->levels, &q->levels_n, err));
	return VS_OK;
}

vs_status
vs_intel_parse_identity(struct vs_span inner, struct vs_arena *a,
    struct vs_intel_identity *out, struct vs_err *err)
{
	VS_AUTO(vs_json) *obj = NULL;
	struct vs_intel_identity q = {0};

	VS_TRY_CODE(err, code, "QE identity", vs_json_parse(inner, &obj, err));
	VS_TRY(err, "collateral", read_all(obj, a, &q, err));
	*out = q;
	return VS_OK;
}
