/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_daemon.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/bench_proc.h"

enum { READY_S = 20, STOP_S = 20, CRL_S = 24 * 60 * 60 };

static const char policy_text[] =
    "apiVersion: policy/v1\n"
    "name: bench\n"
    "version: 1\n"
    "keys: [\"bench/**\"]\n"
    "tee: [snp]\n"
    "params:\n"
    "  measurements:\n"
    "    - \"111111111111111111111111111111111111111111111111"
    "111111111111111111111111111111111111111111111111\"\n"
    "rules:\n"
    "  - id: simulated\n"
    "    assert: |\n"
    "      tee.simulated\n"
    "  - id: no-debug\n"
    "    assert: |\n"
    "      !tee.debug && !snp.policy.migrate_ma\n"
    "  - id: measurement\n"
    "    assert: |\n"
    "      snp.measurement in param.measurements\n"
    "  - id: tcb\n"
    "    assert: |\n"
    "      snp.tcb.reported.snp >= 20 && snp.tcb.reported.microcode >= 200\n";

static void
nap_ms(long ms)
{
	struct timespec t = {
	    .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	(void)nanosleep(&t, NULL); /* shorter is fine */
}

static vs_status
put(const struct vs_bench_daemon *d, const char *name, const char *text,
    struct vs_err *err)
{
	char path[VS_BENCH_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	return vs_file_write(path, vs_span_cstr(text), 0600, err);
}

static vs_status
make_sub(const struct vs_bench_daemon *d, const char *name, struct vs_err *err)
{
	char path[VS_BENCH_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	if (mkdir(path, 0700) != 0)
		return vs_fail(err, VS_UNAVAILABLE, "cannot create %s: %s",
		    path, strerror(errno));
	return VS_OK;
}

/* A port that was free a moment ago: nobody else is told to take it. */
static vs_status
free_port(uint16_t *port, struct vs_err *err)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = fd >= 0 &&
	    bind(fd, (const struct sockaddr *)&a, sizeof(a)) == 0 &&
	    getsockname(fd, (struct sockaddr *)&a, &n) == 0;

	if (fd >= 0)
		(void)close(fd); /* nothing was written */
	if (!ok)
		return vs_fail(err, VS_UNAVAILABLE, "no loopback port: %s",
		    strerror(errno));
	*port = ntohs(a.sin_port);
	return VS_OK;
}

/* What the broker needs to know of the simulated vendor. */
static vs_status
write_vendor(const struct vs_bench_daemon *d, const struct vs_sim_pki *pki,
    struct vs_err *err)
{
	struct vs_clock clock = vs_clock_system();
	int64_t now = vs_clock_s(&clock);
	char path[VS_BENCH_PATH_MAX];
	struct vs_buf crl = {0};
	vs_status st;

	(void)snprintf(path, sizeof(path), "%s/ark.der", d->dir);
	VS_TRY(err, "bench", vs_file_write(path, vs_sim_ark(pki), 0600, err));
	VS_TRY(err, "bench", make_sub(d, "collateral", err));
	st = vs_sim_crl(pki, now - 60, now + CRL_S, NULL, 0, &crl, err);
	(void)snprintf(path, sizeof(path), "%s/collateral/crl.der", d->dir);
	if (st == VS_OK)
		st = vs_file_write(path, vs_buf_span(&crl), 0600, err);
	vs_buf_fini(&crl);
	return st;
}

static vs_status
write_files(const struct vs_bench_daemon *d, const struct vs_sim_pki *pki,
    struct vs_err *err)
{
	struct vs_buf config = {0};
	vs_status st;

	VS_TRY(err, "bench", make_sub(d, "data", err));
	VS_TRY(err, "bench", make_sub(d, "policy", err));
	VS_TRY(err, "bench", put(d, "policy/bench.yaml", policy_text, err));
	VS_TRY(err, "bench", write_vendor(d, pki, err));
	/* All from one address, and prepared long before it is used; the rest
	 * as by default. */
	vs_buf_printf(&config,
	    "policy_dir: policy\n"
	    "collateral_dir: collateral\n"
	    "trust_anchors:\n"
	    "  - name: bench\n"
	    "    file: ark.der\n"
	    "crl: require\n"
	    "nonce_ttl: 1h\n"
	    "guest:\n"
	    "  listen: 127.0.0.1:%u\n"
	    "  max_connections: 1024\n"
	    "  max_connections_per_address: 1024\n",
	    (unsigned)d->port);
	st = vs_buf_status(&config);
	if (st == VS_OK)
		st = put(d, "vouchsafed.yaml", vs_buf_cstr(&config), err);
	vs_buf_fini(&config);
	return st;
}

/* Only calls that are safe between fork and exec. */
__attribute__((noreturn)) static void
child(const char *program, const char *config, const char *data, int log_fd)
{
	const char *argv[] = {
	    program, "--config", config, "--data", data, NULL};
	union {
		const char **in;
		char *const *out;
	} args = {.in = argv}; /* execv promises not to write */

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* never left behind */
	(void)dup2(log_fd, STDOUT_FILENO);
	(void)dup2(log_fd, STDERR_FILENO);
	(void)execv(program, args.out);
	_exit(127);
}

static vs_status
spawn(struct vs_bench_daemon *d, struct vs_err *err)
{
	char program[VS_BENCH_PATH_MAX], config[VS_BENCH_PATH_MAX],
	    data[VS_BENCH_PATH_MAX], log[VS_BENCH_PATH_MAX];
	int fd;

	VS_TRY(err, "vouchsafed",
	    vs_proc_sibling("vouchsafed", program, sizeof(program), err));
	(void)snprintf(config, sizeof(config), "%s/vouchsafed.yaml", d->dir);
	(void)snprintf(data, sizeof(data), "%s/data", d->dir);
	(void)snprintf(log, sizeof(log), "%s/log", d->dir);
	fd = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return vs_fail(
		    err, VS_UNAVAILABLE, "%s: %s", log, strerror(errno));
	d->pid = fork();
	if (d->pid == 0)
		child(program, config, data, fd);
	(void)close(fd); /* the child has its own */
	if (d->pid < 0) {
		d->pid = 0;
		return vs_fail(
		    err, VS_UNAVAILABLE, "fork: %s", strerror(errno));
	}
	return VS_OK;
}

/* The end of what the daemon said, for the message. */
static vs_status
died(struct vs_bench_daemon *d, struct vs_err *err)
{
	struct vs_buf log = {0};
	struct vs_err ignored = {0};
	char path[VS_BENCH_PATH_MAX];
	size_t from;
	vs_status st;

	d->pid = 0;
	(void)snprintf(path, sizeof(path), "%s/log", d->dir);
	if (vs_file_read(path, 1024 * 1024, &log, &ignored) != VS_OK)
		vs_buf_reset(&log);
	from = log.n > 180 ? log.n - 180 : 0;
	st = vs_fail(err, VS_UNAVAILABLE, "vouchsafed did not start: %s",
	    vs_buf_cstr(&log) + from);
	vs_buf_fini(&log);
	return st;
}

static vs_status
wait_ready(struct vs_bench_daemon *d, struct vs_err *err)
{
	VS_AUTO(vs_client) *c = NULL;
	struct vs_reply r = {0};
	struct vs_err last = {0};
	int status = 0;

	VS_TRY(err, "bench", vs_bench_guest(d, &c, err));
	for (int i = 0; i < READY_S * 50 && status != 200; i++) {
		if (waitpid(d->pid, NULL, WNOHANG) == d->pid) {
			vs_reply_fini(&r);
			return died(d, err);
		}
		nap_ms(20);
		if (vs_client_request(c, "GET", "/readyz", "", VS_SPAN(NULL, 0),
			&r, &last) == VS_OK)
			status = r.status;
	}
	vs_reply_fini(&r);
	if (status != 200)
		return vs_fail(err, VS_UNAVAILABLE,
		    "vouchsafed was not ready after %d s: %.150s", READY_S,
		    last.msg);
	return VS_OK;
}

static vs_status
start(const char *parent, const struct vs_sim_pki *pki,
    struct vs_bench_daemon *d, struct vs_err *err)
{
	int n = snprintf(
	    d->dir, sizeof(d->dir), "%s/vouchsafe-bench.XXXXXX", parent);
	pid_t starter = 0;

	if (n < 0 || (size_t)n >= sizeof(d->dir) || mkdtemp(d->dir) == NULL) {
		d->dir[0] = '\0';
		return vs_fail(err, VS_UNAVAILABLE, "no directory below %s: %s",
		    parent, strerror(errno));
	}
	VS_TRY(err, "bench", free_port(&d->port, err));
	VS_TRY(err, "bench", write_files(d, pki, err));
	VS_TRY(err, "bench", spawn(d, err));
	VS_TRY(err, "bench", wait_ready(d, err));
	/* The keeper is its starter's child. */
	VS_TRY(err, "bench",
	    vs_proc_child(d->pid, "vouchsafe-start", &starter, err));
	VS_TRY(err, "bench",
	    vs_proc_child(starter, "vouchsafe-keepe", &d->keeper, err));
	return VS_OK;
}

vs_status
vs_bench_daemon_start(const char *parent, const struct vs_sim_pki *pki,
    struct vs_bench_daemon *out, struct vs_err *err)
{
	vs_status st;

	*out = (struct vs_bench_daemon){0};
	st = start(parent, pki, out, err);
	if (st != VS_OK)
		vs_bench_daemon_stop(out);
	return st;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	(void)remove(path); /* what stays behind is only litter */
	return 0;
}

void
vs_bench_daemon_stop(struct vs_bench_daemon *d)
{
	if (d->pid > 0) {
		bool gone = false;

		(void)kill(d->pid, SIGTERM);
		for (int i = 0; i < STOP_S * 50 && !gone; i++) {
			gone = waitpid(d->pid, NULL, WNOHANG) == d->pid;
			if (!gone)
				nap_ms(20);
		}
		if (!gone) {
			(void)kill(d->pid, SIGKILL);
			(void)waitpid(d->pid, NULL, 0);
		}
		d->pid = 0;
	}
	if (d->dir[0] != '\0')
		(void)nftw(d->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	d->dir[0] = '\0';
}

vs_status
vs_bench_admin(
    const struct vs_bench_daemon *d, struct vs_client **out, struct vs_err *err)
{
	char path[VS_BENCH_PATH_MAX];
	struct vs_client_options opt = {.unix_socket = path, .timeout_s = 120};

	(void)snprintf(path, sizeof(path), "%s/data/admin.sock", d->dir);
	return vs_client_new(&opt, out, err);
}

vs_status
vs_bench_guest(
    const struct vs_bench_daemon *d, struct vs_client **out, struct vs_err *err)
{
	char url[64];
	struct vs_client_options opt = {.url = url, .timeout_s = 10};

	(void)snprintf(
	    url, sizeof(url), "http://127.0.0.1:%u", (unsigned)d->port);
	return vs_client_new(&opt, out, err);
}

vs_status
vs_bench_usage(const struct vs_bench_daemon *d, struct vs_bench_usage *out,
    struct vs_err *err)
{
	VS_TRY(err, "daemon",
	    vs_proc_usage(d->pid, &out->daemon_ns, &out->daemon_rss, err));
	VS_TRY(err, "keeper",
	    vs_proc_usage(d->keeper, &out->keeper_ns, &out->keeper_rss, err));
	return VS_OK;
}

const char *
vs_bench_fs(const struct vs_bench_daemon *d)
{
	struct statfs s;

	if (statfs(d->dir, &s) != 0)
		return "other";
	switch (s.f_type) {
	case TMPFS_MAGIC:
		return "tmpfs";
	case EXT4_SUPER_MAGIC:
		return "ext4";
	case XFS_SUPER_MAGIC:
		return "xfs";
	case BTRFS_SUPER_MAGIC:
		return "btrfs";
	case OVERLAYFS_SUPER_MAGIC:
		return "overlay";
	default:
		return "other";
	}
}
