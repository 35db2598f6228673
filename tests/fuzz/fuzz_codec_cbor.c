/* SPDX-License-Identifier: Apache-2.0 */
/* vs_cbor_parse: what is taken stays the same through JSON text. */
#include "codec/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct vs_json *v = NULL;
	struct vs_json *again = NULL;
	struct vs_err err = {0};
	struct vs_buf one = {0};
	struct vs_buf two = {0};

	if (vs_cbor_parse(VS_SPAN(data, n), &v, &err) == VS_OK) {
		VS_ASSERT(vs_json_dump(v, VS_JSON_COMPACT, &one) == VS_OK);
		VS_ASSERT(
		    vs_json_parse(vs_buf_span(&one), &again, &err) == VS_OK);
		VS_ASSERT(vs_json_dump(again, VS_JSON_COMPACT, &two) == VS_OK);
		VS_ASSERT(vs_span_equal(vs_buf_span(&one), vs_buf_span(&two)));
	} else {
		VS_ASSERT(err.status != VS_OK && v == NULL);
	}
	vs_buf_fini(&one);
	vs_buf_fini(&two);
	vs_json_free(&again);
	vs_json_free(&v);
	return 0;
}
