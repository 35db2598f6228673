/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates of a quote: what is no PCK chain is refused, whatever it
 * is made of, and a chain beside the quote is as good as one inside. */
#include "check.h"
#include "crypto/issue.h"
#include "evidence/dcap/quote.h"
#include "evidence/evidence.h"
#include "simulate/tdx.h"

enum { NOW = 1767225600, DAY = 86400 };

static struct vs_sim_tdx *pki, *other;
static struct vs_collateral *held;
static struct vs_buf quote, chain; /* as simulated */
static struct vs_err err;

static struct vs_sim_tdx *
make_pki(void)
{
	struct vs_sim_tdx_options opt;
	struct vs_sim_tdx *t = NULL;

	vs_sim_tdx_defaults(NOW, &opt);
	CHECK_OK(vs_sim_tdx_new(&opt, &t, &err), err);
	return t;
}

/* Certificates before what they sign, as a directory is read. */
static struct vs_collateral *
collateral(const struct vs_sim_tdx_collateral *says, const char *without)
{
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	struct vs_collateral *out = NULL;
	struct vs_buf item = {0};

	CHECK_OK(vs_collateral_add_anchor(b, "lab", vs_sim_tdx_root(pki), &err),
	    err);
	for (int chains = 1; chains >= 0; chains--)
		for (size_t i = 0; i < VS_SIM_TDX_ITEMS; i++) {
			const char *name = vs_sim_tdx_item_name(i);

			if ((strstr(name, "chain") != NULL) != (chains == 1) ||
			    (without != NULL && strstr(name, without) != NULL))
				continue;
			vs_buf_reset(&item);
			CHECK_OK(
			    vs_sim_tdx_item(pki, says, i, &item, &err), err);
			CHECK_OK(vs_collateral_add(
				     b, name, vs_buf_span(&item), &err),
			    err);
		}
	CHECK_OK(vs_collateral_build(b, &out, &err), err);
	vs_collateral_builder_free(&b);
	vs_buf_fini(&item);
	return out;
}

static void
put_u32(uint8_t *p, uint32_t v)
{
	for (size_t i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* The same quote with other certification data: those are not signed. */
static void
rewrap(uint16_t type, struct vs_span data, struct vs_buf *out)
{
	struct vs_dcap_quote q;
	struct vs_wr w;
	size_t head, sig;

	CHECK_OK(vs_dcap_quote_parse(vs_buf_span(&quote), &q, &err), err);
	head = (size_t)(q.cert_data.p - quote.p) - 6;
	sig = q.signed_part.n;
	vs_buf_reset(out);
	vs_buf_add(out, VS_SPAN(quote.p, head + 6));
	vs_buf_add(out, data);
	w = vs_wr_of(out->p + head, 6);
	vs_wr_u16le(&w, type);
	vs_wr_u32le(&w, (uint32_t)data.n);
	put_u32(out->p + sig, (uint32_t)(out->n - sig - 4));
	put_u32(out->p + sig + 4 + 128 + 2, (uint32_t)(out->n - sig - 138));
}

static vs_status
appraise(struct vs_span report, const struct vs_span *certs, size_t n,
    const struct vs_collateral *c, int64_t now)
{
	struct vs_evidence_input in = {.kind = VS_EVIDENCE_TDX,
	    .report = report,
	    .certs = certs,
	    .certs_n = n};
	struct vs_evidence_expect expect = {0};
	struct vs_evidence_options opt = {.collateral = c, .now = now};
	struct vs_arena arena;
	struct vs_claims claims;
	vs_status st;

	vs_arena_init(&arena, 1 << 20);
	vs_claims_init(&claims, &arena);
	st = vs_evidence_appraise(&in, &expect, &opt, &claims, &err);
	vs_arena_fini(&arena);
	return st;
}

static void
refused_at(uint16_t type, struct vs_span data, const struct vs_span *certs,
    size_t n, const char *code, int line)
{
	struct vs_buf b = {0};

	rewrap(type, data, &b);
	if (!CHECK(appraise(vs_buf_span(&b), certs, n, held, NOW) != VS_OK) ||
	    !CHECK_STR(err.code, code))
		fprintf(stderr, "line %d: %s\n", line, err.msg);
	vs_buf_fini(&b);
}
#define REFUSED(type, data, certs, n, code)                                    \
	refused_at((type), (data), (certs), (n), (code), __LINE__)

static void
accepted(
    uint16_t type, struct vs_span data, const struct vs_span *certs, size_t n)
{
	struct vs_buf b = {0};

	rewrap(type, data, &b);
	CHECK_OK(appraise(vs_buf_span(&b), certs, n, held, NOW), err);
	vs_buf_fini(&b);
}

static void
pem(struct vs_buf *out, struct vs_span der)
{
	CHECK_OK(vs_issue_pem_write("CERTIFICATE", der, out, &err), err);
}

static void
test_as_it_is(void)
{
	accepted(5, vs_buf_span(&chain), NULL, 0);
}

static void
test_order_and_number(void)
{
	const struct vs_span pck = vs_sim_tdx_pck(pki);
	const struct vs_span ca = vs_sim_tdx_ca(pki);
	const struct vs_span root = vs_sim_tdx_root(pki);
	const struct {
		struct vs_span v[4];
		const char *code; /* NULL: good */
	} tries[] = {
	    {{pck, ca, root}, NULL},
	    {{pck, ca}, NULL},
	    {{pck}, "chain_invalid"},
	    {{{0}}, "chain_invalid"},
	    {{pck, root, ca}, "chain_invalid"},
	    {{ca, pck, root}, "chain_invalid"},
	    {{pck, pck, root}, "chain_invalid"},
	    {{pck, root}, "chain_invalid"},
	    {{pck, ca, ca}, "chain_invalid"},
	    {{pck, ca, root, root}, "chain_invalid"},
	    {{pck, ca, vs_sim_tdx_root(other)}, "root_untrusted"},
	    {{pck, vs_sim_tdx_ca(other), root}, "chain_invalid"},
	    {{pck, vs_sim_tdx_ca(other)}, "chain_invalid"},
	    {{vs_sim_tdx_pck(other), ca, root}, "chain_invalid"},
	    {{vs_sim_tdx_signing(pki), ca, root}, "chain_invalid"},
	    {{vs_sim_tdx_signing(pki), root}, "chain_invalid"},
	};

	for (size_t i = 0; i < VS_COUNT(tries); i++) {
		struct vs_buf text = {0};

		for (size_t j = 0; j < 4 && tries[i].v[j].n > 0; j++)
			pem(&text, tries[i].v[j]);
		if (tries[i].code == NULL)
			accepted(5, vs_buf_span(&text), NULL, 0);
		else
			REFUSED(5, vs_buf_span(&text), NULL, 0, tries[i].code);
		vs_buf_fini(&text);
	}
}

static void
test_text(void)
{
	struct vs_buf text = {0};

	/* What hosts leave behind the last block. */
	vs_buf_add(&text, vs_buf_span(&chain));
	vs_buf_add(&text, VS_SPAN("\n\0", 2));
	accepted(5, vs_buf_span(&text), NULL, 0);
	REFUSED(5, vs_sim_tdx_pck(pki), NULL, 0, "chain_invalid");
	REFUSED(5, VS_SPAN_LIT("-----BEGIN CERTIFICATE-----\nAAAA\n"), NULL, 0,
	    "chain_invalid");
	REFUSED(5,
	    VS_SPAN_LIT("-----BEGIN CERTIFICATE-----\nAAAA\n"
			"-----END CERTIFICATE-----\n"),
	    NULL, 0, "chain_invalid");
	vs_buf_reset(&text);
	CHECK_OK(
	    vs_issue_pem_write("X509 CRL", vs_sim_tdx_pck(pki), &text, &err),
	    err);
	REFUSED(5, vs_buf_span(&text), NULL, 0, "chain_invalid");
	vs_buf_fini(&text);
}

static void
test_beside_the_quote(void)
{
	const struct vs_span pck = vs_sim_tdx_pck(pki);
	const struct vs_span ca = vs_sim_tdx_ca(pki);
	const struct vs_span root = vs_sim_tdx_root(pki);
	const struct vs_span in_order[] = {pck, ca, root};
	const struct vs_span reversed[] = {root, ca, pck};
	const struct vs_span text = vs_buf_span(&chain);
	const struct vs_span twice[] = {pck, pck, ca};
	const struct vs_span strange[] = {pck, ca, vs_sim_tdx_root(other)};
	const struct vs_span id = VS_SPAN_LIT("an id of 36 bytes");

	for (uint16_t type = 1; type <= 3; type++) {
		accepted(type, id, in_order, 3);
		accepted(type, id, in_order, 2);
		accepted(type, id, reversed, 3);
		accepted(type, id, &text, 1);
		REFUSED(type, id, NULL, 0, "cert_data_type");
		REFUSED(type, id, &pck, 1, "chain_invalid");
		REFUSED(type, id, &ca, 1, "chain_invalid");
		REFUSED(type, id, twice, 3, "chain_invalid");
		REFUSED(type, id, strange, 3, "root_untrusted");
		REFUSED(type, id, &id, 1, "chain_invalid");
	}
	accepted(4, pck, &ca, 1);
	accepted(4, pck, in_order + 1, 2);
	REFUSED(4, pck, NULL, 0, "cert_data_type");
	REFUSED(4, pck, in_order, 3, "chain_invalid");
	REFUSED(4, vs_sim_tdx_pck(other), &ca, 1, "chain_invalid");
	for (uint16_t type = 0; type < 10; type++)
		if (type == 0 || type > 5)
			REFUSED(type, id, in_order, 3, "cert_data_type");
}

static void
test_dates(void)
{
	struct vs_span q = vs_buf_span(&quote);
	const int64_t never = INT64_C(40) * 365 * DAY;

	CHECK_INT(appraise(q, NULL, 0, held, NOW - 3 * DAY), VS_UNTRUSTED);
	CHECK_STR(err.code, "cert_validity");
	CHECK_INT(appraise(q, NULL, 0, held, NOW + never), VS_UNTRUSTED);
	CHECK_STR(err.code, "cert_validity");
}

/* Each piece of collateral is needed, and nothing takes its place. */
static void
test_missing_collateral(void)
{
	static const struct {
		const char *without, *code;
	} tries[] = {{"root", "crl_missing"}, {"pck-crl.", "crl_missing"},
	    {"tcb-info.", "tcb_info_mismatch"},
	    {"qe-identity.", "qe_identity_mismatch"}};
	struct vs_sim_tdx_collateral says = {.issued = NOW - DAY};

	for (size_t i = 0; i < VS_COUNT(tries); i++) {
		struct vs_collateral *c = collateral(&says, tries[i].without);

		CHECK_INT(appraise(vs_buf_span(&quote), NULL, 0, c, NOW),
		    VS_UNTRUSTED);
		if (!CHECK_STR(err.code, tries[i].code))
			fprintf(stderr, "%s: %s\n", tries[i].without, err.msg);
		vs_collateral_free(&c);
	}
}

/* What was true in one snapshot is asked again in the next. */
static void
test_cache_knows_its_snapshot(void)
{
	struct vs_sim_tdx_collateral says = {.issued = NOW - DAY};
	struct vs_evidence_cache *cache = vs_evidence_cache_new(8);
	struct vs_collateral *revoked;
	struct vs_evidence_input in = {
	    .kind = VS_EVIDENCE_TDX, .report = vs_buf_span(&quote)};
	struct vs_evidence_expect expect = {0};
	struct vs_evidence_options opt = {
	    .collateral = held, .cache = cache, .now = NOW};
	struct vs_arena arena;
	struct vs_claims claims;

	says.revoke_pck = true;
	revoked = collateral(&says, NULL);
	vs_arena_init(&arena, 1 << 20);
	vs_claims_init(&claims, &arena);
	for (int i = 0; i < 3; i++) {
		opt.collateral = held;
		CHECK_OK(
		    vs_evidence_appraise(&in, &expect, &opt, &claims, &err),
		    err);
		opt.collateral = revoked;
		CHECK_INT(
		    vs_evidence_appraise(&in, &expect, &opt, &claims, &err),
		    VS_UNTRUSTED);
		CHECK_STR(err.code, "cert_revoked");
	}
	/* And in the cache, too, dates are judged. */
	opt.collateral = held;
	opt.now = NOW + 60 * DAY;
	CHECK_INT(vs_evidence_appraise(&in, &expect, &opt, &claims, &err),
	    VS_UNTRUSTED);
	vs_arena_fini(&arena);
	vs_collateral_free(&revoked);
	vs_evidence_cache_free(&cache);
}

static void
test_wrong_requests(void)
{
	struct vs_evidence_input in = {
	    .kind = VS_EVIDENCE_SGX, .report = vs_buf_span(&quote)};
	struct vs_evidence_expect expect = {0};
	struct vs_evidence_options opt = {.collateral = held, .now = NOW};
	struct vs_arena arena;
	struct vs_claims claims;
	static uint8_t big[VS_EVIDENCE_REPORT_MAX + 1];

	vs_arena_init(&arena, 1 << 20);
	vs_claims_init(&claims, &arena);
	CHECK_INT(vs_evidence_appraise(&in, &expect, &opt, &claims, &err),
	    VS_MALFORMED);
	CHECK_STR(err.code, "tee_type");
	in.event_log = vs_buf_span(&quote);
	CHECK_INT(
	    vs_evidence_appraise(&in, &expect, &opt, &claims, &err), VS_USAGE);
	in.kind = VS_EVIDENCE_TDX;
	CHECK_INT(vs_status_class(
		      vs_evidence_appraise(&in, &expect, &opt, &claims, &err)),
	    VS_CLASS_MALFORMED);
	CHECK_STR(err.code, "eventlog_malformed");
	in.event_log.n = VS_EVIDENCE_EVENT_LOG_MAX + 1;
	CHECK_INT(vs_evidence_appraise(&in, &expect, &opt, &claims, &err),
	    VS_MALFORMED);
	CHECK_STR(err.code, "eventlog_malformed");
	in.event_log.n = 0;
	expect.vtpm_nonce = VS_SPAN_LIT("nonce");
	CHECK_INT(vs_evidence_appraise(&in, &expect, &opt, &claims, &err),
	    VS_UNTRUSTED);
	CHECK_STR(err.code, "bind.nonce");
	expect.vtpm_nonce.n = 0;
	expect.report_data = VS_SPAN_LIT("short");
	CHECK_INT(vs_evidence_appraise(&in, &expect, &opt, &claims, &err),
	    VS_UNTRUSTED);
	CHECK_STR(err.code, "bind.report_data");
	expect.report_data.n = 0;
	in.quote.pcrs = VS_SPAN_LIT("pcrs");
	CHECK_INT(
	    vs_evidence_appraise(&in, &expect, &opt, &claims, &err), VS_USAGE);
	in.quote.pcrs.n = 0;
	in.report = VS_SPAN_OF(big);
	CHECK_INT(vs_evidence_appraise(&in, &expect, &opt, &claims, &err),
	    VS_MALFORMED);
	CHECK_STR(err.code, "quote_malformed");
	vs_arena_fini(&arena);
}

int
main(void)
{
	struct vs_sim_tdx_collateral says = {.issued = NOW - DAY};
	struct vs_sim_td td = {.report_data = "whatever"};

	pki = make_pki();
	other = make_pki();
	held = collateral(&says, NULL);
	CHECK_OK(vs_sim_tdx_quote(pki, &td, &quote, &err), err);
	pem(&chain, vs_sim_tdx_pck(pki));
	pem(&chain, vs_sim_tdx_ca(pki));
	pem(&chain, vs_sim_tdx_root(pki));
	RUN(test_as_it_is);
	RUN(test_order_and_number);
	RUN(test_text);
	RUN(test_beside_the_quote);
	RUN(test_dates);
	RUN(test_missing_collateral);
	RUN(test_cache_knows_its_snapshot);
	RUN(test_wrong_requests);
	vs_buf_fini(&quote);
	vs_buf_fini(&chain);
	vs_collateral_free(&held);
	vs_sim_tdx_free(&pki);
	vs_sim_tdx_free(&other);
	return check_result();
}
