/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot of lists from the inside: what builds it and what reads it. */
#ifndef VS_POLICY_LISTS_INT_H
#define VS_POLICY_LISTS_INT_H

#include <stdatomic.h>

#include "policy/lists.h"

/* Of the open-addressed index; row counts from 1, 0 is empty. */
struct vs_list_slot {
	uint32_t row;
	uint32_t tag; /* of the hash, so that few rows are looked at */
};

struct vs_list {
	char name[VS_LIST_NAME_MAX + 1];
	bool registry;
	_Atomic int64_t as_of_ms, valid_until_ms; /* see vs_lists_confirm */
	size_t per; /* values of a row: 1, or 2 with a record */
	size_t n, cap;
	struct vs_val *v;
	int64_t *expires;     /* s, of each row; INT64_MAX: never */
	int64_t first_expiry; /* the least of them */
	struct vs_list_slot *slot;
	size_t slots; /* a power of two, at least twice n */
	uint64_t key[2];
};

struct vs_lists {
	atomic_size_t refs;
	struct vs_arena arena; /* texts and records */
	char digest[128];
	uint64_t key[2];
	size_t n;
	struct vs_list *list[VS_LISTS_MAX];
};

/* The row of a key, expired or not, or SIZE_MAX. */
size_t vs_list_row(const struct vs_list *l, struct vs_span key);
/* Room for one row more, and the slot of its key, which is not there yet.
 * False without memory or above VS_LIST_ITEMS_MAX. */
bool vs_list_grow(struct vs_list *l);
void vs_list_index(struct vs_list *l, size_t row);
void vs_list_free(struct vs_list *l);

#endif
