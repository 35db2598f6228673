/* SPDX-License-Identifier: Apache-2.0 */
#include "guest/tsm.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/random.h"

enum {
	BLOB_MAX = 64 * 1024, /* the broker takes no more */
	TEXT_MAX = 64,
};

static void
step(const struct vs_tsm *tsm, const char *entry, const char *name)
{
	if (tsm->step != NULL)
		tsm->step(tsm->ctx, entry, name);
}

static vs_status
open_attr(
    const char *entry, const char *name, int flags, int *fd, struct vs_err *err)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", entry, name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return vs_fail(err, VS_USAGE, "path too long");
	*fd = open(path, flags | O_CLOEXEC);
	if (*fd < 0)
		return vs_fail(err, VS_UNAVAILABLE, "cannot open %s: %s", path,
		    strerror(errno));
	return VS_OK;
}

/* The kernel takes an attribute in one write. */
static vs_status
write_attr(const char *entry, const char *name, struct vs_span bytes,
    struct vs_err *err)
{
	int fd = -1;
	ssize_t n;

	VS_TRY(err, "configfs-tsm", open_attr(entry, name, O_WRONLY, &fd, err));
	n = write(fd, bytes.p, bytes.n);
	(void)close(fd); /* the write told */
	if (n != (ssize_t)bytes.n)
		return vs_fail(err, VS_UNAVAILABLE, "cannot write %s: %s", name,
		    n < 0 ? strerror(errno) : "short write");
	return VS_OK;
}

static vs_status
read_attr(const char *entry, const char *name, size_t max, struct vs_buf *out,
    struct vs_err *err)
{
	uint8_t chunk[4096];
	int fd = -1, why;
	ssize_t n;

	VS_TRY(err, "configfs-tsm", open_attr(entry, name, O_RDONLY, &fd, err));
	while ((n = read(fd, chunk, sizeof(chunk))) > 0 && out->n <= max)
		vs_buf_add(out, VS_SPAN(chunk, (size_t)n));
	why = errno;
	(void)close(fd); /* read only */
	if (n < 0)
		return vs_fail(err, VS_UNAVAILABLE, "cannot read %s: %s", name,
		    strerror(why));
	if (out->n > max)
		return vs_fail(err, VS_TOO_LARGE, "%s", name);
	VS_TRY(err, name, vs_buf_status(out));
	return VS_OK;
}

/* One line of text, without its newline. */
static vs_status
read_text(
    const char *entry, const char *name, char out[TEXT_MAX], struct vs_err *err)
{
	struct vs_buf b = {0};
	vs_status st = read_attr(entry, name, TEXT_MAX - 1, &b, err);

	if (st == VS_OK)
		(void)snprintf(out, TEXT_MAX, "%.*s",
		    (int)strcspn(vs_buf_cstr(&b), "\n"), vs_buf_cstr(&b));
	vs_buf_fini(&b);
	return st;
}

/* What the kernel's drivers answer with. */
static vs_status
find_kind(const char *entry, const char **kind, struct vs_err *err)
{
	static const struct {
		const char *provider, *kind;
	} kinds[] = {{"sev_guest", "snp"}, {"tdx_guest", "tdx"}};
	char provider[TEXT_MAX];

	VS_TRY(err, "provider", read_text(entry, "provider", provider, err));
	for (size_t i = 0; i < VS_COUNT(kinds); i++) {
		if (strcmp(provider, kinds[i].provider) == 0) {
			*kind = kinds[i].kind;
			return VS_OK;
		}
	}
	return vs_fail(err, VS_UNSUPPORTED,
	    "this machine's provider is neither sev_guest nor tdx_guest: only "
	    "SEV-SNP and TDX guests are served");
}

static vs_status
ask(const struct vs_tsm *tsm, const char *entry, const uint8_t report_data[64],
    struct vs_err *err)
{
	char level[16];

	VS_TRY(err, "inblob",
	    write_attr(entry, "inblob", VS_SPAN(report_data, 64), err));
	if (tsm->privlevel >= 0) {
		(void)snprintf(level, sizeof(level), "%d", tsm->privlevel);
		VS_TRY(err, "privlevel",
		    write_attr(entry, "privlevel", vs_span_cstr(level), err));
	}
	step(tsm, entry, "asked");
	return VS_OK;
}

/* The generation counts writes to the entry: when it stands still from before
 * the first blob to after the last one, both answer our question. */
static vs_status
answer(const struct vs_tsm *tsm, const char *entry, const char *kind,
    struct vs_guest_evidence *out, struct vs_err *err)
{
	char before[TEXT_MAX], after[TEXT_MAX];

	VS_TRY(err, "generation", read_text(entry, "generation", before, err));
	VS_TRY(err, "outblob",
	    read_attr(entry, "outblob", BLOB_MAX, &out->report, err));
	/* A TD's quote carries its certificates. */
	if (strcmp(kind, "snp") == 0)
		VS_TRY(err, "auxblob",
		    read_attr(entry, "auxblob", BLOB_MAX, &out->certs, err));
	step(tsm, entry, "answered");
	VS_TRY(err, "generation", read_text(entry, "generation", after, err));
	if (strcmp(before, after) != 0)
		return vs_fail(err, VS_CONFLICT,
		    "another program wrote to %s: try again", entry);
	if (out->report.n == 0)
		return vs_fail(err, VS_UNAVAILABLE, "outblob is empty");
	out->kind = kind;
	return VS_OK;
}

static vs_status
make_entry(const struct vs_tsm *tsm, char entry[PATH_MAX], struct vs_err *err)
{
	const char *base = tsm->path == NULL ? VS_TSM_PATH : tsm->path;
	uint8_t bytes[8];
	char name[2 * sizeof(bytes) + 1];
	int n;

	VS_TRY(err, "entry name", vs_random(bytes, sizeof(bytes)));
	vs_hex(VS_SPAN_OF(bytes), name);
	n = snprintf(entry, PATH_MAX, "%s/vouchsafe-%s", base, name);
	if (n < 0 || n >= PATH_MAX)
		return vs_fail(err, VS_USAGE, "path too long");
	if (mkdir(entry, 0700) == 0)
		return VS_OK;
	if (errno == ENOENT)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%s is not there: is this a confidential VM, configfs "
		    "mounted and the sev-guest or tdx-guest driver loaded?",
		    base);
	return vs_fail(err, VS_UNAVAILABLE, "cannot create %s: %s%s", entry,
	    strerror(errno), errno == EACCES ? ": run as root" : "");
}

vs_status
vs_tsm_collect(const struct vs_tsm *tsm, const uint8_t report_data[64],
    struct vs_guest_evidence *out, struct vs_err *err)
{
	const char *kind = NULL;
	char entry[PATH_MAX];
	vs_status st;

	VS_TRY(err, "configfs-tsm", make_entry(tsm, entry, err));
	step(tsm, entry, "made");
	st = find_kind(entry, &kind, err);
	if (st == VS_OK && tsm->privlevel >= 0 && strcmp(kind, "snp") != 0)
		st = vs_fail(
		    err, VS_USAGE, "--privlevel: a TD has no such level");
	if (st == VS_OK)
		st = ask(tsm, entry, report_data, err);
	if (st == VS_OK)
		st = answer(tsm, entry, kind, out, err);
	step(tsm, entry, "done");
	/* What is left behind is an empty entry: no reason to fail. */
	(void)rmdir(entry);
	return st == VS_OK ? st : vs_ctx(err, "configfs-tsm", st);
}
