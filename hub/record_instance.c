#include "hub/record_instance.h"

#include <string.h>

#include "common/codec/text.h"

#define ONCE_PERSONAL "weir-once-v1"

void
record_instance_once(uint8_t ret[static ID_BYTES], const struct wire_rules *r,
	const struct place *p, const char *site)
{
	char writer[2 * SIGN_PUBLIC_BYTES + 1];
	const char *scope = "";
	OWNED_BUF struct buf b;
	buf_init(&b, WIRE_RULES_MAX_BYTES);
	if (wire_is_zero(r->participant, sizeof(r->participant))) {
		text_hex(writer, p->writer, sizeof(p->writer));
		scope = strcmp(r->form, COUNTS_FORM) == 0 ? writer : site;
	}
	buf_blob(&b, view_of(r->participant, sizeof(r->participant)));
	buf_blob_text(&b, scope);
	buf_blob_text(&b, r->form);
	buf_blob_text(&b, r->wave);
	struct view all = buf_view(&b);
	crypto_hash_id(ret, ONCE_PERSONAL, NULL, &all, 1);
}

enum err
record_instance_get(struct vault_txn *t, const uint8_t id[static ID_BYTES], struct place *ret)
{
	OWNED_BUF struct buf row;
	buf_init(&row, PLACE_KEY_BYTES);
	*ret = (struct place){0};
	enum err e = vault_get(t, VAULT_INSTANCES, view_of(id, ID_BYTES), &row);
	return e ? e : place_from_key(ret, buf_view(&row));
}

enum err
record_instance_claim(
	struct vault_txn *t, const uint8_t id[static ID_BYTES], const struct place *p)
{
	uint8_t value[PLACE_KEY_BYTES];
	place_key(value, p);
	return vault_put_new(
		t, VAULT_INSTANCES, view_of(id, ID_BYTES), view_of(value, sizeof(value)));
}

/* Whatever stood for the id until now does not say so any more, unless it goes on. NULL:
 * nothing does. */
static enum err
release(struct vault_txn *t, const uint8_t id[static ID_BYTES], const struct place *next)
{
	struct place before;
	enum err e = record_instance_get(t, id, &before);
	return e || (next && place_same(&before, next)) ? e : record_yield(t, &before);
}

enum err
record_instance_put(
	struct vault_txn *t, const uint8_t id[static ID_BYTES], const struct place *p)
{
	uint8_t value[PLACE_KEY_BYTES];
	place_key(value, p);
	enum err e = release(t, id, p);
	if (e && e != E_NOTFOUND)
		return e;
	return vault_put(
		t, VAULT_INSTANCES, view_of(id, ID_BYTES), view_of(value, sizeof(value)));
}

enum err
record_instance_drop(struct vault_txn *t, const uint8_t id[static ID_BYTES])
{
	enum err e = release(t, id, NULL);
	if (e == E_NOTFOUND)
		return OK;
	/* What cannot be read any more is deleted all the same. */
	if (e && e != E_AUTH && e != E_FORMAT)
		return e;
	return vault_delete(t, VAULT_INSTANCES, view_of(id, ID_BYTES));
}

enum err
record_instance_stands(struct vault_txn *t, const uint8_t id[static ID_BYTES],
	const struct place *p, bool if_none, bool *ret)
{
	struct place other;
	enum err e = record_instance_get(t, id, &other);
	*ret = e == E_NOTFOUND ? if_none : !e && place_same(&other, p);
	return e == E_NOTFOUND ? OK : e;
}
