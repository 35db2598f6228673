/* SPDX-License-Identifier: Apache-2.0 */
/* A seal's configuration, kept and handed on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keeper/seal_args.h"

static const char *
text_at(const struct vs_seal_conf *c, size_t i)
{
	const char *text;

	memcpy(&text, (const char *)c + vs_seal_args[i].offset, sizeof text);
	return text;
}

vs_status
vs_seal_conf_copy(const struct vs_seal_conf *from, struct vs_seal_conf *to)
{
	struct vs_seal_conf c = {0};

	for (size_t i = 0; i < VS_SEAL_ARGS; i++) {
		const char *text = text_at(from, i);

		if (text == NULL)
			continue;
		*vs_seal_arg_at(&c, i) = strdup(text);
		if (text_at(&c, i) == NULL) {
			vs_seal_conf_fini(&c);
			return VS_NO_MEMORY;
		}
	}
	*to = c;
	return VS_OK;
}

/* The copy's texts are its own. */
static char *
own(const char *text)
{
	union {
		const char *in;
		char *out;
	} u = {.in = text};

	return u.out;
}

void
vs_seal_conf_fini(struct vs_seal_conf *c)
{
	for (size_t i = 0; i < VS_SEAL_ARGS; i++)
		free(own(text_at(c, i)));
	*c = (struct vs_seal_conf){0};
}

size_t
vs_seal_argv(const struct vs_seal_conf *c,
    char flags[VS_SEAL_ARGS][VS_SEAL_FLAG], char *argv[VS_SEAL_ARGV])
{
	size_t n = 0;

	for (size_t i = 0; i < VS_SEAL_ARGS; i++) {
		const char *text = text_at(c, i);

		if (text == NULL)
			continue;
		(void)snprintf(
		    flags[i], VS_SEAL_FLAG, "--%s", vs_seal_args[i].flag);
		argv[n++] = flags[i];
		argv[n++] = own(text); /* execve writes to none of them */
	}
	return n;
}
