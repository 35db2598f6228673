/* SPDX-License-Identifier: Apache-2.0 */
/* TCB info version 3 and enclave identity version 2, as Intel's
 * provisioning certification service writes them (PCS API v4). */
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "codec/json.h"
#include "simulate/pki.h"
#include "simulate/tdx_pki.h"

enum { DAYS = 30 };

/* Not Intel's: an enclave of this signer exists nowhere. */
const uint8_t vs_sim_qe_mrsigner[32] = {0x51, 0x4d, 0x51, 0x45, 1, 2, 3, 4, 5,
    6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    26, 27, 28};

struct level {
	uint8_t microcode; /* sgx 0 and 1, tdx 2 */
	const char *status;
	const char *date;
	const char *advisory; /* or NULL */
};

static void
put_hex(struct vs_json **obj, const char *name, struct vs_span bytes)
{
	struct vs_buf text = {0};

	vs_buf_hex(&text, bytes);
	vs_json_set(obj, name,
	    vs_buf_status(&text) == VS_OK ? vs_json_str(vs_buf_span(&text))
					  : NULL);
	vs_buf_fini(&text);
}

static void
put_zeros(struct vs_json **obj, const char *name, size_t n)
{
	static const uint8_t zeros[48];

	put_hex(obj, name, VS_SPAN(zeros, n));
}

static void
put_ones(struct vs_json **obj, const char *name, size_t n)
{
	static const uint8_t ones[8] = {
	    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	put_hex(obj, name, VS_SPAN(ones, n));
}

static void
put_time(struct vs_json **obj, const char *name, int64_t unix_s)
{
	char text[VS_TIME_TEXT_MAX];

	vs_time_format_ms(unix_s * 1000, text);
	vs_json_set(obj, name, vs_json_cstr(text));
}

static void
put_head(struct vs_json **obj, const char *id, int version,
    const struct vs_sim_tdx_collateral *c)
{
	int64_t days = c->days == 0 ? DAYS : (int64_t)c->days;

	vs_json_set(obj, "id", vs_json_cstr(id));
	vs_json_set(obj, "version", vs_json_int(version));
	put_time(obj, "issueDate", c->issued);
	put_time(obj, "nextUpdate", c->issued + days * VS_SIM_DAY);
}

static void
put_number(struct vs_json **obj, const struct vs_sim_tdx_collateral *c)
{
	vs_json_set(obj, "tcbEvaluationDataNumber",
	    vs_json_int(c->number == 0 ? VS_SIM_TDX_NUMBER : c->number));
}

static void
put_verdict(struct vs_json **level, const char *status, const char *date,
    const char *advisory)
{
	struct vs_json *list;

	vs_json_set(level, "tcbDate", vs_json_cstr(date));
	vs_json_set(level, "tcbStatus", vs_json_cstr(status));
	if (advisory == NULL)
		return;
	list = vs_json_array();
	vs_json_append(&list, vs_json_cstr(advisory));
	vs_json_set(level, "advisoryIDs", list);
}

static void
add_isv_level(struct vs_json **levels, int isvsvn, const char *status,
    const char *date, const char *advisory)
{
	struct vs_json *level = vs_json_object(), *tcb = vs_json_object();

	vs_json_set(&tcb, "isvsvn", vs_json_int(isvsvn));
	vs_json_set(&level, "tcb", tcb);
	put_verdict(&level, status, date, advisory);
	vs_json_append(levels, level);
}

static struct vs_json *
module(const char *id)
{
	struct vs_json *m = vs_json_object(), *levels;

	if (id != NULL)
		vs_json_set(&m, "id", vs_json_cstr(id));
	put_zeros(&m, "mrsigner", 48);
	put_zeros(&m, "attributes", 8);
	put_ones(&m, "attributesMask", 8);
	if (id == NULL)
		return m;
	levels = vs_json_array();
	add_isv_level(&levels, VS_SIM_MODULE_MINOR, "UpToDate",
	    "2025-11-12T00:00:00Z", NULL);
	add_isv_level(
	    &levels, 2, "OutOfDate", "2024-03-13T00:00:00Z", "INTEL-SA-01036");
	vs_json_set(&m, "tcbLevels", levels);
	return m;
}

static struct vs_json *
components(const uint8_t svn[16])
{
	struct vs_json *list = vs_json_array();

	for (size_t i = 0; i < 16; i++) {
		struct vs_json *c = vs_json_object();

		vs_json_set(&c, "svn", vs_json_int(svn[i]));
		vs_json_append(&list, c);
	}
	return list;
}

/* The platform's SGX components count in every level; the microcode is what
 * levels differ in. */
static void
add_level(
    const struct vs_sim_tdx *t, struct vs_json **levels, const struct level *l)
{
	struct vs_json *level = vs_json_object(), *tcb = vs_json_object();
	uint8_t tdx[16] = {5, 0, l->microcode}, sgx[16];

	memcpy(sgx, t->opt.svn, sizeof(sgx));
	if (l->microcode < VS_SIM_MICROCODE)
		sgx[0] = sgx[1] = l->microcode;
	vs_json_set(&tcb, "sgxtcbcomponents", components(sgx));
	vs_json_set(&tcb, "pcesvn", vs_json_int(t->opt.pcesvn));
	vs_json_set(&tcb, "tdxtcbcomponents", components(tdx));
	vs_json_set(&level, "tcb", tcb);
	put_verdict(&level, l->status, l->date, l->advisory);
	vs_json_append(levels, level);
}

static struct vs_json *
platform_levels(
    const struct vs_sim_tdx *t, const struct vs_sim_tdx_collateral *c)
{
	static const struct level raised = {
	    VS_SIM_MICROCODE + 1, "UpToDate", "2026-02-11T00:00:00Z", NULL};
	static const struct level old = {VS_SIM_MICROCODE_OLD, "OutOfDate",
	    "2024-03-13T00:00:00Z", "INTEL-SA-01099"};
	struct level current = {
	    VS_SIM_MICROCODE, "UpToDate", "2025-11-12T00:00:00Z", NULL};
	struct vs_json *levels = vs_json_array();

	if (c->raised)
		add_level(t, &levels, &raised);
	if (c->raised || c->platform_out) {
		current.status = c->platform_out ? "Revoked" : "OutOfDate";
		current.advisory = "INTEL-SA-01313";
	}
	add_level(t, &levels, &current);
	add_level(t, &levels, &old);
	return levels;
}

/* {"NAME":<the signed bytes>,"signature":"HEX"} */
static vs_status
sign_body(const struct vs_sim_tdx *t, const char *name,
    const struct vs_json *inner, struct vs_buf *out, struct vs_err *err)
{
	struct vs_buf text = {0};
	uint8_t sig[64];
	vs_status st = vs_json_dump(inner, VS_JSON_COMPACT, &text);

	if (st == VS_OK)
		st = vs_sim_sign_raw(
		    t->signing_key, vs_buf_span(&text), sig, err);
	if (st == VS_OK) {
		vs_buf_printf(out, "{\"%s\":", name);
		vs_buf_add(out, vs_buf_span(&text));
		vs_buf_puts(out, ",\"signature\":\"");
		vs_buf_hex(out, VS_SPAN_OF(sig));
		vs_buf_puts(out, "\"}");
		st = vs_buf_status(out);
	}
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_ctx(err, name, st);
}

vs_status
vs_sim_tdx_tcb_info(const struct vs_sim_tdx *t,
    const struct vs_sim_tdx_collateral *c, struct vs_buf *out,
    struct vs_err *err)
{
	VS_AUTO(vs_json) *info = vs_json_object();
	struct vs_json *modules = vs_json_array();

	put_head(&info, "TDX", 3, c);
	put_hex(&info, "fmspc", VS_SPAN_OF(t->opt.fmspc));
	put_hex(&info, "pceId", VS_SPAN_OF(t->opt.pceid));
	vs_json_set(&info, "tcbType", vs_json_int(0));
	put_number(&info, c);
	vs_json_set(&info, "tdxModule", module(NULL));
	vs_json_append(&modules, module("TDX_01"));
	vs_json_set(&info, "tdxModuleIdentities", modules);
	vs_json_set(&info, "tcbLevels", platform_levels(t, c));
	return sign_body(t, "tcbInfo", info, out, err);
}

vs_status
vs_sim_tdx_qe_identity(const struct vs_sim_tdx *t,
    const struct vs_sim_tdx_collateral *c, struct vs_buf *out,
    struct vs_err *err)
{
	/* INIT and PROVISION_KEY, as of Intel's own: the mask leaves out
	 * MODE64BIT and keeps DEBUG, which must be clear. */
	static const uint8_t attributes[16] = {0x11};
	static const uint8_t mask[16] = {
	    0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	VS_AUTO(vs_json) *id = vs_json_object();
	struct vs_json *levels = vs_json_array();
	uint8_t mrsigner[32];

	memcpy(mrsigner, vs_sim_qe_mrsigner, sizeof(mrsigner));
	if (c->other_qe)
		mrsigner[31] ^= 0xff;
	put_head(&id, c->sgx_qe ? "QE" : "TD_QE", 2, c);
	put_number(&id, c);
	put_zeros(&id, "miscselect", 4);
	put_ones(&id, "miscselectMask", 4);
	put_hex(&id, "attributes", VS_SPAN_OF(attributes));
	put_hex(&id, "attributesMask", VS_SPAN_OF(mask));
	put_hex(&id, "mrsigner", VS_SPAN_OF(mrsigner));
	vs_json_set(
	    &id, "isvprodid", vs_json_int(c->sgx_qe ? 1 : VS_SIM_QE_PRODID));
	add_isv_level(&levels, VS_SIM_QE_ISVSVN, "UpToDate",
	    "2025-11-12T00:00:00Z", NULL);
	vs_json_set(&id, "tcbLevels", levels);
	return sign_body(t, "enclaveIdentity", id, out, err);
}
