/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "broker/dir.h"
#include "broker/expiry.h"
#include "broker/history.h"
#include "broker/signers.h"
#include "codec/yaml.h"
#include "crypto/digest.h"

enum { PATH_BYTES = 4096 };

/* What is being built; owned until it is installed. */
struct draft {
	struct vs_incoming policies[VS_POLICY_FILES_MAX];
	size_t policies_n;
	struct vs_collateral_builder *builder;
	struct vs_snapshot_parts parts;
};

static void
draft_fini(struct draft *d)
{
	for (size_t i = 0; i < d->policies_n; i++)
		vs_incoming_fini(&d->policies[i]);
	vs_collateral_builder_free(&d->builder);
	vs_policy_set_free(&d->parts.policies);
	vs_lists_free(&d->parts.lists);
	vs_collateral_free(&d->parts.collateral);
}

/* "file:line:col: error: message [CODE]" */
static void
put_diags(const char *file, const struct vs_policy_diags *diags,
    struct vs_buf *report)
{
	for (size_t i = 0; i < vs_policy_diags_count(diags); i++) {
		const struct vs_policy_diag *d = vs_policy_diags_at(diags, i);

		vs_buf_printf(report, "%s:%d:%d: %s: %s [%s]\n", file, d->line,
		    d->col, d->error ? "error" : "warning", d->msg, d->code);
	}
}

/* One that fails its own tests is not what its author meant. */
static vs_status
run_tests(const char *path, const struct vs_policy *p,
    struct vs_policy_diags *diags, struct vs_err *err)
{
	size_t ran = 0, failed = 0;

	VS_TRY(err, path, vs_policy_run_tests(p, diags, &ran, &failed, err));
	if (failed == 0)
		return VS_OK;
	return vs_fail_code(err, VS_USAGE, "policy.tests",
	    "%s: %zu of its %zu tests fail: see `vouchsafe policy check`", path,
	    failed, ran);
}

static vs_status
load_policy(struct draft *d, const char *path, struct vs_buf *report,
    struct vs_err *err)
{
	struct vs_incoming *in = &d->policies[d->policies_n];
	char sig[PATH_BYTES];
	struct vs_buf text = {0};
	struct vs_policy_diags *diags = NULL;
	vs_status st = vs_file_read(path, VS_YAML_SIZE_MAX, &text, err);

	if (st == VS_OK && report != NULL) {
		diags = vs_policy_diags_new();
		if (diags == NULL)
			st = vs_fail(err, VS_NO_MEMORY, "%s", path);
	}
	if (st == VS_OK)
		st = vs_sha256(vs_buf_span(&text), in->hash);
	(void)snprintf(sig, sizeof sig, "%s" VS_SIG_SUFFIX, path);
	if (st == VS_OK && !vs_dir_absent(sig))
		st = vs_file_read(sig, VS_SIG_FILE_MAX, &in->signatures, err);
	if (st == VS_OK)
		st = vs_policy_load(
		    path, vs_buf_span(&text), diags, &in->policy, err);
	if (st == VS_OK) {
		d->policies_n++;
		st = run_tests(path, in->policy, diags, err);
	}
	if (diags != NULL)
		put_diags(path, diags, report);
	vs_policy_diags_free(&diags);
	vs_buf_fini(&text);
	return st;
}

static bool
is_policy(const char *name)
{
	size_t n = strlen(name);

	return (n > 5 && strcmp(name + n - 5, ".yaml") == 0) ||
	    (n > 4 && strcmp(name + n - 4, ".yml") == 0);
}

/* For --check every file is read, so that all findings show at once. */
static vs_status
load_policies(struct draft *d, const struct vs_config *c, struct vs_buf *report,
    struct vs_err *err)
{
	struct vs_dir dir = {0};
	struct vs_err first = {0};
	vs_status st = vs_dir_read(c->policy_dir, &dir, err);

	for (size_t i = 0; st == VS_OK && i < dir.n; i++) {
		struct vs_err why = {0};

		if (!is_policy(dir.paths[i]))
			continue;
		if (d->policies_n == VS_POLICY_FILES_MAX) {
			st = vs_fail(err, VS_LIMITED, "%s: above %d policies",
			    c->policy_dir, VS_POLICY_FILES_MAX);
		} else if (load_policy(d, dir.paths[i], report, &why) !=
		    VS_OK) {
			if (first.status == VS_OK)
				first = why;
			if (report == NULL)
				break;
		}
	}
	vs_dir_fini(&dir);
	if (st == VS_OK && first.status != VS_OK) {
		*err = first;
		st = first.status;
	}
	return st;
}

/* Of the versions that would decide, also of those gone back to. */
static vs_status
check_signatures(
    const struct draft *d, const struct vs_config *c, struct vs_err *err)
{
	VS_AUTO(vs_signers) *s = NULL;

	if (c->policy_threshold == 0)
		return VS_OK;
	VS_TRY(err, "policies",
	    vs_signers_load(c->policy_keys, c->policy_keys_n,
		(size_t)c->policy_threshold, &s, err));
	for (size_t i = 0; i < d->policies_n; i++) {
		const struct vs_incoming *in = &d->policies[i];

		VS_TRY(err, "policies",
		    vs_signers_check(s, vs_policy_file(in->policy),
			vs_policy_text(in->policy),
			vs_buf_span(&in->signatures), NULL, err));
	}
	return VS_OK;
}

/* Before anything is written down. */
static vs_status
check_names(const struct draft *d, struct vs_err *err)
{
	for (size_t i = 0; i < d->policies_n; i++) {
		const struct vs_policy *p = d->policies[i].policy;

		for (size_t k = 0; k < i; k++) {
			const struct vs_policy *q = d->policies[k].policy;

			if (strcmp(vs_policy_name(p), vs_policy_name(q)) == 0)
				return vs_fail(err, VS_CONFLICT,
				    "%s and %s: two policies are called "
				    "\"%s\"",
				    vs_policy_file(q), vs_policy_file(p),
				    vs_policy_name(p));
		}
	}
	return VS_OK;
}

/* The digest that names the set: over those of its files, in order. */
static vs_status
make_digest(struct draft *d, struct vs_err *err)
{
	struct vs_buf hashes = {0};
	vs_status st;

	for (size_t i = 0; i < d->policies_n; i++)
		vs_buf_add(&hashes, VS_SPAN_OF(d->policies[i].hash));
	st = vs_buf_status(&hashes);
	if (st == VS_OK)
		st = vs_sha256(vs_buf_span(&hashes), d->parts.policies_digest);
	vs_buf_fini(&hashes);
	return st == VS_OK ? st : vs_fail(err, st, "digest");
}

static vs_status
make_set(struct draft *d, struct vs_err *err)
{
	struct vs_policy *policies[VS_POLICY_FILES_MAX];
	vs_status st;

	for (size_t i = 0; i < d->policies_n; i++)
		policies[i] = d->policies[i].policy;
	st =
	    vs_policy_set_new(policies, d->policies_n, &d->parts.policies, err);
	for (size_t i = 0; st == VS_OK && i < d->policies_n; i++)
		d->policies[i].policy = NULL; /* the set owns it now */
	return st;
}

static vs_status
load_anchor(
    struct draft *d, const struct vs_config_anchor *a, struct vs_err *err)
{
	struct vs_buf cert = {0};
	vs_status st =
	    vs_file_read(a->file, VS_COLLATERAL_FILE_MAX, &cert, err);

	if (st == VS_OK)
		st = vs_collateral_add_anchor(
		    d->builder, a->name, vs_buf_span(&cert), err);
	vs_buf_fini(&cert);
	return st == VS_OK ? st : vs_ctx(err, "trust_anchors", st);
}

static vs_status
load_collateral(struct draft *d, const struct vs_config *c, struct vs_err *err)
{
	d->builder = vs_collateral_builder_new();
	if (d->builder == NULL)
		return vs_fail(err, VS_NO_MEMORY, "collateral");
	for (size_t i = 0; i < c->anchors_n; i++)
		VS_TRY(err, "collateral", load_anchor(d, &c->anchors[i], err));
	/* A first start has no collateral directory: the built-in authorities
	 * remain, and `crl: require` then refuses all evidence. */
	if (!vs_dir_absent(c->collateral_dir))
		VS_TRY(err, "collateral",
		    vs_collateral_add_dir(d->builder, c->collateral_dir, err));
	return vs_collateral_build(d->builder, &d->parts.collateral, err);
}

static vs_status
build(struct draft *d, const struct vs_config *c, struct vs_broker *b,
    int64_t now_ms, struct vs_buf *report, struct vs_err *err)
{
	vs_err_clear(err);
	VS_TRY(err, "policies", load_policies(d, c, report, err));
	VS_TRY(err, "reload", load_collateral(d, c, err));
	VS_TRY(err, "policies", check_names(d, err));
	if (b != NULL)
		VS_TRY(err, "policies",
		    vs_history_settle(
			b->opt.store, d->policies, d->policies_n, err));
	VS_TRY(err, "policies", check_signatures(d, c, err));
	VS_TRY(err, "policies", make_digest(d, err));
	if (b != NULL)
		VS_TRY(err, "policies",
		    vs_history_record(b, d->policies, d->policies_n,
			d->parts.policies_digest, now_ms, err));
	VS_TRY(err, "policies", make_set(d, err));
	d->parts.loaded_ms = now_ms;
	return VS_OK;
}

/* Whoever operates the daemon is to be reminded at every start. */
static void
log_waivers(const struct vs_policy_set *set)
{
	for (size_t i = 0; i < vs_policy_set_count(set); i++) {
		const struct vs_policy *p = vs_policy_set_at(set, i);
		const struct vs_policy_waiver *w;
		char reason[VS_LOG_TEXT_MAX];

		for (size_t k = 0; (w = vs_policy_waiver_at(p, k)) != NULL; k++)
			vs_log(VS_LOG_WARN,
			    "event=waiver policy=%s check=%s until=%s "
			    "reason=\"%s\"",
			    w->policy, w->check, w->until,
			    vs_log_text(vs_span_cstr(w->reason), reason));
	}
}

/* A list that the configuration does not have, or not in that form: reading
 * it denies, which may well be noticed late. */
static const char *
list_trouble(const struct vs_config *c, const char *name, bool registry)
{
	const struct vs_list_rule *r =
	    vs_list_rule_named(&c->lists, vs_span_cstr(name));

	if (r == NULL)
		return "the configuration has no such list";
	if (r->registry != registry)
		return r->registry ? "the configuration has it as a registry"
				   : "the configuration has it as a list";
	return NULL;
}

/* report NULL: to the log. */
static void
tell_lists(const struct vs_config *c, const struct vs_policy_set *set,
    struct vs_buf *report)
{
	for (size_t i = 0; i < vs_policy_set_count(set); i++) {
		const struct vs_policy *p = vs_policy_set_at(set, i);
		const char *name, *why;
		bool registry = false;
		int line = 0;

		for (size_t k = 0;
		     (name = vs_policy_list_at(p, k, &registry, &line)) != NULL;
		     k++) {
			why = list_trouble(c, name, registry);
			if (why == NULL)
				continue;
			if (report != NULL)
				vs_buf_printf(report,
				    "%s:%d: warning: %s: %s: what reads it "
				    "denies\n",
				    vs_policy_file(p), line, name, why);
			else
				vs_log(VS_LOG_WARN,
				    "event=list-missing policy=%s list=%s "
				    "note=\"%s\"",
				    vs_policy_name(p), name, why);
		}
	}
}

vs_status
vs_reload(const struct vs_config *c, struct vs_broker *b, int64_t now_ms,
    struct vs_err *err)
{
	struct draft *d = vs_calloc(1, sizeof *d);
	vs_status st;

	if (d == NULL)
		return vs_fail(err, VS_NO_MEMORY, "reload");
	st = build(d, c, b, now_ms, NULL, err);
	if (st == VS_OK) {
		log_waivers(d->parts.policies);
		tell_lists(c, d->parts.policies, NULL);
		st = vs_broker_install(b, &d->parts, err);
	}
	if (st == VS_OK) {
		d->parts.policies = NULL; /* taken over */
		d->parts.collateral = NULL;
	}
	draft_fini(d);
	free(d);
	return st;
}

static void
put_dates(const struct vs_collateral *c, int64_t now_ms, struct vs_buf *report)
{
	for (size_t i = 0; i < vs_collateral_count(c); i++) {
		const struct vs_collateral_item *it = vs_collateral_item(c, i);

		if (vs_expiry_of(it, now_ms / 1000) == VS_EXPIRY_LAPSED)
			vs_buf_printf(report,
			    "collateral: %s of %s is out of date\n", it->kind,
			    it->name);
	}
}

vs_status
vs_reload_check(const struct vs_config *c, int64_t now_ms,
    struct vs_buf *report, struct vs_err *err)
{
	struct draft *d = vs_calloc(1, sizeof *d);
	vs_status st;

	if (d == NULL)
		return vs_fail(err, VS_NO_MEMORY, "check");
	st = build(d, c, NULL, now_ms, report, err);
	if (st == VS_OK) {
		if (vs_policy_set_count(d->parts.policies) == 0)
			vs_buf_printf(report,
			    "%s: warning: no policy here: every release will "
			    "be denied\n",
			    c->policy_dir);
		tell_lists(c, d->parts.policies, report);
		put_dates(d->parts.collateral, now_ms, report);
	}
	draft_fini(d);
	free(d);
	return st;
}

/* FNV-1a, 64 bits: to notice a change, not to prove one. */
static uint64_t
mix(uint64_t h, const void *data, size_t n)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h;
}

static uint64_t
mix_file(uint64_t h, const char *path)
{
	struct vs_file_facts f = {0};

	if (path == NULL)
		return h;
	vs_file_facts(path, &f);
	return mix(mix(h, path, strlen(path) + 1), &f, sizeof f);
}

static uint64_t
mix_dir(uint64_t h, const char *path)
{
	struct vs_dir dir = {0};
	struct vs_err err = {0};

	if (vs_dir_read(path, &dir, &err) != VS_OK)
		return mix(h, "absent", 6);
	for (size_t i = 0; i < dir.n; i++)
		h = mix_file(h, dir.paths[i]);
	vs_dir_fini(&dir);
	return h;
}

uint64_t
vs_reload_stamp(const struct vs_config *c)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	h = mix_dir(h, c->policy_dir);
	h = mix_dir(h, c->collateral_dir);
	for (size_t i = 0; i < c->anchors_n; i++)
		h = mix_file(h, c->anchors[i].file);
	for (size_t i = 0; i < c->policy_keys_n; i++)
		h = mix_file(h, c->policy_keys[i]);
	h = mix_file(h, c->tls_cert);
	h = mix_file(h, c->tls_key);
	h = mix_file(h, c->admin_tls_cert);
	h = mix_file(h, c->admin_tls_key);
	for (size_t i = 0; i < c->issuers_n; i++)
		h = mix_file(
		    mix_file(h, c->issuers[i].jwks), c->issuers[i].x5c_root);
	return h == 0 ? 1 : h;
}
