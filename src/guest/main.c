/* SPDX-License-Identifier: Apache-2.0 */
#include "guest/guest.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "guest/get.h"
#include "guest/sink.h"

enum { POOL_MAX = 8 * 1024 * 1024, POOL_MIN = 64 * 1024 };

static void
say(const char *why, unsigned seconds)
{
	(void)fprintf(stderr, "%s: %s; trying again in %u s\n",
	    program_invocation_short_name, why, seconds);
}

/* As much as the system lets us lock: most keys are small. */
static vs_status
make_pool(struct vs_err *err)
{
	for (size_t n = POOL_MAX; n > POOL_MIN; n /= 2)
		if (vs_secret_pool_init(n, err) == VS_OK)
			return VS_OK;
	return vs_secret_pool_init(POOL_MIN, err);
}

/* Digests only: what is printed must be of no use to a reader of logs. */
static vs_status
announce(const struct vs_guest_release *r, struct vs_err *err)
{
	for (size_t i = 0; i < r->n; i++) {
		uint8_t digest[VS_SHA256_SIZE];
		char hex[2 * VS_SHA256_SIZE + 1];

		VS_TRY(err, "digest",
		    vs_sha256(vs_secret_peek(r->keys[i].key), digest));
		vs_hex(VS_SPAN_OF(digest), hex);
		(void)fprintf(stderr,
		    "released %s v%u, release id %s, sha256 %s\n",
		    r->keys[i].name, (unsigned)r->keys[i].version, r->id, hex);
	}
	return VS_OK;
}

static vs_status
get(const struct vs_guest_options *o, struct vs_err *err)
{
	struct vs_guest_release r = {0};
	vs_status st;

	VS_TRY(err, "keys", vs_guest_sink_check(o, err));
	VS_TRY(err, "locked memory", make_pool(err));
	st = vs_guest_get(o, say, &r, err);
	if (st == VS_OK)
		st = vs_guest_sink_write(o, r.keys, r.n, err);
	if (st == VS_OK)
		st = announce(&r, err);
	vs_guest_release_fini(&r);
	vs_secret_pool_fini();
	return st;
}

static int
run(int argc, char **argv, bool simulated)
{
	/* Static: it holds room for many names. Parsed once per process. */
	static struct vs_guest_options o;
	struct vs_err err = {0};
	vs_status st = vs_guest_options_parse(argc, argv, simulated, &o, &err);

	if (st == VS_OK && o.help) {
		(void)fputs(vs_guest_usage, stdout);
		return 0;
	}
	(void)signal(SIGPIPE, SIG_IGN); /* write(2) tells */
	if (st == VS_OK)
		st = vs_process_harden(&err);
	if (st == VS_OK)
		st = get(&o, &err);
	vs_guest_options_fini(&o);
	if (st == VS_OK)
		return 0;
	(void)fprintf(
	    stderr, "%s: %s\n", program_invocation_short_name, err.msg);
	if (st == VS_USAGE)
		(void)fprintf(stderr, "try vouchsafe-guest --help\n");
	return vs_status_exit(st);
}

int
vs_guest_main(int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
		(void)printf("vouchsafe-guest %s\n", VS_VERSION);
		return 0;
	}
	if (argc >= 2 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		(void)fputs(vs_guest_usage, stdout);
		return 0;
	}
	if (argc < 2 || strcmp(argv[1], "get") != 0) {
		(void)fputs(vs_guest_usage, stderr);
		return vs_status_exit(VS_USAGE);
	}
	return run(argc - 1, argv + 1, false);
}

int
vs_guest_simulate_main(int argc, char **argv)
{
	return run(argc, argv, true);
}
