/* base - the words every room uses; nothing that needs a .c file.
 *
 * OWNED(thing) struct thing *t  frees *t by thing_free() at the closing brace, on every path.
 * OWNED_BY(done) type t         calls done(&t) there. Being released is a use: no compiler
 *                               needs to say that such a variable is not read.
 * take(p)                       hands a pointer on: gives its value and leaves NULL behind.
 * CHECKED                       the result has to be looked at.
 * A room that has thing_free() writes OWNER(thing) once, after declaring it.
 */
#ifndef WEIR_BASE_H
#define WEIR_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECKED      __attribute__((warn_unused_result))
#define UNUSED       __attribute__((unused))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

#define OWNER(thing)                                                                           \
	static inline void thing##_drop(struct thing **p)                                      \
	{                                                                                      \
		thing##_free(*p);                                                              \
	}
#define OWNED_BY(done) __attribute__((cleanup(done), unused))
#define OWNED(thing)   OWNED_BY(thing##_drop)

#define take(p)                                                                                \
	(__extension__({                                                                       \
		__typeof__(p) *from_ = &(p), taken_ = *from_;                                  \
		*from_ = NULL;                                                                 \
		taken_;                                                                        \
	}))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)    ((a) < (b) ? (a) : (b))
#define MAX(a, b)    ((a) > (b) ? (a) : (b))

/* a less b, held to what llabs() takes: for times that came from elsewhere. */
static inline int64_t
int64_gap(int64_t a, int64_t b)
{
	int64_t gap;
	return __builtin_sub_overflow(a, b, &gap) ? (a < b ? -INT64_MAX : INT64_MAX) : gap;
}

#endif
