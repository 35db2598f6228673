/* SPDX-License-Identifier: Apache-2.0 */
/* From the rows of the store to the lists that policies read. */
#ifndef VS_BROKER_LISTS_BUILD_H
#define VS_BROKER_LISTS_BUILD_H

#include "broker/list_rule.h"

/*
 * Active entries; revoked ones only where the rule keeps them. change: what
 * names this state of the store in audit records. True as of as_of_ms, to be
 * used until then.
 */
VS_MUST_USE vs_status vs_lists_of_store(struct vs_store *s,
    const struct vs_list_rules *rules, int64_t change, int64_t as_of_ms,
    int64_t until_ms, struct vs_lists **out, struct vs_err *err);

#endif
