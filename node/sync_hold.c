#include "node/sync_hold.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/mark.h"
#include "node/sync_hold_ids.h"
#include "node/sync_kept.h"

#define MS_PER_S         1000
#define DAY_S            86400
#define ENTER_ROOM_BYTES 4096 /* rows beside what is entered */

/* dropping */

static enum err
remember_gone(struct vault *v, const uint8_t id[static ID_BYTES])
{
	OWNED_SUBMISSION struct sync_submission s;
	struct sync_submission gone = {.state = SUBMISSION_GONE};
	enum err e = sync_submission_get(v, id, &s);
	if (e == E_NOTFOUND)
		return OK;
	if (e && e != E_FORMAT)
		return e;
	/* Of a damaged row the id alone is remembered. */
	if (!e) {
		gone.received_s = s.received_s;
		gone.form = s.form;
		memcpy(gone.digest, s.digest, HASH_BYTES);
	}
	return sync_submission_put(v, id, &gone);
}

static enum err
drop(struct vault *v, const uint8_t id[static ID_BYTES],
	const uint8_t participant[static ID_BYTES])
{
	enum err e = sync_file_drop(v, id);
	if (!e)
		e = sync_hold_delete(v, id, participant);
	return e ? e : remember_gone(v, id);
}

enum err
sync_hold_drop(struct vault *v, const uint8_t id[static ID_BYTES])
{
	OWNED_HOLD struct sync_hold h;
	enum err e = sync_hold_get(v, id, &h);
	return e ? e : drop(v, id, h.participant);
}

enum err
sync_hold_drop_of(struct vault *v, const uint8_t participant[static ID_BYTES])
{
	OWNED_HOLD_IDS struct sync_hold_ids l;
	enum err e = OK;
	sync_hold_ids_init(&l, view_of(participant, ID_BYTES));
	do {
		e = sync_hold_ids_page(v, &l);
		for (size_t i = 0; !e && i < l.count; i++)
			e = drop(v, l.list[i], participant);
	} while (!e && l.count == SYNC_HOLD_PAGE_COUNT);
	return e;
}

/* going on */

/* A code that nobody was asked about becomes this person's when a coordinator accepts it. */
static enum err
settle_code(const struct sync_try *t, const struct sync_hold *h)
{
	static const uint8_t nobody[ID_BYTES];
	uint8_t person[ID_BYTES];
	struct vault *v = t->judge->vault;
	if (memcmp(h->participant, nobody, ID_BYTES) == 0)
		return OK;
	if (!sync_item_is_code(h->code))
		return fail(E_DENIED, "it names no study code: drop it, and enter it anew");
	enum err e = mark_check(v, h->code);
	if (e)
		return e;
	e = pseudonym_find(v, h->code, person);
	if (!e && memcmp(person, h->participant, ID_BYTES) != 0)
		return fail(E_DENIED, "its study code has become another person's meanwhile: "
				      "drop it, and enter it anew");
	if (e != E_NOTFOUND)
		return e;
	if (!t->accepted)
		return fail(E_DENIED, "its study code is not known at this site");
	e = vault_put(v, VAULT_PEOPLE, h->code, view_of(h->participant, ID_BYTES));
	if (!e && vault_delete(v, VAULT_STRANGERS, h->code) == E_IO)
		e = E_IO;
	return e;
}

static enum err
enter(const struct sync_try *t, const struct sync_hold *h, struct sync_item *item,
	const struct sync_ruling *verdict)
{
	struct sync_submission row = {.received_s = h->received_s,
		.form = h->form,
		.version = h->version,
		.collector = h->collector,
		.agent = h->agent,
		.expected = h->expected,
		.expected_count = h->expected_count};
	struct sync_entering x = {.vault = t->judge->vault,
		.item = item,
		.verdict = verdict,
		.site_part = h->site_part,
		.row = &row};
	bool consent;
	memcpy(row.digest, h->digest, HASH_BYTES);
	memcpy(row.participant, h->participant, ID_BYTES);
	enum err e = vault_room(t->judge->vault, h->item.len + ENTER_ROOM_BYTES);
	if (!e)
		e = sync_enter(&x, &consent);
	return e ? e : sync_hold_delete(t->judge->vault, t->id, h->participant);
}

int64_t
sync_hold_end_s(const struct sync_judge *j, uint8_t why)
{
	const bool ends =
		why == HOLD_NO_CONSENT || why == HOLD_ENDED || terms_left(j->terms, j->now_ms);
	return ends ? j->now_ms / MS_PER_S + (int64_t)HOLD_DAYS * DAY_S : 0;
}

/* It is held for another reason from now on. */
static enum err
hold_anew(const struct sync_try *t, struct sync_hold *h, const struct sync_ruling *verdict)
{
	OWNED_SUBMISSION struct sync_submission s = {.state = 0};
	struct vault *v = t->judge->vault;
	const int64_t end_s = sync_hold_end_s(t->judge, verdict->why);
	if (h->why != verdict->why || !h->expires_s || !end_s)
		h->expires_s = end_s;
	h->why = verdict->why;
	h->reason = view_text(verdict->reason);
	enum err e = sync_hold_put(v, t->id, h);
	if (!e)
		e = sync_submission_get(v, t->id, &s);
	else
		s = (struct sync_submission){0};
	s.state = SUBMISSION_HELD;
	return e ? e : sync_submission_put(v, t->id, &s);
}

static enum err
wait_for_files(const struct sync_try *t, struct sync_hold *h, bool *ret_waits)
{
	OWNED_SUBMISSION struct sync_submission s = {.state = 0};
	struct sync_missing missing;
	struct vault *v = t->judge->vault;
	*ret_waits = false;
	enum err e = sync_file_missing(v, t->id, h->expected, h->expected_count, &missing);
	if (e || t->without_files || missing.hub == 0)
		return e;
	*ret_waits = true;
	h->why = 0;
	h->reason = view_text("files of it have not come yet");
	h->expires_s = t->judge->now_ms / MS_PER_S + SYNC_WAIT_FILES_S;
	e = sync_hold_put(v, t->id, h);
	if (!e)
		e = sync_submission_get(v, t->id, &s);
	s.state = SUBMISSION_WAITING;
	return e ? e : sync_submission_put(v, t->id, &s);
}

static enum err
go_on(const struct sync_try *t, struct sync_hold *h, uint8_t *ret_why)
{
	OWNED_ITEM struct sync_item item = {.entry_count = 0};
	struct sync_ruling verdict;
	struct cursor c = cursor_of(h->item);
	bool waits = false;
	struct sync_question q = {
		t->judge, &item, h->previous, t->accepted, t->accepted && h->why == HOLD_ENDED};
	enum err e = sync_item_read(&c, &item);
	memcpy(item.participant, h->participant, ID_BYTES);
	item.has_files_of_site = sync_expects_at_site(h->expected, h->expected_count);
	if (!e)
		e = sync_enter_judge(&q, &verdict);
	if (!e && verdict.why) {
		*ret_why = verdict.why;
		return hold_anew(t, h, &verdict);
	}
	if (!e && item.entries[item.entry_count - 1].rules->kind == RULES_RECORD)
		e = wait_for_files(t, h, &waits);
	*ret_why = 0;
	return e || waits ? e : enter(t, h, &item, &verdict);
}

enum err
sync_hold_try(const struct sync_try *t, uint8_t *ret_why)
{
	OWNED_HOLD struct sync_hold h;
	*ret_why = 0;
	enum err e = sync_hold_get(t->judge->vault, t->id, &h);
	if (e)
		return e;
	*ret_why = h.why;
	if (h.why == HOLD_OTHER_COPY)
		return fail(E_DENIED, "its number is that of a record with other answers: "
				      "correct that record, and drop this one");
	if (!h.item.len)
		return fail(E_DENIED, "it could not be taken apart by its form: it can be read "
				      "at the desk, and dropped");
	e = sync_kept_opens(t->judge, t->id, &h);
	if (!e && (h.why == HOLD_NO_CODE || (h.why && t->accepted)))
		e = settle_code(t, &h);
	if (e)
		return e;
	return go_on(t, &h, ret_why);
}

/* What only a coordinator can decide stays where it is. */
static bool
goes_on_by_itself(uint8_t why)
{
	return why == HOLD_NO_CONSENT || why == HOLD_NO_CODE || why == HOLD_TERMS;
}

static enum err
release_one(const struct sync_judge *j, const uint8_t id[static ID_BYTES])
{
	OWNED_HOLD struct sync_hold h;
	struct sync_try t = {.judge = j, .id = id};
	uint8_t why;
	enum err e = sync_hold_get(j->vault, id, &h);
	if (e || !goes_on_by_itself(h.why))
		return e;
	e = sync_hold_try(&t, &why);
	return e == E_DENIED ? OK : e;
}

enum err
sync_hold_release(const struct sync_judge *j, const uint8_t participant[static ID_BYTES])
{
	OWNED_HOLD_IDS struct sync_hold_ids l;
	enum err e = OK;
	sync_hold_ids_init(&l, view_of(participant, ID_BYTES));
	do {
		e = sync_hold_ids_page(j->vault, &l);
		for (size_t i = 0; !e && i < l.count; i++)
			e = release_one(j, l.list[i]);
	} while (!e && l.count == SYNC_HOLD_PAGE_COUNT);
	return e;
}
