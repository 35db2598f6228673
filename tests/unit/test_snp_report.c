/* SPDX-License-Identifier: Apache-2.0 */
/* The report parser: each check alone, on a made-up report of each version. */
#include "check.h"
#include "evidence/snp/report.h"
#include "evidence/snp/tcb.h"

static uint8_t report[VS_SNP_REPORT_SIZE];

/* A report that parses: no more is claimed of it. */
static void
fresh(uint8_t version)
{
	memset(report, 0, sizeof(report));
	report[0x00] = version;
	report[0x0a] = 0x03; /* policy 0x30000 */
	report[0x34] = 1;
	if (version >= 3) {
		report[0x188] = 0x19;
		report[0x189] = 0x01;
	}
	for (size_t i = 0; i < 48; i++) {
		report[0x2a0 + i] = (uint8_t)(i + 1);
		report[0x2e8 + i] = (uint8_t)(i + 101);
	}
	memset(report + 0x1a0, 0xcc, 64);
}

static void
want(const char *code)
{
	struct vs_snp_report r;
	struct vs_err err = {0};
	vs_status st = vs_snp_report_parse(VS_SPAN_OF(report), &r, &err);

	if (code == NULL) {
		CHECK_OK(st, err);
		return;
	}
	CHECK_INT(vs_status_class(st), VS_CLASS_MALFORMED);
	CHECK_STR(err.code, code);
}

static void
test_versions(void)
{
	for (unsigned v = 0; v < 256; v++) {
		fresh((uint8_t)v);
		want(v >= 2 && v <= 5 ? NULL : "parse.version");
	}
	fresh(3);
	report[0x03] = 1;
	want("parse.version");
}

static void
test_sizes(void)
{
	uint8_t more[VS_SNP_REPORT_SIZE + 1] = {0};
	struct vs_snp_report r = {.version = 77};
	struct vs_err err = {0};

	fresh(3);
	memcpy(more, report, sizeof(report));
	for (size_t n = 0; n <= sizeof(more); n++) {
		vs_status st = vs_snp_report_parse(VS_SPAN(more, n), &r, &err);
		if (n == sizeof(report)) {
			CHECK_INT(st, VS_OK);
			r.version = 77;
			continue;
		}
		CHECK_STR(err.code, "parse.size");
		CHECK_INT(r.version, 77); /* untouched on failure */
	}
}

static void
test_every_reserved_byte(void)
{
	static const struct {
		size_t from, to;
		unsigned first_legal; /* from this version on it means sth. */
	} reserved[] = {
	    {0x04c, 0x050, 99},
	    {0x188, 0x18b, 3},
	    {0x18b, 0x1a0, 99},
	    {0x1eb, 0x1ec, 99},
	    {0x1ef, 0x1f0, 99},
	    {0x1f8, 0x208, 5},
	    {0x208, 0x2a0, 99},
	    {0x330, 0x4a0, 99},
	};

	for (uint8_t v = 2; v <= 5; v++)
		for (size_t i = 0; i < VS_COUNT(reserved); i++)
			for (size_t at = reserved[i].from; at < reserved[i].to;
			     at++) {
				fresh(v);
				if (v >= reserved[i].first_legal)
					continue;
				report[at] ^= 0x80;
				want("parse.reserved");
			}
}

static void
test_padding_of_r_and_s(void)
{
	for (size_t i = 0; i < 24; i++) {
		fresh(3);
		report[0x2d0 + i] = 1;
		want("parse.sig_padding");
		fresh(3);
		report[0x318 + i] = 1;
		want("parse.sig_padding");
	}
}

static void
test_key_info(void)
{
	struct vs_snp_report r;
	struct vs_err err = {0};

	for (unsigned b = 5; b < 32; b++) {
		fresh(3);
		report[0x48 + b / 8] = (uint8_t)(1 << b % 8);
		want("parse.reserved");
	}
	for (uint8_t key = 0; key < 8; key++) {
		fresh(3);
		report[0x48] = (uint8_t)(key << 2 | 3);
		CHECK_OK(
		    vs_snp_report_parse(VS_SPAN_OF(report), &r, &err), err);
		CHECK_INT(r.signer,
		    key == 0       ? VS_SNP_VCEK
			: key == 1 ? VS_SNP_VLEK
				   : VS_SNP_NO_SIGNER);
	}
}

static void
test_policy_and_algorithm(void)
{
	for (unsigned algo = 0; algo < 4; algo++) {
		fresh(3);
		report[0x34] = (uint8_t)algo;
		want(algo == 1 ? NULL : "parse.sig_algo");
	}
	fresh(3);
	report[0x37] = 1;
	want("parse.sig_algo");
	fresh(3);
	report[0x0a] = 0x01;
	want("parse.policy");
	/* New policy bits are for the policy to judge. */
	fresh(3);
	report[0x0f] = 0x80;
	want(NULL);
}

static void
test_order_of_errors(void)
{
	fresh(9);
	report[0x34] = 0;
	report[0x4a0 - 1] = 1;
	report[0x2d0] = 1;
	report[0x0a] = 0;
	report[0x188] = 0xff;
	want("parse.version");
	report[0] = 3;
	want("parse.sig_algo");
	report[0x34] = 1;
	want("parse.reserved");
	report[0x4a0 - 1] = 0;
	want("parse.sig_padding");
	report[0x2d0] = 0;
	want("parse.policy");
	report[0x0a] = 2;
	want("parse.product");
	report[0x188] = 0x19;
	want(NULL);
}

static vs_snp_product
expected(unsigned family, unsigned model)
{
	if (family == 0x19 && model <= 0x0f)
		return VS_SNP_MILAN;
	if (family == 0x19 &&
	    ((model >= 0x10 && model <= 0x1f) ||
		(model >= 0xa0 && model <= 0xaf)))
		return VS_SNP_GENOA;
	if (family == 0x1a && model <= 0x11)
		return VS_SNP_TURIN;
	return VS_SNP_NO_PRODUCT;
}

static void
test_products(void)
{
	for (unsigned family = 0; family < 256; family++)
		for (unsigned model = 0; model < 256; model++) {
			vs_snp_product p = expected(family, model);

			CHECK_INT(vs_snp_product_of_cpuid(
				      (uint8_t)family, (uint8_t)model),
			    p);
			if (family < 0x18 || family > 0x1b)
				continue;
			fresh(4);
			report[0x188] = (uint8_t)family;
			report[0x189] = (uint8_t)model;
			want(p != VS_SNP_NO_PRODUCT ? NULL : "parse.product");
		}
}

static void
test_version_2_with_a_short_chip_id(void)
{
	fresh(2);
	memset(report + 0x1a0 + 8, 0, 56);
	want("parse.product");
	memset(report + 0x1a0, 0, 8); /* masked: nothing can be told */
	want(NULL);
	report[0x1a0 + 63] = 1;
	want(NULL);
}

static void
test_names(void)
{
	vs_snp_product p;
	vs_snp_signer s;

	CHECK(vs_snp_issuer_cn("SEV-Milan", &p, &s));
	CHECK(p == VS_SNP_MILAN && s == VS_SNP_VCEK);
	CHECK(vs_snp_issuer_cn("SEV-VLEK-Turin", &p, &s));
	CHECK(p == VS_SNP_TURIN && s == VS_SNP_VLEK);
	CHECK(!vs_snp_issuer_cn("SEV-", &p, &s));
	CHECK(!vs_snp_issuer_cn("", &p, &s));
	CHECK(!vs_snp_issuer_cn("sev-milan", &p, &s));
	CHECK(!vs_snp_issuer_cn("SEV-Milan ", &p, &s));
	CHECK(!vs_snp_issuer_cn("ARK-Milan", &p, &s));
	CHECK(!vs_snp_issuer_cn("SEV-VLEK-", &p, &s));
	CHECK_INT(vs_snp_leaf_cn("SEV-VCEK"), VS_SNP_VCEK);
	CHECK_INT(vs_snp_leaf_cn("SEV-VLEK"), VS_SNP_VLEK);
	CHECK_INT(vs_snp_leaf_cn("VCEK"), VS_SNP_NO_SIGNER);
	CHECK_STR(vs_snp_product_name(VS_SNP_NO_PRODUCT), "");
	CHECK_STR(vs_snp_signer_name(VS_SNP_NO_SIGNER), "");
}

/* Every byte of a TCB belongs to one component, on every product. */
static void
test_tcb_layouts(void)
{
	const vs_snp_product all[] = {VS_SNP_MILAN, VS_SNP_GENOA, VS_SNP_TURIN};

	for (size_t i = 0; i < VS_COUNT(all); i++) {
		unsigned seen = 0;

		for (unsigned s = 0; s < VS_SNP_SPL_COUNT; s++) {
			int at = vs_snp_tcb_index(all[i], (vs_snp_spl)s);
			if (at < 0)
				continue;
			CHECK((seen >> at & 1) == 0);
			seen |= 1u << at;
		}
		CHECK_INT(seen, 0xff);
	}
	CHECK_INT(vs_snp_tcb_index(VS_SNP_MILAN, VS_SNP_SPL_FMC), -1);
	CHECK_INT(vs_snp_tcb_index(VS_SNP_TURIN, VS_SNP_SPL_SNP), 3);
	CHECK_INT(vs_snp_tcb_index(VS_SNP_GENOA, VS_SNP_SPL_SNP), 6);
}

int
main(void)
{
	RUN(test_versions);
	RUN(test_sizes);
	RUN(test_every_reserved_byte);
	RUN(test_padding_of_r_and_s);
	RUN(test_key_info);
	RUN(test_policy_and_algorithm);
	RUN(test_order_of_errors);
	RUN(test_products);
	RUN(test_version_2_with_a_short_chip_id);
	RUN(test_names);
	RUN(test_tcb_layouts);
	return check_result();
}
