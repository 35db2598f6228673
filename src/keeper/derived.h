/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that are derived from the key of a dataset: one for each shard of each
 * epoch, by name: BASE/epoch-3/shard-17. Numbers are decimal without leading
 * zeros, so that each key has one name.
 */
#ifndef VS_KEEPER_DERIVED_H
#define VS_KEEPER_DERIVED_H

#include "base/bytes.h"

enum { VS_DERIVED_SIZE = 32 };

struct vs_derived {
	struct vs_span base; /* the dataset's name; borrowed */
	uint32_t epoch;
	uint32_t shard;
};

/* False: the name is of another form. */
bool vs_derived_parse(struct vs_span name, struct vs_derived *out);

/*
 * HKDF-SHA256 of the dataset's key; the info holds name, version, epoch and
 * shard, each of which makes it another key.
 */
VS_MUST_USE vs_status vs_derived_key(struct vs_span dataset_key,
    const struct vs_derived *d, uint32_t version, uint8_t out[VS_DERIVED_SIZE]);

#endif
