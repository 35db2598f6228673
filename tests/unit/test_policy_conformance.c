/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The published conformance cases of the expression language, as converted
 * to JSON (see manifest.json beside them). Every file is run and counted; a
 * file with a floor fails the test when fewer of its cases pass.
 *
 * jansson is used as it is: the cases hold U+0000, which codec/ refuses.
 */
#include "check.h"

#include <math.h>

#include <jansson.h>

#include "base/encoding.h"
#include "policy/env.h"
#include "policy/eval.h"
#include "policy/parser.h"
#include "policy/unparse.h"
#include "policy/trace.h"

struct file {
	const char *name;
	int floor; /* cases that must pass; -1: all but those of tier later */
};

/* Of tier later: time zones by name, generics, optionals. */
static const struct file files[] = {
    {"basic", -1},
    {"comparisons", -1},
    {"conversions", -1},
    {"fields", -1},
    {"fp_math", -1},
    {"integer_math", -1},
    {"lists", -1},
    {"logic", -1},
    {"macros", -1},
    {"parse", -1},
    {"plumbing", -1},
    {"string", -1},
    {"timestamps", -1},
    {"type_deduction", -1},
    {"string_ext", -1},
    {"namespace", -1},
    {"math_ext", -1},
    {"macros2", -1},
    {"bindings_ext", -1},
    {"encoders_ext", -1},
    {"network_ext", -1},
    {"optionals", 0},
};

static struct vs_arena arena;
static bool verbose;
static int unparsed;

static struct vs_span
json_span(const json_t *v)
{
	return VS_SPAN(json_string_value(v), json_string_length(v));
}

static struct vs_span
copy(struct vs_span s)
{
	struct vs_span out = {0};

	VS_ASSERT(vs_arena_dup(&arena, s, &out) == VS_OK);
	return out;
}

static struct vs_val
type_value(const char *name)
{
	for (int k = 0; k < VS_KIND_COUNT; k++) {
		if (strcmp(vs_kind_name((vs_kind)k), name) == 0)
			return vs_val_type((vs_kind)k);
	}
	return vs_val_error(VS_CEL_INTERNAL);
}

static struct vs_val value_of(const json_t *j);

static struct vs_val
list_of(const json_t *a, size_t width)
{
	size_t n = json_array_size(a);
	struct vs_val *v =
	    vs_arena_calloc(&arena, n * width + 1, sizeof(struct vs_val));

	VS_ASSERT(v != NULL);
	for (size_t i = 0; i < n; i++) {
		const json_t *e = json_array_get(a, i);

		if (width == 1) {
			v[i] = value_of(e);
		} else {
			v[2 * i] = value_of(json_array_get(e, 0));
			v[2 * i + 1] = value_of(json_array_get(e, 1));
		}
	}
	return width == 1 ? vs_val_list(v, n) : vs_val_map(v, n);
}

static double
double_of(const char *s)
{
	if (strcmp(s, "NaN") == 0)
		return (double)NAN;
	if (strcmp(s, "Infinity") == 0)
		return (double)INFINITY;
	if (strcmp(s, "-Infinity") == 0)
		return -(double)INFINITY;
	return strtod(s, NULL);
}

static struct vs_val
time_of(const json_t *j, bool duration)
{
	int64_t s =
	    strtoll(json_string_value(json_object_get(j, "seconds")), NULL, 10);
	int64_t ns = json_integer_value(json_object_get(j, "nanos"));

	return duration ? vs_val_duration(s * 1000000000 + ns)
			: vs_val_timestamp(s, ns);
}

static struct vs_val
value_of(const json_t *j)
{
	const char *t = json_string_value(json_object_get(j, "type"));
	const json_t *v = json_object_get(j, "value");
	struct vs_span s;

	if (strcmp(t, "null") == 0)
		return vs_val_null();
	if (strcmp(t, "bool") == 0)
		return vs_val_bool(json_is_true(v));
	if (strcmp(t, "int") == 0)
		return vs_val_int(strtoll(json_string_value(v), NULL, 10));
	if (strcmp(t, "uint") == 0)
		return vs_val_uint(strtoull(json_string_value(v), NULL, 10));
	if (strcmp(t, "double") == 0)
		return vs_val_double(double_of(json_string_value(v)));
	if (strcmp(t, "string") == 0)
		return vs_val_str(copy(json_span(v)));
	if (strcmp(t, "bytes") == 0) {
		VS_ASSERT(
		    vs_b64_decode(&arena,
			json_span(json_object_get(j, "base64")), &s) == VS_OK);
		return vs_val_bytes(s);
	}
	if (strcmp(t, "list") == 0)
		return list_of(v, 1);
	if (strcmp(t, "map") == 0)
		return list_of(v, 2);
	if (strcmp(t, "type") == 0)
		return type_value(json_string_value(v));
	if (strcmp(t, "timestamp") == 0 || strcmp(t, "duration") == 0)
		return time_of(j, t[0] == 'd');
	return vs_val_error(VS_CEL_INTERNAL);
}

/* A type as the letters of a signature; false for what has none. */
static bool
letters_of(const json_t *t, char *out, size_t *n)
{
	static const char *const names[] = {"int", "i", "uint", "u", "bool",
	    "b", "double", "d", "string", "s", "bytes", "y", "null_type", "n",
	    "dyn", ".", "timestamp", "t", "duration", "D",
	    "google.protobuf.Timestamp", "t", "google.protobuf.Duration", "D"};
	const json_t *sub;

	if (json_is_string(t)) {
		for (size_t i = 0; i < VS_COUNT(names); i += 2) {
			if (strcmp(names[i], json_string_value(t)) == 0) {
				out[(*n)++] = names[i + 1][0];
				return true;
			}
		}
		return false;
	}
	if ((sub = json_object_get(t, "list")) != NULL) {
		out[(*n)++] = 'L';
		return letters_of(sub, out, n);
	}
	if ((sub = json_object_get(t, "type")) != NULL) {
		out[(*n)++] = 'T';
		return letters_of(sub, out, n);
	}
	if ((sub = json_object_get(t, "map")) != NULL) {
		out[(*n)++] = 'M';
		return letters_of(json_array_get(sub, 0), out, n) &&
		    letters_of(json_array_get(sub, 1), out, n);
	}
	return false;
}

static struct vs_cel_type *
type_named(const json_t *t)
{
	struct vs_types types = {.arena = &arena};
	struct vs_cel_type *vars[2] = {0};
	char buf[64] = "";
	const char *sig = buf;
	size_t n = 0;

	if (!letters_of(t, buf, &n))
		return vs_type_of_kind(VS_TYPE_DYN);
	return vs_type_read(&types, &sig, vars);
}

enum { DECLS_MAX = 32, FNS_MAX = 4 };

struct scene {
	struct vs_cel_decl decls[DECLS_MAX];
	struct vs_val vars[DECLS_MAX];
	struct vs_cel_fn fns[FNS_MAX + 1];
	char sigs[FNS_MAX][64];
	size_t n, vars_n, fns_n;
	bool unsupported;
};

static void
add_fn(struct scene *s, const json_t *decl)
{
	const json_t *f = json_array_get(json_object_get(decl, "function"), 0);
	const json_t *params = json_object_get(f, "params");
	char *sig = s->sigs[s->fns_n];
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(params); i++) {
		if (!letters_of(json_array_get(params, i), sig, &n))
			s->unsupported = true;
	}
	sig[n++] = '>';
	if (!letters_of(json_object_get(f, "result"), sig, &n))
		s->unsupported = true;
	s->fns[s->fns_n++] = (struct vs_cel_fn){
	    .name = json_string_value(json_object_get(decl, "name")),
	    .sig = sig};
}

static struct vs_cel_decl *
decl_named(struct scene *s, struct vs_span name)
{
	for (size_t i = 0; i < s->n; i++) {
		if (vs_span_equal(s->decls[i].name, name))
			return &s->decls[i];
	}
	s->decls[s->n] = (struct vs_cel_decl){.name = name,
	    .op = VS_OP_VAR,
	    .id = (uint32_t)s->vars_n,
	    .type = vs_type_of_kind(VS_TYPE_DYN)};
	s->vars[s->vars_n++] = vs_val_error(VS_CEL_UNBOUND);
	return &s->decls[s->n++];
}

static void
make_scene(const json_t *c, struct scene *s)
{
	const json_t *env = json_object_get(c, "type_env");
	struct vs_types types = {.arena = &arena};
	const char *key;
	json_t *v;

	for (size_t i = 0; i < json_array_size(env); i++) {
		const json_t *d = json_array_get(env, i);

		if (json_object_get(d, "function") != NULL)
			add_fn(s, d);
		else
			decl_named(s, json_span(json_object_get(d, "name")))
			    ->type = type_named(json_object_get(d, "type"));
	}
	json_object_foreach(json_object_get(c, "bindings"), key, v)
	    s->vars[decl_named(s, vs_span_cstr(key))->id] = value_of(v);
	for (int k = VS_KIND_NULL; k < VS_KIND_COUNT; k++) {
		struct vs_span name = vs_span_cstr(vs_kind_name((vs_kind)k));

		s->decls[s->n++] = (struct vs_cel_decl){.name = name,
		    .op = VS_OP_LIT,
		    .val = vs_val_type((vs_kind)k),
		    .type = vs_type_new(&types, VS_KIND_TYPE,
			vs_type_of_kind((unsigned)k), NULL)};
	}
}

static struct vs_cel_run
new_run(const struct scene *s)
{
	return (struct vs_cel_run){
	    .vars = s->vars, .arena = &arena, .limit = VS_CEL_POLICY_COST};
}

static bool
same(struct vs_val a, struct vs_val b)
{
	struct scene none = {0};
	struct vs_cel_run run = new_run(&none);

	if (a.kind != b.kind)
		return false;
	if (a.kind == VS_KIND_DOUBLE && isnan(a.u.d))
		return isnan(b.u.d);
	if (a.kind == VS_KIND_LIST) {
		if (a.n != b.n)
			return false;
		for (size_t i = 0; i < a.n; i++) {
			if (!same(a.u.v[i], b.u.v[i]))
				return false;
		}
		return true;
	}
	return vs_val_equal(&run, a, b);
}

/* Trace mode gives the same answer at the same cost. */
static bool
same_traced(const struct scene *s, const struct vs_cel_node *root,
    struct vs_val fast, uint64_t cost)
{
	static struct vs_seen_tree tree;
	struct vs_cel_run run = new_run(s);
	struct vs_val v = vs_cel_record(&run, root, &arena, &tree);

	if (run.cost != cost || v.kind != fast.kind)
		return false;
	return vs_val_is_error(v) ? v.error == fast.error : same(v, fast);
}

static bool
same_type(const struct vs_cel_type *t, const json_t *want)
{
	char text[VS_TYPE_TEXT_MAX], wanted[VS_TYPE_TEXT_MAX];

	vs_type_text(t, text);
	vs_type_text(type_named(want), wanted);
	return strcmp(text, wanted) == 0;
}

/* The tree, written out, parses to an equal tree and the same text. */
static void
check_unparse(const struct vs_cel_node *n)
{
	struct vs_cel_fault fault = {0};
	struct vs_buf text = {0}, again = {0};
	const struct vs_cel_node *back;

	vs_cel_unparse(n, &text);
	back = vs_cel_parse(vs_buf_span(&text), true, &arena, &fault);
	if (!CHECK(back != NULL && vs_cel_same_tree(n, back)))
		printf("  became %s %s\n", vs_buf_cstr(&text), fault.msg);
	if (back != NULL)
		vs_cel_unparse(back, &again);
	CHECK(vs_span_equal(vs_buf_span(&text), vs_buf_span(&again)));
	unparsed++;
	vs_buf_fini(&text);
	vs_buf_fini(&again);
}

/* NULL when the case passes, else why not. */
static const char *
run_case(const json_t *c)
{
	static char why[256];
	struct scene s = {0};
	struct vs_cel_fault fault = {0};
	const json_t *expect = json_object_get(c, "expect");
	const json_t *container = json_object_get(c, "container");
	const json_t *want = json_object_get(expect, "deduced_type");
	bool fails = json_is_true(json_object_get(expect, "error"));
	struct vs_cel_node *root;

	make_scene(c, &s);
	struct vs_cel_env env = {.decls = s.decls,
	    .decls_n = s.n,
	    .container = container ? json_span(container) : VS_SPAN(NULL, 0),
	    .fns = s.fns_n > 0 ? s.fns : NULL};
	root = vs_cel_parse(
	    json_span(json_object_get(c, "expr")), false, &arena, &fault);
	if (root != NULL)
		check_unparse(root);
	if (root != NULL && vs_cel_resolve(&env, root, &arena, &fault) &&
	    !json_is_true(json_object_get(c, "disable_check")))
		(void)vs_cel_check(&env, root, &arena, &fault);
	if (fault.code != NULL) {
		(void)snprintf(
		    why, sizeof(why), "%s %s", fault.code, fault.msg);
		return fails ? NULL : why;
	}
	if (want != NULL) {
		char text[VS_TYPE_TEXT_MAX];

		vs_type_text(root->type, text);
		(void)snprintf(why, sizeof(why), "type %s", text);
		if (s.unsupported || !same_type(root->type, want))
			return why;
	}
	if (json_is_true(json_object_get(c, "check_only")))
		return NULL;
	struct vs_cel_run run = new_run(&s);
	struct vs_val v = vs_cel_answer(&run, root);
	if (!same_traced(&s, root, v, run.cost)) {
		CHECK(false);
		return "trace mode differs";
	}
	if (vs_val_is_error(v)) {
		(void)snprintf(why, sizeof(why), "error %s",
		    vs_cel_error_name((vs_cel_error)v.error));
		return fails ? NULL : why;
	}
	if (fails)
		return "no error";
	return same(v, value_of(json_object_get(expect, "value")))
	    ? NULL
	    : "another value";
}

static void
run_file(const char *dir, const struct file *f)
{
	char path[512];
	json_error_t e;
	int passed = 0, later = 0, later_passed = 0, total;

	(void)snprintf(path, sizeof(path), "%s/cel/%s.json", dir, f->name);
	json_t *cases = json_load_file(path, JSON_ALLOW_NUL, &e);
	if (!CHECK(cases != NULL))
		return;
	total = (int)json_array_size(cases);
	for (int i = 0; i < total; i++) {
		const json_t *c = json_array_get(cases, (size_t)i);
		const char *tier =
		    json_string_value(json_object_get(c, "tier"));
		bool is_later = strcmp(tier, "later") == 0;

		vs_arena_reset(&arena);
		const char *why = run_case(c);
		passed += why == NULL;
		later += is_later;
		later_passed += is_later && why == NULL;
		if (why != NULL && (verbose || (f->floor == -1 && !is_later)))
			printf("  %s/%s: %s: %s\n", f->name,
			    json_string_value(json_object_get(c, "name")),
			    json_string_value(json_object_get(c, "expr")), why);
	}
	printf("%-16s %4d of %4d pass\n", f->name, passed, total);
	if (f->floor == -1)
		CHECK_INT(passed - later_passed, total - later);
	else
		CHECK(passed >= f->floor);
	json_decref(cases);
}

int
main(void)
{
	const char *dir = check_vectors();

	if (dir == NULL)
		return 77;
	verbose = getenv("VS_VERBOSE") != NULL;
	vs_arena_init(&arena, 64 << 20);
	for (size_t i = 0; i < VS_COUNT(files); i++)
		run_file(dir, &files[i]);
	printf("%d trees written out and read back\n", unparsed);
	vs_arena_fini(&arena);
	return check_result();
}
