/* SPDX-License-Identifier: Apache-2.0 */
/* What a simulated machine answers, and what its host makes of it. */
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "codec/json.h"
#include "simulate/gpu_board.h"

static void
evidence_fini(struct vs_sim_device_evidence *e)
{
	vs_buf_fini(&e->report);
	vs_buf_fini(&e->certs);
	e->cc_state = NULL;
}

void
vs_sim_devices_fini(struct vs_sim_devices *d)
{
	for (size_t i = 0; i < VS_SIM_GPUS_MAX; i++)
		evidence_fini(&d->gpu[i]);
	for (size_t i = 0; i < VS_SIM_SWITCHES_MAX; i++)
		evidence_fini(&d->nvswitch[i]);
	d->gpus = d->switches = 0;
}

static const char *
state_of(unsigned flaws)
{
	if ((flaws & VS_SIM_GPU_UNSAID) != 0)
		return NULL;
	if ((flaws & VS_SIM_GPU_DEVTOOLS) != 0)
		return "devtools";
	return (flaws & VS_SIM_GPU_OFF) != 0 ? "off" : "on";
}

static vs_status
answer(const struct vs_sim_board *b, const struct vs_sim_device *d,
    unsigned flaws, const uint8_t nonce[VS_SIM_GPU_NONCE],
    struct vs_sim_device_evidence *out, struct vs_err *err)
{
	struct vs_sim_report_spec spec = {
	    .board = b, .device = d, .flaws = flaws};

	memcpy(spec.nonce, nonce, sizeof(spec.nonce));
	VS_TRY(err, "device", vs_sim_gpu_report(&spec, &out->report, err));
	vs_buf_add(&out->certs, vs_buf_span(&d->chain));
	if (d->chip != VS_SIM_LS10)
		out->cc_state = state_of(flaws);
	return vs_buf_status(&out->certs);
}

static vs_status
take_all(const struct vs_sim_board *b, const struct vs_sim_machine *m,
    const uint8_t nonce[VS_SIM_GPU_NONCE], struct vs_sim_devices *out,
    struct vs_err *err)
{
	size_t gpus = m->gpus == 0 ? b->opt.gpus : m->gpus;

	for (; out->gpus < gpus; out->gpus++) {
		size_t i = out->gpus;
		unsigned flaws =
		    m->flaw[i] | (i + 1 == gpus ? m->flaw_last : 0);
		const struct vs_sim_device *d =
		    (flaws & VS_SIM_GPU_FOREIGN) != 0 ? &b->other : &b->gpu[i];

		if ((flaws & VS_SIM_GPU_DUPLICATE) != 0)
			d = &b->gpu[0];
		VS_TRY(
		    err, "GPU", answer(b, d, flaws, nonce, &out->gpu[i], err));
	}
	for (size_t i = 0; i < b->opt.switches && !m->no_switches; i++) {
		VS_TRY(err, "switch",
		    answer(
			b, &b->nvswitch[i], 0, nonce, &out->nvswitch[i], err));
		out->switches = i + 1;
	}
	return VS_OK;
}

vs_status
vs_sim_devices(const struct vs_sim_board *b, const struct vs_sim_machine *m,
    const uint8_t nonce[VS_SIM_GPU_NONCE], struct vs_sim_devices *out,
    struct vs_err *err)
{
	vs_status st;

	if (m->gpus > b->opt.gpus)
		return vs_fail(err, VS_USAGE,
		    "%u GPUs are asked for, and the simulated machine has %u",
		    m->gpus, b->opt.gpus);
	st = take_all(b, m, nonce, out, err);
	if (st != VS_OK)
		vs_sim_devices_fini(out);
	return st;
}

vs_status
vs_sim_relayed(const struct vs_sim_board *b, const struct vs_sim_machine *m,
    const uint8_t nonce[VS_SIM_GPU_NONCE], struct vs_sim_devices *d,
    struct vs_err *err)
{
	size_t last = d->gpus - 1;

	if (m->relay == 0 || d->gpus == 0)
		return VS_OK;
	if ((m->relay & VS_SIM_RELAY_SWAP) != 0) {
		evidence_fini(&d->gpu[last]);
		VS_TRY(err, "relay",
		    answer(b, &b->other, 0, nonce, &d->gpu[last], err));
	}
	if ((m->relay & VS_SIM_RELAY_ORDER) != 0 && d->gpus > 1) {
		struct vs_sim_device_evidence first = d->gpu[0];

		d->gpu[0] = d->gpu[1];
		d->gpu[1] = first;
	}
	for (size_t i = 0; i < d->gpus; i++)
		if ((m->relay & VS_SIM_RELAY_CC_ON) != 0)
			d->gpu[i].cc_state = "on";
	if ((m->relay & VS_SIM_RELAY_DROP) != 0) {
		evidence_fini(&d->gpu[last]);
		d->gpus = last;
	}
	return VS_OK;
}

static const struct {
	const char *word;
	unsigned flaw;
} flaws[] = {
    {"old-vbios", VS_SIM_GPU_OLD_VBIOS},
    {"mismatch", VS_SIM_GPU_MISMATCH},
    {"spt", VS_SIM_GPU_SPT},
    {"devtools", VS_SIM_GPU_DEVTOOLS},
    {"off", VS_SIM_GPU_OFF},
    {"unsaid", VS_SIM_GPU_UNSAID},
    {"stale", VS_SIM_GPU_STALE},
    {"bad-signature", VS_SIM_GPU_BAD_SIG},
    {"fwid", VS_SIM_GPU_FWID},
    {"foreign", VS_SIM_GPU_FOREIGN},
    {"duplicate", VS_SIM_GPU_DUPLICATE},
};
static const struct {
	const char *word;
	unsigned relay;
} relays[] = {
    {"relay-drop", VS_SIM_RELAY_DROP},
    {"relay-swap", VS_SIM_RELAY_SWAP},
    {"relay-order", VS_SIM_RELAY_ORDER},
    {"relay-cc-on", VS_SIM_RELAY_CC_ON},
};

static vs_status
flaw_word(struct vs_sim_machine *m, const char *word, size_t length,
    unsigned flaw, struct vs_err *err)
{
	const char *at = word + length + 1;
	char *end = NULL;
	unsigned long i;

	if (word[length] == '\0') {
		m->flaw_last |= flaw;
		return VS_OK;
	}
	i = strtoul(at, &end, 10);
	if (at[0] < '0' || at[0] > '9' || *end != '\0' || i >= VS_SIM_GPUS_MAX)
		return vs_fail(err, VS_USAGE, "%.40s: wants a GPU, 0 to %d",
		    word, VS_SIM_GPUS_MAX - 1);
	m->flaw[i] |= flaw;
	return VS_OK;
}

vs_status
vs_sim_machine_word(
    struct vs_sim_machine *m, const char *word, struct vs_err *err)
{
	size_t length = strcspn(word, ":");
	struct vs_span name = VS_SPAN(word, length);

	for (size_t i = 0; i < VS_COUNT(flaws); i++)
		if (vs_span_is(name, flaws[i].word))
			return flaw_word(m, word, length, flaws[i].flaw, err);
	for (size_t i = 0; i < VS_COUNT(relays); i++) {
		if (strcmp(word, relays[i].word) == 0) {
			m->relay |= relays[i].relay;
			return VS_OK;
		}
	}
	if (strcmp(word, "no-switches") == 0) {
		m->no_switches = true;
		return VS_OK;
	}
	return vs_fail(err, VS_USAGE,
	    "%.30s: wants old-vbios, mismatch, spt, devtools, off, unsaid, "
	    "stale, bad-signature, fwid, foreign, duplicate, each with :GPU "
	    "or without, no-switches, relay-drop, relay-swap, relay-order or "
	    "relay-cc-on",
	    word);
}

void
vs_sim_base64(struct vs_buf *b, struct vs_span in)
{
	size_t from = b->n;

	vs_buf_b64url(b, in);
	if (vs_buf_status(b) != VS_OK)
		return;
	for (size_t i = from; i < b->n; i++) {
		if (b->p[i] == '-')
			b->p[i] = '+';
		else if (b->p[i] == '_')
			b->p[i] = '/';
	}
	while ((b->n - from) % 4 != 0 && vs_buf_status(b) == VS_OK)
		vs_buf_puts(b, "=");
}

static struct vs_json *
base64(struct vs_span bytes)
{
	struct vs_buf b = {0};
	struct vs_json *v = NULL;

	vs_sim_base64(&b, bytes);
	if (vs_buf_status(&b) == VS_OK)
		v = vs_json_str(vs_buf_span(&b));
	vs_buf_fini(&b);
	return v;
}

static struct vs_json *
one_json(vs_sim_chip chip, const struct vs_sim_device_evidence *e,
    const uint8_t nonce[VS_SIM_GPU_NONCE])
{
	struct vs_json *o = vs_json_object();
	char hex[2 * VS_SIM_GPU_NONCE + 1];

	vs_hex(VS_SPAN(nonce, VS_SIM_GPU_NONCE), hex);
	vs_json_set(&o, "arch", vs_json_cstr(vs_sim_chip_info(chip)->arch));
	vs_json_set(&o, "nonce", vs_json_cstr(hex));
	vs_json_set(&o, "evidence", base64(vs_buf_span(&e->report)));
	vs_json_set(&o, "certificate", base64(vs_buf_span(&e->certs)));
	return o;
}

vs_status
vs_sim_devices_json(const struct vs_sim_board *b,
    const struct vs_sim_devices *d, const uint8_t nonce[VS_SIM_GPU_NONCE],
    struct vs_buf *out, struct vs_err *err)
{
	VS_AUTO(vs_json) *list = vs_json_array();

	for (size_t i = 0; i < d->gpus; i++)
		vs_json_append(
		    &list, one_json(vs_sim_board_chip(b), &d->gpu[i], nonce));
	for (size_t i = 0; i < d->switches; i++)
		vs_json_append(
		    &list, one_json(VS_SIM_LS10, &d->nvswitch[i], nonce));
	VS_TRY(err, "devices", vs_json_dump(list, VS_JSON_PRETTY, out));
	return VS_OK;
}
