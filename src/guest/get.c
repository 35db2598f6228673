/* SPDX-License-Identifier: Apache-2.0 */
#include "guest/get.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"
#include "guest/jwe.h"
#include "guest/tsm.h"

enum { EVENT_LOG_MAX = 4 * 1024 * 1024 }; /* the broker takes no more */
enum { BACKOFF_FIRST_S = 1, BACKOFF_MAX_S = 10, RETRY_AFTER_MAX_S = 3600 };

/* What lasts over all attempts. */
struct session {
	const struct vs_guest_options *o;
	struct vs_client *client;
	struct vs_guest_recipient recipient;
	/* Of the last attempt: whether its failure came from the broker or the
	 * way to it, and what the broker said. */
	bool remote;
	struct vs_problem problem;
};

/* Of one attempt. */
struct proof {
	struct vs_guest_evidence cpu;
	struct vs_guest_devices devices;
};

void
vs_guest_release_fini(struct vs_guest_release *r)
{
	if (r->keys != NULL)
		vs_guest_keys_fini(r->keys, r->n);
	free(r->keys);
	r->keys = NULL;
	r->n = 0;
}

static vs_status
collect(const struct vs_guest_options *o, const uint8_t report_data[64],
    struct vs_guest_evidence *out, struct vs_err *err)
{
	struct vs_tsm tsm = {.path = o->tsm, .privlevel = o->privlevel};
	vs_status st;

	if (o->simulate != NULL)
		st = vs_guest_simulate(
		    o->simulate, &o->sim, report_data, out, err);
	else
		st = vs_tsm_collect(&tsm, report_data, out, err);
	if (st == VS_OK && o->event_log != NULL) {
		vs_buf_fini(&out->event_log); /* a simulated one gives way */
		st = vs_file_read(
		    o->event_log, EVENT_LOG_MAX, &out->event_log, err);
	}
	return st;
}

static vs_status
post(struct session *s, const uint8_t nonce[VS_API_NONCE_SIZE],
    const struct proof *p, struct vs_buf *jwe, char id[VS_UUID_TEXT_MAX],
    struct vs_err *err)
{
	const struct vs_guest_evidence *e = &p->cpu;
	struct vs_guest_devices_view v = {.gpus = 0};
	struct vs_api_release req = {
	    .nonce = VS_SPAN(nonce, VS_API_NONCE_SIZE),
	    .jwk = vs_span_cstr(s->recipient.jwk),
	    .kind = e->kind,
	    .report = vs_buf_span(&e->report),
	    .certs = vs_buf_span(&e->certs),
	    .event_log = vs_buf_span(&e->event_log),
	    .keys = s->o->keys,
	    .keys_n = s->o->n,
	    .gpus = v.gpu,
	    .gpus_n = p->devices.gpus,
	    .switches = v.nvswitch,
	    .switches_n = p->devices.switches,
	};
	vs_status st;

	vs_guest_devices_view(&p->devices, &v);
	s->remote = true;
	st = vs_api_release(s->client, &req, jwe, id, &s->problem, err);
	s->remote = st != VS_OK;
	return st;
}

/* The answer must hold what was asked for, in that order. */
static vs_status
match(const struct vs_guest_options *o, const struct vs_guest_release *r,
    struct vs_err *err)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct vs_api_key *asked = &o->keys[i];

		if (!vs_span_is(asked->name, r->keys[i].name) ||
		    (asked->version != 0 &&
			asked->version != r->keys[i].version))
			return vs_fail(err, VS_UNTRUSTED,
			    "the answer holds %s, which was not asked for",
			    r->keys[i].name);
	}
	return VS_OK;
}

static vs_status
open_answer(struct session *s, struct vs_span jwe,
    const uint8_t nonce[VS_API_NONCE_SIZE], const char *id,
    struct vs_guest_release *out, struct vs_err *err)
{
	VS_AUTO(vs_secret) *plain = NULL;
	struct vs_guest_release r = {.n = s->o->n};
	vs_status st;

	VS_TRY(err, "answer",
	    vs_guest_jwe_open(&s->recipient, jwe, nonce, id, &plain, err));
	r.keys = vs_calloc(r.n, sizeof(*r.keys));
	if (r.keys == NULL)
		return vs_fail(err, VS_NO_MEMORY, "keys");
	st = vs_guest_keys_parse(vs_secret_peek(plain), id, r.keys, r.n, err);
	if (st == VS_OK)
		st = match(s->o, &r, err);
	if (st != VS_OK) {
		vs_guest_release_fini(&r);
		return st;
	}
	memcpy(r.id, id, VS_UUID_TEXT_MAX);
	*out = r;
	return VS_OK;
}

/* The devices first: the CPU's report is about them, too. */
static vs_status
prove(struct session *s, const uint8_t nonce[VS_API_NONCE_SIZE],
    struct proof *p, struct vs_err *err)
{
	uint8_t gpu_nonce[32], devices[32], report_data[64];
	const uint8_t *thumbprint = s->recipient.thumbprint;

	VS_TRY(
	    err, "GPU nonce", vs_guest_gpu_nonce(nonce, thumbprint, gpu_nonce));
	VS_TRY(err, "evidence",
	    vs_guest_devices_take(
		&s->o->gpus, gpu_nonce, &p->devices, devices, err));
	VS_TRY(err, "report data",
	    vs_guest_report_data(nonce, thumbprint, devices, report_data));
	VS_TRY(err, "evidence", collect(s->o, report_data, &p->cpu, err));
	return VS_OK;
}

static vs_status
ask(struct session *s, struct proof *p, struct vs_buf *jwe,
    struct vs_guest_release *out, struct vs_err *err)
{
	uint8_t nonce[VS_API_NONCE_SIZE];
	char id[VS_UUID_TEXT_MAX];
	int64_t ttl;

	s->remote = true;
	VS_TRY(err, "ask",
	    vs_api_challenge(s->client, nonce, &ttl, &s->problem, err));
	s->remote = false;
	VS_TRY(err, "ask", prove(s, nonce, p, err));
	VS_TRY(err, "ask", post(s, nonce, p, jwe, id, err));
	return open_answer(s, vs_buf_span(jwe), nonce, id, out, err);
}

static vs_status
attempt(struct session *s, struct vs_guest_release *out, struct vs_err *err)
{
	struct proof p = {.cpu.kind = NULL};
	struct vs_buf jwe = {0};
	vs_status st = ask(s, &p, &jwe, out, err);

	vs_guest_evidence_fini(&p.cpu);
	vs_guest_devices_fini(&p.devices);
	vs_buf_fini(&jwe);
	return st;
}

/* Seconds to wait before another attempt; -1: none makes sense. */
static int64_t
pause_s(const struct session *s, vs_status st, const struct vs_err *err,
    unsigned round)
{
	int64_t backoff =
	    round < 4 ? (int64_t)BACKOFF_FIRST_S << round : BACKOFF_MAX_S;

	/* A code means that trying again cannot help, as with TLS. */
	if (!s->remote || err->code != NULL)
		return -1;
	/* A denial with a time to come again waits for people. */
	if (vs_status_class(st) != VS_CLASS_UNAVAILABLE && st != VS_BUSY &&
	    !(st == VS_DENIED && s->problem.retry_after_s > 0))
		return -1;
	if (s->problem.retry_after_s >= 0 &&
	    s->problem.retry_after_s <= RETRY_AFTER_MAX_S)
		return s->problem.retry_after_s;
	return backoff;
}

static void
sleep_s(int64_t seconds)
{
	struct timespec left = {.tv_sec = (time_t)seconds};

	while (nanosleep(&left, &left) != 0)
		continue; /* a signal; the rest remains */
}

static vs_status
run(struct session *s, void (*say)(const char *why, unsigned seconds),
    struct vs_guest_release *out, struct vs_err *err)
{
	int64_t end = vs_mono_ns() + (int64_t)s->o->wait_s * 1000000000;
	bool stale = false;

	for (unsigned round = 0;; round++) {
		vs_status st = attempt(s, out, err);
		int64_t wait;

		if (st == VS_OK)
			return VS_OK;
		if (s->remote && vs_status_class(st) == VS_CLASS_STALE &&
		    !stale) {
			stale = true;
			continue;
		}
		wait = pause_s(s, st, err, round);
		if (wait < 0 || vs_mono_ns() + wait * 1000000000 > end)
			return st;
		if (say != NULL)
			say(err->msg, (unsigned)wait);
		sleep_s(wait);
		vs_err_clear(err);
	}
}

vs_status
vs_guest_get(const struct vs_guest_options *o,
    void (*say)(const char *why, unsigned seconds),
    struct vs_guest_release *out, struct vs_err *err)
{
	VS_AUTO(vs_client) *client = NULL;
	struct vs_client_options copt = {.url = o->url, .ca_file = o->ca_file};
	struct session s = {.o = o};
	vs_status st;

	VS_TRY(err, "get", vs_client_new(&copt, &client, err));
	s.client = client;
	st = vs_guest_recipient_init(&s.recipient, o->curve, err);
	if (st == VS_OK)
		st = run(&s, say, out, err);
	vs_guest_recipient_fini(&s.recipient);
	return st;
}
