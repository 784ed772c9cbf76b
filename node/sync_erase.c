#include "node/sync_erase.h"

#include <string.h>

#include "common/base/mem.h"

#include "node/mark.h"
#include "node/numbered.h"
#include "node/sync_erase_rows.h"
#include "node/sync_review.h"
#include "node/vault_erase.h"

#define PERSON_KEY_BYTES 29
#define MS_PER_S         1000
#define PERSON_MAX_BYTES ((size_t)64 << 20)
#define META_DAMAGED     "erase-damaged"
#define NOT_AT_HUB       "not everything about this person is at the hub yet: try again later"

/* the mark */

enum err
sync_erase_check(struct vault *v, struct view code)
{
	return mark_check(v, code);
}

/* one person */

struct person {
	uint8_t id[ID_BYTES];
	uint8_t instance[ID_BYTES]; /* of the change */
	int64_t stopped_s;
	struct buf entries; /* keys of the rows, blob after blob */
	bool waits;         /* something is not at the hub */
};

static enum err
see_entry(void *arg, struct view key, struct view content)
{
	struct person *p = arg;
	(void)content;
	if (key.len == PERSON_KEY_BYTES)
		buf_blob(&p->entries, key);
	return OK;
}

static void
person_done(struct person *p)
{
	buf_done(&p->entries);
}

/* What stood in an earlier incarnation was at the hub when this one began, or is said again. */
static enum err
check_at_hub(struct vault *v, struct person *p)
{
	struct cursor c = cursor_of(buf_view(&p->entries));
	enum err e = OK;
	while (!e && c.left) {
		struct vault_at at;
		struct vault_mark m;
		if (!sync_erase_place(&c, &at))
			return fail(E_FORMAT, "the vault is damaged: a row of a person");
		if (at.incarnation != vault_incarnation(v))
			continue;
		e = vault_mark_get(v, at.lane, &m);
		p->waits = p->waits || (!e && at.seq > m.at_hub);
	}
	return e;
}

/* who asked */

struct search {
	struct person *person;
	bool found, is_damaged;
};

/* Erasing cannot be taken back by a consent that came later: it asks for another code. */
static enum err
see_wish(void *arg, const struct wire_rules *r)
{
	struct search *s = arg;
	s->is_damaged = s->is_damaged || !r;
	if (!r || r->kind != RULES_CHANGE || !r->consent.level ||
		strcmp(r->consent.level, "erase") != 0)
		return OK;
	s->found = true;
	memcpy(s->person->id, r->participant, ID_BYTES);
	memcpy(s->person->instance, r->instance, ID_BYTES);
	s->person->stopped_s = r->consent.given_at_s;
	return OK;
}

static enum err
find_rows(struct vault *v, struct person *p)
{
	enum err e = vault_each(v, VAULT_PERSONS, view_of(p->id, ID_BYTES), see_entry, p);
	if (!e)
		e = buf_check(&p->entries, "rows of a person");
	if (!e)
		e = check_at_hub(v, p);
	return !e && p->waits ? fail(E_BUSY, NOT_AT_HUB) : e;
}

static enum err
find_wish(struct vault *v, const uint8_t start[static RECEIPT_START_BYTES], struct person *ret)
{
	struct search s = {.person = ret};
	enum err e = numbered_each(v, start, see_wish, &s);
	if (e)
		return e;
	if (!s.found && s.is_damaged)
		return fail(E_CONFLICT,
			"the wish of somebody who asked to be erased is damaged: it is carried "
			"out when it is mended");
	if (!s.found)
		return fail(E_NOTFOUND,
			"nobody at this site asked for it under this number, or "
			"it is done already");
	return find_rows(v, ret);
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
		e = sync_erase_rows(ask->judge->vault, meant->id, buf_view(&meant->entries));
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

static void
person_init(struct person *p, int64_t stopped_s)
{
	*p = (struct person){.stopped_s = stopped_s};
	buf_init(&p->entries, PERSON_MAX_BYTES);
}

enum err
sync_erase_named(const struct sync_erase_ask *ask, const struct terms_gone *gone,
	const uint8_t participant[static ID_BYTES])
{
	OWNED_BY(person_done) struct person p;
	person_init(&p, gone->stopped_s);
	memcpy(p.id, participant, sizeof(p.id));
	memcpy(p.instance, gone->start, sizeof(gone->start));
	enum err e = find_rows(ask->judge->vault, &p);
	return e ? e : put_erased(ask, &p);
}

enum err
sync_erase_run(const struct sync_erase_ask *ask, struct view paper, struct view signature)
{
	OWNED_BY(person_done) struct person p;
	uint8_t start[RECEIPT_START_BYTES];
	bool is_known = false;
	person_init(&p, 0);
	enum err e = sync_erased_check(ask, paper, signature, start);
	if (!e)
		e = sync_erased_keep(ask, start, paper, signature, &is_known);
	/* Done before: what the hub says of it now is kept. */
	if (!e && is_known) {
		e = vault_commit(ask->judge->vault);
		return e ? e : vault_settle_compact(ask->judge->vault);
	}
	if (!e)
		e = find_wish(ask->judge->vault, start, &p);
	return e ? e : carry_out(ask, &p);
}

/* what could not be read */

enum err
sync_erase_note_damaged(struct vault *v, uint32_t count)
{
	OWNED_BUF struct buf row;
	uint32_t before = 0;
	buf_init(&row, sizeof(count));
	enum err e = sync_erase_damaged(v, &before);
	if (e || before == count)
		return e;
	buf_u32(&row, count);
	return vault_put(v, VAULT_META, view_text(META_DAMAGED), buf_view(&row));
}

enum err
sync_erase_damaged(struct vault *v, uint32_t *ret)
{
	struct view row;
	*ret = 0;
	enum err e = vault_get(v, VAULT_META, view_text(META_DAMAGED), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	const uint32_t count = cursor_u32(&c);
	e = cursor_end(&c, "wishes that are damaged");
	*ret = e ? 0 : count;
	return e;
}
