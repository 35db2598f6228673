/* SPDX-License-Identifier: Apache-2.0 */
/* vs_json_parse, vs_release_decode: the body of POST /v1/release. */
#include "http/guest_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct vs_release_request req = {0};
	struct vs_json *doc = NULL;
	struct vs_err err = {0};
	struct vs_arena a;

	vs_arena_init(&a, 1 << 20);
	if (vs_json_parse(VS_SPAN(data, n), &doc, &err) == VS_OK &&
	    vs_release_decode(doc, &a, &req, &err) == VS_OK) {
		/* What is accepted has the promised shape. */
		VS_ASSERT(req.nonce.n == VS_NONCE_SIZE);
		VS_ASSERT(req.keys_n >= 1 && req.keys_n <= VS_RELEASE_KEYS_MAX);
		VS_ASSERT(req.recipient.curve != VS_CURVE_NONE);
		VS_ASSERT(
		    req.recipient.x.n == vs_curve_size(req.recipient.curve));
		VS_ASSERT(req.cpu.kind != VS_EVIDENCE_UNKNOWN);
	} else {
		VS_ASSERT(err.status != VS_OK);
	}
	vs_json_free(&doc);
	vs_arena_fini(&a);
	return 0;
}
