/* SPDX-License-Identifier: Apache-2.0 */
/* Simulated TDX platforms and their collateral, for tests of the verifier. */
#ifndef VS_TESTS_TDX_FORGE_H
#define VS_TESTS_TDX_FORGE_H

#include "check.h"
#include "evidence/evidence.h"
#include "simulate/tdx.h"

enum { TF_NOW = 1767225600, TF_DAY = 86400 };

static const char tf_data[64] = "the report data of this guest, all of its "
				"sixty-four bytes.....";

static inline struct vs_sim_tdx *
tf_pki(void)
{
	struct vs_sim_tdx_options opt;
	struct vs_sim_tdx *t = NULL;
	struct vs_err err = {0};

	vs_sim_tdx_defaults(TF_NOW, &opt);
	CHECK_OK(vs_sim_tdx_new(&opt, &t, &err), err);
	return t;
}

static inline void
tf_add(struct vs_collateral_builder *b, const char *name,
    const struct vs_sim_tdx *t, const struct vs_sim_tdx_collateral *says)
{
	struct vs_buf item = {0};
	struct vs_err err = {0};

	CHECK_OK(
	    vs_collateral_add_anchor(b, name, vs_sim_tdx_root(t), &err), err);
	for (size_t i = 0; i < VS_SIM_TDX_ITEMS; i++) {
		vs_buf_reset(&item);
		CHECK_OK(vs_sim_tdx_item(t, says, i, &item, &err), err);
		CHECK_OK(vs_collateral_add(b, vs_sim_tdx_item_name(i),
			     vs_buf_span(&item), &err),
		    err);
	}
	vs_buf_fini(&item);
}

static inline struct vs_collateral *
tf_collateral(
    const struct vs_sim_tdx *t, const struct vs_sim_tdx_collateral *says)
{
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	struct vs_collateral *out = NULL;
	struct vs_err err = {0};

	tf_add(b, "lab", t, says);
	CHECK_OK(vs_collateral_build(b, &out, &err), err);
	vs_collateral_builder_free(&b);
	return out;
}

static inline void
tf_quote(const struct vs_sim_tdx *t, struct vs_sim_td td, struct vs_buf *quote)
{
	struct vs_err err = {0};

	if (vs_span_zero(VS_SPAN_OF(td.report_data)))
		memcpy(td.report_data, tf_data, sizeof(tf_data));
	CHECK_OK(vs_sim_tdx_quote(t, &td, quote, &err), err);
}

#endif
