/* SPDX-License-Identifier: Apache-2.0 */
/* Bounded YAML over the event interface of libyaml. */
#include <string.h>

#include <yaml.h>

#include "codec/yaml.h"
#include "codec/yaml_text.h"

struct loader {
	yaml_parser_t parser;
	struct vs_arena *arena;
	struct vs_err *err;
	struct vs_span text;
	size_t at;       /* byte offset of character at_chars in text */
	size_t at_chars; /* libyaml counts its marks in characters */
	size_t depth;
	size_t scalars;
};

/* Children are collected in a list, then laid out as an array. */
struct item {
	struct item *next;
	const struct vs_yaml *key; /* MAP only */
	const struct vs_yaml *value;
};

#define AT(mark) (int)(mark).line + 1, (int)(mark).column + 1

static vs_status build(
    struct loader *l, yaml_event_t *ev, const struct vs_yaml **out);

static vs_status
no_memory(struct loader *l)
{
	return vs_fail(l->err, VS_NO_MEMORY, "out of memory");
}

static vs_status
parser_failed(struct loader *l)
{
	const yaml_parser_t *p = &l->parser;

	if (p->error == YAML_MEMORY_ERROR)
		return no_memory(l);
	if (p->error == YAML_READER_ERROR)
		return vs_yaml_bad_byte(l->text, p->problem_offset,
		    p->problem ? p->problem : "unreadable", l->err);
	return vs_fail(l->err, VS_MALFORMED, "%d:%d: %s%s%s",
	    AT(p->problem_mark), p->problem ? p->problem : "not YAML",
	    p->context ? " " : "", p->context ? p->context : "");
}

static vs_status
next(struct loader *l, yaml_event_t *ev)
{
	if (yaml_parser_parse(&l->parser, ev) != 1) {
		memset(ev, 0, sizeof(*ev));
		return parser_failed(l);
	}
	return VS_OK;
}

/* The source byte where an event begins, or 0 at the end. */
static uint8_t
byte_at(struct loader *l, yaml_mark_t mark)
{
	while (l->at_chars < mark.index && l->at < l->text.n) {
		l->at++;
		while (l->at < l->text.n && (l->text.p[l->at] & 0xc0) == 0x80)
			l->at++;
		l->at_chars++;
	}
	return l->at < l->text.n ? l->text.p[l->at] : 0;
}

static vs_status
refuse(struct loader *l, yaml_mark_t mark, const char *what)
{
	return vs_fail(l->err, VS_MALFORMED, "%d:%d: %s", AT(mark), what);
}

/*
 * `! text` yields the same event as plain text, so the source is looked at:
 * no plain scalar begins with an exclamation mark.
 */
static vs_status
check_properties(struct loader *l, const yaml_event_t *ev,
    const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		return refuse(l, ev->start_mark, "anchors are not allowed");
	if (tag != NULL || byte_at(l, ev->start_mark) == '!')
		return refuse(l, ev->start_mark, "tags are not allowed");
	return VS_OK;
}

static struct vs_yaml *
node(struct loader *l, vs_yaml_type type, yaml_mark_t mark)
{
	struct vs_yaml *y = vs_arena_alloc(l->arena, sizeof(*y));

	if (y == NULL)
		return NULL;
	y->type = type;
	y->line = (int)mark.line + 1;
	y->col = (int)mark.column + 1;
	return y;
}

static vs_yaml_style
style_of(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return VS_YAML_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return VS_YAML_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return VS_YAML_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return VS_YAML_FOLDED;
	case YAML_ANY_SCALAR_STYLE:
	case YAML_PLAIN_SCALAR_STYLE:
	default:
		return VS_YAML_PLAIN;
	}
}

static vs_status
build_scalar(
    struct loader *l, const yaml_event_t *ev, const struct vs_yaml **out)
{
	vs_status st = check_properties(
	    l, ev, ev->data.scalar.anchor, ev->data.scalar.tag);
	struct vs_span text =
	    VS_SPAN(ev->data.scalar.value, ev->data.scalar.length);

	if (st != VS_OK)
		return st;
	if (++l->scalars > VS_YAML_SCALARS_MAX)
		return vs_fail(l->err, VS_TOO_LARGE,
		    "%d:%d: more than %d values", AT(ev->start_mark),
		    VS_YAML_SCALARS_MAX);
	/* "\0" in double quotes: text is handed to C string functions. */
	if (text.n > 0 && memchr(text.p, 0, text.n) != NULL)
		return refuse(l, ev->start_mark, "a NUL character");

	struct vs_yaml *y = node(l, VS_YAML_SCALAR, ev->start_mark);
	if (y == NULL || vs_arena_dup(l->arena, text, &y->text) != VS_OK)
		return no_memory(l);
	y->style = style_of(ev->data.scalar.style);
	*out = y;
	return VS_OK;
}

static vs_status
check_key(struct loader *l, const struct vs_yaml *key, const struct item *list)
{
	if (key->type != VS_YAML_SCALAR)
		return vs_fail(l->err, VS_MALFORMED,
		    "%d:%d: a key must be a scalar", key->line, key->col);
	if (vs_span_is(key->text, "<<"))
		return vs_fail(l->err, VS_MALFORMED,
		    "%d:%d: merge keys are not allowed", key->line, key->col);
	for (; list != NULL; list = list->next) {
		if (vs_span_equal(list->key->text, key->text))
			return vs_fail(l->err, VS_DUPLICATE,
			    "%d:%d: duplicate key \"%.*s\", first on line %d",
			    key->line, key->col,
			    (int)(key->text.n < 64 ? key->text.n : 64),
			    (const char *)key->text.p, list->key->line);
	}
	return VS_OK;
}

/* One element, or one pair; *end when the collection closes instead. */
static vs_status
build_item(struct loader *l, bool map, const struct item *list, struct item *it,
    bool *end)
{
	yaml_event_t ev;
	vs_status st = next(l, &ev);

	if (st == VS_OK) {
		*end = ev.type == YAML_SEQUENCE_END_EVENT ||
		    ev.type == YAML_MAPPING_END_EVENT;
		if (!*end)
			st = build(l, &ev, map ? &it->key : &it->value);
		yaml_event_delete(&ev);
	}
	if (st != VS_OK || *end || !map)
		return st;
	st = check_key(l, it->key, list);
	if (st != VS_OK)
		return st;
	st = next(l, &ev);
	if (st != VS_OK)
		return st;
	st = build(l, &ev, &it->value);
	yaml_event_delete(&ev);
	return st;
}

static vs_status
lay_out(struct loader *l, const struct item *list, struct vs_yaml *y)
{
	if (y->n == 0)
		return VS_OK;
	y->v = vs_arena_calloc(l->arena, y->n, sizeof(*y->v));
	if (y->v == NULL)
		return no_memory(l);
	if (y->type == VS_YAML_MAP) {
		y->k = vs_arena_calloc(l->arena, y->n, sizeof(*y->k));
		if (y->k == NULL)
			return no_memory(l);
	}
	for (size_t i = 0; i < y->n; i++, list = list->next) {
		y->v[i] = list->value;
		if (y->k != NULL)
			y->k[i] = list->key;
	}
	return VS_OK;
}

static vs_status
build_items(struct loader *l, struct vs_yaml *y)
{
	struct item *first = NULL, **tail = &first;
	bool end = false;

	for (;;) {
		struct item *it = vs_arena_alloc(l->arena, sizeof(*it));
		if (it == NULL)
			return no_memory(l);
		vs_status st =
		    build_item(l, y->type == VS_YAML_MAP, first, it, &end);
		if (st != VS_OK)
			return st;
		if (end)
			break;
		*tail = it;
		tail = &it->next;
		y->n++;
	}
	return lay_out(l, first, y);
}

static vs_status
build_collection(struct loader *l, const yaml_event_t *ev, vs_yaml_type type,
    const struct vs_yaml **out)
{
	const yaml_char_t *anchor, *tag;
	vs_status st;

	if (type == VS_YAML_SEQ) {
		anchor = ev->data.sequence_start.anchor;
		tag = ev->data.sequence_start.tag;
	} else {
		anchor = ev->data.mapping_start.anchor;
		tag = ev->data.mapping_start.tag;
	}
	st = check_properties(l, ev, anchor, tag);
	if (st != VS_OK)
		return st;
	if (l->depth >= VS_YAML_DEPTH_MAX)
		return vs_fail(l->err, VS_TOO_LARGE,
		    "%d:%d: nested more than %d levels deep",
		    AT(ev->start_mark), VS_YAML_DEPTH_MAX);

	struct vs_yaml *y = node(l, type, ev->start_mark);
	if (y == NULL)
		return no_memory(l);
	l->depth++;
	st = build_items(l, y);
	l->depth--;
	if (st == VS_OK)
		*out = y;
	return st;
}

static vs_status
build(struct loader *l, yaml_event_t *ev, const struct vs_yaml **out)
{
	if (ev->type == YAML_SCALAR_EVENT)
		return build_scalar(l, ev, out);
	if (ev->type == YAML_SEQUENCE_START_EVENT)
		return build_collection(l, ev, VS_YAML_SEQ, out);
	if (ev->type == YAML_MAPPING_START_EVENT)
		return build_collection(l, ev, VS_YAML_MAP, out);
	if (ev->type == YAML_ALIAS_EVENT)
		return refuse(l, ev->start_mark, "aliases are not allowed");
	return refuse(l, ev->start_mark, "unexpected end");
}

static vs_status
expect(struct loader *l, yaml_event_type_t type, const char *what)
{
	yaml_event_t ev;
	vs_status st = next(l, &ev);

	if (st != VS_OK)
		return st;
	if (ev.type != type)
		st = refuse(l, ev.start_mark, what);
	else if (type == YAML_DOCUMENT_START_EVENT &&
	    (ev.data.document_start.version_directive != NULL ||
		ev.data.document_start.tag_directives.start !=
		    ev.data.document_start.tag_directives.end))
		st = refuse(l, ev.start_mark, "directives are not allowed");
	yaml_event_delete(&ev);
	return st;
}

static vs_status
load(struct loader *l, const struct vs_yaml **out)
{
	yaml_event_t ev;
	vs_status st;

	st = expect(l, YAML_STREAM_START_EVENT, "not a YAML stream");
	if (st != VS_OK)
		return st;
	st = expect(l, YAML_DOCUMENT_START_EVENT, "the document is empty");
	if (st != VS_OK)
		return st;
	st = next(l, &ev);
	if (st != VS_OK)
		return st;
	st = build(l, &ev, out);
	yaml_event_delete(&ev);
	if (st != VS_OK)
		return st;
	if ((*out)->type == VS_YAML_SCALAR && (*out)->text.n == 0)
		return vs_fail(l->err, VS_MALFORMED,
		    "%d:%d: the document is empty", (*out)->line, (*out)->col);
	st = expect(l, YAML_DOCUMENT_END_EVENT, "text after the document");
	if (st != VS_OK)
		return st;
	return expect(l, YAML_STREAM_END_EVENT, "more than one document");
}

vs_status
vs_yaml_parse(struct vs_span text, struct vs_arena *a,
    const struct vs_yaml **root, struct vs_err *err)
{
	struct loader l = {.arena = a, .err = err, .text = text};
	const struct vs_yaml *y = NULL;
	vs_status st = vs_yaml_check_text(text, err);

	if (st != VS_OK)
		return st;
	/* Not to be taken for a character of the first line. */
	if (vs_span_starts(text, VS_SPAN_LIT("\xef\xbb\xbf")))
		l.text = vs_span_slice(text, 3, text.n);
	if (yaml_parser_initialize(&l.parser) != 1)
		return no_memory(&l);
	/* Else UTF-16 would be guessed from the first bytes. */
	yaml_parser_set_encoding(&l.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &l.parser, l.text.n > 0 ? l.text.p : (const uint8_t *)"", l.text.n);
	st = load(&l, &y);
	yaml_parser_delete(&l.parser);
	if (st == VS_OK)
		*root = y;
	return st;
}

const struct vs_yaml *
vs_yaml_get(const struct vs_yaml *map, const char *key)
{
	if (map == NULL || map->type != VS_YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++) {
		if (vs_span_is(map->k[i]->text, key))
			return map->v[i];
	}
	return NULL;
}
