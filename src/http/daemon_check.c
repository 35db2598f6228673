/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafed --check`. */
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "broker/identities.h"
#include "broker/list_proof.h"
#include "broker/reload.h"
#include "http/daemon.h"
#include "http/daemon_files.h"
#include "http/tls.h"

static vs_status
check_seal(
    const struct vs_seal_conf *c, struct vs_buf *report, struct vs_err *err)
{
	bool shares = c->kind != NULL && strcmp(c->kind, "shamir") == 0;
	const char *file = c->path;
	struct stat st;

	if (stat(file, &st) != 0) {
		vs_buf_printf(report, "%s: note: no seal yet; %s\n", file,
		    shares ? "make it with `vouchsafe seal init`"
			   : "the first start makes one");
		return VS_OK;
	}
	if ((st.st_mode & 077) != 0)
		return vs_fail(err, VS_USAGE,
		    "%s: others may read it; chmod 600 it", file);
	return VS_OK;
}

static vs_status
check_identities(const struct vs_config *c, struct vs_err *err)
{
	VS_AUTO(vs_identities) *ids = NULL;
	struct vs_buf pem = {0};
	vs_status st = vs_daemon_client_ca(c, &pem, err);

	vs_buf_fini(&pem);
	VS_TRY(err, "check", st);
	return vs_identities_load(c, &ids, err);
}

vs_status
vs_daemon_check(
    const struct vs_config *c, struct vs_buf *report, struct vs_err *err)
{
	struct vs_clock clock = vs_clock_system();
	vs_status st;

	VS_TRY(err, "check", vs_list_proof_check(&c->lists, err));
	VS_TRY(
	    err, "check", vs_reload_check(c, vs_clock_ms(&clock), report, err));
	st = vs_daemon_certificates(c, err);
	vs_tls_fini();
	VS_TRY(err, "check", st);
	VS_TRY(err, "check", check_identities(c, err));
	return check_seal(&c->seal, report, err);
}
