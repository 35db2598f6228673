/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event log of a simulated boot, as firmware leaves it for the CCEL table
 * (UEFI Confidential Computing; TCG PC Client Platform Firmware Profile 10.4):
 * one record in SHA-1 form that names the algorithms, then records with one
 * SHA-384 digest each.
 */
#include <string.h>

#include "crypto/digest.h"
#include "simulate/tdx.h"

enum {
	ALG_SHA384 = 0x000c,
	DIGEST = 48,
	EV_NO_ACTION = 3,
	EV_SEPARATOR = 4,
	EV_EVENT_TAG = 6,
	EV_IPL = 13,
	EV_EFI_VARIABLE_DRIVER_CONFIG = (int)0x80000001,
	EV_EFI_HANDOFF_TABLES = (int)0x80000009,
	AREA = 16 * 1024, /* of the table; what is left over is 0xff */
};

/* UEFI_VARIABLE_DATA: EFI_GLOBAL_VARIABLE, sizes, u"SecureBoot", 1. */
static const uint8_t secure_boot[] = {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2,
    0x11, 0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c, 10, 0, 0, 0, 0, 0, 0,
    0, 1, 0, 0, 0, 0, 0, 0, 0, 'S', 0, 'e', 0, 'c', 0, 'u', 0, 'r', 0, 'e', 0,
    'B', 0, 'o', 0, 'o', 0, 't', 0, 1};
static const uint8_t separator[4];
/* GRUB measures what is behind the label, and logs both with a NUL. */
static const char cmdline[] = "kernel_cmdline: console=ttyS0 simulated=1";
enum { LABEL = 16 };

struct event {
	uint8_t index; /* 0 is MRTD, 1 to 4 are RTMR0 to RTMR3 */
	int type;
	struct vs_span data;
	struct vs_span measured;
};

enum { EVENTS = 7 };
static void
boot_events(struct event out[EVENTS])
{
	struct vs_span hob = VS_SPAN_LIT("TD HOB of the simulator");
	struct vs_span loader = VS_SPAN_LIT("simulated loader");
	struct vs_span initrd = VS_SPAN_LIT("initrd");
	struct vs_span sep = VS_SPAN_OF(separator);
	struct vs_span boot = VS_SPAN_OF(secure_boot);

	out[0] = (struct event){1, EV_EFI_HANDOFF_TABLES, hob, hob};
	out[1] = (struct event){1, EV_EFI_VARIABLE_DRIVER_CONFIG, boot, boot};
	out[2] = (struct event){1, EV_SEPARATOR, sep, sep};
	out[3] = (struct event){2, EV_SEPARATOR, sep, sep};
	out[4] = (struct event){2, EV_IPL, loader, loader};
	out[5] = (struct event){3, EV_IPL, VS_SPAN_OF(cmdline),
	    VS_SPAN(cmdline + LABEL, sizeof(cmdline) - LABEL - 1)};
	out[6] = (struct event){3, EV_EVENT_TAG, initrd, initrd};
}

static void
put(struct vs_buf *b, uint32_t v, size_t n)
{
	uint8_t le[4];

	for (size_t i = 0; i < n; i++)
		le[i] = (uint8_t)(v >> (8 * i));
	vs_buf_add(b, VS_SPAN(le, n));
}

static void
put_spec_id(struct vs_buf *b)
{
	static const uint8_t zeros[20];

	put(b, 1, 4); /* of the first record in real logs, too */
	put(b, EV_NO_ACTION, 4);
	vs_buf_add(b, VS_SPAN_OF(zeros));
	put(b, 33, 4);
	vs_buf_add(b, VS_SPAN("Spec ID Event03", 16));
	put(b, 0, 4);          /* platform class */
	put(b, 0x00000200, 3); /* minor, major, errata */
	put(b, 2, 1);          /* a UINTN has eight bytes */
	put(b, 1, 4);
	put(b, ALG_SHA384, 2);
	put(b, DIGEST, 2);
	put(b, 0, 1); /* no vendor information */
}

static vs_status
extend(uint8_t rtmr[DIGEST], const uint8_t digest[DIGEST])
{
	struct vs_span parts[] = {
	    VS_SPAN(rtmr, DIGEST), VS_SPAN(digest, DIGEST)};
	uint8_t out[DIGEST];
	vs_status st = vs_digest(VS_HASH_SHA384, parts, 2, out);

	if (st == VS_OK)
		memcpy(rtmr, out, DIGEST);
	return st;
}

static vs_status
put_event(struct vs_buf *b, const struct event *e, bool tampered,
    uint8_t rtmr[4][DIGEST])
{
	uint8_t digest[DIGEST];
	vs_status st = vs_digest(VS_HASH_SHA384, &e->measured, 1, digest);

	if (st == VS_OK)
		st = extend(rtmr[e->index - 1], digest);
	if (tampered)
		digest[0] ^= 1;
	put(b, e->index, 4);
	put(b, (uint32_t)e->type, 4);
	put(b, 1, 4);
	put(b, ALG_SHA384, 2);
	vs_buf_add(b, VS_SPAN_OF(digest));
	put(b, (uint32_t)e->data.n, 4);
	vs_buf_add(b, e->data);
	return st;
}

vs_status
vs_sim_tdx_event_log(
    bool tampered, struct vs_buf *log, uint8_t rtmr[4][48], struct vs_err *err)
{
	struct event events[EVENTS];
	size_t begin = log->n;
	uint8_t *rest;

	boot_events(events);
	memset(rtmr, 0, 4 * DIGEST);
	put_spec_id(log);
	for (size_t i = 0; i < EVENTS; i++)
		VS_TRY(err, "event log",
		    put_event(
			log, &events[i], tampered && i + 1 == EVENTS, rtmr));
	VS_TRY(err, "event log", vs_buf_status(log));
	VS_ASSERT(log->n - begin < AREA);
	rest = vs_buf_grow(log, AREA - (log->n - begin));
	if (rest != NULL)
		memset(rest, 0xff, (size_t)(log->p + log->n - rest));
	VS_TRY(err, "event log", vs_buf_status(log));
	return VS_OK;
}
