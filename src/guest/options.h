/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of vouchsafe-guest. */
#ifndef VS_GUEST_OPTIONS_H
#define VS_GUEST_OPTIONS_H

#include "base/arena.h"
#include "client/api.h"
#include "crypto/ecdh.h"
#include "guest/devices.h"
#include "guest/evidence.h"

enum { VS_GUEST_KEYS_MAX = 10000 }; /* of one release */

struct vs_guest_options {
	const char *url;
	const char *ca_file; /* or NULL */
	const char *out;     /* file, directory, "-", or NULL */
	int fd;              /* -1: none */
	bool keyring;
	const char *simulate; /* directory of a simulated PKI, or NULL */
	struct vs_guest_forged sim;
	/* Its directory is that of simulate, set at the end. */
	struct vs_guest_gpu_source gpus;
	const char *tsm;       /* or NULL */
	const char *event_log; /* file, or NULL */
	int privlevel;         /* -1: the kernel's default */
	vs_curve curve;
	unsigned wait_s;
	bool help;
	size_t n;
	struct vs_api_key keys[VS_GUEST_KEYS_MAX];
	struct vs_arena names; /* of ranges; the others are argv's */
};

void vs_guest_options_fini(struct vs_guest_options *o);

/* argv[0] is skipped; simulated: --simulate is needed. VS_USAGE says what is
 * wrong. Borrows from argv. */
VS_MUST_USE vs_status vs_guest_options_parse(int argc, char **argv,
    bool simulated, struct vs_guest_options *out, struct vs_err *err);

extern const char vs_guest_usage[];

#endif
