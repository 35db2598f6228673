/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe seal status`: whether the keeper holds its root key. */
#include "cli/admin.h"
#include "cli/dispatch.h"
#include "cli/output.h"

struct seal_opts {
	struct vs_admin_opts admin;
};

static int
run_status(const void *opts, const struct vs_args *args)
{
	const struct seal_opts *o = opts;
	struct vs_json *out = NULL;
	struct vs_err err = {0};
	char text[VS_CLI_TEXT_MAX];
	bool sealed = true;

	(void)args;
	vs_status st =
	    vs_cli_call(&o->admin, "GET", "/v1/seal", NULL, &out, &err);
	if (st != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	/* Without the member it counts as sealed. */
	if (!vs_json_is_bool(vs_json_get(out, "sealed"), &sealed))
		sealed = true;
	int code = sealed ? VS_EXIT_UNAVAILABLE : VS_EXIT_OK;
	if (o->admin.json)
		return vs_cli_json(&out, code);
	printf(
	    "seal    %s\nstate   ", vs_cli_text(vs_cli_str(out, "seal"), text));
	vs_cli_paint(stdout, sealed ? VS_BAD : VS_GOOD,
	    sealed ? "sealed: no key can be released" : "open");
	putchar('\n');
	if (vs_cli_str(out, "why").n > 0)
		printf(
		    "why     %s\n", vs_cli_text(vs_cli_str(out, "why"), text));
	vs_json_free(&out);
	return code;
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
};
const struct vs_family vs_seal_family = {commands, VS_COUNT(commands)};
