/* SPDX-License-Identifier: Apache-2.0 */
/* vs_reply_check: problem documents of a hostile server. */
#include <string.h>

#include "client/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
printable(const char *text)
{
	for (; *text != '\0'; text++)
		VS_ASSERT(*text >= 0x20 && *text < 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct vs_reply r = {
	    .content_type = "application/problem+json", .retry_after_s = -1};
	struct vs_problem p;
	struct vs_err err = {0};

	if (n < 2)
		return 0;
	r.status = 300 + (data[0] | data[1] << 8) % 300;
	vs_buf_add(&r.body, VS_SPAN(data + 2, n - 2));
	VS_ASSERT(vs_reply_check(&r, &p, &err) != VS_OK);
	printable(p.title);
	printable(p.detail);
	printable(p.rules);
	printable(p.id);
	printable(err.msg);
	vs_reply_fini(&r);
	return 0;
}
