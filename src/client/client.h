/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP client of our own API, over TCP, TLS or the admin socket. One
 * handle is one kept-alive connection, used by one thread at a time.
 *
 * Never follows a redirect and never uses a proxy: what answers is the
 * address that the caller named, or nothing.
 */
#ifndef VS_CLIENT_CLIENT_H
#define VS_CLIENT_CLIENT_H

#include "base/buf.h"
#include "base/random.h"
#include "codec/json.h"

struct vs_client;

struct vs_client_options {
	/* "http://127.0.0.1:8443", "https://broker.example"; no path. Ignored
	 * when unix_socket is set. */
	const char *url;
	const char *unix_socket; /* path of the admin socket, or NULL */
	const char *ca_file;     /* PEM; NULL: the system's */
	/* Who we are: sent over https and the socket alone. */
	const char *bearer;
	const char *cert_file; /* PEM, with the chain */
	const char *key_file;
	unsigned timeout_s; /* a whole request; 0: 30 */
	size_t body_max;    /* largest answer; 0: VS_BUF_MAX */
};

/* Connects on the first request. VS_USAGE for a URL that makes no sense. */
VS_MUST_USE vs_status vs_client_new(const struct vs_client_options *opt,
    struct vs_client **out, struct vs_err *err);
void vs_client_free(struct vs_client **c);

/* {0}, then vs_reply_fini. */
struct vs_reply {
	int status; /* HTTP */
	char content_type[80];
	int64_t retry_after_s; /* -1: the header is absent */
	struct vs_buf body;
};
void vs_reply_fini(struct vs_reply *r);

/*
 * One request. path begins with '/', may have a query. body empty: none is
 * sent. VS_OK when any HTTP answer came, whatever its status; VS_UNAVAILABLE
 * when none came, with what to do next (code "client.tls" when trying again
 * cannot help); VS_TOO_LARGE above body_max.
 */
VS_MUST_USE vs_status vs_client_request(struct vs_client *c, const char *method,
    const char *path, const char *content_type, struct vs_span body,
    struct vs_reply *reply, struct vs_err *err);

/* A failure that the other side reported (RFC 9457 problem details). */
struct vs_problem {
	int http;                  /* 0: no problem was reported */
	int64_t retry_after_s;     /* -1: not said */
	char id[VS_UUID_TEXT_MAX]; /* release id of `instance`, "" if none */
	char title[96];
	char detail[200];
	char rules[160]; /* failed_rules, comma-separated; "" if none */
};
/*
 * VS_OK for a 2xx answer. Otherwise the status of the class that `type`
 * names, or of the HTTP status where the body is no problem document; the
 * message says title, detail and id. problem may be NULL.
 */
VS_MUST_USE vs_status vs_reply_check(
    const struct vs_reply *r, struct vs_problem *problem, struct vs_err *err);

/*
 * A JSON call: sends in (NULL: no body), parses the answer into *out (NULL
 * when the answer has no body). Anything but 2xx fails as vs_reply_check.
 */
VS_MUST_USE vs_status vs_client_json(struct vs_client *c, const char *method,
    const char *path, const struct vs_json *in, struct vs_json **out,
    struct vs_problem *problem, struct vs_err *err);

/* vs_client_json as the command line calls it: c is on the admin socket. */
VS_MUST_USE vs_status vs_client_admin(struct vs_client *c, const char *method,
    const char *path, const struct vs_json *in, struct vs_json **out,
    struct vs_err *err);

/* Appends one path segment or query value, percent-encoded; '/' too unless
 * keep_slash. */
void vs_client_escape(struct vs_buf *out, struct vs_span text, bool keep_slash);

#endif
