/* SPDX-License-Identifier: Apache-2.0 */
/* Sharing and joining, and shares on paper. */
#include "check.h"

#include "base/secret.h"
#include "keeper/shamir.h"

enum { S = VS_SHAMIR_SIZE, N = VS_SHAMIR_MAX };

static void
fill(uint8_t out[S], unsigned seed)
{
	for (unsigned i = 0; i < S; i++)
		out[i] = (uint8_t)(seed * 37 + i * 11 + (i ^ seed));
}

/* A second opinion on the field: carry-less product, then long division. */
static uint8_t
slow_mul(uint8_t a, uint8_t b)
{
	unsigned product = 0;

	for (unsigned i = 0; i < 8; i++)
		if (b >> i & 1)
			product ^= (unsigned)a << i;
	for (unsigned i = 15; i >= 8; i--)
		if (product >> i & 1)
			product ^= 0x11bu << (i - 8);
	return (uint8_t)product;
}

static uint8_t
slow_inverse(uint8_t a)
{
	for (unsigned b = 1; b < 256; b++)
		if (slow_mul(a, (uint8_t)b) == 1)
			return (uint8_t)b;
	return 0;
}

/* Two shares make a line: all of the field's products come by here. */
static void
test_lines_agree_with_a_slow_field(void)
{
	unsigned wrong = 0;

	for (unsigned y1 = 0; y1 < 256; y1++)
		for (unsigned y2 = 0; y2 < 256; y2 += 5) {
			uint8_t numbers[2] = {
			    (uint8_t)(y2 % 31 + 1), (uint8_t)(y1 % 255 + 1)};
			uint8_t shares[2 * S] = {0};
			uint8_t out[S];
			uint8_t w1, w2;

			if (numbers[0] == numbers[1])
				continue;
			shares[7] = (uint8_t)y1;
			shares[S + 7] = (uint8_t)y2;
			vs_shamir_join(numbers, shares, 2, out);
			w1 = slow_mul(
			    numbers[1], slow_inverse(numbers[0] ^ numbers[1]));
			w2 = slow_mul(
			    numbers[0], slow_inverse(numbers[0] ^ numbers[1]));
			wrong += out[7] !=
			    (slow_mul((uint8_t)y1, w1) ^
				slow_mul((uint8_t)y2, w2));
			wrong += out[6] != 0;
		}
	CHECK_INT(wrong, 0);
}

/* The shares that bits of which choose, joined. */
static bool
joins(const uint8_t *shares, unsigned n, unsigned which, const uint8_t *want)
{
	uint8_t numbers[N], chosen[N * S], out[S];
	unsigned k = 0;

	for (unsigned i = 0; i < n; i++)
		if (which >> i & 1) {
			numbers[k] = (uint8_t)(i + 1);
			memcpy(chosen + k++ * S, shares + i * S, S);
		}
	vs_shamir_join(numbers, chosen, k, out);
	return memcmp(out, want, S) == 0;
}

static unsigned
bits(unsigned v)
{
	unsigned n = 0;

	for (; v != 0; v >>= 1)
		n += v & 1;
	return n;
}

/* Of every k of n: exactly the sets of k or more give the secret back. */
static void
test_any_k_of_n_and_no_fewer(void)
{
	for (unsigned n = 2; n <= 7; n++)
		for (unsigned k = 2; k <= n; k++) {
			uint8_t secret[S], shares[N * S];

			fill(secret, n * 16 + k);
			CHECK_INT(vs_shamir_split(secret, k, n, shares), VS_OK);
			for (unsigned w = 1; w < 1u << n; w++)
				CHECK(joins(shares, n, w, secret) ==
				    (bits(w) >= k));
		}
}

static void
test_many_custodians(void)
{
	uint8_t secret[S], shares[N * S];

	fill(secret, 9);
	CHECK_INT(vs_shamir_split(secret, N, N, shares), VS_OK);
	CHECK(joins(shares, N, 0xffffffff, secret));
	CHECK(!joins(shares, N, 0x7fffffff, secret));
	CHECK_INT(vs_shamir_split(secret, 3, N, shares), VS_OK);
	CHECK(joins(shares, N, 0x80010001, secret));
}

/* Two splits of one secret have no share in common, and a share of one does
 * not go with those of the other. */
static void
test_each_split_is_its_own(void)
{
	uint8_t secret[S], a[3 * S], b[3 * S], mixed[3 * S];

	fill(secret, 1);
	CHECK_INT(vs_shamir_split(secret, 2, 3, a), VS_OK);
	CHECK_INT(vs_shamir_split(secret, 2, 3, b), VS_OK);
	for (unsigned i = 0; i < 3; i++)
		CHECK(memcmp(a + i * S, b + i * S, S) != 0);
	memcpy(mixed, a, sizeof mixed);
	memcpy(mixed + S, b + S, S);
	CHECK(!joins(mixed, 3, 3, secret));
}

static void
test_numbers_that_make_no_sense(void)
{
	static const unsigned bad[][2] = {
	    {0, 3}, {4, 3}, {2, 0}, {2, N + 1}, {1, 2}, {0, 0}};
	uint8_t secret[S] = {1}, shares[N * S];
	struct vs_secret *hog[64] = {NULL};
	size_t n = 0;

	for (size_t i = 0; i < VS_COUNT(bad); i++)
		CHECK_INT(vs_shamir_split(secret, bad[i][0], bad[i][1], shares),
		    VS_RANGE);
	for (size_t size = 1 << 20; size >= 32; size /= 2)
		while (
		    n < VS_COUNT(hog) && (hog[n] = vs_secret_new(size)) != NULL)
			n++;
	CHECK_INT(vs_shamir_split(secret, 2, 3, shares), VS_NO_MEMORY);
	while (n > 0)
		vs_secret_free(&hog[--n]);
}

/* ---- on paper ----------------------------------------------------------- */

static const uint8_t set[VS_SHARE_SET_SIZE] = {0xde, 0xad, 0xbe, 0xef};

static vs_status
read_text(const char *text, size_t n, unsigned *number, uint8_t share[S])
{
	uint8_t s[VS_SHARE_SET_SIZE];

	memset(share, 0x77, S);
	*number = 0;
	return vs_share_read(VS_SPAN(text, n), number, s, share);
}

static void
test_written_and_read(void)
{
	for (unsigned number = 1; number <= N; number++) {
		char text[VS_SHARE_TEXT_MAX];
		uint8_t share[S], got[S], s[VS_SHARE_SET_SIZE];
		unsigned n = 0;

		fill(share, number);
		CHECK_INT(vs_share_text(number, set, share, text), VS_OK);
		CHECK(strlen(text) < sizeof text);
		CHECK_INT(vs_share_read(vs_span_cstr(text), &n, s, got), VS_OK);
		CHECK_INT(n, number);
		CHECK(memcmp(got, share, S) == 0);
		CHECK(memcmp(s, set, sizeof s) == 0);
	}
	{
		char text[VS_SHARE_TEXT_MAX];
		uint8_t share[S] = {0};

		CHECK_INT(vs_share_text(0, set, share, text), VS_RANGE);
		CHECK_INT(vs_share_text(N + 1, set, share, text), VS_RANGE);
		CHECK_INT(vs_share_text(3, set, share, text), VS_OK);
		CHECK(strncmp(text, "VSS1-3-32W3-53YA-AAAA-AAAA-", 27) == 0);
	}
}

static void
test_small_letters(void)
{
	char text[VS_SHARE_TEXT_MAX];
	uint8_t share[S], got[S];
	unsigned n;

	fill(share, 4);
	CHECK_INT(vs_share_text(12, set, share, text), VS_OK);
	for (char *p = text; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p | 0x20);
	CHECK_INT(read_text(text, strlen(text), &n, got), VS_OK);
	CHECK(n == 12 && memcmp(got, share, S) == 0);
}

/* Every other character in every place: refused, and the number is told. */
static void
test_every_slip_of_the_pen(void)
{
	char text[VS_SHARE_TEXT_MAX];
	uint8_t share[S], got[S], untouched[S];
	unsigned n;
	size_t len;

	memset(untouched, 0x77, S);
	fill(share, 5);
	CHECK_INT(vs_share_text(7, set, share, text), VS_OK);
	len = strlen(text);
	for (size_t i = 0; i < len; i++)
		for (unsigned c = 0; c < 256; c++) {
			char was = text[i];
			vs_status st;

			if ((char)c == was ||
			    (was >= 'A' && was <= 'Z' &&
				(char)c == (was | 0x20)))
				continue;
			text[i] = (char)c;
			st = read_text(text, len, &n, got);
			CHECK(st == VS_UNTRUSTED ||
			    (st == VS_MALFORMED && i < 7));
			CHECK(i < 7 || n == 7);
			CHECK(memcmp(got, untouched, S) == 0);
			text[i] = was;
		}
}

static void
test_every_length(void)
{
	char text[VS_SHARE_TEXT_MAX + 2] = "";
	uint8_t share[S], got[S];
	unsigned n;
	size_t len;

	fill(share, 6);
	CHECK_INT(vs_share_text(31, set, share, text), VS_OK);
	len = strlen(text);
	for (size_t i = 0; i < len; i++)
		CHECK(read_text(text, i, &n, got) != VS_OK);
	text[len] = 'A';
	CHECK_INT(read_text(text, len + 1, &n, got), VS_UNTRUSTED);
	CHECK_INT(n, 31);
	CHECK_INT(read_text(text, 0, &n, got), VS_MALFORMED);
	CHECK_INT(read_text("VSS1-0-AAAA", 11, &n, got), VS_MALFORMED);
	CHECK_INT(read_text("VSS1-33-AAAA", 12, &n, got), VS_MALFORMED);
	CHECK_INT(read_text("VSS1-99999-AA", 13, &n, got), VS_MALFORMED);
}

/* Neighbours that change places: what a checksum of sums would not see. */
static void
test_swapped_neighbours(void)
{
	char text[VS_SHARE_TEXT_MAX];
	uint8_t share[S], got[S];
	unsigned n;

	fill(share, 8);
	CHECK_INT(vs_share_text(2, set, share, text), VS_OK);
	for (size_t i = 7; i + 1 < strlen(text); i++) {
		char c = text[i];

		if (c == text[i + 1])
			continue;
		text[i] = text[i + 1];
		text[i + 1] = c;
		CHECK_INT(read_text(text, strlen(text), &n, got), VS_UNTRUSTED);
		text[i + 1] = text[i];
		text[i] = c;
	}
}

int
main(void)
{
	struct vs_err err = {0};

	if (!CHECK_OK(vs_secret_pool_init(1 << 20, &err), err))
		return check_result();
	RUN(test_lines_agree_with_a_slow_field);
	RUN(test_any_k_of_n_and_no_fewer);
	RUN(test_many_custodians);
	RUN(test_each_split_is_its_own);
	RUN(test_numbers_that_make_no_sense);
	RUN(test_written_and_read);
	RUN(test_small_letters);
	RUN(test_every_slip_of_the_pen);
	RUN(test_every_length);
	RUN(test_swapped_neighbours);
	vs_secret_pool_fini();
	return check_result();
}
