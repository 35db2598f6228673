/* SPDX-License-Identifier: Apache-2.0 */
/* What policy reads about verified GPUs. */
#include <stdio.h>
#include <string.h>

#include "evidence/nvgpu/nvgpu.h"

vs_nv_match
vs_nv_device_match(const struct vs_nv_device *d)
{
	if (d->driver.match == VS_NV_MISMATCH ||
	    d->vbios.match == VS_NV_MISMATCH)
		return VS_NV_MISMATCH;
	if (d->vbios.match == VS_NV_MATCH &&
	    (vs_nv_arch_is_switch(d->arch) || d->driver.match == VS_NV_MATCH))
		return VS_NV_MATCH;
	return VS_NV_ABSENT;
}

/* Long division by ten, octet by octet. */
void
vs_nv_ueid(const struct vs_nv_device *d, char out[VS_NV_UEID_MAX + 1])
{
	struct vs_span serial = vs_nv_chain_leaf(d->chain)->serial;
	uint8_t n[VS_NV_SERIAL_MAX];
	char digits[VS_NV_UEID_MAX];
	size_t count = 0;

	out[0] = '\0';
	if (serial.n == 0 || serial.n > sizeof(n))
		return;
	memcpy(n, serial.p, serial.n);
	do {
		unsigned rest = 0;

		for (size_t i = 0; i < serial.n; i++) {
			rest = rest << 8 | n[i];
			n[i] = (uint8_t)(rest / 10);
			rest %= 10;
		}
		digits[count++] = (char)('0' + rest);
	} while (!vs_span_zero(VS_SPAN(n, serial.n)) && count < sizeof(digits));
	for (size_t i = 0; i < count; i++)
		out[i] = digits[count - 1 - i];
	out[count] = '\0';
}

/* What the switches of a request add to the claims of its GPUs. */
struct board {
	bool switches, simulated;
	vs_nv_match match; /* the worst of them */
	bool good;         /* by fresh answers about each */
	int64_t age;       /* of the oldest of those */
	/* Of their documents: that there are any, what is known of a signer. */
	bool documents, expired, signers_good;
};

/* One GPU on its way into the claims. */
struct writer {
	struct vs_claims *c;
	size_t gpu;
	const struct vs_nv_device *d;
	const struct board *board;
	int64_t now;
};

static vs_status
str(const struct writer *w, vs_gpu_claim_id id, const char *s)
{
	return s[0] == '\0'
	    ? VS_OK
	    : vs_claims_gpu_str(w->c, w->gpu, id, vs_span_cstr(s));
}

static vs_status
put_identity(const struct writer *w, struct vs_err *err)
{
	const struct vs_cert_facts *leaf = vs_nv_chain_leaf(w->d->chain);
	const struct vs_cert_facts *brom = vs_nv_chain_brom(w->d->chain);
	struct vs_nv_pdi pdi;

	VS_TRY(err, "arch", str(w, VS_GPU_ARCH, vs_nv_arch_name(w->d->arch)));
	VS_TRY(err, "model", str(w, VS_GPU_MODEL, brom->cn));
	VS_TRY(err, "id",
	    vs_claims_gpu_hex(w->c, w->gpu, VS_GPU_ID, brom->serial));
	VS_TRY(err, "leaf_spki",
	    vs_claims_gpu_hex(
		w->c, w->gpu, VS_GPU_LEAF_SPKI, VS_SPAN_OF(leaf->spki_sha256)));
	if (vs_nv_chain_pdi(w->d->chain, &pdi))
		VS_TRY(err, "pdi",
		    vs_claims_gpu_hex(
			w->c, w->gpu, VS_GPU_PDI, VS_SPAN_OF(pdi.v)));
	VS_TRY(err, "fwid",
	    vs_claims_gpu_hex(w->c, w->gpu, VS_GPU_FWID, w->d->fwid));
	vs_claims_gpu_bool(
	    w->c, w->gpu, VS_GPU_FWID_REPORTED, w->d->fwid_reported);
	return VS_OK;
}

static vs_status
put_report(const struct writer *w, struct vs_err *err)
{
	const struct vs_nv_opaque *o = &w->d->opaque;
	char board[3 * VS_NV_TEXT_MAX + 3] = "";

	if (w->d->vbios_id[0] != '\0')
		(void)snprintf(board, sizeof(board), "%s_%s_%s", o->project,
		    o->project_sku, o->chip_sku);
	VS_TRY(err, "driver", str(w, VS_GPU_DRIVER_VERSION, o->driver));
	VS_TRY(err, "VBIOS", str(w, VS_GPU_VBIOS_VERSION, o->vbios));
	VS_TRY(err, "board", str(w, VS_GPU_BOARD, board));
	VS_TRY(err, "mode", str(w, VS_GPU_CC_MODE, vs_nv_mode_name(o->mode)));
	if (o->nvdec != VS_NV_NVDEC_ABSENT)
		vs_claims_gpu_bool(
		    w->c, w->gpu, VS_GPU_NVDEC0, o->nvdec == VS_NV_NVDEC_ON);
	return VS_OK;
}

enum { MISMATCH_TEXT_MAX = 12 };

static size_t
list(const struct vs_nv_outcome *o, const char *what,
    char text[][MISMATCH_TEXT_MAX], struct vs_span *out, size_t n)
{
	for (size_t i = 0; i < o->differ_n && n < VS_CLAIM_ITEMS_MAX; i++) {
		(void)snprintf(
		    text[n], MISMATCH_TEXT_MAX, "%s:%u", what, o->differ[i]);
		out[n] = vs_span_cstr(text[n]);
		n++;
	}
	return n;
}

static vs_status
put_mismatches(const struct writer *w, struct vs_err *err)
{
	char text[VS_CLAIM_ITEMS_MAX][MISMATCH_TEXT_MAX];
	struct vs_span all[VS_CLAIM_ITEMS_MAX];
	size_t n = list(&w->d->driver, "driver", text, all, 0);

	n = list(&w->d->vbios, "vbios", text, all, n);
	VS_TRY(err, "mismatches",
	    vs_claims_gpu_strs(w->c, w->gpu, VS_GPU_MISMATCHES, all, n));
	return VS_OK;
}

static vs_status
put_rim(const struct writer *w, vs_gpu_claim_id id,
    const struct vs_nv_outcome *o, struct vs_err *err)
{
	if (o->match == VS_NV_MATCH)
		VS_TRY(err, "RIM",
		    vs_claims_gpu_hex(
			w->c, w->gpu, id, VS_SPAN_OF(o->rim->sha256)));
	return VS_OK;
}

static bool
is_simulated(const struct vs_nv_device *d)
{
	return d->chain->simulated ||
	    (d->driver.rim != NULL && d->driver.rim->simulated) ||
	    (d->vbios.rim != NULL && d->vbios.rim->simulated);
}

static vs_status
put_revocation(const struct writer *w, struct vs_err *err)
{
	const struct vs_nv_rim *rims[] = {w->d->driver.rim, w->d->vbios.rim};
	bool good = w->board->signers_good, any = w->board->documents;
	int64_t age = 0;

	if (vs_nv_standing_good(&w->d->chain->standing, w->now, &age) &&
	    w->board->good) {
		if (w->board->age > age)
			age = w->board->age;
		VS_TRY(err, "device", str(w, VS_GPU_REVOCATION, "good"));
		vs_claims_gpu_int(w->c, w->gpu, VS_GPU_REVOCATION_AGE, age);
	} else {
		VS_TRY(err, "device", str(w, VS_GPU_REVOCATION, "absent"));
	}
	for (size_t i = 0; i < VS_COUNT(rims); i++)
		if (rims[i] != NULL) {
			any = true;
			good = good &&
			    vs_nv_standing_good(
				&rims[i]->standing, w->now, &age);
		}
	return any ? str(w, VS_GPU_RIM_REVOCATION, good ? "good" : "absent")
		   : VS_OK;
}

static vs_status
put_verdict(const struct writer *w, struct vs_err *err)
{
	static const char *const texts[] = {"absent", "mismatch", "match"};
	const struct vs_nv_device *d = w->d;

	vs_claims_gpu_bool(w->c, w->gpu, VS_GPU_BOUND, d->bound);
	vs_claims_gpu_bool(w->c, w->gpu, VS_GPU_SIMULATED,
	    is_simulated(d) || w->board->simulated);
	VS_TRY(err, "measurements",
	    str(w, VS_GPU_MEASUREMENTS, texts[vs_nv_device_match(d)]));
	VS_TRY(err, "mismatches", put_mismatches(w, err));
	VS_TRY(err, "driver", put_rim(w, VS_GPU_DRIVER_RIM, &d->driver, err));
	VS_TRY(err, "VBIOS", put_rim(w, VS_GPU_VBIOS_RIM, &d->vbios, err));
	if (d->driver.rim != NULL || d->vbios.rim != NULL ||
	    w->board->documents)
		vs_claims_gpu_bool(w->c, w->gpu, VS_GPU_RIM_EXPIRED,
		    d->driver.expired || d->vbios.expired || w->board->expired);
	VS_TRY(err, "revocation", put_revocation(w, err));
	if (w->board->switches)
		VS_TRY(err, "switches",
		    str(w, VS_GPU_SWITCHES, texts[w->board->match]));
	if (d->has_topology)
		vs_claims_gpu_bool(w->c, w->gpu, VS_GPU_TOPOLOGY, d->topology);
	return VS_OK;
}

static vs_status
put_gpu(const struct vs_nv_device *d, const struct board *board, int64_t now,
    struct vs_claims *c, struct vs_err *err)
{
	struct writer w = {.c = c, .d = d, .board = board, .now = now};

	VS_TRY(err, "gpu", vs_claims_gpu_add(c, &w.gpu));
	VS_TRY(err, "gpu", put_identity(&w, err));
	VS_TRY(err, "gpu", put_report(&w, err));
	return put_verdict(&w, err);
}

static int
rank(vs_nv_match m)
{
	return m == VS_NV_MISMATCH ? 0 : m == VS_NV_ABSENT ? 1 : 2;
}

/* A switch has the one of its BIOS. */
static void
read_document(const struct vs_nv_outcome *o, int64_t now, struct board *b)
{
	int64_t age;

	if (o->rim == NULL)
		return;
	b->documents = true;
	b->expired = b->expired || o->expired;
	if (!vs_nv_standing_good(&o->rim->standing, now, &age))
		b->signers_good = false;
}

static struct board
read_board(const struct vs_nv_device *v, size_t n, int64_t now)
{
	struct board b = {
	    .match = VS_NV_MATCH, .good = true, .signers_good = true};
	int64_t age;

	for (size_t i = 0; i < n; i++) {
		vs_nv_match m = vs_nv_device_match(&v[i]);

		if (!vs_nv_arch_is_switch(v[i].arch))
			continue;
		b.switches = true;
		b.simulated = b.simulated || is_simulated(&v[i]);
		if (rank(m) < rank(b.match))
			b.match = m;
		read_document(&v[i].vbios, now, &b);
		if (!vs_nv_standing_good(&v[i].chain->standing, now, &age))
			b.good = false;
		else if (age > b.age)
			b.age = age;
	}
	return b;
}

/* Switches are no GPUs: what they prove is said of the GPUs beside them. */
vs_status
vs_nvgpu_claims(const struct vs_nv_device *v, size_t n, int64_t now,
    struct vs_claims *out, struct vs_err *err)
{
	size_t gpus_before = out->gpus_n;
	struct board board = read_board(v, n, now);

	for (size_t i = 0; i < n; i++) {
		vs_status st = VS_OK;

		if (!vs_nv_arch_is_switch(v[i].arch))
			st = put_gpu(&v[i], &board, now, out, err);
		if (st != VS_OK) {
			out->gpus_n = gpus_before;
			return vs_ctx(err, "claims", st);
		}
	}
	return VS_OK;
}
