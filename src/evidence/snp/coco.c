/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/snp/coco.h"

#include <stdio.h>

#include "codec/json.h"

/* Everything that the writers below need. The error is sticky: the first
 * member that is wrong is named, the rest is not looked at. */
struct build {
	struct vs_wr w;
	const struct vs_json *obj;
	struct vs_err *err;
	vs_status st;
	bool turin;
};

static void
bad(struct build *b, const char *name, const char *what)
{
	if (b->st == VS_OK)
		b->st = vs_fail(b->err, VS_MALFORMED, "%s: %s", name, what);
}

static uint64_t
number(
    struct build *b, const struct vs_json *obj, const char *name, uint64_t max)
{
	int64_t v;

	if (!vs_json_is_int(vs_json_get(obj, name), &v) || v < 0 ||
	    (uint64_t)v > max) {
		bad(b, name, "not a number in range");
		return 0;
	}
	return (uint64_t)v;
}

/* Members that older reports lack are null or absent: zero in the bytes. */
static uint64_t
optional(
    struct build *b, const struct vs_json *obj, const char *name, uint64_t max)
{
	const struct vs_json *v = vs_json_get(obj, name);

	if (v == NULL || vs_json_type_of(v) == VS_JSON_NULL)
		return 0;
	return number(b, obj, name, max);
}

static void
u32(struct build *b, const char *name)
{
	vs_wr_u32le(&b->w, (uint32_t)number(b, b->obj, name, UINT32_MAX));
}

static void
u64(struct build *b, const char *name)
{
	vs_wr_u64le(&b->w, number(b, b->obj, name, INT64_MAX));
}

static void
bytes_of(struct build *b, const struct vs_json *arr, const char *name, size_t n)
{
	if (vs_json_type_of(arr) != VS_JSON_ARRAY || vs_json_size(arr) != n) {
		bad(b, name, "not an array of the right length");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		int64_t v;
		if (!vs_json_is_int(vs_json_at(arr, i), &v) || v < 0 ||
		    v > UINT8_MAX) {
			bad(b, name, "not an array of bytes");
			return;
		}
		vs_wr_u8(&b->w, (uint8_t)v);
	}
}

static void
array(struct build *b, const char *name, size_t n)
{
	bytes_of(b, vs_json_get(b->obj, name), name, n);
}

static uint8_t
byte(struct build *b, const struct vs_json *obj, const char *name)
{
	return (uint8_t)number(b, obj, name, UINT8_MAX);
}

/* fmc is null before Turin; that must agree with the CPUID. */
static void
tcb(struct build *b, const char *name)
{
	const struct vs_json *t = vs_json_get(b->obj, name);
	const struct vs_json *fmc = vs_json_get(t, "fmc");
	bool has_fmc = fmc != NULL && vs_json_type_of(fmc) != VS_JSON_NULL;
	uint8_t bl = byte(b, t, "bootloader"), tee = byte(b, t, "tee");
	uint8_t snp = byte(b, t, "snp"), ucode = byte(b, t, "microcode");

	if (has_fmc != b->turin)
		bad(b, name, "fmc does not fit the CPUID");
	if (b->turin) {
		vs_wr_u8(&b->w, byte(b, t, "fmc"));
		vs_wr_u8(&b->w, bl);
		vs_wr_u8(&b->w, tee);
		vs_wr_u8(&b->w, snp);
		vs_wr_zeros(&b->w, 3);
	} else {
		vs_wr_u8(&b->w, bl);
		vs_wr_u8(&b->w, tee);
		vs_wr_zeros(&b->w, 4);
		vs_wr_u8(&b->w, snp);
	}
	vs_wr_u8(&b->w, ucode);
}

static void
firmware(struct build *b, const char *name)
{
	const struct vs_json *fw = vs_json_get(b->obj, name);

	vs_wr_u8(&b->w, byte(b, fw, "build"));
	vs_wr_u8(&b->w, byte(b, fw, "minor"));
	vs_wr_u8(&b->w, byte(b, fw, "major"));
	vs_wr_zeros(&b->w, 1);
}

static void
head(struct build *b)
{
	u32(b, "version");
	u32(b, "guest_svn");
	u64(b, "policy");
	array(b, "family_id", 16);
	array(b, "image_id", 16);
	u32(b, "vmpl");
	u32(b, "sig_algo");
	tcb(b, "current_tcb");
	u64(b, "plat_info");
	u32(b, "key_info");
	vs_wr_zeros(&b->w, 4);
	array(b, "report_data", 64);
	array(b, "measurement", 48);
	array(b, "host_data", 32);
	array(b, "id_key_digest", 48);
	array(b, "author_key_digest", 48);
	array(b, "report_id", 32);
	array(b, "report_id_ma", 32);
}

static void
platform(struct build *b)
{
	static const char *const cpuid[] = {
	    "cpuid_fam_id", "cpuid_mod_id", "cpuid_step"};

	tcb(b, "reported_tcb");
	for (size_t i = 0; i < VS_COUNT(cpuid); i++)
		vs_wr_u8(
		    &b->w, (uint8_t)optional(b, b->obj, cpuid[i], UINT8_MAX));
	vs_wr_zeros(&b->w, 21);
	array(b, "chip_id", 64);
	tcb(b, "committed_tcb");
	firmware(b, "current");
	firmware(b, "committed");
	tcb(b, "launch_tcb");
	vs_wr_u64le(&b->w, optional(b, b->obj, "launch_mit_vector", INT64_MAX));
	vs_wr_u64le(
	    &b->w, optional(b, b->obj, "current_mit_vector", INT64_MAX));
	vs_wr_zeros(&b->w, 152);
}

static void
signature(struct build *b)
{
	const struct vs_json *sig = vs_json_get(b->obj, "signature");

	bytes_of(b, vs_json_get(sig, "r"), "signature.r", 72);
	bytes_of(b, vs_json_get(sig, "s"), "signature.s", 72);
	vs_wr_zeros(&b->w, 368);
}

static vs_status
rebuild(const struct vs_json *obj, uint8_t report[VS_SNP_REPORT_SIZE],
    struct vs_err *err)
{
	uint8_t tmp[VS_SNP_REPORT_SIZE];
	struct build b = {
	    .w = vs_wr_of(tmp, sizeof(tmp)), .obj = obj, .err = err};
	struct vs_span done;

	b.turin = vs_snp_product_of_cpuid(
		      (uint8_t)optional(&b, obj, "cpuid_fam_id", UINT8_MAX),
		      (uint8_t)optional(&b, obj, "cpuid_mod_id", UINT8_MAX)) ==
	    VS_SNP_TURIN;
	head(&b);
	platform(&b);
	signature(&b);
	if (b.st != VS_OK)
		return b.st;
	VS_TRY(err, "size", vs_wr_finish(&b.w, &done));
	VS_ASSERT(done.n == VS_SNP_REPORT_SIZE);
	for (size_t i = 0; i < sizeof(tmp); i++)
		report[i] = tmp[i];
	return VS_OK;
}

static bool
role_of(const struct vs_json *type, vs_snp_role *role)
{
	struct vs_span s;

	if (!vs_json_is_string(type, &s))
		return false; /* {"OTHER": uuid} */
	if (vs_span_is(s, "VCEK") || vs_span_is(s, "VLEK"))
		*role = VS_SNP_ROLE_LEAF;
	else if (vs_span_is(s, "ASK") || vs_span_is(s, "ASVK") ||
	    vs_span_is(s, "ARK"))
		*role = VS_SNP_ROLE_CA;
	else if (vs_span_is(s, "CRL"))
		*role = VS_SNP_ROLE_CRL;
	else
		return false;
	return true;
}

static vs_status
add_cert(const struct vs_json *item, struct vs_arena *a,
    struct vs_snp_blob blobs[VS_SNP_BLOBS_MAX], size_t *n, struct vs_err *err)
{
	const struct vs_json *data = vs_json_get(item, "data");
	size_t size = vs_json_size(data);
	struct build b = {.err = err};
	vs_snp_role role;
	uint8_t *p;

	if (!role_of(vs_json_get(item, "cert_type"), &role))
		return VS_OK;
	if (*n == VS_SNP_BLOBS_MAX || size == 0 || size > VS_CERT_MAX)
		return vs_fail(err, VS_MALFORMED, "too many, or its size");
	p = vs_arena_alloc(a, size);
	if (p == NULL)
		return vs_fail(err, VS_NO_MEMORY, "certificate");
	b.w = vs_wr_of(p, size);
	bytes_of(&b, data, "data", size);
	if (b.st != VS_OK)
		return b.st;
	blobs[(*n)++] = (struct vs_snp_blob){role, VS_SPAN(p, size)};
	return VS_OK;
}

static vs_status
read_chain(const struct vs_json *chain, struct vs_arena *a,
    struct vs_snp_blob blobs[VS_SNP_BLOBS_MAX], size_t *n, struct vs_err *err)
{
	if (chain == NULL || vs_json_type_of(chain) == VS_JSON_NULL)
		return VS_OK;
	if (vs_json_type_of(chain) != VS_JSON_ARRAY)
		return vs_fail(err, VS_MALFORMED, "not an array");
	for (size_t i = 0; i < vs_json_size(chain); i++)
		VS_TRY(err, "certificate",
		    add_cert(vs_json_at(chain, i), a, blobs, n, err));
	return VS_OK;
}

vs_status
vs_snp_coco_read(struct vs_span text, struct vs_arena *a,
    uint8_t report[VS_SNP_REPORT_SIZE],
    struct vs_snp_blob blobs[VS_SNP_BLOBS_MAX], size_t *n, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = NULL;
	const struct vs_json *obj;

	vs_err_clear(err);
	VS_TRY_CODE(
	    err, "parse.size", "report JSON", vs_json_parse(text, &root, err));
	VS_TRY_CODE(err, "parse.size", "report JSON",
	    vs_json_need(
		root, "", "attestation_report", VS_JSON_OBJECT, &obj, err));
	VS_TRY_CODE(
	    err, "parse.size", "attestation_report", rebuild(obj, report, err));
	VS_TRY_CODE(err, "parse.cert_table", "cert_chain",
	    read_chain(vs_json_get(root, "cert_chain"), a, blobs, n, err));
	return VS_OK;
}
