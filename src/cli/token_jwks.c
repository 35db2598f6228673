/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/token_jwks.h"

#include <string.h>

#include "base/file.h"
#include "cli/dispatch.h"
#include "cli/output.h"
#include "client/client.h"
#include "codec/jwks.h"

enum { URL_MAX = 1024 };

const struct vs_opt vs_token_jwks_options[VS_TOKEN_JWKS_OPTIONS_N] = {
    VS_OPT("out", TEXT, struct vs_token_jwks_opts, out, "FILE",
	"the file that identities.issuers names; written when it changes"),
    VS_OPT("ca", TEXT, struct vs_token_jwks_opts, ca, "FILE",
	"the CA of the issuer's certificate (default: the system's)"),
    VS_OPT(
	"json", FLAG, struct vs_token_jwks_opts, json, NULL, "one JSON object"),
};

/* "https://host" and "/path". */
static vs_status
split(
    const char *url, char base[URL_MAX], char path[URL_MAX], struct vs_err *err)
{
	static const char scheme[] = "https://";
	size_t n = strlen(url), head = sizeof scheme - 1;
	const char *slash;
	size_t host;

	if (strncmp(url, scheme, head) != 0 || n >= URL_MAX)
		return vs_fail(
		    err, VS_USAGE, "%.80s: must begin with https://", url);
	slash = strchr(url + head, '/');
	host = slash == NULL ? n : (size_t)(slash - url);
	memcpy(base, url, host);
	base[host] = '\0';
	(void)snprintf(path, URL_MAX, "%s", slash == NULL ? "" : slash);
	return VS_OK;
}

/* suffix is ours and short. */
static vs_status
get(const char *url, const char *suffix, const char *ca, struct vs_buf *out,
    struct vs_err *err)
{
	VS_AUTO(vs_client) *c = NULL;
	char base[URL_MAX], path[URL_MAX], whole[URL_MAX + 64];
	struct vs_client_options opt = {
	    .url = base, .ca_file = ca, .body_max = VS_JWKS_SIZE_MAX};
	struct vs_reply reply = {0};
	size_t n;
	vs_status st;

	VS_TRY(err, "fetch", split(url, base, path, err));
	n = strlen(path);
	if (n > 0 && path[n - 1] == '/' && suffix[0] != '\0')
		path[n - 1] = '\0';
	(void)snprintf(whole, sizeof whole, "%s%s", path, suffix);
	VS_TRY(err, "fetch", vs_client_new(&opt, &c, err));
	st = vs_client_request(c, "GET", whole[0] == '\0' ? "/" : whole, NULL,
	    VS_SPAN(NULL, 0), &reply, err);
	if (st == VS_OK && reply.status != 200)
		st = vs_fail(err, VS_UNAVAILABLE, "%.200s%s: HTTP status %d",
		    url, suffix, reply.status);
	if (st == VS_OK) {
		vs_buf_add(out, vs_buf_span(&reply.body));
		st = vs_buf_status(out);
	}
	vs_reply_fini(&reply);
	return st;
}

/* OpenID Connect Discovery 4.3: the document must name the very issuer. */
static vs_status
discover(
    const char *issuer, const char *ca, char uri[URL_MAX], struct vs_err *err)
{
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_buf text = {0};
	struct vs_span iss = {0}, jwks = {0};
	vs_status st =
	    get(issuer, "/.well-known/openid-configuration", ca, &text, err);

	if (st == VS_OK)
		st = vs_json_parse(vs_buf_span(&text), &doc, err);
	vs_buf_fini(&text);
	VS_TRY(err, "discovery", st);
	VS_TRY(
	    err, "discovery", vs_json_need_str(doc, "", "issuer", &iss, err));
	VS_TRY(err, "discovery",
	    vs_json_need_str(doc, "", "jwks_uri", &jwks, err));
	if (!vs_span_is(iss, issuer))
		return vs_fail(err, VS_UNTRUSTED,
		    "discovery: the issuer calls itself %.*s",
		    (int)(iss.n < 100 ? iss.n : 100), (const char *)iss.p);
	if (jwks.n >= URL_MAX)
		return vs_fail(err, VS_TOO_LARGE, "discovery: jwks_uri");
	memcpy(uri, jwks.p, jwks.n);
	uri[jwks.n] = '\0';
	return VS_OK;
}

static vs_status
store(const char *file, struct vs_span text, bool *changed, struct vs_err *err)
{
	struct vs_buf old = {0};
	struct vs_err ignored = {0};

	*changed =
	    vs_file_read(file, VS_JWKS_SIZE_MAX, &old, &ignored) != VS_OK ||
	    !vs_span_equal(vs_buf_span(&old), text);
	vs_buf_fini(&old);
	return *changed ? vs_file_write(file, text, 0644, err) : VS_OK;
}

struct result {
	size_t keys, left_out;
	bool changed;
};

/* A set that the daemon would refuse does not replace the one it has. */
static vs_status
fetch(const struct vs_token_jwks_opts *o, const char *issuer,
    struct result *out, struct vs_err *err)
{
	VS_AUTO(vs_jwks) *keys = NULL;
	struct vs_buf text = {0};
	char uri[URL_MAX];
	vs_status st;

	if (o->out == NULL)
		return vs_fail(err, VS_USAGE, "--out FILE is needed");
	VS_TRY(err, "jwks", discover(issuer, o->ca, uri, err));
	st = get(uri, "", o->ca, &text, err);
	if (st == VS_OK)
		st = vs_jwks_parse(
		    vs_buf_span(&text), VS_JOSE_RS256, &keys, err);
	if (st == VS_OK && vs_jwks_count(keys) == 0)
		st = vs_fail(
		    err, VS_UNTRUSTED, "no key in it can verify a token");
	if (st == VS_OK) {
		out->keys = vs_jwks_count(keys);
		out->left_out = vs_jwks_left_out(keys);
		st = store(o->out, vs_buf_span(&text), &out->changed, err);
	}
	vs_buf_fini(&text);
	return st;
}

int
vs_token_jwks(const void *opts, const struct vs_args *args)
{
	const struct vs_token_jwks_opts *o = opts;
	struct result r = {.keys = 0};
	struct vs_err err = {0};
	struct vs_json *doc;

	if (fetch(o, args->v[0], &r, &err) != VS_OK)
		return vs_cli_fail(&err, o->json);
	if (!o->json) {
		printf("%s: %zu keys, %s\n", o->out, r.keys,
		    r.changed ? "written" : "as before");
		return VS_EXIT_OK;
	}
	doc = vs_json_object();
	vs_json_set(&doc, "file", vs_json_cstr(o->out));
	vs_json_set(&doc, "keys", vs_json_int((int64_t)r.keys));
	vs_json_set(&doc, "left_out", vs_json_int((int64_t)r.left_out));
	vs_json_set(&doc, "changed", vs_json_bool(r.changed));
	return vs_cli_json(&doc, VS_EXIT_OK);
}
