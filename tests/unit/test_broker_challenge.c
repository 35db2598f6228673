/* SPDX-License-Identifier: Apache-2.0 */
/* Nonces: each check that refuses one, alone. */
#include "broker/broker_int.h"
#include "check.h"
#include "fake_world.h"

static int64_t now_ms;

static struct vs_broker *
new_broker(unsigned ttl_s)
{
	struct vs_broker_options opt = {.clock = vs_clock_fixed(&now_ms),
	    .nonce_ttl_s = ttl_s,
	    .workers = 1};
	struct vs_broker *b = NULL;
	struct vs_err err = {0};

	CHECK_OK(vs_broker_new(&opt, &b, &err), err);
	return b;
}

static vs_status
check(struct vs_broker *b, const uint8_t nonce[32], struct vs_err *err)
{
	int64_t forget = 0;

	vs_err_clear(err);
	return vs_nonce_check(b, VS_SPAN(nonce, 32), now_ms, &forget, err);
}

static void
take(struct vs_broker *b, uint8_t nonce[32])
{
	struct vs_err err = {0};
	unsigned expires = 0;

	CHECK_OK(vs_broker_challenge(b, nonce, &expires, &err), err);
	CHECK_INT(expires, b->opt.nonce_ttl_s);
}

static void
test_fresh_nonce_is_accepted(void)
{
	struct vs_broker *b = new_broker(300);
	struct vs_err err = {0};
	uint8_t nonce[32];
	uint8_t other[32];
	int64_t forget = 0;

	now_ms = 1767225600123;
	take(b, nonce);
	take(b, other);
	CHECK(memcmp(nonce, other, 32) != 0);
	CHECK_INT(nonce[0], 0x01);
	CHECK_INT(nonce[5], (uint8_t)now_ms);
	CHECK_OK(
	    vs_nonce_check(b, VS_SPAN_OF(nonce), now_ms, &forget, &err), err);
	CHECK(forget > now_ms + 300 * 1000);
	CHECK_INT(fake.nonce_keys, 1);
	vs_broker_free(&b);
	vs_broker_free(&b);
}

static void
test_age_decides_at_the_millisecond(void)
{
	struct vs_broker *b = new_broker(10);
	struct vs_err err = {0};
	uint8_t nonce[32];

	now_ms = 1767225600000;
	take(b, nonce);
	now_ms += 10000;
	CHECK_OK(check(b, nonce, &err), err);
	now_ms += 1;
	CHECK_INT(check(b, nonce, &err), VS_STALE);
	CHECK_STR(err.code, "nonce.expired");
	now_ms -= 10001 + 30000;
	CHECK_OK(check(b, nonce, &err), err);
	now_ms -= 1;
	CHECK_INT(check(b, nonce, &err), VS_STALE);
	CHECK_STR(err.code, "nonce.future");
	vs_broker_free(&b);
}

static void
test_every_bit_counts(void)
{
	struct vs_broker *b = new_broker(300);
	struct vs_err err = {0};
	uint8_t nonce[32];

	now_ms = 1767225600000;
	take(b, nonce);
	for (size_t bit = 0; bit < 256; bit++) {
		nonce[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		CHECK_INT(check(b, nonce, &err), VS_STALE);
		CHECK_STR(err.code, "nonce.unknown");
		nonce[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	CHECK_OK(check(b, nonce, &err), err);
	vs_broker_free(&b);
}

static void
test_wrong_size_is_malformed(void)
{
	struct vs_broker *b = new_broker(300);
	uint8_t nonce[64] = {0};
	int64_t forget = 0;

	for (size_t n = 0; n < 64; n++) {
		struct vs_err err = {0};

		if (n == 32)
			continue;
		CHECK_INT(
		    vs_nonce_check(b, VS_SPAN(nonce, n), now_ms, &forget, &err),
		    VS_MALFORMED);
	}
	vs_broker_free(&b);
}

/* Another root, and another life of nonces, which is under the MAC. */
static void
test_nonce_of_another_broker_is_unknown(void)
{
	struct vs_broker *a = new_broker(300);
	struct vs_broker *same = new_broker(300);
	struct vs_broker *longer = new_broker(600);
	struct vs_broker *other;
	struct vs_err err = {0};
	uint8_t nonce[32];

	now_ms = 1767225600000;
	take(a, nonce);
	CHECK_OK(check(same, nonce, &err), err);
	CHECK_INT(check(longer, nonce, &err), VS_STALE);
	CHECK_STR(err.code, "nonce.unknown");
	fake.root = 1;
	other = new_broker(300);
	CHECK_INT(check(other, nonce, &err), VS_STALE);
	CHECK_STR(err.code, "nonce.unknown");
	fake.root = 0;
	vs_broker_free(&a);
	vs_broker_free(&same);
	vs_broker_free(&longer);
	vs_broker_free(&other);
}

static void
test_sealed_keeper_gives_no_challenge(void)
{
	struct vs_broker *b = new_broker(300);
	struct vs_err err = {0};
	uint8_t nonce[32] = {0};
	unsigned expires = 0;

	fake.sealed = true;
	CHECK_INT(vs_broker_challenge(b, nonce, &expires, &err), VS_SEALED);
	CHECK(vs_span_zero(VS_SPAN_OF(nonce)));
	CHECK_INT(check(b, nonce, &err), VS_SEALED);
	fake.sealed = false;
	take(b, nonce);
	vs_broker_free(&b);
}

static void
test_ttl_out_of_range_is_refused(void)
{
	static const unsigned bad[] = {0, 9, 3601};
	struct vs_broker *b = NULL;

	for (size_t i = 0; i < 3; i++) {
		struct vs_broker_options opt = {.nonce_ttl_s = bad[i]};
		struct vs_err err = {0};

		CHECK_INT(vs_broker_new(&opt, &b, &err), VS_RANGE);
		CHECK(b == NULL);
	}
}

int
main(void)
{
	RUN(test_fresh_nonce_is_accepted);
	RUN(test_age_decides_at_the_millisecond);
	RUN(test_every_bit_counts);
	RUN(test_wrong_size_is_malformed);
	RUN(test_nonce_of_another_broker_is_unknown);
	RUN(test_sealed_keeper_gives_no_challenge);
	RUN(test_ttl_out_of_range_is_refused);
	return check_result();
}
