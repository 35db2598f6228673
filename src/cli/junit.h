/* SPDX-License-Identifier: Apache-2.0 */
/* Results of tests, and the XML that CI systems read (JUnit). */
#ifndef VS_CLI_JUNIT_H
#define VS_CLI_JUNIT_H

#include "base/buf.h"

struct vs_tested {
	char *name;
	char *why;  /* NULL: passed */
	bool error; /* it could not be run: else it failed */
	int line, col;
	int64_t ns;
};

struct vs_tested_file {
	char *file;
	struct vs_tested *v;
	size_t n;
};

/* All files that were tested. Aborts without memory, as cli/ does. */
struct vs_tested_all {
	struct vs_tested_file *v;
	size_t n;
};
void vs_tested_begin(struct vs_tested_all *all, const char *file);
/* why: NULL when it passed. Texts are copied. */
void vs_tested_add(struct vs_tested_all *all, const struct vs_tested *t);
size_t vs_tested_failed(const struct vs_tested_file *f);
void vs_tested_fini(struct vs_tested_all *all);

void vs_junit_write(const struct vs_tested_all *all, struct vs_buf *out);

#endif
