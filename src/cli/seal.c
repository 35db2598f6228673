/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `vouchsafe seal status`: whether the keeper holds its root key; `seal
 * unseal`: a custodian's share for it.
 */
#include "base/secret.h"
#include "cli/admin.h"
#include "cli/dispatch.h"
#include "cli/output.h"
#include "cli/share.h"

struct seal_opts {
	struct vs_admin_opts admin;
};

/* Without the member it counts as sealed. */
static bool
is_sealed(const struct vs_json *doc)
{
	bool sealed = true;

	return !vs_json_is_bool(vs_json_get(doc, "sealed"), &sealed) || sealed;
}

static void
print_shares(const struct vs_json *s, bool sealed)
{
	bool recovery = false;

	if (s == NULL)
		return;
	(void)vs_json_is_bool(vs_json_get(s, "recovery"), &recovery);
	printf("shares  any %d of %d open it%s\n",
	    (int)vs_cli_int(s, "threshold"), (int)vs_cli_int(s, "total"),
	    recovery ? ", where the seal does not" : "");
	if (sealed)
		printf("given   %d of %d\n", (int)vs_cli_int(s, "given"),
		    (int)vs_cli_int(s, "threshold"));
}

static void
print_seal(const struct vs_json *doc)
{
	char text[VS_CLI_TEXT_MAX];
	bool sealed = is_sealed(doc);

	printf(
	    "seal    %s\nstate   ", vs_cli_text(vs_cli_str(doc, "seal"), text));
	vs_cli_paint(stdout, sealed ? VS_BAD : VS_GOOD,
	    sealed ? "sealed: no key can be released" : "open");
	putchar('\n');
	if (vs_cli_str(doc, "why").n > 0)
		printf(
		    "why     %s\n", vs_cli_text(vs_cli_str(doc, "why"), text));
	print_shares(vs_json_get(doc, "shares"), sealed);
}

static int
run_status(const void *opts, const struct vs_args *args)
{
	const struct seal_opts *o = opts;
	struct vs_json *out = NULL;
	struct vs_err err = {0};

	(void)args;
	vs_status st =
	    vs_cli_call(&o->admin, "GET", "/v1/seal", NULL, &out, &err);
	if (st != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	int code = is_sealed(out) ? VS_EXIT_UNAVAILABLE : VS_EXIT_OK;
	if (o->admin.json)
		return vs_cli_json(&out, code);
	print_seal(out);
	vs_json_free(&out);
	return code;
}

/* One share to the daemon; *out is where things stand then. */
static vs_status
send_share(const struct seal_opts *o, struct vs_json **out, struct vs_err *err)
{
	char share[VS_SHARE_TEXT_MAX];
	size_t n = 0;
	vs_status st = vs_cli_share_read("Share: ", share, &n, err);

	vs_json_free(out);
	if (st == VS_OK)
		st = vs_cli_post_text(
		    &o->admin, "/v1/seal:unseal", VS_SPAN(share, n), out, err);
	vs_wipe(share, sizeof share);
	return st;
}

/* A person enters one share; other input is read to its end, or until the
 * seal is open. */
static int
run_unseal(const void *opts, const struct vs_args *args)
{
	const struct seal_opts *o = opts;
	struct vs_json *out = NULL;
	struct vs_json *now = NULL;
	struct vs_err err = {0};
	vs_status st;

	(void)args;
	do {
		st = send_share(o, &now, &err);
		if (st == VS_OK) {
			vs_json_free(&out);
			out = VS_TAKE(now);
		}
	} while (st == VS_OK && is_sealed(out) && !vs_cli_share_asks());
	vs_json_free(&now);
	/* The end of the input is no failure after the first. */
	if (st != VS_OK && !(st == VS_NOT_FOUND && out != NULL)) {
		vs_json_free(&out);
		return vs_cli_fail(&err, o->admin.json);
	}
	if (o->admin.json)
		return vs_cli_json(&out, VS_EXIT_OK);
	print_seal(out);
	vs_json_free(&out);
	return VS_EXIT_OK;
}

static const struct vs_opt status_options[] = {
    VS_ADMIN_OPTIONS(struct seal_opts)};

static const struct vs_command commands[] = {
    {.verb = "seal",
	.sub = "status",
	.args = "",
	.summary = "whether the keeper could open its root key",
	.opts = status_options,
	.opts_n = VS_COUNT(status_options),
	.size = sizeof(struct seal_opts),
	.run = run_status},
    {.verb = "seal",
	.sub = "unseal",
	.args = "",
	.summary = "give a sealed daemon one custodian's share",
	.opts = status_options,
	.opts_n = VS_COUNT(status_options),
	.size = sizeof(struct seal_opts),
	.run = run_unseal},
};
const struct vs_family vs_seal_family = {commands, VS_COUNT(commands)};
