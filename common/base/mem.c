#include "common/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The store is crash-safe and the supervisor restarts: dying here is the safest answer. */
static _Noreturn void
out_of_memory(void)
{
	static const char words[] = "<2>mem: out of memory\n";
	(void)fwrite(words, 1, sizeof(words) - 1, stderr);
	abort();
}

void *
xcalloc(size_t count, size_t size)
{
	void *made = calloc(count ? count : 1, size ? size : 1);
	if (!made)
		out_of_memory();
	return made;
}

void *
xrealloc(void *old, size_t count, size_t size)
{
	void *made = reallocarray(old, count ? count : 1, size ? size : 1);
	if (!made)
		out_of_memory();
	return made;
}

char *
xstrdup(const char *text)
{
	return xmemdup(text, strlen(text));
}

void *
xmemdup(const void *at, size_t len)
{
	char *made = xcalloc(len + 1, 1);
	if (len)
		memcpy(made, at, len);
	return made;
}

char *
xasprintf(const char *format, ...)
{
	char *made = NULL;
	va_list args;
	va_start(args, format);
	int n = vasprintf(&made, format, args);
	va_end(args);
	if (n < 0)
		out_of_memory();
	return made;
}

void
mem_drop(void *pointer_to_pointer)
{
	void **p = pointer_to_pointer;
	free(*p);
	*p = NULL;
}
