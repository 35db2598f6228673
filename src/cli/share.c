/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/share.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/secret.h"

bool
vs_cli_share_asks(void)
{
	return isatty(STDIN_FILENO) == 1;
}

/* Not through stdio, which would keep a copy. false: nothing was left. */
static bool
read_line(char *out, size_t cap, size_t *n, bool *too_long)
{
	bool any = false;
	char c;

	*n = 0;
	*too_long = false;
	for (;;) {
		ssize_t got = read(STDIN_FILENO, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return any;
		any = true;
		if (c == '\n')
			return true;
		if ((c == ' ' || c == '\t' || c == '\r') && *n == 0)
			continue;
		if (*n < cap)
			out[(*n)++] = c;
		else if (c != ' ' && c != '\r')
			*too_long = true;
	}
}

static size_t
trimmed(const char *line, size_t n)
{
	while (n > 0 && strchr(" \t\r", line[n - 1]) != NULL)
		n--;
	return n;
}

static bool
ask(const char *prompt, char *out, size_t *n, bool *too_long)
{
	struct termios old;
	struct termios quiet;
	bool ok;

	(void)fprintf(stderr, "%s", prompt);
	if (tcgetattr(STDIN_FILENO, &old) != 0)
		return false;
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ECHONL;
	/* Without the promise not to show it, it is not asked for. */
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0)
		return false;
	ok = read_line(out, VS_SHARE_TEXT_MAX, n, too_long);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &old); /* as it was */
	return ok;
}

vs_status
vs_cli_share_read(const char *prompt, char out[VS_SHARE_TEXT_MAX], size_t *n,
    struct vs_err *err)
{
	bool person = vs_cli_share_asks();
	bool too_long = false;
	bool ok;

	do {
		ok = person ? ask(prompt, out, n, &too_long)
			    : read_line(out, VS_SHARE_TEXT_MAX, n, &too_long);
		*n = trimmed(out, *n);
	} while (ok && *n == 0 && !person);
	if (!ok || *n == 0)
		return vs_fail(err, VS_NOT_FOUND, "no share was entered");
	if (too_long)
		*n = 1; /* is no share, and is told so */
	return VS_OK;
}

void
vs_cli_share_show(const char *share, unsigned number, bool people)
{
	if (!people) {
		printf("%s\n", share);
		return;
	}
	printf("Share %u\n\n    %s\n\n", number, share);
	printf("Write it down and keep it apart from the others. Enter wipes "
	       "it from the screen: ");
	(void)fflush(stdout); /* what cannot be shown is asked for again */
	for (int c = getchar(); c != '\n' && c != EOF;)
		c = getchar();
	/* Screen and scroll-back. */
	printf("\033[H\033[2J\033[3J");
	(void)fflush(stdout);
}
