/* SPDX-License-Identifier: Apache-2.0 */
/* Every check of one device that needs no reference document. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "evidence/nvgpu/fwid.h"
#include "evidence/nvgpu/judge.h"

enum { FWID_SINCE_DRIVER = 550 };

void
vs_nv_device_name(const struct vs_nv_device *d, char out[VS_NV_NAME_MAX + 1])
{
	char id[2 * VS_NV_SERIAL_MAX + 1] = "";
	struct vs_span serial = {0};

	if (d->chain != NULL)
		serial = vs_nv_chain_brom(d->chain)->serial;
	if (serial.n > 0 && serial.n <= VS_NV_SERIAL_MAX)
		vs_hex(serial, id);
	(void)snprintf(out, VS_NV_NAME_MAX + 1, "%s %zu%s%s%s",
	    d->kind != NULL ? d->kind : "device", d->number,
	    id[0] != '\0' ? " (" : "", id, id[0] != '\0' ? ")" : "");
}

bool
vs_nv_device_same(const struct vs_nv_device *a, const struct vs_nv_device *b)
{
	struct vs_nv_pdi x, y;

	if (vs_span_equal(vs_nv_chain_brom(a->chain)->serial,
		vs_nv_chain_brom(b->chain)->serial))
		return true;
	return vs_nv_arch_is_switch(a->arch) == vs_nv_arch_is_switch(b->arch) &&
	    vs_nv_chain_pdi(a->chain, &x) && vs_nv_chain_pdi(b->chain, &y) &&
	    memcmp(x.v, y.v, sizeof(x.v)) == 0;
}

/* The family is the certificates'; what was declared must agree. */
static vs_status
bind_arch(const struct vs_nv_input *in, const struct vs_nv_options *opt,
    struct vs_nv_device *d, struct vs_err *err)
{
	const char *leaf = vs_nv_chain_leaf(d->chain)->cn;
	const char *brom = vs_nv_chain_brom(d->chain)->cn;
	const char *above = vs_cert_facts(d->chain->cert[2])->cn;

	d->arch = vs_nv_arch_of_leaf(leaf);
	if (d->arch == VS_NV_NONE ||
	    !vs_nv_arch_fits(d->arch, leaf, brom, above))
		return vs_fail_code(err, VS_UNTRUSTED, "GPU_ARCH",
		    "no family that we know: \"%s\" by \"%s\" by \"%s\"", leaf,
		    brom, above);
	if (in->arch != VS_NV_NONE && in->arch != d->arch)
		return vs_fail_code(err, VS_UNTRUSTED, "GPU_ARCH",
		    "declared as %s, and its certificate is of %s",
		    vs_nv_arch_name(in->arch), vs_nv_arch_name(d->arch));
	if (opt->gpus_n > 0 &&
	    vs_nv_arch_is_switch(d->arch) != (strcmp(d->kind, "switch") == 0))
		return vs_fail_code(err, VS_UNTRUSTED, "GPU_ARCH",
		    "sent as a %s, and its certificate is of %s", d->kind,
		    vs_nv_arch_name(d->arch));
	return VS_OK;
}

static vs_status
check_signature(const struct vs_nv_device *d, struct vs_err *err)
{
	vs_status st = vs_p384_verify(
	    d->chain->key, d->report.signed_part, d->report.signature.p, err);

	if (st != VS_OK)
		err->code = "GPU_SIG";
	return st == VS_OK ? VS_OK : vs_ctx(err, "signature", st);
}

static vs_status
check_nonce(
    const struct vs_nv_options *opt, struct vs_nv_device *d, struct vs_err *err)
{
	d->bound = false;
	if (opt->nonce.n == 0)
		return VS_OK;
	if (!vs_equal_ct(opt->nonce, d->report.nonce))
		return vs_fail_code(err, VS_UNTRUSTED, "GPU_NONCE",
		    "the report answers another challenge");
	d->bound = true;
	return VS_OK;
}

/* "550.90.07" -> 550; what is no number is as new as can be. */
static unsigned
branch(const char *driver)
{
	unsigned v = 0;

	for (; *driver >= '0' && *driver <= '9' && v < 100000; driver++)
		v = v * 10 + (unsigned)(*driver - '0');
	return *driver == '.' || *driver == '\0' ? v : FWID_SINCE_DRIVER;
}

static vs_status
check_fwid(
    const struct vs_nv_options *opt, struct vs_nv_device *d, struct vs_err *err)
{
	struct vs_span reported = d->opaque.fwid;
	vs_status st = vs_nv_fwid_read(
	    d->chain->cert[0], d->chain->cert[1], d->arch, &d->fwid, err);

	if (st != VS_OK)
		return st;
	d->fwid_reported = reported.n > 0;
	if (d->fwid_reported && !vs_span_equal(reported, d->fwid))
		return vs_fail_code(err, VS_UNTRUSTED, "GPU_FWID",
		    "the report's firmware is not the certificate's");
	if (!d->fwid_reported && !opt->allow_absent_fwid &&
	    !vs_nv_arch_is_switch(d->arch) &&
	    branch(d->opaque.driver) >= FWID_SINCE_DRIVER)
		return vs_fail_code(err, VS_UNTRUSTED, "GPU_FWID",
		    "the report names no firmware, as driver %s does",
		    d->opaque.driver);
	return VS_OK;
}

/* From the cache or anew; the checks that follow are the same for both. */
static vs_status
find_chain(const struct vs_nv_input *in, const struct vs_nv_options *opt,
    uint8_t key[VS_SHA256_SIZE], struct vs_nv_device *d, struct vs_err *err)
{
	VS_TRY(err, "chain", vs_nv_chain_key(in->certs, opt->collateral, key));
	d->chain = vs_nv_chain_get(opt->cache, key);
	if (d->chain != NULL)
		return VS_OK;
	return vs_nv_chain_build(
	    in->certs, vs_collateral_trust(opt->collateral), &d->chain, err);
}

static vs_status
verify_one(const struct vs_nv_input *in, const struct vs_nv_options *opt,
    struct vs_nv_device *d, struct vs_err *err)
{
	uint8_t key[VS_SHA256_SIZE];
	struct vs_nv_fields fields;
	vs_status st = vs_nv_report_parse(in->report, &d->report, err);

	if (st == VS_OK)
		st = vs_nv_fields_parse(d->report.opaque, &fields, err);
	if (st == VS_OK)
		st = find_chain(in, opt, key, d, err);
	if (st == VS_OK)
		st = vs_nv_chain_in_date(d->chain, opt->now, err);
	if (st == VS_OK)
		st = bind_arch(in, opt, d, err);
	if (st == VS_OK)
		st = check_signature(d, err);
	if (st == VS_OK)
		st = check_nonce(opt, d, err);
	/* Only now do the fields mean anything. */
	if (st == VS_OK)
		st = vs_nv_opaque_read(&fields, d->arch, &d->opaque, err);
	if (st == VS_OK)
		st = check_fwid(opt, d, err);
	if (st != VS_OK)
		return st;
	vs_nv_ids(d);
	vs_nv_chain_put(opt->cache, key, d->chain);
	return VS_OK;
}

/* "GPU 3 (41...): report: ..." */
static vs_status
of_device(const struct vs_nv_device *d, struct vs_err *err, vs_status st)
{
	char name[VS_NV_NAME_MAX + 1];

	vs_nv_device_name(d, name);
	return vs_ctx(err, name, st);
}

/* The devices of one request, and what came of each. */
struct batch {
	const struct vs_nv_input *in;
	const struct vs_nv_options *opt;
	struct vs_nv_device *out;
	struct vs_err err[VS_NV_DEVICES_MAX];
	vs_status st[VS_NV_DEVICES_MAX];
};

static void
verify_part(void *arg, size_t i)
{
	struct batch *b = arg;

	b->st[i] = verify_one(&b->in[i], b->opt, &b->out[i], &b->err[i]);
}

/* The failure is the first in the order of the devices, whoever was first. */
static vs_status
verify_all(const struct vs_nv_input *in, size_t n,
    const struct vs_nv_options *opt, struct vs_nv_device *out,
    struct vs_err *err)
{
	struct batch *b = vs_calloc(1, sizeof(*b));
	vs_status st = VS_OK;
	size_t bad = 0;

	if (b == NULL)
		return vs_fail(err, VS_NO_MEMORY, "gpu");
	b->in = in;
	b->opt = opt;
	b->out = out;
	vs_crew_run(opt->crew, n, verify_part, b);
	while (bad < n && b->st[bad] == VS_OK)
		bad++;
	if (bad < n) {
		*err = b->err[bad];
		st = of_device(&out[bad], err, b->st[bad]);
	}
	free(b);
	return st;
}

static void
number(struct vs_nv_device *v, size_t n, size_t gpus)
{
	for (size_t i = 0; i < n; i++) {
		v[i].kind = gpus == 0 ? "device" : i < gpus ? "GPU" : "switch";
		v[i].number = i < gpus || gpus == 0 ? i : i - gpus;
	}
}

vs_status
vs_nvgpu_verify(const struct vs_nv_input *in, size_t n,
    const struct vs_nv_options *opt, struct vs_nv_device *out,
    struct vs_err *err)
{
	vs_err_clear(err);
	if (opt->collateral == NULL ||
	    (opt->nonce.n != 0 && opt->nonce.n != VS_NV_NONCE_SIZE))
		return vs_fail(err, VS_USAGE, "gpu: collateral or nonce");
	if (n == 0 || n > VS_NV_DEVICES_MAX)
		return vs_fail_code(err, VS_MALFORMED, "GPU_PARSE",
		    "gpu: %zu devices, want 1 to %d", n, VS_NV_DEVICES_MAX);
	number(out, n, opt->gpus_n);
	return verify_all(in, n, opt, out, err);
}

vs_status
vs_nvgpu_judge(struct vs_nv_device *v, size_t n,
    const struct vs_nv_options *opt, struct vs_err *err)
{
	for (size_t i = 0; i < n; i++) {
		vs_status st = vs_nv_compare(&v[i], opt, err);

		if (st != VS_OK)
			return of_device(&v[i], err, st);
	}
	return vs_nv_topology(v, n, err);
}

void
vs_nv_devices_fini(struct vs_nv_device *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		vs_nv_chain_free(&v[i].chain);
}

vs_status
vs_nvgpu_appraise(const struct vs_nv_input *in, size_t n,
    const struct vs_nv_options *opt, struct vs_nv_device *out,
    struct vs_claims *claims, struct vs_err *err)
{
	vs_status st = vs_nvgpu_verify(in, n, opt, out, err);

	if (st == VS_OK)
		st = vs_nvgpu_judge(out, n, opt, err);
	return st == VS_OK ? vs_nvgpu_claims(out, n, opt->now, claims, err)
			   : st;
}
