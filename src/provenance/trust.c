/* SPDX-License-Identifier: Apache-2.0 */
/* The Sigstore trusted root (trustedroot+json, version 0.1), and keys. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/pem.h"
#include "provenance/parts.h"

/* The file of production has 7 KiB; a decade of shards stays below. */
enum { ROOT_MAX = 1024 * 1024, KEY_MAX = 16 * 1024 };

static const char bad_root[] = "malformed-trust-root";

void
vs_provenance_trust_free(struct vs_provenance_trust **t)
{
	struct vs_provenance_trust *v = *t;

	if (v == NULL)
		return;
	for (size_t i = 0; i < v->logs_n; i++)
		vs_sigkey_free(&v->logs[i].key);
	for (size_t i = 0; i < v->ctlogs_n; i++)
		vs_sigkey_free(&v->ctlogs[i].key);
	for (size_t i = 0; i < v->certs_n; i++)
		vs_cert_free(&v->certs[i]);
	for (size_t i = 0; i < v->keys_n; i++)
		vs_sigkey_free(&v->keys[i]);
	vs_arena_fini(&v->arena);
	free(v);
	*t = NULL;
}

bool
vs_pv_in(const struct vs_pv_window *w, int64_t unix_ms)
{
	return w->start <= unix_ms && unix_ms <= w->end;
}

static vs_status
read_window(
    const struct vs_json *o, struct vs_pv_window *out, struct vs_err *err)
{
	struct vs_pv_window w = {.end = INT64_MAX};
	struct vs_span text;

	if (vs_time_parse_ms(vs_pv_str(o, "start"), &w.start) != VS_OK)
		return vs_fail(err, VS_MALFORMED, "validFor: no start");
	if (vs_pv_get(o, "end") != NULL) {
		text = vs_pv_str(o, "end");
		if (vs_time_parse_ms(text, &w.end) != VS_OK)
			return vs_fail(err, VS_MALFORMED, "validFor: end");
	}
	*out = w;
	return VS_OK;
}

/* "https://rekor.sigstore.dev" -> "rekor.sigstore.dev" */
static struct vs_span
host_of(struct vs_span url)
{
	for (size_t i = 0; i + 2 < url.n; i++)
		if (memcmp(url.p + i, "://", 3) == 0) {
			url = vs_span_slice(url, i + 3, url.n);
			break;
		}
	while (url.n > 0 && url.p[url.n - 1] == '/')
		url.n--;
	return url;
}

/* A log whose kind of key we do not verify with is left out: what it signed
 * is then of an unknown log. */
static vs_status
read_log(struct vs_provenance_trust *t, const struct vs_json *o,
    struct vs_pv_log *list, size_t *n, struct vs_err *err)
{
	const struct vs_json *key = vs_pv_get(o, "publicKey");
	struct vs_pv_log log = {.key = NULL};
	struct vs_span id, spki;
	struct vs_err why = {0};

	VS_TRY(err, "publicKey",
	    read_window(vs_pv_get(key, "validFor"), &log.valid, err));
	VS_TRY(err, "logId",
	    vs_pv_b64(vs_pv_get(o, "logId"), "keyId", &t->arena, &id, err));
	if (id.n != sizeof(log.id))
		return vs_fail(err, VS_MALFORMED, "logId: wants 32 octets");
	memcpy(log.id, id.p, sizeof(log.id));
	VS_TRY(err, "baseUrl",
	    vs_arena_dup(
		&t->arena, host_of(vs_pv_str(o, "baseUrl")), &log.host));
	VS_TRY(err, "publicKey",
	    vs_pv_b64(key, "rawBytes", &t->arena, &spki, err));
	if (vs_sigkey_read(spki, &log.key, &why) != VS_OK)
		return VS_OK;
	list[(*n)++] = log;
	return VS_OK;
}

static vs_status
read_logs(struct vs_provenance_trust *t, const struct vs_json *root,
    const char *name, struct vs_pv_log *list, size_t *n, struct vs_err *err)
{
	const struct vs_json *all;

	VS_TRY(err, name, vs_pv_array(root, name, VS_PV_LOGS_MAX, &all, err));
	for (size_t i = 0; i < vs_json_size(all); i++)
		VS_TRY(
		    err, name, read_log(t, vs_json_at(all, i), list, n, err));
	return VS_OK;
}

static vs_status
read_ca(struct vs_provenance_trust *t, const struct vs_json *o,
    struct vs_pv_ca *list, size_t *n, struct vs_err *err)
{
	const struct vs_json *certs;
	struct vs_pv_ca ca = {.n = 0};
	struct vs_span der;

	VS_TRY(err, "validFor",
	    read_window(vs_pv_get(o, "validFor"), &ca.valid, err));
	VS_TRY(err, "certChain",
	    vs_pv_array(vs_pv_get(o, "certChain"), "certificates",
		VS_PV_CHAIN_MAX, &certs, err));
	if (vs_json_size(certs) == 0)
		return vs_fail(err, VS_MALFORMED, "certChain: empty");
	for (; ca.n < vs_json_size(certs); ca.n++) {
		VS_TRY(err, "certChain",
		    vs_pv_b64(vs_json_at(certs, ca.n), "rawBytes", &t->arena,
			&der, err));
		VS_TRY(err, "certChain",
		    vs_cert_parse(der, &t->certs[t->certs_n], err));
		ca.certs[ca.n] = t->certs[t->certs_n++];
	}
	list[(*n)++] = ca;
	return VS_OK;
}

static vs_status
read_cas(struct vs_provenance_trust *t, const struct vs_json *root,
    const char *name, struct vs_pv_ca *list, size_t *n, struct vs_err *err)
{
	const struct vs_json *all;

	VS_TRY(err, name, vs_pv_array(root, name, VS_PV_LOGS_MAX, &all, err));
	for (size_t i = 0; i < vs_json_size(all); i++)
		VS_TRY(err, name, read_ca(t, vs_json_at(all, i), list, n, err));
	return VS_OK;
}

static bool
is_known_type(struct vs_span type)
{
	return vs_span_is(type,
		   "application/vnd.dev.sigstore.trustedroot+json;"
		   "version=0.1") ||
	    vs_span_is(
		type, "application/vnd.dev.sigstore.trustedroot.v0.1+json");
}

static vs_status
read_parts(struct vs_provenance_trust *t, const struct vs_json *root,
    struct vs_err *err)
{
	if (!is_known_type(vs_pv_str(root, "mediaType")))
		return vs_fail(err, VS_MALFORMED, "not a trusted root v0.1");
	VS_TRY(err, "trusted root",
	    read_logs(t, root, "tlogs", t->logs, &t->logs_n, err));
	VS_TRY(err, "trusted root",
	    read_logs(t, root, "ctlogs", t->ctlogs, &t->ctlogs_n, err));
	VS_TRY(err, "trusted root",
	    read_cas(
		t, root, "certificateAuthorities", t->cas, &t->cas_n, err));
	VS_TRY(err, "trusted root",
	    read_cas(
		t, root, "timestampAuthorities", t->tsas, &t->tsas_n, err));
	t->has_root = true;
	return VS_OK;
}

static vs_status
read_root(
    struct vs_provenance_trust *t, struct vs_span text, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = NULL;

	if (text.n > ROOT_MAX)
		return vs_fail(err, VS_TOO_LARGE, "trusted root");
	VS_TRY(err, "trusted root", vs_json_parse(text, &root, err));
	return read_parts(t, root, err);
}

static vs_status
read_key(struct vs_provenance_trust *t, struct vs_span text, struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(text);
	struct vs_pem pem, more;

	if (t->keys_n == VS_PROVENANCE_KEYS_MAX)
		return vs_fail(err, VS_TOO_LARGE, "too many keys");
	if (text.n > KEY_MAX || vs_pem_next(&rd, &t->arena, &pem) != VS_OK ||
	    !vs_span_is(pem.label, "PUBLIC KEY"))
		return vs_fail(err, VS_MALFORMED,
		    "not a public key in PEM (-----BEGIN PUBLIC KEY-----)");
	if (vs_pem_next(&rd, &t->arena, &more) != VS_NOT_FOUND)
		return vs_fail(err, VS_MALFORMED, "more than one key");
	VS_TRY(err, "public key",
	    vs_sigkey_read(pem.der, &t->keys[t->keys_n], err));
	t->keys_n++;
	return VS_OK;
}

vs_status
vs_provenance_trust_read(struct vs_span root, const struct vs_span *keys,
    size_t keys_n, struct vs_provenance_trust **out, struct vs_err *err)
{
	VS_AUTO(vs_provenance_trust) *t = vs_calloc(1, sizeof(*t));
	vs_status st;

	if (t == NULL)
		return vs_fail(err, VS_NO_MEMORY, "trust");
	vs_arena_init(&t->arena, 2 * ROOT_MAX);
	st = root.n > 0 ? read_root(t, root, err) : VS_OK;
	if (st != VS_OK) {
		/* Also where a deeper call says "malformed". */
		if (vs_status_class(st) == VS_CLASS_MALFORMED)
			err->code = bad_root;
		return st;
	}
	for (size_t i = 0; i < keys_n; i++)
		VS_TRY_CODE(err, "malformed", "key", read_key(t, keys[i], err));
	*out = VS_TAKE(t);
	return VS_OK;
}
