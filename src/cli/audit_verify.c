/* SPDX-License-Identifier: Apache-2.0 */
/* `vouchsafe audit verify`: is the trail what was written? */
#include "cli/audit_verify.h"

#include <string.h>
#include <unistd.h>

#include "cli/output.h"

enum { HEAD_HEX = 64 };

/* "1234:<64 hex digits>", as this command printed it some time ago. */
struct noted {
	bool given;
	bool seen;
	int64_t seq;
	const char *head;
};

static vs_status
read_noted(const char *text, struct noted *out, struct vs_err *err)
{
	const char *colon;

	*out = (struct noted){0};
	if (text == NULL)
		return VS_OK;
	for (colon = text; *colon >= '0' && *colon <= '9'; colon++) {
		if (out->seq > INT64_MAX / 10 - 1)
			break;
		out->seq = out->seq * 10 + (*colon - '0');
	}
	if (out->seq == 0 || *colon != ':' ||
	    strspn(colon + 1, "0123456789abcdef") != HEAD_HEX ||
	    colon[1 + HEAD_HEX] != '\0')
		return vs_fail(err, VS_USAGE,
		    "--head: must be NUMBER:MAC as `audit verify` prints it");
	out->given = true;
	out->head = colon + 1;
	return VS_OK;
}

/* Up to the noted record first, so that its head can be compared. */
static int64_t
stretch(const struct noted *noted, int64_t after)
{
	int64_t limit = 1024;

	if (noted->given && noted->seq > after && noted->seq - after < limit)
		limit = noted->seq - after;
	return limit;
}

static vs_status
ask(const struct vs_audit_verify_opts *o, const struct noted *noted,
    int64_t after, struct vs_json **out, struct vs_err *err)
{
	struct vs_buf path = {0};
	vs_status st;

	vs_buf_printf(&path, "/v1/audit:verify?after=%lld&limit=%lld",
	    (long long)after, (long long)stretch(noted, after));
	st = vs_cli_call(&o->admin, "GET", vs_buf_cstr(&path), NULL, out, err);
	vs_buf_fini(&path);
	return st;
}

struct outcome {
	int64_t records;
	int64_t last;
	struct vs_json *answer; /* the last one */
	const char *noted;      /* what is wrong about the noted head */
};

static bool
is_good(const struct vs_json *answer)
{
	bool good = false;

	return vs_json_is_bool(vs_json_get(answer, "good"), &good) && good;
}

static void
compare_head(
    const struct vs_json *answer, struct noted *noted, struct outcome *out)
{
	if (!noted->given || noted->seen ||
	    vs_cli_int(answer, "last") != noted->seq)
		return;
	noted->seen = true;
	if (!vs_span_is(vs_cli_str(answer, "head"), noted->head))
		out->noted = "is not the one that was noted";
}

static void
tell_progress(const struct outcome *out)
{
	if (isatty(STDERR_FILENO) == 1)
		fprintf(stderr, "\r%lld records", (long long)out->records);
}

static vs_status
walk(const struct vs_audit_verify_opts *o, struct noted *noted,
    struct outcome *out, struct vs_err *err)
{
	for (;;) {
		struct vs_json *answer = NULL;
		vs_status st = ask(o, noted, out->last, &answer, err);
		int64_t rows;

		if (st != VS_OK)
			return st;
		rows = vs_cli_int(answer, "records");
		vs_json_free(&out->answer);
		out->answer = answer;
		out->records += rows;
		out->last = vs_cli_int(answer, "last");
		compare_head(answer, noted, out);
		tell_progress(out);
		if (!is_good(answer) || rows == 0)
			break;
	}
	if (noted->given && !noted->seen)
		out->noted = "is not there: records were cut off, or an old "
			     "database was put back";
	return VS_OK;
}

static void
print_outcome(const struct outcome *out, const struct noted *noted, bool good)
{
	char what[VS_CLI_TEXT_MAX];

	if (isatty(STDERR_FILENO) == 1)
		fputc('\r', stderr);
	vs_cli_paint(stdout, good ? VS_GOOD : VS_BAD, good ? "good" : "BAD");
	printf(", %lld records\n", (long long)out->records);
	if (!is_good(out->answer))
		printf("record %lld %s is %s\n",
		    (long long)vs_cli_int(out->answer, "wrong_seq"),
		    vs_cli_text(vs_cli_str(out->answer, "wrong_id"), what),
		    vs_span_is(vs_cli_str(out->answer, "wrong"), "missing")
			? "missing"
			: "not as it was written");
	if (out->noted != NULL)
		printf("record %lld %s\n", (long long)noted->seq, out->noted);
	if (good && out->last > 0)
		printf("head %lld:%s\n", (long long)out->last,
		    vs_cli_text(vs_cli_str(out->answer, "head"), what));
}

static int
outcome_json(struct outcome *out, bool good)
{
	struct vs_json *o = vs_json_copy(out->answer);

	vs_json_set(&o, "good", vs_json_bool(good));
	vs_json_set(&o, "records", vs_json_int(out->records));
	if (out->noted != NULL)
		vs_json_set(&o, "noted_head", vs_json_cstr(out->noted));
	return vs_cli_json(&o, good ? VS_EXIT_OK : VS_EXIT_DENIED);
}

int
vs_cli_audit_verify(const void *opts, const struct vs_args *args)
{
	const struct vs_audit_verify_opts *o = opts;
	struct outcome out = {0};
	struct noted noted;
	struct vs_err err = {0};
	vs_status st = read_noted(o->head, &noted, &err);
	int code;
	bool good;

	(void)args;
	if (st == VS_OK)
		st = walk(o, &noted, &out, &err);
	if (st != VS_OK) {
		vs_json_free(&out.answer);
		return vs_cli_fail(&err, o->admin.json);
	}
	good = is_good(out.answer) && out.noted == NULL;
	if (o->admin.json) {
		code = outcome_json(&out, good);
	} else {
		print_outcome(&out, &noted, good);
		code = good ? VS_EXIT_OK : VS_EXIT_DENIED;
	}
	vs_json_free(&out.answer);
	return code;
}
