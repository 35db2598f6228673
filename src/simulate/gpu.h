/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forged NVIDIA evidence under test roots: a board of GPUs and, in Hopper's
 * protected PCIe mode, its switches; the reference documents that their
 * measurements are judged by; and machines that are not as they should be. A
 * broker accepts it only when its configuration names both roots, and the
 * claims then say gpus[].simulated.
 */
#ifndef VS_SIMULATE_GPU_H
#define VS_SIMULATE_GPU_H

#include "base/buf.h"

enum {
	VS_SIM_GPUS_MAX = 16,
	VS_SIM_SWITCHES_MAX = 4,
	VS_SIM_GPU_NONCE = 32,
};

/* Device root, authorities, devices, RIM root and its signer. Beside its own
 * GPUs the PKI has one more, of another machine. */
struct vs_sim_board;

struct vs_sim_board_options {
	int64_t now; /* Unix seconds; validity starts a day earlier */
	bool blackwell;
	unsigned gpus;     /* 1 to VS_SIM_GPUS_MAX */
	unsigned switches; /* 0, or 4 with 8 GPUs of Hopper */
};
/* 8 GPUs of Hopper have their 4 switches, all other boards none. */
void vs_sim_board_defaults(int64_t now, bool blackwell, unsigned gpus,
    struct vs_sim_board_options *out);
VS_MUST_USE vs_status vs_sim_board_new(const struct vs_sim_board_options *opt,
    struct vs_sim_board **out, struct vs_err *err);
void vs_sim_board_free(struct vs_sim_board **b);

/*
 * DIR holds gpu-root.pem and rim-root.pem, the authorities between, chain and
 * key of each device, gpu.json (family, devices) and the folder rims. Keys are
 * mode 0600.
 */
VS_MUST_USE vs_status vs_sim_board_save(
    const struct vs_sim_board *b, const char *dir, struct vs_err *err);
VS_MUST_USE vs_status vs_sim_board_load(
    const char *dir, struct vs_sim_board **out, struct vs_err *err);
/* Whether there is one in dir. */
bool vs_sim_board_is(const char *dir);

unsigned vs_sim_board_gpus(const struct vs_sim_board *b);
unsigned vs_sim_board_switches(const struct vs_sim_board *b);

/* Reference documents: driver, VBIOS, the VBIOS before it, and that of the
 * switches where there are any. */
size_t vs_sim_rims(const struct vs_sim_board *b);
/* Its file name, and its XML, appended. */
VS_MUST_USE vs_status vs_sim_rim(const struct vs_sim_board *b, size_t i,
    struct vs_buf *name, struct vs_buf *xml, struct vs_err *err);

/* What is wrong with a GPU, as bits. */
typedef enum vs_sim_gpu_flaw {
	VS_SIM_GPU_OLD_VBIOS = 1 << 0, /* older firmware, genuinely measured */
	VS_SIM_GPU_MISMATCH = 1 << 1,  /* measurements of no document */
	VS_SIM_GPU_SPT = 1 << 2,       /* passed through alone */
	VS_SIM_GPU_DEVTOOLS = 1 << 3,  /* its driver says so */
	VS_SIM_GPU_OFF = 1 << 4,
	VS_SIM_GPU_UNSAID = 1 << 5, /* its driver says nothing */
	VS_SIM_GPU_STALE = 1 << 6,  /* answers another challenge */
	VS_SIM_GPU_BAD_SIG = 1 << 7,
	VS_SIM_GPU_FWID = 1 << 8,      /* names firmware of another leaf */
	VS_SIM_GPU_FOREIGN = 1 << 9,   /* another machine's */
	VS_SIM_GPU_DUPLICATE = 1 << 10 /* the first one once more */
} vs_sim_gpu_flaw;

/* What a host does to a request on its way, as bits. */
typedef enum vs_sim_relay {
	VS_SIM_RELAY_DROP = 1 << 0,  /* takes the last GPU out */
	VS_SIM_RELAY_SWAP = 1 << 1,  /* puts another machine's in its place */
	VS_SIM_RELAY_ORDER = 1 << 2, /* the first two change places */
	VS_SIM_RELAY_CC_ON = 1 << 3, /* says "on" of all */
} vs_sim_relay;

/* {0}: all devices of the board, as they should be. */
struct vs_sim_machine {
	unsigned gpus;    /* the first so many; 0: all */
	bool no_switches; /* they are not asked */
	unsigned flaw[VS_SIM_GPUS_MAX];
	unsigned flaw_last; /* of the last GPU that there is */
	unsigned relay;
};
/* One word of the command line, "old-vbios" (the last GPU) or "old-vbios:3"
 * (counted from 0), "no-switches", or "relay-drop" ... VS_USAGE names them. */
VS_MUST_USE vs_status vs_sim_machine_word(
    struct vs_sim_machine *m, const char *word, struct vs_err *err);

struct vs_sim_device_evidence {
	struct vs_buf report, certs;
	const char *cc_state; /* static; NULL: not said */
};
struct vs_sim_devices {
	struct vs_sim_device_evidence gpu[VS_SIM_GPUS_MAX];
	struct vs_sim_device_evidence nvswitch[VS_SIM_SWITCHES_MAX];
	size_t gpus, switches;
};
void vs_sim_devices_fini(struct vs_sim_devices *d);
/* Reports that answer the nonce, as the guest takes them; out is zeroed. */
VS_MUST_USE vs_status vs_sim_devices(const struct vs_sim_board *b,
    const struct vs_sim_machine *m, const uint8_t nonce[VS_SIM_GPU_NONCE],
    struct vs_sim_devices *out, struct vs_err *err);
/* What arrives of it. */
VS_MUST_USE vs_status vs_sim_relayed(const struct vs_sim_board *b,
    const struct vs_sim_machine *m, const uint8_t nonce[VS_SIM_GPU_NONCE],
    struct vs_sim_devices *d, struct vs_err *err);
/* As NVIDIA's own tools write it, for `appraise --gpu`. Appended. */
VS_MUST_USE vs_status vs_sim_devices_json(const struct vs_sim_board *b,
    const struct vs_sim_devices *d, const uint8_t nonce[VS_SIM_GPU_NONCE],
    struct vs_buf *out, struct vs_err *err);

#endif
