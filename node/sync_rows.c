#include "node/sync_rows.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/form.h"

#define ROW_VERSION       1
#define HOLD_VERSION      2
#define HOLD_OLD_VERSION  1 /* without a spare */
#define ROW_MAX_BYTES     ((size_t)8 * 1024 * 1024)
#define PERSON_HOLD_BYTES (2 * ID_BYTES)

bool
sync_expects_at_site(const struct sync_expected *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].goes == FORM_SITE)
			return true;
	return false;
}

void
sync_copy_id(uint8_t ret[static ID_BYTES], const uint8_t instance[static ID_BYTES],
	const uint8_t digest[static HASH_BYTES])
{
	const struct view parts[] = {view_of(instance, ID_BYTES), view_of(digest, HASH_BYTES)};
	crypto_hash_id(ret, "weir-copy-v1", NULL, parts, ARRAY_LEN(parts));
}

/* fields that both have */

static void
put_expected(struct buf *b, const struct sync_expected *list, size_t count)
{
	buf_u32(b, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		buf_blob(b, list[i].name);
		buf_u8(b, list[i].goes);
	}
}

static void
get_expected(struct cursor *c, struct sync_expected **ret_list, size_t *ret_count)
{
	uint32_t count = cursor_u32(c);
	if (count > SYNC_EXPECTED_MAX_COUNT)
		c->broken = true;
	if (c->broken)
		return;
	*ret_list = xcalloc(count, sizeof(**ret_list));
	for (uint32_t i = 0; i < count; i++) {
		(*ret_list)[i].name = cursor_blob(c);
		(*ret_list)[i].goes = cursor_u8(c);
	}
	*ret_count = count;
}

/* submissions */

enum err
sync_submission_put(
	struct vault *v, const uint8_t id[static ID_BYTES], const struct sync_submission *s)
{
	OWNED_BUF struct buf b;
	buf_init(&b, ROW_MAX_BYTES);
	buf_u8(&b, ROW_VERSION);
	buf_u8(&b, (uint8_t)s->state);
	buf_add(&b, s->digest, HASH_BYTES);
	buf_add(&b, s->previous, ID_BYTES);
	buf_add(&b, s->next, ID_BYTES);
	buf_add(&b, s->participant, ID_BYTES);
	buf_u64(&b, (uint64_t)s->received_s);
	buf_blob(&b, s->form);
	buf_blob(&b, s->version);
	buf_blob(&b, s->collector);
	buf_blob(&b, s->agent);
	put_expected(&b, s->expected, s->expected_count);
	enum err e = buf_check(&b, "submission");
	return e ? e : vault_put(v, VAULT_SUBMISSIONS, view_of(id, ID_BYTES), buf_view(&b));
}

static enum err
parse_submission(struct sync_submission *s, struct view row)
{
	s->bytes = xmemdup(row.at, row.len);
	struct cursor c = cursor_of(view_of(s->bytes, row.len));
	uint8_t version = cursor_u8(&c);
	s->state = (enum sync_state)cursor_u8(&c);
	cursor_copy(&c, s->digest, HASH_BYTES);
	cursor_copy(&c, s->previous, ID_BYTES);
	cursor_copy(&c, s->next, ID_BYTES);
	cursor_copy(&c, s->participant, ID_BYTES);
	s->received_s = (int64_t)cursor_u64(&c);
	s->form = cursor_blob(&c);
	s->version = cursor_blob(&c);
	s->collector = cursor_blob(&c);
	s->agent = cursor_blob(&c);
	get_expected(&c, &s->owned, &s->expected_count);
	s->expected = s->owned;
	if (version != ROW_VERSION || s->state < SUBMISSION_KEPT || s->state > SUBMISSION_GONE)
		c.broken = true;
	return cursor_end(&c, "submission on file");
}

enum err
sync_submission_get(
	struct vault *v, const uint8_t id[static ID_BYTES], struct sync_submission *ret)
{
	struct view row;
	*ret = (struct sync_submission){0};
	enum err e = vault_get(v, VAULT_SUBMISSIONS, view_of(id, ID_BYTES), &row);
	return e ? e : parse_submission(ret, row);
}

void
sync_submission_done(struct sync_submission *s)
{
	mem_drop(&s->bytes);
	mem_drop(&s->owned);
}

/* holds */

static void
person_key(uint8_t ret[static PERSON_HOLD_BYTES], const uint8_t participant[static ID_BYTES],
	const uint8_t id[static ID_BYTES])
{
	memcpy(ret, participant, ID_BYTES);
	memcpy(ret + ID_BYTES, id, ID_BYTES);
}

enum err
sync_hold_put(struct vault *v, const uint8_t id[static ID_BYTES], const struct sync_hold *h)
{
	OWNED_BUF struct buf b;
	uint8_t key[PERSON_HOLD_BYTES];
	buf_init(&b, ROW_MAX_BYTES);
	buf_u8(&b, HOLD_VERSION);
	buf_u8(&b, h->why);
	buf_add(&b, h->instance, ID_BYTES);
	buf_add(&b, h->participant, ID_BYTES);
	buf_add(&b, h->previous, ID_BYTES);
	buf_add(&b, h->digest, HASH_BYTES);
	const struct view texts[] = {
		h->code, h->form, h->version, h->reason, h->collector, h->agent};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		buf_blob(&b, texts[i]);
	buf_u64(&b, (uint64_t)h->received_s);
	buf_u64(&b, (uint64_t)h->expires_s);
	buf_blob(&b, h->item);
	buf_blob(&b, h->site_part);
	put_expected(&b, h->expected, h->expected_count);
	buf_blob(&b, h->spare);
	person_key(key, h->participant, id);
	enum err e = buf_check(&b, "held record");
	if (!e)
		e = vault_put(v, VAULT_HOLDS, view_of(id, ID_BYTES), buf_view(&b));
	if (!e)
		e = vault_put(v, VAULT_HELD_OF, view_of(key, sizeof(key)), view_of(NULL, 0));
	return e;
}

enum err
sync_hold_parse(struct sync_hold *ret, struct view row)
{
	*ret = (struct sync_hold){.bytes = xmemdup(row.at, row.len)};
	struct cursor c = cursor_of(view_of(ret->bytes, row.len));
	uint8_t version = cursor_u8(&c);
	ret->why = cursor_u8(&c);
	cursor_copy(&c, ret->instance, ID_BYTES);
	cursor_copy(&c, ret->participant, ID_BYTES);
	cursor_copy(&c, ret->previous, ID_BYTES);
	cursor_copy(&c, ret->digest, HASH_BYTES);
	struct view *const texts[] = {&ret->code, &ret->form, &ret->version, &ret->reason,
		&ret->collector, &ret->agent};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = cursor_blob(&c);
	ret->received_s = (int64_t)cursor_u64(&c);
	ret->expires_s = (int64_t)cursor_u64(&c);
	ret->item = cursor_blob(&c);
	ret->site_part = cursor_blob(&c);
	get_expected(&c, &ret->owned, &ret->expected_count);
	ret->expected = ret->owned;
	if (version == HOLD_VERSION)
		ret->spare = cursor_blob(&c);
	else if (version != HOLD_OLD_VERSION)
		c.broken = true;
	return cursor_end(&c, "held record");
}

enum err
sync_hold_get(struct vault *v, const uint8_t id[static ID_BYTES], struct sync_hold *ret)
{
	struct view row;
	*ret = (struct sync_hold){0};
	enum err e = vault_get(v, VAULT_HOLDS, view_of(id, ID_BYTES), &row);
	return e ? e : sync_hold_parse(ret, row);
}

enum err
sync_hold_delete(struct vault *v, const uint8_t id[static ID_BYTES],
	const uint8_t participant[static ID_BYTES])
{
	uint8_t key[PERSON_HOLD_BYTES];
	person_key(key, participant, id);
	enum err e = vault_delete(v, VAULT_HELD_OF, view_of(key, sizeof(key)));
	if (!e || e == E_NOTFOUND)
		e = vault_delete(v, VAULT_HOLDS, view_of(id, ID_BYTES));
	return e;
}

void
sync_hold_done(struct sync_hold *h)
{
	mem_drop(&h->bytes);
	mem_drop(&h->owned);
}
