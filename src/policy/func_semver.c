/* SPDX-License-Identifier: Apache-2.0 */
/* semver(): names and rules as in Kubernetes. */
#include <string.h>

#include "policy/func.h"
#include "policy/semver.h"

/* The text, made regular first where a second operand asks for that. */
static bool
read_version(struct vs_cel_run *run, const struct vs_val *a, size_t n,
    uint8_t buf[VS_SEMVER_TEXT_MAX], struct vs_span *text)
{
	struct vs_semver v;
	size_t len;

	*text = vs_val_span(a[0]);
	vs_cel_charge_octets(run, text->n);
	if (n == 2 && a[1].u.b) {
		if (!vs_semver_normalise(*text, buf, &len))
			return false;
		*text = VS_SPAN(buf, len);
	}
	return vs_semver_parse(*text, &v);
}

struct vs_val
vs_fn_semver(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	uint8_t buf[VS_SEMVER_TEXT_MAX], *p;
	struct vs_span text;

	if (!read_version(run, a, n, buf, &text))
		return vs_val_error(VS_CEL_CONVERSION);
	p = vs_cel_octets(run, text.n);
	if (p == NULL)
		return vs_val_error(VS_CEL_ARENA);
	memcpy(p, text.p, text.n);
	return (struct vs_val){
	    .kind = VS_KIND_SEMVER, .n = (uint32_t)text.n, .u.p = p};
}

struct vs_val
vs_fn_is_semver(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	uint8_t buf[VS_SEMVER_TEXT_MAX];
	struct vs_span text;

	return vs_val_bool(read_version(run, a, n, buf, &text));
}

/* The text was parsed before; what fails now is all zeros. */
static struct vs_semver
version_of(struct vs_cel_run *run, struct vs_val v)
{
	struct vs_semver out = {0};

	vs_cel_charge_octets(run, v.n);
	(void)vs_semver_parse(vs_val_span(v), &out);
	return out;
}

int
vs_val_semver_order(struct vs_cel_run *run, struct vs_val a, struct vs_val b)
{
	struct vs_semver x = version_of(run, a), y = version_of(run, b);

	return vs_semver_compare(&x, &y);
}

struct vs_val
vs_fn_semver_compare(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	return vs_val_int(vs_val_semver_order(run, a[0], a[1]));
}

struct vs_val
vs_fn_semver_greater(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	return vs_val_bool(vs_val_semver_order(run, a[0], a[1]) > 0);
}

struct vs_val
vs_fn_semver_less(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	return vs_val_bool(vs_val_semver_order(run, a[0], a[1]) < 0);
}

struct vs_val
vs_fn_semver_major(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	return vs_val_int(version_of(run, a[0]).major);
}

struct vs_val
vs_fn_semver_minor(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	return vs_val_int(version_of(run, a[0]).minor);
}

struct vs_val
vs_fn_semver_patch(struct vs_cel_run *run, const struct vs_val *a, size_t n)
{
	(void)n;
	return vs_val_int(version_of(run, a[0]).patch);
}
