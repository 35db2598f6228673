/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of the configuration's parts share. */
#ifndef VS_BROKER_CONFIG_READER_H
#define VS_BROKER_CONFIG_READER_H

#include "broker/config.h"
#include "codec/yaml.h"

/* Where stands what only the whole can judge; NULL: not written. */
struct vs_config_places {
	const struct vs_yaml *listen;
	const struct vs_yaml *tls;
	const struct vs_yaml *signers;
	const struct vs_yaml *admin_listen;
	const struct vs_yaml *admin_tls;
};

struct vs_config_reader {
	struct vs_config *c;
	struct vs_config_places *at;
	const char *file;
	char dir[4096]; /* of the file, with its slash; "" for none */
	struct vs_err *err;
};

/* VS_USAGE: "FILE:LINE:COL: what: why". */
vs_status vs_config_wrong(const struct vs_config_reader *r,
    const struct vs_yaml *at, const char *what, const char *why);
/* The text of a scalar, not empty; a path is taken relative to the file. */
VS_MUST_USE vs_status vs_config_text(const struct vs_config_reader *r,
    const struct vs_yaml *v, const char *what, bool is_path, const char **out);

/* trust_anchors, and policy_signers.keys. */
VS_MUST_USE vs_status vs_config_anchors(
    const struct vs_config_reader *r, const struct vs_yaml *v);
VS_MUST_USE vs_status vs_config_signer_keys(
    const struct vs_config_reader *r, const struct vs_yaml *v);
/* identities.issuers and identities.bindings. */
VS_MUST_USE vs_status vs_config_issuers(
    const struct vs_config_reader *r, const struct vs_yaml *v);
VS_MUST_USE vs_status vs_config_bindings(
    const struct vs_config_reader *r, const struct vs_yaml *v);
VS_MUST_USE vs_status vs_config_lists(
    const struct vs_config_reader *r, const struct vs_yaml *v);
struct vs_list_proof;
VS_MUST_USE vs_status vs_config_proof(const struct vs_config_reader *r,
    const struct vs_yaml *v, const char *list,
    const struct vs_list_proof **out);
/* What the two say together, and with the listener. */
VS_MUST_USE vs_status vs_config_identities_check(
    const struct vs_config_reader *r);

#endif
