#include "node/sync_hold.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define MS_PER_S          1000
#define PERSON_HOLD_BYTES (2 * ID_BYTES)
#define LIST_MAX_COUNT    10000
#define DECIDE_ACCEPT     1
#define DECIDE_DROP       2

/* Ids of holds, gathered before anything of them is changed. */
struct ids {
	uint8_t (*list)[ID_BYTES]; /* LIST_MAX_COUNT */
	size_t count;
	const uint8_t *prefix; /* hex digits wanted, as bytes of text; NULL: all */
};

static void
ids_done(struct ids *l)
{
	mem_drop(&l->list);
}
#define OWNED_IDS OWNED_BY(ids_done)

static void
add_id(struct ids *l, const uint8_t *id)
{
	char hex[2 * ID_BYTES + 1];
	text_hex(hex, id, ID_BYTES);
	if (l->prefix && memcmp(hex, l->prefix, SYNC_HOLD_NAME_LEN) != 0)
		return;
	if (l->count < LIST_MAX_COUNT)
		memcpy(l->list[l->count++], id, ID_BYTES);
}

static enum err
add_hold(void *arg, struct view key, struct view content)
{
	(void)content;
	if (key.len == ID_BYTES)
		add_id(arg, key.at);
	return OK;
}

static enum err
add_held_of(void *arg, struct view key, struct view content)
{
	(void)content;
	if (key.len == PERSON_HOLD_BYTES)
		add_id(arg, key.at + ID_BYTES);
	return OK;
}

static void
ids_init(struct ids *l)
{
	*l = (struct ids){.list = xcalloc(LIST_MAX_COUNT, sizeof(*l->list))};
}

/* dropping */

static enum err
remember_gone(struct vault *v, const uint8_t id[static ID_BYTES])
{
	OWNED_SUBMISSION struct sync_submission s;
	enum err e = sync_submission_get(v, id, &s);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct sync_submission gone = {
		.state = SUBMISSION_GONE, .received_s = s.received_s, .form = s.form};
	memcpy(gone.digest, s.digest, HASH_BYTES);
	return sync_submission_put(v, id, &gone);
}

enum err
sync_hold_drop(struct vault *v, const uint8_t id[static ID_BYTES])
{
	OWNED_HOLD struct sync_hold h;
	enum err e = sync_hold_get(v, id, &h);
	if (!e)
		e = sync_file_drop(v, id);
	if (!e)
		e = sync_hold_delete(v, id, h.participant);
	return e ? e : remember_gone(v, id);
}

enum err
sync_hold_drop_of(struct vault *v, const uint8_t participant[static ID_BYTES])
{
	OWNED_IDS struct ids l;
	ids_init(&l);
	enum err e =
		vault_each(v, VAULT_HELD_OF, view_of(participant, ID_BYTES), add_held_of, &l);
	for (size_t i = 0; !e && i < l.count; i++)
		e = sync_hold_drop(v, l.list[i]);
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
	enum err e = sync_item_person(v, h->code, person);
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
	const struct sync_verdict *verdict)
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
	enum err e = sync_enter(&x, &consent);
	return e ? e : sync_hold_delete(t->judge->vault, t->id, h->participant);
}

/* It is held for another reason from now on. */
static enum err
hold_anew(const struct sync_try *t, struct sync_hold *h, const struct sync_verdict *verdict)
{
	OWNED_SUBMISSION struct sync_submission s;
	struct vault *v = t->judge->vault;
	int64_t now_s = t->judge->now_ms / MS_PER_S;
	bool same = h->why == verdict->why;
	h->why = verdict->why;
	h->reason = view_text(verdict->reason);
	if (verdict->why != HOLD_NO_CONSENT)
		h->expires_s = 0;
	else if (!same)
		h->expires_s = now_s + (int64_t)SYNC_HOLD_DAYS * 86400;
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
	OWNED_SUBMISSION struct sync_submission s;
	struct sync_missing missing;
	struct vault *v = t->judge->vault;
	s = (struct sync_submission){0};
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
	struct sync_verdict verdict;
	struct cursor c = cursor_of(h->item);
	bool waits = false;
	struct sync_question q = {t->judge, &item, h->previous, t->accepted};
	enum err e = sync_item_read(&c, &item);
	memcpy(item.participant, h->participant, ID_BYTES);
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
	if (h.why == HOLD_NO_CODE || (h.why && t->accepted)) {
		e = settle_code(t, &h);
		if (e)
			return e;
	}
	return go_on(t, &h, ret_why);
}

/* What only a coordinator can decide stays where it is. */
static bool
goes_on_by_itself(uint8_t why)
{
	return why == HOLD_NO_CONSENT || why == HOLD_NO_CODE;
}

enum err
sync_hold_release(const struct sync_judge *j, const uint8_t participant[static ID_BYTES])
{
	OWNED_IDS struct ids l;
	uint8_t why;
	ids_init(&l);
	enum err e = vault_each(
		j->vault, VAULT_HELD_OF, view_of(participant, ID_BYTES), add_held_of, &l);
	for (size_t i = 0; !e && i < l.count; i++) {
		OWNED_HOLD struct sync_hold h;
		struct sync_try t = {.judge = j, .id = l.list[i]};
		e = sync_hold_get(j->vault, l.list[i], &h);
		if (e || !goes_on_by_itself(h.why))
			continue;
		e = sync_hold_try(&t, &why);
		if (e == E_DENIED)
			e = OK;
	}
	return e;
}

/* for people */

static enum err
list_one(void *arg, struct view key, struct view content)
{
	struct buf *out = arg;
	char name[2 * ID_BYTES + 1];
	OWNED_HOLD struct sync_hold h;
	enum err e = sync_hold_parse(&h, content);
	if (e)
		return e;
	text_hex(name, key.at, ID_BYTES);
	name[SYNC_HOLD_NAME_LEN] = 0;
	buf_blob_text(out, name);
	buf_blob(out, h.form);
	buf_blob(out, h.version);
	buf_u8(out, h.why);
	buf_blob(out, h.reason);
	buf_u64(out, (uint64_t)h.received_s);
	buf_blob(out, h.collector);
	buf_blob(out, h.agent);
	buf_u64(out, (uint64_t)h.expires_s);
	buf_u32(out, (uint32_t)h.expected_count);
	return OK;
}

enum err
sync_hold_list(struct vault *v, struct buf *answer)
{
	OWNED_IDS struct ids l;
	ids_init(&l);
	enum err e = vault_each(v, VAULT_HOLDS, view_of(NULL, 0), add_hold, &l);
	buf_u32(answer, (uint32_t)l.count);
	for (size_t i = 0; !e && i < l.count; i++) {
		struct view row;
		e = vault_get(v, VAULT_HOLDS, view_of(l.list[i], ID_BYTES), &row);
		if (!e)
			e = list_one(answer, view_of(l.list[i], ID_BYTES), row);
	}
	return e ? e : buf_check(answer, "what is held");
}

static enum err
find_named(struct vault *v, struct view name, uint8_t ret[static ID_BYTES])
{
	OWNED_IDS struct ids l;
	ids_init(&l);
	if (name.len != SYNC_HOLD_NAME_LEN)
		return fail(E_NOTFOUND, "nothing is held under this name");
	l.prefix = name.at;
	enum err e = vault_each(v, VAULT_HOLDS, view_of(NULL, 0), add_hold, &l);
	if (!e && l.count != 1)
		e = fail(E_NOTFOUND, "nothing is held under this name");
	if (!e)
		memcpy(ret, l.list[0], ID_BYTES);
	return e;
}

static enum err
accept(const struct sync_judge *j, const uint8_t id[static ID_BYTES], struct buf *answer)
{
	struct sync_try t = {.judge = j, .id = id, .accepted = true};
	uint8_t participant[ID_BYTES];
	OWNED_HOLD struct sync_hold h;
	uint8_t why = 0;
	enum err e = sync_hold_get(j->vault, id, &h);
	memcpy(participant, h.participant, ID_BYTES);
	t.without_files = !e && h.why == 0;
	if (!e)
		e = sync_hold_try(&t, &why);
	if (!e && !why)
		e = sync_hold_release(j, participant);
	if (!e)
		buf_blob_text(answer, why == HOLD_NO_CONSENT
					      ? "held on: no consent covers it yet"
				      : why ? "held on for another reason"
					    : "taken up");
	return e;
}

enum err
sync_hold_decide(const struct sync_judge *j, struct cursor *asks, struct buf *answer)
{
	uint8_t id[ID_BYTES];
	struct view name = cursor_blob(asks);
	uint8_t what = cursor_u8(asks);
	enum err e = cursor_end(asks, "decision");
	if (!e && !j->pack)
		e = fail(E_NOTFOUND, "no study has arrived from the hub yet");
	if (!e)
		e = find_named(j->vault, name, id);
	if (!e && what == DECIDE_ACCEPT)
		return accept(j, id, answer);
	if (!e && what != DECIDE_DROP)
		e = fail(E_FORMAT, "a held record is accepted or dropped");
	if (!e)
		e = sync_hold_drop(j->vault, id);
	if (!e)
		buf_blob_text(answer, "dropped");
	return e;
}

/* time */

static enum err
tick_one(const struct sync_judge *j, const uint8_t id[static ID_BYTES])
{
	OWNED_HOLD struct sync_hold h;
	uint8_t why;
	enum err e = sync_hold_get(j->vault, id, &h);
	if (e || h.expires_s == 0 || h.expires_s > j->now_ms / MS_PER_S)
		return e;
	if (h.why)
		return sync_hold_drop(j->vault, id);
	struct sync_try t = {.judge = j, .id = id, .without_files = true};
	return sync_hold_try(&t, &why);
}

enum err
sync_hold_tick(const struct sync_judge *j)
{
	OWNED_IDS struct ids l;
	ids_init(&l);
	enum err e = j->pack ? vault_each(j->vault, VAULT_HOLDS, view_of(NULL, 0), add_hold, &l)
			     : OK;
	for (size_t i = 0; !e && i < l.count; i++)
		e = tick_one(j, l.list[i]);
	return e;
}
