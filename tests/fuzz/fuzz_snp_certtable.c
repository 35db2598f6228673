/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate table, and every form of certificates that evidence can
 * bring: vs_snp_table_parse, vs_snp_certs_read. */
#include "evidence/snp/certs.h"
#include "evidence/snp/certtable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_table(struct vs_span in)
{
	struct vs_snp_table t;
	struct vs_err err = {0};

	if (vs_snp_table_parse(in, &t, &err) != VS_OK) {
		VS_ASSERT(err.code != NULL);
		return;
	}
	VS_ASSERT(t.n <= VS_SNP_TABLE_MAX);
	for (size_t i = 0; i < t.n; i++) {
		VS_ASSERT(t.v[i].data.n == 0 || t.v[i].data.p >= in.p);
		VS_ASSERT(t.v[i].data.n == 0 ||
		    t.v[i].data.p + t.v[i].data.n <= in.p + in.n);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct vs_snp_blob blob = {VS_SNP_ROLE_ANY, VS_SPAN(data, size)};
	struct vs_snp_certs certs;
	struct vs_err err = {0};
	struct vs_arena a;

	check_table(blob.bytes);
	vs_arena_init(&a, 512 * 1024);
	if (vs_snp_certs_read(&blob, 1, &a, &certs, &err) == VS_OK) {
		VS_ASSERT(certs.n <= VS_SNP_CERTS_MAX);
		vs_snp_certs_fini(&certs);
	} else {
		VS_ASSERT(err.code != NULL);
	}
	vs_arena_fini(&a);
	return 0;
}
