/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `vouchsafe key import`: seals a key that was made elsewhere to the keeper's
 * import key. What is in the file leaves this process encrypted, and nobody
 * but the keeper can open it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/secret.h"
#include "broker/broker.h"
#include "cli/admin.h"
#include "cli/dispatch.h"
#include "cli/output.h"
#include "crypto/jwe.h"
#include "keeper/import.h"

struct import_opts {
	struct vs_admin_opts admin;
	const char *from;
	const char *content_type;
	const char *expect_key;
	bool rotate;
	bool dataset;
	uint64_t max_uses;
	bool dry_run;
};

/* The key with room for one byte more, which tells of too long a file; and
 * what the JWE takes. */
enum { POOL = 2 * (VS_PAYLOAD_MAX + 64 * 1024) };

static vs_status
read_all(int fd, const char *from, uint8_t *to, size_t *n, struct vs_err *err)
{
	for (*n = 0; *n <= VS_PAYLOAD_MAX;) {
		ssize_t got = read(fd, to + *n, VS_PAYLOAD_MAX + 1 - *n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return vs_fail(
			    err, VS_USAGE, "%s: cannot be read", from);
		if (got == 0)
			break;
		*n += (size_t)got;
	}
	if (*n == 0 || *n > VS_PAYLOAD_MAX)
		return vs_fail(err, VS_USAGE, "%s: a key has 1 to %d bytes",
		    from, VS_PAYLOAD_MAX);
	return VS_OK;
}

/* Straight into locked memory: no buffer of a library keeps a copy. */
static vs_status
read_key(const char *from, struct vs_secret *to, size_t *n, struct vs_err *err)
{
	bool is_stdin = strcmp(from, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(from, O_RDONLY | O_CLOEXEC);
	vs_status st;

	if (fd < 0)
		return vs_fail(err, VS_USAGE, "%s: cannot be opened", from);
	st = read_all(fd, from, vs_secret_poke(to), n, err);
	if (!is_stdin)
		(void)close(fd); /* it was only read */
	return st;
}

struct job {
	const struct import_opts *o;
	const char *name;
	uint32_t version;
	uint8_t key[VS_IMPORT_KEY_SIZE]; /* the keeper's */
	struct vs_secret *secret;
	size_t n;
	struct vs_buf jwe;
};

/* What the daemon says of the key is no proof; what it hashes to is. */
static vs_status
check_key(const struct job *j, struct vs_err *err)
{
	const struct vs_recipient r = {
	    .curve = VS_CURVE_X25519, .x = VS_SPAN_OF(j->key)};
	uint8_t got[32], want[32];

	if (vs_b64url_decode_n(
		vs_span_cstr(j->o->expect_key), want, sizeof want) != VS_OK)
		return vs_fail(err, VS_USAGE,
		    "--expect-key: not a thumbprint of `key import-key`");
	VS_TRY(err, "import key", vs_binding_thumbprint(&r, got));
	if (memcmp(got, want, sizeof got) != 0)
		return vs_fail_code(err, VS_UNTRUSTED, "import.key",
		    "the daemon's import key is not the expected one");
	return VS_OK;
}

static vs_status
fetch_import_key(struct job *j, struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;

	VS_TRY(err, "import key",
	    vs_cli_call(
		&j->o->admin, "GET", "/v1/import-key", NULL, &doc, err));
	if (vs_b64url_decode_n(vs_cli_str(doc, "x"), j->key, sizeof j->key) !=
	    VS_OK)
		return vs_fail(
		    err, VS_MALFORMED, "import key: not an X25519 key");
	return j->o->expect_key == NULL ? VS_OK : check_key(j, err);
}

/* One past the newest; a name that exists needs --rotate. */
static vs_status
find_version(struct job *j, struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_buf path = {0};
	const struct vs_json *list;
	vs_status st;

	vs_cli_key_path(&path, j->name);
	st = vs_cli_call(
	    &j->o->admin, "GET", vs_buf_cstr(&path), NULL, &doc, err);
	vs_buf_fini(&path);
	j->version = 1;
	if (st == VS_NOT_FOUND) {
		vs_err_clear(err);
		return VS_OK;
	}
	if (st != VS_OK)
		return st;
	if (!j->o->rotate)
		return vs_fail(err, VS_CONFLICT,
		    "key %s exists: --rotate imports a new version of it",
		    j->name);
	list = vs_json_get(doc, "versions");
	j->version = (uint32_t)vs_cli_int(
			 vs_json_at(list, vs_json_size(list) - 1), "version") +
	    1;
	return VS_OK;
}

static vs_status
seal(struct job *j, struct vs_err *err)
{
	uint8_t context[VS_IMPORT_CONTEXT_SIZE];
	const struct vs_jwe_to to = {.curve = VS_CURVE_X25519,
	    .x = VS_SPAN_OF(j->key),
	    .apu = VS_IMPORT_APU,
	    .apv = VS_SPAN_OF(context)};
	VS_AUTO(vs_jwe) *jwe = NULL;
	uint8_t *out;

	VS_TRY(err, "seal",
	    vs_import_context(
		vs_span_cstr(j->name), j->version, j->o->dataset, context));
	VS_TRY(err, "seal", vs_jwe_new(&jwe));
	out = vs_buf_grow(&j->jwe, vs_jwe_len(&to, j->n));
	if (out == NULL)
		return vs_fail(err, VS_NO_MEMORY, "seal");
	VS_TRY(err, "import key", vs_jwe_begin(jwe, &to, j->n, out));
	VS_TRY(err, "seal",
	    vs_jwe_add(jwe, VS_SPAN(vs_secret_peek(j->secret).p, j->n)));
	VS_TRY(err, "seal", vs_jwe_end(jwe));
	return VS_OK;
}

static vs_status
prepare(struct job *j, struct vs_err *err)
{
	VS_TRY(err, "import", vs_process_harden(err));
	VS_TRY(err, "import", vs_secret_pool_init(POOL, err));
	j->secret = vs_secret_new(VS_PAYLOAD_MAX + 1);
	if (j->secret == NULL)
		return vs_fail(err, VS_NO_MEMORY, "locked memory");
	VS_TRY(err, "import", fetch_import_key(j, err));
	VS_TRY(err, "import", find_version(j, err));
	VS_TRY(err, "import", read_key(j->o->from, j->secret, &j->n, err));
	return seal(j, err);
}

static vs_status
send(struct job *j, struct vs_json **out, struct vs_err *err)
{
	struct vs_json *in = vs_json_object();
	struct vs_buf path = {0};
	vs_status st;

	vs_json_set(&in, "sealed", vs_json_str(vs_buf_span(&j->jwe)));
	vs_json_set(&in, "version", vs_json_int(j->version));
	if (j->o->content_type != NULL)
		vs_json_set(
		    &in, "content_type", vs_json_cstr(j->o->content_type));
	if (j->o->dataset)
		vs_json_set(&in, "dataset", vs_json_bool(true));
	if (j->o->max_uses > 0)
		vs_json_set(
		    &in, "max_uses", vs_json_int((int64_t)j->o->max_uses));
	vs_cli_key_path(&path, j->name);
	vs_buf_puts(&path, ":import");
	vs_cli_query(&path, "dry_run", j->o->dry_run ? "true" : NULL);
	st =
	    vs_cli_call(&j->o->admin, "POST", vs_buf_cstr(&path), in, out, err);
	vs_buf_fini(&path);
	vs_json_free(&in);
	return st;
}

static int
run(const void *opts, const struct vs_args *args)
{
	const struct import_opts *o = opts;
	struct job j = {.o = o, .name = args->v[0]};
	struct vs_json *out = NULL;
	struct vs_err err = {0};
	vs_status st = o->from == NULL
	    ? vs_fail(&err, VS_USAGE, "--from FILE is missing; - is stdin")
	    : prepare(&j, &err);

	if (st == VS_OK)
		st = send(&j, &out, &err);
	vs_secret_free(&j.secret);
	vs_buf_fini(&j.jwe);
	if (st != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	if (o->admin.json)
		return vs_cli_json(&out, VS_EXIT_OK);
	printf("%simported %s, version %u, %zu bytes\n",
	    o->dry_run ? "would have " : "", j.name, (unsigned)j.version, j.n);
	vs_json_free(&out);
	return VS_EXIT_OK;
}

static int
run_key(const void *opts, const struct vs_args *args)
{
	const struct import_opts *o = opts;
	struct vs_json *out = NULL;
	struct vs_err err = {0};
	char text[VS_CLI_TEXT_MAX];

	(void)args;
	if (vs_cli_call(&o->admin, "GET", "/v1/import-key", NULL, &out, &err) !=
	    VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	if (o->admin.json)
		return vs_cli_json(&out, VS_EXIT_OK);
	printf("x25519     %s\n", vs_cli_text(vs_cli_str(out, "x"), text));
	printf("thumbprint %s\n", vs_cli_text(vs_cli_str(out, "kid"), text));
	vs_json_free(&out);
	return VS_EXIT_OK;
}

static const struct vs_opt import_options[] = {
    VS_ADMIN_OPTIONS(struct import_opts),
    VS_OPT("from", TEXT, struct import_opts, from, "FILE",
	"the key's bytes; - is standard input"),
    VS_OPT("content-type", TEXT, struct import_opts, content_type, "TYPE",
	"media type handed to the guest with the key"),
    VS_OPT("expect-key", TEXT, struct import_opts, expect_key, "THUMBPRINT",
	"seal to this import key and no other"),
    VS_OPT("rotate", FLAG, struct import_opts, rotate, NULL,
	"as a new version of a key that exists"),
    VS_OPT("dataset", FLAG, struct import_opts, dataset, NULL,
	"others are derived from it: NAME/epoch-N/shard-N"),
    VS_OPT("max-uses", COUNT, struct import_opts, max_uses, "N",
	"give it out so many times and no more"),
    VS_OPT("dry-run", FLAG, struct import_opts, dry_run, NULL,
	"check everything, change nothing")};
static const struct vs_opt key_options[] = {
    VS_ADMIN_OPTIONS(struct import_opts)};

static const struct vs_command commands[] = {
    {.verb = "key",
	.sub = "import",
	.args = "NAME",
	.args_min = 1,
	.args_max = 1,
	.summary = "bring a key that was made elsewhere",
	.opts = import_options,
	.opts_n = VS_COUNT(import_options),
	.size = sizeof(struct import_opts),
	.run = run},
    {.verb = "key",
	.sub = "import-key",
	.args = "",
	.args_max = 0,
	.summary = "what imports are sealed to",
	.opts = key_options,
	.opts_n = VS_COUNT(key_options),
	.size = sizeof(struct import_opts),
	.run = run_key},
};
const struct vs_family vs_key_import_family = {commands, VS_COUNT(commands)};
