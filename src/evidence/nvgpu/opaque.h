/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The opaque data of a report: NVIDIA's own fields, as type, size and value.
 * Read in two steps: the fields one by one, which needs nothing, and what
 * they mean, which depends on the kind of device.
 */
#ifndef VS_EVIDENCE_NVGPU_OPAQUE_H
#define VS_EVIDENCE_NVGPU_OPAQUE_H

#include "evidence/nvgpu/arch.h"

enum {
	VS_NV_FIELD_MAX = 36,
	VS_NV_TEXT_MAX = 16, /* parts of a RIM id: A-Z a-z 0-9 . */
	VS_NV_VERSION_MAX = 32,
	VS_NV_FWID_SIZE = 48,
	VS_NV_PDI_SIZE = 8,
	VS_NV_LINKS = 18,     /* of a GPU */
	VS_NV_BOARD_GPUS = 8, /* of a board, as its switches list them */
};

/* By type; p is NULL where there is no such field. Borrowed. */
struct vs_nv_fields {
	struct vs_span v[VS_NV_FIELD_MAX + 1];
};

typedef enum vs_nv_mode {
	VS_NV_MODE_UNKNOWN = 0, /* older firmware does not say */
	VS_NV_MODE_SPT,         /* one GPU passed through */
	VS_NV_MODE_MPT,         /* several */
	VS_NV_MODE_PPCIE,       /* several, with NVLink unencrypted */
} vs_nv_mode;

typedef enum vs_nv_nvdec {
	VS_NV_NVDEC_ABSENT = 0,
	VS_NV_NVDEC_ON,
	VS_NV_NVDEC_OFF,
} vs_nv_nvdec;

struct vs_nv_pdi {
	uint8_t v[VS_NV_PDI_SIZE];
};

struct vs_nv_opaque {
	char driver[VS_NV_VERSION_MAX + 1]; /* "" of a switch */
	char vbios[VS_NV_VERSION_MAX + 1];
	char project[VS_NV_TEXT_MAX + 1]; /* upper case; "" when absent */
	char project_sku[VS_NV_TEXT_MAX + 1];
	char chip_sku[VS_NV_TEXT_MAX + 1];
	char chip[VS_NV_TEXT_MAX + 1];
	struct vs_span fwid; /* empty when absent */
	vs_nv_nvdec nvdec;
	vs_nv_mode mode;
	bool protected_pcie;
	/* In the form in which certificates have them. A GPU: the switch at
	 * each link, zero where none; a switch: the GPUs of its board. */
	struct vs_nv_pdi peers[VS_NV_LINKS];
	size_t peers_n;
	bool has_pdi; /* a switch names itself */
	struct vs_nv_pdi pdi;
};

/* Each type known to any kind of device, none twice, all of it read. */
VS_MUST_USE vs_status vs_nv_fields_parse(
    struct vs_span bytes, struct vs_nv_fields *out, struct vs_err *err);
/* What this kind must say is there, and nothing that it does not say. */
VS_MUST_USE vs_status vs_nv_opaque_read(const struct vs_nv_fields *f,
    vs_nv_arch arch, struct vs_nv_opaque *out, struct vs_err *err);

const char *vs_nv_mode_name(vs_nv_mode m);

#endif
