/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `vouchsafe seal init`, `migrate`, `reshare`, `recovery`: offline, on the
 * data directory. The work is that of vouchsafe-seal; the shares that it makes
 * go past here to the custodians.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret.h"
#include "broker/config.h"
#include "cli/bench_proc.h"
#include "cli/dispatch.h"
#include "cli/output.h"
#include "cli/seal_run.h"
#include "cli/share.h"

enum { PATH_BYTES = 4096 };

struct make_opts {
	const char *config;
	const char *data;
	const char *seal;
	uint64_t shares;
	uint64_t threshold;
	struct vs_seal_conf conf; /* what the command line says of it */
	bool json;
};

/* One call: what goes to the keeper, and what is shown of it. */
struct making {
	const struct make_opts *o;
	struct vs_config config;
	struct vs_seal_run run;
	char program[PATH_BYTES];
	unsigned shown;
	bool people;
};

static void
override(const char **to, const char *from)
{
	if (from != NULL)
		*to = from;
}

/* The command line wins over the file. */
static void
merge(struct vs_seal_conf *c, const struct vs_seal_conf *o)
{
	override(&c->path, o->path);
	override(&c->tpm2.tcti, o->tpm2.tcti);
	override(&c->tpm2.pcrs, o->tpm2.pcrs);
	override(&c->tpm2.policy_key, o->tpm2.policy_key);
	override(&c->tpm2.policy_sig, o->tpm2.policy_sig);
	override(&c->pkcs11.module, o->pkcs11.module);
	override(&c->pkcs11.token, o->pkcs11.token);
	override(&c->pkcs11.key, o->pkcs11.key);
	override(&c->pkcs11.pin_file, o->pkcs11.pin_file);
	override(&c->pkcs11.env, o->pkcs11.env);
}

static void
show(void *ctx, const char *share, unsigned number)
{
	struct making *m = ctx;

	/* Letters, digits and dashes: JSON needs no more. */
	if (m->o->json)
		printf("%s\"%s\"", number == 1 ? "{\"shares\":[" : ",", share);
	else
		vs_cli_share_show(share, number, m->people);
	m->shown = number;
}

static vs_status
check_counts(const struct make_opts *o, struct vs_err *err)
{
	if ((o->shares == 0) != (o->threshold == 0))
		return vs_fail(
		    err, VS_USAGE, "--shares and --threshold: both or none");
	if (o->shares > VS_SHAMIR_MAX ||
	    (o->shares > 0 && (o->threshold < 2 || o->threshold > o->shares)))
		return vs_fail(err, VS_USAGE,
		    "--shares: at most %d, and --threshold: from 2 to as many",
		    VS_SHAMIR_MAX);
	return VS_OK;
}

static vs_status
check_kind(const char *kind, struct vs_err *err)
{
	static const char *const kinds[] = {"file", "tpm2", "pkcs11", "shamir"};

	for (size_t i = 0; kind != NULL && i < VS_COUNT(kinds); i++)
		if (strcmp(kind, kinds[i]) == 0)
			return VS_OK;
	return kind == NULL ? VS_OK
			    : vs_fail(err, VS_USAGE,
				  "--seal %.32s: must be file, tpm2, pkcs11 or "
				  "shamir",
				  kind);
}

/* Beside the keeper where that is configured, else beside this program, else
 * where the daemon is when this one is in bin and that in sbin. */
static vs_status
find_program(struct making *m, struct vs_err *err)
{
	const char *keeper = m->config.keeper_program;
	const char *slash = keeper == NULL ? NULL : strrchr(keeper, '/');

	if (slash != NULL) {
		(void)snprintf(m->program, sizeof m->program,
		    "%.*s/vouchsafe-seal", (int)(slash - keeper), keeper);
		if (access(m->program, X_OK) == 0)
			return VS_OK;
	}
	if (vs_proc_sibling(
		"vouchsafe-seal", m->program, sizeof m->program, err) == VS_OK)
		return VS_OK;
	vs_err_clear(err);
	return vs_proc_sibling(
	    "../sbin/vouchsafe-seal", m->program, sizeof m->program, err);
}

static vs_status
prepare(struct making *m, struct vs_err *err)
{
	const struct make_opts *o = m->o;

	VS_TRY(err, "seal", check_kind(o->seal, err));
	VS_TRY(err, "seal", check_counts(o, err));
	m->run.conf = m->config.seal;
	merge(&m->run.conf, &o->conf);
	m->run.to = o->seal;
	m->run.shares = (unsigned)o->shares;
	m->run.threshold = (unsigned)o->threshold;
	m->run.show = show;
	m->run.ctx = m;
	m->people = vs_cli_share_asks() && isatty(STDOUT_FILENO) == 1;
	m->run.program = m->program;
	return find_program(m, err);
}

static void
finish(const struct making *m, const char *kind)
{
	const struct vs_seal_run *r = &m->run;
	bool custodians = strcmp(kind, "shamir") == 0;

	if (m->o->json) {
		printf("%s\"seal\":\"%s\",\"threshold\":%u,\"recovery\":%s}\n",
		    m->shown > 0 ? "]," : "{\"shares\":[],", kind, r->threshold,
		    m->shown > 0 && !custodians ? "true" : "false");
		return;
	}
	printf("%s\nseal    %s\n", r->conf.path, kind);
	if (m->shown > 0)
		printf("shares  any %u of %u open it%s\n", r->threshold,
		    m->shown, custodians ? "" : ", where the seal does not");
	if (strcmp(kind, "file") == 0)
		printf("note    whoever reads this file and the database has "
		       "every key\n");
}

static int
make(const struct make_opts *o, bool fresh,
    vs_status (*check)(struct making *m, struct vs_err *err))
{
	struct making m = {.o = o, .run = {.fresh = fresh}};
	struct vs_err err = {0};
	char kind[16] = "";
	vs_status st = vs_config_load(o->config, o->data, &m.config, &err);

	if (st != VS_OK)
		return vs_cli_fail(&err, o->json);
	st = prepare(&m, &err);
	if (st == VS_OK)
		st = check(&m, &err);
	if (st == VS_OK)
		st = vs_seal_run(&m.run, kind, &err);
	if (st == VS_OK) {
		finish(&m, kind);
	} else {
		if (m.shown > 0)
			printf(o->json ? "]}\n"
				       : "The shares above open nothing.\n");
		(void)vs_cli_fail(&err, o->json && m.shown == 0);
	}
	vs_config_fini(&m.config);
	return vs_status_exit(st);
}

/* ---- init --------------------------------------------------------------- */

static vs_status
check_init(struct making *m, struct vs_err *err)
{
	char store[PATH_BYTES];

	/* The configuration says what it shall be, unless told here. */
	if (m->run.to == NULL)
		m->run.to = m->run.conf.kind;
	if (m->run.to != NULL && strcmp(m->run.to, "shamir") == 0 &&
	    m->run.shares == 0)
		return vs_fail(err, VS_USAGE,
		    "a shamir seal needs --shares and --threshold");
	(void)snprintf(store, sizeof store, "%s/vouchsafe.db", m->config.data);
	if (access(store, F_OK) == 0)
		return vs_fail(err, VS_CONFLICT,
		    "%.100s: there is a store already, and a new root would "
		    "open none of its keys; `seal migrate` changes the seal "
		    "of the root that it has",
		    store);
	if (mkdir(m->config.data, 0700) != 0 && errno != EEXIST)
		return vs_fail(err, VS_UNAVAILABLE,
		    "%.100s: cannot create the data directory", m->config.data);
	return VS_OK;
}

static int
run_init(const void *opts, const struct vs_args *args)
{
	(void)args;
	return make(opts, true, check_init);
}

/* ---- migrate, reshare, recovery ----------------------------------------- */

static vs_status
check_migrate(struct making *m, struct vs_err *err)
{
	m->run.conf.kind = NULL; /* whatever it is now */
	if (m->run.to == NULL)
		return vs_fail(err, VS_USAGE, "--seal: to which kind of seal");
	if (strcmp(m->run.to, "shamir") == 0 && m->run.shares == 0)
		return vs_fail(err, VS_USAGE,
		    "a shamir seal needs --shares and --threshold");
	return VS_OK;
}

static int
run_migrate(const void *opts, const struct vs_args *args)
{
	(void)args;
	return make(opts, false, check_migrate);
}

static vs_status
check_reshare(struct making *m, struct vs_err *err)
{
	m->run.conf.kind = NULL;
	m->run.to = NULL;
	if (m->run.shares == 0)
		return vs_fail(
		    err, VS_USAGE, "--shares and --threshold are needed");
	return VS_OK;
}

static int
run_reshare(const void *opts, const struct vs_args *args)
{
	(void)args;
	return make(opts, false, check_reshare);
}

static vs_status
check_remove(struct making *m, struct vs_err *err)
{
	m->run.conf.kind = NULL;
	m->run.to = NULL;
	if (m->run.shares > 0)
		return vs_fail(err, VS_USAGE,
		    "--shares: none are made when recovery is removed");
	return VS_OK;
}

static int
run_recovery(const void *opts, const struct vs_args *args)
{
	const struct make_opts *o = opts;
	struct vs_err err = {0};

	if (strcmp(args->v[0], "create") == 0)
		return make(o, false, check_reshare);
	if (strcmp(args->v[0], "remove") == 0)
		return make(o, false, check_remove);
	(void)vs_fail(&err, VS_USAGE, "seal recovery: create or remove");
	return vs_cli_fail(&err, o->json);
}

/* clang-format off */
#define WHERE_OPTIONS \
	VS_OPT("config", TEXT, struct make_opts, config, "FILE", \
	    "the daemon's configuration"), \
	VS_OPT("data", TEXT, struct make_opts, data, "DIR", \
	    "the daemon's data directory"), \
	VS_OPT("file", TEXT, struct make_opts, conf.path, "FILE", \
	    "the seal file; else root.seal in the data directory"), \
	VS_OPT("shares", COUNT, struct make_opts, shares, "N", \
	    "how many custodians get a share"), \
	VS_OPT("threshold", COUNT, struct make_opts, threshold, "K", \
	    "how many of them open the seal"), \
	VS_OPT("tpm2-tcti", TEXT, struct make_opts, conf.tpm2.tcti, "TCTI", \
	    "how to reach the TPM: device:/dev/tpmrm0"), \
	VS_OPT("tpm2-pcrs", TEXT, struct make_opts, conf.tpm2.pcrs, "PCRS", \
	    "the registers to bind to: sha256:7,11"), \
	VS_OPT("tpm2-policy-key", TEXT, struct make_opts, \
	    conf.tpm2.policy_key, "PEM", \
	    "whose signature lets new values in"), \
	VS_OPT("tpm2-policy-sig", TEXT, struct make_opts, \
	    conf.tpm2.policy_sig, "FILE", "the signed values"), \
	VS_OPT("pkcs11-module", TEXT, struct make_opts, conf.pkcs11.module, \
	    "PATH", "the PKCS#11 module"), \
	VS_OPT("pkcs11-token", TEXT, struct make_opts, conf.pkcs11.token, \
	    "LABEL", "the token"), \
	VS_OPT("pkcs11-key", TEXT, struct make_opts, conf.pkcs11.key, \
	    "LABEL", "the wrapping key in it"), \
	VS_OPT("pkcs11-pin-file", TEXT, struct make_opts, \
	    conf.pkcs11.pin_file, "FILE", "holds the PIN"), \
	VS_OPT("pkcs11-env", TEXT, struct make_opts, conf.pkcs11.env, \
	    "NAME=VALUE", "environment that the module needs"), \
	VS_OPT("json", FLAG, struct make_opts, json, NULL, "one JSON object")

static const struct vs_opt kind_options[] = {
	VS_OPT("seal", TEXT, struct make_opts, seal, "KIND",
	    "file, tpm2, pkcs11 or shamir"),
	WHERE_OPTIONS,
};
static const struct vs_opt share_options[] = {WHERE_OPTIONS};

static const struct vs_command commands[] = {
	{"seal", "init", "", 0, 0, "make a root key and its seal",
	    kind_options, VS_COUNT(kind_options), sizeof(struct make_opts),
	    run_init, NULL},
	{"seal", "migrate", "", 0, 0,
	    "seal the same root another way; no key changes",
	    kind_options, VS_COUNT(kind_options), sizeof(struct make_opts),
	    run_migrate, NULL},
	{"seal", "reshare", "", 0, 0,
	    "new shares for the custodians; the old ones open nothing",
	    share_options, VS_COUNT(share_options), sizeof(struct make_opts),
	    run_reshare, NULL},
	{"seal", "recovery", "create|remove", 1, 1,
	    "shares for when a TPM or token refuses",
	    share_options, VS_COUNT(share_options), sizeof(struct make_opts),
	    run_recovery, NULL},
};
/* clang-format on */
const struct vs_family vs_seal_make_family = {commands, VS_COUNT(commands)};
