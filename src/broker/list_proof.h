/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of origin that a list demands of its entries. */
#ifndef VS_BROKER_LIST_PROOF_H
#define VS_BROKER_LIST_PROOF_H

#include "broker/list_rule.h"
#include "provenance/provenance.h"

/* What a list trusts and demands. The files are read at each push: a trusted
 * root that was renewed is in force with the next one. */
struct vs_list_proof {
	const char *root; /* a Sigstore trusted root; NULL: none */
	const char **keys;
	size_t keys_n;
	/* Without what each push brings: digest, time. */
	struct vs_provenance_want want;
};

/* The files can be read and make sense. */
VS_MUST_USE vs_status vs_list_proof_check(
    const struct vs_list_rules *rules, struct vs_err *err);

/*
 * Judges the document for this value of the list. What must be signed for is
 * the artifact of that digest; for kinds that are no SHA-256 digest, the
 * SHA-256 of the value's text: CI writes it into a file, without a line feed,
 * and attests that. VS_DENIED "entry.provenance" when the list demands a
 * document and there is none, VS_MALFORMED when it takes none; else as
 * vs_provenance_verify.
 */
VS_MUST_USE vs_status vs_list_prove(const struct vs_list_rule *rule,
    struct vs_span value, struct vs_span document, int64_t now_s,
    struct vs_arena *a, struct vs_provenance *out, struct vs_err *err);

#endif
