/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The locked heap: one slab of the secret pool, cut into blocks of multiples
 * of UNIT bytes with a free list for each size. libcrypto's objects are few
 * and of few sizes, so blocks are never merged. Allocations above BLOCK_MAX
 * are tables without secrets and go to malloc.
 */
#include "crypto/init.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include "base/secret.h"

enum {
	UNIT = 32,
	/* The largest object with a secret in it is a GCM context of about
	 * 1 KiB; whole records pass through our own buffers. */
	BLOCK_MAX = 4096,
	CLASSES = BLOCK_MAX / UNIT + 1,
	HEAD = 16, /* keeps what follows aligned as malloc would */
};

struct block {
	struct block *next;
};

static struct {
	pthread_mutex_t lock;
	struct vs_secret *mem;
	uint8_t *p;
	size_t n;
	size_t used;
	struct block *free[CLASSES];
} slab = {.lock = PTHREAD_MUTEX_INITIALIZER};

vs_status
vs_crypto_need_hardware(struct vs_err *err)
{
	bool ok = false;
#if defined(__x86_64__)
	__builtin_cpu_init();
	ok = __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
#elif defined(__aarch64__)
	unsigned long need = HWCAP_AES | HWCAP_PMULL;

	ok = (getauxval(AT_HWCAP) & need) == need;
#endif
	if (ok)
		return VS_OK;
	return vs_fail_code(err, VS_UNSUPPORTED, "keeper.cpu",
	    "this CPU has no AES and carry-less multiply instructions; "
	    "without them the time that AES-GCM takes would tell about keys");
}

size_t
vs_crypto_heap_peak(void)
{
	size_t n;

	(void)pthread_mutex_lock(&slab.lock);
	n = slab.used;
	(void)pthread_mutex_unlock(&slab.lock);
	return n;
}

static bool
in_slab(const void *p)
{
	uintptr_t at = (uintptr_t)p, from = (uintptr_t)slab.p;

	return at >= from && at < from + slab.n;
}

/* The size that was asked for stands before the block. */
static size_t
size_of(const void *p)
{
	size_t n;

	memcpy(&n, (const uint8_t *)p - HEAD, sizeof n);
	return n;
}

static size_t
class_of(size_t n)
{
	return (n + HEAD + UNIT - 1) / UNIT;
}

static void *
slab_alloc(size_t n)
{
	size_t class = class_of(n), need = class * UNIT;
	uint8_t *at = NULL;

	(void)pthread_mutex_lock(&slab.lock);
	if (slab.free[class] != NULL) {
		at = (uint8_t *)slab.free[class];
		slab.free[class] = slab.free[class]->next;
	} else if (need <= slab.n - slab.used) {
		at = slab.p + slab.used;
		slab.used += need;
	}
	(void)pthread_mutex_unlock(&slab.lock);
	if (at == NULL)
		return NULL;
	memcpy(at, &n, sizeof n);
	return at + HEAD;
}

static void
slab_free(void *p)
{
	struct block *b = (struct block *)(void *)((uint8_t *)p - HEAD);
	size_t n = size_of(p);

	vs_wipe(p, n);
	(void)pthread_mutex_lock(&slab.lock);
	b->next = slab.free[class_of(n)];
	slab.free[class_of(n)] = b;
	(void)pthread_mutex_unlock(&slab.lock);
}

static void *
heap_malloc(size_t n, const char *file, int line)
{
	(void)file;
	(void)line;
	if (n == 0)
		return NULL;
	return n + HEAD > BLOCK_MAX ? malloc(n) : slab_alloc(n);
}

static void
heap_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (p != NULL && in_slab(p))
		slab_free(p);
	else
		free(p);
}

static void *
heap_realloc(void *p, size_t n, const char *file, int line)
{
	void *to;

	if (p == NULL)
		return heap_malloc(n, file, line);
	if (n == 0) {
		heap_free(p, file, line);
		return NULL;
	}
	if (!in_slab(p)) /* grown tables; what shrinks stays where it is */
		return realloc(p, n);
	to = heap_malloc(n, file, line);
	if (to == NULL)
		return NULL;
	memcpy(to, p, n < size_of(p) ? n : size_of(p));
	slab_free(p);
	return to;
}

/* AddressSanitizer sees more when each allocation is its own. */
#if defined(__SANITIZE_ADDRESS__)
enum { OWN_HEAP = 0 };
#else
enum { OWN_HEAP = 1 };
#endif

static vs_status
install(size_t bytes, struct vs_err *err)
{
	if (!OWN_HEAP)
		return VS_OK;
	slab.mem = vs_secret_new(bytes);
	if (slab.mem == NULL)
		return vs_fail(err, VS_NO_MEMORY, "locked heap of libcrypto");
	slab.p = vs_secret_poke(slab.mem);
	slab.n = bytes;
	if (CRYPTO_set_mem_functions(heap_malloc, heap_realloc, heap_free) != 1)
		return vs_fail(err, VS_INTERNAL,
		    "libcrypto allocated memory before it was locked");
	return VS_OK;
}

vs_status
vs_crypto_lock_heap(size_t bytes, struct vs_err *err)
{
	VS_TRY(err, "libcrypto", install(bytes, err));
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return vs_fail(err, VS_INTERNAL, "libcrypto does not start");
	return VS_OK;
}
