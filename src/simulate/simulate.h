/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forged evidence under a test PKI, for development, load tests and the test
 * suite. Signs reports as the firmware would, with certificates of the
 * vendor's shape. A broker accepts it only when its configuration names the
 * root, and the claims then say tee.simulated.
 */
#ifndef VS_SIMULATE_SIMULATE_H
#define VS_SIMULATE_SIMULATE_H

#include "base/buf.h"

typedef enum vs_sim_product {
	VS_SIM_MILAN,
	VS_SIM_GENOA,
	VS_SIM_TURIN,
	VS_SIM_PRODUCTS,
} vs_sim_product;
VS_MUST_USE vs_status vs_sim_product_parse(
    struct vs_span name, vs_sim_product *out);
const char *vs_sim_product_name(vs_sim_product p);

/* One product line: ARK, ASK, ASVK, one VCEK and one VLEK with their keys. */
struct vs_sim_pki;

struct vs_sim_pki_options {
	vs_sim_product product;
	int64_t now;         /* Unix seconds; validity starts a day earlier */
	unsigned rsa_bits;   /* 0: 4096 as AMD; tests may use 2048 for speed */
	uint8_t chip_id[64]; /* all zero: random */
	/* TCB of the leaves: fmc (Turin), boot loader, tee, snp, microcode */
	uint8_t fmc, bl, tee, snp, ucode;
};
/* Options with the TCB of current firmware; all else zero. */
void vs_sim_pki_defaults(
    vs_sim_product product, int64_t now, struct vs_sim_pki_options *out);
VS_MUST_USE vs_status vs_sim_pki_new(const struct vs_sim_pki_options *opt,
    struct vs_sim_pki **out, struct vs_err *err);
void vs_sim_pki_free(struct vs_sim_pki **p);

/*
 * DIR holds ark.pem ask.pem asvk.pem vcek.pem vlek.pem vcek.key vlek.key
 * ark.key crl.der and pki.json (product, chip id, TCB). Keys are mode 0600.
 */
VS_MUST_USE vs_status vs_sim_pki_save(
    const struct vs_sim_pki *p, const char *dir, struct vs_err *err);
VS_MUST_USE vs_status vs_sim_pki_load(
    const char *dir, struct vs_sim_pki **out, struct vs_err *err);

/* DER, borrowed from the PKI. */
struct vs_span vs_sim_ark(const struct vs_sim_pki *p);
struct vs_span vs_sim_ask(const struct vs_sim_pki *p);
struct vs_span vs_sim_asvk(const struct vs_sim_pki *p);
struct vs_span vs_sim_vcek(const struct vs_sim_pki *p);
struct vs_span vs_sim_vlek(const struct vs_sim_pki *p);
/* A CRL by the ARK. serials: what it revokes (n may be 0). */
VS_MUST_USE vs_status vs_sim_crl(const struct vs_sim_pki *p,
    int64_t this_update, int64_t next_update, const uint64_t *serials, size_t n,
    struct vs_buf *der, struct vs_err *err);

/* What the forged guest is like. {0} with version 0 means: version 3 (Turin
 * 5), policy 0x30000, VMPL 0, measurement all 0x11, signed by the VCEK. */
struct vs_sim_guest {
	uint32_t version;
	uint64_t policy; /* 0: 0x30000; bit 19 is debug */
	uint32_t vmpl;
	bool vlek;
	uint8_t measurement[48]; /* all zero: 0x11 repeated */
	uint8_t host_data[32];
	uint8_t report_data[64];
};
enum { VS_SIM_REPORT_SIZE = 1184 };
/* A signed report of this guest on this chip. */
VS_MUST_USE vs_status vs_sim_report(const struct vs_sim_pki *p,
    const struct vs_sim_guest *g, uint8_t report[VS_SIM_REPORT_SIZE],
    struct vs_err *err);
/* Signs again after a test changed the report's bytes. */
VS_MUST_USE vs_status vs_sim_resign(const struct vs_sim_pki *p, bool vlek,
    uint8_t report[VS_SIM_REPORT_SIZE], struct vs_err *err);
/* The certificate table as configfs-tsm's auxblob: leaf, ASK/ASVK, ARK. */
VS_MUST_USE vs_status vs_sim_cert_table(const struct vs_sim_pki *p, bool vlek,
    struct vs_buf *out, struct vs_err *err);

#endif
