/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's process, and who both processes are. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "http/daemon_int.h"

enum { NOBODY = 65534 };

bool
vs_daemon_store_exists(const struct daemon *d)
{
	struct stat st;

	return stat(d->store_path, &st) == 0;
}

/* Who the keeper becomes: only root can become another. */
static vs_status
keeper_user(
    const struct vs_config *c, struct vs_cage_user *out, struct vs_err *err)
{
	struct vs_err ignored = {0};

	if (geteuid() != 0)
		return VS_OK;
	if (c->keeper_user != NULL)
		return vs_cage_user_find(c->keeper_user, out, err);
	if (vs_cage_user_find("vouchsafe-keeper", out, &ignored) != VS_OK)
		*out = (struct vs_cage_user){NOBODY, NOBODY};
	return VS_OK;
}

vs_status
vs_daemon_prepare_keeper(struct daemon *d, struct vs_err *err)
{
	/* One channel a worker, one for the audit chain and one for what
	 * takes long. */
	struct vs_keeper_options opt = {
	    .program = d->keeper_path,
	    .seal = d->c->seal,
	    .may_create_seal = !vs_daemon_store_exists(d),
	    .channels = vs_daemon_workers(d->c) + 2,
	};

	VS_TRY(err, "keeper", vs_daemon_find_keeper(d->c, d->keeper_path, err));
	VS_TRY(err, "keeper.user", keeper_user(d->c, &opt.user, err));
	return vs_keeper_new(&opt, &d->keeper, err);
}

vs_status
vs_daemon_run_keeper(struct daemon *d, struct vs_err *err)
{
	struct vs_keeper_status ks = {0};

	VS_TRY(err, "keeper", vs_keeper_run(d->keeper, err));
	vs_keeper_status(d->keeper, &ks);
	if (ks.sealed)
		vs_log(VS_LOG_ERROR, "event=sealed seal=%s why=\"%s\"", ks.seal,
		    ks.why);
	else if (strcmp(ks.seal, "file") == 0)
		vs_log(VS_LOG_WARN,
		    "event=unsealed seal=%s note=\"the file seal protects "
		    "against theft of the database only\"",
		    ks.seal);
	else
		vs_log(VS_LOG_INFO, "event=unsealed seal=%s", ks.seal);
	return VS_OK;
}

vs_status
vs_daemon_become_user(struct daemon *d, struct vs_err *err)
{
	struct vs_cage_user user;

	if (d->c->user == NULL || geteuid() != 0)
		return VS_OK;
	VS_TRY(err, "user", vs_cage_user_find(d->c->user, &user, err));
	if (chown(d->c->data, user.uid, user.gid) != 0)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%s: cannot be given to user %s", d->c->data, d->c->user);
	return vs_cage_become(&user, err);
}
