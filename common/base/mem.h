/* mem - allocation that ends the process when memory runs out.
 *
 * Callers never see NULL. Sizes that come from outside are bounded before they get here.
 * Plain memory only; secrets live in crypto's locked memory.
 */
#ifndef WEIR_MEM_H
#define WEIR_MEM_H

#include "common/base/base.h"

/* gives count*size zeroed bytes; release with free(). Overflow ends the process. */
void *xcalloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));

/* gives `old` grown or shrunk to count*size bytes; new bytes are undefined. takes old. */
void *xrealloc(void *old, size_t count, size_t size) __attribute__((returns_nonnull));

/* gives a copy of the text. */
char *xstrdup(const char *text) __attribute__((malloc, returns_nonnull));

/* gives a copy of `len` bytes with one zero byte behind them. */
void *xmemdup(const void *at, size_t len) __attribute__((malloc, returns_nonnull));

/* gives formatted text. */
char *xasprintf(const char *format, ...) PRINTF(1, 2) __attribute__((malloc, returns_nonnull));

/* For OWNED_MEM on any pointer made by this room. */
void mem_drop(void *pointer_to_pointer);
#define OWNED_MEM OWNED_BY(mem_drop)

#endif
