/* SPDX-License-Identifier: Apache-2.0 */
/* OCSP responses: their form, whom they are about, who may sign them. */
#include "nv_ocsp.h"

static struct f_device d;
static struct vs_cert *brom, *prov;
static int64_t until;

static struct vs_cert *
cert_of(const struct f_cert *c, const struct f_cert *issuer)
{
	X509 *x = f_issue(c, issuer);
	struct vs_cert *out = NULL;
	struct vs_buf der = {0};
	struct vs_err err = {0};

	f_der(x, &der);
	CHECK_OK(vs_cert_parse(vs_buf_span(&der), &out, &err), err);
	vs_buf_fini(&der);
	X509_free(x);
	return out;
}

static struct f_answer
good(void)
{
	return f_good(&d.cert[F_BROM], &d.cert[F_PROV]);
}

static struct vs_ocsp *
parsed(const struct f_answer *a)
{
	struct vs_buf der = {0};
	struct vs_err err = {0};
	struct vs_ocsp *o = NULL;

	(void)f_ocsp(a, &der);
	CHECK(vs_ocsp_is(vs_buf_span(&der)));
	CHECK_OK(vs_ocsp_parse(vs_buf_span(&der), &o, &err), err);
	vs_buf_fini(&der);
	return o;
}

static void
not_parsed(const struct f_answer *a)
{
	struct vs_buf der = {0};
	struct vs_err err = {0};
	struct vs_ocsp *o = NULL;

	(void)f_ocsp(a, &der);
	CHECK_INT(vs_ocsp_parse(vs_buf_span(&der), &o, &err), VS_MALFORMED);
	CHECK(o == NULL);
	vs_buf_fini(&der);
}

static vs_status
signer(const struct f_answer *a)
{
	VS_AUTO(vs_ocsp) *o = parsed(a);
	struct vs_err err = {0};
	vs_status st = vs_ocsp_issued_by(o, prov, &until, &err);

	if (st == VS_OK)
		CHECK_INT(
		    until, a->delegate != NULL ? a->delegate->to : INT64_MAX);
	return st;
}

static void
test_good(void)
{
	static const struct {
		int status, reason;
		vs_ocsp_state state;
	} rows[] = {
	    {V_OCSP_CERTSTATUS_GOOD, 0, VS_OCSP_GOOD},
	    {V_OCSP_CERTSTATUS_UNKNOWN, 0, VS_OCSP_UNKNOWN},
	    {V_OCSP_CERTSTATUS_REVOKED, OCSP_REVOKED_STATUS_KEYCOMPROMISE,
		VS_OCSP_REVOKED},
	    {V_OCSP_CERTSTATUS_REVOKED, OCSP_REVOKED_STATUS_CERTIFICATEHOLD,
		VS_OCSP_HOLD},
	};
	const EVP_MD *mds[] = {EVP_sha1(), EVP_sha256(), EVP_sha384()};

	for (size_t i = 0; i < VS_COUNT(rows); i++) {
		struct f_answer a = good();
		struct vs_ocsp_answer got = {0};
		struct vs_ocsp *o;

		a.status = rows[i].status;
		a.reason = rows[i].reason;
		a.id_md = mds[i % VS_COUNT(mds)];
		o = parsed(&a);
		CHECK(vs_ocsp_about(o, brom, prov, &got));
		CHECK_INT(got.state, rows[i].state);
		CHECK_INT(got.this_update, F_NOW - 3600);
		CHECK_INT(got.next_update, F_NOW + 86400);
		CHECK_INT(vs_ocsp_facts(o)->all_good, i == 0);
		CHECK(strncmp(vs_ocsp_facts(o)->name, "41660101", 8) == 0);
		CHECK(!vs_ocsp_about(o, prov, brom, &got));
		CHECK(!vs_ocsp_about(o, brom, brom, &got));
		vs_ocsp_free(&o);
		CHECK_INT(signer(&a), VS_OK);
	}
}

static void
test_form(void)
{
	struct f_answer a = good();

	a.to = 0;
	not_parsed(&a);
	a = good();
	a.to = a.from - 1;
	not_parsed(&a);
	a = good();
	a.critical = true;
	not_parsed(&a);
	a = good();
	a.failure = OCSP_RESPONSE_STATUS_UNAUTHORIZED;
	not_parsed(&a);
	a = good();
	a.id_md = EVP_md5();
	not_parsed(&a);
	CHECK(!vs_ocsp_is(vs_cert_facts(brom)->der));
	CHECK(!vs_ocsp_is((struct vs_span){0}));
}

static void
test_signers(void)
{
	struct f_cert to = {.cn = "Responder",
	    .key = f_keys.rim_l3,
	    .from = F_NOW - 7200,
	    .to = F_NOW + 7200};
	struct f_answer a = good();

	a.delegate = &to;
	CHECK_INT(signer(&a), VS_OK);
	a.usage = "clientAuth";
	CHECK_INT(signer(&a), VS_UNTRUSTED);
	a.usage = NULL;
	a.by_whom = &d.cert[F_IDENT];
	CHECK_INT(signer(&a), VS_UNTRUSTED);
	a.by_whom = NULL;
	/* In date when it signed, whatever the time is now. */
	to.to = F_NOW - 3601;
	CHECK_INT(signer(&a), VS_UNTRUSTED);
	to.to = F_NOW - 3599;
	CHECK_INT(signer(&a), VS_OK);
	/* Each of its answers. */
	a.again = F_NOW - 3598;
	CHECK_INT(signer(&a), VS_UNTRUSTED);
	to.to = F_NOW - 3598;
	CHECK_INT(signer(&a), VS_OK);
	a.again = 0;
	to.from = F_NOW - 3599;
	to.to = F_NOW;
	CHECK_INT(signer(&a), VS_UNTRUSTED);
	/* By the wrong authority, and in a weaker way. */
	a = good();
	a.issuer = &d.cert[F_IDENT];
	CHECK_INT(signer(&a), VS_UNTRUSTED);
	a = good();
	a.md = EVP_sha256();
	CHECK_INT(signer(&a), VS_UNTRUSTED);
}

static bool
says_the_same(const struct vs_ocsp *o)
{
	struct vs_ocsp_answer got = {0};

	return vs_ocsp_about(o, brom, prov, &got) &&
	    got.state == VS_OCSP_GOOD && got.this_update == F_NOW - 3600 &&
	    got.next_update == F_NOW + 86400;
}

/* Whatever is changed, it is refused or says what was signed: the signature
 * is over what OpenSSL read, encoded anew. */
static void
test_mutations(void)
{
	struct f_answer a = good();
	struct vs_buf der = {0};
	struct vs_err err = {0};
	uint8_t *copy;
	size_t n = f_ocsp(&a, &der).n, changed = 0;

	copy = malloc(n + 1);
	if (!CHECK(copy != NULL))
		return;
	for (size_t i = 0; i <= n; i++) {
		struct vs_ocsp *o = NULL;

		memcpy(copy, der.p, n);
		copy[n] = 0;
		if (i != n)
			CHECK(
			    vs_ocsp_parse(VS_SPAN(copy, i), &o, &err) != VS_OK);
		else
			CHECK(vs_ocsp_parse(VS_SPAN(copy, n + 1), &o, &err) !=
			    VS_OK);
		CHECK(o == NULL);
	}
	for (size_t bit = 0; bit < 8 * n; bit++) {
		VS_AUTO(vs_ocsp) *o = NULL;

		memcpy(copy, der.p, n);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (vs_ocsp_parse(VS_SPAN(copy, n), &o, &err) == VS_OK &&
		    vs_ocsp_issued_by(o, prov, &until, &err) == VS_OK)
			changed += !says_the_same(o);
	}
	CHECK_INT(changed, 0);
	free(copy);
	vs_buf_fini(&der);
}

int
main(void)
{
	f_init();
	f_device(&d, VS_NV_HOPPER, 1);
	brom = cert_of(&d.cert[F_BROM], &d.cert[F_PROV]);
	prov = cert_of(&d.cert[F_PROV], &d.cert[F_IDENT]);
	RUN(test_good);
	RUN(test_form);
	RUN(test_signers);
	RUN(test_mutations);
	vs_cert_free(&brom);
	vs_cert_free(&prov);
	f_fini(&d);
	return check_result();
}
