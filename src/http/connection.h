/* SPDX-License-Identifier: Apache-2.0 */
/* Open connections: who is at the other end, and since when it makes us
 * wait. */
#ifndef VS_HTTP_CONNECTION_H
#define VS_HTTP_CONNECTION_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/bytes.h"

enum { VS_PEER_MAX = 64 };

/* What a connection is doing; decides which deadline holds. */
typedef enum vs_phase {
	VS_PHASE_WAITING = 0, /* for a request or its headers */
	VS_PHASE_BODY,
	VS_PHASE_HANDLING,
} vs_phase;

struct vs_conn {
	struct vs_conn *prev, *next;
	int fd;
	bool admitted;
	atomic_int phase;
	_Atomic int64_t since_ns; /* when the phase began */
	unsigned uid, gid;        /* of a local peer */
	char peer[VS_PEER_MAX];
};

struct vs_conns {
	pthread_mutex_t lock;
	struct vs_conn *head;
};

void vs_conns_init(struct vs_conns *all);
void vs_conns_fini(struct vs_conns *all);
/* NULL without memory: the connection must then be refused. */
struct vs_conn *vs_conns_add(struct vs_conns *all, int fd);
/* Must come before fd is closed. */
void vs_conns_remove(struct vs_conns *all, struct vs_conn *c);
void vs_conn_enter(struct vs_conn *c, vs_phase phase);

/* Ends connections that exceed a limit. courtesy: bytes sent to one that
 * dawdles over its body, or empty (TLS). */
void vs_conns_reap(struct vs_conns *all, int64_t waiting_ns, int64_t body_ns,
    struct vs_span courtesy);

/* "192.0.2.1" or "2001:db8::1". */
struct sockaddr;
void vs_peer_address(const struct sockaddr *a, char out[VS_PEER_MAX]);
/* Sets uid, gid and "uid:N"; false when the socket has no credentials. */
bool vs_peer_local(struct vs_conn *c);

#endif
