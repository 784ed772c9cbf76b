#include "tests/fuzz/fuzz.h"

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/note.h"

/* The key in the seeds; it is an example and signs nothing else. */
#define EXAMPLE_KEY "example.org/log+43ca965a+AaL6L0o1W6LpB6UwCenjfK3fesfmagi6B2MfVTBys/JM"

/* One byte says the door: a note with its checkpoint, or the text of a key. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct note_key key;
	if (crypto_init())
		return 0;
	if (size && data[0] == 'k') {
		OWNED_MEM char *text = xmemdup(data + 1, size - 1);
		(void)!note_key_parse(&key, text);
		return 0;
	}
	struct note n;
	struct note_checkpoint cp;
	if (note_key_parse(&key, EXAMPLE_KEY))
		return 0;
	(void)!note_checkpoint_open(&cp, &n, view_of(data, size), &key);
	return 0;
}
