/* SPDX-License-Identifier: Apache-2.0 */
/* Time stamps over the signature: every one of them must be good. */
#include "provenance/parts.h"

static vs_status
invalid(struct vs_err *err, const char *why)
{
	return vs_fail_code(
	    err, VS_UNTRUSTED, "timestamp-invalid", "time stamp: %s", why);
}

vs_status
vs_pv_add_time(struct vs_pv_run *r, int64_t unix_s, struct vs_err *err)
{
	if (r->out.times_n == VS_COUNT(r->out.times))
		return vs_fail(err, VS_LIMITED, "too many times");
	r->out.times[r->out.times_n++] = unix_s;
	return VS_OK;
}

/* By any authority that was in office. */
static vs_status
check_stamp(
    const struct vs_pv_run *r, const struct vs_timestamp *t, struct vs_err *err)
{
	const int64_t ms = vs_timestamp_time(t) * 1000;
	bool in_office = false;
	vs_status st;

	for (size_t i = 0; i < r->trust->tsas_n; i++) {
		const struct vs_pv_ca *tsa = &r->trust->tsas[i];
		if (!vs_pv_in(&tsa->valid, ms))
			continue;
		in_office = true;
		st = vs_timestamp_verify(t, r->sig, tsa->certs, tsa->n, err);
		if (st == VS_OK)
			return VS_OK;
		if (st != VS_UNTRUSTED)
			return st;
	}
	return invalid(err,
	    in_office ? "not by an authority of the trusted root"
		      : "no authority of the trusted root served then");
}

static vs_status
one(struct vs_pv_run *r, struct vs_span der, struct vs_err *err)
{
	VS_AUTO(vs_timestamp) *t = NULL;
	vs_status st = vs_timestamp_parse(der, &t, err);

	if (vs_status_class(st) == VS_CLASS_MALFORMED)
		return invalid(err, "does not parse");
	if (st != VS_OK)
		return st;
	st = check_stamp(r, t, err);
	return st == VS_OK ? vs_pv_add_time(r, vs_timestamp_time(t), err) : st;
}

vs_status
vs_pv_stamps(struct vs_pv_run *r, struct vs_err *err)
{
	for (size_t i = 0; i < r->doc.stamps_n; i++)
		VS_TRY(err, "bundle", one(r, r->doc.stamps[i], err));
	return VS_OK;
}
