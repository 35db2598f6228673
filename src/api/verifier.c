/* SPDX-License-Identifier: Apache-2.0 */
/* Filling a verifier. */
#include "api/verifier.h"

#include <stdio.h>
#include <stdlib.h>

static bool
report(vs_status st, const struct vs_err *err, struct vouchsafe_error *error)
{
	if (st == VS_OK)
		return true;
	if (error != NULL)
		(void)snprintf(error->message, sizeof error->message, "%s",
		    err->msg[0] != '\0' ? err->msg : vs_status_text(st));
	return false;
}

static bool
refuse(const char *why, struct vouchsafe_error *error)
{
	struct vs_err err = {0};

	return report(vs_fail(&err, VS_USAGE, "%s", why), &err, error);
}

struct vouchsafe_verifier *
vouchsafe_verifier_new(void)
{
	struct vouchsafe_verifier *v = vs_calloc(1, sizeof *v);

	if (v == NULL)
		return NULL;
	v->builder = vs_collateral_builder_new();
	if (v->builder == NULL) {
		free(v);
		return NULL;
	}
	return v;
}

void
vouchsafe_verifier_free(struct vouchsafe_verifier *v)
{
	if (v == NULL)
		return;
	for (size_t i = 0; i < v->loaded_n; i++)
		vs_policy_free(&v->loaded[i]);
	vs_policy_set_free(&v->policies);
	vs_collateral_free(&v->collateral);
	vs_collateral_builder_free(&v->builder);
	free(v);
}

bool
vouchsafe_verifier_add_anchor(struct vouchsafe_verifier *v, const char *name,
    const uint8_t *cert, size_t len, struct vouchsafe_error *error)
{
	struct vs_err err = {0};

	if (v->builder == NULL)
		return refuse("the verifier is sealed already", error);
	return report(vs_collateral_add_anchor(
			  v->builder, name, VS_SPAN(cert, len), &err),
	    &err, error);
}

bool
vouchsafe_verifier_add_collateral(struct vouchsafe_verifier *v,
    const char *label, const uint8_t *bytes, size_t len,
    struct vouchsafe_error *error)
{
	struct vs_err err = {0};

	if (v->builder == NULL)
		return refuse("the verifier is sealed already", error);
	return report(
	    vs_collateral_add(v->builder, label, VS_SPAN(bytes, len), &err),
	    &err, error);
}

bool
vouchsafe_verifier_add_policy(struct vouchsafe_verifier *v, const char *file,
    const char *text, size_t len, struct vouchsafe_error *error)
{
	struct vs_err err = {0};
	vs_status st;

	if (v->builder == NULL)
		return refuse("the verifier is sealed already", error);
	if (v->loaded_n == VS_API_POLICIES_MAX)
		return refuse("too many policies", error);
	/* No clock here: waivers expire by the time of each appraisal. */
	st = vs_policy_load_at(
	    file, VS_SPAN(text, len), 0, NULL, &v->loaded[v->loaded_n], &err);
	if (st == VS_OK)
		v->loaded_n++;
	return report(st, &err, error);
}

bool
vouchsafe_verifier_seal(struct vouchsafe_verifier *v, bool require_crl,
    struct vouchsafe_error *error)
{
	struct vs_err err = {0};
	vs_status st;

	if (v->builder == NULL)
		return refuse("the verifier is sealed already", error);
	st = vs_policy_set_new(v->loaded, v->loaded_n, &v->policies, &err);
	if (st != VS_OK)
		return report(st, &err, error);
	v->loaded_n = 0; /* the set owns them now */
	st = vs_collateral_build(v->builder, &v->collateral, &err);
	if (st != VS_OK) {
		vs_policy_set_free(&v->policies);
		return report(st, &err, error);
	}
	vs_collateral_builder_free(&v->builder);
	v->crl = require_crl ? VS_CRL_REQUIRE : VS_CRL_IF_PRESENT;
	return true;
}
