/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that somebody else made. */
#ifndef VS_HTTP_ADMIN_IMPORT_H
#define VS_HTTP_ADMIN_IMPORT_H

#include "http/admin_api.h"

/* GET /v1/import-key: the public key as a JWK, with its RFC 7638 thumbprint. */
void vs_admin_import_key(
    void *app, const struct vs_request *req, struct vs_response *res);
/* POST /v1/keys/{name}:import */
void vs_admin_key_import(struct vs_admin *a, const struct vs_request *req,
    struct vs_span name, struct vs_response *res);

#endif
