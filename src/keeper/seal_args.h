/* SPDX-License-Identifier: Apache-2.0 */
/* A seal's configuration as arguments of the keeper's command line. */
#ifndef VS_KEEPER_SEAL_ARGS_H
#define VS_KEEPER_SEAL_ARGS_H

#include "keeper/seal.h"

/* "--seal-kind", "tpm2", ...: the flag and where its text goes. */
struct vs_seal_arg {
	const char *flag; /* without the dashes */
	size_t offset;    /* of a const char * in struct vs_seal_conf */
};
enum { VS_SEAL_ARGS = 11 };
extern const struct vs_seal_arg vs_seal_args[VS_SEAL_ARGS];

const char **vs_seal_arg_at(struct vs_seal_conf *c, size_t i);

/* What an argument after the flags means; false: no flag of a seal. */
bool vs_seal_arg_take(
    struct vs_seal_conf *c, const char *flag, const char *text);

/* A copy of the texts, for whoever outlives the original. */
VS_MUST_USE vs_status vs_seal_conf_copy(
    const struct vs_seal_conf *from, struct vs_seal_conf *to);
void vs_seal_conf_fini(struct vs_seal_conf *c);

/* Room for "--flag" and text of each. The texts stay the conf's; returns how
 * many were written. */
enum { VS_SEAL_ARGV = 2 * VS_SEAL_ARGS, VS_SEAL_FLAG = 32 };
size_t vs_seal_argv(const struct vs_seal_conf *c,
    char flags[VS_SEAL_ARGS][VS_SEAL_FLAG], char *argv[VS_SEAL_ARGV]);

#endif
