/* SPDX-License-Identifier: Apache-2.0 */
/* vs_event_log_read, both forms: bounded, and whatever it says lies in the
 * log or the arena. */
#include "base/encoding.h"
#include "evidence/dcap/eventlog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vs_event_log log;
	struct vs_td_report td = {0};
	struct vs_arena arena;
	struct vs_err err = {0};
	bool rtmr3;

	vs_arena_init(&arena, 16 << 20);
	if (vs_event_log_read(VS_SPAN(data, size), &arena, &log, &err) !=
	    VS_OK) {
		VS_ASSERT(err.code != NULL);
	} else {
		VS_ASSERT(log.events <= VS_EVENTS_MAX);
		VS_ASSERT(log.apps_n <= VS_EVENT_APPS_MAX);
		for (size_t i = 0; i < log.apps_n; i++)
			VS_ASSERT(log.apps[i].n <= VS_EVENT_APP_TEXT_MAX &&
			    vs_utf8_valid(log.apps[i]));
		for (size_t i = 0; i < VS_RTMR_COUNT; i++)
			td.rtmr[i] = VS_SPAN_OF(log.rtmr[i]);
		VS_ASSERT(vs_event_log_check(&log, &td, &rtmr3, &err) == VS_OK);
		VS_ASSERT(rtmr3);
	}
	vs_arena_fini(&arena);
	return 0;
}
