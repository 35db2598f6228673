/* SPDX-License-Identifier: Apache-2.0 */
/* Identities from inside. */
#ifndef VS_BROKER_IDENTITIES_INT_H
#define VS_BROKER_IDENTITIES_INT_H

#include <stdatomic.h>

#include "broker/identities.h"
#include "codec/jwks.h"
#include "crypto/x509.h"

/* What a binding's user or group is on this machine. */
struct vs_binding_local {
	unsigned id;
};

struct vs_identities {
	atomic_uint refs;
	const struct vs_config *c;
	struct vs_jwks **jwks;          /* one an issuer, or NULL and ... */
	struct vs_cert **roots;         /* ... one of these */
	struct vs_binding_local *local; /* one a binding */
	unsigned self;                  /* our own user */
	bool has_admin_group;
	unsigned admin_group;
};

/* As it may stand in an audit record: what is not printable ASCII, and '\'
 * and '#', as \xNN; at most max characters of it. NULL without memory. */
const char *vs_identity_text(
    struct vs_arena *a, struct vs_span raw, size_t max);

/*
 * Fills name ("PREFIX:TEXT"), person, audit, roles and scopes from a binding.
 * token_id may be empty.
 */
VS_MUST_USE vs_status vs_identity_bound(const struct vs_config_binding *b,
    vs_identity_kind kind, const char *name, struct vs_span token_id,
    struct vs_arena *a, struct vs_identity *out, struct vs_err *err);

#endif
