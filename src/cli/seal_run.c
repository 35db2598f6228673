/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/seal_run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "cli/share.h"
#include "keeper/seal_args.h"

enum { LINE_BYTES = 1024, COUNT_BYTES = 12, ARGV = VS_SEAL_ARGV + 12 };

struct tool {
	int pid;
	int to;     /* its standard input */
	FILE *from; /* its standard output */
	char buffer[LINE_BYTES];
	char failure[VS_ERR_MSG_MAX];
	char kind[16];
	unsigned shown;
};

struct words {
	char flags[VS_SEAL_ARGS][VS_SEAL_FLAG];
	char shares[COUNT_BYTES];
	char threshold[COUNT_BYTES];
	char *argv[ARGV];
};

static char *
word(const char *text)
{
	union {
		const char *in;
		char *out;
	} u = {.in = text}; /* execv promises not to write */

	return u.out;
}

static void
make_words(const struct vs_seal_run *r, struct words *w)
{
	size_t n = 0;

	w->argv[n++] = word(r->program);
	w->argv[n++] = word("--make");
	w->argv[n++] = word(r->fresh ? "new" : "again");
	n += vs_seal_argv(&r->conf, w->flags, w->argv + n);
	if (r->to != NULL) {
		w->argv[n++] = word("--to");
		w->argv[n++] = word(r->to);
	}
	if (r->shares > 0) {
		(void)snprintf(w->shares, COUNT_BYTES, "%u", r->shares);
		(void)snprintf(w->threshold, COUNT_BYTES, "%u", r->threshold);
		w->argv[n++] = word("--shares");
		w->argv[n++] = w->shares;
		w->argv[n++] = word("--threshold");
		w->argv[n++] = w->threshold;
	}
	w->argv[n] = NULL;
}

static void
close_both(const int fds[2])
{
	(void)close(fds[0]); /* pipes: nothing is lost */
	(void)close(fds[1]);
}

/* Between fork and exec: only calls that are safe there. */
__attribute__((noreturn)) static void
child(const int in[2], const int out[2], char *const *argv)
{
	if (dup2(in[0], STDIN_FILENO) < 0 || dup2(out[1], STDOUT_FILENO) < 0)
		_exit(126);
	close_both(in);
	close_both(out);
	(void)execv(argv[0], argv);
	_exit(127);
}

static vs_status
start(struct tool *t, char *const *argv, struct vs_err *err)
{
	int in[2], out[2];

	if (pipe(in) != 0)
		return vs_fail(err, VS_UNAVAILABLE, "no pipes");
	if (pipe(out) != 0) {
		close_both(in);
		return vs_fail(err, VS_UNAVAILABLE, "no pipes");
	}
	(void)fflush(NULL); /* nothing twice */
	t->pid = fork();
	if (t->pid == 0)
		child(in, out, argv);
	(void)close(in[0]);
	(void)close(out[1]);
	t->to = in[1];
	t->from = t->pid < 0 ? NULL : fdopen(out[0], "r");
	if (t->from == NULL) {
		(void)close(out[0]);
		(void)close(t->to);
		return vs_fail(
		    err, VS_UNAVAILABLE, "%s: cannot be started", argv[0]);
	}
	/* A buffer that we can wipe. */
	(void)setvbuf(t->from, t->buffer, _IOFBF, sizeof t->buffer);
	return VS_OK;
}

static vs_status
give_share(struct tool *t, const char *progress, struct vs_err *err)
{
	char text[VS_SHARE_TEXT_MAX + 1];
	char prompt[64];
	unsigned given = 0, k = 0, n = 0;
	size_t len = 0;
	vs_status st;
	bool sent;

	if (sscanf(progress, "%u %u %u", &given, &k, &n) != 3)
		return vs_fail(err, VS_INTERNAL, "its line");
	(void)snprintf(
	    prompt, sizeof prompt, "Share (%u of %u given): ", given, k);
	st = vs_cli_share_read(prompt, text, &len, err);
	text[len] = '\n';
	sent = st == VS_OK && write(t->to, text, len + 1) == (ssize_t)len + 1;
	vs_wipe(text, sizeof text);
	if (st == VS_NOT_FOUND)
		return vs_fail(err, VS_USAGE,
		    "the seal opens with %u shares, and %u were entered", k,
		    given);
	return sent ? VS_OK : vs_fail(err, VS_UNAVAILABLE, "it ended");
}

static vs_status
take_line(
    struct tool *t, const struct vs_seal_run *r, char *line, struct vs_err *err)
{
	char *rest = strchr(line, ' ');

	line[strcspn(line, "\n")] = '\0';
	if (rest == NULL)
		return VS_OK;
	*rest++ = '\0';
	if (strcmp(line, "need") == 0)
		return give_share(t, rest, err);
	if (strcmp(line, "share") == 0)
		r->show(r->ctx, rest, ++t->shown);
	else if (strcmp(line, "wrong") == 0 || strcmp(line, "note") == 0)
		(void)fprintf(stderr, "%s\n", rest);
	else if (strcmp(line, "done") == 0)
		(void)snprintf(t->kind, sizeof t->kind, "%s", rest);
	else if (strcmp(line, "fail") == 0)
		(void)snprintf(t->failure, sizeof t->failure, "%s", rest);
	return VS_OK;
}

static vs_status
talk(struct tool *t, const struct vs_seal_run *r, struct vs_err *err)
{
	char line[LINE_BYTES];
	vs_status st = VS_OK;

	while (st == VS_OK && fgets(line, sizeof line, t->from) != NULL)
		st = take_line(t, r, line, err);
	vs_wipe(line, sizeof line);
	vs_wipe(t->buffer, sizeof t->buffer);
	return st;
}

static vs_status
class_of_exit(int code)
{
	switch (code) {
	case 1:
		return VS_DENIED;
	case 2:
		return VS_USAGE;
	case 3:
		return VS_UNTRUSTED;
	default:
		return VS_UNAVAILABLE;
	}
}

/* Its own words for what went wrong, where it had any. */
static vs_status
end(struct tool *t, vs_status st, const char *program, struct vs_err *err)
{
	int status = 0;

	(void)close(t->to); /* it ends by that */
	(void)fclose(t->from);
	while (waitpid(t->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (st != VS_OK)
		return st;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && t->kind[0] != '\0')
		return VS_OK;
	if (t->failure[0] == '\0')
		return vs_fail(err, VS_UNAVAILABLE,
		    "%s: ended without an answer", program);
	return vs_fail(
	    err, class_of_exit(WEXITSTATUS(status)), "%.240s", t->failure);
}

vs_status
vs_seal_run(const struct vs_seal_run *r, char kind[16], struct vs_err *err)
{
	struct tool t = {.pid = -1};
	struct words w;
	vs_status st;

	make_words(r, &w);
	if (access(r->program, X_OK) != 0)
		return vs_fail(
		    err, VS_UNAVAILABLE, "%s: cannot be run", r->program);
	(void)signal(SIGPIPE, SIG_IGN); /* an error of write says as much */
	VS_TRY(err, "seal", start(&t, w.argv, err));
	st = talk(&t, r, err);
	st = end(&t, st, r->program, err);
	if (st == VS_OK)
		memcpy(kind, t.kind, sizeof t.kind);
	return st;
}
