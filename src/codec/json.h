/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded JSON. The only home of jansson: others see an opaque value.
 *
 * Parsing refuses duplicate names, trailing text, U+0000, more than
 * VS_JSON_DEPTH_MAX levels and more than VS_JSON_ITEMS_MAX values. Numbers
 * that are not 64-bit integers are kept as reals and never as ints.
 * Secrets never enter a vs_json.
 */
#ifndef VS_CODEC_JSON_H
#define VS_CODEC_JSON_H

#include "base/arena.h"
#include "base/buf.h"

struct vs_json;

typedef enum vs_json_type {
	VS_JSON_NULL,
	VS_JSON_BOOL,
	VS_JSON_INT,
	VS_JSON_REAL,
	VS_JSON_STRING,
	VS_JSON_ARRAY,
	VS_JSON_OBJECT,
} vs_json_type;

/* Deeper or larger has no use in any format we read. 10,000 keys of a
 * release are 30,000 values. */
enum { VS_JSON_DEPTH_MAX = 32, VS_JSON_ITEMS_MAX = 100000 };

/* VS_MALFORMED with line and column in the message. */
VS_MUST_USE vs_status vs_json_parse(
    struct vs_span text, struct vs_json **out, struct vs_err *err);
/* The same, but strings (names aside) may hold U+0000: for test cases about
 * it, never for what comes over a network. */
VS_MUST_USE vs_status vs_json_parse_nul(
    struct vs_span text, struct vs_json **out, struct vs_err *err);
void vs_json_free(struct vs_json **v);

/* Borrowed results, valid while the root lives. NULL is a legal argument of
 * every reader and behaves as an absent value. */
vs_json_type vs_json_type_of(const struct vs_json *v);
const struct vs_json *vs_json_get(const struct vs_json *obj, const char *name);
size_t vs_json_size(const struct vs_json *v); /* array or object */
const struct vs_json *vs_json_at(const struct vs_json *arr, size_t i);
/* The i-th member of an object in document order. */
const struct vs_json *vs_json_member(
    const struct vs_json *obj, size_t i, struct vs_span *name);
bool vs_json_is_string(const struct vs_json *v, struct vs_span *out);
bool vs_json_is_int(const struct vs_json *v, int64_t *out);
bool vs_json_is_bool(const struct vs_json *v, bool *out);

/*
 * Required members: VS_MALFORMED naming the member when it is absent or of
 * another type. where is the path for the message ("evidence.cpu"), "" at
 * the top.
 */
VS_MUST_USE vs_status vs_json_need(const struct vs_json *obj, const char *where,
    const char *name, vs_json_type type, const struct vs_json **out,
    struct vs_err *err);
VS_MUST_USE vs_status vs_json_need_str(const struct vs_json *obj,
    const char *where, const char *name, struct vs_span *out,
    struct vs_err *err);
/* base64url, decoded into the arena; VS_TOO_LARGE above max bytes. */
VS_MUST_USE vs_status vs_json_need_b64url(const struct vs_json *obj,
    const char *where, const char *name, size_t max, struct vs_arena *a,
    struct vs_span *out, struct vs_err *err);
/* VS_MALFORMED, naming it, when obj has a member outside the list. */
VS_MUST_USE vs_status vs_json_only(const struct vs_json *obj, const char *where,
    const char *const *names, size_t n, struct vs_err *err);

/* Building. A NULL result or argument is carried on: check the end once with
 * vs_json_dump, which fails when anything failed. Setters take ownership of
 * child, also on failure. */
struct vs_json *vs_json_object(void);
struct vs_json *vs_json_array(void);
struct vs_json *vs_json_str(struct vs_span text);
struct vs_json *vs_json_cstr(const char *text);
struct vs_json *vs_json_int(int64_t v);
struct vs_json *vs_json_bool(bool v);
struct vs_json *vs_json_null(void);
struct vs_json *vs_json_copy(const struct vs_json *v);
void vs_json_set(struct vs_json **obj, const char *name, struct vs_json *child);
void vs_json_append(struct vs_json **arr, struct vs_json *child);

typedef enum vs_json_style { VS_JSON_COMPACT, VS_JSON_PRETTY } vs_json_style;
VS_MUST_USE vs_status vs_json_dump(
    const struct vs_json *v, vs_json_style style, struct vs_buf *out);

#endif
