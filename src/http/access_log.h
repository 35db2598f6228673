/* SPDX-License-Identifier: Apache-2.0 */
/* One log line for each outcome; floods of failures are thinned out. */
#ifndef VS_HTTP_ACCESS_LOG_H
#define VS_HTTP_ACCESS_LOG_H

#include <pthread.h>

#include "http/message.h"

enum { VS_LOG_SOURCES = 64 };

/* Failures of one source (by hash; a collision shares the budget). */
struct vs_log_source {
	int64_t window_ns;
	unsigned logged;
	unsigned dropped;
};

struct vs_access_log {
	pthread_mutex_t lock;
	struct vs_log_source sources[VS_LOG_SOURCES];
};

void vs_access_log_init(struct vs_access_log *log);
void vs_access_log_fini(struct vs_access_log *log);
void vs_access_log_put(struct vs_access_log *log, const char *listener,
    const char *peer, const char *method, const char *path,
    const struct vs_response *res, int64_t took_ns);

#endif
