/* SPDX-License-Identifier: Apache-2.0 */
/* Files of collateral in every form, taken apart. */
#include "check.h"

#include "base/encoding.h"
#include "base/file.h"
#include "collateral/collateral.h"
#include "collateral/intel_ca.h"
#include "collateral/nvidia.h"
#include "collateral/parts.h"
#include "crypto/issue.h"

/* AMD's, Intel's and NVIDIA's certificates. */
enum { BUILT_IN = 15 };

static struct vs_arena a;
static struct vs_parts p;
static struct vs_err err;

static vs_status
take(struct vs_span file)
{
	vs_arena_fini(&a);
	vs_arena_init(&a, VS_PARTS_ARENA_MAX);
	vs_err_clear(&err);
	return vs_parts_read(file, &a, &p, &err);
}

static void
part(size_t i, vs_part_kind kind, struct vs_span bytes)
{
	CHECK(i < p.n);
	CHECK_INT(p.v[i].kind, kind);
	CHECK(vs_span_equal(p.v[i].bytes, bytes));
}

#define ROOT (vs_intel_cas[0].der)
#define PLATFORM (vs_intel_cas[1].der)

static void
pem(struct vs_buf *out, const char *label, struct vs_span der)
{
	CHECK_OK(vs_issue_pem_write(label, der, out, &err), err);
}

/* As Intel's service puts it into a header. */
static void
escaped(struct vs_buf *out, struct vs_span text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n' || text.p[i] == ' ' || text.p[i] == '=')
			vs_buf_printf(out, "%%%02X", text.p[i]);
		else
			vs_buf_add(out, VS_SPAN(text.p + i, 1));
	}
}

static void
test_der_and_hex(void)
{
	struct vs_buf hex = {0};

	CHECK_OK(take(ROOT), err);
	CHECK_INT(p.n, 1);
	part(0, VS_PART_CERT, ROOT);
	CHECK_OK(take(VS_SPAN_LIT("any other bytes")), err);
	part(0, VS_PART_CRL, VS_SPAN_LIT("any other bytes"));
	vs_buf_hex(&hex, ROOT);
	vs_buf_puts(&hex, "\r\n");
	CHECK_OK(take(vs_buf_span(&hex)), err);
	part(0, VS_PART_CERT, ROOT);
	/* Not hex after all: the bytes as they are. */
	hex.p[9] = 'g';
	CHECK_OK(take(vs_buf_span(&hex)), err);
	part(0, VS_PART_CRL, vs_buf_span(&hex));
	vs_buf_fini(&hex);
}

/* A table is a part as it is: its last octets may look like white space. */
static void
test_table(void)
{
	struct vs_nv_rim_parts rim = {.id = VS_SPAN_LIT("id"),
	    .xml = VS_SPAN_LIT("<x/>"),
	    .canonical = VS_SPAN_LIT("<x></x>"),
	    .signature = VS_SPAN_LIT("rs")};
	struct vs_buf table = {0};

	for (size_t i = 0; i < VS_NV_RIM_CERTS; i++)
		rim.certs[i] = VS_SPAN_LIT("0\n");
	vs_nv_table_write(&rim, &table);
	CHECK_OK(take(vs_buf_span(&table)), err);
	CHECK_INT(p.n, 1);
	part(0, VS_PART_RIM, vs_buf_span(&table));
	vs_buf_fini(&table);
}

/* Begins with an ENUMERATED, as neither certificate nor list does. */
static void
test_ocsp(void)
{
	const struct vs_span der = VS_SPAN_LIT("\x30\x03\x0a\x01\x06");
	struct vs_buf text = {0};

	CHECK_OK(take(der), err);
	CHECK_INT(p.n, 1);
	part(0, VS_PART_OCSP, der);
	pem(&text, "OCSP RESPONSE", der);
	pem(&text, "CERTIFICATE", ROOT);
	CHECK_OK(take(vs_buf_span(&text)), err);
	CHECK_INT(p.n, 2);
	part(0, VS_PART_CERT, ROOT);
	part(1, VS_PART_OCSP, der);
	vs_buf_fini(&text);
}

static void
test_pem_and_headers(void)
{
	struct vs_buf text = {0}, header = {0};

	pem(&text, "X509 CRL", VS_SPAN_LIT("a list"));
	pem(&text, "CERTIFICATE", PLATFORM);
	pem(&text, "CERTIFICATE", ROOT);
	CHECK_OK(take(vs_buf_span(&text)), err);
	CHECK_INT(p.n, 3);
	part(0, VS_PART_CERT, PLATFORM);
	part(1, VS_PART_CERT, ROOT);
	part(2, VS_PART_CRL, VS_SPAN_LIT("a list"));

	vs_buf_reset(&text);
	pem(&text, "CERTIFICATE", PLATFORM);
	pem(&text, "CERTIFICATE", ROOT);
	vs_buf_puts(&header, "HTTP/1.1 200 OK\r\nTCB-Info-Issuer-Chain: ");
	escaped(&header, vs_buf_span(&text));
	vs_buf_puts(&header, "\r\nRequest-ID: 50%\r\n\r\n");
	CHECK_OK(take(vs_buf_span(&header)), err);
	CHECK_INT(p.n, 2);
	part(0, VS_PART_CERT, PLATFORM);
	part(1, VS_PART_CERT, ROOT);

	CHECK_INT(take(VS_SPAN_LIT("-----BEGIN X-----\nAA==\n-----END X-----")),
	    VS_UNSUPPORTED);
	CHECK_INT(take(VS_SPAN_LIT("-----BEGIN%20CERTIFICATE-----%0AAA=")),
	    VS_MALFORMED);
	vs_buf_fini(&text);
	vs_buf_fini(&header);
}

/* The text of a JSON string. */
static void
put_json(struct vs_buf *out, const char *name, struct vs_span text)
{
	vs_buf_printf(out, "\"%s\":\"", name);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n')
			vs_buf_puts(out, "\\n");
		else if (text.p[i] == '"')
			vs_buf_puts(out, "\\\"");
		else
			vs_buf_add(out, VS_SPAN(text.p + i, 1));
	}
	vs_buf_puts(out, "\",");
}

static const char inner[] = "{\"id\" : \"TDX\",\"x\":[1, 2]}";
static const char joined[] =
    "{\"tcbInfo\":{\"id\" : \"TDX\",\"x\":[1, 2]},\"signature\":\"ab\"}";
static const char qe[] =
    "{\"enclaveIdentity\": {\"id\":\"QE\" }, \"signature\":\"cd\"}";

static void
test_flat(void)
{
	struct vs_buf chain = {0}, text = {0}, list = {0};

	pem(&chain, "CERTIFICATE", PLATFORM);
	pem(&list, "X509 CRL", VS_SPAN_LIT("root's"));
	vs_buf_puts(&text, "{");
	put_json(&text, "tcb_info", VS_SPAN(inner, sizeof(inner) - 1));
	put_json(&text, "tcb_info_signature", VS_SPAN_LIT("ab"));
	put_json(&text, "qe_identity", VS_SPAN(qe, sizeof(qe) - 1));
	put_json(&text, "pck_crl", VS_SPAN_LIT("30020102"));
	put_json(&text, "root_ca_crl", vs_buf_span(&list));
	put_json(&text, "pck_crl_issuer_chain", vs_buf_span(&chain));
	put_json(&text, "pck_certificate_chain", VS_SPAN_LIT("left alone"));
	vs_buf_puts(&text, "\"tcb_info_issuer_chain\":null}");
	CHECK_OK(take(vs_buf_span(&text)), err);
	CHECK_INT(p.n, 5);
	part(0, VS_PART_CERT, PLATFORM);
	part(1, VS_PART_CRL, VS_SPAN_LIT("root's"));
	part(2, VS_PART_CRL, VS_SPAN_LIT("\x30\x02\x01\x02"));
	part(3, VS_PART_STATEMENT, vs_span_cstr(joined));
	part(4, VS_PART_STATEMENT, vs_span_cstr(qe));
	/* The inner object not as text but as it is. */
	vs_buf_reset(&text);
	vs_buf_printf(
	    &text, "{\"tcb_info\":%s , \"tcb_info_signature\":\"ab\"}", inner);
	CHECK_OK(take(vs_buf_span(&text)), err);
	CHECK_INT(p.n, 1);
	part(0, VS_PART_STATEMENT, vs_span_cstr(joined));
	vs_buf_fini(&chain);
	vs_buf_fini(&list);
	vs_buf_fini(&text);
}

static void
test_platform_collaterals(void)
{
	struct vs_buf chain = {0}, url = {0}, text = {0};

	pem(&chain, "CERTIFICATE", PLATFORM);
	escaped(&url, vs_buf_span(&chain));
	vs_buf_printf(&text,
	    " {\"platforms\":[1],\"collaterals\":{\"version\":3,"
	    "\"tcbinfos\":[{\"fmspc\":\"00\",\"sgx_tcbinfo\": %s ,"
	    "\"tdx_tcbinfo\":null},{\"tdx_tcbinfo_early\":%s}],"
	    "\"pckcacrl\":{\"processorCrl\":\"30020101\","
	    "\"platformCrl\":\"30020102\"},\"qeidentity\": %s,"
	    "\"rootcacrl\":\"30020103\",\"certificates\":{"
	    "\"SGX-PCK-Certificate-Issuer-Chain\":{\"PLATFORM\":\"",
	    joined, joined, qe);
	vs_buf_add(&text, vs_buf_span(&url));
	vs_buf_puts(&text, "\",\"PROCESSOR\":7},\"TCB-Info-Issuer-Chain\":\"");
	vs_buf_add(&text, vs_buf_span(&url));
	vs_buf_puts(&text, "\",\"x\":[\"y\"]}}}");
	CHECK_OK(take(vs_buf_span(&text)), err);
	CHECK_INT(p.n, 8);
	part(0, VS_PART_CERT, PLATFORM);
	part(1, VS_PART_CERT, PLATFORM);
	part(2, VS_PART_CRL, VS_SPAN_LIT("\x30\x02\x01\x03"));
	part(3, VS_PART_CRL, VS_SPAN_LIT("\x30\x02\x01\x01"));
	part(4, VS_PART_CRL, VS_SPAN_LIT("\x30\x02\x01\x02"));
	part(5, VS_PART_STATEMENT, vs_span_cstr(joined));
	part(6, VS_PART_STATEMENT, vs_span_cstr(joined));
	part(7, VS_PART_STATEMENT, vs_span_cstr(qe));
	vs_buf_fini(&chain);
	vs_buf_fini(&url);
	vs_buf_fini(&text);
}

static void
test_refused(void)
{
	static const struct {
		const char *text;
		vs_status want;
	} bad[] = {{"{}", VS_UNSUPPORTED}, {"{\"a\":1}", VS_UNSUPPORTED},
	    {"{", VS_MALFORMED}, {"{\"a\":1,\"a\":2}", VS_MALFORMED},
	    {"{\"pck_crl\":1}", VS_MALFORMED},
	    {"{\"pck_crl\":\"\"}", VS_MALFORMED},
	    {"{\"tcb_info_issuer_chain\":[]}", VS_MALFORMED},
	    {"{\"tcb_info\":\"x\",\"tcb_info_signature\":1}", VS_MALFORMED},
	    {"{\"collaterals\":{}}", VS_MALFORMED},
	    {"{\"collaterals\":{\"rootcacrl\":1}}", VS_MALFORMED},
	    {"-----BEGIN CERTIFICATE-----\nAA", VS_MALFORMED}};

	for (size_t i = 0; i < VS_COUNT(bad); i++)
		CHECK_INT(take(vs_span_cstr(bad[i].text)), bad[i].want);
}

static void
test_too_many(void)
{
	struct vs_buf text = {0};

	for (int i = 0; i < VS_PARTS_MAX; i++)
		pem(&text, "X509 CRL", VS_SPAN_LIT("a"));
	CHECK_OK(take(vs_buf_span(&text)), err);
	CHECK_INT(p.n, VS_PARTS_MAX);
	pem(&text, "X509 CRL", VS_SPAN_LIT("a"));
	CHECK_INT(take(vs_buf_span(&text)), VS_TOO_LARGE);
	vs_buf_fini(&text);
}

/* Whatever it is, it ends, and what it gives lies in bounds. */
static void
test_mutations(void)
{
	struct vs_buf text = {0};

	vs_buf_printf(&text,
	    "{\"collaterals\":{\"tcbinfos\":[{\"sgx_tcbinfo\":%s}],"
	    "\"pckcacrl\":{\"platformCrl\":\"30020102\"},\"certificates\":"
	    "{\"a\":\"-----BEGIN%%20CERTIFICATE-----%%0AAAAA%%0A"
	    "-----END%%20CERTIFICATE-----%%0A\"}}}",
	    joined);
	CHECK_OK(take(vs_buf_span(&text)), err);
	for (size_t n = 0; n < text.n; n++)
		CHECK(n == 0 || take(VS_SPAN(text.p, n)) != VS_OK || p.n > 0);
	for (size_t bit = 0; bit < 8 * text.n; bit++) {
		text.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (take(vs_buf_span(&text)) == VS_OK)
			CHECK(p.n > 0);
		text.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	vs_buf_fini(&text);
}

/* Bundles as another verifier keeps them: all of it is Intel's. */
static void
real_bundle(const char *vectors, const char *name, size_t items)
{
	VS_AUTO(vs_collateral_builder) *b = vs_collateral_builder_new();
	VS_AUTO(vs_collateral) *c = NULL;
	struct vs_buf text = {0};
	char path[1024];

	(void)snprintf(
	    path, sizeof(path), "%s/intel-dcap/formats/%s", vectors, name);
	CHECK_OK(vs_file_read(path, 1 << 20, &text, &err), err);
	CHECK_OK(vs_collateral_add(b, name, vs_buf_span(&text), &err), err);
	CHECK_OK(vs_collateral_build(b, &c, &err), err);
	CHECK_INT(vs_collateral_count(c), BUILT_IN + items);
	vs_buf_fini(&text);
}

int
main(void)
{
	const char *vectors = check_vectors();

	RUN(test_der_and_hex);
	RUN(test_table);
	RUN(test_ocsp);
	RUN(test_pem_and_headers);
	RUN(test_flat);
	RUN(test_platform_collaterals);
	RUN(test_refused);
	RUN(test_too_many);
	RUN(test_mutations);
	vs_arena_fini(&a);
	if (vectors == NULL)
		return check_result() == 0 ? 77 : 1;
	/* Two CRLs, TCB info and QE identity; the chains are built in. */
	real_bundle(vectors, "phala-tdx_quote_collateral.json", 4);
	real_bundle(vectors, "phala-sgx_quote_collateral.json", 4);
	return check_result();
}
