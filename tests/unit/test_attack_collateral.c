/* SPDX-License-Identifier: Apache-2.0 */
/* Building collateral: what is trusted, what is refused, what is listed. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "collateral/amd_ca.h"
#include "collateral/snapshot.h"
#include "crypto/issue.h"
#include "snp_forge.h"

/* AMD's three products with a root and two authorities each; Intel's root,
 * two authorities and the signer of TCB info; NVIDIA's two roots. */
enum { ROOTS = 6, BUILT_IN = 15 };

static struct vs_collateral_builder *b;
static struct vs_err err;

static void
begin(void)
{
	vs_collateral_builder_free(&b);
	b = vs_collateral_builder_new();
	CHECK(b != NULL);
}

static vs_status
anchor(const char *name, struct vs_span der)
{
	vs_err_clear(&err);
	return vs_collateral_add_anchor(b, name, der, &err);
}

static vs_status
add(struct vs_span bytes)
{
	vs_err_clear(&err);
	return vs_collateral_add(b, "file", bytes, &err);
}

static struct vs_collateral *
built(void)
{
	struct vs_collateral *c = NULL;

	CHECK_OK(vs_collateral_build(b, &c, &err), err);
	return c;
}

static void
to_pem(const char *label, struct vs_span der, struct vs_buf *out)
{
	CHECK_OK(vs_issue_pem_write(label, der, out, &err), err);
}

static void
test_built_in(void)
{
	static const char *const names[] = {"ARK-Milan", "ARK-Genoa",
	    "ARK-Turin", "Intel SGX Root CA", "NVIDIA Device Identity CA",
	    "NVIDIA CoRIM signing Root CA", "SEV-Milan", "SEV-VLEK-Milan",
	    "SEV-Genoa", "SEV-VLEK-Genoa", "SEV-Turin", "SEV-VLEK-Turin",
	    "Intel SGX PCK Platform CA", "Intel SGX PCK Processor CA",
	    "Intel SGX TCB Signing"};
	struct vs_collateral *c, *again;

	begin();
	c = built();
	CHECK_INT(vs_collateral_count(c), BUILT_IN);
	for (size_t i = 0; i < BUILT_IN; i++) {
		const struct vs_collateral_item *it = vs_collateral_item(c, i);

		CHECK_STR(it->name, names[i]);
		CHECK_STR(it->kind,
		    i < ROOTS              ? "root"
			: i < BUILT_IN - 1 ? "intermediate"
					   : "signer");
		CHECK(it->built_in && !it->simulated && !it->superseded);
		CHECK(it->not_after - it->not_before > 6LL * VS_SIM_YEAR);
		CHECK(strstr(it->name, it->product) != NULL);
	}
	CHECK(vs_collateral_item(c, BUILT_IN) == NULL);
	again = vs_collateral_ref(c);
	vs_collateral_free(&c);
	CHECK_INT(vs_collateral_count(again), BUILT_IN);
	vs_collateral_free(&again);
	vs_collateral_free(&again);
	/* The builder is spent. */
	CHECK_INT(vs_collateral_build(b, &c, &err), VS_USAGE);
	CHECK_INT(add(VS_SPAN_LIT("x")), VS_USAGE);
	CHECK_INT(anchor("x", VS_SPAN_LIT("x")), VS_USAGE);
}

/* Any change of a certificate or of a pin is a hard error. */
static void
test_the_pin_decides(void)
{
	static struct vs_trust t;
	struct vs_amd_pin pins[VS_AMD_CA_COUNT];
	struct vs_amd_ca cas[VS_AMD_CA_COUNT];

	for (size_t i = 0; i < 2 * VS_AMD_CA_COUNT + 2; i++) {
		size_t k = i / 2 % VS_AMD_CA_COUNT;

		memcpy(pins, vs_amd_pins, sizeof(pins));
		memcpy(cas, vs_amd_cas, sizeof(cas));
		if (i >= 2 * VS_AMD_CA_COUNT) /* ASK and ASVK exchanged */
			cas[1 + i % 2] = vs_amd_cas[2 - i % 2];
		else if (i % 2 == 0)
			pins[k].cert_sha256[i] ^= 1;
		else
			pins[k].spki_sha256[31 - i] ^= 0x80;
		memset(&t, 0, sizeof(t));
		CHECK_INT(vs_trust_add_amd(&t, cas, pins, &err), VS_INTERNAL);
		for (size_t j = 0; j < t.issuers_n; j++)
			vs_cert_free(&t.issuers[j].cert);
		for (size_t j = 0; j < t.anchors_n; j++)
			vs_cert_free(&t.anchors[j].cert);
	}
}

static void
test_anchor_names(void)
{
	const struct vs_span ark = vs_sim_ark(f_pki(VS_SIM_MILAN));
	char long_name[66];

	begin();
	memset(long_name, 'a', 65);
	long_name[65] = '\0';
	CHECK_INT(anchor("", ark), VS_USAGE);
	CHECK_INT(anchor("two words", ark), VS_USAGE);
	CHECK_INT(anchor("a\"b", ark), VS_USAGE);
	CHECK_INT(anchor(long_name, ark), VS_USAGE);
	CHECK_INT(anchor("ARK-Milan", ark), VS_CONFLICT);
	CHECK_OK(anchor(long_name + 1, ark), err);
	CHECK_OK(anchor(long_name + 1, ark), err); /* the same again */
	CHECK_INT(anchor("other", ark), VS_CONFLICT);
	CHECK_INT(anchor(long_name + 1, vs_sim_ark(f_pki(VS_SIM_GENOA))),
	    VS_CONFLICT);
	/* AMD's own root under any name stays AMD's. */
	CHECK_OK(anchor("mine", vs_amd_cas[0].der), err);
	CHECK_INT(b->c->trust.anchors_n, ROOTS + 1);
}

static void
test_what_can_be_an_anchor(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct vs_buf pem = {0}, two = {0}, bad = {0};

	begin();
	CHECK_INT(anchor("a", vs_sim_ask(p)), VS_UNTRUSTED);
	CHECK_INT(anchor("a", vs_sim_vcek(p)), VS_UNTRUSTED);
	CHECK_INT(anchor("a", VS_SPAN_LIT("rubbish")), VS_MALFORMED);
	/* The right name and key, another content: the self-signature is
	 * checked, also on AMD's own root. */
	for (int i = 0; i < 2; i++) {
		vs_buf_reset(&bad);
		vs_buf_add(&bad, i == 0 ? vs_sim_ark(p) : vs_amd_cas[0].der);
		bad.p[bad.n - 1] ^= 1;
		CHECK_INT(anchor("a", vs_buf_span(&bad)), VS_UNTRUSTED);
	}
	to_pem("CERTIFICATE", vs_sim_ark(p), &pem);
	to_pem("X509 CRL", vs_sim_ark(p), &two);
	CHECK_INT(anchor("a", vs_buf_span(&two)), VS_MALFORMED);
	vs_buf_reset(&two);
	vs_buf_add(&two, vs_buf_span(&pem));
	vs_buf_add(&two, vs_buf_span(&pem));
	CHECK_INT(anchor("a", vs_buf_span(&two)), VS_MALFORMED);
	CHECK_OK(anchor("a", vs_buf_span(&pem)), err);
	vs_buf_fini(&pem);
	vs_buf_fini(&two);
	vs_buf_fini(&bad);
}

static void
test_files(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct vs_buf pem = {0}, crl = {0}, broken = {0};
	struct vs_collateral *c;
	uint8_t before[32], after[32];

	begin();
	CHECK_INT(add(vs_sim_ark(p)), VS_UNTRUSTED);
	CHECK_INT(add(vs_sim_ask(p)), VS_UNTRUSTED);
	CHECK_OK(vs_sim_crl(p, 1, 2, NULL, 0, &crl, &err), err);
	CHECK_INT(add(vs_buf_span(&crl)), VS_UNTRUSTED);
	CHECK_OK(add(vs_amd_cas[0].der), err); /* AMD's, held already */
	CHECK_OK(add(vs_amd_cas[1].der), err);
	c = built();
	CHECK_INT(vs_collateral_count(c), BUILT_IN);
	vs_collateral_digest(c, before);
	vs_collateral_free(&c);

	begin();
	CHECK_OK(anchor("a", vs_sim_ark(p)), err);
	CHECK_OK(add(vs_sim_ark(p)), err);
	to_pem("CERTIFICATE", vs_sim_ask(p), &pem);
	to_pem("CERTIFICATE", vs_sim_asvk(p), &pem);
	to_pem("X509 CRL", vs_buf_span(&crl), &pem);
	CHECK_OK(add(vs_buf_span(&pem)), err);
	CHECK_OK(add(vs_buf_span(&pem)), err); /* nothing twice */
	CHECK_OK(add(vs_buf_span(&crl)), err);
	CHECK_INT(add(vs_sim_vcek(p)), VS_UNSUPPORTED);
	to_pem("PRIVATE KEY", VS_SPAN_LIT("x"), &broken);
	CHECK_INT(add(vs_buf_span(&broken)), VS_UNSUPPORTED);
	CHECK_INT(add(VS_SPAN_LIT("-----BEGIN CERTIFICATE-----\nAAAA\n")),
	    VS_MALFORMED);
	CHECK_INT(add(VS_SPAN_LIT("")), VS_MALFORMED);
	CHECK_INT(
	    add(VS_SPAN(crl.p, VS_COLLATERAL_FILE_MAX + 1)), VS_TOO_LARGE);
	c = built();
	CHECK_INT(vs_collateral_count(c), BUILT_IN + 4);
	CHECK_STR(vs_collateral_item(c, ROOTS)->product, "a");
	CHECK(vs_collateral_item(c, ROOTS)->simulated);
	CHECK_STR(vs_collateral_item(c, BUILT_IN + 3)->kind, "crl");
	CHECK_STR(vs_collateral_item(c, BUILT_IN + 3)->name, "ARK-Milan");
	CHECK_INT(vs_collateral_item(c, BUILT_IN + 3)->not_after, 2);
	vs_collateral_digest(c, after);
	CHECK(memcmp(before, after, 32) != 0);
	vs_collateral_free(&c);
	vs_buf_fini(&pem);
	vs_buf_fini(&crl);
	vs_buf_fini(&broken);
}

/* A leaf alone is enough where the intermediate is in the collateral. */
static void
test_intermediate_from_a_file(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_TURIN);
	struct vs_collateral *c;
	struct f_try t;

	begin();
	CHECK_OK(anchor("a", vs_sim_ark(p)), err);
	CHECK_OK(add(vs_sim_ask(p)), err);
	c = built();
	f_init(&t, c);
	t.crl = VS_CRL_IF_PRESENT;
	f_report(&t, p, false);
	f_cert(&t, vs_sim_vcek(p));
	F_EXPECT(&t, NULL);
	f_report(&t, p, true);
	t.certs[0] = vs_sim_vlek(p);
	F_EXPECT(&t, "chain.signature"); /* only AMD's ASVK has the name */
	f_done(&t);
	vs_collateral_free(&c);
}

static vs_status
add_crl_spec(const struct vs_sim_crl_spec *spec)
{
	struct vs_buf der = {0};
	vs_status st;

	CHECK_OK(vs_sim_crl_build(spec, &der, &err), err);
	st = add(vs_buf_span(&der));
	vs_buf_fini(&der);
	return st;
}

static void
test_revocation_lists(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN), *o = f_other();
	struct vs_sim_crl_spec good = {.issuer_cn = "ARK-Milan",
	    .issuer = p->ark_key,
	    .this_update = 1000,
	    .next_update = 2000};
	struct vs_sim_crl_spec s = good;

	begin();
	CHECK_OK(anchor("a", vs_sim_ark(p)), err);
	CHECK_OK(add_crl_spec(&s), err);
	s.next_update = 0; /* no nextUpdate: never stale, so refused */
	CHECK_INT(add_crl_spec(&s), VS_MALFORMED);
	s = good;
	s.issuer = o->ark_key;
	CHECK_INT(add_crl_spec(&s), VS_UNTRUSTED);
	s.issuer = p->ask_key;
	s.issuer_cn = "SEV-Milan"; /* authorities have no lists of their own */
	CHECK_INT(add_crl_spec(&s), VS_UNTRUSTED);
}

/* Every bit of a CRL: it never counts as another one. */
static void
test_damaged_list(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	const uint64_t serials[] = {5, 0x10001};
	struct vs_buf der = {0};

	begin();
	CHECK_OK(anchor("a", vs_sim_ark(p)), err);
	CHECK_OK(vs_sim_crl(p, 1000, 2000, serials, 2, &der, &err), err);
	for (size_t n = 0; n < der.n; n++)
		CHECK(add(VS_SPAN(der.p, n)) != VS_OK);
	for (size_t bit = 0; bit < 8 * der.n; bit += 3) {
		der.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(add(vs_buf_span(&der)) != VS_OK);
		der.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	CHECK_OK(add(vs_buf_span(&der)), err);
	vs_buf_fini(&der);
}

/* A list of this shape, signed by nobody: vs_crl_parse does not look. ext
 * stands in the list and in its entry, when given. */
static vs_status
parse_shape(const struct vs_buf *list_ext, const struct vs_buf *entry_ext)
{
	VS_AUTO(vs_crl) *crl = NULL;
	struct vs_buf der = {0};
	size_t outer = vs_derw_open(&der, VS_DERW_SEQ), tbs, m[4];
	vs_status st;

	tbs = vs_derw_open(&der, VS_DERW_SEQ);
	vs_derw_uint(&der, 1);
	m[0] = vs_derw_open(&der, VS_DERW_SEQ);
	vs_derw_oid(&der, "1.2.3");
	vs_derw_close(&der, m[0]);
	vs_derw_close(&der, vs_derw_open(&der, VS_DERW_SEQ)); /* issuer */
	vs_derw_time(&der, 1000000000);
	vs_derw_time(&der, 2000000000);
	m[0] = vs_derw_open(&der, VS_DERW_SEQ);
	m[1] = vs_derw_open(&der, VS_DERW_SEQ);
	vs_derw_uint(&der, 7);
	vs_derw_time(&der, 1000000000);
	m[2] = vs_derw_open(&der, VS_DERW_SEQ);
	vs_buf_add(&der, vs_buf_span(entry_ext));
	vs_derw_close(&der, m[2]);
	vs_derw_close(&der, m[1]);
	vs_derw_close(&der, m[0]);
	m[0] = vs_derw_open(&der, VS_DERW_CTX0);
	m[1] = vs_derw_open(&der, VS_DERW_SEQ);
	vs_buf_add(&der, vs_buf_span(list_ext));
	vs_derw_close(&der, m[1]);
	vs_derw_close(&der, m[0]);
	vs_derw_close(&der, tbs);
	m[0] = vs_derw_open(&der, VS_DERW_SEQ);
	vs_derw_oid(&der, "1.2.3");
	vs_derw_close(&der, m[0]);
	vs_derw_bits(&der, VS_SPAN_LIT("sig"));
	vs_derw_close(&der, outer);
	st = vs_crl_parse(vs_buf_span(&der), &crl, &err);
	vs_buf_fini(&der);
	return st;
}

/* Critical extensions change what a list speaks of. */
static void
test_critical_extensions_of_lists(void)
{
	const struct vs_span value = VS_SPAN_LIT("\x02\x01\x01");
	struct vs_buf plain = {0}, critical = {0};

	vs_sim_ext(&plain, "1.2.3.4", false, value);
	vs_sim_ext(&critical, "1.2.3.4", true, value);
	CHECK_INT(parse_shape(&plain, &plain), VS_OK);
	CHECK_INT(parse_shape(&critical, &plain), VS_MALFORMED);
	CHECK_INT(parse_shape(&plain, &critical), VS_MALFORMED);
	vs_buf_fini(&plain);
	vs_buf_fini(&critical);
}

/* Two anchors of one name: the list of one says nothing of the other. */
static void
test_lists_of_namesakes(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN), *o = f_other();
	const struct f_crl revoked = {
	    F_NOW - F_DAY, F_NOW + F_DAY, {0x10001}, 1};
	struct vs_collateral *c;
	struct f_try t;

	begin();
	CHECK_OK(anchor("first", vs_sim_ark(o)), err);
	CHECK_OK(anchor("second", vs_sim_ark(p)), err);
	f_add_crl(b, o, &revoked);
	f_add_crl(b, p, &f_good);
	CHECK_OK(add(vs_sim_ask(p)), err);
	CHECK_OK(add(vs_sim_ask(o)), err);
	c = built();
	f_init(&t, c);
	f_report(&t, p, false);
	f_cert(&t, vs_sim_vcek(p));
	F_EXPECT(&t, NULL);
	CHECK(f_claim_is(&t, VS_CLAIM_TEE_ANCHOR, "second"));
	f_cert(&t, vs_sim_ark(o)); /* an anchor, but not this chain's */
	F_EXPECT(&t, "chain.untrusted_root");
	f_report(&t, o, false);
	t.certs_n = 0;
	f_cert(&t, vs_sim_vcek(o));
	F_EXPECT(&t, "chain.revoked");
	f_done(&t);
	vs_collateral_free(&c);
}

static void
write_file(const char *dir, const char *name, struct vs_span data)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	CHECK_OK(vs_file_write(path, data, 0600, &err), err);
}

static void
test_directory(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_GENOA);
	char dir[] = "/tmp/vs-test-collateral-XXXXXX", path[512];
	static const char *const files[] = {
	    "a-ark.der", "b-ask.der", ".hidden", "z-bad"};

	CHECK(mkdtemp(dir) != NULL);
	begin();
	CHECK_OK(vs_collateral_add_dir(b, dir, &err), err);
	CHECK_OK(anchor("a", vs_sim_ark(p)), err);
	write_file(dir, files[0], vs_sim_ark(p));
	write_file(dir, files[1], vs_sim_ask(p));
	write_file(dir, files[2], VS_SPAN_LIT("an editor's"));
	CHECK_OK(vs_collateral_add_dir(b, dir, &err), err);
	CHECK_INT(b->c->trust.issuers_n, 8 + 1);
	write_file(dir, files[3], VS_SPAN_LIT("what is this"));
	CHECK(vs_collateral_add_dir(b, dir, &err) != VS_OK);
	CHECK(strstr(err.msg, "z-bad") != NULL);
	for (size_t i = 0; i < VS_COUNT(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		CHECK(unlink(path) == 0);
	}
	CHECK(rmdir(dir) == 0);
	vs_err_clear(&err);
	CHECK_INT(vs_collateral_add_dir(b, dir, &err), VS_NOT_FOUND);
}

static void
test_too_many_anchors(void)
{
	struct vs_sim_cert c = {.serial = 1,
	    .subject_cn = "root",
	    .issuer_cn = "root",
	    .not_before = F_NOW,
	    .not_after = F_NOW + F_DAY};
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct vs_buf ext = {0}, der = {0};
	char name[16];

	begin();
	c.key = c.issuer = p->ark_key;
	vs_sim_ext(
	    &ext, "2.5.29.19", true, VS_SPAN_LIT("\x30\x03\x01\x01\xff"));
	c.extensions = vs_buf_span(&ext);
	for (int i = ROOTS; i <= VS_ANCHORS_MAX; i++) {
		vs_buf_reset(&der);
		c.serial++;
		CHECK_OK(vs_sim_cert_build(&c, &der, &err), err);
		snprintf(name, sizeof(name), "root-%d", i);
		CHECK_INT(anchor(name, vs_buf_span(&der)),
		    i < VS_ANCHORS_MAX ? VS_OK : VS_TOO_LARGE);
	}
	vs_buf_fini(&ext);
	vs_buf_fini(&der);
}

int
main(void)
{
	RUN(test_built_in);
	RUN(test_the_pin_decides);
	RUN(test_anchor_names);
	RUN(test_what_can_be_an_anchor);
	RUN(test_files);
	RUN(test_intermediate_from_a_file);
	RUN(test_revocation_lists);
	RUN(test_damaged_list);
	RUN(test_critical_extensions_of_lists);
	RUN(test_lists_of_namesakes);
	RUN(test_directory);
	RUN(test_too_many_anchors);
	vs_collateral_builder_free(&b);
	vs_collateral_builder_free(&b);
	return check_result();
}
