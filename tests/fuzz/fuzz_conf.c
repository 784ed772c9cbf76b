#include "tests/fuzz/fuzz.h"

#include "common/codec/conf.h"
#include "common/codec/ini.h"

#define PRINTED_MOST_BYTES 65536

static const struct conf_option options[] = {
	{"node", "name", CONF_TEXT, "north", 0, 40, "", "what the page shows"},
	{"node", "page", CONF_FLAG, "yes", 0, 0, "", "whether there is a page"},
	{"sync", "wait", CONF_NUMBER, "30", 1, 3600, "s", "pause between two tries"},
};

/* A file that is taken is printed as a file that is taken again and prints the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = view_of(data, size);
	OWNED(ini) struct ini *sections = NULL;
	(void)!ini_load(&sections, text, "file");
	OWNED(conf) struct conf *first = NULL;
	if (conf_load(&first, text, "file", options, ARRAY_LEN(options)))
		return 0;
	int64_t wait_s = conf_number(first, "sync", "wait");
	fuzz_must(wait_s >= 1 && wait_s <= 3600);
	OWNED_BUF struct buf printed = {0};
	OWNED_BUF struct buf again = {0};
	buf_init(&printed, PRINTED_MOST_BYTES);
	buf_init(&again, PRINTED_MOST_BYTES);
	conf_print(first, &printed);
	OWNED(conf) struct conf *second = NULL;
	fuzz_must(!conf_load(&second, buf_view(&printed), "file", options, ARRAY_LEN(options)));
	conf_print(second, &again);
	fuzz_must_repeat(&again, buf_view(&printed));
	return 0;
}
