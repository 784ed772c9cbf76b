#include "node/sync_erase_rows.h"

#include <string.h>

#include "common/codec/wire_rules.h"

#include "node/mark.h"
#include "node/sync_files.h"
#include "node/sync_hold.h"
#include "node/sync_review.h"
#include "node/vault_erase.h"

/* keys of rows, gathered before they are deleted */

struct keys {
	struct buf bytes; /* blob after blob */
};

static void
keys_done(struct keys *k)
{
	buf_done(&k->bytes);
}
#define OWNED_KEYS OWNED_BY(keys_done)

static enum err
add_key(void *arg, struct view key, struct view content)
{
	struct keys *k = arg;
	(void)content;
	buf_blob(&k->bytes, key);
	return OK;
}

static enum err
drop_all(struct vault *v, enum vault_table t, struct view prefix)
{
	OWNED_KEYS struct keys keys;
	buf_init(&keys.bytes, (size_t)64 << 20);
	enum err e = vault_each(v, t, prefix, add_key, &keys);
	if (!e)
		e = buf_check(&keys.bytes, "rows of a person");
	struct cursor c = cursor_of(buf_view(&keys.bytes));
	while (!e && c.left)
		e = vault_delete(v, t, cursor_blob(&c));
	return e;
}

static enum err
drop(struct vault *v, enum vault_table t, struct view key)
{
	enum err e = vault_delete(v, t, key);
	return e == E_NOTFOUND ? OK : e;
}

/* study codes */

struct codes {
	struct keys keys;
	const uint8_t *person;
};

static enum err
see_code(void *arg, struct view key, struct view content)
{
	struct codes *c = arg;
	if (view_same(content, view_of(c->person, ID_BYTES)))
		buf_blob(&c->keys.bytes, key);
	return OK;
}

static enum err
drop_codes(struct vault *v, enum vault_table t, const uint8_t *person)
{
	struct codes codes = {.person = person};
	buf_init(&codes.keys.bytes, (size_t)1 << 20);
	enum err e = vault_each(v, t, view_of(NULL, 0), see_code, &codes);
	struct cursor c = cursor_of(buf_view(&codes.keys.bytes));
	while (!e && c.left) {
		struct view code = cursor_blob(&c);
		e = mark_code(v, code);
		if (!e)
			e = vault_delete(v, t, code);
	}
	keys_done(&codes.keys);
	return e;
}

/* entries */

bool
sync_erase_place(struct cursor *c, struct vault_at *ret)
{
	struct cursor key = cursor_of(cursor_blob(c));
	(void)cursor_bytes(&key, ID_BYTES);
	ret->incarnation = cursor_u32(&key);
	ret->lane = (enum lane)cursor_u8(&key);
	ret->seq = cursor_u64(&key);
	return !key.broken;
}

static enum err
forget_submission(struct vault *v, const uint8_t *id)
{
	struct sync_submission gone = {.state = SUBMISSION_GONE};
	struct view row;
	enum err e = vault_get(v, VAULT_SUBMISSIONS, view_of(id, ID_BYTES), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	e = sync_file_drop(v, id);
	if (!e)
		e = drop_all(v, VAULT_KEYS, view_of(id, ID_BYTES));
	return e ? e : sync_submission_put(v, id, &gone);
}

static enum err
forget_instance(struct vault *v, const uint8_t *instance)
{
	const struct view id = view_of(instance, ID_BYTES);
	enum err e = forget_submission(v, instance);
	if (!e)
		e = drop(v, VAULT_LOCALS, id);
	if (!e)
		e = drop(v, VAULT_INSTANCES, id);
	return e ? e : sync_review_forget(v, instance);
}

/* The instance of an entry whose rules part is damaged. */
struct placed {
	const struct vault_at *at;
	uint8_t instance[ID_BYTES];
	bool found;
};

static enum err
see_place(void *arg, struct view key, struct view row)
{
	struct placed *p = arg;
	struct cursor c = cursor_of(row);
	(void)cursor_bytes(&c, HASH_BYTES);
	const struct vault_at at = vault_at_read(&c);
	if (c.broken || key.len != ID_BYTES || at.seq != p->at->seq || at.lane != p->at->lane ||
		at.incarnation != p->at->incarnation)
		return OK;
	memcpy(p->instance, key.at, ID_BYTES);
	p->found = true;
	return OK;
}

static enum err
forget_damaged(struct vault *v, const struct vault_at *at)
{
	struct placed p = {.at = at};
	enum err e = vault_each(v, VAULT_INSTANCES, view_of(NULL, 0), see_place, &p);
	return e || !p.found ? e : forget_instance(v, p.instance);
}

/* What is damaged is deleted like the rest: that it is this person's stands in other rows. */
static enum err
erase_entry(struct vault *v, const struct vault_at *at)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	OWNED_BUF struct buf part;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	enum err e = vault_part(v, at, PART_RULES, &part);
	if (!e)
		e = wire_rules_unpack(&r, buf_view(&part));
	if (e == E_FORMAT || e == E_AUTH || e == E_NOTFOUND)
		e = forget_damaged(v, at);
	else if (!e)
		e = forget_instance(v, r->instance);
	return e ? e : vault_erase(v, at);
}

enum err
sync_erase_rows(
	struct vault *v, const uint8_t participant[static ID_BYTES], struct view entries)
{
	const struct view id = view_of(participant, ID_BYTES);
	struct cursor c = cursor_of(entries);
	struct vault_at at;
	enum err e = sync_hold_drop_of(v, participant);
	while (!e && c.left && sync_erase_place(&c, &at))
		e = erase_entry(v, &at);
	if (!e)
		e = drop_all(v, VAULT_CONSENTS, id);
	if (!e)
		e = drop_all(v, VAULT_CURRENT, id);
	if (!e)
		e = drop_all(v, VAULT_HELD_OF, id);
	if (!e)
		e = drop_all(v, VAULT_PERSONS, id);
	if (!e)
		e = mark_person(v, participant);
	if (!e)
		e = drop_codes(v, VAULT_PEOPLE, participant);
	return e ? e : drop_codes(v, VAULT_STRANGERS, participant);
}
