/* SPDX-License-Identifier: Apache-2.0 */
/* The report of a simulated device: an SPDM 1.1 exchange (DMTF DSP0274
 * 10.11) with NVIDIA's opaque data. */
#include <string.h>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "crypto/rand.h"
#include "simulate/gpu_board.h"

enum {
	DIGEST = 48,
	BLOCK = 55,
	RESPONSE_AT = 37,
	LINKS = 18,
	BOARD_GPUS = 8,
	BOARD_SIZE = 128, /* 8 GPUs, then 64 ports */
	NVDEC_INDEX = 35, /* not comparable while the decoder is off */
	STATUS_ON = 0xaa,
	STATUS_OFF = 0x55,
};

vs_status
vs_sim_measured(
    vs_sim_chip c, const char *vbios, unsigned index, uint8_t out[48])
{
	const struct vs_sim_chip_info *info = vs_sim_chip_info(c);
	uint64_t bit = UINT64_C(1) << index;
	uint8_t at = (uint8_t)index;
	const char *version =
	    (info->driver_set & bit) != 0 ? info->driver : vbios;
	const struct vs_span parts[] = {VS_SPAN_LIT("simulated measurement "),
	    vs_span_cstr(info->product), vs_span_cstr(version),
	    VS_SPAN(&at, 1)};

	if (((info->driver_set | info->vbios_set) & bit) == 0) {
		memset(out, 0, DIGEST);
		return VS_OK;
	}
	return vs_digest(VS_HASH_SHA384, parts, VS_COUNT(parts), out);
}

static void
tlv(struct vs_buf *b, unsigned type, struct vs_span v)
{
	uint8_t head[4] = {(uint8_t)type, 0, (uint8_t)v.n, (uint8_t)(v.n >> 8)};

	vs_buf_add(b, VS_SPAN_OF(head));
	vs_buf_add(b, v);
}

/* With its NUL. */
static void
text(struct vs_buf *b, unsigned type, const char *s)
{
	tlv(b, type, VS_SPAN(s, strlen(s) + 1));
}

static void
number(struct vs_buf *b, unsigned type, unsigned v)
{
	uint8_t le[2] = {(uint8_t)v, (uint8_t)(v >> 8)};

	tlv(b, type, VS_SPAN_OF(le));
}

/* "96.00.A5.00.01" in the order of a GPU's report. */
static vs_status
put_vbios(struct vs_buf *b, const char *version)
{
	static const unsigned order[] = {3, 2, 1, 0, 4};
	uint8_t v[8] = {0};

	for (size_t i = 0; i < VS_COUNT(order); i++) {
		vs_status st =
		    vs_unhex(VS_SPAN(version + 3 * i, 2), &v[order[i]], 1);

		if (st != VS_OK)
			return st;
	}
	tlv(b, 6, VS_SPAN_OF(v));
	return VS_OK;
}

/* The switch at each link, its identity backwards; a GPU of another machine
 * has other switches. */
static void
put_links(const struct vs_sim_report_spec *s, struct vs_buf *b)
{
	uint8_t links[LINKS * VS_SIM_PDI];
	unsigned n = s->board->opt.switches;

	for (size_t i = 0; i < LINKS; i++)
		for (size_t k = 0; k < VS_SIM_PDI; k++)
			links[(i + 1) * VS_SIM_PDI - 1 - k] =
			    (uint8_t)(s->device == &s->board->other
				    ? 0x50 + i % n
				    : s->board->nvswitch[i % n].pdi[k]);
	tlv(b, 22, VS_SPAN_OF(links));
}

static void
put_mode(const struct vs_sim_report_spec *s, struct vs_buf *b)
{
	enum { SPT, MPT, PPCIE };
	bool hopper = s->device->chip == VS_SIM_GH100;
	bool fabric = s->board->opt.switches > 0;
	unsigned mode = fabric ? PPCIE : s->board->opt.gpus > 1 ? MPT : SPT;
	uint8_t status;

	if ((s->flaws & VS_SIM_GPU_SPT) != 0)
		mode = SPT;
	status = mode == PPCIE ? STATUS_ON : STATUS_OFF;
	if (hopper)
		tlv(b, 21, VS_SPAN(&status, 1));
	if (fabric)
		put_links(s, b);
	number(b, 34, 1);
	if (!hopper)
		text(b, 35, "GB100");
	number(b, 36, mode);
}

static const char *
vbios_of(const struct vs_sim_report_spec *s)
{
	const struct vs_sim_chip_info *c = vs_sim_chip_info(s->device->chip);

	return (s->flaws & VS_SIM_GPU_OLD_VBIOS) != 0 ? c->old_vbios : c->vbios;
}

static vs_status
put_gpu(const struct vs_sim_report_spec *s, struct vs_buf *b)
{
	const struct vs_sim_chip_info *c = vs_sim_chip_info(s->device->chip);
	uint8_t fwid[VS_SIM_FWID], off = STATUS_OFF;
	vs_status st = vs_sim_fwid(s->device->chip, fwid);

	if ((s->flaws & VS_SIM_GPU_FWID) != 0)
		fwid[0] ^= 1;
	if (st == VS_OK)
		st = put_vbios(b, vbios_of(s));
	text(b, 15, c->chip_sku);
	text(b, 17, c->project);
	text(b, 18, c->project_sku);
	text(b, 3, c->driver);
	tlv(b, 11, VS_SPAN(&off, 1));
	tlv(b, 20, VS_SPAN_OF(fwid));
	put_mode(s, b);
	return st;
}

/* Itself, and the GPUs of its board. */
static void
put_switch(const struct vs_sim_report_spec *s, struct vs_buf *b)
{
	const struct vs_sim_chip_info *c = vs_sim_chip_info(s->device->chip);
	uint8_t board[BOARD_SIZE];

	memset(board, 0xff, sizeof(board));
	memset(board, 0, BOARD_GPUS * VS_SIM_PDI);
	for (size_t i = 0; i < s->board->opt.gpus && i < BOARD_GPUS; i++)
		memcpy(
		    board + i * VS_SIM_PDI, s->board->gpu[i].pdi, VS_SIM_PDI);
	tlv(b, 6, vs_span_cstr(c->vbios));
	tlv(b, 22, VS_SPAN_OF(s->device->pdi));
	tlv(b, 26, VS_SPAN_OF(board));
	number(b, 23, 0);
	number(b, 24, 0);
	number(b, 25, 1); /* locked */
}

static vs_status
put_blocks(const struct vs_sim_report_spec *s, struct vs_buf *b)
{
	const struct vs_sim_chip_info *c = vs_sim_chip_info(s->device->chip);
	vs_status st = VS_OK;

	for (unsigned i = 0; st == VS_OK && i < c->blocks; i++) {
		uint8_t block[BLOCK] = {
		    (uint8_t)(i + 1), 1, DIGEST + 3, 0, 1, DIGEST, 0};

		st =
		    vs_sim_measured(s->device->chip, vbios_of(s), i, block + 7);
		if (i == NVDEC_INDEX)
			memset(block + 7, 0, DIGEST);
		/* One of the driver's, one of the VBIOS's. */
		if ((s->flaws & VS_SIM_GPU_MISMATCH) != 0 &&
		    (i == 24 || i == 9))
			block[7] ^= 1;
		vs_buf_add(b, VS_SPAN_OF(block));
	}
	return st;
}

static vs_status
put_signature(
    const struct vs_sim_report_spec *s, struct vs_buf *out, struct vs_err *err)
{
	uint8_t sig[2 * DIGEST];

	VS_TRY(err, "report", vs_buf_status(out));
	VS_TRY(err, "report",
	    vs_issue_sign_p384(
		s->device->key, vs_buf_span(out), sig, sig + DIGEST, err));
	if ((s->flaws & VS_SIM_GPU_BAD_SIG) != 0)
		sig[sizeof(sig) - 1] ^= 1;
	vs_buf_add(out, VS_SPAN_OF(sig));
	return vs_buf_status(out);
}

static vs_status
put_opaque(const struct vs_sim_report_spec *s, struct vs_buf *out)
{
	struct vs_buf opaque = {0};
	vs_status st = VS_OK;
	uint8_t size[2];

	if (s->device->chip == VS_SIM_LS10)
		put_switch(s, &opaque);
	else
		st = put_gpu(s, &opaque);
	size[0] = (uint8_t)opaque.n;
	size[1] = (uint8_t)(opaque.n >> 8);
	vs_buf_add(out, VS_SPAN_OF(size));
	vs_buf_add(out, vs_buf_span(&opaque));
	vs_buf_fini(&opaque);
	return st;
}

vs_status
vs_sim_gpu_report(
    const struct vs_sim_report_spec *s, struct vs_buf *out, struct vs_err *err)
{
	unsigned blocks = vs_sim_chip_info(s->device->chip)->blocks;
	unsigned record = blocks * BLOCK;
	/* GET_MEASUREMENTS of all, signed; then MEASUREMENTS. */
	uint8_t head[45] = {0x11, 0xe0, 0x01, 0xff, [RESPONSE_AT] = 0x11, 0x60,
	    0, 0, (uint8_t)blocks, (uint8_t)record, (uint8_t)(record >> 8)};
	uint8_t responder[32];

	memcpy(head + 4, s->nonce, sizeof(s->nonce));
	if ((s->flaws & VS_SIM_GPU_STALE) != 0)
		head[4] ^= 1;
	VS_TRY(err, "report", vs_rand_public(responder, sizeof(responder)));
	vs_buf_add(out, VS_SPAN_OF(head));
	VS_TRY(err, "report", put_blocks(s, out));
	vs_buf_add(out, VS_SPAN_OF(responder));
	VS_TRY(err, "report", put_opaque(s, out));
	return put_signature(s, out, err);
}
