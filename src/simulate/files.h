/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a simulated PKI's directory. Messages name the file. */
#ifndef VS_SIMULATE_FILES_H
#define VS_SIMULATE_FILES_H

#include "codec/json.h"
#include "crypto/issue.h"

VS_MUST_USE vs_status vs_sim_mkdir(const char *dir, struct vs_err *err);

VS_MUST_USE vs_status vs_sim_file_save(const char *dir, const char *name,
    struct vs_span data, unsigned mode, struct vs_err *err);
VS_MUST_USE vs_status vs_sim_file_load(
    const char *dir, const char *name, struct vs_buf *out, struct vs_err *err);

/* One certificate in PEM, from and to DER. */
VS_MUST_USE vs_status vs_sim_cert_save(const char *dir, const char *name,
    const struct vs_buf *der, struct vs_err *err);
VS_MUST_USE vs_status vs_sim_cert_load(
    const char *dir, const char *name, struct vs_buf *der, struct vs_err *err);

/* Mode 0600. */
VS_MUST_USE vs_status vs_sim_key_save(const char *dir, const char *name,
    const struct vs_issue_key *key, struct vs_err *err);
VS_MUST_USE vs_status vs_sim_key_load(const char *dir, const char *name,
    struct vs_issue_key **key, struct vs_err *err);

/* Pretty JSON, mode 0644. */
VS_MUST_USE vs_status vs_sim_json_save(const char *dir, const char *name,
    const struct vs_json *v, struct vs_err *err);
VS_MUST_USE vs_status vs_sim_json_load(const char *dir, const char *name,
    struct vs_json **out, struct vs_err *err);

#endif
