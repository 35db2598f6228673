/* SPDX-License-Identifier: Apache-2.0 */
/* Building a snapshot: anchors by name, then files that verify under them. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "collateral/amd_ca.h"
#include "collateral/intel_ca.h"
#include "collateral/intel_held.h"
#include "collateral/nvidia_ca.h"
#include "collateral/nvidia_held.h"
#include "collateral/parts.h"
#include "collateral/snapshot.h"
#include "crypto/pem.h"

/* A file at its largest, decoded from PEM. */
enum { SCRATCH_MAX = 2 * VS_COLLATERAL_FILE_MAX };

struct vs_collateral_builder *
vs_collateral_builder_bare(void)
{
	struct vs_collateral_builder *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->c = calloc(1, sizeof(*b->c));
	if (b->c == NULL) {
		free(b);
		return NULL;
	}
	atomic_init(&b->c->refs, 1);
	return b;
}

struct vs_collateral_builder *
vs_collateral_builder_new(void)
{
	struct vs_collateral_builder *b = vs_collateral_builder_bare();
	struct vs_err err = {0};

	if (b == NULL)
		return NULL;
	/* Without memory the pins cannot be checked: no builder then. A
	 * mismatch can only come from a broken binary. */
	if (vs_trust_add_amd(&b->c->trust, vs_amd_cas, vs_amd_pins, &err) !=
		VS_OK ||
	    vs_trust_add_intel(
		&b->c->trust, vs_intel_cas, vs_intel_pins, &err) != VS_OK ||
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

/* A root that comes along says nothing; unless it is of an anchor's key, it
 * says that the whole chain is somebody else's. */
static vs_status
skip_root(
    const struct vs_trust *t, const struct vs_cert *cert, struct vs_err *err)
{
	if (vs_intel_anchor_of(t, cert) != NULL)
		return VS_OK;
	return vs_fail_code(err, VS_UNTRUSTED, "root_untrusted",
	    "%s: a root certificate that is no trust anchor",
	    vs_cert_facts(cert)->cn);
}

static vs_status
add_below(struct vs_trust *t, struct vs_cert **cert, struct vs_err *err)
{
	const struct vs_cert_facts *f = vs_cert_facts(*cert);
	const struct vs_anchor *anchor;

	if (!f->ca && !vs_cert_key_is_p256(*cert))
		return vs_fail(err, VS_UNSUPPORTED,
		    "%s: not an authority; leaf certificates come with the "
		    "evidence",
		    f->cn);
	anchor = vs_trust_find_anchor(t, *cert, err);
	if (anchor == NULL) {
		err->code = "chain_invalid";
		return err->status;
	}
	if (anchor->profile == VS_SIG_P256_SHA256)
		return vs_trust_add_intel_cert(t, anchor, cert, false, err);
	/* AMD's intermediates are pinned: no other one is AMD's. NVIDIA's
	 * come with what they sign. */
	if (anchor->built_in)
		return vs_fail(err, VS_UNTRUSTED,
		    "%s: not one of the vendor's known intermediates", f->cn);
	return vs_trust_add_issuer(t, anchor, false, cert, err);
}

static vs_status
add_cert(struct vs_trust *t, struct vs_span der, struct vs_err *err)
{
	VS_AUTO(vs_cert) *cert = NULL;

	VS_TRY(err, "certificate", vs_cert_parse(der, &cert, err));
	if (vs_trust_anchor_of(t, cert) != NULL ||
	    vs_trust_issuer_of(t, cert) != NULL ||
	    vs_trust_signer_of(t, cert) != NULL)
		return VS_OK;
	return vs_cert_facts(cert)->self_issued ? skip_root(t, cert, err)
						: add_below(t, &cert, err);
}

static vs_status
add_anchor_crl(struct vs_trust *t, struct vs_crl **crl, struct vs_err *err)
{
	for (size_t i = 0; i < t->crls_n; i++)
		if (vs_span_equal(vs_crl_facts(t->crls[i].crl)->der,
			vs_crl_facts(*crl)->der))
			return VS_OK;
	(void)vs_fail(err, VS_UNTRUSTED, "CRL of %s: no such trust anchor",
	    vs_crl_facts(*crl)->issuer_cn);
	for (size_t i = 0; i < t->anchors_n; i++) {
		const struct vs_anchor *a = &t->anchors[i];
		if (!vs_span_equal(vs_crl_facts(*crl)->issuer,
			vs_cert_facts(a->cert)->subject))
			continue;
		if (vs_crl_issued_as(*crl, a->cert, a->profile, err) == VS_OK) {
			vs_err_clear(err);
			return vs_trust_add_crl(t, a, crl, err);
		}
	}
	err->code = "crl_invalid";
	return err->status;
}

static bool
is_of_anchor(const struct vs_trust *t, const struct vs_crl *crl)
{
	for (size_t i = 0; i < t->anchors_n; i++)
		if (vs_span_equal(vs_crl_facts(crl)->issuer,
			vs_cert_facts(t->anchors[i].cert)->subject))
			return true;
	return false;
}

static vs_status
add_crl(struct vs_trust *t, struct vs_span der, struct vs_err *err)
{
	VS_AUTO(vs_crl) *crl = NULL;

	VS_TRY_CODE(err, "crl_invalid", "CRL", vs_crl_parse(der, &crl, err));
	if (vs_intel_is_pck_ca(vs_crl_facts(crl)->issuer_cn))
		return vs_trust_hold_pck_crl(t, &crl, err);
	if (vs_nv_is_authority(vs_crl_facts(crl)->issuer_cn) &&
	    !is_of_anchor(t, crl))
		return vs_trust_hold_nv_crl(t, &crl, err);
	return add_anchor_crl(t, &crl, err);
}

static vs_status
add_part(struct vs_trust *t, const struct vs_part *part, struct vs_err *err)
{
	switch (part->kind) {
	case VS_PART_CERT:
		return add_cert(t, part->bytes, err);
	case VS_PART_CRL:
		return add_crl(t, part->bytes, err);
	case VS_PART_STATEMENT:
		return vs_trust_add_statement(t, part->bytes, err);
	case VS_PART_OCSP:
		return vs_trust_hold_ocsp(t, part->bytes, err);
	case VS_PART_RIM:
		return vs_trust_add_rim(t, part->bytes, err);
	case VS_PART_KIND_COUNT:
		break;
	}
	return vs_fail(err, VS_INTERNAL, "no such kind");
}

/* Which of the kinds are meant. */
struct choice {
	bool kind[VS_PART_KIND_COUNT];
};

static vs_status
add_chosen(struct vs_trust *t, struct vs_span bytes, struct choice which,
    struct vs_arena *a, struct vs_err *err)
{
	struct vs_parts *parts = vs_arena_alloc(a, sizeof(*parts));

	if (parts == NULL)
		return vs_fail(err, VS_NO_MEMORY, "collateral");
	VS_TRY(err, "collateral", vs_parts_read(bytes, a, parts, err));
	for (size_t i = 0; i < parts->n; i++)
		if (which.kind[parts->v[i].kind]) {
			vs_status st = add_part(t, &parts->v[i], err);
			if (st != VS_OK)
				return st;
		}
	return VS_OK;
}

static vs_status
add(struct vs_collateral_builder *b, const char *label, struct vs_span bytes,
    struct choice which, struct vs_err *err)
{
	struct vs_arena a;
	vs_status st;

	if (b->c == NULL)
		return vs_fail(err, VS_USAGE, "collateral was built already");
	if (bytes.n > VS_COLLATERAL_FILE_MAX)
		return vs_fail(err, VS_TOO_LARGE, "%s", label);
	vs_err_clear(err);
	vs_arena_init(&a, VS_PARTS_ARENA_MAX);
	st = add_chosen(&b->c->trust, bytes, which, &a, err);
	vs_arena_fini(&a);
	return st == VS_OK ? VS_OK : vs_ctx(err, label, st);
}

vs_status
vs_collateral_add(struct vs_collateral_builder *b, const char *label,
    struct vs_span bytes, struct vs_err *err)
{
	return add(b, label, bytes,
	    (struct choice){{true, true, true, true, true}}, err);
}

static vs_status
add_file(struct vs_collateral_builder *b, const char *dir, const char *name,
    struct choice which, struct vs_err *err)
{
	struct vs_buf buf = {0};
	char path[4096];
	vs_status st;
	int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return vs_fail(err, VS_USAGE, "%s: path too long", name);
	st = vs_file_read(path, VS_COLLATERAL_FILE_MAX, &buf, err);
	if (st == VS_OK)
		st = add(b, name, vs_buf_span(&buf), which, err);
	vs_buf_fini(&buf);
	return st;
}

static int
visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* What verifies something else must be known before it: the certificates of
 * all files, then the rest of all; tables last, for a list in any file may
 * revoke their signers. */
static vs_status
add_files(struct vs_collateral_builder *b, const char *dir,
    struct dirent **names, size_t n, struct vs_err *err)
{
	static const struct choice passes[] = {{{[VS_PART_CERT] = true}},
	    {{[VS_PART_CRL] = true,
		[VS_PART_STATEMENT] = true,
		[VS_PART_OCSP] = true}},
	    {{[VS_PART_RIM] = true}}};

	if (n > VS_COLLATERAL_FILES_MAX)
		return vs_fail(err, VS_TOO_LARGE, "%s: more than %d files", dir,
		    VS_COLLATERAL_FILES_MAX);
	for (size_t pass = 0; pass < VS_COUNT(passes); pass++)
		for (size_t i = 0; i < n; i++) {
			vs_status st = add_file(
			    b, dir, names[i]->d_name, passes[pass], err);
			if (st != VS_OK)
				return st;
		}
	return VS_OK;
}

vs_status
vs_collateral_add_dir(
    struct vs_collateral_builder *b, const char *dir, struct vs_err *err)
{
	struct dirent **names = NULL;
	int n = scandir(dir, &names, visible, alphasort);
	vs_status st;

	if (n < 0)
		return vs_fail(err, VS_NOT_FOUND, "%s: cannot read", dir);
	st = add_files(b, dir, names, (size_t)n, err);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return st;
}
