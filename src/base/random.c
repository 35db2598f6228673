/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

#include "base/encoding.h"

vs_status
vs_random(void *out, size_t n)
{
	uint8_t *p = out;

	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return VS_INTERNAL;
		p += got;
		n -= (size_t)got;
	}
	return VS_OK;
}

vs_status
vs_uuid7(int64_t unix_ms, uint8_t out[VS_UUID_SIZE])
{
	vs_status st = vs_random(out + 6, VS_UUID_SIZE - 6);

	if (st != VS_OK)
		return st;
	for (int i = 0; i < 6; i++)
		out[i] = (uint8_t)((uint64_t)unix_ms >> (8 * (5 - i)));
	out[6] = (uint8_t)(0x70 | (out[6] & 0x0F)); /* version 7 */
	out[8] = (uint8_t)(0x80 | (out[8] & 0x3F)); /* variant */
	return VS_OK;
}

/* A dash stands before bytes 4, 6, 8 and 10. */
static bool
dash_before(size_t i)
{
	return i == 4 || i == 6 || i == 8 || i == 10;
}

void
vs_uuid_format(const uint8_t id[VS_UUID_SIZE], char out[VS_UUID_TEXT_MAX])
{
	for (size_t i = 0; i < VS_UUID_SIZE; i++) {
		if (dash_before(i))
			*out++ = '-';
		vs_hex(VS_SPAN(id + i, 1), out);
		out += 2;
	}
}

vs_status
vs_uuid_parse(struct vs_span text, uint8_t out[VS_UUID_SIZE])
{
	uint8_t id[VS_UUID_SIZE];
	size_t at = 0;

	if (text.n != VS_UUID_TEXT_MAX - 1)
		return VS_MALFORMED;
	for (size_t i = 0; i < VS_UUID_SIZE; i++) {
		if (dash_before(i) && text.p[at++] != '-')
			return VS_MALFORMED;
		if (vs_unhex(vs_span_slice(text, at, 2), &id[i], 1) != VS_OK)
			return VS_MALFORMED;
		at += 2;
	}
	for (size_t i = 0; i < VS_UUID_SIZE; i++)
		out[i] = id[i];
	return VS_OK;
}
