/* SPDX-License-Identifier: Apache-2.0 */
/* vs_guest_keys_parse and vs_guest_jwe_open: what a false broker may say. */
#include "guest/jwe.h"
#include "guest/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char id[VS_UUID_TEXT_MAX] = "01890a5d-ac96-774b-bcce-b302099a8057";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct vs_guest_recipient r;
	static const uint8_t nonce[VS_GUEST_NONCE_SIZE];
	struct vs_guest_key keys[4] = {0};
	struct vs_secret *out = NULL;
	struct vs_err err = {0};

	if (r.ecdh == NULL) {
		VS_ASSERT(vs_secret_pool_init(1 << 20, &err) == VS_OK);
		VS_ASSERT(
		    vs_guest_recipient_init(&r, VS_CURVE_P256, &err) == VS_OK);
	}
	for (size_t want = 1; want <= VS_COUNT(keys); want++) {
		vs_status st =
		    vs_guest_keys_parse(VS_SPAN(data, n), id, keys, want, &err);

		for (size_t i = 0; st == VS_OK && i < want; i++)
			VS_ASSERT(
			    vs_guest_name_ok(vs_span_cstr(keys[i].name)) &&
			    vs_secret_len(keys[i].key) > 0);
		vs_guest_keys_fini(keys, want);
		for (size_t i = 0; i < want; i++)
			keys[i] = (struct vs_guest_key){0};
	}
	/* Nobody can seal without knowing the recipient's point. */
	VS_ASSERT(vs_guest_jwe_open(
		      &r, VS_SPAN(data, n), nonce, id, &out, &err) != VS_OK);
	VS_ASSERT(vs_secret_pool_used() == 0);
	return 0;
}
