#include "tests/fuzz/fuzz.h"

#include "common/study/terms.h"

/* The body of a site's terms, behind its signature: what is taken writes back in as many bytes;
 * only a flag may be another one. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWNED(terms) struct terms *t = NULL;
	OWNED_BUF struct buf again;
	buf_init(&again, TERMS_MAX_BYTES);
	if (terms_read(&t, view_of(data, size)))
		return 0;
	fuzz_must(!terms_write(&again, t));
	fuzz_must(again.len == size || size > TERMS_MAX_BYTES);
	return 0;
}
