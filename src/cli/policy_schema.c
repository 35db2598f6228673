/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/policy_schema.h"

#include <stdio.h>
#include <string.h>

#include "claims/gpu.h"
#include "cli/dispatch.h"
#include "cli/output.h"

static const char *
type_name(vs_claim_type t)
{
	switch (t) {
	case VS_CLAIM_BOOL:
		return "bool";
	case VS_CLAIM_INT:
		return "int";
	case VS_CLAIM_STRING:
		return "string";
	case VS_CLAIM_TIME:
		return "timestamp";
	case VS_CLAIM_STRINGS:
		return "list(string)";
	}
	return "?";
}

/* All claims, one after the other: of the table, then of one GPU. */
struct row {
	const char *prefix; /* "" or "gpus[]." */
	const struct vs_claim_def *def;
};

static bool
row_at(int i, struct row *r)
{
	if (i < VS_CLAIM_COUNT)
		*r = (struct row){"", vs_claim_def((vs_claim_id)i)};
	else if (i < VS_CLAIM_COUNT + (int)VS_GPU_CLAIM_COUNT)
		*r = (struct row){"gpus[].",
		    vs_gpu_claim_def((vs_gpu_claim_id)(i - VS_CLAIM_COUNT))};
	else
		return false;
	return true;
}

static struct vs_json *
claim_json(const struct row *r)
{
	struct vs_json *o = vs_json_object();
	const struct vs_claim_def *d = r->def;
	char path[128];

	(void)snprintf(path, sizeof(path), "%s%s", r->prefix, d->path);
	vs_json_set(&o, "path", vs_json_cstr(path));
	vs_json_set(&o, "type", vs_json_cstr(type_name(d->type)));
	vs_json_set(
	    &o, "optional", vs_json_bool((d->flags & VS_CLAIM_OPT) != 0));
	if (d->max > 0)
		vs_json_set(&o, "max_bytes", vs_json_int((int64_t)d->max));
	if ((d->flags & VS_CLAIM_SENS) != 0)
		vs_json_set(&o, "sensitive", vs_json_bool(true));
	vs_json_set(&o, "doc", vs_json_cstr(d->doc));
	return o;
}

static int
print_json(void)
{
	struct vs_json *root = vs_json_object(), *list = vs_json_array();
	struct row r;

	for (int i = 0; row_at(i, &r); i++)
		vs_json_append(&list, claim_json(&r));
	vs_json_set(&root, "claims", list);
	return vs_cli_json(&root, VS_EXIT_OK);
}

static int
print_table(void)
{
	static const char *const heads[] = {"CLAIM", "TYPE", "MEANING"};
	struct vs_table t;
	struct row r;

	vs_table_init(&t, heads, VS_COUNT(heads));
	for (int i = 0; row_at(i, &r); i++) {
		vs_table_addf(&t, "%s%s%s", r.prefix, r.def->path,
		    (r.def->flags & VS_CLAIM_OPT) != 0 ? "?" : "");
		vs_table_adds(&t, type_name(r.def->type));
		vs_table_adds(&t, r.def->doc);
	}
	vs_table_print(&t, stdout);
	vs_table_fini(&t);
	puts("\n? may be absent: guard it with has()\n"
	     "gpus is a list of records, empty without GPU evidence:\n"
	     "    size(gpus) == 8 && gpus.all(g, g.arch == \"hopper\")");
	return VS_EXIT_OK;
}

static const char page_head[] =
    "# Claims\n"
    "\n"
    "<!-- Made by `vouchsafe policy schema --markdown`. -->\n"
    "\n"
    "What policies read ([the language](policy-language.md)), what "
    "`vouchsafe appraise` prints\n"
    "and what audit records keep. A claim that may be absent is guarded "
    "with `has()`; a\n"
    "sensitive one is redacted in explanations. Digests and identifiers are "
    "lower-case hex.\n";

static const char gpu_head[] =
    "\n"
    "## GPUs\n"
    "\n"
    "`gpus` is a list with one record for each GPU that was attested, empty "
    "without GPU\n"
    "evidence, of 16 at most. `gpus.all(g, ...)` is true of an empty list: "
    "say how many\n"
    "there must be, with `size(gpus)`.\n";

static void
print_row(const struct row *r)
{
	const struct vs_claim_def *d = r->def;

	printf("| `%s` | %s", d->path, type_name(d->type));
	if (d->max > 0)
		printf(", %zu", d->max);
	printf(" |%s%s%s | %s |\n",
	    (d->flags & VS_CLAIM_OPT) != 0 ? " may be absent" : "",
	    (d->flags & VS_CLAIM_OPT) != 0 && (d->flags & VS_CLAIM_SENS) != 0
		? ","
		: "",
	    (d->flags & VS_CLAIM_SENS) != 0 ? " sensitive" : "", d->doc);
}

/* The length of the record's name: "snp" of "snp.tcb.current.fmc". */
static size_t
record_len(const char *path)
{
	return strcspn(path, ".");
}

static int
print_markdown(void)
{
	static const char columns[] =
	    "\n| claim | type, longest | | |\n| --- | --- | --- | --- |\n";
	const char *last = "";
	struct row r;

	fputs(page_head, stdout);
	for (int i = 0; row_at(i, &r); i++) {
		const char *path = r.def->path;
		size_t n = record_len(path);

		if (r.prefix[0] == '\0' &&
		    (record_len(last) != n || strncmp(last, path, n) != 0))
			printf("\n## %.*s\n%s", (int)n, path, columns);
		if (r.prefix[0] != '\0' && i == VS_CLAIM_COUNT) {
			fputs(gpu_head, stdout);
			fputs(columns, stdout);
		}
		print_row(&r);
		last = path;
	}
	return VS_EXIT_OK;
}

int
vs_policy_schema(const void *opts, const struct vs_args *args)
{
	const struct vs_schema_opts *o = opts;

	(void)args;
	if (o->document) {
		struct vs_json *schema = vs_policy_document_schema();

		return vs_cli_json(&schema, VS_EXIT_OK);
	}
	if (o->markdown)
		return print_markdown();
	return o->json ? print_json() : print_table();
}
