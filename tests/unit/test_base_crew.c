/* SPDX-License-Identifier: Apache-2.0 */
/* Every part is done once, whoever does it, and nobody returns early. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/crew.h"
#include "check.h"

enum { PARTS = 500, CALLERS = 4, ROUNDS = 50 };

static void
count(void *arg, size_t i)
{
	atomic_uint *done = arg;

	atomic_fetch_add(&done[i], 1);
}

static void
check_once(struct vs_crew *c, size_t n)
{
	static atomic_uint done[CALLERS][PARTS];
	static atomic_uint turn;
	atomic_uint *mine = done[atomic_fetch_add(&turn, 1) % CALLERS];
	bool once = true;

	for (size_t i = 0; i < n; i++)
		atomic_store(&mine[i], 0);
	vs_crew_run(c, n, count, mine);
	for (size_t i = 0; i < n; i++)
		once = once && atomic_load(&mine[i]) == 1;
	CHECK(once);
}

static void
test_every_part_once(void)
{
	check_once(NULL, PARTS);
	for (unsigned hands = 0; hands <= VS_CREW_HANDS_MAX + 2; hands++) {
		struct vs_crew *c = vs_crew_new(hands);

		CHECK(c != NULL);
		for (size_t n = 0; n < 20; n++)
			check_once(c, n);
		check_once(c, PARTS);
		vs_crew_free(&c);
		CHECK(c == NULL);
		vs_crew_free(&c);
	}
}

struct caller {
	pthread_t thread;
	struct vs_crew *crew;
	bool bad;
};

static void
add(void *arg, size_t i)
{
	atomic_size_t *sum = arg;

	atomic_fetch_add(sum, i + 1);
}

static void *
call(void *arg)
{
	struct caller *c = arg;

	for (size_t r = 0; r < ROUNDS; r++) {
		atomic_size_t sum = 0;

		vs_crew_run(c->crew, 24, add, &sum);
		if (atomic_load(&sum) != (size_t)24 * 25 / 2)
			c->bad = true;
	}
	return NULL;
}

static void
test_several_callers(void)
{
	struct caller callers[CALLERS] = {0};
	struct vs_crew *crew = vs_crew_new(3);

	for (size_t i = 0; i < CALLERS; i++) {
		callers[i].crew = crew;
		CHECK_INT(
		    pthread_create(&callers[i].thread, NULL, call, &callers[i]),
		    0);
	}
	for (size_t i = 0; i < CALLERS; i++) {
		CHECK_INT(pthread_join(callers[i].thread, NULL), 0);
		CHECK(!callers[i].bad);
	}
	vs_crew_free(&crew);
}

static void
test_fitting(void)
{
	CHECK(vs_crew_fitting() <= VS_CREW_HANDS_MAX);
}

int
main(void)
{
	RUN(test_every_part_once);
	RUN(test_several_callers);
	RUN(test_fitting);
	return check_result();
}
