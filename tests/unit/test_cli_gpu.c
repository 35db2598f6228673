/* SPDX-License-Identifier: Apache-2.0 */
/* Every case, operation, document and set of the NVIDIA manifest. */
#include "nv_vectors.h"

#include "cli/rim.h"
#include "evidence/nvgpu/nvgpu.h"

static struct vs_json *manifest;
static struct vs_collateral *nvidia;

/* What came of one case. */
struct outcome {
	char code[64]; /* "pass", an error, or "MEAS_MISMATCH:1,2" */
	struct vs_nv_device device;
};

static vs_status
load_rim(const struct n_case *c, int part, struct vs_arena *a,
    struct vs_nv_rim **out, struct vs_err *err)
{
	struct vs_nv_rim_parts p;

	if (!c->has[part])
		return VS_OK;
	return vs_rim_verify(vs_buf_span(&c->part[part]), NULL,
	    vs_collateral_trust(nvidia), &c->at, a, &p, out, err);
}

static void
differences(const struct vs_nv_outcome *o, char *text, size_t cap)
{
	for (size_t i = 0; i < o->differ_n; i++) {
		size_t n = strlen(text);

		snprintf(
		    text + n, cap - n, "%s%u", n > 14 ? "," : "", o->differ[i]);
	}
}

static vs_status
judge(const struct n_case *c, struct vs_arena *a, struct vs_nv_rim **driver,
    struct vs_nv_rim **vbios, struct outcome *out, struct vs_err *err)
{
	struct vs_nv_input in = {vs_nv_arch_parse(vs_span_cstr(c->arch)),
	    vs_buf_span(&c->part[N_REPORT]), vs_buf_span(&c->part[N_CHAIN])};
	const struct vs_nv_rim *v[1], *w[1];
	struct vs_nv_rims rims = {v, 0, w, 0};
	struct vs_nv_options opt = {.collateral = nvidia,
	    .nonce = VS_SPAN_OF(c->nonce),
	    .now = c->at,
	    .rims = &rims};
	vs_status st = vs_nvgpu_verify(&in, 1, &opt, &out->device, err);

	if (st == VS_OK)
		st = load_rim(c, N_DRIVER, a, driver, err);
	if (st == VS_OK)
		st = load_rim(c, N_VBIOS, a, vbios, err);
	v[0] = *driver;
	w[0] = *vbios;
	rims.driver_n = *driver != NULL;
	rims.vbios_n = *vbios != NULL;
	return st == VS_OK ? vs_nvgpu_judge(&out->device, 1, &opt, err) : st;
}

static void
run(const struct n_case *c, const char *id, const char *want,
    const struct vs_json *claims)
{
	struct vs_nv_rim *driver = NULL, *vbios = NULL;
	struct outcome out = {.code = "pass"};
	struct vs_err err = {0};
	struct vs_arena a;
	char ueid[VS_NV_UEID_MAX + 1];
	vs_status st;

	vs_arena_init(&a, 1 << 22);
	st = judge(c, &a, &driver, &vbios, &out, &err);
	if (st != VS_OK)
		snprintf(out.code, sizeof(out.code), "%s", err.code);
	else if (vs_nv_device_match(&out.device) == VS_NV_MISMATCH) {
		snprintf(out.code, sizeof(out.code), "MEAS_MISMATCH:");
		differences(&out.device.driver, out.code, sizeof(out.code));
		differences(&out.device.vbios, out.code, sizeof(out.code));
	}
	if (!CHECK_STR(out.code, want))
		fprintf(stderr, "%s: %s\n", id, err.msg);
	if (st == VS_OK && n_str(claims, "ueid") != NULL) {
		int64_t compared = 0;

		vs_nv_ueid(&out.device, ueid);
		CHECK_STR(ueid, n_str(claims, "ueid"));
		CHECK_STR(
		    out.device.opaque.vbios, n_str(claims, "vbios_version"));
		CHECK_STR(out.device.vbios_id, n_str(claims, "vbios_rim_id"));
		CHECK_INT(out.device.fwid_reported,
		    strcmp(n_str(claims, "fwid"), "match") == 0);
		CHECK(vs_json_is_int(
		    vs_json_get(claims, "measurements_compared"), &compared));
		CHECK_INT(
		    out.device.driver.compared + out.device.vbios.compared,
		    compared);
	}
	vs_nv_devices_fini(&out.device, 1);
	vs_nv_rim_free(&driver);
	vs_nv_rim_free(&vbios);
	vs_arena_fini(&a);
}

static void
test_cases(void)
{
	const struct vs_json *all = vs_json_get(manifest, "cases");

	CHECK(vs_json_size(all) >= 16);
	for (size_t i = 0; i < vs_json_size(all); i++) {
		const struct vs_json *j = vs_json_at(all, i);
		struct n_case c;

		n_load(j, &c);
		run(&c, n_str(j, "id"), n_str(j, "expect"),
		    vs_json_get(j, "claims"));
		n_fini(&c);
	}
}

static void
test_operations(void)
{
	const struct vs_json *all = vs_json_get(manifest, "operations");
	const struct vs_json *cases = vs_json_get(manifest, "cases");

	CHECK(vs_json_size(all) >= 57);
	for (size_t i = 0; i < vs_json_size(all); i++) {
		const struct vs_json *j = vs_json_at(all, i);
		const struct vs_json *ops = vs_json_get(j, "ops");
		struct n_case c;

		n_load(n_find(cases, n_str(j, "base")), &c);
		for (size_t k = 0; k < vs_json_size(ops); k++)
			n_apply(&c, vs_json_at(ops, k));
		run(&c, n_str(j, "id"), n_str(j, "expect"), NULL);
		n_fini(&c);
	}
}

static void
check_rim(const struct vs_json *j, const char *path)
{
	const struct vs_json *active = vs_json_get(j, "active");
	bool chain = true, good = true;
	struct vs_nv_rim_parts p;
	struct vs_nv_rim *rim = NULL;
	struct vs_err err = {0};
	struct vs_buf b = {0};
	struct vs_arena a;
	vs_status st;
	size_t n = 0;

	vs_arena_init(&a, 1 << 22);
	n_read(path, &b);
	CHECK(vs_rim_is(vs_buf_span(&b)));
	st = vs_rim_verify(vs_buf_span(&b), NULL, vs_collateral_trust(nvidia),
	    NULL, &a, &p, &rim, &err);
	(void)vs_json_is_bool(vs_json_get(j, "signature_valid"), &good);
	(void)vs_json_is_bool(vs_json_get(j, "chain_to_pinned_root"), &chain);
	if (j == NULL || !chain || !good) {
		CHECK_INT(st, VS_UNTRUSTED);
		if (j != NULL)
			CHECK_STR(err.code, chain ? "RIM_SIG" : "RIM_CHAIN");
	} else if (CHECK_OK(st, err)) {
		CHECK_STR(rim->product, n_str(j, "product"));
		CHECK_STR(rim->version, n_str(j, "colloquial_version"));
		for (size_t i = 0; i < VS_NV_RIM_INDEX_COUNT; i++)
			n += rim->golden[i].active;
		CHECK_INT(n, vs_json_size(active));
		for (size_t i = 0; i < vs_json_size(active); i++) {
			int64_t index = 0;

			(void)vs_json_is_int(vs_json_at(active, i), &index);
			CHECK(rim->golden[index].active);
		}
	}
	vs_nv_rim_free(&rim);
	vs_buf_fini(&b);
	vs_arena_fini(&a);
}

static void
test_documents(void)
{
	static const char *const forged[] = {
	    "rims/forged/ls10-own-cert-first.xml",
	    "rims/forged/ls10-own-x509data-first.xml",
	    "rims/forged/ls10-rsa-keyvalue-first.xml"};
	const struct vs_json *all = vs_json_get(manifest, "rims");

	CHECK(vs_json_size(all) >= 18);
	for (size_t i = 0; i < vs_json_size(all); i++)
		check_rim(
		    vs_json_at(all, i), n_str(vs_json_at(all, i), "file"));
	for (size_t i = 0; i < VS_COUNT(forged); i++)
		check_rim(NULL, forged[i]);
}

/* ---- sets ---- */

struct set {
	struct vs_nv_input in[VS_NV_DEVICES_MAX];
	size_t n, gpus;
	uint8_t nonce[32];
	int64_t at;
};

static void
load_set(const struct vs_json *j, struct vs_arena *a, struct set *s)
{
	const struct vs_json *files = vs_json_get(j, "files");

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < vs_json_size(files); i++) {
		struct vs_buf b = {0};
		struct vs_err err = {0};
		struct vs_span path;
		size_t n = 0;

		CHECK(vs_json_is_string(vs_json_at(files, i), &path));
		n_read(vs_arena_cstr(a, path), &b);
		CHECK_OK(vs_nv_evidence_json(
			     vs_buf_span(&b), a, s->in + s->n, &n, &err),
		    err);
		s->gpus = i == 0 ? n : s->gpus;
		s->n += n;
		vs_buf_fini(&b);
	}
	CHECK_INT(
	    vs_unhex(vs_span_cstr(n_str(j, "nonce")), s->nonce, 32), VS_OK);
	n_time(n_str(j, "verify_at"), &s->at);
}

static void
drop(struct set *s, size_t i)
{
	memmove(&s->in[i], &s->in[i + 1], (s->n - i - 1) * sizeof(s->in[0]));
	s->n--;
}

static void
spoil(struct set *s, const char *id, struct vs_arena *a, struct n_case *other)
{
	struct vs_buf b = {0};
	struct vs_err err = {0};
	size_t n;

	if (strcmp(id, "drop-gpu-3") == 0) {
		drop(s, 3);
	} else if (strcmp(id, "dup-gpu-0") == 0) {
		s->in[7] = s->in[0];
	} else if (strcmp(id, "drop-switch-1") == 0) {
		drop(s, s->gpus + 1);
	} else if (strcmp(id, "foreign-switch") == 0) {
		n_load(
		    n_find(vs_json_get(manifest, "cases"), "ls10-full"), other);
		s->in[s->gpus + 2].report = vs_buf_span(&other->part[N_REPORT]);
		s->in[s->gpus + 2].certs = vs_buf_span(&other->part[N_CHAIN]);
	} else if (strcmp(id, "foreign-gpu") == 0) {
		n_read("evidence/hopper-590.12-single.json", &b);
		CHECK_OK(
		    vs_nv_evidence_json(vs_buf_span(&b), a, s->in, &n, &err),
		    err);
		vs_buf_fini(&b);
	} else if (CHECK_STR(id, "wrong-nonce")) {
		memset(s->nonce, 0, sizeof(s->nonce));
	}
}

static void
run_set(const struct set *s, const char *want, size_t gpus, bool topology)
{
	struct vs_nv_options opt = {
	    .collateral = nvidia, .nonce = VS_SPAN_OF(s->nonce), .now = s->at};
	struct vs_nv_device *v = calloc(VS_NV_DEVICES_MAX, sizeof(*v));
	struct vs_err err = {0};
	struct vs_claims c;
	struct vs_arena a;
	vs_status st;

	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&c, &a);
	st = vs_nvgpu_appraise(s->in, s->n, &opt, v, &c, &err);
	CHECK_STR(st == VS_OK ? "pass" : err.code, want);
	CHECK_INT(vs_claims_gpus(&c), st == VS_OK ? gpus : 0);
	for (size_t i = 0; i < vs_claims_gpus(&c); i++) {
		CHECK_INT(
		    vs_claims_gpu_get(&c, i, VS_GPU_TOPOLOGY)->u.b, topology);
		CHECK(vs_claims_gpu_get(&c, i, VS_GPU_BOUND)->u.b);
	}
	vs_nv_devices_fini(v, VS_NV_DEVICES_MAX);
	free(v);
	vs_arena_fini(&a);
}

static void
test_sets(void)
{
	const struct vs_json *all = vs_json_get(manifest, "multi");

	CHECK(vs_json_size(all) >= 2);
	for (size_t i = 0; i < vs_json_size(all); i++) {
		const struct vs_json *j = vs_json_at(all, i);
		const struct vs_json *bad = vs_json_get(j, "negatives");
		struct vs_arena a;
		struct set s;

		vs_arena_init(&a, 1 << 22);
		load_set(j, &a, &s);
		run_set(&s, n_str(j, "expect"), s.gpus, s.n > 1);
		for (size_t k = 0; k < vs_json_size(bad); k++) {
			const struct vs_json *b = vs_json_at(bad, k);
			struct n_case other = {0};
			char want[32];

			snprintf(want, sizeof(want), "%s", n_str(b, "expect"));
			want[strcspn(want, " ")] = '\0';
			load_set(j, &a, &s);
			spoil(&s, n_str(b, "id"), &a, &other);
			run_set(&s, want, 0, false);
			n_fini(&other);
		}
		vs_arena_fini(&a);
	}
}

int
main(void)
{
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	struct vs_err err = {0};

	CHECK_OK(vs_collateral_build(b, &nvidia, &err), err);
	vs_collateral_builder_free(&b);
	if (check_vectors() == NULL) {
		vs_collateral_free(&nvidia);
		return 77;
	}
	manifest = n_json("manifest.json");
	RUN(test_cases);
	RUN(test_operations);
	RUN(test_documents);
	RUN(test_sets);
	vs_json_free(&manifest);
	vs_collateral_free(&nvidia);
	return check_result();
}
