/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file seal: the root key in a file of mode 0600. It protects against
 * theft of the database only; whoever reads the file has everything.
 *
 * "VSSEAL1\n", 32 bytes of root, SHA-256 of what is before.
 */
#ifndef VS_KEEPER_SEAL_FILE_H
#define VS_KEEPER_SEAL_FILE_H

#include "base/secret.h"

/*
 * Opens the seal into *root. create: make a new root when there is no file.
 * Refuses a file that others may read, that is not ours, or that is damaged;
 * the message says what to do and never what is in it.
 */
VS_MUST_USE vs_status vs_seal_file_open(
    const char *path, bool create, struct vs_secret **root, struct vs_err *err);

#endif
