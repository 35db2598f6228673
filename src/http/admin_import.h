/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that somebody else made. */
#ifndef VS_HTTP_ADMIN_IMPORT_H
#define VS_HTTP_ADMIN_IMPORT_H

#include "http/admin_api.h"

/* Members "dataset" and "max_uses" of a new key; false and 0 when absent. */
struct vs_json;
VS_MUST_USE vs_status vs_admin_read_use(const struct vs_json *doc,
    bool *dataset, int64_t *max_uses, struct vs_err *err);

/* GET /v1/import-key: the public key as a JWK, with its RFC 7638 thumbprint. */
void vs_admin_import_key(
    void *app, const struct vs_request *req, struct vs_response *res);
/* POST /v1/keys/{name}:import */
void vs_admin_key_import(struct vs_admin *a, const struct vs_request *req,
    struct vs_span name, struct vs_response *res);

#endif
