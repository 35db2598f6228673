/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A light load generator: prebuilt HTTP/1.1 requests over loopback sockets,
 * so that what is measured is the server.
 */
#ifndef VS_CLIENT_LOADGEN_H
#define VS_CLIENT_LOADGEN_H

#include "base/bytes.h"

/* One request on the wire is head, middle, tail: the middle may be shared by
 * many. */
struct vs_load_request {
	struct vs_span head, middle, tail;
};

struct vs_load {
	uint16_t port;        /* on 127.0.0.1 */
	unsigned connections; /* 1 .. VS_LOAD_CONNECTIONS_MAX */
	bool new_connections; /* one for every request */
	const struct vs_load_request *requests;
	size_t n;
	int64_t deadline_ns; /* vs_mono_ns; no request begins after it */
};
enum { VS_LOAD_CONNECTIONS_MAX = 256 };

struct vs_load_result {
	size_t sent;
	size_t ok;            /* answered 200 */
	size_t failed;        /* answered otherwise, or not at all */
	int first_status;     /* of the first failure; 0: no answer came */
	char first_body[200]; /* what it said */
	int64_t elapsed_ns;
	uint32_t *latency_us; /* of the first `ok` entries, sorted */
};
void vs_load_result_fini(struct vs_load_result *r);

/* Sends every request once, in order, each on the first free connection. */
VS_MUST_USE vs_status vs_load_run(
    const struct vs_load *load, struct vs_load_result *out, struct vs_err *err);

/* The p-th quantile (0..1) of n sorted values; 0 when n is 0. */
uint32_t vs_load_quantile(const uint32_t *sorted, size_t n, double p);

#endif
