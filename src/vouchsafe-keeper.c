/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper: started by the daemon, with one inherited socket a channel.
 * The order matters: harden, lock memory, open the seal, step into the cage,
 * then the first byte from the front.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "crypto/init.h"
#include "keeper/cage.h"
#include "keeper/seal_file.h"
#include "keeper/server.h"

enum {
	CHANNELS_MAX = 512,
	/* Of libcrypto, for all channels: 480 KiB with OpenSSL 3.0. */
	HEAP_LOCKED = 1024 * 1024,
	/* Payloads above the scratch of a channel: two of the largest. */
	LARGE_LOCKED = 2 * (VS_PAYLOAD_MAX + 4096),
};

struct arguments {
	const char *seal; /* path of the file seal */
	bool create;
	bool has_user;
	struct vs_cage_user user; /* who to become */
	int fds[CHANNELS_MAX];
	size_t fds_n;
};

static void
usage(FILE *out)
{
	(void)fputs(
	    "usage: vouchsafe-keeper --seal file:PATH [--create-seal] "
	    "[--user UID:GID]\n"
	    "                        --channels FD[,FD...]\n"
	    "\n"
	    "Holds the keys of a vouchsafed(8), which starts it. Not for "
	    "people.\n",
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
parse_user(const char *text, struct arguments *out)
{
	struct vs_err err = {0};

	out->has_user = vs_cage_user_find(text, &out->user, &err) == VS_OK;
	return out->has_user;
}

/* What to exit with, or -1 to go on. */
static int
parse(int argc, char **argv, struct arguments *out)
{
	static const struct option options[] = {
	    {"seal", required_argument, NULL, 's'},
	    {"create-seal", no_argument, NULL, 'c'},
	    {"user", required_argument, NULL, 'u'},
	    {"channels", required_argument, NULL, 'f'},
	    {"version", no_argument, NULL, 'v'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	bool bad = false;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 's' && strncmp(optarg, "file:", 5) == 0)
			out->seal = optarg + 5;
		else if (o == 'c')
			out->create = true;
		else if (o == 'u')
			bad = bad || !parse_user(optarg, out);
		else if (o == 'f')
			bad = bad || !parse_channels(optarg, out);
		else if (o == 'v')
			return puts("vouchsafe-keeper " VS_VERSION) < 0;
		else if (o == 'h')
			return usage(stdout), 0;
		else
			bad = true;
	}
	if (bad || optind < argc || out->seal == NULL || out->fds_n == 0) {
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
	VS_TRY(err, "keeper", vs_crypto_need_hardware(err));
	VS_TRY(err, "keeper",
	    vs_secret_pool_init(
		heap + LARGE_LOCKED + a->fds_n * VS_CORE_LOCKED, err));
	return vs_crypto_lock_heap(heap, err);
}

/* A seal that does not open leaves the keeper up, and sealed. */
static void
unseal(const struct arguments *a, struct vs_server *s)
{
	struct vs_secret *root = NULL;
	struct vs_err err = {0};
	vs_status st = vs_seal_file_open(a->seal, a->create, &root, &err);

	s->seal = "file";
	if (st == VS_OK)
		st = vs_root_derive(vs_secret_peek(root), &s->keys);
	vs_secret_free(&root);
	s->sealed = st != VS_OK;
	if (s->sealed)
		(void)snprintf(s->why, sizeof s->why, "%.127s",
		    err.msg[0] != '\0' ? err.msg : vs_status_text(st));
}

/* From here on there is nothing but the channels. */
static vs_status
confine(const struct arguments *a, struct vs_err *err)
{
	const char *unavailable = NULL;

	VS_TRY(err, "keeper",
	    vs_keeper_cage(a->has_user ? &a->user : NULL,
		(unsigned)a->fds[a->fds_n - 1] + 1, &unavailable, err));
	if (unavailable != NULL)
		(void)fprintf(stderr, "vouchsafe-keeper: cage: without %s\n",
		    unavailable);
	return VS_OK;
}

int
main(int argc, char **argv)
{
	static struct arguments args;
	static struct vs_server server;
	struct vs_err err = {0};
	int code = parse(argc, argv, &args);

	if (code >= 0)
		return code;
	if (prepare(&args, &err) == VS_OK) {
		unseal(&args, &server);
		if (confine(&args, &err) == VS_OK &&
		    vs_server_run(&server, args.fds, args.fds_n, &err) ==
			VS_OK) {
			vs_root_wipe(&server.keys);
			return 0;
		}
	}
	(void)fprintf(stderr, "vouchsafe-keeper: %s\n", err.msg);
	return 4;
}
