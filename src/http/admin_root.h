/* SPDX-License-Identifier: Apache-2.0 */
/* The root key. */
#ifndef VS_HTTP_ADMIN_ROOT_H
#define VS_HTTP_ADMIN_ROOT_H

#include "http/message.h"

void vs_admin_root_get(
    void *app, const struct vs_request *req, struct vs_response *res);
void vs_admin_root_rotate(
    void *app, const struct vs_request *req, struct vs_response *res);

#endif
