/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vs_tpm2_unwrap and vs_pkcs11_unwrap up to where a device would be asked,
 * vs_tpm_pcrs_parse, vs_tpm_key_parse, vs_tpm_signature_find. The first byte
 * chooses.
 */
#include <stdlib.h>
#include <string.h>

#include "seal/backend.h"
#include "seal/tpm_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
pcrs(struct vs_span in, struct vs_err *err)
{
	struct vs_tpm_pcrs p = {0};
	uint8_t digest[VS_TPM_DIGEST];
	char text[256];

	if (in.n >= sizeof text)
		return;
	memcpy(text, in.p, in.n);
	text[in.n] = '\0';
	if (vs_tpm_pcrs_parse(text, &p, err) != VS_OK)
		return;
	if (p.mask == 0 || p.mask >> VS_TPM_PCRS != 0 ||
	    vs_tpm_policy_pcrs(&p, digest) != VS_OK)
		abort();
}

static void
blob(bool tpm, struct vs_span in, struct vs_err *err)
{
	struct vs_seal_conf c = {0};
	struct vs_secret *out = NULL;
	vs_status st;

	c.tpm2.tcti = "none";
	st = tpm ? vs_tpm2_unwrap(&c, in, &out, err)
		 : vs_pkcs11_unwrap(&c, in, &out, err);
	if (st == VS_OK || out != NULL || err->code == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t policy[VS_TPM_DIGEST];
	uint8_t key[VS_TPM_KEY], sig[VS_TPM_SIG];
	struct vs_err err = {0};
	struct vs_span in;

	if (n == 0)
		return 0;
	in = VS_SPAN(data + 1, n - 1);
	switch (data[0] % 5) {
	case 0:
		pcrs(in, &err);
		break;
	case 1:
		(void)vs_tpm_key_parse(in, key, &err); /* for its own sake */
		break;
	case 2:
		(void)vs_tpm_signature_find(in, policy, sig); /* as well */
		break;
	default:
		blob(data[0] % 5 == 3, in, &err);
	}
	return 0;
}
