/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated Intel PKI as a directory, and its collateral as another. */
#include <stdio.h>
#include <stdlib.h>

#include "base/encoding.h"
#include "simulate/files.h"
#include "simulate/pki.h"
#include "simulate/tdx_pki.h"

enum { PATH_LEN_MAX = 4096 };

vs_status
vs_sim_tdx_collateral(const struct vs_sim_tdx *t,
    const struct vs_sim_tdx_collateral *c, const char *dir, struct vs_err *err)
{
	struct vs_buf bytes = {0};
	vs_status st = vs_sim_mkdir(dir, err);

	for (size_t i = 0; i < VS_SIM_TDX_ITEMS && st == VS_OK; i++) {
		vs_buf_reset(&bytes);
		st = vs_sim_tdx_item(t, c, i, &bytes, err);
		if (st == VS_OK)
			st = vs_sim_file_save(dir, vs_sim_tdx_item_name(i),
			    vs_buf_span(&bytes), 0644, err);
	}
	vs_buf_fini(&bytes);
	return st == VS_OK ? st : vs_ctx(err, "collateral", st);
}

static void
set_hex(struct vs_json **obj, const char *name, struct vs_span bytes)
{
	char text[2 * 16 + 1];

	VS_ASSERT(bytes.n <= 16);
	vs_hex(bytes, text);
	vs_json_set(obj, name, vs_json_cstr(text));
}

static vs_status
save_facts(const struct vs_sim_tdx *t, const char *dir, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = vs_json_object();

	vs_json_set(&root, "tee", vs_json_cstr("tdx"));
	set_hex(&root, "fmspc", VS_SPAN_OF(t->opt.fmspc));
	set_hex(&root, "pceid", VS_SPAN_OF(t->opt.pceid));
	set_hex(&root, "svn", VS_SPAN_OF(t->opt.svn));
	vs_json_set(&root, "pcesvn", vs_json_int(t->opt.pcesvn));
	vs_json_set(&root, "created", vs_json_int(t->opt.now));
	return vs_sim_json_save(dir, "pki.json", root, err);
}

struct part {
	const char *cert, *key;
	struct vs_buf *der;
	struct vs_issue_key **pkey;
};
enum { PARTS = 5 };

static void
parts_of(struct vs_sim_tdx *t, struct part out[PARTS])
{
	out[0] = (struct part){"root.pem", "root.key", &t->root, &t->root_key};
	out[1] = (struct part){"ca.pem", "ca.key", &t->ca, &t->ca_key};
	out[2] = (struct part){
	    "signing.pem", "signing.key", &t->signing, &t->signing_key};
	out[3] = (struct part){"pck.pem", "pck.key", &t->pck, &t->pck_key};
	out[4] = (struct part){NULL, "qe.key", NULL, &t->qe_key};
}

static vs_status
save_parts(const struct vs_sim_tdx *t, const char *dir, struct vs_err *err)
{
	struct vs_sim_tdx copy = *t; /* shallow: nothing of it is changed */
	struct part parts[PARTS];

	parts_of(&copy, parts);
	for (size_t i = 0; i < PARTS; i++) {
		if (parts[i].cert != NULL)
			VS_TRY(err, "simulate",
			    vs_sim_cert_save(
				dir, parts[i].cert, parts[i].der, err));
		VS_TRY(err, "simulate",
		    vs_sim_key_save(dir, parts[i].key, *parts[i].pkey, err));
	}
	return VS_OK;
}

vs_status
vs_sim_tdx_save(const struct vs_sim_tdx *t, const char *dir, struct vs_err *err)
{
	struct vs_sim_tdx_collateral healthy = {
	    .issued = t->opt.now - VS_SIM_DAY};
	char path[PATH_LEN_MAX];
	int n = snprintf(path, sizeof(path), "%s/collateral", dir);

	if (n < 0 || (size_t)n >= sizeof(path))
		return vs_fail(err, VS_USAGE, "%s: path too long", dir);
	VS_TRY(err, "simulate", vs_sim_mkdir(dir, err));
	VS_TRY(err, "simulate", save_parts(t, dir, err));
	VS_TRY(err, "simulate", vs_sim_tdx_collateral(t, &healthy, path, err));
	/* Last: with it the directory counts as a PKI. */
	VS_TRY(err, "simulate", save_facts(t, dir, err));
	return VS_OK;
}

static vs_status
need_hex(const struct vs_json *root, const char *name, uint8_t *out, size_t n,
    struct vs_err *err)
{
	struct vs_span text;

	VS_TRY(err, name, vs_json_need_str(root, "", name, &text, err));
	VS_TRY(err, name, vs_unhex(text, out, n));
	return VS_OK;
}

static vs_status
read_facts(const struct vs_json *root, struct vs_sim_tdx_options *o,
    struct vs_err *err)
{
	const struct vs_json *v;
	int64_t n;

	VS_TRY(err, "facts",
	    need_hex(root, "fmspc", o->fmspc, sizeof(o->fmspc), err));
	VS_TRY(err, "facts",
	    need_hex(root, "pceid", o->pceid, sizeof(o->pceid), err));
	VS_TRY(
	    err, "facts", need_hex(root, "svn", o->svn, sizeof(o->svn), err));
	VS_TRY(err, "facts",
	    vs_json_need(root, "", "pcesvn", VS_JSON_INT, &v, err));
	if (!vs_json_is_int(v, &n) || n < 0 || n > UINT16_MAX)
		return vs_fail(err, VS_RANGE, "pcesvn");
	o->pcesvn = (uint16_t)n;
	VS_TRY(err, "facts",
	    vs_json_need(root, "", "created", VS_JSON_INT, &v, err));
	if (!vs_json_is_int(v, &o->now))
		return vs_fail(err, VS_RANGE, "created");
	return VS_OK;
}

static vs_status
load_all(const char *dir, struct vs_sim_tdx *t, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = NULL;
	struct part parts[PARTS];

	VS_TRY(err, dir, vs_sim_json_load(dir, "pki.json", &root, err));
	VS_TRY(err, "pki.json", read_facts(root, &t->opt, err));
	parts_of(t, parts);
	for (size_t i = 0; i < PARTS; i++) {
		if (parts[i].cert != NULL)
			VS_TRY(err, dir,
			    vs_sim_cert_load(
				dir, parts[i].cert, parts[i].der, err));
		VS_TRY(err, dir,
		    vs_sim_key_load(dir, parts[i].key, parts[i].pkey, err));
	}
	return VS_OK;
}

vs_status
vs_sim_tdx_load(const char *dir, struct vs_sim_tdx **out, struct vs_err *err)
{
	VS_AUTO(vs_sim_tdx) *t = vs_calloc(1, sizeof(*t));

	if (t == NULL)
		return vs_fail(err, VS_NO_MEMORY, "simulated PKI");
	VS_TRY(err, "simulate", load_all(dir, t, err));
	*out = VS_TAKE(t);
	return VS_OK;
}

vs_status
vs_sim_tdx_is(const char *dir, bool *tdx, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = NULL;
	struct vs_span text;

	VS_TRY(err, dir, vs_sim_json_load(dir, "pki.json", &root, err));
	*tdx = vs_json_is_string(vs_json_get(root, "tee"), &text) &&
	    vs_span_is(text, "tdx");
	return VS_OK;
}
