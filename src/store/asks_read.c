/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for approval, and who agreed: reading. */
#include <string.h>

#include "store/lists_int.h"

const char *
vs_ask_action_name(vs_ask_action a)
{
	switch (a) {
#define X(sym, number, name)                                                   \
	case sym:                                                              \
		return name;
		VS_ASK_ACTION_TABLE(X)
#undef X
	case VS_ASK_NONE:
		break;
	}
	return "?";
}

const char *
vs_ask_state_name(vs_ask_state s)
{
	switch (s) {
#define X(sym, number, name)                                                   \
	case sym:                                                              \
		return name;
		VS_ASK_STATE_TABLE(X)
#undef X
	case VS_ASK_ABSENT:
		break;
	}
	return "?";
}

bool
vs_need_nothing(const struct vs_need *n)
{
	static const struct vs_need nothing = {0};

	return memcmp(n, &nothing, sizeof nothing) == 0;
}

void
vs_need_pack(const struct vs_need *n, uint8_t out[VS_NEED_SIZE])
{
	out[0] = n->any;
	memcpy(out + 1, n->role, VS_NEED_ROLES);
}

static void
need_unpack(const uint8_t in[VS_NEED_SIZE], struct vs_need *n)
{
	n->any = in[0];
	memcpy(n->role, in + 1, VS_NEED_ROLES);
}

/*
 * Whether each place can be given to a person of its own. Hall's theorem:
 * it can if for every set of roles there are as many people who have one of
 * them as there are places for them, and enough people in all.
 */
bool
vs_need_met(const struct vs_need *need, const unsigned *voters, size_t n)
{
	size_t all = need->any;

	for (unsigned i = 0; i < VS_NEED_ROLES; i++)
		all += need->role[i];
	if (n < all)
		return false;
	for (unsigned set = 1; set < 1u << VS_NEED_ROLES; set++) {
		size_t places = 0, people = 0;

		for (unsigned i = 0; i < VS_NEED_ROLES; i++)
			if ((set & 1u << i) != 0)
				places += need->role[i];
		if (places == 0)
			continue;
		for (size_t i = 0; i < n; i++)
			people += (voters[i] & set) != 0;
		if (people < places)
			return false;
	}
	return true;
}

vs_status
vs_ask_read(struct vs_query *q, struct vs_arena *a, struct vs_ask_row *out,
    struct vs_err *err)
{
	struct vs_ask_row r = {
	    .action = (vs_ask_action)vs_query_get_int(q, 1),
	    .state = (vs_ask_state)vs_query_get_int(q, 2),
	    .entry = vs_query_get_int(q, 5),
	    .asked_ms = vs_query_get_int(q, 9),
	    .expires_ms = vs_query_get_int(q, 10),
	    .window_ms = vs_query_get_int(q, 11),
	    .closed_ms = vs_query_get_int(q, 12),
	};
	uint8_t need[VS_NEED_SIZE];

	VS_TRY(err, "ask", vs_query_get_n(q, 0, r.id, sizeof r.id));
	VS_TRY(err, "ask", vs_query_get_n(q, 6, need, sizeof need));
	need_unpack(need, &r.need);
	VS_TRY(err, "ask", vs_query_get(q, 3, a, &r.subject));
	VS_TRY(err, "ask", vs_query_get(q, 4, a, &r.value));
	VS_TRY(err, "ask", vs_query_get(q, 7, a, &r.asked_by));
	VS_TRY(err, "ask", vs_query_get(q, 8, a, &r.person));
	VS_TRY(err, "ask", vs_query_get(q, 13, a, &r.reason));
	VS_TRY(err, "ask", vs_query_get(q, 14, a, &r.detail));
	*out = r;
	return VS_OK;
}

vs_status
vs_ask_find(struct vs_db *db, const uint8_t id[VS_ASK_ID_SIZE],
    struct vs_arena *a, struct vs_ask_row *out, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_ASK_GET);
	bool row = false;

	vs_query_blob(&q, 1, VS_SPAN(id, VS_ASK_ID_SIZE));
	VS_TRY(err, "ask", vs_query_step(&q, &row, err));
	if (!row)
		return vs_fail_code(err, VS_NOT_FOUND, "approval.unknown",
		    "nothing with this id waits or waited for approval");
	return vs_ask_read(&q, a, out, err);
}

vs_status
vs_votes_read(struct vs_db *db, const uint8_t id[VS_ASK_ID_SIZE],
    struct vs_arena *a, struct vs_vote_row **out, size_t *n, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_VOTE_LIST);
	struct vs_vote_row *v = NULL;
	size_t count = 0, cap = 0;

	vs_query_blob(&q, 1, VS_SPAN(id, VS_ASK_ID_SIZE));
	for (;;) {
		bool row = false;

		VS_TRY(err, "votes", vs_query_step(&q, &row, err));
		if (!row)
			break;
		v = vs_arena_more(a, v, count, &cap, sizeof *v);
		if (v == NULL)
			return vs_fail(err, VS_NO_MEMORY, "store: votes");
		VS_TRY(err, "votes", vs_query_get(&q, 0, a, &v[count].who));
		VS_TRY(err, "votes", vs_query_get(&q, 1, a, &v[count].person));
		v[count].roles = (unsigned)vs_query_get_int(&q, 2);
		v[count].at_ms = vs_query_get_int(&q, 3);
		count++;
	}
	*out = v;
	*n = count;
	return VS_OK;
}

vs_status
vs_store_ask(struct vs_store *s, const uint8_t id[VS_ASK_ID_SIZE],
    struct vs_arena *a, struct vs_ask_row *out, struct vs_vote_row **votes,
    size_t *votes_n, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	struct vs_ask_row r;
	vs_status st = vs_ask_find(db, id, a, &r, err);

	if (st == VS_OK && votes != NULL)
		st = vs_votes_read(db, id, a, votes, votes_n, err);
	vs_store_put(s, db);
	if (st == VS_OK)
		*out = r;
	return st;
}

static vs_status
page(struct vs_db *db, const struct vs_ask_filter *f, struct vs_arena *a,
    struct vs_ask_row **rows, size_t *n, struct vs_err *err)
{
	VS_QUERY q = vs_query_of(db, VS_SQL_ASK_LIST);
	struct vs_ask_row *v = NULL;
	size_t count = 0, cap = 0;

	vs_query_blob(
	    &q, 1, f->has_after ? VS_SPAN_OF(f->after) : VS_SPAN_LIT(""));
	vs_query_int(&q, 2, f->state);
	vs_query_int(&q, 3, (int64_t)f->limit);
	for (;;) {
		bool row = false;

		VS_TRY(err, "asks", vs_query_step(&q, &row, err));
		if (!row)
			break;
		v = vs_arena_more(a, v, count, &cap, sizeof *v);
		if (v == NULL)
			return vs_fail(err, VS_NO_MEMORY, "store: asks");
		VS_TRY(err, "asks", vs_ask_read(&q, a, &v[count], err));
		count++;
	}
	*rows = v;
	*n = count;
	return VS_OK;
}

vs_status
vs_store_asks(struct vs_store *s, const struct vs_ask_filter *f,
    struct vs_arena *a, struct vs_ask_row **rows, size_t *n, struct vs_err *err)
{
	struct vs_db *db = vs_store_take(s);
	vs_status st = page(db, f, a, rows, n, err);

	vs_store_put(s, db);
	return st;
}
