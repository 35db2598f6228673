/* SPDX-License-Identifier: Apache-2.0 */
/* Leaves under a trusted test root that do not fit their report: every rule
 * on AMD's extensions, each broken alone. */
#include "snp_forge.h"

static struct vs_collateral *col[VS_SIM_PRODUCTS];

/* Appraises a good report with this leaf. */
static void
with_leaf(
    vs_sim_product product, bool vlek, const struct f_leaf *l, const char *want)
{
	const struct vs_sim_pki *p = f_pki(product);
	struct vs_buf der = {0};
	struct f_try t;

	f_init(&t, col[product]);
	f_report(&t, p, vlek);
	f_issue(p, vlek, l, &der);
	f_cert(&t, vs_buf_span(&der));
	f_cert(&t, vlek ? vs_sim_asvk(p) : vs_sim_ask(p));
	if (!F_EXPECT(&t, want))
		fprintf(stderr, "     (%s)\n", vs_sim_product_name(product));
	f_done(&t);
	vs_buf_fini(&der);
}

static void
test_unchanged_leaves_verify(void)
{
	for (unsigned i = 0; i < VS_SIM_PRODUCTS; i++) {
		struct f_leaf l;

		f_leaf_default(f_pki((vs_sim_product)i), false, &l);
		with_leaf((vs_sim_product)i, false, &l, NULL);
		f_leaf_default(f_pki((vs_sim_product)i), true, &l);
		/* A Turin VLEK has never been seen: same rules. */
		with_leaf((vs_sim_product)i, true, &l, NULL);
	}
}

static const char *const milan_spls[] = {
    "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8"};
static const char *const turin_spls[] = {
    "3.1", "3.2", "3.3", "3.5", "3.6", "3.7", "3.8", "3.9"};

static void
break_spl(vs_sim_product product, const char *sub)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {
	    {"\x02\x01\xff", 3},     /* negative */
	    {"\x02\x01\xdb", 3},     /* a microcode without its zero byte */
	    {"\x02\x02\x00\x05", 4}, /* padded */
	    {"\x02\x02\x01\x00", 4}, /* 256 */
	    {"\x02\x00", 2},         /* empty */
	    {"\x02\x01\x05\x00", 4}, /* trailing */
	    {"\x02\x81\x01\x05", 4}, /* long form of a short length */
	    {"\x04\x01\x05", 3},     /* not an INTEGER */
	    {"\x05", 1},
	    {"", 0},
	};
	struct f_leaf good, l;
	char oid[24];

	snprintf(oid, sizeof(oid), F_AMD "%s", sub);
	f_leaf_default(f_pki(product), false, &good);
	l = good;
	f_drop(&l, oid);
	with_leaf(product, false, &l, "bind.tcb");
	l = good;
	f_twice(&l, oid);
	with_leaf(product, false, &l, "bind.tcb");
	l = good;
	f_int(&l, oid, 0x7e);
	with_leaf(product, false, &l, "bind.tcb");
	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		l = good;
		f_set(&l, oid, VS_SPAN(bad[i].bytes, bad[i].n));
		with_leaf(product, false, &l, "bind.tcb");
	}
}

static void
test_every_spl_once_in_its_only_form(void)
{
	for (size_t i = 0; i < VS_COUNT(milan_spls); i++)
		break_spl(VS_SIM_MILAN, milan_spls[i]);
	for (size_t i = 0; i < VS_COUNT(turin_spls); i++)
		break_spl(VS_SIM_TURIN, turin_spls[i]);
}

static void
test_large_spl(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct vs_buf der = {0};
	struct f_leaf l;
	static struct f_try t;

	f_init(&t, col[VS_SIM_MILAN]);
	f_report(&t, p, false);
	t.report[0x180 + 7] = 0xdb;
	CHECK_OK(vs_sim_resign(p, false, t.report, &t.err), t.err);
	f_leaf_default(p, false, &l);
	f_int(&l, F_AMD "3.8", 0xdb);
	f_issue(p, false, &l, &der);
	f_cert(&t, vs_buf_span(&der));
	f_cert(&t, vs_sim_ask(p));
	F_EXPECT(&t, NULL);
	f_done(&t);
	vs_buf_fini(&der);
}

/* The report says another REPORTED_TCB; CURRENT is of no account. */
static void
test_reported_tcb_decides(void)
{
	for (unsigned product = 0; product < VS_SIM_PRODUCTS; product++) {
		const struct vs_sim_pki *p = f_pki((vs_sim_product)product);

		for (size_t i = 0; i < 8; i++) {
			struct f_try t;
			/* the only byte of Turin that no SPL stands for is
			 * none: all eight count on every product */
			f_init(&t, col[product]);
			f_report(&t, p, false);
			f_chain(&t, p, false);
			t.report[0x180 + i] ^= 1;
			CHECK_OK(
			    vs_sim_resign(p, false, t.report, &t.err), t.err);
			F_EXPECT(&t, "bind.tcb");
			t.report[0x180 + i] ^= 1;
			t.report[0x038 + i] ^= 1;
			CHECK_OK(
			    vs_sim_resign(p, false, t.report, &t.err), t.err);
			F_EXPECT(&t, NULL);
			f_done(&t);
		}
	}
}

static void
test_struct_version(void)
{
	struct f_leaf good, l;

	f_leaf_default(f_pki(VS_SIM_MILAN), false, &good);
	l = good;
	f_drop(&l, F_AMD "1");
	with_leaf(VS_SIM_MILAN, false, &l, "bind.product");
	l = good;
	f_twice(&l, F_AMD "1");
	with_leaf(VS_SIM_MILAN, false, &l, "bind.product");
	l = good;
	f_int(&l, F_AMD "1", 1);
	with_leaf(VS_SIM_MILAN, false, &l, "bind.product");
	f_leaf_default(f_pki(VS_SIM_TURIN), false, &l);
	f_int(&l, F_AMD "1", 0);
	with_leaf(VS_SIM_TURIN, false, &l, "bind.product");
}

static void
test_hwid(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	uint8_t wrapped[66] = {0x04, 0x40}, other[64];
	struct f_leaf good, l;

	f_leaf_default(p, false, &good);
	l = good;
	memcpy(wrapped + 2, p->chip_id, 64);
	f_set(&l, F_AMD "4", VS_SPAN_OF(wrapped));
	with_leaf(VS_SIM_MILAN, false, &l, NULL);
	wrapped[0] = 0x03;
	f_set(&l, F_AMD "4", VS_SPAN_OF(wrapped));
	with_leaf(VS_SIM_MILAN, false, &l, "bind.chip_id");
	l = good;
	f_drop(&l, F_AMD "4");
	with_leaf(VS_SIM_MILAN, false, &l, "bind.chip_id");
	l = good;
	f_twice(&l, F_AMD "4");
	with_leaf(VS_SIM_MILAN, false, &l, "bind.chip_id");
	/* The short id of another product line, even if it is a prefix. */
	l = good;
	f_set(&l, F_AMD "4", VS_SPAN(p->chip_id, 8));
	with_leaf(VS_SIM_MILAN, false, &l, "bind.chip_id");
	for (size_t n = 0; n < 64; n++) {
		f_set(&l, F_AMD "4", VS_SPAN(p->chip_id, n));
		with_leaf(VS_SIM_MILAN, false, &l, "bind.chip_id");
	}
	for (size_t i = 0; i < 64; i += 9) {
		memcpy(other, p->chip_id, 64);
		other[i] ^= 1;
		f_set(&l, F_AMD "4", VS_SPAN_OF(other));
		with_leaf(VS_SIM_MILAN, false, &l, "bind.chip_id");
	}
}

static void
test_hwid_turin(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_TURIN);
	uint8_t wrapped[10] = {0x04, 0x08}, wide[64] = {0};
	struct f_leaf l;
	static struct f_try t;

	f_leaf_default(p, false, &l);
	memcpy(wrapped + 2, p->chip_id, 8);
	f_set(&l, F_AMD "4", VS_SPAN_OF(wrapped));
	with_leaf(VS_SIM_TURIN, false, &l, NULL);
	memcpy(wide, p->chip_id, 8);
	f_set(&l, F_AMD "4", VS_SPAN_OF(wide));
	with_leaf(VS_SIM_TURIN, false, &l, "bind.chip_id");
	/* Bytes behind the eight of the report's CHIP_ID. */
	for (size_t i = 8; i < 64; i += 11) {
		f_init(&t, col[VS_SIM_TURIN]);
		f_report(&t, p, false);
		f_chain(&t, p, false);
		t.report[0x1a0 + i] = 1;
		CHECK_OK(vs_sim_resign(p, false, t.report, &t.err), t.err);
		F_EXPECT(&t, "bind.chip_id");
		f_done(&t);
	}
}

/* A chip id may begin like the head of an OCTET STRING. */
static void
test_hwid_that_looks_wrapped(void)
{
	struct vs_sim_pki_options opt;
	struct vs_collateral *c;
	struct vs_sim_pki *p = NULL;
	struct f_try t;

	vs_sim_pki_defaults(VS_SIM_MILAN, F_NOW, &opt);
	opt.rsa_bits = 2048;
	memset(opt.chip_id, 0x5a, sizeof(opt.chip_id));
	opt.chip_id[0] = 0x04;
	opt.chip_id[1] = 0x3e;
	f_init(&t, NULL);
	CHECK_OK(vs_sim_pki_new(&opt, &p, &t.err), t.err);
	c = f_collateral(p, &f_good, 1);
	t.collateral = c;
	f_report(&t, p, false);
	f_chain(&t, p, false);
	F_EXPECT(&t, NULL);
	f_done(&t);
	vs_collateral_free(&c);
	vs_sim_pki_free(&p);
}

static void
test_masked_chip_id(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct f_try t;

	f_init(&t, col[VS_SIM_MILAN]);
	f_report(&t, p, false);
	f_chain(&t, p, false);
	F_EXPECT(&t, NULL);
	CHECK(!f_claim_true(&t, VS_CLAIM_SNP_CHIP_ID_MASKED));
	memset(t.report + 0x1a0, 0, 64);
	CHECK_OK(vs_sim_resign(p, false, t.report, &t.err), t.err);
	F_EXPECT(&t, "bind.chip_id");
	t.allow_masked = true;
	F_EXPECT(&t, NULL);
	CHECK(f_claim_true(&t, VS_CLAIM_SNP_CHIP_ID_MASKED));
	/* Allowing masked ids does not allow wrong ones. */
	t.report[0x1a0] = 1;
	CHECK_OK(vs_sim_resign(p, false, t.report, &t.err), t.err);
	F_EXPECT(&t, "bind.chip_id");
	f_done(&t);
}

static void
test_csp_id(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	uint8_t long_text[160] = {0x16, 0x81, 129};
	struct f_leaf good, l;

	f_leaf_default(p, true, &good);
	l = good;
	f_drop(&l, F_AMD "5");
	with_leaf(VS_SIM_MILAN, true, &l, "bind.signer");
	l = good;
	f_twice(&l, F_AMD "5");
	with_leaf(VS_SIM_MILAN, true, &l, "bind.signer");
	f_set(&l, F_AMD "5",
	    VS_SPAN_LIT("\x0c\x02"
			"ok")); /* UTF8String */
	with_leaf(VS_SIM_MILAN, true, &l, "bind.signer");
	l = good;
	f_set(&l, F_AMD "5", VS_SPAN_LIT("\x16\x00"));
	with_leaf(VS_SIM_MILAN, true, &l, "bind.signer");
	f_set(&l, F_AMD "5",
	    VS_SPAN_LIT("\x16\x03"
			"a\0b"));
	with_leaf(VS_SIM_MILAN, true, &l, "bind.signer");
	memset(long_text + 3, 'a', 129);
	f_set(&l, F_AMD "5", VS_SPAN(long_text, 3 + 129));
	with_leaf(VS_SIM_MILAN, true, &l, "bind.signer");
	/* Each kind's own extension on the other kind. */
	l = good;
	f_set(&l, F_AMD "4", VS_SPAN(p->chip_id, 64));
	with_leaf(VS_SIM_MILAN, true, &l, "bind.chip_id");
	f_leaf_default(p, false, &l);
	f_set(&l, F_AMD "5",
	    VS_SPAN_LIT("\x16\x02"
			"ok"));
	with_leaf(VS_SIM_MILAN, false, &l, "bind.signer");
}

static void
test_unknown_arcs_and_product_name_do_not_matter(void)
{
	struct f_leaf l;

	f_leaf_default(f_pki(VS_SIM_MILAN), false, &l);
	f_set(&l, F_AMD "3.10", VS_SPAN_LIT("\x02\x01\x01"));
	f_set(&l, F_AMD "6", VS_SPAN_LIT("\x05\x00"));
	f_set(&l, F_AMD "2",
	    VS_SPAN_LIT("\x16\x05"
			"Turin"));
	with_leaf(VS_SIM_MILAN, false, &l, NULL);
	/* But a critical extension is one that must be known. */
	l.ext[l.n - 1].critical = true;
	with_leaf(VS_SIM_MILAN, false, &l, "chain.signature");
}

int
main(void)
{
	for (unsigned i = 0; i < VS_SIM_PRODUCTS; i++)
		col[i] = f_collateral(f_pki((vs_sim_product)i), &f_good, 1);
	RUN(test_unchanged_leaves_verify);
	RUN(test_every_spl_once_in_its_only_form);
	RUN(test_large_spl);
	RUN(test_reported_tcb_decides);
	RUN(test_struct_version);
	RUN(test_hwid);
	RUN(test_hwid_turin);
	RUN(test_hwid_that_looks_wrapped);
	RUN(test_masked_chip_id);
	RUN(test_csp_id);
	RUN(test_unknown_arcs_and_product_name_do_not_matter);
	for (unsigned i = 0; i < VS_SIM_PRODUCTS; i++)
		vs_collateral_free(&col[i]);
	return check_result();
}
