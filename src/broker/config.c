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
#include "broker/config_value.h"
#include "broker/signers.h"
#include "codec/yaml.h"

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
    {"keeper.program", PATH, AT(keeper_program), 0, 0},
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
static const char *const sections[] = {"guest", "guest.tls", "admin", "keeper",
    "seal", "seal.tpm2", "seal.pkcs11", "policy_signers"};

/* Where stands what only the whole can judge; NULL: not written. */
struct places {
	const struct vs_yaml *listen;
	const struct vs_yaml *tls;
	const struct vs_yaml *signers;
};

struct reader {
	struct vs_config *c;
	struct places *at;
	const char *file;
	char dir[4096]; /* of the file, with its slash; "" for none */
	struct vs_err *err;
};

static vs_status
wrong(const struct reader *r, const struct vs_yaml *at, const char *what,
    const char *why)
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
unknown_key(const struct reader *r, const struct vs_yaml *k, const char *path)
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
member(const struct reader *r, const struct key *k)
{
	return (char *)r->c + k->offset;
}

static vs_status
set_text(const struct reader *r, const struct vs_yaml *v, const char *path,
    bool is_path, const char **out)
{
	bool relative = is_path && v->text.n > 0 && v->text.p[0] != '/';

	if (v->text.n == 0)
		return wrong(r, v, path, "must not be empty");
	*out = vs_arena_printf(&r->c->arena, "%s%.*s", relative ? r->dir : "",
	    VS_SPAN_ARG(v->text));
	return *out != NULL ? VS_OK : wrong(r, v, path, "out of memory");
}

static vs_status
set_number(const struct reader *r, const struct vs_yaml *v, const struct key *k)
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
		return wrong(r, v, k->path, why);
	if (n < k->min || n > k->max)
		return vs_fail(r->err, VS_USAGE,
		    "%s:%d:%d: %s: must be from %lld to %lld%s", r->file,
		    v->line, v->col, k->path, (long long)k->min,
		    (long long)k->max, k->kind == SECONDS ? " seconds" : "");
	*(int64_t *)member(r, k) = n;
	return VS_OK;
}

static vs_status
set_choice(const struct reader *r, const struct vs_yaml *v, const struct key *k)
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
	return wrong(r, v, k->path,
	    k->kind == BOOL            ? "must be true or false"
		: k->kind == CRL       ? "must be require, if-present or off"
		: k->kind == LEVEL     ? "must be error, warn, info or debug"
		: k->kind == SEAL_KIND ? "must be file, tpm2, pkcs11 or shamir"
				       : "must be off, or have cert and key");
}

static vs_status
set_anchor(const struct reader *r, const struct vs_yaml *m, size_t i)
{
	struct vs_config_anchor *a = &r->c->anchors[i];

	if (m->type != VS_YAML_MAP)
		return wrong(r, m, "trust_anchors", "each needs name and file");
	for (size_t k = 0; k < m->n; k++) {
		const struct vs_yaml *v = m->v[k];
		bool is_name = vs_span_is(m->k[k]->text, "name");

		if (!is_name && !vs_span_is(m->k[k]->text, "file"))
			return wrong(r, m->k[k], "trust_anchors",
			    "unknown key; known are name and file");
		if (v->type != VS_YAML_SCALAR)
			return wrong(r, v, "trust_anchors", "must be text");
		VS_TRY(r->err, r->file,
		    set_text(r, v, "trust_anchors", !is_name,
			is_name ? &a->name : &a->file));
	}
	if (a->name == NULL || a->file == NULL)
		return wrong(r, m, "trust_anchors", "each needs name and file");
	return VS_OK;
}

static vs_status
set_anchors(const struct reader *r, const struct vs_yaml *v)
{
	if (v->type != VS_YAML_SEQ)
		return wrong(r, v, "trust_anchors",
		    "must be a list of entries with name and file");
	if (v->n > VS_CONFIG_ANCHORS_MAX)
		return wrong(r, v, "trust_anchors", "too many");
	r->c->anchors =
	    vs_arena_calloc(&r->c->arena, v->n + 1, sizeof *r->c->anchors);
	if (r->c->anchors == NULL)
		return wrong(r, v, "trust_anchors", "out of memory");
	r->c->anchors_n = v->n;
	for (size_t i = 0; i < v->n; i++) {
		vs_status st = set_anchor(r, v->v[i], i);

		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

static vs_status
set_signer_keys(const struct reader *r, const struct vs_yaml *v)
{
	static const char what[] = "policy_signers.keys";

	if (v->type != VS_YAML_SEQ || v->n == 0 || v->n > VS_SIGNERS_MAX)
		return wrong(r, v, what, "must be a list of 1 to 32 files");
	r->c->policy_keys =
	    vs_arena_calloc(&r->c->arena, v->n, sizeof *r->c->policy_keys);
	if (r->c->policy_keys == NULL)
		return wrong(r, v, what, "out of memory");
	r->c->policy_keys_n = v->n;
	for (size_t i = 0; i < v->n; i++) {
		if (v->v[i]->type != VS_YAML_SCALAR)
			return wrong(r, v->v[i], what, "must be a file");
		VS_TRY(r->err, r->file,
		    set_text(r, v->v[i], what, true, &r->c->policy_keys[i]));
	}
	return VS_OK;
}

static vs_status
set_key(const struct reader *r, const struct vs_yaml *v, const struct key *k)
{
	if (k->kind == ANCHORS)
		return set_anchors(r, v);
	if (k->kind == SIGNER_KEYS)
		return set_signer_keys(r, v);
	if (v->type != VS_YAML_SCALAR)
		return wrong(r, v, k->path, "must be one value");
	switch (k->kind) {
	case TEXT:
	case PATH:
		return set_text(r, v, k->path, k->kind == PATH, member(r, k));
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
		break;
	}
	return wrong(r, v, k->path, "cannot be set");
}

static void
note_place(const struct reader *r, const struct vs_yaml *v, const char *path)
{
	if (strcmp(path, "guest.listen") == 0)
		r->at->listen = v;
	if (strcmp(path, "guest.tls") == 0)
		r->at->tls = v;
	if (strcmp(path, "policy_signers") == 0)
		r->at->signers = v;
}

/* The tree is at most VS_YAML_DEPTH_MAX deep, the sections fewer. */
static vs_status
read_map(const struct reader *r, const struct vs_yaml *map, const char *prefix)
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
			st = wrong(r, v, path, "must hold keys of its own");
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
in_file(const struct reader *r, vs_status st)
{
	const struct vs_err old = *r->err;

	return vs_fail(r->err, st, "%s:%s", r->file, old.msg);
}

static vs_status
read_file(struct reader *r)
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
		st = root->type == VS_YAML_MAP ? read_map(r, root, "")
					       : wrong(r, root, "configuration",
						     "must be keys and values");
	vs_buf_fini(&text);
	return st;
}

/* What no single key can tell. Defaults pass, so that at is set where it is
 * used. */
static vs_status
check_whole(const struct reader *r)
{
	const struct vs_config *c = r->c;
	struct vs_err why = {0};
	char host[64];
	uint16_t port;

	if (vs_config_split_address(c->listen, host, &port, &why) != VS_OK)
		return wrong(r, r->at->listen, "guest.listen", why.msg);
	if ((c->tls_cert == NULL) != (c->tls_key == NULL))
		return wrong(
		    r, r->at->tls, "guest.tls", "needs both cert and key");
	/* Half of it must not mean that nobody has to sign. */
	if (r->at->signers != NULL &&
	    (c->policy_threshold == 0 || c->policy_keys_n == 0))
		return wrong(r, r->at->signers, "policy_signers",
		    "needs both threshold and keys");
	if (c->tls_cert == NULL && !c->tls_off && !vs_config_is_loopback(host))
		return wrong(r, r->at->listen, "guest.listen",
		    "is not a loopback address and there is no guest.tls; set "
		    "guest.tls.cert and guest.tls.key, or write `tls: off` if "
		    "a proxy does TLS");
	return VS_OK;
}

vs_status
vs_config_load(const char *file, const char *data_override,
    struct vs_config *out, struct vs_err *err)
{
	struct vs_config c = vs_config_default();
	struct places at = {.listen = NULL};
	struct reader r = {.c = &c, .at = &at, .file = file, .err = err};
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
