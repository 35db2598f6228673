/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "codec/yaml.h"

/* Ample for our largest table; more rows would be a mistake of ours. */
enum { OPTS_MAX = 32 };

static void *
slot(const struct vs_opt *o, void *out)
{
	return (char *)out + o->offset;
}

static const struct vs_opt *
find(struct vs_span name, const struct vs_opt *opts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (vs_span_is(name, opts[i].name))
			return &opts[i];
	return NULL;
}

static vs_status
unknown(struct vs_span name, const struct vs_opt *opts, size_t n,
    struct vs_err *err)
{
	const char *names[OPTS_MAX];

	VS_ASSERT(n <= OPTS_MAX);
	for (size_t i = 0; i < n; i++)
		names[i] = opts[i].name;
	const char *near = vs_nearest(name, names, n);
	int len = (int)(name.n < 64 ? name.n : 64);
	if (near != NULL)
		return vs_fail(err, VS_USAGE,
		    "unknown option --%.*s; did you mean --%s?", len,
		    (const char *)name.p, near);
	return vs_fail(
	    err, VS_USAGE, "unknown option --%.*s", len, (const char *)name.p);
}

static vs_status
parse_count(const char *text, uint64_t *out)
{
	uint64_t v = 0;

	if (text[0] == '\0')
		return VS_RANGE;
	for (const char *p = text; *p != '\0'; p++) {
		if (*p < '0' || *p > '9')
			return VS_RANGE;
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return VS_RANGE;
	}
	if (v == 0)
		return VS_RANGE;
	*out = v;
	return VS_OK;
}

static vs_status
add_to_list(struct vs_opt_list *l, const char *value)
{
	const char **v = realloc(l->v, (l->n + 1) * sizeof(*v));

	if (v == NULL)
		return VS_NO_MEMORY;
	v[l->n++] = value;
	l->v = v;
	return VS_OK;
}

static vs_status
store(const struct vs_opt *o, const char *value, void *out, struct vs_err *err)
{
	struct vs_opt_time t = {.given = true};

	switch (o->kind) {
	case VS_OPT_FLAG:
		*(bool *)slot(o, out) = true;
		return VS_OK;
	case VS_OPT_TEXT:
		if (*(const char **)slot(o, out) != NULL)
			return vs_fail(
			    err, VS_USAGE, "--%s: given twice", o->name);
		*(const char **)slot(o, out) = value;
		return VS_OK;
	case VS_OPT_LIST:
		VS_TRY(err, o->name, add_to_list(slot(o, out), value));
		return VS_OK;
	case VS_OPT_COUNT:
		if (parse_count(value, slot(o, out)) != VS_OK)
			return vs_fail(err, VS_USAGE,
			    "--%s: not a number above zero", o->name);
		return VS_OK;
	case VS_OPT_TIME:
		if (vs_time_parse_ms(vs_span_cstr(value), &t.ms) != VS_OK)
			return vs_fail(err, VS_USAGE,
			    "--%s: neither RFC 3339 nor Unix seconds", o->name);
		*(struct vs_opt_time *)slot(o, out) = t;
		return VS_OK;
	}
	return vs_fail(err, VS_INTERNAL, "--%s", o->name);
}

/* One option at argv[*i]; moves *i past a separate value. */
static vs_status
take_option(int argc, char **argv, int *i, const struct vs_opt *opts, size_t n,
    void *out, struct vs_err *err)
{
	const char *text = argv[*i] + 2;
	const char *eq = strchr(text, '=');
	struct vs_span name = vs_span_cstr(text);

	if (eq != NULL)
		name.n = (size_t)(eq - text);
	const struct vs_opt *o = find(name, opts, n);
	if (o == NULL)
		return unknown(name, opts, n, err);
	if (o->kind == VS_OPT_FLAG) {
		if (eq != NULL)
			return vs_fail(
			    err, VS_USAGE, "--%s takes no value", o->name);
		return store(o, NULL, out, err);
	}
	if (eq != NULL)
		return store(o, eq + 1, out, err);
	if (*i + 1 >= argc)
		return vs_fail(
		    err, VS_USAGE, "--%s needs a value: %s", o->name, o->arg);
	(*i)++;
	return store(o, argv[*i], out, err);
}

vs_status
vs_options_parse(int argc, char **argv, const struct vs_opt *opts, size_t n,
    void *out, struct vs_args *rest, struct vs_err *err)
{
	size_t kept = 0;
	bool only_args = false;

	for (int i = 1; i < argc; i++) {
		if (only_args || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[1 + kept++] = argv[i];
			continue;
		}
		if (argv[i][1] != '-')
			return vs_fail(
			    err, VS_USAGE, "unknown option %.40s", argv[i]);
		if (argv[i][2] == '\0') {
			only_args = true;
			continue;
		}
		vs_status st = take_option(argc, argv, &i, opts, n, out, err);
		if (st != VS_OK)
			return st;
	}
	*rest = (struct vs_args){.v = argv + 1, .n = kept};
	return VS_OK;
}

void
vs_options_fini(const struct vs_opt *opts, size_t n, void *out)
{
	for (size_t i = 0; i < n; i++) {
		if (opts[i].kind != VS_OPT_LIST)
			continue;
		struct vs_opt_list *l = slot(&opts[i], out);
		free(l->v);
		*l = (struct vs_opt_list){0};
	}
}

void
vs_options_help(const struct vs_opt *opts, size_t n, FILE *f)
{
	for (size_t i = 0; i < n; i++) {
		char left[64];
		(void)snprintf(left, sizeof(left), "--%s%s%s", opts[i].name,
		    opts[i].arg != NULL ? " " : "",
		    opts[i].arg != NULL ? opts[i].arg : "");
		fprintf(f, "  %-26s %s\n", left, opts[i].help);
	}
}
