/* SPDX-License-Identifier: Apache-2.0 */
/* vs_config_load: every error has its place, what is taken is whole. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "broker/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct vs_config c = {0};
	struct vs_err err = {0};
	char path[32];
	char host[64];
	uint16_t port;
	int fd = memfd_create("config", MFD_CLOEXEC);

	VS_ASSERT(fd >= 0 && write(fd, data, n) == (ssize_t)n);
	(void)snprintf(path, sizeof path, "/dev/fd/%d", fd);
	if (vs_config_load(path, NULL, &c, &err) == VS_OK) {
		VS_ASSERT(c.data != NULL && c.policy_dir != NULL);
		VS_ASSERT(c.workers >= 1 && c.max_body >= 4096);
		VS_ASSERT((c.tls_cert == NULL) == (c.tls_key == NULL));
		VS_ASSERT(vs_config_split_address(
			      c.listen, host, &port, &err) == VS_OK);
		/* Never in the clear to the world by mistake. */
		VS_ASSERT(c.tls_cert != NULL || c.tls_off ||
		    vs_config_is_loopback(host));
		vs_config_fini(&c);
	} else {
		VS_ASSERT(strncmp(err.msg, path, strlen(path)) == 0);
		VS_ASSERT(c.data == NULL && c.arena.head == NULL);
	}
	VS_ASSERT(close(fd) == 0);
	return 0;
}
