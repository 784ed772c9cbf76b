#include "tests/fuzz/fuzz.h"

#include "common/base/mem.h"
#include "common/trust/invite.h"

#define LINE_MOST_BYTES 4096

/* An invitation that is read is printed as one that is read again and prints the same. The
 * check over its bytes would stop nearly every input, so seeds lead the way. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (crypto_init())
		return 0;
	OWNED_MEM char *text = xmemdup(data, size);
	OWNED(invite) struct invite *first = NULL;
	if (invite_parse(&first, text))
		return 0;
	OWNED_BUF struct buf printed = {0};
	OWNED_BUF struct buf again = {0};
	buf_init(&printed, LINE_MOST_BYTES);
	buf_init(&again, LINE_MOST_BYTES);
	fuzz_must(!invite_print(&printed, first));
	OWNED_MEM char *line = xmemdup(printed.at, printed.len);
	OWNED(invite) struct invite *second = NULL;
	fuzz_must(!invite_parse(&second, line));
	fuzz_must(!invite_print(&again, second));
	fuzz_must_repeat(&again, buf_view(&printed));
	return 0;
}
