/* SPDX-License-Identifier: Apache-2.0 */
/* vs_intel_parse_tcb_info: what is accepted is in range, and in order. */
#include "collateral/intel_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_verdict(const struct vs_intel_verdict *v)
{
	VS_ASSERT(vs_tcb_status_name(v->status)[0] != '\0');
	VS_ASSERT(v->status != VS_TCB_TD_RELAUNCH_ADVISED &&
	    v->status != VS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED);
	VS_ASSERT(v->advisories.n <= VS_INTEL_ADVISORIES_MAX);
	for (size_t i = 0; i < v->advisories.n; i++)
		VS_ASSERT(v->advisories.v[i].n >= 1 &&
		    v->advisories.v[i].n <= VS_INTEL_ADVISORY_MAX &&
		    v->advisories.v[i].p[0] > ' ');
}

static void
check_module(const struct vs_intel_module *m)
{
	VS_ASSERT(m->levels_n >= 1 && m->levels_n <= VS_INTEL_LEVELS_MAX);
	for (size_t i = 0; i < m->levels_n; i++) {
		check_verdict(&m->levels[i].verdict);
		VS_ASSERT(
		    i == 0 || m->levels[i].isvsvn < m->levels[i - 1].isvsvn);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_intel_tcb_info t;
	struct vs_err err = {0};
	struct vs_arena a;

	vs_arena_init(&a, VS_INTEL_ARENA_MAX);
	if (vs_intel_parse_tcb_info(VS_SPAN(data, size), &a, &t, &err) !=
	    VS_OK) {
		VS_ASSERT(err.code != NULL && err.status != VS_OK);
	} else {
		VS_ASSERT(t.version == 3 ||
		    (t.version == 2 && t.tee == VS_INTEL_SGX));
		VS_ASSERT(t.levels_n >= 1 &&
		    t.levels_n <= VS_INTEL_LEVELS_MAX &&
		    t.modules_n <= VS_INTEL_MODULES_MAX);
		VS_ASSERT(t.tee == VS_INTEL_TDX || t.modules_n == 0);
		for (size_t i = 0; i < t.levels_n; i++)
			check_verdict(&t.levels[i].verdict);
		for (size_t i = 0; i < t.modules_n; i++)
			check_module(&t.modules[i]);
	}
	vs_arena_fini(&a);
	return 0;
}
