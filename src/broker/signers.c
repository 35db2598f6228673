/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/signers.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/file.h"
#include "claims/claims.h"
#include "codec/json.h"

#define FORMAT "vouchsafe-policy-signatures/1"
static const char tag[] = "vouchsafe/v1 policy"; /* with its NUL */

enum { PEM_MAX = 16 * 1024, READ_ARENA = 4 * VS_SIG_FILE_MAX };

struct vs_signers {
	size_t threshold;
	size_t n;
	struct vs_verifier *v[VS_SIGNERS_MAX];
};

static bool
same_key(const struct vs_verifier *v, const uint8_t id[VS_SIGN_ID_SIZE])
{
	return memcmp(vs_verifier_id(v), id, VS_SIGN_ID_SIZE) == 0;
}

static bool
has(const struct vs_signers *s, const uint8_t id[VS_SIGN_ID_SIZE])
{
	for (size_t i = 0; i < s->n; i++) {
		if (same_key(s->v[i], id))
			return true;
	}
	return false;
}

static vs_status
add_key(struct vs_signers *s, const char *file, struct vs_err *err)
{
	VS_AUTO(vs_verifier) *v = NULL;
	struct vs_buf pem = {0};
	vs_status st = vs_file_read(file, PEM_MAX, &pem, err);

	if (st == VS_OK)
		st = vs_verifier_read(vs_buf_span(&pem), &v, err);
	vs_buf_fini(&pem);
	if (st != VS_OK)
		return vs_ctx(err, file, st);
	if (!has(s, vs_verifier_id(v)))
		s->v[s->n++] = VS_TAKE(v);
	return VS_OK;
}

vs_status
vs_signers_load(const char *const *files, size_t n, size_t threshold,
    struct vs_signers **out, struct vs_err *err)
{
	VS_AUTO(vs_signers) *s = vs_calloc(1, sizeof *s);

	if (s == NULL)
		return vs_fail(err, VS_NO_MEMORY, "signers");
	if (n > VS_SIGNERS_MAX || threshold < 1)
		return vs_fail(err, VS_USAGE,
		    "signers: at most %d keys, and a threshold of 1 or more",
		    VS_SIGNERS_MAX);
	s->threshold = threshold;
	for (size_t i = 0; i < n; i++)
		VS_TRY(err, "policy_signers", add_key(s, files[i], err));
	if (s->n < threshold)
		return vs_fail(err, VS_USAGE,
		    "policy_signers: %zu different keys cannot give %zu "
		    "signatures",
		    s->n, threshold);
	*out = VS_TAKE(s);
	return VS_OK;
}

void
vs_signers_free(struct vs_signers **sp)
{
	struct vs_signers *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		vs_verifier_free(&s->v[i]);
	free(s);
}

size_t
vs_signers_threshold(const struct vs_signers *s)
{
	return s->threshold;
}

static vs_status
read_entry(const struct vs_json *j, struct vs_arena *a,
    struct vs_sig_entry *out, struct vs_err *err)
{
	static const char *const known[] = {"key", "alg", "signature"};
	struct vs_span key, sig, alg;

	VS_TRY(err, "signature",
	    vs_json_only(j, "signatures", known, VS_COUNT(known), err));
	VS_TRY(err, "signature",
	    vs_json_need_str(j, "signatures", "key", &key, err));
	VS_TRY(err, "signature",
	    vs_json_need_str(j, "signatures", "alg", &alg, err));
	VS_TRY(err, "signature",
	    vs_json_need_b64url(
		j, "signatures", "signature", VS_SIG_SIZE, a, &sig, err));
	if (key.n != 2 * sizeof out->key ||
	    vs_unhex(key, out->key, sizeof out->key) != VS_OK)
		return vs_fail(
		    err, VS_MALFORMED, "signatures: key: 64 hex digits");
	if (sig.n != VS_SIG_SIZE)
		return vs_fail(err, VS_MALFORMED,
		    "signatures: signature: %d octets", VS_SIG_SIZE);
	memcpy(out->sig, sig.p, VS_SIG_SIZE);
	VS_TRY(err, "signature", vs_arena_dup(a, alg, &out->alg));
	return VS_OK;
}

static vs_status
read_doc(const struct vs_json *doc, struct vs_arena *a, struct vs_sig_file *out,
    struct vs_err *err)
{
	static const char *const known[] = {"format", "sha256", "signatures"};
	const struct vs_json *list = NULL;
	struct vs_span format, hash;

	if (vs_json_type_of(doc) != VS_JSON_OBJECT)
		return vs_fail(err, VS_MALFORMED, "must be an object");
	VS_TRY(err, "file", vs_json_only(doc, "", known, 3, err));
	VS_TRY(err, "file", vs_json_need_str(doc, "", "format", &format, err));
	if (!vs_span_is(format, FORMAT))
		return vs_fail(err, VS_UNSUPPORTED, "format: must be " FORMAT);
	VS_TRY(err, "file", vs_json_need_str(doc, "", "sha256", &hash, err));
	if (hash.n != 2 * sizeof out->sha256 ||
	    vs_unhex(hash, out->sha256, sizeof out->sha256) != VS_OK)
		return vs_fail(err, VS_MALFORMED, "sha256: 64 hex digits");
	VS_TRY(err, "file",
	    vs_json_need(doc, "", "signatures", VS_JSON_ARRAY, &list, err));
	if (vs_json_size(list) > VS_SIG_ENTRIES_MAX)
		return vs_fail(err, VS_TOO_LARGE, "signatures: above %d",
		    VS_SIG_ENTRIES_MAX);
	for (size_t i = 0; i < vs_json_size(list); i++)
		VS_TRY(err, "file",
		    read_entry(vs_json_at(list, i), a, &out->v[i], err));
	out->n = vs_json_size(list);
	return VS_OK;
}

vs_status
vs_sig_file_read(struct vs_span text, struct vs_arena *a,
    struct vs_sig_file *out, struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;

	if (text.n > VS_SIG_FILE_MAX)
		return vs_fail(err, VS_TOO_LARGE, "signatures: file too large");
	VS_TRY(err, "signatures", vs_json_parse(text, &doc, err));
	return read_doc(doc, a, out, err);
}

void
vs_sig_file_write(const struct vs_sig_file *f, struct vs_buf *out)
{
	char hex[2 * VS_SIGN_ID_SIZE + 1];

	vs_hex(VS_SPAN_OF(f->sha256), hex);
	vs_buf_printf(out,
	    "{\"format\": \"" FORMAT "\",\n \"sha256\": \"%s\",\n"
	    " \"signatures\": [",
	    hex);
	for (size_t i = 0; i < f->n; i++) {
		const struct vs_sig_entry *e = &f->v[i];

		vs_hex(VS_SPAN_OF(e->key), hex);
		vs_buf_printf(out,
		    "%s\n  {\"key\": \"%s\",\n   \"alg\": ", i > 0 ? "," : "",
		    hex);
		vs_json_quote(e->alg, out);
		vs_buf_puts(out, ", \"signature\": \"");
		vs_buf_b64url(out, VS_SPAN_OF(e->sig));
		vs_buf_puts(out, "\"}");
	}
	vs_buf_puts(out, "]}\n");
}

void
vs_sig_message(struct vs_span policy, struct vs_buf *out)
{
	vs_buf_add(out, VS_SPAN_OF(tag));
	vs_buf_add(out, policy);
}

/* One for each key, however often it signed. */
static size_t
count_good(const struct vs_signers *s, const struct vs_sig_file *f,
    struct vs_span message)
{
	size_t good = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct vs_span alg =
		    vs_span_cstr(vs_sign_alg_name(vs_verifier_alg(s->v[i])));
		bool signed_it = false;

		for (size_t k = 0; k < f->n && !signed_it; k++) {
			struct vs_err ignored = {0};

			signed_it = same_key(s->v[i], f->v[k].key) &&
			    vs_span_equal(f->v[k].alg, alg) &&
			    vs_verify(s->v[i], message, VS_SPAN_OF(f->v[k].sig),
				&ignored) == VS_OK;
		}
		good += signed_it;
	}
	return good;
}

static vs_status
check(const struct vs_signers *s, const char *file, struct vs_span policy,
    struct vs_span signatures, struct vs_arena *a, size_t *good,
    struct vs_err *err)
{
	struct vs_sig_file *f = vs_arena_alloc(a, sizeof *f);
	struct vs_buf message = {0};
	vs_status st;

	*good = 0;
	if (f == NULL)
		return vs_fail(err, VS_NO_MEMORY, "%s: signatures", file);
	if (signatures.n > 0) {
		st = vs_sig_file_read(signatures, a, f, err);
		if (st != VS_OK)
			return vs_ctx(err, file, st);
		vs_sig_message(policy, &message);
		st = vs_buf_status(&message);
		if (st == VS_OK)
			*good = count_good(s, f, vs_buf_span(&message));
		vs_buf_fini(&message);
		if (st != VS_OK)
			return vs_fail(err, st, "%s: signatures", file);
	}
	if (*good < s->threshold)
		return vs_fail_code(err, VS_UNTRUSTED, "policy.signatures",
		    "%s: signed by %zu of the configured signers, %zu are "
		    "needed",
		    file, *good, s->threshold);
	return VS_OK;
}

vs_status
vs_signers_check(const struct vs_signers *s, const char *file,
    struct vs_span policy, struct vs_span signatures, size_t *good,
    struct vs_err *err)
{
	struct vs_arena a;
	size_t n = 0;
	vs_status st;

	vs_arena_init(&a, READ_ARENA);
	st = check(s, file, policy, signatures, &a, &n, err);
	vs_arena_fini(&a);
	if (good != NULL)
		*good = n;
	return st;
}
