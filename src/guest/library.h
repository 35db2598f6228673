/* SPDX-License-Identifier: Apache-2.0 */
/* NVIDIA's libraries, loaded when they are wanted. */
#ifndef VS_GUEST_LIBRARY_H
#define VS_GUEST_LIBRARY_H

#include "base/bytes.h"

/* NULL: there is none of this name. */
void *vs_library_open(const char *name);
void vs_library_close(void **library);
/* The address of a function into the pointer at out, of that size. */
bool vs_library_find(void *library, const char *name, void *out, size_t size);

#define VS_LIBRARY_FIND(library, name, pointer)                                \
	vs_library_find((library), (name), &(pointer), sizeof(pointer))

#endif
