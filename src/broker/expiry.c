/* SPDX-License-Identifier: Apache-2.0 */
#include "broker/expiry.h"

#include <string.h>

vs_expiry_state
vs_expiry_of(const struct vs_collateral_item *it, int64_t now)
{
	if (it->superseded)
		return VS_EXPIRY_FINE;
	if (now > it->not_after)
		return VS_EXPIRY_LAPSED;
	/* These live a day or two: they are always about to lapse. */
	if (strcmp(it->kind, "ocsp") == 0)
		return VS_EXPIRY_FINE;
	return it->not_after - now < VS_EXPIRY_SOON_S ? VS_EXPIRY_SOON
						      : VS_EXPIRY_FINE;
}

bool
vs_expiry_is_partial(const struct vs_collateral_item *it)
{
	return strcmp(it->kind, "tcb-info") == 0 ||
	    strcmp(it->kind, "rim") == 0 || strcmp(it->kind, "ocsp") == 0 ||
	    (strcmp(it->kind, "crl") == 0 &&
		strcmp(it->product, "NVIDIA") == 0);
}

void
vs_expiry_count(
    const struct vs_collateral *c, int64_t now, struct vs_expiry *out)
{
	struct vs_expiry e = {0};

	for (size_t i = 0; i < vs_collateral_count(c); i++) {
		const struct vs_collateral_item *it = vs_collateral_item(c, i);
		vs_expiry_state s = vs_expiry_of(it, now);

		e.soon += s == VS_EXPIRY_SOON;
		e.lapsed += s == VS_EXPIRY_LAPSED;
		if (!it->superseded &&
		    (e.next == NULL || it->not_after < e.next->not_after))
			e.next = it;
	}
	*out = e;
}
