/* SPDX-License-Identifier: Apache-2.0 */
/* Who somebody is and what that one may do; the configuration of both. */
#include <unistd.h>

#include "base/file.h"
#include "broker/identities.h"
#include "crypto/pem.h"
#include "jwt_forge.h"
#include "san_certs.h"

static char dir[64];
static char path[96];
static struct vs_arena arena;
static struct jwt_issuer good, evil;
static const int64_t now = 1790000000;

/* ---- what roles may do ---- */

static void
test_roles(void)
{
	static const struct {
		vs_action action;
		const char *roles; /* that may, of "oscax" */
	} table[] = {
	    {VS_MAY_NOTHING, ""},
	    {VS_MAY_SEE_STATUS, "osa"},
	    {VS_MAY_SEE_KEYS, "oa"},
	    {VS_MAY_CHANGE_KEYS, "o"},
	    {VS_MAY_UNSEAL, "o"},
	    {VS_MAY_SEE_POLICIES, "osa"},
	    {VS_MAY_CHANGE_POLICIES, "s"},
	    {VS_MAY_SEE_AUDIT, "sa"},
	    {VS_MAY_SEE_LISTS, "oscax"},
	    {VS_MAY_ADD, "sc"},
	    {VS_MAY_REVOKE, "s"},
	    {VS_MAY_APPROVE, "sx"},
	    {VS_MAY_APPROVE_RELEASE, "osx"},
	    {VS_MAY_SEE_TOKENS, "sa"},
	    {VS_MAY_CHANGE_TOKENS, "s"},
	};
	static const char letters[] = "oscax";

	for (size_t i = 0; i < VS_COUNT(table); i++) {
		for (unsigned r = 0; r < sizeof letters - 1; r++) {
			struct vs_identity who = {.kind = VS_IDENTITY_CERT,
			    .name = VS_SPAN_LIT("cert:x"),
			    .roles = 1u << r};
			struct vs_err err = {0};
			bool may = strchr(table[i].roles, letters[r]) != NULL;
			vs_status st = vs_identity_may(&who, table[i].action,
			    VS_SPAN_LIT(""), VS_SPAN_LIT(""), &err);

			if (!CHECK_INT(st, may ? VS_OK : VS_DENIED))
				fprintf(stderr, "action %u role %c\n",
				    (unsigned)table[i].action, letters[r]);
			if (!may)
				CHECK_STR(err.code, "identity.role");
		}
	}
}

/* No single role both changes policies and manages keys; nor two together
 * that a configuration could give. */
static void
test_separation(void)
{
	struct vs_err err = {0};

	for (unsigned roles = 0; roles <= VS_ROLE_ALL; roles++) {
		struct vs_identity who = {
		    .kind = VS_IDENTITY_OIDC, .roles = roles};
		bool keys =
		    vs_identity_may(&who, VS_MAY_CHANGE_KEYS, VS_SPAN_LIT(""),
			VS_SPAN_LIT(""), &err) == VS_OK;
		bool policies =
		    vs_identity_may(&who, VS_MAY_CHANGE_POLICIES,
			VS_SPAN_LIT(""), VS_SPAN_LIT(""), &err) == VS_OK;

		if (vs_roles_check(roles, &err) == VS_OK)
			CHECK(!(keys && policies));
	}
	CHECK_INT(vs_roles_check(0, &err), VS_USAGE);
}

static void
test_nobody(void)
{
	struct vs_identity who = {.roles = VS_ROLE_ALL};
	struct vs_err err = {0};

	CHECK_INT(vs_identity_may(&who, VS_MAY_SEE_STATUS, VS_SPAN_LIT(""),
		      VS_SPAN_LIT(""), &err),
	    VS_DENIED);
	CHECK_INT(vs_identity_may(NULL, VS_MAY_SEE_STATUS, VS_SPAN_LIT(""),
		      VS_SPAN_LIT(""), &err),
	    VS_DENIED);
}

static vs_status
may_add(unsigned roles, const char *lists, const char *kinds, const char *list,
    const char *kind, struct vs_err *err)
{
	struct vs_span l = vs_span_cstr(lists), k = vs_span_cstr(kinds);
	struct vs_identity who = {.kind = VS_IDENTITY_OIDC,
	    .roles = roles,
	    .lists = {&l, l.n > 0 ? 1 : 0},
	    .kinds = {&k, k.n > 0 ? 1 : 0}};

	vs_err_clear(err);
	return vs_identity_may(
	    &who, VS_MAY_ADD, vs_span_cstr(list), vs_span_cstr(kind), err);
}

static void
test_scope(void)
{
	struct vs_err err = {0};

	CHECK_INT(may_add(VS_ROLE_CI, "prod", "", "prod", "", &err), VS_OK);
	CHECK_INT(may_add(VS_ROLE_CI, "prod", "", "test", "", &err), VS_DENIED);
	CHECK_STR(err.code, "identity.list");
	CHECK_INT(may_add(VS_ROLE_CI, "", "", "prod", "", &err), VS_DENIED);
	CHECK_STR(err.code, "identity.list");
	CHECK_INT(may_add(VS_ROLE_CI, "app-*", "", "app-x", "", &err), VS_OK);
	CHECK_INT(may_add(VS_ROLE_SECURITY, "", "", "any", "any", &err), VS_OK);
	CHECK_INT(
	    may_add(VS_ROLE_SECURITY, "prod", "", "x", "", &err), VS_DENIED);
	CHECK_INT(may_add(VS_ROLE_CI, "prod", "image-digest", "prod",
		      "image-digest", &err),
	    VS_OK);
	CHECK_INT(may_add(VS_ROLE_CI, "prod", "image-digest", "prod",
		      "snp-measurement", &err),
	    VS_DENIED);
	CHECK_STR(err.code, "identity.kind");
}

/* The lists that a pipeline may not change are not its business. */
static void
test_scope_of_seeing(void)
{
	static struct vs_span prod[1];
	static const struct {
		unsigned roles;
		const char *list;
		bool good;
	} cases[] = {{VS_ROLE_CI, "prod", true}, {VS_ROLE_CI, "test", false},
	    {VS_ROLE_CI, "", true},
	    {VS_ROLE_CI | VS_ROLE_AUDITOR, "test", true},
	    {VS_ROLE_SECURITY, "test", true}};

	prod[0] = VS_SPAN_LIT("prod");
	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		struct vs_identity who = {.kind = VS_IDENTITY_TOKEN,
		    .name = VS_SPAN_LIT("token:1"),
		    .roles = cases[i].roles,
		    .lists = {prod, 1}};
		struct vs_err err = {0};
		vs_status st = vs_identity_may(&who, VS_MAY_SEE_LISTS,
		    vs_span_cstr(cases[i].list), VS_SPAN_LIT(""), &err);

		CHECK_INT(st, cases[i].good ? VS_OK : VS_DENIED);
		if (st != VS_OK)
			CHECK_STR(err.code, "identity.list");
	}
}

/* ---- the configuration ---- */

static void
put(const char *name, const char *text)
{
	struct vs_err err = {0};
	char file[128];

	(void)snprintf(file, sizeof file, "%s/%s", dir, name);
	CHECK_OK(vs_file_write(file, vs_span_cstr(text), 0600, &err), err);
}

static vs_status
load(const char *text, struct vs_config *c, struct vs_err *err)
{
	put("c.yaml", text);
	*c = (struct vs_config){0};
	vs_err_clear(err);
	return vs_config_load(path, NULL, c, err);
}

static void
refused_at(const char *text, const char *want, int line)
{
	struct vs_config c;
	struct vs_err err = {0};

	if (!CHECK(load(text, &c, &err) != VS_OK)) {
		vs_config_fini(&c);
		fprintf(stderr, "line %d\n", line);
		return;
	}
	if (!CHECK(strncmp(err.msg, path, strlen(path)) == 0) ||
	    !CHECK_STR(err.msg + strlen(path), want))
		fprintf(stderr, "line %d: %s\n", line, err.msg);
}
#define REFUSED(text, want) refused_at((text), (want), __LINE__)

#define ISSUER                                                                 \
	"identities:\n"                                                        \
	"  issuers:\n"                                                         \
	"    - {name: gh, issuer: \"https://i.example\", audience: us,"        \
	" jwks: k.json}\n"
#define BINDINGS "  bindings:\n"

static void
test_config_issuers(void)
{
	REFUSED("identities: {issuers: x}\n",
	    ":1:23: identities.issuers: must be a list of up to 16");
	REFUSED("identities: {issuers: [x]}\n",
	    ":1:24: identities.issuers: must be keys and values");
	REFUSED("identities: {issuers: [{name: a}]}\n",
	    ":1:24: identities.issuers: each needs name, issuer, audience, "
	    "and jwks or x5c_root");
	REFUSED("identities: {issuers: [{nam: a}]}\n",
	    ":1:25: identities.issuers: unknown key \"nam\"; did you mean "
	    "\"name\"?");
	REFUSED("identities: {issuers: [{name: \"a b\"}]}\n",
	    ":1:31: name: must be printable ASCII without spaces");
	REFUSED("identities: {issuers: [{name: a:b, issuer: i, audience: u,"
		" jwks: k}]}\n",
	    ":1:24: identities.issuers: name: must have no colon");
	REFUSED("identities: {issuers: [{clock_skew: 6m}]}\n",
	    ":1:37: clock_skew: must be a duration from 0s to 5m");
	REFUSED("identities: {issuers: [{algorithms: [HS256]}]}\n",
	    ":1:38: algorithms: must be RS256, RS384, RS512, PS256, PS384, "
	    "PS512, ES256, ES384 or EdDSA");
	REFUSED("identities: {issuers: [{algorithms: [none]}]}\n",
	    ":1:38: algorithms: must be RS256, RS384, RS512, PS256, PS384, "
	    "PS512, ES256, ES384 or EdDSA");
	REFUSED(ISSUER "    - {name: two, issuer: \"https://i.example\","
		       " audience: us, jwks: k.json}\n",
	    ":4:7: identities.issuers: two of one name, or for one issuer");
}

static void
test_config_bindings(void)
{
	REFUSED("identities: {bindings: [{roles: [ci], lists: [a]}]}\n",
	    ":1:25: identities.bindings: each needs one of issuer, "
	    "certificate, user and group");
	REFUSED("identities: {bindings: [{user: a, group: b, roles: [auditor]}"
		"]}\n",
	    ":1:25: identities.bindings: each needs one of issuer, "
	    "certificate, user and group");
	REFUSED("identities: {bindings: [{user: root}]}\n",
	    ":1:25: identities.bindings: needs roles");
	REFUSED("identities: {bindings: [{user: root, roles: [boss]}]}\n",
	    ":1:46: roles: must be operator, security, ci, auditor or "
	    "approver");
	REFUSED("identities: {bindings: [{user: root, roles: []}]}\n",
	    ":1:45: roles: must be a list of roles");
	REFUSED("identities: {bindings: [{user: root, roles: [operator, "
		"security]}]}\n",
	    ":1:45: roles: operator and security together could change "
	    "policies and manage keys; give them to two identities");
	REFUSED("identities: {bindings: [{user: root, roles: [ci]}]}\n",
	    ":1:25: identities.bindings: the role ci needs lists: the ones it "
	    "may add to");
	REFUSED("identities: {bindings: [{user: root, roles: [ci], lists: "
		"[\"a[\"]}]}\n",
	    ":1:59: lists: a set [..] that does not end");
	REFUSED("identities: {bindings: [{certificate: \"*.x\", roles: "
		"[auditor]}]}\n",
	    ":1:25: identities.bindings: certificate: needs admin.client_ca");
	REFUSED("identities: {bindings: [{issuer: gh, roles: [auditor]}]}\n",
	    ":1:25: identities.bindings: issuer and claims: each needs the "
	    "other");
	REFUSED("identities: {bindings: [{user: root, claims: {a: b}, roles: "
		"[auditor]}]}\n",
	    ":1:25: identities.bindings: issuer and claims: each needs the "
	    "other");
	REFUSED("identities: {bindings: [{issuer: gh, claims: {a: b}, roles: "
		"[auditor]}]}\n",
	    ":1:25: identities.bindings: issuer: no issuer of this name");
	REFUSED(ISSUER BINDINGS
	    "    - {issuer: gh, claims: {sub: \"**\"}, roles: [auditor]}\n",
	    ":5:7: identities.bindings: claims: would take every token of the "
	    "issuer");
	REFUSED(ISSUER BINDINGS
	    "    - {issuer: gh, claims: {sub: [a, \"*\"]}, roles: [auditor]}\n",
	    ":5:7: identities.bindings: claims: would take every token of the "
	    "issuer");
	REFUSED(ISSUER BINDINGS
	    "    - {issuer: gh, claims: {}, roles: [auditor]}\n",
	    ":5:28: claims: must be claims and the patterns that they must "
	    "match");
}

/* Everybody has an account there. */
static void
test_config_shared_issuers(void)
{
	static const struct {
		const char *issuer, *claim;
		bool good;
	} cases[] = {
	    {"https://token.actions.githubusercontent.com",
		"ref: refs/heads/main", false},
	    {"https://token.actions.githubusercontent.com",
		"repository: \"*/*\", ref: main", false},
	    {"https://token.actions.githubusercontent.com",
		"repository: org/app", true},
	    {"https://token.actions.githubusercontent.com",
		"repository_owner: org", true},
	    {"https://token.actions.githubusercontent.com",
		"sub: \"repo:org/app:*\"", true},
	    /* Anybody can have these. */
	    {"https://token.actions.githubusercontent.com",
		"repository: \"*/app\"", false},
	    {"https://token.actions.githubusercontent.com",
		"repository: [org/app, \"**/app\"]", false},
	    {"https://token.actions.githubusercontent.com",
		"repository: \"[o]rg/app\"", false},
	    {"https://token.actions.githubusercontent.com",
		"repository: \"org/*\"", true},
	    {"https://token.actions.githubusercontent.com",
		"repository_owner: \"org*\"", false},
	    {"https://token.actions.githubusercontent.com",
		"repository_id: \"1*\"", false},
	    {"https://token.actions.githubusercontent.com", "repository_id: 12",
		true},
	    {"https://token.actions.githubusercontent.com",
		"sub: \"repo:*/app:ref:refs/heads/main\"", false},
	    {"https://token.actions.githubusercontent.com",
		"sub: \"**:ref:refs/heads/main\"", false},
	    {"https://token.actions.githubusercontent.com",
		"sub: \"environment:prod\"", false},
	    {"https://token.actions.githubusercontent.com",
		"sub: \"repository_owner_id:7:*\"", true},
	    {"https://token.actions.githubusercontent.com",
		"sub: \"repository_owner_id:7*\"", false},
	    {"https://token.actions.githubusercontent.com",
		"job_workflow_ref: "
		"org/app/.github/workflows/r.yml@refs/tags/v1",
		false},
	    {"https://gitlab.com",
		"sub: \"project_path:org/app:ref_type:branch:ref:main\"", true},
	    {"https://gitlab.com", "sub: \"project_path:*:ref:main\"", false},
	    {"https://gitlab.com", "ref: main", false},
	    {"https://gitlab.com", "project_path: org/app", true},
	    {"https://gitlab.example", "ref: main", true},
	};

	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		struct vs_config c;
		struct vs_err err = {0};
		char text[512];
		vs_status st;

		(void)snprintf(text, sizeof text,
		    "identities:\n  issuers:\n    - {name: i, issuer: \"%s\","
		    " audience: us, jwks: k.json}\n  bindings:\n"
		    "    - {issuer: i, claims: {%s}, roles: [auditor]}\n",
		    cases[i].issuer, cases[i].claim);
		st = load(text, &c, &err);
		CHECK_INT(st, cases[i].good ? VS_OK : VS_USAGE);
		if (st == VS_OK)
			vs_config_fini(&c);
	}
	/* One person is not two because he has two branches. */
	for (int i = 0; i < 3; i++) {
		static const char *const more[] = {
		    "", ", person: ann", ", person_claim: actor_id"};
		struct vs_config c;
		struct vs_err err = {0};
		char text[512];
		vs_status st;

		(void)snprintf(text, sizeof text,
		    "identities:\n  issuers:\n    - {name: i, issuer: \"%s\","
		    " audience: us, jwks: k.json}\n  bindings:\n"
		    "    - {issuer: i, claims: {repository: org/app}, "
		    "roles: [approver]%s}\n",
		    cases[0].issuer, more[i]);
		st = load(text, &c, &err);
		CHECK_INT(st, i > 0 ? VS_OK : VS_USAGE);
		if (st == VS_OK)
			vs_config_fini(&c);
	}
}

static void
test_config_listener(void)
{
	REFUSED("admin: {listen: 127.0.0.1:9}\n",
	    ":1:17: admin.listen: needs admin.tls.cert and admin.tls.key");
	REFUSED("admin:\n  tls: {cert: a}\n",
	    ":2:8: admin.tls: needs both cert and key");
	REFUSED("admin:\n  listen: x\n  tls: {cert: a, key: b}\n",
	    ":2:11: admin.listen: \"x\" is no address and port; write "
	    "127.0.0.1:8443 or [::1]:8443");
	REFUSED("admin: {max_body: 1}\n",
	    ":1:19: admin.max_body: must be from 4096 to 16777216");
}

/* ---- identities ---- */

struct world {
	struct vs_config c;
	struct vs_identities *ids;
};

static void
world_init(struct world *w, const char *text)
{
	struct vs_err err = {0};

	*w = (struct world){.ids = NULL};
	CHECK_OK(load(text, &w->c, &err), err);
	CHECK_OK(vs_identities_load(&w->c, &w->ids, &err), err);
}

static void
world_fini(struct world *w)
{
	vs_identities_free(&w->ids);
	vs_config_fini(&w->c);
	vs_arena_reset(&arena);
}

static void
test_local(void)
{
	struct world w;
	struct vs_local_peer root = {0, 0}, self = {geteuid(), getegid()};
	struct vs_local_peer other = {4000001, 4000001};
	struct vs_local_peer bound = {4000002, 4000002};
	struct vs_local_peer member = {4000003, 4000009};
	struct vs_identity who;
	struct vs_err err = {0};

	world_init(&w,
	    "identities:\n  bindings:\n"
	    "    - {user: 4000002, person: alice, roles: [auditor]}\n"
	    "    - {group: 4000009, roles: [ci], lists: [a]}\n");
	CHECK_OK(vs_identify_local(w.ids, &root, &arena, &who, &err), err);
	CHECK(vs_span_is(who.name, "uid:0"));
	CHECK_INT(who.roles, VS_ROLE_ALL);
	CHECK_INT(who.kind, VS_IDENTITY_SOCKET);
	CHECK(who.owner);
	CHECK_OK(vs_identify_local(w.ids, &self, &arena, &who, &err), err);
	CHECK_INT(who.roles, VS_ROLE_ALL);
	CHECK_OK(vs_identify_local(w.ids, &bound, &arena, &who, &err), err);
	CHECK_INT(who.roles, VS_ROLE_AUDITOR);
	CHECK(vs_span_is(who.name, "uid:4000002"));
	CHECK(vs_span_is(who.person, "person:alice"));
	CHECK_OK(vs_identify_local(w.ids, &member, &arena, &who, &err), err);
	CHECK_INT(who.roles, VS_ROLE_CI);
	CHECK_INT(who.lists.n, 1);
	CHECK_INT(
	    vs_identify_local(w.ids, &other, &arena, &who, &err), VS_DENIED);
	CHECK_STR(err.code, "identity.unknown");
	world_fini(&w);
	/* What is written holds for root, too. */
	world_init(
	    &w, "identities: {bindings: [{user: root, roles: [auditor]}]}\n");
	CHECK_OK(vs_identify_local(w.ids, &root, &arena, &who, &err), err);
	CHECK_INT(who.roles, VS_ROLE_AUDITOR);
	CHECK(!who.owner);
	world_fini(&w);
	/* The group may all, but is not the machine. */
	world_init(&w, "admin: {group: \"4000009\"}\n");
	CHECK_OK(vs_identify_local(w.ids, &member, &arena, &who, &err), err);
	CHECK_INT(who.roles, VS_ROLE_ALL);
	CHECK(!who.owner);
	world_fini(&w);
}

static vs_status
certificate(struct world *w, const char *pem, struct vs_identity *who,
    struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(vs_span_cstr(pem));
	struct vs_pem block = {0};

	CHECK_INT(vs_pem_next(&rd, &arena, &block), VS_OK);
	vs_err_clear(err);
	return vs_identify_certificate(w->ids, block.der, &arena, who, err);
}

static void
test_certificate(void)
{
	struct world w;
	struct vs_identity who;
	struct vs_err err = {0};

	world_init(&w,
	    "admin: {client_ca: ca.pem}\n"
	    "identities:\n  bindings:\n"
	    "    - {certificate: nobody.example, roles: [security]}\n"
	    "    - {certificate: \"spiffe://corp/*\", roles: [operator]}\n"
	    "    - {certificate: ci.example, roles: [auditor]}\n");
	CHECK_OK(certificate(&w, san_good, &who, &err), err);
	/* The first binding, whatever the order in the certificate. */
	CHECK(vs_span_is(who.name, "cert:spiffe://corp/ops"));
	CHECK_INT(who.roles, VS_ROLE_OPERATOR);
	CHECK_INT(who.kind, VS_IDENTITY_CERT);
	CHECK(vs_span_equal(who.person, who.name));
	CHECK_INT(certificate(&w, san_none, &who, &err), VS_DENIED);
	CHECK_STR(err.code, "identity.unknown");
	CHECK_INT(certificate(&w, san_dns_colon, &who, &err), VS_MALFORMED);
	CHECK_STR(err.code, "identity.certificate");
	CHECK_INT(vs_identify_certificate(
		      w.ids, VS_SPAN_LIT("x"), &arena, &who, &err),
	    VS_MALFORMED);
	world_fini(&w);
}

/* ---- tokens of issuers ---- */

#define BASE                                                                   \
	"\"iss\":\"https://i.example\",\"aud\":\"us\",\"exp\":1790000300,"     \
	"\"sub\":\"repo:org/app\""

static const char tokens_config[] = ISSUER BINDINGS
    "    - issuer: gh\n"
    "      claims: {repository: org/app, ref: [\"refs/heads/main\","
    " \"refs/tags/v*\"], environment: prod}\n"
    "      roles: [ci]\n"
    "      lists: [prod]\n"
    "      kinds: [image-digest]\n"
    "    - issuer: gh\n"
    "      claims: {repository: org/app, groups: ops, run: \"7\", ok: true}\n"
    "      person: bob\n"
    "      roles: [auditor]\n";

static vs_status
jwt(struct world *w, const struct jwt_issuer *by, const char *claims,
    struct vs_identity *who, struct vs_err *err)
{
	struct vs_buf t = {0};
	vs_status st;

	*err = (struct vs_err){0};
	(void)jwt_sign(by, claims, &t);
	st = vs_identify_jwt(w->ids, vs_buf_span(&t), now, &arena, who, err);
	vs_buf_fini(&t);
	return st;
}

static void
test_jwt_good(void)
{
	struct world w;
	struct vs_identity who;
	struct vs_err err = {0};

	world_init(&w, tokens_config);
	CHECK_OK(jwt(&w, &good,
		     "{" BASE ",\"repository\":\"org/app\",\"jti\":\"id 1#\","
		     "\"ref\":\"refs/tags/v1.2\",\"environment\":\"prod\"}",
		     &who, &err),
	    err);
	CHECK(vs_span_is(who.name, "oidc:gh:repo:org/app"));
	CHECK(vs_span_is(who.person, "oidc:gh:repo:org/app"));
	CHECK(vs_span_is(who.token_id, "id\\x201\\x23"));
	CHECK(vs_span_is(who.audit, "oidc:gh:repo:org/app#id\\x201\\x23"));
	CHECK_INT(who.roles, VS_ROLE_CI);
	CHECK_INT(who.kind, VS_IDENTITY_OIDC);
	CHECK_INT(who.lists.n, 1);
	CHECK_INT(who.kinds.n, 1);
	/* A list has it, a number and a truth value count as text. */
	CHECK_OK(jwt(&w, &good,
		     "{" BASE ",\"repository\":\"org/app\",\"groups\":[\"x\","
		     "\"ops\"],\"run\":7,\"ok\":true}",
		     &who, &err),
	    err);
	CHECK_INT(who.roles, VS_ROLE_AUDITOR);
	CHECK(vs_span_is(who.person, "person:bob"));
	CHECK_INT(who.token_id.n, 0);
	CHECK(vs_span_equal(who.audit, who.name));
	world_fini(&w);
}

/* Two jobs of one person are one hand; without a name they are none. */
static void
test_jwt_person(void)
{
	struct world w;
	struct vs_identity who;
	struct vs_err err = {0};

	world_init(&w,
	    ISSUER BINDINGS "    - {issuer: gh, claims: {repository: org/app},"
			    " person_claim: user, roles: [security]}\n");
	CHECK_OK(jwt(&w, &good,
		     "{" BASE ",\"repository\":\"org/app\",\"user\":\"carol\"}",
		     &who, &err),
	    err);
	CHECK(vs_span_is(who.person, "person:carol"));
	CHECK(vs_span_is(who.name, "oidc:gh:repo:org/app"));
	CHECK_OK(
	    jwt(&w, &good, "{" BASE ",\"repository\":\"org/app\",\"user\":7}",
		&who, &err),
	    err);
	CHECK(vs_span_is(who.person, "person:7"));
	CHECK_INT(
	    jwt(&w, &good, "{" BASE ",\"repository\":\"org/app\"}", &who, &err),
	    VS_DENIED);
	CHECK_STR(err.code, "identity.claims");
	CHECK_INT(jwt(&w, &good,
		      "{" BASE ",\"repository\":\"org/app\",\"user\":\"\"}",
		      &who, &err),
	    VS_DENIED);
	CHECK_INT(jwt(&w, &good,
		      "{" BASE ",\"repository\":\"org/app\",\"user\":[\"a\"]}",
		      &who, &err),
	    VS_DENIED);
	world_fini(&w);
	REFUSED("identities: {bindings: [{user: a, person_claim: b, roles: "
		"[auditor]}]}\n",
	    ":1:25: identities.bindings: person_claim: needs issuer, and no "
	    "person");
	REFUSED(ISSUER BINDINGS
	    "    - {issuer: gh, claims: {a: b}, person: c, person_claim: d,"
	    " roles: [auditor]}\n",
	    ":5:7: identities.bindings: person_claim: needs issuer, and no "
	    "person");
}

static void
test_jwt_claims(void)
{
	static const struct {
		const char *claims;
		const char *says;
	} cases[] = {
	    {"{" BASE "}", "repository is absent, not org/app"},
	    {"{" BASE ",\"repository\":\"org/evil\"}",
		"repository is org/evil, not org/app"},
	    {"{" BASE ",\"repository\":\"org/app/x\"}",
		"repository is org/app/x, not org/app"},
	    {"{" BASE ",\"repository\":{\"a\":1}}",
		"repository is absent, not org/app"},
	    {"{" BASE ",\"repository\":null}",
		"repository is absent, not org/app"},
	    {"{" BASE ",\"repository\":\"org/app\",\"ref\":\"refs/heads/x\"}",
		"ref is refs/heads/x, not refs/heads/main ..."},
	    /* '*' does not go over a slash. */
	    {"{" BASE ",\"repository\":\"org/app\",\"ref\":\"refs/tags/v/x\"}",
		"ref is refs/tags/v/x, not refs/heads/main ..."},
	    {"{" BASE
	     ",\"repository\":\"org/app\",\"ref\":\"refs/heads/main\"}",
		"environment is absent, not prod"},
	    {"{" BASE ",\"repository\":\"org/app\",\"groups\":\"ops\","
	     "\"run\":7,\"ok\":false}",
		"ok is false, not true"},
	};
	struct world w;

	world_init(&w, tokens_config);
	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		struct vs_identity who;
		struct vs_err err = {0};

		CHECK_INT(
		    jwt(&w, &good, cases[i].claims, &who, &err), VS_DENIED);
		CHECK_STR(err.code, "identity.claims");
		if (!CHECK(strstr(err.msg, cases[i].says) != NULL))
			fprintf(stderr, "%s\n", err.msg);
	}
	world_fini(&w);
}

static void
test_jwt_refused(void)
{
	static const struct {
		const char *claims;
		vs_status st;
		const char *code;
	} cases[] = {
	    {"{\"iss\":7}", VS_MALFORMED, "token.claim"},
	    {"{\"iss\":\"https://other.example\"}", VS_UNTRUSTED,
		"token.issuer"},
	    {"{\"iss\":\"https://i.example\",\"aud\":\"us\","
	     "\"exp\":1790000300}",
		VS_MALFORMED, "token.claim"},
	    {"{\"iss\":\"https://i.example\",\"aud\":\"us\","
	     "\"exp\":1790000300,\"sub\":\"\"}",
		VS_MALFORMED, "token.claim"},
	    {"{\"iss\":\"https://i.example\",\"aud\":\"us\","
	     "\"exp\":1789999900,\"sub\":\"x\"}",
		VS_STALE, "token.expired"},
	    {"{\"iss\":\"https://i.example\",\"aud\":\"them\","
	     "\"exp\":1790000300,\"sub\":\"x\"}",
		VS_UNTRUSTED, "token.audience"},
	};
	struct world w;
	struct vs_identity who;
	struct vs_err err = {0};

	world_init(&w, tokens_config);
	for (size_t i = 0; i < VS_COUNT(cases); i++) {
		CHECK_INT(
		    jwt(&w, &good, cases[i].claims, &who, &err), cases[i].st);
		CHECK_STR(err.code, cases[i].code);
	}
	/* Before a word of it is believed. */
	CHECK_INT(jwt(&w, &evil, "{" BASE "}", &who, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "token.signature");
	world_fini(&w);
}

static void
test_jwt_algorithms(void)
{
	struct world w;
	struct vs_identity who;
	struct vs_err err = {0};

	world_init(&w,
	    "identities:\n  issuers:\n"
	    "    - {name: gh, issuer: \"https://i.example\", audience: us,"
	    " jwks: k.json, algorithms: [RS256]}\n");
	CHECK_INT(jwt(&w, &good, "{" BASE "}", &who, &err), VS_UNTRUSTED);
	CHECK_STR(err.code, "token.alg");
	world_fini(&w);
	/* Nobody is bound. */
	world_init(&w, ISSUER);
	CHECK_INT(jwt(&w, &good, "{" BASE "}", &who, &err), VS_DENIED);
	CHECK_STR(err.code, "identity.unknown");
	world_fini(&w);
}

static void
test_load_refused(void)
{
	struct vs_config c;
	struct vs_identities *ids = NULL;
	struct vs_err err = {0};

	CHECK_OK(load("identities: {bindings: [{user: nobody-such, roles: "
		      "[auditor]}]}\n",
		     &c, &err),
	    err);
	CHECK_INT(vs_identities_load(&c, &ids, &err), VS_USAGE);
	vs_config_fini(&c);
	CHECK_OK(load(ISSUER, &c, &err), err);
	put("k.json", "{\"keys\":[]}");
	CHECK_INT(vs_identities_load(&c, &ids, &err), VS_USAGE);
	put("k.json", "{");
	CHECK(vs_identities_load(&c, &ids, &err) != VS_OK);
	put("k.json", good.jwks);
	CHECK(ids == NULL);
	vs_config_fini(&c);
}

int
main(void)
{
	(void)snprintf(dir, sizeof dir, "/tmp/vs-identity-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof path, "%s/c.yaml", dir);
	vs_arena_init(&arena, 1 << 20);
	jwt_issuer_init(&good, VS_SIGN_P256, "k");
	jwt_issuer_init(&evil, VS_SIGN_P256, "k");
	put("k.json", good.jwks);
	RUN(test_roles);
	RUN(test_separation);
	RUN(test_nobody);
	RUN(test_scope);
	RUN(test_scope_of_seeing);
	RUN(test_config_issuers);
	RUN(test_config_bindings);
	RUN(test_config_shared_issuers);
	RUN(test_config_listener);
	RUN(test_local);
	RUN(test_certificate);
	RUN(test_jwt_good);
	RUN(test_jwt_person);
	RUN(test_jwt_claims);
	RUN(test_jwt_refused);
	RUN(test_jwt_algorithms);
	RUN(test_load_refused);
	jwt_issuer_fini(&good);
	jwt_issuer_fini(&evil);
	vs_arena_fini(&arena);
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/k.json", dir);
	(void)unlink(path);
	(void)rmdir(dir);
	return check_result();
}
