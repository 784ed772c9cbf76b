#include "tests/fuzz/fuzz.h"

#include "tests/fuzz/fuzz_dir.h"
#include WEIR_SETTINGS_H

#define PRINTED_MOST_BYTES 65536

/* The configuration of one program: what is taken keeps its bounds. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings s;
	fuzz_dir_write(WEIR_SETTINGS_FILE, view_of(data, size));
	if (settings_load(&s, fuzz_dir()))
		return 0;
	fuzz_must(s.map_bytes > 0 && s.map_bytes % 4096 == 0);
	fuzz_must(s.floor_bytes < (size_t)1 << 60);
	return 0;
}
