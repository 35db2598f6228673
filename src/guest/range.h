/* SPDX-License-Identifier: Apache-2.0 */
/* BASE/shard-3..17 on the command line: fifteen names in one request. */
#ifndef VS_GUEST_RANGE_H
#define VS_GUEST_RANGE_H

#include "base/bytes.h"

struct vs_guest_range {
	struct vs_span stem; /* up to the number, "BASE/shard-"; borrowed */
	uint32_t first;
	uint32_t last;
};

/* False: it is a name like any other. VS_USAGE in *st when it is a range that
 * makes no sense. */
bool vs_guest_range_parse(
    struct vs_span name, struct vs_guest_range *out, vs_status *st);

#endif
