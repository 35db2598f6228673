/* SPDX-License-Identifier: Apache-2.0 */
/* A vTPM quote on the command line: one JSON object, or three files. */
#include <string.h>

#include "base/encoding.h"
#include "cli/appraise.h"
#include "cli/input.h"
#include "codec/json.h"

/* A TPMS_ATTEST, a signature and 24 digests are far below. */
enum { QUOTE_FILE_MAX = 16 * 1024 };

/* Tools write either alphabet. */
static vs_status
member(const struct vs_json *o, const char *name, struct vs_arena *a,
    struct vs_span *out, struct vs_err *err)
{
	struct vs_span text;

	VS_TRY(err, "--vtpm-quote",
	    vs_json_need_str(o, "quote", name, &text, err));
	if (vs_b64_decode(a, text, out) != VS_OK &&
	    vs_b64url_decode(a, text, out) != VS_OK)
		return vs_fail(
		    err, VS_MALFORMED, "--vtpm-quote: %s: not base64", name);
	return VS_OK;
}

static vs_status
from_json(struct vs_span text, struct vs_arena *a, struct vs_vtpm_quote *out,
    struct vs_err *err)
{
	VS_AUTO(vs_json) *o = NULL;

	VS_TRY(err, "--vtpm-quote", vs_json_parse(text, &o, err));
	VS_TRY(err, "--vtpm-quote", member(o, "attest", a, &out->attest, err));
	VS_TRY(err, "--vtpm-quote",
	    member(o, "signature", a, &out->signature, err));
	VS_TRY(err, "--vtpm-quote", member(o, "pcrs", a, &out->pcrs, err));
	return VS_OK;
}

/* path without `suffix`, plus `with`; path itself where it has no such
 * suffix. */
static const char *
sibling(
    struct vs_arena *a, const char *path, const char *suffix, const char *with)
{
	size_t n = strlen(path), cut = strlen(suffix);

	if (n > cut && strcmp(path + n - cut, suffix) == 0)
		n -= cut;
	return vs_arena_printf(a, "%.*s%s", (int)n, path, with);
}

/* X.quote.msg -> X.quote.sig, X.pcrs.bin; X.msg -> X.sig, X.pcrs.bin */
static vs_status
from_files(const struct vs_appraise_opts *o, struct vs_arena *a,
    struct vs_vtpm_quote *out, struct vs_err *err)
{
	const char *stem = sibling(a, o->vtpm_quote, ".msg", "");
	const char *sig = o->vtpm_sig, *pcrs = o->vtpm_pcrs;

	if (stem == NULL)
		return vs_fail(err, VS_NO_MEMORY, "--vtpm-quote");
	if (sig == NULL)
		sig = sibling(a, stem, "", ".sig");
	if (pcrs == NULL)
		pcrs = sibling(a, stem, ".quote", ".pcrs.bin");
	if (sig == NULL || pcrs == NULL)
		return vs_fail(err, VS_NO_MEMORY, "--vtpm-quote");
	VS_TRY(err, "signature of the quote (--vtpm-sig)",
	    vs_cli_read(sig, QUOTE_FILE_MAX, a, &out->signature, err));
	VS_TRY(err, "PCRs of the quote (--vtpm-pcrs)",
	    vs_cli_read(pcrs, QUOTE_FILE_MAX, a, &out->pcrs, err));
	return VS_OK;
}

vs_status
vs_appraise_quote(const struct vs_appraise_opts *o, struct vs_arena *a,
    struct vs_vtpm_quote *out, struct vs_err *err)
{
	struct vs_span bytes;

	VS_TRY(err, "--vtpm-quote",
	    vs_cli_read(o->vtpm_quote, QUOTE_FILE_MAX, a, &bytes, err));
	if (bytes.n > 0 && bytes.p[0] == '{')
		return from_json(bytes, a, out, err);
	out->attest = bytes;
	return from_files(o, a, out, err);
}
