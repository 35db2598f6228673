/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/client.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "keeper/client_int.h"
#include "keeper/seal_args.h"
#include "keeper/wire.h"

/* A release of 10,000 keys takes well under a second. */
enum { ANSWER_TIMEOUT_MS = 10000, ANSWER_KEEP_MAX = 64 * 1024 };

vs_status
vs_keeper_call_within(int fd, int timeout_ms, vs_op op, struct vs_span payload,
    struct vs_buf *answer, bool *broken)
{
	uint8_t head[VS_FRAME_HEAD];
	uint32_t n = 0;
	vs_status result = VS_UNAVAILABLE;
	vs_status st;

	vs_frame_head(head, (uint32_t)payload.n, (uint32_t)op);
	st = vs_wire_send(fd, head, payload);
	if (st == VS_OK)
		st = vs_wire_head(fd, timeout_ms, head, answer);
	if (st == VS_OK)
		st = vs_frame_read_answer(head, &n, &result);
	if (st == VS_OK)
		st = vs_wire_rest(fd, n, answer);
	*broken = st != VS_OK;
	return st == VS_OK ? result : VS_UNAVAILABLE;
}

vs_status
vs_keeper_call_fd(int fd, vs_op op, struct vs_span payload,
    struct vs_buf *answer, bool *broken)
{
	return vs_keeper_call_within(
	    fd, ANSWER_TIMEOUT_MS, op, payload, answer, broken);
}

vs_status
vs_keeper_read_facts(struct vs_span payload, struct vs_keeper_facts *out)
{
	struct vs_rd in = vs_rd_of(payload);
	struct vs_keeper_facts f = {0};
	struct vs_span seal, why;
	uint32_t sealed, recovery;

	if (vs_rd_u32be(&in, &sealed) != VS_OK ||
	    vs_get_field(&in, sizeof f.seal - 1, &seal) != VS_OK ||
	    vs_get_field(&in, sizeof f.why - 1, &why) != VS_OK ||
	    vs_rd_u64be(&in, &f.unwraps) != VS_OK ||
	    vs_rd_u64be(&in, &f.failures) != VS_OK ||
	    vs_rd_u32be(&in, &f.shares.threshold) != VS_OK ||
	    vs_rd_u32be(&in, &f.shares.total) != VS_OK ||
	    vs_rd_u32be(&in, &f.shares.given) != VS_OK ||
	    vs_rd_u32be(&in, &recovery) != VS_OK || vs_rd_end(&in) != VS_OK)
		return VS_MALFORMED;
	f.shares.recovery = recovery != 0;
	f.sealed = sealed != 0;
	if (seal.n > 0)
		memcpy(f.seal, seal.p, seal.n);
	if (why.n > 0)
		memcpy(f.why, why.p, why.n);
	*out = f;
	return VS_OK;
}

/* Before the first thread of ours, and before the daemon's cage. */
static vs_status
fork_starter(struct vs_keeper *k, const struct vs_keeper_options *opt,
    struct vs_err *err)
{
	char flags[VS_SEAL_ARGS][VS_SEAL_FLAG];
	char flag_user[] = "--user";
	char user[24];
	char *argv[VS_SEAL_ARGV + 4] = {k->program};
	size_t n = 1 + vs_seal_argv(&k->conf, flags, argv + 1);

	(void)snprintf(user, sizeof user, "%u:%u", (unsigned)opt->user.uid,
	    (unsigned)opt->user.gid);
	if (opt->user.uid != 0) {
		argv[n++] = flag_user;
		argv[n++] = user;
	}
	argv[n] = NULL;
	return vs_starter_fork(argv, &k->starter, err);
}

static vs_status
init(struct vs_keeper *k, const struct vs_keeper_options *opt,
    struct vs_err *err)
{
	pthread_condattr_t attr;

	VS_ASSERT(pthread_mutex_init(&k->lock, NULL) == 0);
	/* A pause is not stretched by a clock that is set back. */
	VS_ASSERT(pthread_condattr_init(&attr) == 0);
	VS_ASSERT(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	VS_ASSERT(pthread_cond_init(&k->changed, &attr) == 0);
	(void)pthread_condattr_destroy(&attr);
	k->program = strdup(opt->program);
	k->channels = vs_calloc(opt->channels, sizeof *k->channels);
	if (k->program == NULL || k->channels == NULL)
		return vs_fail(err, VS_NO_MEMORY, "keeper");
	VS_TRY(err, "keeper", vs_seal_conf_copy(&opt->seal, &k->conf));
	if (opt->may_create_seal)
		VS_TRY(err, "seal", vs_keeper_make_seal(k, err));
	VS_TRY(err, "keeper", fork_starter(k, opt, err));
	for (; k->n < opt->channels; k->n++) {
		struct vs_keeper_channel *c = &k->channels[k->n];

		VS_ASSERT(pthread_mutex_init(&c->lock, NULL) == 0);
		c->fd = -1;
		c->answer.max = VS_FRAME_MAX + 1;
	}
	return VS_OK;
}

static vs_status
wait_first(struct vs_keeper *k, struct vs_err *err)
{
	vs_status st = VS_OK;

	(void)pthread_mutex_lock(&k->lock);
	while (!k->tried)
		(void)pthread_cond_wait(&k->changed, &k->lock);
	if (k->pid == 0 && k->last.status != VS_OK) {
		*err = k->last;
		st = err->status;
	}
	(void)pthread_mutex_unlock(&k->lock);
	return st;
}

vs_status
vs_keeper_new(const struct vs_keeper_options *opt, struct vs_keeper **out,
    struct vs_err *err)
{
	VS_AUTO(vs_keeper) *k = vs_calloc(1, sizeof *k);

	if (k == NULL)
		return vs_fail(err, VS_NO_MEMORY, "keeper");
	if (opt->channels == 0)
		return vs_fail(err, VS_USAGE, "keeper: no channels");
	VS_TRY(err, "keeper", init(k, opt, err));
	*out = VS_TAKE(k);
	return VS_OK;
}

vs_status
vs_keeper_run(struct vs_keeper *k, struct vs_err *err)
{
	if (pthread_create(&k->supervisor, NULL, vs_keeper_supervise, k) != 0)
		return vs_fail(err, VS_INTERNAL, "cannot start a thread");
	k->supervised = true;
	return wait_first(k, err);
}

vs_status
vs_keeper_start(const struct vs_keeper_options *opt, struct vs_keeper **out,
    struct vs_err *err)
{
	VS_AUTO(vs_keeper) *k = NULL;

	VS_TRY(err, "keeper", vs_keeper_new(opt, &k, err));
	VS_TRY(err, "keeper", vs_keeper_run(k, err));
	*out = VS_TAKE(k);
	return VS_OK;
}

/* Shutting the channels down makes the keeper leave by itself. */
static void
hang_up(struct vs_keeper *k)
{
	for (unsigned i = 0; i < k->n; i++) {
		struct vs_keeper_channel *c = &k->channels[i];

		(void)pthread_mutex_lock(&c->lock);
		if (c->fd >= 0)
			(void)shutdown(c->fd, SHUT_RDWR); /* or gone */
		(void)pthread_mutex_unlock(&c->lock);
	}
}

static void
stop(struct vs_keeper *k)
{
	(void)pthread_mutex_lock(&k->lock);
	k->stopping = true;
	(void)pthread_cond_broadcast(&k->changed);
	(void)pthread_mutex_unlock(&k->lock);
	hang_up(k);
	if (k->supervised)
		(void)pthread_join(k->supervisor, NULL);
	vs_starter_stop(&k->starter);
}

void
vs_keeper_free(struct vs_keeper **k)
{
	struct vs_keeper *it = *k;

	if (it == NULL)
		return;
	*k = NULL;
	stop(it);
	for (unsigned i = 0; i < it->n; i++) {
		vs_buf_fini(&it->channels[i].answer);
		(void)pthread_mutex_destroy(&it->channels[i].lock);
	}
	(void)pthread_cond_destroy(&it->changed);
	(void)pthread_mutex_destroy(&it->lock);
	free(it->channels);
	free(it->program);
	vs_seal_conf_fini(&it->conf);
	free(it);
}

static vs_status
explain(vs_status st, struct vs_err *err)
{
	switch (vs_status_class(st)) {
	case VS_CLASS_UNAVAILABLE:
		if (st == VS_SEALED)
			return vs_fail_code(
			    err, st, "keeper.sealed", "the keeper is sealed");
		return vs_fail_code(
		    err, st, "keeper.down", "the keeper does not answer");
	case VS_CLASS_UNVERIFIED:
		return vs_fail_code(
		    err, st, "keeper.record", "a record does not open");
	case VS_CLASS_OK:
	case VS_CLASS_MALFORMED:
	case VS_CLASS_STALE:
	case VS_CLASS_DENIED:
	case VS_CLASS_LIMITED:
	case VS_CLASS_USAGE:
	case VS_CLASS_INTERNAL:
		break;
	}
	return vs_fail(err, st, "keeper: %s", vs_status_text(st));
}

/*
 * A channel that broke is closed. Its process is alive only if one of us has
 * a defect; a new one gives all channels back.
 */
static void
give_up(struct vs_keeper *k, struct vs_keeper_channel *c)
{
	(void)close(c->fd); /* of no more use */
	c->fd = -1;
	(void)pthread_mutex_lock(&k->lock);
	if (k->pid > 0)
		vs_starter_kill(&k->starter, k->pid);
	(void)pthread_mutex_unlock(&k->lock);
}

/* The answer of exactly want bytes (0: any) goes to out. */
static vs_status
call(struct vs_keeper *k, unsigned channel, vs_op op, struct vs_buf *req,
    size_t want, struct vs_buf *out, struct vs_err *err)
{
	struct vs_keeper_channel *c;
	bool broken = false;
	vs_status st = vs_buf_status(req);

	VS_ASSERT(channel < k->n);
	c = &k->channels[channel];
	if (st != VS_OK)
		return vs_fail(err, st, "keeper: the request is too large");
	(void)pthread_mutex_lock(&c->lock);
	st = VS_UNAVAILABLE;
	if (c->fd >= 0) {
		st = vs_keeper_call_fd(
		    c->fd, op, vs_buf_span(req), &c->answer, &broken);
		if (broken)
			give_up(k, c);
	}
	if (st == VS_OK && want != 0 && c->answer.n != want)
		st = VS_INTERNAL;
	if (st == VS_OK) {
		vs_buf_add(out, vs_buf_span(&c->answer));
		st = vs_buf_status(out);
	}
	if (c->answer.cap > ANSWER_KEEP_MAX)
		vs_buf_fini(&c->answer); /* an unusually large release */
	vs_buf_reset(&c->answer);
	(void)pthread_mutex_unlock(&c->lock);
	return st == VS_OK ? VS_OK : explain(st, err);
}

vs_status
vs_keeper_ask(struct vs_keeper *k, unsigned channel, vs_op op,
    struct vs_buf *req, size_t want, struct vs_buf *out, struct vs_err *err)
{
	return call(k, channel, op, req, want, out, err);
}

void
vs_keeper_status(struct vs_keeper *k, struct vs_keeper_status *out)
{
	struct vs_buf none = {0};
	struct vs_buf answer = {0};
	struct vs_keeper_facts facts = {0};
	struct vs_err err = {0};

	*out = (struct vs_keeper_status){0};
	(void)pthread_mutex_lock(&k->lock);
	out->up = k->pid != 0;
	out->sealed = k->sealed;
	out->pid = k->pid;
	out->restarts = k->restarts;
	memcpy(out->seal, k->seal, sizeof out->seal);
	memcpy(out->why, k->why, sizeof out->why);
	(void)pthread_mutex_unlock(&k->lock);
	if (out->up &&
	    call(k, k->n - 1, VS_OP_STATUS, &none, 0, &answer, &err) == VS_OK &&
	    vs_keeper_read_facts(vs_buf_span(&answer), &facts) == VS_OK) {
		out->unwraps = facts.unwraps;
		out->failures = facts.failures;
		out->shares = facts.shares;
		/* It may have opened since it started. */
		out->sealed = facts.sealed;
		memcpy(out->why, facts.why, sizeof out->why);
	}
	vs_buf_fini(&answer);
}

vs_status
vs_keeper_nonce_key(
    struct vs_keeper *k, unsigned channel, uint8_t out[32], struct vs_err *err)
{
	struct vs_buf none = {0};
	struct vs_buf answer = {0};
	vs_status st =
	    call(k, channel, VS_OP_NONCE_KEY, &none, 32, &answer, err);

	if (st == VS_OK)
		memcpy(out, answer.p, 32);
	vs_buf_fini(&answer);
	return st;
}

/* Sizes are checked here as well: a request that the keeper would take for a
 * defect costs everybody a restart. */
vs_status
vs_keeper_new_kek(struct vs_keeper *k, unsigned channel, struct vs_span ns,
    uint32_t kek_version, uint8_t kek[VS_KEY_RECORD_SIZE], struct vs_err *err)
{
	struct vs_buf req = {0};
	struct vs_buf answer = {0};
	vs_status st;

	if (ns.n > VS_KEY_NAME_MAX)
		return vs_fail(err, VS_MALFORMED, "the namespace is too long");
	vs_put_field(&req, ns);
	vs_put_u32(&req, kek_version);
	st = call(
	    k, channel, VS_OP_NEW_KEK, &req, VS_KEY_RECORD_SIZE, &answer, err);
	if (st == VS_OK)
		memcpy(kek, answer.p, VS_KEY_RECORD_SIZE);
	vs_buf_fini(&req);
	vs_buf_fini(&answer);
	return st;
}

vs_status
vs_keeper_new_key(struct vs_keeper *k, unsigned channel,
    const struct vs_key_place *place, size_t n, uint8_t dek[VS_KEY_RECORD_SIZE],
    struct vs_buf *payload, struct vs_err *err)
{
	struct vs_buf req = {0};
	struct vs_buf answer = {0};
	vs_status st;

	if (n == 0 || n > VS_PAYLOAD_MAX)
		return vs_fail(
		    err, VS_RANGE, "a key has 1 to %d bytes", VS_PAYLOAD_MAX);
	if (place->name.n > VS_KEY_NAME_MAX)
		return vs_fail(err, VS_MALFORMED, "the name is too long");
	if (place->kek.n != VS_KEY_RECORD_SIZE)
		return vs_fail_code(err, VS_UNTRUSTED, "keeper.record",
		    "a record has a wrong size");
	vs_put_place(&req, place);
	vs_put_u32(&req, (uint32_t)n);
	st = call(k, channel, VS_OP_NEW_KEY, &req,
	    VS_KEY_RECORD_SIZE + n + VS_PAYLOAD_OVERHEAD, &answer, err);
	if (st == VS_OK) {
		struct vs_span all = vs_buf_span(&answer);

		memcpy(dek, all.p, VS_KEY_RECORD_SIZE);
		vs_buf_add(
		    payload, vs_span_slice(all, VS_KEY_RECORD_SIZE, all.n));
		if (vs_buf_status(payload) != VS_OK)
			st = vs_fail(err, vs_buf_status(payload), "payload");
	}
	vs_buf_fini(&req);
	vs_buf_fini(&answer);
	return st;
}

static void
put_reseal(struct vs_buf *b, const struct vs_reseal *r)
{
	vs_put_u32(b, (uint32_t)r->to.curve);
	vs_put_field(b, r->to.x);
	vs_put_field(b, r->to.y);
	vs_buf_add(b, r->nonce);
	vs_put_field(b, r->release_id);
	vs_put_u32(b, (uint32_t)r->n);
	for (size_t i = 0; i < r->n; i++) {
		vs_put_place(b, &r->items[i].place);
		vs_put_field(b, r->items[i].dek);
		vs_put_field(b, r->items[i].payload);
		vs_put_field(b, r->items[i].content_type);
		vs_put_field(b, r->items[i].derived);
	}
}

static vs_status
check_reseal(const struct vs_reseal *r, struct vs_err *err)
{
	if (r->nonce.n != 32 || r->n == 0 || r->n > VS_RESEAL_KEYS_MAX)
		return vs_fail(err, VS_MALFORMED, "reseal: nonce or keys");
	if (r->release_id.n > VS_RELEASE_ID_MAX)
		return vs_fail(err, VS_MALFORMED, "reseal: release id");
	if (vs_curve_size(r->to.curve) == 0 || r->to.x.n > VS_ECDH_SIZE_MAX ||
	    r->to.y.n > VS_ECDH_SIZE_MAX)
		return vs_fail(err, VS_MALFORMED, "reseal: recipient");
	for (size_t i = 0; i < r->n; i++) {
		const struct vs_reseal_item *it = &r->items[i];

		if (it->place.kek.n != VS_KEY_RECORD_SIZE ||
		    it->place.name.n > VS_KEY_NAME_MAX ||
		    it->dek.n != VS_KEY_RECORD_SIZE ||
		    it->payload.n < VS_PAYLOAD_OVERHEAD ||
		    it->content_type.n > VS_CONTENT_TYPE_MAX ||
		    it->derived.n > VS_KEY_NAME_MAX)
			return vs_fail_code(err, VS_UNTRUSTED, "keeper.record",
			    "a record has a wrong size");
	}
	return VS_OK;
}

vs_status
vs_keeper_reseal(struct vs_keeper *k, unsigned channel,
    const struct vs_reseal *req, struct vs_buf *jwe, struct vs_err *err)
{
	struct vs_buf b = {.max = VS_FRAME_MAX};
	vs_status st = check_reseal(req, err);

	if (st != VS_OK)
		return st;
	put_reseal(&b, req);
	st = call(k, channel, VS_OP_RESEAL, &b, 0, jwe, err);
	vs_buf_fini(&b);
	return st;
}

vs_status
vs_keeper_chain(struct vs_keeper *k, unsigned channel,
    const uint8_t prev[VS_KEEPER_CHAIN_SIZE], const uint8_t (*digests)[32],
    size_t n, uint8_t (*macs)[VS_KEEPER_CHAIN_SIZE], struct vs_err *err)
{
	struct vs_buf req = {0};
	struct vs_buf answer = {0};
	vs_status st;

	if (n == 0 || n > VS_CHAIN_MAX)
		return vs_fail(err, VS_RANGE, "chain: 1 to %d", VS_CHAIN_MAX);
	vs_buf_add(&req, VS_SPAN(prev, VS_KEEPER_CHAIN_SIZE));
	vs_put_u32(&req, (uint32_t)n);
	vs_buf_add(&req, VS_SPAN(digests, n * 32));
	st = call(k, channel, VS_OP_CHAIN, &req, n * 32, &answer, err);
	if (st == VS_OK)
		memcpy(macs, answer.p, n * 32);
	vs_buf_fini(&req);
	vs_buf_fini(&answer);
	return st;
}
