/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated PKI from inside, and leaves that are not as they should be,
 * for tests of verifiers. */
#ifndef VS_SIMULATE_PKI_H
#define VS_SIMULATE_PKI_H

#include "crypto/issue.h"
#include "simulate/cert.h"
#include "simulate/product.h"

struct vs_sim_pki {
	vs_sim_product product;
	int64_t now;
	struct vs_sim_tcb tcb;
	uint8_t chip_id[64];
	/* ask_key and asvk_key are NULL in a PKI that came from a directory. */
	struct vs_issue_key *ark_key, *ask_key, *asvk_key, *vcek_key, *vlek_key;
	struct vs_buf ark, ask, asvk, vcek, vlek; /* DER */
};

#define VS_SIM_CSP_ID "CN=simulated.invalid"

enum {
	VS_SIM_DAY = 24 * 60 * 60,
	VS_SIM_YEAR = 365 * VS_SIM_DAY + VS_SIM_DAY / 4,
};

/* "SEV-Milan", "SEV-VLEK-Milan", "ARK-Milan". */
enum { VS_SIM_CN_MAX = 32 };
void vs_sim_ca_name(
    const struct vs_sim_pki *p, const char *prefix, char out[VS_SIM_CN_MAX]);

/* What the PKI's own leaf says. Borrows from the PKI. */
void vs_sim_leaf_default(
    const struct vs_sim_pki *p, bool vlek, struct vs_sim_leaf *out);
/* The certificate that the PKI's own leaf has, before its extensions are
 * set. cn holds the issuer's name. */
void vs_sim_leaf_cert(const struct vs_sim_pki *p, bool vlek,
    char cn[VS_SIM_CN_MAX], struct vs_sim_cert *out);
/* Another certificate for the PKI's leaf key: extensions as given, all else
 * as the real one. Appended. VS_USAGE for a PKI that came from a directory. */
VS_MUST_USE vs_status vs_sim_leaf_issue(const struct vs_sim_pki *p, bool vlek,
    const struct vs_sim_leaf *leaf, struct vs_buf *der, struct vs_err *err);

#endif
