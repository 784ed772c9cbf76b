/* fuzz - the one function that every fuzzer shows to libFuzzer and to replay.c.
 *
 * It hands the bytes to one door and looks at what comes out: whatever the bytes are, the door
 * gives a value or an error, never a crash, a leak or a wait. Returns 0. Where one room has
 * several doors, the first byte is a letter that chooses one.
 */
#ifndef WEIR_FUZZ_H
#define WEIR_FUZZ_H

#include <stdlib.h>

#include "common/codec/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise of the door that does not hold ends the program, which is what a fuzzer sees. */
static inline void
fuzz_must(bool holds)
{
	if (!holds)
		abort();
}

/* What was unpacked has one spelling: packed again it is the bytes that came. */
static inline void
fuzz_must_repeat(const struct buf *packed, struct view came)
{
	fuzz_must(!packed->broken && view_same(buf_view(packed), came));
}

#endif
