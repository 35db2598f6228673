/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what somebody shows - a user id of this machine, a certificate, a
 * token - to who that is. The first binding of the configuration that
 * matches decides; nobody else gets in, but root, the daemon's own user and
 * the admin group, who have every role on the socket unless a binding says
 * otherwise.
 */
#ifndef VS_BROKER_IDENTITIES_H
#define VS_BROKER_IDENTITIES_H

#include "base/arena.h"
#include "broker/config.h"
#include "broker/identity.h"

/* Immutable; counted, so that a request keeps what it began with. */
struct vs_identities;

/* Reads the key sets of the issuers and looks up users and groups. c is
 * borrowed for as long as the result lives. */
VS_MUST_USE vs_status vs_identities_load(
    const struct vs_config *c, struct vs_identities **out, struct vs_err *err);
struct vs_identities *vs_identities_ref(struct vs_identities *ids);
/* Gives a reference back. */
void vs_identities_free(struct vs_identities **ids);

/* A process at the other end of the admin socket. */
struct vs_local_peer {
	unsigned uid, gid;
};
/* All fail with VS_DENIED and code "identity.unknown" when nobody is bound to
 * it. Text of *out lives in the arena or in ids. */
VS_MUST_USE vs_status vs_identify_local(const struct vs_identities *ids,
    const struct vs_local_peer *peer, struct vs_arena *a,
    struct vs_identity *out, struct vs_err *err);

/* der: the certificate of the client. Whether an authority of ours signed it
 * was asked before: here it is believed. */
VS_MUST_USE vs_status vs_identify_certificate(const struct vs_identities *ids,
    struct vs_span der, struct vs_arena *a, struct vs_identity *out,
    struct vs_err *err);

/*
 * A token of an issuer (JWT). Its signature and dates are checked first; only
 * then VS_DENIED, with code "identity.claims", says which claim no binding
 * takes.
 */
VS_MUST_USE vs_status vs_identify_jwt(const struct vs_identities *ids,
    struct vs_span token, int64_t now, struct vs_arena *a,
    struct vs_identity *out, struct vs_err *err);

#endif
