/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seal's helper process, good and bad. This program starts a copy of
 * itself in a directory of its own, and is the vouchsafe-seal that the copy
 * finds beside itself: the argument "tcti" says how it behaves.
 */
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "keeper/seal_helper.h"

static const uint8_t secret[32] = "thirty-two bytes of a seal key.";

/* ---- as the helper ------------------------------------------------------ */

static void
answer(const void *p, size_t n)
{
	if (send(VS_SEAL_CHANNEL, p, n, 0) != (ssize_t)n)
		_exit(1);
}

/* Nothing of the keeper's but standard input and output and the channel. */
static unsigned
open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	return n - 3; /* . and .. and d */
}

static int
helper(char **argv)
{
	static uint8_t buf[VS_SEAL_MESSAGE_MAX + 64] = {0, 0, 0, 0, 0, 0};
	const char *how = argv[1];
	uint8_t in[VS_SEAL_MESSAGE_MAX];
	unsigned files = open_files();
	ssize_t n = recv(VS_SEAL_CHANNEL, in, sizeof in, 0);

	if (n < 1)
		return 1;
	if (strcmp(how, "echo") == 0) {
		memcpy(buf + 6, in + 1, (size_t)n - 1);
		answer(buf, 6 + (size_t)n - 1);
	} else if (strcmp(how, "arguments") == 0) {
		const char *env = getenv("MODULE_CONF");

		n = snprintf((char *)buf + 6, 256, "%u %u %s %s %s %s %s %s",
		    in[0], files, argv[2], argv[5], argv[6], argv[7], argv[8],
		    env == NULL ? "-" : env);
		answer(buf, 6 + (size_t)n);
	} else if (strcmp(how, "refuse") == 0) {
		static const uint8_t no[] = {0, 0, 7, 1, 2, 5, 'P', 'C', 'R',
		    ' ', '7', 's', 'e', 'c', 'r', 'e', 't'};
		answer(no, sizeof no);
	} else if (strcmp(how, "short") == 0) {
		answer(buf, 5);
	} else if (strcmp(how, "no data") == 0) {
		answer(buf, 6);
	} else if (strcmp(how, "bad code") == 0) {
		buf[4] = 200;
		answer(buf, 7);
	} else if (strcmp(how, "bad length") == 0) {
		buf[5] = 200;
		answer(buf, 20);
	} else if (strcmp(how, "too much") == 0) {
		answer(buf, 6 + VS_SEAL_SECRET_MAX + 1);
	} else if (strcmp(how, "far too much") == 0) {
		answer(buf, sizeof buf);
	} else if (strcmp(how, "count") == 0) {
		buf[13] = 42;
		answer(buf, 14);
	} else if (strcmp(how, "linger") == 0) {
		memcpy(buf + 6, secret, sizeof secret);
		answer(buf, 6 + sizeof secret);
		(void)sleep(600);
	}
	return 0;
}

/* ---- as the keeper ------------------------------------------------------ */

static struct vs_seal_conf
conf(const char *how)
{
	struct vs_seal_conf c = {.kind = "tpm2"};

	c.tpm2.tcti = how;
	return c;
}

static void
test_round_trip(void)
{
	const struct vs_seal_conf c = conf("echo");
	struct vs_secret *s = NULL;
	struct vs_buf blob = {0};
	struct vs_err err = {0};

	CHECK_OK(vs_seal_tpm2_wrap(&c, VS_SPAN_OF(secret), &blob, &err), err);
	CHECK(vs_span_equal(vs_buf_span(&blob), VS_SPAN_OF(secret)));
	CHECK_OK(vs_seal_tpm2_unwrap(&c, vs_buf_span(&blob), &s, &err), err);
	CHECK(vs_span_equal(vs_secret_peek(s), VS_SPAN_OF(secret)));
	vs_secret_free(&s);
	CHECK_OK(vs_seal_pkcs11_unwrap(&c, vs_buf_span(&blob), &s, &err), err);
	vs_secret_free(&s);
	vs_buf_fini(&blob);
}

/* Every operation its number; nothing inherited but what it needs. */
static void
test_what_it_gets(void)
{
	struct vs_seal_conf c = conf("arguments");
	struct vs_buf out = {0};
	struct vs_err err = {0};
	int leak = open("/dev/null", O_RDONLY);

	c.tpm2.pcrs = "pcrs";
	c.pkcs11.module = "module";
	c.pkcs11.token = "token";
	c.pkcs11.key = "key";
	c.pkcs11.pin_file = "pin";
	CHECK(leak >= 3);
	CHECK_OK(vs_seal_tpm2_wrap(&c, VS_SPAN_OF(secret), &out, &err), err);
	CHECK_STR(vs_buf_cstr(&out), "1 4 pcrs module token key pin -");
	vs_buf_reset(&out);
	c.pkcs11.env = "MODULE_CONF=/etc/module";
	CHECK_OK(vs_seal_pkcs11_wrap(&c, VS_SPAN_OF(secret), &out, &err), err);
	CHECK_STR(
	    vs_buf_cstr(&out), "3 4 pcrs module token key pin /etc/module");
	(void)close(leak);
	vs_buf_fini(&out);
}

static void
test_refusal(void)
{
	const struct vs_seal_conf c = conf("refuse");
	struct vs_secret *s = NULL;
	struct vs_err err = {0};

	CHECK_INT(
	    vs_seal_tpm2_unwrap(&c, VS_SPAN_OF(secret), &s, &err), VS_SEALED);
	CHECK(s == NULL);
	CHECK_STR(err.code, "seal.tpm2.pcr");
	CHECK(strstr(err.msg, "PCR 7") != NULL);
	CHECK(strstr(err.msg, "secret") == NULL);
}

static void
test_bad_helpers(void)
{
	static const char *const bad[] = {"silent", "short", "no data",
	    "bad code", "bad length", "too much", "far too much"};

	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		const struct vs_seal_conf c = conf(bad[i]);
		size_t before = vs_secret_pool_used();
		struct vs_secret *s = NULL;
		struct vs_err err = {0};

		CHECK_INT(vs_seal_tpm2_unwrap(&c, VS_SPAN_OF(secret), &s, &err),
		    VS_SEALED);
		if (!CHECK(s == NULL) ||
		    !CHECK(err.code != NULL &&
			strcmp(err.code, "seal.helper") == 0))
			fprintf(stderr, "%s: %s\n", bad[i], err.msg);
		CHECK_INT(vs_secret_pool_used(), before);
	}
}

static void
test_one_that_stays(void)
{
	const struct vs_seal_conf c = conf("linger");
	struct vs_secret *s = NULL;
	struct vs_err err = {0};

	(void)alarm(20);
	CHECK_OK(vs_seal_tpm2_unwrap(&c, VS_SPAN_OF(secret), &s, &err), err);
	(void)alarm(0);
	vs_secret_free(&s);
	CHECK(waitpid(-1, NULL, WNOHANG) == -1); /* nobody is left */
}

static void
test_counter(void)
{
	const struct vs_seal_conf c = conf("count"), d = conf("short");
	struct vs_err err = {0};
	uint64_t n = 0;

	CHECK_OK(vs_tpm_counter_define(&c, &n, &err), err);
	CHECK_INT(n, 42);
	CHECK_OK(vs_tpm_counter_read(&c, &n, &err), err);
	CHECK_OK(vs_tpm_counter_bump(&c, &n, &err), err);
	n = 7;
	CHECK_INT(vs_tpm_counter_read(&d, &n, &err), VS_SEALED);
	CHECK_INT(n, 7);
}

static void
test_absent(const char *path)
{
	const struct vs_seal_conf c = conf("echo");
	struct vs_secret *s = NULL;
	struct vs_err err = {0};

	CHECK(unlink(path) == 0);
	CHECK_INT(
	    vs_seal_tpm2_unwrap(&c, VS_SPAN_OF(secret), &s, &err), VS_SEALED);
	CHECK(strstr(err.msg, "not beside") != NULL);
}

static int
keeper(const char *path)
{
	struct vs_err err = {0};

	if (!CHECK_OK(vs_secret_pool_init(1 << 20, &err), err))
		return check_result();
	RUN(test_round_trip);
	RUN(test_what_it_gets);
	RUN(test_refusal);
	RUN(test_bad_helpers);
	RUN(test_one_that_stays);
	RUN(test_counter);
	test_absent(path);
	vs_secret_pool_fini();
	return check_result();
}

int
main(int argc, char **argv)
{
	char dir[] = "/tmp/vs-helper-XXXXXX";
	char command[512];
	int code;

	if (argc == VS_SEAL_HELPER_ARGS + 1)
		return helper(argv);
	if (argc == 2)
		return keeper(argv[1]);
	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(command, sizeof command,
	    "cp '%s' '%s/test' && cp '%s' '%s/vouchsafe-seal' && "
	    "'%s/test' '%s/vouchsafe-seal'",
	    argv[0], dir, argv[0], dir, dir, dir);
	code = system(command);
	(void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
	return system(command) == 0 && code == 0 ? 0 : 1;
}
