/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench_guests.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/encoding.h"
#include "client/api.h"
#include "crypto/ecdh.h"
#include "crypto/digest.h"

enum { REQUEST_MAX = 4096, THREADS_MAX = 16, JWK_MAX = 256 };

struct job {
	pthread_t thread;
	const struct vs_bench_daemon *daemon;
	const struct vs_sim_pki *pki;
	struct vs_bench_guests *out;
	size_t from, to, keys;
	bool close_each;
	vs_status st;
	struct vs_err err;
};

void
vs_bench_key_name(size_t i, char out[VS_BENCH_KEY_NAME_MAX])
{
	(void)snprintf(out, VS_BENCH_KEY_NAME_MAX, "bench/k%07zu", i);
}

/* RFC 7638 form of a P-256 key, which is also its thumbprint's input. */
static void
jwk_text(const struct vs_ecdh_point *p, char out[JWK_MAX])
{
	char x[64] = {0}, y[64] = {0};

	vs_b64url_encode(VS_SPAN(p->x, 32), (uint8_t *)x);
	vs_b64url_encode(VS_SPAN(p->y, 32), (uint8_t *)y);
	(void)snprintf(out, JWK_MAX,
	    "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", x,
	    y);
}

static vs_status
report_data(const uint8_t nonce[32], const char *jwk, uint8_t out[64],
    struct vs_err *err)
{
	static const uint8_t no_devices[32] = {0};
	static const char tag[] = "vouchsafe/v1 report-data"; /* and its NUL */
	uint8_t thumb[32];
	struct vs_span parts[] = {VS_SPAN(tag, sizeof(tag)), VS_SPAN(nonce, 32),
	    VS_SPAN_OF(thumb), VS_SPAN_OF(no_devices)};

	VS_TRY(err, "thumbprint", vs_sha256(vs_span_cstr(jwk), thumb));
	VS_TRY(err, "report data",
	    vs_digest(VS_HASH_SHA512, parts, VS_COUNT(parts), out));
	return VS_OK;
}

/* Head and tail as they go over the wire; the certificates come between. */
static vs_status
assemble(const struct job *job, const uint8_t nonce[32], const char *jwk,
    const uint8_t *report, const char *name, struct vs_load_request *r,
    struct vs_err *err)
{
	char nonce_text[48] = {0}, report_text[2048] = {0};
	char start[512], tail[2560], *wire;
	int n_start, n_tail, n_head;
	size_t certs = job->out->certs.n;

	vs_b64url_encode(VS_SPAN(nonce, 32), (uint8_t *)nonce_text);
	vs_b64url_encode(
	    VS_SPAN(report, VS_SIM_REPORT_SIZE), (uint8_t *)report_text);
	n_start = snprintf(start, sizeof(start),
	    "{\"nonce\":\"%s\",\"recipient\":%s,\"evidence\":{\"cpu\":{"
	    "\"kind\":\"snp\",\"certs\":\"",
	    nonce_text, jwk);
	n_tail = snprintf(tail, sizeof(tail),
	    "\",\"report\":\"%s\"}},\"keys\":[{\"name\":\"%s\"}]}", report_text,
	    name);
	wire = malloc(REQUEST_MAX);
	if (wire == NULL)
		return vs_fail(err, VS_NO_MEMORY, "requests");
	n_head = snprintf(wire, REQUEST_MAX,
	    "POST /v1/release HTTP/1.1\r\nHost: bench\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n"
	    "%s",
	    (size_t)n_start + certs + (size_t)n_tail,
	    job->close_each ? "Connection: close\r\n" : "", start);
	memcpy(wire + n_head, tail, (size_t)n_tail);
	r->head = VS_SPAN(wire, (size_t)n_head);
	r->middle = vs_buf_span(&job->out->certs);
	r->tail = VS_SPAN(wire + n_head, (size_t)n_tail);
	return VS_OK;
}

static vs_status
one(struct job *job, struct vs_client *c, struct vs_ecdh *ecdh, size_t i,
    unsigned *seed, struct vs_err *err)
{
	uint8_t nonce[32], report[VS_SIM_REPORT_SIZE];
	char jwk[JWK_MAX], name[VS_BENCH_KEY_NAME_MAX];
	struct vs_sim_guest guest = {0};
	struct vs_ecdh_point point;
	int64_t ttl;

	VS_TRY(err, "guest", vs_api_challenge(c, nonce, &ttl, NULL, err));
	VS_TRY(err, "guest", vs_ecdh_generate(ecdh, VS_CURVE_P256, &point));
	jwk_text(&point, jwk);
	VS_TRY(err, "guest", report_data(nonce, jwk, guest.report_data, err));
	VS_TRY(err, "guest", vs_sim_report(job->pki, &guest, report, err));
	vs_bench_key_name((size_t)rand_r(seed) % job->keys, name);
	return assemble(
	    job, nonce, jwk, report, name, &job->out->requests[i], err);
}

static vs_status
run_job(struct job *job, struct vs_err *err)
{
	VS_AUTO(vs_client) *c = NULL;
	VS_AUTO(vs_ecdh) *ecdh = NULL;
	unsigned seed = (unsigned)job->from + 1;

	VS_TRY(err, "guests", vs_bench_guest(job->daemon, &c, err));
	VS_TRY(err, "guests", vs_ecdh_new(&ecdh));
	for (size_t i = job->from; i < job->to; i++)
		VS_TRY(err, "guests", one(job, c, ecdh, i, &seed, err));
	return VS_OK;
}

static void *
work(void *arg)
{
	struct job *job = arg;

	job->st = run_job(job, &job->err);
	return NULL;
}

static vs_status
run_jobs(struct job *jobs, size_t n, struct vs_err *err)
{
	size_t started = 0;
	vs_status st = VS_OK;

	for (; started < n; started++)
		if (pthread_create(
			&jobs[started].thread, NULL, work, &jobs[started]) != 0)
			break;
	for (size_t i = 0; i < started; i++) {
		(void)pthread_join(jobs[i].thread, NULL);
		if (st == VS_OK && jobs[i].st != VS_OK) {
			st = jobs[i].st;
			*err = jobs[i].err;
		}
	}
	if (started < n)
		return vs_fail(err, VS_UNAVAILABLE, "cannot start a thread");
	return st;
}

static vs_status
shared_certs(
    const struct vs_sim_pki *pki, struct vs_buf *out, struct vs_err *err)
{
	struct vs_buf table = {0};
	vs_status st = vs_sim_cert_table(pki, false, &table, err);

	if (st == VS_OK) {
		vs_buf_b64url(out, vs_buf_span(&table));
		st = vs_buf_status(out);
	}
	vs_buf_fini(&table);
	return st;
}

vs_status
vs_bench_guests_make(const struct vs_bench_daemon *d,
    const struct vs_sim_pki *pki, size_t n, size_t keys, bool close_each,
    struct vs_bench_guests *out, struct vs_err *err)
{
	struct job jobs[THREADS_MAX] = {0};
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t threads = cpus < 1 ? 1
	    : cpus > THREADS_MAX  ? THREADS_MAX
				  : (size_t)cpus;
	vs_status st;

	*out = (struct vs_bench_guests){.n = n};
	out->requests = vs_calloc(n, sizeof(*out->requests));
	if (out->requests == NULL)
		return vs_fail(err, VS_NO_MEMORY, "requests");
	st = shared_certs(pki, &out->certs, err);
	for (size_t i = 0; i < threads; i++)
		jobs[i] = (struct job){.daemon = d,
		    .pki = pki,
		    .out = out,
		    .from = n * i / threads,
		    .to = n * (i + 1) / threads,
		    .keys = keys,
		    .close_each = close_each};
	if (st == VS_OK)
		st = run_jobs(jobs, threads, err);
	if (st != VS_OK)
		vs_bench_guests_fini(out);
	return st;
}

void
vs_bench_guests_fini(struct vs_bench_guests *g)
{
	for (size_t i = 0; g->requests != NULL && i < g->n; i++)
		free((void *)(uintptr_t)g->requests[i].head.p);
	free(g->requests);
	g->requests = NULL;
	vs_buf_fini(&g->certs);
}
