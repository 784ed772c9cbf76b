#include "node/sync_submit_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

#include "node/mark.h"
#include "node/sync_collectors.h"

#define MS_PER_S           1000
#define ROOM_EXTRA_PERCENT 50

static const uint8_t no_id[ID_BYTES];

static void
work_done(struct sync_submit_work *w)
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

/* A record that is here: what is new are its files. */
static enum err
add_files(struct sync_submit_work *w, struct sync_submitted *ret)
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
	e = sync_submit_put_files(w);
	if (!e)
		e = sync_submit_put_late_key(w);
	if (!e && w->there.state == SUBMISSION_WAITING) {
		struct sync_try t = {.judge = w->judge, .id = w->id};
		uint8_t why;
		e = sync_hold_try(&t, &why);
		e = e == E_DENIED ? OK : e; /* it stays, for a person to look at */
	}
	say(ret, SUBMIT_FILES_ADDED, "The files are saved.");
	return e;
}

/* Of a form that was open here it is asked later when this was filled in. */
static enum err
is_closed(const struct sync_submit_work *w, bool *ret)
{
	OWNED_MEM char *id = xmemdup(w->request.form.at, w->request.form.len);
	bool was_open = false;
	*ret = false;
	if (w->request.problem == SUBMIT_NO_FORM && !pack_form(w->judge->pack, id))
		return OK; /* nobody here can say */
	if (sync_judge_state(w->judge, id) == FACTS_OPEN)
		return OK;
	enum err e = sync_judge_was_open(w->judge, id, &was_open);
	*ret = !was_open;
	return e;
}

static enum submit_hold
hold_of(const struct sync_submit_work *w)
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
hold_other(struct sync_submit_work *w)
{
	w->verdict.why = HOLD_OTHER_RECORD;
	(void)snprintf(w->verdict.reason, sizeof(w->verdict.reason),
		"it corrects a record of another person or form");
	return OK;
}

static enum err
judge(struct sync_submit_work *w)
{
	struct sync_question q = {.judge = w->judge,
		.item = &w->item,
		.previous = w->edits ? w->request.deprecates : no_id};
	w->item.has_files_of_site =
		sync_expects_at_site(w->request.expected, w->request.expected_count);
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
is_here(const struct sync_submit_work *w, struct view name)
{
	for (size_t i = 0; i < w->request.file_count; i++)
		if (view_same(w->request.files[i].name, name))
			return true;
	return false;
}

static enum err
count_missing(struct sync_submit_work *w, size_t *ret)
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
put_new(struct sync_submit_work *w, struct sync_submitted *ret)
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
	e = sync_submit_replace_before(w);
	if (w->verdict.why) {
		say(ret, w->verdict.why == HOLD_BRANCH ? SUBMIT_BRANCH : SUBMIT_HELD,
			"Saved. The coordinator has to look at it before it is used.");
		return e ? e : sync_submit_put_hold(w, SUBMISSION_HELD);
	}
	if (missing) {
		say(ret, SUBMIT_WAITING_FILES, "Saved. Some of its files are still to come.");
		return e ? e : sync_submit_put_hold(w, SUBMISSION_WAITING);
	}
	if (w->edits || w->verdict.refers)
		say(ret, SUBMIT_EDITED, "The correction is saved.");
	else
		say(ret, SUBMIT_NEW, "Saved.");
	return e ? e : sync_submit_put_kept(w);
}

static enum err
refuse_ended(struct sync_submit_work *w, bool *ret_ended, struct sync_submitted *ret)
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
	return sync_submit_put_refusal(w);
}

/* What it corrects is not here or was erased, or its form takes nothing new. */
static enum err
turn_away(const struct sync_submit_work *w, bool *ret_is, struct sync_submitted *ret)
{
	bool closed = false;
	enum err e = w->edits ? OK : is_closed(w, &closed);
	*ret_is = true;
	if (e)
		return e;
	if (!w->edits && !wire_is_zero(w->request.deprecates, ID_BYTES))
		say(ret, SUBMIT_UNKNOWN_DEPRECATED,
			"It corrects a record that is not here: nothing was kept.");
	else if (w->edits && w->before.state == SUBMISSION_GONE)
		say(ret, SUBMIT_DELETED, "This record was erased: nothing was kept.");
	else if (closed)
		say(ret, SUBMIT_CLOSED, "This form takes no new records: nothing was kept.");
	else
		*ret_is = false;
	return OK;
}

static enum err
decide(struct sync_submit_work *w, struct sync_submitted *ret)
{
	bool ended = false, away = false;
	enum err e = refuse_ended(w, &ended, ret);
	if (e || ended)
		return e;
	e = sync_submit_find_there(w);
	if (!e && w->found && w->there.state == SUBMISSION_GONE) {
		say(ret, SUBMIT_DELETED, "This record was erased: nothing was kept.");
		return OK;
	}
	if (!e && w->found)
		return add_files(w, ret);
	if (!e)
		e = sync_submit_find_before(w);
	if (!e)
		e = turn_away(w, &away, ret);
	if (e || away)
		return e;
	if (!w->verdict.why)
		e = judge(w);
	return e ? e : put_new(w, ret);
}

/* Whoever hands in hears of a revoked token a little later than it is revoked. */
static enum err
refuse_revoked(struct sync_submit_work *w, struct sync_submitted *ret)
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
	struct sync_submit_work w = {
		.judge = j, .vault = j->vault, .now_s = j->now_ms / MS_PER_S};
	*ret = (struct sync_submitted){0};
	if (!j->pack)
		return fail(E_NOTFOUND, "no study has arrived from the hub yet");
	enum err e = sync_request_read(&w.request, request);
	if (!e)
		e = refuse_revoked(&w, ret);
	if (e || ret->outcome == SUBMIT_REVOKED)
		return e;
	e = sync_submit_read_item(&w);
	if (!e)
		e = vault_room(j->vault, request.len + request.len / 100 * ROOM_EXTRA_PERCENT);
	if (!e)
		e = sync_request_fits(j, &w.request, w.has_item ? &w.item : NULL);
	if (!e)
		e = sync_submit_find_person(&w);
	if (!e)
		e = decide(&w, ret);
	if (e)
		return e;
	ret->put = true;
	return sync_collectors_used(j->vault, w.request.collector, w.now_s);
}
