/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nonces without state: 6 bytes of time (milliseconds, big-endian), 10 random
 * bytes, 16 bytes of HMAC-SHA256 over both. The key derives from the root
 * key, so a nonce of one daemon is good at another of the same root.
 */
#include <string.h>

#include "base/random.h"
#include "base/secret.h"
#include "broker/broker_int.h"
#include "crypto/digest.h"

enum { TIME_SIZE = 6, BODY_SIZE = 16, MAC_SIZE = 16 };
/* Clocks of daemons that share a root may differ by this much. */
enum { FUTURE_MS = 30 * 1000 };
/* A spent nonce is remembered for longer than it is valid, so that a clock
 * set back by less than this does not revive it. */
enum { FORGET_SLACK_MS = 10 * 60 * 1000 };

/* Asked for once; a sealed keeper has none yet. */
static vs_status
nonce_key(struct vs_broker *b, uint8_t out[32], struct vs_err *err)
{
	vs_status st = VS_OK;

	pthread_mutex_lock(&b->nonce_lock);
	if (!b->nonce_key_known) {
		st = vs_keeper_nonce_key(b->opt.keeper, 0, b->nonce_key, err);
		b->nonce_key_known = st == VS_OK;
	}
	if (st == VS_OK)
		memcpy(out, b->nonce_key, sizeof b->nonce_key);
	pthread_mutex_unlock(&b->nonce_lock);
	return st == VS_OK ? VS_OK : vs_ctx(err, "nonce key", st);
}

/*
 * The life of a nonce is under the MAC too: one that was made for another
 * setting is unknown. Otherwise a longer setting would revive nonces that
 * the store has already forgotten.
 */
static vs_status
nonce_mac(struct vs_broker *b, const uint8_t body[BODY_SIZE],
    uint8_t mac[MAC_SIZE], struct vs_err *err)
{
	static const char tag[] = "vouchsafe/v1 nonce"; /* with its NUL */
	uint8_t key[32];
	uint8_t ttl[4];
	uint8_t full[VS_SHA256_SIZE];
	struct vs_wr w = vs_wr_of(ttl, sizeof ttl);
	vs_status st;

	vs_wr_u32be(&w, b->opt.nonce_ttl_s);
	struct vs_span parts[] = {
	    VS_SPAN_OF(tag), VS_SPAN(body, BODY_SIZE), VS_SPAN_OF(ttl)};

	VS_TRY(err, "nonce", nonce_key(b, key, err));
	st = vs_hmac_sha256(VS_SPAN_OF(key), parts, 3, full);
	vs_wipe(key, sizeof key);
	VS_TRY(err, "nonce MAC", st);
	memcpy(mac, full, MAC_SIZE);
	return VS_OK;
}

vs_status
vs_broker_challenge(struct vs_broker *b, uint8_t nonce[VS_NONCE_SIZE],
    unsigned *expires_in_s, struct vs_err *err)
{
	uint64_t now = (uint64_t)vs_clock_ms(&b->opt.clock);
	uint8_t n[VS_NONCE_SIZE];
	struct vs_wr w = vs_wr_of(n, TIME_SIZE);

	vs_wr_u16be(&w, (uint16_t)(now >> 32));
	vs_wr_u32be(&w, (uint32_t)now);
	VS_TRY(err, "nonce", vs_random(n + TIME_SIZE, BODY_SIZE - TIME_SIZE));
	VS_TRY(err, "challenge", nonce_mac(b, n, n + BODY_SIZE, err));
	memcpy(nonce, n, sizeof n);
	*expires_in_s = b->opt.nonce_ttl_s;
	return VS_OK;
}

static int64_t
nonce_time(const uint8_t *body)
{
	int64_t t = 0;

	for (size_t i = 0; i < TIME_SIZE; i++)
		t = t * 256 + body[i];
	return t;
}

vs_status
vs_nonce_check(struct vs_broker *b, struct vs_span nonce, int64_t now_ms,
    int64_t *forget_ms, struct vs_err *err)
{
	int64_t ttl_ms = (int64_t)b->opt.nonce_ttl_s * 1000;
	uint8_t mac[MAC_SIZE];
	int64_t made;

	if (nonce.n != VS_NONCE_SIZE)
		return vs_fail_code(err, VS_MALFORMED, "nonce.size",
		    "nonce: must be %d bytes", VS_NONCE_SIZE);
	VS_TRY(err, "nonce", nonce_mac(b, nonce.p, mac, err));
	if (!vs_equal_ct(
		VS_SPAN_OF(mac), vs_span_slice(nonce, BODY_SIZE, MAC_SIZE)))
		return vs_fail_code(err, VS_STALE, "nonce.unknown",
		    "the nonce is not one of ours");
	made = nonce_time(nonce.p);
	if (made - now_ms > FUTURE_MS)
		return vs_fail_code(err, VS_STALE, "nonce.future",
		    "the nonce is from the future");
	if (now_ms - made > ttl_ms)
		return vs_fail_code(
		    err, VS_STALE, "nonce.expired", "the nonce has expired");
	*forget_ms = made + ttl_ms + FORGET_SLACK_MS;
	return VS_OK;
}
