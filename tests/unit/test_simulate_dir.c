/* SPDX-License-Identifier: Apache-2.0 */
/* The PKI as a directory: what is written comes back, and nothing else. */
#include <dirent.h>
#include <unistd.h>

#include "base/file.h"
#include "check.h"
#include "simulate/command.h"
#include "simulate/pki.h"

static char dir[64];

static void
fresh_dir(void)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/vouchsafe-pki.XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
}

static void
path_of(const char *name, char out[256])
{
	(void)snprintf(out, 256, "%s/%s", dir, name);
}

static void
remove_dir(void)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	char path[512];

	while ((e = readdir(d)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%.200s", dir, e->d_name);
		(void)unlink(path);
	}
	(void)closedir(d);
	CHECK_INT(rmdir(dir), 0);
}

static struct vs_sim_pki *
make(vs_sim_product product)
{
	struct vs_sim_pki_options opt;
	struct vs_sim_pki *p = NULL;
	struct vs_err err = {0};

	vs_sim_pki_defaults(product, 1767225600, &opt);
	opt.rsa_bits = 2048;
	CHECK_OK(vs_sim_pki_new(&opt, &p, &err), err);
	return p;
}

static void
test_save_and_load(void)
{
	struct vs_sim_pki *p = make(VS_SIM_TURIN), *q = NULL;
	struct vs_sim_guest g = {0};
	uint8_t report[VS_SIM_REPORT_SIZE];
	struct vs_err err = {0};
	struct vs_buf crl = {0};
	struct vs_sim_leaf leaf;

	fresh_dir();
	CHECK_OK(vs_sim_pki_save(p, dir, &err), err);
	CHECK_OK(vs_sim_pki_load(dir, &q, &err), err);
	CHECK(vs_span_equal(vs_sim_ark(p), vs_sim_ark(q)));
	CHECK(vs_span_equal(vs_sim_ask(p), vs_sim_ask(q)));
	CHECK(vs_span_equal(vs_sim_asvk(p), vs_sim_asvk(q)));
	CHECK(vs_span_equal(vs_sim_vcek(p), vs_sim_vcek(q)));
	CHECK(vs_span_equal(vs_sim_vlek(p), vs_sim_vlek(q)));
	CHECK_INT(q->product, VS_SIM_TURIN);
	CHECK(memcmp(&p->tcb, &q->tcb, sizeof(p->tcb)) == 0);
	CHECK(memcmp(p->chip_id, q->chip_id, sizeof(p->chip_id)) == 0);
	CHECK_OK(vs_sim_report(q, &g, report, &err), err);
	CHECK_OK(vs_sim_crl(q, 1, 2, NULL, 0, &crl, &err), err);
	vs_sim_leaf_default(q, false, &leaf); /* its CA's key was not kept */
	CHECK_INT(vs_sim_leaf_issue(q, false, &leaf, &crl, &err), VS_USAGE);
	vs_buf_fini(&crl);
	vs_sim_pki_free(&p);
	vs_sim_pki_free(&q);
	remove_dir();
}

static void
check_mode(const char *name, unsigned want)
{
	struct stat st;
	char path[256];

	path_of(name, path);
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 0777, want);
}

static void
test_keys_are_private(void)
{
	struct vs_sim_pki *p = make(VS_SIM_MILAN);
	struct vs_err err = {0};

	fresh_dir();
	CHECK_OK(vs_sim_pki_save(p, dir, &err), err);
	check_mode("ark.key", 0600);
	check_mode("vcek.key", 0600);
	check_mode("vlek.key", 0600);
	check_mode("ark.pem", 0644);
	check_mode("crl.der", 0644);
	vs_sim_pki_free(&p);
	remove_dir();
}

static void
damage(const char *name, const char *text)
{
	struct vs_sim_pki *q = NULL;
	struct vs_err err = {0};
	struct vs_buf old = {0};
	char path[256];

	path_of(name, path);
	CHECK_OK(vs_file_read(path, 65536, &old, &err), err);
	CHECK_OK(vs_file_write(path, vs_span_cstr(text), 0600, &err), err);
	CHECK(vs_sim_pki_load(dir, &q, &err) != VS_OK);
	CHECK(strstr(err.msg, name) != NULL); /* the message names the file */
	CHECK(q == NULL);
	CHECK_OK(vs_file_write(path, vs_buf_span(&old), 0600, &err), err);
	vs_buf_fini(&old);
}

static void
test_each_damaged_file_is_named(void)
{
	struct vs_sim_pki *p = make(VS_SIM_MILAN), *q = NULL;
	struct vs_err err = {0};

	fresh_dir();
	CHECK_OK(vs_sim_pki_save(p, dir, &err), err);
	damage("pki.json", "{");
	damage("pki.json", "{\"product\":\"Rome\"}");
	damage("pki.json",
	    "{\"product\":\"Milan\",\"chip_id\":\"00\",\"created\":1}");
	damage("ark.pem", "");
	damage("ask.pem", "-----BEGIN CERTIFICATE-----\n");
	damage("asvk.pem", "not PEM");
	damage("vcek.pem", "-----BEGIN X-----\nAAAA\n-----END X-----\n");
	damage("vlek.pem", "");
	damage("vcek.key", "");
	damage("vlek.key", "-----BEGIN PRIVATE KEY-----\n");
	damage("ark.key", "x");
	CHECK_OK(vs_sim_pki_load(dir, &q, &err), err);
	vs_sim_pki_free(&p);
	vs_sim_pki_free(&q);
	remove_dir();
}

static vs_status
command(const char *a, const char *b, const char *c, const char *d)
{
	char args[5][160] = {"pki"};
	char *argv[] = {args[0], args[1], args[2], args[3], args[4], NULL};
	const char *in[] = {a, b, c, d};
	struct vs_buf done = {0};
	struct vs_err err = {0};
	int argc = 1;
	vs_status st;

	for (int i = 0; i < 4 && in[i] != NULL; i++)
		(void)snprintf(args[argc++], sizeof(args[0]), "%s", in[i]);
	argv[argc] = NULL;
	st = vs_sim_pki_command(argc, argv, 1767225600, &done, &err);
	CHECK((st == VS_OK) == (done.n > 0));
	vs_buf_fini(&done);
	return st;
}

static void
test_command(void)
{
	struct vs_sim_pki *q = NULL;
	struct vs_err err = {0};

	fresh_dir();
	CHECK_INT(command(NULL, NULL, NULL, NULL), VS_USAGE);
	CHECK_INT(command(dir, "--product=Rome", NULL, NULL), VS_USAGE);
	CHECK_INT(command(dir, "--rsa-bits=1024", NULL, NULL), VS_USAGE);
	CHECK_INT(command(dir, "--chip-id=00", NULL, NULL), VS_USAGE);
	CHECK_INT(command(dir, "--tcb=1.2.3", NULL, NULL), VS_USAGE);
	CHECK_INT(command(dir, "--tcb=1.2.3.4.256", NULL, NULL), VS_USAGE);
	CHECK_INT(command(dir, "--other", NULL, NULL), VS_USAGE);
	CHECK_INT(command(dir, dir, NULL, NULL), VS_USAGE);
	CHECK_INT(command(dir, "--rsa-bits=2048", "--product=turin",
		      "--tcb=1.2.3.4.255"),
	    VS_OK);
	CHECK_OK(vs_sim_pki_load(dir, &q, &err), err);
	CHECK_INT(q->product, VS_SIM_TURIN);
	CHECK(q->tcb.fmc == 1 && q->tcb.bl == 2 && q->tcb.tee == 3 &&
	    q->tcb.snp == 4 && q->tcb.ucode == 255);
	CHECK_INT(command(dir, "--rsa-bits=2048", NULL, NULL), VS_CONFLICT);
	vs_sim_pki_free(&q);
	remove_dir();
}

int
main(void)
{
	RUN(test_save_and_load);
	RUN(test_keys_are_private);
	RUN(test_each_damaged_file_is_named);
	RUN(test_command);
	return check_result();
}
