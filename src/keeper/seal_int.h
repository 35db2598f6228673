/* SPDX-License-Identifier: Apache-2.0 */
/* The seal from inside: the file's parts, and how one is made. */
#ifndef VS_KEEPER_SEAL_INT_H
#define VS_KEEPER_SEAL_INT_H

#include <sys/stat.h>
#include <time.h>

#include "crypto/aead.h"
#include "crypto/digest.h"
#include "keeper/seal.h"
#include "keeper/shamir.h"

enum {
	VS_SEAL_MAGIC_SIZE = 8,
	VS_SEAL_SLOTS_MAX = 2, /* its own, and shares beside it */
	VS_SEAL_AREA = 8 + VS_AEAD_NONCE_SIZE + VS_RING_SIZE + VS_AEAD_TAG_SIZE,
	VS_SEAL_FILE_MAX = 48 * 1024,
	/* Set, and a SHA-256 of each share. */
	VS_SHARES_BLOB_MAX = VS_SHARE_SET_SIZE + VS_SHAMIR_MAX * VS_SHA256_SIZE,
};

/* Places in a root ring. */
enum {
	VS_RING_FORMAT = 1,
	VS_RING_HEAD = 4,
	VS_RING_ROOT_SIZE = 32,
	VS_RING_ENTRY = 4 + VS_RING_ROOT_SIZE,
	VS_RING_AUDIT_AT = VS_RING_HEAD + 2 * VS_RING_ENTRY,
};
void vs_ring_put_generation(uint8_t *ring, unsigned which, uint32_t gen);
uint8_t *vs_ring_root_at(uint8_t *ring, unsigned which);

/* One wrapping of the seal key. */
struct vs_seal_slot {
	struct vs_span kind;
	uint8_t k; /* of shares; else 0 */
	uint8_t n;
	struct vs_span blob;
};

/* A file taken apart; borrowed from its bytes. */
struct vs_seal_parts {
	bool bare; /* the first version: root is the root */
	struct vs_span root;
	struct vs_seal_slot slots[VS_SEAL_SLOTS_MAX];
	unsigned slots_n;
	struct vs_span sum;      /* SHA-256 of the header */
	struct vs_span areas[2]; /* the ring, twice */
	size_t areas_at;         /* where in the file */
};

/* VS_MALFORMED, VS_UNTRUSTED for the checksum. */
VS_MUST_USE vs_status vs_seal_parse(
    struct vs_span file, struct vs_seal_parts *out);

struct vs_seal {
	const struct vs_seal_conf *c;
	int fd;
	struct timespec changed; /* its inode, last by us */
	struct vs_secret *file;
	struct vs_seal_parts p;
	struct vs_secret *key; /* once unlocked */
	uint64_t serial;       /* of the ring in force */
	unsigned area;
	bool unlike; /* the other area may hold another ring */
	/* Shares given: their numbers, and 32 bytes each. */
	unsigned given;
	uint8_t numbers[VS_SHAMIR_MAX];
	struct vs_secret *shares;
};

/* Fails with code "seal.file" and the path before the reason. */
vs_status vs_seal_refuse(struct vs_err *err, const char *path, const char *why);

/* The seal key out of a slot. A shamir slot says VS_SEALED. */
VS_MUST_USE vs_status vs_seal_unwrap(const struct vs_seal_conf *c,
    const struct vs_seal_slot *slot, struct vs_secret **key,
    struct vs_err *err);

/* Seals ring and serial into an area. */
VS_MUST_USE vs_status vs_seal_area(const uint8_t *key, struct vs_span sum,
    uint64_t serial, const struct vs_secret *ring, uint8_t area[VS_SEAL_AREA]);

vs_status vs_seal_busy(struct vs_err *err);

/* SHA-256 over set, number and share: to know a share again. Shares have
 * 256 bits of chance in them, so this tells nobody what they are. */
VS_MUST_USE vs_status vs_seal_share_id(
    const struct vs_share *share, uint8_t out[VS_SHA256_SIZE]);

/* Opens by us alone and checks. */
VS_MUST_USE vs_status vs_seal_disk_open(
    const char *path, int *fd, struct stat *is, struct vs_err *err);
bool vs_seal_disk_read(int fd, uint8_t *out, size_t n);
/* Whole and synced under a name of its own; temp has room for that. */
enum { VS_SEAL_PATH_MAX = 2048 };
VS_MUST_USE vs_status vs_seal_disk_write(struct vs_span file, const char *path,
    char temp[VS_SEAL_PATH_MAX], struct vs_err *err);
/* To its own name: over what is there, or only where nothing is (VS_CONFLICT,
 * and the other one stays). temp is gone afterwards. */
VS_MUST_USE vs_status vs_seal_disk_publish(
    const char *temp, const char *path, bool replace, struct vs_err *err);

#endif
