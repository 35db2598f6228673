/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated PKI as a directory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/encoding.h"
#include "base/file.h"
#include "codec/json.h"
#include "crypto/pem.h"
#include "simulate/pki.h"

enum {
	PATH_LEN_MAX = 4096,
	FILE_SIZE_MAX = 64 * 1024, /* the largest is a 4096-bit key, 4 KiB */
	CRL_YEARS = 1,
};

static vs_status
path_of(const char *dir, const char *name, char out[PATH_LEN_MAX],
    struct vs_err *err)
{
	int n = snprintf(out, PATH_LEN_MAX, "%s/%s", dir, name);

	if (n < 0 || n >= PATH_LEN_MAX)
		return vs_fail(err, VS_TOO_LARGE, "%s: path too long", dir);
	return VS_OK;
}

static vs_status
write_file(const char *dir, const char *name, struct vs_span data,
    unsigned mode, struct vs_err *err)
{
	char path[PATH_LEN_MAX];

	VS_TRY(err, name, path_of(dir, name, path, err));
	return vs_file_write(path, data, mode, err);
}

static vs_status
save_cert(const char *dir, const char *name, const struct vs_buf *der,
    struct vs_err *err)
{
	struct vs_buf pem = {0};
	vs_status st =
	    vs_issue_pem_write("CERTIFICATE", vs_buf_span(der), &pem, err);

	if (st == VS_OK)
		st = write_file(dir, name, vs_buf_span(&pem), 0644, err);
	vs_buf_fini(&pem);
	return st;
}

static vs_status
save_key(const char *dir, const char *name, const struct vs_issue_key *key,
    struct vs_err *err)
{
	struct vs_buf pem = {0};
	vs_status st = vs_issue_key_write(key, &pem, err);

	if (st == VS_OK)
		st = write_file(dir, name, vs_buf_span(&pem), 0600, err);
	vs_buf_fini(&pem);
	return st;
}

static vs_status
save_crl(const struct vs_sim_pki *p, const char *dir, struct vs_err *err)
{
	struct vs_buf der = {0};
	vs_status st = vs_sim_crl(p, p->now - VS_SIM_DAY,
	    p->now + (int64_t)CRL_YEARS * VS_SIM_YEAR, NULL, 0, &der, err);

	if (st == VS_OK)
		st = write_file(dir, "crl.der", vs_buf_span(&der), 0644, err);
	vs_buf_fini(&der);
	return st;
}

static vs_status
save_facts(const struct vs_sim_pki *p, const char *dir, struct vs_err *err)
{
	struct vs_json *root = vs_json_object(), *tcb = vs_json_object();
	struct vs_buf text = {0};
	char chip[2 * 64 + 1];
	vs_status st;

	vs_hex(
	    VS_SPAN(p->chip_id, vs_sim_product_info(p->product)->chip_id_size),
	    chip);
	vs_json_set(&tcb, "fmc", vs_json_int(p->tcb.fmc));
	vs_json_set(&tcb, "boot_loader", vs_json_int(p->tcb.bl));
	vs_json_set(&tcb, "tee", vs_json_int(p->tcb.tee));
	vs_json_set(&tcb, "snp", vs_json_int(p->tcb.snp));
	vs_json_set(&tcb, "microcode", vs_json_int(p->tcb.ucode));
	vs_json_set(
	    &root, "product", vs_json_cstr(vs_sim_product_name(p->product)));
	vs_json_set(&root, "chip_id", vs_json_cstr(chip));
	vs_json_set(&root, "tcb", tcb);
	vs_json_set(&root, "created", vs_json_int(p->now));
	st = vs_json_dump(root, VS_JSON_PRETTY, &text);
	vs_json_free(&root);
	if (st == VS_OK)
		st = write_file(dir, "pki.json", vs_buf_span(&text), 0644, err);
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_ctx(err, "pki.json", st);
}

vs_status
vs_sim_pki_save(const struct vs_sim_pki *p, const char *dir, struct vs_err *err)
{
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return vs_fail(err, VS_UNAVAILABLE, "%s: cannot create: %s",
		    dir, strerror(errno));
	VS_TRY(err, "simulate", save_cert(dir, "ark.pem", &p->ark, err));
	VS_TRY(err, "simulate", save_cert(dir, "ask.pem", &p->ask, err));
	VS_TRY(err, "simulate", save_cert(dir, "asvk.pem", &p->asvk, err));
	VS_TRY(err, "simulate", save_cert(dir, "vcek.pem", &p->vcek, err));
	VS_TRY(err, "simulate", save_cert(dir, "vlek.pem", &p->vlek, err));
	VS_TRY(err, "simulate", save_key(dir, "ark.key", p->ark_key, err));
	VS_TRY(err, "simulate", save_key(dir, "vcek.key", p->vcek_key, err));
	VS_TRY(err, "simulate", save_key(dir, "vlek.key", p->vlek_key, err));
	VS_TRY(err, "simulate", save_crl(p, dir, err));
	VS_TRY(err, "simulate", save_facts(p, dir, err));
	return VS_OK;
}

static vs_status
read_file(
    const char *dir, const char *name, struct vs_buf *out, struct vs_err *err)
{
	char path[PATH_LEN_MAX];

	VS_TRY(err, name, path_of(dir, name, path, err));
	return vs_file_read(path, FILE_SIZE_MAX, out, err);
}

static vs_status
pem_cert(struct vs_span text, struct vs_buf *der, struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(text);
	struct vs_arena a;
	struct vs_pem pem;
	vs_status st;

	vs_arena_init(&a, FILE_SIZE_MAX);
	st = vs_pem_next(&rd, &a, &pem);
	if (st == VS_OK && !vs_span_is(pem.label, "CERTIFICATE"))
		st = vs_fail(err, VS_MALFORMED, "no certificate inside");
	if (st == VS_OK) {
		vs_buf_add(der, pem.der);
		st = vs_buf_status(der);
	}
	vs_arena_fini(&a);
	return st;
}

static vs_status
load_cert(
    const char *dir, const char *name, struct vs_buf *der, struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st = read_file(dir, name, &text, err);

	if (st == VS_OK)
		st = pem_cert(vs_buf_span(&text), der, err);
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_ctx(err, name, st);
}

static vs_status
load_key(const char *dir, const char *name, struct vs_issue_key **key,
    struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st = read_file(dir, name, &text, err);

	if (st == VS_OK)
		st = vs_issue_key_read(vs_buf_span(&text), key, err);
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_ctx(err, name, st);
}

static vs_status
need_u8(const struct vs_json *obj, const char *name, uint8_t *out,
    struct vs_err *err)
{
	const struct vs_json *v;
	int64_t n;

	VS_TRY(
	    err, "tcb", vs_json_need(obj, "tcb", name, VS_JSON_INT, &v, err));
	if (!vs_json_is_int(v, &n) || n < 0 || n > 255)
		return vs_fail(err, VS_RANGE, "tcb.%s is not 0..255", name);
	*out = (uint8_t)n;
	return VS_OK;
}

static vs_status
read_tcb(const struct vs_json *root, struct vs_sim_tcb *tcb, struct vs_err *err)
{
	const struct vs_json *obj;

	VS_TRY(err, "tcb",
	    vs_json_need(root, "", "tcb", VS_JSON_OBJECT, &obj, err));
	VS_TRY(err, "tcb", need_u8(obj, "fmc", &tcb->fmc, err));
	VS_TRY(err, "tcb", need_u8(obj, "boot_loader", &tcb->bl, err));
	VS_TRY(err, "tcb", need_u8(obj, "tee", &tcb->tee, err));
	VS_TRY(err, "tcb", need_u8(obj, "snp", &tcb->snp, err));
	VS_TRY(err, "tcb", need_u8(obj, "microcode", &tcb->ucode, err));
	return VS_OK;
}

static vs_status
read_facts(const struct vs_json *root, struct vs_sim_pki *p, struct vs_err *err)
{
	struct vs_span text;
	const struct vs_json *created;

	VS_TRY(
	    err, "product", vs_json_need_str(root, "", "product", &text, err));
	VS_TRY(err, "product", vs_sim_product_parse(text, &p->product));
	VS_TRY(
	    err, "chip_id", vs_json_need_str(root, "", "chip_id", &text, err));
	VS_TRY(err, "chip_id",
	    vs_unhex(text, p->chip_id,
		vs_sim_product_info(p->product)->chip_id_size));
	VS_TRY(err, "created",
	    vs_json_need(root, "", "created", VS_JSON_INT, &created, err));
	if (!vs_json_is_int(created, &p->now))
		return vs_fail(err, VS_RANGE, "created");
	return read_tcb(root, &p->tcb, err);
}

static vs_status
load_facts(const char *dir, struct vs_sim_pki *p, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = NULL;
	struct vs_buf text = {0};
	vs_status st = read_file(dir, "pki.json", &text, err);

	if (st == VS_OK)
		st = vs_json_parse(vs_buf_span(&text), &root, err);
	vs_buf_fini(&text);
	if (st == VS_OK)
		st = read_facts(root, p, err);
	return st == VS_OK ? st : vs_ctx(err, "pki.json", st);
}

static vs_status
load_all(const char *dir, struct vs_sim_pki *p, struct vs_err *err)
{
	VS_TRY(err, dir, load_facts(dir, p, err));
	VS_TRY(err, dir, load_cert(dir, "ark.pem", &p->ark, err));
	VS_TRY(err, dir, load_cert(dir, "ask.pem", &p->ask, err));
	VS_TRY(err, dir, load_cert(dir, "asvk.pem", &p->asvk, err));
	VS_TRY(err, dir, load_cert(dir, "vcek.pem", &p->vcek, err));
	VS_TRY(err, dir, load_cert(dir, "vlek.pem", &p->vlek, err));
	VS_TRY(err, dir, load_key(dir, "ark.key", &p->ark_key, err));
	VS_TRY(err, dir, load_key(dir, "vcek.key", &p->vcek_key, err));
	VS_TRY(err, dir, load_key(dir, "vlek.key", &p->vlek_key, err));
	return VS_OK;
}

vs_status
vs_sim_pki_load(const char *dir, struct vs_sim_pki **out, struct vs_err *err)
{
	VS_AUTO(vs_sim_pki) *p = vs_calloc(1, sizeof(*p));

	if (p == NULL)
		return vs_fail(err, VS_NO_MEMORY, "simulated PKI");
	VS_TRY(err, "simulate", load_all(dir, p, err));
	*out = VS_TAKE(p);
	return VS_OK;
}
