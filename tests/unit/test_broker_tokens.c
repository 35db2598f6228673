/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of ours: who may make which, what they are worth, and their end. */
#include "broker/tokens.h"

#include "base/encoding.h"
#include "crypto/digest.h"
#include "fake_world.h"

static const struct vs_identity root = {.kind = VS_IDENTITY_SOCKET,
    .name = {(const uint8_t *)"uid:0", 5},
    .person = {(const uint8_t *)"uid:0", 5},
    .audit = {(const uint8_t *)"uid:0", 5},
    .roles = VS_ROLE_ALL,
    .owner = true};
static const struct vs_identity alice = {.kind = VS_IDENTITY_CERT,
    .name = {(const uint8_t *)"cert:alice", 10},
    .person = {(const uint8_t *)"person:alice", 12},
    .audit = {(const uint8_t *)"cert:alice", 10},
    .roles = VS_ROLE_SECURITY};

static const uint8_t secret[VS_TOKEN_SECRET_SIZE] = {1, 2, 3};
static const int64_t day = INT64_C(86400000);

static struct vs_span one_list = {(const uint8_t *)"prod", 4};

static struct vs_token_ask
ask_for(const struct bench *t, unsigned roles)
{
	struct vs_token_ask ask = {.name = VS_SPAN_LIT("deploy"),
	    .roles = roles,
	    .lists = {&one_list, 1},
	    .expires_ms = t->now_ms + day};

	CHECK_INT(vs_sha256(VS_SPAN_OF(secret), ask.hash), VS_OK);
	return ask;
}

static vs_status
make(struct bench *t, const struct vs_identity *who,
    const struct vs_token_ask *ask, struct vs_token_row *row)
{
	t->err = (struct vs_err){0};
	return vs_broker_token_make(
	    t->b, who, ask, false, &t->arena, row, &t->err);
}

static const char *
text_of(const struct vs_token_row *row, const uint8_t s[32], char out[128])
{
	char tail[64] = "";

	vs_b64url_encode(VS_SPAN(s, 32), (uint8_t *)tail);
	(void)snprintf(
	    out, 128, "vouchsafe_%.*s_%s", VS_SPAN_ARG(row->id), tail);
	return out;
}

static vs_status
use(struct bench *t, const char *text, struct vs_identity *who)
{
	t->err = (struct vs_err){0};
	return vs_identify_token(
	    t->b, vs_span_cstr(text), &t->arena, who, &t->err);
}

static void
test_use(void)
{
	struct bench t;
	struct vs_token_row row;
	struct vs_identity who;
	struct vs_token_ask ask;
	char text[128];

	bench_init(&t);
	ask = ask_for(&t, VS_ROLE_CI);
	CHECK_OK(make(&t, &root, &ask, &row), t.err);
	CHECK_INT(row.id.n, VS_TOKEN_ID_LEN);
	(void)text_of(&row, secret, text);
	CHECK_INT(strlen(text), VS_TOKEN_TEXT_LEN);
	CHECK_OK(use(&t, text, &who), t.err);
	CHECK_INT(who.kind, VS_IDENTITY_TOKEN);
	CHECK_INT(who.roles, VS_ROLE_CI);
	CHECK_INT(who.lists.n, 1);
	CHECK(who.lists.n == 1 && vs_span_is(who.lists.v[0], "prod"));
	CHECK_INT(who.kinds.n, 0);
	CHECK(vs_span_starts(who.name, VS_SPAN_LIT("token:")));
	CHECK(vs_span_equal(who.person, who.name));
	CHECK(vs_span_equal(who.token_id, row.id));
	/* Used at its last millisecond, and not after. */
	t.now_ms += day - 1;
	CHECK_OK(use(&t, text, &who), t.err);
	t.now_ms += 1;
	CHECK_INT(use(&t, text, &who), VS_STALE);
	CHECK_STR(t.err.code, "token.expired");
	bench_fini(&t);
}

static void
test_use_refused(void)
{
	struct bench t;
	struct vs_token_row row;
	struct vs_identity who;
	struct vs_token_ask ask;
	uint8_t other[32] = {9};
	char text[128], copy[128];

	bench_init(&t);
	ask = ask_for(&t, VS_ROLE_CI);
	CHECK_OK(make(&t, &root, &ask, &row), t.err);
	CHECK_INT(use(&t, text_of(&row, other, text), &who), VS_UNTRUSTED);
	CHECK_STR(t.err.code, "token.unknown");
	(void)text_of(&row, secret, text);
	for (size_t n = 0; n < strlen(text); n++) {
		memcpy(copy, text, sizeof copy);
		copy[n] = '\0';
		CHECK_INT(use(&t, copy, &who), VS_UNTRUSTED);
		memcpy(copy, text, sizeof copy);
		copy[n] = copy[n] == 'b' ? 'c' : 'b';
		CHECK_INT(use(&t, copy, &who), VS_UNTRUSTED);
		CHECK_STR(t.err.code, "token.unknown");
	}
	(void)snprintf(copy, sizeof copy, "%.100sA", text);
	CHECK_INT(use(&t, copy, &who), VS_UNTRUSTED);
	bench_fini(&t);
}

static void
test_revoke(void)
{
	struct bench t;
	struct vs_token_row row, after;
	struct vs_identity who;
	struct vs_token_ask ask;
	struct vs_audit_filter f = {
	    .action = VS_SPAN_LIT("token.revoke"), .limit = 10};
	struct vs_audit_row *rows = NULL;
	char text[128];
	size_t n = 0;

	bench_init(&t);
	ask = ask_for(&t, VS_ROLE_CI);
	CHECK_OK(make(&t, &root, &ask, &row), t.err);
	(void)text_of(&row, secret, text);
	CHECK_OK(vs_broker_token_revoke(
		     t.b, &alice, row.id, true, &t.arena, &after, &t.err),
	    t.err);
	CHECK_OK(use(&t, text, &who), t.err);
	for (int i = 0; i < 2; i++)
		CHECK_OK(vs_broker_token_revoke(t.b, i == 0 ? &alice : &root,
			     row.id, false, &t.arena, &after, &t.err),
		    t.err);
	CHECK(vs_span_is(after.revoked_by, "cert:alice"));
	CHECK_STR(vs_token_state(&after, t.now_ms), "revoked");
	CHECK_INT(use(&t, text, &who), VS_STALE);
	CHECK_STR(t.err.code, "token.revoked");
	CHECK_OK(vs_store_audit_list(t.store, &f, &t.reads, &rows, &n, &t.err),
	    t.err);
	CHECK_INT(n, 1);
	CHECK_INT(vs_broker_token_revoke(t.b, &root, VS_SPAN_LIT("0"), false,
		      &t.arena, &after, &t.err),
	    VS_NOT_FOUND);
	bench_fini(&t);
}

/* Nobody gives what he does not have, nor in another's name. */
static void
test_rights(void)
{
	struct bench t;
	struct vs_token_row row;
	struct vs_token_ask ask;
	struct vs_identity limited = alice, ci = alice, member = root;

	bench_init(&t);
	ask = ask_for(&t, VS_ROLE_OPERATOR);
	CHECK_INT(make(&t, &alice, &ask, &row), VS_DENIED);
	CHECK_STR(t.err.code, "token.roles");
	ask = ask_for(&t, VS_ROLE_APPROVER);
	CHECK_INT(make(&t, &alice, &ask, &row), VS_DENIED);
	CHECK_STR(t.err.code, "token.roles");
	ask = ask_for(&t, VS_ROLE_SECURITY);
	ask.person = VS_SPAN_LIT("bob");
	CHECK_INT(make(&t, &alice, &ask, &row), VS_DENIED);
	CHECK_STR(t.err.code, "token.person");
	/* A token of hers is her hand: it is not the second one. */
	ask = ask_for(&t, VS_ROLE_SECURITY);
	CHECK_OK(make(&t, &alice, &ask, &row), t.err);
	CHECK(vs_span_is(row.person, "person:alice"));
	ask.hash[0] ^= 1;
	/* Nor for longer than it has itself. */
	limited.until_ms = ask.expires_ms - 1;
	CHECK_INT(make(&t, &limited, &ask, &row), VS_DENIED);
	CHECK_STR(t.err.code, "token.expiry");
	limited.until_ms++;
	CHECK_OK(make(&t, &limited, &ask, &row), t.err);
	ask.hash[0] ^= 4;
	ask.person = VS_SPAN_LIT("bob");
	CHECK_OK(make(&t, &root, &ask, &row), t.err);
	CHECK(vs_span_is(row.person, "person:bob"));
	/* Who has every role through a group is one person all the same. */
	member.owner = false;
	ask.hash[0] ^= 8;
	CHECK_INT(make(&t, &member, &ask, &row), VS_DENIED);
	CHECK_STR(t.err.code, "token.person");
	ask.person.n = 0;
	CHECK_OK(make(&t, &member, &ask, &row), t.err);
	CHECK(vs_span_is(row.person, "uid:0"));
	limited.lists = (struct vs_scope){&one_list, 1};
	ask = ask_for(&t, VS_ROLE_CI);
	ask.hash[0] ^= 2;
	ask.lists.n = 0;
	ask.roles = VS_ROLE_AUDITOR;
	CHECK_INT(make(&t, &limited, &ask, &row), VS_DENIED);
	CHECK_STR(t.err.code, "identity.list");
	ask.lists.n = 1;
	CHECK_OK(make(&t, &limited, &ask, &row), t.err);
	ci.roles = VS_ROLE_CI | VS_ROLE_AUDITOR | VS_ROLE_OPERATOR;
	CHECK_INT(make(&t, &ci, &ask, &row), VS_DENIED);
	CHECK_STR(t.err.code, "identity.role");
	bench_fini(&t);
}

static void
test_form(void)
{
	static struct vs_span bad = {(const uint8_t *)"a b", 3};
	static struct vs_span open = {(const uint8_t *)"[a", 2};
	struct bench t;
	struct vs_token_row row;
	struct vs_token_ask ask;

	bench_init(&t);
	ask = ask_for(&t, 0);
	CHECK_INT(make(&t, &root, &ask, &row), VS_MALFORMED);
	ask = ask_for(&t, VS_ROLE_ALL);
	CHECK_INT(make(&t, &root, &ask, &row), VS_MALFORMED);
	ask = ask_for(&t, VS_ROLE_CI);
	ask.lists.n = 0;
	CHECK_INT(make(&t, &root, &ask, &row), VS_MALFORMED);
	ask = ask_for(&t, VS_ROLE_CI);
	ask.lists.v = &bad;
	CHECK_INT(make(&t, &root, &ask, &row), VS_MALFORMED);
	ask.lists.v = &open;
	CHECK_INT(make(&t, &root, &ask, &row), VS_MALFORMED);
	ask = ask_for(&t, VS_ROLE_CI);
	ask.name = VS_SPAN_LIT("");
	CHECK_INT(make(&t, &root, &ask, &row), VS_MALFORMED);
	ask.name = VS_SPAN_LIT("a\n");
	CHECK_INT(make(&t, &root, &ask, &row), VS_MALFORMED);
	ask = ask_for(&t, VS_ROLE_CI);
	ask.expires_ms = t.now_ms;
	CHECK_INT(make(&t, &root, &ask, &row), VS_MALFORMED);
	ask.expires_ms = t.now_ms + 366 * day + 1;
	CHECK_INT(make(&t, &root, &ask, &row), VS_MALFORMED);
	ask.expires_ms = t.now_ms + 366 * day;
	CHECK_OK(make(&t, &root, &ask, &row), t.err);
	/* The same secret twice is a mistake. */
	CHECK_INT(make(&t, &root, &ask, &row), VS_CONFLICT);
	CHECK_STR(t.err.code, "token.exists");
	bench_fini(&t);
}

static void
test_list(void)
{
	struct bench t;
	struct vs_token_row row, *rows = NULL;
	struct vs_span before = {0};
	size_t n = 0, total = 0;

	bench_init(&t);
	for (uint8_t i = 0; i < 5; i++) {
		struct vs_token_ask ask = ask_for(&t, VS_ROLE_AUDITOR);

		ask.hash[0] = i;
		CHECK_OK(make(&t, &root, &ask, &row), t.err);
	}
	do {
		CHECK_OK(vs_broker_token_list(
			     t.b, before, 2, &t.reads, &rows, &n, &t.err),
		    t.err);
		for (size_t i = 0; i < n; i++)
			CHECK_INT(rows[i].hash[0], 4 - total - i);
		total += n;
		if (n > 0)
			before = rows[n - 1].id;
	} while (n == 2);
	CHECK_INT(total, 5);
	bench_fini(&t);
}

int
main(void)
{
	RUN(test_use);
	RUN(test_use_refused);
	RUN(test_revoke);
	RUN(test_rights);
	RUN(test_form);
	RUN(test_list);
	return check_result();
}
