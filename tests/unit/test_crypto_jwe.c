/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JWE writer: opened by our own reader's half on every curve and length,
 * and by implementations that share nothing with us: jose(1) for the NIST
 * curves, python3-cryptography for X25519. What is not installed is skipped,
 * and said to be.
 */
#include <unistd.h>

#include "base/encoding.h"
#include "base/secret.h"
#include "check.h"
#include "crypto/jwe.h"

enum { STAGE = 12288, LONGEST = 3 * STAGE + 7 };

static const vs_curve curves[] = {
    VS_CURVE_P256, VS_CURVE_P384, VS_CURVE_X25519};
static struct vs_jwe *jwe;
static uint8_t plain[LONGEST];
static bool skipped;

static struct vs_jwe_to
to_point(const struct vs_ecdh_point *p)
{
	size_t n = vs_curve_size(p->curve);

	return (struct vs_jwe_to){.curve = p->curve,
	    .x = VS_SPAN(p->x, n),
	    .y = VS_SPAN(p->y, p->curve == VS_CURVE_X25519 ? 0 : n),
	    .apu = VS_SPAN_LIT("apu \x01\xff"),
	    .apv = VS_SPAN_LIT("018f0000-0000-7000-8000-000000000001")};
}

/* The whole text in a heap block of exactly its length. */
static uint8_t *
seal(const struct vs_jwe_to *to, size_t n, size_t step, size_t *len)
{
	uint8_t *out;

	*len = vs_jwe_len(to, n);
	out = malloc(*len);
	CHECK_INT(vs_jwe_begin(jwe, to, n, out), VS_OK);
	for (size_t at = 0; at < n; at += step)
		CHECK_INT(
		    vs_jwe_add(jwe, vs_span_slice(VS_SPAN(plain, n), at, step)),
		    VS_OK);
	CHECK_INT(vs_jwe_end(jwe), VS_OK);
	return out;
}

/* ---- our own reader's half ---------------------------------------------- */

struct taken {
	struct vs_arena arena;
	struct vs_jwe_parts parts;
	struct vs_span header; /* decoded */
};

/* The text between key and the next quote. */
static struct vs_span
member(struct vs_span json, const char *key)
{
	const uint8_t *at = memmem(json.p, json.n, key, strlen(key)), *end;
	size_t left;

	if (!CHECK(at != NULL))
		return VS_SPAN(NULL, 0);
	at += strlen(key);
	left = json.n - (size_t)(at - json.p);
	end = memchr(at, '"', left);
	return CHECK(end != NULL) ? VS_SPAN(at, (size_t)(end - at))
				  : VS_SPAN(NULL, 0);
}

static struct vs_span
decoded(struct taken *t, struct vs_span text)
{
	struct vs_span out = {NULL, 0};

	CHECK_INT(vs_b64url_decode(&t->arena, text, &out), VS_OK);
	return out;
}

static void
take(struct taken *t, const uint8_t *text, size_t len, bool ec)
{
	struct vs_span part[5] = {{NULL, 0}};
	size_t from = 0, k = 0;

	*t = (struct taken){0};
	vs_arena_init(&t->arena, 1 << 20);
	for (size_t i = 0; i <= len; i++)
		if (i == len || text[i] == '.') {
			if (!CHECK(k < 5))
				return;
			part[k++] = VS_SPAN(text + from, i - from);
			from = i + 1;
		}
	CHECK_INT(k, 5);
	CHECK_INT(part[1].n, 0); /* RFC 7518 4.6: direct agreement */
	t->header = decoded(t, part[0]);
	t->parts = (struct vs_jwe_parts){.header = part[0],
	    .epk_x = decoded(t, member(t->header, "\"x\":\"")),
	    .apu = decoded(t, member(t->header, "\"apu\":\"")),
	    .apv = decoded(t, member(t->header, "\"apv\":\"")),
	    .iv = decoded(t, part[2]),
	    .ciphertext = decoded(t, part[3]),
	    .tag = decoded(t, part[4])};
	if (ec)
		t->parts.epk_y = decoded(t, member(t->header, "\"y\":\""));
}

static void
test_every_curve_and_length(void)
{
	static const size_t sizes[] = {0, 1, 2, 3, 47, 48, STAGE - 1, STAGE,
	    STAGE + 1, 2 * STAGE, LONGEST};
	VS_AUTO(vs_ecdh) *e = NULL;
	struct vs_ecdh_point p;

	CHECK_INT(vs_ecdh_new(&e), VS_OK);
	for (size_t c = 0; c < VS_COUNT(curves); c++) {
		CHECK_INT(vs_ecdh_generate(e, curves[c], &p), VS_OK);
		for (size_t i = 0; i < VS_COUNT(sizes); i++) {
			const struct vs_jwe_to to = to_point(&p);
			uint8_t *out = malloc(sizes[i] + 1);
			struct taken t;
			size_t len;
			uint8_t *text = seal(&to, sizes[i], 1000, &len);

			take(&t, text, len, curves[c] != VS_CURVE_X25519);
			CHECK_INT(t.parts.ciphertext.n, sizes[i]);
			CHECK(vs_span_equal(t.parts.apu, to.apu));
			CHECK(vs_span_equal(t.parts.apv, to.apv));
			CHECK_INT(vs_jwe_open(e, &t.parts, out), VS_OK);
			CHECK(memcmp(out, plain, sizes[i]) == 0);
			vs_arena_fini(&t.arena);
			free(text);
			free(out);
		}
	}
}

static void
test_header(void)
{
	VS_AUTO(vs_ecdh) *e = NULL;
	struct vs_ecdh_point p;
	struct vs_jwe_to to;
	struct taken t;
	size_t len;
	uint8_t *text;

	CHECK_INT(vs_ecdh_new(&e), VS_OK);
	CHECK_INT(vs_ecdh_generate(e, VS_CURVE_P256, &p), VS_OK);
	to = to_point(&p);
	text = seal(&to, 5, 5, &len);
	take(&t, text, len, true);
	CHECK(vs_span_starts(t.header,
	    VS_SPAN_LIT("{\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\"epk\":"
			"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"")));
	CHECK(vs_span_is(member(t.header, "\"apu\":\""), "YXB1IAH_"));
	CHECK_INT(t.parts.iv.n, 12);
	CHECK_INT(t.parts.tag.n, 16);
	vs_arena_fini(&t.arena);
	free(text);
}

/* Each thing that the reader uses, changed alone. */
static void
test_changed_parts(void)
{
	VS_AUTO(vs_ecdh) *e = NULL;
	struct vs_ecdh_point p;
	struct vs_jwe_to to;
	struct taken t;
	struct vs_jwe_parts bad;
	uint8_t out[40], other[64];
	size_t len;
	uint8_t *text;

	CHECK_INT(vs_ecdh_new(&e), VS_OK);
	CHECK_INT(vs_ecdh_generate(e, VS_CURVE_P256, &p), VS_OK);
	to = to_point(&p);
	text = seal(&to, sizeof out, 7, &len);
	take(&t, text, len, true);
	for (int i = 0; i < 5; i++) {
		struct vs_span *at[] = {
		    &bad.header, &bad.apu, &bad.apv, &bad.iv, &bad.ciphertext};

		bad = t.parts;
		at[i]->n = at[i]->n < sizeof other ? at[i]->n : sizeof other;
		memcpy(other, at[i]->p, at[i]->n);
		other[2] ^= 1;
		at[i]->p = other;
		CHECK_INT(vs_jwe_open(e, &bad, out), VS_UNTRUSTED);
	}
	bad = t.parts;
	memcpy(other, bad.tag.p, bad.tag.n);
	other[15] ^= 0x80;
	bad.tag.p = other;
	CHECK_INT(vs_jwe_open(e, &bad, out), VS_UNTRUSTED);
	bad.tag.n = 12; /* a short tag is none */
	CHECK_INT(vs_jwe_open(e, &bad, out), VS_MALFORMED);
	bad = t.parts;
	bad.iv.n = 11;
	CHECK_INT(vs_jwe_open(e, &bad, out), VS_MALFORMED);
	bad = t.parts;
	bad.epk_y.n = 0;
	CHECK_INT(vs_jwe_open(e, &bad, out), VS_MALFORMED);
	CHECK_INT(vs_jwe_open(e, &t.parts, out), VS_OK);
	CHECK_INT(vs_ecdh_generate(e, VS_CURVE_P256, &p), VS_OK);
	CHECK_INT(vs_jwe_open(e, &t.parts, out), VS_UNTRUSTED);
	vs_arena_fini(&t.arena);
	free(text);
}

/* A secret that is encoded on its way gives the text that encoding gives. */
static void
test_secret_as_text(void)
{
	static const size_t sizes[] = {1, 2, 3, 32, 767, 768, 769, 9217};
	VS_AUTO(vs_ecdh) *e = NULL;
	struct vs_ecdh_point p;
	struct vs_jwe_to to;

	CHECK_INT(vs_ecdh_new(&e), VS_OK);
	CHECK_INT(vs_ecdh_generate(e, VS_CURVE_P384, &p), VS_OK);
	to = to_point(&p);
	for (size_t i = 0; i < VS_COUNT(sizes); i++) {
		size_t n = vs_b64url_len(sizes[i]), len = vs_jwe_len(&to, n);
		uint8_t *text = malloc(len), *out = malloc(n);
		uint8_t *want = malloc(n);
		struct taken t;

		CHECK_INT(vs_jwe_begin(jwe, &to, n, text), VS_OK);
		CHECK_INT(
		    vs_jwe_add_b64url(jwe, VS_SPAN(plain, sizes[i])), VS_OK);
		CHECK_INT(vs_jwe_end(jwe), VS_OK);
		take(&t, text, len, true);
		CHECK_INT(vs_jwe_open(e, &t.parts, out), VS_OK);
		vs_b64url_encode(VS_SPAN(plain, sizes[i]), want);
		CHECK(memcmp(out, want, n) == 0);
		vs_arena_fini(&t.arena);
		free(text);
		free(out);
		free(want);
	}
}

static void
test_wrong_use(void)
{
	uint8_t out[2048], far[1];
	VS_AUTO(vs_ecdh) *e = NULL;
	struct vs_ecdh_point p;
	struct vs_jwe_to to, bad;

	CHECK_INT(vs_ecdh_new(&e), VS_OK);
	CHECK_INT(vs_ecdh_generate(e, VS_CURVE_P256, &p), VS_OK);
	to = to_point(&p);
	CHECK(vs_jwe_len(&to, 10) > 0 && vs_jwe_len(&to, 10) <= sizeof out);
	CHECK_INT(vs_jwe_len(&to, SIZE_MAX), 0);
	CHECK_INT(vs_jwe_begin(jwe, &to, SIZE_MAX, out), VS_TOO_LARGE);
	bad = to;
	bad.curve = VS_CURVE_NONE;
	CHECK_INT(vs_jwe_len(&bad, 10), 0);
	CHECK_INT(vs_jwe_begin(jwe, &bad, 10, out), VS_UNSUPPORTED);
	bad = to;
	bad.x = to.y; /* (y, y) is not on the curve */
	CHECK_INT(vs_jwe_begin(jwe, &bad, 10, out), VS_MALFORMED);
	bad = to;
	bad.apu = VS_SPAN(plain, VS_JWE_PARTY_MAX + 1);
	CHECK_INT(vs_jwe_len(&bad, 10), 0);
	CHECK_INT(vs_jwe_begin(jwe, &bad, 10, out), VS_TOO_LARGE);
	/* Less or more plaintext than was said. */
	CHECK_INT(vs_jwe_begin(jwe, &to, 10, out), VS_OK);
	CHECK_INT(vs_jwe_add(jwe, VS_SPAN(plain, 9)), VS_OK);
	CHECK_INT(vs_jwe_end(jwe), VS_INTERNAL);
	CHECK_INT(vs_jwe_begin(jwe, &to, 10, out), VS_OK);
	CHECK_INT(vs_jwe_add(jwe, VS_SPAN(plain, 11)), VS_INTERNAL);
	CHECK_INT(vs_jwe_add_b64url(jwe, VS_SPAN(plain, 9)), VS_INTERNAL);
	vs_jwe_abort(jwe);
	CHECK_INT(vs_jwe_add(jwe, VS_SPAN_OF(far)), VS_INTERNAL);
}

/* ---- others -------------------------------------------------------------- */

static char dir[] = "/tmp/vs-jwe-XXXXXX";

static bool
run(const char *command)
{
	return system(command) == 0;
}

static bool
run_in_dir(const char *what)
{
	char command[4096];
	int n =
	    snprintf(command, sizeof command, "cd %s && { %s; }", dir, what);

	CHECK(n > 0 && (size_t)n < sizeof command);
	return run(command);
}

static size_t
slurp(const char *name, uint8_t *out, size_t max)
{
	char path[128];
	size_t n = 0;
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (!CHECK(f != NULL))
		return 0;
	n = fread(out, 1, max, f);
	(void)fclose(f);
	return n;
}

static void
spill(const char *name, const uint8_t *p, size_t n)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	f = fopen(path, "wb");
	if (!CHECK(f != NULL))
		return;
	CHECK_INT(fwrite(p, 1, n, f), n);
	CHECK_INT(fclose(f), 0);
}

/* The other side has made key.jwk; it must read what we write for it. */
static void
read_by(vs_curve curve, const char *decrypt)
{
	static const size_t sizes[] = {1, 300, LONGEST};
	struct vs_ecdh_point p = {.curve = curve};
	size_t n = vs_curve_size(curve), len, got;
	static uint8_t text[2048], out[LONGEST + 1];
	struct vs_span jwk = {text, slurp("key.jwk", text, sizeof text)};

	CHECK_INT(vs_b64url_decode_n(member(jwk, "\"x\":\""), p.x, n), VS_OK);
	if (curve != VS_CURVE_X25519)
		CHECK_INT(
		    vs_b64url_decode_n(member(jwk, "\"y\":\""), p.y, n), VS_OK);
	for (size_t i = 0; i < VS_COUNT(sizes); i++) {
		const struct vs_jwe_to to = to_point(&p);
		uint8_t *sealed = seal(&to, sizes[i], sizes[i], &len);

		spill("jwe", sealed, len);
		CHECK(run_in_dir(decrypt));
		got = slurp("out", out, sizeof out);
		CHECK_INT(got, sizes[i]);
		CHECK(memcmp(out, plain, sizes[i]) == 0);
		/* That it does look: one letter of the tag changed. */
		sealed[len - 5] = sealed[len - 5] == 'A' ? 'B' : 'A';
		spill("jwe", sealed, len);
		CHECK(!run_in_dir(decrypt));
		free(sealed);
	}
}

static void
test_read_by_jose(void)
{
	static const char decrypt[] =
	    "jose jwe dec -i jwe -k key.jwk -O out 2>/dev/null";

	if (!run("command -v jose >/dev/null")) {
		printf("skipped: jose is not installed\n");
		skipped = true;
		return;
	}
	CHECK(run_in_dir("jose jwk gen -o key.jwk -i "
			 "'{\"kty\":\"EC\",\"crv\":\"P-256\"}'"));
	read_by(VS_CURVE_P256, decrypt);
	CHECK(run_in_dir("jose jwk gen -o key.jwk -i "
			 "'{\"kty\":\"EC\",\"crv\":\"P-384\"}'"));
	read_by(VS_CURVE_P384, decrypt);
}

static const char python_x25519[] =
    "import sys, json, base64\n"
    "from cryptography.hazmat.primitives.asymmetric import x25519\n"
    "from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash\n"
    "from cryptography.hazmat.primitives.ciphers.aead import AESGCM\n"
    "from cryptography.hazmat.primitives import hashes, serialization as s\n"
    "def d(t): return base64.urlsafe_b64decode(t + '=' * (-len(t) % 4))\n"
    "def e(b): return base64.urlsafe_b64encode(b).decode().rstrip('=')\n"
    "if sys.argv[1] == 'gen':\n"
    "  k = x25519.X25519PrivateKey.generate()\n"
    "  raw = s.Encoding.Raw\n"
    "  open('key.jwk', 'w').write('{\"x\":\"%s\",\"d\":\"%s\"}' % (\n"
    "    e(k.public_key().public_bytes(raw, s.PublicFormat.Raw)),\n"
    "    e(k.private_bytes(raw, s.PrivateFormat.Raw, s.NoEncryption()))))\n"
    "else:\n"
    "  k = x25519.X25519PrivateKey.from_private_bytes(\n"
    "    d(json.load(open('key.jwk'))['d']))\n"
    "  h, none, iv, ct, tag = open('jwe').read().split('.')\n"
    "  j = json.loads(d(h))\n"
    "  assert none == '' and j['alg'] == 'ECDH-ES'\n"
    "  assert j['epk']['kty'] == 'OKP' and j['epk']['crv'] == 'X25519'\n"
    "  z = k.exchange(x25519.X25519PublicKey.from_public_bytes(\n"
    "    d(j['epk']['x'])))\n"
    "  lp = lambda b: len(b).to_bytes(4, 'big') + b\n"
    "  info = (lp(j['enc'].encode()) + lp(d(j['apu'])) + lp(d(j['apv'])) +\n"
    "    (256).to_bytes(4, 'big'))\n"
    "  cek = ConcatKDFHash(hashes.SHA256(), 32, info).derive(z)\n"
    "  open('out', 'wb').write(\n"
    "    AESGCM(cek).decrypt(d(iv), d(ct) + d(tag), h.encode()))\n";

static void
test_read_by_python(void)
{
	if (!run("python3 -c 'import cryptography' 2>/dev/null")) {
		printf("skipped: python3-cryptography is not installed\n");
		skipped = true;
		return;
	}
	spill("x25519.py", (const uint8_t *)python_x25519,
	    sizeof python_x25519 - 1);
	CHECK(run_in_dir("python3 x25519.py gen"));
	read_by(VS_CURVE_X25519, "python3 x25519.py dec 2>/dev/null");
}

static void
clean(void)
{
	CHECK(run_in_dir("rm -f key.jwk jwe out x25519.py"));
	CHECK_INT(rmdir(dir), 0);
}

int
main(void)
{
	struct vs_err err = {0};
	int result;

	for (size_t i = 0; i < sizeof plain; i++)
		plain[i] = (uint8_t)(i * 7 + i / 256);
	if (!CHECK_OK(vs_secret_pool_init(1 << 20, &err), err) ||
	    !CHECK_INT(vs_jwe_new(&jwe), VS_OK) || !CHECK(mkdtemp(dir) != NULL))
		return check_result();
	RUN(test_every_curve_and_length);
	RUN(test_header);
	RUN(test_changed_parts);
	RUN(test_secret_as_text);
	RUN(test_wrong_use);
	RUN(test_read_by_jose);
	RUN(test_read_by_python);
	clean();
	vs_jwe_free(&jwe);
	vs_jwe_free(&jwe);
	CHECK_INT(vs_secret_pool_used(), 0);
	vs_secret_pool_fini();
	result = check_result();
	return result == 0 && skipped ? 77 : result;
}
