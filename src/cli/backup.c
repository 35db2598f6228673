/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe backup`: a copy of the database, beside the daemon. */
#include <stdlib.h>
#include <unistd.h>

#include "base/encoding.h"
#include "broker/config.h"
#include "cli/dispatch.h"
#include "cli/output.h"
#include "store/backup.h"

struct backup_opts {
	const char *out;
	const char *data;
	const char *config;
	bool json;
};

enum { PATH_BYTES = 1024 };

static void
show_progress(void *ctx, int64_t done, int64_t total)
{
	(void)ctx;
	if (total > 0)
		fprintf(stderr, "\r%3d %% of %lld pages",
		    (int)(done * 100 / total), (long long)total);
	if (done == total)
		fputs("; checking\n", stderr);
}

static vs_status
make(const struct backup_opts *o, char seal[PATH_BYTES], struct vs_backup *made,
    struct vs_err *err)
{
	struct vs_config config = {0};
	char from[PATH_BYTES];
	struct vs_backup_options opt = {.from = from, .to = o->out};
	vs_status st;

	if (o->out == NULL)
		return vs_fail(err, VS_USAGE, "--out: say where it shall go");
	if (isatty(STDERR_FILENO) == 1)
		opt.progress = show_progress;
	VS_TRY(err, "configuration",
	    vs_config_load(o->config, o->data, &config, err));
	if (snprintf(from, sizeof from, "%s/vouchsafe.db", config.data) >=
		(int)sizeof from ||
	    snprintf(seal, PATH_BYTES, "%s", config.seal.path) >= PATH_BYTES)
		st = vs_fail(err, VS_USAGE, "the path is too long");
	else
		st = vs_store_backup(&opt, made, err);
	vs_config_fini(&config);
	return st;
}

static int
as_json(
    const struct backup_opts *o, const struct vs_backup *b, const char *seal)
{
	struct vs_json *v = vs_json_object();
	char head[2 * VS_STORE_MAC_SIZE + 1];

	vs_hex(VS_SPAN_OF(b->head), head);
	vs_json_set(&v, "file", vs_json_cstr(o->out));
	vs_json_set(&v, "bytes", vs_json_int(b->bytes));
	vs_json_set(&v, "schema", vs_json_int(b->schema));
	vs_json_set(&v, "names", vs_json_int(b->names));
	vs_json_set(&v, "keys", vs_json_int(b->keys));
	vs_json_set(&v, "keks", vs_json_int(b->keks));
	vs_json_set(&v, "policies", vs_json_int(b->policies));
	vs_json_set(&v, "audit", vs_json_int(b->audit));
	if (b->head_seq > 0) {
		vs_json_set(&v, "head_seq", vs_json_int(b->head_seq));
		vs_json_set(&v, "head", vs_json_cstr(head));
	}
	vs_json_set(&v, "seal_not_included", vs_json_cstr(seal));
	return vs_cli_json(&v, VS_EXIT_OK);
}

static void
as_text(
    const struct backup_opts *o, const struct vs_backup *b, const char *seal)
{
	char head[2 * VS_STORE_MAC_SIZE + 1];

	vs_hex(VS_SPAN_OF(b->head), head);
	printf("%s\n", o->out);
	printf("holds    %lld versions of %lld keys, %lld KEKs, %lld policies, "
	       "%lld audit records\n",
	    (long long)b->keys, (long long)b->names, (long long)b->keks,
	    (long long)b->policies, (long long)b->audit);
	printf("checked  %lld bytes, schema %lld, read back whole\n",
	    (long long)b->bytes, (long long)b->schema);
	if (b->head_seq > 0)
		printf("head     %lld:%s\n", (long long)b->head_seq, head);
	printf("without  the seal: no key opens without a copy of %s, kept "
	       "elsewhere\n",
	    seal);
	printf("note     a key that is destroyed from now on lives on in this "
	       "file\n");
}

static int
run(const void *opts, const struct vs_args *args)
{
	const struct backup_opts *o = opts;
	struct vs_backup made = {0};
	struct vs_err err = {0};
	char seal[PATH_BYTES];

	(void)args;
	if (make(o, seal, &made, &err) != VS_OK)
		return vs_cli_fail(&err, o->json);
	if (o->json)
		return as_json(o, &made, seal);
	as_text(o, &made, seal);
	return VS_EXIT_OK;
}

static const struct vs_opt options[] = {
    VS_OPT("out", TEXT, struct backup_opts, out, "FILE",
	"where the copy goes; must not be there yet"),
    VS_OPT("data", TEXT, struct backup_opts, data, "DIR",
	"the daemon's data directory"),
    VS_OPT("config", TEXT, struct backup_opts, config, "FILE",
	"the daemon's configuration"),
    VS_OPT("json", FLAG, struct backup_opts, json, NULL, "print JSON"),
};

static const struct vs_command commands[] = {
    {.verb = "backup",
	.args = "",
	.args_max = 0,
	.summary = "copy the database, also while the daemon runs",
	.opts = options,
	.opts_n = VS_COUNT(options),
	.size = sizeof(struct backup_opts),
	.run = run},
};
const struct vs_family vs_backup_family = {commands, VS_COUNT(commands)};
