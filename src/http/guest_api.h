/* SPDX-License-Identifier: Apache-2.0 */
/* What confidential VMs may ask: challenge, release, health, facts. */
#ifndef VS_HTTP_GUEST_API_H
#define VS_HTTP_GUEST_API_H

#include "broker/broker.h"
#include "http/message.h"

/* A vs_handler; app is the struct vs_broker. */
void vs_guest_api(
    void *app, const struct vs_request *req, struct vs_response *res);

#endif
