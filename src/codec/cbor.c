/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libcbor 0.8 takes trailing bytes, duplicate keys and long heads, and
 * allocates what a head promises: five bytes cost it a gigabyte. So the bytes
 * are walked here, once, and each item is built when it is known to be whole.
 *
 * No recursion: open containers stand on a stack, each owned by its frame
 * until it is full.
 */
#include "codec/cbor.h"

#include <string.h>

#include "base/encoding.h"

/* RFC 8949 3 */
enum {
	UNSIGNED = 0,
	NEGATIVE = 1,
	BYTES = 2,
	TEXT = 3,
	ARRAY = 4,
	MAP = 5,
	TAG = 6,
	SIMPLE = 7,
};

/* RFC 8949 3.3 */
enum { SIMPLE_FALSE = 20, SIMPLE_TRUE = 21, SIMPLE_NULL = 22 };

struct head {
	uint8_t major;
	uint64_t arg;
};

struct frame {
	struct vs_json *container;
	uint64_t left; /* elements or pairs that must still come */
	char key[VS_CBOR_KEY_MAX + 1]; /* of the pair that is being read */
};

struct walker {
	size_t size;
	struct vs_rd in;
	struct frame open[VS_CBOR_DEPTH_MAX];
	size_t depth;
	size_t items;
	struct vs_json *root;
	struct vs_buf scratch;
	struct vs_err *err;
};

static vs_status
wrong(struct walker *w, const char *what)
{
	return vs_fail(w->err, VS_MALFORMED, "CBOR, byte %zu: %s",
	    w->size - w->in.n, what);
}

static vs_status
no_memory(struct walker *w)
{
	return vs_fail(w->err, VS_NO_MEMORY, "CBOR: no memory");
}

static bool
is_map(const struct frame *f)
{
	return vs_json_type_of(f->container) == VS_JSON_OBJECT;
}

/* The argument of n bytes behind a head, and the least that needs them. */
static vs_status
read_arg(struct vs_rd *in, uint8_t info, uint64_t *arg, uint64_t *least)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	vs_status st;

	switch (info) {
	case 24:
		st = vs_rd_u8(in, &u8);
		*arg = st == VS_OK ? u8 : 0;
		*least = 24;
		return st;
	case 25:
		st = vs_rd_u16be(in, &u16);
		*arg = st == VS_OK ? u16 : 0;
		*least = UINT64_C(1) << 8;
		return st;
	case 26:
		st = vs_rd_u32be(in, &u32);
		*arg = st == VS_OK ? u32 : 0;
		*least = UINT64_C(1) << 16;
		return st;
	case 27:
		*least = UINT64_C(1) << 32;
		return vs_rd_u64be(in, arg);
	default:
		*arg = info;
		*least = 0;
		return VS_OK;
	}
}

static vs_status
read_head(struct walker *w, struct head *out)
{
	struct vs_rd in = w->in;
	uint64_t least = 0;
	uint64_t arg = 0;
	uint8_t first;
	uint8_t info;

	if (vs_rd_u8(&in, &first) != VS_OK)
		return wrong(w, "ends too early");
	info = first & 31;
	if (first >> 5 == TAG)
		return wrong(w, "tags are not allowed");
	if (info == 31)
		return wrong(w, "indefinite lengths are not allowed");
	if (info > 27)
		return wrong(w, "reserved head");
	/* Behind a simple value of 24 and more stand others and floats. */
	if (first >> 5 == SIMPLE && info > SIMPLE_NULL)
		return wrong(w, "neither false, true nor null");
	if (read_arg(&in, info, &arg, &least) != VS_OK)
		return wrong(w, "ends too early");
	if (arg < least)
		return wrong(w, "head longer than it need be");
	w->in = in;
	*out = (struct head){.major = (uint8_t)(first >> 5), .arg = arg};
	return VS_OK;
}

static vs_status
read_payload(struct walker *w, uint64_t n, struct vs_span *out)
{
	if (n > w->in.n || vs_rd_bytes(&w->in, (size_t)n, out) != VS_OK)
		return wrong(w, "ends too early");
	return VS_OK;
}

static vs_status
read_text(struct walker *w, uint64_t n, struct vs_span *out)
{
	vs_status st = read_payload(w, n, out);

	if (st != VS_OK)
		return st;
	if (!vs_utf8_valid(*out))
		return wrong(w, "text before here is not UTF-8");
	if (out->n > 0 && memchr(out->p, '\0', out->n) != NULL)
		return wrong(w, "text before here holds U+0000");
	return VS_OK;
}

static vs_status
read_string(struct walker *w, const struct head *h, struct vs_json **out)
{
	struct vs_span s = {NULL, 0};
	vs_status st = h->major == TEXT ? read_text(w, h->arg, &s)
					: read_payload(w, h->arg, &s);

	if (st != VS_OK)
		return st;
	if (h->major == BYTES) {
		vs_buf_reset(&w->scratch);
		vs_buf_b64url(&w->scratch, s);
		if (vs_buf_status(&w->scratch) != VS_OK)
			return no_memory(w);
		s = vs_buf_span(&w->scratch);
	}
	*out = vs_json_str(s);
	return VS_OK;
}

/* Of a scalar; *out is NULL without memory. */
static vs_status
read_scalar(struct walker *w, const struct head *h, struct vs_json **out)
{
	switch (h->major) {
	case UNSIGNED:
	case NEGATIVE:
		if (h->arg > INT64_MAX)
			return wrong(w, "integer out of range");
		*out = vs_json_int(h->major == UNSIGNED ? (int64_t)h->arg
							: -1 - (int64_t)h->arg);
		return VS_OK;
	case BYTES:
	case TEXT:
		return read_string(w, h, out);
	default:
		if (h->arg < SIMPLE_FALSE)
			return wrong(w, "neither false, true nor null");
		*out = h->arg == SIMPLE_NULL
		    ? vs_json_null()
		    : vs_json_bool(h->arg == SIMPLE_TRUE);
		return VS_OK;
	}
}

static vs_status
open_container(struct walker *w, const struct head *h)
{
	/* Each element is a byte at least, each pair two. */
	if (h->arg > w->in.n / (h->major == MAP ? 2 : 1))
		return wrong(w, "ends too early");
	if (w->depth == VS_CBOR_DEPTH_MAX)
		return wrong(w, "nested too deep");
	w->open[w->depth].left = h->arg;
	w->open[w->depth].container =
	    h->major == MAP ? vs_json_object() : vs_json_array();
	if (w->open[w->depth].container == NULL)
		return no_memory(w);
	w->depth++;
	return VS_OK;
}

static vs_status
read_key(struct walker *w, struct frame *f)
{
	struct vs_span text = {NULL, 0};
	struct head h;
	vs_status st = read_head(w, &h);

	if (st == VS_OK && h.major != TEXT)
		st = wrong(w, "a key must be text");
	if (st == VS_OK && h.arg > VS_CBOR_KEY_MAX)
		st = wrong(w, "key too long");
	if (st == VS_OK)
		st = read_text(w, h.arg, &text);
	if (st != VS_OK)
		return st;
	if (text.n > 0)
		memcpy(f->key, text.p, text.n);
	f->key[text.n] = '\0';
	if (vs_json_get(f->container, f->key) != NULL)
		return wrong(w, "the key before here stands twice");
	return VS_OK;
}

/* Hands a whole value to what is open, and closes what that fills. */
static vs_status
attach(struct walker *w, struct vs_json *v)
{
	while (w->depth > 0) {
		struct frame *f = &w->open[w->depth - 1];

		if (is_map(f))
			vs_json_set(&f->container, f->key, v);
		else
			vs_json_append(&f->container, v);
		if (f->container == NULL)
			return no_memory(w);
		if (--f->left > 0)
			return VS_OK;
		v = VS_TAKE(f->container);
		w->depth--;
	}
	w->root = v;
	return VS_OK;
}

/* One item, with its key when it has one. */
static vs_status
step(struct walker *w)
{
	struct vs_json *v = NULL;
	struct head h = {0};
	vs_status st = VS_OK;

	if (++w->items > VS_CBOR_ITEMS_MAX)
		return wrong(w, "too many values");
	if (w->depth > 0 && is_map(&w->open[w->depth - 1]))
		st = read_key(w, &w->open[w->depth - 1]);
	if (st == VS_OK)
		st = read_head(w, &h);
	if (st != VS_OK)
		return st;
	if (h.major == ARRAY || h.major == MAP) {
		st = open_container(w, &h);
		if (st != VS_OK || h.arg > 0)
			return st;
		w->depth--;
		v = VS_TAKE(w->open[w->depth].container);
	} else {
		st = read_scalar(w, &h, &v);
	}
	if (st != VS_OK)
		return st;
	return v == NULL ? no_memory(w) : attach(w, v);
}

vs_status
vs_cbor_parse(struct vs_span in, struct vs_json **out, struct vs_err *err)
{
	struct walker w = {.size = in.n, .in = vs_rd_of(in), .err = err};
	vs_status st;

	do
		st = step(&w);
	while (st == VS_OK && w.root == NULL);
	if (st == VS_OK && vs_rd_end(&w.in) != VS_OK)
		st = wrong(&w, "bytes behind the value");
	while (w.depth > 0)
		vs_json_free(&w.open[--w.depth].container);
	vs_buf_fini(&w.scratch);
	if (st == VS_OK)
		*out = VS_TAKE(w.root);
	vs_json_free(&w.root);
	return st;
}

static void
put_head(struct vs_buf *out, uint8_t major, uint64_t arg)
{
	uint8_t text[9];
	struct vs_wr w = vs_wr_of(text, sizeof text);
	struct vs_span head;

	major = (uint8_t)(major << 5);
	if (arg < 24) {
		vs_wr_u8(&w, (uint8_t)(major | arg));
	} else if (arg <= UINT8_MAX) {
		vs_wr_u8(&w, major | 24);
		vs_wr_u8(&w, (uint8_t)arg);
	} else if (arg <= UINT16_MAX) {
		vs_wr_u8(&w, major | 25);
		vs_wr_u16be(&w, (uint16_t)arg);
	} else if (arg <= UINT32_MAX) {
		vs_wr_u8(&w, major | 26);
		vs_wr_u32be(&w, (uint32_t)arg);
	} else {
		vs_wr_u8(&w, major | 27);
		vs_wr_u64be(&w, arg);
	}
	VS_ASSERT(vs_wr_finish(&w, &head) == VS_OK);
	vs_buf_add(out, head);
}

void
vs_cbor_put_map(struct vs_buf *out, size_t pairs)
{
	put_head(out, MAP, pairs);
}

void
vs_cbor_put_text(struct vs_buf *out, struct vs_span text)
{
	put_head(out, TEXT, text.n);
	vs_buf_add(out, text);
}

void
vs_cbor_put_bytes(struct vs_buf *out, struct vs_span bytes)
{
	put_head(out, BYTES, bytes.n);
	vs_buf_add(out, bytes);
}

void
vs_cbor_put_int(struct vs_buf *out, int64_t v)
{
	/* RFC 8949 3.1: -1 - n */
	if (v < 0)
		put_head(out, NEGATIVE, (uint64_t)(-1 - v));
	else
		put_head(out, UNSIGNED, (uint64_t)v);
}
