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

/* Index 0 is MRTD, 1 to 4 are RTMR0 to RTMR3. The digest is over the event
 * data in all of them. */
static const struct {
	uint8_t index;
	int type;
	const char *data; /* NULL: four zero bytes */
} events[] = {
    {1, EV_EFI_HANDOFF_TABLES, "TD HOB of the simulator"},
    {1, EV_EFI_VARIABLE_DRIVER_CONFIG, "SecureBoot=1"},
    {1, EV_SEPARATOR, NULL},
    {2, EV_SEPARATOR, NULL},
    {2, EV_IPL, "simulated loader"},
    {3, EV_EVENT_TAG, "console=ttyS0 simulated=1"},
    {3, EV_EVENT_TAG, "initrd"},
};

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
put_event(struct vs_buf *b, size_t i, bool tampered, uint8_t rtmr[4][DIGEST])
{
	static const uint8_t zeros[4];
	struct vs_span data = events[i].data == NULL
	    ? VS_SPAN_OF(zeros)
	    : vs_span_cstr(events[i].data);
	uint8_t digest[DIGEST];
	vs_status st = vs_digest(VS_HASH_SHA384, &data, 1, digest);

	if (st == VS_OK)
		st = extend(rtmr[events[i].index - 1], digest);
	if (tampered)
		digest[0] ^= 1;
	put(b, events[i].index, 4);
	put(b, (uint32_t)events[i].type, 4);
	put(b, 1, 4);
	put(b, ALG_SHA384, 2);
	vs_buf_add(b, VS_SPAN_OF(digest));
	put(b, (uint32_t)data.n, 4);
	vs_buf_add(b, data);
	return st;
}

vs_status
vs_sim_tdx_event_log(
    bool tampered, struct vs_buf *log, uint8_t rtmr[4][48], struct vs_err *err)
{
	size_t begin = log->n;
	uint8_t *rest;

	memset(rtmr, 0, 4 * DIGEST);
	put_spec_id(log);
	for (size_t i = 0; i < VS_COUNT(events); i++)
		VS_TRY(err, "event log",
		    put_event(
			log, i, tampered && i + 1 == VS_COUNT(events), rtmr));
	VS_TRY(err, "event log", vs_buf_status(log));
	VS_ASSERT(log->n - begin < AREA);
	rest = vs_buf_grow(log, AREA - (log->n - begin));
	if (rest != NULL)
		memset(rest, 0xff, (size_t)(log->p + log->n - rest));
	VS_TRY(err, "event log", vs_buf_status(log));
	return VS_OK;
}
