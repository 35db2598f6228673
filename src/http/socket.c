/* SPDX-License-Identifier: Apache-2.0 */
#include "http/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "broker/config.h"

enum { BACKLOG = 1024, NAME_BUF = 4096 };

static vs_status
socket_error(struct vs_err *err, const char *what, const char *where, int fd)
{
	int e = errno;
	char text[64] = "";

	if (fd >= 0)
		(void)close(fd); /* not in use yet */
	return vs_fail(err, VS_UNAVAILABLE, "%s: cannot %s: %s", where, what,
	    strerror_r(e, text, sizeof text));
}

/* The length that goes with *ss. */
static socklen_t
fill_address(const char *host, uint16_t port, struct sockaddr_storage *ss)
{
	struct sockaddr_in in = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 in6 = {
	    .sin6_family = AF_INET6, .sin6_port = htons(port)};

	if (inet_pton(AF_INET, host, &in.sin_addr) == 1) {
		memcpy(ss, &in, sizeof in);
		return sizeof in;
	}
	if (inet_pton(AF_INET6, host, &in6.sin6_addr) != 1)
		return 0;
	memcpy(ss, &in6, sizeof in6);
	return sizeof in6;
}

vs_status
vs_listen_tcp(const char *address, int *out, struct vs_err *err)
{
	struct sockaddr_storage ss = {0};
	const int on = 1;
	char host[64];
	uint16_t port;
	socklen_t n;
	int fd;

	VS_TRY(
	    err, "listen", vs_config_split_address(address, host, &port, err));
	n = fill_address(host, port, &ss);
	fd =
	    socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (n == 0 || fd < 0)
		return socket_error(err, "open a socket", address, fd);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0)
		return socket_error(err, "set up the socket", address, fd);
	if (bind(fd, (const struct sockaddr *)&ss, n) != 0 ||
	    listen(fd, BACKLOG) != 0)
		return socket_error(err, "listen", address, fd);
	*out = fd;
	return VS_OK;
}

/* Is somebody at the other end? Then it is not ours to remove. */
static bool
is_served(const struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = fd >= 0 &&
	    connect(fd, (const struct sockaddr *)un, sizeof *un) == 0;

	if (fd >= 0)
		(void)close(fd); /* nothing was written */
	return yes;
}

static bool
group_id(const char *name, gid_t *gid)
{
	struct group g;
	struct group *found = NULL;
	char buf[NAME_BUF];

	if (getgrnam_r(name, &g, buf, sizeof buf, &found) != 0 || found == NULL)
		return false;
	*gid = g.gr_gid;
	return true;
}

/* Never through a link that somebody put in its place meanwhile. */
static vs_status
set_group(const char *path, const char *group, struct vs_err *err)
{
	gid_t gid = (gid_t)-1;

	if (group == NULL)
		return VS_OK;
	if (!group_id(group, &gid))
		return vs_fail(
		    err, VS_USAGE, "admin.group: no group \"%.64s\"", group);
	if (lchown(path, (uid_t)-1, gid) != 0)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%s: cannot give it to group %.64s", path, group);
	return VS_OK;
}

/* It has its mode from the first moment on, and never by its name. */
static bool
bind_private(int fd, const struct sockaddr_un *un)
{
	mode_t before = umask(0117);
	bool ok = bind(fd, (const struct sockaddr *)un, sizeof *un) == 0;

	(void)umask(before); /* cannot fail */
	return ok;
}

vs_status
vs_listen_unix(
    const char *path, const char *group, int *out, struct vs_err *err)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	size_t n = strlen(path);
	vs_status st;
	int fd;

	if (n >= sizeof un.sun_path)
		return vs_fail(err, VS_USAGE,
		    "admin.socket: %s: longer than %zu bytes", path,
		    sizeof un.sun_path - 1);
	memcpy(un.sun_path, path, n);
	if (is_served(&un))
		return vs_fail(err, VS_CONFLICT,
		    "%s: another daemon serves this data directory", path);
	if (unlink(path) != 0 && errno != ENOENT)
		return socket_error(err, "remove", path, -1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || !bind_private(fd, &un))
		return socket_error(err, "bind", path, fd);
	st = set_group(path, group, err);
	if (st != VS_OK) {
		(void)close(fd); /* not in use yet */
		return st;
	}
	if (listen(fd, BACKLOG) != 0)
		return socket_error(err, "listen", path, fd);
	*out = fd;
	return VS_OK;
}
