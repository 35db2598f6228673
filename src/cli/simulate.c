/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe simulate pki`, `simulate evidence`: forged evidence under a
 * test PKI. `simulate guest` lives with the guest. */
#include "simulate/simulate.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "cli/dispatch.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/simulate.h"
#include "simulate/command.h"
#include "simulate/gpu.h"
#include "simulate/tdx.h"

/* POLICY bits of the report (AMD 56860, GUEST_POLICY). */
enum { POLICY_SMT_AND_RESERVED = 0x30000, POLICY_DEBUG = 1 << 19 };
enum { ARENA_MAX = 64 * 1024 };

static int
run_pki(int argc, char **argv)
{
	struct vs_clock clock = vs_clock_system();
	struct vs_buf done = {0};
	struct vs_err err = {0};
	int code = VS_EXIT_OK;

	if (vs_sim_pki_command(argc, argv, vs_clock_s(&clock), &done, &err) ==
	    VS_OK)
		fputs(vs_buf_cstr(&done), stdout);
	else
		code = vs_cli_fail(&err, false);
	vs_buf_fini(&done);
	return code;
}

struct evidence_opts {
	const char *pki;
	const char *nonce, *recipient, *report_data;
	const char *measurement, *host_data;
	const char *report, *certs, *log;
	bool debug, vlek;
	struct vs_opt_list td;
	struct vs_sim_gpu_opts gpu;
};

static vs_status
fixed_hex(const char *what, const char *text, uint8_t *out, size_t n,
    struct vs_err *err)
{
	if (text == NULL)
		return VS_OK;
	if (vs_unhex(vs_span_cstr(text), out, n) != VS_OK)
		return vs_fail(
		    err, VS_USAGE, "%s: wants %zu bytes in hex", what, n);
	return VS_OK;
}

static vs_status
bind(const struct evidence_opts *o, struct vs_arena *a, uint8_t out[64],
    struct vs_err *err)
{
	struct vs_recipient to;
	struct vs_span nonce, jwk;
	uint8_t devices[32];

	if (o->nonce == NULL || o->recipient == NULL)
		return vs_fail(
		    err, VS_USAGE, "--nonce and --recipient go together");
	if (o->report_data != NULL)
		return vs_fail(err, VS_USAGE,
		    "--report-data and --nonce: one or the other");
	VS_TRY(
	    err, "nonce", vs_cli_hex("--nonce", o->nonce, 64, a, &nonce, err));
	VS_TRY(
	    err, "--recipient", vs_cli_read(o->recipient, 4096, a, &jwk, err));
	VS_TRY(err, "--recipient", vs_cli_recipient(jwk, a, &to, err));
	VS_TRY(err, "devices",
	    vs_cli_simulate_bound(&o->gpu, o->pki, nonce, &to, devices, err));
	VS_TRY(err, "binding",
	    vs_binding_report_data(nonce, &to, VS_SPAN_OF(devices), out));
	return VS_OK;
}

static vs_status
describe(const struct evidence_opts *o, struct vs_arena *a,
    struct vs_sim_guest *g, struct vs_err *err)
{
	g->vlek = o->vlek;
	if (o->debug)
		g->policy = POLICY_SMT_AND_RESERVED | POLICY_DEBUG;
	VS_TRY(err, "guest",
	    fixed_hex("--measurement", o->measurement, g->measurement,
		sizeof(g->measurement), err));
	VS_TRY(err, "guest",
	    fixed_hex("--host-data", o->host_data, g->host_data,
		sizeof(g->host_data), err));
	VS_TRY(err, "guest",
	    fixed_hex("--report-data", o->report_data, g->report_data,
		sizeof(g->report_data), err));
	if (o->nonce != NULL || o->recipient != NULL)
		return bind(o, a, g->report_data, err);
	return vs_cli_simulate_gpus(&o->gpu, o->pki, err);
}

static vs_status
write_log(const char *path, struct vs_err *err)
{
	struct vs_buf log = {0};
	uint8_t rtmr[4][48];
	vs_status st = vs_sim_tdx_event_log(false, &log, rtmr, err);

	if (st == VS_OK)
		st = vs_file_write(path, vs_buf_span(&log), 0644, err);
	vs_buf_fini(&log);
	return st;
}

static vs_status
forge_tdx(const struct evidence_opts *o, const struct vs_sim_guest *g,
    struct vs_err *err)
{
	VS_AUTO(vs_sim_tdx) *pki = NULL;
	struct vs_sim_td td = {.debug = o->debug, .event_log = o->log != NULL};
	struct vs_buf quote = {0};
	vs_status st;

	if (o->certs != NULL || o->vlek || o->host_data != NULL)
		return vs_fail(err, VS_USAGE,
		    "--out-certs, --vlek and --host-data are for SEV-SNP");
	for (size_t i = 0; i < o->td.n; i++)
		VS_TRY(err, "--td", vs_sim_td_word(&td, o->td.v[i], err));
	memcpy(td.mrtd, g->measurement, sizeof(td.mrtd));
	memcpy(td.report_data, g->report_data, sizeof(td.report_data));
	VS_TRY(err, o->pki, vs_sim_tdx_load(o->pki, &pki, err));
	st = vs_sim_tdx_quote(pki, &td, &quote, err);
	if (st == VS_OK)
		st = vs_file_write(o->report, vs_buf_span(&quote), 0644, err);
	vs_buf_fini(&quote);
	if (st == VS_OK && o->log != NULL)
		st = write_log(o->log, err);
	return st;
}

static vs_status
forge_snp(const struct evidence_opts *o, const struct vs_sim_guest *g,
    struct vs_err *err)
{
	VS_AUTO(vs_sim_pki) *pki = NULL;
	uint8_t report[VS_SIM_REPORT_SIZE];
	struct vs_buf table = {0};
	vs_status st;

	if (o->td.n != 0 || o->log != NULL)
		return vs_fail(err, VS_USAGE,
		    "--td and --out-event-log are for Intel TDX");
	VS_TRY(err, o->pki, vs_sim_pki_load(o->pki, &pki, err));
	VS_TRY(err, "report", vs_sim_report(pki, g, report, err));
	VS_TRY(err, "report",
	    vs_file_write(o->report, VS_SPAN_OF(report), 0644, err));
	if (o->certs == NULL)
		return VS_OK;
	st = vs_sim_cert_table(pki, o->vlek, &table, err);
	if (st == VS_OK)
		st = vs_file_write(o->certs, vs_buf_span(&table), 0644, err);
	vs_buf_fini(&table);
	return st;
}

static vs_status
forge(const struct evidence_opts *o, struct vs_arena *a, struct vs_err *err)
{
	struct vs_sim_guest g = {0};
	bool tdx = false;

	if (o->pki == NULL || o->report == NULL)
		return vs_fail(err, VS_USAGE,
		    "--pki DIR and --out-report FILE are needed");
	VS_TRY(err, "guest", describe(o, a, &g, err));
	VS_TRY(err, "--pki", vs_sim_tdx_is(o->pki, &tdx, err));
	return tdx ? forge_tdx(o, &g, err) : forge_snp(o, &g, err);
}

static int
run_evidence(const void *opts, const struct vs_args *args)
{
	struct vs_arena a;
	struct vs_err err = {0};

	(void)args;
	vs_arena_init(&a, ARENA_MAX);
	vs_status st = forge(opts, &a, &err);
	vs_arena_fini(&a);
	return st == VS_OK ? VS_EXIT_OK : vs_cli_fail(&err, false);
}

#define OPT(name, kind, member, arg, help)                                     \
	VS_OPT(name, kind, struct evidence_opts, member, arg, help)
static const struct vs_opt evidence_options[] = {
    OPT("pki", TEXT, pki, "DIR", "made by simulate pki"),
    OPT("nonce", TEXT, nonce, "HEX", "the broker's challenge"),
    OPT("recipient", TEXT, recipient, "FILE", "public JWK of the recipient"),
    OPT("report-data", TEXT, report_data, "HEX", "64 bytes, as they are"),
    OPT("measurement", TEXT, measurement, "HEX",
	"launch digest or MRTD, 48 bytes; 11 repeated"),
    OPT("host-data", TEXT, host_data, "HEX", "32 bytes; zeros"),
    OPT("debug", FLAG, debug, NULL, "a guest in debug mode"),
    OPT("td", LIST, td, "WORD",
	"TDX: migratable, no-sept-ve, old-tcb, old-module, foreign-qe, v4, "
	"v5, v5-td10; may repeat"),
    OPT("vlek", FLAG, vlek, NULL, "signed by the VLEK, not the VCEK"),
    OPT("out-report", TEXT, report, "FILE", "where the report goes"),
    OPT("out-event-log", TEXT, log, "FILE",
	"TDX: a log that leads to the quote"),
    OPT("out-certs", TEXT, certs, "FILE", "where the certificate table goes"),
    OPT("out-gpus", TEXT, gpu.out, "FILE",
	"where the evidence of the GPUs in DIR/gpu goes, for appraise --gpu"),
    OPT("gpus", COUNT, gpu.n, "N", "the first so many; all"),
    OPT("sim-gpu", LIST, gpu.words, "WORD",
	"as vouchsafe-guest(1) has it; may repeat"),
    OPT("gpu-nonce", TEXT, gpu.nonce, "HEX",
	"32 bytes, where there is no --nonce; zeros"),
};

#define CRL(name, kind, member, arg, help)                                     \
	VS_OPT(name, kind, struct vs_crl_opts, member, arg, help)
static const struct vs_opt crl_options[] = {
    CRL("pki", TEXT, pki, "DIR", "made by simulate pki"),
    CRL("out", TEXT, out, "FILE", "where the list goes, DER"),
    CRL("revoke", LIST, revoke, "WHAT", "ark, ask or asvk; may repeat"),
    CRL("at", TIME, at, "TIME", "its date of issue; now"),
    CRL("days", COUNT, days, "N", "valid for so long; 30"),
};

#define COL(name, kind, member, arg, help)                                     \
	VS_OPT(name, kind, struct vs_sim_collateral_opts, member, arg, help)
static const struct vs_opt collateral_options[] = {
    COL("pki", TEXT, pki, "DIR", "made by simulate pki --tee tdx"),
    COL("out", TEXT, out, "DIR", "where the files go"),
    COL("at", TIME, at, "TIME", "the date of issue; a minute ago"),
    COL("days", COUNT, days, "N", "valid for so long; 30"),
    COL("number", COUNT, number, "N", "tcbEvaluationDataNumber; 18"),
    COL("raised", FLAG, raised, NULL, "the platform lacks an update"),
    COL("revoked-level", FLAG, level, NULL, "the platform's TCB is revoked"),
    COL("sgx-qe", FLAG, sgx_qe, NULL, "the SGX QE's identity for the TD's"),
    COL("other-qe", FLAG, other_qe, NULL, "a QE of another signer"),
    COL("revoke", LIST, revoke, "WHAT", "pck, ca or signing; may repeat"),
};

static const struct vs_command commands[] = {
    {.verb = "simulate",
	.sub = "pki",
	.args = "DIR [--product Milan|Genoa|Turin] [--rsa-bits N] "
		"[--chip-id HEX] [--tcb F.B.T.S.U] | DIR --tee tdx "
		"[--fmspc HEX]; both with [--gpus N] "
		"[--gpu-arch hopper|blackwell] [--switches 0|4]",
	.summary = "make a test PKI in AMD's or Intel's shape",
	.raw = run_pki},
    {.verb = "simulate",
	.sub = "evidence",
	.args = "",
	.summary = "sign a report under a test PKI, to files",
	.opts = evidence_options,
	.opts_n = VS_COUNT(evidence_options),
	.size = sizeof(struct evidence_opts),
	.run = run_evidence},
    {.verb = "simulate",
	.sub = "crl",
	.args = "",
	.summary = "sign a revocation list under a test PKI",
	.opts = crl_options,
	.opts_n = VS_COUNT(crl_options),
	.size = sizeof(struct vs_crl_opts),
	.run = vs_cli_simulate_crl},
    {.verb = "simulate",
	.sub = "collateral",
	.args = "",
	.summary = "sign TCB info, QE identity and CRLs under a test PKI",
	.opts = collateral_options,
	.opts_n = VS_COUNT(collateral_options),
	.size = sizeof(struct vs_sim_collateral_opts),
	.run = vs_cli_simulate_collateral},
};
const struct vs_family vs_simulate_family = {commands, VS_COUNT(commands)};
