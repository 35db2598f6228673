/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/appraise_gpu.h"

#include <stdlib.h>
#include <string.h>

#include "cli/dispatch.h"
#include "cli/input.h"
#include "cli/lists_file.h"
#include "cli/output.h"
#include "cli/policy_files.h"

/* Evidence, certificates and claims of one appraisal, with room to spare. */
enum { ARENA_MAX = 8 * 1024 * 1024, CODE_MAX = 96 };

struct job {
	const struct vs_appraise_opts *o;
	struct vs_arena arena;
	struct vs_appraise_input in;
	struct vs_collateral *collateral;
	struct vs_policy_set *policies;
	struct vs_lists *lists;
	struct vs_claims claims;
	struct vs_policy_result verdict;
	char code[CODE_MAX];
	struct vs_gpu_job *gpus; /* NULL: none were given */
	char mismatch[VS_ERR_MSG_MAX];
	struct vs_appraisal result;
};

static vs_status
load(struct job *j, struct vs_err *err)
{
	VS_AUTO(vs_collateral_builder) *b = NULL;
	const struct vs_appraise_opts *o = j->o;
	vs_status st = vs_appraise_read(o, &j->arena, &j->in, err);

	if (st == VS_OK && o->gpus.n > 0) {
		j->gpus = vs_cli_alloc(sizeof(*j->gpus));
		st = vs_appraise_gpu_read(o, &j->arena, j->gpus, err);
	}
	if (st == VS_OK)
		st = vs_cli_builder_of(
		    o->only_anchors, &o->anchors, o->collateral, &b, err);
	if (st == VS_OK)
		st = vs_collateral_build(b, &j->collateral, err);
	if (st == VS_OK && o->policies.n > 0)
		st = vs_cli_policy_set(&o->policies, &j->policies, err);
	if (st == VS_OK && o->lists != NULL)
		st = vs_cli_lists(o->lists, vs_cli_now(&o->at), &j->lists, err);
	return st;
}

static vs_status
set_key(struct job *j, struct vs_err *err)
{
	struct vs_span name = vs_span_cstr(j->o->key);
	struct vs_span ns = name;
	const char *slash = strchr(j->o->key, '/');

	if (slash != NULL)
		ns.n = (size_t)(slash - j->o->key);
	VS_TRY(err, "--key", vs_key_name_check(name, err));
	VS_TRY(
	    err, "--key", vs_claims_str(&j->claims, VS_CLAIM_KEY_NAME, name));
	VS_TRY(err, "--key",
	    vs_claims_str(&j->claims, VS_CLAIM_KEY_NAMESPACE, ns));
	return VS_OK;
}

/* The first rule whose failure decided, or NULL. */
static const struct vs_rule_result *
deciding_rule(const struct vs_policy_result *v)
{
	for (size_t i = 0; i < v->rules_n; i++) {
		const struct vs_rule_result *r = &v->rules[i];
		if (r->outcome != VS_RULE_FAILED && r->outcome != VS_RULE_ERROR)
			continue;
		if (!r->warn && !r->shadow)
			return r;
	}
	return NULL;
}

/* "policy." and the rule's id, or the reason, with '-' as '_'. */
static void
denied(struct job *j)
{
	const struct vs_policy_result *v = &j->verdict;
	const struct vs_rule_result *rule =
	    strcmp(v->reason, "rules") == 0 ? deciding_rule(v) : NULL;
	const char *what = rule != NULL ? rule->id : v->reason;

	(void)snprintf(j->code, sizeof(j->code), "policy.%s", what);
	for (char *p = j->code; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	j->result.error_class = vs_class_name(VS_CLASS_DENIED);
	j->result.code = j->code;
	j->result.detail = rule != NULL && rule->message != NULL
	    ? rule->message
	    : "the policy denies this guest";
}

/* The guard rail for GPUs: firmware that NVIDIA did not publish. */
static int
differs(struct job *j)
{
	j->result.error_class = vs_class_name(VS_CLASS_DENIED);
	j->result.code = "MEAS_MISMATCH";
	j->result.detail = j->mismatch;
	return VS_EXIT_DENIED;
}

static int
judge(struct job *j)
{
	const struct vs_claim_value *debug =
	    vs_claims_get(&j->claims, VS_CLAIM_TEE_DEBUG);

	if (j->policies != NULL) {
		vs_policy_decide(j->policies, j->lists, &j->claims,
		    vs_cli_now(&j->o->at), &j->arena, &j->verdict);
	} else if (j->gpus != NULL &&
	    vs_gpu_mismatch(j->gpus, j->mismatch, sizeof(j->mismatch)) !=
		NULL) {
		return differs(j);
	} else if (j->o->cpu == NULL) {
		return VS_EXIT_OK;
	} else if (!debug->present || debug->u.b) {
		/* The guard rail that no policy was asked about. */
		j->verdict = (struct vs_policy_result){
		    .verdict = VS_VERDICT_DENY, .reason = "debug"};
	} else {
		return VS_EXIT_OK;
	}
	j->result.judged = true;
	j->result.verdict = &j->verdict;
	if (j->verdict.verdict == VS_VERDICT_ALLOW)
		return VS_EXIT_OK;
	denied(j);
	if (j->policies == NULL)
		j->result.detail = "the guest runs in debug mode: the host can "
				   "read its memory";
	return VS_EXIT_DENIED;
}

static int
fail(struct job *j, const struct vs_err *err, int code)
{
	j->result.error_class = vs_class_name(vs_status_class(err->status));
	j->result.code = err->code;
	j->result.detail = err->msg;
	return code;
}

/* Evidence that fails, however it fails, is unverified evidence; but a lack
 * of memory says nothing about it. */
static int
evidence_exit(vs_status st)
{
	vs_class c = vs_status_class(st);

	return c == VS_CLASS_MALFORMED || c == VS_CLASS_UNVERIFIED ||
		c == VS_CLASS_LIMITED
	    ? VS_EXIT_UNVERIFIED
	    : vs_status_exit(st);
}

/* Devices of which the CPU must tell have to be known before it is asked. */
static vs_status
line_up(struct job *j, struct vs_err *err)
{
	vs_status st;

	if (j->gpus == NULL)
		return VS_OK;
	st = vs_appraise_gpu_collect(j->o, &j->arena, j->gpus, err);
	if (st == VS_OK && j->o->recipient != NULL)
		st = vs_appraise_gpu_bind(j->o, j->gpus, &j->in, err);
	return st;
}

static int
appraise(struct job *j, struct vs_err *err)
{
	struct vs_evidence_options opt = {
	    .collateral = j->collateral,
	    .now = vs_cli_now(&j->o->at) / 1000,
	    .crl = j->in.crl,
	    .allow_masked_chip_id = j->o->allow_masked_chip_id,
	    .allow_tcb_info_v2 = j->o->allow_tcb_info_v2,
	};
	vs_status st;

	vs_claims_init(&j->claims, &j->arena);
	st = line_up(j, err);
	if (st == VS_OK && j->o->cpu != NULL)
		st = vs_evidence_appraise(
		    &j->in.evidence, &j->in.expect, &opt, &j->claims, err);
	if (st == VS_OK && j->gpus != NULL)
		st = vs_appraise_gpu(
		    j->o, j->collateral, &j->arena, j->gpus, &j->claims, err);
	if (st != VS_OK)
		return fail(j, err, evidence_exit(st));
	if (j->o->key != NULL) {
		st = set_key(j, err);
		if (st != VS_OK)
			return fail(j, err, VS_EXIT_USAGE);
	}
	j->result.verified = true;
	j->result.claims = &j->claims;
	j->result.gpus = j->gpus;
	return judge(j);
}

static int
run_appraise(const void *opts, const struct vs_args *args)
{
	const struct vs_appraise_opts *o = opts;
	struct vs_err err = {0};
	struct job *j = vs_cli_alloc(sizeof(*j));
	int code;

	(void)args;
	j->o = o;
	vs_arena_init(&j->arena, ARENA_MAX);
	vs_status st = load(j, &err);
	code =
	    st == VS_OK ? appraise(j, &err) : fail(j, &err, vs_status_exit(st));
	if (o->json)
		code = vs_appraise_json(&j->result, code);
	else if (st != VS_OK)
		fprintf(stderr, "vouchsafe appraise: %s\n", err.msg);
	else
		vs_appraise_text(&j->result);
	vs_policy_set_free(&j->policies);
	vs_lists_free(&j->lists);
	vs_gpu_job_free(&j->gpus);
	vs_collateral_free(&j->collateral);
	vs_arena_fini(&j->arena);
	free(j);
	return code;
}

#define OPT(name, kind, member, arg, help)                                     \
	VS_OPT(name, kind, struct vs_appraise_opts, member, arg, help)
static const struct vs_opt appraise_opts[] = {
    OPT("cpu", TEXT, cpu, "FILE", "the report or quote, in any real form"),
    OPT("kind", TEXT, kind, "KIND",
	"snp, az-snp, tdx, az-tdx or sgx; guessed when absent"),
    OPT("certs", LIST, certs, "FILE",
	"certificates: DER, PEM, table, THIM; may repeat"),
    OPT("collateral", TEXT, collateral, "DIR",
	"revocation lists, intermediates, TCB info, QE identities"),
    OPT("event-log", TEXT, event_log, "FILE",
	"the TD's event log: CCEL, or the JSON of dstack"),
    OPT("trust-anchor", LIST, anchors, "FILE",
	"a root to trust besides AMD's and Intel's; may repeat"),
    OPT("only-anchors", FLAG, only_anchors, NULL,
	"trust no other root than those of --trust-anchor"),
    OPT("crl", TEXT, crl, "MODE",
	"require, if-present (default) or off; AMD only"),
    OPT("allow-masked-chip-id", FLAG, allow_masked_chip_id, NULL,
	"accept a VCEK where the host hides the chip's identity"),
    OPT("allow-tcb-info-v2", FLAG, allow_tcb_info_v2, NULL,
	"accept Intel's TCB info of the older form for SGX"),
    OPT("policy", LIST, policies, "FILE", "judge by this policy; may repeat"),
    OPT("lists", TEXT, lists, "FILE",
	"lists and registries of the policies, as JSON"),
    OPT("key", TEXT, key, "NAME", "the key that is asked for"),
    OPT("expect-report-data", TEXT, report_data, "HEX",
	"the 64 bytes that the report must carry"),
    OPT("nonce", TEXT, nonce, "HEX", "the broker's nonce, or the vTPM's"),
    OPT("recipient", TEXT, recipient, "FILE",
	"the recipient's public JWK, bound with the nonce"),
    OPT("vtpm-quote", TEXT, vtpm_quote, "FILE",
	"quote: JSON, or TPMS_ATTEST beside .sig and .pcrs.bin"),
    OPT("vtpm-sig", TEXT, vtpm_sig, "FILE", "its signature"),
    OPT("vtpm-pcrs", TEXT, vtpm_pcrs, "FILE", "its 24 SHA-256 PCRs"),
    OPT("vtpm-nonce", TEXT, vtpm_nonce, "HEX", "the nonce in the quote"),
    OPT("gpu", LIST, gpus, "FILE",
	"GPU or switch: report, or JSON of an agent; may repeat"),
    OPT("gpu-certs", LIST, gpu_certs, "FILE",
	"certificates of a bare report, PEM; one for each"),
    OPT("gpu-arch", TEXT, gpu_arch, "ARCH",
	"what a bare report must be of: hopper, blackwell or ls10"),
    OPT("gpu-nonce", TEXT, gpu_nonce, "HEX",
	"the 32 bytes that every device was challenged with"),
    OPT("gpu-cc-state", LIST, gpu_cc_states, "STATE",
	"with --recipient, what the guest says: on, devtools, off; one for "
	"each GPU, or for all"),
    OPT("gpu-driver-rim", LIST, driver_rims, "FILE",
	"reference document of the driver instead of those of --collateral"),
    OPT("gpu-vbios-rim", LIST, vbios_rims, "FILE", "the same, of the VBIOS"),
    OPT("allow-expired-rim", FLAG, allow_expired_rim, NULL,
	"reference documents whose signer has expired"),
    OPT("allow-absent-fwid", FLAG, allow_absent_fwid, NULL,
	"a report of a driver since 550 that names no firmware"),
    OPT("at", TIME, at, "TIME", "judge as of then: RFC 3339, Unix seconds"),
    OPT("json", FLAG, json, NULL, "one JSON object"),
};

static const struct vs_command commands[] = {
    {.verb = "appraise",
	.args = "",
	.summary = "verify evidence offline, print claims and verdict",
	.opts = appraise_opts,
	.opts_n = VS_COUNT(appraise_opts),
	.size = sizeof(struct vs_appraise_opts),
	.run = run_appraise},
};
const struct vs_family vs_appraise_family = {commands, VS_COUNT(commands)};
