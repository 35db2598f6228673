/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated board as a directory. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/encoding.h"
#include "simulate/files.h"
#include "simulate/gpu_board.h"

enum { PATH_LEN_MAX = 4096, NAME_MAX_LEN = 40, DEVICES_MAX = 32 };

/* Devices in the order of gpu.json, the one of another machine last. */
static size_t
devices(struct vs_sim_board *b, struct vs_sim_device *out[DEVICES_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < b->opt.gpus; i++)
		out[n++] = &b->gpu[i];
	for (size_t i = 0; i < b->opt.switches; i++)
		out[n++] = &b->nvswitch[i];
	out[n++] = &b->other;
	return n;
}

/* "gpu-3", "switch-0", "other". */
static void
device_file(const struct vs_sim_board *b, size_t i, const char *suffix,
    char out[NAME_MAX_LEN])
{
	size_t gpus = b->opt.gpus;

	if (i < gpus)
		(void)snprintf(out, NAME_MAX_LEN, "gpu-%zu%s", i, suffix);
	else if (i < gpus + b->opt.switches)
		(void)snprintf(
		    out, NAME_MAX_LEN, "switch-%zu%s", i - gpus, suffix);
	else
		(void)snprintf(out, NAME_MAX_LEN, "other%s", suffix);
}

static vs_status
save_devices(const struct vs_sim_board *b, const char *dir,
    struct vs_json **list, struct vs_err *err)
{
	struct vs_sim_board copy = *b; /* shallow: nothing of it is changed */
	struct vs_sim_device *d[DEVICES_MAX];
	size_t n = devices(&copy, d);

	for (size_t i = 0; i < n; i++) {
		char name[NAME_MAX_LEN], pdi[2 * VS_SIM_PDI + 1];

		device_file(b, i, ".pem", name);
		VS_TRY(err, name,
		    vs_sim_file_save(
			dir, name, vs_buf_span(&d[i]->chain), 0644, err));
		device_file(b, i, ".key", name);
		VS_TRY(err, name, vs_sim_key_save(dir, name, d[i]->key, err));
		vs_hex(VS_SPAN_OF(d[i]->pdi), pdi);
		vs_json_append(list, vs_json_cstr(pdi));
	}
	return VS_OK;
}

static vs_status
save_facts(const struct vs_sim_board *b, const char *dir, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = vs_json_object();
	struct vs_json *list = vs_json_array();
	vs_status st = save_devices(b, dir, &list, err);

	vs_json_set(&root, "pdi", list);
	vs_json_set(&root, "family",
	    vs_json_cstr(b->opt.blackwell ? "blackwell" : "hopper"));
	vs_json_set(&root, "gpus", vs_json_int(b->opt.gpus));
	vs_json_set(&root, "switches", vs_json_int(b->opt.switches));
	vs_json_set(&root, "created", vs_json_int(b->opt.now));
	return st == VS_OK ? vs_sim_json_save(dir, "gpu.json", root, err) : st;
}

static vs_status
save_authorities(
    const struct vs_sim_board *b, const char *dir, struct vs_err *err)
{
	for (unsigned i = 0; i < VS_SIM_NV_AUTHORITIES; i++) {
		char name[NAME_MAX_LEN];

		(void)snprintf(
		    name, sizeof(name), "%s.pem", vs_sim_authority_file(i));
		VS_TRY(
		    err, name, vs_sim_cert_save(dir, name, &b->ca[i].der, err));
		(void)snprintf(
		    name, sizeof(name), "%s.key", vs_sim_authority_file(i));
		VS_TRY(
		    err, name, vs_sim_key_save(dir, name, b->ca[i].key, err));
	}
	return VS_OK;
}

static vs_status
save_rim(
    const struct vs_sim_board *b, size_t i, const char *dir, struct vs_err *err)
{
	struct vs_buf name = {0}, xml = {0};
	vs_status st = vs_sim_rim(b, i, &name, &xml, err);

	if (st == VS_OK)
		st = vs_sim_file_save(
		    dir, vs_buf_cstr(&name), vs_buf_span(&xml), 0644, err);
	vs_buf_fini(&name);
	vs_buf_fini(&xml);
	return st;
}

vs_status
vs_sim_board_save(
    const struct vs_sim_board *b, const char *dir, struct vs_err *err)
{
	char rims[PATH_LEN_MAX];
	int n = snprintf(rims, sizeof(rims), "%s/rims", dir);

	if (n < 0 || (size_t)n >= sizeof(rims))
		return vs_fail(err, VS_USAGE, "%s: path too long", dir);
	VS_TRY(err, "simulate", vs_sim_mkdir(dir, err));
	VS_TRY(err, "simulate", vs_sim_mkdir(rims, err));
	VS_TRY(err, "simulate", save_authorities(b, dir, err));
	for (size_t i = 0; i < vs_sim_rims(b); i++)
		VS_TRY(err, "simulate", save_rim(b, i, rims, err));
	/* Last: with gpu.json the directory counts as a board. */
	return save_facts(b, dir, err);
}

bool
vs_sim_board_is(const char *dir)
{
	char path[PATH_LEN_MAX];
	int n = snprintf(path, sizeof(path), "%s/gpu.json", dir);

	return n > 0 && (size_t)n < sizeof(path) && access(path, F_OK) == 0;
}

static vs_status
need_count(const struct vs_json *root, const char *name, unsigned max,
    unsigned *out, struct vs_err *err)
{
	const struct vs_json *v;
	int64_t n;

	VS_TRY(err, name, vs_json_need(root, "", name, VS_JSON_INT, &v, err));
	if (!vs_json_is_int(v, &n) || n < 0 || n > max)
		return vs_fail(err, VS_RANGE, "%s is not 0 to %u", name, max);
	*out = (unsigned)n;
	return VS_OK;
}

static vs_status
read_facts(const struct vs_json *root, struct vs_sim_board *b,
    const struct vs_json **pdi, struct vs_err *err)
{
	struct vs_span family;

	VS_TRY(
	    err, "family", vs_json_need_str(root, "", "family", &family, err));
	b->opt.blackwell = vs_span_is(family, "blackwell");
	VS_TRY(err, "gpus",
	    need_count(root, "gpus", VS_SIM_GPUS_MAX, &b->opt.gpus, err));
	VS_TRY(err, "switches",
	    need_count(
		root, "switches", VS_SIM_SWITCHES_MAX, &b->opt.switches, err));
	VS_TRY(
	    err, "pdi", vs_json_need(root, "", "pdi", VS_JSON_ARRAY, pdi, err));
	if (b->opt.gpus == 0 ||
	    vs_json_size(*pdi) != b->opt.gpus + b->opt.switches + 1)
		return vs_fail(err, VS_RANGE, "number of devices");
	return VS_OK;
}

static vs_status
load_device(const struct vs_sim_board *b, const char *dir, size_t i,
    const struct vs_json *pdi, struct vs_sim_device *d, struct vs_err *err)
{
	char name[NAME_MAX_LEN];
	struct vs_span text;

	d->chip = vs_sim_board_chip(b);
	if (i >= b->opt.gpus && d != &b->other)
		d->chip = VS_SIM_LS10;
	if (!vs_json_is_string(pdi, &text))
		return vs_fail(err, VS_MALFORMED, "pdi");
	VS_TRY(err, "pdi", vs_unhex(text, d->pdi, sizeof(d->pdi)));
	device_file(b, i, ".pem", name);
	VS_TRY(err, name, vs_sim_file_load(dir, name, &d->chain, err));
	device_file(b, i, ".key", name);
	return vs_sim_key_load(dir, name, &d->key, err);
}

static vs_status
load_all(const char *dir, struct vs_sim_board *b, struct vs_err *err)
{
	VS_AUTO(vs_json) *root = NULL;
	const struct vs_json *pdi = NULL;
	struct vs_sim_device *d[DEVICES_MAX];
	size_t n;

	VS_TRY(err, dir, vs_sim_json_load(dir, "gpu.json", &root, err));
	VS_TRY(err, "gpu.json", read_facts(root, b, &pdi, err));
	n = devices(b, d);
	for (size_t i = 0; i < n; i++)
		VS_TRY(err, dir,
		    load_device(b, dir, i, vs_json_at(pdi, i), d[i], err));
	return VS_OK;
}

vs_status
vs_sim_board_load(
    const char *dir, struct vs_sim_board **out, struct vs_err *err)
{
	VS_AUTO(vs_sim_board) *b = vs_calloc(1, sizeof(*b));

	if (b == NULL)
		return vs_fail(err, VS_NO_MEMORY, "simulated GPUs");
	VS_TRY(err, "simulated GPUs", load_all(dir, b, err));
	*out = VS_TAKE(b);
	return VS_OK;
}
