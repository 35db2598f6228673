/* SPDX-License-Identifier: Apache-2.0 */
/* vouchsafe: the command line. Wiring only. */
#include "cli/dispatch.h"
#include "guest/guest.h"

int
main(int argc, char **argv)
{
	static const struct vs_command guest[] = {
	    {.verb = "simulate",
		.sub = "guest",
		.args = "--pki DIR --url URL NAME...",
		.summary = "be a simulated guest: ask a broker for keys",
		.raw = vs_guest_simulate_main},
	};
	static const struct vs_family extra = {guest, VS_COUNT(guest)};

	return vs_cli_main(argc, argv, &extra);
}
