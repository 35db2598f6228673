/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a seal, or makes one anew around the same root, in a process of its
 * own (vouchsafe-seal) that ends with it: so a root is in that one and in the
 * keeper, and in no other program. A back end is in yet another process.
 *
 * It talks in lines. Out: "share TEXT", to be given away; "need GIVEN K N",
 * upon which it reads a share as one line; "wrong MESSAGE", for a share that
 * does not count; "note MESSAGE"; "done KIND". What fails is the caller's to
 * report, as "fail MESSAGE".
 */
#ifndef VS_KEEPER_SEAL_TOOL_H
#define VS_KEEPER_SEAL_TOOL_H

#include "keeper/seal.h"

struct vs_seal_job {
	struct vs_seal_conf conf; /* kind NULL: any */
	bool fresh;               /* a new root; else that of the seal */
	const char *to;           /* kind of the new seal; NULL: as it was */
	unsigned shares;
	unsigned threshold;
	int in;
	int out;
};

/* "--make new" or "--make again" first, then pairs. False: no such job. */
VS_MUST_USE bool vs_seal_job_parse(
    int argc, char **argv, struct vs_seal_job *out);

/* As vs_seal_open; until lock is freed nobody else puts a ring into the file or
 * another in its place (VS_CONFLICT). */
VS_MUST_USE vs_status vs_seal_open_locked(const struct vs_seal_conf *c,
    struct vs_seal **lock, struct vs_seal **out, struct vs_err *err);

VS_MUST_USE vs_status vs_seal_tool(
    const struct vs_seal_job *job, struct vs_err *err);

#endif
