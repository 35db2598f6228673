/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's command line. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/daemon.h"

struct arguments {
	const char *config;
	const char *data;
	bool check;
	bool accept_old_store;
};

static void
usage(FILE *out)
{
	(void)fputs(
	    "usage: vouchsafed [--config FILE] [--data DIR] [--check]\n"
	    "                  [--accept-old-store]\n"
	    "\n"
	    "Serves keys to confidential VMs that prove what they are.\n"
	    "\n"
	    "  --config FILE  configuration, see vouchsafed.conf(5)\n"
	    "  --data DIR     store, seal and admin socket; default "
	    "./vouchsafe-data\n"
	    "  --check        validate configuration, policies, collateral "
	    "and exit\n"
	    "  --accept-old-store  once, after a backup was put back: see "
	    "vouchsafed(8)\n"
	    "  --version      print the version and exit\n"
	    "  --help         print this and exit\n",
	    out);
}

/* What to exit with, or -1 to go on. */
static int
parse(int argc, char **argv, struct arguments *out)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"data", required_argument, NULL, 'd'},
	    {"check", no_argument, NULL, 'k'},
	    {"accept-old-store", no_argument, NULL, 'a'},
	    {"version", no_argument, NULL, 'v'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (o) {
		case 'c':
			out->config = optarg;
			break;
		case 'd':
			out->data = optarg;
			break;
		case 'k':
			out->check = true;
			break;
		case 'a':
			out->accept_old_store = true;
			break;
		case 'v':
			(void)puts("vouchsafed " VS_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr, "vouchsafed: unexpected argument %s\n",
		    argv[optind]);
		usage(stderr);
		return 2;
	}
	/* systemd names the directory of the service. */
	if (out->data == NULL && out->config == NULL)
		out->data = getenv("STATE_DIRECTORY");
	return -1;
}

static int
failed(const struct vs_err *err)
{
	(void)fprintf(stderr, "vouchsafed: %s\n", err->msg);
	return vs_status_exit(err->status);
}

static int
check(const struct vs_config *c)
{
	struct vs_buf report = {0};
	struct vs_err err = {0};
	vs_status st = vs_daemon_check(c, &report, &err);

	(void)fputs(vs_buf_cstr(&report), stdout);
	vs_buf_fini(&report);
	if (st != VS_OK)
		return failed(&err);
	(void)puts("ok");
	return 0;
}

int
main(int argc, char **argv)
{
	struct arguments args = {0};
	struct vs_config c;
	struct vs_err err = {0};
	int code = parse(argc, argv, &args);

	if (code >= 0)
		return code;
	if (vs_config_load(args.config, args.data, &c, &err) != VS_OK)
		return failed(&err);
	c.accept_old_store = args.accept_old_store;
	vs_log_set_level(c.log_level);
	if (args.check)
		code = check(&c);
	else
		code = vs_daemon_run(&c, &err) == VS_OK ? 0 : failed(&err);
	vs_config_fini(&c);
	return code;
}
