/* SPDX-License-Identifier: Apache-2.0 */
/* The guest program, as a function: vouchsafe-guest and
 * `vouchsafe simulate guest` are the same code. */
#ifndef VS_GUEST_GUEST_H
#define VS_GUEST_GUEST_H

/* argv[0] is the name to use in messages, argv[1] the verb ("get"). Prints;
 * returns the exit code. */
int vs_guest_main(int argc, char **argv);

/*
 * `vouchsafe simulate guest --pki DIR NAME...`: argv[0] is "guest". The same
 * as `get NAME... --simulate DIR`, all other options of get apply.
 */
int vs_guest_simulate_main(int argc, char **argv);

#endif
