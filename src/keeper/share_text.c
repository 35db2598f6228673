/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shares on paper: "VSS1-3-" and 40 bytes in base32 (RFC 4648 6) by groups of
 * four: set 4, share 32, the front of a SHA-256 over all of that. Letters are
 * made and read by arithmetic, never by a table.
 */
#include <string.h>

#include "base/secret.h"
#include "crypto/digest.h"
#include "keeper/shamir.h"

enum {
	SUM_SIZE = 4,
	BODY = VS_SHARE_SET_SIZE + VS_SHAMIR_SIZE,
	BYTES = BODY + SUM_SIZE,
	LETTERS = BYTES * 8 / 5,
	GROUP = 4,
	TAIL = LETTERS / GROUP * (GROUP + 1), /* with the dashes */
};
static const char prefix[] = "VSS1-";
enum { PREFIX = sizeof prefix - 1 };

/* All bits set when a < b, for small numbers. */
static unsigned
below(unsigned a, unsigned b)
{
	return 0u - ((a - b) >> 31);
}

static char
letter(unsigned v)
{
	return (char)(v + '2' - 26 + (below(v, 26) & ('A' - '2' + 26u)));
}

/* The value of a letter; *bad gets bits for what is none. */
static unsigned
value(unsigned char ch, unsigned *bad)
{
	unsigned c = ch;
	unsigned upper = c - (below('a' - 1, c) & below(c, 'z' + 1) & 32u);
	unsigned is_letter = below('A' - 1, upper) & below(upper, 'Z' + 1);
	unsigned is_digit = below('2' - 1, c) & below(c, '7' + 1);

	*bad |= ~(is_letter | is_digit);
	return ((upper - 'A') & is_letter) | ((c - '2' + 26) & is_digit);
}

static vs_status
checksum(unsigned number, const uint8_t *body, uint8_t out[SUM_SIZE])
{
	const uint8_t n = (uint8_t)number;
	const struct vs_span parts[] = {
	    VS_SPAN(prefix, PREFIX), VS_SPAN(&n, 1), VS_SPAN(body, BODY)};
	uint8_t sum[VS_SHA256_SIZE];
	vs_status st = vs_digest(VS_HASH_SHA256, parts, VS_COUNT(parts), sum);

	if (st == VS_OK)
		memcpy(out, sum, SUM_SIZE);
	vs_wipe(sum, sizeof sum);
	return st;
}

static size_t
put_head(char *out, unsigned number)
{
	size_t n = PREFIX;

	memcpy(out, prefix, PREFIX);
	if (number >= 10)
		out[n++] = (char)('0' + number / 10);
	out[n++] = (char)('0' + number % 10);
	return n;
}

static void
put_letters(const uint8_t bytes[BYTES], char *out)
{
	unsigned held = 0;
	unsigned bits = 0;
	size_t at = 0;

	for (unsigned i = 0, n = 0; i < BYTES; i++) {
		held = (held << 8 | bytes[i]) & 0xffff;
		for (bits += 8; bits >= 5; n++) {
			bits -= 5;
			if (n % GROUP == 0)
				out[at++] = '-';
			out[at++] = letter(held >> bits & 31);
		}
	}
	out[at] = '\0';
}

vs_status
vs_share_text(unsigned number, const uint8_t set[VS_SHARE_SET_SIZE],
    const uint8_t *share, char out[VS_SHARE_TEXT_MAX])
{
	uint8_t bytes[BYTES];
	vs_status st;

	if (number == 0 || number > VS_SHAMIR_MAX)
		return VS_RANGE;
	memcpy(bytes, set, VS_SHARE_SET_SIZE);
	memcpy(bytes + VS_SHARE_SET_SIZE, share, VS_SHAMIR_SIZE);
	st = checksum(number, bytes, bytes + BODY);
	if (st == VS_OK)
		put_letters(bytes, out + put_head(out, number));
	vs_wipe(bytes, sizeof bytes);
	return st;
}

/* Prefix and number; leaves the letters. */
static bool
take_head(struct vs_span *text, unsigned *number)
{
	unsigned n = 0;
	size_t i = PREFIX;

	for (size_t j = 0; j < PREFIX; j++)
		if (text->n <= PREFIX ||
		    (text->p[j] != (uint8_t)prefix[j] &&
			text->p[j] != ((uint8_t)prefix[j] | 0x20)))
			return false;
	for (; i < text->n && i < PREFIX + 2; i++) {
		if (text->p[i] < '0' || text->p[i] > '9')
			break;
		n = n * 10 + (unsigned)(text->p[i] - '0');
	}
	if (n == 0 || n > VS_SHAMIR_MAX)
		return false;
	*text = vs_span_slice(*text, i, text->n);
	*number = n;
	return true;
}

static bool
take_letters(const uint8_t *text, uint8_t bytes[BYTES])
{
	unsigned held = 0;
	unsigned bits = 0;
	unsigned bad = 0;
	size_t at = 0;

	for (size_t i = 0; i < TAIL; i++) {
		if (i % (GROUP + 1) == 0) {
			bad |= text[i] ^ (unsigned)'-';
			continue;
		}
		held = (held << 5 | value(text[i], &bad)) & 0xfff;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			bytes[at++] = (uint8_t)(held >> bits & 0xff);
		}
	}
	return bad == 0;
}

vs_status
vs_share_read(struct vs_span text, unsigned *number,
    uint8_t set[VS_SHARE_SET_SIZE], uint8_t *share)
{
	uint8_t bytes[BYTES];
	uint8_t sum[SUM_SIZE] = {0};
	unsigned n = 0;
	bool whole, same;
	vs_status st;

	if (!take_head(&text, &n))
		return VS_MALFORMED;
	*number = n;
	if (text.n != TAIL)
		return VS_UNTRUSTED;
	whole = take_letters(text.p, bytes);
	st = checksum(n, bytes, sum);
	same = vs_equal_ct(VS_SPAN_OF(sum), VS_SPAN(bytes + BODY, SUM_SIZE));
	/* One decision: which of the two it was stays unknown. */
	if (st == VS_OK && ((unsigned)same & (unsigned)whole) == 0)
		st = VS_UNTRUSTED;
	if (st == VS_OK) {
		memcpy(set, bytes, VS_SHARE_SET_SIZE);
		memcpy(share, bytes + VS_SHARE_SET_SIZE, VS_SHAMIR_SIZE);
	}
	vs_wipe(bytes, sizeof bytes);
	return st;
}

vs_status
vs_share_parse(struct vs_span text, struct vs_share *out, struct vs_err *err)
{
	unsigned number = 0;
	vs_status st = vs_share_read(text, &number, out->set, out->bytes);

	if (st == VS_MALFORMED)
		return vs_fail_code(err, st, "seal.share",
		    "that is no share: a share begins with VSS1- and its "
		    "number");
	if (st == VS_UNTRUSTED)
		return vs_fail_code(err, VS_MALFORMED, "seal.share",
		    "share %u was not entered as it is written; it does not "
		    "count",
		    number);
	if (st == VS_OK)
		out->number = (uint8_t)number;
	return st;
}
