/* SPDX-License-Identifier: Apache-2.0 */
#include "guest/library.h"

#include <dlfcn.h>
#include <string.h>

void *
vs_library_open(const char *name)
{
	return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

void
vs_library_close(void **library)
{
	if (*library != NULL)
		(void)dlclose(*library); /* nothing hangs on it */
	*library = NULL;
}

/* C keeps pointers to functions apart from those to objects; dlsym does not. */
bool
vs_library_find(void *library, const char *name, void *out, size_t size)
{
	void *symbol = dlsym(library, name);

	if (symbol == NULL || size != sizeof(symbol))
		return false;
	memcpy(out, &symbol, size);
	return true;
}
