/* SPDX-License-Identifier: Apache-2.0 */
/* configfs-tsm against a directory that plays the kernel. */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "guest/tsm.h"

enum { REPORT = 1184, TABLE = 100 };

struct kernel {
	const char *provider;
	bool no_answer, moves, empty, no_aux, no_file;
	uint8_t inblob[128];
	ssize_t inblob_n;
	char privlevel[8];
	int done;
};

static void
put(const char *entry, const char *name, const void *bytes, size_t n)
{
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", entry, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	CHECK(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
	(void)close(fd);
}

static ssize_t
get(const char *entry, const char *name, void *bytes, size_t n)
{
	char path[PATH_MAX];
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", entry, name);
	fd = open(path, O_RDONLY);
	got = fd < 0 ? -1 : read(fd, bytes, n);
	if (fd >= 0)
		(void)close(fd);
	return got;
}

static void
clean(const char *entry)
{
	static const char *const names[] = {"provider", "generation", "inblob",
	    "privlevel", "outblob", "auxblob"};
	char path[PATH_MAX];

	for (size_t i = 0; i < VS_COUNT(names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", entry, names[i]);
		(void)unlink(path);
	}
}

static void
on_step(void *ctx, const char *entry, const char *step)
{
	struct kernel *k = ctx;
	uint8_t report[REPORT], table[TABLE];

	if (strcmp(step, "made") == 0) {
		put(entry, "provider", k->provider, strlen(k->provider));
		put(entry, "generation", "0\n", 2);
		put(entry, "inblob", "", 0);
		put(entry, "privlevel", "", 0);
	} else if (strcmp(step, "asked") == 0) {
		k->inblob_n =
		    get(entry, "inblob", k->inblob, sizeof(k->inblob));
		(void)get(
		    entry, "privlevel", k->privlevel, sizeof(k->privlevel) - 1);
		put(entry, "generation", "1\n", 2);
		memset(report, 0xab, sizeof(report));
		memset(table, 0xcd, sizeof(table));
		if (!k->no_answer)
			put(entry, "outblob", report, k->empty ? 0 : REPORT);
		if (!k->no_file)
			put(entry, "auxblob", table, k->no_aux ? 0 : TABLE);
	} else if (strcmp(step, "answered") == 0) {
		if (k->moves)
			put(entry, "generation", "2\n", 2);
	} else {
		CHECK_STR(step, "done");
		k->done++;
		clean(entry);
	}
}

static vs_status
collect(struct kernel *k, int privlevel, struct vs_guest_evidence *e,
    struct vs_err *err)
{
	char dir[] = "/tmp/vouchsafe-tsm.XXXXXX";
	uint8_t report_data[64];
	struct vs_tsm tsm = {.privlevel = privlevel, .step = on_step, .ctx = k};
	vs_status st;

	CHECK(mkdtemp(dir) != NULL);
	tsm.path = dir;
	memset(report_data, 0x5a, sizeof(report_data));
	st = vs_tsm_collect(&tsm, report_data, e, err);
	CHECK_INT(k->done, 1);
	k->done = 0;
	CHECK_INT(rmdir(dir), 0); /* the entry is gone, whatever happened */
	return st;
}

static void
test_report_and_table_are_read(void)
{
	struct kernel k = {.provider = "sev_guest\n"};
	struct vs_guest_evidence e = {0};
	struct vs_err err = {0};

	CHECK_OK(collect(&k, -1, &e, &err), err);
	CHECK_INT(k.inblob_n, 64);
	CHECK(k.inblob[0] == 0x5a && k.inblob[63] == 0x5a);
	CHECK_STR(k.privlevel, "");
	CHECK_STR(e.kind, "snp");
	CHECK_INT(e.report.n, REPORT);
	CHECK_INT(e.certs.n, TABLE);
	CHECK(e.report.p[REPORT - 1] == 0xab && e.certs.p[0] == 0xcd);
	vs_guest_evidence_fini(&e);
}

static void
test_privlevel_and_empty_table(void)
{
	struct kernel k = {.provider = "sev_guest", .no_aux = true};
	struct vs_guest_evidence e = {0};
	struct vs_err err = {0};

	CHECK_OK(collect(&k, 2, &e, &err), err);
	CHECK_STR(k.privlevel, "2");
	CHECK_INT(e.certs.n, 0);
	vs_guest_evidence_fini(&e);
}

/* A TD's quote has its certificates inside; auxblob may not even be there. */
static void
test_quote_of_a_td(void)
{
	struct kernel k = {.provider = "tdx_guest\n", .no_file = true};
	struct vs_guest_evidence e = {0};
	struct vs_err err = {0};

	CHECK_OK(collect(&k, -1, &e, &err), err);
	CHECK_INT(k.inblob_n, 64);
	CHECK(k.inblob[0] == 0x5a && k.inblob[63] == 0x5a);
	CHECK_STR(e.kind, "tdx");
	CHECK_INT(e.report.n, REPORT);
	CHECK_INT(e.certs.n, 0);
	vs_guest_evidence_fini(&e);
	CHECK_INT(collect(&k, 2, &e, &err), VS_USAGE);
	vs_guest_evidence_fini(&e);
}

static void
check_refused(struct kernel k, vs_status want)
{
	struct vs_guest_evidence e = {0};
	struct vs_err err = {0};

	CHECK_INT(collect(&k, -1, &e, &err), want);
	CHECK(strstr(err.msg, "configfs-tsm") != NULL);
	vs_guest_evidence_fini(&e);
}

static void
test_each_failure_is_told(void)
{
	check_refused(
	    (struct kernel){.provider = "arm_cca_guest"}, VS_UNSUPPORTED);
	check_refused((struct kernel){.provider = "sev_guest", .no_file = true},
	    VS_UNAVAILABLE);
	check_refused((struct kernel){.provider = "tdx_guest", .moves = true},
	    VS_CONFLICT);
	check_refused((struct kernel){.provider = "tdx_guest", .empty = true},
	    VS_UNAVAILABLE);
	check_refused(
	    (struct kernel){.provider = "sev_guest", .no_answer = true},
	    VS_UNAVAILABLE);
	check_refused((struct kernel){.provider = "sev_guest", .empty = true},
	    VS_UNAVAILABLE);
	check_refused((struct kernel){.provider = "sev_guest", .moves = true},
	    VS_CONFLICT);
}

static void
test_absent_configfs_says_what_to_look_at(void)
{
	struct vs_tsm tsm = {.path = "/nonexistent/vouchsafe", .privlevel = -1};
	struct vs_guest_evidence e = {0};
	struct vs_err err = {0};
	uint8_t report_data[64] = {0};

	CHECK_INT(vs_tsm_collect(&tsm, report_data, &e, &err), VS_UNAVAILABLE);
	CHECK(strstr(err.msg, "sev-guest") != NULL);
	vs_guest_evidence_fini(&e);
}

int
main(void)
{
	RUN(test_report_and_table_are_read);
	RUN(test_privlevel_and_empty_table);
	RUN(test_quote_of_a_td);
	RUN(test_each_failure_is_told);
	RUN(test_absent_configfs_says_what_to_look_at);
	return check_result();
}
