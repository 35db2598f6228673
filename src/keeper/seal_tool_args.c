/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "keeper/seal_args.h"
#include "keeper/seal_tool.h"

static bool
count(const char *text, unsigned *out)
{
	unsigned v = 0;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p < '0' || *p > '9' || v > 999)
			return false;
		v = v * 10 + (unsigned)(*p - '0');
	}
	*out = v;
	return v > 0;
}

static bool
take(struct vs_seal_job *job, const char *flag, const char *text)
{
	if (strcmp(flag, "make") == 0) {
		job->fresh = strcmp(text, "new") == 0;
		return job->fresh || strcmp(text, "again") == 0;
	}
	if (strcmp(flag, "shares") == 0)
		return count(text, &job->shares);
	if (strcmp(flag, "threshold") == 0)
		return count(text, &job->threshold);
	if (strcmp(flag, "to") == 0) {
		job->to = text;
		return true;
	}
	return vs_seal_arg_take(&job->conf, flag, text);
}

bool
vs_seal_job_parse(int argc, char **argv, struct vs_seal_job *out)
{
	if (argc < 3 || strcmp(argv[1], "--make") != 0 || argc % 2 == 0)
		return false;
	for (int i = 1; i < argc; i += 2)
		if (strncmp(argv[i], "--", 2) != 0 ||
		    !take(out, argv[i] + 2, argv[i + 1]))
			return false;
	return out->conf.path != NULL;
}
