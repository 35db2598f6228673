/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/seal_args.h"

#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(struct vs_seal_conf, member)
const struct vs_seal_arg vs_seal_args[VS_SEAL_ARGS] = {
    {"seal", AT(path)},
    {"seal-kind", AT(kind)},
    {"tpm2-tcti", AT(tpm2.tcti)},
    {"tpm2-pcrs", AT(tpm2.pcrs)},
    {"tpm2-policy-key", AT(tpm2.policy_key)},
    {"tpm2-policy-sig", AT(tpm2.policy_sig)},
    {"pkcs11-module", AT(pkcs11.module)},
    {"pkcs11-token", AT(pkcs11.token)},
    {"pkcs11-key", AT(pkcs11.key)},
    {"pkcs11-pin-file", AT(pkcs11.pin_file)},
    {"pkcs11-env", AT(pkcs11.env)},
};

const char **
vs_seal_arg_at(struct vs_seal_conf *c, size_t i)
{
	return (const char **)(void *)((char *)c + vs_seal_args[i].offset);
}

bool
vs_seal_arg_take(struct vs_seal_conf *c, const char *flag, const char *text)
{
	for (size_t i = 0; i < VS_SEAL_ARGS; i++)
		if (strcmp(vs_seal_args[i].flag, flag) == 0) {
			*vs_seal_arg_at(c, i) = text;
			return true;
		}
	return false;
}
