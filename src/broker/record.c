/* SPDX-License-Identifier: Apache-2.0 */
/* The audit record of an attempt. It holds reasons, never a secret. */
#include "base/encoding.h"
#include "broker/attempt.h"

static const char *
outcome_of(vs_class c)
{
	switch (c) {
	case VS_CLASS_OK:
		return "allowed";
	case VS_CLASS_UNVERIFIED:
	case VS_CLASS_STALE:
	case VS_CLASS_DENIED:
		return "denied";
	case VS_CLASS_MALFORMED:
	case VS_CLASS_LIMITED:
	case VS_CLASS_USAGE:
	case VS_CLASS_UNAVAILABLE:
	case VS_CLASS_INTERNAL:
		break;
	}
	return "failed";
}

static void
put_error(
    struct vs_buf *b, vs_status st, const char *code, const struct vs_err *why)
{
	if (st == VS_OK)
		return;
	vs_buf_puts(b, ",\"error\":{\"class\":\"");
	vs_buf_puts(b, vs_class_name(vs_status_class(st)));
	vs_buf_puts(b, "\",\"code\":");
	vs_json_quote(vs_span_cstr(code), b);
	vs_buf_puts(b, ",\"message\":");
	vs_json_quote(vs_span_cstr(why->msg), b);
	vs_buf_puts(b, "}");
}

static void
put_snapshot(
    struct vs_buf *b, const struct vs_snapshot *s, const struct vs_lists *lists)
{
	if (s == NULL)
		return;
	vs_buf_puts(b, ",\"policies\":\"");
	vs_buf_puts(b, s->policies_hex);
	vs_buf_puts(b, "\"");
	if (vs_lists_digest(lists)[0] != '\0') {
		vs_buf_puts(b, ",\"lists\":");
		vs_json_quote(vs_span_cstr(vs_lists_digest(lists)), b);
	}
	vs_buf_puts(b, ",\"collateral\":\"");
	vs_buf_puts(b, s->collateral_hex);
	vs_buf_puts(b, "\"");
}

static void
put_timing(struct vs_buf *b, const struct vs_attempt *at)
{
	vs_buf_printf(b,
	    ",\"timing_us\":{\"evidence\":%lld,\"decision\":%lld,"
	    "\"unwrap\":%lld}",
	    (long long)at->evidence_ns / 1000, (long long)at->decide_ns / 1000,
	    (long long)at->unwrap_ns / 1000);
}

/* key.* is of the last key that was judged: the decisions name them all. */
static void
put_claims(struct vs_attempt *at, struct vs_buf *b)
{
	static const vs_claim_id of_key[] = {
	    VS_CLAIM_KEY_NAME, VS_CLAIM_KEY_NAMESPACE, VS_CLAIM_KEY_VERSION};

	for (size_t i = 0; i < sizeof of_key / sizeof of_key[0]; i++)
		at->claims.v[of_key[i]].present = false;
	vs_buf_puts(b, ",\"claims\":");
	vs_claims_json(&at->claims, b);
}

static void
put_devices(const struct vs_attempt *at, struct vs_buf *b)
{
	const struct vs_devices_input *in = &at->req->devices;
	char digest[2 * sizeof at->devices + 1];

	if (in->gpus_n + in->switches_n == 0)
		return;
	vs_hex(VS_SPAN_OF(at->devices), digest);
	vs_buf_printf(b, ",\"gpus\":%zu,\"switches\":%zu,\"devices\":\"%s\"",
	    in->gpus_n, in->switches_n, digest);
}

static void
put_asks(struct vs_buf *b, const struct vs_decision *d)
{
	if (d->asks_n == 0)
		return;
	vs_buf_puts(b, ",\"approvals\":[");
	for (size_t i = 0; i < d->asks_n; i++) {
		char id[VS_UUID_TEXT_MAX];

		vs_uuid_format(d->asks + i * VS_STORE_ID_SIZE, id);
		vs_buf_printf(b, "%s\"%s\"", i > 0 ? "," : "", id);
	}
	vs_buf_puts(b, "]");
}

static void
put_detail(struct vs_attempt *at, vs_status st, const char *code,
    const struct vs_err *why, struct vs_buf *b)
{
	struct vs_span decisions = {0};

	vs_buf_puts(b, "{\"evidence\":{\"kind\":\"");
	vs_buf_puts(b, vs_evidence_kind_name(at->req->cpu.kind));
	vs_buf_puts(b, "\"");
	if (at->req->cpu.event_log.n != 0)
		vs_buf_printf(
		    b, ",\"event_log_bytes\":%zu", at->req->cpu.event_log.n);
	put_devices(at, b);
	vs_buf_puts(b, "}");
	if (at->has_thumbprint) {
		vs_buf_puts(b, ",\"recipient\":\"");
		vs_buf_b64url(b, VS_SPAN_OF(at->thumbprint));
		vs_buf_puts(b, "\"");
	}
	put_snapshot(b, at->snap, at->lists);
	put_error(b, st, code, why);
	if (at->verified) {
		put_claims(at, b);
		if (vs_trail_end(&at->decision.trail, &decisions) != VS_OK)
			b->bad = VS_NO_MEMORY;
		vs_buf_puts(b, ",\"decisions\":");
		vs_buf_add(b, decisions);
		put_asks(b, &at->decision);
	}
	put_timing(b, at);
	vs_buf_puts(b, "}");
}

/* Before the decision was reached the names come from the request. They may
 * be anything then: only names that could be keys go into the record. */
static void
put_asked(const struct vs_release_request *req, struct vs_buf *names)
{
	struct vs_err ignored = {0};

	if (req->keys_n > VS_RELEASE_KEYS_MAX)
		return;
	for (size_t i = 0; i < req->keys_n; i++) {
		const struct vs_key_ask *k = &req->keys[i];

		if (vs_key_name_check(k->name, &ignored) != VS_OK)
			continue;
		if (names->n > 0)
			vs_buf_puts(names, ",");
		vs_buf_add(names, k->name);
		if (k->version != 0)
			vs_buf_printf(names, "@%u", (unsigned)k->version);
	}
}

static const char *
code_of(const struct vs_attempt *at, vs_status st, const struct vs_err *why)
{
	if (st == VS_OK)
		return "";
	if (st == VS_DENIED && at->decision.code != NULL)
		return at->decision.code;
	return why->code != NULL ? why->code : "";
}

static vs_status
commit(struct vs_attempt *at, vs_status st, const char *code,
    const struct vs_buf *names, struct vs_span detail, struct vs_err *err)
{
	vs_class c = vs_status_class(st);
	struct vs_audit_row row = {.at_ms = at->now_ms,
	    .action = VS_SPAN_LIT("release"),
	    .outcome = vs_span_cstr(outcome_of(c)),
	    .class_name = vs_span_cstr(vs_class_name(c)),
	    .code = vs_span_cstr(code),
	    .peer = at->req->peer,
	    .keys = vs_buf_span(names),
	    .detail = detail};
	const struct vs_release_use use = {
	    .keys = at->decision.uses,
	    .keys_n = at->decision.uses_n,
	    .asks = at->decision.asks,
	    .asks_n = at->decision.asks_n,
	};

	for (size_t i = 0; i < sizeof row.id; i++)
		row.id[i] = at->id[i];
	/* What is not given out is not used, and no approval is used up by
	 * anything but what it allowed. */
	st = vs_store_commit_release(at->b->opt.store, &row, at->req->nonce.p,
	    at->forget_ms, c == VS_CLASS_OK ? &use : NULL, err);
	if (st == VS_OK || st == VS_SPENT || st == VS_DENIED)
		return st;
	/* Whatever it was, the guest may try again: nothing happened. */
	if (vs_status_class(st) != VS_CLASS_UNAVAILABLE) {
		err->status = VS_UNAVAILABLE;
		st = VS_UNAVAILABLE;
	}
	if (err->code == NULL)
		err->code = "audit.commit";
	return vs_ctx(err, "audit record", st);
}

vs_status
vs_attempt_record(struct vs_attempt *at, vs_status st, const struct vs_err *why,
    struct vs_err *err)
{
	const char *code = code_of(at, st, why);
	struct vs_buf *names = &at->decision.names;
	struct vs_buf detail = {0};
	vs_status done;

	if (names->n == 0)
		put_asked(at->req, names);
	put_detail(at, st, code, why, &detail);
	done = vs_buf_status(&detail);
	if (done == VS_OK)
		done = vs_buf_status(names);
	if (done == VS_OK) {
		done = commit(at, st, code, names, vs_buf_span(&detail), err);
	} else if (st == VS_OK) {
		/* No release without its whole record. */
		done = vs_fail_code(err, VS_UNAVAILABLE, "audit.memory",
		    "no memory for the audit record");
	} else {
		vs_buf_fini(names);
		done = commit(at, st, code, names, VS_SPAN_LIT("{}"), err);
	}
	vs_buf_fini(&detail);
	return done;
}
