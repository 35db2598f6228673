/* SPDX-License-Identifier: Apache-2.0 */
/* The examples of docs/policy-language.md load and pass their own tests, and
 * the page names every function. */
#include "check.h"

#include "base/file.h"
#include "policy/func.h"
#include "policy/policy.h"

static struct vs_buf page;

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

static void
test_functions_are_named(void)
{
	const char *text = vs_buf_cstr(&page);
	const struct vs_cel_fn *f = vs_cel_fn_find(VS_SPAN_LIT("size"), false);

	for (; f->name != NULL; f++) {
		const char *dot = strchr(f->name, '.');
		const char *name = dot != NULL ? dot + 1 : f->name;

		/* Those that policies cannot call have no place there. */
		if ((f->flags & VS_FN_LOOSE) == 0 &&
		    !CHECK(strstr(text, name) != NULL))
			fprintf(stderr, "  %s\n", f->name);
	}
}

int
main(void)
{
	const char *source = getenv("VS_SOURCE");
	struct vs_err err = {0};
	char path[1024];

	(void)snprintf(path, sizeof(path), "%s/docs/policy-language.md",
	    source ? source : ".");
	if (CHECK_OK(vs_file_read(path, 1 << 20, &page, &err), err)) {
		RUN(test_examples);
		RUN(test_functions_are_named);
	}
	vs_buf_fini(&page);
	return check_result();
}
