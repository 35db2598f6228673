/* SPDX-License-Identifier: Apache-2.0 */
/* The tree behind vs_rim_doc, for rim_*.c. */
#ifndef VS_CLI_RIM_XML_H
#define VS_CLI_RIM_XML_H

#include "cli/rim.h"

/* libxml2's own names of them. */
struct _xmlDoc;
struct _xmlNode;

struct vs_rim_doc {
	struct _xmlDoc *doc;
	struct _xmlNode *signature;
	struct _xmlNode *value; /* SignatureValue */
	struct _xmlNode *x509;  /* X509Data */
	bool unlinked;          /* the signature is no longer in the tree */
};

/* Once, before anything else of either library. */
VS_MUST_USE vs_status vs_rim_libraries(struct vs_err *err);

#endif
