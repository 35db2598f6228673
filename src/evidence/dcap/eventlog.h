/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs of what a TD's firmware, loader and applications measured. A log is
 * text by the guest: only that its digests, in their order, give the RTMRs
 * of a verified quote makes the digests true. Types, labels and data remain
 * the guest's word, and once the guest runs it can extend every register:
 * so what is said here is said by digests alone, and only where nothing can
 * be hidden behind it. What a boot loader measured cannot be told from what
 * came later; pin RTMR1 and RTMR2 themselves. TCG PC Client Platform Firmware
 * Profile; ACPI 6.5, CCEL.
 */
#ifndef VS_EVIDENCE_DCAP_EVENTLOG_H
#define VS_EVIDENCE_DCAP_EVENTLOG_H

#include "base/arena.h"
#include "crypto/digest.h"
#include "evidence/dcap/quote.h"

enum {
	VS_EVENTS_MAX = 8192,
	VS_RTMR_COUNT = 4,
	VS_RTMR_APPLICATION = 3, /* the guest's own */
	VS_EVENT_APPS_MAX = 64,
	VS_EVENT_APP_TEXT_MAX = 512,
};

/* One measurement. Spans are borrowed from the log or the arena. */
struct vs_event {
	unsigned rtmr; /* 0 to 3 */
	uint32_t type;
	struct vs_span digest; /* SHA-384 */
	struct vs_span name;   /* dstack; else empty */
	struct vs_span data;
};

typedef enum vs_tristate { VS_UNSAID = 0, VS_NO, VS_YES } vs_tristate;

struct vs_event_log {
	size_t events;
	uint8_t rtmr[VS_RTMR_COUNT][VS_SHA384_SIZE]; /* replayed */
	/* By the firmware, before it let go of RTMR0. */
	vs_tristate secure_boot;
	/* All events of RTMR3, "name=hex" (dstack) or text (AAEL). */
	struct vs_span apps[VS_EVENT_APPS_MAX];
	size_t apps_n;
	bool apps_lost; /* not all of them: do not use */
	/* While reading: */
	bool separated;     /* RTMR0 may be anybody's */
	uint32_t apps_type; /* of all of them: forms do not mix */
};

/* CCEL as the firmware leaves it, or the JSON array of dstack. Code
 * eventlog_malformed. */
VS_MUST_USE vs_status vs_event_log_read(struct vs_span bytes,
    struct vs_arena *a, struct vs_event_log *out, struct vs_err *err);

/* The log gives RTMR 0 to 2 of the TD; else eventlog_mismatch. RTMR3 is the
 * guest's own, and may be extended without a log: *rtmr3 says. */
VS_MUST_USE vs_status vs_event_log_check(const struct vs_event_log *log,
    const struct vs_td_report *td, bool *rtmr3, struct vs_err *err);

/* For the readers of single forms: the next event. */
VS_MUST_USE vs_status vs_event_log_add(struct vs_event_log *log,
    const struct vs_event *e, struct vs_arena *a, struct vs_err *err);
VS_MUST_USE vs_status vs_ccel_read(struct vs_span bytes, struct vs_arena *a,
    struct vs_event_log *log, struct vs_err *err);
VS_MUST_USE vs_status vs_event_json_read(struct vs_span text,
    struct vs_arena *a, struct vs_event_log *log, struct vs_err *err);

#endif
