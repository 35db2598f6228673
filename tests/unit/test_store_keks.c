/* SPDX-License-Identifier: Apache-2.0 */
/* Rotation of KEKs in the store: batches, what is left, what is retired. */
#include "store_fixture.h"

#include "store/keks.h"

static void
add_kek_version(struct fixture *f, uint32_t version, const char *record)
{
	const struct vs_kek_row kek = {.ns = VS_SPAN_LIT("models"),
	    .version = version,
	    .record = vs_span_cstr(record),
	    .created_ms = 500};

	CHECK_OK(vs_store_add_kek(f->s, &kek, &f->err), f->err);
}

/* n keys under KEK 1 with DEKs of their own, and KEK 2. */
static void
world(struct fixture *f, uint32_t n)
{
	fixture_init(f);
	add_kek(f, "models");
	add_kek(f, "model"); /* neighbours by name, not by namespace */
	add_kek(f, "models0");
	CHECK_OK(add_key(f, "model/a", 1), f->err);
	CHECK_OK(add_key(f, "models0/a", 1), f->err);
	for (uint32_t i = 0; i < n; i++) {
		char name[32];
		char dek[32];
		struct vs_key_row row;

		(void)snprintf(name, sizeof name, "models/%03u", i);
		(void)snprintf(dek, sizeof dek, "old dek %03u", i);
		row = key_row(name, 1);
		row.dek = vs_span_cstr(dek);
		CHECK_OK(vs_store_add_keys(f->s, &row, 1, &f->err), f->err);
	}
	add_kek_version(f, 2, "second record");
}

static size_t
left(struct fixture *f)
{
	size_t n = 999;

	CHECK_OK(
	    vs_store_rewrap_left(f->s, VS_SPAN_LIT("models"), 2, &n, &f->err),
	    f->err);
	return n;
}

static size_t
next_page(struct fixture *f, struct vs_span after, size_t limit,
    struct vs_rewrap_row **rows)
{
	const struct vs_rewrap_page page = {.ns = VS_SPAN_LIT("models"),
	    .to_version = 2,
	    .after_name = after,
	    .after_version = after.n > 0 ? 1 : 0,
	    .limit = limit,
	    .bytes_max = 1 << 20};
	size_t n = 0;

	CHECK_OK(vs_store_rewrap_next(f->s, &page, &f->a, rows, &n, &f->err),
	    f->err);
	return n;
}

static vs_status
apply(struct fixture *f, struct vs_rewrap_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *text = vs_arena_printf(&f->a, "new%.*s",
		    VS_SPAN_ARG(vs_span_slice(rows[i].dek, 3, 99)));

		rows[i].moved = vs_span_cstr(text);
	}
	return vs_store_rewrap_apply(
	    f->s, VS_SPAN_LIT("models"), 2, rows, n, &f->err);
}

static struct vs_kek_row
kek_row(struct fixture *f, const char *ns, uint32_t version)
{
	struct vs_kek_row *rows = NULL;
	size_t n = 0;

	CHECK_OK(vs_store_kek_list(f->s, &f->a, &rows, &n, &f->err), f->err);
	for (size_t i = 0; i < n; i++)
		if (vs_span_is(rows[i].ns, ns) && rows[i].version == version)
			return rows[i];
	CHECK(false);
	return (struct vs_kek_row){0};
}

static vs_status
retire(struct fixture *f, uint32_t version)
{
	struct vs_audit_row audit = audit_row(100 + version);

	vs_err_clear(&f->err);
	return vs_store_kek_retire(
	    f->s, VS_SPAN_LIT("models"), version, 9000, &audit, &f->err);
}

static void
test_whole_rotation(void)
{
	struct fixture f;
	struct vs_rewrap_row *rows = NULL;
	struct vs_key_row key = {0};
	struct vs_span after = {0};
	struct vs_kek_row kek;
	size_t n;
	size_t pages = 0;

	world(&f, 25);
	CHECK_INT(left(&f), 25);
	CHECK_INT(kek_row(&f, "models", 1).uses, 25);
	while ((n = next_page(&f, after, 10, &rows)) > 0) {
		CHECK_INT(rows[0].kek_version, 1);
		CHECK(vs_span_is(rows[0].kek, "record of the kek"));
		CHECK(vs_span_starts(rows[0].dek, VS_SPAN_LIT("old dek")));
		CHECK_OK(apply(&f, rows, n), f.err);
		after = rows[n - 1].name;
		pages++;
		CHECK_INT(retire(&f, 1), pages < 3 ? VS_CONFLICT : VS_OK);
	}
	CHECK_INT(pages, 3);
	CHECK_INT(left(&f), 0);
	CHECK_OK(
	    vs_store_key(f.s, VS_SPAN_LIT("models/007"), 1, &f.a, &key, &f.err),
	    f.err);
	CHECK_INT(key.kek_version, 2);
	CHECK(vs_span_is(key.kek, "second record"));
	CHECK(vs_span_is(key.dek, "new dek 007"));
	CHECK(vs_span_is(key.payload, "a sealed payload"));
	kek = kek_row(&f, "models", 1);
	CHECK_INT(kek.record.n, 0);
	CHECK_INT(kek.retired_ms, 9000);
	CHECK_INT(kek_row(&f, "models", 2).uses, 25);
	CHECK_INT(kek_row(&f, "model", 1).retired_ms, 0);
	CHECK_INT(check_chain(&f), 1); /* the retirement */
	CHECK_INT(retire(&f, 2), VS_CONFLICT);
	CHECK_STR(f.err.code, "kek.newest");
	fixture_fini(&f);
}

/* Nothing goes under a KEK that a rotation has begun to empty. */
static void
test_no_key_under_an_old_kek(void)
{
	struct fixture f;
	struct vs_key_row row = key_row("models/late", 1);

	world(&f, 1);
	CHECK_INT(vs_store_add_keys(f.s, &row, 1, &f.err), VS_CONFLICT);
	CHECK_STR(f.err.code, "kek.rotated");
	row.kek_version = 2;
	CHECK_OK(vs_store_add_keys(f.s, &row, 1, &f.err), f.err);
	CHECK_INT(left(&f), 1);
	fixture_fini(&f);
}

/* A key that is destroyed between the look and the move stays destroyed. */
static void
test_destroyed_meanwhile(void)
{
	struct fixture f;
	struct vs_rewrap_row *rows = NULL;
	struct vs_key_row key = {0};

	world(&f, 3);
	CHECK_INT(next_page(&f, VS_SPAN(NULL, 0), 10, &rows), 3);
	CHECK_OK(vs_store_key_state(f.s, VS_SPAN_LIT("models/001"), 1,
		     VS_KEY_DESTROYED, 5, &f.err),
	    f.err);
	CHECK_OK(apply(&f, rows, 3), f.err);
	CHECK_OK(
	    vs_store_key(f.s, VS_SPAN_LIT("models/001"), 1, &f.a, &key, &f.err),
	    f.err);
	CHECK_INT(key.state, VS_KEY_DESTROYED);
	CHECK_INT(key.dek.n, 0);
	CHECK_INT(left(&f), 0);
	CHECK_OK(retire(&f, 1), f.err);
	fixture_fini(&f);
}

/* The same batch twice, as after a lost answer: the second changes nothing. */
static void
test_moved_once(void)
{
	struct fixture f;
	struct vs_rewrap_row *rows = NULL;
	struct vs_key_row key = {0};

	world(&f, 2);
	CHECK_INT(next_page(&f, VS_SPAN(NULL, 0), 10, &rows), 2);
	rows[1].moved = VS_SPAN(NULL, 0);
	CHECK_OK(apply(&f, rows, 1), f.err);
	rows[0].moved = VS_SPAN_LIT("again");
	CHECK_OK(vs_store_rewrap_apply(
		     f.s, VS_SPAN_LIT("models"), 2, rows, 2, &f.err),
	    f.err);
	CHECK_OK(
	    vs_store_key(f.s, VS_SPAN_LIT("models/000"), 1, &f.a, &key, &f.err),
	    f.err);
	CHECK(vs_span_is(key.dek, "new dek 000"));
	CHECK_INT(left(&f), 1);
	fixture_fini(&f);
}

static void
test_large_payloads_make_small_pages(void)
{
	struct fixture f;
	struct vs_rewrap_row *rows = NULL;
	struct vs_rewrap_page page = {.ns = VS_SPAN_LIT("models"),
	    .to_version = 2,
	    .limit = 10,
	    .bytes_max = 70};
	size_t n = 0;

	world(&f, 10); /* of 32 bytes each */
	CHECK_OK(
	    vs_store_rewrap_next(f.s, &page, &f.a, &rows, &n, &f.err), f.err);
	CHECK_INT(n, 3);
	page.bytes_max = 0;
	CHECK_OK(
	    vs_store_rewrap_next(f.s, &page, &f.a, &rows, &n, &f.err), f.err);
	CHECK_INT(n, 1);
	fixture_fini(&f);
}

static void
test_record_of_a_kek(void)
{
	struct fixture f;
	struct vs_kek_row kek;

	world(&f, 1);
	kek = kek_row(&f, "models", 2);
	CHECK_OK(vs_store_kek_record(
		     f.s, &kek, VS_SPAN_LIT("under a new root"), &f.err),
	    f.err);
	CHECK(vs_span_is(kek_row(&f, "models", 2).record, "under a new root"));
	CHECK_INT(vs_store_kek_record(f.s, &kek, VS_SPAN_LIT("late"), &f.err),
	    VS_CONFLICT);
	fixture_fini(&f);
}

static bool
on_disk(struct fixture *f, const char *tail, const char *what)
{
	static char all[4 * 1024 * 1024];
	char path[128];
	FILE *in;
	size_t n;

	(void)snprintf(path, sizeof path, "%s%s", f->path, tail);
	in = fopen(path, "rb");
	if (in == NULL)
		return false;
	n = fread(all, 1, sizeof all, in);
	(void)fclose(in);
	return memmem(all, n, what, strlen(what)) != NULL;
}

static void
test_a_retired_kek_is_nowhere(void)
{
	struct fixture f;
	struct vs_rewrap_row *rows = NULL;

	fixture_init(&f);
	add_kek_version(&f, 1, "first record of a kek");
	CHECK_OK(add_key(&f, "models/a", 1), f.err);
	add_kek_version(&f, 2, "second record of a kek");
	CHECK_INT(next_page(&f, VS_SPAN(NULL, 0), 10, &rows), 1);
	CHECK_OK(apply(&f, rows, 1), f.err);
	CHECK(on_disk(&f, "-wal", "first record of a kek"));
	CHECK_OK(retire(&f, 1), f.err);
	CHECK(!on_disk(&f, "", "first record of a kek"));
	CHECK(!on_disk(&f, "-wal", "first record of a kek"));
	CHECK(on_disk(&f, "", "second record of a kek"));
	fixture_fini(&f);
}

int
main(void)
{
	RUN(test_whole_rotation);
	RUN(test_no_key_under_an_old_kek);
	RUN(test_destroyed_meanwhile);
	RUN(test_moved_once);
	RUN(test_large_payloads_make_small_pages);
	RUN(test_record_of_a_kek);
	RUN(test_a_retired_kek_is_nowhere);
	return check_result();
}
