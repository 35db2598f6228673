/* SPDX-License-Identifier: Apache-2.0 */
/* Verification summaries (slsa.dev verification_summary/v1): somebody else
 * looked at the provenance, and signs for what it is worth. */
#include "provenance/parts.h"

/* "SLSA_BUILD_LEVEL_3", one digit. */
static int64_t
level_of(struct vs_span s)
{
	const struct vs_span prefix = VS_SPAN_LIT("SLSA_BUILD_LEVEL_");

	if (!vs_span_starts(s, prefix) || s.n != prefix.n + 1 ||
	    s.p[prefix.n] < '0' ||
	    s.p[prefix.n] > '0' + VS_PROVENANCE_LEVEL_MAX)
		return 0;
	return s.p[prefix.n] - '0';
}

vs_status
vs_pv_vsa(
    struct vs_pv_run *r, const struct vs_json *predicate, struct vs_err *err)
{
	const struct vs_json *levels;
	struct vs_span text;

	r->out.builder = vs_pv_str(vs_json_get(predicate, "verifier"), "id");
	if (r->out.builder.n == 0)
		return vs_fail_code(err, VS_MALFORMED, "malformed",
		    "summary: it names no verifier");
	if (!vs_span_is(vs_pv_str(predicate, "verificationResult"), "PASSED"))
		return vs_fail_code(err, VS_DENIED, "policy-denied.result",
		    "summary: the verifier did not pass it");
	VS_TRY(err, "summary",
	    vs_pv_array(predicate, "verifiedLevels", 32, &levels, err));
	for (size_t i = 0; i < vs_json_size(levels); i++) {
		int64_t n = 0;
		if (vs_json_is_string(vs_json_at(levels, i), &text))
			n = level_of(text);
		if (n > r->out.slsa_level)
			r->out.slsa_level = n;
	}
	return VS_OK;
}
