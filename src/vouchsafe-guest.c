/* SPDX-License-Identifier: Apache-2.0 */
/* The program inside the confidential VM. */
#include "guest/guest.h"

int
main(int argc, char **argv)
{
	return vs_guest_main(argc, argv);
}
