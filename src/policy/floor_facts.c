/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which claims tell that a guest is not under debug, how old its TCB is, and
 * what it runs, for each kind of evidence. A kind of evidence that is missing
 * here, or a claim, makes policies that admit it fail to load: add the row.
 *
 * Not in the table on purpose: versions that running firmware reports of
 * itself (the key that signs stands for snp.tcb.reported alone), ids that
 * whoever builds an ID block chooses (image_id, family_id), and what the host
 * chooses (host_data).
 */
#include <string.h>

#include "policy/floor.h"

/*
 * What tells the image may need more than one thing: PCRs and RTMRs are worth
 * what the firmware that keeps them is worth, and that firmware alone says
 * nothing of the system it boots. Each of these is a world of its own.
 */
struct vs_fl_image {
	const char *what;     /* is let in otherwise; NULL: any image */
	const char *claim[6]; /* one of them has to be pinned */
};

enum { IMAGES_MAX = 2 };

struct vs_fl_evidence {
	const char *kind;     /* value of tee.kind */
	int tee;              /* admitted by this one of `tee` */
	const char *records;  /* claims it has beside tee.* and key.* */
	const char *debug[3]; /* true under debug */
	const char *tcb[8];   /* 0 in the oldest, or no text that is pinned */
	struct vs_fl_image image[IMAGES_MAX];
};

/* On SNP hardware. */
#define SNP_DEBUG                                                              \
	{                                                                      \
		"tee.debug", "snp.policy.debug"                                \
	}
#define SNP_TCB                                                                \
	{                                                                      \
		"snp.tcb.reported.raw", "snp.tcb.reported.fmc",                \
		    "snp.tcb.reported.boot_loader", "snp.tcb.reported.tee",    \
		    "snp.tcb.reported.snp", "snp.tcb.reported.microcode"       \
	}
#define SNP_IMAGE                                                              \
	{                                                                      \
		{                                                              \
			NULL,                                                  \
			{                                                      \
				"snp.measurement", "snp.id_key_digest",        \
				    "snp.author_key_digest"                    \
			}                                                      \
		}                                                              \
	}
/* On TDX hardware. MRTD is the firmware, RTMR1 and 2 are what it booted. */
#define TDX_DEBUG                                                              \
	{                                                                      \
		"tee.debug", "tdx.attributes.debug"                            \
	}
#define TDX_TCB                                                                \
	{                                                                      \
		"tcb_status", "advisories", "tdx.tee_tcb_svn"                  \
	}
#define TDX_IMAGE                                                              \
	{                                                                      \
		{NULL, {"tdx.rtmr1", "tdx.rtmr2"}},                            \
		    {"a guest under any firmware", {"tdx.mrtd"}},              \
	}
/* In the paravisor of the cloud: whoever brings another brings its PCRs. */
#define PCRS                                                                   \
	{                                                                      \
		NULL,                                                          \
		{                                                              \
			"azure.pcr_digest"                                     \
		}                                                              \
	}
#define PARAVISOR(claim)                                                       \
	{                                                                      \
		"a guest under any paravisor",                                 \
		{                                                              \
			claim                                                  \
		}                                                              \
	}

static const struct vs_fl_evidence kinds[] = {
    {"snp", VS_TEE_SNP, " snp ", SNP_DEBUG, SNP_TCB, SNP_IMAGE},
    {"az-snp", VS_TEE_AZURE, " snp azure ", SNP_DEBUG, SNP_TCB,
	{PCRS, PARAVISOR("snp.measurement")}},
    {"gcp-snp", VS_TEE_GCP, " snp gcp ", SNP_DEBUG, SNP_TCB, SNP_IMAGE},
    {"tdx", VS_TEE_TDX, " tdx ", TDX_DEBUG, TDX_TCB, TDX_IMAGE},
    {"az-tdx", VS_TEE_AZURE, " tdx azure ", TDX_DEBUG, TDX_TCB,
	{PCRS, PARAVISOR("tdx.mrtd")}},
    {"gcp-tdx", VS_TEE_GCP, " tdx gcp ", TDX_DEBUG, TDX_TCB, TDX_IMAGE},
    {"sgx", VS_TEE_SGX, " sgx ", {"tee.debug", "sgx.attributes.debug"},
	{"tcb_status", "advisories", "sgx.cpusvn"},
	{{NULL, {"sgx.mrenclave", "sgx.mrsigner"}}}},
    {"nitro", VS_TEE_NITRO, " nitro ", {"tee.debug"}, {NULL}, {{NULL, {NULL}}}},
    {"cca", VS_TEE_CCA, " cca ", {"tee.debug"}, {NULL}, {{NULL, {NULL}}}},
    {"vtpm", VS_TEE_VTPM, " vtpm ", {"tee.debug"}, {NULL}, {{NULL, {NULL}}}},
};

const struct vs_fl_evidence *
vs_fl_evidence(size_t i)
{
	return i < VS_COUNT(kinds) ? &kinds[i] : NULL;
}

const char *
vs_fl_evidence_kind(const struct vs_fl_evidence *e)
{
	return e->kind;
}

bool
vs_fl_is_of(const struct vs_fl_evidence *e, int tee)
{
	return e->tee == tee;
}

bool
vs_fl_admits(const struct vs_policy *p, const struct vs_fl_evidence *e)
{
	return p->tee[e->tee];
}

/* " snp azure " has "snp". */
static bool
has_word(const char *words, struct vs_span word)
{
	const char *at = words;

	while ((at = strchr(at, ' ')) != NULL && at[1] != '\0') {
		at++;
		if (strncmp(at, (const char *)word.p, word.n) == 0 &&
		    at[word.n] == ' ')
			return true;
	}
	return false;
}

static struct vs_span
first_word(const char *words)
{
	return VS_SPAN(words + 1, strcspn(words + 1, " "));
}

bool
vs_fl_exists(const struct vs_fl_evidence *e)
{
	return vs_cel_is_record(first_word(e->records));
}

static struct vs_fl_claim *
find(struct vs_floor *f, const char *path, vs_claim_id *id)
{
	*id = path != NULL ? vs_claim_find(vs_span_cstr(path)) : VS_CLAIM_COUNT;
	return *id != VS_CLAIM_COUNT ? &f->claim[*id] : NULL;
}

static void
set_cells(struct vs_fl_claim *c, struct vs_fl_cell cell)
{
	c->forced = true;
	c->n = 0;
	c->cell[c->n++] = cell;
	if (c->absent)
		c->cell[c->n++] = (struct vs_fl_cell){.may = FL_ERROR};
}

static void
force_true(struct vs_floor *f, const char *path)
{
	vs_claim_id id;
	struct vs_fl_claim *c = find(f, path, &id);

	if (c != NULL && vs_claim_def(id)->type == VS_CLAIM_BOOL)
		set_cells(c, (struct vs_fl_cell){.may = FL_TRUE});
}

/* Intel's words for a platform that lacks security updates. */
static const char *const old_statuses[] = {
    "OutOfDate", "OutOfDateConfigurationNeeded", "Revoked"};

static void
add_old_statuses(struct vs_fl_claim *c)
{
	for (size_t i = 0; i < VS_COUNT(old_statuses); i++)
		c->cell[c->n++] = (struct vs_fl_cell){
		    .alt = {.kind = FL_CONST,
			.u.val = vs_val_str(vs_span_cstr(old_statuses[i]))}};
}

/* A number, or a time, is the least; a text is none that is written down; a
 * list holds one that is not. */
static bool
force_unknown(struct vs_floor *f, const char *path)
{
	struct vs_fl_cell cell = {.alt = {.kind = FL_RANGE}};
	vs_claim_id id;
	struct vs_fl_claim *c = find(f, path, &id);
	vs_claim_type type;

	if (c == NULL)
		return false;
	type = vs_claim_def(id)->type;
	if (type == VS_CLAIM_BOOL)
		return false;
	if (type == VS_CLAIM_STRING || type == VS_CLAIM_STRINGS)
		cell.alt = (struct vs_fl_alt){
		    .kind = type == VS_CLAIM_STRING ? FL_FRESH : FL_HOLDS_FRESH,
		    .claim = (uint32_t)id};
	set_cells(c, cell);
	if (strcmp(path, "tcb_status") == 0 && type == VS_CLAIM_STRING)
		add_old_statuses(c);
	return true;
}

static void
force_kind(struct vs_floor *f, const struct vs_fl_evidence *e)
{
	struct vs_fl_claim *c = &f->claim[VS_CLAIM_TEE_KIND];

	set_cells(c,
	    (struct vs_fl_cell){
		.alt = {.kind = FL_CONST,
		    .u.val = vs_val_str(vs_span_cstr(e->kind))}});
	c->n = 1;
	c->forced = false;
}

/* A machine is of one of these. */
static bool
is_hardware(struct vs_span record)
{
	return vs_span_is(record, "snp") || vs_span_is(record, "tdx") ||
	    vs_span_is(record, "sgx");
}

/* Claims of other hardware than the evidence is of are absent. */
static void
force_absent(struct vs_floor *f, const struct vs_fl_evidence *e)
{
	for (size_t id = 0; id < VS_CLAIM_COUNT; id++) {
		const char *path = vs_claim_def((vs_claim_id)id)->path;
		struct vs_span record = VS_SPAN(path, strcspn(path, "."));
		struct vs_fl_claim *c = &f->claim[id];

		if (!is_hardware(record) || has_word(e->records, record) ||
		    !c->absent)
			continue;
		c->n = 1;
		c->cell[0] = (struct vs_fl_cell){.may = FL_ERROR};
	}
}

size_t
vs_fl_worlds(const struct vs_fl_evidence *e, vs_floor_check check)
{
	return check == VS_FLOOR_IDENTITY && e->image[1].claim[0] != NULL ? 2
									  : 1;
}

const char *
vs_fl_what(const struct vs_fl_evidence *e, vs_floor_check check, size_t world)
{
	static const char *const what[] = {
#define X(sym, name, text) [sym] = (text),
	    VS_FLOOR_TABLE(X)
#undef X
	};

	if (check == VS_FLOOR_IDENTITY && e->image[world].what != NULL)
		return e->image[world].what;
	return what[check];
}

static bool
force_all(struct vs_floor *f, const char *const *paths, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		any = force_unknown(f, paths[i]) || any;
	return any;
}

bool
vs_fl_force(struct vs_floor *f, const struct vs_fl_evidence *e,
    vs_floor_check check, size_t world)
{
	for (size_t id = 0; id < VS_CLAIM_COUNT; id++)
		f->claim[id].absent =
		    (vs_claim_def((vs_claim_id)id)->flags & VS_CLAIM_OPT) != 0;
	force_kind(f, e);
	force_absent(f, e);
	switch (check) {
	case VS_FLOOR_DEBUG:
		for (size_t i = 0; i < VS_COUNT(e->debug); i++)
			force_true(f, e->debug[i]);
		return true;
	case VS_FLOOR_TCB:
		return force_all(f, e->tcb, VS_COUNT(e->tcb));
	case VS_FLOOR_IDENTITY:
		return force_all(
		    f, e->image[world].claim, VS_COUNT(e->image[world].claim));
	case VS_FLOOR_GPU_COUNT:
		f->gpus = FL_GPUS_NONE;
		return true;
	case VS_FLOOR_GPU_CC:
		f->gpus = FL_GPUS_BAD;
		return true;
	case VS_FLOOR_COUNT:
	default:
		return false;
	}
}
