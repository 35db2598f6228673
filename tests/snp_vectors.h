/* SPDX-License-Identifier: Apache-2.0 */
/* The SEV-SNP vectors: cases of the manifest as evidence to appraise, and
 * the operations that mutate them. For unit tests. */
#ifndef VS_TESTS_SNP_VECTORS_H
#define VS_TESTS_SNP_VECTORS_H

#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "check.h"
#include "codec/json.h"
#include "evidence/evidence.h"

/* Parts of one case, by the names that mutations use. */
enum {
	V_REPORT,
	V_LEAF,
	V_INTERMEDIATE,
	V_ROOT,
	V_AUXBLOB,
	V_HCL,
	V_ATTEST,
	V_SIG,
	V_PCRS,
	V_JSON,
	V_PARTS
};
static const char *const v_names[V_PARTS] = {"report", "leaf", "intermediate",
    "root", "auxblob", "hcl", "tpm.attest", "tpm.sig", "tpm.pcrs", "json"};

struct v_case {
	struct vs_buf part[V_PARTS];
	bool has[V_PARTS];
	int64_t at;
	struct vs_buf report_data, nonce; /* expectations; empty: none */
};

/* NUL-terminated copy that lives as long as the test. */
static inline const char *
v_str(const struct vs_json *obj, const char *name)
{
	static struct vs_arena pool;
	struct vs_span s;

	if (pool.cap == 0)
		vs_arena_init(&pool, 64 << 20);
	if (!vs_json_is_string(vs_json_get(obj, name), &s))
		return NULL;
	return vs_arena_cstr(&pool, s);
}

static inline bool
v_read(const char *path, struct vs_buf *out)
{
	struct vs_err err = {0};
	char full[4096];

	snprintf(full, sizeof(full), "%s/sev-snp/%s", check_vectors(), path);
	vs_buf_reset(out);
	return CHECK_OK(vs_file_read(full, 1 << 20, out, &err), err);
}

static inline struct vs_json *
v_manifest(void)
{
	struct vs_err err = {0};
	struct vs_json *root = NULL;
	struct vs_buf b = {0};

	if (v_read("manifest.json", &b))
		CHECK_OK(vs_json_parse(vs_buf_span(&b), &root, &err), err);
	vs_buf_fini(&b);
	return root;
}

static inline const struct vs_json *
v_find(const struct vs_json *root, const char *list, const char *id)
{
	const struct vs_json *arr = vs_json_get(root, list);

	for (size_t i = 0; i < vs_json_size(arr); i++) {
		const char *have = v_str(vs_json_at(arr, i), "id");
		if (have != NULL && strcmp(have, id) == 0)
			return vs_json_at(arr, i);
	}
	return NULL;
}

static inline void
v_part(struct v_case *c, int part, const char *path)
{
	if (path == NULL)
		return;
	c->has[part] = v_read(path, &c->part[part]);
}

static inline void
v_fini(struct v_case *c)
{
	for (int i = 0; i < V_PARTS; i++)
		vs_buf_fini(&c->part[i]);
	vs_buf_fini(&c->report_data);
	vs_buf_fini(&c->nonce);
}

static inline bool
v_load(const struct vs_json *j, struct v_case *c)
{
	const struct vs_json *tpm = vs_json_get(j, "tpm");

	memset(c, 0, sizeof(*c));
	if (j == NULL || !vs_json_is_int(vs_json_get(j, "verify_at"), &c->at))
		return CHECK(false);
	v_part(c, V_REPORT, v_str(j, "report"));
	v_part(c, V_REPORT, v_str(j, "outblob"));
	v_part(c, V_AUXBLOB, v_str(j, "auxblob"));
	v_part(c, V_HCL, v_str(j, "hcl"));
	v_part(c, V_JSON, v_str(j, "json"));
	if (!c->has[V_AUXBLOB]) {
		v_part(c, V_LEAF, v_str(j, "leaf"));
		v_part(c, V_INTERMEDIATE, v_str(j, "intermediate"));
		v_part(c, V_ROOT, v_str(j, "root"));
	}
	v_part(c, V_ATTEST, v_str(tpm, "attest"));
	v_part(c, V_SIG, v_str(tpm, "sig"));
	v_part(c, V_PCRS, v_str(tpm, "pcrs"));
	return true;
}

static inline struct vs_span
v_span(const struct v_case *c, int part)
{
	return c->has[part] ? vs_buf_span(&c->part[part])
			    : (struct vs_span){NULL, 0};
}

/* Appraises; *out gets the claims. anchors etc. are in opt->collateral. */
static inline vs_status
v_appraise(const struct v_case *c, struct vs_evidence_options *opt,
    struct vs_claims *out, struct vs_err *err)
{
	struct vs_span certs[4];
	size_t n = 0;
	struct vs_evidence_expect expect = {
	    .report_data = vs_buf_span(&c->report_data),
	    .vtpm_nonce = vs_buf_span(&c->nonce)};
	struct vs_evidence_input in = {.kind = VS_EVIDENCE_SNP,
	    .report = v_span(c, V_REPORT),
	    .certs = certs};

	for (int i = V_LEAF; i <= V_AUXBLOB; i++)
		if (c->has[i])
			certs[n++] = v_span(c, i);
	in.certs_n = n;
	if (c->has[V_JSON]) {
		in.report = v_span(c, V_JSON);
		in.certs_n = 0;
	}
	if (c->has[V_HCL]) {
		in.kind = VS_EVIDENCE_AZ_SNP;
		in.report = v_span(c, V_HCL);
		in.quote.attest = v_span(c, V_ATTEST);
		in.quote.signature = v_span(c, V_SIG);
		in.quote.pcrs = v_span(c, V_PCRS);
	}
	opt->now = c->at;
	vs_err_clear(err);
	return vs_evidence_appraise(&in, &expect, opt, out, err);
}

static inline bool
v_hex(const struct vs_json *obj, const char *name, struct vs_buf *out)
{
	const char *hex = v_str(obj, name);
	uint8_t *p;

	vs_buf_reset(out);
	if (hex == NULL)
		return false;
	p = vs_buf_grow(out, strlen(hex) / 2);
	return p != NULL &&
	    vs_unhex(vs_span_cstr(hex), p, strlen(hex) / 2) == VS_OK;
}

static inline int
v_target(const char *name)
{
	for (int i = 0; i < V_PARTS; i++)
		if (name != NULL && strcmp(name, v_names[i]) == 0)
			return i;
	return -1;
}

static inline void
v_op_policy(const struct vs_json *op, struct v_case *c)
{
	if (vs_json_get(op, "report_data") != NULL)
		CHECK(v_hex(op, "report_data", &c->report_data));
	if (vs_json_get(op, "nonce_hex") != NULL)
		CHECK(v_hex(op, "nonce_hex", &c->nonce));
}

static inline void
v_op_bytes(const struct vs_json *op, const char *what, struct vs_buf *part)
{
	struct vs_buf v = {0};
	int64_t at = 0, len = 0;

	(void)v_hex(op, "value", &v);
	(void)vs_json_is_int(vs_json_get(op, "offset"), &at);
	(void)vs_json_is_int(vs_json_get(op, "length"), &len);
	if (strcmp(what, "truncate") == 0)
		part->n = (size_t)len;
	else if (strcmp(what, "append") == 0)
		vs_buf_add(part, vs_buf_span(&v));
	else if (strcmp(what, "fill") == 0)
		memset(part->p + at, v.p[0], (size_t)len);
	for (size_t i = 0; i < v.n && strcmp(what, "set") == 0; i++)
		part->p[(size_t)at + i] = v.p[i];
	for (size_t i = 0; i < v.n && strcmp(what, "xor") == 0; i++)
		part->p[(size_t)at + i] ^= v.p[i];
	vs_buf_fini(&v);
}

/* False for an operation that needs a forged PKI. */
static inline bool
v_op(const struct vs_json *op, struct v_case *c)
{
	const char *what = v_str(op, "op"), *with = v_str(op, "with");
	int part = v_target(v_str(op, "target"));
	int64_t ms;

	if (what == NULL || strcmp(what, "forge") == 0)
		return false;
	if (strcmp(what, "policy") == 0) {
		v_op_policy(op, c);
		return true;
	}
	if (strcmp(what, "clock") == 0) {
		CHECK_INT(vs_time_parse_ms(vs_span_cstr(v_str(op, "at")), &ms),
		    VS_OK);
		c->at = ms / 1000;
		return true;
	}
	if (!CHECK(part >= 0))
		return false;
	if (strcmp(what, "replace") == 0) {
		if (with == NULL || strchr(with, ' ') != NULL)
			return false;
		v_part(c, part, with);
		return true;
	}
	v_op_bytes(op, what, &c->part[part]);
	return true;
}

/* "a or b": the code is one of them. */
static inline bool
v_expected(const char *expect, const char *code)
{
	const char *p = code != NULL ? strstr(expect, code) : NULL;
	size_t n = code != NULL ? strlen(code) : 0;

	return p != NULL && (p[n] == '\0' || p[n] == ' ');
}

#endif
