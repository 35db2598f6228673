/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "codec/yaml.h"
#include "policy/func.h"

#define F(name, sig, impl)                                                     \
	{                                                                      \
		name, sig, impl, false, 0                                      \
	}
#define M(name, sig, impl)                                                     \
	{                                                                      \
		name, sig, impl, true, 0                                       \
	}
#define LOOSE(name, sig, impl)                                                 \
	{                                                                      \
		name, sig, impl, false, VS_FN_LOOSE                            \
	}
#define ZONED(name, impl)                                                      \
	{name, "t>i", impl, true, 0},                                          \
	{                                                                      \
		name, "ts>i", impl, true, VS_FN_ZONE                           \
	}

/* clang-format off */
static const struct vs_cel_fn table[] = {
	F("size", "s>i", vs_fn_size),
	F("size", "y>i", vs_fn_size),
	F("size", "LA>i", vs_fn_size),
	F("size", "MAB>i", vs_fn_size),
	M("size", "s>i", vs_fn_size),
	M("size", "y>i", vs_fn_size),
	M("size", "LA>i", vs_fn_size),
	M("size", "MAB>i", vs_fn_size),
	LOOSE("type", "A>TA", vs_fn_type),
	LOOSE("dyn", "A>.", vs_fn_same),

	F("bool", "b>b", vs_fn_to_bool),
	F("bool", "s>b", vs_fn_to_bool),
	F("int", "i>i", vs_fn_to_int),
	F("int", "u>i", vs_fn_to_int),
	F("int", "d>i", vs_fn_to_int),
	F("int", "s>i", vs_fn_to_int),
	F("int", "t>i", vs_fn_to_int),
	F("uint", "u>u", vs_fn_to_uint),
	F("uint", "i>u", vs_fn_to_uint),
	F("uint", "d>u", vs_fn_to_uint),
	F("uint", "s>u", vs_fn_to_uint),
	F("double", "d>d", vs_fn_to_double),
	F("double", "i>d", vs_fn_to_double),
	F("double", "u>d", vs_fn_to_double),
	F("double", "s>d", vs_fn_to_double),
	F("string", "s>s", vs_fn_to_string),
	F("string", "b>s", vs_fn_to_string),
	F("string", "i>s", vs_fn_to_string),
	F("string", "u>s", vs_fn_to_string),
	F("string", "d>s", vs_fn_to_string),
	F("string", "y>s", vs_fn_to_string),
	F("string", "t>s", vs_fn_to_string),
	F("string", "D>s", vs_fn_to_string),
	F("string", "I>s", vs_fn_net_string),
	F("string", "C>s", vs_fn_net_string),
	F("bytes", "y>y", vs_fn_to_bytes),
	F("bytes", "s>y", vs_fn_to_bytes),
	F("timestamp", "t>t", vs_fn_same),
	F("timestamp", "s>t", vs_fn_timestamp),
	F("timestamp", "i>t", vs_fn_timestamp),
	F("duration", "D>D", vs_fn_same),
	F("duration", "s>D", vs_fn_duration),

	M("contains", "ss>b", vs_fn_contains),
	M("startsWith", "ss>b", vs_fn_starts),
	M("endsWith", "ss>b", vs_fn_ends),
	M("lowerAscii", "s>s", vs_fn_lower),
	M("upperAscii", "s>s", vs_fn_upper),
	M("trim", "s>s", vs_fn_trim),
	M("split", "ss>Ls", vs_fn_split),
	M("split", "ssi>Ls", vs_fn_split),
	M("join", "Ls>s", vs_fn_join),
	M("join", "Lss>s", vs_fn_join),
	M("substring", "si>s", vs_fn_substring),
	M("substring", "sii>s", vs_fn_substring),
	M("indexOf", "ss>i", vs_fn_index_of),
	M("indexOf", "ssi>i", vs_fn_index_of),
	M("lastIndexOf", "ss>i", vs_fn_last_index_of),
	M("lastIndexOf", "ssi>i", vs_fn_last_index_of),
	M("replace", "sss>s", vs_fn_replace),
	M("replace", "sssi>s", vs_fn_replace),
	M("charAt", "si>s", vs_fn_char_at),
	M("reverse", "s>s", vs_fn_reverse),
	F("strings.quote", "s>s", vs_fn_quote),
	M("format", "sLA>s", vs_fn_format),
	{"glob", "ss>b", vs_fn_glob, true, VS_FN_GLOB},
	{"matches", "ss>b", vs_fn_matches, true, VS_FN_REGEX},
	{"matches", "ss>b", vs_fn_matches, false, VS_FN_REGEX},

	ZONED("getFullYear", vs_fn_year),
	ZONED("getMonth", vs_fn_month),
	ZONED("getDate", vs_fn_date),
	ZONED("getDayOfMonth", vs_fn_day_of_month),
	ZONED("getDayOfYear", vs_fn_day_of_year),
	ZONED("getDayOfWeek", vs_fn_day_of_week),
	ZONED("getHours", vs_fn_hours),
	M("getHours", "D>i", vs_fn_dur_hours),
	ZONED("getMinutes", vs_fn_minutes),
	M("getMinutes", "D>i", vs_fn_dur_minutes),
	ZONED("getSeconds", vs_fn_seconds),
	M("getSeconds", "D>i", vs_fn_dur_seconds),
	ZONED("getMilliseconds", vs_fn_millis),
	M("getMilliseconds", "D>i", vs_fn_dur_millis),

	F("hex", "y>s", vs_fn_hex),
	F("unhex", "s>y", vs_fn_unhex),
	F("vercmp", "ss>i", vs_fn_vercmp),
	F("vercmpHex", "ss>i", vs_fn_vercmp_hex),
	F("vercmpIn", "Lss>b", vs_fn_vercmp_in),

	F("sets.contains", "LALA>b", vs_fn_sets_contains),
	F("sets.intersects", "LALA>b", vs_fn_sets_intersects),
	F("sets.equivalent", "LALA>b", vs_fn_sets_equivalent),
	M("distinct", "LA>LA", vs_fn_distinct),

	F("math.greatest", "i>i", vs_fn_greatest),
	F("math.greatest", "u>u", vs_fn_greatest),
	F("math.greatest", "d>d", vs_fn_greatest),
	F("math.greatest", "ii>i", vs_fn_greatest),
	F("math.greatest", "iu>.", vs_fn_greatest),
	F("math.greatest", "id>.", vs_fn_greatest),
	F("math.greatest", "ui>.", vs_fn_greatest),
	F("math.greatest", "uu>u", vs_fn_greatest),
	F("math.greatest", "ud>.", vs_fn_greatest),
	F("math.greatest", "di>.", vs_fn_greatest),
	F("math.greatest", "du>.", vs_fn_greatest),
	F("math.greatest", "dd>d", vs_fn_greatest),
	F("math.greatest", "Li>i", vs_fn_greatest),
	F("math.greatest", "Lu>u", vs_fn_greatest),
	F("math.greatest", "Ld>d", vs_fn_greatest),
	F("math.least", "i>i", vs_fn_least),
	F("math.least", "u>u", vs_fn_least),
	F("math.least", "d>d", vs_fn_least),
	F("math.least", "ii>i", vs_fn_least),
	F("math.least", "iu>.", vs_fn_least),
	F("math.least", "id>.", vs_fn_least),
	F("math.least", "ui>.", vs_fn_least),
	F("math.least", "uu>u", vs_fn_least),
	F("math.least", "ud>.", vs_fn_least),
	F("math.least", "di>.", vs_fn_least),
	F("math.least", "du>.", vs_fn_least),
	F("math.least", "dd>d", vs_fn_least),
	F("math.least", "Li>i", vs_fn_least),
	F("math.least", "Lu>u", vs_fn_least),
	F("math.least", "Ld>d", vs_fn_least),
	F("math.bitAnd", "ii>i", vs_fn_bit_and),
	F("math.bitAnd", "uu>u", vs_fn_bit_and),
	F("math.bitOr", "ii>i", vs_fn_bit_or),
	F("math.bitOr", "uu>u", vs_fn_bit_or),
	F("math.bitXor", "ii>i", vs_fn_bit_xor),
	F("math.bitXor", "uu>u", vs_fn_bit_xor),
	F("math.bitNot", "i>i", vs_fn_bit_not),
	F("math.bitNot", "u>u", vs_fn_bit_not),
	F("math.bitShiftLeft", "ii>i", vs_fn_shift_left),
	F("math.bitShiftLeft", "ui>u", vs_fn_shift_left),
	F("math.bitShiftRight", "ii>i", vs_fn_shift_right),
	F("math.bitShiftRight", "ui>u", vs_fn_shift_right),
	F("math.ceil", "d>d", vs_fn_ceil),
	F("math.floor", "d>d", vs_fn_floor),
	F("math.round", "d>d", vs_fn_round),
	F("math.trunc", "d>d", vs_fn_trunc),
	F("math.sqrt", "i>d", vs_fn_sqrt),
	F("math.sqrt", "u>d", vs_fn_sqrt),
	F("math.sqrt", "d>d", vs_fn_sqrt),
	F("math.abs", "i>i", vs_fn_abs),
	F("math.abs", "u>u", vs_fn_abs),
	F("math.abs", "d>d", vs_fn_abs),
	F("math.sign", "i>i", vs_fn_sign),
	F("math.sign", "u>u", vs_fn_sign),
	F("math.sign", "d>d", vs_fn_sign),
	F("math.isNaN", "d>b", vs_fn_is_nan),
	F("math.isInf", "d>b", vs_fn_is_inf),
	F("math.isFinite", "d>b", vs_fn_is_finite),

	F("base64.encode", "y>s", vs_fn_b64_encode),
	F("base64.decode", "s>y", vs_fn_b64_decode),

	F("ip", "s>I", vs_fn_ip),
	F("isIP", "s>b", vs_fn_is_ip),
	F("ip.isCanonical", "s>b", vs_fn_ip_canonical),
	F("cidr", "s>C", vs_fn_cidr),
	F("isCIDR", "s>b", vs_fn_is_cidr),
	M("family", "I>i", vs_fn_ip_family),
	M("isUnspecified", "I>b", vs_fn_ip_unspecified),
	M("isLoopback", "I>b", vs_fn_ip_loopback),
	M("isLinkLocalMulticast", "I>b", vs_fn_ip_local_multicast),
	M("isLinkLocalUnicast", "I>b", vs_fn_ip_local_unicast),
	M("isGlobalUnicast", "I>b", vs_fn_ip_global_unicast),
	M("containsIP", "CI>b", vs_fn_cidr_has_ip),
	M("containsIP", "Cs>b", vs_fn_cidr_has_ip),
	M("containsCIDR", "CC>b", vs_fn_cidr_has_cidr),
	M("containsCIDR", "Cs>b", vs_fn_cidr_has_cidr),
	M("ip", "C>I", vs_fn_cidr_ip),
	M("masked", "C>C", vs_fn_cidr_masked),
	M("prefixLength", "C>i", vs_fn_cidr_length),

	F("semver", "s>V", vs_fn_semver),
	F("semver", "sb>V", vs_fn_semver),
	F("isSemver", "s>b", vs_fn_is_semver),
	F("isSemver", "sb>b", vs_fn_is_semver),
	M("compareTo", "VV>i", vs_fn_semver_compare),
	M("isGreaterThan", "VV>b", vs_fn_semver_greater),
	M("isLessThan", "VV>b", vs_fn_semver_less),
	M("major", "V>i", vs_fn_semver_major),
	M("minor", "V>i", vs_fn_semver_minor),
	M("patch", "V>i", vs_fn_semver_patch),
	{NULL, NULL, NULL, false, 0},
};
/* clang-format on */

const struct vs_cel_fn *
vs_cel_fn_find(struct vs_span name, bool member)
{
	for (const struct vs_cel_fn *f = table; f->name != NULL; f++) {
		if (f->member == member && vs_span_is(name, f->name))
			return f;
	}
	return NULL;
}

const struct vs_cel_fn *
vs_cel_fn_next(const struct vs_cel_fn *f)
{
	const struct vs_cel_fn *next = f + 1;

	if (next->name == NULL || next->member != f->member ||
	    strcmp(next->name, f->name) != 0)
		return NULL;
	return next;
}

const char *
vs_cel_fn_nearest(struct vs_span name, bool member)
{
	const char *names[VS_COUNT(table)];
	size_t n = 0;

	for (const struct vs_cel_fn *f = table; f->name != NULL; f++) {
		if (f->member == member)
			names[n++] = f->name;
	}
	return vs_nearest(name, names, n);
}

/* Past one type of a signature. */
static const char *
skip_type(const char *sig)
{
	if (*sig == 'M')
		return skip_type(skip_type(sig + 1));
	if (*sig == 'L' || *sig == 'T')
		return skip_type(sig + 1);
	return sig + 1;
}

bool
vs_cel_fn_fits(const struct vs_cel_fn *f, const struct vs_val *a, size_t n)
{
	static const char letters[] = {
#define X(sym, name, letter) [sym] = (letter),
	    VS_KIND_TABLE(X)
#undef X
	};
	const char *sig = f->sig;

	for (size_t i = 0; i < n; i++) {
		if (*sig == '>')
			return false;
		if (*sig != 'A' && *sig != 'B' && *sig != '.' &&
		    *sig != letters[a[i].kind])
			return false;
		sig = skip_type(sig);
	}
	return *sig == '>';
}
