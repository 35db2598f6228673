/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the configuration says of a list: what its entries are, how policies
 * see it, who may add, and how many must agree to a change.
 */
#ifndef VS_BROKER_LIST_RULE_H
#define VS_BROKER_LIST_RULE_H

#include "policy/lists.h"
#include "store/lists.h"

/*
 * X(name, prefix, hex digits, what it is). Without hex digits it is text of
 * a form of its own, see vs_entry_value.
 */
/* clang-format off */
#define VS_ENTRY_KIND_TABLE(X)						\
	X("snp-measurement", "", 96, "launch digest of an SEV-SNP guest")\
	X("snp-id-key", "", 96, "digest of the key of an ID block")	\
	X("snp-host-data", "", 64, "HOST_DATA of an SEV-SNP guest")	\
	X("snp-chip-id", "", 128, "identity of an AMD processor")	\
	X("tdx-mrtd", "", 96, "MRTD of a trust domain")			\
	X("tdx-rtmr0", "", 96, "RTMR 0 of a trust domain")		\
	X("tdx-rtmr1", "", 96, "RTMR 1 of a trust domain")		\
	X("tdx-rtmr2", "", 96, "RTMR 2 of a trust domain")		\
	X("tdx-rtmr3", "", 96, "RTMR 3 of a trust domain")		\
	X("tdx-mrconfigid", "", 96, "MRCONFIGID of a trust domain")	\
	X("sgx-mrenclave", "", 64, "MRENCLAVE of an enclave")		\
	X("sgx-mrsigner", "", 64, "MRSIGNER of an enclave")		\
	X("pcr-digest", "", 64, "digest of the PCRs of a vTPM quote")	\
	X("sha256", "", 64, "a SHA-256 digest")				\
	X("sha384", "", 96, "a SHA-384 digest")				\
	X("image-digest", "sha256:", 64, "digest of an OCI image")	\
	X("gpu-id", NULL, 0, "identity of a GPU")			\
	X("advisory", NULL, 0, "a security advisory")			\
	X("version-range", NULL, 0, "versions from one up to another")	\
	X("text", NULL, 0, "any text")
/* clang-format on */

struct vs_entry_kind {
	const char *name;
	const char *prefix; /* NULL: no hex */
	size_t hex;
	const char *doc;
};
extern const struct vs_entry_kind vs_entry_kinds[];
extern const size_t vs_entry_kinds_n;
const struct vs_entry_kind *vs_entry_kind_named(struct vs_span name);

/*
 * The value as it is kept: hex digits in lower case. VS_MALFORMED, code
 * "entry.value", says what form it must have.
 *   gpu-id         printable ASCII without spaces
 *   advisory       capital letters, digits and '-': INTEL-SA-00615
 *   version-range  LOW..HIGH, dotted decimal, HIGH not included
 *   text           printable UTF-8
 */
VS_MUST_USE vs_status vs_entry_value(const struct vs_entry_kind *k,
    struct vs_span text, struct vs_arena *a, struct vs_span *out,
    struct vs_err *err);

enum {
	VS_LIST_PENDING_DEFAULT_S = 24 * 3600,
	VS_LIST_PENDING_MAX_S = 30 * 24 * 3600,
};

struct vs_list_proof;

struct vs_list_rule {
	const char *name; /* as it is written */
	const struct vs_entry_kind *kind;
	bool registry;     /* registry.NAME, else lists.NAME */
	bool deny;         /* an entry forbids: then revoking is what lets in */
	bool keep_revoked; /* registry: policies see revoked entries, too */
	unsigned add_roles; /* who may add; 0: whoever may at all */
	struct vs_need add, revoke;
	int64_t pending_s;  /* how long a change waits for approvals */
	int64_t max_life_s; /* of an entry; 0: no end is needed */
	/* The proof of origin that each entry needs; NULL: none. */
	const struct vs_list_proof *proof;
};

struct vs_list_rules {
	const struct vs_list_rule *v;
	size_t n;
};
/* '-' and '_' alike; NULL. */
const struct vs_list_rule *vs_list_rule_named(
    const struct vs_list_rules *rules, struct vs_span name);

#endif
