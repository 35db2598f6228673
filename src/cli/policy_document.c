/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON Schema of policies, for editors. What has tables in the program is
 * made from them, the rest is the text below. */
#include <stdio.h>
#include <string.h>

#include "claims/gpu.h"
#include "cli/policy_schema.h"
#include "policy/document.h"
#include "policy/floor.h"

/* clang-format off */
static const char skeleton[] =
"{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\","
" \"title\": \"Vouchsafe policy\","
" \"type\": \"object\", \"additionalProperties\": false,"
" \"required\": [\"apiVersion\", \"name\", \"version\", \"keys\", \"tee\","
"  \"rules\"],"
" \"properties\": {"
"  \"apiVersion\": {\"const\": \"policy/v1\"},"
"  \"name\": {\"type\": \"string\","
"   \"pattern\": \"^[a-z0-9][a-z0-9-]{0,62}$\","
"   \"description\": \"Names the policy in reports.\"},"
"  \"version\": {\"type\": \"integer\", \"minimum\": 1,"
"   \"description\": \"Grows with every change.\"},"
"  \"keys\": {\"type\": \"array\", \"minItems\": 1, \"maxItems\": 64,"
"   \"items\": {\"type\": \"string\", \"minLength\": 1},"
"   \"description\": \"Patterns of the key names that it governs.\"},"
"  \"tee\": {\"type\": \"array\", \"minItems\": 1,"
"   \"items\": {\"$ref\": \"#/$defs/tee\"},"
"   \"description\": \"Evidence that is admitted.\"},"
"  \"mode\": {\"enum\": [\"enforce\", \"shadow\", \"guard\"]},"
"  \"not_before\": {\"$ref\": \"#/$defs/time\"},"
"  \"not_after\": {\"$ref\": \"#/$defs/time\"},"
"  \"params\": {\"type\": \"object\", \"maxProperties\": 128,"
"   \"propertyNames\": {\"$ref\": \"#/$defs/identifier\"},"
"   \"additionalProperties\": {\"anyOf\": [{\"$ref\": \"#/$defs/scalar\"},"
"    {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/scalar\"}}]},"
"   \"description\": \"Constants, read as param.NAME.\"},"
"  \"lists\": {\"type\": \"object\", \"maxProperties\": 32,"
"   \"additionalProperties\": {\"type\": \"object\","
"    \"additionalProperties\": false, \"required\": [\"source\"],"
"    \"properties\": {"
"     \"source\": {\"enum\": [\"signed-file\", \"registry\"]},"
"     \"max_age\": {\"type\": \"string\"}}},"
"   \"description\": \"Read as lists.NAME and registry.NAME.\"},"
"  \"let\": {\"type\": \"object\", \"maxProperties\": 128,"
"   \"propertyNames\": {\"$ref\": \"#/$defs/identifier\"},"
"   \"additionalProperties\": {\"$ref\": \"#/$defs/expression\"}},"
"  \"rules\": {\"type\": \"array\", \"minItems\": 1, \"maxItems\": 128,"
"   \"items\": {\"$ref\": \"#/$defs/rule\"}},"
"  \"tests\": {\"type\": \"array\", \"maxItems\": 256,"
"   \"items\": {\"$ref\": \"#/$defs/test\"}},"
"  \"disclose\": {\"enum\": [\"none\", \"rule-ids\"]},"
"  \"approvals\": {\"$ref\": \"#/$defs/approvals\"},"
"  \"waive\": {\"type\": \"array\","
"   \"items\": {\"$ref\": \"#/$defs/waiver\"}}}}";

static const char definitions[] =
"{\"people\": {\"type\": \"integer\", \"minimum\": 1, \"maximum\": 16},"
" \"approvals\": {\"type\": \"object\", \"additionalProperties\": false,"
"  \"required\": [\"release\"], \"properties\": {"
"   \"release\": {\"anyOf\": [{\"$ref\": \"#/$defs/people\"},"
"    {\"type\": \"object\", \"additionalProperties\": false,"
"     \"minProperties\": 1, \"properties\": {"
"     \"security\": {\"$ref\": \"#/$defs/people\"},"
"     \"approver\": {\"$ref\": \"#/$defs/people\"},"
"     \"operator\": {\"$ref\": \"#/$defs/people\"}}}]},"
"   \"wait\": {\"type\": \"string\"}, \"window\": {\"type\": \"string\"},"
"   \"reason\": {\"type\": \"string\"}},"
"  \"description\": \"How many people must agree to each release.\"},"
" \"time\": {\"type\": [\"string\", \"integer\"],"
"  \"description\": \"RFC 3339, or Unix seconds.\"},"
" \"identifier\": {\"pattern\": \"^[_a-zA-Z][_a-zA-Z0-9]*$\"},"
" \"scalar\": {\"type\": [\"string\", \"boolean\", \"integer\", \"number\"]},"
" \"expression\": {\"type\": \"string\", \"minLength\": 1,"
"  \"maxLength\": 16384, \"description\": \"Write it as a block (|).\"},"
" \"rule\": {\"type\": \"object\", \"additionalProperties\": false,"
"  \"required\": [\"id\", \"assert\"],"
"  \"properties\": {"
"   \"id\": {\"type\": \"string\", \"pattern\": \"^[a-z0-9-]+$\"},"
"   \"assert\": {\"$ref\": \"#/$defs/expression\"},"
"   \"when\": {\"$ref\": \"#/$defs/expression\"},"
"   \"message\": {\"type\": \"string\"},"
"   \"explain\": {\"$ref\": \"#/$defs/expression\"},"
"   \"severity\": {\"enum\": [\"deny\", \"warn\"]},"
"   \"ref\": {\"type\": \"string\"}, \"owner\": {\"type\": \"string\"}}},"
" \"test\": {\"type\": \"object\", \"additionalProperties\": false,"
"  \"required\": [\"name\", \"claims\", \"expect\"],"
"  \"properties\": {"
"   \"name\": {\"type\": \"string\"},"
"   \"claims\": {\"$ref\": \"#/$defs/claims\"},"
"   \"expect\": {\"enum\": [\"allow\", \"deny\"]},"
"   \"now\": {\"$ref\": \"#/$defs/time\"},"
"   \"failed\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}},"
"   \"lists\": {\"type\": \"object\"}}},"
" \"waiver\": {\"type\": \"object\", \"additionalProperties\": false,"
"  \"required\": [\"check\", \"reason\", \"until\"],"
"  \"properties\": {"
"   \"check\": {\"$ref\": \"#/$defs/check\"},"
"   \"reason\": {\"type\": \"string\", \"minLength\": 8},"
"   \"until\": {\"$ref\": \"#/$defs/time\"}}}}";
/* clang-format on */

static struct vs_json *
parse(const char *text)
{
	struct vs_json *j = NULL;
	struct vs_err err = {0};

	return vs_json_parse(vs_span_cstr(text), &j, &err) == VS_OK ? j : NULL;
}

static struct vs_json *
one_of(const char *const *names, size_t n)
{
	struct vs_json *o = vs_json_object(), *list = vs_json_array();

	for (size_t i = 0; i < n; i++)
		vs_json_append(&list, vs_json_cstr(names[i]));
	vs_json_set(&o, "enum", list);
	return o;
}

/* YAML of an editor takes a digest of digits alone for a number. */
static struct vs_json *
claim(const struct vs_claim_def *d)
{
	static const char *const types[] = {
	    [VS_CLAIM_BOOL] = "{\"type\": \"boolean\"}",
	    [VS_CLAIM_INT] = "{\"type\": \"integer\"}",
	    [VS_CLAIM_STRING] = "{\"type\": [\"string\", \"number\"]}",
	    [VS_CLAIM_TIME] = "{\"$ref\": \"#/$defs/time\"}",
	    [VS_CLAIM_STRINGS] =
		"{\"type\": \"array\", \"items\": {\"type\": \"string\"}}",
	};
	struct vs_json *o = parse(types[d->type]);

	vs_json_set(&o, "description", vs_json_cstr(d->doc));
	return o;
}

static struct vs_json *
object_of(struct vs_json *properties)
{
	/* "tcb.current": names may be written with dots, too. */
	struct vs_json *o = parse("{\"type\": \"object\","
				  " \"additionalProperties\": false,"
				  " \"patternProperties\": {\"[.]\": {}}}");

	vs_json_set(&o, "properties", properties);
	return o;
}

static struct vs_json *
gpus(void)
{
	struct vs_json *o = parse("{\"type\": \"array\"}");
	struct vs_json *properties = vs_json_object();

	for (int i = 0; i < (int)VS_GPU_CLAIM_COUNT; i++) {
		const struct vs_claim_def *d =
		    vs_gpu_claim_def((vs_gpu_claim_id)i);

		vs_json_set(&properties, d->path, claim(d));
	}
	vs_json_set(&o, "maxItems", vs_json_int(VS_CLAIM_GPUS_MAX));
	vs_json_set(&o, "items", object_of(properties));
	return o;
}

/* The claims whose paths begin with the first n octets of prefix. Those of
 * a record stand beside each other in the table. */
static struct vs_json *
record(const char *prefix, size_t n)
{
	struct vs_json *properties = vs_json_object();
	const char *last = NULL;
	size_t last_n = 0;

	for (int i = 0; i < VS_CLAIM_COUNT; i++) {
		const struct vs_claim_def *d = vs_claim_def((vs_claim_id)i);
		const char *name = d->path + n;
		size_t len;
		char text[64];

		if (strncmp(d->path, prefix, n) != 0)
			continue;
		len = strcspn(name, ".");
		if (last != NULL && len == last_n &&
		    strncmp(name, last, len) == 0)
			continue;
		(void)snprintf(text, sizeof(text), "%.*s", (int)len, name);
		vs_json_set(&properties, text,
		    name[len] == '.' ? record(d->path, n + len + 1) : claim(d));
		last = name;
		last_n = len;
	}
	if (n == 0)
		vs_json_set(&properties, "gpus", gpus());
	return object_of(properties);
}

struct vs_json *
vs_policy_document_schema(void)
{
	static const char *const tees[] = {
#define X(sym, name, kind, other) name,
	    VS_POL_TEE_TABLE(X)
#undef X
	};
	static const char *const checks[] = {
#define X(sym, name, what) name,
	    VS_FLOOR_TABLE(X)
#undef X
	};
	struct vs_json *schema = parse(skeleton), *defs = parse(definitions);

	vs_json_set(&defs, "tee", one_of(tees, VS_COUNT(tees)));
	vs_json_set(&defs, "check", one_of(checks, VS_COUNT(checks)));
	vs_json_set(&defs, "claims", record("", 0));
	vs_json_set(&schema, "$defs", defs);
	return schema;
}
