/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of one request, as a whole. */
#include <string.h>

#include "evidence/nvgpu/judge.h"

/* An HGX board of Hopper GPUs. */
enum { BOARD_SWITCHES = 4 };

static vs_status
bad(struct vs_err *err, const struct vs_nv_device *d, const char *what)
{
	char name[VS_NV_NAME_MAX + 1];

	vs_nv_device_name(d, name);
	return vs_fail_code(
	    err, VS_UNTRUSTED, "TOPOLOGY", "%s: %s", name, what);
}

static vs_status
check_distinct(const struct vs_nv_device *v, size_t n, struct vs_err *err)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (vs_nv_device_same(&v[i], &v[k]))
				return bad(
				    err, &v[k], "a device that is there twice");
	return VS_OK;
}

static bool
same(const struct vs_nv_pdi *a, const struct vs_nv_pdi *b)
{
	return memcmp(a->v, b->v, sizeof(a->v)) == 0;
}

static bool
is_zero(const struct vs_nv_pdi *p)
{
	return vs_span_zero(VS_SPAN_OF(p->v));
}

/* Some device of this kind has this identity in its certificate. */
static bool
present(const struct vs_nv_device *v, size_t n, bool is_switch,
    const struct vs_nv_pdi *pdi)
{
	struct vs_nv_pdi own;

	for (size_t i = 0; i < n; i++)
		if (vs_nv_arch_is_switch(v[i].arch) == is_switch &&
		    vs_nv_chain_pdi(v[i].chain, &own) && same(&own, pdi))
			return true;
	return false;
}

/* Distinct ones; zero is no identity. */
static size_t
distinct_peers(const struct vs_nv_opaque *o)
{
	size_t n = 0;

	for (size_t i = 0; i < o->peers_n; i++) {
		bool seen = is_zero(&o->peers[i]);

		for (size_t k = 0; k < i && !seen; k++)
			seen = same(&o->peers[i], &o->peers[k]);
		n += !seen;
	}
	return n;
}

/* So many of them, and each is here with its certificate. */
static bool
peers_here(const struct vs_nv_device *d, const struct vs_nv_device *v, size_t n,
    size_t want)
{
	const struct vs_nv_opaque *o = &d->opaque;
	bool of_switches = !vs_nv_arch_is_switch(d->arch);

	for (size_t i = 0; i < o->peers_n; i++)
		if (!is_zero(&o->peers[i]) &&
		    !present(v, n, of_switches, &o->peers[i]))
			return false;
	return distinct_peers(o) == want;
}

static vs_status
check_gpu(const struct vs_nv_device *v, size_t n, size_t i, struct vs_err *err)
{
	if (v[i].opaque.mode != VS_NV_MODE_PPCIE || !v[i].opaque.protected_pcie)
		return bad(
		    err, &v[i], "a GPU that is not in protected PCIe mode");
	if (!peers_here(&v[i], v, n, BOARD_SWITCHES))
		return bad(
		    err, &v[i], "its links do not lead to these 4 switches");
	return VS_OK;
}

static vs_status
check_switch(
    const struct vs_nv_device *v, size_t n, size_t i, struct vs_err *err)
{
	struct vs_nv_pdi own;

	if (!v[i].opaque.has_pdi || !vs_nv_chain_pdi(v[i].chain, &own) ||
	    !same(&own, &v[i].opaque.pdi))
		return bad(err, &v[i],
		    "a switch that is not the one of its certificate");
	if (!peers_here(&v[i], v, n, VS_NV_BOARD_GPUS))
		return bad(err, &v[i], "it does not connect these 8 GPUs");
	return VS_OK;
}

/*
 * Each GPU names the switches and each switch the GPUs, by identities that
 * the certificates confirm: a device of another board fits nowhere.
 */
static vs_status
check_board(struct vs_nv_device *v, size_t n, struct vs_err *err)
{
	for (size_t i = 0; i < n; i++) {
		vs_status st = vs_nv_arch_is_switch(v[i].arch)
		    ? check_switch(v, n, i, err)
		    : check_gpu(v, n, i, err);

		if (st != VS_OK)
			return st;
	}
	for (size_t i = 0; i < n; i++)
		v[i].has_topology = v[i].topology = true;
	return VS_OK;
}

vs_status
vs_nv_topology(struct vs_nv_device *v, size_t n, struct vs_err *err)
{
	size_t switches = 0;
	vs_status st = check_distinct(v, n, err);

	if (st != VS_OK)
		return st;
	for (size_t i = 0; i < n; i++) {
		switches += vs_nv_arch_is_switch(v[i].arch);
		/* Not shown until it is. */
		v[i].has_topology = v[i].opaque.mode == VS_NV_MODE_PPCIE;
	}
	if (switches == 0 || switches == n)
		return VS_OK;
	if (switches != BOARD_SWITCHES || n - switches != VS_NV_BOARD_GPUS)
		return vs_fail_code(err, VS_UNTRUSTED, "TOPOLOGY",
		    "%zu GPUs and %zu switches: a board has %d and %d",
		    n - switches, switches, VS_NV_BOARD_GPUS, BOARD_SWITCHES);
	return check_board(v, n, err);
}
