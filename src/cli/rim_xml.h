/* SPDX-License-Identifier: Apache-2.0 */
/* The tree behind vs_rim_doc, for rim_*.c. */
#ifndef VS_CLI_RIM_XML_H
#define VS_CLI_RIM_XML_H

#include <libxml/tree.h>

#include "cli/rim.h"

struct vs_rim_doc {
	xmlDoc *doc;
	xmlNode *signature;
	xmlNode *value; /* SignatureValue */
	xmlNode *x509;  /* X509Data */
	bool unlinked;  /* the signature is no longer in the tree */
};

/* Once, before anything else of either library. */
VS_MUST_USE vs_status vs_rim_libraries(struct vs_err *err);

#endif
