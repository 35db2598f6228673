/* SPDX-License-Identifier: Apache-2.0 */
#include "guest/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"

enum { KEYRING_MAX = 32767 }; /* user-type keys, keyrings(7) */

static int
target_fd(const struct vs_guest_options *o)
{
	return o->fd >= 0 ? o->fd : STDOUT_FILENO;
}

static bool
to_fd(const struct vs_guest_options *o)
{
	return !o->keyring && (o->out == NULL || strcmp(o->out, "-") == 0);
}

vs_status
vs_guest_sink_check(const struct vs_guest_options *o, struct vs_err *err)
{
	if (!to_fd(o))
		return VS_OK;
	if (fcntl(target_fd(o), F_GETFL) < 0)
		return vs_fail(
		    err, VS_USAGE, "descriptor %d is not open", target_fd(o));
	if (o->out == NULL && isatty(target_fd(o)) == 1)
		return vs_fail(err, VS_USAGE,
		    "will not print a key on a terminal: use --out FILE, or "
		    "--out - if you mean it");
	return VS_OK;
}

static vs_status
write_fd(int fd, struct vs_span bytes, struct vs_err *err)
{
	size_t done = 0;

	while (done < bytes.n) {
		struct vs_span rest = vs_span_slice(bytes, done, bytes.n);
		ssize_t n = write(fd, rest.p, rest.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return vs_fail(err,
			    errno == ENOSPC ? VS_DISK_FULL : VS_UNAVAILABLE,
			    "cannot write: %s", strerror(errno));
		done += (size_t)n;
	}
	return VS_OK;
}

static vs_status
write_keyring(const struct vs_guest_key *key, struct vs_err *err)
{
	struct vs_span bytes = vs_secret_peek(key->key);
	char description[VS_GUEST_NAME_MAX + 16];

	if (bytes.n > KEYRING_MAX)
		return vs_fail(err, VS_TOO_LARGE,
		    "%s: %zu bytes, a keyring takes %d", key->name, bytes.n,
		    KEYRING_MAX);
	(void)snprintf(
	    description, sizeof(description), "vouchsafe:%s", key->name);
	if (syscall(SYS_add_key, "user", description, bytes.p, bytes.n,
		KEY_SPEC_USER_KEYRING) < 0)
		return vs_fail(err, VS_UNAVAILABLE, "%s: keyring: %s",
		    key->name, strerror(errno));
	return VS_OK;
}

/* The directories of a name, below one that is made as well. */
static vs_status
make_parents(char *path, size_t from, struct vs_err *err)
{
	for (size_t i = from; path[i] != '\0'; i++) {
		bool failed;

		if (path[i] != '/')
			continue;
		path[i] = '\0';
		failed = mkdir(path, 0700) != 0 && errno != EEXIST;
		if (failed)
			(void)vs_fail(err, VS_UNAVAILABLE,
			    "cannot create %s: %s", path, strerror(errno));
		path[i] = '/';
		if (failed)
			return VS_UNAVAILABLE;
	}
	return VS_OK;
}

static vs_status
write_below(const char *dir, const struct vs_guest_key *key, struct vs_err *err)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", dir, key->name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return vs_fail(err, VS_USAGE, "%s: path too long", dir);
	VS_TRY(err, "out", make_parents(path, strlen(dir), err));
	return vs_file_write(path, vs_secret_peek(key->key), 0600, err);
}

static bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static vs_status
write_one(const struct vs_guest_options *o, const struct vs_guest_key *key,
    bool several, struct vs_err *err)
{
	struct vs_span bytes = vs_secret_peek(key->key);

	if (o->keyring)
		return write_keyring(key, err);
	if (to_fd(o))
		return write_fd(target_fd(o), bytes, err);
	if (several || is_dir(o->out))
		return write_below(o->out, key, err);
	return vs_file_write(o->out, bytes, 0600, err);
}

vs_status
vs_guest_sink_write(const struct vs_guest_options *o,
    const struct vs_guest_key *keys, size_t n, struct vs_err *err)
{
	for (size_t i = 0; i < n; i++)
		VS_TRY(err, "write", write_one(o, &keys[i], n > 1, err));
	return VS_OK;
}
