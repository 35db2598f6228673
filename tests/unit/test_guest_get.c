/* SPDX-License-Identifier: Apache-2.0 */
/* When a guest asks again, and when it does not. The whole way to a key is
 * an end-to-end test. */
#include <dirent.h>

#include "base/secret.h"
#include "check.h"
#include "guest/get.h"
#include "guest/guest.h"
#include "http_server.h"
#include "simulate/simulate.h"

#define PROBLEM "application/problem+json"

static char pki_dir[] = "/tmp/vouchsafe-get.XXXXXX";
static char refusal[512]; /* of every release */
static int challenges, releases, waits;

static void
answer(char out[512], const char *status, const char *type, const char *body)
{
	(void)snprintf(out, 512,
	    "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
	    "\r\n%s",
	    status, type, strlen(body), body);
}

static const char *
script(const char *request, int n)
{
	(void)n;
	if (strncmp(request, "POST /v1/challenge", 18) == 0) {
		static char text[512];

		challenges++;
		answer(text, "200 OK", "application/json",
		    "{\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		    "AAAA\",\"expires_in\":300}");
		return text;
	}
	releases++;
	CHECK(strncmp(request, "POST /v1/release", 16) == 0);
	CHECK(strstr(request, "\"keys\":[{\"name\":\"a/b\"}]") != NULL);
	return refusal;
}

static void
say(const char *why, unsigned seconds)
{
	(void)why;
	(void)seconds;
	waits++;
}

static vs_status
get(const char *status, const char *type, const char *body, unsigned wait_s,
    struct vs_err *err)
{
	static struct vs_guest_options o;
	struct server s = {.script = script};
	struct vs_guest_release r = {0};
	char url[64];
	vs_status st;

	answer(refusal, status, type, body);
	challenges = releases = waits = 0;
	start(&s, false);
	(void)snprintf(
	    url, sizeof(url), "http://127.0.0.1:%u", (unsigned)s.port);
	memset(&o, 0, sizeof(o));
	o.url = url;
	o.fd = -1;
	o.simulate = pki_dir;
	o.curve = VS_CURVE_P256;
	o.wait_s = wait_s;
	o.n = 1;
	o.keys[0].name = VS_SPAN_LIT("a/b");
	st = vs_guest_get(&o, say, &r, err);
	stop(&s);
	CHECK(r.keys == NULL);
	return st;
}

static void
test_denial_is_final(void)
{
	struct vs_err err = {0};

	CHECK_INT(get("403 F", PROBLEM, "{\"type\":\"x/denied\"}", 30, &err),
	    VS_DENIED);
	CHECK_INT(challenges, 1);
	CHECK_INT(releases, 1);
	CHECK_INT(waits, 0);
}

static void
test_unverified_is_final(void)
{
	struct vs_err err = {0};

	CHECK_INT(
	    get("403 F", PROBLEM, "{\"type\":\"x/unverified\"}", 30, &err),
	    VS_UNTRUSTED);
	CHECK_INT(releases, 1);
}

static void
test_stale_is_tried_once_more(void)
{
	struct vs_err err = {0};

	CHECK_INT(get("401 S", PROBLEM, "{\"type\":\"x/stale\"}", 30, &err),
	    VS_STALE);
	CHECK_INT(challenges, 2);
	CHECK_INT(releases, 2);
	CHECK_INT(waits, 0);
}

static void
test_busy_is_tried_while_there_is_time(void)
{
	struct vs_err err = {0};

	CHECK_INT(
	    get("503 U", "x/y\r\nRetry-After: 1", "", 2, &err), VS_UNAVAILABLE);
	CHECK(waits >= 1 && releases == waits + 1);
	CHECK_INT(get("503 U", "x/y\r\nRetry-After: 100", "", 2, &err),
	    VS_UNAVAILABLE);
	CHECK_INT(releases, 1); /* 100 s is more than we would wait */
	CHECK_INT(get("429 B", "x/y\r\nRetry-After: 1", "", 0, &err), VS_BUSY);
	CHECK_INT(releases, 1);
}

static void
test_answer_that_does_not_open_is_final(void)
{
	struct vs_err err = {0};

	CHECK_INT(get("200 OK", "application/json",
		      "{\"release_id\":"
		      "\"01890a5d-ac96-774b-bcce-b302099a8057\","
		      "\"sealed\":\"e30..AA.AA.A\"}",
		      30, &err),
	    VS_MALFORMED);
	CHECK_INT(releases, 1);
}

static int
run(const char *a, const char *b, const char *c, const char *d)
{
	char args[6][120] = {"vouchsafe-guest", "get"};
	char *argv[7] = {args[0], args[1], NULL};
	const char *in[] = {a, b, c, d};
	int argc = 2;

	for (int i = 0; i < 4 && in[i] != NULL; i++) {
		(void)snprintf(args[argc], sizeof(args[0]), "%s", in[i]);
		argv[argc] = args[argc];
		argc++;
	}
	argv[argc] = NULL;
	return vs_guest_main(argc, argv);
}

static void
test_command_lines(void)
{
	CHECK_INT(run("--help", NULL, NULL, NULL), 0);
	CHECK_INT(run(NULL, NULL, NULL, NULL), 2);
	CHECK_INT(run("a/../b", NULL, NULL, NULL), 2);
	CHECK_INT(run("a/b", "a/b", "--keyring", NULL), 2);
	CHECK_INT(run("a/b", "a/c", NULL, NULL), 2); /* two to stdout */
	CHECK_INT(run("a/b@x", NULL, NULL, NULL), 2);
	CHECK_INT(run("a/b", "--out=/x", "--keyring", NULL), 2);
	CHECK_INT(run("a/b", "--fd=999", NULL, NULL), 2);
	CHECK_INT(run("a/b", "--fd", NULL, NULL), 2);
	CHECK_INT(run("a/b", "--curve=P-521", NULL, NULL), 2);
	CHECK_INT(run("a/b", "--sim-measurement=00", NULL, NULL), 2);
	CHECK_INT(run("a/b", "--unknown", NULL, NULL), 2);
	CHECK_INT(run("a/b", "--url=nowhere", "--out=/x", NULL), 2);
	CHECK_INT(run("a/b", "--url=http://127.0.0.1:1", "--wait=0",
		      "--out=/nonexistent/x"),
	    4);
}

static void
make_pki(void)
{
	struct vs_sim_pki_options opt;
	struct vs_sim_pki *p = NULL;
	struct vs_err err = {0};

	vs_sim_pki_defaults(VS_SIM_MILAN, 1767225600, &opt);
	opt.rsa_bits = 2048;
	CHECK(mkdtemp(pki_dir) != NULL);
	CHECK_OK(vs_sim_pki_new(&opt, &p, &err), err);
	CHECK_OK(vs_sim_pki_save(p, pki_dir, &err), err);
	vs_sim_pki_free(&p);
}

static void
remove_pki(void)
{
	DIR *d = opendir(pki_dir);
	const struct dirent *e;
	char path[512];

	while (d != NULL && (e = readdir(d)) != NULL) {
		(void)snprintf(
		    path, sizeof(path), "%s/%.200s", pki_dir, e->d_name);
		(void)unlink(path);
	}
	(void)closedir(d);
	CHECK_INT(rmdir(pki_dir), 0);
}

int
main(void)
{
	struct vs_err err = {0};

	RUN(test_command_lines); /* makes a pool of its own */
	if (!CHECK_OK(vs_secret_pool_init(65536, &err), err))
		return 1;
	make_pki();
	RUN(test_denial_is_final);
	RUN(test_unverified_is_final);
	RUN(test_stale_is_tried_once_more);
	RUN(test_busy_is_tried_while_there_is_time);
	RUN(test_answer_that_does_not_open_is_final);
	remove_pki();
	vs_secret_pool_fini();
	return check_result();
}
