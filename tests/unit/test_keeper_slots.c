/* SPDX-License-Identifier: Apache-2.0 */
/* The root ring; seals by shares; the same root sealed another way; a new root
 * put in place, and what a crash in between leaves. */
#include "check.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/secret.h"
#include "crypto/digest.h"
#include "crypto/kdf.h"
#include "keeper/seal_int.h"
#include "keeper/seal_make.h"
#include "keeper/seal_tool.h"
#include "seal_file.h"

enum { N = 5, K = 3 };

static char dir[64];
static char path[96];
static struct vs_seal_conf conf = {.path = path};

static void
enter(void)
{
	(void)snprintf(dir, sizeof dir, "/tmp/vs-slots-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof path, "%s/root.seal", dir);
}

static void
leave(void)
{
	(void)unlink(path);
	CHECK(rmdir(dir) == 0); /* nothing else was left in it */
	CHECK_INT(vs_secret_pool_used(), 0);
}

/* What the custodians hold. */
struct handed {
	unsigned n;
	char text[VS_SHAMIR_MAX][VS_SHARE_TEXT_MAX];
	bool refuse;
};

static vs_status
hand_out(void *ctx, const uint8_t *set, unsigned n, struct vs_span shares,
    struct vs_err *err)
{
	struct handed *h = ctx;

	/* before the seal is the one that counts */
	if (h->refuse)
		return vs_fail(err, VS_UNAVAILABLE, "the printer is on fire");
	h->n = n;
	for (unsigned i = 0; i < n; i++)
		CHECK_INT(vs_share_text(i + 1, set,
			      shares.p + i * VS_SHAMIR_SIZE, h->text[i]),
		    VS_OK);
	return VS_OK;
}

static vs_status
make(const char *kind, unsigned n, unsigned k, bool replace,
    const struct vs_secret *ring, struct handed *h, struct vs_err *err)
{
	const struct vs_seal_conf c = {.kind = kind, .path = path};
	uint8_t set[VS_SHARE_SET_SIZE];
	const struct vs_seal_making m = {.c = &c,
	    .shares = n,
	    .threshold = k,
	    .replace = replace,
	    .hand_out = hand_out,
	    .ctx = h,
	    .set = set};

	return vs_seal_make(&m, ring, err);
}

static struct vs_seal *
must_open(void)
{
	struct vs_seal *s = NULL;
	struct vs_err err = {0};

	CHECK_OK(vs_seal_open(&conf, &s, &err), err);
	return s;
}

static bool
same(const struct vs_secret *a, const struct vs_secret *b)
{
	return a != NULL && b != NULL &&
	    vs_span_equal(vs_secret_peek(a), vs_secret_peek(b));
}

static vs_status
give(struct vs_seal *s, const char *text, struct vs_secret **ring,
    struct vs_err *err)
{
	struct vs_share share;
	vs_status st;

	vs_err_clear(err);
	st = vs_share_parse(vs_span_cstr(text), &share, err);
	return st == VS_OK ? vs_seal_share(s, &share, ring, err) : st;
}

static unsigned
given(const struct vs_seal *s)
{
	struct vs_seal_shares p;

	vs_seal_progress(s, &p);
	return p.given;
}

/* ---- the ring ----------------------------------------------------------- */

static void
test_ring(void)
{
	struct vs_secret *a = NULL, *b = NULL, *c = NULL, *d = NULL;
	uint8_t audit[32];

	CHECK_INT(vs_ring_new(&a), VS_OK);
	CHECK(vs_ring_ok(vs_secret_peek(a)));
	CHECK_INT(vs_ring_generation(a, VS_RING_NEWEST), 1);
	CHECK_INT(vs_ring_generation(a, VS_RING_OLD), 0);
	CHECK_INT(vs_ring_root(a, VS_RING_OLD).n, 0);
	CHECK_INT(vs_ring_finish(a, &c), VS_NOT_FOUND);
	CHECK_INT(vs_hkdf_sha256(VS_SPAN(NULL, 0), vs_ring_root(a, 0),
		      VS_SPAN_LIT("vouchsafe/v1 audit-chain"), audit, 32),
	    VS_OK);
	CHECK(vs_span_equal(vs_ring_audit(a), VS_SPAN_OF(audit)));

	CHECK_INT(vs_ring_begin(a, &b), VS_OK);
	CHECK(vs_ring_ok(vs_secret_peek(b)));
	CHECK_INT(vs_ring_generation(b, VS_RING_NEWEST), 2);
	CHECK_INT(vs_ring_generation(b, VS_RING_OLD), 1);
	CHECK(vs_span_equal(vs_ring_root(b, 1), vs_ring_root(a, 0)));
	CHECK(!vs_span_equal(vs_ring_root(b, 0), vs_ring_root(a, 0)));
	CHECK(vs_span_equal(vs_ring_audit(b), vs_ring_audit(a)));
	CHECK_INT(vs_ring_begin(b, &c), VS_CONFLICT);

	CHECK_INT(vs_ring_finish(b, &c), VS_OK);
	CHECK(vs_ring_ok(vs_secret_peek(c)));
	CHECK_INT(vs_ring_generation(c, VS_RING_NEWEST), 2);
	CHECK_INT(vs_ring_generation(c, VS_RING_OLD), 0);
	CHECK(vs_span_equal(vs_ring_root(c, 0), vs_ring_root(b, 0)));
	CHECK(vs_span_equal(vs_ring_audit(c), vs_ring_audit(a)));
	CHECK_INT(vs_ring_begin(c, &d), VS_OK);
	CHECK_INT(vs_ring_generation(d, VS_RING_NEWEST), 3);
	vs_secret_free(&a);
	vs_secret_free(&b);
	vs_secret_free(&c);
	vs_secret_free(&d);
	CHECK_INT(vs_ring_of_root(VS_SPAN(audit, 31), &a), VS_MALFORMED);
	CHECK_INT(vs_secret_pool_used(), 0);
}

static void
test_rings_that_are_none(void)
{
	struct vs_secret *a = NULL;
	uint8_t r[VS_RING_SIZE + 1] = {0};

	CHECK_INT(vs_ring_new(&a), VS_OK);
	memcpy(r, vs_secret_peek(a).p, VS_RING_SIZE);
	vs_secret_free(&a);
	for (size_t n = 0; n <= sizeof r; n++)
		CHECK(vs_ring_ok(VS_SPAN(r, n)) == (n == VS_RING_SIZE));
	for (size_t i = 0; i < 8; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			r[i] ^= (uint8_t)(1u << bit);
			/* a generation may be any but 0 */
			CHECK(vs_ring_ok(VS_SPAN(r, VS_RING_SIZE)) ==
			    (i >= 4 && (i < 7 || bit != 0)));
			r[i] ^= (uint8_t)(1u << bit);
		}
	r[1] = 2; /* two, and the second is not there */
	CHECK(!vs_ring_ok(VS_SPAN(r, VS_RING_SIZE)));
	r[4 + 36 + 3] = 1; /* there, and as new as the newest */
	CHECK(!vs_ring_ok(VS_SPAN(r, VS_RING_SIZE)));
	r[7] = 2;
	CHECK(vs_ring_ok(VS_SPAN(r, VS_RING_SIZE)));
}

/* ---- shares ------------------------------------------------------------- */

/* Every choice of three opens, in any order; no two do. */
static void
test_three_of_five(void)
{
	struct vs_secret *ring = NULL;
	struct handed h = {0};
	struct vs_err err = {0};
	unsigned opened = 0;

	enter();
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	CHECK_OK(make("shamir", N, K, false, ring, &h, &err), err);
	CHECK_INT(h.n, N);
	for (unsigned i = 0; i < N * N * N; i++) {
		const unsigned who[K] = {i % N, i / N % N, i / N / N};
		bool differ =
		    who[0] != who[1] && who[0] != who[2] && who[1] != who[2];
		struct vs_seal *s = must_open();
		struct vs_secret *got = NULL;

		CHECK_STR(vs_seal_kind(s), "shamir");
		CHECK_INT(vs_seal_unlock(s, &got, &err), VS_SEALED);
		CHECK_STR(err.code, "seal.shares");
		for (unsigned k = 0; k < K; k++) {
			CHECK(got == NULL);
			CHECK_OK(give(s, h.text[who[k]], &got, &err), err);
		}
		CHECK((got != NULL) == differ);
		CHECK(!differ || same(got, ring));
		CHECK(differ || given(s) < K);
		opened += differ;
		vs_secret_free(&got);
		vs_seal_free(&s);
	}
	CHECK_INT(opened, 60);
	vs_secret_free(&ring);
	leave();
}

static void
wrong(struct vs_seal *s, const char *text, const char *why)
{
	unsigned before = given(s);
	struct vs_secret *got = NULL;
	struct vs_err err = {0};

	CHECK_INT(give(s, text, &got, &err), VS_MALFORMED);
	CHECK_STR(err.code, "seal.share");
	if (!CHECK(strstr(err.msg, why) != NULL))
		fprintf(stderr, "%s\n", err.msg);
	CHECK(got == NULL && given(s) == before);
	/* Nothing of the share in the message. */
	CHECK(strlen(text) < 30 || strstr(err.msg, text + 10) == NULL);
}

/* A wrong share is named and does not spoil those that are right. */
static void
test_wrong_shares(void)
{
	struct vs_secret *ring = NULL, *got = NULL;
	struct handed h = {0}, other = {0};
	struct vs_err err = {0};
	char forged[VS_SHARE_TEXT_MAX];
	uint8_t set[VS_SHARE_SET_SIZE], share[VS_SHAMIR_SIZE];
	unsigned number = 0;
	struct vs_seal *s;

	enter();
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	CHECK_OK(make("shamir", N, K, false, ring, &other, &err), err);
	CHECK(unlink(path) == 0);
	CHECK_OK(make("shamir", N, K, false, ring, &h, &err), err);
	s = must_open();
	wrong(s, "", "no share");
	wrong(s, "hello", "no share");
	CHECK_OK(give(s, h.text[0], &got, &err), err);
	h.text[1][20] = h.text[1][20] == 'A' ? 'B' : 'A';
	wrong(s, h.text[1], "share 2 was not entered as it is written");
	wrong(s, other.text[2], "share 3 is of another set");
	/* one that the checksum finds right: of the set, with other bytes */
	CHECK_INT(
	    vs_share_read(vs_span_cstr(h.text[3]), &number, set, share), VS_OK);
	share[5] ^= 1;
	CHECK_INT(vs_share_text(4, set, share, forged), VS_OK);
	wrong(s, forged, "share 4 is not what was handed out");
	share[5] ^= 1;
	CHECK_INT(vs_share_text(3, set, share, forged), VS_OK);
	wrong(s, forged, "share 3 is not what was handed out");
	CHECK_INT(vs_share_text(N + 1, set, share, forged), VS_OK);
	wrong(s, forged, "share 6 was never handed out");
	CHECK_OK(give(s, h.text[4], &got, &err), err);
	CHECK(got == NULL);
	CHECK_OK(give(s, h.text[2], &got, &err), err);
	CHECK(same(got, ring));
	vs_secret_free(&got);
	vs_secret_free(&ring);
	vs_seal_free(&s);
	leave();
}

static void
test_counts_of_custodians(void)
{
	static const struct {
		const char *kind;
		unsigned n, k;
	} bad[] = {{"shamir", 0, 0}, {"shamir", 5, 1}, {"shamir", 3, 4},
	    {"shamir", VS_SHAMIR_MAX + 1, 2}, {"file", 1, 1}, {"paper", 0, 0}};
	struct vs_secret *ring = NULL;
	struct handed h = {.refuse = true};
	struct vs_err err = {0};

	enter();
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	for (size_t i = 0; i < VS_COUNT(bad); i++) {
		CHECK_INT(make(bad[i].kind, bad[i].n, bad[i].k, false, ring, &h,
			      &err),
		    VS_USAGE);
		CHECK(access(path, F_OK) != 0);
	}
	/* Shares that reach nobody: no seal either. */
	CHECK_INT(make("shamir", N, K, false, ring, &h, &err), VS_UNAVAILABLE);
	CHECK(access(path, F_OK) != 0);
	vs_secret_free(&ring);
	leave();
}

/* ---- the same root another way ------------------------------------------ */

static void
test_any_to_any(void)
{
	static const struct {
		const char *kind;
		unsigned n, k;
	} ways[] = {{"file", 0, 0}, {"shamir", N, K}, {"file", 4, 2},
	    {"shamir", 2, 2}, {"file", 0, 0}};
	struct vs_secret *ring = NULL;
	struct vs_err err = {0};

	enter();
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	for (size_t i = 0; i < VS_COUNT(ways); i++) {
		struct handed h = {0};
		struct vs_secret *got = NULL;
		struct vs_seal_shares p;
		struct vs_seal *s;

		CHECK_OK(make(ways[i].kind, ways[i].n, ways[i].k, i > 0, ring,
			     &h, &err),
		    err);
		CHECK_INT(h.n, ways[i].n);
		s = must_open();
		CHECK_STR(vs_seal_kind(s), ways[i].kind);
		vs_seal_progress(s, &p);
		CHECK_INT(p.threshold, ways[i].k);
		CHECK_INT(p.total, ways[i].n);
		CHECK(p.recovery ==
		    (ways[i].n > 0 && strcmp(ways[i].kind, "file") == 0));
		if (strcmp(ways[i].kind, "file") == 0) {
			CHECK_OK(vs_seal_unlock(s, &got, &err), err);
			CHECK(same(got, ring));
			vs_secret_free(&got);
		}
		for (unsigned k = 0; k < ways[i].k; k++)
			CHECK_OK(give(s, h.text[k], &got, &err), err);
		CHECK(ways[i].k == 0 || same(got, ring));
		if (ways[i].k == 0)
			CHECK_INT(
			    vs_seal_share(
				s, &(struct vs_share){.number = 1}, &got, &err),
			    VS_CONFLICT);
		vs_secret_free(&got);
		vs_seal_free(&s);
	}
	vs_secret_free(&ring);
	leave();
}

/* After new shares were made the old ones open nothing. */
static void
test_old_custodians(void)
{
	struct vs_secret *ring = NULL, *got = NULL;
	struct handed old = {0}, new = {0};
	struct vs_err err = {0};
	struct vs_seal *s;

	enter();
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	CHECK_OK(make("shamir", N, K, false, ring, &old, &err), err);
	CHECK_OK(make("shamir", N, K, true, ring, &new, &err), err);
	s = must_open();
	for (unsigned i = 0; i < N; i++)
		wrong(s, old.text[i], "of another set");
	for (unsigned i = 0; i < K; i++)
		CHECK_OK(give(s, new.text[i], &got, &err), err);
	CHECK(same(got, ring));
	vs_secret_free(&got);
	vs_secret_free(&ring);
	vs_seal_free(&s);
	leave();
}

static void
test_another_kind_than_configured(void)
{
	const struct vs_seal_conf c = {.kind = "shamir", .path = path};
	struct vs_secret *ring = NULL;
	struct vs_seal *s = NULL;
	struct vs_err err = {0};

	enter();
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	CHECK_OK(make("file", 0, 0, false, ring, NULL, &err), err);
	CHECK_INT(vs_seal_open(&c, &s, &err), VS_SEALED);
	CHECK_STR(err.code, "seal.kind");
	CHECK(strstr(err.msg, "is a file seal") != NULL && s == NULL);
	/* A seal that is there is not made again. */
	CHECK_INT(seal_file_make(path, &err), VS_CONFLICT);
	vs_err_clear(&err);
	s = must_open();
	{
		struct vs_secret *got = NULL;

		CHECK_OK(vs_seal_unlock(s, &got, &err), err);
		CHECK(same(got, ring));
		vs_secret_free(&got);
	}
	vs_seal_free(&s);
	vs_secret_free(&ring);
	leave();
}

/* ---- a new root --------------------------------------------------------- */

static struct vs_secret *
ring_of_file(void)
{
	struct vs_seal *s = must_open();
	struct vs_secret *got = NULL;
	struct vs_err err = {0};

	CHECK_OK(vs_seal_unlock(s, &got, &err), err);
	vs_seal_free(&s);
	return got;
}

/* Puts ring after ring; each is what the next opening finds, under the same
 * shares, and a torn write leaves the one before. */
static void
test_new_root_in_place(void)
{
	struct vs_secret *ring = NULL, *next = NULL, *got = NULL;
	struct handed h = {0};
	struct vs_err err = {0};
	struct stat before, after;
	struct vs_seal *s;

	enter();
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	CHECK_OK(make("file", N, K, false, ring, &h, &err), err);
	CHECK(stat(path, &before) == 0);
	s = must_open();
	CHECK_OK(vs_seal_unlock(s, &got, &err), err);
	vs_secret_free(&got);
	for (unsigned i = 0; i < 6; i++) {
		CHECK_INT(i % 2 == 0 ? vs_ring_begin(ring, &next)
				     : vs_ring_finish(ring, &next),
		    VS_OK);
		CHECK_OK(vs_seal_put_ring(s, next, &err), err);
		got = ring_of_file();
		CHECK(same(got, next));
		vs_secret_free(&got);
		vs_secret_free(&ring);
		ring = VS_TAKE(next);
	}
	vs_seal_free(&s);
	CHECK(stat(path, &after) == 0);
	CHECK(before.st_ino == after.st_ino && before.st_size == after.st_size);
	s = must_open();
	for (unsigned i = 0; i < K; i++)
		CHECK_OK(give(s, h.text[i + 1], &got, &err), err);
	CHECK(same(got, ring));
	vs_secret_free(&got);
	vs_secret_free(&ring);
	vs_seal_free(&s);
	leave();
}

/* What is in one area: the other one is made unreadable for as long. */
static struct vs_secret *
ring_of_area(unsigned i)
{
	uint8_t kept[VS_SEAL_AREA], damaged[VS_SEAL_AREA] = {0};
	struct vs_secret *got;
	int fd = open(path, O_RDWR);
	off_t at = lseek(fd, 0, SEEK_END) - (off_t)(1 + i) * VS_SEAL_AREA;

	CHECK(pread(fd, kept, sizeof kept, at) == (ssize_t)sizeof kept);
	CHECK(
	    pwrite(fd, damaged, sizeof damaged, at) == (ssize_t)sizeof damaged);
	got = ring_of_file();
	CHECK(pwrite(fd, kept, sizeof kept, at) == (ssize_t)sizeof kept);
	(void)close(fd);
	return got;
}

static void
check_areas(const struct vs_secret *want)
{
	for (unsigned i = 0; i < 2; i++) {
		struct vs_secret *got = ring_of_area(i);

		CHECK(same(got, want));
		vs_secret_free(&got);
	}
}

/* A root that was given up is nowhere in the file, also when a crash kept the
 * second area from being written. */
static void
test_old_root_is_gone(void)
{
	struct vs_secret *ring = NULL, *two = NULL, *one = NULL, *got = NULL;
	uint8_t rotating[1024], done[1024];
	struct vs_err err = {0};
	struct vs_seal *s;
	ssize_t n;
	int fd;

	enter();
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	CHECK_OK(make("file", 0, 0, false, ring, NULL, &err), err);
	fd = open(path, O_RDWR);
	s = must_open();
	CHECK_OK(vs_seal_unlock(s, &got, &err), err);
	vs_secret_free(&got);
	CHECK_INT(vs_ring_begin(ring, &two), VS_OK);
	CHECK_OK(vs_seal_put_ring(s, two, &err), err);
	n = pread(fd, rotating, sizeof rotating, 0);
	CHECK_INT(vs_ring_finish(two, &one), VS_OK);
	CHECK_OK(vs_seal_put_ring(s, one, &err), err);
	CHECK(n > 0 && pread(fd, done, sizeof done, 0) == n);
	vs_seal_free(&s);
	check_areas(one);
	for (unsigned i = 0; i < 2; i++) {
		off_t at = (off_t)n - (off_t)(1 + i) * VS_SEAL_AREA;

		CHECK(pwrite(fd, done, (size_t)n, 0) == n);
		CHECK(pwrite(fd, rotating + at, VS_SEAL_AREA, at) ==
		    VS_SEAL_AREA);
		s = must_open();
		CHECK_OK(vs_seal_unlock(s, &got, &err), err);
		CHECK(same(got, one));
		CHECK_OK(vs_seal_settle(s, got, &err), err);
		vs_secret_free(&got);
		vs_seal_free(&s);
		check_areas(one);
	}
	(void)close(fd);
	vs_secret_free(&ring);
	vs_secret_free(&two);
	vs_secret_free(&one);
	leave();
}

/* Cuts the write of a new ring after every byte. */
static void
test_torn_writes(void)
{
	struct vs_secret *ring = NULL, *next = NULL;
	struct vs_err err = {0};
	uint8_t old[1024], new[1024];
	struct vs_seal *s;
	ssize_t n;
	int fd;

	enter();
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	CHECK_OK(make("file", 0, 0, false, ring, NULL, &err), err);
	fd = open(path, O_RDWR);
	n = pread(fd, old, sizeof old, 0);
	s = must_open();
	{
		struct vs_secret *got = NULL;

		CHECK_OK(vs_seal_unlock(s, &got, &err), err);
		vs_secret_free(&got);
	}
	CHECK_INT(vs_ring_begin(ring, &next), VS_OK);
	CHECK_OK(vs_seal_put_ring(s, next, &err), err);
	CHECK(pread(fd, new, sizeof new, 0) == n && n > 0);
	for (ssize_t cut = 0; cut <= n; cut++) {
		struct vs_secret *got;
		bool done =
		    memcmp(old + cut, new + cut, (size_t)(n - cut)) == 0;

		CHECK(pwrite(fd, old, (size_t)n, 0) == n);
		CHECK(pwrite(fd, new, (size_t)cut, 0) == cut);
		got = ring_of_file();
		CHECK(same(got, done ? next : ring));
		vs_secret_free(&got);
	}
	(void)close(fd);
	vs_seal_free(&s);
	vs_secret_free(&ring);
	vs_secret_free(&next);
	leave();
}

/* What would be lost is refused: into a file without a name, or one that is
 * being changed, or one of the first version, or one that was not opened. */
static void
test_where_no_root_is_put(void)
{
	struct vs_secret *ring = NULL, *got = NULL;
	struct vs_seal *s, *other = NULL, *lock = NULL;
	struct vs_err err = {0};

	enter();
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	CHECK_OK(make("file", 0, 0, false, ring, NULL, &err), err);
	s = must_open();
	CHECK_INT(vs_seal_put_ring(s, ring, &err), VS_CONFLICT);
	CHECK_OK(vs_seal_unlock(s, &got, &err), err);
	vs_secret_free(&got);
	CHECK_OK(vs_seal_open_locked(&conf, &lock, &other, &err), err);
	CHECK_INT(vs_seal_put_ring(s, ring, &err), VS_CONFLICT);
	CHECK_STR(err.code, "seal.busy");
	{
		struct vs_seal *third = NULL, *none = NULL;

		CHECK_INT(vs_seal_open_locked(&conf, &none, &third, &err),
		    VS_CONFLICT);
		CHECK(third == NULL);
	}
	vs_seal_free(&other);
	vs_seal_free(&lock);
	CHECK_OK(vs_seal_put_ring(s, ring, &err), err);
	CHECK_OK(make("file", 0, 0, true, ring, NULL, &err), err);
	CHECK_INT(vs_seal_put_ring(s, ring, &err), VS_CONFLICT);
	CHECK_STR(err.code, "seal.replaced");
	vs_seal_free(&s);
	vs_secret_free(&ring);
	leave();
}

/* A second name keeps a file that was replaced alive: the new root would be
 * in the one that is not opened again. */
static void
test_second_name(void)
{
	struct vs_secret *ring = NULL, *got = NULL;
	struct vs_seal *s, *lock = NULL, *other = NULL;
	struct vs_err err = {0};
	char second[112];

	enter();
	(void)snprintf(second, sizeof second, "%s.link", path);
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	CHECK_OK(make("file", 0, 0, false, ring, NULL, &err), err);
	s = must_open();
	CHECK_OK(vs_seal_unlock(s, &got, &err), err);
	CHECK(link(path, second) == 0);
	/* a link does not keep a seal from being made anew */
	CHECK_OK(vs_seal_open_locked(&conf, &lock, &other, &err), err);
	CHECK_OK(make("file", 0, 0, true, ring, NULL, &err), err);
	vs_seal_free(&other);
	vs_seal_free(&lock);
	CHECK_INT(vs_seal_put_ring(s, ring, &err), VS_CONFLICT);
	CHECK_STR(err.code, "seal.replaced");
	CHECK(unlink(second) == 0);
	vs_seal_free(&s);
	vs_secret_free(&got);
	vs_secret_free(&ring);
	leave();
}

/* Shares of a seal that came too late are not said to open anything. */
static void
test_too_late(void)
{
	struct vs_secret *ring = NULL;
	struct handed h = {0};
	struct vs_err err = {0};

	enter();
	CHECK_INT(vs_ring_new(&ring), VS_OK);
	CHECK_OK(make("file", 0, 0, false, ring, NULL, &err), err);
	CHECK_INT(make("shamir", N, K, false, ring, &h, &err), VS_CONFLICT);
	CHECK_STR(err.code, "seal.exists");
	vs_secret_free(&ring);
	leave();
}

int
main(void)
{
	struct vs_err err = {0};

	if (!CHECK_OK(vs_secret_pool_init(1 << 20, &err), err))
		return check_result();
	RUN(test_ring);
	RUN(test_rings_that_are_none);
	RUN(test_three_of_five);
	RUN(test_wrong_shares);
	RUN(test_counts_of_custodians);
	RUN(test_any_to_any);
	RUN(test_old_custodians);
	RUN(test_another_kind_than_configured);
	RUN(test_new_root_in_place);
	RUN(test_old_root_is_gone);
	RUN(test_torn_writes);
	RUN(test_where_no_root_is_put);
	RUN(test_second_name);
	RUN(test_too_late);
	vs_secret_pool_fini();
	return check_result();
}
