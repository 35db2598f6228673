/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots of lists: looking things up. */
#include <stdlib.h>
#include <string.h>

#include "policy/lists_int.h"
#include "policy/record.h"
#include "policy/siphash.h"

/* How far the clock of who made a list may run ahead of ours. */
enum { SKEW_MS = 5 * 60 * 1000 };

const struct vs_cel_record vs_registry_entry = {
    .name = "an entry of a registry",
    .field =
	(const struct vs_cel_field[]){
#define X(sym, name, sig, optional, max) [sym] = {name, sig, optional, max},
	    VS_REGISTRY_FIELD_TABLE(X)
#undef X
	},
    .n = VS_REG_COUNT,
};

size_t
vs_cel_field_find(const struct vs_cel_record *r, struct vs_span name)
{
	size_t i = 0;

	while (i < r->n && !vs_span_is(name, r->field[i].name))
		i++;
	return i;
}

static uint32_t
tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

/* Ends: at least every second slot is empty. */
size_t
vs_list_row(const struct vs_list *l, struct vs_span key)
{
	uint64_t hash = vs_siphash(l->key, key);
	size_t at = (size_t)hash & (l->slots - 1);

	if (l->slots == 0)
		return SIZE_MAX;
	for (; l->slot[at].row != 0; at = (at + 1) & (l->slots - 1)) {
		size_t row = l->slot[at].row - 1;

		if (l->slot[at].tag == tag_of(hash) &&
		    vs_span_equal(vs_val_span(l->v[row * l->per]), key))
			return row;
	}
	return SIZE_MAX;
}

void
vs_list_index(struct vs_list *l, size_t row)
{
	uint64_t hash = vs_siphash(l->key, vs_val_span(l->v[row * l->per]));
	size_t at = (size_t)hash & (l->slots - 1);

	while (l->slot[at].row != 0)
		at = (at + 1) & (l->slots - 1);
	l->slot[at] = (struct vs_list_slot){
	    .row = (uint32_t)row + 1, .tag = tag_of(hash)};
}

/* Twice as large; the old one is freed. */
static bool
larger(void **p, size_t had, size_t cap, size_t size)
{
	void *bigger = vs_calloc(cap, size);

	if (bigger == NULL)
		return false;
	if (had > 0)
		memcpy(bigger, *p, had * size);
	free(*p);
	*p = bigger;
	return true;
}

static bool
grow_rows(struct vs_list *l, size_t cap)
{
	void *v = l->v, *expires = l->expires;
	bool ok;

	ok = larger(&v, l->n * l->per, cap * l->per, sizeof(*l->v)) &&
	    larger(&expires, l->n, cap, sizeof(*l->expires));
	l->v = v;
	l->expires = expires;
	return ok;
}

bool
vs_list_grow(struct vs_list *l)
{
	size_t cap = l->cap == 0 ? 16 : 2 * l->cap;
	struct vs_list_slot *slot;

	if (l->n < l->cap)
		return true;
	if (l->n >= VS_LIST_ITEMS_MAX || !grow_rows(l, cap))
		return false;
	slot = vs_calloc(2 * cap, sizeof(*slot));
	if (slot == NULL)
		return false;
	free(l->slot);
	l->slot = slot;
	l->slots = 2 * cap;
	l->cap = cap;
	for (size_t i = 0; i < l->n; i++)
		vs_list_index(l, i);
	return true;
}

void
vs_list_free(struct vs_list *l)
{
	free(l->v);
	free(l->expires);
	free(l->slot);
	free(l);
}

struct vs_lists *
vs_lists_ref(struct vs_lists *l)
{
	if (l != NULL)
		atomic_fetch_add_explicit(&l->refs, 1, memory_order_relaxed);
	return l;
}

void
vs_lists_free(struct vs_lists **lists)
{
	struct vs_lists *l = lists != NULL ? *lists : NULL;

	if (l == NULL)
		return;
	*lists = NULL;
	if (atomic_fetch_sub_explicit(&l->refs, 1, memory_order_acq_rel) > 1)
		return;
	for (size_t i = 0; i < l->n; i++)
		vs_list_free(l->list[i]);
	vs_arena_fini(&l->arena);
	free(l);
}

void
vs_lists_confirm(struct vs_lists *l, int64_t as_of_ms, int64_t valid_until_ms)
{
	for (size_t i = 0; i < l->n; i++) {
		atomic_store_explicit(
		    &l->list[i]->as_of_ms, as_of_ms, memory_order_relaxed);
		atomic_store_explicit(&l->list[i]->valid_until_ms,
		    valid_until_ms, memory_order_relaxed);
	}
}

const char *
vs_lists_digest(const struct vs_lists *l)
{
	return l != NULL ? l->digest : "";
}

size_t
vs_lists_count(const struct vs_lists *l)
{
	return l != NULL ? l->n : 0;
}

const struct vs_list *
vs_lists_at(const struct vs_lists *l, size_t i)
{
	return i < vs_lists_count(l) ? l->list[i] : NULL;
}

const struct vs_list *
vs_lists_find(const struct vs_lists *l, bool registry, struct vs_span name)
{
	for (size_t i = 0; i < vs_lists_count(l); i++) {
		if (l->list[i]->registry == registry &&
		    vs_span_is(name, l->list[i]->name))
			return l->list[i];
	}
	return NULL;
}

const char *
vs_list_name(const struct vs_list *l)
{
	return l->name;
}

bool
vs_list_is_registry(const struct vs_list *l)
{
	return l->registry;
}

size_t
vs_list_size(const struct vs_list *l)
{
	return l->n;
}

bool
vs_list_usable(const struct vs_list *l, int64_t max_age_ms, int64_t now_ms)
{
	int64_t as_of =
	    atomic_load_explicit(&l->as_of_ms, memory_order_relaxed);
	int64_t until =
	    atomic_load_explicit(&l->valid_until_ms, memory_order_relaxed);
	int64_t age;

	if (until != 0 && now_ms >= until)
		return false;
	if (__builtin_sub_overflow(now_ms, as_of, &age) || age < -SKEW_MS)
		return false;
	return max_age_ms == 0 || age <= max_age_ms;
}

const struct vs_val *
vs_list_get(const struct vs_list *l, struct vs_span key, int64_t now_s)
{
	size_t row = vs_list_row(l, key);

	if (row == SIZE_MAX || now_s >= l->expires[row])
		return NULL;
	return &l->v[row * l->per + l->per - 1];
}

const struct vs_val *
vs_list_rows(const struct vs_list *l)
{
	return l->v;
}

bool
vs_list_any_expired(const struct vs_list *l, int64_t now_s)
{
	return now_s >= l->first_expiry;
}

bool
vs_list_entry(const struct vs_list *l, size_t i, int64_t now_s,
    struct vs_val *key, struct vs_val *val, bool *expired)
{
	if (i >= l->n)
		return false;
	*key = l->v[i * l->per];
	*val = l->v[i * l->per + l->per - 1];
	*expired = now_s >= l->expires[i];
	return true;
}
