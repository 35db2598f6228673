/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's certificates, replaceable while connections are open. One a
 * listener: the library's callback has no place for a context.
 */
#ifndef VS_HTTP_TLS_H
#define VS_HTTP_TLS_H

#include <gnutls/abstract.h>

#include "base/bytes.h"

/* TLS 1.2 and 1.3, forward secrecy and AEADs only. */
#define VS_TLS_PRIORITIES                                                      \
	"SECURE192:SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:"             \
	"-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE"

typedef enum vs_tls_slot {
	VS_TLS_NONE = 0,
	VS_TLS_GUEST,
	VS_TLS_ADMIN,
} vs_tls_slot;

/* Reads and checks both files, then serves them to new connections. On
 * failure what was served before stays. */
VS_MUST_USE vs_status vs_tls_load(vs_tls_slot slot, const char *cert_file,
    const char *key_file, struct vs_err *err);
void vs_tls_fini(void);

/* A gnutls_certificate_retrieve_function2 */
typedef int (*vs_tls_retrieve_fn)(gnutls_session_t session,
    const gnutls_datum_t *ca_names, int ca_names_n,
    const gnutls_pk_algorithm_t *algorithms, int algorithms_n,
    gnutls_pcert_st **certs, unsigned int *certs_n, gnutls_privkey_t *key);
vs_tls_retrieve_fn vs_tls_retrieve(vs_tls_slot slot);

/* Certificates in PEM, as those of authorities must be. */
VS_MUST_USE vs_status vs_tls_check_ca(
    const char *file, struct vs_span pem, struct vs_err *err);
/*
 * The certificate that the client showed; empty when it showed none.
 * VS_UNTRUSTED with code "identity.certificate" unless an authority of the
 * listener signed it, for clients, and it is in date. Borrowed from the
 * session.
 */
VS_MUST_USE vs_status vs_tls_client(
    gnutls_session_t session, struct vs_span *der, struct vs_err *err);

#endif
