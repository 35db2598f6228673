/* SPDX-License-Identifier: Apache-2.0 */
#include "http/daemon_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "http/tls.h"

enum { CLIENT_CA_MAX = 1024 * 1024 };

static vs_status
make_dir(const char *path, mode_t mode, struct vs_err *err)
{
	struct stat st;

	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%s: cannot create the directory; create its parent, or "
		    "name another with --data",
		    path);
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return vs_fail(err, VS_USAGE, "%s: not a directory", path);
	return VS_OK;
}

vs_status
vs_daemon_data_dirs(const struct vs_config *c, struct vs_err *err)
{
	const char *const inside[] = {c->policy_dir, c->collateral_dir};
	const size_t n = strlen(c->data);

	VS_TRY(err, "data", make_dir(c->data, 0700, err));
	for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++)
		if (strncmp(inside[i], c->data, n) == 0 && inside[i][n] == '/')
			VS_TRY(err, "data", make_dir(inside[i], 0755, err));
	return VS_OK;
}

/* The keeper stands beside our own executable unless configured. */
vs_status
vs_daemon_find_keeper(const struct vs_config *c, char path[VS_DAEMON_PATH_MAX],
    struct vs_err *err)
{
	ssize_t n;
	char *slash;

	if (c->keeper_program != NULL) {
		(void)snprintf(
		    path, (size_t)VS_DAEMON_PATH_MAX, "%s", c->keeper_program);
		return VS_OK;
	}
	n = readlink("/proc/self/exe", path, (size_t)VS_DAEMON_PATH_MAX - 1);
	if (n <= 0)
		return vs_fail(err, VS_INTERNAL,
		    "cannot find our own executable; set keeper.program");
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL ||
	    (size_t)(slash - path) + sizeof "/vouchsafe-keeper" >
		(size_t)VS_DAEMON_PATH_MAX)
		return vs_fail(err, VS_INTERNAL, "path too long");
	memcpy(slash, "/vouchsafe-keeper", sizeof "/vouchsafe-keeper");
	return VS_OK;
}

vs_status
vs_daemon_certificates(const struct vs_config *c, struct vs_err *err)
{
	if (c->tls_cert != NULL)
		VS_TRY(err, "certificate",
		    vs_tls_load(VS_TLS_GUEST, c->tls_cert, c->tls_key, err));
	if (c->admin_tls_cert != NULL)
		VS_TRY(err, "certificate",
		    vs_tls_load(VS_TLS_ADMIN, c->admin_tls_cert,
			c->admin_tls_key, err));
	return VS_OK;
}

vs_status
vs_daemon_client_ca(
    const struct vs_config *c, struct vs_buf *pem, struct vs_err *err)
{
	const char *file = c->admin_client_ca;

	if (file == NULL)
		return VS_OK;
	VS_TRY(err, "admin.client_ca",
	    vs_file_read(file, CLIENT_CA_MAX, pem, err));
	return vs_tls_check_ca(file, vs_buf_span(pem), err);
}
