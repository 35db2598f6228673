/* SPDX-License-Identifier: Apache-2.0 */
#include "store/generation.h"

#include <stdio.h>

#include "store/store_int.h"

vs_status
vs_store_generation(struct vs_store *s, int64_t *out, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = vs_db_int(
	    db, "SELECT coalesce(max(value), 0) FROM generation", out, err);

	vs_store_put(s, db);
	return st;
}

static vs_status
set(struct vs_store *s, struct vs_op *op, struct vs_err *err)
{
	const int64_t *value = op->arg;
	char sql[96];

	(void)snprintf(sql, sizeof sql,
	    "REPLACE INTO generation (id, value) VALUES (1, %lld)",
	    (long long)*value); /* fits */
	return vs_db_exec(&s->writer, sql, err);
}

vs_status
vs_store_generation_set(struct vs_store *s, int64_t value, struct vs_err *err)
{
	struct vs_op op = {.apply = set, .arg = &value};

	return vs_store_submit(s, &op, err);
}
