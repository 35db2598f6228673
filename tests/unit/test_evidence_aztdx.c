/* SPDX-License-Identifier: Apache-2.0 */
/* A real TD under Azure's paravisor: the chain from Intel's root to the
 * guest's nonce, and each of its links broken alone. */
#include "base/encoding.h"
#include "base/file.h"
#include "check.h"
#include "codec/json.h"
#include "evidence/evidence.h"

enum { FILE_MAX = 1 << 20, AT = 1761955200 /* 2025-11-01 */ };

static struct vs_collateral *held;
static struct vs_arena arena, pool;
static struct vs_claims claims;
static struct vs_err err;
static struct vs_json *genuine;
static const struct vs_span nonce = {(const uint8_t *)"challenge", 9};

static bool
load(const char *name, struct vs_buf *out)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/intel-dcap/%s", check_vectors(), name);
	vs_buf_reset(out);
	vs_err_clear(&err);
	return CHECK_OK(vs_file_read(path, FILE_MAX, out, &err), err);
}

static const struct vs_json *
find_case(const struct vs_json *manifest, const char *id)
{
	const struct vs_json *cases = vs_json_get(manifest, "cases");
	struct vs_span text;

	for (size_t i = 0; i < vs_json_size(cases); i++)
		if (vs_json_is_string(
			vs_json_get(vs_json_at(cases, i), "id"), &text) &&
		    vs_span_is(text, id))
			return vs_json_at(cases, i);
	return NULL;
}

/* The collateral of the same quote without Azure's clothes. */
static void
collect(void)
{
	static const char *const names[] = {"tcb_info_issuer_chain",
	    "qe_identity_issuer_chain", "root_ca_crl", "pck_crl", "tcb_info",
	    "qe_identity"};
	struct vs_collateral_builder *b = vs_collateral_builder_new();
	VS_AUTO(vs_json) *manifest = NULL;
	const struct vs_json *files;
	struct vs_buf file = {0};

	CHECK(load("manifest.json", &file));
	CHECK_OK(vs_json_parse(vs_buf_span(&file), &manifest, &err), err);
	files = vs_json_get(find_case(manifest, "tdx4-azure-coco"), "files");
	for (size_t i = 0; i < VS_COUNT(names); i++) {
		struct vs_span name = {0};
		char path[256];

		CHECK(vs_json_is_string(vs_json_get(files, names[i]), &name));
		snprintf(path, sizeof(path), "%.*s", VS_SPAN_ARG(name));
		if (load(path, &file))
			CHECK_OK(vs_collateral_add(
				     b, path, vs_buf_span(&file), &err),
			    err);
	}
	CHECK_OK(vs_collateral_build(b, &held, &err), err);
	vs_collateral_builder_free(&b);
	vs_buf_fini(&file);
}

/* A member of the genuine evidence, or of its tpm_quote. */
static struct vs_span
member(const char *name)
{
	const struct vs_json *quote = vs_json_get(genuine, "tpm_quote");
	struct vs_span text = {0};

	if (!vs_json_is_string(vs_json_get(genuine, name), &text))
		CHECK(vs_json_is_string(vs_json_get(quote, name), &text));
	return text;
}

static struct vs_span
decoded(const char *name)
{
	struct vs_span text = member(name), out = {0};

	while (text.n > 0 && text.p[text.n - 1] == '=')
		text.n--;
	CHECK_INT(vs_b64url_decode(&pool, text, &out), VS_OK);
	return out;
}

/* One bit of one part. */
struct flaw {
	const char *part; /* NULL: none; "pcrs": of the first one */
	size_t at;
	bool no_quote, no_td_quote, no_hcl;
	int version; /* 0: 1 */
	bool few_pcrs;
	const char *text; /* instead of the part */
};

static struct vs_json *
put_b64(const struct flaw *f, const char *name)
{
	struct vs_span bytes = decoded(name);
	struct vs_buf text = {0};
	struct vs_json *out;
	uint8_t *p = vs_arena_alloc(&pool, bytes.n);

	memcpy(p, bytes.p, bytes.n);
	if (f->part != NULL && strcmp(f->part, name) == 0) {
		if (f->text != NULL)
			return vs_json_cstr(f->text);
		p[f->at] ^= 1;
	}
	vs_buf_b64url(&text, VS_SPAN(p, bytes.n));
	out = vs_json_str(vs_buf_span(&text));
	vs_buf_fini(&text);
	return out;
}

static struct vs_json *
put_hex(const struct flaw *f, const char *name, struct vs_span hex)
{
	char *p = vs_arena_cstr(&pool, hex);

	if (f->part != NULL && strcmp(f->part, name) == 0) {
		if (f->text != NULL)
			return vs_json_cstr(f->text);
		p[f->at] = p[f->at] == '0' ? '1' : '0';
	}
	return vs_json_cstr(p);
}

static struct vs_json *
put_quote(const struct flaw *f)
{
	const struct vs_json *pcrs =
	    vs_json_get(vs_json_get(genuine, "tpm_quote"), "pcrs");
	struct vs_json *o = vs_json_object(), *list = vs_json_array();
	size_t n = vs_json_size(pcrs) - f->few_pcrs;

	for (size_t i = 0; i < n; i++) {
		struct vs_span hex = {0};

		CHECK(vs_json_is_string(vs_json_at(pcrs, i), &hex));
		vs_json_append(&list, put_hex(f, i == 0 ? "pcrs" : "-", hex));
	}
	vs_json_set(&o, "pcrs", list);
	vs_json_set(&o, "message", put_hex(f, "message", member("message")));
	vs_json_set(
	    &o, "signature", put_hex(f, "signature", member("signature")));
	return o;
}

static vs_status
appraise(struct flaw f, struct vs_span want_nonce, struct vs_span want_data)
{
	struct vs_json *o = vs_json_object();
	struct vs_buf text = {0};
	struct vs_evidence_expect expect = {
	    .vtpm_nonce = want_nonce, .report_data = want_data};
	struct vs_evidence_options opt = {.collateral = held, .now = AT};
	vs_status st;

	vs_json_set(&o, "version", vs_json_int(f.version == 0 ? 1 : f.version));
	if (!f.no_hcl)
		vs_json_set(&o, "hcl_report", put_b64(&f, "hcl_report"));
	if (!f.no_td_quote)
		vs_json_set(&o, "td_quote", put_b64(&f, "td_quote"));
	if (!f.no_quote)
		vs_json_set(&o, "tpm_quote", put_quote(&f));
	CHECK_INT(vs_json_dump(o, VS_JSON_COMPACT, &text), VS_OK);
	vs_json_free(&o);
	struct vs_evidence_input in = {
	    .kind = VS_EVIDENCE_AZ_TDX, .report = vs_buf_span(&text)};
	vs_arena_reset(&arena);
	vs_claims_init(&claims, &arena);
	st = vs_evidence_appraise(&in, &expect, &opt, &claims, &err);
	vs_buf_fini(&text);
	return st;
}

#define NONE ((struct vs_span){0})
#define REFUSED(fine, ...)                                                     \
	do {                                                                   \
		CHECK(appraise((struct flaw){__VA_ARGS__}, nonce, NONE) !=     \
		    VS_OK);                                                    \
		if (!CHECK_STR(err.code, fine))                                \
			fprintf(stderr, "line %d: %s\n", __LINE__, err.msg);   \
		CHECK(!claims.v[VS_CLAIM_TEE_KIND].present);                   \
	} while (0)

static void
test_genuine(void)
{
	CHECK_OK(appraise((struct flaw){0}, nonce, NONE), err);
	CHECK(vs_span_is(claims.v[VS_CLAIM_TEE_KIND].u.s, "az-tdx"));
	CHECK(vs_span_is(claims.v[VS_CLAIM_TCB_STATUS].u.s, "OutOfDate"));
	CHECK(claims.v[VS_CLAIM_AZ_QUOTE].u.b);
	CHECK(claims.v[VS_CLAIM_AZ_SECURE_BOOT].u.b);
	CHECK(claims.v[VS_CLAIM_AZ_PCR_DIGEST].present);
	CHECK(!claims.v[VS_CLAIM_TEE_DEBUG].u.b);
	CHECK(!claims.v[VS_CLAIM_TDX_ATTR_SEPT_VE].u.b);
	/* Without an expectation the quote is optional. */
	CHECK_OK(appraise((struct flaw){.no_quote = true}, NONE, NONE), err);
	CHECK(!claims.v[VS_CLAIM_AZ_QUOTE].u.b);
}

static void
test_as_it_came(void)
{
	struct vs_buf file = {0};
	struct vs_evidence_expect expect = {.vtpm_nonce = nonce};
	struct vs_evidence_options opt = {.collateral = held, .now = AT};

	if (!load("azure/evidence-v1.json", &file))
		return;
	struct vs_evidence_input in = {
	    .kind = vs_evidence_kind_guess(vs_buf_span(&file)),
	    .report = vs_buf_span(&file)};
	CHECK_INT(in.kind, VS_EVIDENCE_AZ_TDX);
	vs_claims_init(&claims, &arena);
	CHECK_OK(vs_evidence_appraise(&in, &expect, &opt, &claims, &err), err);
	in.quote.attest = nonce; /* which of the two quotes counts? */
	CHECK_INT(
	    vs_evidence_appraise(&in, &expect, &opt, &claims, &err), VS_USAGE);
	vs_buf_fini(&file);
}

/* The report data of a release can be neither: none was asked for. */
static void
test_request(void)
{
	uint8_t other[64] = {1};
	uint8_t zeros[64] = {0};

	CHECK_INT(appraise((struct flaw){0}, VS_SPAN_LIT("challengf"), NONE),
	    VS_UNTRUSTED);
	CHECK_STR(err.code, "bind.nonce");
	REFUSED("bind.nonce", .no_quote = true);
	CHECK_INT(
	    appraise((struct flaw){0}, NONE, VS_SPAN_OF(other)), VS_UNTRUSTED);
	CHECK_STR(err.code, "bind.report_data");
	CHECK_INT(appraise((struct flaw){0}, NONE, nonce), VS_UNTRUSTED);
	CHECK_STR(err.code, "bind.report_data");
	/* user-data of this machine, and the quote of another request */
	CHECK_INT(
	    appraise((struct flaw){0}, NONE, VS_SPAN_OF(zeros)), VS_UNTRUSTED);
	CHECK_STR(err.code, "bind.report_data");
	CHECK_OK(appraise((struct flaw){0}, nonce, VS_SPAN_OF(zeros)), err);
	CHECK_OK(
	    appraise((struct flaw){.no_quote = true}, NONE, VS_SPAN_OF(zeros)),
	    err);
	CHECK(claims.v[VS_CLAIM_TEE_BOUND].u.b);
	CHECK(!claims.v[VS_CLAIM_AZ_QUOTE].u.b);
}

static void
test_every_link(void)
{
	/* The TD quote, its report data, the runtime data, the vTPM. */
	REFUSED("quote_signature", .part = "td_quote", .at = 48 + 136);
	REFUSED("quote_signature", .part = "td_quote", .at = 48 + 520);
	REFUSED("bind.hcl_runtime_data", .part = "hcl_report", .at = 1300);
	REFUSED("tpm.signature", .part = "message", .at = 100);
	REFUSED("tpm.signature", .part = "signature", .at = 100);
	REFUSED("tpm.pcr_digest", .part = "pcrs", .at = 0);
}

static void
test_form(void)
{
	REFUSED("parse.az_tdx", .version = 2);
	REFUSED("parse.az_tdx", .no_td_quote = true);
	REFUSED("parse.az_tdx", .no_hcl = true);
	REFUSED("parse.az_tdx", .few_pcrs = true);
	REFUSED("parse.az_tdx", .part = "pcrs", .text = "00");
	REFUSED("parse.az_tdx", .part = "message", .text = "0");
	REFUSED("parse.az_tdx", .part = "message", .text = "");
	REFUSED("parse.az_tdx", .part = "signature", .text = "zz");
	REFUSED("parse.az_tdx", .part = "td_quote", .text = "A===");
	REFUSED("parse.az_tdx", .part = "td_quote", .text = "*");
	REFUSED("quote_malformed", .part = "td_quote", .text = "AAAA");
	REFUSED("parse.hcl", .part = "hcl_report", .at = 0);
	REFUSED("parse.hcl", .part = "hcl_report", .text = "AAAA");
	REFUSED("parse.hcl_type", .part = "hcl_report", .at = 1216 + 8);
	REFUSED("parse.hcl_hash", .part = "hcl_report", .at = 1216 + 12);
}

static void
test_not_json(void)
{
	struct vs_evidence_expect expect = {0};
	struct vs_evidence_options opt = {.collateral = held, .now = AT};
	struct vs_evidence_input in = {
	    .kind = VS_EVIDENCE_AZ_TDX, .report = VS_SPAN_LIT("HCLA")};

	CHECK_INT(vs_status_class(
		      vs_evidence_appraise(&in, &expect, &opt, &claims, &err)),
	    VS_CLASS_MALFORMED);
	CHECK_STR(err.code, "parse.az_tdx");
}

static int
run_all(void)
{
	struct vs_buf file = {0};

	vs_arena_init(&arena, 1 << 20);
	vs_arena_init(&pool, 16 << 20);
	collect();
	if (load("azure/evidence-v1.json", &file))
		CHECK_OK(
		    vs_json_parse(vs_buf_span(&file), &genuine, &err), err);
	RUN(test_genuine);
	RUN(test_as_it_came);
	RUN(test_request);
	RUN(test_every_link);
	RUN(test_form);
	RUN(test_not_json);
	vs_json_free(&genuine);
	vs_buf_fini(&file);
	vs_collateral_free(&held);
	vs_arena_fini(&pool);
	vs_arena_fini(&arena);
	return check_result();
}

int
main(void)
{
	char path[4096];
	struct stat st;

	if (check_vectors() == NULL)
		return 77;
	snprintf(path, sizeof(path), "%s/intel-dcap/azure/evidence-v1.json",
	    check_vectors());
	return stat(path, &st) == 0 ? run_all() : 77;
}
