/* SPDX-License-Identifier: Apache-2.0 */
/* Forged GPUs against the verifier: every check of one device alone. */
#include "nv_forge.h"

#include "evidence/nvgpu/fwid.h"

static struct vs_collateral *trusted;
static struct vs_nv_device device;
static uint8_t challenge[32];
static EVP_PKEY *p256;

/* The code, "ok" for none; device stays for a look until the next call. */
static const char *
judge_with(struct f_device *d, struct vs_nv_options opt)
{
	struct vs_nv_input in = f_make(d);
	struct vs_err err = {0};
	vs_status st;

	vs_nv_devices_fini(&device, 1);
	memset(&device, 0, sizeof(device));
	opt.collateral = opt.collateral ? opt.collateral : trusted;
	opt.now = opt.now ? opt.now : F_NOW;
	st = vs_nvgpu_verify(&in, 1, &opt, &device, &err);
	if (st == VS_OK)
		return "ok";
	CHECK(st == err.status && err.msg[0] != '\0');
	CHECK_INT(vs_status_class(st),
	    err.code != NULL && strcmp(err.code, "GPU_PARSE") == 0
		? VS_CLASS_MALFORMED
		: VS_CLASS_UNVERIFIED);
	return err.code != NULL ? err.code : "none";
}

static const char *
judge(struct f_device *d)
{
	const char *code = judge_with(
	    d, (struct vs_nv_options){.nonce = VS_SPAN_OF(challenge)});

	f_fini(d);
	return code;
}

static void
test_good(void)
{
	struct f_device d;
	char ueid[VS_NV_UEID_MAX + 1];

	f_device(&d, VS_NV_HOPPER, 1);
	CHECK_STR(judge(&d), "ok");
	CHECK(device.bound && device.fwid_reported && device.chain->simulated);
	CHECK_STR(device.chain->anchor, "test-device");
	CHECK_STR(device.driver_id, "NV_GPU_DRIVER_GH100_550.90.07");
	CHECK_STR(device.vbios_id, "NV_GPU_VBIOS_1010_0200_882_96009F0001");
	vs_nv_ueid(&device, ueid);
	CHECK_STR(ueid, "372539633045132116404860839711993710892688687425");
	f_device(&d, VS_NV_BLACKWELL, 1);
	CHECK_STR(judge(&d), "ok");
	CHECK_STR(device.driver_id, "NV_GPU_CC_DRIVER_GB100_550.90.07");
	f_device(&d, VS_NV_BLACKWELL, 1);
	f_tlv(&d, 35, "GB102", 6);
	CHECK_STR(judge(&d), "ok");
	CHECK_STR(device.driver_id, "NV_GPU_CC_DRIVER_GB102_550.90.07");
	f_device(&d, VS_NV_LS10, 1);
	CHECK_STR(judge(&d), "ok");
	CHECK_STR(device.driver_id, "");
	CHECK_STR(device.vbios_id, "NV_SWITCH_BIOS_5612_0002_890_9610550001");
}

static void
test_links(void)
{
	struct f_device d;

	/* Each certificate by a key that its issuer does not have. */
	for (int i = F_LEAF; i < F_ROOT; i++) {
		f_device(&d, VS_NV_HOPPER, 1);
		d.cert[i].signer = f_keys.rim_leaf;
		CHECK_STR(judge(&d), "GPU_CHAIN");
	}
	/* Each authority without the right to be one. */
	for (int i = F_BROM; i < F_ROOT; i++) {
		f_device(&d, VS_NV_HOPPER, 1);
		d.cert[i].ca = false;
		CHECK_STR(judge(&d), "GPU_CHAIN");
	}
	f_device(&d, VS_NV_HOPPER, 1);
	d.cert[F_LEAF].ca = true;
	CHECK_STR(judge(&d), "GPU_CHAIN");
	for (int i = F_LEAF; i < F_ROOT; i++) {
		f_device(&d, VS_NV_HOPPER, 1);
		d.cert[i].md = EVP_sha256();
		CHECK_STR(judge(&d), "GPU_CHAIN");
	}
	f_device(&d, VS_NV_HOPPER, 1);
	d.cert[F_LEAF].key = p256;
	d.signer = f_keys.leaf;
	CHECK_STR(judge(&d), "GPU_CHAIN");
	f_device(&d, VS_NV_HOPPER, 1);
	d.cert[F_PROV].key = p256;
	CHECK_STR(judge(&d), "GPU_CHAIN");
}

static void
test_root(void)
{
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	struct vs_collateral *nvidia = NULL;
	struct vs_err err = {0};
	struct f_device d;

	/* The same names and key, but not the very certificate. */
	f_device(&d, VS_NV_HOPPER, 1);
	d.cert[F_ROOT].fixed = NULL;
	CHECK_STR(judge(&d), "GPU_CHAIN");
	f_device(&d, VS_NV_HOPPER, 1);
	d.cert[F_ROOT].fixed = NULL;
	d.cert[F_ROOT].key = f_keys.rim_leaf;
	CHECK_STR(judge(&d), "GPU_CHAIN");
	/* A root that nobody named. */
	CHECK_OK(vs_collateral_build(b, &nvidia, &err), err);
	f_device(&d, VS_NV_HOPPER, 1);
	CHECK_STR(judge_with(&d, (struct vs_nv_options){.collateral = nvidia}),
	    "GPU_CHAIN");
	f_fini(&d);
	vs_collateral_free(&nvidia);
	vs_collateral_builder_free(&b);
}

static void
test_count(void)
{
	static const struct vs_span junk[] = {{NULL, 0},
	    {(const uint8_t *)"text", 4},
	    {(const uint8_t *)"-----BEGIN CERTIFICATE-----\n", 28}};
	struct f_device d;
	struct vs_nv_options opt = {.collateral = trusted, .now = F_NOW};
	struct vs_nv_device v = {0};
	struct vs_err err = {0};
	struct vs_nv_input in;

	f_device(&d, VS_NV_HOPPER, 1);
	in = f_make(&d);
	for (size_t i = 0; i < VS_COUNT(junk); i++) {
		in.certs = junk[i];
		CHECK_INT(
		    vs_nvgpu_verify(&in, 1, &opt, &v, &err), VS_UNTRUSTED);
		CHECK_STR(err.code, "GPU_CHAIN");
	}
	f_pem(d.cert + 1, F_ALL - 1, &d.pem);
	in.certs = vs_buf_span(&d.pem);
	CHECK_INT(vs_nvgpu_verify(&in, 1, &opt, &v, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "GPU_CHAIN");
	CHECK_INT(vs_nvgpu_verify(&in, 0, &opt, &v, &err), VS_MALFORMED);
	opt.nonce = VS_SPAN_LIT("short");
	CHECK_INT(vs_nvgpu_verify(&in, 1, &opt, &v, &err), VS_USAGE);
	f_fini(&d);
}

static void
test_dates(void)
{
	struct f_device d;

	for (int i = F_LEAF; i < F_ROOT; i++) {
		f_device(&d, VS_NV_HOPPER, 1);
		d.cert[i].to = F_NOW - 1;
		CHECK_STR(judge(&d), "GPU_TIME");
		f_device(&d, VS_NV_HOPPER, 1);
		d.cert[i].from = F_NOW + 1;
		CHECK_STR(judge(&d), "GPU_TIME");
		f_device(&d, VS_NV_HOPPER, 1);
		d.cert[i].from = d.cert[i].to = F_NOW;
		CHECK_STR(judge(&d), "ok");
	}
	f_device(&d, VS_NV_HOPPER, 1);
	CHECK_STR(judge_with(&d, (struct vs_nv_options){.now = F_TO + 1}),
	    "GPU_TIME");
	f_fini(&d);
}

/* Lists of the root: of an authority below it, of the same number further
 * down, of nobody here. */
static void
test_revoked(void)
{
	static const uint8_t seven = 7;
	static const struct {
		int cert;
		uint8_t serial;
		const char *code;
	} all[] = {
	    {F_IDENT, 7, "GPU_REVOKED"}, {F_PROV, 7, "ok"}, {F_IDENT, 8, "ok"}};

	for (size_t i = 0; i < VS_COUNT(all); i++) {
		struct vs_collateral_builder *b = f_builder();
		struct vs_collateral *c = NULL;
		struct vs_buf crl = {0};
		struct vs_err err = {0};
		struct f_device d;

		f_device(&d, VS_NV_HOPPER, 1);
		d.cert[all[i].cert].serial = &seven;
		d.cert[all[i].cert].serial_n = 1;
		f_crl(&d.cert[F_ROOT], all[i].serial, &crl);
		CHECK_OK(
		    vs_collateral_add(b, "crl", vs_buf_span(&crl), &err), err);
		CHECK_OK(vs_collateral_build(b, &c, &err), err);
		CHECK_STR(
		    judge_with(&d, (struct vs_nv_options){.collateral = c}),
		    all[i].code);
		f_fini(&d);
		vs_buf_fini(&crl);
		vs_collateral_free(&c);
		vs_collateral_builder_free(&b);
	}
}

static void
test_arch(void)
{
	static const struct {
		int cert;
		const char *cn;
	} wrong[] = {{F_LEAF, "GB100 A01 GSP FMC LF"}, {F_LEAF, "GH100"},
	    {F_LEAF, "AD102 A01 GSP FMC LF"}, {F_BROM, "GB100 A01 GSP BROM"},
	    {F_PROV, "NVIDIA LS_10 Provisioner ICA 1"},
	    {F_PROV, "NVIDIA GH100 Identity"}};
	struct f_device d;

	for (size_t i = 0; i < VS_COUNT(wrong); i++) {
		f_device(&d, VS_NV_HOPPER, 1);
		d.cert[wrong[i].cert].cn = wrong[i].cn;
		CHECK_STR(judge(&d), "GPU_ARCH");
	}
	f_device(&d, VS_NV_HOPPER, 1);
	d.declared = VS_NV_BLACKWELL;
	CHECK_STR(judge(&d), "GPU_ARCH");
	f_device(&d, VS_NV_HOPPER, 1);
	d.declared = VS_NV_NONE;
	CHECK_STR(judge(&d), "ok");
	CHECK_INT(device.arch, VS_NV_HOPPER);
}

static void
test_signature_and_nonce(void)
{
	struct f_device d;

	f_device(&d, VS_NV_HOPPER, 1);
	d.signer = f_keys.brom;
	CHECK_STR(judge(&d), "GPU_SIG");
	f_device(&d, VS_NV_HOPPER, 1);
	d.nonce[31] ^= 1;
	CHECK_STR(judge(&d), "GPU_NONCE");
	f_device(&d, VS_NV_HOPPER, 1);
	CHECK_STR(judge_with(&d, (struct vs_nv_options){0}), "ok");
	CHECK(!device.bound);
	f_fini(&d);
	/* Fields of another kind of device: known after the signature. */
	f_device(&d, VS_NV_HOPPER, 1);
	f_tlv(&d, 26, "", 0);
	CHECK_STR(judge(&d), "GPU_PARSE");
}

/* From the cache every check is made again; and another trust is another
 * key. */
static void
test_cache(void)
{
	struct vs_evidence_cache *cache = vs_evidence_cache_new(8);
	struct vs_nv_options opt = {.cache = cache};
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	struct vs_collateral *nvidia = NULL;
	struct vs_nv_chain *first;
	struct vs_err err = {0};
	struct vs_nv_input in;
	struct f_device d;

	f_device(&d, VS_NV_HOPPER, 1);
	in = f_make(&d);
	opt.collateral = trusted;
	opt.now = F_NOW;
	vs_nv_devices_fini(&device, 1);
	CHECK_OK(vs_nvgpu_verify(&in, 1, &opt, &device, &err), err);
	first = device.chain;
	vs_nv_devices_fini(&device, 1);
	CHECK_OK(vs_nvgpu_verify(&in, 1, &opt, &device, &err), err);
	CHECK(device.chain == first);
	vs_nv_devices_fini(&device, 1);
	opt.now = F_TO + 1;
	CHECK(vs_nvgpu_verify(&in, 1, &opt, &device, &err) != VS_OK);
	CHECK_STR(err.code, "GPU_TIME");
	CHECK(device.chain == first);
	vs_nv_devices_fini(&device, 1);
	opt.now = F_NOW;
	in.arch = VS_NV_LS10;
	CHECK(vs_nvgpu_verify(&in, 1, &opt, &device, &err) != VS_OK);
	CHECK_STR(err.code, "GPU_ARCH");
	vs_nv_devices_fini(&device, 1);
	in.arch = VS_NV_HOPPER;
	d.report.p[d.report.n - 1] ^= 1;
	CHECK(vs_nvgpu_verify(&in, 1, &opt, &device, &err) != VS_OK);
	CHECK_STR(err.code, "GPU_SIG");
	vs_nv_devices_fini(&device, 1);
	CHECK_OK(vs_collateral_build(b, &nvidia, &err), err);
	opt.collateral = nvidia;
	CHECK(vs_nvgpu_verify(&in, 1, &opt, &device, &err) != VS_OK);
	CHECK_STR(err.code, "GPU_CHAIN");
	vs_nv_devices_fini(&device, 1);
	f_fini(&d);
	vs_collateral_free(&nvidia);
	vs_collateral_builder_free(&b);
	vs_evidence_cache_free(&cache);
}

/* One bit of each octet: nothing that is signed may change. */
static void
test_mutations(void)
{
	struct vs_nv_options opt = {
	    .collateral = trusted, .now = F_NOW, .allow_absent_fwid = true};
	struct vs_nv_device v = {0};
	struct vs_err err = {0};
	struct f_device d;
	struct vs_nv_input in;

	f_device(&d, VS_NV_HOPPER, 1);
	d.blocks = 2;
	in = f_make(&d);
	for (size_t i = 0; i < 8 * d.report.n; i += 7) {
		d.report.p[i / 8] ^= (uint8_t)(1 << i % 8);
		CHECK(vs_nvgpu_verify(&in, 1, &opt, &v, &err) != VS_OK);
		CHECK(err.code != NULL &&
		    (strcmp(err.code, "GPU_PARSE") == 0 ||
			strcmp(err.code, "GPU_SIG") == 0));
		vs_nv_devices_fini(&v, 1);
		d.report.p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t n = 0; n < d.report.n; n++) {
		in.report = VS_SPAN(d.report.p, n);
		CHECK(vs_nvgpu_verify(&in, 1, &opt, &v, &err) != VS_OK);
		CHECK_STR(err.code, "GPU_PARSE");
	}
	f_fini(&d);
}

static void
test_fwid(void)
{
	struct f_device d;

	f_device(&d, VS_NV_HOPPER, 1);
	d.fwid[0] ^= 1;
	f_fwid_ext(&d, VS_NV_HOPPER, f_keys.brom); /* not the report's */
	CHECK_STR(judge(&d), "GPU_FWID");
	f_device(&d, VS_NV_HOPPER, 1);
	f_fwid_ext(&d, VS_NV_HOPPER, f_keys.leaf); /* another device's key */
	CHECK_STR(judge(&d), "GPU_FWID");
	f_device(&d, VS_NV_HOPPER, 1);
	f_fwid_ext(&d, VS_NV_BLACKWELL, f_keys.brom);
	CHECK_STR(judge(&d), "GPU_FWID");
	f_device(&d, VS_NV_BLACKWELL, 1);
	f_fwid_ext(&d, VS_NV_HOPPER, f_keys.brom);
	CHECK_STR(judge(&d), "GPU_FWID");
	f_device(&d, VS_NV_HOPPER, 1);
	d.cert[F_LEAF].ext_oid = NULL;
	CHECK_STR(judge(&d), "GPU_FWID");
	/* Firmware that old does not report it. */
	f_device(&d, VS_NV_HOPPER, 1);
	f_opaque(&d, "549.99", false);
	CHECK_STR(judge(&d), "ok");
	CHECK(!device.fwid_reported && device.fwid.n == 48);
	f_device(&d, VS_NV_HOPPER, 1);
	f_opaque(&d, "550", false);
	CHECK_STR(judge(&d), "GPU_FWID");
	f_device(&d, VS_NV_HOPPER, 1);
	f_opaque(&d, "r999", false);
	CHECK_STR(judge(&d), "GPU_FWID");
	f_device(&d, VS_NV_HOPPER, 1);
	f_opaque(&d, "550.90.07", false);
	CHECK_STR(
	    judge_with(&d, (struct vs_nv_options){.allow_absent_fwid = true}),
	    "ok");
	f_fini(&d);
}

/* The extensions by themselves: truncated, and with each bit flipped. */
static void
test_fwid_der(void)
{
	vs_status (*const read[])(struct vs_span, struct vs_nv_fwid *,
	    struct vs_err *) = {vs_nv_fwid_composite, vs_nv_fwid_tcb_info};
	static const vs_nv_arch form[] = {VS_NV_HOPPER, VS_NV_BLACKWELL};
	struct vs_nv_fwid f;
	struct vs_err err = {0};
	struct f_device d;

	for (size_t k = 0; k < 2; k++) {
		struct vs_buf more = {0};

		f_device(&d, form[k], 1);
		CHECK_OK(read[k](vs_buf_span(&d.ext), &f, &err), err);
		CHECK(vs_span_equal(f.digest, VS_SPAN_OF(d.fwid)));
		CHECK_INT(f.device_key.n > 0, k == 0);
		for (size_t n = 0; n < d.ext.n; n++)
			CHECK(read[k](VS_SPAN(d.ext.p, n), &f, &err) != VS_OK);
		vs_buf_add(&more, vs_buf_span(&d.ext));
		vs_buf_puts(&more, "x");
		CHECK(read[k](vs_buf_span(&more), &f, &err) != VS_OK);
		for (size_t i = 0; i < 8 * d.ext.n; i++) {
			d.ext.p[i / 8] ^= (uint8_t)(1 << i % 8);
			if (read[k](vs_buf_span(&d.ext), &f, &err) == VS_OK)
				CHECK_INT(f.digest.n, 48);
			d.ext.p[i / 8] ^= (uint8_t)(1 << i % 8);
		}
		vs_buf_fini(&more);
		f_fini(&d);
	}
}

static void
test_tcb_info_fields(void)
{
	static const uint8_t zero[48];
	static const struct {
		uint8_t first, second;
		bool ok;
	} all[] = {{0x83, 0xa6, true}, {0x86, 0x87, false}, {0x87, 0xa6, false},
	    {0xa6, 0xa6, false}, {0xa6, 0xa9, true}, {0xa6, 0xaa, false},
	    {0x06, 0xa6, false}, {0xc3, 0xa6, false}};

	for (size_t i = 0; i < VS_COUNT(all); i++) {
		struct vs_buf list = {0}, in = {0}, whole = {0};
		struct vs_nv_fwid f;
		struct vs_err err = {0};

		f_fwid(&list, zero);
		f_put(&in, all[i].first,
		    all[i].first == 0xa6 ? vs_buf_span(&list)
					 : VS_SPAN("\x01", 1));
		f_put(&in, all[i].second,
		    all[i].second == 0xa6 ? vs_buf_span(&list)
					  : VS_SPAN("\x01", 1));
		f_put(&whole, 0x30, vs_buf_span(&in));
		CHECK_INT(
		    vs_nv_fwid_tcb_info(vs_buf_span(&whole), &f, &err) == VS_OK,
		    all[i].ok);
		vs_buf_fini(&list);
		vs_buf_fini(&in);
		vs_buf_fini(&whole);
	}
}

int
main(void)
{
	struct vs_collateral_builder *b;
	struct vs_err err = {0};

	memset(challenge, 0xc5, sizeof(challenge));
	f_init();
	p256 = EVP_EC_gen("P-256");
	b = f_builder();
	CHECK_OK(vs_collateral_build(b, &trusted, &err), err);
	RUN(test_good);
	RUN(test_links);
	RUN(test_root);
	RUN(test_count);
	RUN(test_dates);
	RUN(test_revoked);
	RUN(test_arch);
	RUN(test_signature_and_nonce);
	RUN(test_cache);
	RUN(test_mutations);
	RUN(test_fwid);
	RUN(test_fwid_der);
	RUN(test_tcb_info_fields);
	vs_nv_devices_fini(&device, 1);
	vs_collateral_free(&trusted);
	vs_collateral_builder_free(&b);
	return check_result();
}
