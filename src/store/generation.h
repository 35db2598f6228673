/* SPDX-License-Identifier: Apache-2.0 */
/* The number that ties a database to a counter outside of it. */
#ifndef VS_STORE_GENERATION_H
#define VS_STORE_GENERATION_H

#include "store/store.h"

/* In a copy that a backup made: never that of the database last served. */
enum { VS_GENERATION_COPY = -1 };

/* 0: none was ever set. */
VS_MUST_USE vs_status vs_store_generation(
    struct vs_store *s, int64_t *out, struct vs_err *err);
/* Durable when it returns. */
VS_MUST_USE vs_status vs_store_generation_set(
    struct vs_store *s, int64_t value, struct vs_err *err);

#endif
