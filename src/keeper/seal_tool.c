/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/seal_tool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keeper/seal_int.h"
#include "keeper/seal_make.h"

static vs_status
write_line(int fd, struct vs_span s, struct vs_err *err)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return vs_fail(
			    err, VS_UNAVAILABLE, "nobody reads the output");
		s = vs_span_slice(s, (size_t)n, s.n);
	}
	return VS_OK;
}

/* Of dprintf: a line was written, or not. */
static vs_status
said(int n, struct vs_err *err)
{
	return n >= 0 ? VS_OK
		      : vs_fail(err, VS_UNAVAILABLE, "nobody reads the output");
}

/* One line without its end; what is too long is cut, and no share then. */
static vs_status
read_line(int fd, struct vs_secret *line, size_t *n, struct vs_err *err)
{
	size_t at = 0;
	uint8_t c = 0;

	for (;;) {
		ssize_t got = read(fd, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return vs_fail_code(err, VS_SEALED, "seal.shares",
			    "more shares are needed");
		if (c == '\n')
			break;
		if (at < vs_secret_len(line))
			vs_secret_poke(line)[at++] = c;
	}
	*n = at;
	return VS_OK;
}

/* Shares, until there are enough. */
static vs_status
ask(const struct vs_seal_job *job, struct vs_seal *s, struct vs_secret *line,
    struct vs_secret **ring, struct vs_err *err)
{
	while (*ring == NULL) {
		struct vs_err wrong = {0};
		struct vs_seal_shares p;
		struct vs_share share = {0};
		size_t n = 0;
		bool ok;

		vs_seal_progress(s, &p);
		VS_TRY(err, "shares",
		    said(dprintf(job->out, "need %u %u %u\n", p.given,
			     p.threshold, p.total),
			err));
		VS_TRY(err, "shares", read_line(job->in, line, &n, err));
		ok = vs_share_parse(VS_SPAN(vs_secret_peek(line).p, n), &share,
			 &wrong) == VS_OK &&
		    vs_seal_share(s, &share, ring, &wrong) == VS_OK;
		vs_wipe(&share, sizeof share);
		if (!ok)
			VS_TRY(err, "shares",
			    said(dprintf(job->out, "wrong %s\n", wrong.msg),
				err));
	}
	return VS_OK;
}

/* By its own back end; by shares where it has none, or where that fails and
 * there are shares for the case. */
static vs_status
unlock(const struct vs_seal_job *job, struct vs_seal *s,
    struct vs_secret **ring, struct vs_err *err)
{
	struct vs_secret *line;
	struct vs_seal_shares p;
	vs_status st = vs_seal_unlock(s, ring, err);

	vs_seal_progress(s, &p);
	if (st == VS_OK || p.threshold == 0)
		return st;
	if (p.recovery)
		VS_TRY(err, "seal",
		    said(dprintf(job->out,
			     "note the seal does not open by itself: %s\n",
			     err->msg),
			err));
	line = vs_secret_new(VS_SHARE_TEXT_MAX);
	if (line == NULL)
		return vs_fail(err, VS_NO_MEMORY, "shares");
	vs_err_clear(err);
	st = ask(job, s, line, ring, err);
	vs_secret_free(&line);
	return st;
}

static vs_status
hand_out(void *ctx, const uint8_t *set, unsigned n, struct vs_span shares,
    struct vs_err *err)
{
	static const char word[] = "share ";
	enum { WORD = sizeof word - 1 };
	const struct vs_seal_job *job = ctx;
	struct vs_secret *line = vs_secret_new(WORD + VS_SHARE_TEXT_MAX);
	vs_status st = line == NULL ? VS_NO_MEMORY : VS_OK;

	for (unsigned i = 0; st == VS_OK && i < n; i++) {
		char *text = (char *)vs_secret_poke(line);
		size_t len;

		memcpy(text, word, WORD);
		st = vs_share_text(i + 1, set,
		    shares.p + (size_t)i * VS_SHAMIR_SIZE, text + WORD);
		if (st != VS_OK)
			break;
		len = strlen(text);
		text[len] = '\n'; /* in the place of the NUL */
		st = write_line(job->out, VS_SPAN(text, len + 1), err);
	}
	vs_secret_free(&line);
	return st;
}

static vs_status
make(const struct vs_seal_job *job, const char *kind,
    const struct vs_secret *ring, struct vs_err *err)
{
	struct vs_seal_job own = *job;
	uint8_t set[VS_SHARE_SET_SIZE];
	const struct vs_seal_making m = {.c = &own.conf,
	    .shares = job->shares,
	    .threshold = job->threshold,
	    .replace = !job->fresh,
	    .hand_out = hand_out,
	    .ctx = &own,
	    .set = set};
	vs_status st;

	own.conf.kind = kind;
	st = vs_seal_make(&m, ring, err);
	return st == VS_OK ? said(dprintf(job->out, "done %s\n", kind), err)
			   : st;
}

static vs_status
make_fresh(const struct vs_seal_job *job, struct vs_err *err)
{
	struct vs_secret *ring = NULL;
	vs_status st;

	if (access(job->conf.path, F_OK) == 0 || errno != ENOENT)
		return vs_fail_code(err, VS_CONFLICT, "seal.exists",
		    "%.64s: there is a seal already", job->conf.path);
	VS_TRY(err, "root", vs_ring_new(&ring));
	st = make(job, job->to != NULL ? job->to : "file", ring, err);
	vs_secret_free(&ring);
	return st;
}

/* Of the file that has the name still: who waited for the lock of another
 * process may find that one's work in its place. */
static bool
take_lock(int fd, const char *path)
{
	struct stat ours, named;

	return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &ours) == 0 &&
	    lstat(path, &named) == 0 && ours.st_ino == named.st_ino &&
	    ours.st_dev == named.st_dev;
}

vs_status
vs_seal_open_locked(const struct vs_seal_conf *c, struct vs_seal **lock,
    struct vs_seal **out, struct vs_err *err)
{
	VS_AUTO(vs_seal) *held = NULL;
	vs_status st = vs_seal_open(c, &held, err);

	if (st == VS_OK && !take_lock(held->fd, c->path))
		st = vs_seal_busy(err);
	/* Once more: it may have changed before it was locked. */
	if (st == VS_OK)
		st = vs_seal_open(c, out, err);
	if (st == VS_OK)
		*lock = VS_TAKE(held);
	return st;
}

/* Under the lock from before the ring is read until the file is replaced: a
 * root that a keeper adds meanwhile would be lost. */
static vs_status
make_again(const struct vs_seal_job *job, struct vs_err *err)
{
	VS_AUTO(vs_seal) *lock = NULL;
	VS_AUTO(vs_seal) *s = NULL;
	struct vs_secret *ring = NULL;
	vs_status st;

	st = vs_seal_open_locked(&job->conf, &lock, &s, err);
	if (st == VS_OK)
		st = unlock(job, s, &ring, err);
	if (st == VS_OK)
		st = make(job, job->to != NULL ? job->to : vs_seal_kind(s),
		    ring, err);
	vs_secret_free(&ring);
	return st;
}

vs_status
vs_seal_tool(const struct vs_seal_job *job, struct vs_err *err)
{
	return job->fresh ? make_fresh(job, err) : make_again(job, err);
}
