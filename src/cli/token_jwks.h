/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe token jwks`: the daemon makes no connections, so that the keys
 * of issuers come to it as files. */
#ifndef VS_CLI_TOKEN_JWKS_H
#define VS_CLI_TOKEN_JWKS_H

#include "cli/options.h"

struct vs_token_jwks_opts {
	const char *out;
	const char *ca;
	bool json;
};
enum { VS_TOKEN_JWKS_OPTIONS_N = 3 };
extern const struct vs_opt vs_token_jwks_options[VS_TOKEN_JWKS_OPTIONS_N];

int vs_token_jwks(const void *opts, const struct vs_args *args);

#endif
