/* SPDX-License-Identifier: Apache-2.0 */
/* Reports as JSON, of every product, and each member of it damaged. */
#include "snp_forge.h"

static struct vs_collateral *col[VS_SIM_PRODUCTS];

static void
array(struct vs_buf *b, const char *name, const uint8_t *p, size_t n)
{
	vs_buf_printf(b, "\"%s\":[", name);
	for (size_t i = 0; i < n; i++)
		vs_buf_printf(b, "%s%u", i ? "," : "", p[i]);
	vs_buf_puts(b, "],");
}

static uint64_t
le(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n > 0)
		v = v << 8 | p[--n];
	return v;
}

static void
number(struct vs_buf *b, const char *name, const uint8_t *p, size_t n)
{
	vs_buf_printf(b, "\"%s\":%llu,", name, (unsigned long long)le(p, n));
}

static void
tcb(struct vs_buf *b, const char *name, const uint8_t *p, bool turin)
{
	char fmc[8] = "null";

	if (turin)
		snprintf(fmc, sizeof(fmc), "%u", p[0]);
	vs_buf_printf(b,
	    "\"%s\":{\"fmc\":%s,\"bootloader\":%u,\"tee\":%u,\"snp\":%u,"
	    "\"microcode\":%u},",
	    name, fmc, p[turin ? 1 : 0], p[turin ? 2 : 1], p[turin ? 3 : 6],
	    p[7]);
}

static void
firmware(struct vs_buf *b, const char *name, const uint8_t *p)
{
	vs_buf_printf(b, "\"%s\":{\"major\":%u,\"minor\":%u,\"build\":%u},",
	    name, p[2], p[1], p[0]);
}

static void
to_json(const uint8_t *r, bool turin, const char *chain, struct vs_buf *b)
{
	vs_buf_puts(b, "{\"attestation_report\":{");
	number(b, "version", r, 4);
	number(b, "guest_svn", r + 4, 4);
	number(b, "policy", r + 8, 8);
	array(b, "family_id", r + 0x10, 16);
	array(b, "image_id", r + 0x20, 16);
	number(b, "vmpl", r + 0x30, 4);
	number(b, "sig_algo", r + 0x34, 4);
	tcb(b, "current_tcb", r + 0x38, turin);
	number(b, "plat_info", r + 0x40, 8);
	number(b, "key_info", r + 0x48, 4);
	array(b, "report_data", r + 0x50, 64);
	array(b, "measurement", r + 0x90, 48);
	array(b, "host_data", r + 0xc0, 32);
	array(b, "id_key_digest", r + 0xe0, 48);
	array(b, "author_key_digest", r + 0x110, 48);
	array(b, "report_id", r + 0x140, 32);
	array(b, "report_id_ma", r + 0x160, 32);
	tcb(b, "reported_tcb", r + 0x180, turin);
	number(b, "cpuid_fam_id", r + 0x188, 1);
	number(b, "cpuid_mod_id", r + 0x189, 1);
	number(b, "cpuid_step", r + 0x18a, 1);
	array(b, "chip_id", r + 0x1a0, 64);
	tcb(b, "committed_tcb", r + 0x1e0, turin);
	firmware(b, "current", r + 0x1e8);
	firmware(b, "committed", r + 0x1ec);
	tcb(b, "launch_tcb", r + 0x1f0, turin);
	number(b, "launch_mit_vector", r + 0x1f8, 8);
	number(b, "current_mit_vector", r + 0x200, 8);
	vs_buf_puts(b, "\"signature\":{");
	array(b, "r", r + 0x2a0, 72);
	array(b, "s", r + 0x2e8, 72);
	b->n--; /* the last comma */
	vs_buf_printf(b, "}},\"cert_chain\":%s}", chain);
}

static void
add_cert(struct vs_buf *b, const char *type, struct vs_span der)
{
	vs_buf_printf(b, "%s{\"cert_type\":\"%s\",", b->n ? "," : "[", type);
	array(b, "data", der.p, der.n);
	b->n--;
	vs_buf_puts(b, "}");
}

/* Appraises the text; certs as well, when given. */
static const char *
code_of(const struct vs_collateral *c, struct vs_span text,
    const struct vs_span *certs, size_t n)
{
	struct vs_evidence_input in = {.kind = VS_EVIDENCE_SNP,
	    .report = text,
	    .certs = certs,
	    .certs_n = n};
	struct vs_evidence_expect expect = {0};
	struct vs_evidence_options opt = {.collateral = c, .now = F_NOW};
	struct vs_err err = {0};
	struct vs_claims claims;
	struct vs_arena a;
	vs_status st;

	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&claims, &a);
	st = vs_evidence_appraise(&in, &expect, &opt, &claims, &err);
	vs_arena_fini(&a);
	return st == VS_OK ? "ok" : err.code != NULL ? err.code : "(none)";
}

static void
make(vs_sim_product product, bool vlek, struct vs_buf *out)
{
	const struct vs_sim_pki *p = f_pki(product);
	struct vs_sim_guest g = {.vlek = vlek};
	uint8_t report[VS_SIM_REPORT_SIZE];
	struct vs_buf chain = {0};
	struct vs_err err = {0};

	CHECK_OK(vs_sim_report(p, &g, report, &err), err);
	add_cert(&chain, vlek ? "VLEK" : "VCEK",
	    vlek ? vs_sim_vlek(p) : vs_sim_vcek(p));
	add_cert(&chain, "ASK", vlek ? vs_sim_asvk(p) : vs_sim_ask(p));
	add_cert(&chain, "ARK", vs_sim_ark(p));
	add_cert(&chain, "SOMETHING", VS_SPAN_LIT("x")); /* skipped */
	vs_buf_puts(&chain, ",{\"cert_type\":{\"OTHER\":\"x\"}}]");
	vs_buf_reset(out);
	to_json(report, product == VS_SIM_TURIN, vs_buf_cstr(&chain), out);
	vs_buf_fini(&chain);
}

static void
test_every_product(void)
{
	for (unsigned i = 0; i < 2 * VS_SIM_PRODUCTS; i++) {
		struct vs_buf json = {0};

		make((vs_sim_product)(i / 2), i % 2 == 1, &json);
		CHECK_STR(
		    code_of(col[i / 2], vs_buf_span(&json), NULL, 0), "ok");
		vs_buf_fini(&json);
	}
}

/* The first occurrence of a text replaced. */
static void
with(const char *from, const char *to, const char *want)
{
	struct vs_buf json = {0}, changed = {0};
	const char *at;

	make(VS_SIM_MILAN, false, &json);
	at = strstr(vs_buf_cstr(&json), from);
	if (CHECK(at != NULL)) {
		size_t n = (size_t)(at - vs_buf_cstr(&json));

		vs_buf_add(&changed, VS_SPAN(json.p, n));
		vs_buf_puts(&changed, to);
		vs_buf_puts(&changed, at + strlen(from));
		if (!CHECK_STR(
			code_of(col[0], vs_buf_span(&changed), NULL, 0), want))
			fprintf(stderr, "     %s -> %s\n", from, to);
	}
	vs_buf_fini(&json);
	vs_buf_fini(&changed);
}

static void
test_members(void)
{
	static const char *const names[] = {"version", "guest_svn", "policy",
	    "family_id", "image_id", "vmpl", "sig_algo", "current_tcb",
	    "plat_info", "key_info", "report_data", "measurement", "host_data",
	    "id_key_digest", "author_key_digest", "report_id", "report_id_ma",
	    "reported_tcb", "chip_id", "committed_tcb", "current", "committed",
	    "launch_tcb", "signature"};
	char from[64];

	for (size_t i = 0; i < VS_COUNT(names); i++) {
		snprintf(from, sizeof(from), "\"%s\":", names[i]);
		with(from, "\"gone\":", "parse.size");
	}
	with("\"attestation_report\":", "\"gone\":", "parse.size");
	with("\"attestation_report\":{", "\"attestation_report\":7,\"x\":{",
	    "parse.size");
	with("\"cert_chain\":", "\"gone\":", "collateral.missing");
	with("\"cert_chain\":", "\"cert_chain\":null,\"x\":",
	    "collateral.missing");
	with("\"cert_chain\":", "\"cert_chain\":{},\"x\":", "parse.cert_table");
	with("\"cert_type\":\"ASK\"", "\"cert_type\":\"CRL\"",
	    "parse.cert_table");
	with("\"cert_type\":\"VCEK\",\"data\":[",
	    "\"cert_type\":\"VCEK\",\"data\":[],\"x\":[", "parse.cert_table");
	with("\"cert_type\":\"VCEK\",\"data\":[",
	    "\"cert_type\":\"VCEK\",\"data\":[256,", "parse.cert_table");
	with("\"cert_type\":\"VCEK\",\"data\":[48",
	    "\"cert_type\":\"VCEK\",\"data\":[49", "parse.cert_table");
	/* A role that the certificate does not have. */
	with("\"cert_type\":\"ASK\"", "\"cert_type\":\"VCEK\"",
	    "chain.signature");
	with("\"cert_type\":\"VCEK\"", "\"cert_type\":\"ASK\"",
	    "collateral.missing");
}

static void
test_values(void)
{
	with("\"version\":3", "\"version\":3.0", "parse.size");
	with("\"version\":3", "\"version\":-1", "parse.size");
	with("\"version\":3", "\"version\":4294967296", "parse.size");
	with("\"version\":3", "\"version\":\"3\"", "parse.size");
	with("\"version\":3", "\"version\":3,\"version\":3", "parse.size");
	with("\"version\":3", "\"version\":6", "parse.version");
	with("\"policy\":196608", "\"policy\":18446744073709551616",
	    "parse.size");
	with("\"policy\":196608", "\"policy\":65536", "parse.policy");
	with("\"report_data\":[0", "\"report_data\":[0,0", "parse.size");
	with("\"report_data\":[0", "\"report_data\":[256", "parse.size");
	with("\"report_data\":[0", "\"report_data\":[\"0\"", "parse.size");
	with("\"report_data\":[0", "\"report_data\":[1", "sig.report");
	with("\"fmc\":null", "\"fmc\":0", "parse.size");
	with("\"cpuid_fam_id\":25", "\"cpuid_fam_id\":26", "parse.size");
	with("\"cpuid_fam_id\":25", "\"cpuid_fam_id\":null", "parse.product");
	with("\"launch_mit_vector\":0", "\"launch_mit_vector\":null", "ok");
	with("\"launch_mit_vector\":0", "\"launch_mit_vector\":1",
	    "parse.reserved");
}

/* Turin without the member that tells it from the others. */
static void
test_turin_needs_fmc(void)
{
	struct vs_buf json = {0};
	char *at;

	make(VS_SIM_TURIN, false, &json);
	at = strstr((char *)json.p, "\"fmc\":");
	CHECK(at != NULL);
	memcpy(at, "\"fmx\":", 6);
	CHECK_STR(code_of(col[VS_SIM_TURIN], vs_buf_span(&json), NULL, 0),
	    "parse.size");
	vs_buf_fini(&json);
}

/* Certificates beside the JSON count as those inside do. */
static void
test_more_certificates(void)
{
	const struct vs_sim_pki *p = f_pki(VS_SIM_MILAN);
	struct vs_span certs[VS_EVIDENCE_CERT_BLOBS_MAX];
	struct vs_buf json = {0};

	make(VS_SIM_MILAN, false, &json);
	for (size_t i = 0; i < VS_COUNT(certs); i++)
		certs[i] = vs_sim_vcek(p);
	CHECK_STR(code_of(col[0], vs_buf_span(&json), certs, 16), "ok");
	certs[0] = vs_sim_ark(f_other());
	CHECK_STR(code_of(col[0], vs_buf_span(&json), certs, 1),
	    "chain.untrusted_root");
	vs_buf_fini(&json);
}

int
main(void)
{
	for (unsigned i = 0; i < VS_SIM_PRODUCTS; i++)
		col[i] = f_collateral(f_pki((vs_sim_product)i), &f_good, 1);
	RUN(test_every_product);
	RUN(test_members);
	RUN(test_values);
	RUN(test_turin_needs_fmc);
	RUN(test_more_certificates);
	for (unsigned i = 0; i < VS_SIM_PRODUCTS; i++)
		vs_collateral_free(&col[i]);
	return check_result();
}
