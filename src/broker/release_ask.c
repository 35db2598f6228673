/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/release_ask.h"

#include <string.h>

#include "base/encoding.h"
#include "base/random.h"
#include "broker/identity.h"
#include "crypto/digest.h"

/* All are text, and all are what the guest was launched as, and where. */
static const vs_claim_id which[] = {VS_CLAIM_TEE_KIND, VS_CLAIM_TEE_ANCHOR,
    VS_CLAIM_SNP_MEASUREMENT, VS_CLAIM_SNP_HOST_DATA, VS_CLAIM_SNP_CHIP_ID,
    VS_CLAIM_SNP_ID_KEY_DIGEST, VS_CLAIM_SNP_AUTHOR_KEY_DIGEST,
    VS_CLAIM_SNP_FAMILY_ID, VS_CLAIM_SNP_IMAGE_ID, VS_CLAIM_SNP_POLICY_RAW,
    VS_CLAIM_SNP_CSP_ID, VS_CLAIM_AZ_VM_ID, VS_CLAIM_AZ_USER_DATA,
    VS_CLAIM_AZ_PCR_DIGEST, VS_CLAIM_TDX_MRTD, VS_CLAIM_TDX_RTMR0,
    VS_CLAIM_TDX_RTMR1, VS_CLAIM_TDX_RTMR2, VS_CLAIM_TDX_RTMR3,
    VS_CLAIM_TDX_MRCONFIGID, VS_CLAIM_TDX_MROWNER, VS_CLAIM_TDX_MROWNERCONFIG,
    VS_CLAIM_TDX_ATTR_RAW, VS_CLAIM_SGX_MRENCLAVE, VS_CLAIM_SGX_MRSIGNER,
    VS_CLAIM_SGX_CONFIGID, VS_CLAIM_SGX_ATTR_RAW};

/* "path" 0 "value" 0 of each that is present: no text holds a NUL. */
static void
put_claim(struct vs_buf *b, const struct vs_claims *claims, vs_claim_id id)
{
	const struct vs_claim_value *v = vs_claims_get(claims, id);
	const struct vs_claim_def *def = vs_claim_def(id);

	VS_ASSERT(def->type == VS_CLAIM_STRING);
	if (!v->present)
		return;
	vs_buf_add(b, VS_SPAN(def->path, strlen(def->path) + 1));
	vs_buf_add(b, v->u.s);
	vs_buf_add(b, VS_SPAN("", 1));
}

vs_status
vs_release_binding(const struct vs_claims *claims, uint8_t out[VS_BINDING_SIZE])
{
	static const char tag[] = "vouchsafe/v1 approval"; /* with its NUL */
	struct vs_buf b = {0};
	vs_status st;

	vs_buf_add(&b, VS_SPAN_OF(tag));
	for (size_t i = 0; i < VS_COUNT(which); i++)
		put_claim(&b, claims, which[i]);
	st = vs_buf_status(&b);
	if (st == VS_OK)
		st = vs_sha256(vs_buf_span(&b), out);
	vs_buf_fini(&b);
	return st;
}

static void
set_role(struct vs_need *n, unsigned role, int count)
{
	for (size_t i = 0; i < VS_NEED_ROLES; i++)
		if (role == 1u << i)
			n->role[i] = (uint8_t)count;
}

static struct vs_need
need_of(const struct vs_policy_approvals *a)
{
	struct vs_need n = {.any = (uint8_t)a->any};

	set_role(&n, VS_ROLE_SECURITY, a->security);
	set_role(&n, VS_ROLE_APPROVER, a->approver);
	set_role(&n, VS_ROLE_OPERATOR, a->operators);
	return n;
}

/* What an approver must see: who asks, for what, and what was proven. */
static void
put_detail(const struct vs_case *c, const struct vs_ask_row *ask,
    const struct vs_policy_approvals *need, struct vs_buf *b)
{
	char id[VS_UUID_TEXT_MAX];

	vs_uuid_format(ask->id, id);
	vs_buf_puts(b, "{\"approval\":");
	vs_json_quote(vs_span_cstr(id), b);
	vs_buf_puts(b, ",\"key\":");
	vs_json_quote(ask->subject, b);
	vs_buf_puts(b, ",\"binding\":");
	vs_json_quote(ask->value, b);
	vs_buf_puts(b, ",\"release\":");
	vs_json_quote(c->release_id, b);
	vs_buf_puts(b, ",\"peer\":");
	vs_json_quote(c->peer, b);
	vs_buf_printf(
	    b, ",\"window_s\":%lld", (long long)(need->window_ms / 1000));
	if (need->reason != NULL) {
		vs_buf_puts(b, ",\"reason\":");
		vs_json_quote(vs_span_cstr(need->reason), b);
	}
	vs_buf_puts(b, ",\"claims\":");
	vs_claims_json(c->claims, b);
	vs_buf_puts(b, "}");
}

static vs_status
submit(const struct vs_case *c, struct vs_ask_row *ask, struct vs_ask_row *out,
    struct vs_err *err)
{
	struct vs_audit_row row = {.at_ms = c->now_ms,
	    .action = VS_SPAN_LIT("release.ask"),
	    .outcome = VS_SPAN_LIT("done"),
	    .class_name = VS_SPAN_LIT("ok"),
	    .code = VS_SPAN_LIT("open"),
	    .peer = c->peer,
	    .keys = ask->subject,
	    .detail = ask->detail};
	struct vs_act act = {.who = ask->asked_by,
	    .person = ask->person,
	    .now_ms = c->now_ms,
	    .audit = &row};

	VS_TRY(err, "approval", vs_uuid7(c->now_ms, row.id));
	return vs_store_ask_release(c->store, &act, ask, out, err);
}

vs_status
vs_release_approved(const struct vs_case *c, struct vs_arena *a,
    const struct vs_policy_approvals *need, const struct vs_key_row *key,
    uint8_t id[VS_ASK_ID_SIZE], bool *approved, struct vs_err *err)
{
	uint8_t binding[VS_BINDING_SIZE];
	char hex[2 * VS_BINDING_SIZE + 1];
	struct vs_buf detail = {0};
	char *subject = vs_arena_printf(
	    a, "%.*s@%u", VS_SPAN_ARG(key->name), (unsigned)key->version);
	char *asker = vs_arena_printf(a, "guest:%.*s", VS_SPAN_ARG(c->peer));
	struct vs_ask_row ask = {.action = VS_ASK_RELEASE,
	    .need = need_of(need),
	    .asked_ms = c->now_ms,
	    .expires_ms = c->now_ms + need->wait_ms,
	    .window_ms = need->window_ms};
	struct vs_ask_row found;
	vs_status st;

	if (subject == NULL || asker == NULL)
		return vs_fail(err, VS_NO_MEMORY, "approval");
	VS_TRY(err, "approval", vs_release_binding(c->claims, binding));
	VS_TRY(err, "approval", vs_uuid7(c->now_ms, ask.id));
	vs_hex(VS_SPAN_OF(binding), hex);
	ask.subject = vs_span_cstr(subject);
	ask.value = vs_span_cstr(hex);
	ask.asked_by = vs_span_cstr(asker);
	ask.person = ask.asked_by;
	ask.reason = vs_span_cstr(need->reason);
	put_detail(c, &ask, need, &detail);
	ask.detail = vs_buf_span(&detail);
	st = vs_buf_status(&detail);
	if (st == VS_OK)
		st = submit(c, &ask, &found, err);
	vs_buf_fini(&detail);
	if (st != VS_OK)
		return vs_ctx(err, "approval", st);
	memcpy(id, found.id, VS_ASK_ID_SIZE);
	*approved =
	    found.state == VS_ASK_APPROVED && found.expires_ms > c->now_ms;
	return VS_OK;
}
