/* SPDX-License-Identifier: Apache-2.0 */
/* The policies that we ship load without a word and pass their own tests. */
#include "check.h"

#include <dirent.h>

#include "base/file.h"
#include "policy/policy.h"

static void
check_example(const char *path)
{
	struct vs_policy_diags *diags = vs_policy_diags_new();
	struct vs_policy *p = NULL;
	struct vs_buf text = {0};
	struct vs_err err = {0};
	size_t ran = 0, failed = 0;

	CHECK_OK(vs_file_read(path, 1 << 20, &text, &err), err);
	CHECK_OK(
	    vs_policy_load(path, vs_buf_span(&text), diags, &p, &err), err);
	if (p != NULL) {
		CHECK_OK(
		    vs_policy_run_tests(p, diags, &ran, &failed, &err), err);
		CHECK(ran > 1);
		CHECK_INT(failed, 0);
	}
	CHECK_INT(vs_policy_diags_count(diags), 0);
	for (size_t i = 0; i < vs_policy_diags_count(diags); i++) {
		const struct vs_policy_diag *d = vs_policy_diags_at(diags, i);

		fprintf(stderr, "%s:%d:%d: %s [%s]\n", path, d->line, d->col,
		    d->msg, d->code);
	}
	vs_policy_free(&p);
	vs_policy_diags_free(&diags);
	vs_buf_fini(&text);
}

int
main(void)
{
	const char *source = getenv("VS_SOURCE");
	char path[1024];
	struct dirent *e;
	int n = 0;

	(void)snprintf(path, sizeof(path), "%s/policy", source ? source : ".");
	DIR *dir = opendir(path);
	if (!CHECK(dir != NULL))
		return check_result();
	while ((e = readdir(dir)) != NULL) {
		size_t len = strlen(e->d_name);

		if (len < 5 || strcmp(e->d_name + len - 5, ".yaml") != 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/policy/%s",
		    source ? source : ".", e->d_name);
		check_example(path);
		n++;
	}
	(void)closedir(dir);
	CHECK(n >= 4);
	return check_result();
}
