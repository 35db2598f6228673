/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the nearest known name by edit distance. */
#include <string.h>

#include "codec/yaml.h"

/* A longer word is not a slip of the finger in any name of ours. */
enum { WORD_MAX = 64 };

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Optimal string alignment: a swap of two neighbours counts as one. */
static size_t
distance(const uint8_t *a, size_t an, const uint8_t *b, size_t bn)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= bn; j++)
		last[j] = j;
	for (size_t i = 1; i <= an; i++) {
		now[0] = i;
		for (size_t j = 1; j <= bn; j++) {
			size_t change = a[i - 1] != b[j - 1];

			now[j] = least(
			    last[j] + 1, now[j - 1] + 1, last[j - 1] + change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		size_t *t = before;
		before = last;
		last = now;
		now = t;
	}
	return last[bn];
}

const char *
vs_nearest(struct vs_span word, const char *const *names, size_t n)
{
	const char *best = NULL;
	/* One slip in a short word, one in three letters of a long one. */
	size_t limit = word.n < 6 ? 1 : word.n / 3;

	if (word.n == 0 || word.n > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(names[i]);

		if (len > WORD_MAX)
			continue;
		size_t d =
		    distance(word.p, word.n, (const uint8_t *)names[i], len);
		if (d <= limit) {
			best = names[i];
			if (d == 0)
				break;
			limit = d - 1;
		}
	}
	return best;
}
