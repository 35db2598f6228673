/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a directory, in name order; facts that tell of a change. */
#ifndef VS_BROKER_DIR_H
#define VS_BROKER_DIR_H

#include "base/bytes.h"

enum { VS_DIR_FILES_MAX = 1024 };

struct vs_dir {
	char **paths; /* directory and name */
	size_t n;
};

/* Names that begin with a dot are left out. A directory that is not there
 * is empty. */
VS_MUST_USE vs_status vs_dir_read(
    const char *path, struct vs_dir *out, struct vs_err *err);
void vs_dir_fini(struct vs_dir *d);
/* False also for what is no directory or must not be read: reading it then
 * says so. */
bool vs_dir_absent(const char *path);

struct vs_file_facts {
	int64_t mtime_ns;
	int64_t size;
	uint64_t inode;
};
/* Zeros for a file that is not there. */
void vs_file_facts(const char *path, struct vs_file_facts *out);

#endif
