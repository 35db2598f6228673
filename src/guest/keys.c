/* SPDX-License-Identifier: Apache-2.0 */
#include "guest/keys.h"

#include <string.h>

#include "base/encoding.h"

enum { KEY_TEXT_MAX = 1400000 }; /* base64url of 1 MiB */

static bool
next_is(const struct vs_rd *in, uint8_t want)
{
	struct vs_rd ahead = *in;
	uint8_t got;

	return vs_rd_u8(&ahead, &got) == VS_OK && got == want;
}

static void
skip_space(struct vs_rd *in)
{
	uint8_t ch;

	while (next_is(in, ' ') || next_is(in, '\n') || next_is(in, '\r') ||
	    next_is(in, '\t'))
		if (vs_rd_u8(in, &ch) != VS_OK)
			return;
}

static vs_status
expect(struct vs_rd *in, uint8_t want)
{
	skip_space(in);
	if (!next_is(in, want))
		return VS_MALFORMED;
	return vs_rd_skip(in, 1);
}

/* Between the quotes; escapes are kept as they stand. */
static vs_status
string(struct vs_rd *in, struct vs_span *out)
{
	struct vs_rd rd, text;
	size_t n = 0;
	uint8_t ch;

	skip_space(in);
	rd = *in;
	if (expect(&rd, '"') != VS_OK)
		return VS_MALFORMED;
	text = rd;
	for (;;) {
		if (vs_rd_u8(&rd, &ch) != VS_OK || ch < 0x20)
			return VS_MALFORMED;
		if (ch == '"')
			break;
		n++;
		if (ch == '\\') {
			if (vs_rd_skip(&rd, 1) != VS_OK)
				return VS_MALFORMED;
			n++;
		}
	}
	*out = vs_span_slice(vs_rd_rest(&text), 0, n);
	*in = rd;
	return VS_OK;
}

static vs_status
number(struct vs_rd *in, uint32_t *out)
{
	uint64_t v = 0;
	size_t digits = 0;
	struct vs_rd ahead;
	uint8_t ch;

	skip_space(in);
	ahead = *in;
	while (vs_rd_u8(&ahead, &ch) == VS_OK && ch >= '0' && ch <= '9') {
		v = v * 10 + (uint64_t)(ch - '0');
		if (v > UINT32_MAX)
			return VS_RANGE;
		digits++;
		*in = ahead;
	}
	if (digits == 0)
		return VS_MALFORMED;
	*out = (uint32_t)v;
	return VS_OK;
}

static vs_status
read_name(struct vs_rd *in, struct vs_guest_key *key)
{
	struct vs_span text;

	if (key->name[0] != '\0')
		return VS_DUPLICATE;
	if (string(in, &text) != VS_OK || !vs_guest_name_ok(text))
		return VS_MALFORMED;
	memcpy(key->name, text.p, text.n);
	key->name[text.n] = '\0';
	return VS_OK;
}

/* In pieces of whole groups, for the decoder takes no long text at once. */
static vs_status
decode_key(struct vs_span text, uint8_t *out, size_t n)
{
	enum { TEXT_PIECE = 128, PIECE = TEXT_PIECE / 4 * 3 };

	while (text.n > TEXT_PIECE) {
		vs_status st = vs_b64url_decode_n(
		    vs_span_slice(text, 0, TEXT_PIECE), out, PIECE);

		if (st != VS_OK)
			return st;
		text = vs_span_slice(text, TEXT_PIECE, text.n);
		out += PIECE;
		n -= PIECE;
	}
	return vs_b64url_decode_n(text, out, n);
}

static vs_status
read_bytes(struct vs_rd *in, struct vs_guest_key *key)
{
	struct vs_span text;
	size_t n;

	if (key->key != NULL)
		return VS_DUPLICATE;
	if (string(in, &text) != VS_OK)
		return VS_MALFORMED;
	if (text.n == 0 || text.n > KEY_TEXT_MAX || text.n % 4 == 1)
		return VS_RANGE;
	n = text.n / 4 * 3 + (text.n % 4 == 0 ? 0 : text.n % 4 - 1);
	key->key = vs_secret_new(n);
	if (key->key == NULL)
		return VS_NO_MEMORY;
	return decode_key(text, vs_secret_poke(key->key), n);
}

static vs_status
read_member(struct vs_rd *in, struct vs_guest_key *key, struct vs_err *err)
{
	struct vs_span name, ignored;

	VS_TRY(err, "member", string(in, &name));
	VS_TRY(err, "member", expect(in, ':'));
	if (vs_span_is(name, "name"))
		VS_TRY(err, "name", read_name(in, key));
	else if (vs_span_is(name, "version"))
		VS_TRY(err, "version", number(in, &key->version));
	else if (vs_span_is(name, "key"))
		VS_TRY(err, "key", read_bytes(in, key));
	else if (vs_span_is(name, "content_type"))
		VS_TRY(err, "content_type", string(in, &ignored));
	else
		return vs_fail(err, VS_MALFORMED, "unknown member");
	return VS_OK;
}

/* After an element: true to go on, false at the end. */
static vs_status
more(struct vs_rd *in, uint8_t end, bool *again)
{
	if (expect(in, ',') == VS_OK) {
		*again = true;
		return VS_OK;
	}
	*again = false;
	return expect(in, end);
}

static vs_status
read_key(struct vs_rd *in, struct vs_guest_key *key, struct vs_err *err)
{
	bool again = true;

	VS_TRY(err, "key", expect(in, '{'));
	while (again) {
		VS_TRY(err, "key", read_member(in, key, err));
		VS_TRY(err, "key", more(in, '}', &again));
	}
	if (key->name[0] == '\0' || key->version == 0 || key->key == NULL)
		return vs_fail(
		    err, VS_MALFORMED, "name, version or key is missing");
	return VS_OK;
}

static vs_status
read_keys(
    struct vs_rd *in, struct vs_guest_key *keys, size_t n, struct vs_err *err)
{
	bool again = true;
	size_t i = 0;

	VS_TRY(err, "keys", expect(in, '['));
	while (again) {
		if (i == n)
			return vs_fail(
			    err, VS_UNTRUSTED, "more keys than asked for");
		VS_TRY(err, "keys", read_key(in, &keys[i++], err));
		VS_TRY(err, "keys", more(in, ']', &again));
	}
	if (i != n)
		return vs_fail(err, VS_UNTRUSTED, "fewer keys than asked for");
	return VS_OK;
}

static vs_status
read_id(struct vs_rd *in, const char *release_id, struct vs_err *err)
{
	struct vs_span text;

	VS_TRY(err, "release_id", string(in, &text));
	if (!vs_span_is(text, release_id))
		return vs_fail(err, VS_UNTRUSTED, "another release's answer");
	return VS_OK;
}

vs_status
vs_guest_keys_parse(struct vs_span plain,
    const char release_id[VS_UUID_TEXT_MAX], struct vs_guest_key *keys,
    size_t n, struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(plain);
	bool again = true, id = false, list = false;
	struct vs_span name;

	VS_TRY(err, "answer", expect(&in, '{'));
	while (again) {
		VS_TRY(err, "answer", string(&in, &name));
		VS_TRY(err, "answer", expect(&in, ':'));
		if (vs_span_is(name, "keys") && !list) {
			VS_TRY(err, "answer", read_keys(&in, keys, n, err));
			list = true;
		} else if (vs_span_is(name, "release_id") && !id) {
			VS_TRY(err, "answer", read_id(&in, release_id, err));
			id = true;
		} else {
			return vs_fail(
			    err, VS_MALFORMED, "answer: unknown member");
		}
		VS_TRY(err, "answer", more(&in, '}', &again));
	}
	VS_TRY(err, "answer", vs_rd_end(&in));
	if (!id || !list)
		return vs_fail(err, VS_MALFORMED, "answer: member missing");
	return VS_OK;
}

void
vs_guest_keys_fini(struct vs_guest_key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		vs_secret_free(&keys[i].key);
}

static bool
name_char(uint8_t ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
	    (ch >= '0' && ch <= '9') || ch == '.' || ch == '_' || ch == '-';
}

bool
vs_guest_name_ok(struct vs_span name)
{
	size_t from = 0;

	if (name.n == 0 || name.n > VS_GUEST_NAME_MAX)
		return false;
	for (size_t i = 0; i <= name.n; i++) {
		struct vs_span part;

		if (i < name.n && name_char(name.p[i]))
			continue;
		if (i < name.n && name.p[i] != '/')
			return false;
		part = vs_span_slice(name, from, i - from);
		if (part.n == 0 || vs_span_is(part, ".") ||
		    vs_span_is(part, ".."))
			return false;
		from = i + 1;
	}
	return true;
}
