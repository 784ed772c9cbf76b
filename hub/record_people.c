#include "hub/record.h"

#include <string.h>

#include "common/base/log.h"

#define CONSENT_KEY_BYTES (ID_BYTES + 4)

/* people */

enum err
record_person_get(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	struct record_person *ret)
{
	OWNED_BUF struct buf row;
	struct record_person p = {0};
	buf_init(&row, ROW_MAX_BYTES);
	*ret = p;
	enum err e = vault_get(t, VAULT_PEOPLE, view_of(participant, ID_BYTES), &row);
	if (e)
		return e;
	struct cursor c = row_begin(buf_view(&row));
	cursor_copy(&c, p.writer, sizeof(p.writer));
	cursor_copy(&c, p.audit_key, sizeof(p.audit_key));
	row_text(&c, p.site, sizeof(p.site));
	e = row_end(&c, "participant");
	if (!e)
		*ret = p;
	return e;
}

enum err
record_person_find(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	struct record_person *ret, bool *ret_is)
{
	enum err e = record_person_get(t, participant, ret);
	*ret_is = e == OK;
	if (e == E_AUTH || e == E_FORMAT)
		log_warn("ledger", "the row of a person is damaged: who it is is not known");
	return e == E_NOTFOUND || e == E_AUTH || e == E_FORMAT ? OK : e;
}

enum err
record_person_see(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const struct record_person *first, struct record_person *ret)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = record_person_get(t, participant, ret);
	if (e != E_NOTFOUND)
		return e;
	*ret = *first;
	crypto_random(ret->audit_key, sizeof(ret->audit_key));
	buf_u8(&row, ROW_VERSION);
	buf_add(&row, ret->writer, sizeof(ret->writer));
	buf_add(&row, ret->audit_key, sizeof(ret->audit_key));
	buf_blob_text(&row, ret->site);
	e = buf_check(&row, "participant");
	return e ? e
		 : vault_put_new(
			   t, VAULT_PEOPLE, view_of(participant, ID_BYTES), buf_view(&row));
}

/* consents */

static enum err
next_index(struct vault_txn *t, const uint8_t participant[static ID_BYTES], uint32_t *ret)
{
	OWNED_BUF struct buf key;
	buf_init(&key, CONSENT_KEY_BYTES);
	*ret = 0;
	enum err e = vault_last(t, VAULT_CONSENTS, view_of(participant, ID_BYTES), &key, NULL);
	if (e == E_NOTFOUND)
		return OK;
	if (!e && (key.len != CONSENT_KEY_BYTES ||
			  bytes_get_u32(key.at + ID_BYTES) == UINT32_MAX))
		e = fail(E_FORMAT, "the hub's row of a consent is damaged");
	if (!e)
		*ret = bytes_get_u32(key.at + ID_BYTES) + 1;
	return e;
}

enum err
record_consent_add(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const struct place *p, uint64_t leaf)
{
	OWNED_BUF struct buf row;
	uint8_t key[CONSENT_KEY_BYTES];
	uint32_t index;
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = next_index(t, participant, &index);
	if (e)
		return e;
	memcpy(key, participant, ID_BYTES);
	bytes_put_u32(key + ID_BYTES, index);
	buf_u8(&row, ROW_VERSION);
	place_write(&row, p);
	buf_u64(&row, leaf);
	e = buf_check(&row, "consent");
	return e ? e
		 : vault_put_new(t, VAULT_CONSENTS, view_of(key, sizeof(key)), buf_view(&row));
}

struct consent_walk {
	record_consent_fn *each;
	void *arg;
};

static enum err
consent_visit(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct consent_walk *w = arg;
	struct record_consent consent = {0};
	(void)ret_stop;
	if (key.len != CONSENT_KEY_BYTES)
		return fail(E_FORMAT, "the hub's row of a consent is damaged");
	consent.index = bytes_get_u32(key.at + ID_BYTES);
	struct cursor c = row_begin(value);
	place_read(&c, &consent.place);
	consent.leaf = cursor_u64(&c);
	enum err e = row_end(&c, "consent");
	return e ? e : w->each(w->arg, &consent);
}

enum err
record_consent_each(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	record_consent_fn *each, void *arg)
{
	struct consent_walk w = {each, arg};
	struct vault_range range = {
		.table = VAULT_CONSENTS, .prefix = view_of(participant, ID_BYTES)};
	return vault_each(t, &range, consent_visit, &w);
}
