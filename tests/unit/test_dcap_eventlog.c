/* SPDX-License-Identifier: Apache-2.0 */
/* Event logs: replay, what is believed of the texts, and the bounds. */
#include "base/encoding.h"
#include "base/file.h"
#include "check.h"
#include "codec/json.h"
#include "evidence/dcap/eventlog.h"

enum { LOG_MAX = 1 << 20, BEGIN = 65 };

static struct vs_arena arena;
static struct vs_event_log logged;
static struct vs_err err;
static uint8_t bytes[LOG_MAX];
static struct vs_wr w;

/* Spec ID event with SHA-256 and SHA-384. */
static void
begin(void)
{
	static const uint8_t algs[] = {
	    2, 0, 0, 0, 0x0b, 0, 32, 0, 0x0c, 0, 48, 0, 0};

	vs_arena_reset(&arena);
	memset(bytes, 0, sizeof(bytes));
	w = vs_wr_of(bytes, sizeof(bytes));
	vs_wr_u32le(&w, 1);
	vs_wr_u32le(&w, 3);
	vs_wr_zeros(&w, 20);
	vs_wr_u32le(&w, 16 + 8 + sizeof(algs));
	vs_wr_bytes(&w, VS_SPAN("Spec ID Event03", 16));
	vs_wr_bytes(&w, VS_SPAN("\0\0\0\0\0\2\0\2", 8));
	vs_wr_bytes(&w, VS_SPAN_OF(algs));
}

/* The digest is of `measured`, the log says `data`. */
static void
add(uint32_t index, uint32_t type, struct vs_span measured, struct vs_span data)
{
	uint8_t digest[VS_SHA384_SIZE];

	CHECK_INT(vs_sha384(measured, digest), VS_OK);
	vs_wr_u32le(&w, index);
	vs_wr_u32le(&w, type);
	vs_wr_u32le(&w, 2);
	vs_wr_u16le(&w, 0x0b);
	vs_wr_zeros(&w, 32);
	vs_wr_u16le(&w, 0x0c);
	vs_wr_bytes(&w, VS_SPAN_OF(digest));
	vs_wr_u32le(&w, (uint32_t)data.n);
	vs_wr_bytes(&w, data);
}

#define TEXT(s) VS_SPAN_LIT(s)

static vs_status
read_n(size_t n)
{
	return vs_event_log_read(VS_SPAN(bytes, n), &arena, &logged, &err);
}

static bool
good(void)
{
	return CHECK_OK(read_n(w.n), err);
}

static void
bad(void)
{
	CHECK_INT(vs_status_class(read_n(w.n)), VS_CLASS_MALFORMED);
	CHECK_STR(err.code, "eventlog_malformed");
}

static struct vs_span
secure_boot(uint8_t *buf, int value)
{
	static const uint8_t guid[] = {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2,
	    0x11, 0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c};
	struct vs_wr v = vs_wr_of(buf, 64);

	vs_wr_bytes(&v, VS_SPAN_OF(guid));
	vs_wr_u64le(&v, 10);
	vs_wr_u64le(&v, value >= 0);
	for (const char *s = "SecureBoot"; *s != '\0'; s++)
		vs_wr_u16le(&v, (uint8_t)*s);
	if (value >= 0)
		vs_wr_u8(&v, (uint8_t)value);
	return VS_SPAN(v.p, v.n);
}

static void
test_replay(void)
{
	uint8_t d[VS_SHA384_SIZE], want[VS_SHA384_SIZE] = {0};

	begin();
	for (uint32_t i = 0; i < 3; i++)
		add(2, 0x80000007, TEXT("an action"), TEXT("an action"));
	CHECK_INT(vs_sha384(TEXT("an action"), d), VS_OK);
	for (size_t i = 0; i < 3; i++) {
		struct vs_span parts[] = {VS_SPAN_OF(want), VS_SPAN_OF(d)};
		CHECK_INT(vs_digest(VS_HASH_SHA384, parts, 2, want), VS_OK);
	}
	if (!good())
		return;
	CHECK_INT(logged.events, 3);
	CHECK(memcmp(logged.rtmr[1], want, sizeof(want)) == 0);
	CHECK(vs_span_zero(VS_SPAN_OF(logged.rtmr[0])));
	CHECK(vs_span_zero(VS_SPAN_OF(logged.rtmr[2])));
}

static void
test_where_it_ends(void)
{
	for (unsigned pad = 0; pad < 2; pad++) {
		begin();
		add(1, 4, TEXT("x"), TEXT("x"));
		for (int i = 0; i < 100; i++)
			vs_wr_u8(&w, pad == 0 ? 0xff : 0);
		add(1, 4, TEXT("y"), TEXT("y"));
		if (good())
			CHECK_INT(logged.events, 1);
	}
	begin();
	add(1, 4, TEXT("x"), TEXT("x"));
	vs_wr_zeros(&w, 7);
	good();
	begin();
	if (good())
		CHECK_INT(logged.events, 0);
}

/* EV_NO_ACTION extends nothing, with whatever index; nothing else may have
 * an index outside of the RTMRs. */
static void
test_indices(void)
{
	begin();
	add(0xffffffff, 3, TEXT("x"), TEXT("x"));
	add(0, 3, TEXT("x"), TEXT("x"));
	add(77, 3, TEXT("x"), TEXT("x"));
	add(4, 4, TEXT("x"), TEXT("x"));
	if (good())
		CHECK_INT(logged.events, 1);
	begin();
	add(0, 4, TEXT("x"), TEXT("x"));
	bad();
	begin();
	add(5, 4, TEXT("x"), TEXT("x"));
	bad();
}

static void
test_digests(void)
{

	begin();
	CHECK_INT(w.n, BEGIN + 4);
	add(1, 4, TEXT("x"), TEXT("x"));
	bytes[BEGIN + 4 + 8] = 0; /* no digest */
	bad();
	bytes[BEGIN + 4 + 8] = 3; /* more than there are algorithms */
	bad();
	bytes[BEGIN + 4 + 8] = 1; /* the first alone: SHA-256 */
	bad();
	bytes[BEGIN + 4 + 8] = 2;
	good();
	bytes[BEGIN + 4 + 12] = 0x0d; /* not in the first record */
	bad();
}

/* Twice SHA-384 in one record: which of them would be replayed? */
static void
test_two_digests(void)
{
	begin();
	vs_wr_u32le(&w, 1);
	vs_wr_u32le(&w, 4);
	vs_wr_u32le(&w, 2);
	for (int i = 0; i < 2; i++) {
		vs_wr_u16le(&w, 0x0c);
		vs_wr_zeros(&w, 48);
	}
	vs_wr_u32le(&w, 0);
	bad();
}

static void
test_first_record(void)
{
	static const struct {
		size_t at;
		uint8_t v;
	} flaws[] = {
	    {0, 2},     /* index */
	    {4, 4},     /* type */
	    {32, 's'},  /* signature */
	    {56, 0},    /* no algorithm */
	    {56, 9},    /* too many */
	    {60, 0x0c}, /* SHA-384 of 32 bytes */
	    {62, 0},    /* a digest of no bytes */
	    {62, 65},   /* and one too long */
	    {64, 0x0d}, /* no SHA-384 */
	    {68, 1},    /* vendor bytes that are not there */
	};

	for (size_t i = 0; i < VS_COUNT(flaws); i++) {
		begin();
		bytes[flaws[i].at] = flaws[i].v;
		bad();
	}
	begin();
	w.n = 0;
	bad();
}

static void
test_too_many(void)
{
	begin();
	for (size_t i = 0; i < VS_EVENTS_MAX; i++)
		add(1, 4, TEXT(""), TEXT(""));
	good();
	add(1, 4, TEXT(""), TEXT(""));
	bad();
	begin();
	for (size_t i = 0; i <= VS_EVENTS_MAX; i++)
		add(0, 3, TEXT(""), TEXT(""));
	bad();
}

static void
test_secure_boot(void)
{
	uint8_t on[64], off[64], none[64];
	struct vs_span yes = secure_boot(on, 1), no = secure_boot(off, 0);
	struct vs_span absent = secure_boot(none, -1);

	begin();
	add(1, 0x80000001, yes, yes);
	good();
	CHECK_INT(logged.secure_boot, VS_YES);
	begin();
	add(1, 0x80000001, no, no);
	good();
	CHECK_INT(logged.secure_boot, VS_NO);
	begin();
	add(1, 0x80000001, absent, absent);
	good();
	CHECK_INT(logged.secure_boot, VS_NO);
	/* The digest counts, whatever the record says of it. */
	begin();
	add(1, 0x80000001, no, yes);
	good();
	CHECK_INT(logged.secure_boot, VS_NO);
	begin();
	add(1, 0x80000002, yes, TEXT(""));
	good();
	CHECK_INT(logged.secure_boot, VS_YES);
	/* Once "no" it stays "no". */
	begin();
	add(1, 0x80000001, no, no);
	add(1, 0x80000001, yes, yes);
	good();
	CHECK_INT(logged.secure_boot, VS_NO);
	begin();
	add(1, 0x80000001, yes, yes);
	add(1, 0x80000001, no, no);
	good();
	CHECK_INT(logged.secure_boot, VS_NO);
	/* In another register; another vendor's variable. */
	begin();
	add(2, 0x80000001, yes, yes);
	good();
	CHECK_INT(logged.secure_boot, VS_UNSAID);
	on[0] ^= 1;
	begin();
	add(1, 0x80000001, yes, yes);
	good();
	CHECK_INT(logged.secure_boot, VS_UNSAID);
}

/* By the guest, behind the separator, which it cannot make anything else. */
static void
test_separator(void)
{
	static const struct vs_span marks[] = {{(const uint8_t *)"\0\0\0\0", 4},
	    {(const uint8_t *)"\xff\xff\xff\xff", 4},
	    {(const uint8_t *)"\1\0\0\0", 4}};
	uint8_t on[64];
	struct vs_span yes = secure_boot(on, 1);

	for (size_t i = 0; i < VS_COUNT(marks); i++)
		for (uint32_t type = 4; type < 6; type++) {
			begin();
			add(1, type, marks[i], TEXT("renamed"));
			add(1, 0x80000001, yes, yes);
			good();
			CHECK_INT(logged.secure_boot, VS_UNSAID);
		}
	/* That of another register is not RTMR0's. */
	begin();
	add(2, 4, marks[0], marks[0]);
	add(1, 0x80000001, yes, yes);
	good();
	CHECK_INT(logged.secure_boot, VS_YES);
}

static const struct vs_span aael = {
    (const uint8_t *)"LEAA\x07\0\0\0a.b c d", 15};

static void
test_aael(void)
{
	uint8_t big[1024];

	begin();
	add(4, 6, aael, aael);
	add(3, 6, aael, aael); /* not an application's */
	if (good() && CHECK_INT(logged.apps_n, 1))
		CHECK(vs_span_is(logged.apps[0], "a.b c d"));
	CHECK(!logged.apps_lost);
	for (int i = 0; i < VS_EVENT_APPS_MAX; i++)
		add(4, 6, aael, aael);
	good();
	CHECK(logged.apps_lost);
	memset(big, 'a', sizeof(big));
	memcpy(big, "LEAA\xf8\x03\0\0", 8);
	begin();
	add(4, 6, VS_SPAN_OF(big), VS_SPAN_OF(big));
	good();
	CHECK(logged.apps_lost);
}

/* One that is not understood spoils all: it may be the one that matters. */
static void
test_hidden_event(void)
{
	static const struct vs_span cut = {
	    (const uint8_t *)"LEAA\x07\0\0\0a.b c", 13};
	static const struct vs_span not_utf8 = {
	    (const uint8_t *)"LEAA\x01\0\0\0\xff", 9};
	const struct {
		uint32_t type;
		struct vs_span measured, data;
	} hidden[] = {
	    {6, TEXT("x"), aael}, /* a text that lies */
	    {5, aael, aael},      /* of another type */
	    {6, cut, cut},
	    {6, not_utf8, not_utf8},
	    {6, TEXT(""), TEXT("")},
	};

	for (size_t i = 0; i < VS_COUNT(hidden); i++)
		for (int first = 0; first < 2; first++) {
			begin();
			if (!first)
				add(4, 6, aael, aael);
			add(4, hidden[i].type, hidden[i].measured,
			    hidden[i].data);
			if (first)
				add(4, 6, aael, aael);
			good();
			CHECK(logged.apps_lost);
		}
}

static void
test_every_truncation_and_bit(void)
{
	uint8_t on[64];
	struct vs_span yes = secure_boot(on, 1);
	size_t ends = 0;

	begin();
	add(1, 0x80000001, yes, yes);
	add(3, 0x0d, TEXT("a"), TEXT("grub_cmd: a"));
	add(4, 6, TEXT("LEAA\1\0\0\0z"), TEXT("LEAA\1\0\0\0z"));
	for (size_t n = 0; n < w.n; n++) {
		if (read_n(n) == VS_OK)
			ends++;
		else
			CHECK_STR(err.code, "eventlog_malformed");
	}
	CHECK_INT(ends, 3); /* between records */
	for (size_t bit = 0; bit < 8 * w.n; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		if (read_n(w.n) != VS_OK)
			CHECK_STR(err.code, "eventlog_malformed");
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}

static void
json(const char *text, bool ok)
{
	vs_status st;

	vs_arena_reset(&arena);
	st = vs_event_log_read(vs_span_cstr(text), &arena, &logged, &err);
	CHECK_INT(vs_status_class(st), ok ? VS_CLASS_OK : VS_CLASS_MALFORMED);
	if (!ok)
		CHECK_STR(err.code, "eventlog_malformed");
}

#define HEX16 "00112233445566778899aabbccddeeff"
#define HEX48 HEX16 HEX16 HEX16

static void
test_json(void)
{
	json("[]", true);
	json("[{\"imr\":3,\"event_type\":134217729,\"digest\":\"" HEX48
	     "\",\"event\":\"app-id\",\"event_payload\":\"01\"}]",
	    true);
	CHECK_INT(logged.events, 1);
	CHECK(logged.apps_n == 0 && logged.apps_lost); /* not its digest */
	json("[", false);
	json("[1]", false);
	json("[{}]", false);
	json("[{\"imr\":4,\"event_type\":1,\"digest\":\"" HEX48
	     "\",\"event\":\"\",\"event_payload\":\"\"}]",
	    false);
	json("[{\"imr\":-1,\"event_type\":1,\"digest\":\"" HEX48
	     "\",\"event\":\"\",\"event_payload\":\"\"}]",
	    false);
	json("[{\"imr\":0,\"event_type\":4294967296,\"digest\":\"" HEX48
	     "\",\"event\":\"\",\"event_payload\":\"\"}]",
	    false);
	json("[{\"imr\":0,\"event_type\":1,\"digest\":\"" HEX16
	     "\",\"event\":\"\",\"event_payload\":\"\"}]",
	    false);
	json("[{\"imr\":0,\"event_type\":1,\"digest\":\"" HEX48
	     "\",\"event\":\"\",\"event_payload\":\"0\"}]",
	    false);
	json("[{\"imr\":0,\"event_type\":1,\"digest\":\"" HEX48
	     "\",\"event\":\"\",\"event_payload\":\"0g\"}]",
	    false);
	json("[{\"imr\":0,\"event_type\":1,\"digest\":\"" HEX48
	     "\",\"event_payload\":\"\"}]",
	    false);
}

/* Events as dstack's agent makes them: name, payload in hex. */
static void
dstack(const char *const (*events)[2], size_t n)
{
	struct vs_buf text = {0};

	vs_buf_puts(&text, "[");
	for (size_t i = 0; i < n; i++) {
		static const uint8_t type[] = {1, 0, 0, 8};
		uint8_t payload[600], d[VS_SHA384_SIZE];
		char hex[2 * VS_SHA384_SIZE + 1];
		size_t size = strlen(events[i][1]) / 2;
		struct vs_span parts[] = {VS_SPAN_OF(type), TEXT(":"),
		    vs_span_cstr(events[i][0]), TEXT(":"),
		    VS_SPAN(payload, size)};

		CHECK_INT(
		    vs_unhex(vs_span_cstr(events[i][1]), payload, size), VS_OK);
		CHECK_INT(vs_digest(VS_HASH_SHA384, parts, 5, d), VS_OK);
		vs_hex(VS_SPAN_OF(d), hex);
		vs_buf_printf(&text,
		    "%s{\"imr\":3,\"event_type\":134217729,\"digest\":\"%s\","
		    "\"event\":\"%s\",\"event_payload\":\"%s\"}",
		    i == 0 ? "" : ",", hex, events[i][0], events[i][1]);
	}
	vs_buf_puts(&text, "]");
	vs_arena_reset(&arena);
	CHECK_OK(
	    vs_event_log_read(vs_buf_span(&text), &arena, &logged, &err), err);
	vs_buf_fini(&text);
}

static void
add_aael_event(void)
{
	uint8_t d[VS_SHA384_SIZE];
	struct vs_event e = {
	    .rtmr = 3, .type = 6, .digest = VS_SPAN_OF(d), .data = aael};

	CHECK_INT(vs_sha384(aael, d), VS_OK);
	CHECK_OK(vs_event_log_add(&logged, &e, &arena, &err), err);
}

static void
test_dstack(void)
{
	static char big[2 * 256 + 1];
	const char *const good_ones[][2] = {{"app-id", "0a0b"}, {"app", ""}};
	const char *const twice[][2] = {{"app-id", "0a"}, {"app-id", "0b"}};
	const char *const colon[][2] = {{"app:id", "0a"}};
	const char *const large[][2] = {{"app-id", big}};
	const char *const nameless[][2] = {{"", "0a"}};

	memset(big, '0', sizeof(big) - 1);
	dstack(good_ones, 2);
	CHECK(!logged.apps_lost && logged.apps_n == 2);
	CHECK(vs_span_is(logged.apps[0], "app-id=0a0b"));
	CHECK(vs_span_is(logged.apps[1], "app="));
	/* The other form behind it. */
	dstack(good_ones, 2);
	add_aael_event();
	CHECK(logged.apps_lost);
	dstack(twice, 2);
	CHECK(logged.apps_lost);
	dstack(colon, 1);
	CHECK(logged.apps_lost);
	dstack(large, 1);
	CHECK(logged.apps_lost);
	dstack(nameless, 1);
	CHECK(logged.apps_lost);
}

static void
test_check(void)
{
	struct vs_td_report td = {0};
	bool rtmr3 = false;

	begin();
	for (uint32_t i = 1; i <= 4; i++)
		add(i, 4, TEXT("x"), TEXT("x"));
	if (!good())
		return;
	for (size_t i = 0; i < 4; i++)
		td.rtmr[i] = VS_SPAN_OF(logged.rtmr[i]);
	CHECK_OK(vs_event_log_check(&logged, &td, &rtmr3, &err), err);
	CHECK(rtmr3);
	for (size_t i = 0; i < 3; i++) {
		uint8_t other[VS_SHA384_SIZE];

		memcpy(other, logged.rtmr[i], sizeof(other));
		other[47] ^= 1;
		td.rtmr[i] = VS_SPAN_OF(other);
		CHECK_INT(vs_event_log_check(&logged, &td, &rtmr3, &err),
		    VS_UNTRUSTED);
		CHECK_STR(err.code, "eventlog_mismatch");
		td.rtmr[i] = VS_SPAN_OF(logged.rtmr[i]);
	}
	td.rtmr[3] = td.rtmr[2];
	begin();
	add(4, 4, TEXT("y"), TEXT("y"));
	vs_err_clear(&err);
	logged.rtmr[3][0] ^= 1;
	CHECK_OK(vs_event_log_check(&logged, &td, &rtmr3, &err), err);
	CHECK(!rtmr3);
}

/* ---- logs of real TDs -------------------------------------------------- */

static struct vs_buf file;

static bool
load(const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/intel-dcap/%s", check_vectors(), name);
	vs_buf_reset(&file);
	vs_err_clear(&err);
	return CHECK_OK(vs_file_read(path, LOG_MAX, &file, &err), err);
}

static void
compare(const struct vs_json *want, const char *id)
{
	for (size_t i = 0; i < 4; i++) {
		char name[8], hex[2 * VS_SHA384_SIZE + 1];
		struct vs_span text;

		snprintf(name, sizeof(name), "rtmr%zu", i);
		if (!vs_json_is_string(vs_json_get(want, name), &text))
			continue;
		vs_hex(VS_SPAN_OF(logged.rtmr[i]), hex);
		if (!CHECK(vs_span_is(text, hex)))
			fprintf(stderr, "%s %s\n", id, name);
	}
}

/* dstack: the log is a text inside of its answer, beside the quote. */
static void
try_dstack(void)
{
	VS_AUTO(vs_json) *root = NULL;
	struct vs_span log, hex;
	struct vs_dcap_quote q;
	static uint8_t quote[VS_DCAP_QUOTE_MAX];
	bool rtmr3 = false;

	if (!CHECK_OK(vs_json_parse(vs_buf_span(&file), &root, &err), err) ||
	    !CHECK(vs_json_is_string(vs_json_get(root, "event_log"), &log)) ||
	    !CHECK(vs_json_is_string(vs_json_get(root, "quote"), &hex)))
		return;
	CHECK_INT(vs_unhex(hex, quote, hex.n / 2), VS_OK);
	CHECK_OK(vs_dcap_quote_parse(VS_SPAN(quote, hex.n / 2), &q, &err), err);
	CHECK_OK(vs_event_log_read(log, &arena, &logged, &err), err);
	CHECK_OK(vs_event_log_check(&logged, &q.td, &rtmr3, &err), err);
	CHECK(rtmr3 && !logged.apps_lost && logged.apps_n > 5);
	CHECK(vs_span_starts(
	    logged.apps[logged.apps_n - 1], TEXT("LIUM_MINER_HOTKEY=3544")));
}

static void
try_log(const struct vs_json *entry)
{
	struct vs_span id = {0}, name = {0};
	char path[256], label[64];

	CHECK(vs_json_is_string(vs_json_get(entry, "id"), &id));
	CHECK(vs_json_is_string(vs_json_get(entry, "file"), &name));
	snprintf(path, sizeof(path), "%.*s", VS_SPAN_ARG(name));
	snprintf(label, sizeof(label), "%.*s", VS_SPAN_ARG(id));
	if (!load(path))
		return;
	vs_arena_reset(&arena);
	if (strstr(path, ".json") != NULL) {
		try_dstack();
		return;
	}
	if (!CHECK_OK(
		vs_event_log_read(vs_buf_span(&file), &arena, &logged, &err),
		err))
		return;
	compare(vs_json_get(entry, "replayed"), label);
	if (strcmp(label, "ccel-gcp-cos113") == 0)
		CHECK_INT(logged.secure_boot, VS_NO);
	if (strcmp(label, "ccel-grub") == 0)
		CHECK_INT(logged.secure_boot, VS_YES);
	if (strcmp(label, "ccel-aael") == 0)
		CHECK(logged.apps_n == 2 &&
		    vs_span_is(logged.apps[0],
			"coco.com some-operation some-content"));
}

static void
test_real_logs(void)
{
	VS_AUTO(vs_json) *root = NULL;
	const struct vs_json *logs;

	if (!load("manifest.json") ||
	    !CHECK_OK(vs_json_parse(vs_buf_span(&file), &root, &err), err))
		return;
	logs = vs_json_get(root, "event_logs");
	CHECK(vs_json_size(logs) >= 8);
	for (size_t i = 0; i < vs_json_size(logs); i++)
		try_log(vs_json_at(logs, i));
	vs_buf_fini(&file);
}

int
main(void)
{
	vs_arena_init(&arena, 16 << 20);
	RUN(test_replay);
	RUN(test_where_it_ends);
	RUN(test_indices);
	RUN(test_digests);
	RUN(test_two_digests);
	RUN(test_first_record);
	RUN(test_too_many);
	RUN(test_secure_boot);
	RUN(test_separator);
	RUN(test_aael);
	RUN(test_hidden_event);
	RUN(test_dstack);
	RUN(test_every_truncation_and_bit);
	RUN(test_json);
	RUN(test_check);
	if (check_vectors() != NULL)
		RUN(test_real_logs);
	vs_arena_fini(&arena);
	if (check_vectors() == NULL && check_result() == 0)
		return 77;
	return check_result();
}
