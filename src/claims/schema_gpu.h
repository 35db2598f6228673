/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The claims of one GPU: one row per field, as in claims/schema.h, with
 * names that are relative to the GPU. Policies read them as `gpus`, a list
 * of records that is empty when no GPU was attested.
 */
#ifndef VS_CLAIMS_SCHEMA_GPU_H
#define VS_CLAIMS_SCHEMA_GPU_H

#include "claims/schema.h"

/* An HGX board has 8; twice that in one guest. */
enum { VS_CLAIM_GPUS_MAX = 16 };

/* clang-format off */
#define VS_CLAIM_TABLE_GPU(X)						\
	VS_CLAIM_TABLE_GPU_DEVICE(X)					\
	VS_CLAIM_TABLE_GPU_VERDICT(X)

/* What the signed report and the certificates say. */
#define VS_CLAIM_TABLE_GPU_DEVICE(X)					\
	X(ARCH, "arch", STRING, 16, 0,					\
	    "architecture of the certificate: hopper, blackwell")	\
	X(MODEL, "model", STRING, 64, 0,				\
	    "chip as its certificate names it: GH100 A01 GSP BROM")	\
	X(ID, "id", STRING, 64, VS_CLAIM_SENS,				\
	    "serial number of the device's own certificate, hex: the "	\
	    "same under any firmware; no two of a request share it")	\
	X(LEAF_SPKI, "leaf_spki", STRING, 64, VS_CLAIM_SENS,		\
	    "SHA-256 of the signing key (SubjectPublicKeyInfo)")	\
	X(PDI, "pdi", STRING, 16, VS_CLAIM_OPT | VS_CLAIM_SENS,		\
	    "identity of the device in its fabric, hex")		\
	X(FWID, "fwid", STRING, 96, VS_CLAIM_OPT,			\
	    "digest of the firmware that the certificate names")	\
	X(FWID_REPORTED, "fwid_reported", BOOL, 0, 0,			\
	    "the report names the firmware, too, and it is the same")	\
	X(DRIVER_VERSION, "driver_version", STRING, 32, 0,		\
	    "driver, dotted decimal: compare with vercmp()")		\
	X(VBIOS_VERSION, "vbios_version", STRING, 32, 0,		\
	    "VBIOS, dotted hex: compare with vercmpHex()")		\
	X(BOARD, "board", STRING, 64, VS_CLAIM_OPT,			\
	    "project, project SKU and chip SKU: 1010_0200_882")		\
	X(CC_MODE, "cc_mode", STRING, 8, VS_CLAIM_OPT,			\
	    "confidential computing as the report has it: spt (one "	\
	    "GPU), mpt (several), ppcie (several, NVLink in the clear)")\
	X(CC_STATE, "cc_state", STRING, 8, VS_CLAIM_OPT,		\
	    "on, devtools or off, as the measured guest's driver says: "\
	    "no signed field tells on from devtools")			\
	X(NVDEC0, "nvdec0", BOOL, 0, VS_CLAIM_OPT,			\
	    "the first video decoder is on; confidential mode turns it off")

/* What came out of verifying it. */
#define VS_CLAIM_TABLE_GPU_VERDICT(X)					\
	X(BOUND, "bound", BOOL, 0, 0,					\
	    "the report answers this request's nonce; always true at "	\
	    "release")							\
	X(SIMULATED, "simulated", BOOL, 0, 0,				\
	    "the root is not NVIDIA's but one that the operator named")	\
	X(MEASUREMENTS, "measurements", STRING, 16, 0,			\
	    "against the reference values: match, mismatch, or absent "	\
	    "when a document is missing")				\
	X(MISMATCHES, "mismatches", STRINGS, 32, 0,			\
	    "measurements that differ, as driver:24 and vbios:9")	\
	X(DRIVER_RIM, "driver_rim", STRING, 64, VS_CLAIM_OPT,		\
	    "SHA-256 of the driver's reference document that matches")	\
	X(VBIOS_RIM, "vbios_rim", STRING, 64, VS_CLAIM_OPT,		\
	    "SHA-256 of the VBIOS reference document that matches")	\
	X(RIM_EXPIRED, "rim_expired", BOOL, 0, VS_CLAIM_OPT,		\
	    "the signer of a reference document has expired, of that of "\
	    "a switch sent along, too")					\
	X(REVOCATION, "revocation", STRING, 16, 0,			\
	    "of the device's certificates, leaf aside, and of those of "\
	    "switches sent along: good (each by a fresh answer) or "	\
	    "absent; one that is revoked is refused")			\
	X(REVOCATION_AGE, "revocation_age", INT, 0, VS_CLAIM_OPT,	\
	    "seconds since the oldest of those answers was given")	\
	X(RIM_REVOCATION, "rim_revocation", STRING, 16, VS_CLAIM_OPT,	\
	    "of the signers of the reference documents, those of "	\
	    "switches sent along, too: good or absent")			\
	X(SWITCHES, "switches", STRING, 16, VS_CLAIM_OPT,		\
	    "measurements of the switches sent along, the worst of "	\
	    "them: match, mismatch, or absent without a document")	\
	X(TOPOLOGY, "topology", BOOL, 0, VS_CLAIM_OPT,			\
	    "its fabric is complete: 8 GPUs and 4 switches that name "	\
	    "each other, each with its certificate")
/* clang-format on */

#endif
