/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated PKI as a directory. */
#include <stdlib.h>

#include "base/encoding.h"
#include "simulate/files.h"
#include "simulate/pki.h"

enum { CRL_YEARS = 1 };

static vs_status
save_crl(const struct vs_sim_pki *p, const char *dir, struct vs_err *err)
{
	struct vs_buf der = {0};
	vs_status st = vs_sim_crl(p, p->now - VS_SIM_DAY,
	    p->now + (int64_t)CRL_YEARS * VS_SIM_YEAR, NULL, 0, &der, err);

	if (st == VS_OK)
		st = vs_sim_file_save(
		    dir, "crl.der", vs_buf_span(&der), 0644, err);
	vs_buf_fini(&der);
	return st;
}

static vs_status
save_facts(const struct vs_sim_pki *p, const char *dir, struct vs_err *err)
{
	struct vs_json *root = vs_json_object(), *tcb = vs_json_object();
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
	st = vs_sim_json_save(dir, "pki.json", root, err);
	vs_json_free(&root);
	return st;
}

vs_status
vs_sim_pki_save(const struct vs_sim_pki *p, const char *dir, struct vs_err *err)
{
	VS_TRY(err, "simulate", vs_sim_mkdir(dir, err));
	VS_TRY(err, "simulate", vs_sim_cert_save(dir, "ark.pem", &p->ark, err));
	VS_TRY(err, "simulate", vs_sim_cert_save(dir, "ask.pem", &p->ask, err));
	VS_TRY(
	    err, "simulate", vs_sim_cert_save(dir, "asvk.pem", &p->asvk, err));
	VS_TRY(
	    err, "simulate", vs_sim_cert_save(dir, "vcek.pem", &p->vcek, err));
	VS_TRY(
	    err, "simulate", vs_sim_cert_save(dir, "vlek.pem", &p->vlek, err));
	VS_TRY(
	    err, "simulate", vs_sim_key_save(dir, "ark.key", p->ark_key, err));
	VS_TRY(err, "simulate",
	    vs_sim_key_save(dir, "vcek.key", p->vcek_key, err));
	VS_TRY(err, "simulate",
	    vs_sim_key_save(dir, "vlek.key", p->vlek_key, err));
	VS_TRY(err, "simulate", save_crl(p, dir, err));
	VS_TRY(err, "simulate", save_facts(p, dir, err));
	return VS_OK;
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

	VS_TRY(err, dir, vs_sim_json_load(dir, "pki.json", &root, err));
	VS_TRY(err, "pki.json", read_facts(root, p, err));
	return VS_OK;
}

static vs_status
load_all(const char *dir, struct vs_sim_pki *p, struct vs_err *err)
{
	VS_TRY(err, dir, load_facts(dir, p, err));
	VS_TRY(err, dir, vs_sim_cert_load(dir, "ark.pem", &p->ark, err));
	VS_TRY(err, dir, vs_sim_cert_load(dir, "ask.pem", &p->ask, err));
	VS_TRY(err, dir, vs_sim_cert_load(dir, "asvk.pem", &p->asvk, err));
	VS_TRY(err, dir, vs_sim_cert_load(dir, "vcek.pem", &p->vcek, err));
	VS_TRY(err, dir, vs_sim_cert_load(dir, "vlek.pem", &p->vlek, err));
	VS_TRY(err, dir, vs_sim_key_load(dir, "ark.key", &p->ark_key, err));
	VS_TRY(err, dir, vs_sim_key_load(dir, "vcek.key", &p->vcek_key, err));
	VS_TRY(err, dir, vs_sim_key_load(dir, "vlek.key", &p->vlek_key, err));
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
