/* SPDX-License-Identifier: Apache-2.0 */
/* Calls to a daemon's admin API, on its socket or elsewhere. */
#ifndef VS_CLI_ADMIN_H
#define VS_CLI_ADMIN_H

#include "cli/options.h"
#include "codec/json.h"

/* First member of the options of every verb that talks to the daemon. */
struct vs_admin_opts {
	const char *socket;
	const char *data;
	const char *url; /* instead of the socket */
	const char *ca;
	const char *token_file;
	const char *cert, *key;
	bool json;
};
#define VS_ADMIN_OPTIONS(type)                                                 \
	VS_OPT("socket", TEXT, type, admin.socket, "PATH",                     \
	    "the daemon's admin socket"),                                      \
	    VS_OPT("data", TEXT, type, admin.data, "DIR",                      \
		"the daemon's data directory, which holds the socket"),        \
	    VS_OPT("url", TEXT, type, admin.url, "URL",                        \
		"a daemon elsewhere: https://HOST:PORT of admin.listen"),      \
	    VS_OPT("ca", TEXT, type, admin.ca, "FILE",                         \
		"the CA of its certificate (default: the system's)"),          \
	    VS_OPT("token-file", TEXT, type, admin.token_file, "FILE",         \
		"who you are: a file that holds a token"),                     \
	    VS_OPT("cert", TEXT, type, admin.cert, "FILE",                     \
		"who you are: a client certificate"),                          \
	    VS_OPT("cert-key", TEXT, type, admin.key, "FILE", "its key"),      \
	    VS_OPT("json", FLAG, type, admin.json, NULL, "one JSON object")

/*
 * One call. Where: --url, or $VOUCHSAFE_URL where no socket is named. Who:
 * --token-file, else $VOUCHSAFE_TOKEN_FILE, else the token in
 * $VOUCHSAFE_TOKEN; and --cert with --cert-key. The socket: --socket, else
 * admin.sock in --data, else $VOUCHSAFE_SOCKET, else
 * ./vouchsafe-data/admin.sock, else /var/lib/vouchsafe/admin.sock. in (NULL: no
 * body) stays the caller's.
 */
VS_MUST_USE vs_status vs_cli_call(const struct vs_admin_opts *o,
    const char *method, const char *path, const struct vs_json *in,
    struct vs_json **out, struct vs_err *err);

/* The same with text as the body, which no parser gets to see. */
VS_MUST_USE vs_status vs_cli_post_text(const struct vs_admin_opts *o,
    const char *path, struct vs_span text, struct vs_json **out,
    struct vs_err *err);

/* "/v1/keys/" and a name, percent-encoded where it must be, slashes kept. */
void vs_cli_key_path(struct vs_buf *out, const char *name);
/* "?a=b" or "&a=b"; nothing when value is NULL. */
void vs_cli_query(struct vs_buf *path, const char *name, const char *value);

#endif
