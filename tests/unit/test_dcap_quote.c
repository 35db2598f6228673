/* SPDX-License-Identifier: Apache-2.0 */
/* The form of quotes: every field at its place, every length exact, every
 * truncation an error. */
#include "dcap_quote.h"

static const struct q_form forms[] = {
    {3, 1, 5},
    {4, 1, 5},
    {4, 2, 5},
    {5, 1, 5},
    {5, 2, 5},
    {5, 3, 5},
    {5, 4, 1},
};

static uint8_t bytes[Q_MAX];
static size_t size;
static struct vs_dcap_quote q;
static struct vs_err err;

static void
fresh(const struct q_form *f)
{
	memset(&q, 0, sizeof(q));
	size = q_write(f, bytes);
}

static vs_status
parse(size_t n)
{
	return vs_dcap_quote_parse(VS_SPAN(bytes, n), &q, &err);
}

static void
refused(const char *code)
{
	struct vs_dcap_quote before = q;

	CHECK_INT(vs_status_class(parse(size)), VS_CLASS_MALFORMED);
	CHECK_STR(err.code, code);
	CHECK(memcmp(&before, &q, sizeof(q)) == 0); /* untouched */
}

static bool
at(struct vs_span s, size_t offset, size_t n)
{
	return s.p == bytes + offset && s.n == n;
}

static void
test_every_form(void)
{
	for (size_t i = 0; i < VS_COUNT(forms); i++) {
		size_t body = Q_HEADER + (forms[i].version == 5 ? 6U : 0U);
		size_t sig = body + q_body_size(forms[i].body) + 4;
		size_t qe = sig + 128 + (forms[i].version == 3 ? 0U : 6U);

		fresh(&forms[i]);
		if (!CHECK_OK(parse(size), err))
			continue;
		CHECK_INT(q.version, forms[i].version);
		CHECK_INT(q.body, forms[i].body);
		CHECK_INT(
		    q.tee, forms[i].body == 1 ? VS_INTEL_SGX : VS_INTEL_TDX);
		CHECK(at(q.signed_part, 0, sig - 4));
		CHECK(at(q.signature, sig, 64));
		CHECK(at(q.vouched, sig + 64, size - sig - 64));
		CHECK(at(q.key, sig + 64, 64));
		CHECK(at(q.qe.bytes, qe, 384));
		CHECK(at(q.qe_signature, qe + 384, 64));
		CHECK(at(q.qe_auth, qe + 450, Q_AUTH));
		CHECK_INT(q.cert_type, forms[i].cert_type);
		CHECK(at(q.cert_data, size - Q_CERT, Q_CERT));
	}
}

static void
test_td_report(void)
{
	const size_t b = Q_HEADER + 6;

	fresh(&(struct q_form){5, 3, 5});
	if (!CHECK_OK(parse(size), err))
		return;
	CHECK(at(q.td.tee_tcb_svn, b, 16));
	CHECK(at(q.td.mrseam, b + 16, 48));
	CHECK(at(q.td.mrsignerseam, b + 64, 48));
	CHECK(at(q.td.seamattributes, b + 112, 8));
	CHECK_INT(q.td.attributes & 0xff, bytes[b + 120]);
	CHECK_INT(q.td.attributes >> 56, bytes[b + 127]);
	CHECK_INT(q.td.xfam & 0xff, bytes[b + 128]);
	CHECK(at(q.td.mrtd, b + 136, 48));
	CHECK(at(q.td.mrconfigid, b + 184, 48));
	CHECK(at(q.td.mrowner, b + 232, 48));
	CHECK(at(q.td.mrownerconfig, b + 280, 48));
	for (size_t i = 0; i < 4; i++)
		CHECK(at(q.td.rtmr[i], b + 328 + 48 * i, 48));
	CHECK(at(q.td.report_data, b + 520, 64));
	CHECK(at(q.td.tee_tcb_svn2, b + 584, 16));
	CHECK(at(q.td.mrservicetd, b + 600, 48));
	fresh(&(struct q_form){4, 2, 5});
	CHECK_OK(parse(size), err);
	CHECK_INT(q.td.tee_tcb_svn2.n, 0);
	CHECK_INT(q.td.mrservicetd.n, 0);
}

static void
test_enclave_report(void)
{
	const size_t b = Q_HEADER;

	fresh(&(struct q_form){3, 1, 5});
	if (!CHECK_OK(parse(size), err))
		return;
	CHECK(at(q.sgx.cpusvn, b, 16));
	CHECK(at(q.sgx.miscselect, b + 16, 4));
	CHECK(at(q.sgx.isvextprodid, b + 32, 16));
	CHECK(at(q.sgx.attributes, b + 48, 16));
	CHECK_INT(q.sgx.flags & 0xff, bytes[b + 48]);
	CHECK_INT(q.sgx.xfrm & 0xff, bytes[b + 56]);
	CHECK(at(q.sgx.mrenclave, b + 64, 32));
	CHECK(at(q.sgx.mrsigner, b + 128, 32));
	CHECK(at(q.sgx.configid, b + 192, 64));
	CHECK_INT(q.sgx.isvprodid, bytes[b + 256] | bytes[b + 257] << 8);
	CHECK_INT(q.sgx.isvsvn, bytes[b + 258] | bytes[b + 259] << 8);
	CHECK_INT(q.sgx.configsvn, bytes[b + 260] | bytes[b + 261] << 8);
	CHECK(at(q.sgx.isvfamilyid, b + 304, 16));
	CHECK(at(q.sgx.report_data, b + 320, 64));
}

static void
test_every_truncation(void)
{
	for (size_t i = 0; i < VS_COUNT(forms); i++) {
		fresh(&forms[i]);
		for (size_t n = 0; n < size; n++) {
			CHECK_INT(
			    vs_status_class(parse(n)), VS_CLASS_MALFORMED);
			CHECK_STR(err.code, "quote_malformed");
		}
	}
}

static void
test_padding_is_ignored(void)
{
	struct vs_span vouched;

	for (size_t i = 0; i < VS_COUNT(forms); i++) {
		fresh(&forms[i]);
		CHECK_OK(parse(size), err);
		vouched = q.vouched;
		memset(bytes + size, 0xa5, 500);
		CHECK_OK(parse(size + 500), err);
		CHECK(vs_span_equal(vouched, q.vouched));
		CHECK_INT(q.cert_data.n, Q_CERT);
	}
}

static void
test_cap(void)
{
	static uint8_t big[VS_DCAP_QUOTE_MAX + 1];

	fresh(&forms[0]);
	memcpy(big, bytes, size);
	CHECK_OK(vs_dcap_quote_parse(VS_SPAN(big, VS_DCAP_QUOTE_MAX), &q, &err),
	    err);
	CHECK_INT(vs_dcap_quote_parse(VS_SPAN_OF(big), &q, &err), VS_MALFORMED);
	CHECK_STR(err.code, "quote_malformed");
}

static void
test_header(void)
{
	const struct q_form v3 = {3, 1, 5}, v4 = {4, 2, 5};

	for (unsigned version = 0; version < 256; version++) {
		if (version >= 3 && version <= 5)
			continue;
		fresh(&v4);
		bytes[0] = (uint8_t)version;
		refused("quote_version");
	}
	fresh(&v4);
	bytes[1] = 1;
	refused("quote_version");
	for (unsigned type = 0; type < 5; type++) {
		fresh(&v4);
		bytes[2] = (uint8_t)type;
		if (type != 2)
			refused("attestation_key_type");
	}
	fresh(&v4);
	bytes[4] = 0x82;
	refused("tee_type");
	fresh(&v3);
	bytes[4] = 0x81;
	refused("tee_type");
	for (size_t i = 12; i < 28; i++) {
		fresh(&v4);
		bytes[i] ^= 1;
		refused("qe_vendor");
	}
}

static void
test_descriptor(void)
{
	const struct q_form td = {5, 3, 5};

	fresh(&td);
	bytes[4] = 0;
	refused("tee_type"); /* the header says SGX */
	fresh(&(struct q_form){5, 1, 5});
	bytes[4] = 0x81;
	refused("tee_type");
	for (unsigned type = 0; type < 256; type++) {
		fresh(&td);
		bytes[48] = (uint8_t)type;
		if (type != 3)
			CHECK_INT(
			    vs_status_class(parse(size)), VS_CLASS_MALFORMED);
	}
	for (size_t bit = 0; bit < 32; bit++) {
		fresh(&td);
		bytes[50 + bit / 8] ^= (uint8_t)(1U << bit % 8);
		refused("quote_malformed");
	}
}

/* Each length word, one more and one less and far too much. */
static void
test_lengths(void)
{
	for (size_t i = 0; i < VS_COUNT(forms); i++) {
		size_t whole = q_write(&forms[i], bytes);
		bool wrapped = forms[i].version != 3;
		size_t sig = Q_HEADER + (forms[i].version == 5 ? 6U : 0U) +
		    q_body_size(forms[i].body);
		size_t qe = sig + 4 + 128 + (wrapped ? 6U : 0U);
		const size_t words[] = {sig, wrapped ? qe - 4 : sig,
		    qe + 384 + 64, whole - Q_CERT - 4};

		for (size_t j = 0; j < VS_COUNT(words); j++) {
			size_t at_word = words[j];

			fresh(&forms[i]);
			memset(bytes + size, 0, 64);
			size += 64; /* room for one more */
			bytes[at_word]++;
			refused("quote_malformed");
			bytes[at_word] = (uint8_t)(bytes[at_word] - 2);
			refused("quote_malformed");
			memset(bytes + at_word, 0xff, 2);
			refused("quote_malformed");
		}
	}
	fresh(&(struct q_form){4, 2, 5});
	bytes[Q_HEADER + VS_TD10_REPORT_SIZE + 4 + 128] = 5;
	refused("quote_malformed"); /* no QE report in the wrapper */
}

/* No flip of a bit reads outside or changes what is signed. */
static void
test_every_bit(void)
{
	for (size_t i = 0; i < VS_COUNT(forms); i++) {
		fresh(&forms[i]);
		for (size_t bit = 0; bit < 8 * size; bit++) {
			uint8_t mask = (uint8_t)(1U << bit % 8);

			bytes[bit / 8] ^= mask;
			if (parse(size) == VS_OK) {
				CHECK(q.signed_part.p == bytes);
				CHECK(q.cert_data.n == Q_CERT);
			} else {
				CHECK(err.code != NULL);
			}
			bytes[bit / 8] ^= mask;
		}
	}
}

static void
test_looks_like_one(void)
{
	vs_intel_tee tee;

	for (size_t i = 0; i < VS_COUNT(forms); i++) {
		fresh(&forms[i]);
		CHECK(vs_dcap_quote_is(VS_SPAN(bytes, size), &tee));
		CHECK_INT(
		    tee, forms[i].body == 1 ? VS_INTEL_SGX : VS_INTEL_TDX);
		for (size_t n = 0; n < 28; n++)
			CHECK(!vs_dcap_quote_is(VS_SPAN(bytes, n), &tee));
		bytes[20] ^= 1;
		CHECK(!vs_dcap_quote_is(VS_SPAN(bytes, size), &tee));
	}
}

int
main(void)
{
	RUN(test_every_form);
	RUN(test_td_report);
	RUN(test_enclave_report);
	RUN(test_every_truncation);
	RUN(test_padding_is_ignored);
	RUN(test_cap);
	RUN(test_header);
	RUN(test_descriptor);
	RUN(test_lengths);
	RUN(test_every_bit);
	RUN(test_looks_like_one);
	return check_result();
}
