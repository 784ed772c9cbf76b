#include "node/sync_erase.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/wire_rules.h"
#include "common/study/receipt.h"

#include "node/mark.h"
#include "node/sync_erased.h"
#include "node/sync_files.h"
#include "node/sync_hold.h"
#include "node/sync_review.h"
#include "node/vault_erase.h"

#define PERSON_KEY_BYTES 29
#define MS_PER_S         1000
#define PERSON_MAX_BYTES ((size_t)64 << 20)
#define NOT_AT_HUB       "not everything about this person is at the hub yet: try again later"

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

/* the mark */

enum err
sync_erase_check(struct vault *v, struct view code)
{
	return mark_check(v, code);
}

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

/* one person */

struct person {
	uint8_t id[ID_BYTES];
	uint8_t instance[ID_BYTES]; /* of the change */
	int64_t stopped_s;
	struct keys entries;
	bool waits; /* something is not at the hub */
};

static enum err
see_entry(void *arg, struct view key, struct view content)
{
	struct person *p = arg;
	(void)content;
	if (key.len == PERSON_KEY_BYTES)
		buf_blob(&p->entries.bytes, key);
	return OK;
}

static bool
read_place(struct cursor *c, struct vault_at *ret)
{
	struct cursor key = cursor_of(cursor_blob(c));
	(void)cursor_bytes(&key, ID_BYTES);
	ret->incarnation = cursor_u32(&key);
	ret->lane = (enum lane)cursor_u8(&key);
	ret->seq = cursor_u64(&key);
	return !key.broken;
}

static void
person_done(struct person *p)
{
	keys_done(&p->entries);
}

/* What stood in an earlier incarnation was at the hub when this one began, or is said again. */
static enum err
check_at_hub(struct vault *v, struct person *p)
{
	struct cursor c = cursor_of(buf_view(&p->entries.bytes));
	enum err e = OK;
	while (!e && c.left) {
		struct vault_at at;
		struct vault_mark m;
		if (!read_place(&c, &at))
			return fail(E_FORMAT, "the vault is damaged: a row of a person");
		if (at.incarnation != vault_incarnation(v))
			continue;
		e = vault_mark_get(v, at.lane, &m);
		p->waits = p->waits || (!e && at.seq > m.at_hub);
	}
	return e;
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
erase_entry(struct vault *v, const struct vault_at *at)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	OWNED_BUF struct buf part;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	enum err e = vault_part(v, at, PART_RULES, &part);
	if (!e)
		e = wire_rules_unpack(&r, buf_view(&part));
	if (e && e != E_NOTFOUND)
		return e;
	e = OK;
	if (r) {
		const struct view id = view_of(r->instance, ID_BYTES);
		e = forget_submission(v, r->instance);
		if (!e)
			e = drop(v, VAULT_LOCALS, id);
		if (!e)
			e = drop(v, VAULT_INSTANCES, id);
		if (!e)
			e = sync_review_forget(v, r->instance);
	}
	return e ? e : vault_erase(v, at);
}

static enum err
erase_person(struct vault *v, struct person *p)
{
	const struct view id = view_of(p->id, ID_BYTES);
	struct cursor c = cursor_of(buf_view(&p->entries.bytes));
	struct vault_at at;
	enum err e = sync_hold_drop_of(v, p->id);
	while (!e && c.left && read_place(&c, &at))
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
		e = mark_person(v, p->id);
	if (!e)
		e = drop_codes(v, VAULT_PEOPLE, p->id);
	return e ? e : drop_codes(v, VAULT_STRANGERS, p->id);
}

/* who asked */

struct search {
	struct vault *vault;
	struct person *list; /* owned */
	size_t count;
	bool is_damaged; /* a consent could not be read: whose it is is not known */
};

static void
search_done(struct search *s)
{
	for (size_t i = 0; i < s->count; i++)
		keys_done(&s->list[i].entries);
	mem_drop(&s->list);
}

static struct person *
person_of(struct search *s, const uint8_t *id)
{
	for (size_t i = 0; i < s->count; i++)
		if (memcmp(s->list[i].id, id, ID_BYTES) == 0)
			return &s->list[i];
	s->list = xrealloc(s->list, s->count + 1, sizeof(*s->list));
	struct person *p = &s->list[s->count++];
	*p = (struct person){.waits = false};
	memcpy(p->id, id, ID_BYTES);
	buf_init(&p->entries.bytes, PERSON_MAX_BYTES);
	return p;
}

/* Erasing cannot be taken back by a consent that came later: it asks for another code. */
static enum err
see_consent(void *arg, struct view key, struct view content)
{
	struct search *s = arg;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	OWNED_BUF struct buf part;
	struct cursor c = cursor_of(content);
	const struct vault_at at = vault_at_read(&c);
	(void)key;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	enum err e = cursor_end(&c, "consent on file");
	if (!e)
		e = vault_part(s->vault, &at, PART_RULES, &part);
	if (!e)
		e = wire_rules_unpack(&r, buf_view(&part));
	/* Damage waits for the scrub; what is about others goes on meanwhile. */
	s->is_damaged = s->is_damaged || e == E_FORMAT || e == E_AUTH || e == E_NOTFOUND;
	if (e == E_FORMAT || e == E_AUTH || e == E_NOTFOUND)
		return OK;
	if (e || r->kind != RULES_CHANGE || !r->consent.level ||
		strcmp(r->consent.level, "erase") != 0)
		return e;
	struct person *p = person_of(s, r->participant);
	memcpy(p->instance, r->instance, ID_BYTES);
	p->stopped_s = r->consent.given_at_s;
	return OK;
}

static enum err
find_all(struct search *s)
{
	enum err e = vault_each(s->vault, VAULT_CONSENTS, view_of(NULL, 0), see_consent, s);
	for (size_t i = 0; !e && i < s->count; i++) {
		struct person *p = &s->list[i];
		e = vault_each(s->vault, VAULT_PERSONS, view_of(p->id, ID_BYTES), see_entry, p);
		if (!e)
			e = check_at_hub(s->vault, p);
	}
	return e;
}

static enum err
choose(struct search *s, const uint8_t *start, struct person **ret)
{
	*ret = NULL;
	for (size_t i = 0; i < s->count; i++)
		if (memcmp(s->list[i].instance, start, RECEIPT_START_BYTES) == 0)
			*ret = &s->list[i];
	if (!*ret && s->is_damaged)
		return fail(E_BUSY, "a consent is damaged: try again when it is mended");
	if (!*ret)
		return fail(E_NOTFOUND,
			"nobody at this site asked for it under this number, or "
			"it is done already");
	return (*ret)->waits ? fail(E_BUSY, NOT_AT_HUB) : OK;
}

static enum err
put_erased(const struct sync_erase_ask *ask, struct person *meant)
{
	struct sync_review review;
	struct sync_erased done = {.stopped_s = meant->stopped_s};
	memcpy(done.start, meant->instance, sizeof(done.start));
	done.gone_s = ask->judge->now_ms / MS_PER_S;
	enum err e = sync_review_get(ask->judge->vault, NULL, &review);
	done.review = review.number;
	if (!e)
		e = erase_person(ask->judge->vault, meant);
	return e ? e : sync_erased_note(ask, &done);
}

/* What came before in this turn was kept: the vault moves to a new file. */
static enum err
carry_out(const struct sync_erase_ask *ask, struct person *meant)
{
	enum err e = put_erased(ask, meant);
	if (!e)
		e = vault_commit(ask->judge->vault);
	return e ? e : vault_compact(ask->judge->vault);
}

enum err
sync_erase_named(const struct sync_erase_ask *ask, const struct terms_gone *gone,
	const uint8_t participant[static ID_BYTES])
{
	OWNED_BY(person_done) struct person p = {.stopped_s = gone->stopped_s};
	memcpy(p.id, participant, sizeof(p.id));
	memcpy(p.instance, gone->start, sizeof(gone->start));
	buf_init(&p.entries.bytes, PERSON_MAX_BYTES);
	enum err e = vault_each(
		ask->judge->vault, VAULT_PERSONS, view_of(p.id, ID_BYTES), see_entry, &p);
	if (!e)
		e = buf_check(&p.entries.bytes, "rows of a person");
	if (!e)
		e = check_at_hub(ask->judge->vault, &p);
	if (!e && p.waits)
		e = fail(E_BUSY, NOT_AT_HUB);
	return e ? e : put_erased(ask, &p);
}

enum err
sync_erase_run(const struct sync_erase_ask *ask, struct view paper, struct view signature)
{
	OWNED_BY(search_done) struct search s = {.vault = ask->judge->vault};
	uint8_t start[RECEIPT_START_BYTES];
	struct person *meant = NULL;
	bool is_known = false;
	enum err e = sync_erased_check(ask, paper, signature, start);
	if (!e)
		e = sync_erased_keep(ask, start, paper, signature, &is_known);
	/* Done before: what the hub says of it now is kept. */
	if (!e && is_known) {
		e = vault_commit(ask->judge->vault);
		return e ? e : vault_settle_compact(ask->judge->vault);
	}
	if (!e)
		e = find_all(&s);
	if (!e)
		e = choose(&s, start, &meant);
	return e ? e : carry_out(ask, meant);
}
