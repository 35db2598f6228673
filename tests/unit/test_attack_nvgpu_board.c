/* SPDX-License-Identifier: Apache-2.0 */
/* Devices of one request as a whole, their claims, and the JSON they come in.
 */
#include "nv_ocsp.h"

enum { GPUS = 8, SWITCHES = 4, ALL = GPUS + SWITCHES };

static struct vs_collateral *trusted;
static struct f_device board[ALL];
static struct vs_nv_input in[ALL];
static struct vs_nv_device device[ALL];

/* A GPU's links: each switch twice and zero else, backwards. */
static void
links(struct f_device *d, uint8_t pdi[][8], size_t n)
{
	uint8_t v[18 * 8] = {0};

	for (size_t i = 0; i < 2 * n; i++)
		for (size_t k = 0; k < 8; k++)
			v[i * 8 + k] = pdi[i % n][7 - k];
	f_tlv(d, 22, v, sizeof(v));
}

static void
gpu_fields(struct f_device *d, const char *status, const char *flag)
{
	uint8_t pdi[SWITCHES][8];

	for (size_t i = 0; i < SWITCHES; i++)
		memcpy(pdi[i], board[GPUS + i].serial + 1, 8);
	f_opaque(d, "590.12", true);
	if (status != NULL)
		f_tlv(d, 21, status, 1);
	if (flag != NULL)
		f_tlv(d, 36, flag, 2);
	links(d, pdi, SWITCHES);
}

static void
switch_fields(struct f_device *d, const uint8_t *own)
{
	uint8_t list[128];

	memset(list, 0xff, sizeof(list));
	for (size_t i = 0; i < GPUS; i++)
		memcpy(list + 8 * i, board[i].serial + 1, 8);
	f_opaque(d, "", false);
	if (own != NULL)
		f_tlv(d, 22, own, 8);
	f_tlv(d, 26, list, sizeof(list));
}

/* A whole board in order; tests spoil one thing of it. */
static void
fresh(void)
{
	for (uint8_t i = 0; i < ALL; i++) {
		f_fini(&board[i]);
		f_device(&board[i], i < GPUS ? VS_NV_HOPPER : VS_NV_LS10,
		    (uint8_t)(i + 1));
	}
	for (size_t i = 0; i < ALL; i++)
		if (i < GPUS)
			gpu_fields(&board[i], "\xaa", "\2\0");
		else
			switch_fields(&board[i], board[i].serial + 1);
	for (size_t i = 0; i < ALL; i++)
		in[i] = f_make(&board[i]);
}

static struct vs_crew *crew;
static bool allow_expired_rim;

static const char *
judge(size_t n, struct vs_claims *claims)
{
	struct vs_nv_options opt = {.collateral = trusted,
	    .now = F_NOW,
	    .crew = crew,
	    .allow_expired_rim = allow_expired_rim};
	struct vs_err err = {0};
	vs_status st;

	vs_nv_devices_fini(device, ALL);
	memset(device, 0, sizeof(device));
	st = vs_nvgpu_appraise(in, n, &opt, device, claims, &err);
	if (st != VS_OK)
		CHECK_INT(claims->gpus_n, 0);
	return st == VS_OK ? "ok" : err.code;
}

static const char *
whole(void)
{
	struct vs_arena a;
	struct vs_claims claims;
	const char *code;

	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&claims, &a);
	code = judge(ALL, &claims);
	vs_arena_fini(&a);
	return code;
}

static const struct vs_claim_value *
claim(const struct vs_claims *c, size_t gpu, vs_gpu_claim_id id)
{
	return vs_claims_gpu_get(c, gpu, id);
}

static void
is_str(
    const struct vs_claims *c, size_t gpu, vs_gpu_claim_id id, const char *want)
{
	const struct vs_claim_value *v = claim(c, gpu, id);
	char text[128] = "(absent)";

	if (v->present)
		snprintf(text, sizeof(text), "%.*s", VS_SPAN_ARG(v->u.s));
	CHECK_STR(text, want);
}

static void
test_board_and_claims(void)
{
	struct vs_arena a;
	struct vs_claims c;

	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&c, &a);
	fresh();
	CHECK_STR(judge(ALL, &c), "ok");
	CHECK_INT(vs_claims_gpus(&c), GPUS);
	is_str(&c, 2, VS_GPU_ARCH, "hopper");
	is_str(&c, 2, VS_GPU_MODEL, "GH100 A01 GSP BROM");
	is_str(&c, 2, VS_GPU_ID, "416603030303030303");
	is_str(&c, 2, VS_GPU_PDI, "6603030303030303");
	is_str(&c, 2, VS_GPU_DRIVER_VERSION, "590.12");
	is_str(&c, 2, VS_GPU_VBIOS_VERSION, "96.00.9F.00.01");
	is_str(&c, 2, VS_GPU_BOARD, "1010_0200_882");
	is_str(&c, 2, VS_GPU_CC_MODE, "ppcie");
	is_str(&c, 2, VS_GPU_MEASUREMENTS, "absent");
	is_str(&c, 2, VS_GPU_REVOCATION, "absent");
	is_str(&c, 2, VS_GPU_DRIVER_RIM, "(absent)");
	CHECK_INT(claim(&c, 2, VS_GPU_FWID)->u.s.n, 96);
	CHECK_INT(claim(&c, 2, VS_GPU_LEAF_SPKI)->u.s.n, 64);
	CHECK(claim(&c, 2, VS_GPU_FWID_REPORTED)->u.b);
	CHECK(claim(&c, 2, VS_GPU_SIMULATED)->u.b);
	CHECK(!claim(&c, 2, VS_GPU_BOUND)->u.b);
	CHECK(claim(&c, 2, VS_GPU_NVDEC0)->present &&
	    !claim(&c, 2, VS_GPU_NVDEC0)->u.b);
	CHECK(!claim(&c, 2, VS_GPU_RIM_EXPIRED)->present);
	CHECK_INT(claim(&c, 2, VS_GPU_MISMATCHES)->u.list.n, 0);
	CHECK(claim(&c, 7, VS_GPU_TOPOLOGY)->u.b);
	vs_arena_fini(&a);
}

static void
swap(size_t i, size_t k)
{
	struct vs_nv_input one = in[i];

	in[i] = in[k];
	in[k] = one;
}

static void
test_counts(void)
{
	struct vs_arena a;
	struct vs_claims c;

	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&c, &a);
	fresh();
	CHECK_STR(judge(ALL - 1, &c), "TOPOLOGY"); /* a switch is missing */
	in[GPUS - 1] = in[ALL - 1];
	CHECK_STR(judge(ALL - 1, &c), "TOPOLOGY"); /* a GPU is */
	fresh();
	in[3] = in[2];
	CHECK_STR(judge(ALL, &c), "TOPOLOGY"); /* twice the same */
	CHECK_STR(judge(4, &c), "TOPOLOGY");
	fresh();
	swap(0, ALL - 1); /* the order does not matter */
	CHECK_STR(judge(ALL, &c), "ok");
	vs_claims_init(&c, &a);
	/* GPUs alone may be, but their fabric is not shown. */
	fresh();
	CHECK_STR(judge(GPUS, &c), "ok");
	CHECK(claim(&c, 0, VS_GPU_TOPOLOGY)->present &&
	    !claim(&c, 0, VS_GPU_TOPOLOGY)->u.b);
	vs_claims_init(&c, &a);
	swap(0, GPUS);
	CHECK_STR(judge(1, &c), "ok"); /* a switch alone */
	CHECK_INT(vs_claims_gpus(&c), 0);
	vs_arena_fini(&a);
}

/* One device differs: by its mode, its peers or its own name. */
static void
test_one_wrong(void)
{
	uint8_t other[8] = {0x77, 0xdd, 0xdd, 0xdd, 0xdd, 0xdd, 0xdd, 0xdd};
	uint8_t pdi[SWITCHES + 1][8];

	for (int k = 0; k < 3; k++) {
		static const char *const status[] = {NULL, "\x55", "\x55"};
		static const char *const flag[] = {"\2\0", "\0\0", NULL};

		fresh();
		gpu_fields(&board[5], status[k], flag[k]);
		in[5] = f_make(&board[5]);
		CHECK_STR(whole(), "TOPOLOGY");
	}
	fresh();
	for (size_t i = 0; i < SWITCHES; i++)
		memcpy(pdi[i], board[GPUS + i].serial + 1, 8);
	memcpy(pdi[SWITCHES], other, 8);
	for (size_t n = SWITCHES - 1; n <= SWITCHES + 1; n++) {
		f_opaque(&board[5], "590.12", true);
		f_tlv(&board[5], 21, "\xaa", 1);
		links(&board[5], pdi, n);
		in[5] = f_make(&board[5]);
		CHECK_STR(whole(), n == SWITCHES ? "ok" : "TOPOLOGY");
	}
	f_opaque(&board[5], "590.12", true);
	f_tlv(&board[5], 21, "\xaa", 1);
	in[5] = f_make(&board[5]);
	CHECK_STR(whole(), "TOPOLOGY"); /* no links at all */
	fresh();
	switch_fields(&board[9], board[10].serial + 1);
	in[9] = f_make(&board[9]);
	CHECK_STR(whole(), "TOPOLOGY"); /* another's name */
	fresh();
	switch_fields(&board[9], NULL);
	in[9] = f_make(&board[9]);
	CHECK_STR(whole(), "TOPOLOGY"); /* no name */
}

/* A ninth GPU of the right make, mode and links instead of one of the eight:
 * no switch knows it. And the same for a fifth switch. */
static void
test_foreign(void)
{
	struct f_device d;

	fresh();
	f_device(&d, VS_NV_HOPPER, 99);
	gpu_fields(&d, "\xaa", "\2\0");
	in[5] = f_make(&d);
	CHECK_STR(whole(), "TOPOLOGY");
	f_fini(&d);
	fresh();
	f_device(&d, VS_NV_LS10, 99);
	switch_fields(&d, d.serial + 1);
	in[9] = f_make(&d);
	CHECK_STR(whole(), "TOPOLOGY");
	f_fini(&d);
}

static void
answer(struct vs_collateral_builder *b, const struct f_cert *c)
{
	struct f_answer a = f_good(c, c + 1);
	struct vs_buf der = {0};
	struct vs_err err = {0};

	(void)f_ocsp(&a, &der);
	CHECK_OK(vs_collateral_add(b, "ocsp", vs_buf_span(&der), &err), err);
	vs_buf_fini(&der);
}

/* What is said of a GPU is said of the switches beside it, too. */
static void
test_revocation_of_switches(void)
{
	for (size_t left_out = GPUS; left_out <= ALL; left_out++) {
		struct vs_collateral_builder *b = f_builder();
		struct vs_collateral *before = trusted, *c = NULL;
		struct vs_claims claims;
		struct vs_err err = {0};
		struct vs_arena a;
		const struct vs_claim_value *v;

		fresh();
		for (size_t i = 0; i < ALL; i++)
			if (i != left_out)
				answer(b, &board[i].cert[F_BROM]);
		answer(b, &board[0].cert[F_PROV]);
		answer(b, &board[0].cert[F_IDENT]);
		CHECK_OK(vs_collateral_build(b, &c, &err), err);
		vs_collateral_builder_free(&b);
		vs_arena_init(&a, 1 << 20);
		vs_claims_init(&claims, &a);
		trusted = c;
		crew = vs_crew_new((unsigned)left_out % 4);
		CHECK_STR(judge(ALL, &claims), "ok");
		vs_crew_free(&crew);
		trusted = before;
		v = vs_claims_gpu_get(&claims, 0, VS_GPU_REVOCATION);
		CHECK(vs_span_is(v->u.s, left_out == ALL ? "good" : "absent"));
		vs_arena_fini(&a);
		vs_collateral_free(&c);
	}
}

/* A document by signers of these serial numbers. */
struct document {
	const char *product, *version, *id;
	uint8_t index, serial[3];
};

static const struct document documents[] = {
    {"GH100", "590.12", "NV_GPU_DRIVER_GH100_590.12", 7, {0x41, 0x42, 0x43}},
    {"GH100", "96.00.9F.00.01", "NV_GPU_VBIOS_1010_0200_882_96009F0001", 8,
	{0x41, 0x42, 0x43}},
    {"LS10", "96.10.55.00.01", "NV_SWITCH_BIOS_5612_0002_890_9610550001", 8,
	{0x51, 0x52, 0x53}},
};

static void
add_document(struct vs_collateral_builder *b, const struct document *d,
    bool expired, bool answered)
{
	uint8_t measured = (uint8_t)(d->index + 1);
	struct f_rim r;
	struct vs_nv_rim_parts p;
	struct vs_buf table = {0};
	struct vs_err err = {0};

	f_rim(&r, d->product, d->version, d->id);
	for (size_t i = 0; i < VS_COUNT(d->serial); i++) {
		r.cert[i].serial = &d->serial[i];
		r.cert[i].serial_n = 1;
	}
	if (expired)
		r.cert[0].to = F_NOW - 1;
	f_golden(&r, d->index, true, &measured, 1);
	p = f_rim_make(&r);
	vs_nv_table_write(&p, &table);
	CHECK_OK(vs_collateral_add(b, "rim", vs_buf_span(&table), &err), err);
	for (size_t i = 0; i < VS_COUNT(d->serial) && answered; i++)
		answer(b, &r.cert[i]);
	vs_buf_fini(&table);
	f_rim_fini(&r);
}

/* What is known of the signers of documents, those of the switches at last. */
struct signers {
	bool expired, answered;
};

static const char *
judge_by_documents(struct signers last, struct vs_claims *claims)
{
	struct vs_collateral_builder *b = f_builder();
	struct vs_collateral *before = trusted, *c = NULL;
	struct vs_err err = {0};
	const char *code;

	for (size_t i = 0; i < VS_COUNT(documents); i++) {
		bool sw = i + 1 == VS_COUNT(documents);

		add_document(
		    b, &documents[i], sw && last.expired, !sw || last.answered);
	}
	CHECK_OK(vs_collateral_build(b, &c, &err), err);
	vs_collateral_builder_free(&b);
	trusted = c;
	code = judge(ALL, claims);
	trusted = before;
	vs_nv_devices_fini(device, ALL);
	memset(device, 0, sizeof(device));
	vs_collateral_free(&c);
	return code;
}

/* A signer of the switches' document counts like one of the GPUs'. */
static void
test_documents_of_switches(void)
{
	struct vs_arena a;
	struct vs_claims c;

	vs_arena_init(&a, 1 << 20);
	fresh();
	vs_claims_init(&c, &a);
	CHECK_STR(
	    judge_by_documents((struct signers){true, true}, &c), "RIM_TIME");
	allow_expired_rim = true;
	for (unsigned k = 0; k < 4; k++) {
		struct signers last = {(k & 1) != 0, (k & 2) != 0};
		const struct vs_claim_value *v;

		vs_claims_init(&c, &a);
		CHECK_STR(judge_by_documents(last, &c), "ok");
		is_str(&c, 7, VS_GPU_MEASUREMENTS, "match");
		is_str(&c, 7, VS_GPU_SWITCHES, "match");
		is_str(&c, 7, VS_GPU_RIM_REVOCATION,
		    last.answered ? "good" : "absent");
		v = claim(&c, 7, VS_GPU_RIM_EXPIRED);
		CHECK(v->present && v->u.b == last.expired);
	}
	allow_expired_rim = false;
	vs_arena_fini(&a);
}

/* By several hands the same comes out, and of two failures the first. */
static void
test_threads(void)
{
	for (unsigned hands = 0; hands <= 16; hands = 2 * hands + 1) {
		crew = vs_crew_new(hands);
		CHECK(crew != NULL);
		fresh();
		CHECK_STR(whole(), "ok");
		board[7].report.p[board[7].report.n - 1] ^= 1;
		CHECK_STR(whole(), "GPU_SIG");
		in[4].certs = VS_SPAN_LIT("x");
		CHECK_STR(whole(), "GPU_CHAIN");
		in[2].arch = VS_NV_LS10;
		CHECK_STR(whole(), "GPU_ARCH");
		vs_crew_free(&crew);
	}
}

static void
test_too_many(void)
{
	static struct f_device d[VS_CLAIM_GPUS_MAX + 1];
	struct vs_nv_input many[VS_NV_DEVICES_MAX + 1];
	struct vs_nv_device *v = calloc(VS_NV_DEVICES_MAX, sizeof(*v));
	struct vs_nv_options opt = {.collateral = trusted, .now = F_NOW};
	struct vs_err err = {0};
	struct vs_arena a;
	struct vs_claims c;

	vs_arena_init(&a, 1 << 20);
	vs_claims_init(&c, &a);
	for (size_t i = 0; i < VS_COUNT(d); i++) {
		f_device(&d[i], VS_NV_HOPPER, (uint8_t)(i + 1));
		many[i] = f_make(&d[i]);
	}
	CHECK_OK(
	    vs_nvgpu_appraise(many, VS_CLAIM_GPUS_MAX, &opt, v, &c, &err), err);
	CHECK_INT(vs_claims_gpus(&c), VS_CLAIM_GPUS_MAX);
	vs_nv_devices_fini(v, VS_NV_DEVICES_MAX);
	vs_claims_init(&c, &a);
	memset(v, 0, VS_NV_DEVICES_MAX * sizeof(*v));
	CHECK_INT(
	    vs_nvgpu_appraise(many, VS_COUNT(d), &opt, v, &c, &err), VS_RANGE);
	CHECK_INT(vs_claims_gpus(&c), 0);
	CHECK_INT(
	    vs_nvgpu_appraise(many, VS_NV_DEVICES_MAX + 1, &opt, v, &c, &err),
	    VS_MALFORMED);
	CHECK_STR(err.code, "GPU_PARSE");
	vs_nv_devices_fini(v, VS_NV_DEVICES_MAX);
	for (size_t i = 0; i < VS_COUNT(d); i++)
		f_fini(&d[i]);
	free(v);
	vs_arena_fini(&a);
}

/* ---- JSON ---- */

static void
json(const char *text, size_t devices, vs_nv_arch arch)
{
	struct vs_nv_input v[VS_NV_DEVICES_MAX] = {{0}};
	struct vs_err err = {0};
	struct vs_arena a;
	size_t n = 0;
	vs_status st;

	vs_arena_init(&a, 1 << 20);
	st = vs_nv_evidence_json(vs_span_cstr(text), &a, v, &n, &err);
	if (devices == 0) {
		CHECK_INT(vs_status_class(st), VS_CLASS_MALFORMED);
		CHECK_STR(err.code, "GPU_PARSE");
		CHECK_INT(n, 0);
	} else if (CHECK_OK(st, err)) {
		CHECK_INT(n, devices);
		CHECK_INT(v[0].arch, arch);
		CHECK(vs_span_is(v[0].report, "\x11\xe0"));
		CHECK(vs_span_is(v[0].certs, "PEM"));
	} else {
		fprintf(stderr, "%s\n", text);
	}
	vs_arena_fini(&a);
}

#define DEVICE(arch)                                                           \
	"{\"arch\":\"" arch "\",\"evidence\":\"EeA=\",\"certificate\":"        \
	"\"UEVN\"}"

static void
test_json(void)
{
	json("[" DEVICE("HOPPER") "]", 1, VS_NV_HOPPER);
	json(
	    "[" DEVICE("BLACKWELL") "," DEVICE("LS10") "]", 2, VS_NV_BLACKWELL);
	json("{\"evidences\":[" DEVICE("HOPPER") "],\"result_code\":0}", 1,
	    VS_NV_HOPPER);
	json("{\"arch\":\"LS10\",\"nonce\":\"00\",\"evidence_list\":"
	     "[{\"evidence\":\"EeA=\",\"certificate\":\"UEVN\"}]}",
	    1, VS_NV_LS10);
	json("{\"device_evidence_list\":[{\"arch\":\"HOPPER\",\"uuid\":\"u\","
	     "\"evidence\":\"11e0\",\"certificate\":\"UEVN\"}]}",
	    1, VS_NV_HOPPER);
	json("{\"device_evidence_list\":[" DEVICE("HOPPER") "]}", 1,
	    VS_NV_HOPPER);
	json("", 0, 0);
	json("[]", 0, 0);
	json("{}", 0, 0);
	json("3", 0, 0);
	json("[3]", 0, 0);
	json("[" DEVICE("ADA") "]", 0, 0);
	json("[{\"evidence\":\"EeA=\",\"certificate\":\"UEVN\"}]", 0, 0);
	json("[{\"arch\":\"HOPPER\",\"certificate\":\"UEVN\"}]", 0, 0);
	json("[{\"arch\":\"HOPPER\",\"evidence\":\"EeA=\"}]", 0, 0);
	json("[{\"arch\":\"HOPPER\",\"evidence\":\"11e0\","
	     "\"certificate\":\"U*VN\"}]",
	    0, 0);
	json("[{\"arch\":\"HOPPER\",\"evidence\":\"Ee A=\","
	     "\"certificate\":\"UEVN\"}]",
	    0, 0);
	json("[{\"arch\":1,\"evidence\":\"EeA=\",\"certificate\":\"UEVN\"}]", 0,
	    0);
}

static void
test_json_count(void)
{
	struct vs_buf b = {0};

	vs_buf_puts(&b, "[");
	for (int i = 0; i < VS_NV_DEVICES_MAX; i++)
		vs_buf_puts(&b, i > 0 ? "," DEVICE("LS10") : DEVICE("LS10"));
	vs_buf_puts(&b, "]");
	json(vs_buf_cstr(&b), VS_NV_DEVICES_MAX, VS_NV_LS10);
	b.n--;
	vs_buf_puts(&b, "," DEVICE("LS10") "]");
	json(vs_buf_cstr(&b), 0, 0);
	vs_buf_fini(&b);
}

int
main(void)
{
	struct vs_collateral_builder *b;
	struct vs_err err = {0};

	f_init();
	b = f_builder();
	CHECK_OK(vs_collateral_build(b, &trusted, &err), err);
	RUN(test_board_and_claims);
	RUN(test_counts);
	RUN(test_one_wrong);
	RUN(test_foreign);
	RUN(test_revocation_of_switches);
	RUN(test_documents_of_switches);
	RUN(test_threads);
	RUN(test_too_many);
	RUN(test_json);
	RUN(test_json_count);
	vs_nv_devices_fini(device, ALL);
	for (size_t i = 0; i < ALL; i++)
		f_fini(&board[i]);
	vs_collateral_free(&trusted);
	vs_collateral_builder_free(&b);
	return check_result();
}
