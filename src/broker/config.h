/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The daemon's configuration: one YAML file, every key known, every error
 * with file, line and column. vouchsafed.conf(5) documents each key.
 */
#ifndef VS_BROKER_CONFIG_H
#define VS_BROKER_CONFIG_H

#include "base/arena.h"
#include "base/log.h"
#include "broker/identity.h"
#include "broker/list_rule.h"
#include "evidence/evidence.h"
#include "keeper/seal.h"

struct vs_config_anchor {
	const char *name;
	const char *file;
};

enum { VS_CONFIG_ANCHORS_MAX = 64 };

/* Who signs tokens that we take (OpenID Connect). */
struct vs_config_issuer {
	const char *name;   /* ours for it, in audit records */
	const char *issuer; /* its `iss`, to the octet */
	const char *audience;
	const char *jwks;     /* file */
	const char *x5c_root; /* instead: a certificate, see codec/jws_x5c.h */
	int64_t skew_s;
	unsigned algs; /* bits 1 << vs_jose_alg; 0: the usual ones */
};

struct vs_config_claim {
	const char *name;
	struct vs_scope any; /* one of these patterns must match */
};

/* Who has which roles: one of issuer, certificate, user and group says who. */
struct vs_config_binding {
	const char *issuer; /* a name above */
	struct vs_config_claim *claims;
	size_t claims_n;
	const char *certificate; /* pattern over its alternative names */
	const char *user;        /* name or number */
	const char *group;
	const char *person;       /* NULL: the identity itself */
	const char *person_claim; /* instead: the claim that says who */
	unsigned roles;
	struct vs_scope lists;
	struct vs_scope kinds;
	int line, col;
};

enum { VS_CONFIG_ISSUERS_MAX = 16, VS_CONFIG_BINDINGS_MAX = 256 };

/* All text lives in the arena; optional text is NULL when absent. */
struct vs_config {
	const char *data;

	const char *listen; /* "ADDRESS:PORT" */
	bool tls_off;       /* written out: for use behind a proxy */
	const char *tls_cert;
	const char *tls_key;
	int64_t workers;
	int64_t max_body; /* bytes */
	int64_t max_connections;
	int64_t max_connections_per_address;
	int64_t max_in_flight;
	int64_t idle_timeout_s;
	int64_t request_timeout_s;

	const char *admin_socket;
	const char *admin_group;
	const char *admin_listen; /* NULL: the socket alone */
	const char *admin_tls_cert;
	const char *admin_tls_key;
	const char *admin_client_ca; /* NULL: no client certificates */
	int64_t admin_max_body;
	int64_t admin_max_connections;
	int64_t admin_max_connections_per_address;
	int64_t admin_max_in_flight;
	struct vs_config_issuer *issuers;
	size_t issuers_n;
	struct vs_config_binding *bindings;
	size_t bindings_n;
	struct vs_list_rules lists;

	const char *policy_dir;
	int64_t policy_threshold; /* signatures that a policy needs; 0: none */
	const char **policy_keys; /* public keys of the signers */
	size_t policy_keys_n;
	const char *collateral_dir;
	struct vs_config_anchor *anchors;
	size_t anchors_n;
	vs_crl_mode crl;
	bool allow_masked_chip_id;
	bool allow_expired_rim;
	int64_t nonce_ttl_s;

	const char *user;           /* to become where we are root */
	const char *keeper_program; /* NULL: beside our own executable */
	const char *keeper_user;    /* NULL: vouchsafe-keeper, or nobody */
	struct vs_seal_conf seal;   /* kind NULL: what the file says */
	bool accept_old_store;      /* of the command line alone */
	vs_log_level log_level;

	struct vs_arena arena;
};

/*
 * file NULL: the defaults. data_override (from --data) wins over the file's
 * `data`. Paths in the file are relative to the file. On failure out is
 * empty and need not be finalised.
 */
VS_MUST_USE vs_status vs_config_load(const char *file,
    const char *data_override, struct vs_config *out, struct vs_err *err);
void vs_config_fini(struct vs_config *c);

/* "127.0.0.1:8443", "[::1]:8443". host has room for 64 bytes. */
VS_MUST_USE vs_status vs_config_split_address(
    const char *address, char host[64], uint16_t *port, struct vs_err *err);
/* 127.0.0.0/8 and ::1. */
bool vs_config_is_loopback(const char *host);

#endif
