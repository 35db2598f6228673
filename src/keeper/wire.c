/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/wire.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* A release of one key fits: one read for the whole frame. */
enum { FIRST_READ = 2048 };

vs_status
vs_wire_send(int fd, const uint8_t head[VS_FRAME_HEAD], struct vs_span payload)
{
	/* writev takes non-const pointers and does not write through them */
	union {
		const uint8_t *in;
		void *out;
	} h = {.in = head}, p = {.in = payload.p};
	struct iovec v[2] = {{h.out, VS_FRAME_HEAD}, {p.out, payload.n}};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};

	while (v[0].iov_len + v[1].iov_len > 0) {
		ssize_t n = sendmsg(fd, &m, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return VS_UNAVAILABLE;
		for (size_t i = 0; i < 2 && n > 0; i++) {
			size_t took =
			    (size_t)n < v[i].iov_len ? (size_t)n : v[i].iov_len;

			v[i].iov_base = (uint8_t *)v[i].iov_base + took;
			v[i].iov_len -= took;
			n -= (ssize_t)took;
		}
	}
	return VS_OK;
}

static vs_status
read_some(int fd, uint8_t *out, size_t max, size_t *got)
{
	ssize_t n;

	do
		n = recv(fd, out, max, 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return VS_UNAVAILABLE;
	*got = (size_t)n;
	return VS_OK;
}

/*
 * A sleeper in recv is woken as well when the other side merely takes what we
 * sent; one in poll is not. That is two needless wake-ups for each call.
 */
static vs_status
wait_readable(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n;

	do
		n = poll(&p, 1, timeout_ms);
	while (n < 0 && errno == EINTR);
	return n == 1 ? VS_OK : VS_UNAVAILABLE;
}

vs_status
vs_wire_head(
    int fd, int timeout_ms, uint8_t head[VS_FRAME_HEAD], struct vs_buf *payload)
{
	uint8_t first[FIRST_READ];
	size_t have = 0;
	vs_status ready = wait_readable(fd, timeout_ms);

	if (ready != VS_OK)
		return ready;
	while (have < VS_FRAME_HEAD) {
		size_t n = 0;
		vs_status st =
		    read_some(fd, first + have, sizeof first - have, &n);

		if (st != VS_OK)
			return st;
		have += n;
	}
	memcpy(head, first, VS_FRAME_HEAD);
	vs_buf_reset(payload);
	vs_buf_add(
	    payload, VS_SPAN(first + VS_FRAME_HEAD, have - VS_FRAME_HEAD));
	return vs_buf_status(payload);
}

vs_status
vs_wire_rest(int fd, size_t n, struct vs_buf *payload)
{
	size_t have = payload->n;
	uint8_t *at;

	/* One request at a time: nothing may come behind it. */
	if (have > n)
		return VS_TRAILING;
	at = vs_buf_grow(payload, n - have);
	if (at == NULL)
		return vs_buf_status(payload);
	while (have < n) {
		size_t got = 0;
		vs_status st = read_some(fd, at, n - have, &got);

		if (st != VS_OK)
			return st;
		at += got;
		have += got;
	}
	return VS_OK;
}
