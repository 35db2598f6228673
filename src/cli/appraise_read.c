/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/appraise.h"
#include "cli/input.h"

/* Bare SNP reports are 1184 bytes; what is much longer and no text can only
 * be meant as Azure's blob. Only for the error message to be the right one:
 * neither verifies. */
enum { HCL_SHAPE_MIN = 2048 };

static vs_evidence_kind
guess(struct vs_span report)
{
	vs_evidence_kind k = vs_evidence_kind_guess(report);

	if (k != VS_EVIDENCE_UNKNOWN)
		return k;
	return report.n >= HCL_SHAPE_MIN && report.p[0] != '{'
	    ? VS_EVIDENCE_AZ_SNP
	    : VS_EVIDENCE_SNP;
}

static vs_status
read_evidence(const struct vs_appraise_opts *o, struct vs_arena *a,
    struct vs_appraise_input *in, struct vs_err *err)
{
	struct vs_evidence_input *e = &in->evidence;

	VS_TRY(err, "--cpu",
	    vs_cli_read(o->cpu, VS_EVIDENCE_REPORT_MAX, a, &e->report, err));
	e->kind = o->kind != NULL
	    ? vs_evidence_kind_parse(vs_span_cstr(o->kind))
	    : guess(e->report);
	if (e->kind == VS_EVIDENCE_UNKNOWN)
		return vs_fail(err, VS_USAGE,
		    "--kind %.40s: wants snp, az-snp, tdx, az-tdx or sgx",
		    o->kind);
	if (o->certs.n > VS_EVIDENCE_CERT_BLOBS_MAX)
		return vs_fail(err, VS_USAGE, "--certs: at most %d files",
		    VS_EVIDENCE_CERT_BLOBS_MAX);
	for (size_t i = 0; i < o->certs.n; i++)
		VS_TRY(err, "--certs",
		    vs_cli_read(o->certs.v[i], VS_EVIDENCE_CERTS_MAX, a,
			&in->certs[i], err));
	e->certs = in->certs;
	e->certs_n = o->certs.n;
	if (o->event_log != NULL)
		VS_TRY(err, "--event-log",
		    vs_cli_read(o->event_log, VS_EVIDENCE_EVENT_LOG_MAX, a,
			&e->event_log, err));
	if (o->event_log != NULL && e->kind != VS_EVIDENCE_TDX)
		return vs_fail(
		    err, VS_USAGE, "--event-log: only with kind tdx");
	return VS_OK;
}

/* The report data that a release would demand. */
static vs_status
bind(const struct vs_appraise_opts *o, struct vs_arena *a,
    struct vs_appraise_input *in, struct vs_err *err)
{
	struct vs_span jwk;

	VS_TRY(err, "nonce",
	    vs_cli_hex("--nonce", o->nonce, 32, a, &in->nonce, err));
	if (in->nonce.n != VS_NONCE_SIZE)
		return vs_fail(err, VS_USAGE,
		    "--nonce: with --recipient it is the broker's, %d bytes",
		    VS_NONCE_SIZE);
	VS_TRY(
	    err, "--recipient", vs_cli_read(o->recipient, 4096, a, &jwk, err));
	VS_TRY(err, "--recipient", vs_cli_recipient(jwk, a, &in->to, err));
	VS_TRY(err, "binding",
	    vs_binding_report_data(
		in->nonce, &in->to, (struct vs_span){0}, in->report_data));
	in->expect.report_data = VS_SPAN_OF(in->report_data);
	return VS_OK;
}

static vs_status
read_report_data(const struct vs_appraise_opts *o, struct vs_arena *a,
    struct vs_appraise_input *in, struct vs_err *err)
{
	struct vs_span want;

	if (o->nonce != NULL)
		return vs_fail(err, VS_USAGE,
		    "--expect-report-data and --nonce: one or the other");
	VS_TRY(err, "report data",
	    vs_cli_hex(
		"--expect-report-data", o->report_data, 64, a, &want, err));
	if (want.n != sizeof(in->report_data))
		return vs_fail(
		    err, VS_USAGE, "--expect-report-data: wants 64 bytes");
	memcpy(in->report_data, want.p, want.n);
	in->expect.report_data = VS_SPAN_OF(in->report_data);
	return VS_OK;
}

/* Without a recipient a nonce can only be that of a vTPM quote. */
static vs_status
read_vtpm_nonce(const struct vs_appraise_opts *o, struct vs_arena *a,
    struct vs_appraise_input *in, struct vs_err *err)
{
	const char *text = o->vtpm_nonce != NULL ? o->vtpm_nonce : o->nonce;

	if (in->evidence.kind != VS_EVIDENCE_AZ_SNP &&
	    in->evidence.kind != VS_EVIDENCE_AZ_TDX)
		return vs_fail(err, VS_USAGE, "%s",
		    o->vtpm_nonce != NULL
			? "--vtpm-nonce: this kind has no vTPM quote"
			: "--nonce needs --recipient: together they give the "
			  "report data");
	if (o->vtpm_quote == NULL && in->evidence.kind == VS_EVIDENCE_AZ_SNP)
		return vs_fail(err, VS_USAGE,
		    "a vTPM nonce is found in a quote: give --vtpm-quote");
	return vs_cli_hex(
	    "vTPM nonce", text, 64, a, &in->expect.vtpm_nonce, err);
}

static vs_status
read_expect(const struct vs_appraise_opts *o, struct vs_arena *a,
    struct vs_appraise_input *in, struct vs_err *err)
{
	if (o->recipient != NULL && o->nonce == NULL)
		return vs_fail(err, VS_USAGE, "--recipient needs --nonce");
	if (o->report_data != NULL)
		VS_TRY(err, "expected", read_report_data(o, a, in, err));
	if (o->recipient != NULL)
		VS_TRY(err, "expected", bind(o, a, in, err));
	if (o->vtpm_nonce != NULL || (o->nonce != NULL && o->recipient == NULL))
		VS_TRY(err, "expected", read_vtpm_nonce(o, a, in, err));
	return VS_OK;
}

static vs_status
read_crl_mode(const char *text, vs_crl_mode *out, struct vs_err *err)
{
	if (text == NULL || strcmp(text, "if-present") == 0)
		*out = VS_CRL_IF_PRESENT;
	else if (strcmp(text, "require") == 0)
		*out = VS_CRL_REQUIRE;
	else if (strcmp(text, "off") == 0)
		*out = VS_CRL_OFF;
	else
		return vs_fail(err, VS_USAGE,
		    "--crl %.20s: wants require, if-present or off", text);
	return VS_OK;
}

/* A GPU by itself can be looked at, but not judged: nothing is released to
 * a GPU. */
static vs_status
without_cpu(const struct vs_appraise_opts *o, struct vs_err *err)
{
	if (o->gpus.n == 0)
		return vs_fail(
		    err, VS_USAGE, "--cpu FILE is needed, or --gpu FILE");
	if (o->policies.n > 0)
		return vs_fail(err, VS_USAGE,
		    "--policy needs --cpu: policies judge a whole guest");
	return VS_OK;
}

vs_status
vs_appraise_read(const struct vs_appraise_opts *o, struct vs_arena *a,
    struct vs_appraise_input *in, struct vs_err *err)
{
	vs_status st = read_crl_mode(o->crl, &in->crl, err);

	if (st == VS_OK && o->cpu == NULL)
		return without_cpu(o, err);
	if (st == VS_OK && o->policies.n > 0 && o->key == NULL)
		st = vs_fail(err, VS_USAGE,
		    "--policy needs --key: policies judge one key");
	if (st == VS_OK)
		st = read_evidence(o, a, in, err);
	if (st == VS_OK && o->vtpm_quote != NULL)
		st = vs_appraise_quote(o, a, &in->evidence.quote, err);
	if (st == VS_OK)
		st = read_expect(o, a, in, err);
	return st;
}
