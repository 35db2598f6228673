/* SPDX-License-Identifier: Apache-2.0 */
/* One request to the back ends, as keeper/seal_helper.h frames it. */
#ifndef VS_SEAL_SERVE_H
#define VS_SEAL_SERVE_H

#include "keeper/seal_helper.h"

/* args: VS_SEAL_HELPER_ARGS texts. Reads one request, answers it. False when
 * the other side is gone or says nothing that we know. */
VS_MUST_USE bool vs_seal_serve(int fd, char *const *args);

#endif
