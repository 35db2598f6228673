/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/dcap/eventlog.h"

#include <string.h>

#include "base/encoding.h"

enum {
	EV_SEPARATOR = 0x00000004,
	EV_EVENT_TAG = 0x00000006,
	EV_IPL = 0x0000000d,
	EV_EFI_VARIABLE_DRIVER_CONFIG = (int)0x80000001,
	EV_DSTACK = 0x08000001,
	RTMR_FIRMWARE = 0,
	RTMR_OS = 2,
	VARIABLE_HEAD_SIZE = 16 + 8 + 8, /* GUID, two sizes */
};

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

/* UEFI_VARIABLE_DATA of EFI_GLOBAL_VARIABLE "SecureBoot": its value, which is
 * empty where the firmware knows no secure boot. */
static vs_tristate
read_secure_boot(struct vs_span data)
{
	static const uint8_t head[] = {0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2,
	    0x11, 0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c, 10, 0, 0, 0,
	    0, 0, 0, 0};
	static const uint8_t name[] = {'S', 0, 'e', 0, 'c', 0, 'u', 0, 'r', 0,
	    'e', 0, 'B', 0, 'o', 0, 'o', 0, 't', 0};
	struct vs_span value =
	    vs_span_slice(data, VARIABLE_HEAD_SIZE + sizeof(name), data.n);

	if (!vs_span_starts(data, VS_SPAN_OF(head)) ||
	    !vs_span_equal(
		vs_span_slice(data, VARIABLE_HEAD_SIZE, sizeof(name)),
		VS_SPAN_OF(name)))
		return VS_UNSAID;
	return value.n == 1 && value.p[0] == 1 ? VS_YES : VS_NO;
}

/*
 * Before the firmware lets go of RTMR0 there is only its own word; what comes
 * behind the separator may be anybody's.
 */
static void
note_firmware(struct vs_event_log *log, const struct vs_event *e)
{
	vs_tristate said;

	if (log->separated || e->rtmr != RTMR_FIRMWARE)
		return;
	if (e->type == EV_SEPARATOR) {
		log->separated = true;
		return;
	}
	if (e->type != (uint32_t)EV_EFI_VARIABLE_DRIVER_CONFIG)
		return;
	said = read_secure_boot(e->data);
	if (said != VS_UNSAID && covers(e, e->data))
		log->secure_boot = log->secure_boot == VS_NO ? VS_NO : said;
}

static struct vs_span
text_of(struct vs_span data)
{
	size_t n = 0;

	while (n < data.n && data.p[n] != '\0')
		n++;
	return vs_span_slice(data, 0, n);
}

/* GRUB measures the text behind the label; some builds its NUL, too. */
static void
note_cmdline(struct vs_event_log *log, const struct vs_event *e)
{
	static const struct vs_span labels[] = {
	    {(const uint8_t *)"kernel_cmdline: ", 16},
	    {(const uint8_t *)"grub_kernel_cmdline ", 20},
	};
	struct vs_span text = text_of(e->data);

	if (e->type != EV_IPL || e->rtmr != RTMR_OS)
		return;
	for (size_t i = 0; i < VS_COUNT(labels); i++) {
		struct vs_span rest = vs_span_slice(text, labels[i].n, text.n);
		const struct vs_span with_nul[] = {rest, VS_SPAN("", 1)};

		if (!vs_span_starts(text, labels[i]) ||
		    (!covers(e, rest) && !is_digest_of(e->digest, with_nul, 2)))
			continue;
		log->cmdlines++;
		log->cmdline = log->cmdlines == 1 && vs_utf8_valid(rest)
		    ? rest
		    : (struct vs_span){0};
	}
}

/* dstack: le32(type) ":" name ":" payload. */
static bool
is_dstack(const struct vs_event *e)
{
	static const uint8_t type[] = {0x01, 0x00, 0x00, 0x08};
	const struct vs_span parts[] = {VS_SPAN_OF(type), VS_SPAN_LIT(":"),
	    e->name, VS_SPAN_LIT(":"), e->data};

	return e->type == EV_DSTACK && e->name.n > 0 &&
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

static vs_status
note_app(struct vs_event_log *log, const struct vs_event *e, struct vs_arena *a)
{
	struct vs_span text;

	if (e->rtmr != VS_RTMR_APPLICATION)
		return VS_OK;
	if (is_dstack(e)) {
		if (e->name.n + 2 * e->data.n >= VS_EVENT_APP_TEXT_MAX) {
			log->apps_lost = true;
			return VS_OK;
		}
		if (dstack_text(e, a, &text) != VS_OK)
			return VS_NO_MEMORY;
	} else if (!is_aael(e, &text)) {
		return VS_OK;
	}
	if (log->apps_n == VS_EVENT_APPS_MAX || text.n > VS_EVENT_APP_TEXT_MAX)
		log->apps_lost = true;
	else
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
	note_cmdline(log, e);
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
