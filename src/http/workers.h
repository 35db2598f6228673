/* SPDX-License-Identifier: Apache-2.0 */
/* Taking and giving back worker numbers; see http/listener.h. */
#ifndef VS_HTTP_WORKERS_H
#define VS_HTTP_WORKERS_H

#include "http/listener.h"

/* Waits for a free worker. Its arena is empty. */
unsigned vs_workers_take(struct vs_workers *w, struct vs_arena **arena);
void vs_workers_give(struct vs_workers *w, unsigned i);

#endif
