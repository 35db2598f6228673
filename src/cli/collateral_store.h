/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of collateral: one object a file, as DER or, what Intel
 * signs as JSON, as that; named by what it is and the start of its digest. */
#ifndef VS_CLI_COLLATERAL_STORE_H
#define VS_CLI_COLLATERAL_STORE_H

#include "cli/options.h"

typedef enum vs_import_what {
	VS_IMPORT_STORED,
	VS_IMPORT_REPLACED, /* an older one of the same subject is gone */
	VS_IMPORT_KNOWN,    /* built in, or there already */
	VS_IMPORT_OLDER,    /* a newer one is there: kept that */
} vs_import_what;
const char *vs_import_result(vs_import_what w);

struct vs_import {
	const char *from; /* file named by the person */
	const char *kind; /* "intermediate", "crl", ... */
	const char *name;
	vs_import_what what;
	char stored[160]; /* file name in the directory, "" if none */
};

/*
 * Files in any form of collateral/parts.h. Every object in them must verify
 * under an anchor, in the light of what the directory holds already; each is
 * then written whole or not at all, certificates of all files first. Nothing
 * goes back: an older list or a lower tcbEvaluationDataNumber is left out.
 * Creates the directory. told is called once per object. Stops at the first
 * failure: VS_UNTRUSTED, VS_MALFORMED, VS_USAGE (cannot read).
 */
VS_MUST_USE vs_status vs_collateral_import(const char *dir,
    const struct vs_opt_list *anchors, char *const *files, size_t n,
    void (*told)(void *ctx, const struct vs_import *r), void *ctx,
    struct vs_err *err);

#endif
