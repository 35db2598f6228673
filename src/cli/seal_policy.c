/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `vouchsafe seal sign-policy`: lets new PCR values into a TPM seal that was
 * made with the key's public half. Needs no TPM.
 */
#include <stdio.h>
#include <string.h>

#include "base/encoding.h"
#include "base/file.h"
#include "cli/dispatch.h"
#include "cli/input.h"
#include "cli/output.h"
#include "crypto/sign.h"
#include "seal/tpm_policy.h"

enum { ARENA_MAX = 1024 * 1024, FILE_MAX = 256 * 1024, PEM_MAX = 16 * 1024 };

struct policy_opts {
	const char *key;
	const char *pcrs;
	const char *values;
	const char *out;
	bool json;
};

/* "  11: 0x3B2A...", as tpm2_pcrread prints it; false for another line. */
static bool
value_line(struct vs_span line, struct vs_tpm_pcrs *p, uint32_t *seen)
{
	const uint8_t *at = line.p, *end = line.p + line.n;
	unsigned n = 0, digits = 0;

	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	for (; at < end && *at >= '0' && *at <= '9' && digits < 2; digits++)
		n = n * 10 + (unsigned)(*at++ - '0');
	while (at < end && *at == ' ')
		at++;
	if (digits == 0 || n >= VS_TPM_PCRS || at == end || *at++ != ':')
		return false;
	while (at < end && *at == ' ')
		at++;
	if (end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
		at += 2;
	while (end > at && (end[-1] == ' ' || end[-1] == '\r'))
		end--;
	if (vs_unhex(VS_SPAN(at, (size_t)(end - at)), p->value[n], p->size) !=
	    VS_OK)
		return false;
	*seen |= UINT32_C(1) << n;
	return true;
}

static vs_status
values_of_text(struct vs_span text, struct vs_tpm_pcrs *p, struct vs_err *err)
{
	uint32_t seen = 0;

	while (text.n > 0) {
		const uint8_t *end = memchr(text.p, '\n', text.n);
		size_t n = end == NULL ? text.n : (size_t)(end - text.p);

		(void)value_line(VS_SPAN(text.p, n), p, &seen); /* or others */
		text = vs_span_slice(text, n + 1, text.n);
	}
	for (unsigned i = 0; i < VS_TPM_PCRS; i++)
		if (vs_tpm_has(p, i) && (seen >> i & 1) == 0)
			return vs_fail(err, VS_USAGE,
			    "no value of PCR %u; wanted are lines as "
			    "tpm2_pcrread prints them: \"%u : 0x...\", %zu "
			    "bytes",
			    i, i, p->size);
	return VS_OK;
}

/* Of the machine that this runs on (Linux 5.12 or later). */
static vs_status
values_of_machine(struct vs_arena *a, struct vs_tpm_pcrs *p, struct vs_err *err)
{
	const char *bank = p->bank == VS_TPM_SHA256 ? "sha256" : "sha384";

	for (unsigned i = 0; i < VS_TPM_PCRS; i++) {
		struct vs_span text;
		char path[64];

		if (!vs_tpm_has(p, i))
			continue;
		(void)snprintf(path, sizeof(path),
		    "/sys/class/tpm/tpm0/pcr-%s/%u", bank, i);
		VS_TRY(err, "values (or name a file: --values)",
		    vs_cli_read(path, 4096, a, &text, err));
		VS_TRY(err, path,
		    vs_unhex(vs_span_slice(text, 0, 2 * p->size), p->value[i],
			p->size));
	}
	return VS_OK;
}

static vs_status
read_values(const struct policy_opts *o, struct vs_arena *a,
    struct vs_tpm_pcrs *p, struct vs_err *err)
{
	struct vs_span text;

	VS_TRY(err, "--pcrs",
	    vs_tpm_pcrs_parse(
		o->pcrs != NULL ? o->pcrs : "sha256:7,11", p, err));
	if (o->values == NULL)
		return values_of_machine(a, p, err);
	VS_TRY(
	    err, "--values", vs_cli_read(o->values, FILE_MAX, a, &text, err));
	return values_of_text(text, p, err);
}

static vs_status
read_signer(const char *path, struct vs_arena *a, struct vs_signer **out,
    struct vs_err *err)
{
	uint8_t key[VS_TPM_KEY];
	struct vs_buf public = {0};
	struct vs_span pem;
	vs_status st;

	if (path == NULL)
		return vs_fail(err, VS_USAGE,
		    "--key FILE: the private key to sign with, P-256, PEM");
	VS_TRY(err, "--key", vs_cli_read(path, PEM_MAX, a, &pem, err));
	VS_TRY(err, "--key", vs_signer_read(pem, out, err));
	/* Ed25519 would sign, and no TPM would verify it. */
	st = vs_signer_public(*out, &public, err);
	if (st == VS_OK)
		st = vs_tpm_key_parse(vs_buf_span(&public), key, err);
	vs_buf_fini(&public);
	return st == VS_OK ? VS_OK : vs_ctx(err, "--key", st);
}

/* One more line after those that are there. */
static vs_status
write_line(const char *path, struct vs_span line, struct vs_err *err)
{
	struct vs_buf all = {0};
	vs_status st;

	if (path == NULL) {
		(void)fwrite(line.p, 1, line.n, stdout);
		return VS_OK;
	}
	st = vs_file_read(path, FILE_MAX, &all, err);
	if (st == VS_NOT_FOUND)
		st = VS_OK;
	vs_buf_add(&all, line);
	if (st == VS_OK)
		st = vs_buf_status(&all);
	if (st == VS_OK)
		st = vs_file_write(path, vs_buf_span(&all), 0644, err);
	vs_buf_fini(&all);
	return st;
}

static vs_status
sign(const struct policy_opts *o, struct vs_arena *a, char policy[65],
    struct vs_err *err)
{
	struct vs_signer *s = NULL;
	struct vs_tpm_pcrs p = {0};
	uint8_t message[VS_TPM_DIGEST + sizeof(VS_TPM_POLICY_REF) - 1];
	uint8_t sig[VS_SIG_SIZE];
	struct vs_buf line = {0};
	vs_status st = read_values(o, a, &p, err);

	if (st == VS_OK)
		st = read_signer(o->key, a, &s, err);
	if (st == VS_OK)
		st = vs_tpm_policy_pcrs(&p, message);
	memcpy(message + VS_TPM_DIGEST, VS_TPM_POLICY_REF,
	    sizeof(VS_TPM_POLICY_REF) - 1);
	if (st == VS_OK)
		st = vs_sign(s, VS_SPAN_OF(message), sig, err);
	vs_signer_free(&s);
	if (st != VS_OK)
		return st;
	vs_hex(VS_SPAN(message, VS_TPM_DIGEST), policy);
	vs_buf_printf(&line, "%s ", policy);
	vs_buf_hex(&line, VS_SPAN_OF(sig));
	vs_buf_puts(&line, "\n");
	st = vs_buf_status(&line);
	/* With --json standard output is an object. */
	if (st == VS_OK && (o->out != NULL || !o->json))
		st = write_line(o->out, vs_buf_span(&line), err);
	vs_buf_fini(&line);
	return st;
}

static int
run_sign_policy(const void *opts, const struct vs_args *args)
{
	const struct policy_opts *o = opts;
	struct vs_json *root;
	struct vs_arena a;
	struct vs_err err = {0};
	char policy[65] = "";
	vs_status st;

	(void)args;
	vs_arena_init(&a, ARENA_MAX);
	if (o->json && o->out == NULL)
		st = vs_fail(&err, VS_USAGE, "--json: wants --out as well");
	else
		st = sign(o, &a, policy, &err);
	vs_arena_fini(&a);
	if (st != VS_OK) {
		if (err.status == VS_OK)
			(void)vs_ctx(&err, "sign-policy", st);
		/* Whatever it is, it is about what was given to us. */
		err.status = VS_USAGE;
		return vs_cli_fail(&err, o->json);
	}
	if (o->json) {
		root = vs_json_object();
		vs_json_set(&root, "policy", vs_json_cstr(policy));
		vs_json_set(&root, "file", vs_json_cstr(o->out));
		return vs_cli_json(&root, VS_EXIT_OK);
	}
	if (o->out != NULL)
		printf("%s: policy %s signed\n", o->out, policy);
	return VS_EXIT_OK;
}

static const struct vs_opt options[] = {
    VS_OPT("key", TEXT, struct policy_opts, key, "FILE",
	"private key, P-256, PEM"),
    VS_OPT("pcrs", TEXT, struct policy_opts, pcrs, "BANK:LIST",
	"those of the seal, sha256:7,11 by default"),
    VS_OPT("values", TEXT, struct policy_opts, values, "FILE",
	"as tpm2_pcrread prints them; of this machine by default"),
    VS_OPT("out", TEXT, struct policy_opts, out, "FILE",
	"add the signature to this file (seal.tpm2.policy_sig)"),
    VS_OPT("json", FLAG, struct policy_opts, json, NULL, "one JSON object"),
};

static const struct vs_command commands[] = {
    {.verb = "seal",
	.sub = "sign-policy",
	.args = "",
	.summary = "let new PCR values into a TPM seal",
	.opts = options,
	.opts_n = VS_COUNT(options),
	.size = sizeof(struct policy_opts),
	.run = run_sign_policy},
};
const struct vs_family vs_seal_policy_family = {commands, VS_COUNT(commands)};
