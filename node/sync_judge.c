#include "node/sync_judge.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/rules_contact.h"
#include "common/study/rules_ended.h"
#include "common/study/rules_wish.h"

#include "node/consent.h"

#define MS_PER_S 1000

static const struct form *
form_in(const struct pack *p, const char *id, const char *version)
{
	const struct form *form = pack_form(p, id);
	return form && strcmp(form->version, version) == 0 ? form : NULL;
}

const struct form *
sync_judge_form(const struct sync_judge *j, const char *id, const char *version)
{
	const struct form *form = form_in(j->pack, id, version);
	for (size_t i = 0; !form && i < j->past_count; i++)
		form = form_in(j->past[i], id, version);
	return form;
}

/* Whose it has to be, and whether that is all there is to ask. */
static enum err
check_whose(const struct form *form, const struct wire_rules *r, bool *ret_about_site)
{
	bool nobody = wire_is_zero(r->participant, sizeof(r->participant));
	*ret_about_site = form->per_site && nobody;
	if (form->per_site != nobody)
		return fail(E_DENIED, "form %s is about %s", form->id,
			form->per_site ? "the site, and the record about a person"
				       : "persons, and the record about nobody");
	return OK;
}

/* Fills q for a record; p is what it lends from. */
static enum err
prepare(const struct sync_judge *j, const struct wire_rules *r, struct sync_consents **p,
	struct sync_rules_ask *q)
{
	bool about_site = false;
	*q = (struct sync_rules_ask){
		.judge = j, .record = r, .form = sync_judge_form(j, r->form, r->form_version)};
	if (!q->form)
		return fail(E_DENIED, "the study in force has no such form of this version");
	enum err e = check_whose(q->form, r, &about_site);
	if (e || about_site)
		return e;
	e = sync_consents_read(p, j->vault, r->participant);
	q->p = *p;
	if (!e && !wire_is_zero(r->consent_ref, sizeof(r->consent_ref)) &&
		!sync_consents_has(*p, r->consent_ref))
		e = fail(E_DENIED, "the record names a consent that is not on file");
	return e;
}

enum err
sync_judge_record(
	const struct sync_judge *j, const struct wire_rules *r, bool has_files_of_site)
{
	OWNED(sync_consents) struct sync_consents *p = NULL;
	struct sync_rules_ask q;
	enum err e = prepare(j, r, &p, &q);
	q.has_files_of_site = has_files_of_site;
	return e ? e : sync_rules_record(&q);
}

enum err
sync_judge_without(const struct sync_judge *j, const struct wire_rules *r, bool *ret)
{
	OWNED(sync_consents) struct sync_consents *p = NULL;
	struct sync_rules_ask q;
	*ret = false;
	if (strcmp(j->pack->confidentiality, RULES_WITHOUT) != 0)
		return OK;
	enum err e = prepare(j, r, &p, &q);
	*ret = !e && p && sync_rules_without(&q);
	return e;
}

/* A change takes away; what the version before it did not permit, it cannot permit. */
static bool
gives_back(const struct wire_consent *change, const struct wire_consent *before)
{
	for (size_t i = 0; i < change->permission_count; i++) {
		const struct wire_permission *c = &change->permissions[i];
		bool had = !c->permit;
		for (size_t k = 0; !had && k < before->permission_count; k++)
			had = before->permissions[k].permit &&
			      strcmp(before->permissions[k].code, c->code) == 0;
		if (!had)
			return true;
	}
	return false;
}

/* consents and changes */

static struct rules_facts
facts_of(const struct sync_consents *p, int64_t now_ms)
{
	return (struct rules_facts){.true_at_ms = now_ms,
		.known_upto = UINT64_MAX,
		.record.consents = p->consents,
		.record.consent_count = p->count,
		.record.life = p->life};
}

static const char *
ended_by(const struct sync_consents *p)
{
	const struct rules_facts facts = facts_of(p, 0);
	return rules_ended_by(&facts);
}

/* The last version on file, if it is a change that this can be said behind; or NULL. */
static const struct wire_rules *
change_before(const struct sync_consents *p, const struct wire_rules *r)
{
	const struct wire_rules *last = p->part_count ? p->parts[p->part_count - 1] : NULL;
	const struct rules_consent said = sync_consents_view(r);
	return last && last->kind == RULES_CHANGE && !p->life.died_ms &&
			       rules_gives_back(&said, last->consent.level) &&
			       r->consent.given_at_s > last->consent.given_at_s
		       ? last
		       : NULL;
}

/* Said at the command of a coordinator: what comes with data names no change. Nothing else
 * that ended is given back by it. */
static bool
ends_change(const struct sync_consents *p, const struct wire_rules *r)
{
	const struct wire_rules *change = change_before(p, r);
	return change && memcmp(r->refers_to, change->instance, WIRE_ID_BYTES) == 0;
}

/* A change stands behind which nothing gives back, whatever came after it. */
static bool
ended_for_good(const struct sync_consents *p)
{
	static const char *const levels[] = {"no-more-collection", "no-further-use"};
	for (size_t i = 0; i < p->count; i++)
		for (size_t k = 0; k < ARRAY_LEN(levels); k++)
			if (strcmp(p->consents[i].level, levels[k]) == 0)
				return true;
	return false;
}

enum err
sync_judge_answers(const struct sync_judge *j, const struct wire_rules *r, bool *ret,
	uint8_t ret_change[static ID_BYTES])
{
	OWNED(sync_consents) struct sync_consents *p = NULL;
	*ret = false;
	enum err e = sync_consents_read(&p, j->vault, r->participant);
	const struct wire_rules *change = e ? NULL : change_before(p, r);
	if (!change || strcmp(change->consent.level, "erase") == 0 || ended_for_good(p))
		return e;
	*ret = true;
	memcpy(ret_change, change->instance, ID_BYTES);
	return OK;
}

enum err
sync_judge_consent(const struct sync_judge *j, const struct wire_rules *r)
{
	OWNED(sync_consents) struct sync_consents *p = NULL;
	enum err e = sync_consents_read(&p, j->vault, r->participant);
	if (!e && ends_change(p, r))
		return sync_rules_taker(j, p, r);
	const char *level = e ? NULL : ended_by(p);
	if (level)
		return fail(E_DENIED,
			"the person has ended taking part (%s): a consent that comes with data "
			"does not undo that (where it can be: weir-node change back)",
			level);
	if (!e && p->part_count >= SYNC_CONSENTS_TAKEN_COUNT)
		return fail(E_DENIED,
			"%d versions of the person's consent are on file: no more are taken, "
			"and a change of participation always is",
			SYNC_CONSENTS_TAKEN_COUNT);
	return e ? e : sync_rules_taker(j, p, r);
}

enum err
sync_judge_waits(const struct sync_judge *j, const struct wire_rules *r, bool has_files_of_site,
	bool *ret)
{
	OWNED(sync_consents) struct sync_consents *p = NULL;
	struct sync_rules_ask q;
	bool has_ended = false;
	enum err e = OK;
	*ret = false;
	if (r->kind == RULES_CONSENT) {
		e = sync_judge_ended(j, r->participant, &has_ended);
		*ret = !e && !has_ended;
		return e;
	}
	if (r->kind != RULES_RECORD)
		return OK;
	e = prepare(j, r, &p, &q);
	q.has_files_of_site = has_files_of_site;
	if (!e)
		e = sync_rules_consented(&q);
	*ret = e == OK;
	return e == E_DENIED ? OK : e;
}

enum err
sync_judge_ended(
	const struct sync_judge *j, const uint8_t participant[static ID_BYTES], bool *ret)
{
	OWNED(sync_consents) struct sync_consents *p = NULL;
	*ret = false;
	enum err e = sync_consents_read(&p, j->vault, participant);
	if (!e)
		*ret = ended_by(p) != NULL;
	return e;
}

static const char *
why_not(const struct rules_facts *f, enum contact_purpose purpose)
{
	switch (purpose) {
	case CONTACT_TO_CONTACT:
	case CONTACT_TO_CORRECT:
		break;
	case CONTACT_TO_TELL_RESULTS:
		return rules_no_contact(f, RULES_FOR_RESULTS);
	case CONTACT_TO_ASK_ANEW:
		return rules_no_contact(f, RULES_FOR_OTHER_STUDY);
	case CONTACT_TO_KEEP:
		return rules_no_name(f);
	}
	return rules_no_contact(f, RULES_FOR_STUDY);
}

enum err
sync_judge_contact(const struct sync_judge *j, const uint8_t participant[static ID_BYTES],
	enum contact_purpose purpose, const char **ret)
{
	OWNED(sync_consents) struct sync_consents *p = NULL;
	*ret = "";
	enum err e = sync_consents_read(&p, j->vault, participant);
	if (e)
		return e;
	const struct rules_facts facts = facts_of(p, j->now_ms);
	const char *why = why_not(&facts, purpose);
	*ret = why ? why : "";
	return OK;
}

enum err
sync_judge_change(const struct sync_judge *j, const struct wire_rules *r)
{
	OWNED(sync_consents) struct sync_consents *p = NULL;
	if (!pack_offers(j->pack, r->consent.level))
		return fail(E_DENIED,
			"the information sheet of the study does not promise this level");
	enum err e = sync_consents_read(&p, j->vault, r->participant);
	if (!e && (p->part_count == 0 || !sync_consents_has(p, r->refers_to)))
		e = fail(E_DENIED, "the change names a consent that is not on file");
	const struct rules_facts facts =
		e ? (struct rules_facts){.known_upto = 0} : facts_of(p, 0);
	if (!e && rules_erasure_stands(&facts) && strcmp(r->consent.level, "erase") != 0 &&
		strcmp(r->consent.level, WIRE_LEVEL_DIED) != 0)
		e = fail(E_DENIED, CONSENT_ERASED_WORDS);
	if (!e && gives_back(&r->consent, &p->parts[p->part_count - 1]->consent))
		e = fail(E_DENIED, "a change of participation cannot permit anything anew");
	return e;
}

/* the last day */

/* Fewer permissions are the person's word, whatever the hub has said since. */
static enum err
only_takes_away(const struct sync_judge *j, const struct wire_rules *r, bool *ret)
{
	OWNED(sync_consents) struct sync_consents *p = NULL;
	*ret = false;
	if (strcmp(r->consent.event, "changed") != 0)
		return OK;
	enum err e = sync_consents_read(&p, j->vault, r->participant);
	if (!e && p->part_count)
		*ret = !gives_back(&r->consent, &p->parts[p->part_count - 1]->consent);
	return e;
}

enum err
sync_judge_over(const struct sync_judge *j, const struct wire_rules *r)
{
	char words[SYNC_RULES_OVER_BYTES];
	bool goes_on = !wire_is_zero(r->refers_to, sizeof(r->refers_to));
	if (!j->over_s || (r->kind != RULES_RECORD && r->kind != RULES_CONSENT))
		return OK;
	if (r->kind == RULES_CONSENT && !sync_rules_agrees(r->consent.event))
		goes_on = true;
	enum err e = goes_on || r->kind == RULES_RECORD ? OK : only_takes_away(j, r, &goes_on);
	if (e || goes_on)
		return e;
	sync_rules_over_text(j, words);
	return fail(E_DENIED, "%s", words);
}

/* the opt-out */

enum err
sync_judge_opt_out(const struct sync_judge *j, const struct wire_rules *r)
{
	OWNED(sync_consents) struct sync_consents *p = NULL;
	const int64_t checked_ms = r->opt_out.checked_at_s * MS_PER_S;
	if (strcmp(j->pack->confidentiality, RULES_WITHOUT) != 0)
		return fail(E_DENIED, "the study rests on consent: no opt-out is looked at");
	if (checked_ms > j->now_ms)
		return fail(E_DENIED, "the opt-out was looked at on a day that is to come");
	enum err e = sync_consents_read(&p, j->vault, r->participant);
	if (!e && p->has_opt_out && checked_ms < p->opt_out.checked_ms)
		e = fail(E_DENIED, "a later look at the opt-out is on file");
	return e;
}
