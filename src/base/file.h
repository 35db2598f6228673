/* SPDX-License-Identifier: Apache-2.0 */
/* Whole-file reads with a cap, and writes that are all or nothing. */
#ifndef VS_BASE_FILE_H
#define VS_BASE_FILE_H

#include "base/buf.h"

/* Appends the file to out; VS_TOO_LARGE above max, VS_NOT_FOUND, ... */
VS_MUST_USE vs_status vs_file_read(
    const char *path, size_t max, struct vs_buf *out, struct vs_err *err);

/*
 * Writes a temporary file beside path, fsyncs it, renames it over path and
 * fsyncs the directory. mode as for open(2).
 */
VS_MUST_USE vs_status vs_file_write(
    const char *path, struct vs_span data, unsigned mode, struct vs_err *err);

#endif
