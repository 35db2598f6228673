/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper: started by the daemon, with one inherited socket a channel.
 * The order matters: harden, lock memory, open the seal, then the first byte
 * from the front. Started by `vouchsafe seal`, it makes a seal and ends.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "crypto/init.h"
#include "keeper/seal_args.h"
#include "keeper/seal_tool.h"
#include "keeper/unseal.h"

enum {
	CHANNELS_MAX = 512,
	/* Of libcrypto, for all channels: 480 KiB with OpenSSL 3.0. */
	HEAP_LOCKED = 1024 * 1024,
	/* Payloads above the scratch of a channel: two of the largest. */
	LARGE_LOCKED = 2 * (VS_PAYLOAD_MAX + 4096),
};

struct arguments {
	struct vs_seal_job job;
	bool tool;   /* make a seal and end */
	bool create; /* make a root where there is no seal */
	int fds[CHANNELS_MAX];
	size_t fds_n;
};

static void
usage(FILE *out)
{
	(void)fputs(
	    "usage: vouchsafe-keeper --seal PATH [--seal-kind KIND] "
	    "[--create-seal]\n"
	    "           [--tpm2-... TEXT] [--pkcs11-... TEXT] "
	    "--channels FD[,FD...]\n"
	    "       vouchsafe-keeper --seal PATH --make new|again [--to KIND]\n"
	    "           [--shares N --threshold K] [--tpm2-...] "
	    "[--pkcs11-...]\n"
	    "\n"
	    "Holds the keys of a vouchsafed(8), which starts it. Not for "
	    "people:\n"
	    "see vouchsafe-keeper(8), and `vouchsafe seal --help`.\n",
	    out);
}

static bool
parse_fd(const char **at, int *out)
{
	long v = 0;
	const char *p = *at;

	for (; *p >= '0' && *p <= '9' && v < 1000000; p++)
		v = v * 10 + (*p - '0');
	if (p == *at || (*p != ',' && *p != '\0') || v < 3 || v >= 1000000)
		return false;
	*at = *p == ',' ? p + 1 : p;
	*out = (int)v;
	return true;
}

static bool
parse_channels(const char *text, struct arguments *out)
{
	const char *at = text;

	while (*at != '\0') {
		if (out->fds_n == CHANNELS_MAX ||
		    !parse_fd(&at, &out->fds[out->fds_n]))
			return false;
		out->fds_n++;
	}
	return out->fds_n > 0;
}

static bool
parse_count(const char *text, unsigned *out)
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
parse_make(const char *text, struct arguments *out)
{
	out->tool = true;
	out->job.fresh = strcmp(text, "new") == 0;
	return out->job.fresh || strcmp(text, "again") == 0;
}

/* Flags with a text of their own. */
static bool
parse_text(const char *flag, const char *text, struct arguments *out)
{
	if (strcmp(flag, "channels") == 0)
		return parse_channels(text, out);
	if (strcmp(flag, "make") == 0)
		return parse_make(text, out);
	if (strcmp(flag, "shares") == 0)
		return parse_count(text, &out->job.shares);
	if (strcmp(flag, "threshold") == 0)
		return parse_count(text, &out->job.threshold);
	if (strcmp(flag, "to") == 0) {
		out->job.to = text;
		return true;
	}
	return vs_seal_arg_take(&out->job.conf, flag, text);
}

/* What to exit with, or -1 to go on. */
static int
parse(int argc, char **argv, struct arguments *out)
{
	bool bad = false;

	for (int i = 1; i < argc && !bad; i++) {
		const char *flag = argv[i];

		if (strcmp(flag, "--version") == 0)
			return puts("vouchsafe-keeper " VS_VERSION) < 0;
		if (strcmp(flag, "--help") == 0)
			return usage(stdout), 0;
		if (strcmp(flag, "--create-seal") == 0)
			out->create = true;
		else if (strncmp(flag, "--", 2) == 0 && i + 1 < argc)
			bad = !parse_text(flag + 2, argv[++i], out);
		else
			bad = true;
	}
	/* One or the other: serve, or make. */
	if (bad || out->job.conf.path == NULL ||
	    (out->fds_n > 0) == out->tool) {
		usage(stderr);
		return 2;
	}
	return -1;
}

static int
by_number(const void *a, const void *b)
{
	const int *x = a;
	const int *y = b;

	return (*x > *y) - (*x < *y);
}

/* Whatever else the daemon had open is none of our business. */
static vs_status
close_others(struct arguments *a, struct vs_err *err)
{
	unsigned from = 3;

	qsort(a->fds, a->fds_n, sizeof a->fds[0], by_number);
	for (size_t i = 0; i <= a->fds_n; i++) {
		unsigned to = i < a->fds_n ? (unsigned)a->fds[i] : (unsigned)-1;

		if (to > from &&
		    syscall(SYS_close_range, from, i < a->fds_n ? to - 1 : to,
			0) != 0)
			return vs_fail(err, VS_INTERNAL,
			    "cannot close inherited files: %s",
			    errno == ENOSYS ? "the kernel is older than 5.9"
					    : "refused");
		from = to + 1;
	}
	return VS_OK;
}

static vs_status
prepare(struct arguments *a, struct vs_err *err)
{
	const size_t heap = HEAP_LOCKED + a->fds_n * VS_CORE_HEAP;

	VS_TRY(err, "keeper", close_others(a, err));
	(void)umask(077);
	VS_TRY(err, "keeper", vs_process_harden(err));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return vs_fail(err, VS_INTERNAL, "no_new_privs");
	VS_TRY(err, "keeper", vs_crypto_need_hardware(err));
	VS_TRY(err, "keeper",
	    vs_secret_pool_init(
		heap + LARGE_LOCKED + a->fds_n * VS_CORE_LOCKED, err));
	return vs_crypto_lock_heap(heap, err);
}

static vs_status
serve(struct arguments *a, struct vs_err *err)
{
	static struct vs_server server;
	vs_status st;

	vs_server_unseal(&server, &a->job.conf, a->create);
	st = vs_server_run(&server, a->fds, a->fds_n, err);
	vs_server_fini(&server);
	return st;
}

int
main(int argc, char **argv)
{
	static struct arguments args = {
	    .job = {.in = STDIN_FILENO, .out = STDOUT_FILENO}};
	struct vs_err err = {0};
	int code = parse(argc, argv, &args);
	vs_status st;

	if (code >= 0)
		return code;
	st = prepare(&args, &err);
	if (st == VS_OK)
		st = args.tool ? vs_seal_tool(&args.job, &err)
			       : serve(&args, &err);
	if (st == VS_OK)
		return 0;
	if (args.tool) {
		(void)printf("fail %s\n", err.msg);
		return vs_status_exit(st);
	}
	(void)fprintf(stderr, "vouchsafe-keeper: %s\n", err.msg);
	return 4;
}
