/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated board from inside. */
#ifndef VS_SIMULATE_GPU_BOARD_H
#define VS_SIMULATE_GPU_BOARD_H

#include "simulate/gpu.h"
#include "simulate/nvcert.h"

enum { VS_SIM_PDI = 8, VS_SIM_FWID = 48, VS_SIM_CHAIN = 5 };

typedef enum vs_sim_chip {
	VS_SIM_GH100,
	VS_SIM_GB100,
	VS_SIM_LS10,
} vs_sim_chip;

/* What differs between the chips. */
struct vs_sim_chip_info {
	const char *name;    /* in certificates: "LS_10" */
	const char *product; /* in documents: "LS10" */
	const char *arch;    /* as NVIDIA's tools declare it */
	const char *engine;  /* that measures: "GSP" */
	const char *provisioner;
	const char *family; /* the authority above it */
	const char *crl_url;
	const char *driver, *vbios, *old_vbios; /* NULL: none */
	const char *project, *project_sku, *chip_sku;
	uint64_t driver_set, vbios_set; /* indices that documents know */
	unsigned blocks;
	uint8_t serial_prefix;
};
const struct vs_sim_chip_info *vs_sim_chip_info(vs_sim_chip c);
/* The chip of the board's GPUs. */
vs_sim_chip vs_sim_board_chip(const struct vs_sim_board *b);

struct vs_sim_device {
	vs_sim_chip chip;
	uint8_t pdi[VS_SIM_PDI];
	struct vs_issue_key *key; /* the leaf's */
	struct vs_buf chain;      /* PEM, leaf first */
};

/* An authority of either PKI. */
struct vs_sim_authority {
	const char *cn;
	struct vs_issue_key *key;
	struct vs_buf der;
};
enum {
	VS_SIM_NV_ROOT,
	VS_SIM_NV_IDENTITY,    /* of the family */
	VS_SIM_NV_PROVISIONER, /* of GPUs */
	VS_SIM_NV_SWITCHES,    /* provisioner of switches; Hopper */
	VS_SIM_NV_RIM_ROOT,
	VS_SIM_NV_RIM_CA,
	VS_SIM_NV_RIM_L3,
	VS_SIM_NV_RIM_SIGNER,
	VS_SIM_NV_AUTHORITIES,
};

struct vs_sim_board {
	struct vs_sim_board_options opt;
	struct vs_sim_authority ca[VS_SIM_NV_AUTHORITIES];
	struct vs_sim_device gpu[VS_SIM_GPUS_MAX];
	struct vs_sim_device nvswitch[VS_SIM_SWITCHES_MAX];
	struct vs_sim_device other; /* a GPU of another machine */
};

/* "gpu-root", "rim-signer": of files. */
const char *vs_sim_authority_file(unsigned i);

/* Firmware of a chip: what its leaf certificates name. */
VS_MUST_USE vs_status vs_sim_fwid(vs_sim_chip c, uint8_t out[VS_SIM_FWID]);
/* What is measured at an index of the document, under these versions. */
VS_MUST_USE vs_status vs_sim_measured(
    vs_sim_chip c, const char *vbios, unsigned index, uint8_t out[48]);

/* Standard alphabet, padded; appended. */
void vs_sim_base64(struct vs_buf *b, struct vs_span in);

/* The report of one device; the board tells what it is connected to. */
struct vs_sim_report_spec {
	const struct vs_sim_board *board;
	const struct vs_sim_device *device;
	unsigned flaws;
	uint8_t nonce[VS_SIM_GPU_NONCE];
};
VS_MUST_USE vs_status vs_sim_gpu_report(
    const struct vs_sim_report_spec *s, struct vs_buf *out, struct vs_err *err);

#endif
