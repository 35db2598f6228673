/* SPDX-License-Identifier: Apache-2.0 */
/* Simulated boards: their directory, their words, their JSON. */
#include <unistd.h>

#include "check.h"
#include "simulate/command.h"
#include "simulate/files.h"
#include "simulate/gpu.h"

static const uint8_t nonce[32] = {7};
static char dir[] = "/tmp/vouchsafe-board.XXXXXX";

static struct vs_sim_board *
board(bool blackwell, unsigned gpus)
{
	struct vs_sim_board_options opt;
	struct vs_sim_board *b = NULL;
	struct vs_err err = {0};

	vs_sim_board_defaults(1750000000, blackwell, gpus, &opt);
	CHECK_OK(vs_sim_board_new(&opt, &b, &err), err);
	return b;
}

static void
test_sizes(void)
{
	struct vs_sim_board_options opt;
	struct vs_sim_board *b = NULL;
	struct vs_err err = {0};

	vs_sim_board_defaults(0, false, 8, &opt);
	CHECK_INT(opt.switches, 4);
	vs_sim_board_defaults(0, false, 7, &opt);
	CHECK_INT(opt.switches, 0);
	vs_sim_board_defaults(0, true, 8, &opt);
	CHECK_INT(opt.switches, 0);
	opt.gpus = 0;
	CHECK_INT(vs_sim_board_new(&opt, &b, &err), VS_USAGE);
	opt.gpus = VS_SIM_GPUS_MAX + 1;
	CHECK_INT(vs_sim_board_new(&opt, &b, &err), VS_USAGE);
	CHECK(b == NULL);
}

/* What comes back from a directory signs for the same certificates. */
static void
test_directory(void)
{
	VS_AUTO(vs_sim_board) *b = board(false, 8);
	VS_AUTO(vs_sim_board) *again = NULL;
	struct vs_sim_machine m = {0};
	struct vs_sim_devices one = {0}, two = {0};
	struct vs_err err = {0};
	char sub[64];

	(void)snprintf(sub, sizeof(sub), "%s/gpu", dir);
	CHECK(!vs_sim_board_is(sub));
	CHECK(vs_sim_board_load(sub, &again, &err) != VS_OK);
	CHECK_OK(vs_sim_board_save(b, sub, &err), err);
	CHECK(vs_sim_board_is(sub));
	CHECK_OK(vs_sim_board_load(sub, &again, &err), err);
	CHECK_INT(vs_sim_board_gpus(again), 8);
	CHECK_INT(vs_sim_board_switches(again), 4);
	CHECK_OK(vs_sim_devices(b, &m, nonce, &one, &err), err);
	CHECK_OK(vs_sim_devices(again, &m, nonce, &two, &err), err);
	CHECK_INT(one.gpus, 8);
	CHECK_INT(two.switches, 4);
	for (size_t i = 0; i < 8; i++)
		CHECK(vs_span_equal(vs_buf_span(&one.gpu[i].certs),
		    vs_buf_span(&two.gpu[i].certs)));
	vs_sim_devices_fini(&one);
	vs_sim_devices_fini(&two);
}

static void
spoil(const char *facts)
{
	struct vs_sim_board *b = NULL;
	struct vs_err err = {0};
	char sub[64];

	(void)snprintf(sub, sizeof(sub), "%s/gpu", dir);
	CHECK_OK(
	    vs_sim_file_save(sub, "gpu.json", vs_span_cstr(facts), 0644, &err),
	    err);
	CHECK(vs_sim_board_load(sub, &b, &err) != VS_OK);
	CHECK(b == NULL);
}

static void
test_bad_directories(void)
{
	spoil("");
	spoil("{}");
	spoil("{\"family\":\"hopper\",\"gpus\":0,\"switches\":0,\"pdi\":[]}");
	spoil("{\"family\":\"hopper\",\"gpus\":17,\"switches\":0,\"pdi\":[]}");
	spoil("{\"family\":\"hopper\",\"gpus\":1,\"switches\":5,\"pdi\":[]}");
	spoil("{\"family\":\"hopper\",\"gpus\":1,\"switches\":0,\"pdi\":[1]}");
	spoil("{\"family\":\"hopper\",\"gpus\":1,\"switches\":0,"
	      "\"pdi\":[1,2]}");
	spoil("{\"family\":\"hopper\",\"gpus\":1,\"switches\":0,"
	      "\"pdi\":[\"00\",\"00\"]}");
}

static void
test_words(void)
{
	static const char *const good[] = {"old-vbios", "mismatch:0", "spt:15",
	    "devtools", "off", "unsaid", "stale", "bad-signature", "fwid",
	    "foreign", "duplicate", "no-switches", "relay-drop", "relay-swap",
	    "relay-order", "relay-cc-on"};
	static const char *const bad[] = {"", "old", "mismatch:", "mismatch:16",
	    "mismatch:x", "mismatch:1x", "mismatch:-1", "no-switches:1",
	    "relay-drop:1", "old-vbios-"};
	struct vs_sim_machine m = {0};
	struct vs_err err = {0};

	for (size_t i = 0; i < VS_COUNT(good); i++)
		CHECK_OK(vs_sim_machine_word(&m, good[i], &err), err);
	CHECK_INT(m.flaw[0], VS_SIM_GPU_MISMATCH);
	CHECK_INT(m.flaw[15], VS_SIM_GPU_SPT);
	CHECK((m.flaw_last & VS_SIM_GPU_OLD_VBIOS) != 0);
	CHECK(m.no_switches);
	CHECK_INT(m.relay, 15);
	for (size_t i = 0; i < VS_COUNT(bad); i++)
		CHECK_INT(vs_sim_machine_word(&m, bad[i], &err), VS_USAGE);
}

static void
test_states(void)
{
	VS_AUTO(vs_sim_board) *b = board(true, 4);
	struct vs_sim_machine m = {
	    .flaw = {[1] = VS_SIM_GPU_DEVTOOLS, [2] = VS_SIM_GPU_OFF},
	    .flaw_last = VS_SIM_GPU_UNSAID};
	struct vs_sim_devices d = {0};
	struct vs_err err = {0};

	CHECK_OK(vs_sim_devices(b, &m, nonce, &d, &err), err);
	CHECK_INT(d.gpus, 4);
	CHECK_INT(d.switches, 0);
	CHECK_STR(d.gpu[0].cc_state, "on");
	CHECK_STR(d.gpu[1].cc_state, "devtools");
	CHECK_STR(d.gpu[2].cc_state, "off");
	CHECK(d.gpu[3].cc_state == NULL);
	m.relay = VS_SIM_RELAY_CC_ON;
	CHECK_OK(vs_sim_relayed(b, &m, nonce, &d, &err), err);
	CHECK_STR(d.gpu[3].cc_state, "on");
	vs_sim_devices_fini(&d);
	m.gpus = 5;
	CHECK_INT(vs_sim_devices(b, &m, nonce, &d, &err), VS_USAGE);
	CHECK_INT(d.gpus, 0);
}

static void
test_documents(void)
{
	static const char *const names[] = {"NV_GPU_CC_DRIVER_GB100_575.32.xml",
	    "NV_GPU_VBIOS_G525_0220_886_970088000F.xml",
	    "NV_GPU_VBIOS_G525_0220_886_9700830009.xml"};
	VS_AUTO(vs_sim_board) *b = board(true, 1);
	struct vs_err err = {0};

	CHECK_INT(vs_sim_rims(b), VS_COUNT(names));
	for (size_t i = 0; i < VS_COUNT(names); i++) {
		struct vs_buf name = {0}, xml = {0};

		CHECK_OK(vs_sim_rim(b, i, &name, &xml, &err), err);
		CHECK_STR(vs_buf_cstr(&name), names[i]);
		CHECK(xml.n > 10000);
		vs_buf_fini(&name);
		vs_buf_fini(&xml);
	}
}

static vs_status
pki(const char *a, const char *b, const char *c, const char *d)
{
	char *argv[8] = {(char[]){"pki"}, dir};
	char copy[4][16];
	const char *more[] = {a, b, c, d};
	int argc = 2;
	struct vs_buf done = {0};
	struct vs_err err = {0};
	vs_status st;

	for (size_t i = 0; i < 4 && more[i] != NULL; i++) {
		(void)snprintf(copy[i], sizeof(copy[i]), "%s", more[i]);
		argv[argc++] = copy[i];
	}
	st = vs_sim_pki_command(argc, argv, 1750000000, &done, &err);
	vs_buf_fini(&done);
	return st;
}

/* Refused before anything is written. */
static void
test_command(void)
{
	char path[64];

	CHECK_INT(pki("--gpus", "0", NULL, NULL), VS_USAGE);
	CHECK_INT(pki("--gpus", "17", NULL, NULL), VS_USAGE);
	CHECK_INT(pki("--gpus", "x", NULL, NULL), VS_USAGE);
	CHECK_INT(pki("--gpu-arch", "hopper", NULL, NULL), VS_USAGE);
	CHECK_INT(pki("--gpu-arch", "ampere", "--gpus", "1"), VS_USAGE);
	CHECK_INT(pki("--switches", "4", NULL, NULL), VS_USAGE);
	CHECK_INT(pki("--switches", "4", "--gpus", "7"), VS_USAGE);
	CHECK_INT(pki("--switches", "5", "--gpus", "8"), VS_USAGE);
	(void)snprintf(path, sizeof(path), "%s/pki.json", dir);
	CHECK(access(path, F_OK) != 0);
}

int
main(void)
{
	char command[64];

	CHECK(mkdtemp(dir) != NULL);
	RUN(test_sizes);
	RUN(test_directory);
	RUN(test_bad_directories);
	RUN(test_words);
	RUN(test_states);
	RUN(test_documents);
	RUN(test_command);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	CHECK(system(command) == 0);
	return check_result();
}
