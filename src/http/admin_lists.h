/* SPDX-License-Identifier: Apache-2.0 */
/* What the files about lists and about approvals share. */
#ifndef VS_HTTP_ADMIN_LISTS_H
#define VS_HTTP_ADMIN_LISTS_H

#include "broker/lists.h"
#include "http/admin_api.h"

/* LIST, LIST/entries or LIST/entries/VALUE; a value may hold slashes. */
struct vs_list_target {
	struct vs_span list;
	bool entries;
	struct vs_span value;
	struct vs_span verb; /* behind the last colon, where one is asked for */
};
VS_MUST_USE vs_status vs_admin_list_target(const struct vs_request *req,
    bool verb, struct vs_list_target *out, struct vs_err *err);
/* The answer's ETag. */
void vs_admin_list_etag(struct vs_response *res, const struct vs_request *req,
    int64_t id, int64_t change);
/* 412 for an entry that is no longer what it was. */
void vs_admin_list_fail(
    struct vs_response *res, vs_status st, const struct vs_err *err);
struct vs_json *vs_admin_need_json(const struct vs_need *n);
struct vs_json *vs_admin_id_json(const uint8_t id[16]);
/* An object with no members but these; no body is an empty one. */
VS_MUST_USE vs_status vs_admin_body(const struct vs_request *req,
    const char *const *known, size_t n, struct vs_json **doc,
    struct vs_err *err);
/* Absent: *out stays. */
VS_MUST_USE vs_status vs_admin_text(const struct vs_json *doc, const char *name,
    struct vs_span *out, struct vs_err *err);

#endif
