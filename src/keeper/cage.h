/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's cage: channels, memory and time, and nothing else. */
#ifndef VS_KEEPER_CAGE_H
#define VS_KEEPER_CAGE_H

#include "base/cage.h"

/*
 * To be called once the seal was read, with channels open and before the
 * first thread. user: who to become where we are root; uid 0: nobody else. No
 * file is in reach afterwards, no socket can be made, no program started.
 * *unavailable says what the kernel could not give, or is NULL.
 */
VS_MUST_USE vs_status vs_keeper_cage(const struct vs_cage_user *user,
    unsigned open_files, const char **unavailable, struct vs_err *err);

#endif
