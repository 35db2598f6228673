/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/bench.h"

#include <stdio.h>
#include <string.h>

#include "base/result.h"
#include "cli/bench_release.h"

static const char usage[] =
    "usage: vouchsafe bench release [--keys N] [--releases N] [--seconds S]\n"
    "           [--connections C] [--new-connections] [--dir DIR] [--json]\n"
    "       vouchsafe bench unwrap [--samples N] [--json]\n"
    "       vouchsafe bench verify [--kind tdx|snp|gpu] [--json]\n"
    "       vouchsafe bench policy [--quick] [--json]\n"
    "\n"
    "release: starts a broker of its own on loopback, with durable commits,\n"
    "and sends it guests that have their evidence ready. Prints what a "
    "release\n"
    "costs daemon and keeper beside what its bare cryptography costs here.\n"
    "  --keys N           keys in the store (10; up to 1,000,000)\n"
    "  --releases N       guests (5000; up to 200,000)\n"
    "  --seconds S        end the measured part after S seconds (120)\n"
    "  --connections C    at the same time (16)\n"
    "  --new-connections  one for every guest instead of kept-alive ones\n"
    "  --dir DIR          where the broker's files go (/var/tmp)\n"
    "\n"
    "unwrap: the keeper's core alone beside a bare loop of OpenSSL calls, one\n"
    "key and 10,000 in a call; and what a clock tells of tags and keys.\n"
    "  --samples N        measurements of each timing test (200,000)\n"
    "\n"
    "verify: one verification of evidence, from its bytes to claims, beside\n"
    "the signatures in it that no memory of earlier guests can spare.\n"
    "  --kind K           tdx (default), snp, or gpu: 8 GPUs of one guest\n"
    "\n"
    "policy: one decision of an H100 serving policy, how it grows with "
    "rules,\n"
    "lists and GPUs, and the allocations that it makes.\n"
    "  --quick            one case, not how it grows\n";

int
vs_cli_bench(int argc, char **argv)
{
	const char *verb = argc >= 2 ? argv[1] : "";

	if (strcmp(verb, "release") == 0)
		return vs_bench_release(argc - 1, argv + 1);
	if (strcmp(verb, "unwrap") == 0)
		return vs_bench_unwrap(argc - 1, argv + 1);
	if (strcmp(verb, "verify") == 0)
		return vs_bench_verify(argc - 1, argv + 1);
	if (strcmp(verb, "policy") == 0)
		return vs_bench_policy(argc - 1, argv + 1);
	if (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0) {
		(void)fputs(usage, stdout);
		return 0;
	}
	(void)fputs(usage, stderr);
	return vs_status_exit(VS_USAGE);
}
