#include "tests/fuzz/fuzz.h"

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"

#define MOST_BYTES 4096

/* Every strict reader on the same bytes, and a frame of blobs. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view v = view_of(data, size);
	OWNED_MEM uint8_t *plain = NULL;
	size_t len = 0;
	(void)!text_unbase64(&plain, &len, v, MOST_BYTES);
	OWNED_MEM char *text = xmemdup(data, size);
	uint8_t four[4];
	int64_t n = 0;
	double d = 0;
	(void)!text_unhex(four, sizeof(four), text);
	(void)!text_int(v, &n);
	(void)!text_decimal(v, &d);
	(void)!clock_parse(text, &n);
	(void)text_is_utf8(v);
	(void)text_is_name(text, 20);
	struct cursor c = cursor_of(v);
	while (c.left && !c.broken) {
		OWNED_MEM char *blob = cursor_text(&c, MOST_BYTES);
		fuzz_must(blob != NULL);
	}
	(void)!cursor_end(&c, "frame");
	return 0;
}
