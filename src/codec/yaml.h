/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded YAML for policy files and the configuration. The only home of
 * libyaml, used through its event interface.
 *
 * Refused, each with line and column: more than one document, anchors,
 * aliases, explicit tags, merge keys, duplicate keys, keys that are not
 * scalars, invalid UTF-8, NUL, a BOM after offset 0, and anything above the
 * limits below. There is no implicit typing: a scalar is its text.
 */
#ifndef VS_CODEC_YAML_H
#define VS_CODEC_YAML_H

#include "base/arena.h"

enum {
	VS_YAML_SIZE_MAX = 256 * 1024, /* the largest policy we would review */
	VS_YAML_DEPTH_MAX = 16,
	VS_YAML_SCALARS_MAX = 4096,
};

typedef enum vs_yaml_type {
	VS_YAML_SCALAR,
	VS_YAML_SEQ,
	VS_YAML_MAP,
} vs_yaml_type;

typedef enum vs_yaml_style {
	VS_YAML_PLAIN,
	VS_YAML_SINGLE,
	VS_YAML_DOUBLE,
	VS_YAML_LITERAL,
	VS_YAML_FOLDED,
} vs_yaml_style;

/* Lives in the arena. line and col count from 1. */
struct vs_yaml {
	vs_yaml_type type;
	vs_yaml_style style;      /* scalars */
	struct vs_span text;      /* scalars */
	int line, col;            /* where the node begins */
	size_t n;                 /* SEQ: elements; MAP: pairs */
	const struct vs_yaml **v; /* SEQ: elements; MAP: values */
	const struct vs_yaml **k; /* MAP: keys (scalars) */
};

/* Messages begin "LINE:COL: ". An empty document is VS_MALFORMED. */
VS_MUST_USE vs_status vs_yaml_parse(struct vs_span text, struct vs_arena *a,
    const struct vs_yaml **root, struct vs_err *err);
/* The value of a key, or NULL. */
const struct vs_yaml *vs_yaml_get(const struct vs_yaml *map, const char *key);

/* The nearest of n names by edit distance, or NULL if none is near: for
 * "did you mean". Public because CLI and policy use it as well. */
const char *vs_nearest(struct vs_span word, const char *const *names, size_t n);

#endif
