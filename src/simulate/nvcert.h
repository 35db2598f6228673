/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of the shape of NVIDIA's device and reference-value PKIs:
 * ECDSA with SHA-384 on P-384 throughout. */
#ifndef VS_SIMULATE_NVCERT_H
#define VS_SIMULATE_NVCERT_H

#include "base/buf.h"
#include "crypto/issue.h"

/* A distinguished name; serial, in hex, is that of a device's own. */
struct vs_sim_nvname {
	const char *cn;
	struct vs_span serial; /* empty: none */
};

struct vs_sim_nvcert {
	struct vs_sim_nvname subject, issuer;
	struct vs_span serial;         /* octets, the first below 0x80 */
	int64_t not_before, not_after; /* Unix seconds */
	bool ca;
	const char *crl_url;               /* NULL: none */
	const struct vs_issue_key *key;    /* whose public part it certifies */
	const struct vs_issue_key *signer; /* P-384 */
	struct vs_span extensions;         /* more of them, one by one */
};
/* Appends the certificate. */
VS_MUST_USE vs_status vs_sim_nvcert_build(
    const struct vs_sim_nvcert *c, struct vs_buf *der, struct vs_err *err);

/*
 * What a leaf says of its firmware: Hopper and its switches name the device
 * key, too (the composite device id); Blackwell as TCG DICE has it
 * (DiceTcbInfo). Extension elements, appended.
 */
VS_MUST_USE vs_status vs_sim_nv_composite(const struct vs_issue_key *device,
    const uint8_t fwid[48], struct vs_buf *out, struct vs_err *err);
void vs_sim_nv_tcb_info(
    const char *model, const uint8_t fwid[48], struct vs_buf *out);
/* DMTF device info, as SPDM wants it in a leaf: "NVIDIA:GH100:...". */
void vs_sim_nv_device_info(
    const char *chip, struct vs_span id, struct vs_buf *out);

#endif
