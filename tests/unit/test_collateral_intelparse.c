/* SPDX-License-Identifier: Apache-2.0 */
/* Reading TCB info and QE identities: what is taken, and each rule alone. */
#include "check.h"

#include <dirent.h>

#include "base/file.h"
#include "codec/json_raw.h"
#include "collateral/intel_parse.h"
#include "intel_text.h"

static vs_status
read_info(struct vs_span text, struct vs_intel_tcb_info *t, struct vs_arena *a,
    struct vs_err *err)
{
	vs_err_clear(err);
	vs_arena_init(a, VS_INTEL_ARENA_MAX);
	return vs_intel_parse_tcb_info(text, a, t, err);
}

static vs_status
read_identity(struct vs_span text, struct vs_intel_identity *q,
    struct vs_arena *a, struct vs_err *err)
{
	vs_err_clear(err);
	vs_arena_init(a, VS_INTEL_ARENA_MAX);
	return vs_intel_parse_identity(text, a, q, err);
}

static void
test_tdx(void)
{
	struct vs_intel_tcb_info t = {0};
	struct vs_err err = {0};
	struct vs_arena a;
	const struct vs_intel_level *l;

	CHECK_OK(read_info(vs_span_cstr(intel_tdx_text), &t, &a, &err), err);
	CHECK_INT(t.tee, VS_INTEL_TDX);
	CHECK_INT(t.version, 3);
	CHECK_INT(t.issue_date, 1764547200);
	CHECK_INT(t.next_update, 1767139200);
	CHECK_INT(t.number, 17);
	CHECK(memcmp(t.fmspc, "\x00\xaa\xbb\xcc\xdd\xee", 6) == 0);
	CHECK_INT(t.base.attributes_mask[7], 0xff);
	if (!CHECK_INT(t.levels_n, 2) || !CHECK_INT(t.modules_n, 1))
		return;
	CHECK_INT(t.modules[0].version, 1);
	CHECK_INT(t.modules[0].levels_n, 2);
	CHECK_INT(t.modules[0].levels[1].isvsvn, 2);
	CHECK_INT(t.modules[0].levels[1].verdict.status, VS_TCB_OUT_OF_DATE);
	l = &t.levels[1];
	CHECK_INT(l->sgx[0], 3);
	CHECK_INT(l->tdx[2], 3);
	CHECK_INT(l->pcesvn, 10);
	CHECK_INT(l->verdict.status, VS_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED);
	CHECK_INT(l->verdict.date, 1675209600);
	CHECK_INT(l->verdict.advisories.n, 2);
	CHECK(vs_span_is(l->verdict.advisories.v[1], "INTEL-SA-00002"));
	vs_arena_fini(&a);
}

static void
test_sgx(void)
{
	struct vs_intel_tcb_info t = {0};
	struct vs_err err = {0};
	struct vs_arena a;

	CHECK_OK(read_info(vs_span_cstr(intel_sgx_text), &t, &a, &err), err);
	CHECK_INT(t.tee, VS_INTEL_SGX);
	CHECK_INT(t.levels_n, 1);
	CHECK_INT(t.modules_n, 0);
	vs_arena_fini(&a);
	CHECK_OK(read_info(vs_span_cstr(intel_v2_text), &t, &a, &err), err);
	CHECK_INT(t.tee, VS_INTEL_SGX);
	CHECK_INT(t.version, 2);
	CHECK_INT(t.levels[0].sgx[15], 255);
	CHECK_INT(t.levels[0].pcesvn, 65535);
	vs_arena_fini(&a);
}

static void
test_identity(void)
{
	struct vs_intel_identity q = {0};
	struct vs_err err = {0};
	struct vs_arena a;

	CHECK_OK(
	    read_identity(vs_span_cstr(intel_tdqe_text), &q, &a, &err), err);
	CHECK_INT(q.tee, VS_INTEL_TDX);
	CHECK_INT(q.isvprodid, 2);
	CHECK_INT(q.attributes[0], 0x11);
	CHECK_INT(q.attributes_mask[0], 0xfb);
	CHECK_INT(q.miscselect_mask[3], 0xff);
	CHECK_INT(q.mrsigner[31], 0xc5);
	CHECK_INT(q.levels_n, 2);
	vs_arena_fini(&a);
	CHECK_OK(read_identity(vs_span_cstr(intel_qe_text), &q, &a, &err), err);
	CHECK_INT(q.tee, VS_INTEL_SGX);
	vs_arena_fini(&a);
}

struct edit {
	const char *find;
	size_t nth;
	const char *with;
};

static void
refused(const char *text, const struct edit *e, bool identity)
{
	struct vs_intel_tcb_info t = {.number = 99};
	struct vs_intel_identity q = {.number = 99};
	struct vs_buf b = {0};
	struct vs_err err = {0};
	struct vs_arena a;
	vs_status st;

	if (!CHECK(intel_replace(text, e->find, e->nth, e->with, &b)))
		return;
	st = identity ? read_identity(vs_buf_span(&b), &q, &a, &err)
		      : read_info(vs_buf_span(&b), &t, &a, &err);
	if (!CHECK_INT(st, VS_MALFORMED))
		fprintf(stderr, "  %s -> %s\n", e->find, e->with);
	CHECK_STR(err.code == NULL ? "" : err.code,
	    identity ? "qe_identity_malformed" : "tcb_info_malformed");
	CHECK(t.number == 99 && q.number == 99);
	vs_arena_fini(&a);
	vs_buf_fini(&b);
}

static void
test_info_rules(void)
{
	static const struct edit tdx[] = {{"\"id\":\"TDX\",", 0, ""},
	    {"\"TDX\"", 0, "\"tdx\""}, {"\"TDX\"", 0, "3"},
	    {"\"TDX\"", 0, "\"QE\""}, {"\"version\":3", 0, "\"version\":4"},
	    {"\"version\":3", 0, "\"version\":1"},
	    {"\"version\":3", 0, "\"version\":2"}, {"\"version\":3,", 0, ""},
	    {"\"version\":3", 0, "\"version\":3.0"},
	    {"\"version\":3", 0, "\"version\":\"3\""},
	    {"\"issueDate\":\"2025-12-01T00:00:00Z\",", 0, ""},
	    {"T00:00:00Z", 0, "T00:00:00+00:00"},
	    {"T00:00:00Z", 0, "T00:00:00.0Z"}, {"T00:00:00Z", 0, "t00:00:00z"},
	    {"2025-12-01T", 0, "2025-13-01T"},
	    {"2025-12-01T", 0, "2025-02-30T"},
	    {"\"2025-12-01T00:00:00Z\"", 0, "1764547200"},
	    {"\"2025-12-01T00:00:00Z\"", 0, "\"1764547200\""},
	    {"\"nextUpdate\":\"2025-12-31T00:00:00Z\",", 0, ""},
	    {"\"fmspc\":\"00AABBccddee\",", 0, ""},
	    {"00AABBccddee", 0, "00AABBccddeef"},
	    {"00AABBccddee", 0, "00AABBccddeeff"},
	    {"00AABBccddee", 0, "00AABBccdd"},
	    {"00AABBccddee", 0, "00AABBccddeg"}, {"\"pceId\":\"0000\",", 0, ""},
	    {"\"0000\"", 0, "\"000\""}, {"\"tcbType\":0,", 0, ""},
	    {"\"tcbType\":0", 0, "\"tcbType\":1"},
	    {"\"tcbEvaluationDataNumber\":17,", 0, ""}, {":17,", 0, ":-1,"},
	    {":17,", 0, ":4294967296,"}, {":17,", 0, ":17.5,"},
	    {"\"tdxModule\":", 0, "\"tdxModulf\":"},
	    {"\"tdxModule\":{", 0, "\"tdxModule\":0,\"x\":{"},
	    {"\"mrsigner\"", 0, "\"mrsignes\""},
	    {"\"attributes\"", 0, "\"attributet\""},
	    {"\"attributesMask\"", 0, "\"attributesMasl\""},
	    {"\"mrsigner\":\"00", 0, "\"mrsigner\":\""},
	    {"\"mrsigner\"", 1, "\"mrsignes\""},
	    {"\"tdxModuleIdentities\":[", 0, "\"tdxModuleIdentities\":[7,"},
	    {"\"tdxModuleIdentities\":[", 0,
		"\"tdxModuleIdentities\":1,\"x\":["},
	    {"TDX_01", 0, "TDX_1"}, {"TDX_01", 0, "TDX_001"},
	    {"TDX_01", 0, "TDX_0g"}, {"TDX_01", 0, "tdx_01"},
	    {"TDX_01", 0, "TDX_"}, {"\"isvsvn\":4", 0, "\"isvsvn\":65536"},
	    {"\"isvsvn\":4", 0, "\"isvsvn\":-1"},
	    {"\"isvsvn\":4", 0, "\"isvsvn\":2"}, {"{\"isvsvn\":4}", 0, "4"},
	    {"\"isvsvn\":4", 0, "\"isvsvo\":4"},
	    {"\"UpToDate\"", 0, "\"SWHardeningNeeded\""},
	    {"\"UpToDate\"", 0, "\"uptodate\""},
	    {"\"UpToDate\"", 0, "\"TDRelaunchAdvised\""},
	    {"\"UpToDate\"", 1, "\"TDRelaunchAdvised\""},
	    {"\"UpToDate\"", 1, "\"TDRelaunchAdvisedConfigurationNeeded\""},
	    {"\"UpToDate\"", 1, "\"\""}, {"\"UpToDate\"", 1, "null"},
	    {"\"tcbStatus\"", 2, "\"tcbStatut\""},
	    {"\"tcbDate\"", 2, "\"tcbDatf\""},
	    {"2025-02-01T00:00:00Z", 0, "2025-02-01T00:00Z"},
	    {"[\"INTEL-SA-00001\",", 0, "[1,"},
	    {"[\"INTEL-SA-00001\",", 0, "[\"\","},
	    {"[\"INTEL-SA-00001\",", 0, "[\"INTEL SA 00001\","},
	    {"[\"INTEL-SA-00001\",", 0, "[\"INTEL-SA-0\\u00e9\","},
	    {"[\"INTEL-SA-00001\",", 0,
		"[\"INTEL-SA-0000100001000010000100001\","},
	    {"[\"INTEL-SA-00001\",\"INTEL-SA-00002\"]", 0, "\"x\""},
	    {"\"sgxtcbcomponents\"", 0, "\"sgxtcbcomponentt\""},
	    {"\"tdxtcbcomponents\"", 0, "\"tdxtcbcomponentt\""},
	    {",{\"svn\":0}", 0, ""}, {",{\"svn\":0}", 20, ""},
	    {",{\"svn\":0}", 0, ",{\"svn\":0},{\"svn\":0}"},
	    {"{\"svn\":2}", 0, "{\"svn\":256}"},
	    {"{\"svn\":2}", 0, "{\"svn\":-1}"},
	    {"{\"svn\":2}", 0, "{\"svn\":2.0}"}, {"{\"svn\":2}", 0, "{}"},
	    {"{\"svn\":2}", 0, "2"}, {"\"pcesvn\":11", 0, "\"pcesvo\":11"},
	    {"\"pcesvn\":11", 0, "\"pcesvn\":65536"},
	    {"{\"sgxtcbcomponents\"", 0, "1,\"x\":{\"sgxtcbcomponents\""},
	    {"\"version\":3", 0, "\"version\":3,\"version\":3"}};

	for (size_t i = 0; i < VS_COUNT(tdx); i++)
		refused(intel_tdx_text, &tdx[i], false);
}

static void
test_order_rule(void)
{
	/* Both levels alike but for PCESVN, the lower one first. */
	struct vs_buf b = {0};
	struct edit e = {"\"pcesvn\":11", 0, "\"pcesvn\":9"};

	CHECK(intel_replace(intel_tdx_text,
	    "\"sgxtcbcomponents\":[{\"svn\":5,\"category\":\"BIOS\"},"
	    "{\"svn\":5}",
	    0,
	    "\"sgxtcbcomponents\":[{\"svn\":3,\"category\":\"BIOS\"},"
	    "{\"svn\":3}",
	    &b));
	char *one = strdup(vs_buf_cstr(&b));
	CHECK(intel_replace(one,
	    "\"tdxtcbcomponents\":[{\"svn\":5,\"category\":\"BIOS\"},"
	    "{\"svn\":0},{\"svn\":5}",
	    0,
	    "\"tdxtcbcomponents\":[{\"svn\":3,\"category\":\"BIOS\"},"
	    "{\"svn\":0},{\"svn\":3}",
	    &b));
	refused(vs_buf_cstr(&b), &e, false);
	free(one);
	vs_buf_fini(&b);
}

static void
test_more_info_rules(void)
{
	static const struct edit sgx[] = {
	    {"\"tcbLevels\":", 0,
		"\"tdxModule\":{" INTEL_MODULE "},\"tcbLevels\":"},
	    {"\"tcbLevels\":", 0, "\"tdxModuleIdentities\":[],\"tcbLevels\":"},
	    {"\"tcbLevels\":[", 0, "\"tcbLevels\":[],\"x\":["},
	    {"\"tcbLevels\":[", 0, "\"tcbLevels\":[3,"},
	    {"\"tcbLevels\":[", 0, "\"tcbLevels\":{},\"x\":["},
	    {"\"tcbLevels\":", 0, "\"tcbLevelt\":"}};
	static const struct edit v2[] = {
	    {"\"sgxtcbcomp16svn\":255", 0, "\"sgxtcbcomp16svn\":256"},
	    {"\"sgxtcbcomp01svn\":1,", 0, ""},
	    {"\"version\":2", 0, "\"version\":3"},
	    {"\"version\":2", 0, "\"version\":2,\"id\":\"TDX\""}};
	static const struct edit twice = {"\"tdxModuleIdentities\":[", 0,
	    "\"tdxModuleIdentities\":[{\"id\":\"TDX_01\"," INTEL_MODULE
	    ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":0},\"tcbDate\":"
	    "\"2025-01-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}]},"};

	for (size_t i = 0; i < VS_COUNT(sgx); i++)
		refused(intel_sgx_text, &sgx[i], false);
	for (size_t i = 0; i < VS_COUNT(v2); i++)
		refused(intel_v2_text, &v2[i], false);
	refused(intel_tdx_text, &twice, false);
}

static void
test_identity_rules(void)
{
	static const struct edit edits[] = {{"\"TD_QE\"", 0, "\"QVE\""},
	    {"\"TD_QE\"", 0, "\"QAE\""}, {"\"TD_QE\"", 0, "\"td_qe\""},
	    {"\"id\":\"TD_QE\",", 0, ""}, {"\"version\":2,", 0, ""},
	    {"\"version\":2", 0, "\"version\":1"},
	    {"\"version\":2", 0, "\"version\":3"},
	    {"\"issueDate\"", 0, "\"issueDatf\""},
	    {"\"nextUpdate\"", 0, "\"nextUpdatf\""},
	    {"\"tcbEvaluationDataNumber\"", 0, "\"x\""},
	    {"\"miscselect\"", 0, "\"x\""}, {"\"miscselectMask\"", 0, "\"x\""},
	    {"\"attributes\"", 0, "\"x\""}, {"\"attributesMask\"", 0, "\"x\""},
	    {"\"mrsigner\"", 0, "\"x\""}, {"\"isvprodid\"", 0, "\"x\""},
	    {"\"isvprodid\":2", 0, "\"isvprodid\":65536"},
	    {"\"00000000\"", 0, "\"000000\""},
	    {"\"mrsigner\":\"DC", 0, "\"mrsigner\":\""},
	    {"\"tcbLevels\"", 0, "\"x\""}, {"\"isvsvn\":2", 0, "\"isvsvn\":4"},
	    {"\"OutOfDate\"", 0, "\"ConfigurationNeeded\""},
	    {"\"advisoryIDs\":[", 0, "\"advisoryIDs\":[true,"}};

	for (size_t i = 0; i < VS_COUNT(edits); i++)
		refused(intel_tdqe_text, &edits[i], true);
}

/* Unknown members are for Intel to add. */
static void
test_unknown_members(void)
{
	struct vs_intel_tcb_info t = {0};
	struct vs_buf b = {0};
	struct vs_err err = {0};
	struct vs_arena a;

	CHECK(intel_replace(intel_sgx_text, "\"pcesvn\":11", 0,
	    "\"pcesvn\":11,\"later\":{\"a\":[null]}", &b));
	CHECK_OK(read_info(vs_buf_span(&b), &t, &a, &err), err);
	vs_arena_fini(&a);
	vs_buf_fini(&b);
}

static void
many_advisories(size_t n, vs_status want)
{
	struct vs_intel_tcb_info t = {0};
	struct vs_buf list = {0}, b = {0};
	struct vs_err err = {0};
	struct vs_arena a;

	for (size_t i = 0; i < n; i++)
		vs_buf_printf(&list, "%s\"SA-%zu\"", i == 0 ? "" : ",", i);
	CHECK(intel_replace(
	    intel_sgx_text, "\"INTEL-SA-00001\"", 0, vs_buf_cstr(&list), &b));
	CHECK_INT(read_info(vs_buf_span(&b), &t, &a, &err), want);
	vs_arena_fini(&a);
	vs_buf_fini(&list);
	vs_buf_fini(&b);
}

static void
many_levels(size_t n, vs_status want)
{
	struct vs_intel_identity q = {0};
	struct vs_buf list = {0}, b = {0};
	struct vs_err err = {0};
	struct vs_arena a;

	vs_buf_puts(&list, "[");
	for (size_t i = 0; i < n; i++)
		vs_buf_printf(&list,
		    "%s{\"tcb\":{\"isvsvn\":%zu},\"tcbDate\":"
		    "\"2025-03-01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"}",
		    i == 0 ? "" : ",", 60000 - i);
	vs_buf_puts(&list, "],\"x\":[");
	CHECK(intel_replace(intel_qe_text, "[", 0, vs_buf_cstr(&list), &b));
	CHECK_INT(read_identity(vs_buf_span(&b), &q, &a, &err), want);
	vs_arena_fini(&a);
	vs_buf_fini(&list);
	vs_buf_fini(&b);
}

static void
test_bounds(void)
{
	many_advisories(0, VS_OK);
	many_advisories(VS_INTEL_ADVISORIES_MAX, VS_OK);
	many_advisories(VS_INTEL_ADVISORIES_MAX + 1, VS_MALFORMED);
	many_levels(VS_INTEL_LEVELS_MAX, VS_OK);
	many_levels(VS_INTEL_LEVELS_MAX + 1, VS_MALFORMED);
}

static void
mutate(const char *good, bool identity)
{
	struct vs_intel_tcb_info t;
	struct vs_intel_identity q;
	struct vs_err err = {0};
	struct vs_arena a;
	size_t n = strlen(good);
	uint8_t *text = malloc(n + 1);

	for (size_t k = 0; text != NULL && k < n; k++) {
		vs_status st = identity
		    ? read_identity(VS_SPAN(good, k), &q, &a, &err)
		    : read_info(VS_SPAN(good, k), &t, &a, &err);
		CHECK_INT(st, VS_MALFORMED);
		vs_arena_fini(&a);
	}
	for (size_t bit = 0; text != NULL && bit < 8 * (n + 1); bit++) {
		memcpy(text, good, n);
		text[n] = ' ';
		text[bit / 8] ^= (uint8_t)(1 << bit % 8);
		/* Taken or not: only no crash, and a code when not. */
		if ((identity
			    ? read_identity(VS_SPAN(text, n + 1), &q, &a, &err)
			    : read_info(VS_SPAN(text, n + 1), &t, &a, &err)) !=
		    VS_OK)
			CHECK(err.code != NULL);
		vs_arena_fini(&a);
	}
	free(text);
}

static void
test_mutations(void)
{
	mutate(intel_tdx_text, false);
	mutate(intel_v2_text, false);
	mutate(intel_tdqe_text, true);
}

static void
test_names(void)
{
	CHECK_STR(vs_tcb_status_name(VS_TCB_NONE), "");
	CHECK_STR(vs_tcb_status_name(VS_TCB_REVOKED), "Revoked");
	CHECK_STR(vs_tcb_status_name(VS_TCB_STATUS_COUNT), "");
	for (int s = VS_TCB_UP_TO_DATE; s < VS_TCB_STATUS_COUNT; s++)
		CHECK(vs_tcb_status_name((vs_tcb_status)s)[0] != '\0');
}

/* Every statement of Intel's that we have reads. */
static size_t
read_folder(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t n = 0;

	while (d != NULL && (e = readdir(d)) != NULL) {
		bool identity = strncmp(e->d_name, "qeid-", 5) == 0;
		struct vs_buf b = {0};
		struct vs_err err = {0};
		struct vs_intel_tcb_info t;
		struct vs_intel_identity q;
		struct vs_span inner;
		struct vs_arena a;
		char path[1024];

		if (!identity && strncmp(e->d_name, "tcbinfo-", 8) != 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		CHECK_OK(vs_file_read(path, 1 << 20, &b, &err), err);
		CHECK_INT(vs_json_raw_member(vs_buf_span(&b),
			      identity ? "enclaveIdentity" : "tcbInfo", &inner),
		    VS_OK);
		CHECK_OK(identity ? read_identity(inner, &q, &a, &err)
				  : read_info(inner, &t, &a, &err),
		    err);
		vs_arena_fini(&a);
		vs_buf_fini(&b);
		n++;
	}
	if (d != NULL)
		closedir(d);
	return n;
}

int
main(void)
{
	const char *vectors = check_vectors();
	char dir[1024];

	RUN(test_tdx);
	RUN(test_sgx);
	RUN(test_identity);
	RUN(test_info_rules);
	RUN(test_order_rule);
	RUN(test_more_info_rules);
	RUN(test_identity_rules);
	RUN(test_unknown_members);
	RUN(test_bounds);
	RUN(test_mutations);
	RUN(test_names);
	if (vectors == NULL)
		return check_result() == 0 ? 77 : 1;
	(void)snprintf(dir, sizeof(dir), "%s/intel-dcap/collateral", vectors);
	CHECK(read_folder(dir) >= 30);
	(void)snprintf(dir, sizeof(dir), "%s/intel-dcap/synthetic", vectors);
	CHECK(read_folder(dir) >= 8);
	return check_result();
}
