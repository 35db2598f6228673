/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe provenance verify`: what the broker would say of a bundle or an
 * envelope, offline. */
#include "provenance/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "cli/dispatch.h"
#include "cli/input.h"
#include "cli/output.h"
#include "crypto/digest.h"

enum {
	ARTIFACT_MAX = 1 << 30,
	ARENA_MAX = 8 << 20,
	DAY_S = 86400,
	KEY_FILE_MAX = 16 * 1024,
};

struct prov_opts {
	const char *digest, *artifact, *root;
	const char *issuer, *identity;
	const char *source, *source_id, *ref, *commit, *runner;
	struct vs_opt_list keys, builders, types;
	uint64_t level, days;
	struct vs_opt_time at;
	bool v02, vsa, any, strict, legacy, no_log, no_transparency;
	bool json;
};

/* One command's work. */
struct prov {
	const struct prov_opts *o;
	struct vs_arena a;
	struct vs_buf artifact;
	struct vs_provenance_trust *trust;
	struct vs_provenance_want want;
	struct vs_provenance out;
	uint8_t digest[VS_HASH_MAX];
};

static vs_status
read_hex(struct prov *p, const char *text, struct vs_err *err)
{
	size_t n = VS_SHA256_SIZE;

	if (strncmp(text, "sha256:", 7) == 0) {
		text += 7;
	} else if (strncmp(text, "sha512:", 7) == 0) {
		text += 7;
		n = VS_SHA512_SIZE;
	}
	if (vs_unhex(vs_span_cstr(text), p->digest, n) != VS_OK)
		return vs_fail(
		    err, VS_USAGE, "--digest: wants sha256:HEX or sha512:HEX");
	p->want.digest = VS_SPAN(p->digest, n);
	return VS_OK;
}

static vs_status
read_artifact(struct prov *p, const char *path, struct vs_err *err)
{
	p->artifact.max = ARTIFACT_MAX;
	if (vs_file_read(path, ARTIFACT_MAX, &p->artifact, err) != VS_OK)
		return err->status = VS_USAGE;
	p->want.artifact = vs_buf_span(&p->artifact);
	if (p->want.digest.n != 0)
		return VS_OK; /* compared by whoever verifies */
	VS_TRY(err, path, vs_sha256(p->want.artifact, p->digest));
	p->want.digest = VS_SPAN(p->digest, VS_SHA256_SIZE);
	return VS_OK;
}

static vs_status
read_trust(struct prov *p, struct vs_err *err)
{
	const struct vs_opt_list *keys = &p->o->keys;
	struct vs_span root = {0};
	struct vs_span *pem =
	    vs_arena_calloc(&p->a, keys->n, sizeof(struct vs_span));

	if (pem == NULL)
		return vs_fail(err, VS_NO_MEMORY, "keys");
	if (p->o->root != NULL)
		VS_TRY(err, "--trusted-root",
		    vs_cli_read(
			p->o->root, VS_PROVENANCE_MAX, &p->a, &root, err));
	for (size_t i = 0; i < keys->n; i++)
		VS_TRY(err, "--key",
		    vs_cli_read(keys->v[i], KEY_FILE_MAX, &p->a, &pem[i], err));
	if (root.n == 0 && keys->n == 0)
		return vs_fail(err, VS_USAGE,
		    "--trusted-root FILE or --key FILE: what is trusted?");
	return vs_provenance_trust_read(root, pem, keys->n, &p->trust, err);
}

/* "PATTERN" or "PATTERN=LEVEL". */
static vs_status
read_builder(
    const char *text, struct vs_provenance_builder *b, struct vs_err *err)
{
	size_t n = strlen(text);

	b->level = 1;
	if (n > 2 && text[n - 2] == '=' && text[n - 1] >= '0' &&
	    text[n - 1] <= '0' + VS_PROVENANCE_LEVEL_MAX) {
		b->level = text[n - 1] - '0';
		n -= 2;
	}
	b->id = VS_SPAN(text, n);
	return vs_provenance_pattern_ok(b->id)
	    ? VS_OK
	    : vs_fail(err, VS_USAGE, "--builder: not a pattern");
}

static vs_status
read_lists(struct prov *p, struct vs_err *err)
{
	const struct vs_opt_list *b = &p->o->builders, *t = &p->o->types;
	struct vs_provenance_builder *rows =
	    vs_arena_calloc(&p->a, b->n, sizeof(*rows));
	struct vs_span *types =
	    vs_arena_calloc(&p->a, t->n, sizeof(struct vs_span));

	if (rows == NULL || types == NULL)
		return vs_fail(err, VS_NO_MEMORY, "builders");
	for (size_t i = 0; i < b->n; i++)
		VS_TRY(err, "builder", read_builder(b->v[i], &rows[i], err));
	for (size_t i = 0; i < t->n; i++)
		types[i] = vs_span_cstr(t->v[i]);
	p->want.builders = rows;
	p->want.builders_n = b->n;
	p->want.build_types = types;
	p->want.build_types_n = t->n;
	return VS_OK;
}

static struct vs_span
span(const char *s)
{
	return s != NULL ? vs_span_cstr(s) : (struct vs_span){0};
}

static void
fill_want(struct prov *p)
{
	const struct prov_opts *o = p->o;
	struct vs_provenance_want *w = &p->want;

	w->issuer = span(o->issuer);
	w->identity = span(o->identity);
	w->source_uri = span(o->source);
	w->source_repo_id = span(o->source_id);
	w->source_ref = span(o->ref);
	w->source_digest = span(o->commit);
	w->runner = span(o->runner);
	w->min_level = (int64_t)o->level;
	w->max_age_s = (int64_t)o->days * DAY_S;
	w->now_s = vs_cli_now(&o->at) / 1000;
	w->allow_v02 = o->v02;
	w->allow_vsa = o->vsa;
	w->any_predicate = o->any;
	w->strict_parameters = o->strict;
	w->legacy_bundles = o->legacy;
	w->no_log = o->no_log;
	w->no_transparency = o->no_transparency;
}

static vs_status
check_opts(const struct prov_opts *o, struct vs_err *err)
{
	if (o->digest == NULL && o->artifact == NULL)
		return vs_fail(err, VS_USAGE,
		    "--digest sha256:HEX or --artifact FILE: of what?");
	if (o->level > VS_PROVENANCE_LEVEL_MAX)
		return vs_fail(err, VS_USAGE, "--min-level: at most %d",
		    VS_PROVENANCE_LEVEL_MAX);
	if (o->days > 36500)
		return vs_fail(err, VS_USAGE, "--max-age-days: a century");
	if ((o->identity != NULL &&
		!vs_provenance_pattern_ok(span(o->identity))) ||
	    (o->ref != NULL && !vs_provenance_pattern_ok(span(o->ref))))
		return vs_fail(
		    err, VS_USAGE, "--identity, --source-ref: a pattern");
	return VS_OK;
}

static vs_status
work(struct prov *p, const char *path, struct vs_err *err)
{
	struct vs_span document;

	VS_TRY(err, "options", check_opts(p->o, err));
	if (p->o->digest != NULL)
		VS_TRY(err, "digest", read_hex(p, p->o->digest, err));
	if (p->o->artifact != NULL)
		VS_TRY(
		    err, "--artifact", read_artifact(p, p->o->artifact, err));
	fill_want(p);
	VS_TRY(err, "options", read_lists(p, err));
	VS_TRY(err, "trust", read_trust(p, err));
	VS_TRY(err, "document",
	    vs_cli_read(path, VS_PROVENANCE_MAX, &p->a, &document, err));
	return vs_provenance_verify(
	    document, p->trust, &p->want, &p->a, &p->out, err);
}

/* What is said of it, in the order in which people ask. */
struct row {
	const char *name;
	struct vs_span value;
};
enum { ROWS = 12 };

static void
rows_of(const struct vs_provenance *v, struct row out[ROWS])
{
	const struct row rows[ROWS] = {
	    {"identity", v->identity},
	    {"issuer", v->issuer},
	    {"builder", v->builder},
	    {"build_type", v->build_type},
	    {"source_uri", v->source_uri},
	    {"source_ref", v->source_ref},
	    {"source_digest", v->source_digest},
	    {"source_repo_id", v->source_repo_id},
	    {"workflow", v->workflow},
	    {"runner", v->runner},
	    {"predicate_type", v->predicate_type},
	    {"subject_name", v->subject_name},
	};

	memcpy(out, rows, sizeof(rows));
}

static int
show_json(const struct vs_provenance *v)
{
	struct vs_json *doc = vs_json_object(), *in = vs_json_object(),
		       *times = vs_json_array();
	struct row rows[ROWS];
	char hex[65];

	vs_json_set(&in, "mode", vs_json_cstr(v->keyless ? "keyless" : "key"));
	vs_json_set(&in, "slsa_level", vs_json_int(v->slsa_level));
	rows_of(v, rows);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].value.n != 0)
			vs_json_set(
			    &in, rows[i].name, vs_json_str(rows[i].value));
	for (size_t i = 0; i < v->times_n; i++) {
		char text[VS_TIME_TEXT_MAX];
		vs_time_format_ms(v->times[i] * 1000, text);
		vs_json_append(&times, vs_json_cstr(text));
	}
	vs_json_set(&in, "signed_at", times);
	if (v->logged) {
		vs_hex(VS_SPAN_OF(v->log_id), hex);
		vs_json_set(&in, "log_index", vs_json_int(v->log_index));
		vs_json_set(&in, "log_id", vs_json_cstr(hex));
	}
	vs_json_set(&doc, "verified", vs_json_bool(true));
	vs_json_set(&doc, "provenance", in);
	return vs_cli_json(&doc, VS_EXIT_OK);
}

static int
show_text(const struct vs_provenance *v)
{
	char shown[VS_CLI_TEXT_MAX], at[VS_TIME_TEXT_MAX];
	struct row rows[ROWS];

	vs_cli_paint(stdout, VS_GOOD, "verified");
	printf(": SLSA build level %d, %s\n", (int)v->slsa_level,
	    v->keyless ? "keyless" : "by key");
	rows_of(v, rows);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].value.n != 0)
			printf("  %-15s %s\n", rows[i].name,
			    vs_cli_text(rows[i].value, shown));
	for (size_t i = 0; i < v->times_n; i++) {
		vs_time_format_ms(v->times[i] * 1000, at);
		printf("  %-15s %s\n", "signed_at", at);
	}
	if (v->logged)
		printf("  %-15s %lld\n", "log_index", (long long)v->log_index);
	return VS_EXIT_OK;
}

static int
show_failure(const struct vs_err *err, bool json)
{
	struct vs_json *doc;

	if (!json)
		return vs_cli_fail(err, false);
	doc = vs_json_object();
	vs_json_set(&doc, "verified", vs_json_bool(false));
	vs_json_set(&doc, "error",
	    vs_cli_error_json(vs_class_name(vs_status_class(err->status)),
		err->code, err->msg));
	return vs_cli_json(&doc, vs_status_exit(err->status));
}

static int
run_verify(const void *opts, const struct vs_args *args)
{
	struct prov p = {.o = opts};
	struct vs_err err = {0};
	int code;

	vs_arena_init(&p.a, ARENA_MAX);
	if (work(&p, args->v[0], &err) != VS_OK)
		code = show_failure(&err, p.o->json);
	else
		code = p.o->json ? show_json(&p.out) : show_text(&p.out);
	vs_provenance_trust_free(&p.trust);
	vs_buf_fini(&p.artifact);
	vs_arena_fini(&p.a);
	return code;
}

#define OPT(name, kind, member, arg, help)                                     \
	VS_OPT(name, kind, struct prov_opts, member, arg, help)
static const struct vs_opt options[] = {
    OPT("digest", TEXT, digest, "DIGEST", "of the artifact: sha256:HEX"),
    OPT("artifact", TEXT, artifact, "FILE", "the artifact itself"),
    OPT("trusted-root", TEXT, root, "FILE", "Sigstore's trusted_root.json"),
    OPT("key", LIST, keys, "FILE", "public key, PEM; may repeat"),
    OPT("issuer", TEXT, issuer, "URL", "who vouched for the identity"),
    OPT("identity", TEXT, identity, "PATTERN",
	"who signed: workflow@ref or address; * and **"),
    OPT("source-uri", TEXT, source, "URL", "repository it was built from"),
    OPT("source-repo-id", TEXT, source_id, "ID", "its number at the forge"),
    OPT("source-ref", TEXT, ref, "PATTERN", "ref, refs/heads/main"),
    OPT("source-digest", TEXT, commit, "HEX", "commit"),
    OPT("runner", TEXT, runner, "KIND", "github-hosted"),
    OPT("builder", LIST, builders, "PATTERN[=LEVEL]",
	"a builder, and the SLSA level it is trusted with; may repeat"),
    OPT("build-type", LIST, types, "URL", "a build type; may repeat"),
    OPT("min-level", COUNT, level, "N", "SLSA build level at least"),
    OPT("max-age-days", COUNT, days, "N", "signed no longer ago"),
    OPT("at", TIME, at, "TIME", "judge the age by this time; now"),
    OPT("allow-v02", FLAG, v02, NULL, "SLSA provenance v0.2 too"),
    OPT("allow-vsa", FLAG, vsa, NULL, "verification summaries, by key"),
    OPT("any-predicate", FLAG, any, NULL,
	"only who signed it, whatever it says; level 0"),
    OPT("strict-parameters", FLAG, strict, NULL,
	"refuse unknown external parameters"),
    OPT("legacy-bundles", FLAG, legacy, NULL, "bundles of v0.1 and v0.2"),
    OPT("no-log", FLAG, no_log, NULL, "by key: without a log entry"),
    OPT("no-transparency", FLAG, no_transparency, NULL,
	"keyless: a CA without logs; needs a time stamp"),
    OPT("json", FLAG, json, NULL, "as JSON"),
};

static const struct vs_command commands[] = {
    {.verb = "provenance",
	.sub = "verify",
	.args = "FILE",
	.args_min = 1,
	.args_max = 1,
	.summary = "who built an artifact, from what",
	.opts = options,
	.opts_n = VS_COUNT(options),
	.size = sizeof(struct prov_opts),
	.run = run_verify},
};
const struct vs_family vs_provenance_family = {commands, VS_COUNT(commands)};
