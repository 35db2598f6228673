/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/nvgpu/opaque.h"

#include <stdio.h>
#include <string.h>

/* NVIDIA attestation SDK, gpu_opaque_data_parser: types of fields. */
enum {
	CERT_ISSUER = 1,
	AUTHORITY_KEY_ID = 2,
	DRIVER_VERSION = 3,
	GPU_INFO = 4, /* of older switches: their GPUs */
	SKU = 5,
	VBIOS_VERSION = 6,
	MANUFACTURER = 7,
	TAMPER = 8,
	SMC = 9,
	VPR = 10,
	NVDEC0_STATUS = 11,
	MSR_COUNTS = 12,
	CPR_INFO = 13,
	BOARD_ID = 14,
	CHIP_SKU = 15,
	CHIP_SKU_MOD = 16,
	PROJECT = 17,
	PROJECT_SKU = 18,
	PROJECT_SKU_MOD = 19,
	FWID = 20,
	PROTECTED_PCIE = 21,
	SWITCH_PDI = 22, /* of a switch: its own */
	DISABLED_PORTS = 23,
	POSITION_ID = 24,
	LOCK_STATUS = 25,
	SWITCH_GPU_PDIS = 26,
	SWITCH_PORTS = 27,
	LINK_CONNECTIONS = 32,
	SYSTEM_ENABLE = 33,
	OPAQUE_VERSION = 34,
	CHIP_INFO = 35,
	FEATURE_FLAG = 36,

	OPAQUE_VERSION_MAX = 1,
	STATUS_ON = 0xaa,
	STATUS_OFF = 0x55,
};

#define BIT(n) (UINT64_C(1) << (n))

static const uint64_t gpu_types = BIT(CERT_ISSUER) | BIT(AUTHORITY_KEY_ID) |
    BIT(DRIVER_VERSION) | BIT(GPU_INFO) | BIT(SKU) | BIT(VBIOS_VERSION) |
    BIT(MANUFACTURER) | BIT(TAMPER) | BIT(SMC) | BIT(VPR) | BIT(NVDEC0_STATUS) |
    BIT(MSR_COUNTS) | BIT(CPR_INFO) | BIT(BOARD_ID) | BIT(CHIP_SKU) |
    BIT(CHIP_SKU_MOD) | BIT(PROJECT) | BIT(PROJECT_SKU) | BIT(PROJECT_SKU_MOD) |
    BIT(FWID) | BIT(PROTECTED_PCIE) | BIT(SWITCH_PDI) | BIT(LINK_CONNECTIONS) |
    BIT(SYSTEM_ENABLE) | BIT(OPAQUE_VERSION) | BIT(CHIP_INFO) |
    BIT(FEATURE_FLAG);
static const uint64_t switch_types = BIT(CERT_ISSUER) | BIT(AUTHORITY_KEY_ID) |
    BIT(GPU_INFO) | BIT(VBIOS_VERSION) | BIT(MSR_COUNTS) | BIT(FWID) |
    BIT(SWITCH_PDI) | BIT(DISABLED_PORTS) | BIT(POSITION_ID) |
    BIT(LOCK_STATUS) | BIT(SWITCH_GPU_PDIS) | BIT(SWITCH_PORTS) |
    BIT(OPAQUE_VERSION);

static vs_status
read_field(struct vs_rd *in, struct vs_nv_fields *f, struct vs_err *err)
{
	struct vs_span value;
	uint16_t type, size;

	VS_TRY(err, "type", vs_rd_u16le(in, &type));
	VS_TRY(err, "size", vs_rd_u16le(in, &size));
	VS_TRY(err, "value", vs_rd_bytes(in, size, &value));
	if (type > VS_NV_FIELD_MAX ||
	    ((gpu_types | switch_types) & BIT(type)) == 0)
		return vs_fail(
		    err, VS_UNSUPPORTED, "field of unknown type %u", type);
	if (f->v[type].p != NULL)
		return vs_fail(err, VS_DUPLICATE, "field %u twice", type);
	f->v[type] = value;
	return VS_OK;
}

vs_status
vs_nv_fields_parse(
    struct vs_span bytes, struct vs_nv_fields *out, struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(bytes);
	struct vs_nv_fields f = {0};

	vs_err_clear(err);
	while (in.n > 0)
		VS_TRY_CODE(
		    err, "GPU_PARSE", "opaque data", read_field(&in, &f, err));
	*out = f;
	return VS_OK;
}

static bool
has(const struct vs_nv_fields *f, unsigned type)
{
	return f->v[type].p != NULL;
}

static vs_status
sized(const struct vs_nv_fields *f, unsigned type, size_t n, struct vs_err *err)
{
	if (has(f, type) && f->v[type].n != n)
		return vs_fail(err, VS_RANGE, "field %u: %zu bytes, want %zu",
		    type, f->v[type].n, n);
	return VS_OK;
}

/* Goes into the id of a document, which names files: nothing but letters,
 * digits and dots. Padded with NUL, in upper case. */
static vs_status
read_text(const struct vs_nv_fields *f, unsigned type, size_t max, char *out,
    struct vs_err *err)
{
	struct vs_span s = f->v[type];

	out[0] = '\0';
	while (s.n > 0 && s.p[s.n - 1] == '\0')
		s.n--;
	if (s.n > max)
		return vs_fail(err, VS_RANGE, "field %u: too long", type);
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];
		bool lower = c >= 'a' && c <= 'z';

		if (!lower && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '.')
			return vs_fail(err, VS_RANGE,
			    "field %u: a character that no name has", type);
		out[i] = (char)(lower ? c - 'a' + 'A' : c);
	}
	out[s.n] = '\0';
	return VS_OK;
}

/* Five octets in an order of their own; the rest is zero. */
static vs_status
gpu_vbios(struct vs_span v, char out[VS_NV_VERSION_MAX + 1], struct vs_err *err)
{
	if (v.n != 8 || !vs_span_zero(vs_span_slice(v, 5, 3)))
		return vs_fail(err, VS_RANGE, "VBIOS version");
	(void)snprintf(out, VS_NV_VERSION_MAX + 1, "%02X.%02X.%02X.%02X.%02X",
	    v.p[3], v.p[2], v.p[1], v.p[0], v.p[4]);
	return VS_OK;
}

static vs_status
read_status(const struct vs_nv_fields *f, unsigned type, bool *there, bool *on,
    struct vs_err *err)
{
	*there = has(f, type);
	*on = false;
	if (!*there)
		return VS_OK;
	VS_TRY(err, "status", sized(f, type, 1, err));
	*on = f->v[type].p[0] == STATUS_ON;
	if (!*on && f->v[type].p[0] != STATUS_OFF)
		return vs_fail(
		    err, VS_RANGE, "field %u is 0x%02x", type, f->v[type].p[0]);
	return VS_OK;
}

static vs_status
read_u16(const struct vs_nv_fields *f, unsigned type, uint16_t max,
    uint16_t *out, struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(f->v[type]);

	VS_TRY(err, "number", vs_rd_u16le(&in, out));
	VS_TRY(err, "number", vs_rd_end(&in));
	if (*out > max)
		return vs_fail(
		    err, VS_UNSUPPORTED, "field %u is %u", type, *out);
	return VS_OK;
}

static vs_status
read_mode(
    const struct vs_nv_fields *f, struct vs_nv_opaque *o, struct vs_err *err)
{
	static const vs_nv_mode modes[] = {
	    VS_NV_MODE_SPT, VS_NV_MODE_MPT, VS_NV_MODE_PPCIE};
	uint16_t flag, version;
	bool there, on;

	if (has(f, OPAQUE_VERSION))
		VS_TRY(err, "version of the opaque data",
		    read_u16(
			f, OPAQUE_VERSION, OPAQUE_VERSION_MAX, &version, err));
	VS_TRY(err, "protected PCIe",
	    read_status(f, PROTECTED_PCIE, &there, &on, err));
	o->protected_pcie = on;
	if (on)
		o->mode = VS_NV_MODE_PPCIE;
	if (!has(f, FEATURE_FLAG))
		return VS_OK;
	VS_TRY(err, "feature flag",
	    read_u16(f, FEATURE_FLAG, VS_COUNT(modes) - 1, &flag, err));
	if (there && on != (modes[flag] == VS_NV_MODE_PPCIE))
		return vs_fail(err, VS_RANGE,
		    "feature flag %u contradicts the protected PCIe status",
		    flag);
	o->mode = modes[flag];
	return VS_OK;
}

/* One 8-byte identity a link; GPUs write those of switches backwards. */
static vs_status
read_links(
    const struct vs_nv_fields *f, struct vs_nv_opaque *o, struct vs_err *err)
{
	if (!has(f, SWITCH_PDI))
		return VS_OK;
	VS_TRY(err, "switches",
	    sized(f, SWITCH_PDI, VS_NV_LINKS * VS_NV_PDI_SIZE, err));
	o->peers_n = VS_NV_LINKS;
	for (size_t i = 0; i < VS_NV_LINKS; i++)
		for (size_t k = 0; k < VS_NV_PDI_SIZE; k++)
			o->peers[i].v[k] =
			    f->v[SWITCH_PDI]
				.p[(i + 1) * VS_NV_PDI_SIZE - 1 - k];
	return VS_OK;
}

static vs_status
read_gpu(
    const struct vs_nv_fields *f, struct vs_nv_opaque *o, struct vs_err *err)
{
	bool there, on;

	if (!has(f, DRIVER_VERSION) || !has(f, VBIOS_VERSION))
		return vs_fail(
		    err, VS_MALFORMED, "no version of driver or VBIOS");
	VS_TRY(err, "driver version",
	    read_text(f, DRIVER_VERSION, VS_NV_TEXT_MAX, o->driver, err));
	if (o->driver[0] == '\0')
		return vs_fail(err, VS_RANGE, "empty driver version");
	VS_TRY(err, "VBIOS", gpu_vbios(f->v[VBIOS_VERSION], o->vbios, err));
	VS_TRY(err, "project",
	    read_text(f, PROJECT, VS_NV_TEXT_MAX, o->project, err));
	VS_TRY(err, "project SKU",
	    read_text(f, PROJECT_SKU, VS_NV_TEXT_MAX, o->project_sku, err));
	VS_TRY(err, "chip SKU",
	    read_text(f, CHIP_SKU, VS_NV_TEXT_MAX, o->chip_sku, err));
	VS_TRY(
	    err, "chip", read_text(f, CHIP_INFO, VS_NV_TEXT_MAX, o->chip, err));
	VS_TRY(err, "NVDEC0", read_status(f, NVDEC0_STATUS, &there, &on, err));
	if (there)
		o->nvdec = on ? VS_NV_NVDEC_ON : VS_NV_NVDEC_OFF;
	VS_TRY(err, "mode", read_mode(f, o, err));
	return read_links(f, o, err);
}

/* The GPUs of the board, then the ports that they are at. */
static vs_status
read_board(
    const struct vs_nv_fields *f, struct vs_nv_opaque *o, struct vs_err *err)
{
	enum { LIST_SIZE = 128 };
	unsigned type = has(f, SWITCH_GPU_PDIS) ? SWITCH_GPU_PDIS : GPU_INFO;

	if (!has(f, type))
		return VS_OK;
	VS_TRY(err, "GPUs", sized(f, type, LIST_SIZE, err));
	o->peers_n = VS_NV_BOARD_GPUS;
	for (size_t i = 0; i < VS_NV_BOARD_GPUS; i++)
		memcpy(o->peers[i].v, f->v[type].p + i * VS_NV_PDI_SIZE,
		    VS_NV_PDI_SIZE);
	return VS_OK;
}

static vs_status
read_switch(
    const struct vs_nv_fields *f, struct vs_nv_opaque *o, struct vs_err *err)
{
	enum { VERSION_SIZE = 14 };
	uint16_t version;

	if (!has(f, VBIOS_VERSION))
		return vs_fail(err, VS_MALFORMED, "no version of the BIOS");
	VS_TRY(err, "BIOS", sized(f, VBIOS_VERSION, VERSION_SIZE, err));
	VS_TRY(err, "BIOS",
	    read_text(f, VBIOS_VERSION, VERSION_SIZE, o->vbios, err));
	if (strlen(o->vbios) != VERSION_SIZE)
		return vs_fail(err, VS_RANGE, "BIOS version");
	if (has(f, OPAQUE_VERSION))
		VS_TRY(err, "version of the opaque data",
		    read_u16(
			f, OPAQUE_VERSION, OPAQUE_VERSION_MAX, &version, err));
	if (has(f, SWITCH_PDI)) {
		VS_TRY(
		    err, "own PDI", sized(f, SWITCH_PDI, VS_NV_PDI_SIZE, err));
		o->has_pdi = true;
		memcpy(o->pdi.v, f->v[SWITCH_PDI].p, VS_NV_PDI_SIZE);
	}
	return read_board(f, o, err);
}

static vs_status
check_types(const struct vs_nv_fields *f, uint64_t known, struct vs_err *err)
{
	for (unsigned i = 0; i <= VS_NV_FIELD_MAX; i++)
		if (has(f, i) && (known & BIT(i)) == 0)
			return vs_fail(err, VS_UNSUPPORTED,
			    "field %u is not one of this kind of device", i);
	return VS_OK;
}

static vs_status
read_all(const struct vs_nv_fields *f, bool is_switch, struct vs_nv_opaque *o,
    struct vs_err *err)
{
	VS_TRY(err, "opaque data",
	    check_types(f, is_switch ? switch_types : gpu_types, err));
	VS_TRY(err, "opaque data", sized(f, FWID, VS_NV_FWID_SIZE, err));
	o->fwid = f->v[FWID];
	VS_TRY(err, "opaque data",
	    is_switch ? read_switch(f, o, err) : read_gpu(f, o, err));
	return VS_OK;
}

vs_status
vs_nv_opaque_read(const struct vs_nv_fields *f, vs_nv_arch arch,
    struct vs_nv_opaque *out, struct vs_err *err)
{
	struct vs_nv_opaque o = {0};

	vs_err_clear(err);
	VS_TRY_CODE(err, "GPU_PARSE", "report",
	    read_all(f, vs_nv_arch_is_switch(arch), &o, err));
	*out = o;
	return VS_OK;
}

const char *
vs_nv_mode_name(vs_nv_mode m)
{
	switch (m) {
	case VS_NV_MODE_SPT:
		return "spt";
	case VS_NV_MODE_MPT:
		return "mpt";
	case VS_NV_MODE_PPCIE:
		return "ppcie";
	case VS_NV_MODE_UNKNOWN:
		break;
	}
	return "";
}
