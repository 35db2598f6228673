/* SPDX-License-Identifier: Apache-2.0 */
/* Building a snapshot: anchors by name, then files that verify under them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "collateral/amd_ca.h"
#include "collateral/nvidia_ca.h"
#include "collateral/nvidia_held.h"
#include "collateral/snapshot.h"
#include "crypto/pem.h"

/* A file at its largest, decoded from PEM. */
enum { SCRATCH_MAX = 2 * VS_COLLATERAL_FILE_MAX };

struct vs_collateral_builder *
vs_collateral_builder_new(void)
{
	struct vs_collateral_builder *b = calloc(1, sizeof(*b));
	struct vs_err err = {0};

	if (b == NULL)
		return NULL;
	b->c = calloc(1, sizeof(*b->c));
	if (b->c == NULL) {
		free(b);
		return NULL;
	}
	atomic_init(&b->c->refs, 1);
	/* Without memory the pins cannot be checked: no builder then. A
	 * mismatch can only come from a broken binary. */
	if (vs_trust_add_amd(&b->c->trust, vs_amd_cas, vs_amd_pins, &err) !=
		VS_OK ||
	    vs_trust_add_nvidia(&b->c->trust, vs_nv_cas, vs_nv_pins, &err) !=
		VS_OK)
		vs_collateral_builder_free(&b);
	return b;
}

void
vs_collateral_builder_free(struct vs_collateral_builder **b)
{
	if (*b == NULL)
		return;
	if ((*b)->c != NULL)
		vs_snapshot_destroy((*b)->c);
	free(*b);
	*b = NULL;
}

vs_status
vs_collateral_build(struct vs_collateral_builder *b, struct vs_collateral **out,
    struct vs_err *err)
{
	if (b->c == NULL)
		return vs_fail(err, VS_USAGE, "collateral was built already");
	VS_TRY(err, "collateral", vs_snapshot_seal(b->c));
	*out = VS_TAKE(b->c);
	return VS_OK;
}

/* The name goes into claims and audit records. */
static bool
name_ok(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= VS_ANCHOR_NAME_MAX &&
	    strspn(name,
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._-") == n;
}

static vs_status
add_anchor_cert(struct vs_trust *t, const char *name, struct vs_cert **cert,
    struct vs_err *err)
{
	const struct vs_anchor *same = vs_trust_anchor_of(t, *cert);

	/* Naming AMD's own root changes nothing: it stays AMD's. */
	if (same != NULL && (same->built_in || strcmp(same->name, name) == 0))
		return VS_OK;
	if (same != NULL)
		return vs_fail(err, VS_CONFLICT,
		    "the same certificate is trusted as %s", same->name);
	for (size_t i = 0; i < t->anchors_n; i++)
		if (strcmp(t->anchors[i].name, name) == 0)
			return vs_fail(err, VS_CONFLICT, "the name is taken");
	return vs_trust_add_anchor(t, name, NULL, cert, err);
}

/* The only certificate of the text or DER. */
static vs_status
one_cert(struct vs_span bytes, struct vs_cert **out, struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(bytes);
	struct vs_pem pem = {.der = bytes}, more;
	struct vs_arena a;
	vs_status st = VS_OK;

	vs_arena_init(&a, SCRATCH_MAX);
	if (vs_pem_is(bytes)) {
		st = vs_pem_next(&rd, &a, &pem);
		if (st == VS_OK && !vs_span_is(pem.label, "CERTIFICATE"))
			st = vs_fail(err, VS_MALFORMED, "not a certificate");
		if (st == VS_OK && vs_pem_next(&rd, &a, &more) != VS_NOT_FOUND)
			st = vs_fail(
			    err, VS_MALFORMED, "more than one certificate");
	}
	if (st == VS_OK)
		st = vs_cert_parse(pem.der, out, err);
	vs_arena_fini(&a);
	return st == VS_OK ? VS_OK : vs_ctx(err, "certificate", st);
}

vs_status
vs_collateral_add_anchor(struct vs_collateral_builder *b, const char *name,
    struct vs_span bytes, struct vs_err *err)
{
	VS_AUTO(vs_cert) *cert = NULL;

	if (b->c == NULL)
		return vs_fail(err, VS_USAGE, "collateral was built already");
	if (!name_ok(name))
		return vs_fail(err, VS_USAGE,
		    "trust anchor name: 1 to %d of A-Z a-z 0-9 . _ -",
		    VS_ANCHOR_NAME_MAX);
	if (bytes.n > VS_COLLATERAL_FILE_MAX)
		return vs_fail(err, VS_TOO_LARGE, "trust anchor %s", name);
	VS_TRY(err, name, one_cert(bytes, &cert, err));
	VS_TRY(err, name, add_anchor_cert(&b->c->trust, name, &cert, err));
	return VS_OK;
}

static vs_status
add_cert(struct vs_trust *t, struct vs_span der, struct vs_err *err)
{
	VS_AUTO(vs_cert) *cert = NULL;
	const struct vs_cert_facts *f;
	const struct vs_anchor *anchor;

	VS_TRY(err, "certificate", vs_cert_parse(der, &cert, err));
	f = vs_cert_facts(cert);
	if (vs_trust_anchor_of(t, cert) != NULL ||
	    vs_trust_issuer_of(t, cert) != NULL)
		return VS_OK;
	if (f->self_issued)
		return vs_fail(err, VS_UNTRUSTED,
		    "%s: a root certificate that is no trust anchor", f->cn);
	if (!f->ca)
		return vs_fail(err, VS_UNSUPPORTED,
		    "%s: not an authority; leaf certificates come with the "
		    "evidence",
		    f->cn);
	anchor = vs_trust_find_anchor(t, cert, err);
	if (anchor == NULL)
		return err->status;
	/* AMD's intermediates are pinned: no other one is AMD's. */
	if (anchor->built_in)
		return vs_fail(err, VS_UNTRUSTED,
		    "%s: not one of AMD's known intermediates", f->cn);
	return vs_trust_add_issuer(t, anchor, false, &cert, err);
}

static vs_status
add_crl(struct vs_trust *t, struct vs_span der, struct vs_err *err)
{
	VS_AUTO(vs_crl) *crl = NULL;

	VS_TRY(err, "CRL", vs_crl_parse(der, &crl, err));
	for (size_t i = 0; i < t->crls_n; i++)
		if (vs_span_equal(vs_crl_facts(t->crls[i].crl)->der,
			vs_crl_facts(crl)->der))
			return VS_OK;
	(void)vs_fail(err, VS_UNTRUSTED, "CRL of %s: no such trust anchor",
	    vs_crl_facts(crl)->issuer_cn);
	for (size_t i = 0; i < t->anchors_n; i++) {
		const struct vs_anchor *a = &t->anchors[i];
		if (!vs_span_equal(vs_crl_facts(crl)->issuer,
			vs_cert_facts(a->cert)->subject))
			continue;
		if (vs_crl_issued_as(crl, a->cert, a->profile, err) == VS_OK) {
			vs_err_clear(err);
			return vs_trust_add_crl(t, a, &crl, err);
		}
	}
	return err->status;
}

static vs_status
add_pem(struct vs_trust *t, struct vs_span text, struct vs_arena *a,
    struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(text);
	struct vs_pem pem;
	vs_status st;

	while ((st = vs_pem_next(&rd, a, &pem)) == VS_OK) {
		if (vs_span_is(pem.label, "CERTIFICATE"))
			st = add_cert(t, pem.der, err);
		else if (vs_span_is(pem.label, "X509 CRL"))
			st = add_crl(t, pem.der, err);
		else
			st = vs_fail(err, VS_UNSUPPORTED,
			    "PEM block that is neither certificate nor CRL");
		if (st != VS_OK)
			return st;
	}
	if (st != VS_NOT_FOUND)
		return vs_fail(err, st, "broken PEM");
	return VS_OK;
}

static vs_status
add_der(struct vs_trust *t, struct vs_span der, struct vs_err *err)
{
	return vs_cert_is(der) ? add_cert(t, der, err) : add_crl(t, der, err);
}

vs_status
vs_collateral_add(struct vs_collateral_builder *b, const char *label,
    struct vs_span bytes, struct vs_err *err)
{
	struct vs_arena a;
	vs_status st;

	if (b->c == NULL)
		return vs_fail(err, VS_USAGE, "collateral was built already");
	if (bytes.n > VS_COLLATERAL_FILE_MAX)
		return vs_fail(err, VS_TOO_LARGE, "%s", label);
	vs_err_clear(err);
	vs_arena_init(&a, SCRATCH_MAX);
	if (vs_nv_table_is(bytes))
		st = vs_trust_add_rim(&b->c->trust, bytes, err);
	else if (vs_pem_is(bytes))
		st = add_pem(&b->c->trust, bytes, &a, err);
	else
		st = add_der(&b->c->trust, bytes, err);
	vs_arena_fini(&a);
	return st == VS_OK ? VS_OK : vs_ctx(err, label, st);
}

static vs_status
add_file(struct vs_collateral_builder *b, const char *dir, const char *name,
    bool tables, struct vs_err *err)
{
	struct vs_buf buf = {0};
	char path[4096];
	vs_status st;
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return vs_fail(err, VS_USAGE, "%s: path too long", name);
	st = vs_file_read(path, VS_COLLATERAL_FILE_MAX, &buf, err);
	if (st == VS_OK && vs_nv_table_is(vs_buf_span(&buf)) == tables)
		st = vs_collateral_add(b, name, vs_buf_span(&buf), err);
	vs_buf_fini(&buf);
	return st;
}

static int
visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

vs_status
vs_collateral_add_dir(
    struct vs_collateral_builder *b, const char *dir, struct vs_err *err)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, visible, alphasort);
	vs_status st = VS_OK;

	if (n < 0)
		return vs_fail(err, VS_NOT_FOUND, "%s: cannot read", dir);
	if (n > VS_COLLATERAL_FILES_MAX)
		st = vs_fail(err, VS_TOO_LARGE, "%s: more than %d files", dir,
		    VS_COLLATERAL_FILES_MAX);
	/* Tables last: a list in any other file may revoke their signers. */
	for (int i = 0; st == VS_OK && i < 2 * n; i++)
		st = add_file(b, dir, names[i % n]->d_name, i >= n, err);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return st;
}
