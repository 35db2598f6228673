/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: values with named fields of known types, such as an entry of a
 * registry. A value of one (VS_KIND_RECORD) has its fields in u.v, in the
 * order of the description; an absent one is the error no_such_field.
 */
#ifndef VS_POLICY_RECORD_H
#define VS_POLICY_RECORD_H

#include "policy/value.h"

struct vs_cel_field {
	const char *name;
	const char *sig; /* type, in the letters of types.h */
	bool optional;
	size_t max; /* longest text in octets, 0: no text */
};

enum { VS_CEL_FIELDS_MAX = 64 };

struct vs_cel_record {
	const char *name; /* for messages: "an entry of a registry" */
	const struct vs_cel_field *field;
	size_t n;
};

/* The number of the field, or r->n. */
size_t vs_cel_field_find(const struct vs_cel_record *r, struct vs_span name);

/* lists.c: what registries hold. */
extern const struct vs_cel_record vs_registry_entry;

static inline struct vs_val
vs_val_record(const struct vs_val *fields, size_t n)
{
	return (struct vs_val){
	    .kind = VS_KIND_RECORD, .n = (uint32_t)n, .u.v = fields};
}

#endif
