/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe seal rotate-root`: another root key, online. */
#include <time.h>

#include "cli/admin.h"
#include "cli/dispatch.h"
#include "cli/output.h"

struct rotate_opts {
	struct vs_admin_opts admin;
	bool dry_run;
	bool no_wait;
};

enum { POLL_MS = 200, PATIENCE_S = 60 };

static bool
is_rotating(const struct vs_json *root)
{
	bool yes = false;

	(void)vs_json_is_bool(vs_json_get(root, "rotating"), &yes);
	return yes;
}

/* Until the old root is gone, also over a restart of the daemon. */
static vs_status
wait_end(const struct rotate_opts *o, struct vs_json **root, struct vs_err *err)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	unsigned silent = 0;

	while (silent > 0 || is_rotating(*root)) {
		struct vs_json *now = NULL;
		vs_status st;

		(void)nanosleep(&pause, NULL); /* a signal: look earlier */
		vs_err_clear(err);
		st = vs_cli_call(&o->admin, "GET", "/v1/root", NULL, &now, err);
		if (vs_status_class(st) == VS_CLASS_UNAVAILABLE &&
		    ++silent < PATIENCE_S * 1000 / POLL_MS)
			continue;
		if (st != VS_OK)
			return st;
		silent = 0;
		vs_json_free(root);
		*root = now;
	}
	return VS_OK;
}

static int
run(const void *opts, const struct vs_args *args)
{
	const struct rotate_opts *o = opts;
	struct vs_json *root = NULL;
	struct vs_buf path = {0};
	struct vs_err err = {0};
	vs_status st;

	(void)args;
	vs_buf_puts(&path, "/v1/root:rotate");
	vs_cli_query(&path, "dry_run", o->dry_run ? "true" : NULL);
	st = vs_cli_call(
	    &o->admin, "POST", vs_buf_cstr(&path), NULL, &root, &err);
	vs_buf_fini(&path);
	if (st == VS_OK && !o->dry_run && !o->no_wait)
		st = wait_end(o, &root, &err);
	if (st != VS_OK) {
		vs_json_free(&root);
		return vs_cli_fail(&err, o->admin.json);
	}
	if (o->admin.json)
		return vs_cli_json(&root, VS_EXIT_OK);
	if (o->dry_run)
		printf("would rotate the root, which is of generation %lld\n",
		    (long long)vs_cli_int(root, "generation"));
	else
		printf("the root is of generation %lld%s\n",
		    (long long)vs_cli_int(root, "generation"),
		    is_rotating(root) ? "; KEKs are being moved under it"
				      : "; the old one is gone");
	vs_json_free(&root);
	return VS_EXIT_OK;
}

static const struct vs_opt options[] = {VS_ADMIN_OPTIONS(struct rotate_opts),
    VS_OPT("no-wait", FLAG, struct rotate_opts, no_wait, NULL,
	"start, and do not wait for the end"),
    VS_OPT("dry-run", FLAG, struct rotate_opts, dry_run, NULL,
	"check everything, change nothing")};

static const struct vs_command commands[] = {
    {.verb = "seal",
	.sub = "rotate-root",
	.args = "",
	.args_max = 0,
	.summary = "another root key, and all KEKs under it; online",
	.opts = options,
	.opts_n = VS_COUNT(options),
	.size = sizeof(struct rotate_opts),
	.run = run},
};
const struct vs_family vs_seal_rotate_family = {commands, VS_COUNT(commands)};
