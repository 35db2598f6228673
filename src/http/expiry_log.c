/* SPDX-License-Identifier: Apache-2.0 */
#include "http/expiry_log.h"

#include "base/clock.h"
#include "base/log.h"
#include "broker/expiry.h"
#include "broker/view.h"

/* A directory that nobody cares for must not fill the log. */
enum { LINES_MAX = 16, DAY_S = 86400 };

/* The name is our own or of a certificate under an anchor: no stranger's
 * text, and with spaces that the escaper would make unreadable. */
static void
say(const struct vs_collateral_item *it, vs_expiry_state s)
{
	char at[VS_TIME_TEXT_MAX];

	vs_time_format_ms(it->not_after * 1000, at);
	vs_log(VS_LOG_WARN, "event=%s kind=%s name=\"%s\" not_after=%s",
	    s == VS_EXPIRY_LAPSED ? "collateral-lapsed" : "collateral-lapses",
	    it->kind, it->name, at);
}

static void
say_all(const struct vs_collateral *c, int64_t now)
{
	int lines = 0;

	for (size_t i = 0; i < vs_collateral_count(c); i++) {
		const struct vs_collateral_item *it = vs_collateral_item(c, i);
		vs_expiry_state s = vs_expiry_of(it, now);

		if (s != VS_EXPIRY_FINE && lines++ < LINES_MAX)
			say(it, s);
	}
}

void
vs_expiry_log_tick(struct vs_expiry_log *l, struct vs_broker *b, int64_t now)
{
	struct vs_broker_loaded loaded;
	struct vs_expiry e = {0};

	vs_broker_loaded(b, &loaded);
	if (loaded.collateral != NULL)
		vs_expiry_count(loaded.collateral, now, &e);
	if (e.soon + e.lapsed > 0 &&
	    (e.soon != l->soon || e.lapsed != l->lapsed ||
		now / DAY_S != l->day)) {
		l->day = now / DAY_S;
		say_all(loaded.collateral, now);
	}
	l->soon = e.soon;
	l->lapsed = e.lapsed;
	vs_broker_loaded_fini(&loaded);
}
