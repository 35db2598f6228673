/* SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "client/client.h"

enum {
	TIMEOUT_S = 30,
	CONNECT_TIMEOUT_S = 10,
	URL_MAX = 2048,
	PATH_MAX_LEN = 8192, /* a cursor and filters, percent-encoded */
};

struct vs_client {
	CURL *curl;
	char *base;   /* without a trailing slash */
	char *socket; /* or NULL */
	char *ca_file;
	char *authorization; /* the header, or NULL */
	char *cert_file, *key_file;
	unsigned timeout_s;
	size_t body_max;
	char detail[CURL_ERROR_SIZE];
};

static bool
dup_text(const char *text, char **out)
{
	if (text == NULL)
		return true;
	*out = strdup(text);
	return *out != NULL;
}

/* http://host or https://host, with nothing that would change the path. */
static vs_status
check_url(const char *url, struct vs_err *err)
{
	const char *host = NULL;
	size_t n = strlen(url);

	if (strncasecmp(url, "http://", 7) == 0)
		host = url + 7;
	else if (strncasecmp(url, "https://", 8) == 0)
		host = url + 8;
	if (host == NULL || *host == '\0' || n > URL_MAX)
		return vs_fail(err, VS_USAGE,
		    "the URL must begin with http:// or https:// and a host");
	if (strpbrk(host, "?#@ \t\r\n") != NULL ||
	    (strchr(host, '/') != NULL && strchr(host, '/') != url + n - 1))
		return vs_fail(err, VS_USAGE,
		    "the URL is scheme, host and port only: no path, query or "
		    "password");
	return VS_OK;
}

/* Whoever listens on the way would be us. */
static vs_status
check_identity(const struct vs_client_options *opt, struct vs_err *err)
{
	bool shown = opt->bearer != NULL || opt->cert_file != NULL;
	bool safe = opt->unix_socket != NULL ||
	    (opt->url != NULL && strncasecmp(opt->url, "https://", 8) == 0);

	if (shown && !safe)
		return vs_fail(err, VS_USAGE,
		    "a token or a certificate is shown over https only");
	if ((opt->cert_file == NULL) != (opt->key_file == NULL))
		return vs_fail(err, VS_USAGE,
		    "a certificate and its key: one needs the other");
	for (const char *p = opt->bearer; p != NULL && *p != '\0'; p++)
		if (*p <= 0x20 || *p > 0x7e)
			return vs_fail(err, VS_USAGE,
			    "the token has a character that no token has");
	return VS_OK;
}

static bool
dup_identity(struct vs_client *c, const struct vs_client_options *opt)
{
	static const char head[] = "Authorization: Bearer ";
	size_t n = opt->bearer == NULL ? 0 : strlen(opt->bearer);

	if (n > 0) {
		c->authorization = calloc(1, sizeof head + n);
		if (c->authorization == NULL)
			return false;
		memcpy(c->authorization, head, sizeof head - 1);
		memcpy(c->authorization + sizeof head - 1, opt->bearer, n);
	}
	return dup_text(opt->cert_file, &c->cert_file) &&
	    dup_text(opt->key_file, &c->key_file);
}

vs_status
vs_client_new(const struct vs_client_options *opt, struct vs_client **out,
    struct vs_err *err)
{
	VS_AUTO(vs_client) *c = NULL;
	const char *url =
	    opt->unix_socket != NULL ? "http://localhost" : opt->url;
	size_t n;

	if (url == NULL)
		return vs_fail(err, VS_USAGE, "no URL");
	VS_TRY(err, "client", check_url(url, err));
	VS_TRY(err, "client", check_identity(opt, err));
	c = calloc(1, sizeof(*c));
	if (c == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return vs_fail(err, VS_NO_MEMORY, "HTTP client");
	c->curl = curl_easy_init();
	if (c->curl == NULL || !dup_text(url, &c->base) ||
	    !dup_text(opt->unix_socket, &c->socket) ||
	    !dup_text(opt->ca_file, &c->ca_file) || !dup_identity(c, opt))
		return vs_fail(err, VS_NO_MEMORY, "HTTP client");
	n = strlen(c->base);
	if (c->base[n - 1] == '/')
		c->base[n - 1] = '\0';
	c->timeout_s = opt->timeout_s == 0 ? TIMEOUT_S : opt->timeout_s;
	c->body_max = opt->body_max == 0 ? VS_BUF_MAX : opt->body_max;
	*out = VS_TAKE(c);
	return VS_OK;
}

void
vs_client_free(struct vs_client **cp)
{
	struct vs_client *c = *cp;

	if (c == NULL)
		return;
	if (c->curl != NULL)
		curl_easy_cleanup(c->curl);
	free(c->base);
	free(c->socket);
	free(c->ca_file);
	free(c->authorization);
	free(c->cert_file);
	free(c->key_file);
	free(c);
	*cp = NULL;
}

void
vs_reply_fini(struct vs_reply *r)
{
	vs_buf_fini(&r->body);
}

static size_t
on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct vs_buf *body = ctx;

	vs_buf_add(body, VS_SPAN(p, size * n));
	return vs_buf_status(body) == VS_OK ? size * n : 0;
}

/* All that every request has in common; after curl_easy_reset. */
static bool
setup(struct vs_client *c, const char *url, struct vs_buf *body)
{
	CURL *h = c->curl;
	bool ok = curl_easy_setopt(h, CURLOPT_URL, url) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, c->detail) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_TIMEOUT, (long)c->timeout_s) ==
		CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT,
		(long)CONNECT_TIMEOUT_S) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_SSLVERSION,
		(long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_HTTP_VERSION,
		(long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_USERAGENT, "vouchsafe/" VS_VERSION) ==
		CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_WRITEDATA, body) == CURLE_OK;

#if LIBCURL_VERSION_NUM >= 0x075500
	ok = ok &&
	    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https") ==
		CURLE_OK;
#else
	ok = ok &&
	    curl_easy_setopt(h, CURLOPT_PROTOCOLS,
		(long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
	if (ok && c->socket != NULL)
		ok = curl_easy_setopt(h, CURLOPT_UNIX_SOCKET_PATH, c->socket) ==
		    CURLE_OK;
	if (ok && c->ca_file != NULL)
		ok =
		    curl_easy_setopt(h, CURLOPT_CAINFO, c->ca_file) == CURLE_OK;
	if (ok && c->cert_file != NULL)
		ok = curl_easy_setopt(h, CURLOPT_SSLCERT, c->cert_file) ==
			CURLE_OK &&
		    curl_easy_setopt(h, CURLOPT_SSLKEY, c->key_file) ==
			CURLE_OK;
	return ok;
}

static bool
set_body(struct vs_client *c, const char *method, const char *content_type,
    struct vs_span body, struct curl_slist **headers)
{
	CURL *h = c->curl;
	char line[128];
	struct curl_slist *more;

	if (c->authorization != NULL) {
		more = curl_slist_append(*headers, c->authorization);
		if (more == NULL)
			return false;
		*headers = more;
	}
	if (body.n != 0 || strcmp(method, "POST") == 0) {
		if (curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
			(curl_off_t)body.n) != CURLE_OK ||
		    curl_easy_setopt(h, CURLOPT_POSTFIELDS,
			body.n == 0 ? "" : (const char *)body.p) != CURLE_OK)
			return false;
		/* No waiting for a 100 Continue that nobody needs. */
		more = curl_slist_append(*headers, "Expect:");
		if (more == NULL)
			return false;
		*headers = more;
		(void)snprintf(line, sizeof(line), "Content-Type: %s",
		    content_type); /* ours and short */
		more = curl_slist_append(*headers, line);
		if (more == NULL)
			return false;
		*headers = more;
	}
	return curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK &&
	    curl_easy_setopt(h, CURLOPT_HTTPHEADER, *headers) == CURLE_OK;
}

static vs_status
explain_tls(const struct vs_client *c, CURLcode code, struct vs_err *err)
{
	if (code == CURLE_SSL_CACERT_BADFILE && c->ca_file != NULL)
		return vs_fail(
		    err, VS_USAGE, "cannot read the CA file %s", c->ca_file);
	/* A bare system trusts nobody: it has no ca-certificates. */
	if (code == CURLE_SSL_CACERT_BADFILE)
		return vs_fail_code(err, VS_UNAVAILABLE, "client.tls",
		    "the certificate of %s is not trusted (this system has no "
		    "certificate store): name its CA with --ca FILE",
		    c->base);
	if (code == CURLE_SSL_CERTPROBLEM)
		return vs_fail(err, VS_USAGE, "%s and %s: %s",
		    c->cert_file == NULL ? "" : c->cert_file,
		    c->key_file == NULL ? "" : c->key_file, c->detail);
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return vs_fail_code(err, VS_UNAVAILABLE, "client.tls",
		    "the certificate of %s is not trusted (%s): name its CA "
		    "with --ca FILE",
		    c->base, c->detail);
	return vs_fail(
	    err, VS_UNAVAILABLE, "TLS with %s failed: %s", c->base, c->detail);
}

/* What went wrong, where, and what to do next. */
static vs_status
explain(const struct vs_client *c, CURLcode code, struct vs_err *err)
{
	const char *where = c->socket != NULL ? c->socket : c->base;
	const char *why =
	    c->detail[0] != '\0' ? c->detail : curl_easy_strerror(code);

	if (code == CURLE_COULDNT_CONNECT && c->socket != NULL)
		return vs_fail(err, VS_UNAVAILABLE,
		    "cannot connect to %s: is vouchsafed running, and may this "
		    "user open its socket?",
		    where);
	if (code == CURLE_COULDNT_CONNECT)
		return vs_fail(err, VS_UNAVAILABLE,
		    "cannot connect to %s: is vouchsafed running?", where);
	if (code == CURLE_COULDNT_RESOLVE_HOST)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%s: no such host: check the URL and the name service",
		    where);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%s did not answer within %u s", where, c->timeout_s);
	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
		return vs_fail(err, VS_USAGE, "%s: %s", where, why);
	if (code == CURLE_OUT_OF_MEMORY)
		return vs_fail(err, VS_NO_MEMORY, "%s", where);
	if (code == CURLE_SSL_CACERT_BADFILE ||
	    code == CURLE_PEER_FAILED_VERIFICATION ||
	    code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CERTPROBLEM)
		return explain_tls(c, code, err);
	return vs_fail(err, VS_UNAVAILABLE, "%s: %s", where, why);
}

static void
read_facts(CURL *h, struct vs_reply *reply)
{
	long status = 0;
	curl_off_t wait = 0;
	const char *type = NULL;

	(void)curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(h, CURLINFO_RETRY_AFTER, &wait);
	(void)curl_easy_getinfo(h, CURLINFO_CONTENT_TYPE, &type);
	reply->status = (int)status;
	reply->retry_after_s = wait > 0 ? wait : -1;
	(void)snprintf(reply->content_type, sizeof(reply->content_type), "%s",
	    type == NULL ? "" : type); /* cut: we compare a short prefix */
}

static vs_status
perform(struct vs_client *c, struct vs_reply *reply, struct vs_err *err)
{
	CURLcode code = curl_easy_perform(c->curl);

	if (vs_buf_status(&reply->body) == VS_TOO_LARGE)
		return vs_fail(err, VS_TOO_LARGE,
		    "%s answered with more than %zu bytes", c->base,
		    c->body_max);
	if (code != CURLE_OK)
		return explain(c, code, err);
	read_facts(c->curl, reply);
	return VS_OK;
}

static vs_status
request(struct vs_client *c, const char *method, const char *url,
    const char *content_type, struct vs_span body, struct vs_reply *reply,
    struct vs_err *err)
{
	struct curl_slist *headers = NULL;
	vs_status st;

	curl_easy_reset(c->curl); /* keeps the connection */
	if (setup(c, url, &reply->body) &&
	    set_body(c, method, content_type, body, &headers))
		st = perform(c, reply, err);
	else
		st = vs_fail(err, VS_INTERNAL, "libcurl refused an option");
	curl_slist_free_all(headers);
	return st;
}

vs_status
vs_client_request(struct vs_client *c, const char *method, const char *path,
    const char *content_type, struct vs_span body, struct vs_reply *reply,
    struct vs_err *err)
{
	struct vs_buf url = {.max = URL_MAX + PATH_MAX_LEN};
	vs_status st;

	reply->status = 0;
	reply->content_type[0] = '\0';
	reply->retry_after_s = -1;
	vs_buf_reset(&reply->body);
	reply->body.max = c->body_max;
	c->detail[0] = '\0';
	vs_buf_puts(&url, c->base);
	vs_buf_puts(&url, path);
	if (path[0] != '/' || vs_buf_status(&url) != VS_OK)
		st = vs_fail(err, VS_USAGE, "path too long or not absolute");
	else
		st = request(c, method, vs_buf_cstr(&url), content_type, body,
		    reply, err);
	vs_buf_fini(&url);
	return st;
}
