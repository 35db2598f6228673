/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reasons of a decision as JSON, for the audit record:
 * [{"keys":[{"name","version"}..],"allow","reason","state","rules":[..]}..].
 * Keys that follow each other and were judged alike share one element, so
 * that 10,000 keys do not repeat the same rules 10,000 times.
 */
#ifndef VS_BROKER_TRAIL_H
#define VS_BROKER_TRAIL_H

#include "policy/policy.h"

struct vs_trail {
	struct vs_buf out;
	struct vs_buf keys; /* of the element that is open */
	struct vs_buf last; /* the judgement they share */
	struct vs_buf cur;
};

struct vs_judged {
	struct vs_span name;
	uint32_t version;
	const char *state; /* "active", "disabled", "destroyed", "unknown" */
	bool allow;
	const struct vs_policy_result *policy;
};

/* {0} is a valid empty trail. */
void vs_trail_fini(struct vs_trail *t);
void vs_trail_add(struct vs_trail *t, const struct vs_judged *j);
/* Ends the array. The text lives until the trail is finished. */
VS_MUST_USE vs_status vs_trail_end(struct vs_trail *t, struct vs_span *out);

#endif
