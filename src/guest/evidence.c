/* SPDX-License-Identifier: Apache-2.0 */
#include "guest/evidence.h"

#include <string.h>

void
vs_guest_evidence_fini(struct vs_guest_evidence *e)
{
	vs_buf_fini(&e->report);
	vs_buf_fini(&e->certs);
	vs_buf_fini(&e->event_log);
}

static vs_status
simulate_snp(const char *dir, struct vs_sim_guest g,
    const uint8_t report_data[64], struct vs_guest_evidence *out,
    struct vs_err *err)
{
	VS_AUTO(vs_sim_pki) *pki = NULL;
	uint8_t report[VS_SIM_REPORT_SIZE];

	memcpy(g.report_data, report_data, sizeof(g.report_data));
	VS_TRY(err, "simulated evidence", vs_sim_pki_load(dir, &pki, err));
	VS_TRY(err, "simulated evidence", vs_sim_report(pki, &g, report, err));
	VS_TRY(err, "simulated evidence",
	    vs_sim_cert_table(pki, g.vlek, &out->certs, err));
	vs_buf_add(&out->report, VS_SPAN_OF(report));
	VS_TRY(err, "simulated evidence", vs_buf_status(&out->report));
	out->kind = "snp";
	return VS_OK;
}

static vs_status
simulate_tdx(const char *dir, struct vs_sim_td td,
    const uint8_t report_data[64], struct vs_guest_evidence *out,
    struct vs_err *err)
{
	VS_AUTO(vs_sim_tdx) *pki = NULL;
	uint8_t rtmr[4][48];

	memcpy(td.report_data, report_data, sizeof(td.report_data));
	VS_TRY(err, "simulated evidence", vs_sim_tdx_load(dir, &pki, err));
	VS_TRY(err, "simulated evidence",
	    vs_sim_tdx_quote(pki, &td, &out->report, err));
	if (td.event_log)
		VS_TRY(err, "simulated evidence",
		    vs_sim_tdx_event_log(false, &out->event_log, rtmr, err));
	out->kind = "tdx";
	return VS_OK;
}

vs_status
vs_guest_simulate(const char *dir, const struct vs_guest_forged *guest,
    const uint8_t report_data[64], struct vs_guest_evidence *out,
    struct vs_err *err)
{
	bool tdx;

	VS_TRY(err, "simulated evidence", vs_sim_tdx_is(dir, &tdx, err));
	return tdx ? simulate_tdx(dir, guest->td, report_data, out, err)
		   : simulate_snp(dir, guest->snp, report_data, out, err);
}
