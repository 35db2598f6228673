/* SPDX-License-Identifier: Apache-2.0 */
/* One table says which role may do what. */
#include "broker/identity.h"

#include <stdio.h>
#include <string.h>

#include "policy/glob.h"

enum {
	OP = VS_ROLE_OPERATOR,
	SEC = VS_ROLE_SECURITY,
	CI = VS_ROLE_CI,
	AUD = VS_ROLE_AUDITOR,
	APR = VS_ROLE_APPROVER
};

struct right {
	vs_action action;
	unsigned roles;
	const char *what; /* ends "may not …" */
};

static const struct right rights[] = {
    {VS_MAY_SEE_STATUS, OP | SEC | AUD, "see the status"},
    {VS_MAY_SEE_KEYS, OP | AUD, "see keys"},
    {VS_MAY_CHANGE_KEYS, OP, "change keys"},
    {VS_MAY_UNSEAL, OP, "unseal the keeper"},
    {VS_MAY_SEE_POLICIES, OP | SEC | AUD, "see policies"},
    {VS_MAY_CHANGE_POLICIES, SEC, "change policies"},
    {VS_MAY_SEE_AUDIT, SEC | AUD, "see the audit trail"},
    {VS_MAY_SEE_LISTS, OP | SEC | CI | AUD | APR, "see lists"},
    {VS_MAY_ADD, SEC | CI, "add to a list"},
    {VS_MAY_REVOKE, SEC, "revoke an entry"},
    {VS_MAY_APPROVE, SEC | APR, "approve a change of a list"},
    {VS_MAY_APPROVE_RELEASE, OP | SEC | APR, "approve a release"},
    {VS_MAY_SEE_TOKENS, SEC | AUD, "see tokens"},
    {VS_MAY_CHANGE_TOKENS, SEC, "make or revoke tokens"},
};

static const struct {
	unsigned bit;
	const char *name;
} roles_known[] = {
#define X(sym, bit, name) {bit, name},
    VS_ROLE_TABLE(X)
#undef X
};

static const struct right *
right_of(vs_action action)
{
	for (size_t i = 0; i < VS_COUNT(rights); i++)
		if (rights[i].action == action)
			return &rights[i];
	return NULL;
}

static bool
in_scope(const struct vs_scope *s, struct vs_span name)
{
	for (size_t i = 0; i < s->n; i++)
		if (vs_glob_match(s->v[i], name))
			return true;
	return false;
}

/* Who has no other role than ci has the lists that are named, and no other;
 * for the rest, names narrow what they may. */
static bool
list_is_theirs(
    const struct vs_identity *who, unsigned granting, struct vs_span list)
{
	if (who->lists.n == 0)
		return (granting & ~(unsigned)VS_ROLE_CI) != 0;
	return in_scope(&who->lists, list);
}

static bool
is_about_lists(vs_action a)
{
	return a == VS_MAY_ADD || a == VS_MAY_REVOKE || a == VS_MAY_APPROVE;
}

vs_status
vs_identity_may(const struct vs_identity *who, vs_action action,
    struct vs_span list, struct vs_span kind, struct vs_err *err)
{
	const struct right *r = right_of(action);
	char has[VS_ROLES_TEXT_MAX];
	unsigned granting;

	if (r == NULL || who == NULL || who->kind == VS_IDENTITY_NONE)
		return vs_fail_code(
		    err, VS_DENIED, "identity.role", "nobody may do this");
	granting = who->roles & r->roles;
	if (granting == 0)
		return vs_fail_code(err, VS_DENIED, "identity.role",
		    "%.*s (%s) may not %s", VS_SPAN_ARG(who->name),
		    vs_roles_text(who->roles, has), r->what);
	if (list.n == 0)
		return VS_OK;
	/* A pipeline has no business with the lists of others. */
	if (action == VS_MAY_SEE_LISTS && granting == CI &&
	    !in_scope(&who->lists, list))
		return vs_fail_code(err, VS_DENIED, "identity.list",
		    "%.*s may not see the list %.*s", VS_SPAN_ARG(who->name),
		    VS_SPAN_ARG(list));
	if (!is_about_lists(action))
		return VS_OK;
	if (!list_is_theirs(who, granting, list))
		return vs_fail_code(err, VS_DENIED, "identity.list",
		    "%.*s may not change the list %.*s", VS_SPAN_ARG(who->name),
		    VS_SPAN_ARG(list));
	if (kind.n > 0 && who->kinds.n > 0 && !in_scope(&who->kinds, kind))
		return vs_fail_code(err, VS_DENIED, "identity.kind",
		    "%.*s may not add entries of the kind %.*s",
		    VS_SPAN_ARG(who->name), VS_SPAN_ARG(kind));
	return VS_OK;
}

unsigned
vs_role_named(struct vs_span name)
{
	for (size_t i = 0; i < VS_COUNT(roles_known); i++)
		if (vs_span_is(name, roles_known[i].name))
			return roles_known[i].bit;
	return 0;
}

vs_status
vs_roles_check(unsigned roles, struct vs_err *err)
{
	if (roles == 0)
		return vs_fail(err, VS_USAGE, "needs at least one role");
	if ((roles & VS_ROLE_OPERATOR) != 0 && (roles & VS_ROLE_SECURITY) != 0)
		return vs_fail(err, VS_USAGE,
		    "operator and security together could change policies and "
		    "manage keys; give them to two identities");
	return VS_OK;
}

const char *
vs_roles_text(unsigned roles, char out[VS_ROLES_TEXT_MAX])
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < VS_COUNT(roles_known); i++) {
		size_t len = strlen(roles_known[i].name);

		if ((roles & roles_known[i].bit) == 0 ||
		    n + len + 2 > VS_ROLES_TEXT_MAX)
			continue;
		n += (size_t)snprintf(out + n, VS_ROLES_TEXT_MAX - n, "%s%s",
		    n > 0 ? "," : "", roles_known[i].name);
	}
	return out;
}
