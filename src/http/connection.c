/* SPDX-License-Identifier: Apache-2.0 */
#include "http/connection.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"

void
vs_conns_init(struct vs_conns *all)
{
	VS_ASSERT(pthread_mutex_init(&all->lock, NULL) == 0);
	all->head = NULL;
}

void
vs_conns_fini(struct vs_conns *all)
{
	while (all->head != NULL)
		vs_conns_remove(all, all->head);
	(void)pthread_mutex_destroy(&all->lock);
}

void
vs_conn_enter(struct vs_conn *c, vs_phase phase)
{
	atomic_store(&c->since_ns, vs_mono_ns());
	atomic_store(&c->phase, (int)phase);
}

struct vs_conn *
vs_conns_add(struct vs_conns *all, int fd)
{
	struct vs_conn *c = vs_calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	c->fd = fd;
	vs_conn_enter(c, VS_PHASE_WAITING);
	(void)pthread_mutex_lock(&all->lock);
	c->next = all->head;
	if (c->next != NULL)
		c->next->prev = c;
	all->head = c;
	(void)pthread_mutex_unlock(&all->lock);
	return c;
}

void
vs_conns_remove(struct vs_conns *all, struct vs_conn *c)
{
	(void)pthread_mutex_lock(&all->lock);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		all->head = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	(void)pthread_mutex_unlock(&all->lock);
	free(c);
}

static void
reap(struct vs_conn *c, int64_t waiting_ns, int64_t body_ns, int64_t now,
    struct vs_span courtesy)
{
	int phase = atomic_load(&c->phase);
	int64_t waited = now - atomic_load(&c->since_ns);

	if (phase == VS_PHASE_HANDLING)
		return; /* that is our own time */
	if (waited <= (phase == VS_PHASE_BODY ? body_ns : waiting_ns))
		return;
	if (phase == VS_PHASE_BODY && courtesy.n > 0)
		/* Whether it listens or not, it ends. */
		(void)send(
		    c->fd, courtesy.p, courtesy.n, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)shutdown(c->fd, SHUT_RDWR); /* already gone is as good */
}

void
vs_conns_reap(struct vs_conns *all, int64_t waiting_ns, int64_t body_ns,
    struct vs_span courtesy)
{
	int64_t now = vs_mono_ns();

	(void)pthread_mutex_lock(&all->lock);
	for (struct vs_conn *c = all->head; c != NULL; c = c->next)
		reap(c, waiting_ns, body_ns, now, courtesy);
	(void)pthread_mutex_unlock(&all->lock);
}

void
vs_peer_address(const struct sockaddr *a, char out[VS_PEER_MAX])
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	const char *text = NULL;

	if (a != NULL && a->sa_family == AF_INET) {
		memcpy(&in, a, sizeof in);
		text = inet_ntop(AF_INET, &in.sin_addr, out, VS_PEER_MAX);
	} else if (a != NULL && a->sa_family == AF_INET6) {
		memcpy(&in6, a, sizeof in6);
		text = inet_ntop(AF_INET6, &in6.sin6_addr, out, VS_PEER_MAX);
	}
	if (text == NULL)
		(void)snprintf(out, VS_PEER_MAX, "unknown");
}

bool
vs_peer_local(struct vs_conn *c)
{
	struct ucred cred;
	socklen_t n = sizeof cred;

	if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) != 0)
		return false;
	c->uid = (unsigned)cred.uid;
	c->gid = (unsigned)cred.gid;
	(void)snprintf(c->peer, VS_PEER_MAX, "uid:%u", c->uid);
	return true;
}
