/* SPDX-License-Identifier: Apache-2.0 */
#include "http/guest_decode.h"

#include <stdio.h>
#include <string.h>

#include "base/encoding.h"

enum { COORDINATE_MAX = 66 };

/* Unlike VS_TRY: the messages here begin with the path of the member. */
#define TRY(expr)                                                              \
	do {                                                                   \
		vs_status st_ = (expr);                                        \
		if (st_ != VS_OK)                                              \
			return st_;                                            \
	} while (0)

struct curve {
	const char *kty;
	const char *crv;
	vs_curve curve;
	size_t size; /* of one coordinate */
	bool has_y;
};

/* RFC 7518 6.2.1.1, RFC 8037 2 */
static const struct curve curves[] = {
    {"EC", "P-256", VS_CURVE_P256, 32, true},
    {"EC", "P-384", VS_CURVE_P384, 48, true},
    {"OKP", "X25519", VS_CURVE_X25519, 32, false},
};

static vs_status
find_curve(
    const struct vs_json *jwk, const struct curve **out, struct vs_err *err)
{
	struct vs_span kty = {NULL, 0};
	struct vs_span crv = {NULL, 0};
	vs_status st = vs_json_need_str(jwk, "recipient", "kty", &kty, err);

	if (st == VS_OK)
		st = vs_json_need_str(jwk, "recipient", "crv", &crv, err);
	if (st != VS_OK)
		return st;
	for (size_t i = 0; i < VS_COUNT(curves); i++) {
		if (!vs_span_is(kty, curves[i].kty) ||
		    !vs_span_is(crv, curves[i].crv))
			continue;
		*out = &curves[i];
		return VS_OK;
	}
	return vs_fail_code(err, VS_MALFORMED, "recipient.key",
	    "recipient: kty and crv must be EC with P-256 or P-384, or OKP "
	    "with X25519");
}

static vs_status
decode_coordinate(const struct vs_json *jwk, const char *name, size_t size,
    struct vs_arena *a, struct vs_span *out, struct vs_err *err)
{
	vs_status st = vs_json_need_b64url(
	    jwk, "recipient", name, COORDINATE_MAX, a, out, err);

	if (st == VS_OK && out->n != size)
		st = vs_fail_code(err, VS_MALFORMED, "recipient.key",
		    "recipient.%s: must be %zu bytes on this curve", name,
		    size);
	return st;
}

static vs_status
decode_recipient(const struct vs_json *doc, struct vs_arena *a,
    struct vs_recipient *out, struct vs_err *err)
{
	/* A private key must not be sent: "d" is an unknown member. */
	static const char *const known[] = {
	    "kty", "crv", "x", "y", "use", "alg", "kid"};
	static const char *const okp[] = {
	    "kty", "crv", "x", "use", "alg", "kid"};
	const struct vs_json *jwk = NULL;
	const struct curve *c = &curves[0];
	vs_status st =
	    vs_json_need(doc, "", "recipient", VS_JSON_OBJECT, &jwk, err);

	if (st == VS_OK)
		st =
		    vs_json_only(jwk, "recipient", known, VS_COUNT(known), err);
	if (st == VS_OK)
		st = find_curve(jwk, &c, err);
	if (st == VS_OK && !c->has_y)
		st = vs_json_only(jwk, "recipient", okp, VS_COUNT(okp), err);
	if (st == VS_OK)
		st = decode_coordinate(jwk, "x", c->size, a, &out->x, err);
	if (st == VS_OK && c->has_y)
		st = decode_coordinate(jwk, "y", c->size, a, &out->y, err);
	if (st == VS_OK)
		out->curve = c->curve;
	return st;
}

static vs_status
decode_cpu(const struct vs_json *evidence, struct vs_arena *a,
    struct vs_evidence_input *out, struct vs_err *err)
{
	static const char *const known[] = {"kind", "report", "certs"};
	static const char where[] = "evidence.cpu";
	const struct vs_json *cpu = NULL;
	struct vs_span kind = {NULL, 0};
	struct vs_span *certs;

	TRY(vs_json_need(
	    evidence, "evidence", "cpu", VS_JSON_OBJECT, &cpu, err));
	TRY(vs_json_only(cpu, where, known, VS_COUNT(known), err));
	TRY(vs_json_need_str(cpu, where, "kind", &kind, err));
	out->kind = vs_evidence_kind_parse(kind);
	if (out->kind == VS_EVIDENCE_UNKNOWN)
		return vs_fail_code(err, VS_MALFORMED, "evidence.kind",
		    "evidence.cpu.kind: must be snp, az-snp, tdx, az-tdx or "
		    "sgx");
	TRY(vs_json_need_b64url(cpu, where, "report", VS_EVIDENCE_REPORT_MAX, a,
	    &out->report, err));
	if (vs_json_get(cpu, "certs") == NULL)
		return VS_OK;
	certs = vs_arena_alloc(a, sizeof *certs);
	if (certs == NULL)
		return vs_fail(err, VS_NO_MEMORY, "evidence.cpu.certs");
	TRY(vs_json_need_b64url(
	    cpu, where, "certs", VS_EVIDENCE_CERTS_MAX, a, certs, err));
	out->certs = certs;
	out->certs_n = certs->n == 0 ? 0 : 1;
	return VS_OK;
}

/* Evidence that nobody would look at must not seem accepted. */
static vs_status
decode_event_log(const struct vs_json *evidence, struct vs_arena *a,
    struct vs_evidence_input *out, struct vs_err *err)
{
	if (vs_json_get(evidence, "event_log") == NULL)
		return VS_OK;
	if (out->kind != VS_EVIDENCE_TDX)
		return vs_fail(err, VS_UNSUPPORTED,
		    "evidence.event_log: only with kind tdx");
	TRY(vs_json_need_b64url(evidence, "evidence", "event_log",
	    VS_EVIDENCE_EVENT_LOG_MAX, a, &out->event_log, err));
	if (out->event_log.n == 0)
		return vs_fail(err, VS_MALFORMED, "evidence.event_log: empty");
	return VS_OK;
}

static vs_status
decode_cc_state(const struct vs_json *v, const char *where,
    struct vs_device_input *out, struct vs_err *err)
{
	const struct vs_json *state = vs_json_get(v, "cc_state");
	struct vs_span text = {NULL, 0};

	if (state == NULL)
		return VS_OK;
	if (vs_json_is_string(state, &text))
		out->cc_state = vs_cc_state_parse(text);
	if (out->cc_state == VS_CC_UNSAID)
		return vs_fail(err, VS_MALFORMED,
		    "%s.cc_state: must be on, devtools or off", where);
	return VS_OK;
}

static vs_status
decode_device(const struct vs_json *v, const char *where, bool gpu,
    struct vs_arena *a, struct vs_device_input *out, struct vs_err *err)
{
	static const char *const known[] = {"report", "certs", "cc_state"};

	if (vs_json_type_of(v) != VS_JSON_OBJECT)
		return vs_fail(
		    err, VS_MALFORMED, "%s: must be an object", where);
	TRY(vs_json_only(v, where, known, gpu ? 3 : 2, err));
	TRY(vs_json_need_b64url(
	    v, where, "report", VS_DEVICE_REPORT_MAX, a, &out->report, err));
	TRY(vs_json_need_b64url(
	    v, where, "certs", VS_DEVICE_CERTS_MAX, a, &out->certs, err));
	return decode_cc_state(v, where, out, err);
}

static vs_status
decode_device_list(const struct vs_json *list, const char *name, size_t n,
    struct vs_arena *a, const struct vs_device_input **out, struct vs_err *err)
{
	struct vs_device_input *v = vs_arena_calloc(a, n, sizeof *v);
	bool gpu = strcmp(name, "gpus") == 0;
	char where[40];

	if (v == NULL)
		return vs_fail(err, VS_NO_MEMORY, "evidence.%s", name);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(
		    where, sizeof where, "evidence.%s[%zu]", name, i);
		TRY(decode_device(
		    vs_json_at(list, i), where, gpu, a, &v[i], err));
	}
	*out = v;
	return VS_OK;
}

static vs_status
decode_devices(const struct vs_json *evidence, const char *name, size_t min,
    size_t max, struct vs_arena *a, const struct vs_device_input **out,
    size_t *n, struct vs_err *err)
{
	const struct vs_json *list = NULL;

	if (vs_json_get(evidence, name) == NULL)
		return VS_OK;
	TRY(vs_json_need(
	    evidence, "evidence", name, VS_JSON_ARRAY, &list, err));
	*n = vs_json_size(list);
	if (*n < min || *n > max)
		return vs_fail_code(err, VS_MALFORMED, "device.count",
		    "evidence.%s: must be %zu to %zu", name, min, max);
	return decode_device_list(list, name, *n, a, out, err);
}

static vs_status
decode_all_devices(const struct vs_json *evidence, struct vs_arena *a,
    struct vs_devices_input *out, struct vs_err *err)
{
	TRY(decode_devices(evidence, "gpus", 1, VS_DEVICES_GPUS_MAX, a,
	    &out->gpus, &out->gpus_n, err));
	TRY(decode_devices(evidence, "switches", 0, VS_DEVICES_SWITCHES_MAX, a,
	    &out->switches, &out->switches_n, err));
	if (out->switches_n > 0 && out->gpus_n == 0)
		return vs_fail_code(err, VS_MALFORMED, "device.count",
		    "evidence.switches: without evidence.gpus");
	return VS_OK;
}

static vs_status
decode_evidence(const struct vs_json *doc, struct vs_arena *a,
    struct vs_release_request *out, struct vs_err *err)
{
	static const char *const known[] = {
	    "cpu", "gpus", "switches", "event_log"};
	const struct vs_json *evidence = NULL;

	TRY(vs_json_need(doc, "", "evidence", VS_JSON_OBJECT, &evidence, err));
	TRY(vs_json_only(evidence, "evidence", known, VS_COUNT(known), err));
	TRY(decode_cpu(evidence, a, &out->cpu, err));
	TRY(decode_all_devices(evidence, a, &out->devices, err));
	return decode_event_log(evidence, a, &out->cpu, err);
}

static vs_status
decode_key(const struct vs_json *v, size_t i, struct vs_key_ask *out,
    struct vs_err *err)
{
	static const char *const known[] = {"name", "version"};
	char where[32];
	const struct vs_json *version;
	int64_t n;

	(void)snprintf(where, sizeof where, "keys[%zu]", i);
	if (vs_json_type_of(v) != VS_JSON_OBJECT)
		return vs_fail(
		    err, VS_MALFORMED, "%s: must be an object", where);
	TRY(vs_json_only(v, where, known, VS_COUNT(known), err));
	TRY(vs_json_need_str(v, where, "name", &out->name, err));
	/* Here, so that a name that can be no key's spends no nonce. */
	VS_TRY(err, where, vs_key_name_check(out->name, err));
	version = vs_json_get(v, "version");
	if (version == NULL)
		return VS_OK;
	if (!vs_json_is_int(version, &n) || n < 1 || n > UINT32_MAX)
		return vs_fail(err, VS_MALFORMED,
		    "%s.version: must be a whole number from 1", where);
	out->version = (uint32_t)n;
	return VS_OK;
}

static vs_status
decode_keys(const struct vs_json *doc, struct vs_arena *a,
    struct vs_release_request *out, struct vs_err *err)
{
	const struct vs_json *list = NULL;
	struct vs_key_ask *keys;
	size_t n;

	TRY(vs_json_need(doc, "", "keys", VS_JSON_ARRAY, &list, err));
	n = vs_json_size(list);
	if (n == 0 || n > VS_RELEASE_KEYS_MAX)
		return vs_fail_code(err, VS_MALFORMED, "key.count",
		    "keys: must be 1 to %d", VS_RELEASE_KEYS_MAX);
	keys = vs_arena_calloc(a, n, sizeof *keys);
	if (keys == NULL)
		return vs_fail(err, VS_NO_MEMORY, "keys");
	for (size_t i = 0; i < n; i++)
		TRY(decode_key(vs_json_at(list, i), i, &keys[i], err));
	out->keys = keys;
	out->keys_n = n;
	return VS_OK;
}

vs_status
vs_release_decode(const struct vs_json *doc, struct vs_arena *a,
    struct vs_release_request *out, struct vs_err *err)
{
	static const char *const known[] = {
	    "nonce", "recipient", "evidence", "keys"};
	struct vs_release_request req = {0};

	if (vs_json_type_of(doc) != VS_JSON_OBJECT)
		return vs_fail(err, VS_MALFORMED, "the body must be an object");
	TRY(vs_json_only(doc, "", known, VS_COUNT(known), err));
	TRY(vs_json_need_b64url(
	    doc, "", "nonce", VS_NONCE_SIZE, a, &req.nonce, err));
	if (req.nonce.n != VS_NONCE_SIZE)
		return vs_fail(err, VS_MALFORMED, "nonce: must be %d bytes",
		    VS_NONCE_SIZE);
	TRY(decode_recipient(doc, a, &req.recipient, err));
	TRY(decode_evidence(doc, a, &req, err));
	TRY(decode_keys(doc, a, &req, err));
	*out = req;
	return VS_OK;
}
