/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A whole release of one key fits the first block. */
enum { ALIGN = 16, FIRST_BLOCK = 32 * 1024 };

struct vs_arena_block {
	struct vs_arena_block *next;
	size_t size;
	size_t used;
	_Alignas(ALIGN) uint8_t data[];
};

void
vs_arena_init(struct vs_arena *a, size_t cap)
{
	*a = (struct vs_arena){.cap = cap};
}

static void
free_blocks(struct vs_arena_block *b)
{
	while (b != NULL) {
		struct vs_arena_block *next = b->next;

		free(b);
		b = next;
	}
}

void
vs_arena_fini(struct vs_arena *a)
{
	free_blocks(a->head);
	a->head = NULL;
	a->total = 0;
}

void
vs_arena_reset(struct vs_arena *a)
{
	struct vs_arena_block *keep = a->head;

	/* The oldest block is last; keep only that one. */
	while (keep != NULL && keep->next != NULL) {
		struct vs_arena_block *next = keep->next;

		free(keep);
		keep = next;
	}
	if (keep != NULL)
		keep->used = 0;
	a->head = keep;
	a->total = 0;
}

static struct vs_arena_block *
new_block(struct vs_arena *a, size_t n)
{
	size_t size = n > FIRST_BLOCK ? n : FIRST_BLOCK;
	size_t bytes;
	struct vs_arena_block *b;

	if (!vs_add(size, sizeof *b, &bytes))
		return NULL;
	b = malloc(bytes);
	if (b == NULL)
		return NULL;
	*b = (struct vs_arena_block){.next = a->head, .size = size};
	a->head = b;
	return b;
}

void *
vs_arena_alloc(struct vs_arena *a, size_t n)
{
	struct vs_arena_block *b = a->head;
	size_t rounded;
	void *at;

	if (!vs_add(n == 0 ? 1 : n, ALIGN - 1, &rounded))
		return NULL;
	rounded &= ~(size_t)(ALIGN - 1);
	if (rounded > a->cap - a->total)
		return NULL;
	if (b == NULL || rounded > b->size - b->used)
		b = new_block(a, rounded);
	if (b == NULL)
		return NULL;
	at = b->data + b->used;
	b->used += rounded;
	a->total += rounded;
	return memset(at, 0, rounded);
}

void *
vs_arena_calloc(struct vs_arena *a, size_t count, size_t size)
{
	size_t total;

	return vs_mul(count, size, &total) ? vs_arena_alloc(a, total) : NULL;
}

void *
vs_arena_more(struct vs_arena *a, void *v, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap == 0 ? 16 : *cap * 2;
	void *bigger;

	if (n < *cap)
		return v;
	bigger = vs_arena_calloc(a, more, size);
	if (bigger == NULL)
		return NULL;
	if (n > 0)
		memcpy(bigger, v, n * size);
	*cap = more;
	return bigger;
}

vs_status
vs_arena_dup(struct vs_arena *a, struct vs_span s, struct vs_span *out)
{
	uint8_t *p = vs_arena_alloc(a, s.n);

	if (p == NULL)
		return VS_NO_MEMORY;
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	*out = VS_SPAN(p, s.n);
	return VS_OK;
}

char *
vs_arena_cstr(struct vs_arena *a, struct vs_span s)
{
	char *p = s.n == SIZE_MAX ? NULL : vs_arena_alloc(a, s.n + 1);

	if (p != NULL && s.n > 0)
		memcpy(p, s.p, s.n);
	return p;
}

char *
vs_arena_printf(struct vs_arena *a, const char *fmt, ...)
{
	va_list ap;
	int n;
	char *p;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return NULL;
	p = vs_arena_alloc(a, (size_t)n + 1);
	if (p == NULL)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}
