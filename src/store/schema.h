/* SPDX-License-Identifier: Apache-2.0 */
/* Creation and migration of the database. Internal to store/. */
#ifndef VS_STORE_SCHEMA_H
#define VS_STORE_SCHEMA_H

#include "store/db.h"

/*
 * Makes an empty database ours, migrates an old one of ours, and puts it in
 * WAL mode. VS_UNSUPPORTED with code "store.foreign" for a file that is not
 * ours and "store.newer" for a schema from the future.
 */
VS_MUST_USE vs_status vs_schema_migrate(struct vs_db *db, struct vs_err *err);
/* For who only reads: nothing is changed, so it must be of today. */
VS_MUST_USE vs_status vs_schema_require(struct vs_db *db, struct vs_err *err);

#endif
