#include "common/trust/transcript.h"

#include <stdio.h>

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

void
transcript_groups(
	char ret[static TRANSCRIPT_GROUPS_BYTES], const uint8_t hash[static HASH_BYTES])
{
	uint8_t spread[HASH_BYTES];
	crypto_hash_one(spread, "weir-groups-v1", view_of(hash, HASH_BYTES));
	struct cursor c = cursor_of(view_of(spread, sizeof(spread)));
	for (size_t i = 0; i < 6; i++)
		(void)snprintf(
			ret + 5 * i, 6, i < 5 ? "%04u " : "%04u", cursor_u32(&c) % 10000);
}

void
transcript_root_hash(
	uint8_t ret[static HASH_BYTES], const uint8_t root[static SIGN_PUBLIC_BYTES])
{
	crypto_hash_one(ret, "weir-root-v1", view_of(root, SIGN_PUBLIC_BYTES));
}
