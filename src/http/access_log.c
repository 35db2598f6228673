/* SPDX-License-Identifier: Apache-2.0 */
#include "http/access_log.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum { BURST = 20 };
static const int64_t window_ns = INT64_C(10) * 1000 * 1000 * 1000;

void
vs_access_log_init(struct vs_access_log *log)
{
	*log = (struct vs_access_log){0};
	VS_ASSERT(pthread_mutex_init(&log->lock, NULL) == 0);
}

void
vs_access_log_fini(struct vs_access_log *log)
{
	(void)pthread_mutex_destroy(&log->lock);
}

static size_t
source_of(const char *peer)
{
	uint32_t h = 2166136261u;

	for (; *peer != '\0'; peer++)
		h = (h ^ (uint8_t)*peer) * 16777619u;
	return h % VS_LOG_SOURCES;
}

/* May this failure be logged? dropped: how many were not, until now. */
static bool
may_log(struct vs_access_log *log, const char *peer, unsigned *dropped)
{
	struct vs_log_source *s = &log->sources[source_of(peer)];
	int64_t now = vs_mono_ns();
	bool yes;

	*dropped = 0;
	(void)pthread_mutex_lock(&log->lock);
	if (now - s->window_ns > window_ns) {
		*dropped = s->dropped;
		*s = (struct vs_log_source){.window_ns = now};
	}
	yes = s->logged < BURST;
	if (yes)
		s->logged++;
	else
		s->dropped++;
	(void)pthread_mutex_unlock(&log->lock);
	return yes;
}

/* A release and a change are told; that somebody looked is for debugging. */
static vs_log_level
level_of(const char *method, const char *path, unsigned status)
{
	if (status >= 500)
		return VS_LOG_ERROR;
	if (status >= 400)
		return VS_LOG_WARN;
	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ||
	    strcmp(path, "/v1/challenge") == 0)
		return VS_LOG_DEBUG;
	return VS_LOG_INFO;
}

void
vs_access_log_put(struct vs_access_log *log, const char *listener,
    const char *peer, const char *method, const char *path,
    const struct vs_response *res, int64_t took_ns)
{
	char safe_path[VS_LOG_TEXT_MAX];
	char safe_method[VS_LOG_TEXT_MAX];
	unsigned dropped = 0;

	if (res->status >= 400 && !may_log(log, peer, &dropped))
		return;
	if (dropped > 0)
		vs_log(VS_LOG_WARN, "event=suppressed peer=%s failures=%u",
		    peer, dropped);
	vs_log(level_of(method, path, res->status),
	    "event=request listener=%s peer=%s method=%s path=%s status=%u "
	    "class=%s code=%s id=%s us=%lld%s%s",
	    listener, peer, vs_log_text(vs_span_cstr(method), safe_method),
	    vs_log_text(vs_span_cstr(path), safe_path), res->status,
	    res->class_name ? res->class_name : "ok",
	    res->code ? res->code : "-", res->id[0] != '\0' ? res->id : "-",
	    (long long)(took_ns / 1000), res->who[0] != '\0' ? " who=" : "",
	    res->who);
}
