/* SPDX-License-Identifier: Apache-2.0 */
/* A board and its two PKIs, made anew. */
#include "simulate/gpu_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/rand.h"
#include "simulate/pki.h"

#define BITS(from, to)                                                         \
	((UINT64_MAX >> (63 - (to))) & ~((UINT64_C(1) << (from)) - 1))
#define CRL "http://crl.ndis.nvidia.com/crl/"

/* Indices as NVIDIA's documents have them active. */
static const struct vs_sim_chip_info chips[] = {
    [VS_SIM_GH100] = {.name = "GH100",
	.product = "GH100",
	.arch = "HOPPER",
	.engine = "GSP",
	.provisioner = "NVIDIA GH100 Provisioner ICA 1",
	.family = "NVIDIA GH100 Identity",
	.crl_url = CRL "l2-gh100.crl",
	.driver = "570.86.15",
	.vbios = "96.00.A5.00.01",
	.old_vbios = "96.00.9F.00.01",
	.project = "G520",
	.project_sku = "0200",
	.chip_sku = "885",
	.driver_set = BITS(7, 7) | BITS(21, 40),
	.vbios_set = BITS(0, 6) | BITS(8, 12),
	.blocks = 64,
	.serial_prefix = 0x41},
    [VS_SIM_GB100] = {.name = "GB100",
	.product = "GB100",
	.arch = "BLACKWELL",
	.engine = "GSP",
	.provisioner = "NVIDIA GB100 Provisioner ICA 00000",
	.family = "NVIDIA GB100 Identity",
	.crl_url = CRL "l2-gb100.crl",
	.driver = "575.32",
	.vbios = "97.00.88.00.0F",
	.old_vbios = "97.00.83.00.09",
	.project = "G525",
	.project_sku = "0220",
	.chip_sku = "886",
	.driver_set = BITS(21, 40),
	.vbios_set = BITS(0, 13) | BITS(15, 20),
	.blocks = 64,
	.serial_prefix = 0x41},
    [VS_SIM_LS10] = {.name = "LS_10",
	.product = "LS10",
	.arch = "LS10",
	.engine = "FSP",
	.provisioner = "NVIDIA LS_10 Provisioner ICA 1",
	.crl_url = CRL "l2-gh100.crl",
	.vbios = "96.10.73.00.01",
	.project = "5612",
	.project_sku = "0002",
	.chip_sku = "890",
	.vbios_set = BITS(0, 30),
	.blocks = 31,
	.serial_prefix = 0x50},
};

const struct vs_sim_chip_info *
vs_sim_chip_info(vs_sim_chip c)
{
	return &chips[c];
}

vs_sim_chip
vs_sim_board_chip(const struct vs_sim_board *b)
{
	return b->opt.blackwell ? VS_SIM_GB100 : VS_SIM_GH100;
}

const char *
vs_sim_authority_file(unsigned i)
{
	static const char *const names[VS_SIM_NV_AUTHORITIES] = {"gpu-root",
	    "identity", "provisioner", "switches", "rim-root", "rim-ca",
	    "rim-l3", "rim-signer"};

	return names[i];
}

vs_status
vs_sim_fwid(vs_sim_chip c, uint8_t out[VS_SIM_FWID])
{
	const struct vs_span parts[] = {
	    VS_SPAN_LIT("simulated firmware "), vs_span_cstr(chips[c].name)};

	return vs_digest(VS_HASH_SHA384, parts, VS_COUNT(parts), out);
}

void
vs_sim_board_defaults(int64_t now, bool blackwell, unsigned gpus,
    struct vs_sim_board_options *out)
{
	*out = (struct vs_sim_board_options){
	    .now = now, .blackwell = blackwell, .gpus = gpus};
	if (!blackwell && gpus == 8)
		out->switches = VS_SIM_SWITCHES_MAX;
}

/* All device certificates are good until then; only revocation ends one. */
enum { SERIAL = 16, LEAF_SERIAL = 20 };
static const int64_t for_ever = INT64_C(253402300799);

/* Positive, and of full length. */
static vs_status
random_serial(uint8_t *out, size_t n)
{
	vs_status st = vs_rand_public(out, n);

	if (st == VS_OK)
		out[0] = (uint8_t)((out[0] & 0x3f) | 0x40);
	return st;
}

struct link {
	unsigned child, parent;
	int64_t years; /* 0: for ever */
	bool leaf;
	const char *crl_url;
};

static vs_status
issue(struct vs_sim_board *b, const struct link *l, struct vs_err *err)
{
	struct vs_sim_authority *c = &b->ca[l->child];
	const struct vs_sim_authority *p = &b->ca[l->parent];
	uint8_t serial[SERIAL];
	struct vs_sim_nvcert cert = {.subject.cn = c->cn,
	    .issuer.cn = p->cn,
	    .serial = VS_SPAN_OF(serial),
	    .not_before = b->opt.now - VS_SIM_DAY,
	    .not_after = for_ever,
	    .ca = !l->leaf,
	    .crl_url = l->crl_url,
	    .signer = p->key};

	if (l->years > 0)
		cert.not_after = b->opt.now + l->years * VS_SIM_YEAR;
	VS_TRY(err, c->cn, random_serial(serial, sizeof(serial)));
	VS_TRY(err, c->cn, vs_issue_key_p384(&c->key, err));
	cert.key = c->key;
	if (l->child == l->parent)
		cert.signer = c->key;
	return vs_sim_nvcert_build(&cert, &c->der, err);
}

/* Parents before children. */
static vs_status
make_authorities(struct vs_sim_board *b, struct vs_err *err)
{
	const struct vs_sim_chip_info *chip = &chips[vs_sim_board_chip(b)];
	const char *cns[VS_SIM_NV_AUTHORITIES] = {"NVIDIA Device Identity CA",
	    chip->family, chip->provisioner, chips[VS_SIM_LS10].provisioner,
	    "NVIDIA CoRIM signing Root CA", "NVIDIA Reference Value CA",
	    "NVIDIA Reference Value L3", "HCC RIM L4 Signer"};
	const struct link links[] = {
	    {VS_SIM_NV_ROOT, VS_SIM_NV_ROOT, 0, false, NULL},
	    {VS_SIM_NV_IDENTITY, VS_SIM_NV_ROOT, 0, false, CRL "l1-root.crl"},
	    {VS_SIM_NV_PROVISIONER, VS_SIM_NV_IDENTITY, 0, false,
		chip->crl_url},
	    {VS_SIM_NV_SWITCHES, VS_SIM_NV_IDENTITY, 0, false, chip->crl_url},
	    {VS_SIM_NV_RIM_ROOT, VS_SIM_NV_RIM_ROOT, 30, false, NULL},
	    {VS_SIM_NV_RIM_CA, VS_SIM_NV_RIM_ROOT, 30, false, NULL},
	    {VS_SIM_NV_RIM_L3, VS_SIM_NV_RIM_CA, 10, false, NULL},
	    {VS_SIM_NV_RIM_SIGNER, VS_SIM_NV_RIM_L3, 2, true, NULL},
	};

	for (size_t i = 0; i < VS_SIM_NV_AUTHORITIES; i++)
		b->ca[i].cn = cns[i];
	for (size_t i = 0; i < VS_COUNT(links); i++)
		VS_TRY(err, "authority", issue(b, &links[i], err));
	return VS_OK;
}

/* The parts of a device's two certificates of its own. */
struct forge {
	struct vs_issue_key *brom;
	struct vs_buf leaf_der, brom_der, ext;
	uint8_t serial[1 + VS_SIM_PDI], leaf_serial[LEAF_SERIAL];
	char leaf_cn[32], brom_cn[32];
};

static vs_status
put_firmware(const struct vs_sim_device *d, struct forge *f, struct vs_err *err)
{
	const struct vs_sim_chip_info *c = &chips[d->chip];
	uint8_t fwid[VS_SIM_FWID];
	char model[32];

	VS_TRY(err, "firmware", vs_sim_fwid(d->chip, fwid));
	vs_sim_nv_device_info(c->name, VS_SPAN_OF(d->pdi), &f->ext);
	if (d->chip != VS_SIM_GB100)
		return vs_sim_nv_composite(f->brom, fwid, &f->ext, err);
	(void)snprintf(model, sizeof(model), "%s A01 %s", c->name, c->engine);
	vs_sim_nv_tcb_info(model, fwid, &f->ext);
	return vs_buf_status(&f->ext);
}

static vs_status
make_certs(const struct vs_sim_board *b, struct vs_sim_device *d,
    struct forge *f, struct vs_err *err)
{
	unsigned above =
	    d->chip == VS_SIM_LS10 ? VS_SIM_NV_SWITCHES : VS_SIM_NV_PROVISIONER;
	struct vs_sim_nvcert cert = {
	    .subject = {f->brom_cn, VS_SPAN_OF(f->serial)},
	    .issuer.cn = b->ca[above].cn,
	    .serial = VS_SPAN_OF(f->serial),
	    .not_before = b->opt.now - VS_SIM_DAY,
	    .not_after = for_ever,
	    .ca = true,
	    .key = f->brom,
	    .signer = b->ca[above].key};

	VS_TRY(err, "BROM", vs_sim_nvcert_build(&cert, &f->brom_der, err));
	VS_TRY(err, "leaf", put_firmware(d, f, err));
	cert.issuer = cert.subject;
	cert.subject =
	    (struct vs_sim_nvname){f->leaf_cn, VS_SPAN_OF(f->leaf_serial)};
	cert.serial = VS_SPAN_OF(f->leaf_serial);
	cert.ca = false;
	cert.key = d->key;
	cert.signer = f->brom;
	cert.extensions = vs_buf_span(&f->ext);
	VS_TRY(err, "leaf", vs_sim_nvcert_build(&cert, &f->leaf_der, err));
	const struct vs_buf *chain[VS_SIM_CHAIN] = {&f->leaf_der, &f->brom_der,
	    &b->ca[above].der, &b->ca[VS_SIM_NV_IDENTITY].der,
	    &b->ca[VS_SIM_NV_ROOT].der};
	for (size_t i = 0; i < VS_SIM_CHAIN; i++)
		VS_TRY(err, "chain",
		    vs_issue_pem_write(
			"CERTIFICATE", vs_buf_span(chain[i]), &d->chain, err));
	return VS_OK;
}

static vs_status
make_keys(struct vs_sim_device *d, struct forge *f, struct vs_err *err)
{
	const struct vs_sim_chip_info *c = &chips[d->chip];

	(void)snprintf(f->brom_cn, sizeof(f->brom_cn), "%s A01 %s BROM",
	    c->name, c->engine);
	(void)snprintf(f->leaf_cn, sizeof(f->leaf_cn), "%s A01 %s FMC LF",
	    c->name, c->engine);
	VS_TRY(err, "device", random_serial(d->pdi, sizeof(d->pdi)));
	f->serial[0] = c->serial_prefix;
	memcpy(f->serial + 1, d->pdi, sizeof(d->pdi));
	VS_TRY(err, "device",
	    random_serial(f->leaf_serial, sizeof(f->leaf_serial)));
	VS_TRY(err, "device", vs_issue_key_p384(&f->brom, err));
	return vs_issue_key_p384(&d->key, err);
}

static vs_status
make_device(const struct vs_sim_board *b, vs_sim_chip chip,
    struct vs_sim_device *d, struct vs_err *err)
{
	struct forge f = {0};
	vs_status st;

	d->chip = chip;
	st = make_keys(d, &f, err);
	if (st == VS_OK)
		st = make_certs(b, d, &f, err);
	vs_issue_key_free(&f.brom);
	vs_buf_fini(&f.leaf_der);
	vs_buf_fini(&f.brom_der);
	vs_buf_fini(&f.ext);
	return st;
}

static vs_status
make_all(struct vs_sim_board *b, struct vs_err *err)
{
	vs_sim_chip chip = vs_sim_board_chip(b);

	VS_TRY(err, "GPUs", make_authorities(b, err));
	for (size_t i = 0; i < b->opt.gpus; i++)
		VS_TRY(err, "GPU", make_device(b, chip, &b->gpu[i], err));
	for (size_t i = 0; i < b->opt.switches; i++)
		VS_TRY(err, "switch",
		    make_device(b, VS_SIM_LS10, &b->nvswitch[i], err));
	return make_device(b, chip, &b->other, err);
}

vs_status
vs_sim_board_new(const struct vs_sim_board_options *opt,
    struct vs_sim_board **out, struct vs_err *err)
{
	VS_AUTO(vs_sim_board) *b = vs_calloc(1, sizeof(*b));

	if (opt->gpus == 0 || opt->gpus > VS_SIM_GPUS_MAX)
		return vs_fail(err, VS_USAGE, "%u GPUs: 1 to %d", opt->gpus,
		    VS_SIM_GPUS_MAX);
	if (b == NULL)
		return vs_fail(err, VS_NO_MEMORY, "simulated GPUs");
	b->opt = *opt;
	VS_TRY(err, "simulate", make_all(b, err));
	*out = VS_TAKE(b);
	return VS_OK;
}

static void
device_fini(struct vs_sim_device *d)
{
	vs_issue_key_free(&d->key);
	vs_buf_fini(&d->chain);
}

void
vs_sim_board_free(struct vs_sim_board **bp)
{
	struct vs_sim_board *b = *bp;

	if (b == NULL)
		return;
	for (size_t i = 0; i < VS_SIM_NV_AUTHORITIES; i++) {
		vs_issue_key_free(&b->ca[i].key);
		vs_buf_fini(&b->ca[i].der);
	}
	for (size_t i = 0; i < VS_SIM_GPUS_MAX; i++)
		device_fini(&b->gpu[i]);
	for (size_t i = 0; i < VS_SIM_SWITCHES_MAX; i++)
		device_fini(&b->nvswitch[i]);
	device_fini(&b->other);
	free(b);
	*bp = NULL;
}

unsigned
vs_sim_board_gpus(const struct vs_sim_board *b)
{
	return b->opt.gpus;
}

unsigned
vs_sim_board_switches(const struct vs_sim_board *b)
{
	return b->opt.switches;
}
