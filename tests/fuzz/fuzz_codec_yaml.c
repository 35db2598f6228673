/* SPDX-License-Identifier: Apache-2.0 */
/* Target: vs_yaml_parse. */
#include "codec/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vs_arena arena;
	struct vs_err err = {0};
	const struct vs_yaml *root = NULL;

	vs_arena_init(&arena, 1 << 20);
	if (vs_yaml_parse(VS_SPAN(data, size), &arena, &root, &err) != VS_OK)
		VS_ASSERT(root == NULL && err.msg[0] != '\0');
	vs_arena_fini(&arena);
	return 0;
}
