/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client with the real process: what it answers, what it is, how it
 * dies and comes back. Skips where VS_BIN has no vouchsafe-keeper.
 */
#include "keeper_world.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "crypto/digest.h"
#include "seal_file.h"

enum { CHANNELS = 4, WAIT_MS = 20000 };

static char program[512];
static char dir[64];
static char seal[96];

static void
enter(void)
{
	(void)snprintf(dir, sizeof dir, "/tmp/vs-keeper-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(seal, sizeof seal, "%s/root.seal", dir);
}

static void
leave(void)
{
	(void)unlink(seal);
	CHECK(rmdir(dir) == 0);
}

static struct vs_keeper *
start(bool create, unsigned channels)
{
	const struct vs_keeper_options opt = {.program = program,
	    .seal = {.path = seal},
	    .may_create_seal = create,
	    .channels = channels};
	struct vs_keeper *k = NULL;
	struct vs_err err = {0};

	if (!CHECK_OK(vs_keeper_start(&opt, &k, &err), err))
		exit(check_result());
	return k;
}

static void
nap(void)
{
	const struct timespec t = {.tv_nsec = 5 * 1000 * 1000};

	(void)nanosleep(&t, NULL);
}

static int64_t
now_ms(void)
{
	return vs_mono_ns() / 1000000;
}

static int
pid_of(struct vs_keeper *k)
{
	struct vs_keeper_status s;

	vs_keeper_status(k, &s);
	return s.pid;
}

static vs_status
try_nonce_key(struct vs_keeper *k, unsigned channel)
{
	struct vs_err err = {0};
	uint8_t key[32];

	return vs_keeper_nonce_key(k, channel, key, &err);
}

/* A call may fail for a while after a death, but not for long, and only as
 * unavailable. */
static void
wait_works(struct vs_keeper *k, unsigned channel, vs_status want)
{
	int64_t end = now_ms() + WAIT_MS;
	vs_status st;

	while ((st = try_nonce_key(k, channel)) != want && now_ms() < end) {
		CHECK_INT(st, VS_UNAVAILABLE);
		nap();
	}
	CHECK_INT(st, want);
}

/* True when the process is gone within the time. */
static bool
gone(int pid)
{
	int64_t end = now_ms() + WAIT_MS;

	while (kill(pid, 0) == 0 && now_ms() < end) {
		(void)waitpid(pid, NULL, WNOHANG); /* if it became ours */
		nap();
	}
	return kill(pid, 0) != 0;
}

/* A key over the wire. */
static void
make_key(struct vs_keeper *k, struct world_key *key, const char *name, size_t n)
{
	struct vs_err err = {0};
	struct vs_key_place place;

	*key = (struct world_key){.version = 1, .kek_version = 1};
	(void)snprintf(key->name, sizeof key->name, "%s", name);
	CHECK_OK(
	    vs_keeper_new_kek(k, 0, vs_record_namespace(vs_span_cstr(name)), 1,
		key->kek, &err),
	    err);
	place = place_of(key);
	CHECK_OK(
	    vs_keeper_new_key(k, 0, &place, n, key->dek, &key->payload, &err),
	    err);
	CHECK_INT(key->payload.n, n + VS_PAYLOAD_OVERHEAD);
}

static vs_status
release(struct vs_keeper *k, unsigned channel, const struct world_guest *g,
    const struct world_key *key)
{
	const struct vs_reseal_item it = item_of(key);
	const struct vs_reseal req = request_of(g, &it, 1);
	struct vs_buf jwe = {0};
	struct vs_err err = {0};
	struct vs_arena a;
	vs_status st = vs_keeper_reseal(k, channel, &req, &jwe, &err);

	vs_arena_init(&a, 8 << 20);
	if (st == VS_OK) {
		struct vs_span plain = open_jwe(g, vs_buf_span(&jwe), &a);

		CHECK(vs_span_is(text_of(plain, "name"), key->name));
		CHECK_INT(text_of(plain, "key").n,
		    vs_b64url_len(key->payload.n - VS_PAYLOAD_OVERHEAD));
	} else {
		CHECK_INT(jwe.n, 0);
	}
	vs_arena_fini(&a);
	vs_buf_fini(&jwe);
	return st;
}

/* ---- answers ------------------------------------------------------------ */

static void
test_keys_and_releases(void)
{
	struct vs_keeper_status s;
	struct world_guest g;
	struct world_key k;
	struct vs_keeper *keeper;

	enter();
	keeper = start(true, CHANNELS);
	make_key(keeper, &k, "models/a", 32);
	for (int c = VS_CURVE_P256; c <= VS_CURVE_X25519; c++) {
		guest_new(&g, (vs_curve)c);
		CHECK_INT(release(keeper, 1, &g, &k), VS_OK);
		guest_free(&g);
	}
	guest_new(&g, VS_CURVE_P256);
	k.version = 2;
	CHECK_INT(release(keeper, 2, &g, &k), VS_UNTRUSTED);
	k.version = 1;
	CHECK_INT(release(keeper, 2, &g, &k), VS_OK);
	vs_keeper_status(keeper, &s);
	CHECK(s.up && !s.sealed && s.pid > 0 && s.restarts == 0);
	CHECK(s.unwraps == 5 && s.failures == 1);
	CHECK_STR(s.seal, "file");
	CHECK_STR(s.why, "");
	vs_keeper_free(&keeper);
	CHECK(keeper == NULL);
	vs_keeper_free(&keeper);
	CHECK(gone(s.pid));
	key_free(&k);
	guest_free(&g);
	leave();
}

static void
test_large_payload(void)
{
	struct vs_keeper *keeper;
	struct world_guest g;
	struct world_key k;

	enter();
	keeper = start(true, 1);
	guest_new(&g, VS_CURVE_X25519);
	make_key(keeper, &k, "models/large", VS_PAYLOAD_MAX);
	CHECK_INT(release(keeper, 0, &g, &k), VS_OK);
	key_free(&k);
	guest_free(&g);
	vs_keeper_free(&keeper);
	leave();
}

/* A point that is none is told apart from a record that does not open. */
static void
test_bad_recipient(void)
{
	struct vs_keeper *keeper;
	struct world_guest g;
	struct world_key k;
	int pid;

	enter();
	keeper = start(true, 1);
	pid = pid_of(keeper);
	guest_new(&g, VS_CURVE_P256);
	make_key(keeper, &k, "models/a", 32);
	g.at.y[3] ^= 1;
	CHECK_INT(release(keeper, 0, &g, &k), VS_MALFORMED);
	g.at.y[3] ^= 1;
	CHECK_INT(release(keeper, 0, &g, &k), VS_OK);
	CHECK_INT(pid_of(keeper), pid);
	key_free(&k);
	guest_free(&g);
	vs_keeper_free(&keeper);
	leave();
}

static void
test_chain_and_nonce_key(void)
{
	uint8_t digests[40][32] = {{0}}, macs[40][32];
	uint8_t prev[32] = {7}, nonce_key[32];
	struct vs_root_keys keys = {0};
	struct vs_secret *root = NULL;
	struct vs_keeper *keeper;
	struct vs_err err = {0};

	enter();
	keeper = start(true, CHANNELS);
	CHECK_OK(seal_file_open(seal, false, &root, &err), err);
	CHECK_INT(vs_root_derive(vs_secret_peek(root), &keys), VS_OK);
	CHECK_OK(vs_keeper_nonce_key(keeper, 3, nonce_key, &err), err);
	CHECK(vs_span_equal(
	    VS_SPAN_OF(nonce_key), vs_secret_peek(keys.nonce_mac)));
	for (uint8_t i = 0; i < 40; i++)
		digests[i][i % 32] = i;
	/* In three calls on two channels: it goes on where it was. */
	CHECK_OK(vs_keeper_chain(keeper, 0, prev, (const uint8_t(*)[32])digests,
		     1, macs, &err),
	    err);
	CHECK_OK(vs_keeper_chain(keeper, 1, macs[0],
		     (const uint8_t(*)[32])digests + 1, 30, macs + 1, &err),
	    err);
	CHECK_OK(vs_keeper_chain(keeper, 0, macs[30],
		     (const uint8_t(*)[32])digests + 31, 9, macs + 31, &err),
	    err);
	for (size_t i = 0; i < 40; i++) {
		const struct vs_span parts[] = {
		    VS_SPAN_OF(prev), VS_SPAN_OF(digests[i])};

		CHECK_INT(vs_hmac_sha256(
			      vs_secret_peek(keys.audit_chain), parts, 2, prev),
		    VS_OK);
		CHECK(memcmp(prev, macs[i], 32) == 0);
	}
	vs_keeper_free(&keeper);
	vs_root_wipe(&keys);
	vs_secret_free(&root);
	leave();
}

/* Refused before they are sent: the process is not disturbed. */
static void
test_requests_of_wrong_form(void)
{
	uint8_t long_text[512], record[VS_KEY_RECORD_SIZE], macs[1][32];
	const uint8_t digests[1][32] = {{0}};
	struct vs_buf out = {0};
	struct vs_keeper *keeper;
	struct vs_err err = {0};
	struct world_guest g;
	struct world_key k;
	int pid;

	enter();
	memset(long_text, 'a', sizeof long_text);
	keeper = start(true, 1);
	pid = pid_of(keeper);
	guest_new(&g, VS_CURVE_P256);
	make_key(keeper, &k, "models/a", 32);
	struct vs_key_place place = place_of(&k);

	CHECK(vs_keeper_new_kek(keeper, 0, VS_SPAN(long_text, 256), 1, record,
		  &err) != VS_OK);
	CHECK(vs_keeper_new_kek(
		  keeper, 0, VS_SPAN_LIT("a/b"), 1, record, &err) != VS_OK);
	CHECK(vs_keeper_new_key(keeper, 0, &place, 0, record, &out, &err) !=
	    VS_OK);
	CHECK(vs_keeper_new_key(keeper, 0, &place, VS_PAYLOAD_MAX + 1, record,
		  &out, &err) != VS_OK);
	place.name = VS_SPAN(long_text, 256);
	CHECK(vs_keeper_new_key(keeper, 0, &place, 9, record, &out, &err) !=
	    VS_OK);
	place = place_of(&k);
	place.kek.n--;
	CHECK(vs_keeper_new_key(keeper, 0, &place, 9, record, &out, &err) !=
	    VS_OK);
	CHECK(vs_keeper_chain(keeper, 0, digests[0], digests, 0, macs, &err) !=
	    VS_OK);
	CHECK(vs_keeper_chain(
		  keeper, 0, digests[0], digests, 1025, macs, &err) != VS_OK);
	CHECK_INT(out.n, 0);
	CHECK_INT(pid_of(keeper), pid);
	CHECK_INT(try_nonce_key(keeper, 0), VS_OK);
	vs_buf_fini(&out);
	key_free(&k);
	guest_free(&g);
	vs_keeper_free(&keeper);
	leave();
}

static void
refuse(struct vs_keeper *keeper, const struct vs_reseal *req, vs_status want)
{
	struct vs_buf jwe = {0};
	struct vs_err err = {0};

	CHECK_INT(vs_keeper_reseal(keeper, 0, req, &jwe, &err), want);
	CHECK_INT(jwe.n, 0);
	vs_buf_fini(&jwe);
}

static void
test_releases_of_wrong_form(void)
{
	static uint8_t long_text[256];
	struct vs_keeper *keeper;
	struct vs_reseal_item it;
	struct vs_reseal req;
	struct world_guest g;
	struct world_key k;
	int pid;

	enter();
	keeper = start(true, 1);
	pid = pid_of(keeper);
	guest_new(&g, VS_CURVE_P256);
	make_key(keeper, &k, "models/a", 32);
	memset(long_text, 'a', sizeof long_text);
	it = item_of(&k);
	req = request_of(&g, &it, 0);
	refuse(keeper, &req, VS_MALFORMED);
	req.n = VS_RESEAL_KEYS_MAX + 1;
	refuse(keeper, &req, VS_MALFORMED);
	req = request_of(&g, &it, 1);
	req.nonce.n--;
	refuse(keeper, &req, VS_MALFORMED);
	req = request_of(&g, &it, 1);
	req.release_id = VS_SPAN(long_text, 65);
	refuse(keeper, &req, VS_MALFORMED);
	req = request_of(&g, &it, 1);
	req.to.curve = VS_CURVE_NONE;
	refuse(keeper, &req, VS_MALFORMED);
	req.to.curve = (vs_curve)9;
	refuse(keeper, &req, VS_MALFORMED);
	req = request_of(&g, &it, 1);
	req.to.x = VS_SPAN(long_text, VS_ECDH_SIZE_MAX + 1);
	refuse(keeper, &req, VS_MALFORMED);
	req = request_of(&g, &it, 1);
	it.content_type = VS_SPAN(long_text, VS_CONTENT_TYPE_MAX + 1);
	refuse(keeper, &req, VS_UNTRUSTED);
	it = item_of(&k);
	it.dek.n--;
	refuse(keeper, &req, VS_UNTRUSTED);
	it = item_of(&k);
	it.payload.n = VS_PAYLOAD_OVERHEAD - 1;
	refuse(keeper, &req, VS_UNTRUSTED);
	it = item_of(&k);
	it.place.kek.n--;
	refuse(keeper, &req, VS_UNTRUSTED);
	CHECK_INT(pid_of(keeper), pid);
	CHECK_INT(release(keeper, 0, &g, &k), VS_OK);
	key_free(&k);
	guest_free(&g);
	vs_keeper_free(&keeper);
	leave();
}

/* More than a frame holds: refused as such, and nothing breaks. */
static void
test_request_above_the_frame(void)
{
	enum { N = 17 };
	struct vs_reseal_item items[N];
	struct vs_keeper *keeper;
	struct world_guest g;
	struct world_key k;
	struct vs_reseal req;

	enter();
	keeper = start(true, 1);
	guest_new(&g, VS_CURVE_X25519);
	make_key(keeper, &k, "models/a", VS_PAYLOAD_MAX);
	for (size_t i = 0; i < N; i++)
		items[i] = item_of(&k);
	req = request_of(&g, items, N);
	refuse(keeper, &req, VS_TOO_LARGE);
	req.n = 10; /* goes in; what would come out does not */
	refuse(keeper, &req, VS_TOO_LARGE);
	CHECK_INT(release(keeper, 0, &g, &k), VS_OK);
	key_free(&k);
	guest_free(&g);
	vs_keeper_free(&keeper);
	leave();
}

/* ---- seals -------------------------------------------------------------- */

static void
test_second_process_opens_the_same(void)
{
	struct vs_keeper *one, *two;
	struct world_guest g;
	struct world_key k;

	enter();
	guest_new(&g, VS_CURVE_P384);
	one = start(true, 1);
	make_key(one, &k, "models/a", 32);
	two = start(false, 1);
	CHECK_INT(release(two, 0, &g, &k), VS_OK);
	vs_keeper_free(&one);
	CHECK_INT(release(two, 0, &g, &k), VS_OK);
	vs_keeper_free(&two);
	CHECK(unlink(seal) == 0);
	two = start(true, 1); /* another root */
	CHECK_INT(release(two, 0, &g, &k), VS_UNTRUSTED);
	vs_keeper_free(&two);
	key_free(&k);
	guest_free(&g);
	leave();
}

static void
check_sealed(struct vs_keeper *keeper, const char *why)
{
	struct vs_keeper_status s;
	struct vs_err err = {0};
	uint8_t out[VS_KEY_RECORD_SIZE];
	const uint8_t digests[1][32] = {{0}};
	uint8_t macs[1][32];

	vs_keeper_status(keeper, &s);
	CHECK(s.up && s.sealed && s.pid > 0);
	if (!CHECK(strstr(s.why, why) != NULL))
		fprintf(stderr, "%s\n", s.why);
	CHECK_INT(vs_keeper_nonce_key(keeper, 0, out, &err), VS_SEALED);
	CHECK_STR(err.code, "keeper.sealed");
	CHECK_INT(
	    vs_keeper_new_kek(keeper, 0, VS_SPAN_LIT("models"), 1, out, &err),
	    VS_SEALED);
	CHECK_INT(
	    vs_keeper_chain(keeper, 0, digests[0], digests, 1, macs, &err),
	    VS_SEALED);
}

static void
test_damaged_seal(void)
{
	struct vs_keeper *keeper;
	uint8_t bytes[72];
	int fd;

	enter();
	keeper = start(true, 1);
	vs_keeper_free(&keeper);
	fd = open(seal, O_RDWR);
	CHECK(fd >= 0 && read(fd, bytes, 72) == 72);
	bytes[20] ^= 1;
	CHECK(pwrite(fd, bytes, 72, 0) == 72);
	keeper = start(true, 2);
	check_sealed(keeper, "damaged");
	/* Put right, and started again: open. */
	bytes[20] ^= 1;
	CHECK(pwrite(fd, bytes, 72, 0) == 72);
	(void)close(fd);
	CHECK(kill(pid_of(keeper), SIGKILL) == 0);
	{
		int64_t end = now_ms() + WAIT_MS;

		while (try_nonce_key(keeper, 0) != VS_OK && now_ms() < end)
			nap();
	}
	CHECK_INT(try_nonce_key(keeper, 0), VS_OK);
	vs_keeper_free(&keeper);
	leave();
}

static void
test_missing_seal(void)
{
	struct vs_keeper *keeper;

	enter();
	keeper = start(false, 1);
	check_sealed(keeper, "missing");
	CHECK(access(seal, F_OK) != 0);
	vs_keeper_free(&keeper);
	leave();
}

/* A seal that vanishes under a running keeper is not replaced by a new one:
 * the leave to create was for the first start. */
static void
test_seal_is_made_once(void)
{
	struct vs_keeper *keeper;

	enter();
	keeper = start(true, 1);
	CHECK(unlink(seal) == 0);
	CHECK(kill(pid_of(keeper), SIGKILL) == 0);
	wait_works(keeper, 0, VS_SEALED);
	check_sealed(keeper, "missing");
	CHECK(access(seal, F_OK) != 0);
	vs_keeper_free(&keeper);
	leave();
}

/* ---- death -------------------------------------------------------------- */

static void
test_killed(void)
{
	struct vs_keeper_status s;
	struct vs_keeper *keeper;
	struct world_guest g;
	struct world_key k;

	enter();
	keeper = start(true, CHANNELS);
	guest_new(&g, VS_CURVE_X25519);
	make_key(keeper, &k, "models/a", 32);
	for (unsigned i = 1; i <= 3; i++) {
		int pid = pid_of(keeper);
		int64_t begin = now_ms();

		CHECK(kill(pid, SIGKILL) == 0);
		(void)try_nonce_key(keeper, 0); /* may win the race */
		CHECK(now_ms() - begin < 5000);
		for (unsigned c = 0; c < CHANNELS; c++)
			wait_works(keeper, c, VS_OK);
		CHECK_INT(release(keeper, 2, &g, &k), VS_OK);
		vs_keeper_status(keeper, &s);
		CHECK(s.up && s.restarts == i && s.pid != pid);
		CHECK_INT(s.unwraps, 1);
	}
	key_free(&k);
	guest_free(&g);
	vs_keeper_free(&keeper);
	leave();
}

/* Stopped in the middle of a start again: the end must not wait for one. */
static void
test_freed_while_it_starts(void)
{
	enter();
	for (unsigned i = 0; i < 60; i++) {
		struct vs_keeper *keeper = start(true, 2);
		int pid = pid_of(keeper);
		int64_t begin = now_ms();
		const struct timespec t = {.tv_nsec = i * 1000L * 1000};

		CHECK(kill(pid, SIGKILL) == 0);
		(void)nanosleep(&t, NULL);
		vs_keeper_free(&keeper);
		CHECK(now_ms() - begin < 5000);
		CHECK(gone(pid));
	}
	leave();
}

static void
test_programs_that_are_none(void)
{
	static const char *const bad[] = {
	    "/nonexistent/keeper", "/bin/true", "/tmp"};

	enter();
	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		const struct vs_keeper_options opt = {.program = bad[i],
		    .seal = {.path = seal},
		    .may_create_seal = true,
		    .channels = 1};
		struct vs_keeper *k = NULL;
		struct vs_err err = {0};

		CHECK_INT(vs_keeper_start(&opt, &k, &err), VS_UNAVAILABLE);
		CHECK(k == NULL && err.msg[0] != '\0');
	}
	leave();
}

static void
test_no_channels(void)
{
	const struct vs_keeper_options opt = {
	    .program = program, .seal = {.path = seal}, .channels = 0};
	struct vs_keeper *k = NULL;
	struct vs_err err = {0};

	CHECK_INT(vs_keeper_start(&opt, &k, &err), VS_USAGE);
	CHECK(k == NULL);
}

static bool
stopped(int pid)
{
	char path[64];
	char line[256] = "";
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!CHECK(f != NULL))
		return true;
	CHECK(fgets(line, sizeof line, f) != NULL);
	(void)fclose(f); /* read only */
	return strstr(line, ") T ") != NULL;
}

/* A keeper that hangs: the call ends, and a new process takes over. */
static void
test_hanging(void)
{
	struct vs_keeper *keeper;
	int64_t begin;
	int pid;

	enter();
	keeper = start(true, 1);
	pid = pid_of(keeper);
	CHECK(kill(pid, SIGSTOP) == 0);
	while (!stopped(pid))
		nap();
	begin = now_ms();
	CHECK_INT(try_nonce_key(keeper, 0), VS_UNAVAILABLE);
	CHECK(now_ms() - begin < 30000);
	wait_works(keeper, 0, VS_OK);
	CHECK(pid_of(keeper) != pid);
	CHECK(gone(pid));
	vs_keeper_free(&keeper);
	leave();
}

/*
 * The front dies: its keeper goes too, even while somebody else still holds
 * the channels open.
 */
static void
test_parent_death(void)
{
	int report[2];
	int pids[2] = {0, 0};
	pid_t front;
	int status = 0;

	enter();
	CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
	CHECK(pipe(report) == 0);
	(void)fflush(NULL);
	front = fork();
	if (front == 0) {
		struct vs_keeper *keeper = start(true, 1);

		pids[0] = pid_of(keeper);
		pids[1] = fork(); /* holds copies of the channels */
		if (pids[1] == 0)
			for (;;)
				(void)pause();
		(void)!write(report[1], pids, sizeof pids);
		(void)raise(SIGKILL);
	}
	CHECK(front > 0 && waitpid(front, &status, 0) == front);
	CHECK(WIFSIGNALED(status));
	CHECK(read(report[0], pids, sizeof pids) == sizeof pids);
	if (CHECK(pids[0] > 0 && pids[1] > 0)) {
		CHECK(kill(pids[1], 0) == 0);
		CHECK(gone(pids[0]));
		CHECK(kill(pids[1], SIGKILL) == 0);
		CHECK(gone(pids[1]));
	}
	(void)close(report[0]);
	(void)close(report[1]);
	leave();
}

/* ---- what the process is ------------------------------------------------ */

static size_t
read_proc(int pid, const char *what, char *out, size_t cap)
{
	char file[64];
	int fd;
	ssize_t n;

	(void)snprintf(file, sizeof file, "/proc/%d/%s", pid, what);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, out, cap - 1);
	if (fd >= 0)
		(void)close(fd);
	out[n < 0 ? 0 : n] = '\0';
	return n < 0 ? 0 : (size_t)n;
}

/* Where fd of the process leads; "" when it has none. */
static void
fd_of(int pid, int fd, char *out, size_t cap)
{
	char file[64];
	ssize_t n;

	(void)snprintf(file, sizeof file, "/proc/%d/fd/%d", pid, fd);
	n = readlink(file, out, cap - 1);
	out[n < 0 ? 0 : n] = '\0';
}

static bool
may_look_into(int pid)
{
	char text[256];

	fd_of(pid, 2, text, sizeof text);
	return text[0] != '\0';
}

static void
check_files(int pid, int canary, unsigned channels)
{
	char text[256];
	unsigned sockets = 0;
	unsigned seals = 0;
	unsigned others = 0;

	fd_of(pid, canary, text, sizeof text);
	CHECK(strstr(text, "canary") == NULL);
	for (int fd = 3; fd < 1024; fd++) {
		fd_of(pid, fd, text, sizeof text);
		sockets += strncmp(text, "socket:", 7) == 0;
		/* held open, for the day when the root is rotated */
		seals += strstr(text, "/root.seal") != NULL;
		others += text[0] != '\0' && strncmp(text, "socket:", 7) != 0 &&
		    strstr(text, "/root.seal") == NULL;
	}
	CHECK_INT(sockets, channels);
	CHECK_INT(seals, 1);
	CHECK_INT(others, 0);
}

static void
test_inherits_nothing(void)
{
	char canary[128], text[4096];
	struct vs_keeper *keeper;
	int fds[2];
	int pid;

	enter();
	(void)snprintf(canary, sizeof canary, "%s/canary", dir);
	CHECK(setenv("VS_CANARY", "secret", 1) == 0);
	/* No close-on-exec: one low, one above what the channels get. */
	fds[0] = open(canary, O_RDWR | O_CREAT, 0600);
	fds[1] = fcntl(fds[0], F_DUPFD, 500);
	CHECK(fds[0] >= 0 && fds[1] >= 500);
	keeper = start(true, CHANNELS);
	pid = pid_of(keeper);
	if (may_look_into(pid)) {
		check_files(pid, fds[0], CHANNELS);
		check_files(pid, fds[1], CHANNELS);
		CHECK_INT(read_proc(pid, "environ", text, sizeof text), 0);
		CHECK(read_proc(getpid(), "environ", text, sizeof text) > 0);
	}
	vs_keeper_free(&keeper);
	(void)close(fds[0]);
	(void)close(fds[1]);
	(void)unlink(canary);
	leave();
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* The sanitizers turn mlock into a call that does nothing. */
enum { MLOCK_WORKS = 0 };
#else
enum { MLOCK_WORKS = 1 };
#endif

static void
check_hardened(int pid, uid_t uid)
{
	static char text[8192];
	char file[64];
	const char *core;
	struct stat st;

	CHECK(read_proc(pid, "status", text, sizeof text) > 0);
	CHECK(strstr(text, "NoNewPrivs:\t1") != NULL);
	if (MLOCK_WORKS)
		CHECK(strstr(text, "VmLck:\t       0 kB") == NULL);
	CHECK(read_proc(pid, "limits", text, sizeof text) > 0);
	core = strstr(text, "Max core file size");
	if (CHECK(core != NULL)) {
		unsigned soft = 1, hard = 1;

		CHECK(sscanf(core + 18, "%u %u", &soft, &hard) == 2);
		CHECK(soft == 0 && hard == 0);
	}
	/* The kernel gives the files of a process that is not dumpable to
	 * root; proc(5). As root itself one cannot see the difference. */
	(void)snprintf(file, sizeof file, "/proc/%d/status", pid);
	if (uid != 0 && CHECK(stat(file, &st) == 0))
		CHECK_INT(st.st_uid, 0);
}

static void
test_hardened(void)
{
	struct vs_keeper *keeper;

	enter();
	keeper = start(true, 1);
	check_hardened(pid_of(keeper), getuid());
	vs_keeper_free(&keeper);
	leave();
}

/* The same as somebody who is not root, where we can become that. */
static void
test_hardened_without_root(void)
{
	enum { NOBODY = 65534 };
	pid_t pid;
	int status = 0;

	if (getuid() != 0)
		return;
	enter();
	CHECK(chown(dir, NOBODY, NOBODY) == 0);
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		struct vs_keeper *keeper;

		if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0 ||
		    access(program, X_OK) != 0)
			_exit(77);
		keeper = start(true, 1);
		check_hardened(pid_of(keeper), NOBODY);
		vs_keeper_free(&keeper);
		(void)fflush(NULL);
		_exit(check_failed_n == 0 ? 0 : 1);
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) &&
	    (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77));
	leave();
}

/* ---- threads ------------------------------------------------------------ */

enum { THREADS = 8, TURNS = 40 };

struct worker {
	pthread_t thread;
	struct vs_keeper *keeper;
	const struct world_key *key;
	unsigned channel;
	unsigned failed;
};

/* CHECK counts without a lock: workers count for themselves. */
static void *
work(void *arg)
{
	struct worker *me = arg;
	struct vs_ecdh *e = NULL;
	struct world_guest g = {0};
	const struct vs_reseal_item it = item_of(me->key);

	if (vs_ecdh_new(&e) != VS_OK ||
	    vs_ecdh_generate(e, VS_CURVE_X25519, &g.at) != VS_OK)
		me->failed++;
	for (unsigned i = 0; i < TURNS; i++) {
		const struct vs_reseal req = request_of(&g, &it, 1);
		struct vs_buf jwe = {0};
		struct vs_err err = {0};

		if (vs_keeper_reseal(
			me->keeper, me->channel, &req, &jwe, &err) != VS_OK ||
		    jwe.n == 0)
			me->failed++;
		vs_buf_fini(&jwe);
	}
	vs_ecdh_free(&e);
	return NULL;
}

static void
work_on(struct vs_keeper *keeper, const struct world_key *k, unsigned channels)
{
	struct worker all[THREADS];

	for (unsigned i = 0; i < THREADS; i++) {
		all[i] = (struct worker){
		    .keeper = keeper, .key = k, .channel = i % channels};
		CHECK(pthread_create(&all[i].thread, NULL, work, &all[i]) == 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		CHECK(pthread_join(all[i].thread, NULL) == 0);
		CHECK_INT(all[i].failed, 0);
	}
}

static void
test_threads(void)
{
	struct vs_keeper_status s;
	struct vs_keeper *keeper;
	struct world_key k;

	enter();
	keeper = start(true, THREADS);
	make_key(keeper, &k, "models/a", 32);
	work_on(keeper, &k, THREADS); /* each its own channel */
	work_on(keeper, &k, 2);       /* channels shared by mistake */
	vs_keeper_status(keeper, &s);
	CHECK_INT(s.unwraps, 2 * THREADS * TURNS);
	CHECK(s.failures == 0 && s.restarts == 0);
	key_free(&k);
	vs_keeper_free(&keeper);
	leave();
}

/* Many namespaces on many channels: the keeper's locked heap holds them. */
static void
test_many_keks_on_many_channels(void)
{
	enum { NS = 40, MANY = 48 };
	static struct world_key keys[NS];
	struct vs_keeper_status s;
	struct vs_keeper *keeper;
	struct world_guest g;
	unsigned failed = 0;

	enter();
	keeper = start(true, MANY);
	guest_new(&g, VS_CURVE_X25519);
	for (unsigned i = 0; i < NS; i++) {
		char name[32];

		(void)snprintf(name, sizeof name, "ns%u/key", i);
		make_key(keeper, &keys[i], name, 16);
	}
	for (unsigned c = 0; c < MANY; c++)
		for (unsigned i = 0; i < NS; i++)
			failed += release(keeper, c, &g, &keys[i]) != VS_OK;
	CHECK_INT(failed, 0);
	vs_keeper_status(keeper, &s);
	CHECK_INT(s.restarts, 0);
	for (unsigned i = 0; i < NS; i++)
		key_free(&keys[i]);
	guest_free(&g);
	vs_keeper_free(&keeper);
	leave();
}

int
main(void)
{
	const char *bin = getenv("VS_BIN");

	(void)snprintf(program, sizeof program, "%s/vouchsafe-keeper",
	    bin != NULL ? bin : ".");
	if (access(program, X_OK) != 0) {
		printf("skipped: no %s\n", program);
		return 77;
	}
	(void)alarm(400);       /* whatever hangs, hangs no longer */
	RUN(test_parent_death); /* before there are threads or secrets */
	RUN(test_hardened_without_root);
	world_pool();
	RUN(test_keys_and_releases);
	RUN(test_large_payload);
	RUN(test_bad_recipient);
	RUN(test_chain_and_nonce_key);
	RUN(test_requests_of_wrong_form);
	RUN(test_releases_of_wrong_form);
	RUN(test_request_above_the_frame);
	RUN(test_second_process_opens_the_same);
	RUN(test_damaged_seal);
	RUN(test_missing_seal);
	RUN(test_seal_is_made_once);
	RUN(test_killed);
	RUN(test_freed_while_it_starts);
	RUN(test_programs_that_are_none);
	RUN(test_no_channels);
	RUN(test_hanging);
	RUN(test_inherits_nothing);
	RUN(test_hardened);
	RUN(test_threads);
	RUN(test_many_keks_on_many_channels);
	vs_secret_pool_fini();
	return check_result();
}
