/* SPDX-License-Identifier: Apache-2.0 */
/* Shares on their way between a custodian and the keeper. */
#ifndef VS_CLI_SHARE_H
#define VS_CLI_SHARE_H

#include "base/bytes.h"
#include "keeper/shamir.h"

/*
 * One share: asked for on the terminal, without echo, or the next line of
 * standard input where that is none. VS_NOT_FOUND at the end of the input.
 * Blanks around it are dropped. The caller wipes out.
 */
VS_MUST_USE vs_status vs_cli_share_read(const char *prompt,
    char out[VS_SHARE_TEXT_MAX], size_t *n, struct vs_err *err);
/* Whether that asks a person. */
bool vs_cli_share_asks(void);

/* Shows one of n shares to its custodian. Where people look on, they are asked
 * for Enter, and it is wiped from the screen before the next. */
void vs_cli_share_show(const char *share, unsigned number, bool people);

#endif
