/* SPDX-License-Identifier: Apache-2.0 */
/* What lapses, what soon will, and what of it stops every guest. */
#include "check.h"

#include "broker/expiry.h"

static const int64_t now = 1765756800;

static vs_expiry_state
state(int64_t not_after, bool superseded)
{
	struct vs_collateral_item it = {
	    .kind = "crl", .not_after = not_after, .superseded = superseded};

	return vs_expiry_of(&it, now);
}

static void
test_states(void)
{
	CHECK_INT(state(now - 1, false), VS_EXPIRY_LAPSED);
	CHECK_INT(state(now, false), VS_EXPIRY_SOON); /* the last second */
	CHECK_INT(state(now + VS_EXPIRY_SOON_S - 1, false), VS_EXPIRY_SOON);
	CHECK_INT(state(now + VS_EXPIRY_SOON_S, false), VS_EXPIRY_FINE);
	CHECK_INT(state(now - 1, true), VS_EXPIRY_FINE);
	CHECK_INT(state(now + 1, true), VS_EXPIRY_FINE);
}

static void
test_who_is_concerned(void)
{
	static const char *const all[] = {
	    "root", "intermediate", "signer", "crl", "qe-identity"};
	struct vs_collateral_item it = {.kind = "tcb-info", .product = "Milan"};

	CHECK(vs_expiry_is_partial(&it));
	it.kind = "rim";
	CHECK(vs_expiry_is_partial(&it));
	it.kind = "ocsp";
	CHECK(vs_expiry_is_partial(&it));
	for (size_t i = 0; i < VS_COUNT(all); i++) {
		it.kind = all[i];
		CHECK(!vs_expiry_is_partial(&it));
	}
	/* AMD's lists are about every chip, NVIDIA's about some GPUs. */
	it.kind = "crl";
	it.product = "NVIDIA";
	CHECK(vs_expiry_is_partial(&it));
}

/* The built-in certificates alone: the signer of TCB info goes first, on
 * 2032-05-06. */
static void
test_count(void)
{
	VS_AUTO(vs_collateral_builder) *b = vs_collateral_builder_new();
	VS_AUTO(vs_collateral) *c = NULL;
	const int64_t signer = 1967448300;
	struct vs_err err = {0};
	struct vs_expiry e;

	CHECK_OK(vs_collateral_build(b, &c, &err), err);
	vs_expiry_count(c, now, &e);
	CHECK(e.soon == 0 && e.lapsed == 0);
	CHECK_STR(e.next->name, "Intel SGX TCB Signing");
	CHECK_INT(e.next->not_after, signer);
	vs_expiry_count(c, signer, &e);
	CHECK(e.soon == 1 && e.lapsed == 0);
	vs_expiry_count(c, signer + 1, &e);
	CHECK(e.soon == 0 && e.lapsed == 1);
	CHECK_STR(e.next->name, "Intel SGX TCB Signing");
}

int
main(void)
{
	RUN(test_states);
	RUN(test_who_is_concerned);
	RUN(test_count);
	return check_result();
}
