/* fuzz - the one function that every fuzzer shows to libFuzzer and to replay.c.
 *
 * It hands the bytes to one door and throws away what comes out: whatever the bytes are, the
 * door gives a value or an error, never a crash, a leak or a wait. Returns 0.
 */
#ifndef WEIR_FUZZ_H
#define WEIR_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
