/* SPDX-License-Identifier: Apache-2.0 */
/* The public library as another program uses it: the shared object, and
 * nothing but its header. */
#include "base/encoding.h"
#include "check.h"
#include "simulate/simulate.h"
#include "simulate/tdx.h"
#include "vouchsafe/vouchsafe.h"

static const int64_t now = INT64_C(1790000000);

static const char policy[] =
    "apiVersion: policy/v1\n"
    "name: peer\n"
    "version: 1\n"
    "keys: [\"peers/**\"]\n"
    "tee: [snp]\n"
    "rules:\n"
    "  - id: simulated\n"
    "    assert: |\n"
    "      tee.simulated\n"
    "  - id: no-debug\n"
    "    assert: |\n"
    "      !tee.debug\n"
    "  - id: tcb\n"
    "    assert: |\n"
    "      has(snp.tcb.reported.snp) &&\n"
    "      snp.tcb.reported.snp >= 1\n"
    "  - id: measurement\n"
    "    message: not our image\n"
    "    assert: |\n"
    "      has(snp.measurement) &&\n"
    "      snp.measurement == "
    "\"1111111111111111111111111111111111111111111111"
    "11111111111111111111111111111111111111111111111111"
    "\"\n";

static struct vs_sim_pki *pki;
static struct vs_buf certs;

static void
make_pki(void)
{
	struct vs_sim_pki_options opt;
	struct vs_err err = {0};

	vs_sim_pki_defaults(VS_SIM_MILAN, now, &opt);
	opt.rsa_bits = 2048;
	CHECK_OK(vs_sim_pki_new(&opt, &pki, &err), err);
	CHECK_OK(vs_sim_cert_table(pki, false, &certs, &err), err);
}

static struct vouchsafe_verifier *
filled(bool require_crl)
{
	struct vouchsafe_verifier *v = vouchsafe_verifier_new();
	struct vouchsafe_error e = {{0}};

	CHECK(v != NULL);
	CHECK(vouchsafe_verifier_add_anchor(
	    v, "test", vs_sim_ark(pki).p, vs_sim_ark(pki).n, &e));
	CHECK(vouchsafe_verifier_add_policy(
	    v, "peer.yaml", policy, sizeof policy - 1, &e));
	CHECK_STR(e.message, "");
	CHECK(vouchsafe_verifier_seal(v, require_crl, &e));
	return v;
}

static void
make_report(const struct vs_sim_guest *g, uint8_t out[VS_SIM_REPORT_SIZE])
{
	struct vs_err err = {0};

	CHECK_OK(vs_sim_report(pki, g, out, &err), err);
}

static struct vouchsafe_evidence
evidence_of(const uint8_t report[VS_SIM_REPORT_SIZE], const uint8_t *expected)
{
	return (struct vouchsafe_evidence){.kind = "snp",
	    .report = report,
	    .report_len = VS_SIM_REPORT_SIZE,
	    .certs = vs_buf_span(&certs).p,
	    .certs_len = vs_buf_span(&certs).n,
	    .expected_report_data = expected};
}

static bool
contains(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static void
test_allowed(void)
{
	struct vouchsafe_verifier *v = filled(false);
	struct vs_sim_guest g = {.report_data = {1, 2, 3}};
	uint8_t report[VS_SIM_REPORT_SIZE];
	struct vouchsafe_evidence ev = evidence_of(report, g.report_data);
	struct vouchsafe_appraisal *a;

	make_report(&g, report);
	a = vouchsafe_appraise(v, &ev, "peers/one", now);
	CHECK(vouchsafe_appraisal_verified(a));
	CHECK(vouchsafe_appraisal_allowed(a));
	CHECK_STR(vouchsafe_appraisal_code(a), "allowed");
	CHECK(contains(vouchsafe_appraisal_claims(a), "\"bound\":true"));
	CHECK(contains(vouchsafe_appraisal_claims(a), "\"simulated\":true"));
	CHECK(contains(vouchsafe_appraisal_rules(a), "\"id\":\"measurement\""));
	vouchsafe_appraisal_free(a);
	vouchsafe_verifier_free(v);
}

/* Verified is not allowed: another image, a name that no policy governs, no
 * name at all. */
static void
test_denied(void)
{
	struct vouchsafe_verifier *v = filled(false);
	struct vs_sim_guest g = {.measurement = {9}};
	uint8_t report[VS_SIM_REPORT_SIZE];
	struct vouchsafe_evidence ev = evidence_of(report, g.report_data);
	struct vouchsafe_appraisal *a;

	make_report(&g, report);
	a = vouchsafe_appraise(v, &ev, "peers/one", now);
	CHECK(vouchsafe_appraisal_verified(a));
	CHECK(!vouchsafe_appraisal_allowed(a));
	CHECK_STR(vouchsafe_appraisal_code(a), "rules");
	CHECK(contains(vouchsafe_appraisal_rules(a), "not our image"));
	vouchsafe_appraisal_free(a);

	a = vouchsafe_appraise(v, &ev, "others/one", now);
	CHECK(vouchsafe_appraisal_verified(a));
	CHECK(!vouchsafe_appraisal_allowed(a));
	CHECK_STR(vouchsafe_appraisal_code(a), "no-policy");
	vouchsafe_appraisal_free(a);

	a = vouchsafe_appraise(v, &ev, NULL, now);
	CHECK(vouchsafe_appraisal_verified(a));
	CHECK(!vouchsafe_appraisal_allowed(a));
	vouchsafe_appraisal_free(a);
	vouchsafe_verifier_free(v);
}

/* Nothing that does not verify says anything about its sender. */
static void
refused(const struct vouchsafe_verifier *v, const struct vouchsafe_evidence *ev,
    int64_t at, const char *code)
{
	struct vouchsafe_appraisal *a =
	    vouchsafe_appraise(v, ev, "peers/one", at);

	CHECK(a != NULL);
	CHECK(!vouchsafe_appraisal_verified(a));
	CHECK(!vouchsafe_appraisal_allowed(a));
	CHECK_STR(vouchsafe_appraisal_code(a), code);
	CHECK_STR(vouchsafe_appraisal_claims(a), "");
	CHECK(vouchsafe_appraisal_detail(a)[0] != '\0');
	vouchsafe_appraisal_free(a);
}

static void
test_unverified(void)
{
	struct vouchsafe_verifier *v = filled(false);
	struct vouchsafe_verifier *strict = filled(true);
	struct vs_sim_guest g = {.report_data = {1}};
	const uint8_t other[64] = {2};
	uint8_t report[VS_SIM_REPORT_SIZE];
	struct vouchsafe_evidence ev = evidence_of(report, g.report_data);

	make_report(&g, report);
	refused(strict, &ev, now, "chain.crl_missing");
	refused(v, &ev, now + INT64_C(100) * 365 * 86400, "chain.expired");
	ev.expected_report_data = other;
	refused(v, &ev, now, "bind.report_data");
	ev.expected_report_data = g.report_data;
	ev.report_len--;
	refused(v, &ev, now, "parse.size");
	ev.report_len++;
	ev.kind = "tpm";
	refused(v, &ev, now, "usage");
	ev.kind = NULL;
	refused(v, &ev, now, "usage");
	ev.kind = "snp";
	report[0x90] ^= 1; /* in the measurement */
	refused(v, &ev, now, "sig.report");
	vouchsafe_verifier_free(strict);
	vouchsafe_verifier_free(v);
}

/* Without its root the same evidence is of a stranger. */
static void
test_unknown_root(void)
{
	struct vouchsafe_verifier *v = vouchsafe_verifier_new();
	struct vs_sim_guest g = {0};
	uint8_t report[VS_SIM_REPORT_SIZE];
	struct vouchsafe_evidence ev = evidence_of(report, NULL);

	make_report(&g, report);
	refused(v, &ev, now, "usage"); /* not sealed */
	CHECK(vouchsafe_verifier_seal(v, false, NULL));
	refused(v, &ev, now, "chain.untrusted_root");
	vouchsafe_verifier_free(v);
}

static const char td_policy[] = "apiVersion: policy/v1\n"
				"name: peer\n"
				"version: 1\n"
				"keys: [\"peers/**\"]\n"
				"tee: [tdx]\n"
				"params: {mrtd: \"%s\", rtmr1: \"%s\"}\n"
				"rules:\n"
				"  - id: simulated\n"
				"    assert: |\n"
				"      tee.simulated && !tee.debug\n"
				"  - id: tcb\n"
				"    assert: |\n"
				"      has(tcb_status) &&\n"
				"      tcb_status == \"UpToDate\"\n"
				"  - id: image\n"
				"    assert: |\n"
				"      has(tdx.mrtd) &&\n"
				"      tdx.mrtd == param.mrtd &&\n"
				"      has(tdx.rtmr1) &&\n"
				"      tdx.rtmr1 == param.rtmr1\n";

/* Firmware and what it booted, as the simulator has them. */
static void
pin(const struct vs_sim_td *td, char text[1024])
{
	uint8_t mrtd[48];
	char firmware[97], loader[97];

	memset(mrtd, 0x11, sizeof mrtd);
	vs_hex(VS_SPAN_OF(mrtd), firmware);
	vs_hex(VS_SPAN_OF(td->rtmr[1]), loader);
	(void)snprintf(text, 1024, td_policy, firmware, loader);
}

static struct vouchsafe_verifier *
filled_tdx(const struct vs_sim_tdx *t, const struct vs_sim_td *td)
{
	char text[1024];
	struct vouchsafe_verifier *v = vouchsafe_verifier_new();
	const struct vs_sim_tdx_collateral good = {.issued = now};
	struct vouchsafe_error e = {{0}};
	struct vs_err err = {0};

	CHECK(vouchsafe_verifier_add_anchor(
	    v, "intel", vs_sim_tdx_root(t).p, vs_sim_tdx_root(t).n, &e));
	for (size_t i = 0; i < VS_SIM_TDX_ITEMS; i++) {
		struct vs_buf item = {0};

		CHECK_OK(vs_sim_tdx_item(t, &good, i, &item, &err), err);
		CHECK(vouchsafe_verifier_add_collateral(
		    v, vs_sim_tdx_item_name(i), item.p, item.n, &e));
		vs_buf_fini(&item);
	}
	pin(td, text);
	CHECK(vouchsafe_verifier_add_policy(
	    v, "td.yaml", text, strlen(text), &e));
	CHECK_STR(e.message, "");
	CHECK(vouchsafe_verifier_seal(v, true, &e));
	return v;
}

/* A TD with its event log; the same log with a byte changed. */
static void
test_tdx(void)
{
	struct vs_sim_tdx_options opt;
	struct vs_sim_td td = {.event_log = true, .report_data = {5}};
	struct vs_sim_tdx *t = NULL;
	struct vouchsafe_verifier *v;
	struct vs_buf quote = {0}, log = {0};
	struct vs_err err = {0};
	struct vouchsafe_appraisal *a;

	vs_sim_tdx_defaults(now, &opt);
	CHECK_OK(vs_sim_tdx_new(&opt, &t, &err), err);
	CHECK_OK(vs_sim_tdx_event_log(false, &log, td.rtmr, &err), err);
	v = filled_tdx(t, &td);
	CHECK_OK(vs_sim_tdx_quote(t, &td, &quote, &err), err);
	struct vouchsafe_evidence ev = {.kind = "tdx",
	    .report = quote.p,
	    .report_len = quote.n,
	    .event_log = log.p,
	    .event_log_len = log.n,
	    .expected_report_data = td.report_data};

	a = vouchsafe_appraise(v, &ev, "peers/td", now);
	CHECK(vouchsafe_appraisal_verified(a));
	CHECK(vouchsafe_appraisal_allowed(a));
	CHECK(contains(
	    vouchsafe_appraisal_claims(a), "\"tcb_status\":\"UpToDate\""));
	vouchsafe_appraisal_free(a);
	refused(v, &ev, now + INT64_C(400) * 86400, "crl_expired");
	vs_buf_reset(&log);
	CHECK_OK(vs_sim_tdx_event_log(true, &log, td.rtmr, &err), err);
	ev.event_log = log.p;
	ev.event_log_len = log.n;
	refused(v, &ev, now, "eventlog_mismatch");
	vouchsafe_verifier_free(v);
	vs_sim_tdx_free(&t);
	vs_buf_fini(&quote);
	vs_buf_fini(&log);
}

static void
test_filling(void)
{
	struct vouchsafe_verifier *v = vouchsafe_verifier_new();
	struct vouchsafe_error e = {{0}};
	static const char bad[] = "apiVersion: policy/v1\nname: x\nkeyz: []\n";

	CHECK(!vouchsafe_verifier_add_policy(
	    v, "bad.yaml", bad, sizeof bad - 1, &e));
	CHECK(contains(e.message, "bad.yaml:3:"));
	CHECK(contains(e.message, "keys"));
	CHECK(!vouchsafe_verifier_add_anchor(
	    v, "test", (const uint8_t *)bad, sizeof bad, &e));
	CHECK(!vouchsafe_verifier_add_collateral(
	    v, "what.bin", (const uint8_t *)bad, sizeof bad, NULL));
	CHECK(vouchsafe_verifier_seal(v, true, &e));
	CHECK(!vouchsafe_verifier_seal(v, true, &e));
	CHECK(contains(e.message, "sealed"));
	CHECK(!vouchsafe_verifier_add_policy(
	    v, "peer.yaml", policy, sizeof policy - 1, &e));
	vouchsafe_verifier_free(v);
	vouchsafe_verifier_free(NULL);
}

static void
test_nothing(void)
{
	CHECK(!vouchsafe_appraisal_verified(NULL));
	CHECK(!vouchsafe_appraisal_allowed(NULL));
	CHECK_STR(vouchsafe_appraisal_code(NULL), "");
	CHECK_STR(vouchsafe_appraisal_claims(NULL), "");
	CHECK_STR(vouchsafe_appraisal_rules(NULL), "");
	vouchsafe_appraisal_free(NULL);
}

int
main(void)
{
	make_pki();
	RUN(test_allowed);
	RUN(test_denied);
	RUN(test_unverified);
	RUN(test_unknown_root);
	RUN(test_tdx);
	RUN(test_filling);
	RUN(test_nothing);
	vs_sim_pki_free(&pki);
	vs_buf_fini(&certs);
	return check_result();
}
