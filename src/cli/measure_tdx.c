/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `vouchsafe measure tdx`: RTMRs from the log of a trial run. MRTD is not
 * worked out here: it depends on the order in which the VMM adds pages, and
 * is taken from a verified quote or from the firmware's maker.
 */
#include <stdlib.h>

#include "base/encoding.h"
#include "cli/dispatch.h"
#include "cli/input.h"
#include "cli/measure.h"
#include "cli/output.h"
#include "evidence/dcap/eventlog.h"
#include "evidence/evidence.h"

enum { ARENA_MAX = 4 * VS_EVIDENCE_EVENT_LOG_MAX };

static vs_status
replay(const char *path, struct vs_arena *a, struct vs_event_log *log,
    struct vs_err *err)
{
	struct vs_span bytes;

	if (path == NULL)
		return vs_fail(err, VS_USAGE, "--event-log FILE is needed");
	VS_TRY(err, "--event-log",
	    vs_cli_read(path, VS_EVIDENCE_EVENT_LOG_MAX, a, &bytes, err));
	return vs_event_log_read(bytes, a, log, err);
}

static int
show(const struct vs_event_log *log, bool json)
{
	char hex[2 * VS_SHA384_SIZE + 1], name[8];
	struct vs_json *doc = NULL;

	if (json) {
		doc = vs_json_object();
		vs_json_set(&doc, "events", vs_json_int((int64_t)log->events));
	}
	for (unsigned i = 0; i < VS_RTMR_COUNT; i++) {
		(void)snprintf(name, sizeof(name), "rtmr%u", i);
		vs_hex(VS_SPAN_OF(log->rtmr[i]), hex);
		if (json)
			vs_json_set(&doc, name, vs_json_cstr(hex));
		else
			printf("%s %s\n", name, hex);
	}
	return json ? vs_cli_json(&doc, VS_EXIT_OK) : VS_EXIT_OK;
}

int
vs_cli_measure_tdx(const void *opts, const struct vs_args *args)
{
	const struct vs_measure_tdx_opts *o = opts;
	struct vs_event_log *log = vs_cli_alloc(sizeof(*log));
	struct vs_err err = {0};
	struct vs_arena a;
	int code;

	(void)args;
	vs_arena_init(&a, ARENA_MAX);
	if (replay(o->event_log, &a, log, &err) == VS_OK)
		code = show(log, o->json);
	else
		code = vs_cli_fail(&err, o->json);
	vs_arena_fini(&a);
	free(log);
	return code;
}
