#include "node/sync_judge.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/study/pack_rollout.h"

#include "node/ipc_submit.h"
#include "node/sync_closed.h"

#define MS_PER_S 1000

int
sync_judge_state(const struct sync_judge *j, const char *form)
{
	const struct form *f = pack_form(j->pack, form);
	if (!f || !pack_form_at(j->pack, f, j->site))
		return FACTS_NOT_HERE;
	const bool is_closed = j->pack->unconfirmed || terms_left(j->terms, j->now_ms) ||
			       pack_form_closed(j->pack, f);
	return is_closed ? FACTS_CLOSED : FACTS_OPEN;
}

/* Of what was collected before, nothing is lost; changes of participation are always taken. */
static enum err
check_left(const struct sync_judge *j, const struct wire_rules *r)
{
	const bool collects = r->kind == RULES_CONSENT || r->kind == RULES_RECORD;
	if (!collects || !terms_left(j->terms, r->captured_s * MS_PER_S))
		return OK;
	return fail(E_DENIED,
		"this site left the study on %s: nothing that was collected from then on is "
		"taken",
		j->terms->left_day);
}

enum err
sync_judge_open(const struct sync_judge *j, const struct wire_rules *r)
{
	const struct form *f = pack_form(j->pack, r->form);
	bool is_new =
		r->kind == RULES_CONSENT ||
		(r->kind == RULES_RECORD && wire_is_zero(r->refers_to, sizeof(r->refers_to)));
	if (is_new && j->pack->unconfirmed)
		return fail(E_DENIED, "collection is not open: nobody has confirmed the legal "
				      "bases of the study (confirmed_by in study.ini)");
	enum err e = check_left(j, r);
	if (!e)
		e = sync_judge_over(j, r);
	if (e || !is_new || r->kind != RULES_RECORD || !f)
		return e;
	if (!pack_form_at(j->pack, f, j->site))
		return fail(E_DENIED, "form %s is not given out at this site", f->id);
	return sync_judge_closed(j, r);
}

enum err
sync_judge_closed(const struct sync_judge *j, const struct wire_rules *r)
{
	const struct form *f = pack_form(j->pack, r->form);
	int64_t since_s = 0;
	char since[CLOCK_TEXT_BYTES];
	if (!wire_is_zero(r->refers_to, sizeof(r->refers_to)) ||
		(f && !pack_form_closed(j->pack, f)))
		return OK;
	enum err e = sync_closed_s(j->vault, r->form, &since_s);
	if (e || r->captured_s < since_s || (!f && !since_s))
		return e;
	if (!since_s)
		return fail(E_DENIED, "form %s is closed: it takes corrections only", r->form);
	clock_text(since, since_s * MS_PER_S);
	return fail(E_DENIED,
		"form %s is closed: it takes corrections only, and what says that it was "
		"filled in before %s",
		r->form, since);
}

enum err
sync_judge_was_open(const struct sync_judge *j, const char *form, bool *ret)
{
	const struct form *f = pack_form(j->pack, form);
	int64_t since_s = 0;
	*ret = false;
	if (j->pack->unconfirmed || terms_left(j->terms, j->now_ms) ||
		(f && !pack_form_at(j->pack, f, j->site)))
		return OK;
	enum err e = sync_closed_s(j->vault, form, &since_s);
	*ret = !e && since_s;
	return e;
}
