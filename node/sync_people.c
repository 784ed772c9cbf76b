#include "node/sync_people.h"

#include <string.h>

#include "common/codec/wire_rules.h"
#include "common/study/receipt.h"

#include "node/numbered.h"
#include "node/sync_erase.h"
#include "node/sync_item.h"

#define LIST_MAX_BYTES   ((size_t)8 * 1024 * 1024)
#define PERSON_KEY_BYTES 29 /* pseudonym 16, incarnation 4, lane 1, seq 8 */

/* What is held of a code that nobody knew is sealed to a pseudonym already: it is kept. */
static enum err
make_person(struct vault *v, struct view code, uint8_t ret[static ID_BYTES])
{
	struct view row;
	enum err e = vault_get(v, VAULT_STRANGERS, code, &row);
	if (!e && row.len == ID_BYTES) {
		memcpy(ret, row.at, ID_BYTES);
		e = vault_delete(v, VAULT_STRANGERS, code);
	} else if (e == E_NOTFOUND) {
		pseudonym_make(ret, v, code);
		e = OK;
	}
	return e ? e : vault_put(v, VAULT_PEOPLE, code, view_of(ret, ID_BYTES));
}

static enum err
add_person(struct vault *v, struct view code, struct buf *answer)
{
	uint8_t id[ID_BYTES];
	if (!sync_item_is_code(code))
		return fail(E_FORMAT, "a study code is not of its form");
	enum err e = sync_erase_check(v, code);
	if (e)
		return e;
	e = pseudonym_find(v, code, id);
	if (e == E_NOTFOUND)
		e = make_person(v, code, id);
	if (!e)
		buf_add(answer, id, sizeof(id));
	return e;
}

enum err
sync_people_of(struct vault *v, struct cursor *asks, struct buf *answer)
{
	uint32_t count = cursor_u32(asks);
	if (asks->broken || count > SYNC_PEOPLE_MAX_COUNT)
		return fail(E_FORMAT, "too many study codes at once");
	/* All are looked at before the first is made: a refusal makes nobody. */
	struct cursor look = *asks;
	for (uint32_t i = 0; i < count; i++)
		if (!sync_item_is_code(cursor_blob(&look)))
			return fail(E_FORMAT, "study code %u is not of its form", i);
	enum err e = cursor_end(&look, "study codes");
	buf_u32(answer, count);
	for (uint32_t i = 0; !e && i < count; i++)
		if ((e = add_person(v, cursor_blob(asks), answer)) && count > 1)
			e = fail_in(e, "item %u", i);
	return e ? e : buf_check(answer, "pseudonyms");
}

/* one person */

struct list {
	struct vault *vault;
	uint32_t count;
	struct buf items;
};

static enum err
list_entry(void *arg, struct view key, struct view content)
{
	struct list *l = arg;
	char name[VAULT_NAME_BYTES];
	struct cursor c = cursor_of(key);
	(void)content;
	(void)cursor_bytes(&c, ID_BYTES);
	struct vault_at at = {.incarnation = cursor_u32(&c)};
	at.lane = (enum lane)cursor_u8(&c);
	at.seq = cursor_u64(&c);
	if (key.len != PERSON_KEY_BYTES)
		return OK;
	vault_name(l->vault, &at, name);
	buf_blob_text(&l->items, name);
	l->count++;
	return OK;
}

static enum err
list_consent(void *arg, struct view key, struct view content)
{
	struct list *l = arg;
	OWNED_BUF struct buf part;
	struct cursor c = cursor_of(content);
	if (sync_consents_is_opt_out(key))
		return OK;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	const struct vault_at at = vault_at_read(&c);
	enum err e = cursor_end(&c, "consent on file");
	if (!e)
		e = vault_part(l->vault, &at, PART_RULES, &part);
	if (e)
		return e;
	buf_blob(&l->items, buf_view(&part));
	l->count++;
	return OK;
}

static enum err
add_list(struct vault *v, enum vault_table table, const uint8_t person[static ID_BYTES],
	vault_each_fn *each, struct buf *answer)
{
	struct list l = {.vault = v};
	buf_init(&l.items, LIST_MAX_BYTES);
	enum err e = vault_each(v, table, view_of(person, ID_BYTES), each, &l);
	if (!e)
		e = buf_check(&l.items, "what is on file of a person");
	if (!e) {
		buf_u32(answer, l.count);
		buf_add_view(answer, buf_view(&l.items));
	}
	buf_done(&l.items);
	return e;
}

enum err
sync_people_file(struct vault *v, struct cursor *asks, struct buf *answer)
{
	uint8_t person[ID_BYTES];
	struct view code = cursor_blob(asks);
	enum err e = cursor_end(asks, "study code");
	if (!e && !sync_item_is_code(code))
		e = fail(E_FORMAT, "the study code is not of its form");
	if (!e)
		e = pseudonym_find(v, code, person);
	if (e == E_NOTFOUND)
		return fail(e, "this study code is not known at this site");
	if (e)
		return e;
	buf_add(answer, person, sizeof(person));
	e = add_list(v, VAULT_PERSONS, person, list_entry, answer);
	if (!e)
		e = add_list(v, VAULT_CONSENTS, person, list_consent, answer);
	return e ? e : buf_check(answer, "what is on file of a person");
}

/* the person of a receipt */

struct search {
	uint8_t start[RECEIPT_START_BYTES];
	uint8_t person[ID_BYTES];
	struct view code; /* lent by the vault */
	bool found, is_double;
};

/* A damaged one may be anybody's: the others are looked at. */
static enum err
see_numbered(void *arg, const struct wire_rules *r)
{
	struct search *s = arg;
	if (!r)
		return OK;
	s->is_double =
		s->is_double || (s->found && memcmp(s->person, r->participant, ID_BYTES) != 0);
	s->found = true;
	memcpy(s->person, r->participant, ID_BYTES);
	return OK;
}

static enum err
compare_person(void *arg, struct view key, struct view content)
{
	struct search *s = arg;
	if (view_same(content, view_of(s->person, ID_BYTES)))
		s->code = key;
	return OK;
}

enum err
sync_people_receipt(struct vault *v, struct cursor *asks, struct buf *answer)
{
	struct search s = {.found = false};
	cursor_copy(asks, s.start, sizeof(s.start));
	enum err e = cursor_end(asks, "receipt number");
	if (!e)
		e = numbered_each(v, s.start, see_numbered, &s);
	if (!e && !s.found)
		e = fail(E_NOTFOUND, "no consent or change at this site has this receipt "
				     "number");
	if (!e && s.is_double)
		e = fail(E_CONFLICT, "two persons have this receipt number: use the study "
				     "code");
	if (!e)
		e = vault_each(v, VAULT_PEOPLE, view_of(NULL, 0), compare_person, &s);
	if (!e && !s.code.len)
		e = fail(E_NOTFOUND, "the study code of this person is not known here any "
				     "more: use the card");
	if (!e)
		buf_blob(answer, s.code);
	return e ? e : buf_check(answer, "study code");
}
