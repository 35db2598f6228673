/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plaintext of a release, streamed into its JWE. Every length is public:
 * names, numbers and the sizes of payloads stand in clear in the request.
 */
#include <stdio.h>

#include "base/encoding.h"
#include "keeper/core_int.h"
#include "keeper/derived.h"
#include "keeper/record.h"

static const char lead[] = "{\"keys\":[";
static const char item_name[] = "{\"name\":\"";
static const char item_version[] = "\",\"version\":";
static const char item_key[] = ",\"key\":\"";
static const char item_type[] = "\",\"content_type\":\"";
static const char item_end[] = "\"}";
static const char tail[] = "],\"release_id\":\"";
static const char end[] = "\"}";

/* The name that goes into the answer. */
static struct vs_span
name_of(const struct vs_reseal_item *it)
{
	return it->derived.n > 0 ? it->derived : it->place.name;
}

static size_t
size_of(const struct vs_reseal_item *it)
{
	return it->derived.n > 0 ? (size_t)VS_DERIVED_SIZE
				 : it->payload.n - VS_PAYLOAD_OVERHEAD;
}

/* A dataset's key serves to derive others and nothing else; and the name of
 * what is derived begins with its own. */
static bool
derivation_ok(const struct vs_reseal_item *it)
{
	struct vs_derived d;

	if (it->derived.n == 0)
		return !it->place.dataset;
	return it->place.dataset && vs_record_name_ok(it->derived) &&
	    vs_derived_parse(it->derived, &d) &&
	    vs_span_equal(d.base, it->place.name);
}

/* Everything that JSON does not need to escape. */
static bool
request_ok(const struct vs_reseal *req)
{
	if (req->n == 0 || req->n > VS_RESEAL_KEYS_MAX ||
	    !vs_record_name_ok(req->release_id))
		return false;
	for (size_t i = 0; i < req->n; i++)
		if (!vs_record_name_ok(req->items[i].place.name) ||
		    !vs_record_type_ok(req->items[i].content_type) ||
		    req->items[i].payload.n < VS_PAYLOAD_OVERHEAD ||
		    !derivation_ok(&req->items[i]))
			return false;
	return true;
}

static size_t
decimal_len(uint32_t v)
{
	size_t n = 1;

	for (; v >= 10; v /= 10)
		n++;
	return n;
}

static size_t
item_len(const struct vs_reseal_item *it)
{
	size_t n = sizeof item_name - 1 + name_of(it).n + sizeof item_version -
	    1 + decimal_len(it->place.version) + sizeof item_key - 1 +
	    vs_b64url_len(size_of(it)) + sizeof item_end - 1;

	if (it->content_type.n > 0)
		n += sizeof item_type - 1 + it->content_type.n;
	return n;
}

/* Bounded by the frame: no sum here can overflow. */
static size_t
plain_len(const struct vs_reseal *req)
{
	size_t n = sizeof lead - 1 + sizeof tail - 1 + req->release_id.n +
	    sizeof end - 1 + (req->n - 1);

	for (size_t i = 0; i < req->n; i++)
		n += item_len(&req->items[i]);
	return n;
}

static vs_status
add(struct vs_jwe *j, const char *text)
{
	return vs_jwe_add(j, vs_span_cstr(text));
}

static vs_status
add_head(struct vs_jwe *j, const struct vs_reseal_item *it)
{
	char version[12];
	vs_status st = add(j, item_name);

	(void)snprintf(version, sizeof version, "%u", it->place.version);
	if (st == VS_OK)
		st = vs_jwe_add(j, name_of(it));
	if (st == VS_OK)
		st = add(j, item_version);
	if (st == VS_OK)
		st = add(j, version);
	if (st == VS_OK)
		st = add(j, item_key);
	return st;
}

static vs_status
add_foot(struct vs_jwe *j, const struct vs_reseal_item *it)
{
	vs_status st = VS_OK;

	if (it->content_type.n > 0) {
		st = add(j, item_type);
		if (st == VS_OK)
			st = vs_jwe_add(j, it->content_type);
	}
	return st == VS_OK ? add(j, item_end) : st;
}

/* The payload at plain, or in its place the key that is derived from it. */
static vs_status
add_key(struct vs_core *c, const struct vs_reseal_item *it, uint8_t *plain,
    size_t n)
{
	struct vs_derived d;
	vs_status st = VS_OK;

	if (it->derived.n > 0) {
		uint8_t *key = vs_secret_poke(c->scratch);

		st = VS_MALFORMED;
		if (vs_derived_parse(it->derived, &d))
			st = vs_derived_key(
			    VS_SPAN(plain, n), &d, it->place.version, key);
		if (st == VS_OK)
			st = vs_jwe_add_b64url(
			    c->jwe, VS_SPAN(key, VS_DERIVED_SIZE));
		vs_wipe(key, VS_DERIVED_SIZE);
	} else {
		st = vs_jwe_add_b64url(c->jwe, VS_SPAN(plain, n));
	}
	vs_wipe(plain, n);
	return st;
}

static vs_status
add_item(struct vs_core *c, const struct vs_reseal_item *it, uint8_t *ok)
{
	struct vs_secret *own = NULL;
	struct vs_aead *kek = NULL;
	size_t n = it->payload.n - VS_PAYLOAD_OVERHEAD;
	uint8_t *plain = vs_core_room(c, n, &own);
	uint8_t kek_ok = 0;
	vs_status st = VS_BUSY;

	if (plain != NULL)
		st = vs_core_kek(c, &it->place, &kek, &kek_ok);
	if (st == VS_OK)
		st = add_head(c->jwe, it);
	if (st == VS_OK) {
		*ok &= kek_ok & vs_core_open(c, it, kek, plain);
		st = add_key(c, it, plain, n);
	}
	vs_secret_free(&own);
	return st == VS_OK ? add_foot(c->jwe, it) : st;
}

static vs_status
add_all(struct vs_core *c, const struct vs_reseal *req, uint8_t *ok)
{
	vs_status st = add(c->jwe, lead);

	for (size_t i = 0; st == VS_OK && i < req->n; i++) {
		if (i > 0)
			st = add(c->jwe, ",");
		if (st == VS_OK)
			st = add_item(c, &req->items[i], ok);
	}
	if (st == VS_OK)
		st = add(c->jwe, tail);
	if (st == VS_OK)
		st = vs_jwe_add(c->jwe, req->release_id);
	if (st == VS_OK)
		st = add(c->jwe, end);
	return st;
}

vs_status
vs_core_reseal(struct vs_core *c, const struct vs_reseal *req,
    struct vs_buf *jwe, unsigned *failed)
{
	const struct vs_jwe_to to = {.curve = req->to.curve,
	    .x = req->to.x,
	    .y = req->to.y,
	    .apu = req->nonce,
	    .apv = req->release_id};
	uint8_t ok = 0xff;
	size_t plain;
	size_t len;
	uint8_t *out;
	vs_status st;

	*failed = 0;
	if (!request_ok(req))
		return VS_MALFORMED;
	plain = plain_len(req);
	len = vs_jwe_len(&to, plain);
	out = len == 0 ? NULL : vs_buf_grow(jwe, len);
	if (out == NULL)
		return VS_TOO_LARGE;
	st = vs_jwe_begin(c->jwe, &to, plain, out);
	if (st == VS_OK)
		st = add_all(c, req, &ok);
	if (st == VS_OK)
		st = vs_jwe_end(c->jwe);
	else
		vs_jwe_abort(c->jwe);
	/* That some record failed is the answer itself; which one is not. */
	if (st == VS_OK && ok != 0xff)
		st = VS_UNTRUSTED;
	if (st == VS_UNTRUSTED)
		*failed = 1;
	if (st != VS_OK) {
		vs_wipe(out, len);
		jwe->n -= len;
	}
	return st;
}
