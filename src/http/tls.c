/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tls.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/bytes.h"

enum { CHAIN_MAX = 8 };

/*
 * A handshake borrows the identity without a reference count, so replaced
 * ones are kept until the end: a certificate a week for years is nothing.
 */
struct identity {
	struct identity *older;
	gnutls_pcert_st certs[CHAIN_MAX];
	unsigned certs_n;
	gnutls_privkey_t key;
};

static struct {
	pthread_mutex_t lock;
	struct identity *now[VS_TLS_ADMIN + 1];
} served = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void
identity_free(struct identity *id)
{
	for (unsigned i = 0; i < id->certs_n; i++)
		gnutls_pcert_deinit(&id->certs[i]);
	if (id->key != NULL)
		gnutls_privkey_deinit(id->key);
	free(id);
}

static vs_status
file_error(const char *file, int rc, struct vs_err *err)
{
	return vs_fail(err, VS_USAGE, "%s: %s", file, gnutls_strerror(rc));
}

static vs_status
load_certs(struct identity *id, const char *file, struct vs_err *err)
{
	unsigned n = CHAIN_MAX;
	int rc = gnutls_pcert_list_import_x509_file(
	    id->certs, &n, file, GNUTLS_X509_FMT_PEM, NULL, NULL, 0);

	if (rc < 0)
		return file_error(file, rc, err);
	id->certs_n = n;
	return VS_OK;
}

static vs_status
load_key(struct identity *id, const char *file, struct vs_err *err)
{
	gnutls_datum_t pem = {NULL, 0};
	int rc = gnutls_load_file(file, &pem);

	if (rc < 0)
		return file_error(file, rc, err);
	rc = gnutls_privkey_init(&id->key);
	if (rc >= 0)
		rc = gnutls_privkey_import_x509_raw(
		    id->key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_memset(pem.data, 0, pem.size);
	gnutls_free(pem.data);
	return rc >= 0 ? VS_OK : file_error(file, rc, err);
}

/* Signs and verifies: a key that does not belong to the certificate would
 * fail every handshake. */
static vs_status
check_pair(const struct identity *id, const char *file, struct vs_err *err)
{
	gnutls_pubkey_t pub = NULL;
	unsigned char of_key[20];
	unsigned char of_cert[20];
	size_t n = sizeof of_key;
	size_t m = sizeof of_cert;
	int rc = gnutls_pubkey_init(&pub);

	if (rc >= 0)
		rc = gnutls_pubkey_import_privkey(pub, id->key, 0, 0);
	if (rc >= 0)
		rc = gnutls_pubkey_get_key_id(pub, 0, of_key, &n);
	if (rc >= 0)
		rc = gnutls_pubkey_get_key_id(
		    id->certs[0].pubkey, 0, of_cert, &m);
	if (pub != NULL)
		gnutls_pubkey_deinit(pub);
	if (rc < 0)
		return file_error(file, rc, err);
	if (!vs_span_equal(VS_SPAN(of_key, n), VS_SPAN(of_cert, m)))
		return vs_fail(err, VS_USAGE,
		    "%s: is not the key of the certificate", file);
	return VS_OK;
}

vs_status
vs_tls_load(vs_tls_slot slot, const char *cert_file, const char *key_file,
    struct vs_err *err)
{
	struct identity *id = vs_calloc(1, sizeof *id);
	vs_status st;

	if (id == NULL)
		return vs_fail(err, VS_NO_MEMORY, "TLS certificate");
	st = load_certs(id, cert_file, err);
	if (st == VS_OK)
		st = load_key(id, key_file, err);
	if (st == VS_OK)
		st = check_pair(id, key_file, err);
	if (st != VS_OK) {
		identity_free(id);
		return vs_ctx(
		    err, slot == VS_TLS_ADMIN ? "admin.tls" : "guest.tls", st);
	}
	(void)pthread_mutex_lock(&served.lock);
	id->older = served.now[slot];
	served.now[slot] = id;
	(void)pthread_mutex_unlock(&served.lock);
	return VS_OK;
}

void
vs_tls_fini(void)
{
	for (size_t i = 0; i < VS_COUNT(served.now); i++) {
		while (served.now[i] != NULL) {
			struct identity *older = served.now[i]->older;

			identity_free(served.now[i]);
			served.now[i] = older;
		}
	}
}

static int
retrieve(vs_tls_slot slot, gnutls_pcert_st **certs, unsigned int *certs_n,
    gnutls_privkey_t *key)
{
	struct identity *id;

	(void)pthread_mutex_lock(&served.lock);
	id = served.now[slot];
	(void)pthread_mutex_unlock(&served.lock);
	if (id == NULL)
		return -1;
	*certs = id->certs;
	*certs_n = id->certs_n;
	*key = id->key;
	return 0;
}

static int
retrieve_guest(gnutls_session_t session, const gnutls_datum_t *ca_names,
    int ca_names_n, const gnutls_pk_algorithm_t *algorithms, int algorithms_n,
    gnutls_pcert_st **certs, unsigned int *certs_n, gnutls_privkey_t *key)
{
	(void)session;
	(void)ca_names;
	(void)ca_names_n;
	(void)algorithms;
	(void)algorithms_n;
	return retrieve(VS_TLS_GUEST, certs, certs_n, key);
}

static int
retrieve_admin(gnutls_session_t session, const gnutls_datum_t *ca_names,
    int ca_names_n, const gnutls_pk_algorithm_t *algorithms, int algorithms_n,
    gnutls_pcert_st **certs, unsigned int *certs_n, gnutls_privkey_t *key)
{
	(void)session;
	(void)ca_names;
	(void)ca_names_n;
	(void)algorithms;
	(void)algorithms_n;
	return retrieve(VS_TLS_ADMIN, certs, certs_n, key);
}

vs_tls_retrieve_fn
vs_tls_retrieve(vs_tls_slot slot)
{
	return slot == VS_TLS_ADMIN ? retrieve_admin : retrieve_guest;
}
