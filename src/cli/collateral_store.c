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
#include "codec/json_raw.h"
#include "collateral/collateral.h"
#include "collateral/parts.h"
#include "collateral/trust.h"
#include "crypto/digest.h"

/* A bundle for a whole fleet is larger than any file of the directory. */
enum {
	PATH_LEN_MAX = 2048,
	IMPORT_MAX = 16 * 1024 * 1024,
	SCRATCH_MAX = 8 * IMPORT_MAX
};

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

/* What comes anew every month and replaces what was. */
static bool
same_subject(
    const struct vs_collateral_item *a, const struct vs_collateral_item *b)
{
	static const char *const kinds[] = {
	    "crl", "tcb-info", "qe-identity", "ocsp"};

	/* A list that nobody here can verify replaces none; of NVIDIA's, see
	 * is_bad_news. */
	if (a->unverified && strcmp(a->kind, "crl") == 0 &&
	    strcmp(a->product, "NVIDIA") != 0)
		return false;
	for (size_t i = 0; i < VS_COUNT(kinds); i++)
		if (strcmp(a->kind, kinds[i]) == 0)
			return strcmp(a->kind, b->kind) == 0 &&
			    strcmp(a->name, b->name) == 0 &&
			    strcmp(a->product, b->product) == 0 &&
			    a->simulated == b->simulated;
	return false;
}

/* The list of a root in AMD's or NVIDIA's shape; NULL for all else. */
static const struct vs_crl *
root_list(const struct vs_collateral *c, const struct vs_collateral_item *it)
{
	const struct vs_trust *t = vs_collateral_trust(c);

	for (size_t i = 0; i < t->crls_n; i++)
		if (t->crls[i].anchor->profile != VS_SIG_P256_SHA256 &&
		    memcmp(vs_crl_facts(t->crls[i].crl)->sha256, it->sha256,
			sizeof(it->sha256)) == 0)
			return t->crls[i].crl;
	return NULL;
}

/* An answer that says anything but good stays, and so does a list with anything
 * on it: what comes after cannot be verified here, and might be made up to be
 * rid of it. */
static bool
is_bad_news(const struct vs_collateral *c, const struct vs_collateral_item *it)
{
	const struct vs_trust *t = vs_collateral_trust(c);

	for (size_t i = 0; i < t->nv_ocsps_n; i++) {
		const struct vs_ocsp_facts *f = vs_ocsp_facts(t->nv_ocsps[i]);

		if (memcmp(f->sha256, it->sha256, sizeof(f->sha256)) == 0)
			return !f->all_good;
	}
	for (size_t i = 0; i < t->nv_crls_n; i++) {
		const struct vs_crl_facts *f = vs_crl_facts(t->nv_crls[i]);

		if (memcmp(f->sha256, it->sha256, sizeof(f->sha256)) == 0)
			return f->revoked_n > 0;
	}
	return false;
}

/*
 * AMD's roots sign two lists, for VCEKs and for VLEKs, and a serial number on
 * any counts: one stands in for another only if it revokes as much. What
 * NVIDIA's root once revoked stays revoked.
 */
static bool
stands_in(const struct vs_collateral *c, const struct vs_collateral_item *a,
    const struct vs_collateral_item *b)
{
	const struct vs_crl *x = root_list(c, a), *y = root_list(c, b);

	return same_subject(b, a) && !is_bad_news(c, b) &&
	    (x == NULL || y == NULL || vs_crl_covers(x, y));
}

/* crl-ARK-Milan-0123456789abcdef.der; names hold CNs, so only plain
 * characters are kept. */
static void
file_name(const struct vs_collateral_item *it, char *out, size_t cap)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-";
	bool text = strcmp(it->kind, "tcb-info") == 0 ||
	    strcmp(it->kind, "qe-identity") == 0;
	const char *form = strcmp(it->kind, "rim") == 0 ? ".rim" : ".der";
	char hex[2 * 8 + 1];

	vs_hex(VS_SPAN(it->sha256, 8), hex);
	(void)snprintf(out, cap, "%s-%.64s-%s", it->kind, it->name, hex);
	for (char *p = out; *p != '\0'; p++)
		if (strchr(plain, *p) == NULL)
			*p = '_';
	size_t n = strlen(out);
	(void)snprintf(out + n, cap - n, "%s", text ? ".json" : form);
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

static bool
newer(const struct vs_collateral_item *a, const struct vs_collateral_item *b)
{
	return a->number != b->number ? a->number > b->number
				      : a->not_before > b->not_before;
}

/* Those of the same subject that were there: gone only once the new one is
 * on disk. Files that we did not name are not ours to remove. */
static vs_status
drop_older(const struct import *im, const struct vs_collateral *before,
    const struct vs_collateral *after, const struct vs_collateral_item *fresh,
    bool *dropped, struct vs_err *err)
{
	for (size_t i = 0; i < vs_collateral_count(before); i++) {
		const struct vs_collateral_item *it =
		    vs_collateral_item(before, i);
		char name[160], path[PATH_LEN_MAX];

		if (newer(it, fresh) || !stands_in(after, fresh, it))
			continue;
		file_name(it, name, sizeof(name));
		VS_TRY(err, "older one", path_of(im, name, path, err));
		if (unlink(path) == 0)
			*dropped = true;
		else if (errno != ENOENT)
			return vs_fail(
			    err, VS_UNAVAILABLE, "%s: cannot remove", path);
	}
	return VS_OK;
}

static bool
newer_there(const struct vs_collateral *before,
    const struct vs_collateral *after, const struct vs_collateral_item *fresh)
{
	for (size_t i = 0; i < vs_collateral_count(before); i++) {
		const struct vs_collateral_item *it =
		    vs_collateral_item(before, i);
		if (newer(it, fresh) && stands_in(after, it, fresh))
			return true;
	}
	return false;
}

static vs_status
keep(const struct import *im, const struct vs_collateral *before,
    const struct vs_collateral *after, const struct vs_collateral_item *it,
    struct vs_span der, struct vs_import *r, struct vs_err *err)
{
	char path[PATH_LEN_MAX];
	bool dropped = false;

	if (newer_there(before, after, it)) {
		r->what = VS_IMPORT_OLDER;
		return VS_OK;
	}
	file_name(it, r->stored, sizeof(r->stored));
	VS_TRY(err, "collateral", path_of(im, r->stored, path, err));
	VS_TRY(err, "collateral", vs_file_write(path, der, 0644, err));
	VS_TRY(err, "collateral",
	    drop_older(im, before, after, it, &dropped, err));
	r->what = dropped ? VS_IMPORT_REPLACED : VS_IMPORT_STORED;
	return VS_OK;
}

/* Of what brings nothing new: its own words. */
static void
describe(const struct vs_collateral *c, const struct vs_part *part,
    struct vs_import *r)
{
	static const char *const kinds[VS_PART_KIND_COUNT] = {
	    "certificate", "crl", "statement", "ocsp", "rim"};
	const struct vs_collateral_item *it;
	uint8_t sha256[VS_SHA256_SIZE];
	struct vs_span signed_part = part->bytes;
	struct vs_nv_rim_parts rim;
	struct vs_err why = {0};

	r->kind = kinds[part->kind];
	r->name = "of a key that is trusted already";
	if (part->kind == VS_PART_STATEMENT &&
	    vs_json_raw_member(part->bytes, "tcbInfo", &signed_part) != VS_OK &&
	    vs_json_raw_member(part->bytes, "enclaveIdentity", &signed_part) !=
		VS_OK)
		return;
	if (part->kind == VS_PART_RIM &&
	    vs_nv_table_read(part->bytes, &rim, &why) == VS_OK)
		signed_part = rim.xml;
	if (vs_sha256(signed_part, sha256) != VS_OK)
		return;
	it = find(c, sha256);
	if (it != NULL) {
		r->kind = it->kind;
		r->name = it->name;
	}
}

static const struct vs_collateral_item *
find_new(const struct vs_collateral *before, const struct vs_collateral *after)
{
	for (size_t i = 0; i < vs_collateral_count(after); i++) {
		const struct vs_collateral_item *it =
		    vs_collateral_item(after, i);
		if (find(before, it->sha256) == NULL)
			return it;
	}
	return NULL;
}

static vs_status
import_part(
    const struct import *im, const struct vs_part *part, struct vs_err *err)
{
	VS_AUTO(vs_collateral) *before = NULL;
	VS_AUTO(vs_collateral) *after = NULL;
	struct vs_import r = {.from = im->file, .what = VS_IMPORT_KNOWN};
	const struct vs_collateral_item *it;

	VS_TRY(err, im->dir, build(im, (struct vs_span){0}, &before, err));
	vs_status st = build(im, part->bytes, &after, err);
	if (st != VS_OK)
		return st;
	it = find_new(before, after);
	if (it == NULL) {
		describe(after, part, &r);
	} else if (it->unverified && strcmp(it->product, "NVIDIA") != 0) {
		return vs_fail_code(err, VS_UNTRUSTED, "crl_invalid",
		    "%s: the CRL of %s is not by an authority known here: "
		    "import its chain first",
		    im->file, it->name);
	} else {
		r.kind = it->kind;
		r.name = it->name;
		VS_TRY(err, im->file,
		    keep(im, before, after, it, part->bytes, &r, err));
	}
	im->told(im->ctx, &r);
	return VS_OK;
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
		st = import_part(im,
		    &(struct vs_part){VS_PART_RIM, vs_buf_span(&table)}, err);
	vs_buf_fini(&table);
	return st == VS_OK ? VS_OK : vs_ctx(err, im->file, st);
}

/* Files taken apart. A reference document is one part, as it was read. */
struct loaded {
	const char *file;
	struct vs_parts *parts;
};

static vs_status
load(const char *file, struct vs_arena *a, struct loaded *out,
    struct vs_err *err)
{
	struct vs_span bytes;
	struct vs_parts *parts = vs_arena_alloc(a, sizeof(*parts));

	if (parts == NULL)
		return vs_fail(err, VS_NO_MEMORY, "%s", file);
	VS_TRY(err, "import", vs_cli_read(file, IMPORT_MAX, a, &bytes, err));
	parts->n = 0;
	/* Before Intel's JSON, which begins alike. */
	if (vs_rim_is(bytes))
		VS_TRY(err, file, vs_parts_put(parts, VS_PART_RIM, bytes, err));
	else
		VS_TRY(err, file, vs_parts_read(bytes, a, parts, err));
	*out = (struct loaded){file, parts};
	return VS_OK;
}

/* What verifies others first, whatever file it is in. */
static vs_status
import_all(struct import *im, const struct loaded *v, size_t n,
    struct vs_arena *a, struct vs_err *err)
{
	for (int kind = 0; kind < VS_PART_KIND_COUNT; kind++)
		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < v[i].parts->n; k++) {
				const struct vs_part *p = &v[i].parts->v[k];
				vs_status st;

				if (p->kind != (vs_part_kind)kind)
					continue;
				im->file = v[i].file;
				st = kind == VS_PART_RIM && vs_rim_is(p->bytes)
				    ? import_rim(im, p->bytes, a, err)
				    : import_part(im, p, err);
				if (st != VS_OK)
					return st;
			}
	return VS_OK;
}

vs_status
vs_collateral_import(const char *dir, const struct vs_opt_list *anchors,
    char *const *files, size_t n,
    void (*told)(void *ctx, const struct vs_import *r), void *ctx,
    struct vs_err *err)
{
	struct import im = {dir, anchors, NULL, told, ctx};
	struct loaded *v;
	struct vs_arena a;
	vs_status st = VS_OK;

	if (mkdir(dir, 0755) != 0 && errno != EEXIST)
		return vs_fail(err, VS_USAGE, "%s: cannot create", dir);
	vs_arena_init(&a, SCRATCH_MAX);
	v = vs_arena_calloc(&a, n, sizeof(*v));
	if (v == NULL)
		st = vs_fail(err, VS_NO_MEMORY, "import");
	for (size_t i = 0; st == VS_OK && i < n; i++)
		st = load(files[i], &a, &v[i], err);
	if (st == VS_OK)
		st = import_all(&im, v, n, &a, err);
	vs_arena_fini(&a);
	return st;
}
