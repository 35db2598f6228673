/* SPDX-License-Identifier: Apache-2.0 */
/* The Landlock rules, the limits on files, and becoming another user. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cage.h"
#include "base/secret.h"

#ifdef VS_UNCAGED
enum { UNCAGED = 1 };
#else
enum { UNCAGED = 0 };
#endif

/*
 * As the kernel's own header has it in Linux 6.12; older headers know less,
 * and an older kernel is handed the part that it knows.
 */
struct ruleset {
	uint64_t fs;
	uint64_t net;   /* version 4 */
	uint64_t scope; /* version 6 */
};

enum {
	FS_1 = (1 << 13) - 1,  /* version 1: 13 rights, EXECUTE to MAKE_SYM */
	FS_REFER = 1 << 13,    /* version 2 */
	FS_TRUNCATE = 1 << 14, /* version 3 */
	FS_IOCTL = 1 << 15,    /* version 5, of devices */
	NET_ALL = 3,           /* bind and connect of TCP */
	SCOPE_ALL = 3,         /* abstract sockets and signals */

	READ_FILE = LANDLOCK_ACCESS_FS_READ_FILE,
	READ_TREE = READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	CHANGE_FILE = READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE,
	CHANGE_TREE = CHANGE_FILE | READ_TREE | LANDLOCK_ACCESS_FS_MAKE_REG |
	    LANDLOCK_ACCESS_FS_REMOVE_FILE,
};

static size_t
fill(long version, struct ruleset *r)
{
	r->fs = FS_1;
	if (version >= 2)
		r->fs |= FS_REFER;
	if (version >= 3)
		r->fs |= FS_TRUNCATE;
	if (version >= 5)
		r->fs |= FS_IOCTL;
	r->net = version >= 4 ? NET_ALL : 0;
	r->scope = version >= 6 ? SCOPE_ALL : 0;
	if (version >= 6)
		return sizeof *r;
	return version >= 4 ? offsetof(struct ruleset, scope)
			    : offsetof(struct ruleset, net);
}

static uint64_t
rights(const struct vs_cage_path *p, bool dir)
{
	if (p->use == VS_CAGE_CHANGE)
		return dir ? CHANGE_TREE : CHANGE_FILE;
	return dir ? READ_TREE : READ_FILE;
}

static vs_status
add_path(int rules, uint64_t handled, const struct vs_cage_path *p,
    struct vs_err *err)
{
	struct landlock_path_beneath_attr attr = {
	    .parent_fd = open(p->path, O_PATH | O_CLOEXEC)};
	struct stat st;
	bool ok;

	if (attr.parent_fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return VS_OK;
	ok = attr.parent_fd >= 0 && fstat(attr.parent_fd, &st) == 0;
	if (ok) {
		attr.allowed_access = rights(p, S_ISDIR(st.st_mode)) & handled;
		ok = syscall(SYS_landlock_add_rule, rules,
			 LANDLOCK_RULE_PATH_BENEATH, &attr, 0) == 0;
	}
	if (attr.parent_fd >= 0)
		(void)close(attr.parent_fd); /* a name, nothing written */
	return ok ? VS_OK
		  : vs_fail(err, VS_UNAVAILABLE,
			"%s: cannot be made reachable from the cage", p->path);
}

static vs_status
enforce(int rules, uint64_t handled, const struct vs_cage_path *paths, size_t n,
    struct vs_err *err)
{
	for (size_t i = 0; i < n; i++)
		VS_TRY(err, "cage", add_path(rules, handled, &paths[i], err));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return vs_fail(err, VS_INTERNAL, "cage: no_new_privs");
	if (syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		return vs_fail(err, VS_UNAVAILABLE,
		    "cage: the kernel refuses the Landlock rules");
	return VS_OK;
}

vs_status
vs_cage_files(const struct vs_cage_path *paths, size_t n, struct vs_err *err)
{
	struct ruleset r = {0};
	long version = UNCAGED ? 0
			       : syscall(SYS_landlock_create_ruleset, NULL, 0,
				     LANDLOCK_CREATE_RULESET_VERSION);
	long rules = -1;
	vs_status st;

	if (n > VS_CAGE_PATHS_MAX)
		return vs_fail(err, VS_RANGE, "cage: too many paths");
	if (version >= 1)
		rules = syscall(
		    SYS_landlock_create_ruleset, &r, fill(version, &r), 0);
	if (rules < 0)
		return vs_fail(err, VS_UNSUPPORTED,
		    "cage: this kernel offers no Landlock");
	st = enforce((int)rules, r.fs, paths, n, err);
	(void)close((int)rules); /* it is in force, or not wanted */
	return st;
}

vs_status
vs_cage_no_new_files(
    unsigned open_files, uint64_t file_bytes, struct vs_err *err)
{
	const struct rlimit files = {open_files, open_files};
	const struct rlimit bytes = {file_bytes, file_bytes};

	if (UNCAGED)
		return VS_OK;
	if (setrlimit(RLIMIT_NOFILE, &files) != 0 ||
	    setrlimit(RLIMIT_FSIZE, &bytes) != 0)
		return vs_fail(err, VS_INTERNAL, "cage: limits on files");
	return VS_OK;
}

/* Digits up to the end, or up to a ':'. NULL: no number. */
static const char *
read_id(const char *at, uint32_t *out)
{
	uint64_t v = 0;
	const char *p = at;

	for (; *p >= '0' && *p <= '9'; p++) {
		v = v * 10 + (uint64_t)(*p - '0');
		if (v > UINT32_MAX - 1) /* the last one means "no user" */
			return NULL;
	}
	*out = (uint32_t)v;
	return p == at || (*p != '\0' && *p != ':') ? NULL : p;
}

static bool
read_ids(const char *text, struct vs_cage_user *out)
{
	const char *p = read_id(text, &out->uid);

	out->gid = out->uid;
	if (p != NULL && *p == ':')
		p = read_id(p + 1, &out->gid);
	return p != NULL && *p == '\0';
}

vs_status
vs_cage_user_find(
    const char *text, struct vs_cage_user *out, struct vs_err *err)
{
	struct vs_cage_user u = {0};
	struct passwd pw;
	struct passwd *found = NULL;
	char buf[4096];

	if (!read_ids(text, &u)) {
		if (getpwnam_r(text, &pw, buf, sizeof buf, &found) != 0 ||
		    found == NULL)
			return vs_fail(err, VS_NOT_FOUND,
			    "no user \"%.64s\"; create it (useradd --system) "
			    "or give UID:GID",
			    text);
		u = (struct vs_cage_user){pw.pw_uid, pw.pw_gid};
	}
	if (u.uid == 0 || u.gid == 0)
		return vs_fail(
		    err, VS_USAGE, "user \"%.64s\": must not be root", text);
	*out = u;
	return VS_OK;
}

vs_status
vs_cage_become(const struct vs_cage_user *user, struct vs_err *err)
{
	if (setgroups(0, NULL) != 0 ||
	    setresgid(user->gid, user->gid, user->gid) != 0 ||
	    setresuid(user->uid, user->uid, user->uid) != 0)
		return vs_fail(err, VS_UNAVAILABLE, "cannot become user %u",
		    (unsigned)user->uid);
	/* The last way back would have been this one. */
	if (setuid(0) == 0 || geteuid() != user->uid || getegid() != user->gid)
		return vs_fail(err, VS_INTERNAL, "still root");
	/* Another user may be traced again: not us. */
	return vs_process_harden(err);
}
