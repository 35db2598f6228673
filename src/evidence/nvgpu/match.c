/* SPDX-License-Identifier: Apache-2.0 */
/* Measurements against reference documents. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "evidence/nvgpu/judge.h"

/* The first video decoder's: not comparable where it is turned off, as it is
 * in confidential mode (NVIDIA attestation SDK, measurement comparison). */
enum { NVDEC_INDEX = 35, CANDIDATES_MAX = 16 };

static void
without_dots(const char *version, char out[VS_NV_VERSION_MAX + 1])
{
	for (; *version != '\0'; version++)
		if (*version != '.')
			*out++ = *version;
	*out = '\0';
}

void
vs_nv_ids(struct vs_nv_device *d)
{
	const struct vs_nv_opaque *o = &d->opaque;
	char vbios[VS_NV_VERSION_MAX + 1];

	without_dots(o->vbios, vbios);
	d->driver_id[0] = d->vbios_id[0] = '\0';
	if (vs_nv_arch_is_switch(d->arch)) {
		(void)snprintf(d->vbios_id, sizeof(d->vbios_id),
		    "NV_SWITCH_BIOS_5612_0002_890_%s", vbios);
		return;
	}
	if (d->arch == VS_NV_HOPPER)
		(void)snprintf(d->driver_id, sizeof(d->driver_id),
		    "NV_GPU_DRIVER_GH100_%s", o->driver);
	else
		(void)snprintf(d->driver_id, sizeof(d->driver_id),
		    "NV_GPU_CC_DRIVER_%s_%s",
		    o->chip[0] != '\0' ? o->chip : vs_nv_arch_product(d->arch),
		    o->driver);
	if (o->project[0] != '\0' && o->project_sku[0] != '\0' &&
	    o->chip_sku[0] != '\0')
		(void)snprintf(d->vbios_id, sizeof(d->vbios_id),
		    "NV_GPU_VBIOS_%s_%s_%s_%s", o->project, o->project_sku,
		    o->chip_sku, vbios);
}

/* An index of SPDM is one more than one of a document. */
static bool
agrees(const struct vs_nv_rim *r, const struct vs_nv_golden *g,
    const uint8_t *measured)
{
	if (measured == NULL)
		return false;
	for (size_t k = 0; k < g->n; k++)
		if (memcmp(r->digests[g->first + k], measured,
			VS_NV_MEASUREMENT_SIZE) == 0)
			return true;
	return false;
}

static void
compare(const struct vs_nv_device *d, const struct vs_nv_rim *r,
    struct vs_nv_outcome *out)
{
	struct vs_nv_outcome o = {.rim = r};
	bool no_nvdec = !vs_nv_arch_is_switch(d->arch) &&
	    d->opaque.nvdec == VS_NV_NVDEC_OFF;

	for (size_t i = 0; i < VS_NV_RIM_INDEX_COUNT; i++) {
		const struct vs_nv_golden *g = &r->golden[i];

		if (!g->active || (i == NVDEC_INDEX && no_nvdec))
			continue;
		o.compared++;
		if (!agrees(r, g, d->report.measurement[i + 1]))
			o.differ[o.differ_n++] = (uint8_t)i;
	}
	/* A document without anything to compare proves nothing. */
	o.match =
	    o.differ_n == 0 && o.compared > 0 ? VS_NV_MATCH : VS_NV_MISMATCH;
	*out = o;
}

/* What the document says that it is about. */
static vs_status
about(const struct vs_nv_device *d, const struct vs_nv_rim *r, bool driver,
    struct vs_err *err)
{
	const char *product = vs_nv_arch_product(d->arch);
	const char *version = driver ? d->opaque.driver : d->opaque.vbios;

	if (strcmp(r->product, product) != 0)
		return vs_fail_code(err, VS_UNTRUSTED, "RIM_PRODUCT",
		    "reference document for %s, and the device is a %s",
		    r->product, product);
	if (strcasecmp(r->version, version) != 0)
		return vs_fail_code(err, VS_UNTRUSTED, "RIM_VERSION",
		    "reference document for version %s, and the device has %s",
		    r->version, version);
	return VS_OK;
}

/* A match is better than none, a current signer than an expired one, and of
 * several that do not match that which differs least says most. */
static bool
better(const struct vs_nv_outcome *a, const struct vs_nv_outcome *b)
{
	if (b->rim == NULL || a->match != b->match)
		return b->rim == NULL || a->match > b->match;
	if (a->expired != b->expired)
		return b->expired;
	return a->differ_n < b->differ_n;
}

static vs_status
try_one(const struct vs_nv_device *d, const struct vs_nv_rim *r, bool driver,
    const struct vs_nv_options *opt, struct vs_nv_outcome *out,
    struct vs_err *err)
{
	bool expired = opt->now > r->validity.not_after;
	vs_status st = vs_nv_rim_in_date(&r->validity, opt->now, err);

	if (st != VS_OK && !(expired && opt->allow_expired_rim))
		return st;
	vs_err_clear(err);
	if (r->standing.revoked)
		return vs_fail_code(err, VS_UNTRUSTED, "RIM_REVOKED",
		    "reference document: \"%s\" is revoked", r->standing.who);
	st = about(d, r, driver, err);
	if (st != VS_OK)
		return st;
	compare(d, r, out);
	out->expired = expired;
	return VS_OK;
}

/* Each whole document is an alternative: nothing is taken from two. Of those
 * that do not apply the first says why, if no other does. */
static vs_status
choose(const struct vs_nv_device *d, const struct vs_nv_rim *const *v, size_t n,
    bool driver, const struct vs_nv_options *opt, struct vs_nv_outcome *out,
    struct vs_err *err)
{
	struct vs_nv_outcome best = {0}, one;
	vs_status bad = VS_OK;

	for (size_t i = 0; i < n; i++) {
		struct vs_err why = {0};
		vs_status st = try_one(d, v[i], driver, opt, &one, &why);

		if (st == VS_OK && better(&one, &best))
			best = one;
		if (st != VS_OK && bad == VS_OK) {
			bad = st;
			*err = why;
		}
	}
	if (best.rim == NULL)
		return bad;
	vs_err_clear(err);
	*out = best;
	return VS_OK;
}

static vs_status
by_id(const struct vs_nv_device *d, const char *id, bool driver,
    const struct vs_nv_options *opt, struct vs_nv_outcome *out,
    struct vs_err *err)
{
	const struct vs_nv_rim *found[CANDIDATES_MAX];
	size_t n;

	if (id[0] == '\0')
		return VS_OK;
	n = vs_nv_rims_find(
	    vs_collateral_trust(opt->collateral), id, found, CANDIDATES_MAX);
	return choose(d, found, n, driver, opt, out, err);
}

static bool
conflict(const struct vs_nv_rim *a, const struct vs_nv_rim *b, size_t *index)
{
	for (size_t i = 0; i < VS_NV_RIM_INDEX_COUNT; i++)
		if (a->golden[i].active && b->golden[i].active) {
			*index = i;
			return true;
		}
	return false;
}

static vs_status
find_documents(
    struct vs_nv_device *d, const struct vs_nv_options *opt, struct vs_err *err)
{
	const struct vs_nv_rims *r = opt->rims;
	vs_status st;

	if (r == NULL) {
		st = by_id(d, d->driver_id, true, opt, &d->driver, err);
		return st != VS_OK
		    ? st
		    : by_id(d, d->vbios_id, false, opt, &d->vbios, err);
	}
	st = vs_nv_arch_is_switch(d->arch)
	    ? VS_OK
	    : choose(d, r->driver, r->driver_n, true, opt, &d->driver, err);
	return st != VS_OK
	    ? st
	    : choose(d, r->vbios, r->vbios_n, false, opt, &d->vbios, err);
}

vs_status
vs_nv_compare(
    struct vs_nv_device *d, const struct vs_nv_options *opt, struct vs_err *err)
{
	size_t index;
	vs_status st = find_documents(d, opt, err);

	if (st != VS_OK)
		return st;
	if (d->driver.rim != NULL && d->vbios.rim != NULL &&
	    conflict(d->driver.rim, d->vbios.rim, &index))
		return vs_fail_code(err, VS_UNTRUSTED, "RIM_CONFLICT",
		    "driver and VBIOS documents both claim measurement %zu",
		    index);
	return VS_OK;
}
