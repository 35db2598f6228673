/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe policy sign`, `policy verify`: detached signatures. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/file.h"
#include "broker/dir.h"
#include "broker/signers.h"
#include "cli/dispatch.h"
#include "cli/input.h"
#include "cli/output.h"
#include "codec/yaml.h"
#include "crypto/digest.h"
#include "policy/policy.h"

enum { ARENA_MAX = 4 * 1024 * 1024, PEM_MAX = 16 * 1024 };

struct sign_opts {
	const char *key;
	const char *out;
	struct vs_opt_list signers;
	uint64_t threshold;
	bool json;
};

/* NAME.yaml.sig, or what was asked for. */
static const char *
sig_path(const struct sign_opts *o, const char *policy, struct vs_arena *a)
{
	return o->out != NULL ? o->out
			      : vs_arena_printf(a, "%s" VS_SIG_SUFFIX, policy);
}

/* Signatures of this very text; others would only confuse. */
static vs_status
read_old(const char *path, const uint8_t sha256[32], struct vs_arena *a,
    struct vs_sig_file *f, struct vs_err *err)
{
	struct vs_span text;

	f->n = 0;
	if (!vs_dir_absent(path)) {
		VS_TRY(err, path,
		    vs_cli_read(path, VS_SIG_FILE_MAX, a, &text, err));
		VS_TRY(err, path, vs_sig_file_read(text, a, f, err));
		if (memcmp(f->sha256, sha256, sizeof(f->sha256)) != 0)
			f->n = 0;
	}
	memcpy(f->sha256, sha256, sizeof(f->sha256));
	return VS_OK;
}

static vs_status
public_of(
    const struct vs_signer *s, struct vs_verifier **out, struct vs_err *err)
{
	struct vs_buf pem = {0};
	vs_status st = vs_signer_public(s, &pem, err);

	if (st == VS_OK)
		st = vs_verifier_read(vs_buf_span(&pem), out, err);
	vs_buf_fini(&pem);
	return st;
}

/* In place of an older one by this key. */
static vs_status
add(struct vs_sig_file *f, const struct vs_signer *s, struct vs_span policy,
    struct vs_err *err)
{
	VS_AUTO(vs_verifier) *v = NULL;
	struct vs_buf message = {0};
	size_t i = 0;
	vs_status st;

	VS_TRY(err, "--key", public_of(s, &v, err));
	while (i < f->n &&
	    memcmp(f->v[i].key, vs_verifier_id(v), VS_SIGN_ID_SIZE) != 0)
		i++;
	if (i == VS_SIG_ENTRIES_MAX)
		return vs_fail(err, VS_USAGE, "too many signatures");
	vs_sig_message(policy, &message);
	st = vs_buf_status(&message);
	if (st == VS_OK)
		st = vs_sign(s, vs_buf_span(&message), f->v[i].sig, err);
	vs_buf_fini(&message);
	if (st != VS_OK)
		return st;
	memcpy(f->v[i].key, vs_verifier_id(v), VS_SIGN_ID_SIZE);
	f->v[i].alg = vs_span_cstr(vs_sign_alg_name(vs_verifier_alg(v)));
	if (i == f->n)
		f->n++;
	return VS_OK;
}

/* Nobody should sign what would not load. */
static vs_status
check_loads(const char *file, struct vs_span text, struct vs_err *err)
{
	VS_AUTO(vs_policy) *p = NULL;

	return vs_policy_load(file, text, NULL, &p, err);
}

static vs_status
read_signer(const char *path, struct vs_arena *a, struct vs_signer **out,
    struct vs_err *err)
{
	struct vs_span pem;

	if (path == NULL)
		return vs_fail(err, VS_USAGE,
		    "--key FILE: the private key to sign with, PEM");
	VS_TRY(err, "--key", vs_cli_read(path, PEM_MAX, a, &pem, err));
	return vs_signer_read(pem, out, err);
}

static vs_status
sign_one(const struct sign_opts *o, const char *file, const struct vs_signer *s,
    struct vs_arena *a, struct vs_err *err)
{
	struct vs_sig_file *f = vs_arena_alloc(a, sizeof(*f));
	const char *path = sig_path(o, file, a);
	uint8_t sha256[VS_SHA256_SIZE];
	struct vs_buf out = {0};
	struct vs_span text;
	vs_status st;

	if (f == NULL || path == NULL)
		return vs_fail(err, VS_NO_MEMORY, "%s", file);
	VS_TRY(err, file, vs_cli_read(file, VS_YAML_SIZE_MAX, a, &text, err));
	VS_TRY(err, "not signed", check_loads(file, text, err));
	VS_TRY(err, file, vs_sha256(text, sha256));
	VS_TRY(err, "signatures", read_old(path, sha256, a, f, err));
	VS_TRY(err, file, add(f, s, text, err));
	vs_sig_file_write(f, &out);
	st = vs_buf_status(&out);
	if (st == VS_OK)
		st = vs_file_write(path, vs_buf_span(&out), 0644, err);
	vs_buf_fini(&out);
	if (st == VS_OK && !o->json)
		printf("%s: %zu %s\n", path, f->n,
		    f->n == 1 ? "signature" : "signatures");
	return st;
}

static int
run_sign(const void *opts, const struct vs_args *args)
{
	const struct sign_opts *o = opts;
	struct vs_signer *s = NULL;
	struct vs_arena a;
	struct vs_err err = {0};
	int code = VS_EXIT_OK;
	vs_status st = VS_OK;

	vs_arena_init(&a, ARENA_MAX);
	if (o->out != NULL && args->n != 1)
		st = vs_fail(&err, VS_USAGE, "--out: wants one policy");
	if (st == VS_OK)
		st = read_signer(o->key, &a, &s, &err);
	for (size_t i = 0; st == VS_OK && i < args->n; i++)
		st = sign_one(o, args->v[i], s, &a, &err);
	if (st != VS_OK) {
		/* Whatever it is, it is about what was given to us. */
		err.status = VS_USAGE;
		code = vs_cli_fail(&err, o->json);
	} else if (o->json) {
		struct vs_json *root = vs_json_object();

		vs_json_set(&root, "ok", vs_json_bool(true));
		code = vs_cli_json(&root, code);
	}
	vs_signer_free(&s);
	vs_arena_fini(&a);
	return code;
}

/* Exit code of one policy; appends to *list for --json. */
static int
verify_one(const struct sign_opts *o, const struct vs_signers *s,
    const char *file, struct vs_arena *a, struct vs_json **list)
{
	const char *path = sig_path(o, file, a);
	struct vs_span text, sigs = {NULL, 0};
	struct vs_err err = {0};
	struct vs_json *one = vs_json_object();
	size_t good = 0;
	vs_status st = path != NULL ? VS_OK : VS_NO_MEMORY;

	if (st == VS_OK)
		st = vs_cli_read(file, VS_YAML_SIZE_MAX, a, &text, &err);
	if (st == VS_OK && !vs_dir_absent(path))
		st = vs_cli_read(path, VS_SIG_FILE_MAX, a, &sigs, &err);
	if (st == VS_OK)
		st = vs_signers_check(s, file, text, sigs, &good, &err);
	vs_json_set(&one, "file", vs_json_cstr(file));
	vs_json_set(&one, "ok", vs_json_bool(st == VS_OK));
	vs_json_set(&one, "signed_by", vs_json_int((int64_t)good));
	if (st != VS_OK)
		vs_json_set(&one, "why", vs_json_cstr(err.msg));
	vs_json_append(list, one);
	if (!o->json && st == VS_OK)
		printf("%s: signed by %zu, %zu are needed\n", file, good,
		    vs_signers_threshold(s));
	else if (!o->json)
		(void)fprintf(stderr, "vouchsafe: %s\n", err.msg);
	if (st == VS_OK)
		return VS_EXIT_OK;
	return st == VS_USAGE ? VS_EXIT_USAGE : VS_EXIT_DENIED;
}

static int
run_verify(const void *opts, const struct vs_args *args)
{
	const struct sign_opts *o = opts;
	struct vs_signers *s = NULL;
	struct vs_json *list = vs_json_array(), *root = vs_json_object();
	struct vs_arena a;
	struct vs_err err = {0};
	int worst = VS_EXIT_OK;
	size_t threshold = o->threshold > 0 ? (size_t)o->threshold : 1;

	vs_arena_init(&a, ARENA_MAX);
	if (vs_signers_load(o->signers.v, o->signers.n, threshold, &s, &err) !=
	    VS_OK) {
		err.status = VS_USAGE;
		worst = vs_cli_fail(&err, o->json);
	} else {
		for (size_t i = 0; i < args->n; i++) {
			int code = verify_one(o, s, args->v[i], &a, &list);

			worst = code > worst ? code : worst;
		}
		vs_json_set(&root, "ok", vs_json_bool(worst == VS_EXIT_OK));
		vs_json_set(&root, "files", VS_TAKE(list));
		if (o->json)
			worst = vs_cli_json(&root, worst);
	}
	vs_json_free(&list);
	vs_json_free(&root);
	vs_signers_free(&s);
	vs_arena_fini(&a);
	return worst;
}

static const struct vs_opt sign_options[] = {
    VS_OPT("key", TEXT, struct sign_opts, key, "FILE",
	"private key, Ed25519 or P-256, PEM"),
    VS_OPT("out", TEXT, struct sign_opts, out, "FILE",
	"where the signatures are; the policy and .sig by default"),
    VS_OPT("json", FLAG, struct sign_opts, json, NULL, "one JSON object"),
};
static const struct vs_opt verify_options[] = {
    VS_OPT("signer", LIST, struct sign_opts, signers, "FILE",
	"public key of a signer, PEM; may repeat"),
    VS_OPT("threshold", COUNT, struct sign_opts, threshold, "K",
	"so many must have signed, 1 by default"),
    VS_OPT("signatures", TEXT, struct sign_opts, out, "FILE",
	"where the signatures are; the policy and .sig by default"),
    VS_OPT("json", FLAG, struct sign_opts, json, NULL, "one JSON object"),
};

static const struct vs_command commands[] = {
    {.verb = "policy",
	.sub = "sign",
	.args = "FILES...",
	.args_min = 1,
	.args_max = SIZE_MAX,
	.summary = "add a signature to the .sig file of a policy",
	.opts = sign_options,
	.opts_n = VS_COUNT(sign_options),
	.size = sizeof(struct sign_opts),
	.run = run_sign},
    {.verb = "policy",
	.sub = "verify",
	.args = "FILES...",
	.args_min = 1,
	.args_max = SIZE_MAX,
	.summary = "check who signed a policy",
	.opts = verify_options,
	.opts_n = VS_COUNT(verify_options),
	.size = sizeof(struct sign_opts),
	.run = run_verify},
};
const struct vs_family vs_policy_sign_family = {commands, VS_COUNT(commands)};
