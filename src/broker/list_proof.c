/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/list_proof.h"

#include <string.h>

#include "base/encoding.h"
#include "base/file.h"
#include "crypto/digest.h"

enum { KEY_FILE_MAX = 64 * 1024 };

/* Files as they are read, until the trust is made of them. */
struct files {
	struct vs_buf root;
	struct vs_buf keys[VS_PROVENANCE_KEYS_MAX];
};

static void
files_fini(struct files *f)
{
	vs_buf_fini(&f->root);
	for (size_t i = 0; i < VS_COUNT(f->keys); i++)
		vs_buf_fini(&f->keys[i]);
}

static vs_status
read_all(const struct vs_list_proof *p, struct files *f,
    struct vs_provenance_trust **out, struct vs_err *err)
{
	struct vs_span pem[VS_PROVENANCE_KEYS_MAX];

	VS_ASSERT(p->keys_n <= VS_COUNT(pem));
	if (p->root != NULL)
		VS_TRY(err, "trusted_root",
		    vs_file_read(p->root, VS_PROVENANCE_MAX, &f->root, err));
	for (size_t i = 0; i < p->keys_n; i++) {
		VS_TRY(err, "keys",
		    vs_file_read(p->keys[i], KEY_FILE_MAX, &f->keys[i], err));
		pem[i] = vs_buf_span(&f->keys[i]);
	}
	return vs_provenance_trust_read(
	    vs_buf_span(&f->root), pem, p->keys_n, out, err);
}

static vs_status
trust_of(const struct vs_list_proof *p, struct vs_provenance_trust **out,
    struct vs_err *err)
{
	struct files f = {.root = {.n = 0}};
	vs_status st = read_all(p, &f, out, err);

	files_fini(&f);
	return st;
}

vs_status
vs_list_proof_check(const struct vs_list_rules *rules, struct vs_err *err)
{
	for (size_t i = 0; i < rules->n; i++) {
		VS_AUTO(vs_provenance_trust) *t = NULL;
		vs_status st;

		if (rules->v[i].proof == NULL)
			continue;
		st = trust_of(rules->v[i].proof, &t, err);
		if (st != VS_OK) {
			(void)vs_ctx(err, rules->v[i].name, st);
			return vs_ctx(err, "lists", err->status = VS_USAGE);
		}
	}
	return VS_OK;
}

static vs_status
digest_of(const struct vs_list_rule *rule, struct vs_span value,
    uint8_t out[VS_SHA256_SIZE])
{
	const struct vs_entry_kind *k = rule->kind;

	if (strcmp(k->name, "image-digest") == 0 ||
	    strcmp(k->name, "sha256") == 0)
		return vs_unhex(
		    vs_span_slice(value, strlen(k->prefix), value.n), out,
		    VS_SHA256_SIZE);
	return vs_sha256(value, out);
}

static vs_status
judge(const struct vs_list_rule *rule, const uint8_t digest[VS_SHA256_SIZE],
    struct vs_span document, int64_t now_s, struct vs_arena *a,
    struct vs_provenance *out, struct vs_err *err)
{
	VS_AUTO(vs_provenance_trust) *trust = NULL;
	struct vs_provenance_want want = rule->proof->want;

	VS_TRY(err, "provenance", trust_of(rule->proof, &trust, err));
	want.digest = VS_SPAN(digest, VS_SHA256_SIZE);
	want.now_s = now_s;
	return vs_provenance_verify(document, trust, &want, a, out, err);
}

vs_status
vs_list_prove(const struct vs_list_rule *rule, struct vs_span value,
    struct vs_span document, int64_t now_s, struct vs_arena *a,
    struct vs_provenance *out, struct vs_err *err)
{
	uint8_t digest[VS_SHA256_SIZE];
	struct vs_provenance p = {.slsa_level = 0};
	vs_status st;

	*out = p;
	if (rule->proof == NULL && document.n == 0)
		return VS_OK;
	if (rule->proof == NULL)
		return vs_fail_code(err, VS_MALFORMED, "entry.provenance",
		    "the list has no `provenance` to judge it by");
	if (document.n == 0)
		return vs_fail_code(err, VS_DENIED, "entry.provenance",
		    "the list demands a proof of origin");
	VS_TRY(err, "value", digest_of(rule, value, digest));
	st = judge(rule, digest, document, now_s, a, &p, err);
	/* It was signed too late or too early; who asks is another matter. */
	if (st == VS_STALE)
		st = err->status = VS_UNTRUSTED;
	if (st != VS_OK)
		return vs_ctx(err, "provenance", st);
	if (p.builder.n > VS_LIST_VALUE_MAX ||
	    p.source_uri.n > VS_LIST_VALUE_MAX ||
	    p.source_ref.n > VS_LIST_VALUE_MAX)
		return vs_fail_code(err, VS_MALFORMED, "entry.provenance",
		    "a name in the proof is longer than %d octets",
		    VS_LIST_VALUE_MAX);
	*out = p;
	return VS_OK;
}
