/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "client/client.h"

enum { PATH_LEN_MAX = 4096 };

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

vs_status
vs_cli_call(const struct vs_admin_opts *o, const char *method, const char *path,
    const struct vs_json *in, struct vs_json **out, struct vs_err *err)
{
	VS_AUTO(vs_client) *c = NULL;
	char sock[PATH_LEN_MAX];
	struct vs_client_options opt = {.unix_socket = sock};

	VS_TRY(err, "admin", socket_path(o, sock, err));
	VS_TRY(err, "admin", vs_client_new(&opt, &c, err));
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
