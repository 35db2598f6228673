/* SPDX-License-Identifier: Apache-2.0 */
/* Reference documents: forged ones are refused, and genuine ones compared as
 * they say. */
#include "nv_forge.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "collateral/nvidia_ca.h"
#include "collateral/nvidia_held.h"
#include "evidence/nvgpu/judge.h"

static struct vs_collateral *trusted;

static const struct vs_trust *
trust(void)
{
	return vs_collateral_trust(trusted);
}

#define DRIVER "NV_GPU_DRIVER_GH100_550.90.07"
#define VBIOS "NV_GPU_VBIOS_1010_0200_882_96009F0001"

static void
driver_rim(struct f_rim *r)
{
	f_rim(r, "GH100", "550.90.07", DRIVER);
}

static struct vs_nv_rim *
make(struct f_rim *r)
{
	struct vs_nv_rim_parts p = f_rim_make(r);
	struct vs_nv_rim *rim = NULL;
	struct vs_err err = {0};

	CHECK_OK(vs_nv_rim_check(&p, trust(), &rim, &err), err);
	f_rim_fini(r);
	return rim;
}

static void
refused(struct f_rim *r, const char *code)
{
	struct vs_nv_rim_parts p = f_rim_make(r);
	struct vs_nv_rim *rim = NULL;
	struct vs_err err = {0};

	CHECK(vs_nv_rim_check(&p, trust(), &rim, &err) != VS_OK);
	CHECK_STR(err.code, code);
	CHECK(rim == NULL);
	vs_nv_rim_free(&rim);
	f_rim_fini(r);
}

/* ---- signers and signature ---- */

static void
test_chain(void)
{
	struct f_rim r;

	for (int i = 0; i < 3; i++) {
		driver_rim(&r);
		f_golden(&r, 7, true, (uint8_t[]){7}, 1);
		r.cert[i].signer = f_keys.leaf;
		refused(&r, "RIM_CHAIN");
		driver_rim(&r);
		f_golden(&r, 7, true, (uint8_t[]){7}, 1);
		r.cert[i].md = EVP_sha256();
		refused(&r, "RIM_CHAIN");
		driver_rim(&r);
		f_golden(&r, 7, true, (uint8_t[]){7}, 1);
		r.cert[i].ca = i == 0;
		refused(&r, "RIM_CHAIN");
	}
	driver_rim(&r);
	r.cert[3].fixed = NULL;
	refused(&r, "RIM_CHAIN");
	driver_rim(&r);
	f_golden(&r, 7, true, (uint8_t[]){7}, 1);
	r.signer = f_keys.leaf;
	refused(&r, "RIM_SIG");
}

/* What makes NVIDIA's roots NVIDIA's. */
static void
test_pins(void)
{
	for (size_t i = 0; i < 4 + 1; i++) {
		struct vs_trust *t = calloc(1, sizeof(*t));
		struct vs_nv_pin pins[VS_NV_ROOT_COUNT];
		struct vs_err err = {0};

		memcpy(pins, vs_nv_pins, sizeof(pins));
		if (i < 2)
			pins[i].cert_sha256[31] ^= 1;
		else if (i < 4)
			pins[i - 2].spki_sha256[0] ^= 1;
		CHECK_INT(vs_trust_add_nvidia(t, vs_nv_cas, pins, &err),
		    i < 4 ? VS_INTERNAL : VS_OK);
		for (size_t k = 0; k < t->anchors_n; k++)
			vs_cert_free(&t->anchors[k].cert);
		free(t);
	}
}

/* NVIDIA's root of devices is above no document. */
static void
test_other_root(void)
{
	struct vs_nv_rim_parts p;
	struct vs_nv_rim *rim = NULL;
	struct vs_err err = {0};
	struct f_rim r;

	driver_rim(&r);
	p = f_rim_make(&r);
	for (unsigned k = 0; k < VS_NV_ROOT_COUNT; k++) {
		p.certs[3] = vs_nv_cas[k].der;
		CHECK_INT(
		    vs_nv_rim_check(&p, trust(), &rim, &err), VS_UNTRUSTED);
		CHECK_STR(err.code, "RIM_CHAIN");
		CHECK_INT(strstr(err.msg, "no trust anchor") != NULL,
		    k == VS_NV_ROOT_DEVICE);
	}
	f_rim_fini(&r);
}

static void
test_revoked(void)
{
	static const uint8_t seven = 7;

	for (int cert = 1; cert < 3; cert++) {
		struct vs_collateral_builder *b = f_builder();
		struct vs_collateral *c = NULL;
		struct vs_nv_rim *rim = NULL;
		struct vs_nv_rim_parts p;
		struct vs_buf crl = {0};
		struct vs_err err = {0};
		struct f_rim r;

		driver_rim(&r);
		f_golden(&r, 7, true, (uint8_t[]){7}, 1);
		r.cert[cert].serial = &seven;
		r.cert[cert].serial_n = 1;
		f_crl(&r.cert[3], 7, &crl);
		CHECK_OK(
		    vs_collateral_add(b, "crl", vs_buf_span(&crl), &err), err);
		CHECK_OK(vs_collateral_build(b, &c, &err), err);
		p = f_rim_make(&r);
		/* 2 is the authority that the root issued. */
		CHECK_INT(vs_nv_rim_check(
			      &p, vs_collateral_trust(c), &rim, &err) == VS_OK,
		    cert == 1);
		if (cert == 2)
			CHECK_STR(err.code, "RIM_CHAIN");
		vs_nv_rim_free(&rim);
		f_rim_fini(&r);
		vs_buf_fini(&crl);
		vs_collateral_free(&c);
		vs_collateral_builder_free(&b);
	}
}

static void
put_file(const char *dir, const char *name, struct vs_span data, char path[512])
{
	struct vs_err err = {0};

	(void)snprintf(path, 512, "%s/%s", dir, name);
	CHECK_OK(vs_file_write(path, data, 0600, &err), err);
}

/* In a directory lists are read before tables, whatever their names. */
static void
test_revoked_in_directory(void)
{
	static const uint8_t seven = 7;
	char dir[] = "/tmp/vs-test-rim-XXXXXX", paths[2][512];
	struct vs_collateral_builder *b = f_builder(), *late = f_builder();
	struct vs_buf crl = {0}, table = {0};
	struct vs_err err = {0};
	struct vs_nv_rim_parts p;
	struct f_rim r;

	driver_rim(&r);
	f_golden(&r, 7, true, (uint8_t[]){7}, 1);
	r.cert[2].serial = &seven;
	r.cert[2].serial_n = 1;
	f_crl(&r.cert[3], 7, &crl);
	p = f_rim_make(&r);
	vs_nv_table_write(&p, &table);
	CHECK(mkdtemp(dir) != NULL);
	put_file(dir, "a.rim", vs_buf_span(&table), paths[0]);
	CHECK_OK(vs_collateral_add_dir(b, dir, &err), err);
	put_file(dir, "z.der", vs_buf_span(&crl), paths[1]);
	CHECK_INT(vs_collateral_add_dir(late, dir, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "RIM_CHAIN");
	CHECK(unlink(paths[0]) == 0 && unlink(paths[1]) == 0);
	CHECK(rmdir(dir) == 0);
	f_rim_fini(&r);
	vs_buf_fini(&crl);
	vs_buf_fini(&table);
	vs_collateral_builder_free(&b);
	vs_collateral_builder_free(&late);
}

static void
test_dates(void)
{
	struct f_rim r;
	struct vs_nv_rim *rim;
	struct vs_err err = {0};

	driver_rim(&r);
	f_golden(&r, 7, true, (uint8_t[]){7}, 1);
	r.cert[0].to = F_NOW;
	r.cert[1].from = F_NOW - 5;
	rim = make(&r);
	CHECK_OK(vs_nv_rim_in_date(&rim->validity, F_NOW, &err), err);
	CHECK_OK(vs_nv_rim_in_date(&rim->validity, F_NOW - 5, &err), err);
	CHECK_INT(
	    vs_nv_rim_in_date(&rim->validity, F_NOW + 1, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "RIM_TIME");
	CHECK_INT(
	    vs_nv_rim_in_date(&rim->validity, F_NOW - 6, &err), VS_UNTRUSTED);
	CHECK(rim->simulated && rim->is_driver);
	CHECK_STR(rim->anchor, "test-rim");
	vs_nv_rim_free(&rim);
}

/* Each octet of a table: refused, or of the published document, whose digest
 * is another then. */
static void
test_table_mutations(void)
{
	struct vs_collateral_builder *b = f_builder();
	struct vs_nv_rim_parts p, back;
	struct vs_buf table = {0};
	struct vs_err err = {0};
	struct vs_nv_rim *rim;
	struct f_rim r;
	uint8_t sha256[32];

	driver_rim(&r);
	f_golden(&r, 7, true, (uint8_t[]){7}, 1);
	p = f_rim_make(&r);
	CHECK_INT(vs_sha256(p.xml, sha256), VS_OK);
	vs_nv_table_write(&p, &table);
	CHECK(vs_nv_table_is(vs_buf_span(&table)));
	CHECK_OK(vs_collateral_add(b, "rim", vs_buf_span(&table), &err), err);
	CHECK_OK(vs_collateral_add(b, "rim", vs_buf_span(&table), &err), err);
	for (size_t i = 0; i < 8 * table.n; i += 41) {
		table.p[i / 8] ^= (uint8_t)(1 << i % 8);
		if (vs_nv_table_read(vs_buf_span(&table), &back, &err) ==
			VS_OK &&
		    vs_nv_rim_check(&back, trust(), &rim, &err) == VS_OK) {
			CHECK(i / 8 >= 8 + 4 &&
			    i / 8 < 8 + 8 + p.id.n + 4 + p.xml.n);
			CHECK(i / 8 < 8 + 4 + p.id.n ||
			    memcmp(rim->sha256, sha256, 32) != 0);
			vs_nv_rim_free(&rim);
		}
		table.p[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t n = 0; n < table.n; n++)
		CHECK(vs_nv_table_read(VS_SPAN(table.p, n), &back, &err) !=
		    VS_OK);
	vs_buf_puts(&table, "x");
	CHECK(vs_nv_table_read(vs_buf_span(&table), &back, &err) != VS_OK);
	CHECK_STR(err.code, "RIM_PARSE");
	vs_buf_fini(&table);
	f_rim_fini(&r);
	vs_collateral_builder_free(&b);
}

/* The published form must hold this signature. */
static void
test_other_document(void)
{
	struct vs_nv_rim_parts p;
	struct vs_nv_rim *rim = NULL;
	struct vs_err err = {0};
	struct f_rim r, other;

	driver_rim(&r);
	f_golden(&r, 7, true, (uint8_t[]){7}, 1);
	driver_rim(&other);
	f_golden(&other, 7, true, (uint8_t[]){8}, 1);
	(void)f_rim_make(&other);
	p = f_rim_make(&r);
	p.xml = vs_buf_span(&other.xml);
	CHECK_INT(vs_nv_rim_check(&p, trust(), &rim, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "RIM_SIG");
	f_rim_fini(&r);
	f_rim_fini(&other);
}

/* ---- form ---- */

static void
test_form(void)
{
	static const char *const bad[] = {
	    "",
	    "<ns0:Resource active=\"True\"></ns0:Resource>",
	    "<ns0:Other></ns0:Other>",
	    "<!-- x -->",
	    "text",
	};
	static const char *const fields[] = {"active=\"true\"",
	    "active=\"yes\"", "alternatives=\"0\"", "alternatives=\"2\"",
	    "alternatives=\"33\"", "index=\"255\"", "index=\"-1\"",
	    "index=\"07\"", "index=\"\"", "size=\"32\"", "type=\"Other\"",
	    "extra=\"1\"", "ns2:Hash0=\"00\"", "ns2:Hash1=\"0\"",
	    "ns2:Hash=\"0\""};
	struct f_rim r;

	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		driver_rim(&r);
		vs_buf_puts(&r.body, bad[i]);
		refused(&r, "RIM_PARSE");
	}
	for (size_t i = 0; i < VS_COUNT(fields); i++) {
		char name[32], *end, *at;
		char text[512];

		driver_rim(&r);
		f_golden(&r, 7, true, (uint8_t[]){7}, 1);
		snprintf(text, sizeof(text), "%s", vs_buf_cstr(&r.body));
		snprintf(name, sizeof(name), " %s", fields[i]);
		*strchr(name, '=') = '\0';
		at = strstr(text, name);
		vs_buf_reset(&r.body);
		if (at == NULL) {
			at = strstr(text, " active");
			vs_buf_printf(&r.body, "%.*s %s%s", (int)(at - text),
			    text, fields[i], at);
		} else {
			end = strchr(strchr(at, '"') + 1, '"') + 1;
			vs_buf_printf(&r.body, "%.*s %s%s", (int)(at - text),
			    text, fields[i], end);
		}
		refused(&r, "RIM_PARSE");
	}
	driver_rim(&r);
	f_golden(&r, 7, true, (uint8_t[]){7}, 1);
	f_golden(&r, 7, false, (uint8_t[]){7}, 1);
	refused(&r, "RIM_PARSE"); /* twice */
	f_rim(&r, "GH/100", "550", DRIVER);
	f_golden(&r, 7, true, (uint8_t[]){7}, 1);
	refused(&r, "RIM_PARSE");
	f_rim(&r, "GH100", "", DRIVER);
	f_golden(&r, 7, true, (uint8_t[]){7}, 1);
	refused(&r, "RIM_PARSE");
}

/* Every canonical form but one of the right shape fails without harm. */
static void
test_form_mutations(void)
{
	struct vs_err err = {0};
	struct f_rim r;

	driver_rim(&r);
	f_golden(&r, 7, true, (uint8_t[]){7, 8}, 2);
	(void)f_rim_make(&r);
	for (size_t n = 0; n <= r.canonical.n; n++) {
		struct vs_nv_rim *rim = calloc(1, sizeof(*rim));

		CHECK_INT(vs_nv_golden_read(
			      VS_SPAN(r.canonical.p, n), rim, &err) == VS_OK,
		    n == r.canonical.n);
		vs_nv_rim_free(&rim);
	}
	for (size_t i = 0; i < 8 * r.canonical.n; i++) {
		struct vs_nv_rim *rim = calloc(1, sizeof(*rim));

		r.canonical.p[i / 8] ^= (uint8_t)(1 << i % 8);
		if (vs_nv_golden_read(vs_buf_span(&r.canonical), rim, &err) ==
		    VS_OK)
			CHECK_INT(rim->digests_n, 2);
		r.canonical.p[i / 8] ^= (uint8_t)(1 << i % 8);
		vs_nv_rim_free(&rim);
	}
	f_rim_fini(&r);
}

static void
test_ids(void)
{
	static const struct {
		const char *product, *version, *name, *id;
	} all[] = {
	    {"GH100", "550.90.07", "anything", DRIVER},
	    {"GB100", "575.32", "", "NV_GPU_CC_DRIVER_GB100_575.32"},
	    {"LS10", "96.10.55.00.01", "",
		"NV_SWITCH_BIOS_5612_0002_890_9610550001"},
	    {"GH100", "96.00.9F.00.01", VBIOS, VBIOS},
	    {"GH100", "96.00.9F.00.01", VBIOS ".xml", VBIOS},
	    {"GH100", "96.00.9F.00.01", VBIOS "2", NULL},
	    {"GH100", "96.00.9F.00.02", VBIOS, NULL},
	    {"GH100", "96.00.9F.00.01", "x" VBIOS, NULL},
	    {"GH100", "96.00.9F.00.01", "NV_GPU_VBIOS_1010_882_96009F0001",
		NULL},
	    {"GH100", "96.00.9F.00.01", "NV_GPU_VBIOS___882_96009F0001", NULL},
	    {"GH100", "96.00.9F.00.01", "NV_GPU_VBIOS_1010_02/0_882_96009F0001",
		NULL},
	    {"GH100", "96.00.9F.00.01", "", NULL},
	};

	for (size_t i = 0; i < VS_COUNT(all); i++) {
		struct vs_nv_rim rim = {0};
		char id[VS_NV_RIM_ID_MAX + 1] = "";
		struct vs_err err = {0};
		vs_status st;

		snprintf(
		    rim.product, sizeof(rim.product), "%s", all[i].product);
		snprintf(
		    rim.version, sizeof(rim.version), "%s", all[i].version);
		rim.is_driver = strncmp(all[i].version, "96", 2) != 0;
		st = vs_nv_rim_id(&rim, vs_span_cstr(all[i].name), id, &err);
		CHECK_INT(st, all[i].id ? VS_OK : VS_USAGE);
		if (all[i].id != NULL)
			CHECK_STR(id, all[i].id);
	}
}

/* ---- comparison ---- */

static struct vs_nv_device device;

/* Two documents against a device whose block i + 1 is 48 times i + 1. */
static const char *
compare(struct f_device *d, struct vs_nv_rim *driver, struct vs_nv_rim *vbios,
    struct vs_nv_options opt)
{
	const struct vs_nv_rim *v[] = {driver}, *w[] = {vbios};
	struct vs_nv_rims rims = {v, driver != NULL, w, vbios != NULL};
	struct vs_nv_input in = f_make(d);
	struct vs_err err = {0};
	vs_status st;

	vs_nv_devices_fini(&device, 1);
	memset(&device, 0, sizeof(device));
	opt.collateral = trusted;
	opt.now = opt.now ? opt.now : F_NOW;
	opt.rims = &rims;
	CHECK_OK(vs_nvgpu_verify(&in, 1, &opt, &device, &err), err);
	st = vs_nvgpu_judge(&device, 1, &opt, &err);
	return st == VS_OK ? "ok" : err.code;
}

struct row {
	unsigned index;
	bool active;
	uint8_t value[3];
	size_t n;
};

/* A document of one row and an index 7 that fits. */
static struct vs_nv_rim *
rim_of(const char *version, const struct row *row)
{
	struct f_rim r;

	f_rim(&r, "GH100", version, DRIVER);
	f_golden(&r, 7, true, (uint8_t[]){8}, 1);
	if (row != NULL)
		f_golden(&r, row->index, row->active, row->value, row->n);
	if (strlen(version) == 14)
		r.name = VBIOS;
	return make(&r);
}

static void
test_rows(void)
{
	static const struct {
		struct row row;
		vs_nv_match match;
		size_t compared;
	} all[] = {
	    {{20, true, {21}, 1}, VS_NV_MATCH, 2},
	    {{20, true, {22}, 1}, VS_NV_MISMATCH, 2},
	    {{20, false, {22}, 1}, VS_NV_MATCH, 1},
	    {{20, true, {1, 21, 3}, 3}, VS_NV_MATCH, 2},
	    {{20, true, {1, 2, 3}, 3}, VS_NV_MISMATCH, 2},
	    {{63, true, {64}, 1}, VS_NV_MATCH, 2},
	    {{64, true, {65}, 1}, VS_NV_MISMATCH, 2}, /* no such block */
	    {{254, true, {0}, 1}, VS_NV_MISMATCH, 2},
	    {{0, true, {1}, 1}, VS_NV_MATCH, 2},
	    {{35, true, {99}, 1}, VS_NV_MATCH, 1}, /* NVDEC0 is off */
	};

	for (size_t i = 0; i < VS_COUNT(all); i++) {
		struct vs_nv_rim *rim = rim_of("550.90.07", &all[i].row);
		struct f_device d;

		f_device(&d, VS_NV_HOPPER, 1);
		CHECK_STR(
		    compare(&d, rim, NULL, (struct vs_nv_options){0}), "ok");
		CHECK_INT(device.driver.match, all[i].match);
		CHECK_INT(device.driver.compared, all[i].compared);
		CHECK_INT(
		    device.driver.differ_n, all[i].match == VS_NV_MISMATCH);
		if (device.driver.differ_n == 1)
			CHECK_INT(device.driver.differ[0], all[i].row.index);
		CHECK_INT(vs_nv_device_match(&device),
		    all[i].match == VS_NV_MISMATCH ? VS_NV_MISMATCH
						   : VS_NV_ABSENT);
		f_fini(&d);
		vs_nv_rim_free(&rim);
	}
}

/* The exemption is for a decoder that is off, and for nothing else. */
static void
test_nvdec(void)
{
	static const struct row wrong = {35, true, {99}, 1};
	struct vs_nv_rim *rim = rim_of("550.90.07", &wrong);
	static const char *const status[] = {"\xaa", NULL};

	for (size_t i = 0; i < 2; i++) {
		struct f_device d;

		f_device(&d, VS_NV_HOPPER, 1);
		vs_buf_reset(&d.opaque);
		f_tlv(&d, 6, "\x00\x9f\x00\x96\x01\0\0\0", 8);
		f_tlv(&d, 3, "550.90.07", 10);
		f_tlv(&d, 20, d.fwid, 48);
		if (status[i] != NULL)
			f_tlv(&d, 11, status[i], 1);
		CHECK_STR(
		    compare(&d, rim, NULL, (struct vs_nv_options){0}), "ok");
		CHECK_INT(device.driver.match, VS_NV_MISMATCH);
		f_fini(&d);
	}
	vs_nv_rim_free(&rim);
}

static void
test_about(void)
{
	static const struct row other = {20, true, {21}, 1};
	struct vs_nv_rim *good = rim_of("550.90.07", NULL);
	struct vs_nv_rim *vbios = rim_of("96.00.9f.00.01", NULL);
	struct vs_nv_rim *old = rim_of("550.90.06", NULL);
	struct vs_nv_rim *late = rim_of("550.90.07", &other);
	struct vs_nv_options none = {0}, allow = {.allow_expired_rim = true};
	struct f_device d;

	f_device(&d, VS_NV_HOPPER, 1);
	CHECK_STR(compare(&d, old, NULL, none), "RIM_VERSION");
	CHECK_STR(compare(&d, vbios, NULL, none), "RIM_VERSION");
	CHECK_STR(compare(&d, NULL, good, none), "RIM_VERSION");
	CHECK_STR(compare(&d, good, vbios, none), "RIM_CONFLICT");
	CHECK_STR(compare(&d, NULL, vbios, none), "ok");
	CHECK_INT(vs_nv_device_match(&device), VS_NV_ABSENT);
	vbios->golden[7] = (struct vs_nv_golden){0};
	vbios->golden[8] = (struct vs_nv_golden){true, 0, 1};
	memset(vbios->digests[0], 9, 48);
	CHECK_STR(compare(&d, good, vbios, none), "ok");
	CHECK_INT(vs_nv_device_match(&device), VS_NV_MATCH);
	vbios->golden[8].active = false; /* compares nothing */
	CHECK_STR(compare(&d, good, vbios, none), "ok");
	CHECK_INT(vs_nv_device_match(&device), VS_NV_MISMATCH);
	late->validity.not_after = F_NOW - 1;
	CHECK_STR(compare(&d, late, NULL, none), "RIM_TIME");
	CHECK_STR(compare(&d, late, NULL, allow), "ok");
	CHECK(device.driver.expired && device.driver.match == VS_NV_MATCH);
	late->validity.not_before = F_NOW + 1;
	late->validity.not_after = F_NOW + 2;
	CHECK_STR(compare(&d, late, NULL, allow), "RIM_TIME");
	f_fini(&d);
	f_device(&d, VS_NV_BLACKWELL, 1);
	CHECK_STR(compare(&d, good, NULL, none), "RIM_PRODUCT");
	f_fini(&d);
	vs_nv_rim_free(&good);
	vs_nv_rim_free(&vbios);
	vs_nv_rim_free(&old);
	vs_nv_rim_free(&late);
}

/* Two documents of one id, each right in one half: neither matches. */
static void
test_never_mixed(void)
{
	static const struct row a = {20, true, {22}, 1};
	struct vs_nv_rim *one = rim_of("550.90.07", &a);
	struct vs_nv_rim *two = rim_of("550.90.07", NULL), *bad;
	const struct vs_nv_rim *both[] = {one, two};
	struct vs_nv_rims rims = {both, 2, NULL, 0};
	struct vs_nv_options opt = {
	    .collateral = trusted, .now = F_NOW, .rims = &rims};
	struct vs_err err = {0};
	struct f_device d;
	struct vs_nv_input in;

	f_device(&d, VS_NV_HOPPER, 1);
	in = f_make(&d);
	vs_nv_devices_fini(&device, 1);
	memset(&device, 0, sizeof(device));
	CHECK_OK(vs_nvgpu_verify(&in, 1, &opt, &device, &err), err);
	CHECK_OK(vs_nvgpu_judge(&device, 1, &opt, &err), err);
	CHECK(device.driver.match == VS_NV_MATCH && device.driver.rim == two);
	/* An expired one does not spoil it; nor does it count. */
	one->validity.not_after = F_NOW - 1;
	CHECK_OK(vs_nvgpu_judge(&device, 1, &opt, &err), err);
	CHECK(device.driver.rim == two);
	two->golden[20] = (struct vs_nv_golden){true, 0, 1};
	memset(one->digests[0], 99, 48);
	one->validity.not_after = F_TO;
	CHECK_OK(vs_nvgpu_judge(&device, 1, &opt, &err), err);
	CHECK_INT(device.driver.match, VS_NV_MISMATCH);
	CHECK(device.driver.rim == two && device.driver.differ_n == 1);
	bad = one;
	vs_nv_rim_free(&bad);
	vs_nv_rim_free(&two);
	f_fini(&d);
}

/* By id, from a snapshot. */
static void
test_from_collateral(void)
{
	struct vs_collateral_builder *b = f_builder();
	struct vs_collateral *c = NULL;
	struct vs_nv_options opt = {.now = F_NOW};
	struct vs_err err = {0};
	struct vs_nv_input in;
	struct f_device d;
	bool listed = false;

	for (uint8_t i = 0; i < 2; i++) {
		struct vs_buf table = {0};
		struct vs_nv_rim_parts p;
		struct f_rim r;

		f_rim(&r, "GH100", i == 0 ? "550.90.07" : "96.00.9F.00.01",
		    i == 0 ? DRIVER : VBIOS);
		f_golden(&r, 20u + i, true, (uint8_t[]){(uint8_t)(21 + i)}, 1);
		p = f_rim_make(&r);
		vs_nv_table_write(&p, &table);
		CHECK_OK(vs_collateral_add(b, "rim", vs_buf_span(&table), &err),
		    err);
		vs_buf_fini(&table);
		f_rim_fini(&r);
	}
	CHECK_OK(vs_collateral_build(b, &c, &err), err);
	for (size_t i = 0; i < vs_collateral_count(c); i++)
		listed = listed ||
		    strcmp(vs_collateral_item(c, i)->name, VBIOS) == 0;
	CHECK(listed);
	f_device(&d, VS_NV_HOPPER, 1);
	in = f_make(&d);
	vs_nv_devices_fini(&device, 1);
	memset(&device, 0, sizeof(device));
	opt.collateral = c;
	CHECK_OK(vs_nvgpu_verify(&in, 1, &opt, &device, &err), err);
	CHECK_OK(vs_nvgpu_judge(&device, 1, &opt, &err), err);
	CHECK_INT(vs_nv_device_match(&device), VS_NV_MATCH);
	CHECK_STR(device.vbios.rim->id, VBIOS);
	f_fini(&d);
	vs_collateral_free(&c);
	vs_collateral_builder_free(&b);
}

/* Of two documents of one id the later one does not replace the other. */
static void
test_alternatives(void)
{
	struct vs_collateral_builder *b = f_builder();
	struct vs_collateral *c = NULL;
	struct vs_err err = {0};
	size_t n = 0;

	for (uint8_t i = 0; i < 2; i++) {
		struct vs_buf table = {0};
		struct vs_nv_rim_parts p;
		struct f_rim r;

		driver_rim(&r);
		f_golden(&r, 7u + i, true, (uint8_t[]){7}, 1);
		r.cert[0].from = F_NOW - 5 + i;
		p = f_rim_make(&r);
		vs_nv_table_write(&p, &table);
		CHECK_OK(vs_collateral_add(b, "rim", vs_buf_span(&table), &err),
		    err);
		vs_buf_fini(&table);
		f_rim_fini(&r);
	}
	CHECK_OK(vs_collateral_build(b, &c, &err), err);
	for (size_t i = 0; i < vs_collateral_count(c); i++) {
		const struct vs_collateral_item *it = vs_collateral_item(c, i);

		if (strcmp(it->kind, "rim") != 0)
			continue;
		n++;
		CHECK_STR(it->name, DRIVER);
		CHECK(!it->superseded);
	}
	CHECK_INT(n, 2);
	vs_collateral_free(&c);
	vs_collateral_builder_free(&b);
}

int
main(void)
{
	struct vs_collateral_builder *b;
	struct vs_err err = {0};

	f_init();
	b = f_builder();
	CHECK_OK(vs_collateral_build(b, &trusted, &err), err);
	RUN(test_chain);
	RUN(test_pins);
	RUN(test_other_root);
	RUN(test_revoked);
	RUN(test_revoked_in_directory);
	RUN(test_dates);
	RUN(test_table_mutations);
	RUN(test_other_document);
	RUN(test_form);
	RUN(test_form_mutations);
	RUN(test_ids);
	RUN(test_rows);
	RUN(test_nvdec);
	RUN(test_about);
	RUN(test_never_mixed);
	RUN(test_from_collateral);
	RUN(test_alternatives);
	vs_nv_devices_fini(&device, 1);
	vs_collateral_free(&trusted);
	vs_collateral_builder_free(&b);
	return check_result();
}
