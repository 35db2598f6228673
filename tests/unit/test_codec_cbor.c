/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken means the same to libcbor; what is refused says where. */
#include "check.h"

#include <cbor.h>

#include "base/encoding.h"
#include "codec/cbor.h"

/* ---- against libcbor ---- */

static bool same(const struct vs_json *ours, cbor_item_t *theirs);

static bool
same_text(const struct vs_json *ours, const uint8_t *p, size_t n)
{
	struct vs_span s;

	return vs_json_is_string(ours, &s) && vs_span_equal(s, VS_SPAN(p, n));
}

static bool
same_bytes(const struct vs_json *ours, const cbor_item_t *theirs)
{
	struct vs_buf b = {0};
	bool ok;

	vs_buf_b64url(&b,
	    VS_SPAN(cbor_bytestring_handle(theirs),
		cbor_bytestring_length(theirs)));
	ok = same_text(ours, b.p, b.n);
	vs_buf_fini(&b);
	return ok;
}

static bool
same_int(const struct vs_json *ours, const cbor_item_t *theirs)
{
	uint64_t u = cbor_get_int(theirs);
	int64_t i;

	if (!vs_json_is_int(ours, &i) || u > INT64_MAX)
		return false;
	return i == (cbor_isa_negint(theirs) ? -1 - (int64_t)u : (int64_t)u);
}

static bool
same_array(const struct vs_json *ours, const cbor_item_t *theirs)
{
	size_t n = cbor_array_size(theirs);

	if (vs_json_type_of(ours) != VS_JSON_ARRAY || vs_json_size(ours) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!same(vs_json_at(ours, i), cbor_array_handle(theirs)[i]))
			return false;
	return true;
}

static bool
same_map(const struct vs_json *ours, const cbor_item_t *theirs)
{
	size_t n = cbor_map_size(theirs);

	if (vs_json_type_of(ours) != VS_JSON_OBJECT || vs_json_size(ours) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct cbor_pair p = cbor_map_handle(theirs)[i];
		struct vs_span name;
		const struct vs_json *v = vs_json_member(ours, i, &name);

		if (!cbor_isa_string(p.key) ||
		    !vs_span_equal(name,
			VS_SPAN(cbor_string_handle(p.key),
			    cbor_string_length(p.key))) ||
		    !same(v, p.value))
			return false;
	}
	return true;
}

static bool
same(const struct vs_json *ours, cbor_item_t *theirs)
{
	bool b;

	switch (cbor_typeof(theirs)) {
	case CBOR_TYPE_UINT:
	case CBOR_TYPE_NEGINT:
		return same_int(ours, theirs);
	case CBOR_TYPE_BYTESTRING:
		return same_bytes(ours, theirs);
	case CBOR_TYPE_STRING:
		return same_text(ours, cbor_string_handle(theirs),
		    cbor_string_length(theirs));
	case CBOR_TYPE_ARRAY:
		return same_array(ours, theirs);
	case CBOR_TYPE_MAP:
		return same_map(ours, theirs);
	case CBOR_TYPE_TAG:
		return false;
	case CBOR_TYPE_FLOAT_CTRL:
		if (cbor_is_null(theirs))
			return vs_json_type_of(ours) == VS_JSON_NULL;
		return vs_json_is_bool(ours, &b) && b == cbor_get_bool(theirs);
	}
	return false;
}

/* Parses; when it is accepted, libcbor must read the same, to the end. */
static vs_status
parse(struct vs_span in, char *msg)
{
	struct vs_json *v = NULL;
	struct vs_err err = {0};
	struct cbor_load_result r;
	vs_status st = vs_cbor_parse(in, &v, &err);
	cbor_item_t *theirs;

	if (msg != NULL)
		memcpy(msg, err.msg, sizeof err.msg);
	if (st != VS_OK) {
		CHECK(v == NULL && strncmp(err.msg, "CBOR, byte ", 11) == 0);
		return st;
	}
	theirs = cbor_load(in.p, in.n, &r);
	if (CHECK(theirs != NULL)) {
		CHECK_INT(r.read, in.n);
		CHECK(same(v, theirs));
		cbor_decref(&theirs);
	}
	vs_json_free(&v);
	return st;
}

static struct vs_span
unhex(const char *text, uint8_t *buf, size_t cap)
{
	size_t n = strlen(text) / 2;

	CHECK(n <= cap && vs_unhex(vs_span_cstr(text), buf, n) == VS_OK);
	return VS_SPAN(buf, n);
}

/* RFC 8949 appendix A, as far as it is ours, and shapes of a release. */
static const char *const taken[] = {"00", "01", "0a", "17", "1818", "1819",
    "1864", "1903e8", "1a000f4240", "1b000000e8d4a51000", "20", "29", "3863",
    "3903e7", "1b7fffffffffffffff", "3b7fffffffffffffff", "f4", "f5", "f6",
    "40", "4401020304", "60", "6161", "6449455446", "62225c", "62c3bc",
    "63e6b0b4", "64f0908591", "80", "83010203", "8301820203820405",
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819", "a0",
    "a26161016162820203", "826161a161626163",
    "a56161614161626142616361436164614461656145",
    /* {"keys": [{"name": "a/b", "version": 3}], "nonce": h'0001'} */
    "a2646b65797381a2646e616d6563612f626776657273696f6e03656e6f6e6365420001"};

static void
test_taken(void)
{
	uint8_t buf[256];

	for (size_t i = 0; i < VS_COUNT(taken); i++) {
		char msg[VS_ERR_MSG_MAX];

		if (!CHECK_INT(
			parse(unhex(taken[i], buf, sizeof buf), msg), VS_OK))
			fprintf(stderr, "%s: %s\n", taken[i], msg);
	}
}

static void
test_as_json(void)
{
	uint8_t buf[256];
	struct vs_json *v = NULL;
	struct vs_err err = {0};
	struct vs_buf out = {0};

	CHECK_OK(
	    vs_cbor_parse(
		unhex(taken[VS_COUNT(taken) - 1], buf, sizeof buf), &v, &err),
	    err);
	CHECK_INT(vs_json_dump(v, VS_JSON_COMPACT, &out), VS_OK);
	CHECK_STR(vs_buf_cstr(&out),
	    "{\"keys\":[{\"name\":\"a/b\",\"version\":3}],\"nonce\":\"AAE\"}");
	vs_buf_fini(&out);
	vs_json_free(&v);
}

static const struct {
	const char *hex;
	const char *why;
} refused[] = {
    {"", "CBOR, byte 0: ends too early"},
    /* Taken by libcbor: trailing, twice, not minimal; and its gigabyte. */
    {"0000", "CBOR, byte 1: bytes behind the value"},
    {"f6f6", "CBOR, byte 1: bytes behind the value"},
    {"a2616101616102", "CBOR, byte 6: the key before here stands twice"},
    {"1817", "CBOR, byte 0: head longer than it need be"},
    {"1900ff", "CBOR, byte 0: head longer than it need be"},
    {"1a0000ffff", "CBOR, byte 0: head longer than it need be"},
    {"1b00000000ffffffff", "CBOR, byte 0: head longer than it need be"},
    {"3817", "CBOR, byte 0: head longer than it need be"},
    {"580141", "CBOR, byte 0: head longer than it need be"},
    {"780161", "CBOR, byte 0: head longer than it need be"},
    {"980101", "CBOR, byte 0: head longer than it need be"},
    {"b801616101", "CBOR, byte 0: head longer than it need be"},
    {"9a08000000", "CBOR, byte 5: ends too early"},
    {"ba08000000", "CBOR, byte 5: ends too early"},
    {"9bffffffffffffffff", "CBOR, byte 9: ends too early"},
    {"bbffffffffffffffff", "CBOR, byte 9: ends too early"},
    {"5bffffffffffffffff", "CBOR, byte 9: ends too early"},
    {"7bffffffffffffffff", "CBOR, byte 9: ends too early"},
    {"820100ff", "CBOR, byte 3: bytes behind the value"},
    {"8301", "CBOR, byte 1: ends too early"},
    {"a26161", "CBOR, byte 1: ends too early"},
    /* indefinite */
    {"9fff", "CBOR, byte 0: indefinite lengths are not allowed"},
    {"bfff", "CBOR, byte 0: indefinite lengths are not allowed"},
    {"5f4101ff", "CBOR, byte 0: indefinite lengths are not allowed"},
    {"7f6161ff", "CBOR, byte 0: indefinite lengths are not allowed"},
    {"ff", "CBOR, byte 0: indefinite lengths are not allowed"},
    {"8261617f", "CBOR, byte 3: indefinite lengths are not allowed"},
    {"1f", "CBOR, byte 0: indefinite lengths are not allowed"},
    /* reserved heads */
    {"1c", "CBOR, byte 0: reserved head"},
    {"5d", "CBOR, byte 0: reserved head"},
    {"fe", "CBOR, byte 0: reserved head"},
    /* what JSON has not */
    {"c000", "CBOR, byte 0: tags are not allowed"},
    {"d8184100", "CBOR, byte 0: tags are not allowed"},
    {"f7", "CBOR, byte 0: neither false, true nor null"},
    {"f0", "CBOR, byte 1: neither false, true nor null"},
    {"f818", "CBOR, byte 0: neither false, true nor null"},
    {"f93c00", "CBOR, byte 0: neither false, true nor null"},
    {"fa47c35000", "CBOR, byte 0: neither false, true nor null"},
    {"fb3ff199999999999a", "CBOR, byte 0: neither false, true nor null"},
    {"1b8000000000000000", "CBOR, byte 9: integer out of range"},
    {"3b8000000000000000", "CBOR, byte 9: integer out of range"},
    /* text */
    {"61ff", "CBOR, byte 2: text before here is not UTF-8"},
    {"62c328", "CBOR, byte 3: text before here is not UTF-8"},
    {"63eda080", "CBOR, byte 4: text before here is not UTF-8"},
    {"6100", "CBOR, byte 2: text before here holds U+0000"},
    /* keys */
    {"a10100", "CBOR, byte 2: a key must be text"},
    {"a1410100", "CBOR, byte 2: a key must be text"},
    {"a18000", "CBOR, byte 2: a key must be text"},
    {"a161ff00", "CBOR, byte 3: text before here is not UTF-8"},
    {"a1610000", "CBOR, byte 3: text before here holds U+0000"},
};

static void
test_refused(void)
{
	uint8_t buf[256];

	for (size_t i = 0; i < VS_COUNT(refused); i++) {
		char msg[VS_ERR_MSG_MAX];
		struct vs_span in = unhex(refused[i].hex, buf, sizeof buf);

		CHECK_INT(parse(in, msg), VS_MALFORMED);
		if (!CHECK_STR(msg, refused[i].why))
			fprintf(stderr, "%s\n", refused[i].hex);
	}
}

/* depth arrays of one element, then a null. */
static vs_status
nested(size_t depth, char *msg)
{
	static uint8_t in[100001];

	memset(in, 0x81, depth);
	in[depth] = 0xf6;
	return parse(VS_SPAN(in, depth + 1), msg);
}

static void
test_depth(void)
{
	char msg[VS_ERR_MSG_MAX];

	CHECK_INT(nested(VS_CBOR_DEPTH_MAX, msg), VS_OK);
	CHECK_INT(nested(VS_CBOR_DEPTH_MAX + 1, msg), VS_MALFORMED);
	CHECK_STR(msg, "CBOR, byte 17: nested too deep");
	CHECK_INT(nested(100000, msg), VS_MALFORMED);
}

static void
test_items(void)
{
	static uint8_t in[VS_CBOR_ITEMS_MAX + 16];
	struct vs_wr w = vs_wr_of(in, sizeof in);
	char msg[VS_ERR_MSG_MAX];

	/* The array is a value too. */
	vs_wr_u8(&w, 0x9a);
	vs_wr_u32be(&w, VS_CBOR_ITEMS_MAX - 1);
	CHECK_INT(parse(VS_SPAN(in, 5 + VS_CBOR_ITEMS_MAX - 1), msg), VS_OK);
	w = vs_wr_of(in, sizeof in);
	vs_wr_u8(&w, 0x9a);
	vs_wr_u32be(&w, VS_CBOR_ITEMS_MAX);
	CHECK_INT(parse(VS_SPAN(in, 5 + VS_CBOR_ITEMS_MAX), msg), VS_MALFORMED);
	CHECK(strstr(msg, "too many values") != NULL);
}

static vs_status
with_key_of(size_t n, char *msg)
{
	struct vs_buf b = {0};
	char key[VS_CBOR_KEY_MAX + 2];
	vs_status st;

	memset(key, 'k', sizeof key);
	vs_cbor_put_map(&b, 1);
	vs_cbor_put_text(&b, VS_SPAN(key, n));
	vs_cbor_put_int(&b, 1);
	st = parse(vs_buf_span(&b), msg);
	vs_buf_fini(&b);
	return st;
}

static void
test_keys(void)
{
	char msg[VS_ERR_MSG_MAX];

	CHECK_INT(with_key_of(0, msg), VS_OK);
	CHECK_INT(with_key_of(VS_CBOR_KEY_MAX, msg), VS_OK);
	CHECK_INT(with_key_of(VS_CBOR_KEY_MAX + 1, msg), VS_MALFORMED);
	CHECK_STR(msg, "CBOR, byte 3: key too long");
}

/* Each truncation, each flipped bit, each extra byte. */
static void
test_mutations(void)
{
	uint8_t buf[256];

	for (size_t k = 0; k < VS_COUNT(taken); k++) {
		struct vs_span in = unhex(taken[k], buf, sizeof buf - 1);

		for (size_t n = 0; n < in.n; n++)
			CHECK_INT(parse(VS_SPAN(buf, n), NULL), VS_MALFORMED);
		for (unsigned b = 0; b < 256; b++) {
			buf[in.n] = (uint8_t)b;
			CHECK_INT(
			    parse(VS_SPAN(buf, in.n + 1), NULL), VS_MALFORMED);
		}
		for (size_t bit = 0; bit < in.n * 8; bit++) {
			buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
			(void)parse(in, NULL); /* agrees where it is taken */
			buf[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void
written(int64_t v, const char *hex)
{
	struct vs_buf b = {0};
	struct vs_buf text = {0};

	vs_cbor_put_int(&b, v);
	vs_buf_hex(&text, vs_buf_span(&b));
	CHECK_STR(vs_buf_cstr(&text), hex);
	CHECK_INT(parse(vs_buf_span(&b), NULL), VS_OK);
	vs_buf_fini(&text);
	vs_buf_fini(&b);
}

static void
test_writer(void)
{
	struct vs_buf b = {0};
	struct vs_buf text = {0};

	written(0, "00");
	written(23, "17");
	written(24, "1818");
	written(255, "18ff");
	written(256, "190100");
	written(65536, "1a00010000");
	written(INT64_C(1) << 32, "1b0000000100000000");
	written(INT64_MAX, "1b7fffffffffffffff");
	written(-1, "20");
	written(-25, "3818");
	written(INT64_MIN, "3b7fffffffffffffff");
	vs_cbor_put_map(&b, 2);
	vs_cbor_put_text(&b, VS_SPAN_LIT("n"));
	vs_cbor_put_bytes(&b, VS_SPAN_LIT("\x01\x02"));
	vs_cbor_put_text(&b, VS_SPAN_LIT("t"));
	vs_cbor_put_text(&b, VS_SPAN_LIT(""));
	vs_buf_hex(&text, vs_buf_span(&b));
	CHECK_STR(vs_buf_cstr(&text), "a2616e420102617460");
	CHECK_INT(parse(vs_buf_span(&b), NULL), VS_OK);
	vs_buf_fini(&text);
	vs_buf_fini(&b);
}

int
main(void)
{
	RUN(test_taken);
	RUN(test_as_json);
	RUN(test_refused);
	RUN(test_depth);
	RUN(test_items);
	RUN(test_keys);
	RUN(test_mutations);
	RUN(test_writer);
	return check_result();
}
