/* SPDX-License-Identifier: Apache-2.0 */
/* The launch digest: published digests bit for bit, and a firmware image of
 * our own for what each part of it must be. */
#include "base/encoding.h"
#include "base/file.h"
#include "check.h"
#include "cli/measure.h"
#include "codec/json.h"

enum { IMAGE = 8192, TAIL = 32 };

/* Where the parts of the image lie, from its start. */
enum { AT_FOOT = IMAGE - TAIL - 18, AT_META = 4096 };

static uint8_t image[IMAGE];

static const uint8_t guids[5][16] = {
    {0x1f, 0x37, 0x55, 0x72, 0x3b, 0x3a, 0x04, 0x4b, 0x92, 0x7b, 0x1d, 0xa6,
	0xef, 0xa8, 0xd4, 0x54},
    {0xde, 0x71, 0xf7, 0x00, 0x7e, 0x1a, 0xcb, 0x4f, 0x89, 0x0e, 0x68, 0xc7,
	0x7e, 0x2f, 0xb4, 0x4e},
    {0x66, 0x65, 0x88, 0xdc, 0x4a, 0x98, 0x98, 0x47, 0xa7, 0x5e, 0x55, 0x85,
	0xa7, 0xbf, 0x67, 0xcc},
    {0x12, 0xa6, 0x89, 0xa7, 0x97, 0x05, 0x4b, 0x4c, 0xa4, 0x9f, 0xcb, 0xb1,
	0xfe, 0x9d, 0x1d, 0xdd},
    {0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45, 0xba, 0xea, 0xa3, 0x66,
	0xc5, 0x5a, 0x08, 0x2d},
};

static void
put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void
entry(uint8_t *p, const uint8_t guid[16], uint16_t size)
{
	p[0] = (uint8_t)size;
	p[1] = (uint8_t)(size >> 8);
	memcpy(p + 2, guid, 16);
}

static void
section(uint8_t *p, uint32_t gpa, uint32_t size, uint32_t type)
{
	put32(p, gpa);
	put32(p + 4, size);
	put32(p + 8, type);
}

/* Every kind of entry, every kind of section. */
static void
forge(void)
{
	const uint32_t words[4] = {0x800c00, 0x80b004, IMAGE - AT_META, 0x1000};
	uint8_t *p = image + AT_FOOT;

	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i * 7);
	entry(p, guids[4], 18 + 4 * 22);
	for (size_t i = 0; i < 4; i++) {
		p -= 22;
		put32(p, words[i]);
		entry(p + 4, guids[i], 22);
	}
	p = image + AT_META;
	memcpy(p, "ASEV", 4);
	put32(p + 4, 16 + 5 * 12);
	put32(p + 8, 1);
	put32(p + 12, 5);
	section(p + 16, 0x800000, 0x9000, 1);
	section(p + 28, 0x80d000, 0x1000, 2);
	section(p + 40, 0x80e000, 0x1000, 3);
	section(p + 52, 0x80f000, 0x1000, 4);
	section(p + 64, 0x810000, 0x1000, 0x10);
}

static vs_status
read_image(struct vs_firmware *fw, struct vs_err *err)
{
	return vs_firmware_read(VS_SPAN_OF(image), UINT64_C(1) << 32, fw, err);
}

static void
test_firmware_says_what_it_needs(void)
{
	struct vs_firmware fw;
	struct vs_err err = {0};

	forge();
	if (!CHECK_OK(read_image(&fw, &err), err))
		return;
	CHECK_INT(fw.base, 0xffffe000);
	CHECK(fw.has_hashes && fw.has_ap_eip && fw.has_svsm);
	CHECK_INT(fw.hashes_gpa, 0x800c00);
	CHECK_INT(fw.ap_eip, 0x80b004);
	CHECK_INT(fw.svsm_offset, 0x1000);
	CHECK_INT(fw.sections_n, 5);
	CHECK_INT(fw.sections[0].size, 0x9000);
	CHECK_INT(fw.sections[4].type, 0x10);
}

static void
refused(size_t at, uint8_t value)
{
	struct vs_firmware fw;
	struct vs_err err = {0};
	uint8_t was = image[at];

	image[at] = value;
	CHECK(read_image(&fw, &err) != VS_OK);
	image[at] = was;
}

static void
test_firmware_of_another_form_is_refused(void)
{
	struct vs_firmware fw;
	struct vs_err err = {0};

	forge();
	refused(AT_FOOT + 2, 0);    /* GUID of the table */
	refused(AT_FOOT, 17);       /* its size: below an entry */
	refused(AT_FOOT + 1, 0xff); /* beyond the image */
	refused(AT_FOOT - 18, 17);  /* an entry below its head */
	refused(AT_FOOT - 17, 1);   /* an entry beyond the table */
	refused(AT_META, 'B');      /* magic */
	refused(AT_META + 8, 2);    /* version */
	refused(AT_META + 4, 15);   /* size below the head */
	refused(AT_META + 12, 6);   /* more sections than it has room for */
	refused(AT_META + 16, 1);   /* not at the start of a page */
	refused(AT_META + 20, 1);   /* not whole pages */
	refused(AT_FOOT - 3 * 22 + 3, 1); /* metadata before the image */
	CHECK(vs_firmware_read((struct vs_span){0}, 4096, &fw, &err) != VS_OK);
	CHECK(vs_firmware_read(VS_SPAN(image, IMAGE - 1), UINT64_C(1) << 32,
		  &fw, &err) != VS_OK);
	CHECK(vs_firmware_read(VS_SPAN_OF(image), 4096, &fw, &err) != VS_OK);
}

static void
test_firmware_survives_every_bit(void)
{
	struct vs_firmware fw;

	forge();
	for (size_t i = AT_META; i < IMAGE; i++)
		for (int bit = 0; bit < 8; bit++) {
			struct vs_err err = {0};
			image[i] ^= (uint8_t)(1 << bit);
			(void)read_image(&fw, &err);
			image[i] ^= (uint8_t)(1 << bit);
		}
	CHECK(true);
}

static vs_status
digest(struct vs_snp_launch *l, uint8_t out[VS_SNP_LD_SIZE])
{
	static struct vs_firmware fw;
	uint8_t seed[VS_SNP_LD_SIZE];
	struct vs_err err = {0};

	if (!CHECK_OK(read_image(&fw, &err), err))
		return err.status;
	if (l->ovmf == NULL)
		l->ovmf = &fw;
	return vs_snp_launch_digest(l, seed, out, &err);
}

static struct vs_snp_launch
plain(void)
{
	return (struct vs_snp_launch){
	    .vcpus = 1, .vcpu = {.signature = 0x800f12, .features = 1}};
}

/* Whatever a person may change must change the digest. */
static void
test_digest_depends_on_every_input(void)
{
	struct vs_snp_kernel k = {.kernel = {1}}, k2 = {.kernel = {2}},
			     k3 = {.kernel = {1}, .initrd = {1}},
			     k4 = {.kernel = {1}, .cmdline = {1}};
	struct vs_snp_launch l[10];
	uint8_t ld[10][VS_SNP_LD_SIZE];
	size_t n = VS_COUNT(l);

	forge();
	for (size_t i = 0; i < n; i++)
		l[i] = plain();
	l[1].vcpus = 2;
	l[2].vcpu.signature = 0xa00f11;
	l[3].vcpu.features = 0x21;
	l[4].vcpu.vmm = VS_VMM_EC2;
	l[5].vcpu.vmm = VS_VMM_GCE;
	l[6].kernel = &k;
	l[7].kernel = &k2;
	l[8].kernel = &k3;
	l[9].kernel = &k4;
	for (size_t i = 0; i < n; i++)
		CHECK_INT(digest(&l[i], ld[i]), VS_OK);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(memcmp(ld[i], ld[j], VS_SNP_LD_SIZE) != 0);
}

static void
test_what_cannot_be_measured_is_refused(void)
{
	struct vs_snp_kernel k = {.kernel = {1}};
	struct vs_firmware fw, bare;
	struct vs_snp_launch l = plain();
	struct vs_err err = {0};
	uint8_t ld[VS_SNP_LD_SIZE];

	forge();
	if (!CHECK_OK(read_image(&fw, &err), err))
		return;
	bare = fw;
	bare.sections_n = 4; /* without room for hashes */
	l.ovmf = &bare;
	CHECK_INT(digest(&l, ld), VS_OK);
	l.kernel = &k;
	CHECK_INT(digest(&l, ld), VS_UNSUPPORTED);
	l.ovmf = &fw;
	CHECK_INT(digest(&l, ld), VS_OK);
	fw.has_hashes = false;
	CHECK_INT(digest(&l, ld), VS_UNSUPPORTED);
	fw.has_hashes = true;
	fw.hashes_gpa = 0x800fff; /* the table would leave the page */
	CHECK_INT(digest(&l, ld), VS_UNSUPPORTED);
	l.kernel = NULL;
	fw.sections[0].type = 7;
	CHECK_INT(digest(&l, ld), VS_UNSUPPORTED);
	fw.sections_n = 0;
	CHECK_INT(digest(&l, ld), VS_UNSUPPORTED);
	bare.has_ap_eip = false;
	l.ovmf = &bare;
	CHECK_INT(digest(&l, ld), VS_OK);
	l.vcpus = 2;
	CHECK_INT(digest(&l, ld), VS_UNSUPPORTED);
}

static void
test_svsm_replaces_the_start(void)
{
	struct vs_firmware ovmf, svsm;
	struct vs_snp_launch l = plain();
	uint8_t with[VS_SNP_LD_SIZE], without[VS_SNP_LD_SIZE];
	struct vs_err err = {0};

	forge();
	if (!CHECK_OK(read_image(&ovmf, &err), err) ||
	    !CHECK_OK(
		vs_firmware_read(VS_SPAN_OF(image), ovmf.base, &svsm, &err),
		err))
		return;
	CHECK_INT(digest(&l, without), VS_OK);
	l.ovmf = &ovmf;
	l.svsm = &svsm;
	CHECK_INT(digest(&l, with), VS_OK);
	CHECK(memcmp(with, without, sizeof(with)) != 0);
	l.vcpu.vmm = VS_VMM_GCE;
	CHECK_INT(digest(&l, with), VS_UNSUPPORTED);
	l.vcpu.vmm = VS_VMM_QEMU;
	svsm.has_svsm = false;
	CHECK_INT(digest(&l, with), VS_UNSUPPORTED);
}

static void
test_options_that_make_no_sense(void)
{
	const struct vs_measure_opts good = {
	    .ovmf = "/nonexistent/f", .vcpus = 1, .vcpu_type = "EPYC-v4"};
	struct vs_measure_opts o[9];
	uint8_t ld[VS_SNP_LD_SIZE];

	for (size_t i = 0; i < VS_COUNT(o); i++)
		o[i] = good;
	o[0].ovmf = NULL;
	o[1].vcpus = 0;
	o[2].vcpu_type = "EPYC-Roma";
	o[3].vcpu_sig = "800f12"; /* both */
	o[4].vcpu_type = NULL;
	o[5].features = "xyz";
	o[6].vmm = "xen";
	o[7].svsm_vars = 1;
	o[8].vcpus = 1 << 20;
	for (size_t i = 0; i < VS_COUNT(o); i++) {
		struct vs_err err = {0};
		CHECK(vs_measure_given(&o[i]));
		CHECK_INT(vs_measure_snp(&o[i], NULL, ld, &err), VS_USAGE);
		CHECK(strstr(err.msg, "nonexistent") == NULL);
	}
	struct vs_err err = {0};
	CHECK_INT(vs_measure_snp(&good, NULL, ld, &err), VS_USAGE);
	CHECK(strstr(err.msg, "nonexistent") != NULL);
	CHECK(!vs_measure_given(&(struct vs_measure_opts){0}));
}

static const char *
text(struct vs_arena *a, const struct vs_json *o, const char *name)
{
	struct vs_span s;

	return vs_json_is_string(vs_json_get(o, name), &s) ? vs_arena_cstr(a, s)
							   : NULL;
}

/* One row of the manifest, by files as a person would name them. */
static void
vector(struct vs_arena *a, const struct vs_json *v, const char *empty)
{
	struct vs_measure_opts o = {.vcpus = 1, .vcpu_sig = "800f12"};
	uint8_t ovmf[VS_SNP_LD_SIZE], ld[VS_SNP_LD_SIZE];
	char got[2 * VS_SNP_LD_SIZE + 1];
	const char *id = text(a, v, "id"), *name = text(a, v, "vmm");
	bool only_ovmf = strcmp(id, "ovmf-hash") == 0;
	struct vs_err err = {0};
	int64_t n;

	o.ovmf = vs_arena_printf(
	    a, "%s/sev-snp/%s", check_vectors(), text(a, v, "ovmf"));
	if (vs_json_is_int(vs_json_get(v, "vcpus"), &n))
		o.vcpus = (uint64_t)n;
	if (name != NULL)
		o.vmm = strcmp(name, "QEMU") == 0 ? "qemu" : name;
	o.features = text(a, v, "guest_features");
	o.ovmf_hash = text(a, v, "ovmf_hash_seed");
	if (text(a, v, "kernel") != NULL) {
		o.kernel = o.initrd = empty;
		o.append = text(a, v, "cmdline");
	}
	if (!CHECK_OK(vs_measure_snp(&o, ovmf, ld, &err), err))
		return;
	vs_hex(VS_SPAN(only_ovmf ? ovmf : ld, VS_SNP_LD_SIZE), got);
	if (!CHECK_STR(got, text(a, v, "expect")))
		fprintf(stderr, "  of %s\n", id);
}

static void
test_published_digests(void)
{
	struct vs_buf file = {0};
	struct vs_json *doc = NULL;
	struct vs_err err = {0};
	struct vs_arena a;
	char path[4096], empty[] = "/tmp/vs_measure_XXXXXX";
	int fd = mkstemp(empty);

	CHECK(fd >= 0);
	snprintf(
	    path, sizeof(path), "%s/sev-snp/manifest.json", check_vectors());
	vs_arena_init(&a, 1 << 20);
	if (CHECK_OK(vs_file_read(path, 1 << 20, &file, &err), err) &&
	    CHECK_OK(vs_json_parse(vs_buf_span(&file), &doc, &err), err)) {
		const struct vs_json *m = vs_json_get(doc, "measurement");
		CHECK(vs_json_size(m) >= 9);
		for (size_t i = 0; i < vs_json_size(m); i++)
			vector(&a, vs_json_at(m, i), empty);
	}
	vs_json_free(&doc);
	vs_buf_fini(&file);
	vs_arena_fini(&a);
	remove(empty);
}

int
main(void)
{
	RUN(test_firmware_says_what_it_needs);
	RUN(test_firmware_of_another_form_is_refused);
	RUN(test_firmware_survives_every_bit);
	RUN(test_digest_depends_on_every_input);
	RUN(test_what_cannot_be_measured_is_refused);
	RUN(test_svsm_replaces_the_start);
	RUN(test_options_that_make_no_sense);
	if (check_vectors() == NULL)
		return check_result() == 0 ? 77 : 1;
	RUN(test_published_digests);
	return check_result();
}
