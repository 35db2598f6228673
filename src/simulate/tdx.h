/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forged Intel TDX evidence under a test PKI: a platform with a PCK and a
 * quoting enclave, what "Intel" says of it, and quotes of its TDs. A broker
 * accepts it only when its configuration names the root.
 */
#ifndef VS_SIMULATE_TDX_H
#define VS_SIMULATE_TDX_H

#include "base/buf.h"

/* Root, platform CA, TCB signer, one platform and its quoting enclave. */
struct vs_sim_tdx;

struct vs_sim_tdx_options {
	int64_t now; /* Unix seconds; validity starts a day earlier */
	uint8_t fmspc[6];
	uint8_t pceid[2];
	uint8_t svn[16]; /* SGX components of the PCK */
	uint16_t pcesvn;
};
void vs_sim_tdx_defaults(int64_t now, struct vs_sim_tdx_options *out);
VS_MUST_USE vs_status vs_sim_tdx_new(const struct vs_sim_tdx_options *opt,
    struct vs_sim_tdx **out, struct vs_err *err);
void vs_sim_tdx_free(struct vs_sim_tdx **t);

/*
 * DIR holds root.pem ca.pem signing.pem pck.pem, their keys and qe.key, mode
 * 0600, pki.json ("tee": "tdx", FMSPC, SVNs), and the folder collateral with
 * what vs_sim_tdx_collateral writes by default.
 */
VS_MUST_USE vs_status vs_sim_tdx_save(
    const struct vs_sim_tdx *t, const char *dir, struct vs_err *err);
VS_MUST_USE vs_status vs_sim_tdx_load(
    const char *dir, struct vs_sim_tdx **out, struct vs_err *err);
/* Whether the simulated PKI in dir is of this shape and not AMD's. */
VS_MUST_USE vs_status vs_sim_tdx_is(
    const char *dir, bool *tdx, struct vs_err *err);

/* DER, borrowed. */
struct vs_span vs_sim_tdx_root(const struct vs_sim_tdx *t);
struct vs_span vs_sim_tdx_ca(const struct vs_sim_tdx *t);
struct vs_span vs_sim_tdx_signing(const struct vs_sim_tdx *t);
struct vs_span vs_sim_tdx_pck(const struct vs_sim_tdx *t);

/* What a collateral service says at some time; {0} with `issued` set is what
 * a healthy platform would get. */
struct vs_sim_tdx_collateral {
	int64_t issued;
	unsigned days;     /* 0: 30; the root CRL always has a year */
	uint32_t number;   /* tcbEvaluationDataNumber; 0: 18 */
	bool raised;       /* the platform needs new microcode: OutOfDate */
	bool platform_out; /* the platform's level itself: Revoked */
	bool sgx_qe;       /* the identity of the SGX QE in place of the TD's */
	bool other_qe;     /* a TD QE by another signer */
	bool revoke_pck, revoke_ca, revoke_signing;
};
enum { VS_SIM_TDX_NUMBER = 18 };
/* The files of a collateral directory, issuers before what they sign: two
 * chains, two revocation lists, TCB info, QE identity. Appended. */
enum { VS_SIM_TDX_ITEMS = 6 };
const char *vs_sim_tdx_item_name(size_t i);
VS_MUST_USE vs_status vs_sim_tdx_item(const struct vs_sim_tdx *t,
    const struct vs_sim_tdx_collateral *c, size_t i, struct vs_buf *out,
    struct vs_err *err);
/* All of them into a directory, which it makes. */
VS_MUST_USE vs_status vs_sim_tdx_collateral(const struct vs_sim_tdx *t,
    const struct vs_sim_tdx_collateral *c, const char *dir, struct vs_err *err);

/* What the forged TD is like. {0}: a v4 quote of a healthy TD. */
struct vs_sim_td {
	unsigned version; /* 4 or 5; 0: 4 */
	unsigned body;    /* v5: 2 (TD 1.0) or 3 (TD 1.5); 0: 3 */
	bool debug;       /* TDATTRIBUTES.DEBUG */
	bool migratable;
	bool no_sept_ve; /* SEPT_VE_DISABLE clear, as under a paravisor */
	bool old_tcb;    /* microcode below the current level: OutOfDate */
	bool old_module;
	bool foreign_qe;     /* another enclave of this machine plays the QE */
	uint8_t mrtd[48];    /* all zero: 0x11 repeated */
	uint8_t rtmr[4][48]; /* all zero: 0x20, 0x21, 0x22 repeated; zero */
	bool event_log;      /* rtmr as vs_sim_tdx_event_log leaves them */
	uint8_t mrconfigid[48];
	uint8_t report_data[64];
};
/* The CCEL event log of the simulated boot, appended; rtmr: what it replays
 * to. tampered: one digest is not what was measured. */
VS_MUST_USE vs_status vs_sim_tdx_event_log(
    bool tampered, struct vs_buf *log, uint8_t rtmr[4][48], struct vs_err *err);

/* One word of the command line: debug, migratable, no-sept-ve, old-tcb,
 * old-module, foreign-qe, event-log, v4, v5, v5-td10. VS_USAGE names them. */
VS_MUST_USE vs_status vs_sim_td_word(
    struct vs_sim_td *td, const char *word, struct vs_err *err);

VS_MUST_USE vs_status vs_sim_tdx_quote(const struct vs_sim_tdx *t,
    const struct vs_sim_td *td, struct vs_buf *quote, struct vs_err *err);

#endif
