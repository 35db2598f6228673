/* SPDX-License-Identifier: Apache-2.0 */
/* Administration of keys: those that somebody else made. */
#include "broker/admin.h"
#include "keeper/import.h"

/* Two payloads, and what stands around them. */
enum { IMPORT_MEMORY_MAX = 8 * 1024 * 1024 };

vs_status
vs_broker_import_key(struct vs_broker *b,
    uint8_t out[VS_BROKER_IMPORT_KEY_SIZE], struct vs_err *err)
{
	return vs_keeper_import_key(
	    b->opt.keeper, b->opt.batch_channel, out, err);
}

static vs_status
check_place(struct vs_broker *b, const struct vs_key_import *in,
    struct vs_arena *a, struct vs_err *err)
{
	struct vs_key_row *rows = NULL;
	size_t n = 0;
	vs_status st;

	VS_TRY(err, "import", vs_admin_check_name(in->name, err));
	VS_TRY(err, "import", vs_admin_check_type(in->content_type, err));
	VS_TRY(err, "import",
	    vs_admin_check_size(in->sealed.ciphertext.n, in->dataset, err));
	st = vs_store_key_versions(b->opt.store, in->name, a, &rows, &n, err);
	if (st == VS_NOT_FOUND)
		vs_err_clear(err);
	else if (st != VS_OK)
		return st;
	if (in->version != (n == 0 ? 1 : rows[n - 1].version + 1))
		return vs_fail_code(err, VS_CONFLICT, "import.version",
		    "the key was sealed as version %u, and the next is %u",
		    (unsigned)in->version,
		    n == 0 ? 1 : (unsigned)rows[n - 1].version + 1);
	if (n > 0 && (rows[n - 1].kind == VS_KIND_DATASET) != in->dataset)
		return vs_fail_code(err, VS_CONFLICT, "key.kind",
		    "versions of a key are all of a dataset, or none");
	return VS_OK;
}

static vs_status
open_sealed(struct vs_broker *b, const struct vs_key_import *in,
    const struct vs_kek_row *kek, struct vs_arena *a, struct vs_key_row *row,
    struct vs_err *err)
{
	const struct vs_key_place place = {.kek = kek->record,
	    .kek_version = kek->version,
	    .name = in->name,
	    .version = in->version,
	    .dataset = in->dataset};
	const struct vs_import_sealed sealed = {.header = in->sealed.header,
	    .epk = in->sealed.epk,
	    .iv = in->sealed.iv,
	    .ciphertext = in->sealed.ciphertext,
	    .tag = in->sealed.tag};
	uint8_t dek[VS_KEY_RECORD_SIZE];
	struct vs_buf payload = {0};
	vs_status st = vs_keeper_import(b->opt.keeper, b->opt.batch_channel,
	    &place, &sealed, dek, &payload, err);

	/* The KEK was just read: it is the sealed key that does not open. */
	if (st == VS_UNTRUSTED)
		st = vs_fail_code(err, VS_MALFORMED, "import.sealed",
		    "the sealed key does not open: it is for another name, "
		    "version or import key");
	if (st == VS_OK)
		st = vs_arena_dup(a, VS_SPAN_OF(dek), &row->dek);
	if (st == VS_OK)
		st = vs_arena_dup(a, vs_buf_span(&payload), &row->payload);
	vs_buf_fini(&payload);
	return st == VS_OK ? VS_OK : vs_ctx(err, "import", st);
}

static vs_status
import(struct vs_broker *b, struct vs_span who, const struct vs_key_import *in,
    struct vs_arena *a, struct vs_err *err)
{
	struct vs_key_row row = {.name = in->name,
	    .version = in->version,
	    .state = VS_KEY_ACTIVE,
	    .content_type = in->content_type,
	    .size = (uint32_t)in->sealed.ciphertext.n,
	    .created_ms = vs_clock_ms(&b->opt.clock),
	    .kind = in->dataset ? VS_KIND_DATASET : VS_KIND_KEY,
	    .max_uses = in->max_uses};
	struct vs_kek_row kek = {0};
	struct vs_audit_row audit;
	char *keys = vs_arena_printf(
	    a, "%.*s@%u", VS_SPAN_ARG(in->name), (unsigned)in->version);
	char *detail = vs_arena_printf(a, "{\"bytes\":%u}", (unsigned)row.size);

	if (keys == NULL || detail == NULL)
		return vs_fail(err, VS_NO_MEMORY, "import");
	VS_TRY(err, "import",
	    vs_admin_kek(b, vs_key_namespace(in->name), a, &kek, err));
	VS_TRY(err, "import", open_sealed(b, in, &kek, a, &row, err));
	row.kek_version = kek.version;
	VS_TRY(err, "import",
	    vs_admin_row(b, who, "key.import", vs_span_cstr(keys),
		vs_span_cstr(detail), &audit, err));
	return vs_store_add_keys_audited(b->opt.store, &row, 1, &audit, err);
}

vs_status
vs_broker_key_import(struct vs_broker *b, struct vs_span who,
    const struct vs_key_import *in, bool dry_run, struct vs_err *err)
{
	struct vs_arena a;
	vs_status st;

	vs_arena_init(&a, IMPORT_MEMORY_MAX);
	st = check_place(b, in, &a, err);
	if (st == VS_OK && !dry_run)
		st = import(b, who, in, &a, err);
	if (vs_admin_kek_moved(st, err))
		st = import(b, who, in, &a, err);
	vs_arena_fini(&a);
	return st;
}
