/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate table of SNP_GET_EXT_REPORT (AMD 56421) and of
 * configfs-tsm's auxblob. Written by the host: nothing in it is trusted. */
#ifndef VS_EVIDENCE_SNP_CERTTABLE_H
#define VS_EVIDENCE_SNP_CERTTABLE_H

#include "base/bytes.h"

typedef enum vs_snp_table_kind {
	VS_SNP_TABLE_OTHER, /* a GUID that we do not know */
	VS_SNP_TABLE_VCEK,
	VS_SNP_TABLE_VLEK,
	VS_SNP_TABLE_ASK, /* also holds the ASVK */
	VS_SNP_TABLE_ARK,
	VS_SNP_TABLE_CRL,
} vs_snp_table_kind;

struct vs_snp_table_entry {
	vs_snp_table_kind kind;
	struct vs_span data; /* borrowed */
};

/* A host that gives more has no reason to. */
enum { VS_SNP_TABLE_MAX = 32 };

struct vs_snp_table {
	size_t n;
	struct vs_snp_table_entry v[VS_SNP_TABLE_MAX];
};

/* parse.cert_table unless every entry lies behind the header and inside the
 * blob and the header ends with a zero entry. No bytes: an empty table. */
VS_MUST_USE vs_status vs_snp_table_parse(
    struct vs_span blob, struct vs_snp_table *out, struct vs_err *err);

#endif
