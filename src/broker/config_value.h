/* SPDX-License-Identifier: Apache-2.0 */
/* Text of a configuration value to its meaning; false: not of that form. And
 * the values that are not written. */
#ifndef VS_BROKER_CONFIG_VALUE_H
#define VS_BROKER_CONFIG_VALUE_H

#include "broker/config.h"

/* Decimal digits, at most 12. */
bool vs_config_count(struct vs_span text, int64_t *out);
/* A count of bytes, or of KiB or MiB with that unit. */
bool vs_config_size(struct vs_span text, int64_t *out);
/* A count with the unit s, m or h. */
bool vs_config_seconds(struct vs_span text, int64_t *out);
bool vs_config_bool(struct vs_span text, bool *out);
bool vs_config_crl(struct vs_span text, vs_crl_mode *out);
/* The kind of a seal; *out is static. */
bool vs_config_seal(struct vs_span text, const char **out);
bool vs_config_level(struct vs_span text, vs_log_level *out);

/* What no file says: numbers, and paths in the data directory. */
struct vs_config vs_config_default(void);
VS_MUST_USE vs_status vs_config_default_paths(
    struct vs_config *c, const char *data, struct vs_err *err);

#endif
