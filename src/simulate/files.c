/* SPDX-License-Identifier: Apache-2.0 */
#include "simulate/files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "crypto/pem.h"

enum {
	PATH_LEN_MAX = 4096,
	FILE_SIZE_MAX = 64 * 1024, /* the largest is a 4096-bit key, 4 KiB */
};

static vs_status
path_of(const char *dir, const char *name, char out[PATH_LEN_MAX],
    struct vs_err *err)
{
	int n = snprintf(out, PATH_LEN_MAX, "%s/%s", dir, name);

	if (n < 0 || n >= PATH_LEN_MAX)
		return vs_fail(err, VS_TOO_LARGE, "%s: path too long", dir);
	return VS_OK;
}

vs_status
vs_sim_file_save(const char *dir, const char *name, struct vs_span data,
    unsigned mode, struct vs_err *err)
{
	char path[PATH_LEN_MAX];

	VS_TRY(err, name, path_of(dir, name, path, err));
	return vs_file_write(path, data, mode, err);
}

vs_status
vs_sim_mkdir(const char *dir, struct vs_err *err)
{
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return vs_fail(err, VS_UNAVAILABLE, "%s: cannot create: %s",
		    dir, strerror(errno));
	return VS_OK;
}

vs_status
vs_sim_cert_save(const char *dir, const char *name, const struct vs_buf *der,
    struct vs_err *err)
{
	struct vs_buf pem = {0};
	vs_status st =
	    vs_issue_pem_write("CERTIFICATE", vs_buf_span(der), &pem, err);

	if (st == VS_OK)
		st = vs_sim_file_save(dir, name, vs_buf_span(&pem), 0644, err);
	vs_buf_fini(&pem);
	return st;
}

vs_status
vs_sim_key_save(const char *dir, const char *name,
    const struct vs_issue_key *key, struct vs_err *err)
{
	struct vs_buf pem = {0};
	vs_status st = vs_issue_key_write(key, &pem, err);

	if (st == VS_OK)
		st = vs_sim_file_save(dir, name, vs_buf_span(&pem), 0600, err);
	vs_buf_fini(&pem);
	return st;
}

vs_status
vs_sim_file_load(
    const char *dir, const char *name, struct vs_buf *out, struct vs_err *err)
{
	char path[PATH_LEN_MAX];

	VS_TRY(err, name, path_of(dir, name, path, err));
	return vs_file_read(path, FILE_SIZE_MAX, out, err);
}

static vs_status
pem_cert(struct vs_span text, struct vs_buf *der, struct vs_err *err)
{
	struct vs_rd rd = vs_rd_of(text);
	struct vs_arena a;
	struct vs_pem pem;
	vs_status st;

	vs_arena_init(&a, FILE_SIZE_MAX);
	st = vs_pem_next(&rd, &a, &pem);
	if (st == VS_OK && !vs_span_is(pem.label, "CERTIFICATE"))
		st = vs_fail(err, VS_MALFORMED, "no certificate inside");
	if (st == VS_OK) {
		vs_buf_add(der, pem.der);
		st = vs_buf_status(der);
	}
	vs_arena_fini(&a);
	return st;
}

vs_status
vs_sim_cert_load(
    const char *dir, const char *name, struct vs_buf *der, struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st = vs_sim_file_load(dir, name, &text, err);

	if (st == VS_OK)
		st = pem_cert(vs_buf_span(&text), der, err);
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_ctx(err, name, st);
}

vs_status
vs_sim_key_load(const char *dir, const char *name, struct vs_issue_key **key,
    struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st = vs_sim_file_load(dir, name, &text, err);

	if (st == VS_OK)
		st = vs_issue_key_read(vs_buf_span(&text), key, err);
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_ctx(err, name, st);
}

vs_status
vs_sim_json_save(const char *dir, const char *name, const struct vs_json *v,
    struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st = vs_json_dump(v, VS_JSON_PRETTY, &text);

	if (st == VS_OK)
		st = vs_sim_file_save(dir, name, vs_buf_span(&text), 0644, err);
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_ctx(err, name, st);
}

vs_status
vs_sim_json_load(
    const char *dir, const char *name, struct vs_json **out, struct vs_err *err)
{
	struct vs_buf text = {0};
	vs_status st = vs_sim_file_load(dir, name, &text, err);

	if (st == VS_OK)
		st = vs_json_parse(vs_buf_span(&text), out, err);
	vs_buf_fini(&text);
	return st == VS_OK ? st : vs_ctx(err, name, st);
}
