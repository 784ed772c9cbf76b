#include "common/trust/transcript.h"

void
transcript_hash(uint8_t ret[static HASH_BYTES], const struct enrolment *e)
{
	OWNED_BUF struct buf b;
	buf_init(&b, 1024);
	buf_blob(&b, view_of(e->invite, sizeof(e->invite)));
	const uint8_t *const keys[] = {e->enrol_public, e->hub_public, e->root_hash, e->writer,
		e->transport, e->box, e->review, e->witness};
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		buf_blob(&b, view_of(keys[i], HASH_BYTES));
	crypto_hash_one(ret, "weir-enrol-v1", buf_view(&b));
}
