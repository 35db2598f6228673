/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/tokens.h"

#include <string.h>

#include "base/encoding.h"
#include "base/random.h"
#include "broker/admin.h"
#include "claims/claims.h"
#include "crypto/digest.h"
#include "policy/glob.h"

enum { NAME_MAX_LEN = 64, SCOPE_MAX = 64, SCOPE_TEXT_MAX = 4096 };

static const int64_t day_ms = INT64_C(24) * 3600 * 1000;

/* ---- the text ---- */

static bool
is_hex(struct vs_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (memchr("0123456789abcdef", s.p[i], 16) == NULL)
			return false;
	return true;
}

static bool
take_apart(struct vs_span text, struct vs_span *id,
    uint8_t secret[VS_TOKEN_SECRET_SIZE])
{
	const size_t head = sizeof VS_TOKEN_PREFIX - 1;
	struct vs_span tail =
	    vs_span_slice(text, head + VS_TOKEN_ID_LEN + 1, text.n);

	if (text.n != VS_TOKEN_TEXT_LEN || !vs_token_is(text) ||
	    text.p[head + VS_TOKEN_ID_LEN] != '_')
		return false;
	*id = vs_span_slice(text, head, VS_TOKEN_ID_LEN);
	return is_hex(*id) &&
	    vs_b64url_decode_n(tail, secret, VS_TOKEN_SECRET_SIZE) == VS_OK;
}

bool
vs_token_is(struct vs_span text)
{
	return vs_span_starts(text, VS_SPAN_LIT(VS_TOKEN_PREFIX));
}

/* ---- use ---- */

/* "a b c" */
static vs_status
read_scope(struct vs_span text, struct vs_arena *a, struct vs_scope *out)
{
	struct vs_span *v = vs_arena_calloc(a, SCOPE_MAX, sizeof *v);
	size_t at = 0, n = 0;

	if (v == NULL)
		return VS_NO_MEMORY;
	while (at < text.n) {
		size_t end = at;

		while (end < text.n && text.p[end] != ' ')
			end++;
		if (n == SCOPE_MAX)
			return VS_INTERNAL; /* we wrote fewer */
		v[n++] = vs_span_slice(text, at, end - at);
		at = end + 1;
	}
	*out = (struct vs_scope){v, n};
	return VS_OK;
}

static vs_status
unknown(struct vs_err *err)
{
	return vs_fail_code(
	    err, VS_UNTRUSTED, "token.unknown", "token: not one of ours");
}

static vs_status
check_row(struct vs_broker *b, const struct vs_token_row *r,
    const uint8_t secret[VS_TOKEN_SECRET_SIZE], struct vs_err *err)
{
	uint8_t hash[VS_TOKEN_HASH_SIZE];

	VS_TRY(err, "token",
	    vs_sha256(VS_SPAN(secret, VS_TOKEN_SECRET_SIZE), hash));
	if (!vs_equal_ct(VS_SPAN_OF(hash), VS_SPAN_OF(r->hash)))
		return unknown(err);
	if (r->revoked_ms != 0)
		return vs_fail_code(
		    err, VS_STALE, "token.revoked", "token: was revoked");
	if (vs_clock_ms(&b->opt.clock) >= r->expires_ms)
		return vs_fail_code(
		    err, VS_STALE, "token.expired", "token: has expired");
	return VS_OK;
}

vs_status
vs_identify_token(struct vs_broker *b, struct vs_span text, struct vs_arena *a,
    struct vs_identity *out, struct vs_err *err)
{
	uint8_t secret[VS_TOKEN_SECRET_SIZE];
	struct vs_token_row r = {.roles = 0};
	struct vs_identity who = {.kind = VS_IDENTITY_TOKEN};
	struct vs_span id;
	const char *name;
	vs_status st;

	if (!take_apart(text, &id, secret))
		return unknown(err);
	st = vs_store_token(b->opt.store, id, a, &r, err);
	if (st == VS_NOT_FOUND)
		return unknown(err);
	VS_TRY(err, "token", st);
	VS_TRY(err, "token", check_row(b, &r, secret, err));
	VS_TRY(err, "token", read_scope(r.lists, a, &who.lists));
	VS_TRY(err, "token", read_scope(r.kinds, a, &who.kinds));
	name = vs_arena_printf(a, "token:%.*s", VS_SPAN_ARG(r.id));
	if (name == NULL)
		return vs_fail(err, VS_NO_MEMORY, "token");
	who.name = who.audit = vs_span_cstr(name);
	who.person = r.person;
	who.token_id = r.id;
	who.roles = r.roles;
	who.until_ms = r.expires_ms;
	*out = who;
	return VS_OK;
}

/* ---- making ---- */

static bool
is_plain(struct vs_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= 0x20 || s.p[i] > 0x7e)
			return false;
	return s.n > 0 && s.n <= NAME_MAX_LEN;
}

static vs_status
check_scope(
    const struct vs_scope *s, const char *what, size_t *len, struct vs_err *err)
{
	if (s->n > SCOPE_MAX)
		return vs_fail(err, VS_MALFORMED, "%s: above %d patterns", what,
		    SCOPE_MAX);
	for (size_t i = 0; i < s->n; i++) {
		const char *bad = vs_glob_check(s->v[i]);

		if (bad != NULL)
			return vs_fail(err, VS_MALFORMED, "%s: %s", what, bad);
		if (!is_plain(s->v[i]))
			return vs_fail(err, VS_MALFORMED,
			    "%s: printable ASCII without spaces, 1 to %d", what,
			    NAME_MAX_LEN);
		*len += s->v[i].n + 1;
	}
	return VS_OK;
}

static vs_status
check_form(
    struct vs_broker *b, const struct vs_token_ask *ask, struct vs_err *err)
{
	int64_t now = vs_clock_ms(&b->opt.clock);
	struct vs_err why = {0};
	size_t len = 0;

	if (!is_plain(ask->name))
		return vs_fail(err, VS_MALFORMED,
		    "name: printable ASCII without spaces, 1 to %d",
		    NAME_MAX_LEN);
	if (ask->person.n > 0 && !is_plain(ask->person))
		return vs_fail(err, VS_MALFORMED,
		    "person: printable ASCII without spaces, 1 to %d",
		    NAME_MAX_LEN);
	if (vs_roles_check(ask->roles, &why) != VS_OK)
		return vs_fail(err, VS_MALFORMED, "roles: %s", why.msg);
	if ((ask->roles & VS_ROLE_CI) != 0 && ask->lists.n == 0)
		return vs_fail(err, VS_MALFORMED,
		    "lists: the role ci needs the ones it may add to");
	VS_TRY(err, "token", check_scope(&ask->lists, "lists", &len, err));
	VS_TRY(err, "token", check_scope(&ask->kinds, "kinds", &len, err));
	if (ask->expires_ms <= now ||
	    ask->expires_ms > now + VS_TOKEN_DAYS_MAX * day_ms)
		return vs_fail(err, VS_MALFORMED,
		    "expires_at: must be in the next %d days",
		    VS_TOKEN_DAYS_MAX);
	return VS_OK;
}

static bool
has_pattern(const struct vs_scope *s, struct vs_span p)
{
	for (size_t i = 0; i < s->n; i++)
		if (vs_span_equal(s->v[i], p))
			return true;
	return false;
}

/* Pattern by pattern, as written: that is easy to see, and never too wide. */
static bool
within(const struct vs_scope *inner, const struct vs_scope *outer)
{
	if (outer->n == 0)
		return true;
	for (size_t i = 0; i < inner->n; i++)
		if (!has_pattern(outer, inner->v[i]))
			return false;
	return inner->n > 0;
}

static vs_status
check_right(const struct vs_identity *who, const struct vs_token_ask *ask,
    struct vs_err *err)
{
	unsigned free_to_give = VS_ROLE_CI | VS_ROLE_AUDITOR;
	unsigned more = ask->roles & ~(who->roles | free_to_give);
	char text[VS_ROLES_TEXT_MAX];

	VS_TRY(err, "token",
	    vs_identity_may(who, VS_MAY_CHANGE_TOKENS, VS_SPAN_LIT(""),
		VS_SPAN_LIT(""), err));
	if (more != 0)
		return vs_fail_code(err, VS_DENIED, "token.roles",
		    "%.*s may not give the roles %s", VS_SPAN_ARG(who->name),
		    vs_roles_text(more, text));
	if (ask->person.n > 0 && !who->owner)
		return vs_fail_code(err, VS_DENIED, "token.person",
		    "%.*s may not make a token for another person",
		    VS_SPAN_ARG(who->name));
	if (who->until_ms != 0 && ask->expires_ms > who->until_ms)
		return vs_fail_code(err, VS_DENIED, "token.expiry",
		    "%.*s may not make a token that outlives it",
		    VS_SPAN_ARG(who->name));
	if (!within(&ask->lists, &who->lists) ||
	    !within(&ask->kinds, &who->kinds))
		return vs_fail_code(err, VS_DENIED, "identity.list",
		    "%.*s may not give lists or kinds beyond its own",
		    VS_SPAN_ARG(who->name));
	return VS_OK;
}

static vs_status
join(const struct vs_scope *s, struct vs_arena *a, struct vs_span *out)
{
	const char *text = "";

	for (size_t i = 0; text != NULL && i < s->n; i++)
		text = vs_arena_printf(a, "%s%s%.*s", text, i > 0 ? " " : "",
		    VS_SPAN_ARG(s->v[i]));
	if (text == NULL)
		return VS_NO_MEMORY;
	*out = vs_span_cstr(text);
	return VS_OK;
}

static vs_status
make_row(struct vs_broker *b, const struct vs_identity *who,
    const struct vs_token_ask *ask, struct vs_arena *a,
    struct vs_token_row *out, struct vs_err *err)
{
	struct vs_token_row r = {.name = ask->name,
	    .roles = ask->roles,
	    .person = who->person,
	    .made_by = who->audit,
	    .made_ms = vs_clock_ms(&b->opt.clock),
	    .expires_ms = ask->expires_ms,
	    .revoked_by = VS_SPAN_LIT("")};
	uint8_t raw[VS_TOKEN_ID_LEN / 2];
	char *id = vs_arena_alloc(a, VS_TOKEN_ID_LEN + 1);
	/* One that is for nobody named is a person of its own. */
	const char *person;

	VS_TRY(err, "token", vs_random(raw, sizeof raw));
	if (id == NULL)
		return vs_fail(err, VS_NO_MEMORY, "token");
	vs_hex(VS_SPAN_OF(raw), id);
	r.id = vs_span_cstr(id);
	memcpy(r.hash, ask->hash, sizeof r.hash);
	if (who->owner) {
		person = ask->person.n > 0 ? vs_arena_printf(a, "person:%.*s",
						 VS_SPAN_ARG(ask->person))
					   : vs_arena_printf(a, "token:%s", id);
		if (person == NULL)
			return vs_fail(err, VS_NO_MEMORY, "token");
		r.person = vs_span_cstr(person);
	}
	VS_TRY(err, "token", join(&ask->lists, a, &r.lists));
	VS_TRY(err, "token", join(&ask->kinds, a, &r.kinds));
	*out = r;
	return VS_OK;
}

/* What the record says of a token: all but its hash. */
static void
put_detail(const struct vs_token_row *r, struct vs_buf *out)
{
	char roles[VS_ROLES_TEXT_MAX], at[VS_TIME_TEXT_MAX];
	const struct {
		const char *name;
		struct vs_span text;
	} members[] = {{"token", r->id}, {"name", r->name},
	    {"roles", vs_span_cstr(vs_roles_text(r->roles, roles))},
	    {"lists", r->lists}, {"kinds", r->kinds}, {"person", r->person}};

	vs_time_format_ms(r->expires_ms, at);
	vs_buf_puts(out, "{");
	for (size_t i = 0; i < VS_COUNT(members); i++) {
		vs_buf_printf(out, "\"%s\":", members[i].name);
		vs_json_quote(members[i].text, out);
		vs_buf_puts(out, ",");
	}
	vs_buf_printf(out, "\"expires_at\":\"%s\"}", at);
}

static vs_status
audit_row(struct vs_broker *b, const struct vs_identity *who,
    const char *action, const struct vs_token_row *r, struct vs_buf *detail,
    struct vs_audit_row *out, struct vs_err *err)
{
	put_detail(r, detail);
	VS_TRY(err, "audit", vs_buf_status(detail));
	return vs_admin_row(b, who->audit, action, VS_SPAN_LIT(""),
	    vs_buf_span(detail), out, err);
}

vs_status
vs_broker_token_make(struct vs_broker *b, const struct vs_identity *who,
    const struct vs_token_ask *ask, bool dry_run, struct vs_arena *a,
    struct vs_token_row *row, struct vs_err *err)
{
	struct vs_token_row r = {.roles = 0};
	struct vs_audit_row audit;
	struct vs_buf detail = {0};
	vs_status st = check_form(b, ask, err);

	if (st == VS_OK)
		st = check_right(who, ask, err);
	if (st == VS_OK)
		st = make_row(b, who, ask, a, &r, err);
	if (st == VS_OK && !dry_run) {
		st =
		    audit_row(b, who, "token.create", &r, &detail, &audit, err);
		if (st == VS_OK)
			st = vs_store_token_add(b->opt.store, &r, &audit, err);
	}
	vs_buf_fini(&detail);
	if (st == VS_OK)
		*row = r;
	return st;
}

static vs_status
revoke(struct vs_broker *b, const struct vs_identity *who,
    const struct vs_token_row *r, struct vs_err *err)
{
	struct vs_audit_row audit;
	struct vs_buf detail = {0};
	vs_status st =
	    audit_row(b, who, "token.revoke", r, &detail, &audit, err);

	if (st == VS_OK)
		st = vs_store_token_revoke(
		    b->opt.store, r->id, audit.at_ms, who->audit, &audit, err);
	vs_buf_fini(&detail);
	return st;
}

vs_status
vs_broker_token_revoke(struct vs_broker *b, const struct vs_identity *who,
    struct vs_span id, bool dry_run, struct vs_arena *a,
    struct vs_token_row *row, struct vs_err *err)
{
	VS_TRY(err, "token",
	    vs_identity_may(who, VS_MAY_CHANGE_TOKENS, VS_SPAN_LIT(""),
		VS_SPAN_LIT(""), err));
	VS_TRY(err, "token", vs_store_token(b->opt.store, id, a, row, err));
	/* Twice is the same as once, also in the trail. */
	if (dry_run || row->revoked_ms != 0)
		return VS_OK;
	VS_TRY(err, "token", revoke(b, who, row, err));
	return vs_store_token(b->opt.store, id, a, row, err);
}

vs_status
vs_broker_token_list(struct vs_broker *b, struct vs_span before, size_t limit,
    struct vs_arena *a, struct vs_token_row **rows, size_t *n,
    struct vs_err *err)
{
	return vs_store_token_list(
	    b->opt.store, before, limit, a, rows, n, err);
}

const char *
vs_token_state(const struct vs_token_row *r, int64_t now_ms)
{
	if (r->revoked_ms != 0)
		return "revoked";
	return now_ms >= r->expires_ms ? "expired" : "active";
}
