/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks the admin API, and what that one may do. How somebody proves who
 * he is has its own files; here it is settled.
 */
#ifndef VS_BROKER_IDENTITY_H
#define VS_BROKER_IDENTITY_H

#include "base/bytes.h"

/* Zero is nobody: an identity that was not established may do nothing. */
typedef enum vs_identity_kind {
	VS_IDENTITY_NONE = 0,
	VS_IDENTITY_SOCKET, /* a user of this machine */
	VS_IDENTITY_CERT,   /* a TLS client certificate */
	VS_IDENTITY_OIDC,   /* a token of an issuer that is configured */
	VS_IDENTITY_TOKEN,  /* a token of ours */
} vs_identity_kind;

/* X(symbol, bit, name) */
#define VS_ROLE_TABLE(X)                                                       \
	X(VS_ROLE_OPERATOR, 1u, "operator")  /* keys, seal */                  \
	X(VS_ROLE_SECURITY, 2u, "security")  /* policies, lists, audit */      \
	X(VS_ROLE_CI, 4u, "ci")              /* adds to the lists it names */  \
	X(VS_ROLE_AUDITOR, 8u, "auditor")    /* reads */                       \
	X(VS_ROLE_APPROVER, 16u, "approver") /* approves, nothing else */

enum {
#define X(sym, bit, name) sym = (bit),
	VS_ROLE_TABLE(X)
#undef X
	    VS_ROLE_ALL = 31u,
};

/* What a request does. VS_MAY_NOTHING is no role's. */
typedef enum vs_action {
	VS_MAY_NOTHING = 0,
	VS_MAY_SEE_STATUS, /* status, seal, collateral */
	VS_MAY_SEE_KEYS,   /* names and states; nobody sees key bytes */
	VS_MAY_CHANGE_KEYS,
	VS_MAY_UNSEAL, /* hand in a custodian's share */
	VS_MAY_SEE_POLICIES,
	VS_MAY_CHANGE_POLICIES,
	VS_MAY_SEE_AUDIT,
	VS_MAY_SEE_LISTS,
	VS_MAY_ADD,             /* an entry, or ask for it to be added */
	VS_MAY_REVOKE,          /* an entry */
	VS_MAY_APPROVE,         /* what another asked for in a list */
	VS_MAY_APPROVE_RELEASE, /* a release that waits */
	VS_MAY_SEE_TOKENS,
	VS_MAY_CHANGE_TOKENS,
} vs_action;

/* Patterns over names, see policy/glob.h; n == 0: no limit. */
struct vs_scope {
	const struct vs_span *v;
	size_t n;
};

/* Spans are borrowed for the request. All text is printable ASCII. */
struct vs_identity {
	vs_identity_kind kind;
	/* "uid:0", "cert:ci.example", "oidc:github:repo:org/app:ref:…",
	 * "token:ID" */
	struct vs_span name;
	/* Whose hand it is where two are needed: two identities of one person
	 * have one text here. Never empty. */
	struct vs_span person;
	/* The id of the token, empty where there is none; never the token. */
	struct vs_span token_id;
	/* name, and "#" and the token's id where name does not hold it: the
	 * `peer` of audit records. */
	struct vs_span audit;
	unsigned roles;        /* VS_ROLE_… */
	struct vs_scope lists; /* it may change; ci: none unless named */
	struct vs_scope kinds; /* of entries that it may add */
	int64_t until_ms;      /* its own end, of a token of ours; 0: none */
	/* Root or the daemon's own user, on the socket and not bound to less:
	 * the only ones who may speak for other persons. */
	bool owner;
};

/*
 * VS_OK, or VS_DENIED with the reason and one of the codes "identity.role",
 * "identity.list" and "identity.kind". list and kind are empty where the
 * action is about none yet: then only the role is asked, and the handler
 * asks again once it knows.
 */
VS_MUST_USE vs_status vs_identity_may(const struct vs_identity *who,
    vs_action action, struct vs_span list, struct vs_span kind,
    struct vs_err *err);

/* The bit of a role's name; 0: there is no such role. */
unsigned vs_role_named(struct vs_span name);
/* VS_OK unless they let one identity both change policies and manage keys
 * (VS_USAGE), or are none. */
VS_MUST_USE vs_status vs_roles_check(unsigned roles, struct vs_err *err);
/* "ci,approver" */
enum { VS_ROLES_TEXT_MAX = 64 };
const char *vs_roles_text(unsigned roles, char out[VS_ROLES_TEXT_MAX]);

#endif
