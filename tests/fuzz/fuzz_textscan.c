#include "tests/fuzz/fuzz.h"

#include "common/codec/textscan.h"

/* Hits lie inside the text, in order, and do not overlap. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct textscan_hit hits[TEXTSCAN_HITS_MAX_COUNT];
	size_t count = textscan(view_of(data, size), hits), from = 0;
	fuzz_must(count <= TEXTSCAN_HITS_MAX_COUNT);
	for (size_t i = 0; i < count; i++) {
		fuzz_must(hits[i].length > 0 && hits[i].offset >= from);
		fuzz_must(hits[i].length <= size - hits[i].offset);
		fuzz_must(textscan_words(hits[i].kind)[0] != '\0');
		from = hits[i].offset + hits[i].length;
	}
	return 0;
}
