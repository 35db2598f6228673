/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/denied.h"

#include "base/encoding.h"
#include "broker/admin.h"
#include "claims/claims.h"

enum { PATH_SHOWN = 512 };

vs_status
vs_broker_denied(struct vs_broker *b, const struct vs_identity *who,
    const char *method, struct vs_span path, const char *code,
    struct vs_err *err)
{
	struct vs_audit_row row;
	struct vs_buf detail = {0};
	vs_status st;

	vs_buf_puts(&detail, "{\"method\":");
	vs_json_quote(vs_span_cstr(method), &detail);
	/* It is as it came: a record is text. */
	path = vs_span_slice(path, 0, PATH_SHOWN);
	if (vs_utf8_valid(path)) {
		vs_buf_puts(&detail, ",\"path\":");
		vs_json_quote(path, &detail);
	}
	vs_buf_puts(&detail, "}");
	st = vs_buf_status(&detail);
	if (st == VS_OK)
		st = vs_admin_row(b, who->audit, "admin.denied",
		    VS_SPAN_LIT(""), vs_buf_span(&detail), &row, err);
	if (st == VS_OK) {
		row.outcome = VS_SPAN_LIT("denied");
		row.class_name = VS_SPAN_LIT("denied");
		row.code = vs_span_cstr(code == NULL ? "" : code);
		st = vs_store_commit(b->opt.store, &row, NULL, 0, err);
	}
	vs_buf_fini(&detail);
	return st;
}
