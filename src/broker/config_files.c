/* SPDX-License-Identifier: Apache-2.0 */
/* The values of the configuration that are lists of files. */
#include "broker/config_reader.h"
#include "broker/signers.h"

static vs_status
set_anchor(const struct vs_config_reader *r, const struct vs_yaml *m, size_t i)
{
	struct vs_config_anchor *a = &r->c->anchors[i];

	if (m->type != VS_YAML_MAP)
		return vs_config_wrong(
		    r, m, "trust_anchors", "each needs name and file");
	for (size_t k = 0; k < m->n; k++) {
		const struct vs_yaml *v = m->v[k];
		bool is_name = vs_span_is(m->k[k]->text, "name");

		if (!is_name && !vs_span_is(m->k[k]->text, "file"))
			return vs_config_wrong(r, m->k[k], "trust_anchors",
			    "unknown key; known are name and file");
		if (v->type != VS_YAML_SCALAR)
			return vs_config_wrong(
			    r, v, "trust_anchors", "must be text");
		VS_TRY(r->err, r->file,
		    vs_config_text(r, v, "trust_anchors", !is_name,
			is_name ? &a->name : &a->file));
	}
	if (a->name == NULL || a->file == NULL)
		return vs_config_wrong(
		    r, m, "trust_anchors", "each needs name and file");
	return VS_OK;
}

vs_status
vs_config_anchors(const struct vs_config_reader *r, const struct vs_yaml *v)
{
	if (v->type != VS_YAML_SEQ)
		return vs_config_wrong(r, v, "trust_anchors",
		    "must be a list of entries with name and file");
	if (v->n > VS_CONFIG_ANCHORS_MAX)
		return vs_config_wrong(r, v, "trust_anchors", "too many");
	r->c->anchors =
	    vs_arena_calloc(&r->c->arena, v->n + 1, sizeof *r->c->anchors);
	if (r->c->anchors == NULL)
		return vs_config_wrong(r, v, "trust_anchors", "out of memory");
	r->c->anchors_n = v->n;
	for (size_t i = 0; i < v->n; i++) {
		vs_status st = set_anchor(r, v->v[i], i);

		if (st != VS_OK)
			return st;
	}
	return VS_OK;
}

vs_status
vs_config_signer_keys(const struct vs_config_reader *r, const struct vs_yaml *v)
{
	static const char what[] = "policy_signers.keys";

	if (v->type != VS_YAML_SEQ || v->n == 0 || v->n > VS_SIGNERS_MAX)
		return vs_config_wrong(
		    r, v, what, "must be a list of 1 to 32 files");
	r->c->policy_keys =
	    vs_arena_calloc(&r->c->arena, v->n, sizeof *r->c->policy_keys);
	if (r->c->policy_keys == NULL)
		return vs_config_wrong(r, v, what, "out of memory");
	r->c->policy_keys_n = v->n;
	for (size_t i = 0; i < v->n; i++) {
		if (v->v[i]->type != VS_YAML_SCALAR)
			return vs_config_wrong(
			    r, v->v[i], what, "must be a file");
		VS_TRY(r->err, r->file,
		    vs_config_text(
			r, v->v[i], what, true, &r->c->policy_keys[i]));
	}
	return VS_OK;
}
