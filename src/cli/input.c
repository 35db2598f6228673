/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"

#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "base/file.h"
#include "codec/json.h"

/* A file at its largest, and what its decoding takes. */
enum { ANCHOR_ARENA_MAX = 2 * VS_COLLATERAL_FILE_MAX };

vs_status
vs_cli_read(const char *path, size_t max, struct vs_arena *a,
    struct vs_span *out, struct vs_err *err)
{
	struct vs_buf buf = {0};
	vs_status st = vs_file_read(path, max, &buf, err);

	if (st == VS_OK) {
		st = vs_arena_dup(a, vs_buf_span(&buf), out);
		if (st != VS_OK)
			(void)vs_fail(err, st, "%s", path);
	} else {
		/* Whatever kept us from reading it, the input is bad. */
		err->status = VS_USAGE;
	}
	vs_buf_fini(&buf);
	return st == VS_OK ? VS_OK : err->status;
}

vs_status
vs_cli_stem(const char *path, char *out, size_t cap, struct vs_err *err)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	size_t n =
	    dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base);

	if (n == 0 || n >= cap)
		return vs_fail(err, VS_USAGE,
		    "%s: its file name is the anchor's name: 1 to %zu bytes",
		    path, cap - 1);
	memcpy(out, base, n);
	out[n] = '\0';
	return VS_OK;
}

static vs_status
add_anchor(
    struct vs_collateral_builder *b, const char *path, struct vs_err *err)
{
	struct vs_arena a;
	struct vs_span bytes;
	char name[65];

	VS_TRY(
	    err, "--trust-anchor", vs_cli_stem(path, name, sizeof(name), err));
	vs_arena_init(&a, ANCHOR_ARENA_MAX);
	vs_status st =
	    vs_cli_read(path, VS_COLLATERAL_FILE_MAX, &a, &bytes, err);
	if (st == VS_OK)
		st = vs_collateral_add_anchor(b, name, bytes, err);
	vs_arena_fini(&a);
	return st == VS_OK ? VS_OK : vs_ctx(err, "--trust-anchor", st);
}

static vs_status
fill(struct vs_collateral_builder *b, const struct vs_opt_list *anchors,
    const char *dir, struct vs_err *err)
{
	for (size_t i = 0; i < anchors->n; i++) {
		vs_status st = add_anchor(b, anchors->v[i], err);
		if (st != VS_OK)
			return st;
	}
	return dir != NULL ? vs_collateral_add_dir(b, dir, err) : VS_OK;
}

vs_status
vs_cli_builder(const struct vs_opt_list *anchors, const char *dir,
    struct vs_collateral_builder **out, struct vs_err *err)
{
	return vs_cli_builder_of(false, anchors, dir, out, err);
}

vs_status
vs_cli_builder_of(bool bare, const struct vs_opt_list *anchors, const char *dir,
    struct vs_collateral_builder **out, struct vs_err *err)
{
	struct vs_collateral_builder *b =
	    bare ? vs_collateral_builder_bare() : vs_collateral_builder_new();

	if (b == NULL)
		return vs_fail(err, VS_NO_MEMORY, "collateral");
	vs_status st = fill(b, anchors, dir, err);
	if (st != VS_OK) {
		vs_collateral_builder_free(&b);
		return st;
	}
	*out = b;
	return VS_OK;
}

/* Coordinate of exactly n bytes. */
static vs_status
coordinate(const struct vs_json *jwk, const char *name, size_t n,
    struct vs_arena *a, struct vs_span *out, struct vs_err *err)
{
	struct vs_span v;

	VS_TRY(err, "recipient",
	    vs_json_need_b64url(jwk, "recipient", name, 66, a, &v, err));
	if (v.n != n)
		return vs_fail(err, VS_MALFORMED,
		    "recipient.%s: %zu bytes, want %zu", name, v.n, n);
	*out = v;
	return VS_OK;
}

static vs_status
from_jwk(const struct vs_json *jwk, struct vs_arena *a,
    struct vs_recipient *out, struct vs_err *err)
{
	static const struct {
		const char *kty, *crv;
		vs_curve curve;
		size_t n;
	} curves[] = {
	    {"EC", "P-256", VS_CURVE_P256, 32},
	    {"EC", "P-384", VS_CURVE_P384, 48},
	    {"OKP", "X25519", VS_CURVE_X25519, 32},
	};
	struct vs_span kty, crv;
	struct vs_recipient r = {0};

	VS_TRY(err, "recipient",
	    vs_json_need_str(jwk, "recipient", "kty", &kty, err));
	VS_TRY(err, "recipient",
	    vs_json_need_str(jwk, "recipient", "crv", &crv, err));
	for (size_t i = 0; i < VS_COUNT(curves); i++) {
		if (!vs_span_is(kty, curves[i].kty) ||
		    !vs_span_is(crv, curves[i].crv))
			continue;
		r.curve = curves[i].curve;
		VS_TRY(
		    err, "x", coordinate(jwk, "x", curves[i].n, a, &r.x, err));
		if (r.curve != VS_CURVE_X25519)
			VS_TRY(err, "y",
			    coordinate(jwk, "y", curves[i].n, a, &r.y, err));
		*out = r;
		return VS_OK;
	}
	return vs_fail(err, VS_MALFORMED,
	    "recipient: wants EC P-256, EC P-384 or OKP X25519");
}

vs_status
vs_cli_recipient(struct vs_span json, struct vs_arena *a,
    struct vs_recipient *out, struct vs_err *err)
{
	VS_AUTO(vs_json) *jwk = NULL;

	VS_TRY(err, "recipient", vs_json_parse(json, &jwk, err));
	return from_jwk(jwk, a, out, err);
}

vs_status
vs_cli_hex(const char *what, const char *text, size_t max, struct vs_arena *a,
    struct vs_span *out, struct vs_err *err)
{
	size_t n = strlen(text) / 2;
	uint8_t *p = vs_arena_alloc(a, n);

	if (n == 0 || n > max)
		return vs_fail(err, VS_USAGE, "%s: wants 1 to %zu bytes in hex",
		    what, max);
	if (p == NULL)
		return vs_fail(err, VS_NO_MEMORY, "%s", what);
	if (vs_unhex(vs_span_cstr(text), p, n) != VS_OK)
		return vs_fail(err, VS_USAGE, "%s: not hex", what);
	*out = VS_SPAN(p, n);
	return VS_OK;
}

int64_t
vs_cli_now(const struct vs_opt_time *at)
{
	struct vs_clock clock = vs_clock_system();

	return at->given ? at->ms : vs_clock_ms(&clock);
}
