/* SPDX-License-Identifier: Apache-2.0 */
/* What was found about each device, for people and machines. */
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "cli/appraise_gpu.h"
#include "cli/output.h"

static const char *
match_name(const struct vs_nv_outcome *o)
{
	switch (o->match) {
	case VS_NV_MATCH:
		return "match";
	case VS_NV_MISMATCH:
		return "mismatch";
	case VS_NV_ABSENT:
		break;
	}
	return "absent";
}

const struct vs_nv_device *
vs_gpu_mismatch(const struct vs_gpu_job *g, char *text, size_t cap)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct vs_nv_device *d = &g->device[i];
		const struct vs_nv_outcome *o[] = {&d->driver, &d->vbios};
		int n =
		    snprintf(text, cap, "device %zu: measurements differ:", i);

		if (vs_nv_device_match(d) != VS_NV_MISMATCH)
			continue;
		for (size_t k = 0; k < VS_COUNT(o); k++)
			for (size_t j = 0;
			     j < o[k]->differ_n && n > 0 && (size_t)n < cap;
			     j++)
				n += snprintf(text + n, cap - (size_t)n,
				    " %s:%u", k == 0 ? "driver" : "vbios",
				    o[k]->differ[j]);
		return d;
	}
	return NULL;
}

static void
set_hex(struct vs_json **o, const char *name, struct vs_span bytes)
{
	char text[2 * 64 + 1];

	if (bytes.n == 0 || bytes.n > 64)
		return;
	vs_hex(bytes, text);
	vs_json_set(o, name, vs_json_cstr(text));
}

static struct vs_json *
outcome_json(const struct vs_nv_outcome *o, const char *id)
{
	struct vs_json *v = vs_json_object(), *differ = vs_json_array();

	vs_json_set(&v, "rim_id", vs_json_cstr(id));
	vs_json_set(&v, "result", vs_json_cstr(match_name(o)));
	vs_json_set(&v, "compared", vs_json_int((int64_t)o->compared));
	for (size_t i = 0; i < o->differ_n; i++)
		vs_json_append(&differ, vs_json_int(o->differ[i]));
	vs_json_set(&v, "mismatches", differ);
	if (o->rim != NULL)
		set_hex(&v, "rim_sha256", VS_SPAN_OF(o->rim->sha256));
	return v;
}

static void
set_text(struct vs_json **o, const char *name, const char *text)
{
	if (text[0] != '\0')
		vs_json_set(o, name, vs_json_cstr(text));
}

static struct vs_json *
device_json(const struct vs_nv_device *d)
{
	struct vs_json *o = vs_json_object();
	struct vs_nv_pdi pdi;
	char ueid[VS_NV_UEID_MAX + 1];

	vs_nv_ueid(d, ueid);
	vs_json_set(&o, "kind",
	    vs_json_cstr(vs_nv_arch_is_switch(d->arch) ? "switch" : "gpu"));
	vs_json_set(&o, "arch", vs_json_cstr(vs_nv_arch_name(d->arch)));
	set_text(&o, "model", vs_nv_chain_brom(d->chain)->cn);
	set_text(&o, "ueid", ueid);
	set_hex(&o, "id", vs_nv_chain_brom(d->chain)->serial);
	if (vs_nv_chain_pdi(d->chain, &pdi))
		set_hex(&o, "pdi", VS_SPAN_OF(pdi.v));
	set_text(&o, "driver_version", d->opaque.driver);
	set_text(&o, "vbios_version", d->opaque.vbios);
	set_text(&o, "mode", vs_nv_mode_name(d->opaque.mode));
	set_hex(&o, "fwid", d->fwid);
	vs_json_set(&o, "fwid_reported",
	    vs_json_cstr(d->fwid_reported ? "match" : "absent"));
	vs_json_set(&o, "blocks", vs_json_int((int64_t)d->report.blocks));
	set_hex(&o, "nonce", d->report.nonce);
	if (!vs_nv_arch_is_switch(d->arch))
		vs_json_set(
		    &o, "driver", outcome_json(&d->driver, d->driver_id));
	vs_json_set(&o, "vbios", outcome_json(&d->vbios, d->vbios_id));
	if (d->has_topology)
		vs_json_set(&o, "topology", vs_json_bool(d->topology));
	return o;
}

struct vs_json *
vs_gpu_json(const struct vs_gpu_job *g)
{
	struct vs_json *list = vs_json_array();

	for (size_t i = 0; i < g->n; i++)
		vs_json_append(&list, device_json(&g->device[i]));
	return list;
}

static void
outcome_text(const char *what, const struct vs_nv_outcome *o, const char *id)
{
	printf("  %-7s %s: ", what, id[0] != '\0' ? id : "(no id)");
	vs_cli_paint(stdout,
	    o->match == VS_NV_MATCH          ? VS_GOOD
		: o->match == VS_NV_MISMATCH ? VS_BAD
					     : VS_WARN,
	    match_name(o));
	if (o->match == VS_NV_ABSENT)
		printf(", no reference document: import it");
	else
		printf(", %zu compared, %zu differ", o->compared, o->differ_n);
	putchar('\n');
}

void
vs_gpu_text(const struct vs_gpu_job *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct vs_nv_device *d = &g->device[i];

		printf("device %zu: %s\n", i, vs_nv_chain_brom(d->chain)->cn);
		if (!vs_nv_arch_is_switch(d->arch))
			outcome_text("driver", &d->driver, d->driver_id);
		outcome_text("vbios", &d->vbios, d->vbios_id);
	}
}
