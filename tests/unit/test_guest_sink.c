/* SPDX-License-Identifier: Apache-2.0 */
/* Where keys go, and where they do not. */
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "guest/sink.h"

static char dir[] = "/tmp/vouchsafe-sink.XXXXXX";
static struct vs_guest_options o;

static struct vs_guest_key
key(const char *name, const char *bytes)
{
	struct vs_guest_key k = {.version = 1};
	size_t n = strlen(bytes);

	(void)snprintf(k.name, sizeof(k.name), "%s", name);
	k.key = vs_secret_new(n);
	memcpy(vs_secret_poke(k.key), bytes, n);
	return k;
}

static void
check_file(const char *name, const char *want)
{
	char path[256];
	struct vs_buf b = {0};
	struct vs_err err = {0};
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	CHECK_OK(vs_file_read(path, 100, &b, &err), err);
	CHECK_STR(vs_buf_cstr(&b), want);
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	vs_buf_fini(&b);
}

static void
reset(const char *out)
{
	memset(&o, 0, sizeof(o));
	o.fd = -1;
	o.out = out;
}

static void
test_one_key_into_a_file(void)
{
	struct vs_guest_key k = key("a/b", "secret");
	char path[256];
	struct vs_err err = {0};

	(void)snprintf(path, sizeof(path), "%s/file", dir);
	reset(path);
	CHECK_OK(vs_guest_sink_check(&o, &err), err);
	CHECK_OK(vs_guest_sink_write(&o, &k, 1, &err), err);
	check_file("file", "secret");
	reset("/nonexistent/dir/file");
	CHECK(vs_guest_sink_write(&o, &k, 1, &err) != VS_OK);
	vs_guest_keys_fini(&k, 1);
}

static void
test_several_keys_into_a_directory(void)
{
	struct vs_guest_key k[] = {
	    key("m/a/weights", "one"), key("m/b", "two")};
	char path[256];
	struct vs_err err = {0};

	(void)snprintf(path, sizeof(path), "%s/keys", dir);
	reset(path);
	CHECK_OK(vs_guest_sink_write(&o, k, 2, &err), err);
	check_file("keys/m/a/weights", "one");
	check_file("keys/m/b", "two");
	/* A directory that is there takes a single key as well. */
	CHECK_OK(vs_guest_sink_write(&o, &k[1], 1, &err), err);
	check_file("keys/m/b", "two");
	vs_guest_keys_fini(k, 2);
}

static void
test_descriptor(void)
{
	struct vs_guest_key k = key("a/b", "secret");
	struct vs_err err = {0};
	char got[16] = {0};
	int fds[2];

	CHECK_INT(pipe(fds), 0);
	reset(NULL);
	o.fd = fds[1];
	CHECK_OK(vs_guest_sink_check(&o, &err), err);
	CHECK_OK(vs_guest_sink_write(&o, &k, 1, &err), err);
	CHECK_INT(read(fds[0], got, sizeof(got)), 6);
	CHECK_STR(got, "secret");
	(void)close(fds[0]);
	(void)close(fds[1]);
	CHECK_INT(vs_guest_sink_check(&o, &err), VS_USAGE);
	vs_guest_keys_fini(&k, 1);
}

static void
test_full_device_is_told(void)
{
	struct vs_guest_key k = key("a/b", "secret");
	struct vs_err err = {0};

	reset(NULL);
	o.fd = open("/dev/full", O_WRONLY);
	CHECK(o.fd >= 0);
	CHECK_INT(vs_guest_sink_write(&o, &k, 1, &err), VS_DISK_FULL);
	(void)close(o.fd);
	vs_guest_keys_fini(&k, 1);
}

static void
test_terminals_are_refused_unless_named(void)
{
	struct vs_err err = {0};
	int pty = posix_openpt(O_RDWR | O_NOCTTY), tty;

	if (pty < 0 || grantpt(pty) != 0 || unlockpt(pty) != 0)
		return; /* no terminals here */
	tty = open(ptsname(pty), O_RDWR | O_NOCTTY);
	if (tty >= 0) {
		reset(NULL);
		o.fd = tty;
		CHECK_INT(vs_guest_sink_check(&o, &err), VS_USAGE);
		o.out = "-";
		CHECK_OK(vs_guest_sink_check(&o, &err), err);
		(void)close(tty);
	}
	(void)close(pty);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int
main(void)
{
	struct vs_err err = {0};

	if (!CHECK_OK(vs_secret_pool_init(65536, &err), err))
		return 1;
	CHECK(mkdtemp(dir) != NULL);
	RUN(test_one_key_into_a_file);
	RUN(test_several_keys_into_a_directory);
	RUN(test_descriptor);
	RUN(test_full_device_is_told);
	RUN(test_terminals_are_refused_unless_named);
	CHECK_INT(nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
	vs_secret_pool_fini();
	return check_result();
}
