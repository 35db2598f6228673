/* SPDX-License-Identifier: Apache-2.0 */
/* What issuers and bindings say together: that a binding asks for enough. */
#include <string.h>

#include "broker/config_reader.h"

/* Issuers that sign for everybody who opens an account: their tokens say
 * nothing until one of these claims is looked at. The workflow is none of
 * them: one that is made to be called runs in anybody's repository. */
static const struct {
	const char *issuer;
	const char *owner[5];
} shared_issuers[] = {
    {"https://token.actions.githubusercontent.com",
	{"repository", "repository_id", "repository_owner",
	    "repository_owner_id", "sub"}},
    {"https://gitlab.com",
	{"project_path", "project_id", "namespace_path", "namespace_id",
	    "sub"}},
};

/* What a subject begins with when it says whose it is: what else it may begin
 * with, a repository can choose for itself. */
static const char *const owner_heads[] = {"repo:", "repository:",
    "repository_id:", "repository_owner:", "repository_owner_id:",
    "project_path:", "project_id:", "namespace_path:", "namespace_id:"};

static bool
is_wild(struct vs_span pattern)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (memchr("*?/:.@", pattern.p[i], 6) == NULL)
			return false;
	return true;
}

/* Every one of its patterns asks for something. */
static bool
narrows(const struct vs_config_claim *c)
{
	for (size_t i = 0; i < c->any.n; i++)
		if (is_wild(c->any.v[i]))
			return false;
	return true;
}

/* The part before the first star, question mark or set. */
static struct vs_span
literal_head(struct vs_span p)
{
	for (size_t i = 0; i < p.n; i++) {
		if (memchr("*?[", p.p[i], 3) != NULL)
			return vs_span_slice(p, 0, i);
		if (p.p[i] == '\\')
			i++;
	}
	return p;
}

static size_t
count(struct vs_span s, uint8_t c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == c;
	return n;
}

static bool
begins_with_owner(struct vs_span head)
{
	for (size_t i = 0; i < VS_COUNT(owner_heads); i++)
		if (vs_span_starts(head, vs_span_cstr(owner_heads[i])))
			return true;
	return false;
}

/* Stars come behind whose it is: anybody can call a repository "app", and
 * have a number that begins with 1. */
static bool
names_owner(const char *claim, struct vs_span pattern)
{
	struct vs_span head = literal_head(pattern);

	if (strcmp(claim, "sub") == 0)
		return begins_with_owner(head) &&
		    (head.n == pattern.n || count(head, '/') > 0 ||
			count(head, ':') > 1);
	return head.n == pattern.n || count(head, '/') > 0;
}

static bool
claim_names_owner(const struct vs_config_claim *c)
{
	for (size_t i = 0; i < c->any.n; i++)
		if (!names_owner(c->name, c->any.v[i]))
			return false;
	return true;
}

static bool
owner_is_named(const struct vs_config_binding *b, const char *const owner[5])
{
	for (size_t i = 0; i < b->claims_n; i++)
		for (size_t k = 0; k < 5; k++)
			if (strcmp(b->claims[i].name, owner[k]) == 0 &&
			    claim_names_owner(&b->claims[i]))
				return true;
	return false;
}

static const char *
too_wide(const struct vs_config_binding *b, const struct vs_config_issuer *is)
{
	const unsigned approving =
	    VS_ROLE_SECURITY | VS_ROLE_APPROVER | VS_ROLE_OPERATOR;
	bool some = false;

	for (size_t i = 0; i < b->claims_n; i++)
		some = some || narrows(&b->claims[i]);
	if (!some)
		return "claims: would take every token of the issuer";
	for (size_t i = 0; i < VS_COUNT(shared_issuers); i++) {
		if (strcmp(is->issuer, shared_issuers[i].issuer) != 0)
			continue;
		if (!owner_is_named(b, shared_issuers[i].owner))
			return "claims: must name whose repository or project "
			       "it is, before any star: this issuer signs for "
			       "everybody";
		/* The subject is the job's, and has the branch in it. */
		if ((b->roles & approving) != 0 && b->person == NULL &&
		    b->person_claim == NULL)
			return "a role that approves needs person or "
			       "person_claim: who starts two jobs would be two";
	}
	return NULL;
}

static const struct vs_config_issuer *
issuer_named(const struct vs_config *c, const char *name)
{
	for (size_t i = 0; i < c->issuers_n; i++)
		if (strcmp(c->issuers[i].name, name) == 0)
			return &c->issuers[i];
	return NULL;
}

static vs_status
check_together(
    const struct vs_config_reader *r, const struct vs_config_binding *b)
{
	const struct vs_yaml at = {.line = b->line, .col = b->col};
	const struct vs_config_issuer *is;
	const char *why = NULL;

	if (b->certificate != NULL && r->c->admin_client_ca == NULL)
		return vs_config_wrong(r, &at, "identities.bindings",
		    "certificate: needs admin.client_ca");
	if (b->certificate != NULL && is_wild(vs_span_cstr(b->certificate)))
		return vs_config_wrong(r, &at, "identities.bindings",
		    "certificate: would take every one of the authority");
	if (b->issuer == NULL)
		return VS_OK;
	is = issuer_named(r->c, b->issuer);
	if (is == NULL)
		return vs_config_wrong(r, &at, "identities.bindings",
		    "issuer: no issuer of this name");
	why = too_wide(b, is);
	return why == NULL
	    ? VS_OK
	    : vs_config_wrong(r, &at, "identities.bindings", why);
}

vs_status
vs_config_identities_check(const struct vs_config_reader *r)
{
	for (size_t i = 0; i < r->c->bindings_n; i++) {
		vs_status st = check_together(r, &r->c->bindings[i]);

		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}
