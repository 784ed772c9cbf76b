/* pack_bench - the WVS example study with some of its texts changed, without a directory. */
#ifndef WEIR_TESTS_PACK_BENCH_H
#define WEIR_TESTS_PACK_BENCH_H

#include "common/study/pack.h"

/* `from` stands once or more in the file; its first place becomes `to`. file NULL ends a
 * list. */
struct pack_edit {
	const char *file, *from, *to;
};

/* For a study by section 251 support, which asks for the opt-out at collection. */
extern const struct pack_edit pack_bench_without[];

/* gives the pack; NULL when it has a fault, which `faults` holds. */
struct pack *pack_bench(const struct pack_edit *edits, struct faults *faults);
/* The same; the test fails on a fault. */
struct pack *pack_bench_sound(const struct pack_edit *edits);

#endif
