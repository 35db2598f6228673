/* SPDX-License-Identifier: Apache-2.0 */
#include "guest/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "guest/keys.h"
#include "guest/range.h"

const char vs_guest_usage[] =
    "usage: vouchsafe-guest get NAME[@VERSION]... [options]\n"
    "\n"
    "  NAME of a derived key may end in a range: BASE/epoch-3/shard-0..99\n"
    "\n"
    "  --url URL           the broker (http://127.0.0.1:8443)\n"
    "  --ca FILE           PEM file of the CA of the broker's certificate\n"
    "  --out FILE          write the key there, mode 0600; a directory for\n"
    "                      several keys; - is standard output\n"
    "  --fd N              write the key to an open file descriptor\n"
    "  --keyring           put the keys into the kernel's user keyring\n"
    "  --wait SECONDS      how long to try again while the broker is busy or\n"
    "                      away (30)\n"
    "  --curve C           P-256 (default), P-384 or X25519\n"
    "  --tsm DIR           configfs-tsm (/sys/kernel/config/tsm/report)\n"
    "  --event-log FILE    send this CCEL event log with a TDX quote\n"
    "  --privlevel N       ask for a report of this VMPL\n"
    "  --gpus WHICH        auto (default): send evidence of the GPUs, where\n"
    "                      there are any in confidential mode; all: there\n"
    "                      must be some; N: there must be so many; none\n"
    "  --nvml FILE         NVIDIA's library of GPUs (libnvidia-ml.so.1)\n"
    "  --nscq FILE         and of switches (libnvidia-nscq.so.2)\n"
    "  --simulate DIR      forge evidence with the PKI in DIR\n"
    "  --sim-measurement H forge this launch measurement or MRTD (96 hex\n"
    "                      digits)\n"
    "  --sim-debug         forge a guest with debugging allowed\n"
    "  --sim-vmpl N        forge this VMPL\n"
    "  --sim-vlek          sign with the VLEK instead of the VCEK\n"
    "  --sim-td WORD       forge a TD that is migratable, no-sept-ve,\n"
    "                      old-tcb, old-module or foreign-qe, has an\n"
    "                      event-log, or a quote that is v4, v5 or v5-td10;\n"
    "                      may repeat\n"
    "  --sim-gpu WORD[:N]  forge GPU N, the last if not given, as old-vbios,\n"
    "                      mismatch, spt, devtools, off, unsaid, stale,\n"
    "                      bad-signature, fwid, foreign or duplicate, or\n"
    "                      do to all no-switches, relay-drop, relay-swap,\n"
    "                      relay-order or relay-cc-on; may repeat\n"
    "\n"
    "Exit status: 0 released, 1 denied, 2 usage or bad input, 3 evidence not\n"
    "verified, 4 broker or evidence source unavailable.\n";

/* As many names of full length as one release has. */
enum { NAMES_ROOM = 4 * 1024 * 1024 };
enum {
	MEASUREMENT,
	DEBUG,
	VMPL,
	VLEK,
	TD,
	PRIVLEVEL,
	TSM,
	LOG,
	GPUS,
	NVML,
	NSCQ,
	SIM_GPU,
};

static const struct option longs[] = {
    {"url", required_argument, NULL, 'u'},
    {"ca", required_argument, NULL, 'a'},
    {"out", required_argument, NULL, 'o'},
    {"fd", required_argument, NULL, 'f'},
    {"keyring", no_argument, NULL, 'k'},
    {"wait", required_argument, NULL, 'w'},
    {"curve", required_argument, NULL, 'c'},
    {"simulate", required_argument, NULL, 's'},
    {"pki", required_argument, NULL, 's'},
    {"help", no_argument, NULL, 'h'},
    {"tsm", required_argument, NULL, TSM},
    {"event-log", required_argument, NULL, LOG},
    {"privlevel", required_argument, NULL, PRIVLEVEL},
    {"sim-measurement", required_argument, NULL, MEASUREMENT},
    {"sim-debug", no_argument, NULL, DEBUG},
    {"sim-vmpl", required_argument, NULL, VMPL},
    {"sim-vlek", no_argument, NULL, VLEK},
    {"sim-td", required_argument, NULL, TD},
    {"gpus", required_argument, NULL, GPUS},
    {"nvml", required_argument, NULL, NVML},
    {"nscq", required_argument, NULL, NSCQ},
    {"sim-gpu", required_argument, NULL, SIM_GPU},
    {NULL, 0, NULL, 0},
};

static vs_status
parse_number(const char *name, const char *text, unsigned long max,
    unsigned long *out, struct vs_err *err)
{
	char *end = NULL;
	unsigned long v = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || v > max)
		return vs_fail(
		    err, VS_USAGE, "%s %.40s: wants 0 to %lu", name, text, max);
	*out = v;
	return VS_OK;
}

static vs_status
parse_curve(const char *text, vs_curve *out, struct vs_err *err)
{
	static const vs_curve curves[] = {
	    VS_CURVE_P256, VS_CURVE_P384, VS_CURVE_X25519};

	for (size_t i = 0; i < VS_COUNT(curves); i++) {
		if (strcmp(text, vs_curve_name(curves[i])) == 0) {
			*out = curves[i];
			return VS_OK;
		}
	}
	return vs_fail(
	    err, VS_USAGE, "--curve %.20s: wants P-256, P-384 or X25519", text);
}

static vs_status
gpu_option(const char *text, struct vs_guest_gpu_source *g, struct vs_err *err)
{
	static const char *const words[] = {[VS_GUEST_GPUS_AUTO] = "auto",
	    [VS_GUEST_GPUS_NONE] = "none",
	    [VS_GUEST_GPUS_ALL] = "all"};
	unsigned long v = 0;

	for (size_t i = 0; i < VS_COUNT(words); i++) {
		if (strcmp(text, words[i]) == 0) {
			g->which = (vs_guest_gpus)i;
			return VS_OK;
		}
	}
	if (text[0] < '0' || text[0] > '9')
		return vs_fail(err, VS_USAGE,
		    "--gpus %.20s: wants auto, all, none or a number", text);
	VS_TRY(err, "options",
	    parse_number("--gpus", text, VS_GUEST_GPUS_MAX, &v, err));
	g->which = v == 0 ? VS_GUEST_GPUS_NONE : VS_GUEST_GPUS_COUNT;
	g->count = (unsigned)v;
	return VS_OK;
}

/* Options that say what the forged guest is like. */
static vs_status
sim_option(int c, struct vs_guest_options *o, struct vs_err *err)
{
	unsigned long v = 0;

	switch (c) {
	case MEASUREMENT:
		if (vs_unhex(vs_span_cstr(optarg), o->sim.td.mrtd,
			sizeof(o->sim.td.mrtd)) != VS_OK)
			return vs_fail(err, VS_USAGE,
			    "--sim-measurement wants 96 hex digits");
		memcpy(o->sim.snp.measurement, o->sim.td.mrtd,
		    sizeof(o->sim.snp.measurement));
		break;
	case DEBUG:
		o->sim.snp.policy = 0x30000 | 1U << 19;
		o->sim.td.debug = true;
		break;
	case VMPL:
		VS_TRY(err, "options",
		    parse_number("--sim-vmpl", optarg, 3, &v, err));
		o->sim.snp.vmpl = (uint32_t)v;
		break;
	case VLEK:
		o->sim.snp.vlek = true;
		break;
	case TD:
		return vs_sim_td_word(&o->sim.td, optarg, err);
	case GPUS:
		return gpu_option(optarg, &o->gpus, err);
	case NVML:
		o->gpus.nvml = optarg;
		break;
	case NSCQ:
		o->gpus.nscq = optarg;
		break;
	case SIM_GPU:
		return vs_sim_machine_word(&o->gpus.machine, optarg, err);
	case TSM:
		o->tsm = optarg;
		break;
	case LOG:
		o->event_log = optarg;
		break;
	case PRIVLEVEL:
		VS_TRY(err, "options",
		    parse_number("--privlevel", optarg, 3, &v, err));
		o->privlevel = (int)v;
		break;
	default:
		return vs_fail(err, VS_USAGE, "unknown or incomplete option");
	}
	return VS_OK;
}

static vs_status
option(int c, struct vs_guest_options *o, struct vs_err *err)
{
	unsigned long v = 0;

	switch (c) {
	case 'u':
		o->url = optarg;
		break;
	case 'a':
		o->ca_file = optarg;
		break;
	case 'o':
		o->out = optarg;
		break;
	case 'k':
		o->keyring = true;
		break;
	case 's':
		o->simulate = optarg;
		break;
	case 'h':
		o->help = true;
		break;
	case 'f':
		VS_TRY(err, "options",
		    parse_number("--fd", optarg, 65535, &v, err));
		o->fd = (int)v;
		break;
	case 'w':
		VS_TRY(err, "options",
		    parse_number("--wait", optarg, 86400, &v, err));
		o->wait_s = (unsigned)v;
		break;
	case 'c':
		return parse_curve(optarg, &o->curve, err);
	default:
		return sim_option(c, o, err);
	}
	return VS_OK;
}

static vs_status
add_name(struct vs_guest_options *o, const struct vs_api_key *key,
    struct vs_err *err)
{
	if (o->n == VS_GUEST_KEYS_MAX)
		return vs_fail(
		    err, VS_USAGE, "more than %d keys", VS_GUEST_KEYS_MAX);
	o->keys[o->n++] = *key;
	return VS_OK;
}

/* BASE/epoch-N/shard-A..B */
static vs_status
add_range(struct vs_guest_options *o, const struct vs_guest_range *r,
    uint32_t version, struct vs_err *err)
{
	if (r->last - r->first >= VS_GUEST_KEYS_MAX)
		return vs_fail(
		    err, VS_USAGE, "more than %d keys", VS_GUEST_KEYS_MAX);
	for (uint64_t i = r->first; i <= r->last; i++) {
		char *name = vs_arena_printf(&o->names, "%.*s%llu",
		    VS_SPAN_ARG(r->stem), (unsigned long long)i);
		struct vs_api_key key = {.version = version};

		if (name == NULL)
			return vs_fail(err, VS_NO_MEMORY, "names");
		key.name = vs_span_cstr(name);
		if (key.name.n > VS_GUEST_NAME_MAX)
			return vs_fail(
			    err, VS_USAGE, "%.80s is too long", name);
		VS_TRY(err, "keys", add_name(o, &key, err));
	}
	return VS_OK;
}

void
vs_guest_options_fini(struct vs_guest_options *o)
{
	vs_arena_fini(&o->names);
}

/* NAME or NAME@VERSION */
static vs_status
add_key(const char *text, struct vs_guest_options *o, struct vs_err *err)
{
	const char *at = strchr(text, '@');
	size_t n = at == NULL ? strlen(text) : (size_t)(at - text);
	struct vs_api_key key = {.name = VS_SPAN(text, n)};
	struct vs_guest_range range;
	vs_status st = VS_OK;
	unsigned long v = 0;

	if (!vs_guest_name_ok(key.name))
		return vs_fail(err, VS_USAGE,
		    "%.80s is not a key name: segments of A-Z a-z 0-9 . _ - "
		    "parted by /",
		    text);
	if (at != NULL) {
		VS_TRY(err, text,
		    parse_number("version", at + 1, UINT32_MAX, &v, err));
		key.version = (uint32_t)v;
	}
	for (size_t i = 0; i < o->n; i++)
		if (vs_span_equal(o->keys[i].name, key.name))
			return vs_fail(
			    err, VS_USAGE, "%.80s is named twice", text);
	if (!vs_guest_range_parse(key.name, &range, &st))
		return add_name(o, &key, err);
	if (st != VS_OK)
		return vs_fail(err, st, "%.80s: a range is FIRST..LAST", text);
	return add_range(o, &range, key.version, err);
}

static vs_status
check(const struct vs_guest_options *o, bool simulated, struct vs_err *err)
{
	int sinks = (o->out != NULL) + (o->fd >= 0) + o->keyring;

	if (o->n == 0)
		return vs_fail(err, VS_USAGE, "no key named");
	if (sinks > 1)
		return vs_fail(err, VS_USAGE,
		    "--out, --fd and --keyring exclude each other");
	if (o->n > 1 && !o->keyring &&
	    (o->out == NULL || strcmp(o->out, "-") == 0))
		return vs_fail(err, VS_USAGE,
		    "several keys need --out DIRECTORY or --keyring");
	if (simulated && o->simulate == NULL)
		return vs_fail(err, VS_USAGE,
		    "--pki DIR is missing: make one with `vouchsafe simulate "
		    "pki DIR`");
	return VS_OK;
}

vs_status
vs_guest_options_parse(int argc, char **argv, bool simulated,
    struct vs_guest_options *out, struct vs_err *err)
{
	int c;

	memset(out, 0, sizeof(*out));
	vs_arena_init(&out->names, NAMES_ROOM);
	out->url = "http://127.0.0.1:8443";
	out->fd = -1;
	out->privlevel = -1;
	out->curve = VS_CURVE_P256;
	out->wait_s = 30;
	optind = 0; /* starts anew, also after an earlier parse */
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		if (c == '?' || c == ':')
			return vs_fail(err, VS_USAGE, "%s %.40s",
			    c == ':' ? "missing value of" : "unknown option",
			    argv[optind - 1]);
		VS_TRY(err, "options", option(c, out, err));
	}
	if (out->help)
		return VS_OK;
	for (int i = optind; i < argc; i++)
		VS_TRY(err, "options", add_key(argv[i], out, err));
	out->gpus.simulate = out->simulate;
	return check(out, simulated, err);
}
