/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509_san.h"

#include <string.h>

#include "crypto/der.h"

/* 2.5.29.17 */
static const uint8_t san_oid[] = {0x55, 0x1d, 0x11};

/* Context tags of GeneralName. */
enum { EMAIL = 0x81, DNS = 0x82, URI = 0x86 };

static bool
has(struct vs_span s, int c)
{
	return memchr(s.p, c, s.n) != NULL;
}

static bool
looks_like(uint8_t tag, struct vs_span s)
{
	if (s.n == 0 || s.n > VS_SAN_TEXT_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= 0x20 || s.p[i] > 0x7e)
			return false;
	if (tag == DNS)
		return !has(s, ':') && !has(s, '@');
	if (tag == EMAIL)
		return !has(s, ':') && has(s, '@');
	return has(s, ':');
}

static vs_status
read_names(struct vs_span list, struct vs_span out[VS_SAN_MAX], size_t *n,
    struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(list);
	size_t k = 0;

	while (in.n > 0) {
		struct vs_der name;

		VS_TRY(err, "subjectAltName", vs_der_next(&in, &name));
		if (name.tag != EMAIL && name.tag != DNS && name.tag != URI)
			continue;
		if (k == VS_SAN_MAX || !looks_like(name.tag, name.value))
			return vs_fail(err, VS_MALFORMED,
			    "subjectAltName: too many, or not of its kind");
		out[k++] = name.value;
	}
	*n = k;
	return VS_OK;
}

vs_status
vs_cert_names(const struct vs_cert *c, struct vs_span out[VS_SAN_MAX],
    size_t *n, struct vs_err *err)
{
	struct vs_span ext, list;
	size_t count = vs_cert_ext(c, VS_SPAN_OF(san_oid), &ext);

	if (count == 0) {
		*n = 0;
		return VS_OK;
	}
	if (count > 1)
		return vs_fail(err, VS_MALFORMED, "subjectAltName: twice");
	VS_TRY(err, "subjectAltName", vs_der_only(ext, VS_DER_SEQUENCE, &list));
	return read_names(list, out, n, err);
}
