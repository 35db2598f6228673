/* SPDX-License-Identifier: Apache-2.0 */
/* TCB info, version 3, and version 2 for SGX (Intel PCS API v4, v3). */
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "collateral/intel_parse.h"

static const char code[] = "tcb_info_malformed";

static vs_status
read_id(
    const struct vs_json *obj, struct vs_intel_tcb_info *t, struct vs_err *err)
{
	struct vs_span id;
	uint32_t version, type;

	VS_TRY(err, "TCB info",
	    vs_intel_uint(obj, "version", UINT16_MAX, &version, err));
	VS_TRY(err, "TCB info", vs_intel_uint(obj, "tcbType", 0, &type, err));
	if (version != 2 && version != 3)
		return vs_fail(err, VS_MALFORMED, "version %u", version);
	t->version = (int)version;
	t->tee = VS_INTEL_SGX;
	/* Version 2 is from before TDX and has no id. */
	if (version == 2 && vs_json_get(obj, "id") == NULL)
		return VS_OK;
	VS_TRY(err, "TCB info", vs_json_need_str(obj, "", "id", &id, err));
	if (version == 3 && vs_span_is(id, "TDX"))
		t->tee = VS_INTEL_TDX;
	else if (!vs_span_is(id, "SGX"))
		return vs_fail(err, VS_MALFORMED, "id is neither SGX nor TDX");
	return VS_OK;
}

static vs_status
read_head(
    const struct vs_json *obj, struct vs_intel_tcb_info *t, struct vs_err *err)
{
	VS_TRY(err, "TCB info", read_id(obj, t, err));
	VS_TRY(err, "TCB info",
	    vs_intel_time(obj, "issueDate", &t->issue_date, err));
	VS_TRY(err, "TCB info",
	    vs_intel_time(obj, "nextUpdate", &t->next_update, err));
	VS_TRY(err, "TCB info",
	    vs_intel_uint(
		obj, "tcbEvaluationDataNumber", UINT32_MAX, &t->number, err));
	VS_TRY(err, "TCB info",
	    vs_intel_hex(obj, "fmspc", t->fmspc, sizeof(t->fmspc), err));
	return vs_intel_hex(obj, "pceId", t->pceid, sizeof(t->pceid), err);
}

static vs_status
read_signer(
    const struct vs_json *obj, struct vs_intel_module *m, struct vs_err *err)
{
	VS_TRY(err, "module",
	    vs_intel_hex(
		obj, "mrsigner", m->mrsigner, sizeof(m->mrsigner), err));
	VS_TRY(err, "module",
	    vs_intel_hex(
		obj, "attributes", m->attributes, sizeof(m->attributes), err));
	return vs_intel_hex(obj, "attributesMask", m->attributes_mask,
	    sizeof(m->attributes_mask), err);
}

/* "TDX_" and two hex digits, the major version of the module. */
static vs_status
read_module_id(const struct vs_json *obj, uint8_t *version, struct vs_err *err)
{
	struct vs_span id;

	VS_TRY(err, "module", vs_json_need_str(obj, "", "id", &id, err));
	if (!vs_span_starts(id, VS_SPAN_LIT("TDX_")) ||
	    vs_unhex(vs_span_slice(id, 4, id.n), version, 1) != VS_OK)
		return vs_fail(err, VS_MALFORMED,
		    "id of a module: wants TDX_ and two hex digits");
	return VS_OK;
}

static vs_status
read_module(const struct vs_json *obj, struct vs_arena *a,
    struct vs_intel_module *m, struct vs_err *err)
{
	VS_TRY(err, "module", read_module_id(obj, &m->version, err));
	VS_TRY(err, "module", read_signer(obj, m, err));
	return vs_intel_isv_levels(obj, a, &m->levels, &m->levels_n, err);
}

static bool
same_version(const struct vs_intel_module *m, size_t n, uint8_t version)
{
	for (size_t i = 0; i < n; i++)
		if (m[i].version == version)
			return true;
	return false;
}

static vs_status
read_modules(const struct vs_json *list, struct vs_arena *a,
    struct vs_intel_tcb_info *t, struct vs_err *err)
{
	size_t n = vs_json_size(list);
	struct vs_intel_module *m;

	if (vs_json_type_of(list) != VS_JSON_ARRAY || n > VS_INTEL_MODULES_MAX)
		return vs_fail(err, VS_MALFORMED,
		    "tdxModuleIdentities: wants at most %d elements",
		    VS_INTEL_MODULES_MAX);
	m = vs_arena_calloc(a, n, sizeof(*m));
	if (m == NULL)
		return vs_fail(err, VS_NO_MEMORY, "tdxModuleIdentities");
	for (size_t i = 0; i < n; i++) {
		VS_TRY(err, "tdxModuleIdentities",
		    read_module(vs_json_at(list, i), a, &m[i], err));
		if (same_version(m, i, m[i].version))
			return vs_fail(
			    err, VS_MALFORMED, "two identities of one module");
	}
	t->modules = m;
	t->modules_n = n;
	return VS_OK;
}

static vs_status
read_tdx(const struct vs_json *obj, struct vs_arena *a,
    struct vs_intel_tcb_info *t, struct vs_err *err)
{
	const struct vs_json *base = vs_json_get(obj, "tdxModule");
	const struct vs_json *list = vs_json_get(obj, "tdxModuleIdentities");

	if (t->tee == VS_INTEL_SGX) {
		if (base != NULL || list != NULL)
			return vs_fail(err, VS_MALFORMED,
			    "speaks of SGX and holds a TDX module");
		return VS_OK;
	}
	VS_TRY(err, "TCB info",
	    vs_json_need(obj, "", "tdxModule", VS_JSON_OBJECT, &base, err));
	VS_TRY(err, "tdxModule", read_signer(base, &t->base, err));
	return list == NULL ? VS_OK : read_modules(list, a, t, err);
}

static vs_status
read_components(const struct vs_json *tcb, const char *name,
    uint8_t out[VS_INTEL_COMPONENTS], struct vs_err *err)
{
	const struct vs_json *list;
	uint32_t svn;

	VS_TRY(err, "level",
	    vs_json_need(tcb, "", name, VS_JSON_ARRAY, &list, err));
	if (vs_json_size(list) != VS_INTEL_COMPONENTS)
		return vs_fail(err, VS_MALFORMED, "%s: wants %d components",
		    name, VS_INTEL_COMPONENTS);
	for (size_t i = 0; i < VS_INTEL_COMPONENTS; i++) {
		VS_TRY(err, name,
		    vs_intel_uint(
			vs_json_at(list, i), "svn", UINT8_MAX, &svn, err));
		out[i] = (uint8_t)svn;
	}
	return VS_OK;
}

static vs_status
read_components_v2(const struct vs_json *tcb, uint8_t out[VS_INTEL_COMPONENTS],
    struct vs_err *err)
{
	uint32_t svn;
	char name[32];

	for (int i = 0; i < VS_INTEL_COMPONENTS; i++) {
		(void)snprintf(name, sizeof(name), "sgxtcbcomp%02dsvn", i + 1);
		VS_TRY(err, "level",
		    vs_intel_uint(tcb, name, UINT8_MAX, &svn, err));
		out[i] = (uint8_t)svn;
	}
	return VS_OK;
}

static vs_status
read_level(const struct vs_json *obj, const struct vs_intel_tcb_info *t,
    struct vs_arena *a, struct vs_intel_level *l, struct vs_err *err)
{
	const struct vs_json *tcb;
	uint32_t pcesvn;

	VS_TRY(err, "level",
	    vs_json_need(obj, "", "tcb", VS_JSON_OBJECT, &tcb, err));
	if (t->version == 2)
		VS_TRY(err, "level", read_components_v2(tcb, l->sgx, err));
	else
		VS_TRY(err, "level",
		    read_components(tcb, "sgxtcbcomponents", l->sgx, err));
	if (t->tee == VS_INTEL_TDX)
		VS_TRY(err, "level",
		    read_components(tcb, "tdxtcbcomponents", l->tdx, err));
	VS_TRY(err, "level",
	    vs_intel_uint(tcb, "pcesvn", UINT16_MAX, &pcesvn, err));
	l->pcesvn = (uint16_t)pcesvn;
	return vs_intel_read_verdict(obj, a, &l->verdict, err);
}

static bool
none_above(const uint8_t *a, const uint8_t *b)
{
	for (size_t i = 0; i < VS_INTEL_COMPONENTS; i++)
		if (a[i] > b[i])
			return false;
	return true;
}

/* Whatever reaches b reaches a: b behind a could never count. */
static bool
hides(const struct vs_intel_level *a, const struct vs_intel_level *b)
{
	return none_above(a->sgx, b->sgx) && none_above(a->tdx, b->tdx) &&
	    a->pcesvn <= b->pcesvn;
}

static vs_status
read_levels(const struct vs_json *obj, struct vs_arena *a,
    struct vs_intel_tcb_info *t, struct vs_err *err)
{
	const struct vs_json *list;
	struct vs_intel_level *v;
	size_t n;

	VS_TRY(err, "TCB info",
	    vs_intel_array(obj, "tcbLevels", VS_INTEL_LEVELS_MAX, &list, err));
	n = vs_json_size(list);
	v = vs_arena_calloc(a, n, sizeof(*v));
	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "tcbLevels");
	for (size_t i = 0; i < n; i++) {
		VS_TRY(err, "tcbLevels",
		    read_level(vs_json_at(list, i), t, a, &v[i], err));
		for (size_t j = 0; j < i; j++)
			if (hides(&v[j], &v[i]))
				return vs_fail(err, VS_MALFORMED,
				    "tcbLevels: not in order");
	}
	t->levels = v;
	t->levels_n = n;
	return VS_OK;
}

vs_status
vs_intel_parse_tcb_info(struct vs_span inner, struct vs_arena *a,
    struct vs_intel_tcb_info *out, struct vs_err *err)
{
	VS_AUTO(vs_json) *obj = NULL;
	struct vs_intel_tcb_info t = {0};

	VS_TRY_CODE(err, code, "TCB info", vs_json_parse(inner, &obj, err));
	VS_TRY_CODE(err, code, "TCB info", read_head(obj, &t, err));
	VS_TRY_CODE(err, code, "TCB info", read_tdx(obj, a, &t, err));
	VS_TRY_CODE(err, code, "TCB info", read_levels(obj, a, &t, err));
	*out = t;
	return VS_OK;
}
