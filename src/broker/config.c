/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table says which keys there are, what they hold and where they go. The
 * reader walks the document, so that an unknown key cannot be overlooked.
 */
#include "broker/config.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "broker/config_reader.h"
#include "broker/config_value.h"
#include "broker/signers.h"

enum { CONFIG_MAX = 64 * 1024, ARENA_MAX = 4 * 1024 * 1024 };

typedef enum kind {
	TEXT,
	PATH,
	COUNT,
	SIZE,
	SECONDS,
	BOOL,
	CRL,
	LEVEL,
	TLS,
	ANCHORS,
	SIGNER_KEYS,
	SEAL_KIND,
	ISSUERS,
	BINDINGS,
	LISTS,
} kind;

/* min and max bound the numbers. */
struct key {
	const char *path;
	kind kind;
	size_t offset;
	int64_t min, max;
};

#define AT(member) offsetof(struct vs_config, member)
static const struct key keys[] = {
    {"data", PATH, AT(data), 0, 0},
    {"policy_dir", PATH, AT(policy_dir), 0, 0},
    {"collateral_dir", PATH, AT(collateral_dir), 0, 0},
    {"policy_signers.threshold", COUNT, AT(policy_threshold), 1,
	VS_SIGNERS_MAX},
    {"policy_signers.keys", SIGNER_KEYS, 0, 0, 0},
    {"trust_anchors", ANCHORS, 0, 0, 0},
    {"crl", CRL, AT(crl), 0, 0},
    {"allow_masked_chip_id", BOOL, AT(allow_masked_chip_id), 0, 0},
    {"allow_expired_rim", BOOL, AT(allow_expired_rim), 0, 0},
    {"nonce_ttl", SECONDS, AT(nonce_ttl_s), 10, 3600},
    {"log_level", LEVEL, AT(log_level), 0, 0},
    {"guest.listen", TEXT, AT(listen), 0, 0},
    {"guest.tls", TLS, 0, 0, 0},
    {"guest.tls.cert", PATH, AT(tls_cert), 0, 0},
    {"guest.tls.key", PATH, AT(tls_key), 0, 0},
    {"guest.workers", COUNT, AT(workers), 1, 256},
    {"guest.max_body", SIZE, AT(max_body), 4096, 16 << 20},
    {"guest.max_connections", COUNT, AT(max_connections), 1, 65536},
    {"guest.max_connections_per_address", COUNT,
	AT(max_connections_per_address), 1, 65536},
    {"guest.max_in_flight", COUNT, AT(max_in_flight), 1, 65536},
    {"guest.idle_timeout", SECONDS, AT(idle_timeout_s), 1, 3600},
    {"guest.request_timeout", SECONDS, AT(request_timeout_s), 1, 3600},
    {"admin.socket", PATH, AT(admin_socket), 0, 0},
    {"admin.group", TEXT, AT(admin_group), 0, 0},
    {"admin.listen", TEXT, AT(admin_listen), 0, 0},
    {"admin.tls.cert", PATH, AT(admin_tls_cert), 0, 0},
    {"admin.tls.key", PATH, AT(admin_tls_key), 0, 0},
    {"admin.client_ca", PATH, AT(admin_client_ca), 0, 0},
    {"admin.max_body", SIZE, AT(admin_max_body), 4096, 16 << 20},
    {"admin.max_connections", COUNT, AT(admin_max_connections), 1, 65536},
    {"admin.max_connections_per_address", COUNT,
	AT(admin_max_connections_per_address), 1, 65536},
    {"admin.max_in_flight", COUNT, AT(admin_max_in_flight), 1, 65536},
    {"identities.issuers", ISSUERS, 0, 0, 0},
    {"identities.bindings", BINDINGS, 0, 0, 0},
    {"lists", LISTS, 0, 0, 0},
    {"user", TEXT, AT(user), 0, 0},
    {"keeper.program", PATH, AT(keeper_program), 0, 0},
    {"keeper.user", TEXT, AT(keeper_user), 0, 0},
    {"seal.kind", SEAL_KIND, AT(seal.kind), 0, 0},
    {"seal.file", PATH, AT(seal.path), 0, 0},
    {"seal.tpm2.tcti", TEXT, AT(seal.tpm2.tcti), 0, 0},
    {"seal.tpm2.pcrs", TEXT, AT(seal.tpm2.pcrs), 0, 0},
    {"seal.tpm2.policy_key", PATH, AT(seal.tpm2.policy_key), 0, 0},
    {"seal.tpm2.policy_sig", PATH, AT(seal.tpm2.policy_sig), 0, 0},
    {"seal.pkcs11.module", PATH, AT(seal.pkcs11.module), 0, 0},
    {"seal.pkcs11.token", TEXT, AT(seal.pkcs11.token), 0, 0},
    {"seal.pkcs11.key", TEXT, AT(seal.pkcs11.key), 0, 0},
    {"seal.pkcs11.pin_file", PATH, AT(seal.pkcs11.pin_file), 0, 0},
    {"seal.pkcs11.env", TEXT, AT(seal.pkcs11.env), 0, 0},
};

/* Keys that hold other keys. */
static const char *const sections[] = {"guest", "guest.tls", "admin",
    "admin.tls", "identities", "keeper", "seal", "seal.tpm2", "seal.pkcs11",
    "policy_signers"};

vs_status
vs_config_wrong(const struct vs_config_reader *r, const struct vs_yaml *at,
    const char *what, const char *why)
{
	return vs_fail(r->err, VS_USAGE, "%s:%d:%d: %s: %s", r->file, at->line,
	    at->col, what, why);
}

static const struct key *
find_key(const char *path)
{
	for (size_t i = 0; i < VS_COUNT(keys); i++)
		if (strcmp(keys[i].path, path) == 0)
			return &keys[i];
	return NULL;
}

static bool
is_section(const char *path)
{
	for (size_t i = 0; i < VS_COUNT(sections); i++)
		if (strcmp(sections[i], path) == 0)
			return true;
	return false;
}

/* The nearest key of the same section, by its last name. */
static vs_status
unknown_key(
    const struct vs_config_reader *r, const struct vs_yaml *k, const char *path)
{
	const char *names[VS_COUNT(keys) + VS_COUNT(sections)];
	const char *dot = strrchr(path, '.');
	size_t head = dot == NULL ? 0 : (size_t)(dot - path) + 1;
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < VS_COUNT(keys) + VS_COUNT(sections); i++) {
		const char *p = i < VS_COUNT(keys)
		    ? keys[i].path
		    : sections[i - VS_COUNT(keys)];

		if (strncmp(p, path, head) == 0 &&
		    strchr(p + head, '.') == NULL)
			names[n++] = p + head;
	}
	near = vs_nearest(k->text, names, n);
	return vs_fail(r->err, VS_USAGE,
	    "%s:%d:%d: unknown key \"%.64s\"%s%s%s", r->file, k->line, k->col,
	    path, near ? "; did you mean \"" : "", near ? near : "",
	    near ? "\"?" : "");
}

static void *
member(const struct vs_config_reader *r, const struct key *k)
{
	return (char *)r->c + k->offset;
}

vs_status
vs_config_text(const struct vs_config_reader *r, const struct vs_yaml *v,
    const char *path, bool is_path, const char **out)
{
	bool relative = is_path && v->text.n > 0 && v->text.p[0] != '/';

	if (v->text.n == 0)
		return vs_config_wrong(r, v, path, "must not be empty");
	*out = vs_arena_printf(&r->c->arena, "%s%.*s", relative ? r->dir : "",
	    VS_SPAN_ARG(v->text));
	return *out != NULL ? VS_OK
			    : vs_config_wrong(r, v, path, "out of memory");
}

static vs_status
set_number(const struct vs_config_reader *r, const struct vs_yaml *v,
    const struct key *k)
{
	const char *why = "must be a whole number";
	int64_t n = 0;
	bool ok;

	if (k->kind == SIZE) {
		why = "must be a size such as 65536, 64KiB or 2MiB";
		ok = vs_config_size(v->text, &n);
	} else if (k->kind == SECONDS) {
		why = "must be a duration such as 30s, 5m or 1h";
		ok = vs_config_seconds(v->text, &n);
	} else {
		ok = vs_config_count(v->text, &n);
	}
	if (!ok)
		return vs_config_wrong(r, v, k->path, why);
	if (n < k->min || n > k->max)
		return vs_fail(r->err, VS_USAGE,
		    "%s:%d:%d: %s: must be from %lld to %lld%s", r->file,
		    v->line, v->col, k->path, (long long)k->min,
		    (long long)k->max, k->kind == SECONDS ? " seconds" : "");
	*(int64_t *)member(r, k) = n;
	return VS_OK;
}

static vs_status
set_choice(const struct vs_config_reader *r, const struct vs_yaml *v,
    const struct key *k)
{
	if (k->kind == BOOL && vs_config_bool(v->text, member(r, k)))
		return VS_OK;
	if (k->kind == CRL && vs_config_crl(v->text, member(r, k)))
		return VS_OK;
	if (k->kind == LEVEL && vs_config_level(v->text, member(r, k)))
		return VS_OK;
	if (k->kind == SEAL_KIND && vs_config_seal(v->text, member(r, k)))
		return VS_OK;
	if (k->kind == TLS && vs_span_is(v->text, "off")) {
		r->c->tls_off = true;
		return VS_OK;
	}
	return vs_config_wrong(r, v, k->path,
	    k->kind == BOOL            ? "must be true or false"
		: k->kind == CRL       ? "must be require, if-present or off"
		: k->kind == LEVEL     ? "must be error, warn, info or debug"
		: k->kind == SEAL_KIND ? "must be file, tpm2, pkcs11 or shamir"
				       : "must be off, or have cert and key");
}

static vs_status
set_key(const struct vs_config_reader *r, const struct vs_yaml *v,
    const struct key *k)
{
	if (k->kind == ANCHORS)
		return vs_config_anchors(r, v);
	if (k->kind == SIGNER_KEYS)
		return vs_config_signer_keys(r, v);
	if (k->kind == ISSUERS)
		return vs_config_issuers(r, v);
	if (k->kind == BINDINGS)
		return vs_config_bindings(r, v);
	if (k->kind == LISTS)
		return vs_config_lists(r, v);
	if (v->type != VS_YAML_SCALAR)
		return vs_config_wrong(r, v, k->path, "must be one value");
	switch (k->kind) {
	case TEXT:
	case PATH:
		return vs_config_text(
		    r, v, k->path, k->kind == PATH, member(r, k));
	case COUNT:
	case SIZE:
	case SECONDS:
		return set_number(r, v, k);
	case BOOL:
	case CRL:
	case LEVEL:
	case TLS:
	case SEAL_KIND:
		return set_choice(r, v, k);
	case ANCHORS:
	case SIGNER_KEYS:
	case ISSUERS:
	case BINDINGS:
	case LISTS:
		break;
	}
	return vs_config_wrong(r, v, k->path, "cannot be set");
}

static void
note_place(
    const struct vs_config_reader *r, const struct vs_yaml *v, const char *path)
{
	if (strcmp(path, "guest.listen") == 0)
		r->at->listen = v;
	if (strcmp(path, "guest.tls") == 0)
		r->at->tls = v;
	if (strcmp(path, "policy_signers") == 0)
		r->at->signers = v;
	if (strcmp(path, "admin.listen") == 0)
		r->at->admin_listen = v;
	if (strcmp(path, "admin.tls") == 0)
		r->at->admin_tls = v;
}

/* The tree is at most VS_YAML_DEPTH_MAX deep, the sections fewer. */
static vs_status
read_map(const struct vs_config_reader *r, const struct vs_yaml *map,
    const char *prefix)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct vs_yaml *v = map->v[i];
		char path[128];
		char section[sizeof path + 1];
		const struct key *k;
		bool flat;
		vs_status st;

		(void)snprintf(path, sizeof path, "%s%.*s", prefix,
		    (int)(map->k[i]->text.n < 64 ? map->k[i]->text.n : 64),
		    (const char *)map->k[i]->text.p);
		/* "guest.listen" is our way of speaking, not a key. */
		flat =
		    memchr(map->k[i]->text.p, '.', map->k[i]->text.n) != NULL;
		k = flat ? NULL : find_key(path);
		note_place(r, v, path);
		if (flat) {
			st = unknown_key(r, map->k[i], path);
		} else if (is_section(path) && v->type == VS_YAML_MAP) {
			(void)snprintf(section, sizeof section, "%s.", path);
			st = read_map(r, v, section);
		} else if (k != NULL) {
			st = set_key(r, v, k);
		} else if (is_section(path)) {
			st = vs_config_wrong(
			    r, v, path, "must hold keys of its own");
		} else {
			st = unknown_key(r, map->k[i], path);
		}
		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

/* "LINE:COL: ..." of the reader becomes "FILE:LINE:COL: ...". */
static vs_status
in_file(const struct vs_config_reader *r, vs_status st)
{
	const struct vs_err old = *r->err;

	return vs_fail(r->err, st, "%s:%s", r->file, old.msg);
}

static vs_status
read_file(struct vs_config_reader *r)
{
	struct vs_buf text = {0};
	const struct vs_yaml *root = NULL;
	const char *slash = strrchr(r->file, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - r->file) + 1;
	vs_status st;

	if (n >= sizeof r->dir)
		return vs_fail(r->err, VS_USAGE, "%s: path too long", r->file);
	memcpy(r->dir, r->file, n);
	r->dir[n] = '\0';
	st = vs_file_read(r->file, CONFIG_MAX, &text, r->err);
	if (st == VS_OK) {
		st = vs_yaml_parse(
		    vs_buf_span(&text), &r->c->arena, &root, r->err);
		if (st != VS_OK)
			st = in_file(r, st);
	}
	if (st == VS_OK)
		st = root->type == VS_YAML_MAP
		    ? read_map(r, root, "")
		    : vs_config_wrong(
			  r, root, "configuration", "must be keys and values");
	vs_buf_fini(&text);
	return st;
}

static vs_status
check_admin(const struct vs_config_reader *r)
{
	const struct vs_config *c = r->c;
	struct vs_err why = {0};
	char host[64];
	uint16_t port;

	if ((c->admin_tls_cert == NULL) != (c->admin_tls_key == NULL))
		return vs_config_wrong(r, r->at->admin_tls, "admin.tls",
		    "needs both cert and key");
	if (c->admin_listen == NULL)
		return VS_OK;
	if (vs_config_split_address(c->admin_listen, host, &port, &why) !=
	    VS_OK)
		return vs_config_wrong(
		    r, r->at->admin_listen, "admin.listen", why.msg);
	/* Tokens and certificates need it; here there is no other way. */
	if (c->admin_tls_cert == NULL)
		return vs_config_wrong(r, r->at->admin_listen, "admin.listen",
		    "needs admin.tls.cert and admin.tls.key");
	return VS_OK;
}

/* What no single key can tell. Defaults pass, so that at is set where it is
 * used. */
static vs_status
check_whole(const struct vs_config_reader *r)
{
	const struct vs_config *c = r->c;
	struct vs_err why = {0};
	char host[64];
	uint16_t port;
	vs_status st;

	if (vs_config_split_address(c->listen, host, &port, &why) != VS_OK)
		return vs_config_wrong(
		    r, r->at->listen, "guest.listen", why.msg);
	if ((c->tls_cert == NULL) != (c->tls_key == NULL))
		return vs_config_wrong(
		    r, r->at->tls, "guest.tls", "needs both cert and key");
	/* Half of it must not mean that nobody has to sign. */
	if (r->at->signers != NULL &&
	    (c->policy_threshold == 0 || c->policy_keys_n == 0))
		return vs_config_wrong(r, r->at->signers, "policy_signers",
		    "needs both threshold and keys");
	if (c->tls_cert == NULL && !c->tls_off && !vs_config_is_loopback(host))
		return vs_config_wrong(r, r->at->listen, "guest.listen",
		    "is not a loopback address and there is no guest.tls; set "
		    "guest.tls.cert and guest.tls.key, or write `tls: off` if "
		    "a proxy does TLS");
	st = check_admin(r);
	return st == VS_OK ? vs_config_identities_check(r) : st;
}

vs_status
vs_config_load(const char *file, const char *data_override,
    struct vs_config *out, struct vs_err *err)
{
	struct vs_config c = vs_config_default();
	struct vs_config_places at = {.listen = NULL};
	struct vs_config_reader r = {
	    .c = &c, .at = &at, .file = file, .err = err};
	vs_status st = VS_OK;

	vs_err_clear(err);
	vs_arena_init(&c.arena, ARENA_MAX);
	if (file != NULL)
		st = read_file(&r);
	if (st == VS_OK)
		st = vs_config_default_paths(&c, data_override, err);
	if (st == VS_OK)
		st = check_whole(&r);
	if (st != VS_OK) {
		vs_arena_fini(&c.arena);
		return st;
	}
	*out = c;
	return VS_OK;
}

void
vs_config_fini(struct vs_config *c)
{
	vs_arena_fini(&c->arena);
	*c = (struct vs_config){0};
}
