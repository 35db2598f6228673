/* SPDX-License-Identifier: Apache-2.0 */
/* The table of verbs, and what all of them share. */
#ifndef VS_CLI_DISPATCH_H
#define VS_CLI_DISPATCH_H

#include "cli/options.h"

/* Exit codes, the same for every verb. */
enum {
	VS_EXIT_OK = 0,
	VS_EXIT_DENIED = 1, /* denied, or a check failed */
	VS_EXIT_USAGE = 2,  /* wrong usage or bad input */
	VS_EXIT_UNVERIFIED = 3,
	VS_EXIT_UNAVAILABLE = 4,
};

struct vs_command {
	const char *verb;
	const char *sub;  /* "create" of "key create", or NULL */
	const char *args; /* for the usage line, "" when none */
	size_t args_min, args_max;
	const char *summary;
	const struct vs_opt *opts;
	size_t opts_n;
	size_t size; /* of the struct the options go into */
	/* opts points to that struct; returns the exit code. */
	int (*run)(const void *opts, const struct vs_args *args);
	/* Instead of run: parses for itself, argv[0] is the last word. */
	int (*raw)(int argc, char **argv);
};

struct vs_family {
	const struct vs_command *v;
	size_t n;
};
extern const struct vs_family vs_appraise_family;
extern const struct vs_family vs_policy_family;
extern const struct vs_family vs_policy_eval_family;
extern const struct vs_family vs_policy_test_family;
extern const struct vs_family vs_policy_explain_family;
extern const struct vs_family vs_policy_replay_family;
extern const struct vs_family vs_policy_sign_family;
extern const struct vs_family vs_policy_rollback_family;
extern const struct vs_family vs_key_family;
extern const struct vs_family vs_allow_family;
extern const struct vs_family vs_key_rewrap_family;
extern const struct vs_family vs_key_import_family;
extern const struct vs_family vs_seal_rotate_family;
extern const struct vs_family vs_audit_family;
extern const struct vs_family vs_collateral_family;
extern const struct vs_family vs_seal_family;
extern const struct vs_family vs_seal_make_family;
extern const struct vs_family vs_seal_policy_family;
extern const struct vs_family vs_backup_family;
extern const struct vs_family vs_simulate_family;
extern const struct vs_family vs_token_family;
extern const struct vs_family vs_bench_family;
extern const struct vs_family vs_measure_family;
extern const struct vs_family vs_provenance_family;

/* The whole program. extra: verbs from folders that this one may not
 * include, handed over by the program that may; NULL for none. */
int vs_cli_main(int argc, char **argv, const struct vs_family *extra);

#endif
