/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes that stand for one code point, in and outside of [..]. */
#include "policy/regex_prog.h"

static int
hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
is_octal(uint8_t c)
{
	return c >= '0' && c <= '7';
}

/* \x7F and \x{10FFFF}, behind the x. */
static bool
take_hex(struct vs_rx_parser *p, size_t at, uint32_t *cp)
{
	bool braces = vs_rx_eat(p, '{');
	uint32_t v = 0;
	size_t n = 0;

	for (; !vs_rx_done(p) && (braces || n < 2); n++) {
		int d = hex_digit(vs_rx_peek(p, 0));

		if (d < 0)
			break;
		v = v * 16 + (uint32_t)d;
		if (v > 0x10ffff)
			return vs_rx_bad(p, at, "beyond U+10FFFF");
		p->at++;
	}
	if (braces ? n == 0 || !vs_rx_eat(p, '}') : n != 2)
		return vs_rx_bad(p, at, "write \\x7F or \\x{10FFFF}");
	if (v >= 0xd800 && v <= 0xdfff)
		return vs_rx_bad(p, at, "a surrogate is no character");
	*cp = v;
	return true;
}

/* \0, \012, \123, behind the first digit: up to two more. */
static bool
take_octal(struct vs_rx_parser *p, uint8_t first, uint32_t *cp)
{
	uint32_t v = (uint32_t)(first - '0');

	for (int i = 0; i < 2 && is_octal(vs_rx_peek(p, 0)); i++)
		v = v * 8 + (uint32_t)(p->text.p[p->at++] - '0');
	*cp = v;
	return true;
}

static bool
is_control(uint8_t c, uint32_t *cp)
{
	static const char names[] = "aftnrv", values[] = "\a\f\t\n\r\v";

	for (size_t i = 0; names[i] != '\0'; i++) {
		if (c != (uint8_t)names[i])
			continue;
		*cp = (uint8_t)values[i];
		return true;
	}
	return false;
}

static bool
is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || c == '_';
}

bool
vs_rx_escape(struct vs_rx_parser *p, size_t at, uint32_t *cp)
{
	uint8_t c;

	if (vs_rx_done(p))
		return vs_rx_bad(p, at, "a backslash at the end");
	c = p->text.p[p->at++];
	if (c == 'x')
		return take_hex(p, at, cp);
	if (c == '0' || (is_octal(c) && is_octal(vs_rx_peek(p, 0))))
		return take_octal(p, c, cp);
	if (c >= '1' && c <= '9')
		return vs_rx_bad(p, at, "back-references are not supported");
	if (is_control(c, cp))
		return true;
	if (c == 'p' || c == 'P')
		return vs_rx_bad(p, at, "\\p{..} is not supported");
	if (c == 'C')
		return vs_rx_bad(p, at, "\\C is not supported");
	if (c >= 0x80 || is_word(c))
		return vs_rx_bad(p, at, "no such escape");
	*cp = c;
	return true;
}
