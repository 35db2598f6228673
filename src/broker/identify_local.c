/* SPDX-License-Identifier: Apache-2.0 */
/* Processes of this machine, and holders of client certificates. */
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "broker/identities_int.h"
#include "crypto/x509_san.h"
#include "policy/glob.h"

enum { GROUPS_MAX = 128, NAME_BUF = 4096 };

static bool
in_group(const struct vs_local_peer *p, unsigned wanted)
{
	struct passwd pw;
	struct passwd *found = NULL;
	gid_t groups[GROUPS_MAX];
	int n = GROUPS_MAX;
	char buf[NAME_BUF];

	if (p->gid == wanted)
		return true;
	if (getpwuid_r(p->uid, &pw, buf, sizeof buf, &found) != 0 ||
	    found == NULL)
		return false;
	if (getgrouplist(pw.pw_name, pw.pw_gid, groups, &n) < 0)
		return false;
	for (int i = 0; i < n; i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

static bool
is_bound(const struct vs_config_binding *b, unsigned id,
    const struct vs_local_peer *p)
{
	if (b->user != NULL)
		return p->uid == id;
	return b->group != NULL && in_group(p, id);
}

/* Who may read and write the daemon's memory and files gains nothing here. */
static bool
is_owner(const struct vs_identities *ids, const struct vs_local_peer *p)
{
	return p->uid == 0 || p->uid == ids->self;
}

static bool
is_trusted(const struct vs_identities *ids, const struct vs_local_peer *p)
{
	return is_owner(ids, p) ||
	    (ids->has_admin_group && in_group(p, ids->admin_group));
}

vs_status
vs_identify_local(const struct vs_identities *ids,
    const struct vs_local_peer *peer, struct vs_arena *a,
    struct vs_identity *out, struct vs_err *err)
{
	static const struct vs_config_binding everything = {
	    .roles = VS_ROLE_ALL};
	const char *name = vs_arena_printf(a, "uid:%u", peer->uid);
	const struct vs_config_binding *b = NULL;

	for (size_t i = 0; i < ids->c->bindings_n && b == NULL; i++)
		if (is_bound(&ids->c->bindings[i], ids->local[i].id, peer))
			b = &ids->c->bindings[i];
	if (b == NULL && is_trusted(ids, peer))
		b = &everything;
	if (b == NULL)
		return vs_fail_code(err, VS_DENIED, "identity.unknown",
		    "user %u may not administer the broker", peer->uid);
	VS_TRY(err, "user",
	    vs_identity_bound(
		b, VS_IDENTITY_SOCKET, name, VS_SPAN(NULL, 0), a, out, err));
	out->owner = b == &everything && is_owner(ids, peer);
	return VS_OK;
}

/* The first binding that takes one of the names, and that name. */
static const struct vs_config_binding *
bound_name(const struct vs_config *c, const struct vs_span *names, size_t n,
    struct vs_span *name)
{
	for (size_t i = 0; i < c->bindings_n; i++) {
		const struct vs_config_binding *b = &c->bindings[i];

		for (size_t k = 0; b->certificate != NULL && k < n; k++) {
			if (!vs_glob_match(
				vs_span_cstr(b->certificate), names[k]))
				continue;
			*name = names[k];
			return b;
		}
	}
	return NULL;
}

vs_status
vs_identify_certificate(const struct vs_identities *ids, struct vs_span der,
    struct vs_arena *a, struct vs_identity *out, struct vs_err *err)
{
	VS_AUTO(vs_cert) *cert = NULL;
	const struct vs_config_binding *b;
	struct vs_span names[VS_SAN_MAX];
	struct vs_span name = {0};
	size_t n = 0;
	const char *text;

	VS_TRY_CODE(err, "identity.certificate", "client certificate",
	    vs_cert_parse(der, &cert, err));
	VS_TRY_CODE(err, "identity.certificate", "client certificate",
	    vs_cert_names(cert, names, &n, err));
	b = bound_name(ids->c, names, n, &name);
	if (b == NULL)
		return vs_fail_code(err, VS_DENIED, "identity.unknown",
		    "client certificate: no binding takes any of its %zu "
		    "names%s%.*s",
		    n, n > 0 ? ", such as " : "", n > 0 ? (int)names[0].n : 0,
		    n > 0 ? (const char *)names[0].p : "");
	text = vs_identity_text(a, name, VS_SAN_TEXT_MAX);
	if (text != NULL)
		text = vs_arena_printf(a, "cert:%s", text);
	return vs_identity_bound(
	    b, VS_IDENTITY_CERT, text, VS_SPAN(NULL, 0), a, out, err);
}
