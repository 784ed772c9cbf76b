#include "hub/person.h"

#include <stdio.h>
#include <string.h>

#include "common/codec/text.h"
#include "common/codec/wire_study.h"

bool
person_has_role(const struct person *p, const char *role)
{
	for (size_t i = 0; i < p->role_count; i++)
		if (strcmp(p->roles[i], role) == 0)
			return true;
	return false;
}

/* The card inside a row, lent by the row. */
static enum err
person_row(struct view row, struct view *ret_signed, int64_t *ret_revoked_s)
{
	struct cursor c = row_begin(row);
	*ret_signed = cursor_blob(&c);
	*ret_revoked_s = (int64_t)cursor_u64(&c);
	return row_end(&c, "person");
}

static enum err
person_from_card(struct person *ret, const struct wire_card *card)
{
	struct person p = {.role_count = card->role_count};
	if (card->role_count > PERSON_ROLES_COUNT)
		return fail(E_FORMAT, "person %s has more than %d roles", card->person,
			PERSON_ROLES_COUNT);
	if (strlen(card->name) >= sizeof(p.name) ||
		strlen(card->organisation) >= sizeof(p.organisation))
		return fail(E_FORMAT, "the name or organisation of person %s is too long",
			card->person);
	(void)snprintf(p.id, sizeof(p.id), "%s", card->person);
	memcpy(p.name, card->name, strlen(card->name));
	memcpy(p.organisation, card->organisation, strlen(card->organisation));
	for (size_t i = 0; i < card->role_count; i++)
		if (snprintf(p.roles[i], sizeof(p.roles[i]), "%s", card->roles[i]) >=
			(int)sizeof(p.roles[i]))
			return fail(E_FORMAT, "a role of person %s is too long", card->person);
	memcpy(p.sign_public, card->sign_public, sizeof(p.sign_public));
	memcpy(p.box_public, card->box_public, sizeof(p.box_public));
	*ret = p;
	return OK;
}

static enum err
person_unpack(struct person *ret, struct view *ret_signed, struct view row)
{
	int64_t revoked_s = 0;
	struct wire_signed s;
	struct wire_card card;
	enum err e = person_row(row, ret_signed, &revoked_s);
	if (!e)
		e = wire_signed_unpack(&s, *ret_signed);
	if (!e)
		e = wire_card_unpack(&card, s.body);
	if (!e)
		e = person_from_card(ret, &card);
	if (!e)
		ret->revoked_s = revoked_s;
	return e;
}

/* What goes in is what comes out again: a row that no reader takes would hide all the
 * others. */
static enum err
check_row(struct view row, const char *id)
{
	struct person p;
	struct view card;
	enum err e = person_unpack(&p, &card, row);
	if (!e && (strcmp(p.id, id) != 0 || !text_is_name(id, sizeof(p.id) - 1)))
		e = fail(E_FORMAT, "the id of a person is a-z 0-9 _ - and that of the card");
	if (!e && !p.organisation[0])
		e = fail(E_FORMAT, "the card of person %s names no organisation", id);
	if (!e && (!text_is_plain(p.name) || !text_is_plain(p.organisation)))
		e = fail(E_FORMAT,
			"the name or organisation of person %s has control characters", id);
	return e;
}

struct key_search {
	const uint8_t *key;
	bool found;
};

static enum err
search_key(void *arg, const struct person *p, struct view card)
{
	struct key_search *s = arg;
	(void)card;
	if (memcmp(p->sign_public, s->key, SIGN_PUBLIC_BYTES) == 0)
		s->found = true;
	return OK;
}

/* Whoever holds one key twice would be two persons, and separation is by person. */
static enum err
check_key(struct vault_txn *t, struct view row)
{
	struct person p;
	struct view card;
	struct key_search s = {.key = p.sign_public};
	enum err e = person_unpack(&p, &card, row);
	if (!e)
		e = person_each(t, search_key, &s);
	return !e && s.found ? fail(E_CONFLICT, "another person has the key of %s", p.id) : e;
}

enum err
person_add(struct vault_txn *t, const char *id, struct view signed_card)
{
	OWNED_BUF struct buf row;
	struct person known;
	char what[ROW_ID_BYTES + 16];
	(void)snprintf(what, sizeof(what), "a person %s", id);
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_blob(&row, signed_card);
	buf_u64(&row, 0);
	enum err e = buf_check(&row, "person");
	if (!e)
		e = check_row(buf_view(&row), id);
	if (!e)
		e = row_absent(person_get(t, id, &known), what);
	if (!e)
		e = check_key(t, buf_view(&row));
	return e ? e : vault_put_new(t, VAULT_PERSONS, view_text(id), buf_view(&row));
}

enum err
person_get(struct vault_txn *t, const char *id, struct person *ret)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	*ret = (struct person){0};
	enum err e = vault_get(t, VAULT_PERSONS, view_text(id), &row);
	if (e == E_NOTFOUND)
		return fail(e, "nobody of the study is called %s", id);
	struct view card;
	return e ? e : person_unpack(ret, &card, buf_view(&row));
}

enum err
person_revoke(struct vault_txn *t, const char *id, int64_t at_s)
{
	OWNED_BUF struct buf card, row;
	struct person known;
	buf_init(&card, ROW_MAX_BYTES);
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = person_get(t, id, &known);
	if (!e && known.revoked_s)
		e = fail(E_CONFLICT, "%s is no longer in office", id);
	if (!e)
		e = person_card(t, id, &card);
	if (e)
		return e;
	buf_u8(&row, ROW_VERSION);
	buf_blob(&row, buf_view(&card));
	buf_u64(&row, (uint64_t)at_s);
	e = buf_check(&row, "person");
	return e ? e : vault_put(t, VAULT_PERSONS, view_text(id), buf_view(&row));
}

enum err
person_card(struct vault_txn *t, const char *id, struct buf *out)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = vault_get(t, VAULT_PERSONS, view_text(id), &row);
	if (e == E_NOTFOUND)
		return fail(e, "nobody of the study is called %s", id);
	struct view card;
	int64_t revoked_s;
	if (!e)
		e = person_row(buf_view(&row), &card, &revoked_s);
	if (!e)
		buf_add_view(out, card);
	return e;
}

struct person_walk {
	person_fn *each;
	void *arg;
};

static enum err
person_visit(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct person_walk *w = arg;
	struct person p;
	struct view card;
	(void)key;
	(void)ret_stop;
	enum err e = person_unpack(&p, &card, value);
	return e ? e : w->each(w->arg, &p, card);
}

enum err
person_each(struct vault_txn *t, person_fn *each, void *arg)
{
	struct person_walk w = {each, arg};
	struct vault_range all = {.table = VAULT_PERSONS};
	return vault_each(t, &all, person_visit, &w);
}
