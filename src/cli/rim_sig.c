/* SPDX-License-Identifier: Apache-2.0 */
/* The signature of a reference document by xmlsec1, on a short leash. */
#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <pthread.h>
#include <xmlsec/xmlsec.h>

#include <xmlsec/errors.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/openssl/app.h>
#include <xmlsec/openssl/crypto.h>

#include "cli/rim_xml.h"

/* Nothing but the document itself is ever read. */
static xmlParserInput *
no_entity(const char *url, const char *id, xmlParserCtxt *ctx)
{
	(void)url;
	(void)id;
	(void)ctx;
	return NULL;
}

static void
be_silent(void *ctx, xmlError *e)
{
	(void)ctx;
	(void)e;
}

static bool ready;

static void
init(void)
{
	xmlInitParser();
	xmlSetExternalEntityLoader(no_entity);
	xmlSetStructuredErrorFunc(NULL, be_silent);
	if (xmlSecInit() != 0 || xmlSecCheckVersion() != 1 ||
	    xmlSecOpenSSLAppInit(NULL) != 0 || xmlSecOpenSSLInit() != 0)
		return;
	xmlSecErrorsDefaultCallbackEnableOutput(0);
	ready = true;
}

vs_status
vs_rim_libraries(struct vs_err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (pthread_once(&once, init) != 0 || !ready)
		return vs_fail(
		    err, VS_INTERNAL, "libxmlsec1 cannot be initialised");
	return VS_OK;
}

/*
 * The key is ours, so that nothing in KeyInfo is looked at: a library that
 * chooses accepts the key of whoever wrote the document. References lead to
 * the document itself and nowhere else.
 */
static bool
restrict_to(xmlSecDSigCtx *ctx, struct vs_span cert)
{
	ctx->enabledReferenceUris = xmlSecTransformUriTypeEmpty;
	ctx->keyInfoReadCtx.flags |= XMLSEC_KEYINFO_FLAGS_STOP_ON_EMPTY_NODE;
	ctx->signKey = xmlSecOpenSSLAppKeyLoadMemory(cert.p, (xmlSecSize)cert.n,
	    xmlSecKeyDataFormatCertDer, NULL, NULL, NULL);
	return ctx->signKey != NULL &&
	    xmlSecDSigCtxEnableSignatureTransform(
		ctx, xmlSecTransformInclC14N11Id) == 0 &&
	    xmlSecDSigCtxEnableSignatureTransform(
		ctx, xmlSecOpenSSLTransformEcdsaSha384Id) == 0 &&
	    xmlSecDSigCtxEnableReferenceTransform(
		ctx, xmlSecTransformEnvelopedId) == 0 &&
	    xmlSecDSigCtxEnableReferenceTransform(
		ctx, xmlSecTransformInclC14N11Id) == 0 &&
	    xmlSecDSigCtxEnableReferenceTransform(
		ctx, xmlSecOpenSSLTransformSha384Id) == 0;
}

vs_status
vs_rim_doc_verify(struct vs_rim_doc *d, struct vs_span cert, struct vs_err *err)
{
	xmlSecDSigCtx *ctx = xmlSecDSigCtxCreate(NULL);
	bool ok;

	if (ctx == NULL)
		return vs_fail(err, VS_NO_MEMORY, "signature");
	ok = restrict_to(ctx, cert) &&
	    xmlSecDSigCtxVerify(ctx, d->signature) == 0 &&
	    ctx->status == xmlSecDSigStatusSucceeded;
	xmlSecDSigCtxDestroy(ctx);
	if (!ok)
		return vs_fail_code(err, VS_UNTRUSTED, "RIM_SIG",
		    "reference document: its signature does not verify");
	return VS_OK;
}
