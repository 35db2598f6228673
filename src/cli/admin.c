/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "client/client.h"

enum { PATH_LEN_MAX = 4096, TOKEN_FILE_MAX = 64 * 1024 };

/* Where nobody says otherwise: a daemon started in this directory, then the
 * service. */
static const char *
default_socket(void)
{
	static const char here[] = "./vouchsafe-data/admin.sock";
	static const char service[] = "/var/lib/vouchsafe/admin.sock";
	/* One thread only. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	const char *env = getenv("VOUCHSAFE_SOCKET");
	struct stat st;

	if (env != NULL && env[0] != '\0')
		return env;
	return stat(here, &st) == 0 ? here : service;
}

static vs_status
socket_path(
    const struct vs_admin_opts *o, char out[PATH_LEN_MAX], struct vs_err *err)
{
	const char *base = o->socket;
	int n;

	if (o->socket != NULL && o->data != NULL)
		return vs_fail(
		    err, VS_USAGE, "--socket and --data: one or the other");
	if (o->data != NULL)
		n = snprintf(out, PATH_LEN_MAX, "%s/admin.sock", o->data);
	else
		n = snprintf(out, PATH_LEN_MAX, "%s",
		    base != NULL ? base : default_socket());
	if (n < 0 || n >= PATH_LEN_MAX)
		return vs_fail(err, VS_USAGE, "path of the socket: too long");
	return VS_OK;
}

/* NULL where it is not set, or empty. One thread only. */
static const char *
env(const char *name)
{
	const char *v = getenv(name); /* NOLINT(concurrency-mt-unsafe) */

	return v == NULL || v[0] == '\0' ? NULL : v;
}

/* Where the daemon is; a socket that is named wins over the environment. */
static const char *
url_of(const struct vs_admin_opts *o)
{
	if (o->url != NULL || o->socket != NULL || o->data != NULL)
		return o->url;
	return env("VOUCHSAFE_URL");
}

static vs_status
read_token(
    const struct vs_admin_opts *o, struct vs_buf *out, struct vs_err *err)
{
	const char *file = o->token_file;

	if (file == NULL)
		file = env("VOUCHSAFE_TOKEN_FILE");
	if (file == NULL) {
		const char *text = env("VOUCHSAFE_TOKEN");

		vs_buf_puts(out, text == NULL ? "" : text);
		return vs_buf_status(out);
	}
	VS_TRY(err, "token", vs_file_read(file, TOKEN_FILE_MAX, out, err));
	while (out->n > 0 && strchr(" \t\r\n", out->p[out->n - 1]) != NULL)
		out->n--;
	if (out->n == 0)
		return vs_fail(err, VS_USAGE, "%s: holds no token", file);
	return VS_OK;
}

static vs_status
connect_to(const struct vs_admin_opts *o, struct vs_buf *token,
    struct vs_client **out, struct vs_err *err)
{
	char sock[PATH_LEN_MAX];
	struct vs_client_options opt = {.url = url_of(o),
	    .ca_file = o->ca,
	    .cert_file = o->cert,
	    .key_file = o->key};

	if (o->url != NULL && (o->socket != NULL || o->data != NULL))
		return vs_fail(
		    err, VS_USAGE, "--url and a socket: one or the other");
	/* The environment says who asks from afar; on the socket the user
	 * does, unless the command line says otherwise. */
	if (opt.url != NULL || o->token_file != NULL) {
		VS_TRY(err, "token", read_token(o, token, err));
		if (token->n > 0)
			opt.bearer = vs_buf_cstr(token);
	}
	if (opt.url == NULL) {
		VS_TRY(err, "admin", socket_path(o, sock, err));
		opt.unix_socket = sock;
	}
	return vs_client_new(&opt, out, err);
}

vs_status
vs_cli_call(const struct vs_admin_opts *o, const char *method, const char *path,
    const struct vs_json *in, struct vs_json **out, struct vs_err *err)
{
	VS_AUTO(vs_client) *c = NULL;
	struct vs_buf token = {0};
	vs_status st = connect_to(o, &token, &c, err);

	vs_buf_fini(&token);
	if (st != VS_OK)
		return vs_ctx(err, "admin", st);
	return vs_client_admin(c, method, path, in, out, err);
}

vs_status
vs_cli_post_text(const struct vs_admin_opts *o, const char *path,
    struct vs_span text, struct vs_json **out, struct vs_err *err)
{
	VS_AUTO(vs_client) *c = NULL;
	char sock[PATH_LEN_MAX];
	struct vs_client_options opt = {.unix_socket = sock};
	struct vs_reply reply = {0};
	vs_status st;

	VS_TRY(err, "admin", socket_path(o, sock, err));
	VS_TRY(err, "admin", vs_client_new(&opt, &c, err));
	st =
	    vs_client_request(c, "POST", path, "text/plain", text, &reply, err);
	if (st == VS_OK)
		st = vs_reply_check(&reply, NULL, err);
	if (st == VS_OK)
		st = vs_json_parse(vs_buf_span(&reply.body), out, err);
	vs_reply_fini(&reply);
	return st;
}

void
vs_cli_key_path(struct vs_buf *out, const char *name)
{
	vs_buf_puts(out, "/v1/keys/");
	vs_client_escape(out, vs_span_cstr(name), true);
}

void
vs_cli_query(struct vs_buf *path, const char *name, const char *value)
{
	if (value == NULL)
		return;
	bool first = memchr(path->p, '?', path->n) == NULL;
	vs_buf_printf(path, "%c%s=", first ? '?' : '&', name);
	vs_client_escape(path, vs_span_cstr(value), false);
}
