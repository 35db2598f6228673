/* SPDX-License-Identifier: Apache-2.0 */
/* Typed claims: what evidence yields and policy reads. */
#ifndef VS_CLAIMS_CLAIMS_H
#define VS_CLAIMS_CLAIMS_H

#include "base/arena.h"
#include "base/buf.h"
#include "claims/schema.h"

struct vs_gpu_claims;

typedef enum vs_claim_id {
#define X(id, path, type, max, flags, doc) VS_CLAIM_##id,
	VS_CLAIM_TABLE(X)
#undef X
	    VS_CLAIM_COUNT
} vs_claim_id;

typedef enum vs_claim_type {
	VS_CLAIM_BOOL,
	VS_CLAIM_INT,
	VS_CLAIM_STRING,
	VS_CLAIM_TIME,
	VS_CLAIM_STRINGS,
} vs_claim_type;

struct vs_claim_def {
	const char *path;
	const char *doc;
	vs_claim_type type;
	unsigned flags;
	size_t max;
};

/* Most elements of a STRINGS claim. */
enum { VS_CLAIM_ITEMS_MAX = 64 };

struct vs_claim_value {
	bool present;
	union {
		bool b;
		int64_t i; /* INT; TIME: Unix seconds */
		struct vs_span s;
		struct {
			const struct vs_span *v;
			size_t n;
		} list;
	} u;
};

/*
 * All values of one appraisal. Strings are borrowed from the arena given to
 * vs_claims_init, which must outlive the claims.
 */
struct vs_claims {
	struct vs_arena *arena;
	struct vs_gpu_claims *gpus; /* see claims/gpu.h */
	size_t gpus_n;
	struct vs_claim_value v[VS_CLAIM_COUNT];
};

/* The table row of an id; the array has VS_CLAIM_COUNT rows in id order. */
const struct vs_claim_def *vs_claim_def(vs_claim_id id);
/* VS_CLAIM_COUNT when there is no such path. */
vs_claim_id vs_claim_find(struct vs_span path);

void vs_claims_init(struct vs_claims *c, struct vs_arena *arena);
const struct vs_claim_value *vs_claims_get(
    const struct vs_claims *c, vs_claim_id id);

/*
 * Setters copy into the arena. The type must be the row's type (asserted).
 * VS_RANGE when a string is longer than the row allows or not UTF-8,
 * VS_NO_MEMORY when the arena is full.
 */
void vs_claims_bool(struct vs_claims *c, vs_claim_id id, bool v);
void vs_claims_int(struct vs_claims *c, vs_claim_id id, int64_t v);
void vs_claims_time(struct vs_claims *c, vs_claim_id id, int64_t unix_s);
VS_MUST_USE vs_status vs_claims_str(
    struct vs_claims *c, vs_claim_id id, struct vs_span v);
/* VS_RANGE also for more than VS_CLAIM_ITEMS_MAX. */
VS_MUST_USE vs_status vs_claims_list(
    struct vs_claims *c, vs_claim_id id, const struct vs_span *v, size_t n);
/* The bytes as lower-case hex. */
VS_MUST_USE vs_status vs_claims_hex(
    struct vs_claims *c, vs_claim_id id, struct vs_span bytes);

/*
 * The claims about the key that is asked for: name, namespace (the first
 * segment of the name) and, unless 0, version.
 */
VS_MUST_USE vs_status vs_claims_key(
    struct vs_claims *c, struct vs_span name, uint32_t version);

/* The present claims as a nested JSON object, in table order; GPUs last, as
 * an array of objects, where there are any. */
void vs_claims_json(const struct vs_claims *c, struct vs_buf *out);
/* "path  value" lines for people. */
void vs_claims_text(const struct vs_claims *c, struct vs_buf *out);
/* The JSON text of a string, quotes included. */
void vs_json_quote(struct vs_span text, struct vs_buf *out);

#endif
