/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper's core under valgrind memcheck, with every secret marked as
 * undefined. memcheck follows undefined bits through arithmetic and memory
 * and reports each branch, each address and each system call that depends on
 * one: that is, each way in which a secret could be seen in time.
 *
 * Secret, from where it comes into being:
 *   root                before the sub-keys are derived from it; KEKs, DEKs
 *                       and payloads that are opened with them follow
 *   fresh KEKs, DEKs    as RAND_priv_bytes returns them
 *   and payloads
 *   the ECDH secret     as BN_bn2binpad and EVP_PKEY_derive write it, and so
 *                       the content key and all that is encrypted with it
 *
 * Declared public, and why:
 *   records, MACs and   what leaves the keeper, once a call is over
 *   the JWE
 *   the outcome of      whether a tag matched. The answer tells it in any
 *   CRYPTO_memcmp       case; the comparison itself runs on secret bytes
 *
 * Not marked: the ephemeral private key of the ECDH. OpenSSL draws and
 * normalises it by big-number code that branches on leading words by its
 * design; that multiplication is OpenSSL's claim and not ours. What is claimed
 * here is the way from the root to the JWE.
 *
 * BN_bn2binpad also writes the public coordinates of the ephemeral key: they
 * are marked too, which claims more than is needed.
 *
 * --plant branch, --plant index: one secret-dependent branch or table look-up
 * behind the core, which memcheck must report: the proof that marks arrive.
 */
#include "ct/taint.h"
#include "keeper/core.h"
#include "keeper/derived.h"
#include "keeper/import.h"
#include "keeper/root.h"

enum { POOL = 4 * 1024 * 1024, KEYS = 3, LARGE = 20000 };

#define RELEASE_ID "018f0000-0000-7000-8000-000000000001"

/* ---- the run ------------------------------------------------------------ */

struct key {
	uint8_t dek[VS_KEY_RECORD_SIZE];
	struct vs_buf payload;
	struct vs_reseal_item item;
};

static uint8_t kek[VS_KEY_RECORD_SIZE];
static struct key keys[KEYS];
static const size_t sizes[KEYS] = {32, 1000, LARGE};

static void
make_root(struct vs_root_keys *out)
{
	struct vs_secret *root = vs_secret_new(VS_ROOT_SIZE);

	NEED(root != NULL);
	memset(vs_secret_poke(root), 0x42, VS_ROOT_SIZE);
	secret(vs_secret_poke(root), VS_ROOT_SIZE);
	NEED(vs_root_derive(vs_secret_peek(root), out) == VS_OK);
	NEED(secret_bits(vs_secret_peek(out->kek_wrap).p, 32) == 256);
	vs_secret_free(&root);
}

static void
make_keys(struct vs_core *c)
{
	static const char *const names[KEYS] = {
	    "models/a", "models/b/weights", "models/large"};

	NEED(vs_core_new_kek(c, VS_SPAN_LIT("models"), 1, kek) == VS_OK);
	NEED(secret_bits(kek + 29, 48) == 8 * 48);
	public(kek, sizeof kek);
	for (size_t i = 0; i < KEYS; i++) {
		struct key *k = &keys[i];

		k->item.place = (struct vs_key_place){.kek = VS_SPAN_OF(kek),
		    .kek_version = 1,
		    .name = vs_span_cstr(names[i]),
		    .version = 1};
		NEED(vs_core_new_key(c, &k->item.place, sizes[i], k->dek,
			 &k->payload) == VS_OK);
		NEED(secret_bits(k->dek + 29, 48) == 8 * 48);
		NEED(secret_bits(k->payload.p + 29, sizes[i]) == 8 * sizes[i]);
		public(k->dek, sizeof k->dek);
		public(k->payload.p, k->payload.n);
		k->item.dek = VS_SPAN_OF(k->dek);
		k->item.payload = vs_buf_span(&k->payload);
		k->item.content_type =
		    i == 1 ? VS_SPAN_LIT("text/plain") : VS_SPAN(NULL, 0);
	}
}

/* A recipient whose private key nobody needs. */
static struct vs_recipient
recipient(struct vs_ecdh *e, vs_curve curve, struct vs_ecdh_point *at)
{
	size_t n = vs_curve_size(curve);

	NEED(vs_ecdh_generate(e, curve, at) == VS_OK);
	public(at, sizeof *at);
	return (struct vs_recipient){.curve = curve,
	    .x = VS_SPAN(at->x, n),
	    .y = VS_SPAN(at->y, curve == VS_CURVE_X25519 ? 0 : n)};
}

/*
 * The plaintext begins with {"keys":[{"name":": public, so that only the
 * content key makes the beginning of the ciphertext secret.
 */
static void
check_ciphertext(const struct vs_buf *jwe)
{
	uint8_t *copy = malloc(jwe->n);
	size_t at = 0;

	NEED(copy != NULL);
	memcpy(copy, jwe->p, jwe->n);
	public(copy, jwe->n);
	for (unsigned dots = 0; at < jwe->n && dots < 3; at++)
		dots += copy[at] == '.';
	free(copy);
	NEED(at + 24 < jwe->n);
	for (size_t i = at; i < at + 24; i++)
		NEED(secret_bits(jwe->p + i, 1) > 0);
	/* And the payloads behind it, encoded twice. */
	NEED(secret_bits(jwe->p, jwe->n) > (size_t)8 * LARGE);
}

static void
release(struct vs_core *c, const struct vs_recipient *to, vs_status want)
{
	static const uint8_t nonce[32] = {1};
	struct vs_reseal_item items[KEYS];
	struct vs_reseal req = {.to = *to,
	    .nonce = VS_SPAN_OF(nonce),
	    .release_id = VS_SPAN_LIT(RELEASE_ID),
	    .items = items,
	    .n = KEYS};
	struct vs_buf jwe = {0};
	unsigned failed = 0;

	for (size_t i = 0; i < KEYS; i++)
		items[i] = keys[i].item;
	NEED(vs_core_reseal(c, &req, &jwe, &failed) == want);
	NEED(failed == (want == VS_UNTRUSTED));
	if (want == VS_OK)
		check_ciphertext(&jwe);
	else
		NEED(jwe.n == 0);
	public(jwe.p, jwe.n);
	vs_buf_fini(&jwe);
}

/* Each record damaged in turn: the same paths with tags that do not match. */
static void
release_damaged(struct vs_core *c, const struct vs_recipient *to)
{
	for (size_t i = 0; i < KEYS; i++) {
		keys[i].dek[50] ^= 1;
		release(c, to, VS_UNTRUSTED);
		NEED(vs_core_unwrap(c, &keys[i].item) == 0);
		keys[i].dek[50] ^= 1;
		keys[i].payload.p[40] ^= 1;
		release(c, to, VS_UNTRUSTED);
		keys[i].payload.p[40] ^= 1;
	}
	kek[70] ^= 1;
	release(c, to, VS_UNTRUSTED);
	kek[70] ^= 1;
}

static void
chain(struct vs_core *c)
{
	static const uint8_t prev[VS_KEEPER_CHAIN_SIZE];
	static const uint8_t digests[4 * 32] = {1, 2, 3};
	struct vs_buf macs = {0};

	NEED(vs_core_chain(c, prev, VS_SPAN_OF(digests), &macs) == VS_OK);
	NEED(secret_bits(macs.p, macs.n) == 8 * sizeof digests);
	public(macs.p, macs.n);
	vs_buf_fini(&macs);
}

/* Every DEK under a second KEK; then with one that is damaged. */
static void
rewrap(struct vs_core *c)
{
	uint8_t to[VS_KEY_RECORD_SIZE];
	struct vs_rewrap_item items[KEYS];
	const struct vs_rewrap req = {.from = VS_SPAN_OF(kek),
	    .from_version = 1,
	    .to = VS_SPAN_OF(to),
	    .to_version = 2,
	    .items = items,
	    .n = KEYS};

	NEED(vs_core_new_kek(c, VS_SPAN_LIT("models"), 2, to) == VS_OK);
	public(to, sizeof to);
	for (size_t i = 0; i < KEYS; i++)
		items[i] =
		    (struct vs_rewrap_item){.name = keys[i].item.place.name,
			.version = 1,
			.dek = keys[i].item.dek};
	for (size_t damaged = 0; damaged <= KEYS; damaged++) {
		struct vs_buf out = {0};

		if (damaged > 0)
			keys[damaged - 1].dek[50] ^= 1;
		NEED(vs_core_rewrap(c, &req, &out) == VS_OK);
		public(out.p, out.n);
		for (size_t i = 0; i < KEYS; i++)
			NEED(out.p[i * (1 + VS_KEY_RECORD_SIZE)] ==
			    (i + 1 != damaged));
		vs_buf_fini(&out);
		if (damaged > 0)
			keys[damaged - 1].dek[50] ^= 1;
	}
}

/* A key of somebody else, sealed to the import key, which is derived from the
 * root. The point of small order is refused by OpenSSL, for all to see. */
static void
import(struct vs_core *c)
{
	static const uint8_t iv[12], tag[16];
	uint8_t public_key[VS_IMPORT_KEY_SIZE];
	uint8_t epk[VS_IMPORT_KEY_SIZE] = {9};
	uint8_t sealed[100] = {0}, dek[VS_KEY_RECORD_SIZE];
	const struct vs_import_sealed in = {.header = VS_SPAN_LIT("e30"),
	    .epk = VS_SPAN_OF(epk),
	    .iv = VS_SPAN_OF(iv),
	    .ciphertext = VS_SPAN_OF(sealed),
	    .tag = VS_SPAN_OF(tag)};
	struct vs_buf payload = {0};

	NEED(vs_core_import_key(c, public_key) == VS_OK);
	public(public_key, sizeof public_key);
	NEED(vs_core_import(c, &keys[0].item.place, &in, dek, &payload) ==
	    VS_UNTRUSTED);
	NEED(payload.n == 0);
	vs_buf_fini(&payload);
}

/* A dataset, and the release of two keys that are derived from it. */
static void
release_derived(struct vs_core *c, const struct vs_recipient *to)
{
	static const uint8_t nonce[32] = {1};
	struct vs_key_place place = {.kek = VS_SPAN_OF(kek),
	    .kek_version = 1,
	    .name = VS_SPAN_LIT("models/ds"),
	    .version = 1,
	    .dataset = true};
	uint8_t dek[VS_KEY_RECORD_SIZE];
	struct vs_buf payload = {0}, jwe = {0};
	struct vs_reseal_item items[2];
	const struct vs_reseal req = {.to = *to,
	    .nonce = VS_SPAN_OF(nonce),
	    .release_id = VS_SPAN_LIT(RELEASE_ID),
	    .items = items,
	    .n = 2};
	unsigned failed = 0;

	NEED(vs_core_new_key(c, &place, 32, dek, &payload) == VS_OK);
	public(dek, sizeof dek);
	public(payload.p, payload.n);
	items[0] = (struct vs_reseal_item){.place = place,
	    .dek = VS_SPAN_OF(dek),
	    .payload = vs_buf_span(&payload),
	    .derived = VS_SPAN_LIT("models/ds/epoch-1/shard-2")};
	items[1] = items[0];
	items[1].derived = VS_SPAN_LIT("models/ds/epoch-1/shard-3");
	NEED(vs_core_reseal(c, &req, &jwe, &failed) == VS_OK);
	NEED(secret_bits(jwe.p, jwe.n) > 0);
	public(jwe.p, jwe.n);
	vs_buf_fini(&payload);
	vs_buf_fini(&jwe);
}

/* As in the rotation of the root; here there is but one. */
static void
rewrap_kek(struct vs_core *c)
{
	uint8_t out[VS_KEY_RECORD_SIZE];
	bool moved = true;

	NEED(vs_core_rewrap_kek(
		 c, VS_SPAN_LIT("models"), 1, kek, out, &moved) == VS_OK);
	NEED(!moved);
}

/* A byte that went all the way through the core: of a MAC under a sub-key. */
static uint8_t
secret_byte(struct vs_core *c)
{
	static const uint8_t prev[VS_KEEPER_CHAIN_SIZE];
	static const uint8_t digest[32];
	struct vs_buf mac = {0};
	uint8_t byte;

	NEED(vs_core_chain(c, prev, VS_SPAN_OF(digest), &mac) == VS_OK);
	byte = mac.p[0];
	vs_buf_fini(&mac);
	return byte;
}

static volatile unsigned seen;
static volatile uint8_t table[256];

static void
plant(struct vs_core *c, const char *what)
{
	if (strcmp(what, "branch") == 0) {
		if (secret_byte(c) & 1)
			seen++;
	} else {
		NEED(strcmp(what, "index") == 0);
		seen += table[secret_byte(c)];
	}
}

int
main(int argc, char **argv)
{
	struct vs_root_keys root = {0};
	struct vs_core *core = NULL;
	struct vs_ecdh *e = NULL;
	struct vs_err err = {0};

	NEED(RUNNING_ON_VALGRIND);
	NEED(vs_secret_pool_init(POOL, &err) == VS_OK);
	make_root(&root);
	NEED(vs_core_new(&root, &core) == VS_OK);
	NEED(vs_ecdh_new(&e) == VS_OK);
	make_keys(core);
	for (int curve = VS_CURVE_P256; curve <= VS_CURVE_X25519; curve++) {
		struct vs_ecdh_point at;
		struct vs_recipient to = recipient(e, (vs_curve)curve, &at);

		release(core, &to, VS_OK);
		release_damaged(core, &to);
		release_derived(core, &to);
	}
	rewrap(core);
	import(core);
	rewrap_kek(core);
	for (size_t i = 0; i < KEYS; i++)
		NEED(vs_core_unwrap(core, &keys[i].item) == 0xff);
	chain(core);
	if (argc == 3 && strcmp(argv[1], "--plant") == 0)
		plant(core, argv[2]);
	NEED(ran.rand >= 1 + 2 * KEYS && ran.pad > 0);
	NEED(ran.derive > 0 && ran.compare > 0);
	(void)printf("ct_keeper: %u fresh secrets, %u shared secrets, "
		     "%u tags\n",
	    ran.rand, ran.pad + ran.derive, ran.compare);
	for (size_t i = 0; i < KEYS; i++)
		vs_buf_fini(&keys[i].payload);
	vs_ecdh_free(&e);
	vs_core_free(&core);
	vs_root_wipe(&root);
	vs_secret_pool_fini();
	return 0;
}
