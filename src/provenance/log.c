/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of transparency logs, and what the logs signed for them. */
#include <string.h>

#include "base/encoding.h"
#include "provenance/parts.h"

static const struct vs_pv_log *
find_log(const struct vs_provenance_trust *t, struct vs_span id)
{
	for (size_t i = 0; i < t->logs_n; i++)
		if (vs_span_equal(VS_SPAN_OF(t->logs[i].id), id))
			return &t->logs[i];
	return NULL;
}

/*
 * The promise of Rekor v1: canonical JSON (RFC 8785) of four members, with
 * the body in base64 as it stands in the bundle.
 */
static vs_status
promise_text(const struct vs_pv_entry *e, struct vs_buf *b, struct vs_err *err)
{
	vs_buf_puts(b, "{\"body\":\"");
	vs_buf_add(b, e->body_text);
	vs_buf_puts(b, "\",\"integratedTime\":");
	vs_buf_int(b, (int64_t)e->integrated);
	vs_buf_puts(b, ",\"logID\":\"");
	vs_buf_hex(b, e->log_id);
	vs_buf_puts(b, "\",\"logIndex\":");
	vs_buf_int(b, (int64_t)e->index);
	vs_buf_puts(b, "}");
	return vs_buf_status(b) == VS_OK
	    ? VS_OK
	    : vs_fail(err, vs_buf_status(b), "promise");
}

static vs_status
check_promise(const struct vs_pv_entry *e, const struct vs_pv_log *log,
    struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st = promise_text(e, &text, err);

	if (st == VS_OK)
		st =
		    vs_sigkey_verify(log->key, vs_buf_span(&text), e->set, err);
	vs_buf_fini(&text);
	if (st == VS_UNTRUSTED)
		return vs_fail_code(err, st, "bad-signature.set",
		    "the log did not promise this entry");
	if (st != VS_OK)
		return vs_ctx(err, "promise", st);
	if (e->integrated > INT64_MAX / 1000 ||
	    !vs_pv_in(&log->valid, (int64_t)e->integrated * 1000))
		return vs_fail_code(err, VS_STALE, "expired",
		    "the log's key was not valid then");
	return VS_OK;
}

static vs_status
check_proof(const struct vs_pv_run *r, const struct vs_pv_entry *e,
    const struct vs_pv_log *log, struct vs_err *err)
{
	if (!vs_pv_included(&e->proof, e->body))
		return vs_fail_code(err, VS_UNTRUSTED, "binding-mismatch.proof",
		    "the proof of inclusion does not lead to its root");
	/* v0.1 came before checkpoints: there the promise counts. */
	if (r->doc.version == 1 && e->proof.checkpoint.n == 0)
		return VS_OK;
	return vs_pv_checkpoint(&e->proof, log, r->arena, err);
}

/* Versions differ in what they must show; what is shown must be right. */
static vs_status
must_show(
    const struct vs_pv_run *r, const struct vs_pv_entry *e, struct vs_err *err)
{
	if (r->doc.version == 1 && e->set.n == 0)
		return vs_fail_code(err, VS_UNTRUSTED, "missing-claim.set",
		    "a bundle of v0.1 without promise of the log");
	if (r->doc.version > 1 && !e->proof.given)
		return vs_fail_code(err, VS_UNTRUSTED, "missing-claim.proof",
		    "no proof of inclusion");
	return VS_OK;
}

/* Without a promise the entry says no time of its own: then all others count.
 * A key that the log has laid down proves nothing afterwards. */
static vs_status
in_office(
    const struct vs_pv_run *r, const struct vs_pv_entry *e, struct vs_err *err)
{
	const struct vs_pv_log *log = find_log(r->trust, e->log_id);

	for (size_t i = 0; e->set.n == 0 && i < r->out.times_n; i++)
		if (!vs_pv_in(&log->valid, r->out.times[i] * 1000))
			return vs_fail_code(err, VS_STALE, "expired",
			    "the log's key was not valid then");
	return VS_OK;
}

static vs_status
check_entry(
    struct vs_pv_run *r, const struct vs_pv_entry *e, struct vs_err *err)
{
	const struct vs_pv_log *log = find_log(r->trust, e->log_id);
	vs_status st;

	if (log == NULL)
		return vs_fail_code(err, VS_UNTRUSTED, "unknown-key.log",
		    "a log that the trusted root does not have");
	st = e->set.n != 0 ? check_promise(e, log, err) : VS_OK;
	if (st == VS_OK)
		st = must_show(r, e, err);
	if (st == VS_OK && e->proof.given)
		st = check_proof(r, e, log, err);
	if (st == VS_OK)
		st = vs_pv_entry_matches(r, e, err);
	if (st == VS_OK && e->set.n != 0)
		st = vs_pv_add_time(r, (int64_t)e->integrated, err);
	return st;
}

vs_status
vs_pv_logged(struct vs_pv_run *r, struct vs_err *err)
{
	const struct vs_provenance_want *w = r->want;
	bool needed = r->out.keyless ? !w->no_transparency : !w->no_log;

	if (r->doc.entries_n == 0 && needed)
		return vs_fail_code(err, VS_UNTRUSTED, "missing-claim.log",
		    "no entry of a log");
	for (size_t i = 0; i < r->doc.entries_n; i++)
		VS_TRY(
		    err, "log entry", check_entry(r, &r->doc.entries[i], err));
	for (size_t i = 0; i < r->doc.entries_n; i++)
		VS_TRY(err, "log entry", in_office(r, &r->doc.entries[i], err));
	if (r->doc.entries_n > 0) {
		const struct vs_pv_entry *e = &r->doc.entries[0];
		r->out.logged = true;
		r->out.log_index = (int64_t)e->index;
		memcpy(r->out.log_id, e->log_id.p, sizeof(r->out.log_id));
	}
	return VS_OK;
}
