#include "tests/fuzz/fuzz.h"

#include "common/codec/json.h"

#define MOST_BYTES 65536

/* The verbs that a reader of strangers' documents uses, on whatever came. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED(json) struct json *document = NULL;
	if (json_parse(&document, view_of(data, size), MOST_BYTES))
		return 0;
	static const char *const keys[] = {"id", "list"};
	const struct json *part = NULL;
	const char *text = NULL;
	int64_t n = 0;
	(void)!json_only(document, keys, ARRAY_LEN(keys));
	(void)!json_get_text(document, "id", 16, &text);
	(void)!json_get_int(document, "n", -1, 1000, &n);
	if (!json_get_array(document, "list", 8, &part))
		for (size_t i = 0; i <= json_count(part); i++)
			(void)!json_item_text(part, i, "list", 16, &text);
	return 0;
}
