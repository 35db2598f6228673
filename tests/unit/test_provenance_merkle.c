/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs of inclusion in trees of every small size, and checkpoints. */
#include "prov_forge.h"
#include "provenance/parts.h"

enum { LEAVES = 17 };

static void
leaf_of(size_t i, uint8_t out[32])
{
	const uint8_t text[2] = {0, (uint8_t)i};

	SHA256(text, sizeof(text), out);
}

/* RFC 9162 2.1.1, from the definition: leaves from to to - 1. */
static void
tree(size_t from, size_t to, uint8_t out[32])
{
	uint8_t left[32], right[32];
	size_t k = 1;

	if (to - from == 1) {
		leaf_of(from, out);
		return;
	}
	while (2 * k < to - from)
		k *= 2;
	tree(from, from + k, left);
	tree(from + k, to, right);
	f_node(left, right, out);
}

/* RFC 9162 2.1.3.1: the path of leaf m, from the leaf upwards. */
static size_t
path(size_t m, size_t from, size_t to, uint8_t out[][32])
{
	size_t k = 1, n;

	if (to - from == 1)
		return 0;
	while (2 * k < to - from)
		k *= 2;
	if (m < from + k) {
		n = path(m, from, from + k, out);
		tree(from + k, to, out[n]);
	} else {
		n = path(m, from + k, to, out);
		tree(from, from + k, out[n]);
	}
	return n + 1;
}

static bool
included(size_t m, size_t size, uint8_t hashes[][32], size_t n)
{
	struct vs_pv_proof p = {
	    .given = true, .index = m, .size = size, .hashes_n = n};
	const uint8_t leaf = (uint8_t)m;
	uint8_t root[32];

	tree(0, size, root);
	p.root = VS_SPAN_OF(root);
	for (size_t i = 0; i < n; i++)
		p.hashes[i] = VS_SPAN(hashes[i], 32);
	return vs_pv_included(&p, VS_SPAN(&leaf, 1));
}

static void
test_every_leaf_of_every_tree(void)
{
	uint8_t hashes[8][32];

	for (size_t size = 1; size <= LEAVES; size++)
		for (size_t m = 0; m < size; m++) {
			size_t n = path(m, 0, size, hashes);
			CHECK(included(m, size, hashes, n));
			if (n > 0)
				CHECK(!included(m, size, hashes, n - 1));
			memcpy(hashes[n], hashes[0], 32);
			CHECK(!included(m, size, hashes, n + 1));
			for (size_t i = 0; i < n; i++) {
				hashes[i][7] ^= 4;
				CHECK(!included(m, size, hashes, n));
				hashes[i][7] ^= 4;
			}
		}
}

static void
test_an_index_outside_is_refused(void)
{
	struct vs_pv_proof p = {.given = true, .size = 1};
	const uint8_t leaf = 0;
	uint8_t root[32];

	tree(0, 1, root);
	p.root = VS_SPAN_OF(root);
	CHECK(vs_pv_included(&p, VS_SPAN(&leaf, 1)));
	p.index = 1;
	CHECK(!vs_pv_included(&p, VS_SPAN(&leaf, 1)));
	p.index = p.size = 0;
	CHECK(!vs_pv_included(&p, VS_SPAN(&leaf, 1)));
	p.index = INT64_MAX - 1;
	p.size = INT64_MAX;
	CHECK(!vs_pv_included(&p, VS_SPAN(&leaf, 1)));
}

static struct vs_arena pool;

static void
refused(const char *note, const char *code)
{
	static const uint8_t zeros[32];
	struct vs_pv_proof p = {.given = true,
	    .size = 5,
	    .root = VS_SPAN(zeros, 32),
	    .checkpoint = vs_span_cstr(note)};
	struct vs_pv_log log = {.host = VS_SPAN_LIT("h"), .id = {0xa5}};
	struct vs_err err = {0};

	CHECK(vs_pv_checkpoint(&p, &log, &pool, &err) != VS_OK);
	if (!CHECK_STR(err.code, code))
		fprintf(stderr, "  of %s\n", note);
}

#define ROOT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define DASH "\xe2\x80\x94 "

static void
test_checkpoints_of_another_form_are_refused(void)
{
	refused("", "missing-claim.checkpoint");
	refused("h\n5\n" ROOT "\n", "malformed");    /* no blank line */
	refused("\n5\n" ROOT "\n\n", "malformed");   /* no origin */
	refused("h\n05\n" ROOT "\n\n", "malformed"); /* leading zero */
	refused("h\n+5\n" ROOT "\n\n", "malformed");
	refused("h\n\n" ROOT "\n\n", "malformed"); /* no size */
	refused("h\n5\nAAAA\n\n", "malformed");    /* short root */
	refused("h\n6\n" ROOT "\n\n", "binding-mismatch.checkpoint");
	refused("h\n5\n" ROOT "\n\n", "missing-claim.checkpoint");
	refused("h\n5\n" ROOT "\n\nx\n", "malformed");
	refused("h\n5\n" ROOT "\n\n" DASH "h\n", "malformed");
	refused("h\n5\n" ROOT "\n\n" DASH "h AAAA\n", "malformed");
	refused("h\n5\n" ROOT "\n\n" DASH "h AAAAAAAA", "malformed");
	refused("h\n5\n" ROOT "\n\n" DASH "h AAAAAAAA\n\n", "malformed");
	refused("h\n5\n" ROOT "\n\n" DASH "g AAAAAAAA\n",
	    "missing-claim.checkpoint");
	refused("h\n5\n" ROOT "\n\n" DASH "h AQAAAAAA\n",
	    "missing-claim.checkpoint");
}

int
main(void)
{
	vs_arena_init(&pool, 1 << 20);
	RUN(test_every_leaf_of_every_tree);
	RUN(test_an_index_outside_is_refused);
	RUN(test_checkpoints_of_another_form_are_refused);
	vs_arena_fini(&pool);
	return check_result();
}
