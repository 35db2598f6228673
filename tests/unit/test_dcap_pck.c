/* SPDX-License-Identifier: Apache-2.0 */
/* Intel's extension of PCK certificates: each part once, in any order, in its
 * only form. */
#include "check.h"
#include "evidence/dcap/pck.h"

enum { EXT_MAX = 1024, TCB = 2, CONFIG = 7, TCB_PARTS = 18 };

/* How to write it wrong. */
struct flaw {
	unsigned skip, twice;         /* a part; 0: none */
	unsigned tcb_skip, tcb_twice; /* of the TCB */
	unsigned config_skip;
	unsigned svn;    /* of component 1; 256 and more: too large */
	unsigned pcesvn; /* 0: 0x0d */
	bool processor;  /* no instance id, no configuration */
	bool reversed;   /* order of the parts */
	bool padded;     /* component 1 with a zero too many */
	bool negative;   /* component 1 */
	bool short_fmspc, long_pceid, short_ppid, short_cpusvn;
	bool sgx_type_integer;
	unsigned sgx_type;
	uint8_t truth; /* of a BOOLEAN; 0: FFh */
	bool foreign;  /* OID of the first part */
	bool unknown;  /* a part of a later profile */
};

static void
head(struct vs_wr *w, uint8_t tag, size_t n)
{
	vs_wr_u8(w, tag);
	if (n >= 0x100) {
		vs_wr_u8(w, 0x82);
		vs_wr_u16be(w, (uint16_t)n);
	} else {
		if (n >= 0x80)
			vs_wr_u8(w, 0x81);
		vs_wr_u8(w, (uint8_t)n);
	}
}

/* SEQUENCE { OID, value } below 1.2.840.113741.1.13.1 */
static void
part(struct vs_wr *w, unsigned arc, unsigned sub, struct vs_span value,
    bool foreign)
{
	const uint8_t oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d,
	    foreign ? 0x02 : 0x01, (uint8_t)arc, (uint8_t)sub};
	size_t n = sub == 0 ? sizeof(oid) - 1 : sizeof(oid);

	head(w, 0x30, 2 + n + value.n);
	head(w, 0x06, n);
	vs_wr_bytes(w, VS_SPAN(oid, n));
	vs_wr_bytes(w, value);
}

static struct vs_span
octets(uint8_t *buf, size_t n, uint8_t fill)
{
	buf[0] = 0x04;
	buf[1] = (uint8_t)n;
	memset(buf + 2, fill, n);
	return VS_SPAN(buf, n + 2);
}

static struct vs_span
integer(uint8_t *buf, unsigned v, bool padded)
{
	struct vs_wr w = vs_wr_of(buf, 8);
	struct vs_span out = {0};
	size_t n = v > 0x7fff ? 3 : v > 0x7f ? 2 : 1;

	n += padded;
	vs_wr_u8(&w, 0x02);
	vs_wr_u8(&w, (uint8_t)n);
	for (size_t i = n; i > 0; i--)
		vs_wr_u8(&w, (uint8_t)(i > 4 ? 0 : v >> 8 * (i - 1)));
	CHECK_INT(vs_wr_finish(&w, &out), VS_OK);
	return out;
}

static void
tcb_parts(struct vs_wr *w, const struct flaw *f, unsigned i)
{
	uint8_t buf[32];
	unsigned v = i == 1 ? f->svn : i;

	if (i == f->tcb_skip)
		return;
	if (i == TCB_PARTS) {
		part(w, TCB, i, octets(buf, f->short_cpusvn ? 15 : 16, 1),
		    false);
	} else if (i == 1 && f->negative) {
		part(w, TCB, i, VS_SPAN("\x02\x01\x80", 3), false);
	} else {
		if (i == 17)
			v = f->pcesvn == 0 ? 0x0d : f->pcesvn;
		part(w, TCB, i, integer(buf, v, i == 1 && f->padded), false);
	}
}

static void
sequence(struct vs_wr *w, unsigned arc, const struct vs_wr *in)
{
	uint8_t buf[EXT_MAX];
	struct vs_wr inner = vs_wr_of(buf, sizeof(buf));

	head(&inner, 0x30, in->n);
	vs_wr_bytes(&inner, VS_SPAN(in->p, in->n));
	part(w, arc, 0, VS_SPAN(inner.p, inner.n), false);
}

static void
tcb(struct vs_wr *w, const struct flaw *f)
{
	uint8_t buf[EXT_MAX];
	struct vs_wr in = vs_wr_of(buf, sizeof(buf));

	for (unsigned i = 1; i <= TCB_PARTS; i++) {
		tcb_parts(&in, f, i);
		if (i == f->tcb_twice)
			tcb_parts(&in, f, i);
	}
	sequence(w, TCB, &in);
}

static void
config(struct vs_wr *w, const struct flaw *f)
{
	uint8_t buf[EXT_MAX];
	struct vs_wr in = vs_wr_of(buf, sizeof(buf));

	for (unsigned i = 1; i <= 3; i++) {
		uint8_t b[] = {0x01, 0x01, i == 2 ? 0 : 0xff};

		if (i == 3 && f->truth != 0)
			b[2] = f->truth;
		if (i != f->config_skip)
			part(&in, CONFIG, i, VS_SPAN_OF(b), false);
	}
	sequence(w, CONFIG, &in);
}

static void
one_part(struct vs_wr *w, const struct flaw *f, unsigned i)
{
	uint8_t buf[32];
	uint8_t type[] = {
	    f->sgx_type_integer ? 0x02 : 0x0a, 1, (uint8_t)f->sgx_type};

	switch (i) {
	case 1:
		part(w, i, 0, octets(buf, f->short_ppid ? 15 : 16, 0x11),
		    f->foreign);
		break;
	case TCB:
		tcb(w, f);
		break;
	case 3:
		part(w, i, 0, octets(buf, f->long_pceid ? 3 : 2, 0x33), false);
		break;
	case 4:
		part(w, i, 0, octets(buf, f->short_fmspc ? 5 : 6, 0x44), false);
		break;
	case 5:
		part(w, i, 0, VS_SPAN_OF(type), false);
		break;
	case 6:
		part(w, i, 0, octets(buf, 16, 0x66), false);
		break;
	case CONFIG:
		config(w, f);
		break;
	default:
		part(w, i, 0, octets(buf, 4, 0x99), false);
		break;
	}
}

static size_t
extension(const struct flaw *f, uint8_t out[EXT_MAX])
{
	uint8_t buf[EXT_MAX];
	struct vs_wr in = vs_wr_of(buf, sizeof(buf)),
		     w = vs_wr_of(out, EXT_MAX);
	unsigned last = f->processor ? 5 : CONFIG;
	struct vs_span all = {0};

	for (unsigned n = 1; n <= last; n++) {
		unsigned i = f->reversed ? last + 1 - n : n;

		if (i == f->skip)
			continue;
		one_part(&in, f, i);
		if (i == f->twice)
			one_part(&in, f, i);
	}
	if (f->unknown)
		one_part(&in, f, 9);
	head(&w, 0x30, in.n);
	vs_wr_bytes(&w, VS_SPAN(in.p, in.n));
	CHECK_INT(vs_wr_finish(&w, &all), VS_OK);
	return all.n;
}

static uint8_t ext[EXT_MAX];
static struct vs_dcap_pck p;
static struct vs_err err;

static vs_status
parse(struct flaw f)
{
	memset(&p, 0, sizeof(p));
	return vs_dcap_pck_parse(VS_SPAN(ext, extension(&f, ext)), &p, &err);
}
#define GOOD(...) CHECK_OK(parse((struct flaw){__VA_ARGS__}), err)
#define BAD(...)                                                               \
	do {                                                                   \
		CHECK_INT(parse((struct flaw){__VA_ARGS__}), VS_UNTRUSTED);    \
		CHECK_STR(err.code, "pck_extension");                          \
		CHECK_INT(p.fmspc[0], 0); /* untouched */                      \
	} while (0)

static void
test_good(void)
{
	GOOD(.svn = 1);
	for (unsigned i = 0; i < 16; i++)
		CHECK_INT(p.svn[i], i + 1);
	CHECK_INT(p.pcesvn, 0x0d);
	CHECK_INT(p.pceid[0], 0x33);
	CHECK_INT(p.fmspc[5], 0x44);
	CHECK_INT(p.sgx_type, 0);
	CHECK(p.has_config && p.dynamic_platform && !p.cached_keys && p.smt);
	GOOD(.processor = true, .sgx_type = 2);
	CHECK(!p.has_config && p.sgx_type == 2);
	GOOD(.reversed = true, .svn = 7);
	CHECK_INT(p.svn[0], 7);
	GOOD(.unknown = true);
}

static void
test_integers(void)
{
	for (unsigned v = 0; v < 256; v++) {
		GOOD(.svn = v);
		CHECK_INT(p.svn[0], v);
	}
	BAD(.svn = 256);
	BAD(.svn = 0x10001);
	BAD(.padded = true, .svn = 1);
	BAD(.padded = true, .svn = 0x80);
	BAD(.negative = true);
	GOOD(.pcesvn = 0xffff);
	CHECK_INT(p.pcesvn, 0xffff);
	BAD(.pcesvn = 0x10000);
}

static void
test_parts(void)
{
	for (unsigned i = 1; i <= 5; i++)
		BAD(.skip = i);
	for (unsigned i = 1; i <= 7; i++)
		BAD(.twice = i);
	for (unsigned i = 1; i <= TCB_PARTS; i++) {
		BAD(.tcb_skip = i);
		BAD(.tcb_twice = i);
	}
	for (unsigned i = 1; i <= 3; i++)
		BAD(.config_skip = i);
	GOOD(.skip = 6);
	GOOD(.skip = 7);
	CHECK(!p.has_config);
	BAD(.foreign = true);
}

static void
test_forms(void)
{
	BAD(.short_fmspc = true);
	BAD(.long_pceid = true);
	BAD(.short_ppid = true);
	BAD(.short_cpusvn = true);
	BAD(.sgx_type = 3);
	BAD(.sgx_type_integer = true);
	BAD(.truth = 1);
}

static void
test_every_truncation_and_trailing_byte(void)
{
	struct flaw f = {.svn = 1};
	size_t n = extension(&f, ext);

	for (size_t i = 0; i < n; i++)
		CHECK_INT(
		    vs_dcap_pck_parse(VS_SPAN(ext, i), &p, &err), VS_UNTRUSTED);
	ext[n] = 0;
	CHECK_INT(
	    vs_dcap_pck_parse(VS_SPAN(ext, n + 1), &p, &err), VS_UNTRUSTED);
}

/* Values may change, what is read never lies outside. */
static void
test_every_bit(void)
{
	struct flaw f = {.svn = 0x80};
	size_t n = extension(&f, ext), passed = 0;

	for (size_t bit = 0; bit < 8 * n; bit++) {
		ext[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (vs_dcap_pck_parse(VS_SPAN(ext, n), &p, &err) == VS_OK)
			passed++;
		else
			CHECK_STR(err.code, "pck_extension");
		ext[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	CHECK(passed > 0 && passed < 4 * n);
}

int
main(void)
{
	RUN(test_good);
	RUN(test_integers);
	RUN(test_parts);
	RUN(test_forms);
	RUN(test_every_truncation_and_trailing_byte);
	RUN(test_every_bit);
	return check_result();
}
