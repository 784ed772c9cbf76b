#include "node/sync_rules.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/study/datakind.h"
#include "common/study/formcheck.h"
#include "common/study/openitems.h"
#include "common/study/pack_rollout.h"
#include "common/study/rules_words.h"

#include "node/sync_duties.h"

#define MS_PER_S     1000
#define DATA_KIND    "answers"
#define TAKER_RULE   "R11"
#define TAKER_NUMBER 11
#define SHEET_RULE   "R09"
#define CONSENT_MODE "mode" /* the item of a consent form that says how it was given */
#define NO_TERMS                                                                               \
	"the hub has not said yet which approvals are in force for this site: nothing is "     \
	"collected before"

#define CUT_TERMS                                                                              \
	"the approvals of this site are too many to be handed over whole: nothing is "         \
	"collected until the study has mended that"

static const char *const about_consent[] = {"R07", "R08", "R10", "R12", "R13", "R14", "R19"};
static const char *const about_terms[] = {
	"R01", "R02", "R03", "R04", "R05", "R06", TAKER_RULE, "R20", "R23"};

static const char *const about_sheets[] = {SHEET_RULE};

static bool
is_listed(const char *const *rules, size_t count, const char *rule)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(rules[i], rule) == 0)
			return true;
	return false;
}

/* Whoever the record were about. */
static bool
is_of_site(const char *rule)
{
	return is_listed(about_terms, ARRAY_LEN(about_terms), rule) &&
	       strcmp(rule, TAKER_RULE) != 0;
}

/* Why the terms say nothing of what is in force; NULL: they do. */
static const char *
terms_lack(const struct sync_judge *j)
{
	if (!j->terms)
		return NO_TERMS;
	return j->terms->is_cut ? CUT_TERMS : NULL;
}

/* facts */

static void
add_terms(struct rules_facts *f, const struct terms *t)
{
	f->approvals_elsewhere = !t;
	if (!t)
		return;
	f->approvals = t->approvals;
	f->approval_count = t->approval_count;
	f->protocols = t->protocols;
	f->protocol_count = t->protocol_count;
	f->plan = t->plan;
	f->modifications = t->modifications;
	f->modification_count = t->modification_count;
	f->reviews = t->reviews;
	f->review_count = t->review_count;
	f->sheets = t->sheets;
	f->sheet_count = t->sheet_count;
}

static void
add_site(struct rules_facts *f, const struct pack_site *site)
{
	f->site_kind = site->kind;
	f->local_approach = (struct rules_list){site->approach, site->approach_count};
	f->needs_known = true;
	f->needs = (struct rules_list){site->needs, site->needs_count};
}

static struct rules_facts
facts_of(const struct sync_judge *j, const struct terms *terms)
{
	const struct pack_site *site = pack_site(j->pack, j->site);
	struct rules_facts f = {.data_kind = DATA_KIND,
		.unfed = RULES_BIT(16),
		.site = j->site,
		.site_kind = "",
		.true_at_ms = j->now_ms,
		.known_upto = UINT64_MAX,
		.basis = j->pack->confidentiality,
		.record.record_signature = RULES_YES,
		.record.consent_signature = RULES_YES,
		.record.batch_proof = RULES_YES,
		.record.decrypts = RULES_NOT_ASKED,
		.record.retained = RULES_NOT_ASKED};
	if (site)
		add_site(&f, site);
	add_terms(&f, terms);
	return f;
}

static bool
asks_taker(const struct sync_judge *j)
{
	return rules_on(j->pack->rules, TAKER_NUMBER) ||
	       (j->terms && j->terms->rules && rules_on(j->terms->rules, TAKER_NUMBER));
}

/* The log is read only where a rule asks for it. */
static enum err
add_duties(const struct sync_judge *j, struct rules_facts *f, struct sync_duties *d)
{
	if (!j->terms || !asks_taker(j))
		return OK;
	enum err e = sync_duties_read(d, j->vault, j->terms);
	f->duties = d->duties;
	f->duty_count = d->count;
	return e;
}

static void
add_record(const struct sync_rules_ask *q, struct rules_facts *f)
{
	const struct wire_rules *r = q->record;
	f->data_kind = datakind_at_site(q->form, r, q->has_files_of_site);
	f->per_site = q->form->per_site;
	f->by_staff = q->form->filled_by == FORM_BY_STAFF;
	f->form = r->form;
	f->form_version = r->form_version;
	f->wave = r->wave;
	f->flow = pack_flow(q->judge->pack, r->form);
	f->record.captured_ms = r->captured_s * MS_PER_S;
	f->record.group = r->group;
	f->record.collected_by = openitems_collector(q->form, r);
	f->partner = openitems_partner(q->form, r, &f->no_partner);
	if (!q->p)
		return;
	f->record.consents = q->p->consents;
	f->record.consent_count = q->p->count;
	f->record.life = q->p->life;
	f->record.opt_outs = &q->p->opt_out;
	f->record.opt_out_count = q->p->has_opt_out;
}

/* answers */

/* Who agreed anew since makes up for what they had not seen then; the hub counts the record
 * then, too. */
static bool
made_up_for(const struct rules *rules, struct rules_facts f)
{
	struct verdict v;
	f.action = RULES_AGGREGATE;
	rules_judge(rules, &f, &v);
	for (size_t i = 0; i < v.fired_count; i++)
		if (strcmp(v.fired[i].rule, SHEET_RULE) == 0)
			return v.fired[i].outcome == RULES_PERMIT;
	return v.consent_now >= 0 && v.consent_now != v.consent_then;
}

/* Want of consent is said before anything else: it is for the person to mend. */
static enum err
refuse(const struct verdict *v, const char *const *rules, size_t count)
{
	for (size_t i = 0; i < v->fired_count; i++)
		if (is_listed(rules, count, v->fired[i].rule) &&
			v->fired[i].outcome != RULES_PERMIT)
			return fail(E_DENIED, "%s: %s", v->fired[i].rule, v->fired[i].reason);
	return OK;
}

static enum err
ask_one(const struct rules *rules, struct rules_facts *f, bool with_terms)
{
	static const enum rules_action actions[] = {RULES_COLLECT, RULES_SYNC};
	struct verdict v[ARRAY_LEN(actions)];
	enum err e = OK;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		f->action = actions[i];
		rules_judge(rules, f, &v[i]);
	}
	for (size_t i = 0; !e && i < ARRAY_LEN(actions); i++)
		e = refuse(&v[i], about_consent, ARRAY_LEN(about_consent));
	if (!e && !f->per_site && v[0].consent_then < 0 &&
		!rules_goes_without(f, v[0].consent_then))
		e = fail(E_DENIED, "no consent stood when the record was collected");
	for (size_t i = 0; !e && with_terms && i < ARRAY_LEN(actions); i++)
		e = refuse(&v[i], about_terms, ARRAY_LEN(about_terms));
	if (!e && with_terms && refuse(&v[0], about_sheets, ARRAY_LEN(about_sheets)) &&
		!made_up_for(rules, *f))
		e = refuse(&v[0], about_sheets, ARRAY_LEN(about_sheets));
	return e;
}

enum err
sync_rules_consented(const struct sync_rules_ask *q)
{
	struct rules_facts f = facts_of(q->judge, NULL);
	add_record(q, &f);
	return ask_one(q->judge->pack->rules, &f, false);
}

bool
sync_rules_without(const struct sync_rules_ask *q)
{
	struct rules_facts f = facts_of(q->judge, NULL);
	struct verdict v;
	add_record(q, &f);
	f.action = RULES_SYNC;
	rules_judge(q->judge->pack->rules, &f, &v);
	return rules_goes_without(&f, v.consent_then) || rules_goes_without(&f, v.consent_now);
}

enum err
sync_rules_record(const struct sync_rules_ask *q)
{
	OWNED_DUTIES struct sync_duties duties = {.count = 0};
	const struct sync_judge *j = q->judge;
	const char *lack = terms_lack(j);
	struct rules_facts f = facts_of(j, j->terms);
	add_record(q, &f);
	enum err e = add_duties(j, &f, &duties);
	if (!e)
		e = ask_one(j->pack->rules, &f, !lack);
	if (!e && lack)
		e = fail(E_DENIED, "%s", lack);
	if (!e && j->terms->rules)
		e = ask_one(j->terms->rules, &f, true);
	return e;
}

/* who takes consent */

bool
sync_rules_agrees(const char *event)
{
	static const char *const events[] = {
		"given", "reaffirmed", "changed", "advice-supports"};
	return is_listed(events, ARRAY_LEN(events), event);
}

/* Gives the consent behind each first yes on file that it may follow. */
static struct rules_consent *
with_first(
	const struct sync_consents *on_file, const struct rules_consent *one, size_t *ret_count)
{
	struct rules_consent *list = xcalloc(on_file->count + 1, sizeof(*list));
	size_t count = 0;
	for (size_t i = 0; i < on_file->count; i++) {
		const struct rules_consent *c = &on_file->consents[i];
		if (rules_is_first_yes(c) && c->given_ms <= one->given_ms)
			list[count++] = *c;
	}
	list[count] = *one;
	list[count++].known = on_file->part_count;
	*ret_count = count;
	return list;
}

enum err
sync_rules_taker(const struct sync_judge *j, const struct sync_consents *on_file,
	const struct wire_rules *consent)
{
	static const char *const taker[] = {TAKER_RULE};
	OWNED_DUTIES struct sync_duties duties = {.count = 0};
	const struct rules_consent one = sync_consents_view(consent);
	OWNED_MEM struct rules_consent *list = NULL;
	struct rules_facts f = facts_of(j, j->terms);
	struct verdict v;
	if (!asks_taker(j) || !sync_rules_agrees(one.event))
		return OK;
	if (terms_lack(j))
		return fail(E_DENIED, "%s", terms_lack(j));
	f.action = RULES_COLLECT;
	f.record.captured_ms = one.given_ms;
	list = with_first(on_file, &one, &f.record.consent_count);
	f.record.consents = list;
	enum err e = add_duties(j, &f, &duties);
	if (e)
		return e;
	rules_judge(j->pack->rules, &f, &v);
	e = refuse(&v, taker, ARRAY_LEN(taker));
	if (e || !j->terms->rules)
		return e;
	rules_judge(j->terms->rules, &f, &v);
	return refuse(&v, taker, ARRAY_LEN(taker));
}

/* what is missing */

void
sync_rules_over_text(const struct sync_judge *j, char ret[static SYNC_RULES_OVER_BYTES])
{
	char until[CLOCK_TEXT_BYTES];
	clock_text(until, j->over_s * MS_PER_S);
	(void)snprintf(ret, SYNC_RULES_OVER_BYTES,
		"by the hub's word the study was in force here until %s: no new consents and "
		"no "
		"new records are taken before the hub is heard again, by a connection or by "
		"`weir-node bundle read`",
		until);
}

static void
add_lines(struct buf *lines, const struct verdict *v)
{
	for (size_t i = 0; i < v->fired_count; i++) {
		const struct rules_fired *f = &v->fired[i];
		OWNED_MEM char *line = xasprintf("%s: %s\n", f->rule, f->reason);
		const bool is_said =
			lines->len && memmem(lines->at, lines->len, line, strlen(line));
		if (f->outcome != RULES_PERMIT && is_of_site(f->rule) && !is_said)
			buf_add_view(lines, view_text(line));
	}
}

/* Ways that a consent form offers and that no approval names: what stands on them waits. */
static void
add_modes(struct buf *lines, const struct sync_judge *j, const struct form *form,
	const struct rules_facts *f)
{
	const int at = formcheck_is_consent(form) ? form_field(form, CONSENT_MODE) : -1;
	const struct form_list *modes = at < 0 ? NULL : form->fields[at].list;
	for (size_t i = 0; modes && i < modes->count; i++) {
		const char *mode = modes->choices[i].code;
		if (!rules_mode_approved(j->pack->rules, f, mode, j->now_ms) ||
			(j->terms->rules &&
				!rules_mode_approved(j->terms->rules, f, mode, j->now_ms)))
			buf_format(lines,
				"R07: no approval in force names consent that is given as %s: "
				"records that stand on one wait here\n",
				mode);
	}
}

enum err
sync_rules_lacking(const struct sync_judge *j, const struct form *form, struct buf *lines)
{
	static const enum rules_action actions[] = {RULES_COLLECT, RULES_SYNC};
	struct rules_facts f = facts_of(j, j->terms);
	struct verdict v;
	if (j->over_s) {
		char over[SYNC_RULES_OVER_BYTES];
		sync_rules_over_text(j, over);
		buf_format(lines, "%s\n", over);
	}
	if (terms_lack(j)) {
		buf_format(lines, "%s\n", terms_lack(j));
		return buf_check(lines, "what the site lacks");
	}
	f.data_kind = datakind_of(form, NULL);
	f.per_site = form->per_site;
	f.no_partner = true;
	f.flow = pack_flow(j->pack, form->id);
	f.form = form->id;
	f.form_version = form->version;
	f.record.captured_ms = j->now_ms;
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		f.action = actions[i];
		rules_judge(j->pack->rules, &f, &v);
		add_lines(lines, &v);
		if (!j->terms->rules)
			continue;
		rules_judge(j->terms->rules, &f, &v);
		add_lines(lines, &v);
	}
	add_modes(lines, j, form, &f);
	return buf_check(lines, "what the site lacks");
}
