/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "cli/output.h"

static char *
printed(const struct vs_table *t)
{
	static char text[1024];
	FILE *f = fmemopen(text, sizeof(text), "w");

	vs_table_print(t, f);
	fclose(f);
	return text;
}

static void
test_table_pads_to_the_widest_cell(void)
{
	static const char *const heads[] = {"A", "LONGER"};
	struct vs_table t;

	vs_table_init(&t, heads, 2);
	vs_table_adds(&t, "wide cell");
	vs_table_addf(&t, "%d", 7);
	CHECK_STR(printed(&t), "A          LONGER\nwide cell  7\n");
	vs_table_fini(&t);
	CHECK(t.cells == NULL);
}

static void
test_text_from_elsewhere_cannot_steer_the_terminal(void)
{
	static const uint8_t rlo[] = {0xe2, 0x80, 0xae};
	char out[VS_CLI_TEXT_MAX];

	CHECK_STR(
	    vs_cli_text(VS_SPAN_LIT("\033[2Jx\n"), out), "\\x1b[2Jx\\x0a");
	CHECK_STR(vs_cli_text(VS_SPAN_LIT("caf\xc3\xa9"), out), "caf\xc3\xa9");
	/* Right-to-left override, as bytes: a literal of it would mislead. */
	CHECK_STR(vs_cli_text(VS_SPAN_OF(rlo), out), "\\xe2\\x80\\xae");
	CHECK_STR(
	    vs_cli_text(VS_SPAN_LIT("a\xe2\x80\x93z"), out), "a\xe2\x80\x93z");
	/* C1 controls, alone and as UTF-8. */
	CHECK_STR(vs_cli_text(VS_SPAN_LIT("\x9b"), out), "\\x9b");
	CHECK_STR(vs_cli_text(VS_SPAN_LIT("\xc2\x9b"), out), "\\xc2\\x9b");
}

static void
test_long_text_is_cut(void)
{
	static char text[VS_CLI_TEXT_SHOWN + 50];
	char out[VS_CLI_TEXT_MAX];

	memset(text, 1, sizeof(text));
	vs_cli_text(VS_SPAN_OF(text), out);
	CHECK_INT(strlen(out), 4 * VS_CLI_TEXT_SHOWN + 3);
}

static void
test_members_of_another_type_read_as_absent(void)
{
	struct vs_json *o = vs_json_object();

	vs_json_set(&o, "n", vs_json_int(5));
	vs_json_set(&o, "s", vs_json_cstr("x"));
	CHECK_INT(vs_cli_int(o, "n"), 5);
	CHECK_INT(vs_cli_int(o, "s"), 0);
	CHECK_INT(vs_cli_str(o, "n").n, 0);
	CHECK_INT(vs_cli_str(o, "s").n, 1);
	CHECK_INT(vs_cli_str(NULL, "s").n, 0);
	vs_json_free(&o);
}

int
main(void)
{
	RUN(test_table_pads_to_the_widest_cell);
	RUN(test_text_from_elsewhere_cannot_steer_the_terminal);
	RUN(test_long_text_is_cut);
	RUN(test_members_of_another_type_read_as_absent);
	return check_result();
}
