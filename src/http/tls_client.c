/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of clients. */
#include <gnutls/x509.h>
#include <limits.h>
#include <string.h>

#include "http/tls.h"

vs_status
vs_tls_check_ca(const char *file, struct vs_span pem, struct vs_err *err)
{
	gnutls_datum_t text = {NULL, (unsigned)pem.n};
	gnutls_x509_crt_t *list = NULL;
	unsigned n = 0;
	int rc;

	if (pem.n == 0 || pem.n > INT_MAX)
		return vs_fail(err, VS_USAGE, "%s: no certificates", file);
	/* Only read. */
	text.data = gnutls_malloc(pem.n);
	if (text.data == NULL)
		return vs_fail(err, VS_NO_MEMORY, "%s", file);
	memcpy(text.data, pem.p, pem.n);
	rc = gnutls_x509_crt_list_import2(
	    &list, &n, &text, GNUTLS_X509_FMT_PEM, 0);
	gnutls_free(text.data);
	if (rc < 0)
		return vs_fail(
		    err, VS_USAGE, "%s: %s", file, gnutls_strerror(rc));
	for (unsigned i = 0; i < n; i++)
		gnutls_x509_crt_deinit(list[i]);
	gnutls_free(list);
	return VS_OK;
}

static vs_status
refuse(unsigned status, struct vs_err *err)
{
	gnutls_datum_t text = {NULL, 0};

	if (gnutls_certificate_verification_status_print(
		status, GNUTLS_CRT_X509, &text, 0) < 0)
		return vs_fail_code(err, VS_UNTRUSTED, "identity.certificate",
		    "client certificate: not trusted");
	(void)vs_fail_code(err, VS_UNTRUSTED, "identity.certificate",
	    "client certificate: %s", (const char *)text.data);
	gnutls_free(text.data);
	return VS_UNTRUSTED;
}

vs_status
vs_tls_client(gnutls_session_t session, struct vs_span *der, struct vs_err *err)
{
	unsigned char purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
	gnutls_typed_vdata_st want[] = {{.type = GNUTLS_DT_KEY_PURPOSE_OID,
	    .data = purpose,
	    .size = sizeof purpose - 1}};
	unsigned n = 0, status = 0;
	const gnutls_datum_t *certs = gnutls_certificate_get_peers(session, &n);

	if (certs == NULL || n == 0) {
		*der = VS_SPAN(NULL, 0);
		return VS_OK;
	}
	if (gnutls_certificate_verify_peers(
		session, want, VS_COUNT(want), &status) < 0)
		return vs_fail_code(err, VS_UNTRUSTED, "identity.certificate",
		    "client certificate: cannot be verified");
	if (status != 0)
		return refuse(status, err);
	*der = VS_SPAN(certs[0].data, certs[0].size);
	return VS_OK;
}
