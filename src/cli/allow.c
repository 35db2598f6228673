/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe allow add` and `revoke`: what guests may be. */
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "cli/allow.h"
#include "client/client.h"

/* As much as the daemon takes. */
enum { PROOF_MAX = 1024 * 1024 };

void
vs_allow_path(struct vs_buf *out, const char *list, const char *value)
{
	vs_buf_puts(out, "/v1/allowlists/");
	vs_client_escape(out, vs_span_cstr(list), false);
	if (value == NULL)
		return;
	vs_buf_puts(out, "/entries/");
	/* The admin API takes everything behind it as the value. */
	vs_client_escape(out, vs_span_cstr(value), true);
}

static vs_status
labels_json(
    const struct vs_opt_list *labels, struct vs_json **out, struct vs_err *err)
{
	struct vs_json *o = vs_json_object();

	for (size_t i = 0; i < labels->n; i++) {
		const char *eq = strchr(labels->v[i], '=');
		char name[160];

		if (eq == NULL || eq == labels->v[i] ||
		    (size_t)(eq - labels->v[i]) >= sizeof name) {
			vs_json_free(&o);
			return vs_fail(err, VS_USAGE,
			    "--label: write NAME=TEXT, not \"%.64s\"",
			    labels->v[i]);
		}
		memcpy(name, labels->v[i], (size_t)(eq - labels->v[i]));
		name[eq - labels->v[i]] = '\0';
		vs_json_set(&o, name, vs_json_cstr(eq + 1));
	}
	*out = o;
	return VS_OK;
}

static void
set_opt(struct vs_json **o, const char *name, const char *text)
{
	if (text != NULL)
		vs_json_set(o, name, vs_json_cstr(text));
}

static vs_status
read_proof(const char *path, struct vs_json **out, struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st = vs_file_read(path, PROOF_MAX, &text, err);

	if (st == VS_OK)
		st = vs_json_parse(vs_buf_span(&text), out, err);
	vs_buf_fini(&text);
	if (st == VS_OK)
		return VS_OK;
	(void)vs_ctx(err, path, st);
	return err->status = VS_USAGE;
}

static vs_status
push_json(
    const struct vs_allow_opts *o, struct vs_json **out, struct vs_err *err)
{
	struct vs_json *in = vs_json_object(), *labels = NULL, *proof = NULL;
	vs_status st = labels_json(&o->labels, &labels, err);

	if (st == VS_OK && o->provenance != NULL)
		st = read_proof(o->provenance, &proof, err);
	if (st != VS_OK) {
		vs_json_free(&in);
		vs_json_free(&labels);
		return st;
	}
	if (proof != NULL)
		vs_json_set(&in, "provenance", proof);
	vs_json_set(&in, "labels", labels);
	set_opt(&in, "source", o->source);
	set_opt(&in, "reason", o->reason);
	if (o->expires.given) {
		char text[VS_TIME_TEXT_MAX];

		vs_time_format_ms(o->expires.ms, text);
		vs_json_set(&in, "expires_at", vs_json_cstr(text));
	}
	if (o->emergency)
		vs_json_set(&in, "emergency", vs_json_bool(true));
	*out = in;
	return VS_OK;
}

static void
print_change(
    const struct vs_allow_opts *o, const struct vs_json *r, const char *done)
{
	char list[VS_CLI_TEXT_MAX], value[VS_CLI_TEXT_MAX];
	char id[VS_CLI_TEXT_MAX];
	bool waits = false, same = false;

	(void)vs_json_is_bool(vs_json_get(r, "waits"), &waits);
	(void)vs_json_is_bool(vs_json_get(r, "unchanged"), &same);
	vs_cli_text(vs_cli_str(r, "list"), list);
	vs_cli_text(vs_cli_str(r, "value"), value);
	vs_cli_text(vs_cli_str(r, "approval"), id);
	if (waits && o->dry_run)
		printf("%s %s: would wait for approval\n", list, value);
	else if (waits)
		printf("%s %s: waits for approval %s\n"
		       "  vouchsafe allow approve %s\n",
		    list, value, id, id);
	else if (same)
		printf("%s %s: as it was\n", list, value);
	else
		printf("%s %s: %s%s\n", list, value,
		    o->dry_run ? "would be " : "", done);
}

/* One value after the other: the first failure ends it, and what was done
 * may be done again. */
static int
change_all(const struct vs_allow_opts *o, const struct vs_args *args,
    const char *method, const char *verb, const struct vs_json *in,
    const char *done)
{
	struct vs_json *all = vs_json_array();
	struct vs_err err = {0};
	vs_status st = VS_OK;

	for (size_t i = 1; st == VS_OK && i < args->n; i++) {
		struct vs_json *out = NULL;
		struct vs_buf path = {0};

		vs_allow_path(&path, args->v[0], args->v[i]);
		vs_buf_puts(&path, verb);
		vs_cli_query(&path, "dry_run", o->dry_run ? "true" : NULL);
		st = vs_cli_call(
		    &o->admin, method, vs_buf_cstr(&path), in, &out, &err);
		vs_buf_fini(&path);
		if (st != VS_OK)
			break;
		if (!o->admin.json)
			print_change(o, out, done);
		vs_json_append(&all, out);
	}
	if (st != VS_OK) {
		vs_json_free(&all);
		return vs_cli_fail(&err, o->admin.json);
	}
	if (o->admin.json) {
		struct vs_json *root = vs_json_object();

		vs_json_set(&root, "entries", all);
		return vs_cli_json(&root, VS_EXIT_OK);
	}
	vs_json_free(&all);
	return VS_EXIT_OK;
}

/* The list, and the digest of the files that are named. */
static int
add_measured(
    const struct vs_allow_opts *o, char *list, const struct vs_json *in)
{
	uint8_t ovmf[VS_SNP_LD_SIZE], digest[VS_SNP_LD_SIZE];
	char hex[2 * VS_SNP_LD_SIZE + 1];
	char *v[] = {list, hex};
	struct vs_args both = {v, VS_COUNT(v)};
	struct vs_err err = {0};

	if (vs_measure_snp(&o->measure_of, ovmf, digest, &err) != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	vs_hex(VS_SPAN_OF(digest), hex);
	return change_all(o, &both, "PUT", "", in, "active");
}

static vs_status
check_values(const struct vs_allow_opts *o, const struct vs_args *args,
    struct vs_err *err)
{
	if (!o->measure && vs_measure_given(&o->measure_of))
		return vs_fail(
		    err, VS_USAGE, "to measure files, say --measure");
	if (o->measure && args->n > 1)
		return vs_fail(
		    err, VS_USAGE, "--measure works out the value: name none");
	if (!o->measure && args->n < 2)
		return vs_fail(err, VS_USAGE, "which values?");
	return VS_OK;
}

int
vs_allow_add(const void *opts, const struct vs_args *args)
{
	const struct vs_allow_opts *o = opts;
	struct vs_json *in = NULL;
	struct vs_err err = {0};
	int code;

	if (check_values(o, args, &err) != VS_OK ||
	    push_json(o, &in, &err) != VS_OK)
		return vs_cli_fail(&err, o->admin.json);
	code = o->measure ? add_measured(o, args->v[0], in)
			  : change_all(o, args, "PUT", "", in, "active");
	vs_json_free(&in);
	return code;
}

int
vs_allow_revoke(const void *opts, const struct vs_args *args)
{
	const struct vs_allow_opts *o = opts;
	struct vs_json *in = vs_json_object();
	struct vs_err err = {0};
	int code;

	if (o->reason == NULL) {
		vs_json_free(&in);
		(void)vs_fail(&err, VS_USAGE,
		    "say why: --reason TEXT, for whoever reads the audit "
		    "trail");
		return vs_cli_fail(&err, o->admin.json);
	}
	set_opt(&in, "reason", o->reason);
	if (o->emergency)
		vs_json_set(&in, "emergency", vs_json_bool(true));
	code = change_all(o, args, "POST", ":revoke", in, "revoked");
	vs_json_free(&in);
	return code;
}
