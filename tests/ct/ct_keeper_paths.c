/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ways through the keeper that ct_keeper does not go to their end: a batch of
 * as many keys as a release may have, an import that opens, and the sharing
 * of a secret. Marks and what is declared public are as there; besides:
 *
 * Secret
 *   the content key     as EVP_PKEY_derive writes the ECDH secret of the
 *   of an import        import key
 *   what is shared,     before vs_shamir_split; its coefficients come from
 *   and every share     RAND_priv_bytes, and shares before vs_shamir_join
 *
 * Public: the numbers of shares, their set, the threshold; a share's checksum,
 * once it is on paper.
 *
 * ct_leak is the same program with a leak in the middle of each way, that
 * --plant PATH switches on: at the last record of the batch, the payload of
 * the import, the field's product in split and in join. That takes functions
 * which the compiler has not dissolved: shamir.c and shamir_split.c are built
 * into it unoptimised.
 */
#include "ct/taint.h"

#include "base/encoding.h"
#include "crypto/jwe.h"
#include "keeper/core.h"
#include "keeper/import.h"
#include "keeper/shamir.h"

enum {
	POOL = 4 * 1024 * 1024,
	PAYLOAD = 32,
#ifdef CT_LEAK
	BATCH = 200, /* a leak needs no more to be seen */
#else
	BATCH = VS_RESEAL_KEYS_MAX,
#endif
};

#define RELEASE_ID "018f0000-0000-7000-8000-000000000001"

/* ---- leaks -------------------------------------------------------------- */

static bool armed; /* a leak is wanted in what runs now */
static volatile unsigned seen;

#ifdef CT_LEAK
static const char *planted = "";
static volatile uint8_t table[256];

/* A branch on what a record held. */
KEPT int WRAP(EVP_DecryptUpdate)(
    void *c, unsigned char *out, int *n, const unsigned char *in, int in_n);
int
WRAP(EVP_DecryptUpdate)(
    void *c, unsigned char *out, int *n, const unsigned char *in, int in_n)
{
	OrigFn fn;
	int r;

	VALGRIND_GET_ORIG_FN(fn);
	CALL_FN_W_5W(r, fn, c, out, n, in, in_n);
	if (armed && out != NULL && (out[0] & 1))
		seen++;
	return r;
}

/* A table that a share indexes, as those of GF(256) usually are. */
#define WRAP_OWN(name) I_WRAP_SONAME_FNNAME_ZU(NONE, name)
KEPT uint8_t WRAP_OWN(vs_gf_mul)(uint8_t a, uint8_t b);
uint8_t
WRAP_OWN(vs_gf_mul)(uint8_t a, uint8_t b)
{
	OrigFn fn;
	uint8_t r;

	VALGRIND_GET_ORIG_FN(fn);
	CALL_FN_W_WW(r, fn, a, b);
	if (armed)
		seen += table[a] + table[b];
	return r;
}

static void
arm(const char *path)
{
	armed = strcmp(planted, path) == 0;
}
#else
static void
arm(const char *path)
{
	(void)path;
}
#endif

static void
disarm(void)
{
	armed = false;
}

/* ---- a batch ------------------------------------------------------------ */

struct key {
	char name[32];
	uint8_t dek[VS_KEY_RECORD_SIZE];
	struct vs_buf payload;
};

static uint8_t kek[VS_KEY_RECORD_SIZE];
static struct key keys[BATCH];
static struct vs_reseal_item items[BATCH];

static void
make_root(struct vs_root_keys *out)
{
	struct vs_secret *root = vs_secret_new(VS_ROOT_SIZE);

	NEED(root != NULL);
	memset(vs_secret_poke(root), 0x42, VS_ROOT_SIZE);
	secret(vs_secret_poke(root), VS_ROOT_SIZE);
	NEED(vs_root_derive(vs_secret_peek(root), out) == VS_OK);
	vs_secret_free(&root);
}

static void
make_key(struct vs_core *c, unsigned i)
{
	struct key *k = &keys[i];

	(void)snprintf(k->name, sizeof k->name, "models/k%05u", i);
	items[i].place = (struct vs_key_place){.kek = VS_SPAN_OF(kek),
	    .kek_version = 1,
	    .name = vs_span_cstr(k->name),
	    .version = 1};
	NEED(vs_core_new_key(
		 c, &items[i].place, PAYLOAD, k->dek, &k->payload) == VS_OK);
	public(k->dek, sizeof k->dek);
	public(k->payload.p, k->payload.n);
	items[i].dek = VS_SPAN_OF(k->dek);
	items[i].payload = vs_buf_span(&k->payload);
}

static void
reseal(struct vs_core *c, const struct vs_ecdh_point *at, vs_status want)
{
	static const uint8_t nonce[32] = {1};
	const struct vs_reseal req = {.to = {.curve = at->curve,
					  .x = VS_SPAN(at->x, 32),
					  .y = VS_SPAN(at->y, 32)},
	    .nonce = VS_SPAN_OF(nonce),
	    .release_id = VS_SPAN_LIT(RELEASE_ID),
	    .items = items,
	    .n = BATCH};
	struct vs_buf jwe = {0};
	unsigned failed = 0;

	NEED(vs_core_reseal(c, &req, &jwe, &failed) == want);
	NEED((jwe.n > 0) == (want == VS_OK));
	if (want == VS_OK)
		NEED(secret_bits(jwe.p + jwe.n / 2, jwe.n / 4) > jwe.n / 2);
	public(jwe.p, jwe.n);
	vs_buf_fini(&jwe);
}

/* Whole, and with a record in its middle that does not open. */
static void
batch(struct vs_core *c, struct vs_ecdh *e)
{
	struct vs_ecdh_point at;

	NEED(vs_core_new_kek(c, VS_SPAN_LIT("models"), 1, kek) == VS_OK);
	public(kek, sizeof kek);
	for (unsigned i = 0; i < BATCH; i++)
		make_key(c, i);
	NEED(vs_ecdh_generate(e, VS_CURVE_P256, &at) == VS_OK);
	public(&at, sizeof at);
	arm("batch");
	reseal(c, &at, VS_OK);
	disarm();
	keys[BATCH / 2].dek[50] ^= 1;
	reseal(c, &at, VS_UNTRUSTED);
	keys[BATCH / 2].dek[50] ^= 1;
}

/* One key alone, as most releases are. */
static void
release(struct vs_core *c)
{
	arm("release");
	NEED(vs_core_unwrap(c, &items[0]) == 0xff);
	disarm();
}

/* ---- import ------------------------------------------------------------- */

/* Sealed by vs_jwe, as a customer would, to be taken apart again. */
static size_t
seal_for(const struct vs_key_place *p, const uint8_t *to, uint8_t *jwe)
{
	static const uint8_t theirs[PAYLOAD] = "a key that somebody else made";
	uint8_t context[VS_IMPORT_CONTEXT_SIZE];
	const struct vs_jwe_to at = {.curve = VS_CURVE_X25519,
	    .x = VS_SPAN(to, 32),
	    .apu = VS_IMPORT_APU,
	    .apv = VS_SPAN_OF(context)};
	const size_t n = vs_jwe_len(&at, PAYLOAD);
	VS_AUTO(vs_jwe) *j = NULL;

	NEED(vs_import_context(p->name, p->version, false, context) == VS_OK);
	NEED(n > 0 && n < 1024 && vs_jwe_new(&j) == VS_OK);
	NEED(vs_jwe_begin(j, &at, PAYLOAD, jwe) == VS_OK);
	NEED(vs_jwe_add(j, VS_SPAN_OF(theirs)) == VS_OK);
	NEED(vs_jwe_end(j) == VS_OK);
	public(jwe, n);
	return n;
}

/* The value of "x" in the header. */
static struct vs_span
epk_of(struct vs_span header, struct vs_arena *a)
{
	static const char mark[] = "\"x\":\"";
	struct vs_span h = {0}, x = {0};
	const uint8_t *at, *end;

	NEED(vs_b64url_decode(a, header, &h) == VS_OK);
	at = memmem(h.p, h.n, mark, sizeof mark - 1);
	NEED(at != NULL);
	at += sizeof mark - 1;
	end = memchr(at, '"', h.n - (size_t)(at - h.p));
	NEED(end != NULL);
	NEED(vs_b64url_decode(a, VS_SPAN(at, (size_t)(end - at)), &x) == VS_OK);
	return x;
}

static void
take_apart(struct vs_span jwe, struct vs_arena *a, struct vs_import_sealed *in)
{
	struct vs_span part[5] = {{0}};
	struct vs_span *const out[] = {&in->iv, &in->ciphertext, &in->tag};
	size_t from = 0;

	for (size_t i = 0, n = 0; i < jwe.n && n < 5; i++) {
		const bool dot = jwe.p[i] == '.';

		if (!dot && i + 1 < jwe.n)
			continue;
		part[n++] = VS_SPAN(jwe.p + from, (dot ? i : i + 1) - from);
		from = i + 1;
	}
	in->header = part[0];
	in->epk = epk_of(part[0], a);
	for (size_t i = 0; i < 3; i++)
		NEED(vs_b64url_decode(a, part[2 + i], out[i]) == VS_OK);
}

static void
import(struct vs_core *c)
{
	const struct vs_key_place *place = &items[1].place;
	uint8_t to[VS_IMPORT_KEY_SIZE], jwe[1024], dek[VS_KEY_RECORD_SIZE];
	struct vs_import_sealed in;
	struct vs_buf payload = {0};
	struct vs_arena arena;
	uint8_t tag[16];

	vs_arena_init(&arena, 1 << 16);
	NEED(vs_core_import_key(c, to) == VS_OK);
	public(to, sizeof to);
	take_apart(VS_SPAN(jwe, seal_for(place, to, jwe)), &arena, &in);
	arm("import");
	NEED(vs_core_import(c, place, &in, dek, &payload) == VS_OK);
	disarm();
	NEED(secret_bits(payload.p + 29, PAYLOAD) == 8 * PAYLOAD);
	public(payload.p, payload.n);
	vs_buf_reset(&payload);
	memcpy(tag, in.tag.p, sizeof tag);
	tag[7] ^= 1;
	in.tag = VS_SPAN_OF(tag);
	NEED(vs_core_import(c, place, &in, dek, &payload) == VS_UNTRUSTED);
	NEED(payload.n == 0);
	vs_buf_fini(&payload);
	vs_arena_fini(&arena);
}

/* ---- shares ------------------------------------------------------------- */

static void
check_paper(const uint8_t *share, unsigned number)
{
	static const uint8_t set[VS_SHARE_SET_SIZE] = {1, 2, 3, 4};
	char text[VS_SHARE_TEXT_MAX] = {0};

	NEED(vs_share_text(number, set, share, text) == VS_OK);
	NEED(secret_bits((const uint8_t *)text, sizeof text) > 100);
}

/* k of n, for the smallest, a usual and the largest number of custodians. */
static void
share(unsigned k, unsigned n)
{
	uint8_t numbers[VS_SHAMIR_MAX], what[VS_SHAMIR_SIZE];
	uint8_t out[VS_SHAMIR_SIZE];
	uint8_t shares[VS_SHAMIR_MAX * VS_SHAMIR_SIZE] = {0};

	memset(what, 0x5a, sizeof what);
	secret(what, sizeof what);
	arm("split");
	NEED(vs_shamir_split(what, k, n, shares) == VS_OK);
	disarm();
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *s = shares + (size_t)i * VS_SHAMIR_SIZE;

		NEED(secret_bits(s, VS_SHAMIR_SIZE) == 8 * VS_SHAMIR_SIZE);
		check_paper(s, i + 1);
	}
	/* The last k. */
	for (unsigned i = 0; i < k; i++)
		numbers[i] = (uint8_t)(n - k + i + 1);
	arm("join");
	vs_shamir_join(
	    numbers, shares + (size_t)(n - k) * VS_SHAMIR_SIZE, k, out);
	disarm();
	NEED(secret_bits(out, sizeof out) == 8 * sizeof out);
	public(out, sizeof out);
	for (size_t i = 0; i < sizeof out; i++)
		NEED(out[i] == 0x5a);
}

int
main(int argc, char **argv)
{
	struct vs_root_keys root = {0};
	struct vs_core *core = NULL;
	struct vs_ecdh *e = NULL;
	struct vs_err err = {0};

	NEED(RUNNING_ON_VALGRIND);
#ifdef CT_LEAK
	if (argc == 3 && strcmp(argv[1], "--plant") == 0)
		planted = argv[2];
#else
	NEED(argc == 1 && argv[0] != NULL);
#endif
	NEED(vs_secret_pool_init(POOL, &err) == VS_OK);
	make_root(&root);
	NEED(vs_core_new(&root, &core) == VS_OK);
	NEED(vs_ecdh_new(&e) == VS_OK);
	batch(core, e);
	release(core);
	import(core);
	share(2, 2);
	share(3, 5);
	share(VS_SHAMIR_MAX, VS_SHAMIR_MAX);
	NEED(ran.rand >= 2 * BATCH && ran.pad > 0);
	NEED(ran.derive > 1 && ran.compare > 4 * BATCH - 1);
	(void)printf(
	    "ct_paths: %u keys in a batch, %u fresh secrets, %u shared "
	    "secrets, %u tags\n",
	    (unsigned)BATCH, ran.rand, ran.pad + ran.derive, ran.compare);
	for (size_t i = 0; i < BATCH; i++)
		vs_buf_fini(&keys[i].payload);
	vs_ecdh_free(&e);
	vs_core_free(&core);
	vs_root_wipe(&root);
	vs_secret_pool_fini();
	return 0;
}
