/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GPUs and switches that a guest shows beside its CPU: every one is
 * verified, and all of them together, or none counts.
 */
#ifndef VS_EVIDENCE_DEVICES_H
#define VS_EVIDENCE_DEVICES_H

#include "base/crew.h"
#include "claims/gpu.h"
#include "evidence/evidence.h"

enum {
	VS_DEVICES_GPUS_MAX = VS_CLAIM_GPUS_MAX,
	VS_DEVICES_SWITCHES_MAX = 8,
	VS_DEVICES_MAX = VS_DEVICES_GPUS_MAX + VS_DEVICES_SWITCHES_MAX,
	VS_DEVICE_REPORT_MAX = 64 * 1024,
	VS_DEVICE_CERTS_MAX = 32 * 1024,
	VS_DEVICE_NONCE_SIZE = 32,
};

/* What the guest's driver says of confidential computing on a GPU. */
typedef enum vs_cc_state {
	VS_CC_UNSAID = 0,
	VS_CC_ON,
	VS_CC_DEVTOOLS,
	VS_CC_OFF,
} vs_cc_state;

/* "on", "devtools", "off"; VS_CC_UNSAID for any other text. */
vs_cc_state vs_cc_state_parse(struct vs_span text);
/* "" for VS_CC_UNSAID. */
const char *vs_cc_state_name(vs_cc_state s);

/* Spans are borrowed. */
struct vs_device_input {
	struct vs_span report; /* SPDM request and response */
	struct vs_span certs;  /* PEM, leaf first */
	vs_cc_state cc_state;  /* of a GPU */
};

struct vs_devices_input {
	const struct vs_device_input *gpus;
	size_t gpus_n;
	const struct vs_device_input *switches;
	size_t switches_n;
};

struct vs_devices_options {
	const struct vs_collateral *collateral; /* required */
	struct vs_evidence_cache *cache;        /* NULL: none */
	struct vs_crew *crew;                   /* NULL: this thread alone */
	struct vs_span nonce;                   /* that all must answer */
	int64_t now;                            /* Unix seconds */
	/* The signer of a reference document was valid once: then a claim
	 * says that it is no more. */
	bool allow_expired_rim;
};

/*
 * Adds a GPU to the claims for each, in their order. err->code is that of
 * evidence/nvgpu/nvgpu.h, or GPU_DUPLICATE (VS_UNTRUSTED) for a device that
 * is there twice; the message names the device. Switches without GPUs are
 * malformed. On failure the claims hold no GPU. Whether devices are there at
 * all, and how many, is for policy to ask.
 */
VS_MUST_USE vs_status vs_devices_appraise(const struct vs_devices_input *in,
    const struct vs_devices_options *opt, struct vs_claims *claims,
    struct vs_err *err);

#endif
