/* SPDX-License-Identifier: Apache-2.0 */
/* GPUs as a guest collects them: through NVML, and simulated. */
#include <dlfcn.h>

#include "base/encoding.h"
#include "check.h"
#include "guest/devices.h"
#include "guest/recipient.h"
#include "simulate/files.h"

static const uint8_t nonce[32] = {0xc5, 0x01};
static char lib[512], old_lib[512], switch_lib[512];

static void
check_hex(const uint8_t digest[32], const char *want)
{
	char hex[65];

	vs_hex(VS_SPAN(digest, 32), hex);
	CHECK_STR(hex, want);
}

/* The constants are those of test_broker_binding, computed in Python. */
static void
test_digest(void)
{
	struct vs_guest_devices_view v = {.gpus = 0};
	struct vs_api_device d = {
	    VS_SPAN_LIT("report 0"), VS_SPAN_LIT("certs 0"), NULL};
	uint8_t out[32];

	CHECK_INT(vs_guest_devices_digest(&v, out), VS_OK);
	check_hex(out,
	    "0000000000000000000000000000000000000000000000000000000000000000");
	v.gpu[0] = d;
	v.gpus = 1;
	CHECK_INT(vs_guest_devices_digest(&v, out), VS_OK);
	check_hex(out,
	    "39dab6f801637424e08192a79cce73bb4a8a61856a515441fd94f616049aac07");
	v.gpu[0].cc_state = "on";
	v.gpu[1] = (struct vs_api_device){
	    VS_SPAN_LIT("report 1"), VS_SPAN_LIT("certs 1"), NULL};
	v.nvswitch[0] = (struct vs_api_device){
	    VS_SPAN_LIT("report 2"), VS_SPAN_LIT("certs 2"), NULL};
	v.gpus = 2;
	v.switches = 1;
	CHECK_INT(vs_guest_devices_digest(&v, out), VS_OK);
	check_hex(out,
	    "cff27fa775aa0d28c0d452cd6fad3bc73a9c6bf274e253fd2b50d2f1c115c016");
}

/* SHA-256 of "vouchsafe/v1 gpu", NUL, 32 times 0x11, 32 times 0x22. */
static void
test_gpu_nonce(void)
{
	uint8_t n[32], thumbprint[32], out[32];

	memset(n, 0x11, sizeof(n));
	memset(thumbprint, 0x22, sizeof(thumbprint));
	CHECK_INT(vs_guest_gpu_nonce(n, thumbprint, out), VS_OK);
	check_hex(out,
	    "4dfc61c049baef43a6ec88a35c138c980919347c29f2e945ad466f50cf6a0b38");
}

/* Through the fake library, in a mood; the digest must be that of what came. */
static vs_status
take(const char *mood, struct vs_guest_gpu_source src,
    struct vs_guest_devices *d, struct vs_err *err)
{
	struct vs_guest_devices_view v = {.gpus = 0};
	uint8_t digest[32], again[32];
	vs_status st;

	*d = (struct vs_guest_devices){.gpus = 0};
	*err = (struct vs_err){0};
	CHECK(setenv("FAKE_NVML", mood, 1) == 0);
	if (src.nvml == NULL)
		src.nvml = lib;
	if (src.nscq == NULL)
		src.nscq = switch_lib;
	st = vs_guest_devices_take(&src, nonce, d, digest, err);
	vs_guest_devices_view(d, &v);
	if (st == VS_OK) {
		CHECK_INT(vs_guest_devices_digest(&v, again), VS_OK);
		CHECK(memcmp(digest, again, 32) == 0);
	} else {
		CHECK_INT(d->gpus, 0);
	}
	return st;
}

static const struct vs_guest_gpu_source automatic;
static const struct vs_guest_gpu_source all = {.which = VS_GUEST_GPUS_ALL};

static void
test_nvml(void)
{
	struct vs_guest_devices d;
	struct vs_err err;

	CHECK_OK(take("", automatic, &d, &err), err);
	CHECK_INT(d.gpus, 2);
	CHECK_INT(d.switches, 0);
	CHECK(vs_span_equal(vs_span_slice(vs_buf_span(&d.gpu[1].report), 0, 8),
	    VS_SPAN_LIT("report 1")));
	CHECK(vs_span_equal(vs_span_slice(vs_buf_span(&d.gpu[1].report), 8, 32),
	    VS_SPAN_OF(nonce)));
	CHECK(vs_span_is(vs_buf_span(&d.gpu[0].certs), "certs 0"));
	CHECK_STR(d.gpu[0].cc_state, "on");
	vs_guest_devices_fini(&d);
}

static void
check_state(const char *mood, const char *library, const char *want)
{
	struct vs_guest_gpu_source src = all;
	struct vs_guest_devices d;
	struct vs_err err;

	src.nvml = library;
	CHECK_OK(take(mood, src, &d, &err), err);
	CHECK_INT(d.gpus, 2);
	CHECK_STR(d.gpu[0].cc_state, want);
	CHECK_STR(d.gpu[1].cc_state, want);
	vs_guest_devices_fini(&d);
}

/* Old drivers know nothing of several GPUs at once. */
static void
test_states(void)
{
	check_state("", lib, "on");
	check_state("several", lib, "on");
	check_state("devtools", lib, "devtools");
	check_state("several devtools", lib, "devtools");
	check_state("", old_lib, "on");
	check_state("devtools", old_lib, "devtools");
}

static void
check_refused(const char *mood, struct vs_guest_gpu_source src, const char *why)
{
	struct vs_guest_devices d;
	struct vs_err err;

	CHECK_INT(take(mood, src, &d, &err), VS_UNAVAILABLE);
	if (!CHECK(strstr(err.msg, why) != NULL))
		fprintf(stderr, "%s: %s\n", mood, err.msg);
}

static void
test_what_can_go_wrong(void)
{
	check_refused("no-driver", all, "Some Error (9)");
	check_refused("no-init", automatic, "start");
	check_refused("no-count", all, "number of GPUs");
	check_refused("none", all, "no GPU");
	check_refused("many", all, "17 GPUs");
	check_refused("off", all, "not in confidential mode");
	check_refused("environment-sim", all, "not in confidential mode");
	check_refused("plain", all, "not in confidential mode");
	check_refused("no-state", automatic, "state of confidential");
	check_refused("no-handle", automatic, "GPU 0");
	check_refused(
	    "no-report", automatic, "GPU 1: NVML: report: Not Supported (3)");
	check_refused("no-report mute", automatic, "error (3)");
	check_refused("huge-report", automatic, "8193 bytes");
	check_refused("empty-report", automatic, "0 bytes");
	check_refused("no-certs", automatic, "certificates");
	check_refused("huge-certs", automatic, "5121 bytes");
	check_refused("empty-certs", automatic, "no certificates");
}

static void
test_how_many(void)
{
	struct vs_guest_gpu_source src = {
	    .which = VS_GUEST_GPUS_COUNT, .count = 2};
	struct vs_guest_devices d;
	struct vs_err err;

	CHECK_OK(take("", src, &d, &err), err);
	CHECK_INT(d.gpus, 2);
	vs_guest_devices_fini(&d);
	src.count = 8;
	check_refused("", src, "has 2 GPUs, and --gpus wants 8");
	src = (struct vs_guest_gpu_source){.which = VS_GUEST_GPUS_NONE};
	CHECK_OK(take("no-init", src, &d, &err), err);
	CHECK_INT(d.gpus, 0);
}

/* What is sent by itself: GPUs in confidential mode, and otherwise nothing. */
static void
test_nobody_insists(void)
{
	struct vs_guest_gpu_source src = automatic;
	struct vs_guest_devices d;
	struct vs_err err;

	CHECK_OK(take("none", automatic, &d, &err), err);
	CHECK_INT(d.gpus, 0);
	CHECK_OK(take("off", automatic, &d, &err), err);
	CHECK_INT(d.gpus, 0);
	/* GPUs that have no such mode, by a new and by an old driver. */
	CHECK_OK(take("plain", automatic, &d, &err), err);
	CHECK_INT(d.gpus, 0);
	src.nvml = old_lib;
	CHECK_OK(take("plain", src, &d, &err), err);
	CHECK_INT(d.gpus, 0);
}

static void
test_libraries(void)
{
	struct vs_guest_gpu_source src = {.nvml = "/nonexistent/nvml.so"};
	struct vs_guest_devices d = {.gpus = 0};
	struct vs_err err;
	uint8_t digest[32];

	check_refused("", src, "/nonexistent/nvml.so: cannot load");
	/* A library, but another one. */
	src.nvml = "libm.so.6";
	check_refused("", src, "too old");
	/* This machine may have the driver: then it has GPUs or says why. */
	src = automatic;
	err = (struct vs_err){0};
	if (vs_guest_devices_take(&src, nonce, &d, digest, &err) == VS_OK &&
	    d.gpus == 0)
		CHECK(vs_span_zero(VS_SPAN_OF(digest)));
	vs_guest_devices_fini(&d);
}

/* Asked only where GPUs are taken as one; every one answers the nonce. */
static void
test_switches(void)
{
	struct vs_guest_devices d;
	struct vs_err err;
	struct vs_span report;

	CHECK_OK(take("several", automatic, &d, &err), err);
	CHECK_INT(d.gpus, 2);
	CHECK_INT(d.switches, 2);
	report = vs_buf_span(&d.nvswitch[1].report);
	CHECK_INT(report.n, 49);
	CHECK(vs_span_equal(
	    vs_span_slice(report, 0, 17), VS_SPAN_LIT("switch report 41:")));
	CHECK(vs_span_equal(vs_span_slice(report, 17, 32), VS_SPAN_OF(nonce)));
	CHECK(vs_span_is(vs_buf_span(&d.nvswitch[0].certs), "switch certs 40"));
	CHECK(d.nvswitch[0].cc_state == NULL);
	vs_guest_devices_fini(&d);
	CHECK_OK(take("no-session", automatic, &d, &err), err);
	CHECK_INT(d.switches, 0);
	vs_guest_devices_fini(&d);
	CHECK_OK(take("several no-switches", automatic, &d, &err), err);
	CHECK_INT(d.gpus, 2);
	vs_guest_devices_fini(&d);
}

/* Policy says whether that is enough; who counts GPUs is told. */
static void
test_no_library_of_switches(void)
{
	struct vs_guest_gpu_source src = {.nvml = lib};
	struct vs_guest_devices d = {.gpus = 0};
	struct vs_err err = {0};
	uint8_t digest[32];

	CHECK(setenv("FAKE_NVML", "several", 1) == 0);
	if (dlopen("libnvidia-nscq.so.2", RTLD_NOW) != NULL)
		return; /* a machine that has it */
	CHECK_OK(vs_guest_devices_take(&src, nonce, &d, digest, &err), err);
	CHECK_INT(d.gpus, 2);
	CHECK_INT(d.switches, 0);
	vs_guest_devices_fini(&d);
	src.which = VS_GUEST_GPUS_ALL;
	CHECK_INT(vs_guest_devices_take(&src, nonce, &d, digest, &err),
	    VS_UNAVAILABLE);
	CHECK(strstr(err.msg, "libnvidia-nscq.so.2: cannot load") != NULL);
	CHECK_INT(d.gpus, 0);
}

static void
test_switches_that_do_not_answer(void)
{
	struct vs_guest_gpu_source src = automatic;

	check_refused("several no-session", src, "NSCQ: start: error -7");
	check_refused("several no-list", src, "NSCQ: switches: error -127");
	check_refused("several no-label", src, "NSCQ: switches: error -2");
	check_refused("several nine", src, "9 switches");
	check_refused("several no-input", src, "NSCQ: nonce: error -5");
	check_refused("several no-answer", src,
	    "switch 0: report: NSCQ: attestation_report: error -8");
	check_refused("several huge-answer", src, "8193 bytes");
	check_refused("several silent", src, "attestation_report of 0 bytes");
	check_refused("several empty-chain", src, "certificate of 0 bytes");
	src.nscq = "/nonexistent/nscq.so";
	check_refused("several", src, "/nonexistent/nscq.so: cannot load");
	src.nscq = "libm.so.6";
	check_refused("several", src, "too old");
}

static void
make_board(const char *dir)
{
	VS_AUTO(vs_sim_board) *b = NULL;
	struct vs_sim_board_options opt;
	struct vs_err err = {0};
	char gpu[64];

	(void)snprintf(gpu, sizeof(gpu), "%s/gpu", dir);
	vs_sim_board_defaults(1750000000, false, 2, &opt);
	CHECK_OK(vs_sim_board_new(&opt, &b, &err), err);
	CHECK_OK(vs_sim_board_save(b, gpu, &err), err);
}

/* A host that changes the request changes what arrives, not the digest. */
static void
check_relay(const char *dir, unsigned relay, size_t arrive)
{
	struct vs_guest_gpu_source src = {
	    .simulate = dir, .machine.relay = relay};
	struct vs_guest_devices d = {.gpus = 0};
	struct vs_guest_devices_view v = {.gpus = 0};
	struct vs_err err = {0};
	uint8_t digest[32], got[32];

	CHECK_OK(vs_guest_devices_take(&src, nonce, &d, digest, &err), err);
	vs_guest_devices_view(&d, &v);
	CHECK_INT(v.gpus, arrive);
	CHECK_INT(vs_guest_devices_digest(&v, got), VS_OK);
	CHECK((memcmp(digest, got, 32) == 0) == (relay == 0));
	vs_guest_devices_fini(&d);
}

static void
test_simulated(void)
{
	char dir[] = "/tmp/vouchsafe-gpus.XXXXXX", command[64];
	struct vs_guest_gpu_source src = {.simulate = dir};
	struct vs_guest_devices d = {.gpus = 0};
	struct vs_err err = {0};
	uint8_t digest[32];

	CHECK(mkdtemp(dir) != NULL);
	CHECK_OK(vs_guest_devices_take(&src, nonce, &d, digest, &err), err);
	CHECK_INT(d.gpus, 0);
	src.which = VS_GUEST_GPUS_ALL;
	CHECK_INT(
	    vs_guest_devices_take(&src, nonce, &d, digest, &err), VS_USAGE);
	make_board(dir);
	check_relay(dir, 0, 2);
	check_relay(dir, VS_SIM_RELAY_DROP, 1);
	check_relay(dir, VS_SIM_RELAY_SWAP, 2);
	check_relay(dir, VS_SIM_RELAY_ORDER, 2);
	src.which = VS_GUEST_GPUS_COUNT;
	src.count = 3;
	CHECK_INT(
	    vs_guest_devices_take(&src, nonce, &d, digest, &err), VS_USAGE);
	src.count = 1;
	CHECK_OK(vs_guest_devices_take(&src, nonce, &d, digest, &err), err);
	CHECK_INT(d.gpus, 1);
	CHECK(!vs_span_zero(VS_SPAN_OF(digest)));
	vs_guest_devices_fini(&d);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	CHECK(system(command) == 0);
}

int
main(void)
{
	const char *bin = getenv("VS_BIN");

	RUN(test_digest);
	RUN(test_gpu_nonce);
	RUN(test_simulated);
	if (bin == NULL)
		return check_failed_n != 0 ? check_result() : 77;
	(void)snprintf(lib, sizeof(lib), "%s/tests/libfake-nvml.so", bin);
	(void)snprintf(
	    old_lib, sizeof(old_lib), "%s/tests/libfake-nvml-old.so", bin);
	(void)snprintf(
	    switch_lib, sizeof(switch_lib), "%s/tests/libfake-nscq.so", bin);
	RUN(test_nvml);
	RUN(test_states);
	RUN(test_what_can_go_wrong);
	RUN(test_how_many);
	RUN(test_nobody_insists);
	RUN(test_libraries);
	RUN(test_switches);
	RUN(test_no_library_of_switches);
	RUN(test_switches_that_do_not_answer);
	return check_result();
}
