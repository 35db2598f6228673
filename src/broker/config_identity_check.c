/* SPDX-License-Identifier: Apache-2.0 */
/* What issuers and bindings say together: that a binding asks for enough. */
#include <string.h>

#include "broker/config_reader.h"

/* Issuers that sign for everybody who opens an account: their tokens say
 * nothing until one of these claims is looked at. */
static const struct {
	const char *issuer;
	const char *owner[6];
} shared_issuers[] = {
    {"https://token.actions.githubusercontent.com",
	{"repository", "repository_id", "repository_owner",
	    "repository_owner_id", "sub", "job_workflow_ref"}},
    {"https://gitlab.com",
	{"project_path", "project_id", "namespace_path", "namespace_id", "sub",
	    "project_path"}},
};

static bool
is_wild(struct vs_span pattern)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (memchr("*?/:", pattern.p[i], 4) == NULL)
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

static bool
owner_is_named(const struct vs_config_binding *b, const char *const *owner)
{
	for (size_t i = 0; i < b->claims_n; i++)
		for (size_t k = 0; k < 6; k++)
			if (strcmp(b->claims[i].name, owner[k]) == 0 &&
			    narrows(&b->claims[i]))
				return true;
	return false;
}

static const char *
too_wide(const struct vs_config_binding *b, const struct vs_config_issuer *is)
{
	bool some = false;

	for (size_t i = 0; i < b->claims_n; i++)
		some = some || narrows(&b->claims[i]);
	if (!some)
		return "claims: would take every token of the issuer";
	for (size_t i = 0; i < VS_COUNT(shared_issuers); i++)
		if (strcmp(is->issuer, shared_issuers[i].issuer) == 0 &&
		    !owner_is_named(b, shared_issuers[i].owner))
			return "claims: must name the repository or project: "
			       "this issuer signs for everybody";
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
