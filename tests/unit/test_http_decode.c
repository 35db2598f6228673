/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a release: what is taken, and what each refusal says. */
#include "check.h"

#include "codec/cbor.h"
#include "codec/json.h"
#include "http/guest_decode.h"

/* 32, 48 and 66 bytes as base64url */
#define B32 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define B48 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v"
#define P256                                                                   \
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" B32 "\",\"y\":\"" B32 "\"}"
#define P384                                                                   \
	"{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" B48 "\",\"y\":\"" B48 "\"}"
#define X25519 "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" B32 "\"}"
#define CPU "{\"cpu\":{\"kind\":\"snp\",\"report\":\"AAEC\"}}"
#define KEYS "[{\"name\":\"a/b\"}]"

#define BODY(nonce, recipient, evidence, keys)                                 \
	"{\"nonce\":" nonce ",\"recipient\":" recipient                        \
	",\"evidence\":" evidence ",\"keys\":" keys "}"
#define Q32 "\"" B32 "\""

struct decoded {
	struct vs_json *doc;
	struct vs_arena a;
	struct vs_release_request req;
	struct vs_err err;
	vs_status st;
};

static void
decode(struct decoded *d, struct vs_span text)
{
	*d = (struct decoded){.doc = NULL};
	vs_arena_init(&d->a, 1 << 20);
	d->st = vs_json_parse(text, &d->doc, &d->err);
	if (d->st == VS_OK)
		d->st = vs_release_decode(d->doc, &d->a, &d->req, &d->err);
}

static void
drop(struct decoded *d)
{
	vs_json_free(&d->doc);
	vs_arena_fini(&d->a);
}

static void
refused_at(const char *text, vs_status st, const char *want, int line)
{
	struct decoded d;

	decode(&d, vs_span_cstr(text));
	if (!CHECK_INT(d.st, st) || !CHECK_STR(d.err.msg, want))
		fprintf(stderr, "line %d\n", line);
	/* Written on success only. */
	CHECK(d.req.keys == NULL && d.req.nonce.p == NULL);
	drop(&d);
}
#define REFUSED(text, want) refused_at((text), VS_MALFORMED, (want), __LINE__)

static void
test_curves(void)
{
	static const struct {
		const char *text;
		vs_curve curve;
		size_t size;
		bool has_y;
	} cases[] = {
	    {BODY(Q32, P256, CPU, KEYS), VS_CURVE_P256, 32, true},
	    {BODY(Q32, P384, CPU, KEYS), VS_CURVE_P384, 48, true},
	    {BODY(Q32, X25519, CPU, KEYS), VS_CURVE_X25519, 32, false},
	};

	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		struct decoded d;

		decode(&d, vs_span_cstr(cases[i].text));
		CHECK_OK(d.st, d.err);
		CHECK_INT(d.req.recipient.curve, cases[i].curve);
		CHECK_INT(d.req.recipient.x.n, cases[i].size);
		CHECK_INT(
		    d.req.recipient.y.n, cases[i].has_y ? cases[i].size : 0);
		CHECK(d.req.recipient.x.p != NULL &&
		    d.req.recipient.x.p[31] == 31);
		drop(&d);
	}
}

static void
test_everything_arrives(void)
{
	struct decoded d;

	decode(&d,
	    VS_SPAN_LIT(BODY(Q32,
		"{\"kid\":\"k\",\"use\":\"enc\",\"alg\":\"ECDH-ES\",\"kty\":"
		"\"OKP\",\"crv\":\"X25519\",\"x\":" Q32 "}",
		"{\"cpu\":{\"kind\":\"az-snp\",\"report\":\"AAEC\",\"certs\":"
		"\"_-8\"}}",
		"[{\"name\":\"a/b\"},{\"version\":4294967295,\"name\":\"c/d/"
		"e\"}"
		"]")));
	CHECK_OK(d.st, d.err);
	CHECK_INT(d.req.nonce.n, 32);
	CHECK_INT(d.req.cpu.kind, VS_EVIDENCE_AZ_SNP);
	CHECK(vs_span_equal(d.req.cpu.report, VS_SPAN_LIT("\0\1\2")));
	if (CHECK_INT(d.req.cpu.certs_n, 1))
		CHECK(
		    vs_span_equal(d.req.cpu.certs[0], VS_SPAN_LIT("\xff\xef")));
	if (CHECK_INT(d.req.keys_n, 2)) {
		CHECK(vs_span_is(d.req.keys[0].name, "a/b"));
		CHECK_INT(d.req.keys[0].version, 0);
		CHECK(vs_span_is(d.req.keys[1].name, "c/d/e"));
		CHECK_INT(d.req.keys[1].version, UINT32_MAX);
	}
	drop(&d);
	/* No certificates is not one empty certificate. */
	decode(&d,
	    VS_SPAN_LIT(BODY(Q32, X25519,
		"{\"cpu\":{\"kind\":\"snp\",\"report\":\"AAEC\",\"certs\":"
		"\"\"}}",
		KEYS)));
	CHECK_OK(d.st, d.err);
	CHECK_INT(d.req.cpu.certs_n, 0);
	drop(&d);
}

static void
test_top(void)
{
	REFUSED("[]", "the body must be an object");
	REFUSED("1", "the body must be an object");
	REFUSED("{}", "nonce: missing");
	REFUSED("{\"nonce\":" Q32 "}", "recipient: missing");
	REFUSED(
	    "{\"nonce\":" Q32 ",\"recipient\":" P256 "}", "evidence: missing");
	REFUSED("{\"nonce\":" Q32 ",\"recipient\":" P256 ",\"evidence\":" CPU
		"}",
	    "keys: missing");
	REFUSED("{\"nonce\":1,\"dry_run\":true}", "dry_run: unknown member");
	REFUSED("{\"lease\":{}}", "lease: unknown member");
	REFUSED(BODY("1", P256, CPU, KEYS), "nonce: must be a string");
	REFUSED(BODY("\"AAEC\"", P256, CPU, KEYS), "nonce: must be 32 bytes");
	REFUSED(BODY("\"" B32 "=\"", P256, CPU, KEYS),
	    "nonce: not unpadded base64url");
	REFUSED(BODY("\"\"", P256, CPU, KEYS), "nonce: must be 32 bytes");
	REFUSED(BODY(Q32, "[]", CPU, KEYS), "recipient: must be an object");
	REFUSED(BODY(Q32, P256, "[]", KEYS), "evidence: must be an object");
	REFUSED(BODY(Q32, P256, CPU, "{}"), "keys: must be an array");
	refused_at(BODY("\"" B48 "\"", P256, CPU, KEYS), VS_TOO_LARGE,
	    "nonce: above 32 bytes", __LINE__);
}

#define JWK(members) BODY(Q32, "{" members "}", CPU, KEYS)
#define XY ",\"x\":" Q32 ",\"y\":" Q32

static void
test_recipient(void)
{
	static const char curve[] = "recipient: kty and crv must be EC with "
				    "P-256 or P-384, or OKP with X25519";

	REFUSED(JWK(""), "recipient.kty: missing");
	REFUSED(JWK("\"kty\":1"), "recipient.kty: must be a string");
	REFUSED(JWK("\"kty\":\"EC\""), "recipient.crv: missing");
	REFUSED(JWK("\"kty\":\"EC\",\"crv\":[]"),
	    "recipient.crv: must be a string");
	REFUSED(JWK("\"kty\":\"EC\",\"crv\":\"P-521\"" XY), curve);
	REFUSED(JWK("\"kty\":\"EC\",\"crv\":\"X25519\"" XY), curve);
	REFUSED(JWK("\"kty\":\"OKP\",\"crv\":\"P-256\"" XY), curve);
	REFUSED(JWK("\"kty\":\"OKP\",\"crv\":\"Ed25519\"" XY), curve);
	REFUSED(JWK("\"kty\":\"RSA\",\"crv\":\"P-256\"" XY), curve);
	REFUSED(JWK("\"kty\":\"EC\",\"crv\":\"p-256\"" XY), curve);
	REFUSED(JWK("\"kty\":\"EC\",\"crv\":\"P-256\",\"y\":" Q32),
	    "recipient.x: missing");
	REFUSED(JWK("\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":" Q32),
	    "recipient.y: missing");
	REFUSED(JWK("\"kty\":\"OKP\",\"crv\":\"X25519\"" XY),
	    "recipient.y: unknown member");
	/* A private key must stay where it is. */
	REFUSED(JWK("\"kty\":\"EC\",\"crv\":\"P-256\",\"d\":" Q32 XY),
	    "recipient.d: unknown member");
	REFUSED(JWK("\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":" Q32),
	    "recipient.x: must be 32 bytes on this curve");
	REFUSED(JWK("\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":" Q32
		    ",\"y\":\"" B48 "\""),
	    "recipient.y: must be 32 bytes on this curve");
	REFUSED(JWK("\"kty\":\"EC\",\"crv\":\"P-384\"" XY),
	    "recipient.x: must be 48 bytes on this curve");
	REFUSED(JWK("\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"*\",\"y\":1"),
	    "recipient.x: not unpadded base64url");
	REFUSED(JWK("\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":" Q32 ",\"y\":1"),
	    "recipient.y: must be a string");
	refused_at(JWK("\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" B48 B48
		       "\",\"y\":1"),
	    VS_TOO_LARGE, "recipient.x: above 66 bytes", __LINE__);
}

#define EV(members) BODY(Q32, P256, "{" members "}", KEYS)
#define SNP "\"cpu\":{\"kind\":\"snp\",\"report\":\"AAEC\"}"
#define TD "\"cpu\":{\"kind\":\"tdx\",\"report\":\"AAEC\"}"

static void
test_evidence(void)
{
	REFUSED(EV(""), "evidence.cpu: missing");
	REFUSED(EV("\"cpu\":[]"), "evidence.cpu: must be an object");
	REFUSED(EV("\"tpm\":{}"), "evidence.tpm: unknown member");
	REFUSED(EV("\"cpu\":{}"), "evidence.cpu.kind: missing");
	REFUSED(
	    EV("\"cpu\":{\"kind\":1}"), "evidence.cpu.kind: must be a string");
	REFUSED(EV("\"cpu\":{\"kind\":\"cca\",\"report\":\"AAEC\"}"),
	    "evidence.cpu.kind: must be snp, az-snp, tdx, az-tdx or sgx");
	REFUSED(EV("\"cpu\":{\"kind\":\"\"}"),
	    "evidence.cpu.kind: must be snp, az-snp, tdx, az-tdx or sgx");
	REFUSED(
	    EV("\"cpu\":{\"kind\":\"snp\"}"), "evidence.cpu.report: missing");
	REFUSED(EV("\"cpu\":{\"kind\":\"snp\",\"report\":{}}"),
	    "evidence.cpu.report: must be a string");
	REFUSED(EV("\"cpu\":{\"kind\":\"snp\",\"report\":\"A\"}"),
	    "evidence.cpu.report: not unpadded base64url");
	REFUSED(EV("\"cpu\":{\"kind\":\"snp\",\"report\":\"AB\"}"),
	    "evidence.cpu.report: not unpadded base64url");
	REFUSED(EV("\"cpu\":{\"kind\":\"snp\",\"report\":\"AA\",\"certs\":[]}"),
	    "evidence.cpu.certs: must be a string");
	REFUSED(
	    EV("\"cpu\":{\"kind\":\"snp\",\"report\":\"AA\",\"certs\":null}"),
	    "evidence.cpu.certs: must be a string");
	REFUSED(EV("\"cpu\":{\"kind\":\"snp\",\"vmpl\":0}"),
	    "evidence.cpu.vmpl: unknown member");
	/* What this version does not look at must not seem accepted. */
	refused_at(EV(SNP ",\"event_log\":\"AA\""), VS_UNSUPPORTED,
	    "evidence.event_log: only with kind tdx", __LINE__);
	REFUSED(EV(TD ",\"event_log\":\"\""), "evidence.event_log: empty");
	REFUSED(
	    EV(TD ",\"event_log\":[]"), "evidence.event_log: must be a string");
	REFUSED(EV(TD ",\"event_log\":null"),
	    "evidence.event_log: must be a string");
	REFUSED(EV(TD ",\"event_log\":\"A\""),
	    "evidence.event_log: not unpadded base64url");
}

#define GPU "{\"report\":\"_-8\",\"certs\":\"AAEC\"}"
#define GPU_ON "{\"report\":\"AA\",\"certs\":\"AQ\",\"cc_state\":\"on\"}"

static void
test_devices_arrive(void)
{
	struct decoded d;

	decode(&d,
	    VS_SPAN_LIT(EV(
		SNP ",\"gpus\":[" GPU "," GPU_ON "],\"switches\":[" GPU "]")));
	CHECK_OK(d.st, d.err);
	if (CHECK_INT(d.req.devices.gpus_n, 2)) {
		const struct vs_device_input *g = d.req.devices.gpus;

		CHECK(vs_span_equal(g[0].report, VS_SPAN_LIT("\xff\xef")));
		CHECK(vs_span_equal(g[0].certs, VS_SPAN_LIT("\0\1\2")));
		CHECK_INT(g[0].cc_state, VS_CC_UNSAID);
		CHECK(vs_span_equal(g[1].certs, VS_SPAN_LIT("\1")));
		CHECK_INT(g[1].cc_state, VS_CC_ON);
	}
	CHECK_INT(d.req.devices.switches_n, 1);
	drop(&d);
	decode(&d, VS_SPAN_LIT(EV(SNP ",\"switches\":[]")));
	CHECK_OK(d.st, d.err);
	CHECK_INT(d.req.devices.gpus_n, 0);
	drop(&d);
}

static void
put(struct vs_buf *b, const char *name, struct vs_span bytes)
{
	vs_cbor_put_text(b, vs_span_cstr(name));
	vs_cbor_put_bytes(b, bytes);
}

static void
put_name(struct vs_buf *b, const char *name, const char *text)
{
	vs_cbor_put_text(b, vs_span_cstr(name));
	vs_cbor_put_text(b, vs_span_cstr(text));
}

static const struct vs_span one_item = {(const uint8_t *)"\x81", 1};

static void
cbor_evidence(struct vs_buf *b)
{
	vs_cbor_put_text(b, VS_SPAN_LIT("evidence"));
	vs_cbor_put_map(b, 2);
	vs_cbor_put_text(b, VS_SPAN_LIT("cpu"));
	vs_cbor_put_map(b, 2);
	put_name(b, "kind", "snp");
	put(b, "report", VS_SPAN_LIT("\0\1\2"));
	vs_cbor_put_text(b, VS_SPAN_LIT("gpus"));
	vs_buf_add(b, one_item);
	vs_cbor_put_map(b, 3);
	put(b, "report", VS_SPAN_LIT("\xff\xef"));
	put(b, "certs", VS_SPAN_LIT("-----BEGIN"));
	put_name(b, "cc_state", "devtools");
}

/* The same members, with bytes as bytes. */
static void
test_devices_in_cbor(void)
{
	uint8_t bytes[32] = {1};
	struct vs_buf b = {0};
	struct decoded d = {.doc = NULL};

	vs_cbor_put_map(&b, 4);
	put(&b, "nonce", VS_SPAN_OF(bytes));
	vs_cbor_put_text(&b, VS_SPAN_LIT("recipient"));
	vs_cbor_put_map(&b, 3);
	put_name(&b, "kty", "OKP");
	put_name(&b, "crv", "X25519");
	put(&b, "x", VS_SPAN_OF(bytes));
	cbor_evidence(&b);
	vs_cbor_put_text(&b, VS_SPAN_LIT("keys"));
	vs_buf_add(&b, one_item);
	vs_cbor_put_map(&b, 1);
	put_name(&b, "name", "a/b");
	vs_arena_init(&d.a, 1 << 20);
	CHECK_OK(vs_cbor_parse(vs_buf_span(&b), &d.doc, &d.err), d.err);
	CHECK_OK(vs_release_decode(d.doc, &d.a, &d.req, &d.err), d.err);
	if (CHECK_INT(d.req.devices.gpus_n, 1)) {
		const struct vs_device_input *g = d.req.devices.gpus;

		CHECK(vs_span_equal(g->report, VS_SPAN_LIT("\xff\xef")));
		CHECK(vs_span_is(g->certs, "-----BEGIN"));
		CHECK_INT(g->cc_state, VS_CC_DEVTOOLS);
	}
	drop(&d);
	vs_buf_fini(&b);
}

static void
test_devices_refused(void)
{
	REFUSED(EV(SNP ",\"gpus\":{}"), "evidence.gpus: must be an array");
	REFUSED(EV(SNP ",\"gpus\":[]"), "evidence.gpus: must be 1 to 16");
	REFUSED(EV(SNP ",\"gpus\":[1]"), "evidence.gpus[0]: must be an object");
	REFUSED(EV(SNP ",\"gpus\":[" GPU ",{}]"),
	    "evidence.gpus[1].report: missing");
	REFUSED(EV(SNP ",\"gpus\":[{\"report\":\"AA\"}]"),
	    "evidence.gpus[0].certs: missing");
	REFUSED(EV(SNP ",\"gpus\":[{\"arch\":\"HOPPER\"}]"),
	    "evidence.gpus[0].arch: unknown member");
	REFUSED(EV(SNP ",\"gpus\":[{\"report\":\"A\"}]"),
	    "evidence.gpus[0].report: not unpadded base64url");
	REFUSED(EV(SNP ",\"gpus\":[{\"report\":\"AA\",\"certs\":\"AQ\","
		       "\"cc_state\":\"On\"}]"),
	    "evidence.gpus[0].cc_state: must be on, devtools or off");
	REFUSED(EV(SNP ",\"gpus\":[{\"report\":\"AA\",\"certs\":\"AQ\","
		       "\"cc_state\":null}]"),
	    "evidence.gpus[0].cc_state: must be on, devtools or off");
	REFUSED(EV(SNP ",\"switches\":[" GPU "]"),
	    "evidence.switches: without evidence.gpus");
	REFUSED(EV(SNP ",\"gpus\":[" GPU "],\"switches\":[" GPU_ON "]"),
	    "evidence.switches[0].cc_state: unknown member");
}

#define FOUR(x) x "," x "," x "," x

static void
test_too_many_devices(void)
{
	REFUSED(EV(SNP ",\"gpus\":[" FOUR(FOUR(GPU)) "," GPU "]"),
	    "evidence.gpus: must be 1 to 16");
	REFUSED(EV(SNP ",\"gpus\":[" GPU
		       "],\"switches\":[" FOUR(GPU) "," FOUR(GPU) "," GPU "]"),
	    "evidence.switches: must be 0 to 8");
}

static void
test_a_quote_and_its_event_log_arrive(void)
{
	struct decoded d;

	decode(&d, VS_SPAN_LIT(EV(TD ",\"event_log\":\"_-8\"")));
	CHECK_OK(d.st, d.err);
	CHECK_INT(d.req.cpu.kind, VS_EVIDENCE_TDX);
	CHECK(vs_span_equal(d.req.cpu.report, VS_SPAN_LIT("\0\1\2")));
	CHECK(vs_span_equal(d.req.cpu.event_log, VS_SPAN_LIT("\xff\xef")));
	drop(&d);
	decode(&d, VS_SPAN_LIT(EV(TD)));
	CHECK_OK(d.st, d.err);
	CHECK_INT(d.req.cpu.event_log.n, 0);
	drop(&d);
}

static void
test_evidence_too_large(void)
{
	struct vs_buf body = {0};
	char *big = malloc(90001);

	if (big == NULL)
		return;
	memset(big, 'A', 90000);
	big[90000] = '\0';
	vs_buf_printf(&body,
	    "{\"nonce\":" Q32 ",\"recipient\":" P256 ",\"evidence\":{\"cpu\":"
	    "{\"kind\":\"snp\",\"report\":\"%s\"}},\"keys\":" KEYS "}",
	    big);
	refused_at(vs_buf_cstr(&body), VS_TOO_LARGE,
	    "evidence.cpu.report: above 65536 bytes", __LINE__);
	vs_buf_reset(&body);
	vs_buf_printf(&body,
	    "{\"nonce\":" Q32 ",\"recipient\":" P256 ",\"evidence\":{\"cpu\":"
	    "{\"kind\":\"snp\",\"report\":\"AA\",\"certs\":\"%s\"}},"
	    "\"keys\":" KEYS "}",
	    big);
	refused_at(vs_buf_cstr(&body), VS_TOO_LARGE,
	    "evidence.cpu.certs: above 65536 bytes", __LINE__);
	vs_buf_fini(&body);
	free(big);
}

#define K(list) BODY(Q32, P256, CPU, list)

static void
test_keys(void)
{
	static const char version[] = "keys[0].version: must be a whole number "
				      "from 1";

	REFUSED(K("[]"), "keys: must be 1 to 10000");
	REFUSED(K("[\"a/b\"]"), "keys[0]: must be an object");
	REFUSED(K("[{}]"), "keys[0].name: missing");
	REFUSED(K("[{\"name\":1}]"), "keys[0].name: must be a string");
	REFUSED(K("[{\"name\":\"a/b\"},{\"name\":\"a/b\",\"x\":1}]"),
	    "keys[1].x: unknown member");
	REFUSED(K("[{\"name\":\"a/b\",\"version\":0}]"), version);
	REFUSED(K("[{\"name\":\"a/b\",\"version\":-1}]"), version);
	REFUSED(K("[{\"name\":\"a/b\",\"version\":1.0}]"), version);
	REFUSED(K("[{\"name\":\"a/b\",\"version\":\"1\"}]"), version);
	REFUSED(K("[{\"name\":\"a/b\",\"version\":null}]"), version);
	REFUSED(K("[{\"name\":\"a/b\",\"version\":4294967296}]"), version);
}

static void
test_key_names_are_judged_here(void)
{
	static const char *const bad[] = {
	    "", "a", "a/", "/a", "a//b", "a/../b", "a/b c", "a/b:rotate"};

	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		struct decoded d;
		struct vs_buf b = {0};

		vs_buf_printf(&b,
		    "{\"nonce\":" Q32 ",\"recipient\":" P256
		    ",\"evidence\":" CPU ",\"keys\":[{\"name\":\"%s\"}]}",
		    bad[i]);
		decode(&d, vs_buf_span(&b));
		CHECK_INT(d.st, VS_MALFORMED);
		if (!CHECK(strncmp(d.err.msg, "keys[0]", 7) == 0))
			fprintf(stderr, "%s: %s\n", bad[i], d.err.msg);
		drop(&d);
		vs_buf_fini(&b);
	}
}

static void
test_too_many_keys(void)
{
	struct vs_buf b = {0};
	struct decoded d;

	vs_buf_puts(&b,
	    "{\"nonce\":" Q32 ",\"recipient\":" P256 ",\"evidence\":" CPU
	    ",\"keys\":[{\"name\":\"a/b\"}");
	for (int i = 1; i < VS_RELEASE_KEYS_MAX; i++)
		vs_buf_puts(&b, ",{\"name\":\"a/b\"}");
	vs_buf_puts(&b, "]}");
	decode(&d, vs_buf_span(&b));
	CHECK_OK(d.st, d.err);
	CHECK_INT(d.req.keys_n, VS_RELEASE_KEYS_MAX);
	drop(&d);
	b.n -= 2;
	vs_buf_puts(&b, ",{\"name\":\"a/b\"}]}");
	decode(&d, vs_buf_span(&b));
	CHECK_INT(d.st, VS_MALFORMED);
	CHECK_STR(d.err.msg, "keys: must be 1 to 10000");
	CHECK_STR(d.err.code, "key.count");
	drop(&d);
	vs_buf_fini(&b);
}

static const char valid[] = BODY(Q32, P256,
    "{\"cpu\":{\"kind\":\"snp\",\"report\":\"AAEC\",\"certs\":\"_-8\"}}",
    "[{\"name\":\"a/b\",\"version\":12}]");

static void
test_every_truncation_fails(void)
{
	char *copy;

	for (size_t n = 0; n < sizeof valid - 1; n++) {
		struct decoded d;

		/* In memory of its own, so that reading on is seen. */
		copy = malloc(n + 1);
		if (copy == NULL)
			return;
		memcpy(copy, valid, n);
		decode(&d, VS_SPAN(copy, n));
		CHECK(d.st != VS_OK);
		drop(&d);
		free(copy);
	}
}

/* No flipped bit crashes or yields a request without its parts. */
static void
test_every_bit_flip(void)
{
	char copy[sizeof valid];
	size_t taken = 0;

	for (size_t bit = 0; bit < 8 * (sizeof valid - 1); bit++) {
		struct decoded d;

		memcpy(copy, valid, sizeof valid);
		copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
		decode(&d, VS_SPAN(copy, sizeof valid - 1));
		if (d.st == VS_OK) {
			taken++;
			CHECK_INT(d.req.nonce.n, 32);
			CHECK_INT(d.req.recipient.x.n, 32);
			CHECK_INT(d.req.keys_n, 1);
		} else {
			CHECK(d.err.msg[0] != '\0');
		}
		drop(&d);
	}
	/* Other base64url, other names: as good as what was sent. */
	CHECK(taken > 0 && taken < 8 * sizeof valid);
}

static void
test_no_memory(void)
{
	struct vs_json *doc = NULL;
	struct vs_release_request req = {0};
	struct vs_err err = {0};
	struct vs_arena a;
	vs_status st = VS_NO_MEMORY;
	size_t cap = 0;

	CHECK_OK(vs_json_parse(vs_span_cstr(valid), &doc, &err), err);
	for (; st != VS_OK && cap < 4096; cap += 16) {
		vs_arena_init(&a, cap);
		vs_err_clear(&err);
		st = vs_release_decode(doc, &a, &req, &err);
		if (st != VS_OK) {
			CHECK_INT(st, VS_NO_MEMORY);
			CHECK(req.keys == NULL);
		}
		vs_arena_fini(&a);
	}
	CHECK(cap > 64 && st == VS_OK);
	vs_json_free(&doc);
}

int
main(void)
{
	RUN(test_curves);
	RUN(test_everything_arrives);
	RUN(test_top);
	RUN(test_recipient);
	RUN(test_evidence);
	RUN(test_devices_arrive);
	RUN(test_devices_in_cbor);
	RUN(test_devices_refused);
	RUN(test_too_many_devices);
	RUN(test_a_quote_and_its_event_log_arrive);
	RUN(test_evidence_too_large);
	RUN(test_keys);
	RUN(test_key_names_are_judged_here);
	RUN(test_too_many_keys);
	RUN(test_every_truncation_fails);
	RUN(test_every_bit_flip);
	RUN(test_no_memory);
	return check_result();
}
