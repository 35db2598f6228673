/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_alloc.h"

#include <stdlib.h>

static _Atomic uint64_t calls;

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

#if defined(__GLIBC__) && !defined(SANITIZED)

/* What malloc is an alias of; exported by every glibc. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *p, size_t n);

__attribute__((used, visibility("default"))) void *
malloc(size_t n)
{
	calls++;
	return __libc_malloc(n);
}

__attribute__((used, visibility("default"))) void *
calloc(size_t count, size_t n)
{
	calls++;
	return __libc_calloc(count, n);
}

__attribute__((used, visibility("default"))) void *
realloc(void *p, size_t n)
{
	calls++;
	return __libc_realloc(p, n);
}

#endif

uint64_t
vs_bench_allocs(void)
{
	return calls;
}

bool
vs_bench_allocs_seen(void)
{
	/* Through volatile, or the compiler makes no call. */
	void *(*volatile allocate)(size_t) = malloc;
	uint64_t before = calls;

	free(allocate(1));
	return calls > before;
}
