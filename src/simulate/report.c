/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attestation report as the firmware writes it (AMD 56860, ATTESTATION
 * REPORT structure), by offset and not through any parser of ours.
 */
#include <string.h>

#include "base/random.h"
#include "simulate/pki.h"

enum {
	OFF_VERSION = 0x000,
	OFF_POLICY = 0x008,
	OFF_VMPL = 0x030,
	OFF_SIGNATURE_ALGO = 0x034,
	OFF_CURRENT_TCB = 0x038,
	OFF_PLATFORM_INFO = 0x040,
	OFF_KEY_INFO = 0x048,
	OFF_REPORT_DATA = 0x050,
	OFF_MEASUREMENT = 0x090,
	OFF_HOST_DATA = 0x0c0,
	OFF_REPORT_ID = 0x140,
	OFF_REPORT_ID_MA = 0x160,
	OFF_REPORTED_TCB = 0x180,
	OFF_CPUID = 0x188,
	OFF_CHIP_ID = 0x1a0,
	OFF_COMMITTED_TCB = 0x1e0,
	OFF_CURRENT_BUILD = 0x1e8,
	OFF_COMMITTED_BUILD = 0x1ec,
	OFF_LAUNCH_TCB = 0x1f0,
	OFF_LAUNCH_MIT = 0x1f8,
	OFF_CURRENT_MIT = 0x200,
	OFF_R = 0x2a0,
	OFF_S = 0x2e8,
	SIGNED_SIZE = 0x2a0,
	SIGNATURE_SIZE = 512,

	SIGNATURE_ALGO_P384 = 1,
	SIGNING_KEY_VLEK = 1 << 2,
	PLATFORM_SMT_ECC = 0x05,
	PLATFORM_ALIAS_CHECK = 0x20,
	MIT_VECTOR = 0x0b,
};

static void
put_u32(uint8_t *at, uint32_t v)
{
	for (size_t i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

static void
put_u64(uint8_t *at, uint64_t v)
{
	put_u32(at, (uint32_t)v);
	put_u32(at + 4, (uint32_t)(v >> 32));
}

static void
put_guest(uint8_t *r, const struct vs_sim_guest *g, const uint8_t report_id[32])
{
	put_u64(r + OFF_POLICY, g->policy == 0 ? 0x30000 : g->policy);
	put_u32(r + OFF_VMPL, g->vmpl);
	memcpy(r + OFF_REPORT_DATA, g->report_data, 64);
	if (vs_span_zero(VS_SPAN(g->measurement, 48)))
		memset(r + OFF_MEASUREMENT, 0x11, 48);
	else
		memcpy(r + OFF_MEASUREMENT, g->measurement, 48);
	memcpy(r + OFF_HOST_DATA, g->host_data, 32);
	memcpy(r + OFF_REPORT_ID, report_id, 32);
	memset(r + OFF_REPORT_ID_MA, 0xff, 32); /* no migration agent */
}

static void
put_platform(
    const struct vs_sim_pki *p, uint32_t version, bool vlek, uint8_t *r)
{
	/* build, minor, major */
	static const uint8_t firmware[3] = {0x1d, 0x37, 0x01};
	const struct vs_sim_product_info *info =
	    vs_sim_product_info(p->product);
	uint8_t tcb[8];

	vs_sim_tcb_write(info, &p->tcb, tcb);
	memcpy(r + OFF_CURRENT_TCB, tcb, 8);
	memcpy(r + OFF_REPORTED_TCB, tcb, 8);
	memcpy(r + OFF_COMMITTED_TCB, tcb, 8);
	memcpy(r + OFF_LAUNCH_TCB, tcb, 8);
	memcpy(r + OFF_CURRENT_BUILD, firmware, 3);
	memcpy(r + OFF_COMMITTED_BUILD, firmware, 3);
	put_u32(r + OFF_KEY_INFO, vlek ? SIGNING_KEY_VLEK : 0);
	put_u64(r + OFF_PLATFORM_INFO, PLATFORM_SMT_ECC);
	/* Clouds that load a VLEK do not show the chip. */
	if (!vlek)
		memcpy(r + OFF_CHIP_ID, p->chip_id, info->chip_id_size);
	if (version >= 3) {
		r[OFF_CPUID] = info->family;
		r[OFF_CPUID + 1] = info->model;
		r[OFF_CPUID + 2] = info->stepping;
		r[OFF_PLATFORM_INFO] |= PLATFORM_ALIAS_CHECK;
	}
	if (version >= 5 && !info->turin_tcb) {
		put_u64(r + OFF_LAUNCH_MIT, MIT_VECTOR);
		put_u64(r + OFF_CURRENT_MIT, MIT_VECTOR);
	}
}

static void
put_reversed(uint8_t *at, const uint8_t be[48])
{
	for (size_t i = 0; i < 48; i++)
		at[i] = be[47 - i];
}

vs_status
vs_sim_resign(const struct vs_sim_pki *p, bool vlek,
    uint8_t report[VS_SIM_REPORT_SIZE], struct vs_err *err)
{
	uint8_t r[48], s[48];

	VS_TRY(err, "simulate: report",
	    vs_issue_sign_p384(vlek ? p->vlek_key : p->vcek_key,
		VS_SPAN(report, SIGNED_SIZE), r, s, err));
	/* Little-endian, 72 bytes each, the upper 24 zero. */
	memset(report + OFF_R, 0, SIGNATURE_SIZE);
	put_reversed(report + OFF_R, r);
	put_reversed(report + OFF_S, s);
	return VS_OK;
}

vs_status
vs_sim_report(const struct vs_sim_pki *p, const struct vs_sim_guest *g,
    uint8_t report[VS_SIM_REPORT_SIZE], struct vs_err *err)
{
	uint32_t version = g->version;
	uint8_t r[VS_SIM_REPORT_SIZE] = {0}, report_id[32];

	if (version == 0)
		version = vs_sim_product_info(p->product)->version;
	VS_TRY(err, "simulate: report id",
	    vs_random(report_id, sizeof(report_id)));
	put_u32(r + OFF_VERSION, version);
	put_u32(r + OFF_SIGNATURE_ALGO, SIGNATURE_ALGO_P384);
	put_guest(r, g, report_id);
	put_platform(p, version, g->vlek, r);
	VS_TRY(err, "simulate", vs_sim_resign(p, g->vlek, r, err));
	memcpy(report, r, sizeof(r));
	return VS_OK;
}
