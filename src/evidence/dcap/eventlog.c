/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/dcap/eventlog.h"

#include <string.h>

#include "base/encoding.h"

enum {
	EV_EVENT_TAG = 0x00000006,
	EV_DSTACK = 0x08000001,
	RTMR_FIRMWARE = 0,
};

/* UEFI_VARIABLE_DATA of EFI_GLOBAL_VARIABLE "SecureBoot" (UEFI 3.3, TCG PFP
 * 10.2.6): GUID, characters, bytes of the value, name, value. */
#define SECURE_BOOT(n)                                                         \
	0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11, 0xaa, 0x0d, 0x00,      \
	    0xe0, 0x98, 0x03, 0x2b, 0x8c, 10, 0, 0, 0, 0, 0, 0, 0, (n), 0, 0,  \
	    0, 0, 0, 0, 0, 'S', 0, 'e', 0, 'c', 0, 'u', 0, 'r', 0, 'e', 0,     \
	    'B', 0, 'o', 0, 'o', 0, 't', 0
static const uint8_t boot_absent[] = {SECURE_BOOT(0)};
static const uint8_t boot_off[] = {SECURE_BOOT(1), 0};
static const uint8_t boot_on[] = {SECURE_BOOT(1), 1};
/* TCG PFP 3.3.2.2: what separators measure, the last one after an error. */
static const uint8_t separators[][4] = {
    {0, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff}, {1, 0, 0, 0}};

static bool
is_digest_of(struct vs_span digest, const struct vs_span *parts, size_t n)
{
	uint8_t want[VS_SHA384_SIZE];

	return vs_digest(VS_HASH_SHA384, parts, n, want) == VS_OK &&
	    vs_span_equal(digest, VS_SPAN_OF(want));
}

static bool
covers(const struct vs_event *e, struct vs_span data)
{
	return is_digest_of(e->digest, &data, 1);
}

static vs_status
extend(struct vs_event_log *log, const struct vs_event *e)
{
	uint8_t *r = log->rtmr[e->rtmr];
	const struct vs_span parts[] = {VS_SPAN(r, VS_SHA384_SIZE), e->digest};

	return vs_digest(VS_HASH_SHA384, parts, VS_COUNT(parts), r);
}

static bool
is_separator(const struct vs_event *e)
{
	for (size_t i = 0; i < VS_COUNT(separators); i++)
		if (covers(e, VS_SPAN_OF(separators[i])))
			return true;
	return false;
}

/*
 * Before the firmware's separator there is only its own word in RTMR0; what
 * comes behind it may be anybody's. Type and data of the record say nothing:
 * a "no" must not pass for something else, nor the separator.
 */
static void
note_firmware(struct vs_event_log *log, const struct vs_event *e)
{
	if (log->separated || e->rtmr != RTMR_FIRMWARE)
		return;
	if (is_separator(e))
		log->separated = true;
	else if (covers(e, VS_SPAN_OF(boot_off)) ||
	    covers(e, VS_SPAN_OF(boot_absent)))
		log->secure_boot = VS_NO;
	else if (covers(e, VS_SPAN_OF(boot_on)) && log->secure_boot != VS_NO)
		log->secure_boot = VS_YES;
}

/* dstack: le32(type) ":" name ":" payload. With a colon in the name the same
 * digest would stand for two events. */
static bool
is_dstack(const struct vs_event *e)
{
	static const uint8_t type[] = {0x01, 0x00, 0x00, 0x08};
	const struct vs_span parts[] = {VS_SPAN_OF(type), VS_SPAN_LIT(":"),
	    e->name, VS_SPAN_LIT(":"), e->data};

	return e->type == EV_DSTACK && e->name.n > 0 &&
	    memchr(e->name.p, ':', e->name.n) == NULL &&
	    is_digest_of(e->digest, parts, VS_COUNT(parts));
}

/* AAEL of confidential containers: tag, size, text. */
static bool
is_aael(const struct vs_event *e, struct vs_span *text)
{
	struct vs_rd rd = vs_rd_of(e->data);
	struct vs_span tag;
	uint32_t n;

	return e->type == EV_EVENT_TAG && vs_rd_bytes(&rd, 4, &tag) == VS_OK &&
	    vs_span_equal(tag, VS_SPAN_LIT("LEAA")) &&
	    vs_rd_u32le(&rd, &n) == VS_OK &&
	    vs_rd_bytes(&rd, n, text) == VS_OK && vs_rd_end(&rd) == VS_OK &&
	    vs_utf8_valid(*text) && covers(e, e->data);
}

static vs_status
dstack_text(const struct vs_event *e, struct vs_arena *a, struct vs_span *out)
{
	size_t n = e->name.n + 1 + 2 * e->data.n;
	char *p = vs_arena_alloc(a, n + 1);

	if (p == NULL)
		return VS_NO_MEMORY;
	memcpy(p, e->name.p, e->name.n);
	p[e->name.n] = '=';
	vs_hex(e->data, p + e->name.n + 1);
	*out = VS_SPAN(p, n);
	return VS_OK;
}

/* Another event of this name would let the reader choose. */
static bool
is_known(const struct vs_event_log *log, struct vs_span name)
{
	for (size_t i = 0; i < log->apps_n; i++)
		if (vs_span_starts(log->apps[i], name) &&
		    log->apps[i].n > name.n && log->apps[i].p[name.n] == '=')
			return true;
	return false;
}

static bool
fits(const struct vs_event_log *log, size_t n)
{
	return log->apps_n < VS_EVENT_APPS_MAX && n <= VS_EVENT_APP_TEXT_MAX;
}

/* All or none: one that is not understood may be the one that matters. */
static vs_status
note_app(struct vs_event_log *log, const struct vs_event *e, struct vs_arena *a)
{
	struct vs_span text = {0};

	if (e->rtmr != VS_RTMR_APPLICATION || log->apps_lost)
		return VS_OK;
	if (is_dstack(e) && !is_known(log, e->name) &&
	    fits(log, e->name.n + 1 + 2 * e->data.n)) {
		if (dstack_text(e, a, &text) != VS_OK)
			return VS_NO_MEMORY;
	} else if (!is_aael(e, &text) || !fits(log, text.n)) {
		log->apps_lost = true;
		return VS_OK;
	}
	/* Or a text could look like another form's name and payload. */
	if (log->apps_n > 0 && log->apps_type != e->type)
		log->apps_lost = true;
	log->apps_type = e->type;
	log->apps[log->apps_n++] = text;
	return VS_OK;
}

vs_status
vs_event_log_add(struct vs_event_log *log, const struct vs_event *e,
    struct vs_arena *a, struct vs_err *err)
{
	if (log->events == VS_EVENTS_MAX)
		return vs_fail(
		    err, VS_MALFORMED, "more than %d events", VS_EVENTS_MAX);
	VS_TRY(err, "event", extend(log, e));
	note_firmware(log, e);
	VS_TRY(err, "event", note_app(log, e, a));
	log->events++;
	return VS_OK;
}

static vs_status
read_any(struct vs_span bytes, struct vs_arena *a, struct vs_event_log *log,
    struct vs_err *err)
{
	if (vs_span_starts(bytes, VS_SPAN_LIT("[")))
		return vs_event_json_read(bytes, a, log, err);
	return vs_ccel_read(bytes, a, log, err);
}

vs_status
vs_event_log_read(struct vs_span bytes, struct vs_arena *a,
    struct vs_event_log *out, struct vs_err *err)
{
	vs_err_clear(err);
	memset(out, 0, sizeof(*out));
	VS_TRY_CODE(err, "eventlog_malformed", "event log",
	    read_any(bytes, a, out, err));
	return VS_OK;
}

vs_status
vs_event_log_check(const struct vs_event_log *log,
    const struct vs_td_report *td, bool *rtmr3, struct vs_err *err)
{
	for (unsigned i = 0; i < VS_RTMR_APPLICATION; i++)
		if (!vs_span_equal(td->rtmr[i], VS_SPAN_OF(log->rtmr[i])))
			return vs_fail_code(err, VS_UNTRUSTED,
			    "eventlog_mismatch",
			    "the event log does not give RTMR%u of the TD", i);
	*rtmr3 = vs_span_equal(td->rtmr[VS_RTMR_APPLICATION],
	    VS_SPAN_OF(log->rtmr[VS_RTMR_APPLICATION]));
	return VS_OK;
}
