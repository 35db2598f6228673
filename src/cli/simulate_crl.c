/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe simulate crl`: a revocation list by the test root. */
#include <string.h>

#include "base/file.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/simulate.h"
#include "simulate/pki.h"

enum {
	DAY = 24 * 60 * 60,
	DAYS_DEFAULT = 30,
	DAYS_MAX = 36500,
	REVOKE_MAX = 3
};

static vs_status
serial_of(const struct vs_sim_pki *p, const char *word, uint64_t *out,
    struct vs_err *err)
{
	const struct vs_sim_product_info *f = vs_sim_product_info(p->product);

	if (strcmp(word, "ark") == 0)
		*out = f->ark;
	else if (strcmp(word, "ask") == 0)
		*out = f->ask;
	else if (strcmp(word, "asvk") == 0)
		*out = f->asvk;
	else
		return vs_fail(err, VS_USAGE,
		    "--revoke %.20s: wants ark, ask or asvk", word);
	return VS_OK;
}

static vs_status
make(const struct vs_crl_opts *o, struct vs_buf *der, struct vs_err *err)
{
	VS_AUTO(vs_sim_pki) *pki = NULL;
	uint64_t serials[REVOKE_MAX];
	int64_t from = vs_cli_now(&o->at) / 1000;
	uint64_t days = o->days > 0 ? o->days : DAYS_DEFAULT;

	if (o->pki == NULL || o->out == NULL)
		return vs_fail(
		    err, VS_USAGE, "--pki DIR and --out FILE are needed");
	if (days > DAYS_MAX)
		return vs_fail(err, VS_USAGE, "--days: at most %d", DAYS_MAX);
	if (o->revoke.n > REVOKE_MAX)
		return vs_fail(err, VS_USAGE, "--revoke: three at most");
	VS_TRY(err, o->pki, vs_sim_pki_load(o->pki, &pki, err));
	for (size_t i = 0; i < o->revoke.n; i++)
		VS_TRY(err, "--revoke",
		    serial_of(pki, o->revoke.v[i], &serials[i], err));
	/* A minute back, so that the clocks of a test need not agree. */
	return vs_sim_crl(pki, from - 60, from + (int64_t)days * DAY, serials,
	    o->revoke.n, der, err);
}

int
vs_cli_simulate_crl(const void *opts, const struct vs_args *args)
{
	const struct vs_crl_opts *o = opts;
	struct vs_buf der = {0};
	struct vs_err err = {0};

	(void)args;
	vs_status st = make(o, &der, &err);
	if (st == VS_OK)
		st = vs_file_write(o->out, vs_buf_span(&der), 0644, &err);
	vs_buf_fini(&der);
	return st == VS_OK ? 0 : vs_cli_fail(&err, false);
}
