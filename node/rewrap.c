#include "node/rewrap.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/trust/manifest.h"
#include "common/trust/seal.h"

#define WRAP_MAX_BYTES 4096
#define PUTS_MAX_BYTES ((size_t)8 << 20)

/* What is wrapped for, out of the study's own paper. */
static enum err
open_manifest(struct wire_manifest **ret, const struct hubcard *card, struct view signed_one)
{
	uint8_t hash[HASH_BYTES];
	struct manifest_known known = {.study = card->study};
	memcpy(known.root_hash, card->root_hash, HASH_BYTES);
	enum err e = manifest_open(ret, hash, signed_one, &known);
	if (!e && !(*ret)->intake_count)
		e = fail(E_FORMAT, "the manifest names no intake key");
	return e;
}

/* gives the key; E_AUTH when no number that is held opens it. */
static enum err
open_site(struct secret **ret, const struct custody *keys, const struct seal_context *context,
	struct view wrap)
{
	uint32_t number = 0;
	enum err e = seal_wrap_number(&number, wrap);
	for (size_t i = 0; !e && i < keys->count; i++)
		if (keys->number[i] == number)
			return seal_open_wrap(ret, wrap, context, keys->review[i]);
	return e ? e : fail(E_AUTH, "number %u of the review key is not here", number);
}

static enum err
wrap_one(const struct wire_numbered_key *intake, const struct hubcard *card,
	const struct custody *keys, struct cursor *list, struct buf *puts, uint32_t *count)
{
	OWNED_SECRET struct secret *key = NULL;
	OWNED_BUF struct buf anew;
	struct seal_context context = {.study = card->study, .class = SEAL_BOTH};
	const struct view row = cursor_blob(list);
	cursor_copy(list, context.participant, ID_BYTES);
	const struct view study = cursor_blob(list), site = cursor_blob(list);
	buf_init(&anew, WRAP_MAX_BYTES);
	if (list->broken)
		return cursor_end(list, "keys to wrap again");
	enum err e = open_site(&key, keys, &context, site);
	if (e)
		return e == E_AUTH || e == E_FORMAT ? OK : e;
	e = seal_wrap(&anew, &context, key, intake->number, intake->public);
	buf_blob(puts, row);
	buf_blob(puts, study);
	buf_blob(puts, buf_view(&anew));
	++*count;
	return e ? e : buf_check(puts, "keys that were wrapped again");
}

enum err
rewrap_answer(const struct hubcard *card, const struct custody *keys, struct cursor *list,
	struct buf *puts, struct buf *place, uint32_t *ret_count)
{
	OWNED(wire_manifest) struct wire_manifest *m = NULL;
	OWNED_BUF struct buf rows;
	*ret_count = 0;
	buf_init(&rows, PUTS_MAX_BYTES);
	if (!card)
		return fail(E_FORMAT, "the desk does not know the hub that this node joined");
	enum err e = open_manifest(&m, card, cursor_blob(list));
	uint32_t count = cursor_u32(list), wrapped = 0;
	for (uint32_t i = 0; !e && i < count; i++)
		e = wrap_one(
			&m->intake[m->intake_count - 1], card, keys, list, &rows, &wrapped);
	if (e)
		return e;
	buf_add_view(place, cursor_blob(list));
	buf_u32(puts, wrapped);
	buf_add_view(puts, buf_view(&rows));
	e = cursor_end(list, "keys to wrap again");
	if (!e)
		e = buf_check(puts, "keys that were wrapped again");
	if (!e)
		*ret_count = wrapped;
	return e;
}
