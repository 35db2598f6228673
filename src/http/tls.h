/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's certificate, replaceable while connections are open. One per
 * process: the library's callback has no place for a context.
 */
#ifndef VS_HTTP_TLS_H
#define VS_HTTP_TLS_H

#include <gnutls/abstract.h>

#include "base/result.h"

/* TLS 1.2 and 1.3, forward secrecy and AEADs only. */
#define VS_TLS_PRIORITIES                                                      \
	"SECURE192:SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:"             \
	"-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE"

/* Reads and checks both files, then serves them to new connections. On
 * failure what was served before stays. */
VS_MUST_USE vs_status vs_tls_load(
    const char *cert_file, const char *key_file, struct vs_err *err);
void vs_tls_fini(void);

/* gnutls_certificate_retrieve_function2 */
int vs_tls_retrieve(gnutls_session_t session, const gnutls_datum_t *ca_names,
    int ca_names_n, const gnutls_pk_algorithm_t *algorithms, int algorithms_n,
    gnutls_pcert_st **certs, unsigned int *certs_n, gnutls_privkey_t *key);

#endif
