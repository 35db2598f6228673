/* SPDX-License-Identifier: Apache-2.0 */
/* What a name that means nothing may have been meant to be. */
#include <stdio.h>
#include <string.h>

#include "codec/yaml.h"
#include "policy/env.h"

/* now, and as many params, lists and lets as a document may have. */
enum { NAMES_MAX = 300 };

static const char *const spaces[] = {"param", "lists", "registry"};

/* What follows "space." in the name of a declaration, or an empty span. */
static struct vs_span
below(struct vs_span name, const char *space)
{
	size_t n = strlen(space);

	if (name.n <= n + 1 || memcmp(name.p, space, n) != 0 ||
	    name.p[n] != '.')
		return VS_SPAN(NULL, 0);
	return vs_span_slice(name, n + 1, name.n);
}

bool
vs_cel_is_space(struct vs_span name)
{
	for (size_t i = 0; i < VS_COUNT(spaces); i++) {
		if (vs_span_is(name, spaces[i]))
			return true;
	}
	return false;
}

/* The declared name below any space that is exactly this one. */
static const char *
declared_elsewhere(
    const struct vs_cel_env *env, struct vs_span name, struct vs_arena *a)
{
	for (size_t i = 0; i < env->decls_n; i++) {
		for (size_t k = 0; k < VS_COUNT(spaces); k++) {
			struct vs_span rest =
			    below(env->decls[i].name, spaces[k]);

			if (rest.n > 0 && vs_span_equal(rest, name))
				return vs_arena_cstr(a, env->decls[i].name);
		}
	}
	return NULL;
}

const char *
vs_cel_nearest_name(
    const struct vs_cel_env *env, struct vs_span name, struct vs_arena *a)
{
	const char *names[NAMES_MAX], *near;
	size_t n = 0;

	near = declared_elsewhere(env, name, a);
	if (near != NULL)
		return near;
	for (size_t i = 0; i < env->decls_n && n < VS_COUNT(names); i++) {
		const char *s = vs_arena_cstr(a, env->decls[i].name);

		if (s != NULL)
			names[n++] = s;
	}
	near = vs_nearest(name, names, n);
	return near != NULL || !env->policy
	    ? near
	    : vs_cel_nearest_field(VS_SPAN(NULL, 0), name, a);
}

bool
vs_cel_unknown_in_space(const struct vs_cel_env *env, struct vs_span space,
    struct vs_span name, size_t pos, struct vs_arena *a,
    struct vs_cel_fault *fault)
{
	const char *names[NAMES_MAX], *near, *prefix = "";
	size_t n = 0;
	char text[16];

	(void)snprintf(text, sizeof(text), "%.*s", VS_SPAN_ARG(space));
	near = declared_elsewhere(env, name, a);
	for (size_t i = 0; near == NULL && i < env->decls_n; i++) {
		struct vs_span rest = below(env->decls[i].name, text);
		const char *s = rest.n > 0 ? vs_arena_cstr(a, rest) : NULL;

		if (s != NULL && n < VS_COUNT(names))
			names[n++] = s;
	}
	if (near == NULL) {
		near = vs_nearest(name, names, n);
		prefix = near != NULL ? text : "";
	}
	return vs_cel_fault(fault, "E_CHECK", pos,
	    "no %s is called \"%.*s\"%s%s%s%s%s",
	    vs_span_is(space, "lists")          ? "list"
		: vs_span_is(space, "registry") ? "registry"
						: "param",
	    VS_SPAN_ARG(name), near != NULL ? "; did you mean \"" : "", prefix,
	    prefix[0] != '\0' ? "." : "", near != NULL ? near : "",
	    near != NULL ? "\"?" : "");
}

/* What other languages call it, and the macros. */
static const struct {
	const char *said, *meant;
} calls[] = {{"any", "exists"}, {"some", "exists"}, {"every", "all"},
    {"len", "size"}, {"length", "size"}, {"count", "size"},
    {"includes", "contains"}, {"toLower", "lowerAscii"},
    {"toLowerCase", "lowerAscii"}, {"lower", "lowerAscii"},
    {"toUpper", "upperAscii"}, {"toUpperCase", "upperAscii"},
    {"upper", "upperAscii"}, {"match", "matches"}, {"regex", "matches"},
    {"like", "glob"}, {"all", "all"}, {"exists", "exists"},
    {"exists_one", "exists_one"}, {"filter", "filter"}, {"map", "map"}};

const char *
vs_cel_nearest_call(struct vs_span name, bool member)
{
	const char *names[VS_COUNT(calls)], *near;

	for (size_t i = 0; i < VS_COUNT(calls); i++) {
		if (vs_span_is(name, calls[i].said))
			return calls[i].meant;
		names[i] = calls[i].said;
	}
	near = vs_cel_fn_nearest(name, member);
	if (near == NULL && member)
		near = vs_nearest(name, names, VS_COUNT(names));
	for (size_t i = 0; near != NULL && i < VS_COUNT(calls); i++) {
		if (strcmp(near, calls[i].said) == 0)
			return calls[i].meant;
	}
	return near;
}
