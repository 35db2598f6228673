/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/collateral_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/file.h"
#include "cli/input.h"
#include "cli/rim.h"
#include "collateral/collateral.h"
#include "crypto/digest.h"
#include "crypto/pem.h"

enum { PATH_LEN_MAX = 2048, SCRATCH_MAX = 4 * VS_COLLATERAL_FILE_MAX };

struct import {
	const char *dir;
	const struct vs_opt_list *anchors;
	const char *file;
	void (*told)(void *ctx, const struct vs_import *r);
	void *ctx;
};

const char *
vs_import_result(vs_import_what w)
{
	switch (w) {
	case VS_IMPORT_STORED:
		return "stored";
	case VS_IMPORT_REPLACED:
		return "stored, in place of the older one";
	case VS_IMPORT_KNOWN:
		return "known already";
	case VS_IMPORT_OLDER:
		return "older than the one that is there, left out";
	}
	return "?";
}

static vs_status
build(const struct import *im, struct vs_span der, struct vs_collateral **out,
    struct vs_err *err)
{
	VS_AUTO(vs_collateral_builder) *b = NULL;
	vs_status st = vs_cli_builder(im->anchors, im->dir, &b, err);

	if (st == VS_OK && der.n > 0)
		st = vs_collateral_add(b, im->file, der, err);
	if (st == VS_OK)
		st = vs_collateral_build(b, out, err);
	return st;
}

static const struct vs_collateral_item *
find(const struct vs_collateral *c, const uint8_t sha256[32])
{
	for (size_t i = 0; i < vs_collateral_count(c); i++)
		if (memcmp(vs_collateral_item(c, i)->sha256, sha256, 32) == 0)
			return vs_collateral_item(c, i);
	return NULL;
}

static bool
same_issuer(
    const struct vs_collateral_item *a, const struct vs_collateral_item *b)
{
	return strcmp(a->kind, "crl") == 0 && strcmp(b->kind, "crl") == 0 &&
	    strcmp(a->name, b->name) == 0 &&
	    strcmp(a->product, b->product) == 0;
}

/* crl-ARK-Milan-0123456789abcdef.der; names hold CNs, so only plain
 * characters are kept. */
static void
file_name(const struct vs_collateral_item *it, char *out, size_t cap)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-";
	const char *form = strcmp(it->kind, "rim") == 0 ? "rim" : "der";
	char hex[2 * 8 + 1];

	vs_hex(VS_SPAN(it->sha256, 8), hex);
	(void)snprintf(
	    out, cap, "%s-%.64s-%s.%s", it->kind, it->name, hex, form);
	for (char *p = out; p < out + strlen(out) - strlen(".der"); p++)
		if (strchr(plain, *p) == NULL)
			*p = '_';
}

static vs_status
path_of(const struct import *im, const char *name, char out[PATH_LEN_MAX],
    struct vs_err *err)
{
	int n = snprintf(out, PATH_LEN_MAX, "%s/%s", im->dir, name);

	if (n < 0 || n >= PATH_LEN_MAX)
		return vs_fail(err, VS_USAGE, "%s: path too long", im->dir);
	return VS_OK;
}

/* CRLs of the same issuer that were there: gone only once the new one is on
 * disk. Files that we did not name are not ours to remove. */
static vs_status
drop_older(const struct import *im, const struct vs_collateral *before,
    const struct vs_collateral_item *fresh, bool *dropped, struct vs_err *err)
{
	for (size_t i = 0; i < vs_collateral_count(before); i++) {
		const struct vs_collateral_item *it =
		    vs_collateral_item(before, i);
		char name[160], path[PATH_LEN_MAX];

		if (!same_issuer(it, fresh))
			continue;
		file_name(it, name, sizeof(name));
		VS_TRY(err, "older CRL", path_of(im, name, path, err));
		if (unlink(path) == 0)
			*dropped = true;
		else if (errno != ENOENT)
			return vs_fail(
			    err, VS_UNAVAILABLE, "%s: cannot remove", path);
	}
	return VS_OK;
}

static bool
newer_there(
    const struct vs_collateral *before, const struct vs_collateral_item *fresh)
{
	for (size_t i = 0; i < vs_collateral_count(before); i++) {
		const struct vs_collateral_item *it =
		    vs_collateral_item(before, i);
		if (same_issuer(it, fresh) &&
		    it->not_before > fresh->not_before)
			return true;
	}
	return false;
}

static vs_status
keep(const struct import *im, const struct vs_collateral *before,
    const struct vs_collateral_item *it, struct vs_span der,
    struct vs_import *r, struct vs_err *err)
{
	char path[PATH_LEN_MAX];
	bool dropped = false;

	if (newer_there(before, it)) {
		r->what = VS_IMPORT_OLDER;
		return VS_OK;
	}
	file_name(it, r->stored, sizeof(r->stored));
	VS_TRY(err, "collateral", path_of(im, r->stored, path, err));
	VS_TRY(err, "collateral", vs_file_write(path, der, 0644, err));
	VS_TRY(err, "collateral", drop_older(im, before, it, &dropped, err));
	r->what = dropped ? VS_IMPORT_REPLACED : VS_IMPORT_STORED;
	return VS_OK;
}

/* sha256 is what the object's row has. */
static vs_status
import_object(const struct import *im, const struct vs_collateral *before,
    struct vs_span der, const uint8_t sha256[VS_SHA256_SIZE],
    struct vs_err *err)
{
	VS_AUTO(vs_collateral) *after = NULL;
	struct vs_import r = {.from = im->file, .what = VS_IMPORT_KNOWN};
	const struct vs_collateral_item *it;

	vs_status st = build(im, der, &after, err);
	if (st != VS_OK)
		return st;
	it = find(after, sha256);
	if (it == NULL)
		return vs_fail(err, VS_INTERNAL, "%s: not kept", im->file);
	r.kind = it->kind;
	r.name = it->name;
	if (find(before, sha256) == NULL)
		VS_TRY(err, im->file, keep(im, before, it, der, &r, err));
	im->told(im->ctx, &r);
	return VS_OK;
}

static vs_status
import_der(const struct import *im, struct vs_span der, struct vs_err *err)
{
	VS_AUTO(vs_collateral) *before = NULL;
	uint8_t sha256[VS_SHA256_SIZE];

	VS_TRY(err, im->dir, build(im, (struct vs_span){0}, &before, err));
	VS_TRY(err, im->file, vs_sha256(der, sha256));
	return import_object(im, before, der, sha256, err);
}

/* A reference document of NVIDIA's becomes a table, which everyone who reads
 * the directory verifies again. Dates are judged with the evidence. */
static vs_status
import_rim(const struct import *im, struct vs_span file, struct vs_arena *a,
    struct vs_err *err)
{
	VS_AUTO(vs_collateral) *before = NULL;
	VS_AUTO(vs_nv_rim) *rim = NULL;
	struct vs_nv_rim_parts parts;
	struct vs_buf table = {0};
	vs_status st;

	VS_TRY(err, im->dir, build(im, (struct vs_span){0}, &before, err));
	st = vs_rim_verify(file, im->file, vs_collateral_trust(before), NULL, a,
	    &parts, &rim, err);
	if (st == VS_OK) {
		vs_nv_table_write(&parts, &table);
		st = vs_buf_status(&table);
	}
	if (st == VS_OK)
		st = import_object(
		    im, before, vs_buf_span(&table), rim->sha256, err);
	vs_buf_fini(&table);
	return st == VS_OK ? VS_OK : vs_ctx(err, im->file, st);
}

static vs_status
import_pem(const struct import *im, struct vs_span text, struct vs_arena *a,
    struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(text);
	struct vs_pem pem;
	vs_status st;

	while ((st = vs_pem_next(&rd, a, &pem)) == VS_OK) {
		st = import_der(im, pem.der, err);
		if (st != VS_OK)
			return st;
	}
	if (st != VS_NOT_FOUND)
		return vs_fail(err, st, "%s: broken PEM", im->file);
	return VS_OK;
}

vs_status
vs_collateral_import(const char *dir, const struct vs_opt_list *anchors,
    const char *file, void (*told)(void *ctx, const struct vs_import *r),
    void *ctx, struct vs_err *err)
{
	struct import im = {dir, anchors, file, told, ctx};
	struct vs_span bytes;
	struct vs_arena a;

	if (mkdir(dir, 0755) != 0 && errno != EEXIST)
		return vs_fail(err, VS_USAGE, "%s: cannot create", dir);
	vs_arena_init(&a, SCRATCH_MAX);
	vs_status st =
	    vs_cli_read(file, VS_COLLATERAL_FILE_MAX, &a, &bytes, err);
	if (st == VS_OK && vs_rim_is(bytes))
		st = import_rim(&im, bytes, &a, err);
	else if (st == VS_OK)
		st = vs_pem_is(bytes) ? import_pem(&im, bytes, &a, err)
				      : import_der(&im, bytes, err);
	vs_arena_fini(&a);
	return st;
}
