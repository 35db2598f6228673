/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/derived.h"

#include "crypto/kdf.h"
#include "keeper/client.h"

/* A decimal at the end of *name, behind `lead`; both are taken off. */
static bool
take_number(struct vs_span *name, const char *lead, uint32_t *out)
{
	const struct vs_span want = vs_span_cstr(lead);
	size_t from = name->n;
	uint64_t v = 0;

	while (from > 0 && name->p[from - 1] >= '0' && name->p[from - 1] <= '9')
		from--;
	if (from == name->n || name->n - from > 10 || from < want.n ||
	    (name->p[from] == '0' && name->n - from > 1))
		return false;
	if (!vs_span_equal(vs_span_slice(*name, from - want.n, want.n), want))
		return false;
	for (size_t i = from; i < name->n; i++)
		v = v * 10 + (uint64_t)(name->p[i] - '0');
	if (v > UINT32_MAX)
		return false;
	*out = (uint32_t)v;
	*name = vs_span_slice(*name, 0, from - want.n);
	return true;
}

bool
vs_derived_parse(struct vs_span name, struct vs_derived *out)
{
	struct vs_derived d = {.base = name};

	if (!take_number(&d.base, "/shard-", &d.shard) ||
	    !take_number(&d.base, "/epoch-", &d.epoch) || d.base.n == 0)
		return false;
	*out = d;
	return true;
}

vs_status
vs_derived_key(struct vs_span dataset_key, const struct vs_derived *d,
    uint32_t version, uint8_t out[VS_DERIVED_SIZE])
{
	uint8_t info[64 + VS_KEY_NAME_MAX];
	struct vs_wr w = vs_wr_of(info, sizeof info);
	struct vs_span all = {NULL, 0};
	vs_status st;

	vs_wr_bytes(&w, VS_SPAN_LIT("vouchsafe/v1 derived"));
	vs_wr_lp32(&w, d->base);
	vs_wr_u32be(&w, version);
	vs_wr_u32be(&w, d->epoch);
	vs_wr_u32be(&w, d->shard);
	st = vs_wr_finish(&w, &all);
	if (st != VS_OK)
		return st;
	return vs_hkdf_sha256(
	    VS_SPAN(NULL, 0), dataset_key, all, out, VS_DERIVED_SIZE);
}
