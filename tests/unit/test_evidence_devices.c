/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of a request as the broker has them judged: their order, what
 * each failure says, and what is known of their revocation. */
#include "evidence/devices.h"
#include "nv_ocsp.h"

enum { GPUS = 3 };

static const uint8_t serials[] = {0x31, 0x32, 0x33};
static struct vs_collateral *trusted;
static uint8_t challenge[32];

static struct {
	struct f_device gpu[GPUS], sw;
	struct vs_device_input in[GPUS], switch_in;
	struct vs_arena a;
	struct vs_claims claims;
	struct vs_err err;
	struct vs_crew *crew;
	struct vs_evidence_cache *cache;
	const struct vs_collateral *collateral;
	int64_t now;
	bool allow_expired_rim;
	size_t gpus, switches;
} t;

static void
remake(size_t i)
{
	struct vs_nv_input made = f_make(&t.gpu[i]);

	t.in[i].report = made.report;
	t.in[i].certs = made.certs;
}

/* Each authority has a serial number of its own. */
static void
prepare_device(struct f_device *d, vs_nv_arch arch, uint8_t number)
{
	f_device(d, arch, number);
	d->cert[F_IDENT].cn = "NVIDIA GH100 Identity";
	for (size_t i = 0; i < VS_COUNT(serials); i++) {
		if (F_PROV + i == F_ROOT)
			continue;
		d->cert[F_PROV + i].serial = &serials[i];
		d->cert[F_PROV + i].serial_n = 1;
	}
}

static void
fini(void)
{
	for (size_t i = 0; i < GPUS; i++)
		f_fini(&t.gpu[i]);
	f_fini(&t.sw);
	vs_arena_fini(&t.a);
}

static void
fresh(void)
{
	struct vs_nv_input made;

	fini();
	for (size_t i = 0; i < GPUS; i++) {
		prepare_device(&t.gpu[i], VS_NV_HOPPER, (uint8_t)(i + 1));
		t.in[i].cc_state = VS_CC_UNSAID;
		remake(i);
	}
	prepare_device(&t.sw, VS_NV_LS10, 9);
	made = f_make(&t.sw);
	t.switch_in =
	    (struct vs_device_input){made.report, made.certs, VS_CC_UNSAID};
	t.gpus = GPUS;
	t.switches = 0;
	t.collateral = trusted;
	t.now = F_NOW;
	vs_arena_init(&t.a, 1 << 20);
}

/* The code; "ok" for none. */
static const char *
judge(void)
{
	struct vs_devices_input in = {t.in, t.gpus, &t.switch_in, t.switches};
	struct vs_devices_options opt = {.collateral = t.collateral,
	    .cache = t.cache,
	    .crew = t.crew,
	    .nonce = VS_SPAN_OF(challenge),
	    .now = t.now,
	    .allow_expired_rim = t.allow_expired_rim};
	vs_status st;

	vs_claims_init(&t.claims, &t.a);
	st = vs_devices_appraise(&in, &opt, &t.claims, &t.err);
	if (st != VS_OK) {
		CHECK_INT(t.claims.gpus_n, 0);
		CHECK_INT(st, t.err.status);
	}
	return st == VS_OK ? "ok" : t.err.code != NULL ? t.err.code : "none";
}

static bool
is_str(size_t gpu, vs_gpu_claim_id id, const char *want)
{
	const struct vs_claim_value *v = vs_claims_gpu_get(&t.claims, gpu, id);

	return want == NULL ? !v->present
			    : v->present && vs_span_is(v->u.s, want);
}

static void
test_claims(void)
{
	fresh();
	t.in[0].cc_state = VS_CC_ON;
	t.in[1].cc_state = VS_CC_DEVTOOLS;
	CHECK_STR(judge(), "ok");
	if (!CHECK_INT(t.claims.gpus_n, GPUS))
		return;
	CHECK(is_str(0, VS_GPU_CC_STATE, "on"));
	CHECK(is_str(1, VS_GPU_CC_STATE, "devtools"));
	CHECK(is_str(2, VS_GPU_CC_STATE, NULL));
	CHECK(is_str(0, VS_GPU_ID, "416601010101010101"));
	CHECK(is_str(2, VS_GPU_ID, "416603030303030303"));
	CHECK(is_str(0, VS_GPU_REVOCATION, "absent"));
	CHECK(is_str(0, VS_GPU_SWITCHES, NULL));
	for (size_t i = 0; i < GPUS; i++) {
		CHECK(vs_claims_gpu_get(&t.claims, i, VS_GPU_SIMULATED)->u.b);
		CHECK(vs_claims_gpu_get(&t.claims, i, VS_GPU_BOUND)->u.b);
	}
}

/* Behind claims that are there already. */
static void
test_states_parse(void)
{
	static const char *const names[] = {"", "on", "devtools", "off"};

	for (unsigned i = 0; i < VS_COUNT(names); i++) {
		CHECK_INT(vs_cc_state_parse(vs_span_cstr(names[i])), i);
		CHECK_STR(vs_cc_state_name((vs_cc_state)i), names[i]);
	}
	CHECK_INT(vs_cc_state_parse(VS_SPAN_LIT("ON")), VS_CC_UNSAID);
	CHECK_INT(vs_cc_state_parse(VS_SPAN_LIT("on ")), VS_CC_UNSAID);
}

static void
names(const char *what)
{
	if (!CHECK(strstr(t.err.msg, what) != NULL))
		fprintf(stderr, "  message: %s\n", t.err.msg);
}

/* The code of each failure, and the device by place and id. */
static void
test_failures_name_the_device(void)
{
	fresh();
	t.gpu[1].nonce[0] ^= 1;
	remake(1);
	CHECK_STR(judge(), "GPU_NONCE");
	names("GPU 1 (416602020202020202): ");
	fresh();
	t.gpu[2].report.p[t.gpu[2].report.n - 1] ^= 1;
	CHECK_STR(judge(), "GPU_SIG");
	names("GPU 2 (416603030303030303): ");
	fresh();
	t.in[0].report.n--;
	CHECK_STR(judge(), "GPU_PARSE");
	names("GPU 0: ");
	fresh();
	t.in[1] = t.in[0];
	CHECK_STR(judge(), "GPU_DUPLICATE");
	names("GPU 1 (416601010101010101): the same device as GPU 0");
	fresh();
	t.in[2] = t.switch_in;
	CHECK_STR(judge(), "GPU_ARCH");
	names("GPU 2 (507709090909090909): sent as a GPU");
	fresh();
	t.switches = 1;
	CHECK_STR(judge(), "TOPOLOGY");
	t.switch_in = t.in[1];
	CHECK_STR(judge(), "GPU_ARCH");
	names("switch 0 (416602020202020202): sent as a switch");
}

/* The same device with other bytes is the same device. */
static void
test_a_twin_with_another_report(void)
{
	struct f_device twin;
	struct vs_nv_input made;

	fresh();
	prepare_device(&twin, VS_NV_HOPPER, 1);
	twin.measured[3][0] ^= 1;
	made = f_make(&twin);
	t.in[2] =
	    (struct vs_device_input){made.report, made.certs, VS_CC_UNSAID};
	CHECK_STR(judge(), "GPU_DUPLICATE");
	f_fini(&twin);
}

/* And so it is with another certificate of the same identity. */
static void
test_a_twin_with_another_certificate(void)
{
	fresh();
	t.gpu[2].serial[0] = 0x42;
	memcpy(t.gpu[2].serial + 1, t.gpu[0].serial + 1, 8);
	remake(2);
	CHECK_STR(judge(), "GPU_DUPLICATE");
	names("GPU 2 (426601010101010101): the same device as GPU 0");
}

static void
test_counts(void)
{
	static struct vs_device_input many[VS_DEVICES_GPUS_MAX + 1];
	struct vs_devices_options opt = {
	    .collateral = trusted, .nonce = VS_SPAN_OF(challenge)};
	struct vs_devices_input in = {NULL, 0, many, 1};

	fresh();
	vs_claims_init(&t.claims, &t.a);
	CHECK_INT(
	    vs_devices_appraise(&in, &opt, &t.claims, &t.err), VS_MALFORMED);
	in = (struct vs_devices_input){many, VS_COUNT(many), NULL, 0};
	CHECK_INT(
	    vs_devices_appraise(&in, &opt, &t.claims, &t.err), VS_MALFORMED);
	in = (struct vs_devices_input){many, 1, many, 9};
	CHECK_INT(
	    vs_devices_appraise(&in, &opt, &t.claims, &t.err), VS_MALFORMED);
	in = (struct vs_devices_input){t.in, 1, NULL, 0};
	opt.nonce.n = 0;
	CHECK_INT(vs_devices_appraise(&in, &opt, &t.claims, &t.err), VS_USAGE);
}

/* By several hands and from the cache the same comes out. */
static void
test_hands_and_cache(void)
{
	t.crew = vs_crew_new(3);
	t.cache = vs_evidence_cache_new(64);
	for (size_t i = 0; i < 4; i++) {
		fresh();
		CHECK_STR(judge(), "ok");
		CHECK_STR(judge(), "ok");
		t.gpu[1].report.p[t.gpu[1].report.n - 1] ^= 1;
		t.gpu[2].report.p[t.gpu[2].report.n - 1] ^= 1;
		CHECK_STR(judge(), "GPU_SIG");
		names("GPU 1 ");
		/* A chain from the cache is out of date like any other. */
		fresh();
		t.now = F_TO + 1;
		CHECK_STR(judge(), "GPU_TIME");
	}
	vs_evidence_cache_free(&t.cache);
	vs_crew_free(&t.crew);
}

/* ---- revocation -------------------------------------------------------- */

static struct vs_collateral_builder *answers;

static void
answer(const struct f_answer *a)
{
	struct vs_buf der = {0};
	struct vs_err err = {0};

	(void)f_ocsp(a, &der);
	CHECK_OK(
	    vs_collateral_add(answers, "ocsp", vs_buf_span(&der), &err), err);
	vs_buf_fini(&der);
}

static struct f_answer
about(size_t cert)
{
	const struct f_cert *c = &t.gpu[0].cert[cert];

	return f_good(c, c + 1);
}

static void
answer_good(size_t cert)
{
	struct f_answer a = about(cert);

	answer(&a);
}

/* Judges the first GPU by these answers. */
static const char *
judge_by_answers(void)
{
	VS_AUTO(vs_collateral) *c = NULL;
	struct vs_err err = {0};
	const char *code;

	CHECK_OK(vs_collateral_build(answers, &c, &err), err);
	t.gpus = 1;
	t.collateral = c;
	code = judge();
	vs_collateral_builder_free(&answers);
	t.collateral = trusted;
	return code;
}

static void
begin(void)
{
	fresh();
	answers = f_builder();
}

static int64_t
age(void)
{
	const struct vs_claim_value *v =
	    vs_claims_gpu_get(&t.claims, 0, VS_GPU_REVOCATION_AGE);

	return v->present ? v->u.i : -1;
}

static void
test_good_answers(void)
{
	begin();
	for (size_t i = F_BROM; i <= F_IDENT; i++)
		answer_good(i);
	CHECK_STR(judge_by_answers(), "ok");
	CHECK(is_str(0, VS_GPU_REVOCATION, "good"));
	CHECK_INT(age(), 3600);
	/* Each of the three is needed. */
	for (size_t left_out = F_BROM; left_out <= F_IDENT; left_out++) {
		begin();
		for (size_t i = F_BROM; i <= F_IDENT; i++)
			if (i != left_out)
				answer_good(i);
		CHECK_STR(judge_by_answers(), "ok");
		CHECK(is_str(0, VS_GPU_REVOCATION, "absent"));
		CHECK_INT(age(), -1);
	}
}

/* One of them is not what it should be: then nothing is known. */
static void
one_is(struct f_answer a)
{
	begin();
	answer_good(F_PROV);
	answer_good(F_IDENT);
	answer(&a);
	CHECK_STR(judge_by_answers(), "ok");
	CHECK(is_str(0, VS_GPU_REVOCATION, "absent"));
}

static void
test_answers_that_do_not_count(void)
{
	struct f_answer a;

	fresh();
	a = about(F_BROM);
	a.to = F_NOW; /* the end is not included */
	one_is(a);
	a = about(F_BROM);
	a.from = F_NOW + 1;
	one_is(a);
	a = about(F_BROM);
	a.status = V_OCSP_CERTSTATUS_UNKNOWN;
	one_is(a);
	a = about(F_BROM);
	a.md = EVP_sha256();
	one_is(a);
	/* By an authority of the chain, but not this certificate's. */
	a = about(F_BROM);
	a.delegate = &(struct f_cert){.cn = "Responder",
	    .key = f_keys.rim_l3,
	    .from = F_FROM,
	    .to = F_TO};
	a.by_whom = &t.gpu[0].cert[F_IDENT];
	one_is(a);
	a = f_good(&t.gpu[1].cert[F_BROM], &t.gpu[1].cert[F_PROV]);
	one_is(a);
	/* By whom was certified for that, until now. */
	a = about(F_BROM);
	a.delegate = &(struct f_cert){.cn = "Responder",
	    .key = f_keys.rim_l3,
	    .from = F_FROM,
	    .to = F_NOW};
	one_is(a);
}

static void
test_an_answer_on_behalf(void)
{
	struct f_answer a;

	begin();
	answer_good(F_PROV);
	answer_good(F_IDENT);
	a = about(F_BROM);
	a.delegate = &(struct f_cert){.cn = "Responder",
	    .key = f_keys.rim_l3,
	    .from = F_FROM,
	    .to = F_NOW + 1};
	answer(&a);
	CHECK_STR(judge_by_answers(), "ok");
	CHECK(is_str(0, VS_GPU_REVOCATION, "good"));
}

static void
test_revoked(void)
{
	static const int reasons[] = {OCSP_REVOKED_STATUS_KEYCOMPROMISE,
	    OCSP_REVOKED_STATUS_CERTIFICATEHOLD};

	for (size_t i = F_BROM; i <= F_IDENT; i++)
		for (size_t k = 0; k < 4; k++) {
			struct f_answer a;

			begin();
			a = about(i);
			a.status = V_OCSP_CERTSTATUS_REVOKED;
			a.reason = reasons[k % 2];
			/* However old the word of it is. */
			if (k >= 2) {
				a.from = F_FROM;
				a.to = F_FROM + 1;
			}
			answer(&a);
			CHECK_STR(judge_by_answers(), "GPU_REVOKED");
			names("GPU 0: ");
			names(t.gpu[0].cert[i].cn);
		}
}

/* A newer good answer ends a hold, and nothing else. */
static void
test_hold_is_taken_back(void)
{
	for (int reason = 0; reason <= 6; reason += 6) {
		struct f_answer a;

		begin();
		a = about(F_BROM);
		a.status = V_OCSP_CERTSTATUS_REVOKED;
		a.reason = reason;
		a.from -= 1;
		answer(&a);
		answer_good(F_BROM);
		CHECK_STR(
		    judge_by_answers(), reason == 6 ? "ok" : "GPU_REVOKED");
	}
}

/* Of two that are as old the bad one counts, in whichever order. */
static void
test_hold_of_the_same_second(void)
{
	for (int first = 0; first <= 1; first++) {
		struct f_answer a;

		begin();
		a = about(F_BROM);
		a.status = V_OCSP_CERTSTATUS_REVOKED;
		a.reason = OCSP_REVOKED_STATUS_CERTIFICATEHOLD;
		if (first == 0)
			answer(&a);
		answer_good(F_BROM);
		if (first == 1)
			answer(&a);
		CHECK_STR(judge_by_answers(), "GPU_REVOKED");
	}
}

/* A forged word of revocation hurts nobody. */
static void
test_forged_revocation(void)
{
	struct f_answer a;

	begin();
	a = about(F_BROM);
	a.status = V_OCSP_CERTSTATUS_REVOKED;
	a.md = EVP_sha256();
	answer(&a);
	CHECK_STR(judge_by_answers(), "ok");
}

static void
add_list(const struct f_cert *authority, uint8_t serial)
{
	struct vs_buf crl = {0};
	struct vs_err err = {0};

	f_crl(authority, serial, &crl);
	CHECK_OK(
	    vs_collateral_add(answers, "crl", vs_buf_span(&crl), &err), err);
	vs_buf_fini(&crl);
}

/* Lists of the root and of an authority that only the chain brings. */
static void
test_lists(void)
{
	for (uint8_t serial = 0x31; serial <= 0x33; serial++) {
		begin();
		add_list(&t.gpu[0].cert[F_ROOT], serial == 0x32 ? 0x32 : 0x70);
		add_list(&t.gpu[0].cert[F_IDENT], serial == 0x31 ? 0x31 : 0x70);
		answer_good(F_BROM);
		CHECK_STR(
		    judge_by_answers(), serial == 0x33 ? "ok" : "GPU_REVOKED");
		if (serial != 0x33)
			continue;
		CHECK(is_str(0, VS_GPU_REVOCATION, "good"));
		CHECK_INT(age(), F_NOW - F_FROM);
	}
	/* By another key of the same name: held, and never heeded. */
	begin();
	struct f_cert liar = t.gpu[0].cert[F_IDENT];
	liar.key = f_keys.rim_l3;
	add_list(&liar, 0x31);
	CHECK_STR(judge_by_answers(), "ok");
}

/* ---- reference documents ----------------------------------------------- */

static void
add_rim(struct f_rim *r)
{
	struct vs_buf table = {0};
	struct vs_err err = {0};
	struct vs_nv_rim_parts p = f_rim_make(r);

	vs_nv_table_write(&p, &table);
	CHECK_OK(
	    vs_collateral_add(answers, "rim", vs_buf_span(&table), &err), err);
	vs_buf_fini(&table);
}

/* Driver and VBIOS of the devices, as they measure; by signers of their own
 * serial numbers. */
static void
add_rims(struct f_rim *driver, struct f_rim *vbios)
{
	static const uint8_t signers[] = {0x41, 0x42, 0x43};

	f_rim(driver, "GH100", "550.90.07", "NV_GPU_DRIVER_GH100_550.90.07");
	f_rim(vbios, "GH100", "96.00.9F.00.01",
	    "NV_GPU_VBIOS_1010_0200_882_96009F0001");
	for (size_t i = 0; i < VS_COUNT(signers); i++) {
		driver->cert[i].serial = vbios->cert[i].serial = &signers[i];
		driver->cert[i].serial_n = vbios->cert[i].serial_n = 1;
	}
	f_golden(driver, 7, true, (uint8_t[]){8}, 1);
	f_golden(vbios, 8, true, (uint8_t[]){9}, 1);
	add_rim(driver);
	add_rim(vbios);
}

static void
test_documents(void)
{
	struct f_rim driver, vbios;

	begin();
	add_rims(&driver, &vbios);
	CHECK_STR(judge_by_answers(), "ok");
	CHECK(is_str(0, VS_GPU_MEASUREMENTS, "match"));
	CHECK(is_str(0, VS_GPU_RIM_REVOCATION, "absent"));
	f_rim_fini(&driver);
	f_rim_fini(&vbios);
	/* Answers that came after the documents count as well. */
	begin();
	add_rims(&driver, &vbios);
	for (size_t i = 0; i < 3; i++) {
		struct f_answer a =
		    f_good(&driver.cert[i], &driver.cert[i + 1]);

		answer(&a);
	}
	CHECK_STR(judge_by_answers(), "ok");
	CHECK(is_str(0, VS_GPU_RIM_REVOCATION, "good"));
	CHECK(is_str(0, VS_GPU_REVOCATION, "absent"));
	f_rim_fini(&driver);
	f_rim_fini(&vbios);
}

/* A signer that has expired refuses, or is a claim. */
static void
test_expired_document(void)
{
	for (int allow = 0; allow <= 1; allow++) {
		struct f_rim driver, vbios;

		begin();
		t.allow_expired_rim = allow == 1;
		f_rim(&driver, "GH100", "550.90.07",
		    "NV_GPU_DRIVER_GH100_550.90.07");
		driver.cert[0].to = F_NOW - 1;
		f_golden(&driver, 7, true, (uint8_t[]){8}, 1);
		add_rim(&driver);
		f_rim(&vbios, "GH100", "96.00.9F.00.01",
		    "NV_GPU_VBIOS_1010_0200_882_96009F0001");
		f_golden(&vbios, 8, true, (uint8_t[]){9}, 1);
		add_rim(&vbios);
		CHECK_STR(judge_by_answers(), allow ? "ok" : "RIM_TIME");
		if (allow) {
			CHECK(is_str(0, VS_GPU_MEASUREMENTS, "match"));
			CHECK(
			    vs_claims_gpu_get(&t.claims, 0, VS_GPU_RIM_EXPIRED)
				->u.b);
		}
		f_rim_fini(&driver);
		f_rim_fini(&vbios);
	}
	t.allow_expired_rim = false;
}

/* NVIDIA withdraws a driver by a hold on whom its document is signed by. */
static void
test_withdrawn_document(void)
{
	for (size_t i = 0; i < 3; i++) {
		struct f_rim driver, vbios;
		struct f_answer a;

		begin();
		add_rims(&driver, &vbios);
		a = f_good(&driver.cert[i], &driver.cert[i + 1]);
		a.status = V_OCSP_CERTSTATUS_REVOKED;
		a.reason = OCSP_REVOKED_STATUS_CERTIFICATEHOLD;
		answer(&a);
		CHECK_STR(judge_by_answers(), "RIM_REVOKED");
		names("GPU 0 (416601010101010101): ");
		names(driver.cert[i].cn);
		f_rim_fini(&driver);
		f_rim_fini(&vbios);
	}
}

static void
test_status_rows(void)
{
	VS_AUTO(vs_collateral) *c = NULL;
	struct vs_err err = {0};
	size_t found = 0;

	begin();
	answer_good(F_BROM);
	answer_good(F_BROM);
	add_list(&t.gpu[0].cert[F_IDENT], 1);
	CHECK_OK(vs_collateral_build(answers, &c, &err), err);
	for (size_t i = 0; i < vs_collateral_count(c); i++) {
		const struct vs_collateral_item *it = vs_collateral_item(c, i);

		if (!it->unverified)
			continue;
		found++;
		CHECK_STR(it->product, "NVIDIA");
		CHECK(strcmp(it->kind, "crl") == 0 ||
		    strcmp(it->kind, "ocsp") == 0);
	}
	/* Signatures have a random part: two answers, not one. */
	CHECK_INT(found, 3);
	vs_collateral_builder_free(&answers);
}

int
main(void)
{
	struct vs_collateral_builder *b;
	struct vs_err err = {0};

	f_init();
	memset(challenge, 0xc5, sizeof(challenge));
	b = f_builder();
	CHECK_OK(vs_collateral_build(b, &trusted, &err), err);
	vs_collateral_builder_free(&b);
	RUN(test_claims);
	RUN(test_states_parse);
	RUN(test_failures_name_the_device);
	RUN(test_a_twin_with_another_report);
	RUN(test_a_twin_with_another_certificate);
	RUN(test_counts);
	RUN(test_hands_and_cache);
	RUN(test_good_answers);
	RUN(test_answers_that_do_not_count);
	RUN(test_an_answer_on_behalf);
	RUN(test_revoked);
	RUN(test_hold_is_taken_back);
	RUN(test_hold_of_the_same_second);
	RUN(test_forged_revocation);
	RUN(test_lists);
	RUN(test_documents);
	RUN(test_expired_document);
	RUN(test_withdrawn_document);
	RUN(test_status_rows);
	fini();
	vs_collateral_free(&trusted);
	return check_result();
}
