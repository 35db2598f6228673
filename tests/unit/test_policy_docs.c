/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of docs/policy-language.md load and pass their own tests;
 * docs/policy-functions.md has every function, and no other; the manual
 * names them. */
#include "check.h"

#include "base/file.h"
#include "policy/func.h"
#include "policy/policy.h"

static struct vs_buf page, functions, manual;

static void
check_block(const char *text, size_t n)
{
	struct vs_policy_diags *diags = vs_policy_diags_new();
	struct vs_policy *p = NULL;
	struct vs_err err = {0};
	size_t ran = 0, failed = 0;

	CHECK_OK(vs_policy_load("docs/policy-language.md", VS_SPAN(text, n),
		     diags, &p, &err),
	    err);
	if (p != NULL) {
		CHECK_OK(
		    vs_policy_run_tests(p, diags, &ran, &failed, &err), err);
		CHECK(ran > 0);
		CHECK_INT(failed, 0);
	}
	CHECK_INT(vs_policy_diags_count(diags), 0);
	for (size_t i = 0; i < vs_policy_diags_count(diags); i++)
		fprintf(stderr, "  %s\n", vs_policy_diags_at(diags, i)->msg);
	vs_policy_free(&p);
	vs_policy_diags_free(&diags);
}

static void
test_examples(void)
{
	const char *at = vs_buf_cstr(&page);
	int n = 0;

	while ((at = strstr(at, "```yaml\n")) != NULL) {
		const char *end;

		at += strlen("```yaml\n");
		end = strstr(at, "```");
		if (!CHECK(end != NULL))
			return;
		check_block(at, (size_t)(end - at));
		at = end + 3;
		n++;
	}
	CHECK(n > 0);
}

static const char *
type_name(char letter)
{
	static const struct {
		char letter;
		const char *name;
	} names[] = {{'t', "timestamp"}, {'D', "duration"}, {'L', "list"},
	    {'M', "map"}, {'T', "type"}, {'A', "A"}, {'B', "B"}, {'.', "dyn"},
#define X(sym, name, letter) {letter, name},
	    VS_KIND_TABLE(X)
#undef X
	};

	for (size_t i = 0; i < VS_COUNT(names); i++) {
		if (names[i].letter == letter)
			return names[i].name;
	}
	return "?";
}

static void
put_type(struct vs_buf *b, const char **sig)
{
	char c = *(*sig)++;

	vs_buf_puts(b, type_name(c));
	if (strchr("LMT", c) == NULL)
		return;
	vs_buf_puts(b, "(");
	put_type(b, sig);
	if (c == 'M') {
		vs_buf_puts(b, ", ");
		put_type(b, sig);
	}
	vs_buf_puts(b, ")");
}

/* "`string.contains(string) -> bool`" */
static void
put_signature(struct vs_buf *b, const struct vs_cel_fn *f)
{
	const char *sig = f->sig;

	vs_buf_puts(b, "`");
	if (f->member) {
		put_type(b, &sig);
		vs_buf_puts(b, ".");
	}
	vs_buf_printf(b, "%s(", f->name);
	for (bool first = true; *sig != '>'; first = false) {
		vs_buf_puts(b, first ? "" : ", ");
		put_type(b, &sig);
	}
	sig++;
	vs_buf_puts(b, ") -> ");
	put_type(b, &sig);
	vs_buf_puts(b, "`");
}

/* Those that policies cannot call have no place there. */
static bool
in_policies(const struct vs_cel_fn *f)
{
	return (f->flags & VS_FN_LOOSE) == 0 && strchr(f->sig, '.') == NULL;
}

static void
test_every_function_is_there(void)
{
	const struct vs_cel_fn *f = vs_cel_fn_find(VS_SPAN_LIT("size"), false);

	for (; f->name != NULL; f++) {
		struct vs_buf b = {0};

		if (!in_policies(f))
			continue;
		put_signature(&b, f);
		if (!CHECK(strstr(vs_buf_cstr(&functions), vs_buf_cstr(&b))))
			fprintf(stderr, "  missing: %s\n", vs_buf_cstr(&b));
		vs_buf_fini(&b);
	}
}

static void
test_manual_names_them(void)
{
	const struct vs_cel_fn *f = vs_cel_fn_find(VS_SPAN_LIT("size"), false);

	for (; f->name != NULL; f++) {
		char want[64];

		(void)snprintf(want, sizeof(want), ".Fn %s ", f->name);
		if (in_policies(f) &&
		    !CHECK(strstr(vs_buf_cstr(&manual), want) != NULL))
			fprintf(stderr, "  missing: %s\n", f->name);
	}
}

static bool
is_function(const char *text, size_t n)
{
	const struct vs_cel_fn *f = vs_cel_fn_find(VS_SPAN_LIT("size"), false);
	bool found = false;

	for (; !found && f->name != NULL; f++) {
		struct vs_buf b = {0};

		put_signature(&b, f);
		found = in_policies(f) &&
		    vs_span_equal(vs_buf_span(&b), VS_SPAN(text, n));
		vs_buf_fini(&b);
	}
	return found;
}

/* What the page has as a signature is one. */
static void
test_nothing_else_is_there(void)
{
	const char *at = vs_buf_cstr(&functions);
	int n = 0;

	while ((at = strstr(at, ") -> ")) != NULL) {
		const char *begin = at, *end = strchr(at, '`');

		while (begin > vs_buf_cstr(&functions) && *begin != '`')
			begin--;
		if (!CHECK(end != NULL &&
			is_function(begin, (size_t)(end - begin) + 1)))
			fprintf(stderr, "  no function: %.40s\n", begin);
		at += 5;
		n++;
	}
	CHECK(n > 100);
}

static bool
read_page(const char *name, struct vs_buf *out)
{
	const char *source = getenv("VS_SOURCE");
	struct vs_err err = {0};
	char path[1024];

	(void)snprintf(
	    path, sizeof(path), "%s/docs/%s", source ? source : ".", name);
	return CHECK_OK(vs_file_read(path, 1 << 20, out, &err), err);
}

int
main(void)
{
	if (read_page("policy-language.md", &page))
		RUN(test_examples);
	if (read_page("policy-functions.md", &functions)) {
		RUN(test_every_function_is_there);
		RUN(test_nothing_else_is_there);
	}
	if (read_page("man/vouchsafe-policy.5", &manual))
		RUN(test_manual_names_them);
	vs_buf_fini(&manual);
	vs_buf_fini(&page);
	vs_buf_fini(&functions);
	return check_result();
}
