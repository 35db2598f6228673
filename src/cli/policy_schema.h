/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe policy schema`: what policies read, and what they are made of. */
#ifndef VS_CLI_POLICY_SCHEMA_H
#define VS_CLI_POLICY_SCHEMA_H

#include "cli/options.h"
#include "codec/json.h"

struct vs_schema_opts {
	bool json;
	bool document;
	bool markdown;
};
int vs_policy_schema(const void *opts, const struct vs_args *args);

/* A JSON Schema of the document; NULL without memory. */
struct vs_json *vs_policy_document_schema(void);

#endif
