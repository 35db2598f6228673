/* SPDX-License-Identifier: Apache-2.0 */
/* TCB levels: every row of Intel's rules, and every level Intel published
 * that we have. */
#include "check.h"

#include <dirent.h>

#include "base/file.h"
#include "codec/json_raw.h"
#include "collateral/intel_parse.h"
#include "evidence/dcap/tcb.h"
#include "intel_text.h"

static struct vs_err err;

/* ---- the tables -------------------------------------------------------- */

#define UTD VS_TCB_UP_TO_DATE
#define SWH VS_TCB_SW_HARDENING_NEEDED
#define CFG VS_TCB_CONFIGURATION_NEEDED
#define CSW VS_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED
#define RLA VS_TCB_TD_RELAUNCH_ADVISED
#define RLC VS_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED
#define OOD VS_TCB_OUT_OF_DATE
#define OOC VS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED
#define REV VS_TCB_REVOKED

static void
test_convergence(void)
{
	static const vs_tcb_status rows[][3] = {
	    /* platform, component, result */
	    {UTD, OOD, OOD}, {SWH, OOD, OOD}, {CFG, OOD, OOC}, {CSW, OOD, OOC},
	    {OOD, OOD, OOD}, {OOC, OOD, OOC}, {REV, OOD, REV},
	    /* No level says these: never acceptable. */
	    {VS_TCB_NONE, OOD, REV}, {RLA, OOD, REV}, {RLC, OOD, REV},
	    {VS_TCB_STATUS_COUNT, OOD, REV}, {UTD, SWH, REV}, {UTD, RLA, REV}};

	for (size_t i = 0; i < VS_COUNT(rows); i++)
		CHECK_INT(vs_dcap_converge(rows[i][0], rows[i][1]), rows[i][2]);
	for (int p = UTD; p <= REV; p++) {
		CHECK_INT(vs_dcap_converge((vs_tcb_status)p, UTD), p);
		CHECK_INT(vs_dcap_converge((vs_tcb_status)p, VS_TCB_NONE), p);
		CHECK_INT(vs_dcap_converge((vs_tcb_status)p, REV), REV);
	}
}

static int
want_relaunch(int launch, int current)
{
	if (launch != OOD && launch != OOC)
		return launch;
	if (current == UTD || current == SWH)
		return launch == OOD ? RLA : RLC;
	return current == CFG || current == CSW ? RLC : launch;
}

static void
test_relaunch_table(void)
{
	for (int l = VS_TCB_NONE; l <= VS_TCB_STATUS_COUNT; l++)
		for (int c = VS_TCB_NONE; c <= VS_TCB_STATUS_COUNT; c++)
			CHECK_INT(vs_dcap_relaunch(
				      (vs_tcb_status)l, (vs_tcb_status)c),
			    want_relaunch(l, c));
}

/* ---- a platform that is up to date ------------------------------------- */

struct world {
	struct vs_arena a;
	struct vs_intel_tcb_info info;
	struct vs_intel_identity qe;
	struct vs_dcap_tcb_in in;
	struct vs_dcap_tcb out;
};

static void
begin(struct world *w, const char *info, const char *qe)
{
	memset(w, 0, sizeof(*w));
	vs_arena_init(&w->a, VS_INTEL_ARENA_MAX);
	CHECK_OK(
	    vs_intel_parse_tcb_info(vs_span_cstr(info), &w->a, &w->info, &err),
	    err);
	CHECK_OK(vs_intel_parse_identity(vs_span_cstr(qe), &w->a, &w->qe, &err),
	    err);
	w->in.info = &w->info;
	w->in.qe = &w->qe;
	memcpy(w->in.pck_svn, w->info.levels[0].sgx, VS_INTEL_COMPONENTS);
	w->in.pcesvn = w->info.levels[0].pcesvn;
	w->in.qe_isvsvn = 4;
	memcpy(w->in.tee_tcb_svn, w->info.levels[0].tdx, VS_INTEL_COMPONENTS);
}

/* As begin, with a module of version 1: SVN 4, and 5 as its late microcode. */
static void
begin_tdx(struct world *w)
{
	begin(w, intel_tdx_text, intel_tdqe_text);
	w->in.tee_tcb_svn[0] = 4;
	w->in.tee_tcb_svn[1] = 1;
}

static void
end(struct world *w)
{
	vs_arena_fini(&w->a);
}

static void
gives(struct world *w, vs_tcb_status status)
{
	memset(&w->out, 0x5a, sizeof(w->out));
	vs_err_clear(&err);
	if (CHECK_OK(vs_dcap_tcb_evaluate(&w->in, &w->out, &err), err))
		CHECK_STR(vs_tcb_status_name(w->out.status),
		    vs_tcb_status_name(status));
}

static void
fails(struct world *w, const char *code)
{
	struct vs_dcap_tcb before;

	memset(&w->out, 0x5a, sizeof(w->out));
	before = w->out;
	vs_err_clear(&err);
	CHECK_INT(vs_dcap_tcb_evaluate(&w->in, &w->out, &err), VS_UNTRUSTED);
	CHECK_STR(err.code == NULL ? "" : err.code, code);
	CHECK(memcmp(&before, &w->out, sizeof(before)) == 0);
}

static void
advisories(const struct world *w, const char *want)
{
	char text[1024] = "";
	size_t n = 0;

	for (size_t i = 0; i < w->out.advisories_n; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s ",
		    VS_SPAN_ARG(w->out.advisories[i]));
	CHECK_STR(text, want);
}

static void
test_up_to_date(void)
{
	struct world w;

	begin_tdx(&w);
	gives(&w, UTD);
	CHECK_INT(w.out.platform, UTD);
	CHECK_INT(w.out.module, UTD);
	CHECK_INT(w.out.qe, UTD);
	CHECK_INT(w.out.module_version, 1);
	CHECK_INT(w.out.info_number, 17);
	CHECK_INT(w.out.qe_number, 17);
	/* The module's tcbDate is the earliest. */
	CHECK_INT(w.out.date, 1735689600);
	advisories(&w, "");
	end(&w);
	begin(&w, intel_sgx_text, intel_qe_text);
	gives(&w, SWH);
	CHECK_INT(w.out.module, VS_TCB_NONE);
	CHECK_INT(w.out.date, 1738368000);
	advisories(&w, "INTEL-SA-00001 ");
	end(&w);
	begin(&w, intel_v2_text, intel_qe_text);
	gives(&w, UTD);
	end(&w);
}

static void
test_every_component(void)
{
	struct world w;

	begin_tdx(&w);
	for (size_t i = 0; i < VS_INTEL_COMPONENTS; i++) {
		uint8_t was = w.in.pck_svn[i];

		if (was == 0)
			continue;
		w.in.pck_svn[i] = (uint8_t)(was + 1);
		gives(&w, UTD);
		w.in.pck_svn[i] = (uint8_t)(was - 1);
		if (i < 2)
			gives(&w, OOC); /* 4 reaches the level with 3 */
		else
			fails(&w, "tcb_level_not_found");
		w.in.pck_svn[i] = was;
	}
	w.in.pcesvn = 10;
	gives(&w, OOC);
	CHECK_INT(w.out.platform, OOC);
	advisories(&w, "INTEL-SA-00001 INTEL-SA-00002 ");
	CHECK_INT(w.out.date, 1675209600);
	w.in.pcesvn = 9;
	fails(&w, "tcb_level_not_found");
	end(&w);
}

/* Bytes 0 and 1 of TEE_TCB_SVN count for the level only when the module has
 * no identity of its own. */
static void
test_tdx_components(void)
{
	struct world w;

	begin_tdx(&w);
	w.in.tee_tcb_svn[0] = 255;
	gives(&w, UTD);
	w.in.tee_tcb_svn[2] = 4;
	gives(&w, OOC);
	w.in.tee_tcb_svn[2] = 2;
	fails(&w, "tcb_level_not_found");
	end(&w);

	begin(&w, intel_tdx_text, intel_tdqe_text);
	gives(&w, UTD);
	CHECK_INT(w.out.module, VS_TCB_NONE);
	CHECK_INT(w.out.module_version, 0);
	w.in.tee_tcb_svn[0] = 4;
	gives(&w, OOC);
	w.in.tee_tcb_svn[0] = 2;
	fails(&w, "tcb_level_not_found");
	end(&w);

	/* A level's byte 15 counts as well. */
	begin_tdx(&w);
	struct vs_intel_level levels[2];
	memcpy(levels, w.info.levels, sizeof(levels));
	levels[0].tdx[15] = 1;
	levels[1].sgx[15] = 1;
	w.info.levels = levels;
	fails(&w, "tcb_level_not_found");
	w.in.tee_tcb_svn[15] = 1;
	gives(&w, UTD);
	end(&w);
}

static void
test_module(void)
{
	struct world w;

	begin_tdx(&w);
	w.in.tee_tcb_svn[0] = 2;
	gives(&w, OOD);
	CHECK_INT(w.out.platform, UTD);
	CHECK_INT(w.out.module, OOD);
	advisories(&w, "INTEL-SA-00003 ");
	w.in.tee_tcb_svn[0] = 1;
	fails(&w, "tcb_level_not_found");
	w.in.tee_tcb_svn[0] = 4;
	w.in.tee_tcb_svn[1] = 9;
	fails(&w, "tdx_module_mismatch");
	w.in.tee_tcb_svn[1] = 1;
	w.in.mrsignerseam[47] = 1;
	fails(&w, "tdx_module_mismatch");
	w.in.mrsignerseam[47] = 0;
	for (int version = 0; version < 2; version++) {
		w.in.tee_tcb_svn[0] = 5;
		w.in.tee_tcb_svn[1] = (uint8_t)version;
		gives(&w, UTD);
		w.in.seamattributes[7] = 0x80;
		fails(&w, "tdx_module_mismatch");
		w.in.seamattributes[7] = 0;
		w.in.mrsignerseam[0] = 1;
		fails(&w, "tdx_module_mismatch");
		w.in.mrsignerseam[0] = 0;
	}
	end(&w);
}

static void
test_module_attributes(void)
{
	struct vs_intel_module m;
	struct world w;

	begin_tdx(&w);
	m = w.info.modules[0];
	w.info.modules = &m;
	m.attributes[0] = 2;
	fails(&w, "tdx_module_mismatch");
	w.in.seamattributes[0] = 2;
	gives(&w, UTD);
	w.in.seamattributes[0] = 3;
	fails(&w, "tdx_module_mismatch");
	/* What the mask does not cover must be zero. */
	m.attributes_mask[0] = 2;
	fails(&w, "tdx_module_mismatch");
	w.in.seamattributes[0] = 2;
	gives(&w, UTD);
	w.info.modules_n = 0;
	fails(&w, "tdx_module_mismatch");
	end(&w);
}

static void
test_quoting_enclave(void)
{
	struct world w;

	begin_tdx(&w);
	w.in.qe_isvsvn = 5;
	gives(&w, UTD);
	w.in.qe_isvsvn = 3;
	gives(&w, OOD);
	CHECK_INT(w.out.qe, OOD);
	advisories(&w, "INTEL-SA-00001 INTEL-SA-00004 ");
	CHECK_INT(w.out.date, 1646092800);
	w.in.pcesvn = 10;
	gives(&w, OOC);
	/* The set of both. */
	advisories(&w, "INTEL-SA-00001 INTEL-SA-00002 INTEL-SA-00004 ");
	w.in.qe_isvsvn = 1;
	fails(&w, "tcb_level_not_found");
	w.in.qe_isvsvn = 4;
	w.qe.tee = VS_INTEL_SGX;
	fails(&w, "qe_identity_mismatch");
	end(&w);
}

static void
test_revoked(void)
{
	struct vs_intel_level levels[2];
	struct vs_intel_isv_level qe[2], module[2];
	struct vs_intel_module m;
	struct world w;

	begin_tdx(&w);
	memcpy(levels, w.info.levels, sizeof(levels));
	memcpy(qe, w.qe.levels, sizeof(qe));
	memcpy(module, w.info.modules[0].levels, sizeof(module));
	m = w.info.modules[0];
	m.levels = module;
	w.info.levels = levels;
	w.info.modules = &m;
	w.qe.levels = qe;
	gives(&w, UTD);
	levels[0].verdict.status = REV;
	fails(&w, "tcb_revoked");
	levels[0].verdict.status = CFG;
	gives(&w, CFG);
	module[0].verdict.status = REV;
	fails(&w, "tcb_revoked");
	module[0].verdict.status = OOD;
	gives(&w, OOC);
	qe[0].verdict.status = REV;
	fails(&w, "tcb_revoked");
	end(&w);
}

static void
test_relaunch(void)
{
	struct world w;

	begin_tdx(&w);
	w.in.has_svn2 = true;
	memcpy(w.in.tee_tcb_svn2, w.in.tee_tcb_svn, VS_INTEL_COMPONENTS);
	gives(&w, UTD);
	/* Launched on module 2, now runs 4. */
	w.in.tee_tcb_svn[0] = 2;
	gives(&w, RLA);
	CHECK_INT(w.out.platform, UTD);
	CHECK_INT(w.out.module, OOD);
	advisories(&w, "INTEL-SA-00003 ");
	/* Both old. */
	w.in.tee_tcb_svn2[0] = 2;
	gives(&w, OOD);
	/* What runs now is unknown, unlisted, or not counted. */
	w.in.tee_tcb_svn2[0] = 1;
	fails(&w, "tcb_level_not_found");
	w.in.tee_tcb_svn2[0] = 4;
	w.in.tee_tcb_svn2[1] = 9;
	fails(&w, "tdx_module_mismatch");
	w.in.tee_tcb_svn2[1] = 1;
	w.in.tee_tcb_svn2[2] = 0;
	fails(&w, "tcb_level_not_found");
	w.in.has_svn2 = false;
	gives(&w, OOD);
	end(&w);
}

static void
test_relaunch_with_configuration(void)
{
	struct vs_intel_level levels[2];
	struct vs_intel_isv_level module[2];
	struct vs_intel_module m;
	struct world w;

	begin_tdx(&w);
	memcpy(levels, w.info.levels, sizeof(levels));
	levels[0].verdict.status = CFG;
	w.info.levels = levels;
	m = w.info.modules[0];
	memcpy(module, m.levels, sizeof(module));
	m.levels = module;
	w.info.modules = &m;
	w.in.has_svn2 = true;
	memcpy(w.in.tee_tcb_svn2, w.in.tee_tcb_svn, VS_INTEL_COMPONENTS);
	w.in.tee_tcb_svn[0] = 2;
	gives(&w, RLC);
	/* The host runs what was revoked since. */
	module[0].verdict.status = REV;
	fails(&w, "tcb_revoked");
	/* SGX has no second set of SVNs. */
	end(&w);
	begin(&w, intel_sgx_text, intel_qe_text);
	w.in.has_svn2 = true;
	gives(&w, SWH);
	end(&w);
}

static void
test_most_advisories(void)
{
	static char text[3 * VS_INTEL_ADVISORIES_MAX][8];
	struct vs_span ids[3 * VS_INTEL_ADVISORIES_MAX];
	struct vs_intel_level level;
	struct vs_intel_isv_level qe, module;
	struct vs_intel_module m;
	struct world w;

	for (size_t i = 0; i < VS_COUNT(ids); i++) {
		(void)snprintf(
		    text[i], sizeof(text[i]), "SA-%03zu", VS_COUNT(ids) - i);
		ids[i] = vs_span_cstr(text[i]);
	}
	begin_tdx(&w);
	level = w.info.levels[0];
	m = w.info.modules[0];
	module = m.levels[0];
	qe = w.qe.levels[0];
	level.verdict.advisories =
	    (struct vs_intel_advisories){ids, VS_INTEL_ADVISORIES_MAX};
	module.verdict.advisories = (struct vs_intel_advisories){
	    ids + VS_INTEL_ADVISORIES_MAX, VS_INTEL_ADVISORIES_MAX};
	qe.verdict.advisories = (struct vs_intel_advisories){
	    ids + 2 * VS_INTEL_ADVISORIES_MAX, VS_INTEL_ADVISORIES_MAX};
	m.levels = &module;
	w.info.levels = &level;
	w.info.modules = &m;
	w.qe.levels = &qe;
	gives(&w, UTD);
	CHECK_INT(w.out.advisories_n, VS_COUNT(ids));
	CHECK(vs_span_is(w.out.advisories[0], "SA-001"));
	CHECK(vs_span_is(w.out.advisories[191], "SA-192"));
	end(&w);
}

static void
qe_check(const struct world *w, const struct vs_dcap_qe *qe, bool ok)
{
	vs_err_clear(&err);
	CHECK_INT(
	    vs_dcap_qe_check(&w->qe, qe, &err), ok ? VS_OK : VS_UNTRUSTED);
	CHECK_STR(
	    err.code == NULL ? "" : err.code, ok ? "" : "qe_identity_mismatch");
}

static void
test_qe_fields(void)
{
	struct vs_dcap_qe qe = {.attributes = {0x15}, .isvprodid = 2};
	struct world w;

	begin_tdx(&w);
	memcpy(qe.mrsigner, w.qe.mrsigner, sizeof(qe.mrsigner));
	/* MODE64BIT (4) is not covered by the mask, nor is XFRM. */
	qe.attributes[8] = 0xe7;
	qe_check(&w, &qe, true);
	qe.attributes[0] ^= 2; /* DEBUG */
	qe_check(&w, &qe, false);
	qe.attributes[0] ^= 2;
	qe.attributes[0] ^= 1;
	qe_check(&w, &qe, false);
	qe.attributes[0] ^= 1;
	qe.miscselect[3] = 1;
	qe_check(&w, &qe, false);
	qe.miscselect[3] = 0;
	qe.mrsigner[31] ^= 1;
	qe_check(&w, &qe, false);
	qe.mrsigner[31] ^= 1;
	qe.isvprodid = 1;
	qe_check(&w, &qe, false);
	end(&w);
}

/* ---- what Intel published ---------------------------------------------- */

static struct vs_buf body;

static vs_status
read_vector(const char *dir, const char *name, struct vs_arena *a,
    struct vs_intel_tcb_info *t)
{
	struct vs_span inner;
	char path[1024];

	vs_buf_fini(&body);
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	CHECK_OK(vs_file_read(path, 1 << 20, &body, &err), err);
	CHECK_INT(
	    vs_json_raw_member(vs_buf_span(&body), "tcbInfo", &inner), VS_OK);
	vs_arena_init(a, VS_INTEL_ARENA_MAX);
	return vs_intel_parse_tcb_info(inner, a, t, &err);
}

static bool
reaches(const struct vs_intel_level *have, const struct vs_intel_level *need,
    size_t from)
{
	for (size_t i = 0; i < VS_INTEL_COMPONENTS; i++)
		if (have->sgx[i] < need->sgx[i] ||
		    (i >= from && have->tdx[i] < need->tdx[i]))
			return false;
	return have->pcesvn >= need->pcesvn;
}

/* The first that is reached, by a walk of its own. */
static const struct vs_intel_level *
first(const struct vs_intel_tcb_info *t, const struct vs_intel_level *have,
    size_t from)
{
	for (size_t i = 0; i < t->levels_n; i++)
		if (reaches(have, &t->levels[i], from))
			return &t->levels[i];
	return NULL;
}

static void
try_at(struct world *w, const struct vs_intel_level *have, size_t from)
{
	const struct vs_intel_level *want = first(&w->info, have, from);

	memcpy(w->in.pck_svn, have->sgx, VS_INTEL_COMPONENTS);
	memcpy(w->in.tee_tcb_svn, have->tdx, VS_INTEL_COMPONENTS);
	w->in.pcesvn = have->pcesvn;
	if (want == NULL) {
		fails(w, "tcb_level_not_found");
	} else if (want->verdict.status == REV) {
		fails(w, "tcb_revoked");
	} else {
		gives(w, want->verdict.status);
		CHECK_INT(w->out.advisories_n, want->verdict.advisories.n);
	}
}

/* Exactly at each level, and one below it in each value. */
static void
try_level(struct world *w, const struct vs_intel_level *level)
{
	struct vs_intel_level at = *level;
	size_t from = 0;

	if (w->info.tee == VS_INTEL_TDX && at.tdx[1] > 0)
		return;
	try_at(w, &at, from);
	for (size_t i = 0; i < VS_INTEL_COMPONENTS; i++) {
		at = *level;
		if (at.sgx[i]-- > 0)
			try_at(w, &at, from);
		at = *level;
		if (at.tdx[i]-- > 0)
			try_at(w, &at, from);
	}
	at = *level;
	if (at.pcesvn-- > 0)
		try_at(w, &at, from);
}

static void
try_module(struct world *w, const struct vs_intel_module *m)
{
	struct vs_intel_level at = w->info.levels[0];

	for (size_t i = 0; i < m->levels_n; i++) {
		memcpy(w->in.pck_svn, at.sgx, VS_INTEL_COMPONENTS);
		memcpy(w->in.tee_tcb_svn, at.tdx, VS_INTEL_COMPONENTS);
		w->in.pcesvn = at.pcesvn;
		w->in.tee_tcb_svn[0] = (uint8_t)m->levels[i].isvsvn;
		w->in.tee_tcb_svn[1] = m->version;
		if (m->levels[i].verdict.status == REV ||
		    at.verdict.status == REV) {
			fails(w, "tcb_revoked");
			continue;
		}
		gives(w,
		    vs_dcap_converge(
			at.verdict.status, m->levels[i].verdict.status));
		CHECK_INT(w->out.module, m->levels[i].verdict.status);
	}
}

static size_t
try_folder(const char *dir, const char *prefix)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	struct world w;
	size_t n = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		struct vs_intel_tcb_info t;
		struct vs_arena a;

		if (strncmp(e->d_name, prefix, strlen(prefix)) != 0 ||
		    !CHECK_OK(read_vector(dir, e->d_name, &a, &t), err))
			continue;
		begin(&w, intel_tdx_text,
		    t.tee == VS_INTEL_TDX ? intel_tdqe_text : intel_qe_text);
		w.info = t;
		for (size_t i = 0; i < t.levels_n; i++)
			try_level(&w, &t.levels[i]);
		for (size_t i = 0; i < t.modules_n; i++)
			try_module(&w, &t.modules[i]);
		end(&w);
		vs_arena_fini(&a);
		n++;
	}
	if (d != NULL)
		closedir(d);
	vs_buf_fini(&body);
	return n;
}

int
main(void)
{
	const char *vectors = check_vectors();
	char dir[1024];

	RUN(test_convergence);
	RUN(test_relaunch_table);
	RUN(test_up_to_date);
	RUN(test_every_component);
	RUN(test_tdx_components);
	RUN(test_module);
	RUN(test_module_attributes);
	RUN(test_quoting_enclave);
	RUN(test_revoked);
	RUN(test_relaunch);
	RUN(test_relaunch_with_configuration);
	RUN(test_most_advisories);
	RUN(test_qe_fields);
	if (vectors == NULL)
		return check_result() == 0 ? 77 : 1;
	(void)snprintf(dir, sizeof(dir), "%s/intel-dcap/collateral", vectors);
	CHECK(try_folder(dir, "tcbinfo-") >= 17);
	(void)snprintf(dir, sizeof(dir), "%s/intel-dcap/synthetic", vectors);
	CHECK(try_folder(dir, "tcbinfo-") >= 6);
	(void)snprintf(
	    dir, sizeof(dir), "%s/intel-dcap/intel-samples", vectors);
	CHECK_INT(try_folder(dir, "tcbInfo"), 1);
	return check_result();
}
