/* SPDX-License-Identifier: Apache-2.0 */
/* The binary log (TCG PFP 10.2.1): records one after the other, in a buffer
 * that the firmware filled with FFh or zeros before. */
#include "evidence/dcap/eventlog.h"

enum {
	EV_NO_ACTION = 3,
	HEAD_INDEX_MAX = 1,
	SHA1_SIZE = 20,
	ALG_SHA384 = 0x000c,
	ALGS_MAX = 8,
};
#define NO_INDEX UINT32_MAX

/* Digest sizes as the first record gives them. */
struct algs {
	uint16_t id[ALGS_MAX], size[ALGS_MAX];
	size_t n;
};

static vs_status
read_algs(struct vs_rd *in, struct algs *a, struct vs_err *err)
{
	uint32_t n;
	bool sha384 = false;

	VS_TRY(err, "algorithms", vs_rd_u32le(in, &n));
	if (n == 0 || n > ALGS_MAX)
		return vs_fail(err, VS_MALFORMED, "%u digest algorithms", n);
	for (a->n = 0; a->n < n; a->n++) {
		uint16_t *id = &a->id[a->n], *size = &a->size[a->n];

		VS_TRY(err, "algorithm", vs_rd_u16le(in, id));
		VS_TRY(err, "algorithm", vs_rd_u16le(in, size));
		if (*size == 0 || *size > VS_SHA512_SIZE ||
		    (*id == ALG_SHA384 && *size != VS_SHA384_SIZE))
			return vs_fail(err, VS_MALFORMED,
			    "digest %#x of %u bytes", *id, *size);
		sha384 = sha384 || *id == ALG_SHA384;
	}
	return sha384 ? VS_OK
		      : vs_fail(err, VS_UNSUPPORTED, "a log without SHA-384");
}

/* TCG_PCR_EVENT with TCG_EfiSpecIDEvent. */
static vs_status
read_first(struct vs_rd *in, struct algs *a, struct vs_err *err)
{
	uint32_t index, type, n;
	struct vs_span signature;
	struct vs_rd ev;
	uint8_t vendor;

	VS_TRY(err, "index", vs_rd_u32le(in, &index));
	VS_TRY(err, "type", vs_rd_u32le(in, &type));
	VS_TRY(err, "digest", vs_rd_skip(in, SHA1_SIZE));
	VS_TRY(err, "size", vs_rd_u32le(in, &n));
	VS_TRY(err, "event", vs_rd_sub(in, n, &ev));
	VS_TRY(err, "signature", vs_rd_bytes(&ev, 16, &signature));
	if (index > HEAD_INDEX_MAX || type != EV_NO_ACTION ||
	    !vs_span_equal(signature, VS_SPAN("Spec ID Event03", 16)))
		return vs_fail(err, VS_MALFORMED, "not a log of this format");
	/* Platform class, version, errata, size of UINTN. */
	VS_TRY(err, "version", vs_rd_skip(&ev, 4 + 4));
	VS_TRY(err, "algorithms", read_algs(&ev, a, err));
	VS_TRY(err, "vendor", vs_rd_u8(&ev, &vendor));
	VS_TRY(err, "vendor", vs_rd_skip(&ev, vendor));
	return vs_rd_end(&ev);
}

static size_t
digest_size(const struct algs *a, uint16_t id)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->id[i] == id)
			return a->size[i];
	return 0;
}

static vs_status
read_digests(struct vs_rd *in, const struct algs *a, struct vs_span *sha384,
    struct vs_err *err)
{
	uint32_t n;

	VS_TRY(err, "digests", vs_rd_u32le(in, &n));
	if (n == 0 || n > a->n)
		return vs_fail(err, VS_MALFORMED, "%u digests", n);
	for (uint32_t i = 0; i < n; i++) {
		struct vs_span digest;
		uint16_t id;

		VS_TRY(err, "algorithm", vs_rd_u16le(in, &id));
		if (digest_size(a, id) == 0)
			return vs_fail(
			    err, VS_MALFORMED, "unknown digest %#x", id);
		VS_TRY(err, "digest",
		    vs_rd_bytes(in, digest_size(a, id), &digest));
		if (id != ALG_SHA384)
			continue;
		if (sha384->n != 0)
			return vs_fail(err, VS_DUPLICATE, "SHA-384 twice");
		*sha384 = digest;
	}
	return VS_OK;
}

/* Nothing, too little for a record and never written, or what the buffer was
 * filled with. */
static bool
at_end(struct vs_rd in)
{
	struct vs_span rest = vs_rd_rest(&in);
	uint32_t index, type;

	if (vs_rd_u32le(&in, &index) != VS_OK ||
	    vs_rd_u32le(&in, &type) != VS_OK)
		return vs_span_zero(rest);
	return (index == 0 && type == 0) ||
	    (index == NO_INDEX && type != EV_NO_ACTION);
}

static vs_status
read_event(struct vs_rd *in, const struct algs *algs, struct vs_arena *a,
    struct vs_event_log *log, struct vs_err *err)
{
	struct vs_event e = {0};
	uint32_t index, n;

	VS_TRY(err, "index", vs_rd_u32le(in, &index));
	VS_TRY(err, "type", vs_rd_u32le(in, &e.type));
	VS_TRY(err, "digests", read_digests(in, algs, &e.digest, err));
	VS_TRY(err, "size", vs_rd_u32le(in, &n));
	VS_TRY(err, "data", vs_rd_bytes(in, n, &e.data));
	if (e.type == EV_NO_ACTION)
		return VS_OK; /* whatever its index, it extends nothing */
	/* 0 is MRTD, which nothing extends. */
	if (index < 1 || index > VS_RTMR_COUNT || e.digest.n == 0)
		return vs_fail(err, VS_MALFORMED, "index %u", index);
	e.rtmr = index - 1;
	return vs_event_log_add(log, &e, a, err);
}

vs_status
vs_ccel_read(struct vs_span bytes, struct vs_arena *a, struct vs_event_log *log,
    struct vs_err *err)
{
	struct vs_rd in = vs_rd_of(bytes);
	struct algs algs = {0};
	size_t records = 0;

	VS_TRY(err, "first record", read_first(&in, &algs, err));
	while (!at_end(in)) {
		if (++records > VS_EVENTS_MAX)
			return vs_fail(err, VS_MALFORMED,
			    "more than %d records", VS_EVENTS_MAX);
		VS_TRY(err, "record", read_event(&in, &algs, a, log, err));
	}
	return VS_OK;
}
