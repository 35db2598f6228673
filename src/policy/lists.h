/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Value lists and registries as one immutable snapshot, handed in by whoever
 * keeps them: policy/ reads no file and no store. Reloading is building
 * another snapshot.
 *
 * Lookup is by SipHash-2-4 with a random key of the snapshot, so that who
 * pushes entries cannot choose them to collide; a search touches about one
 * row however long the list is.
 */
#ifndef VS_POLICY_LISTS_H
#define VS_POLICY_LISTS_H

#include "base/arena.h"
#include "policy/value.h"

enum {
	VS_LISTS_MAX = 256,    /* lists and registries of a snapshot */
	VS_LIST_NAME_MAX = 64, /* [a-zA-Z0-9_-]; '-' is read as '_' */
	VS_LIST_ITEMS_MAX = 1 << 20,
	VS_LIST_WALK_MAX = 1024, /* of a list that is walked through */
	VS_LIST_VALUE_MAX = 512, /* octets of a value, key or field */
	VS_LIST_APPROVALS_MAX = 64,
	VS_LIST_PERSON_MAX = 128, /* octets of who added or approved */
};

struct vs_lists;         /* refcounted, immutable, thread-safe */
struct vs_lists_builder; /* of one thread */

/* What is known of a list as a whole. */
struct vs_list_head {
	struct vs_span name;
	int64_t as_of_ms;       /* when its content was true; max_age counts
				   from here */
	int64_t valid_until_ms; /* 0: no end of its own */
};

/*
 * An entry of a registry. X(symbol, name, type letters, may be absent,
 * longest text in octets).
 */
/* clang-format off */
#define VS_REGISTRY_FIELD_TABLE(X)					\
	X(VS_REG_ADDED_AT, "added_at", "t", false, 0)			\
	X(VS_REG_ADDED_BY, "added_by", "s", false, VS_LIST_PERSON_MAX)	\
	X(VS_REG_EXPIRES_AT, "expires_at", "t", true, 0)		\
	X(VS_REG_APPROVALS, "approvals", "Ls", false, VS_LIST_PERSON_MAX)\
	X(VS_REG_SLSA_LEVEL, "slsa_level", "i", false, 0)		\
	X(VS_REG_BUILDER, "builder", "s", true, VS_LIST_VALUE_MAX)	\
	X(VS_REG_SOURCE_URI, "source_uri", "s", true, VS_LIST_VALUE_MAX)\
	X(VS_REG_SOURCE_REF, "source_ref", "s", true, VS_LIST_VALUE_MAX)\
	X(VS_REG_REVOKED, "revoked", "b", false, 0)
/* clang-format on */

enum {
#define X(sym, name, sig, optional, max) sym,
	VS_REGISTRY_FIELD_TABLE(X)
#undef X
	    VS_REG_COUNT
};

/* Empty spans of optional fields are absent. */
struct vs_registry_record {
	int64_t added_at_s;
	int64_t expires_at_s; /* 0: does not expire */
	struct vs_span added_by;
	const struct vs_span *approvals; /* who approved */
	size_t approvals_n;
	int64_t slsa_level; /* 0: no provenance was shown */
	struct vs_span builder;
	struct vs_span source_uri;
	struct vs_span source_ref;
	bool revoked;
};

/* NULL without memory or randomness. */
struct vs_lists_builder *vs_lists_builder_new(void);
void vs_lists_builder_free(struct vs_lists_builder **b);

/*
 * Begin a list; the values and records that follow belong to it. All text is
 * copied. VS_CONFLICT for two of a kind and name ('-' and '_' alike),
 * VS_TOO_LARGE above a limit, VS_MALFORMED for a bad name or bad UTF-8. After
 * a failure the builder is only good for vs_lists_builder_free.
 */
VS_MUST_USE vs_status vs_lists_add_list(struct vs_lists_builder *b,
    const struct vs_list_head *head, struct vs_err *err);
VS_MUST_USE vs_status vs_lists_add_registry(struct vs_lists_builder *b,
    const struct vs_list_head *head, struct vs_err *err);
/* From expires_at_s on (0: never) the value is no longer in the list. A value
 * that is there already keeps the later end. */
VS_MUST_USE vs_status vs_lists_add_value(struct vs_lists_builder *b,
    struct vs_span value, int64_t expires_at_s, struct vs_err *err);
/* VS_CONFLICT for a key that is there. An expired record is not there; a
 * revoked one is, with `revoked` true. */
VS_MUST_USE vs_status vs_lists_add_record(struct vs_lists_builder *b,
    struct vs_span key, const struct vs_registry_record *r, struct vs_err *err);
/* Consumes the builder in any case and nulls it. digest names the content in
 * audit records: text chosen by the caller, at most 127 octets, may be "". */
VS_MUST_USE vs_status vs_lists_build(struct vs_lists_builder **b,
    const char *digest, struct vs_lists **out, struct vs_err *err);

struct vs_lists *vs_lists_ref(struct vs_lists *l); /* NULL stays NULL */
void vs_lists_free(struct vs_lists **l);           /* drops one reference */
/* Every list of it is at as_of_ms still what it was, and may be used until
 * valid_until_ms: for who keeps looking at where it came from. All else is
 * immutable. */
void vs_lists_confirm(
    struct vs_lists *l, int64_t as_of_ms, int64_t valid_until_ms);
const char *vs_lists_digest(const struct vs_lists *l); /* "" of NULL */
size_t vs_lists_count(const struct vs_lists *l);

/* One list or registry of a snapshot. */
struct vs_list;
/* NULL when the snapshot (may be NULL) has none. name with '_' for '-'. */
const struct vs_list *vs_lists_find(
    const struct vs_lists *l, bool registry, struct vs_span name);
const struct vs_list *vs_lists_at(const struct vs_lists *l, size_t i);
const char *vs_list_name(const struct vs_list *l);
bool vs_list_is_registry(const struct vs_list *l);
size_t vs_list_size(const struct vs_list *l);
/*
 * Whether the content may be used at now: valid, no older than max_age_ms
 * (0: of any age), and not of a time to come beyond a skew of 5 minutes,
 * which would keep it fresh for ever.
 */
bool vs_list_usable(
    const struct vs_list *l, int64_t max_age_ms, int64_t now_ms);
/* The value or record of a key that has not expired at now, or NULL. */
const struct vs_val *vs_list_get(
    const struct vs_list *l, struct vs_span key, int64_t now_s);
/* All of them, expired ones too: values, or key, record, key, record, ... */
const struct vs_val *vs_list_rows(const struct vs_list *l);
bool vs_list_any_expired(const struct vs_list *l, int64_t now_s);
/*
 * The i-th entry, in the order of adding: key is the value or the key, val
 * the value or the record. False past the end. *expired as of now.
 */
bool vs_list_entry(const struct vs_list *l, size_t i, int64_t now_s,
    struct vs_val *key, struct vs_val *val, bool *expired);

#endif
