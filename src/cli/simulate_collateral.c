/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe simulate collateral`: what a test Intel says of its platform. */
#include <string.h>

#include "cli/input.h"
#include "cli/output.h"
#include "cli/simulate.h"
#include "simulate/tdx.h"

enum { DAYS_MAX = 36500 };

static vs_status
revoke(const char *word, struct vs_sim_tdx_collateral *c, struct vs_err *err)
{
	if (strcmp(word, "pck") == 0)
		c->revoke_pck = true;
	else if (strcmp(word, "ca") == 0)
		c->revoke_ca = true;
	else if (strcmp(word, "signing") == 0)
		c->revoke_signing = true;
	else
		return vs_fail(err, VS_USAGE,
		    "--revoke %.20s: wants pck, ca or signing", word);
	return VS_OK;
}

static vs_status
make(const struct vs_sim_collateral_opts *o, struct vs_err *err)
{
	VS_AUTO(vs_sim_tdx) *pki = NULL;
	struct vs_sim_tdx_collateral c = {.days = (unsigned)o->days,
	    .number = (uint32_t)o->number,
	    .raised = o->raised,
	    .platform_out = o->level,
	    .sgx_qe = o->sgx_qe,
	    .other_qe = o->other_qe};

	if (o->pki == NULL || o->out == NULL)
		return vs_fail(
		    err, VS_USAGE, "--pki DIR and --out DIR are needed");
	if (o->days > DAYS_MAX || o->number > UINT32_MAX)
		return vs_fail(err, VS_USAGE, "--days, --number: too large");
	for (size_t i = 0; i < o->revoke.n; i++)
		VS_TRY(err, "--revoke", revoke(o->revoke.v[i], &c, err));
	/* A minute back, so that the clocks of a test need not agree. */
	c.issued = vs_cli_now(&o->at) / 1000 - (o->at.given ? 0 : 60);
	VS_TRY(err, o->pki, vs_sim_tdx_load(o->pki, &pki, err));
	return vs_sim_tdx_collateral(pki, &c, o->out, err);
}

int
vs_cli_simulate_collateral(const void *opts, const struct vs_args *args)
{
	struct vs_err err = {0};

	(void)args;
	return make(opts, &err) == VS_OK ? 0 : vs_cli_fail(&err, false);
}
