/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Intel platform: shape of what it makes, and its directory.
 * Signatures are checked by tests/e2e/tdx_check.py with openssl, and by the
 * verifier's own tests. */
#include <dirent.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "codec/json.h"
#include "simulate/command.h"
#include "simulate/tdx_pki.h"

enum { NOW = 1767225600, BODY4 = 48, BODY5 = 54 };

static char dir[64];

static void
fresh_dir(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/vouchsafe-tdx.XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
}

static void
empty_dir(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	char file[512];

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		(void)snprintf(
		    file, sizeof(file), "%s/%.200s", path, e->d_name);
		(void)unlink(file);
	}
	(void)closedir(d);
	(void)rmdir(path);
}

static void
remove_dir(void)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/collateral", dir);
	empty_dir(path);
	empty_dir(dir);
	CHECK(access(dir, F_OK) != 0);
}

static struct vs_sim_tdx *
make(void)
{
	struct vs_sim_tdx_options opt;
	struct vs_sim_tdx *t = NULL;
	struct vs_err err = {0};

	vs_sim_tdx_defaults(NOW, &opt);
	CHECK_OK(vs_sim_tdx_new(&opt, &t, &err), err);
	return t;
}

static struct vs_buf
quote_of(const struct vs_sim_tdx *t, const struct vs_sim_td *td)
{
	struct vs_buf q = {0};
	struct vs_err err = {0};

	CHECK_OK(vs_sim_tdx_quote(t, td, &q, &err), err);
	return q;
}

static uint32_t
u32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static void
check_lengths(const struct vs_buf *q, size_t body, size_t size)
{
	size_t end = body + size;

	CHECK(q->n > end + 4 + 134);
	CHECK_INT(u32(q->p + end), q->n - end - 4);
	CHECK_INT(q->p[end + 4 + 128], 6);
	CHECK_INT(u32(q->p + end + 4 + 130), q->n - end - 4 - 134);
}

static void
test_quotes_have_their_sizes(void)
{
	struct vs_sim_tdx *t = make();
	struct vs_sim_td td = {0};
	struct vs_buf q = quote_of(t, &td);

	CHECK_INT(q.p[0], 4);
	CHECK_INT(q.p[4], 0x81);
	check_lengths(&q, BODY4, 584);
	vs_buf_fini(&q);
	td.version = 5;
	q = quote_of(t, &td);
	CHECK_INT(q.p[0], 5);
	CHECK_INT(q.p[48], 3);
	CHECK_INT(u32(q.p + 50), 648);
	check_lengths(&q, BODY5, 648);
	vs_buf_fini(&q);
	td.body = 2;
	q = quote_of(t, &td);
	CHECK_INT(q.p[48], 2);
	CHECK_INT(u32(q.p + 50), 584);
	check_lengths(&q, BODY5, 584);
	vs_buf_fini(&q);
	vs_sim_tdx_free(&t);
}

static void
test_unknown_shapes_are_refused(void)
{
	struct vs_sim_tdx *t = make();
	struct vs_sim_td td = {.version = 3};
	struct vs_buf q = {0};
	struct vs_err err = {0};

	CHECK_INT(vs_sim_tdx_quote(t, &td, &q, &err), VS_USAGE);
	td = (struct vs_sim_td){.version = 5, .body = 4};
	CHECK_INT(vs_sim_tdx_quote(t, &td, &q, &err), VS_USAGE);
	CHECK_INT(q.n, 0);
	vs_sim_tdx_free(&t);
}

static void
test_words_set_what_they_say(void)
{
	struct vs_sim_tdx *t = make();
	struct vs_sim_td td = {0};
	struct vs_err err = {0};
	struct vs_buf q;
	static const char *const words[] = {"debug", "migratable", "no-sept-ve",
	    "old-tcb", "old-module", "foreign-qe", "v4"};

	for (size_t i = 0; i < VS_COUNT(words); i++)
		CHECK_OK(vs_sim_td_word(&td, words[i], &err), err);
	memset(td.mrtd, 0x77, 48);
	memset(td.rtmr[3], 0x33, 48);
	memset(td.mrconfigid, 0x44, 48);
	memset(td.report_data, 0x55, 64);
	q = quote_of(t, &td);
	CHECK_INT(q.p[BODY4], 2);
	CHECK_INT(q.p[BODY4 + 1], 1);
	CHECK_INT(q.p[BODY4 + 2], VS_SIM_MICROCODE_OLD);
	CHECK_INT(u32(q.p + BODY4 + 120), 0x20000001);
	CHECK_INT(q.p[BODY4 + 136], 0x77);
	CHECK_INT(q.p[BODY4 + 184 + 47], 0x44);
	CHECK_INT(q.p[BODY4 + 328], 0x20);
	CHECK_INT(q.p[BODY4 + 376], 0x21);
	CHECK_INT(q.p[BODY4 + 424], 0x22);
	CHECK_INT(q.p[BODY4 + 472 + 47], 0x33);
	CHECK_INT(q.p[BODY4 + 520], 0x55);
	CHECK_INT(q.p[BODY4 + 583], 0x55);
	/* MRSIGNER of the report of whoever played the QE. */
	CHECK_INT(q.p[BODY4 + 584 + 4 + 134 + 128], 0xe1);
	vs_buf_fini(&q);
	CHECK_OK(vs_sim_td_word(&td, "v5", &err), err);
	CHECK_INT(td.version, 5);
	CHECK_OK(vs_sim_td_word(&td, "v5-td10", &err), err);
	CHECK_INT(td.body, 2);
	CHECK_INT(vs_sim_td_word(&td, "v6", &err), VS_USAGE);
	CHECK(strstr(err.msg, "old-module") != NULL);
	vs_sim_tdx_free(&t);
}

/* The log's digests, extended by hand, are what the quote shows. */
static void
test_event_log_leads_to_the_registers(void)
{
	struct vs_sim_tdx *t = make();
	struct vs_sim_td td = {.event_log = true};
	struct vs_buf q = quote_of(t, &td), log = {0}, other = {0};
	uint8_t rtmr[4][48], same[4][48];
	struct vs_err err = {0};
	size_t differ = 0;

	CHECK_OK(vs_sim_tdx_event_log(false, &log, rtmr, &err), err);
	CHECK_OK(vs_sim_tdx_event_log(true, &other, same, &err), err);
	CHECK(memcmp(rtmr, same, sizeof(rtmr)) == 0);
	if (CHECK_INT(log.n, other.n))
		for (size_t i = 0; i < log.n; i++)
			differ += log.p[i] != other.p[i];
	CHECK_INT(differ, 1);
	CHECK(memcmp(q.p + BODY4 + 328, rtmr, sizeof(rtmr)) == 0);
	CHECK(vs_span_zero(VS_SPAN_OF(rtmr[3])));
	CHECK_INT(log.p[log.n - 1], 0xff);
	CHECK(memcmp(log.p + 32, "Spec ID Event03", 16) == 0);
	vs_buf_fini(&q);
	vs_buf_fini(&log);
	vs_buf_fini(&other);
	vs_sim_tdx_free(&t);
}

static void
test_save_and_load(void)
{
	struct vs_sim_tdx *t = make(), *u = NULL;
	struct vs_err err = {0};
	struct stat st;
	char path[128];
	bool tdx = false;

	fresh_dir();
	CHECK_OK(vs_sim_tdx_save(t, dir, &err), err);
	CHECK_OK(vs_sim_tdx_is(dir, &tdx, &err), err);
	CHECK(tdx);
	CHECK_OK(vs_sim_tdx_load(dir, &u, &err), err);
	CHECK(vs_span_equal(vs_sim_tdx_root(t), vs_sim_tdx_root(u)));
	CHECK(vs_span_equal(vs_sim_tdx_ca(t), vs_sim_tdx_ca(u)));
	CHECK(vs_span_equal(vs_sim_tdx_signing(t), vs_sim_tdx_signing(u)));
	CHECK(vs_span_equal(vs_sim_tdx_pck(t), vs_sim_tdx_pck(u)));
	CHECK(memcmp(&t->opt, &u->opt, sizeof(t->opt)) == 0);
	for (size_t i = 0; i < 5; i++) {
		static const char *const keys[] = {
		    "root", "ca", "signing", "pck", "qe"};

		(void)snprintf(path, sizeof(path), "%s/%s.key", dir, keys[i]);
		CHECK_INT(stat(path, &st), 0);
		CHECK_INT(st.st_mode & 0777, 0600);
	}
	vs_sim_tdx_free(&t);
	vs_sim_tdx_free(&u);
	remove_dir();
}

static void
damage(const char *name, const char *text)
{
	struct vs_sim_tdx *u = NULL;
	struct vs_err err = {0};
	struct vs_buf old = {0};
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	CHECK_OK(vs_file_read(path, 65536, &old, &err), err);
	CHECK_OK(vs_file_write(path, vs_span_cstr(text), 0600, &err), err);
	CHECK(vs_sim_tdx_load(dir, &u, &err) != VS_OK);
	CHECK(strstr(err.msg, name) != NULL);
	CHECK(u == NULL);
	CHECK_OK(vs_file_write(path, vs_buf_span(&old), 0600, &err), err);
	vs_buf_fini(&old);
}

static void
test_each_damaged_file_is_named(void)
{
	struct vs_sim_tdx *t = make(), *u = NULL;
	struct vs_err err = {0};

	fresh_dir();
	CHECK_OK(vs_sim_tdx_save(t, dir, &err), err);
	damage("pki.json", "{");
	damage("pki.json", "{\"tee\":\"tdx\",\"fmspc\":\"00\"}");
	damage("pki.json",
	    "{\"fmspc\":\"000000000000\",\"pceid\":\"0000\",\"svn\":"
	    "\"00000000000000000000000000000000\",\"pcesvn\":65536}");
	damage("root.pem", "");
	damage("ca.pem", "-----BEGIN CERTIFICATE-----\n");
	damage("signing.pem", "not PEM");
	damage("pck.pem", "");
	damage("root.key", "");
	damage("qe.key", "x");
	CHECK_OK(vs_sim_tdx_load(dir, &u, &err), err);
	vs_sim_tdx_free(&t);
	vs_sim_tdx_free(&u);
	remove_dir();
}

static struct vs_json *
inner(
    vs_status (*fn)(const struct vs_sim_tdx *,
	const struct vs_sim_tdx_collateral *, struct vs_buf *, struct vs_err *),
    const struct vs_sim_tdx *t, const struct vs_sim_tdx_collateral *c,
    const char *name)
{
	VS_AUTO(vs_json) *doc = NULL;
	struct vs_buf text = {0};
	struct vs_err err = {0};
	struct vs_json *copy;

	CHECK_OK(fn(t, c, &text, &err), err);
	CHECK_OK(vs_json_parse(vs_buf_span(&text), &doc, &err), err);
	copy = vs_json_copy(vs_json_get(doc, name));
	vs_buf_fini(&text);
	return copy;
}

static void
check_text(const struct vs_json *obj, const char *name, const char *want)
{
	struct vs_span text = {NULL, 0};

	CHECK(vs_json_is_string(vs_json_get(obj, name), &text));
	CHECK(vs_span_is(text, want));
}

static void
check_levels(const struct vs_json *obj, size_t n, size_t i, const char *status)
{
	const struct vs_json *levels = vs_json_get(obj, "tcbLevels");

	CHECK_INT(vs_json_size(levels), n);
	check_text(vs_json_at(levels, i), "tcbStatus", status);
}

static void
test_statements_say_what_was_asked(void)
{
	struct vs_sim_tdx *t = make();
	struct vs_sim_tdx_collateral c = {.issued = NOW, .number = 21};
	struct vs_json *v = inner(vs_sim_tdx_tcb_info, t, &c, "tcbInfo");
	int64_t number = 0;

	check_text(v, "issueDate", "2026-01-01T00:00:00Z");
	check_text(v, "nextUpdate", "2026-01-31T00:00:00Z");
	CHECK(
	    vs_json_is_int(vs_json_get(v, "tcbEvaluationDataNumber"), &number));
	CHECK_INT(number, 21);
	check_levels(v, 2, 0, "UpToDate");
	vs_json_free(&v);
	c.raised = true;
	v = inner(vs_sim_tdx_tcb_info, t, &c, "tcbInfo");
	check_levels(v, 3, 1, "OutOfDate");
	vs_json_free(&v);
	c = (struct vs_sim_tdx_collateral){.issued = NOW, .platform_out = true};
	v = inner(vs_sim_tdx_tcb_info, t, &c, "tcbInfo");
	check_levels(v, 2, 0, "Revoked");
	vs_json_free(&v);
	v = inner(vs_sim_tdx_qe_identity, t, &c, "enclaveIdentity");
	check_text(v, "id", "TD_QE");
	vs_json_free(&v);
	c.sgx_qe = true;
	v = inner(vs_sim_tdx_qe_identity, t, &c, "enclaveIdentity");
	check_text(v, "id", "QE");
	vs_json_free(&v);
	vs_sim_tdx_free(&t);
}

static vs_status
command(const char *a, const char *b, const char *c)
{
	char args[4][160] = {"pki"};
	char *argv[] = {args[0], args[1], args[2], args[3], NULL};
	const char *in[] = {a, b, c};
	struct vs_buf done = {0};
	struct vs_err err = {0};
	int argc = 1;
	vs_status st;

	for (int i = 0; i < 3 && in[i] != NULL; i++)
		(void)snprintf(args[argc++], sizeof(args[0]), "%s", in[i]);
	argv[argc] = NULL;
	st = vs_sim_pki_command(argc, argv, NOW, &done, &err);
	CHECK((st == VS_OK) == (done.n > 0));
	vs_buf_fini(&done);
	return st;
}

static void
test_command(void)
{
	struct vs_sim_tdx *u = NULL;
	struct vs_err err = {0};
	bool tdx = true;

	fresh_dir();
	CHECK(vs_sim_tdx_is(dir, &tdx, &err) != VS_OK);
	CHECK_INT(command(dir, "--tee=sgx", NULL), VS_USAGE);
	CHECK_INT(command(dir, "--tee=tdx", "--product=Milan"), VS_USAGE);
	CHECK_INT(command(dir, "--tee=tdx", "--fmspc=00"), VS_USAGE);
	CHECK_INT(command("--tee=tdx", NULL, NULL), VS_USAGE);
	CHECK_INT(command(dir, "--tee=tdx", "--fmspc=00A06D080000"), VS_OK);
	CHECK_OK(vs_sim_tdx_load(dir, &u, &err), err);
	CHECK_INT(u->opt.fmspc[1], 0xa0);
	CHECK_INT(command(dir, "--tee=tdx", NULL), VS_CONFLICT);
	CHECK_INT(command(dir, "--tee=snp", "--rsa-bits=2048"), VS_CONFLICT);
	vs_sim_tdx_free(&u);
	remove_dir();
}

int
main(void)
{
	RUN(test_quotes_have_their_sizes);
	RUN(test_unknown_shapes_are_refused);
	RUN(test_words_set_what_they_say);
	RUN(test_event_log_leads_to_the_registers);
	RUN(test_save_and_load);
	RUN(test_each_damaged_file_is_named);
	RUN(test_statements_say_what_was_asked);
	RUN(test_command);
	return check_result();
}
