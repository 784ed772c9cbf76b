#include "node/sync_submit.h"
#include "node/sync_collectors.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/mark.h"
#include "node/sync_act.h"
#include "node/sync_submit_read.h"

#define MS_PER_S            1000
#define DAY_S               86400
#define ROOM_EXTRA_PERCENT  50
#define CODES_MAX_COUNT     1000
#define KEY_ENTRY_MAX_BYTES ((size_t)64 * 1024)

static const uint8_t no_id[ID_BYTES];

/* What is found out before anything is put. */
struct work {
	const struct sync_judge *judge;
	struct vault *vault;
	struct sync_request request;
	struct sync_item item;
	bool has_item;
	bool known; /* the study code has a person */
	uint8_t id[ID_BYTES];
	struct sync_submission there; /* of this id, if `found` */
	bool found;
	struct sync_submission before; /* that it edits, if `edits` */
	bool edits;
	bool is_other; /* it edits what is of another person or form */
	struct sync_ruling verdict;
	int64_t now_s;
};

static void
work_done(struct work *w)
{
	sync_request_done(&w->request);
	if (w->has_item)
		sync_item_done(&w->item);
	sync_submission_done(&w->there);
	sync_submission_done(&w->before);
}

static void
say(struct sync_submitted *ret, enum submit_outcome outcome, const char *words)
{
	ret->outcome = outcome;
	ret->words = words;
}

/* who */

static enum err
changed_meanwhile(void)
{
	return fail(E_BUSY, "what is known of the study code has changed: ask again");
}

/* The person that intake sealed to has to be the one that the code stands for now. */
static enum err
find_person(struct work *w)
{
	uint8_t person[ID_BYTES];
	struct view row;
	const struct sync_request *r = &w->request;
	if (r->code.len == 0 || !sync_item_is_code(r->code)) {
		bool nobody = memcmp(r->participant, no_id, ID_BYTES) == 0;
		w->known = nobody;
		return nobody || r->problem != SUBMIT_SOUND
			       ? OK
			       : fail(E_FORMAT, "submission: the study code is missing");
	}
	enum err e = pseudonym_find(w->vault, r->code, person);
	if (!e) {
		w->known = true;
		return memcmp(person, r->participant, ID_BYTES) == 0 ? OK : changed_meanwhile();
	}
	if (e != E_NOTFOUND)
		return e;
	e = vault_get(w->vault, VAULT_STRANGERS, r->code, &row);
	if (!e && (row.len != ID_BYTES || memcmp(row.at, r->participant, ID_BYTES) != 0))
		return changed_meanwhile();
	return e == E_NOTFOUND ? OK : e;
}

/* what is there */

static enum err
find_there(struct work *w)
{
	const struct sync_request *r = &w->request;
	memcpy(w->id, r->instance, ID_BYTES);
	enum err e = sync_submission_get(w->vault, w->id, &w->there);
	w->found = e == OK;
	if (e == E_NOTFOUND)
		return OK;
	/* No digest: it came back from the hub, and the same number is the same record. */
	if (e || w->there.state == SUBMISSION_GONE ||
		wire_is_zero(w->there.digest, HASH_BYTES) ||
		memcmp(w->there.digest, r->digest, HASH_BYTES) == 0)
		return e;
	/* Other answers under the same number: the copy has an id of its own. */
	sync_submission_done(&w->there);
	sync_copy_id(w->id, r->instance, r->digest);
	e = sync_submission_get(w->vault, w->id, &w->there);
	w->found = e == OK;
	w->verdict.why = HOLD_OTHER_COPY;
	(void)snprintf(w->verdict.reason, sizeof(w->verdict.reason),
		"a record of the same number, with other answers, is here already");
	return e == E_NOTFOUND ? OK : e;
}

/* Is what it edits of somebody at this site? A code that nobody has may have been mistyped, and
 * the edit says the right one. */
static enum err
is_of_somebody(struct work *w, bool *ret)
{
	OWNED_HOLD struct sync_hold h = {.why = 0};
	uint8_t person[ID_BYTES];
	*ret = w->before.state == SUBMISSION_KEPT;
	enum err e = *ret ? OK : sync_hold_get(w->vault, w->request.deprecates, &h);
	if (e || *ret || !sync_item_is_code(h.code))
		return e;
	e = pseudonym_find(w->vault, h.code, person);
	*ret = e == OK;
	return e == E_NOTFOUND ? OK : e;
}

static enum err
compare_before(struct work *w)
{
	bool known = false;
	bool same = memcmp(w->before.participant, w->request.participant, ID_BYTES) == 0;
	enum err e = same ? OK : is_of_somebody(w, &known);
	w->is_other = known || !view_same(w->before.form, w->request.form);
	return e;
}

static enum err
find_before(struct work *w)
{
	if (memcmp(w->request.deprecates, no_id, ID_BYTES) == 0)
		return OK;
	enum err e = sync_submission_get(w->vault, w->request.deprecates, &w->before);
	w->edits = e == OK;
	if (w->edits && w->before.state != SUBMISSION_GONE)
		return compare_before(w);
	return e == E_NOTFOUND ? OK : e;
}

static enum err
read_item(struct work *w)
{
	struct cursor c = cursor_of(w->request.item);
	if (!w->request.item.len)
		return OK;
	w->has_item = true;
	enum err e = sync_item_read(&c, &w->item);
	memcpy(w->item.participant, w->request.participant, ID_BYTES);
	if (!e)
		e = cursor_end(&c, "submission");
	if (!e && memcmp(w->item.instance, w->request.instance, ID_BYTES) != 0)
		e = fail(E_FORMAT, "submission: the record is not the one it is named by");
	return e ? e : sync_item_check(&w->item);
}

/* putting */

static enum err
log_refusal(struct work *w)
{
	return sync_act(w->judge, (struct leaf){.actor = "sync",
					  .action = "submission-refused",
					  .decision = "deny",
					  .outcome = "refused",
					  .reason_code = "withdrawn"});
}

static const uint8_t *
key_of(const struct work *w)
{
	for (size_t i = 0; w->has_item && i < w->item.entry_count; i++)
		if (w->item.entries[i].rules->kind == RULES_KEY)
			return w->item.entries[i].rules->instance;
	return no_id;
}

static enum err
put_files(struct work *w)
{
	struct sync_file_of of = {.now_s = w->now_s};
	enum err e = OK;
	memcpy(of.id, w->id, ID_BYTES);
	memcpy(of.instance, w->request.instance, ID_BYTES);
	memcpy(of.key_ref, key_of(w), ID_BYTES);
	for (size_t i = 0; !e && i < w->request.file_count; i++)
		e = sync_file_put(w->vault, &of, &w->request.files[i]);
	return e;
}

/* The key that further files of a record are sealed with: kept with it, or sent at once. */
static enum err
put_late_key(struct work *w)
{
	OWNED_BUF struct buf key, entry;
	buf_init(&key, 2 * ID_BYTES);
	buf_init(&entry, KEY_ENTRY_MAX_BYTES);
	if (!w->has_item || w->item.entries[0].rules->kind != RULES_KEY)
		return OK;
	const struct sync_item_entry *n = &w->item.entries[0];
	if (w->there.state == SUBMISSION_KEPT)
		return sync_item_put_entry(w->vault, &w->item, n);
	buf_add(&key, w->id, ID_BYTES);
	buf_add(&key, n->rules->instance, ID_BYTES);
	sync_item_write_entry(&entry, n);
	enum err e = buf_check(&entry, "key");
	return e ? e : vault_put(w->vault, VAULT_KEYS, buf_view(&key), buf_view(&entry));
}

static struct sync_submission
row_of(const struct work *w, enum sync_state state)
{
	const struct sync_request *r = &w->request;
	struct sync_submission s = {.state = state,
		.received_s = w->now_s,
		.form = r->form,
		.version = r->version,
		.collector = r->collector,
		.agent = r->agent,
		.expected = r->expected,
		.expected_count = r->expected_count};
	memcpy(s.digest, r->digest, HASH_BYTES);
	memcpy(s.previous, r->deprecates, ID_BYTES);
	memcpy(s.participant, r->participant, ID_BYTES);
	return s;
}

/* An edit of something that was never kept takes its place. One that goes with another copy,
 * version, person or form stands beside it, and what it names stays as it is. */
static enum err
replace_before(struct work *w)
{
	uint8_t why = w->verdict.why;
	if (!w->edits || w->is_other || why == HOLD_OTHER_COPY || why == HOLD_BRANCH)
		return OK;
	bool kept = w->before.state == SUBMISSION_KEPT;
	enum err e = sync_file_carry(w->vault, w->request.deprecates, w->id, !kept);
	if (e || kept)
		return e;
	e = sync_hold_drop(w->vault, w->request.deprecates);
	return e == E_NOTFOUND ? OK : e;
}

static enum err
put_stranger(struct work *w)
{
	if (w->known || !sync_item_is_code(w->request.code))
		return OK;
	return vault_put(w->vault, VAULT_STRANGERS, w->request.code,
		view_of(w->request.participant, ID_BYTES));
}

static enum err
put_hold(struct work *w, enum sync_state state)
{
	const struct sync_request *r = &w->request;
	struct sync_submission row = row_of(w, state);
	struct sync_hold h = {.why = w->verdict.why,
		.code = r->code,
		.form = r->form,
		.version = r->version,
		.reason = view_text(w->verdict.reason),
		.collector = r->collector,
		.agent = r->agent,
		.received_s = w->now_s,
		.item = r->item,
		.site_part = r->site_part,
		.spare = r->spare,
		.expected = r->expected,
		.expected_count = r->expected_count};
	h.expires_s = state == SUBMISSION_WAITING ? w->now_s + SYNC_WAIT_FILES_S
						  : sync_hold_end_s(w->judge, h.why);
	memcpy(h.instance, r->instance, ID_BYTES);
	memcpy(h.participant, r->participant, ID_BYTES);
	memcpy(h.previous, r->deprecates, ID_BYTES);
	memcpy(h.digest, r->digest, HASH_BYTES);
	enum err e = put_files(w);
	if (!e)
		e = put_stranger(w);
	if (!e)
		e = sync_hold_put(w->vault, w->id, &h);
	return e ? e : sync_submission_put(w->vault, w->id, &row);
}

static enum err
put_kept(struct work *w)
{
	struct sync_submission row = row_of(w, SUBMISSION_KEPT);
	struct sync_entering x = {.vault = w->vault,
		.item = &w->item,
		.verdict = &w->verdict,
		.site_part = w->request.site_part,
		.row = &row};
	bool consent;
	enum err e = put_files(w);
	if (!e)
		e = sync_enter(&x, &consent);
	if (!e && consent)
		e = sync_hold_release(w->judge, w->request.participant);
	return e;
}

/* deciding */

/* A record that is here: what is new are its files. */
static enum err
add_files(struct work *w, struct sync_submitted *ret)
{
	bool all_known = true;
	enum err e = OK;
	for (size_t i = 0; !e && all_known && i < w->request.file_count; i++)
		e = sync_file_known(w->vault, w->id, &w->request.files[i], &all_known);
	if (e)
		return e;
	bool held = w->there.state == SUBMISSION_HELD;
	if (all_known) {
		say(ret, held ? SUBMIT_HELD : SUBMIT_SAME,
			held ? "Kept already; the coordinator is looking at it."
			     : "Saved already.");
		return OK;
	}
	ret->put = true;
	e = put_files(w);
	if (!e)
		e = put_late_key(w);
	if (!e && w->there.state == SUBMISSION_WAITING) {
		struct sync_try t = {.judge = w->judge, .id = w->id};
		uint8_t why;
		e = sync_hold_try(&t, &why);
		e = e == E_DENIED ? OK : e; /* it stays, for a person to look at */
	}
	say(ret, SUBMIT_FILES_ADDED, "The files are saved.");
	return e;
}

static bool
is_closed(const struct work *w)
{
	OWNED_MEM char *id = xmemdup(w->request.form.at, w->request.form.len);
	if (w->request.problem == SUBMIT_NO_FORM && !pack_form(w->judge->pack, id))
		return false; /* nobody here can say */
	return sync_judge_state(w->judge, id) != FACTS_OPEN;
}

static enum submit_hold
hold_of(const struct work *w)
{
	switch (w->request.problem) {
	case SUBMIT_INVALID:
		return HOLD_INVALID;
	case SUBMIT_NO_CODE:
		return HOLD_NO_CODE;
	case SUBMIT_NO_FORM:
		return HOLD_NO_FORM;
	case SUBMIT_TEXT:
		return HOLD_TEXT;
	case SUBMIT_SOUND:
		break;
	}
	return w->known ? 0 : HOLD_NO_CODE;
}

static enum err
hold_other(struct work *w)
{
	w->verdict.why = HOLD_OTHER_RECORD;
	(void)snprintf(w->verdict.reason, sizeof(w->verdict.reason),
		"it corrects a record of another person or form");
	return OK;
}

static enum err
judge(struct work *w)
{
	struct sync_question q = {.judge = w->judge,
		.item = &w->item,
		.previous = w->edits ? w->request.deprecates : no_id};
	w->verdict.why = (uint8_t)hold_of(w);
	if (!w->verdict.why && w->is_other)
		return hold_other(w);
	if (!w->verdict.why)
		return sync_enter_judge(&q, &w->verdict);
	if (w->request.reason.len)
		(void)snprintf(w->verdict.reason, sizeof(w->verdict.reason), "%.*s",
			(int)MIN(w->request.reason.len, SYNC_REASON_BYTES - 1),
			(const char *)w->request.reason.at);
	else
		(void)snprintf(w->verdict.reason, sizeof(w->verdict.reason),
			"the study code is not known at this site");
	return OK;
}

/* Files of this request and of the version before it count as here. */
static bool
is_here(const struct work *w, struct view name)
{
	for (size_t i = 0; i < w->request.file_count; i++)
		if (view_same(w->request.files[i].name, name))
			return true;
	return false;
}

static enum err
count_missing(struct work *w, size_t *ret)
{
	enum err e = OK;
	*ret = 0;
	for (size_t i = 0; !e && i < w->request.expected_count; i++) {
		const struct sync_expected *x = &w->request.expected[i];
		struct sync_missing before = {.all = 1};
		if (x->goes != FORM_HUB || is_here(w, x->name))
			continue;
		if (w->edits)
			e = sync_file_missing(w->vault, w->request.deprecates, x, 1, &before);
		*ret += before.all;
	}
	return e;
}

static enum err
put_new(struct work *w, struct sync_submitted *ret)
{
	size_t missing = 0;
	enum err e = OK;
	bool record = w->has_item &&
		      w->item.entries[w->item.entry_count - 1].rules->kind == RULES_RECORD;
	if (!w->verdict.why && record)
		e = count_missing(w, &missing);
	if (e)
		return e;
	ret->put = true;
	e = replace_before(w);
	if (w->verdict.why) {
		say(ret, w->verdict.why == HOLD_BRANCH ? SUBMIT_BRANCH : SUBMIT_HELD,
			"Saved. The coordinator has to look at it before it is used.");
		return e ? e : put_hold(w, SUBMISSION_HELD);
	}
	if (missing) {
		say(ret, SUBMIT_WAITING_FILES, "Saved. Some of its files are still to come.");
		return e ? e : put_hold(w, SUBMISSION_WAITING);
	}
	if (w->edits || w->verdict.refers)
		say(ret, SUBMIT_EDITED, "The correction is saved.");
	else
		say(ret, SUBMIT_NEW, "Saved.");
	return e ? e : put_kept(w);
}

static enum err
refuse_ended(struct work *w, bool *ret_ended, struct sync_submitted *ret)
{
	*ret_ended = false;
	enum err e = w->known ? sync_judge_ended(w->judge, w->request.participant, ret_ended)
			      : mark_has(w->vault, w->request.code, ret_ended);
	bool answers = false;
	if (!e && *ret_ended && w->known && w->has_item && !w->request.problem)
		e = sync_enter_answers(w->judge, &w->item, &answers);
	*ret_ended = *ret_ended && !answers;
	if (e || !*ret_ended)
		return e;
	say(ret, SUBMIT_DELETED, "This person has ended taking part: nothing was kept.");
	ret->put = true;
	return log_refusal(w);
}

static enum err
decide(struct work *w, struct sync_submitted *ret)
{
	bool ended = false;
	enum err e = refuse_ended(w, &ended, ret);
	if (e || ended)
		return e;
	e = find_there(w);
	if (!e && w->found && w->there.state == SUBMISSION_GONE) {
		say(ret, SUBMIT_DELETED, "This record was erased: nothing was kept.");
		return OK;
	}
	if (!e && w->found)
		return add_files(w, ret);
	if (!e)
		e = find_before(w);
	if (e)
		return e;
	if (!w->edits && memcmp(w->request.deprecates, no_id, ID_BYTES) != 0) {
		say(ret, SUBMIT_UNKNOWN_DEPRECATED,
			"It corrects a record that is not here: nothing was kept.");
		return OK;
	}
	if (w->edits && w->before.state == SUBMISSION_GONE) {
		say(ret, SUBMIT_DELETED, "This record was erased: nothing was kept.");
		return OK;
	}
	if (!w->edits && is_closed(w)) {
		say(ret, SUBMIT_CLOSED, "This form takes no new records: nothing was kept.");
		return OK;
	}
	if (!w->verdict.why)
		e = judge(w);
	return e ? e : put_new(w, ret);
}

/* Whoever hands in hears of a revoked token a little later than it is revoked. */
static enum err
refuse_revoked(struct work *w, struct sync_submitted *ret)
{
	bool revoked;
	enum err e = sync_collectors_revoked(w->vault, w->request.collector, &revoked);
	if (!e && revoked)
		say(ret, SUBMIT_REVOKED, "This access was taken back: nothing was kept.");
	return e;
}

enum err
sync_submit(const struct sync_judge *j, struct view request, struct sync_submitted *ret)
{
	OWNED_BY(work_done)
	struct work w = {.judge = j, .vault = j->vault, .now_s = j->now_ms / MS_PER_S};
	*ret = (struct sync_submitted){0};
	if (!j->pack)
		return fail(E_NOTFOUND, "no study has arrived from the hub yet");
	enum err e = sync_request_read(&w.request, request);
	if (!e)
		e = refuse_revoked(&w, ret);
	if (e || ret->outcome == SUBMIT_REVOKED)
		return e;
	e = read_item(&w);
	if (!e)
		e = vault_room(j->vault, request.len + request.len / 100 * ROOM_EXTRA_PERCENT);
	if (!e)
		e = sync_request_fits(j, &w.request, w.has_item ? &w.item : NULL);
	if (!e)
		e = find_person(&w);
	if (!e)
		e = decide(&w, ret);
	if (e)
		return e;
	ret->put = true;
	return sync_collectors_used(j->vault, w.request.collector, w.now_s);
}

/* codes */

enum err
sync_submit_codes(struct vault *v, struct cursor *asks, struct buf *answer)
{
	uint32_t count = cursor_u32(asks);
	enum err e = OK;
	if (asks->broken || count > CODES_MAX_COUNT)
		return fail(E_FORMAT, "too many study codes at once");
	buf_u32(answer, count);
	for (uint32_t i = 0; !e && i < count; i++) {
		uint8_t id[ID_BYTES];
		struct view row, code = cursor_blob(asks);
		bool is_code = sync_item_is_code(code);
		e = is_code ? pseudonym_find(v, code, id) : E_NOTFOUND;
		buf_u8(answer, e == OK);
		if (e == E_NOTFOUND) {
			crypto_random(id, sizeof(id));
			if (is_code)
				pseudonym_make(id, v, code);
			e = is_code ? vault_get(v, VAULT_STRANGERS, code, &row) : E_NOTFOUND;
			if (!e && row.len == ID_BYTES)
				memcpy(id, row.at, ID_BYTES);
		}
		buf_add(answer, id, sizeof(id));
		e = e == E_NOTFOUND ? OK : e;
	}
	if (!e)
		e = cursor_end(asks, "study codes");
	return e ? e : buf_check(answer, "pseudonyms");
}
