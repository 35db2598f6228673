/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_release.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/bench_floor.h"
#include "cli/bench_guests.h"
#include "cli/options.h"
#include "cli/output.h"

enum {
	KEYS_MAX = 1000000,
	RELEASES_MAX = 200000,
	SECONDS_MAX = 3600,
	WARM_UP = 300, /* connections, caches, page faults */
	KEY_BATCH = 1000,
	RSA_BITS = 2048, /* of the test PKI: only its making would be slower */
};

struct args {
	uint64_t keys, releases, seconds, connections;
	bool new_connections, json;
	const char *dir;
};

static const struct vs_opt options[] = {
    VS_OPT("keys", COUNT, struct args, keys, "N", "keys in the store"),
    VS_OPT("releases", COUNT, struct args, releases, "N", "guests"),
    VS_OPT("seconds", COUNT, struct args, seconds, "S", "longest"),
    VS_OPT("connections", COUNT, struct args, connections, "C", "at a time"),
    VS_OPT("new-connections", FLAG, struct args, new_connections, NULL,
	"one for every guest"),
    VS_OPT("dir", TEXT, struct args, dir, "DIR", "for the broker's files"),
    VS_OPT("json", FLAG, struct args, json, NULL, "one JSON object"),
};

/* Everything that one run yields. */
struct run {
	const struct args *args;
	struct vs_bench_floor floor;
	struct vs_load_result load;
	struct vs_bench_usage before, after;
	char fs[16];
};

static vs_status
parse(int argc, char **argv, struct args *a, struct vs_err *err)
{
	struct vs_args rest;

	*a = (struct args){0};
	VS_TRY(err, "bench release",
	    vs_options_parse(
		argc, argv, options, VS_COUNT(options), a, &rest, err));
	if (rest.n != 0)
		return vs_fail(
		    err, VS_USAGE, "unexpected argument %.60s", rest.v[0]);
	a->keys = a->keys == 0 ? 10 : a->keys;
	a->releases = a->releases == 0 ? 5000 : a->releases;
	a->seconds = a->seconds == 0 ? 120 : a->seconds;
	a->connections = a->connections == 0 ? 16 : a->connections;
	a->dir = a->dir == NULL ? "/var/tmp" : a->dir;
	if (a->keys > KEYS_MAX || a->releases > RELEASES_MAX ||
	    a->seconds > SECONDS_MAX ||
	    a->connections > VS_LOAD_CONNECTIONS_MAX)
		return vs_fail(err, VS_USAGE,
		    "at most %d keys, %d releases, %d seconds, %d connections",
		    KEYS_MAX, RELEASES_MAX, SECONDS_MAX,
		    VS_LOAD_CONNECTIONS_MAX);
	return VS_OK;
}

/* Progress goes to people, not into what a script reads. */
static void
progress(const char *what, uint64_t done, uint64_t all)
{
	if (isatty(STDERR_FILENO) != 1)
		return;
	(void)fprintf(stderr, "\r\033[K%s %llu of %llu%s", what,
	    (unsigned long long)done, (unsigned long long)all,
	    done >= all ? "\n" : "");
}

static vs_status
create_batch(
    struct vs_client *admin, size_t from, size_t to, struct vs_err *err)
{
	VS_AUTO(vs_json) *in = vs_json_object();
	struct vs_json *names = vs_json_array();

	for (size_t i = from; i < to; i++) {
		char name[VS_BENCH_KEY_NAME_MAX];

		vs_bench_key_name(i, name);
		vs_json_append(&names, vs_json_cstr(name));
	}
	vs_json_set(&in, "names", names);
	vs_json_set(&in, "bytes", vs_json_int(32));
	return vs_client_admin(admin, "POST", "/v1/keys", in, NULL, err);
}

static vs_status
create_keys(const struct vs_bench_daemon *d, size_t n, struct vs_err *err)
{
	VS_AUTO(vs_client) *admin = NULL;

	VS_TRY(err, "keys", vs_bench_admin(d, &admin, err));
	for (size_t i = 0; i < n; i += KEY_BATCH) {
		size_t to = i + KEY_BATCH < n ? i + KEY_BATCH : n;

		VS_TRY(err, "keys", create_batch(admin, i, to, err));
		progress("keys", to, n);
	}
	return VS_OK;
}

static vs_status
check_load(const struct vs_load_result *r, struct vs_err *err)
{
	if (r->failed == 0)
		return VS_OK;
	return vs_fail(err, VS_UNAVAILABLE,
	    "%zu of %zu releases failed, the first with status %d: %.120s",
	    r->failed, r->sent, r->first_status, r->first_body);
}

static vs_status
load(const struct run *run, const struct vs_bench_daemon *d,
    const struct vs_bench_guests *g, size_t from, size_t to,
    struct vs_load_result *out, struct vs_err *err)
{
	struct vs_load l = {.port = d->port,
	    .connections = (unsigned)run->args->connections,
	    .new_connections = run->args->new_connections,
	    .requests = g->requests + from,
	    .n = to - from,
	    .deadline_ns =
		vs_mono_ns() + (int64_t)run->args->seconds * 1000000000};
	vs_status st;

	VS_TRY(err, "load", vs_load_run(&l, out, err));
	st = check_load(out, err);
	if (st != VS_OK)
		vs_load_result_fini(out);
	return st;
}

static vs_status
measured(struct run *run, const struct vs_bench_daemon *d,
    const struct vs_bench_guests *g, struct vs_err *err)
{
	struct vs_bench_floor first, second;
	struct vs_load_result warm = {0};

	VS_TRY(err, "warm-up", load(run, d, g, 0, WARM_UP, &warm, err));
	vs_load_result_fini(&warm);
	VS_TRY(err, "floor", vs_bench_floor_measure(&first, err));
	VS_TRY(err, "usage", vs_bench_usage(d, &run->before, err));
	VS_TRY(
	    err, "measured", load(run, d, g, WARM_UP, g->n, &run->load, err));
	VS_TRY(err, "usage", vs_bench_usage(d, &run->after, err));
	VS_TRY(err, "floor", vs_bench_floor_measure(&second, err));
	vs_bench_floor_mean(&first, &second, &run->floor);
	return VS_OK;
}

static vs_status
with_daemon(struct run *run, const struct vs_bench_daemon *d,
    const struct vs_sim_pki *pki, struct vs_err *err)
{
	struct vs_bench_guests g = {0};
	const struct args *a = run->args;
	vs_status st;

	(void)snprintf(run->fs, sizeof(run->fs), "%s", vs_bench_fs(d));
	VS_TRY(err, "bench", create_keys(d, a->keys, err));
	progress("signing evidence of guests", 0, a->releases);
	VS_TRY(err, "bench",
	    vs_bench_guests_make(d, pki, a->releases + WARM_UP, a->keys,
		a->new_connections, &g, err));
	progress("releasing", a->releases, a->releases);
	st = measured(run, d, &g, err);
	vs_bench_guests_fini(&g);
	return st;
}

static vs_status
bench(struct run *run, struct vs_err *err)
{
	VS_AUTO(vs_sim_pki) *pki = NULL;
	struct vs_sim_pki_options opt;
	struct vs_clock clock = vs_clock_system();
	struct vs_bench_daemon d = {0};
	vs_status st;

	vs_sim_pki_defaults(VS_SIM_MILAN, vs_clock_s(&clock), &opt);
	opt.rsa_bits = RSA_BITS;
	VS_TRY(err, "bench", vs_sim_pki_new(&opt, &pki, err));
	VS_TRY(
	    err, "bench", vs_bench_daemon_start(run->args->dir, pki, &d, err));
	st = with_daemon(run, &d, pki, err);
	vs_bench_daemon_stop(&d);
	return st;
}

/* What the run comes to, in the units that are printed. */
struct figures {
	double floor_us, daemon_us, keeper_us, cost_us, ratio, per_s;
	double p50_ms, p99_ms, p999_ms, max_ms;
	double daemon_mib, keeper_mib;
};

static void
work_out(const struct run *r, struct figures *f)
{
	double n = (double)r->load.ok;
	const uint32_t *v = r->load.latency_us;
	size_t all = r->load.ok;

	f->floor_us = vs_bench_floor_sum(&r->floor) / 1e3;
	f->daemon_us =
	    (double)(r->after.daemon_ns - r->before.daemon_ns) / n / 1e3;
	f->keeper_us =
	    (double)(r->after.keeper_ns - r->before.keeper_ns) / n / 1e3;
	f->cost_us = f->daemon_us + f->keeper_us;
	f->ratio = f->floor_us / f->cost_us;
	f->per_s = n / ((double)r->load.elapsed_ns / 1e9);
	f->p50_ms = vs_load_quantile(v, all, 0.5) / 1e3;
	f->p99_ms = vs_load_quantile(v, all, 0.99) / 1e3;
	f->p999_ms = vs_load_quantile(v, all, 0.999) / 1e3;
	f->max_ms = vs_load_quantile(v, all, 1) / 1e3;
	f->daemon_mib = (double)r->after.daemon_rss / 1048576;
	f->keeper_mib = (double)r->after.keeper_rss / 1048576;
}

static void
print_text(const struct run *r, const struct figures *f)
{
	const struct args *a = r->args;

	printf("%zu releases, %llu keys in the store, %llu connections%s, "
	       "commits on %s%s\n\n",
	    r->load.ok, (unsigned long long)a->keys,
	    (unsigned long long)a->connections,
	    a->new_connections ? ", a new one for every guest" : " kept alive",
	    r->fs, strcmp(r->fs, "tmpfs") == 0 ? " (NOT DURABLE)" : "");
	printf("floor       %8.1f us  P-384 verify %.1f, P-256 key and ECDH "
	       "%.1f, AES-GCM %.1f\n",
	    f->floor_us, r->floor.verify / 1e3, r->floor.agree / 1e3,
	    r->floor.aead / 1e3);
	printf("cost        %8.1f us  daemon %.1f, keeper %.1f (CPU time, "
	       "user and system)\n",
	    f->cost_us, f->daemon_us, f->keeper_us);
	printf("floor/cost  %8.3f\n", f->ratio);
	printf("throughput  %8.0f /s\n", f->per_s);
	printf("latency     %8.2f ms  p50; p99 %.2f, p99.9 %.2f, max %.2f\n",
	    f->p50_ms, f->p99_ms, f->p999_ms, f->max_ms);
	printf("memory      %8.1f MiB daemon %.1f, keeper %.1f (resident)\n",
	    f->daemon_mib + f->keeper_mib, f->daemon_mib, f->keeper_mib);
}

/* Thousandths keep three digits without reals in the JSON writer. */
static struct vs_json *
milli(double v)
{
	return vs_json_int((int64_t)(v * 1000 + 0.5));
}

static int
print_json(const struct run *r, const struct figures *f)
{
	const struct args *a = r->args;
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "releases", vs_json_int((int64_t)r->load.ok));
	vs_json_set(&o, "keys", vs_json_int((int64_t)a->keys));
	vs_json_set(&o, "connections", vs_json_int((int64_t)a->connections));
	vs_json_set(&o, "new_connections", vs_json_bool(a->new_connections));
	vs_json_set(&o, "file_system", vs_json_cstr(r->fs));
	vs_json_set(&o, "floor_ns", milli(f->floor_us));
	vs_json_set(&o, "floor_verify_ns", milli(r->floor.verify / 1e3));
	vs_json_set(&o, "floor_agree_ns", milli(r->floor.agree / 1e3));
	vs_json_set(&o, "floor_aead_ns", milli(r->floor.aead / 1e3));
	vs_json_set(&o, "cost_ns", milli(f->cost_us));
	vs_json_set(&o, "cost_daemon_ns", milli(f->daemon_us));
	vs_json_set(&o, "cost_keeper_ns", milli(f->keeper_us));
	vs_json_set(&o, "ratio_permille", milli(f->ratio));
	vs_json_set(
	    &o, "releases_per_second", vs_json_int((int64_t)(f->per_s + 0.5)));
	vs_json_set(&o, "latency_p50_us", milli(f->p50_ms));
	vs_json_set(&o, "latency_p99_us", milli(f->p99_ms));
	vs_json_set(&o, "latency_p999_us", milli(f->p999_ms));
	vs_json_set(&o, "latency_max_us", milli(f->max_ms));
	vs_json_set(&o, "rss_daemon_bytes", vs_json_int(r->after.daemon_rss));
	vs_json_set(&o, "rss_keeper_bytes", vs_json_int(r->after.keeper_rss));
	return vs_cli_json(&o, 0);
}

int
vs_bench_release(int argc, char **argv)
{
	struct args a;
	struct run run = {.args = &a};
	struct figures f = {0};
	struct vs_err err = {0};
	vs_status st = parse(argc, argv, &a, &err);
	int code = 0;

	(void)signal(SIGPIPE, SIG_IGN); /* sockets tell */
	if (st == VS_OK)
		st = bench(&run, &err);
	if (st != VS_OK)
		return vs_cli_fail(&err, a.json);
	work_out(&run, &f);
	if (a.json)
		code = print_json(&run, &f);
	else
		print_text(&run, &f);
	vs_load_result_fini(&run.load);
	return code;
}
