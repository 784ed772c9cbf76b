#include "node/sync_item.h"

#include <string.h>

#include "node/sync_change.h"

#define INSTANCE_ROW_BYTES 64
#define CURRENT_KEY_BYTES  512

/* what is on file */

enum err
sync_item_find(struct vault *v, const uint8_t id[static ID_BYTES], bool *ret_found,
	uint8_t ret_digest[static HASH_BYTES], enum lane *ret_lane)
{
	struct view row;
	*ret_found = false;
	enum err e = vault_get(v, VAULT_INSTANCES, view_of(id, ID_BYTES), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	cursor_copy(&c, ret_digest, HASH_BYTES);
	*ret_lane = vault_at_read(&c).lane;
	*ret_found = true;
	return cursor_end(&c, "instance on file");
}

enum err
sync_item_claim(struct vault *v, const uint8_t id[static ID_BYTES],
	const uint8_t digest[static HASH_BYTES])
{
	struct view row;
	OWNED_BUF struct buf b;
	buf_init(&b, INSTANCE_ROW_BYTES);
	enum err e = vault_get(v, VAULT_INSTANCES, view_of(id, ID_BYTES), &row);
	if (e)
		return e;
	if (row.len <= HASH_BYTES)
		return fail(E_FORMAT, "the vault is damaged: an instance on file");
	buf_add(&b, digest, HASH_BYTES);
	buf_add(&b, row.at + HASH_BYTES, row.len - HASH_BYTES);
	return vault_put(v, VAULT_INSTANCES, view_of(id, ID_BYTES), buf_view(&b));
}

static enum err
current_key(struct buf *out, const struct wire_rules *r)
{
	buf_init(out, CURRENT_KEY_BYTES);
	buf_add(out, r->participant, ID_BYTES);
	buf_blob_text(out, r->form);
	buf_add_view(out, view_text(r->wave));
	return buf_check(out, "record on file");
}

enum err
sync_item_current(struct vault *v, const struct wire_rules *r, bool *ret_found,
	uint8_t ret[static ID_BYTES])
{
	OWNED_BUF struct buf key;
	struct view row;
	*ret_found = false;
	enum err e = current_key(&key, r);
	if (!e)
		e = vault_get(v, VAULT_CURRENT, buf_view(&key), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	if (row.len != ID_BYTES)
		return fail(E_FORMAT, "the vault is damaged: a record on file");
	memcpy(ret, row.at, ID_BYTES);
	*ret_found = true;
	return OK;
}

enum err
sync_item_set_current(
	struct vault *v, const struct wire_rules *r, const uint8_t id[static ID_BYTES])
{
	OWNED_BUF struct buf key;
	enum err e = current_key(&key, r);
	return e ? e : vault_put(v, VAULT_CURRENT, buf_view(&key), view_of(id, ID_BYTES));
}

/* putting */

static enum err
put_instance(struct vault *v, const struct sync_item *t, const struct sync_item_entry *n,
	const struct vault_at *at)
{
	static const uint8_t none[HASH_BYTES];
	OWNED_BUF struct buf b;
	bool names_item = memcmp(n->rules->instance, t->instance, ID_BYTES) == 0;
	buf_init(&b, INSTANCE_ROW_BYTES);
	buf_add(&b, names_item ? t->digest : none, HASH_BYTES);
	vault_at_write(&b, at);
	return vault_put(
		v, VAULT_INSTANCES, view_of(n->rules->instance, ID_BYTES), buf_view(&b));
}

enum err
sync_item_put_person(struct vault *v, const struct wire_rules *r, const struct vault_at *at)
{
	OWNED_BUF struct buf key;
	buf_init(&key, INSTANCE_ROW_BYTES);
	buf_add(&key, r->participant, ID_BYTES);
	buf_u32(&key, at->incarnation);
	buf_u8(&key, (uint8_t)at->lane);
	buf_u64(&key, at->seq);
	return vault_put(v, VAULT_PERSONS, buf_view(&key), view_of(NULL, 0));
}

static enum err
count_version(void *arg, struct view key, struct view row)
{
	uint32_t *count = arg;
	(void)key;
	(void)row;
	(*count)++;
	return OK;
}

enum err
sync_item_put_consent(struct vault *v, const struct wire_rules *r, const struct vault_at *at)
{
	OWNED_BUF struct buf key, row;
	uint32_t index = 0;
	struct view person = view_of(r->participant, ID_BYTES);
	buf_init(&key, INSTANCE_ROW_BYTES);
	buf_init(&row, INSTANCE_ROW_BYTES);
	enum err e = vault_each(v, VAULT_CONSENTS, person, count_version, &index);
	buf_add_view(&key, person);
	buf_u32(&key, index);
	vault_at_write(&row, at);
	if (!e)
		e = vault_put(v, VAULT_CONSENTS, buf_view(&key), buf_view(&row));
	return e || r->kind != RULES_CHANGE ? e : sync_change_put(v, at);
}

enum err
sync_item_put_opt_out(struct vault *v, const struct wire_rules *r, const struct vault_at *at)
{
	OWNED_BUF struct buf key, row;
	buf_init(&key, INSTANCE_ROW_BYTES);
	buf_init(&row, INSTANCE_ROW_BYTES);
	buf_add(&key, r->participant, ID_BYTES);
	buf_u32(&key, SYNC_CONSENTS_OPT_OUT);
	vault_at_write(&row, at);
	return vault_put(v, VAULT_CONSENTS, buf_view(&key), buf_view(&row));
}

static enum err
check_new(struct vault *v, const struct sync_item_entry *n)
{
	uint8_t digest[HASH_BYTES];
	enum lane lane;
	bool found;
	enum err e = sync_item_find(v, n->rules->instance, &found, digest, &lane);
	if (!e && found)
		e = fail(E_CONFLICT, "an entry of this id is on file already");
	return e;
}

enum err
sync_item_put_entry(struct vault *v, const struct sync_item *t, const struct sync_item_entry *n)
{
	struct sync_mark end = {.seq = 0};
	enum err e = check_new(v, n);
	if (!e)
		e = vault_append(v, n->lane, n->parts, n->part_count, &end);
	const struct vault_at at = vault_here(v, n->lane, end.seq);
	if (!e)
		e = put_instance(v, t, n, &at);
	if (!e)
		e = sync_item_put_person(v, n->rules, &at);
	if (!e && (n->rules->kind == RULES_CONSENT || n->rules->kind == RULES_CHANGE))
		e = sync_item_put_consent(v, n->rules, &at);
	if (!e && n->rules->kind == RULES_OPT_OUT)
		e = sync_item_put_opt_out(v, n->rules, &at);
	if (!e && n->rules->kind == RULES_RECORD)
		e = sync_item_set_current(v, n->rules, n->rules->instance);
	return e;
}

enum err
sync_item_put(struct vault *v, const struct sync_item *t)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < t->entry_count; i++)
		e = sync_item_put_entry(v, t, &t->entries[i]);
	return e;
}
