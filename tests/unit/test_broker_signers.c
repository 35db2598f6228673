/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of policies: k of n, no key twice, nothing else counts. */
#include "check.h"

#include <unistd.h>

#include "base/encoding.h"
#include "base/file.h"
#include "broker/signers.h"
#include "crypto/digest.h"

enum { KEYS = 3 };

static char dir[64];
static char files[KEYS][96];
static struct vs_signer *keys[KEYS];
static struct vs_arena arena;
static struct vs_err err;
static const struct vs_span POLICY = {(const uint8_t *)"name: a\n", 8};

static void
make_keys(void)
{
	(void)snprintf(dir, sizeof dir, "/tmp/vs-signers-XXXXXX");
	if (mkdtemp(dir) == NULL)
		exit(1);
	for (size_t i = 0; i < KEYS; i++) {
		struct vs_buf pem = {0};

		CHECK_OK(vs_signer_new(i == 1 ? VS_SIGN_P256 : VS_SIGN_ED25519,
			     &keys[i], &err),
		    err);
		CHECK_OK(vs_signer_public(keys[i], &pem, &err), err);
		(void)snprintf(files[i], sizeof files[i], "%s/%zu.pem", dir, i);
		CHECK_OK(vs_file_write(files[i], vs_buf_span(&pem), 0600, &err),
		    err);
		vs_buf_fini(&pem);
	}
}

static void
remove_keys(void)
{
	for (size_t i = 0; i < KEYS; i++) {
		(void)unlink(files[i]);
		vs_signer_free(&keys[i]);
	}
	(void)rmdir(dir);
}

static struct vs_signers *
signers(size_t n, size_t threshold)
{
	const char *paths[KEYS + 1] = {files[0], files[1], files[2], files[0]};
	struct vs_signers *s = NULL;

	CHECK_OK(vs_signers_load(paths, n, threshold, &s, &err), err);
	return s;
}

static void
add(struct vs_sig_file *f, size_t key, struct vs_span policy)
{
	struct vs_verifier *v = NULL;
	struct vs_buf pem = {0}, message = {0};
	struct vs_sig_entry *e = &f->v[f->n++];

	CHECK_OK(vs_signer_public(keys[key], &pem, &err), err);
	CHECK_OK(vs_verifier_read(vs_buf_span(&pem), &v, &err), err);
	memcpy(e->key, vs_verifier_id(v), sizeof e->key);
	e->alg = vs_span_cstr(vs_sign_alg_name(vs_verifier_alg(v)));
	vs_sig_message(policy, &message);
	CHECK_OK(vs_sign(keys[key], vs_buf_span(&message), e->sig, &err), err);
	vs_verifier_free(&v);
	vs_buf_fini(&pem);
	vs_buf_fini(&message);
}

static vs_status
check(size_t threshold, const struct vs_sig_file *f, struct vs_span policy)
{
	struct vs_signers *s = signers(KEYS, threshold);
	struct vs_buf text = {0};
	vs_status st;

	vs_sig_file_write(f, &text);
	vs_err_clear(&err);
	st = vs_signers_check(
	    s, "p.yaml", policy, vs_buf_span(&text), NULL, &err);
	vs_buf_fini(&text);
	vs_signers_free(&s);
	return st;
}

static void
test_enough_signers_suffice(void)
{
	struct vs_sig_file f = {.n = 0};

	CHECK_INT(check(1, &f, POLICY), VS_UNTRUSTED);
	CHECK_STR(err.code, "policy.signatures");
	add(&f, 0, POLICY);
	CHECK_INT(check(1, &f, POLICY), VS_OK);
	CHECK_INT(check(2, &f, POLICY), VS_UNTRUSTED);
	CHECK(strstr(err.msg, "signed by 1 of the configured signers, 2") !=
	    NULL);
	add(&f, 1, POLICY); /* on P-256 */
	CHECK_INT(check(2, &f, POLICY), VS_OK);
	CHECK_INT(check(3, &f, POLICY), VS_UNTRUSTED);
	add(&f, 2, POLICY);
	CHECK_INT(check(3, &f, POLICY), VS_OK);
}

static void
test_a_key_counts_once(void)
{
	struct vs_sig_file f = {.n = 0};
	const char *twice[] = {files[0], files[0]};
	struct vs_signers *s = NULL;

	add(&f, 0, POLICY);
	add(&f, 0, POLICY);
	CHECK_INT(check(2, &f, POLICY), VS_UNTRUSTED);
	/* Nor does it count twice when the configuration names it twice. */
	CHECK_INT(vs_signers_load(twice, 2, 2, &s, &err), VS_USAGE);
	s = signers(KEYS + 1, 3);
	vs_signers_free(&s);
	CHECK_INT(vs_signers_load(twice, 2, 0, &s, &err), VS_USAGE);
}

static void
test_other_signatures_count_for_nothing(void)
{
	struct vs_sig_file f = {.n = 0};
	const char *only[] = {files[0]};
	struct vs_signers *s = NULL;
	struct vs_buf text = {0};

	/* Of another text. */
	add(&f, 0, VS_SPAN_LIT("name: b\n"));
	CHECK_INT(check(1, &f, POLICY), VS_UNTRUSTED);
	/* Without the tag, so made for something else. */
	f.n = 0;
	add(&f, 0, POLICY);
	CHECK_OK(vs_sign(keys[0], POLICY, f.v[0].sig, &err), err);
	CHECK_INT(check(1, &f, POLICY), VS_UNTRUSTED);
	/* Under the name of another key. */
	f.n = 0;
	add(&f, 0, POLICY);
	add(&f, 1, POLICY);
	memcpy(f.v[0].key, f.v[1].key, sizeof f.v[0].key);
	f.n = 1;
	CHECK_INT(check(1, &f, POLICY), VS_UNTRUSTED);
	/* Under another algorithm. */
	f.n = 0;
	add(&f, 0, POLICY);
	f.v[0].alg = VS_SPAN_LIT("p256");
	CHECK_INT(check(1, &f, POLICY), VS_UNTRUSTED);
	/* Of a key that is no signer. */
	f.n = 0;
	add(&f, 2, POLICY);
	CHECK_OK(vs_signers_load(only, 1, 1, &s, &err), err);
	vs_sig_file_write(&f, &text);
	CHECK_INT(vs_signers_check(
		      s, "p.yaml", POLICY, vs_buf_span(&text), NULL, &err),
	    VS_UNTRUSTED);
	vs_buf_fini(&text);
	vs_signers_free(&s);
}

/* Every bit of the policy and of each signature matters. */
static void
test_flipped_bits_do_not_verify(void)
{
	struct vs_sig_file f = {.n = 0};
	uint8_t text[8];

	add(&f, 0, POLICY);
	add(&f, 1, POLICY);
	memcpy(text, POLICY.p, sizeof text);
	for (size_t i = 0; i < sizeof text * 8; i++) {
		text[i / 8] ^= (uint8_t)(1u << (i % 8));
		CHECK_INT(check(1, &f, VS_SPAN_OF(text)), VS_UNTRUSTED);
		text[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	for (size_t i = 0; i < VS_SIG_SIZE * 8; i++) {
		for (size_t k = 0; k < 2; k++)
			f.v[k].sig[i / 8] ^= (uint8_t)(1u << (i % 8));
		CHECK_INT(check(1, &f, POLICY), VS_UNTRUSTED);
		for (size_t k = 0; k < 2; k++)
			f.v[k].sig[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	CHECK_INT(check(2, &f, POLICY), VS_OK);
}

static void
test_files_round_trip_and_mutate(void)
{
	static struct vs_sig_file in, out;
	struct vs_buf text = {0};

	add(&in, 0, POLICY);
	add(&in, 1, POLICY);
	memset(in.sha256, 7, sizeof in.sha256);
	vs_sig_file_write(&in, &text);
	CHECK_OK(vs_sig_file_read(vs_buf_span(&text), &arena, &out, &err), err);
	CHECK_INT(out.n, 2);
	CHECK(memcmp(out.v[1].sig, in.v[1].sig, VS_SIG_SIZE) == 0);
	CHECK(memcmp(out.sha256, in.sha256, 32) == 0);
	for (size_t n = 0; n + 2 < text.n; n++) {
		vs_arena_reset(&arena);
		CHECK(vs_sig_file_read(
			  VS_SPAN(text.p, n), &arena, &out, &err) != VS_OK);
	}
	for (size_t i = 0; i < text.n * 8; i++) {
		vs_arena_reset(&arena);
		text.p[i / 8] ^= (uint8_t)(1u << (i % 8));
		(void)!vs_sig_file_read(vs_buf_span(&text), &arena, &out, &err);
		text.p[i / 8] ^= (uint8_t)(1u << (i % 8));
	}
	vs_buf_fini(&text);
}

static void
test_bad_files_are_refused(void)
{
	static const char *const bad[] = {"", "[]", "{}",
	    "{\"format\":\"vouchsafe-policy-signatures/2\",\"sha256\":\"\","
	    "\"signatures\":[]}",
	    "{\"format\":\"vouchsafe-policy-signatures/1\",\"sha256\":\"00\","
	    "\"signatures\":[]}"};
	static struct vs_sig_file out;
	const char *missing[] = {"/nonexistent.pem"};
	struct vs_signers *s = NULL;
	struct vs_verifier *v = NULL;
	struct vs_signer *p = NULL;

	for (size_t i = 0; i < VS_COUNT(bad); i++)
		CHECK(vs_sig_file_read(
			  vs_span_cstr(bad[i]), &arena, &out, &err) != VS_OK);
	CHECK(vs_signers_load(missing, 1, 1, &s, &err) != VS_OK);
	CHECK_INT(
	    vs_verifier_read(VS_SPAN_LIT("no key"), &v, &err), VS_MALFORMED);
	CHECK_INT(
	    vs_signer_read(VS_SPAN_LIT("no key"), &p, &err), VS_MALFORMED);
}

int
main(void)
{
	vs_arena_init(&arena, 1 << 20);
	make_keys();
	RUN(test_enough_signers_suffice);
	RUN(test_a_key_counts_once);
	RUN(test_other_signatures_count_for_nothing);
	RUN(test_flipped_bits_do_not_verify);
	RUN(test_files_round_trip_and_mutate);
	RUN(test_bad_files_are_refused);
	remove_keys();
	vs_arena_fini(&arena);
	return check_result();
}
