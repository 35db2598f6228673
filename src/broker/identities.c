/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/identities_int.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "broker/config_value.h"
#include "crypto/pem.h"

enum { NAME_BUF = 4096 };

/* ---- users and groups of this machine ---- */

static bool
number(const char *name, unsigned *out)
{
	int64_t n = 0;

	if (!vs_config_count(vs_span_cstr(name), &n) || n >= UINT32_MAX)
		return false;
	*out = (unsigned)n;
	return true;
}

static bool
find_user(const char *name, unsigned *out)
{
	struct passwd pw;
	struct passwd *found = NULL;
	char buf[NAME_BUF];

	if (number(name, out))
		return true;
	if (getpwnam_r(name, &pw, buf, sizeof buf, &found) != 0 ||
	    found == NULL)
		return false;
	*out = pw.pw_uid;
	return true;
}

static bool
find_group(const char *name, unsigned *out)
{
	struct group g;
	struct group *found = NULL;
	char buf[NAME_BUF];

	if (number(name, out))
		return true;
	if (getgrnam_r(name, &g, buf, sizeof buf, &found) != 0 || found == NULL)
		return false;
	*out = g.gr_gid;
	return true;
}

static vs_status
load_local(struct vs_identities *ids, struct vs_err *err)
{
	const struct vs_config *c = ids->c;

	ids->self = geteuid();
	ids->has_admin_group = c->admin_group != NULL;
	if (ids->has_admin_group &&
	    !find_group(c->admin_group, &ids->admin_group))
		return vs_fail(err, VS_USAGE, "admin.group: no group \"%.64s\"",
		    c->admin_group);
	for (size_t i = 0; i < c->bindings_n; i++) {
		const struct vs_config_binding *b = &c->bindings[i];

		if (b->user != NULL && !find_user(b->user, &ids->local[i].id))
			return vs_fail(err, VS_USAGE,
			    "identities.bindings: line %d: no user \"%.64s\"",
			    b->line, b->user);
		if (b->group != NULL &&
		    !find_group(b->group, &ids->local[i].id))
			return vs_fail(err, VS_USAGE,
			    "identities.bindings: line %d: no group \"%.64s\"",
			    b->line, b->group);
	}
	return VS_OK;
}

/* ---- keys of issuers ---- */

/* Of keys that do not say theirs. */
static vs_jose_alg
rsa_alg(unsigned algs)
{
	for (unsigned a = VS_JOSE_RS256; a <= VS_JOSE_PS512; a++)
		if ((algs & 1u << a) != 0)
			return (vs_jose_alg)a;
	return VS_JOSE_RS256;
}

static vs_status
load_jwks(
    const struct vs_config_issuer *is, struct vs_jwks **out, struct vs_err *err)
{
	VS_AUTO(vs_jwks) *keys = NULL;
	struct vs_buf text = {0};
	vs_status st = vs_file_read(is->jwks, VS_JWKS_SIZE_MAX, &text, err);

	if (st == VS_OK)
		st = vs_jwks_parse(
		    vs_buf_span(&text), rsa_alg(is->algs), &keys, err);
	vs_buf_fini(&text);
	if (st != VS_OK)
		return vs_ctx(err, is->jwks, st);
	if (vs_jwks_count(keys) == 0)
		return vs_fail(err, VS_USAGE,
		    "%s: has no key that can verify a token", is->jwks);
	*out = VS_TAKE(keys);
	return VS_OK;
}

/* DER or PEM. */
static vs_status
read_root(struct vs_span text, struct vs_cert **out, struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(text);
	struct vs_pem block = {.der = text};
	struct vs_arena a;
	vs_status st = VS_OK;

	vs_arena_init(&a, 4 * VS_CERT_MAX);
	if (vs_pem_is(text))
		st = vs_pem_next(&rd, &a, &block);
	if (st != VS_OK)
		(void)vs_fail(err, st, "not a certificate");
	else
		st = vs_cert_parse(block.der, out, err);
	vs_arena_fini(&a);
	return st;
}

static vs_status
load_root(
    const struct vs_config_issuer *is, struct vs_cert **out, struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st = vs_file_read(is->x5c_root, 2 * VS_CERT_MAX, &text, err);

	if (st == VS_OK)
		st = read_root(vs_buf_span(&text), out, err);
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_ctx(err, is->x5c_root, st);
}

vs_status
vs_identities_load(
    const struct vs_config *c, struct vs_identities **out, struct vs_err *err)
{
	VS_AUTO(vs_identities) *ids = vs_calloc(1, sizeof *ids);

	if (ids == NULL)
		return vs_fail(err, VS_NO_MEMORY, "identities");
	atomic_init(&ids->refs, 1);
	ids->c = c;
	ids->jwks = vs_calloc(c->issuers_n + 1, sizeof(struct vs_jwks *));
	ids->roots = vs_calloc(c->issuers_n + 1, sizeof(struct vs_cert *));
	ids->local = vs_calloc(c->bindings_n + 1, sizeof *ids->local);
	if (ids->jwks == NULL || ids->roots == NULL || ids->local == NULL)
		return vs_fail(err, VS_NO_MEMORY, "identities");
	VS_TRY(err, "identities", load_local(ids, err));
	for (size_t i = 0; i < c->issuers_n; i++)
		VS_TRY(err, "identities",
		    c->issuers[i].jwks != NULL
			? load_jwks(&c->issuers[i], &ids->jwks[i], err)
			: load_root(&c->issuers[i], &ids->roots[i], err));
	*out = VS_TAKE(ids);
	return VS_OK;
}

struct vs_identities *
vs_identities_ref(struct vs_identities *ids)
{
	atomic_fetch_add(&ids->refs, 1);
	return ids;
}

void
vs_identities_free(struct vs_identities **idsp)
{
	struct vs_identities *ids = *idsp;

	*idsp = NULL;
	if (ids == NULL || atomic_fetch_sub(&ids->refs, 1) > 1)
		return;
	for (size_t i = 0; ids->jwks != NULL && i < ids->c->issuers_n; i++)
		vs_jwks_free(&ids->jwks[i]);
	for (size_t i = 0; ids->roots != NULL && i < ids->c->issuers_n; i++)
		vs_cert_free(&ids->roots[i]);
	free(ids->jwks);
	free(ids->roots);
	free(ids->local);
	free(ids);
}

/* ---- what all of them have in common ---- */

const char *
vs_identity_text(struct vs_arena *a, struct vs_span raw, size_t max)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = raw.n < max ? raw.n : max;
	char *out = vs_arena_alloc(a, 4 * n + 1);
	size_t k = 0;

	for (size_t i = 0; out != NULL && i < n; i++) {
		uint8_t c = raw.p[i];

		if (c > 0x20 && c < 0x7f && c != '\\' && c != '#') {
			out[k++] = (char)c;
			continue;
		}
		out[k++] = '\\';
		out[k++] = 'x';
		out[k++] = digits[c >> 4];
		out[k++] = digits[c & 15];
	}
	return out; /* zeroed: ends in NUL */
}

vs_status
vs_identity_bound(const struct vs_config_binding *b, vs_identity_kind kind,
    const char *name, struct vs_span token_id, struct vs_arena *a,
    struct vs_identity *out, struct vs_err *err)
{
	const char *audit = name;
	const char *person = name;

	if (name != NULL && token_id.n > 0)
		audit =
		    vs_arena_printf(a, "%s#%.*s", name, VS_SPAN_ARG(token_id));
	if (b->person != NULL)
		person = vs_arena_printf(a, "person:%s", b->person);
	if (name == NULL || audit == NULL || person == NULL)
		return vs_fail(err, VS_NO_MEMORY, "identity");
	*out = (struct vs_identity){.kind = kind,
	    .name = vs_span_cstr(name),
	    .person = vs_span_cstr(person),
	    .token_id = token_id,
	    .audit = vs_span_cstr(audit),
	    .roles = b->roles,
	    .lists = b->lists,
	    .kinds = b->kinds};
	return VS_OK;
}
