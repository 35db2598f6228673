/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines for operators: one line an event, key=value, to standard error.
 * Only http/, the broker's reload and the programs log; all else returns an
 * error. Untrusted text passes the escaper.
 */
#ifndef VS_BASE_LOG_H
#define VS_BASE_LOG_H

#include "base/bytes.h"

typedef enum vs_log_level {
	VS_LOG_ERROR = 0,
	VS_LOG_WARN,
	VS_LOG_INFO,
	VS_LOG_DEBUG,
} vs_log_level;

/* Lines above the level are dropped. Set before threads start. */
void vs_log_set_level(vs_log_level level);
/* fmt holds the whole line after time and level: "event=... key=value". */
void vs_log(vs_log_level level, const char *fmt, ...) VS_PRINTF(2, 3);

enum { VS_LOG_TEXT_MAX = 4 * 64 + 4 };
/* Printable ASCII except quote and backslash as is, else \xNN; 64 bytes. */
const char *vs_log_text(struct vs_span text, char out[VS_LOG_TEXT_MAX]);

#endif
