#include "node/intake_record.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/form_stamp.h"
#include "common/study/pack_group.h"
#include "common/study/zone.h"

#include "node/capture_cells.h"
#include "node/code.h"
#include "node/consent_form.h"
#include "node/leads.h"

#define MS_PER_S      1000
#define WORDS_UNKNOWN "no version of the form that is known here has this number"

void
intake_record_hold(struct intake_record *r, enum submit_problem problem, const char *where,
	const char *why)
{
	size_t before = r->reason.len;
	if (r->problem == SUBMIT_SOUND || problem == SUBMIT_NO_FORM)
		r->problem = problem;
	buf_format(
		&r->reason, "%s%s%s%s", before ? "; " : "", where, where[0] ? ": " : "", why);
	if (r->reason.broken) {
		r->reason.broken = false;
		r->reason.len = before;
	}
}

/* The study code as it is kept; false: what was typed is none. */
static bool
read_code(struct intake_record *r, const struct pack *pack, const char *typed)
{
	char normal[CODE_BYTES];
	if (pack_is_code(pack, typed) && strlen(typed) < sizeof(r->code)) {
		memcpy(r->code, typed, strlen(typed) + 1);
		return true;
	}
	if (!code_normal(normal, typed))
		return false;
	memcpy(r->code, normal, sizeof(normal));
	return true;
}

static const char *
answer_to(const struct intake_record *r, const struct form *form, const char *field)
{
	size_t count = 0;
	const struct submission_answer *a = submission_answers(r->submission, &count);
	int wanted = form_field(form, field);
	for (size_t i = 0; wanted >= 0 && i < count; i++)
		if (a[i].field == wanted)
			return a[i].value;
	return NULL;
}

const char *
intake_record_answer(const struct intake_record *r, const char *field)
{
	return answer_to(r, r->form->form, field);
}

static void
find_code(struct intake_record *r)
{
	const char *typed = intake_record_answer(r, FORM_PARTICIPANT);
	if (r->form->form->per_site)
		return;
	if (!typed || !read_code(r, r->form->pack, typed))
		intake_record_hold(r, SUBMIT_NO_CODE, FORM_PARTICIPANT,
			typed && typed[0] ? "this is not of the form of a study code"
					  : "the study code is missing");
}

/* Answers that stand where rules see them, open or as a consent, have to be what the form lets
 * them be: a wrong one would be in the clear, or agree to what nobody was asked. */
static void
find_seen_by_rules(struct intake_record *r)
{
	size_t count = 0;
	const struct form *f = r->form->form;
	const struct submission_answer *a = submission_answers(r->submission, &count);
	for (size_t i = 0; i < count; i++) {
		bool wrong = a[i].value[0] && (a[i].problem || !a[i].relevant);
		if (wrong && a[i].field >= 0 &&
			(consent_form_is(f) || f->fields[a[i].field].goes == FORM_OPEN)) {
			intake_record_hold(r, SUBMIT_NO_FORM, "",
				"it holds an answer that rules would go by, and that is wrong");
			return;
		}
	}
}

/* Before all else that is wrong: accepting it is accepting the text, and that is asked by
 * name. */
static void
find_leads(struct intake_record *r)
{
	size_t count = 0;
	const struct submission_answer *a = submission_answers(r->submission, &count);
	for (size_t i = 0; i < count; i++) {
		const char *kind = a[i].field < 0 ? NULL
						  : leads_to(&r->form->form->fields[a[i].field],
							    a[i].value);
		if (!kind)
			continue;
		OWNED_MEM char *words = xasprintf("the text looks like %s", kind);
		intake_record_hold(r, SUBMIT_TEXT, a[i].path, words);
	}
}

/* Answers that were found wrong are looked at by nobody: the record is held for them. */
static void
find_group(struct intake_record *r)
{
	size_t count = 0, sound = 0;
	const struct submission_answer *a = submission_answers(r->submission, &count);
	OWNED_MEM struct form_answer *list = xcalloc(count + 1, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		if (!a[i].problem && (a[i].relevant || a[i].field < 0))
			list[sound++] = (struct form_answer){a[i].path, a[i].value};
	if (pack_group_find(&r->group, r->form->pack, r->form->form, list, sound))
		intake_record_hold(r, SUBMIT_INVALID, "", err_text());
}

/* Why it cannot have been filled in when it says; NULL: it can, or it does not say. */
static const char *
why_not_then(enum collected_word word)
{
	switch (word) {
	case COLLECTED_UNSAID:
	case COLLECTED_SAID:
		return NULL;
	case COLLECTED_UNREAD:
		return "it does not say when the form was filled in; accepted, it counts as "
		       "filled in when it came";
	case COLLECTED_AHEAD:
		return "the clock of the tablet is ahead: by it the form was filled in later "
		       "than it came; accepted, it counts as filled in when it came";
	case COLLECTED_LOST:
		return "the clock of the tablet has lost its time: by it the form was filled "
		       "in before there was one; accepted, it counts as filled in when it "
		       "came";
	}
	return NULL;
}

static void
find_collected(struct intake_record *r)
{
	const struct form *form = r->form->form;
	/* What opens a site (R23) counts from when it came in, not from what is said of it. */
	const struct form_field *f = form->per_site ? NULL : form_stamp(form);
	const char *said = f ? intake_record_answer(r, f->name) : NULL;
	r->collected = collected_by_clock(said, pack_zone(r->form->pack), r->now_ms / MS_PER_S);
	const char *why = why_not_then(r->collected.word);
	if (why && !consent_form_is(r->form->form))
		intake_record_hold(r, SUBMIT_INVALID, capture_path_of(f), why);
}

static enum err
hold_against(struct intake_record *r, const struct intake_form *form,
	struct submission_report *ret_report)
{
	const struct submission_context context = {
		r->now_ms, zone_minutes(pack_zone(form->pack), r->now_ms)};
	return submission_check(r->submission, form->form, &context, ret_report);
}

/* Whose it is, as far as another version of its form can tell: who ends taking part, or is
 * erased, has it deleted with all else. */
static void
find_owner(struct intake_record *r, const struct intake_form *other)
{
	struct submission_report report = {.count = 0};
	const char *typed = NULL;
	if (!other->form->per_site && !hold_against(r, other, &report))
		typed = answer_to(r, other->form, FORM_PARTICIPANT);
	if (typed)
		(void)read_code(r, other->pack, typed);
	submission_report_done(&report);
}

static enum err
check(struct intake_record *r)
{
	struct submission_report report = {.count = 0};
	enum err e = hold_against(r, r->form, &report);
	if (!e)
		find_leads(r);
	for (size_t i = 0; !e && i < report.count; i++)
		intake_record_hold(
			r, SUBMIT_INVALID, report.lines[i].path, report.lines[i].reason);
	submission_report_done(&report);
	if (e)
		intake_record_hold(r, SUBMIT_NO_FORM, "", err_text());
	else
		find_group(r);
	if (!e)
		find_collected(r);
	if (!e)
		find_code(r);
	if (!e)
		find_seen_by_rules(r);
	return OK;
}

/* Of a record that no code leads to a person, the pseudonym leads nowhere. */
static void
remember(struct intake_record *r)
{
	static const uint8_t nobody[ID_BYTES];
	r->read_problem = r->problem;
	r->read_reason_len = r->reason.len;
	crypto_random(r->participant, ID_BYTES);
	if (r->form && r->form->form->per_site)
		memcpy(r->participant, nobody, ID_BYTES);
}

static enum err
read_record(struct intake_record *r, const struct intake_forms *forms)
{
	enum err e = submission_parse(&r->submission, intake_upload_xml(r->upload));
	if (e)
		return e;
	const char *id = submission_form_id(r->submission);
	const struct intake_form *any = intake_forms_find(forms, id, NULL);
	if (submission_instance_id(r->submission)[0] == '\0')
		return fail(E_FORMAT, "the submission has no instanceID");
	if (!any || (any->current && any->state == FACTS_NOT_HERE))
		return fail(E_NOTFOUND, "this form is not part of the study at this site");
	r->form = intake_forms_find(forms, id, submission_version(r->submission));
	if (r->form && !submission_is_encrypted(r->submission))
		return check(r);
	intake_record_hold(
		r, SUBMIT_NO_FORM, "", r->form ? "the submission is encrypted" : WORDS_UNKNOWN);
	find_owner(r, any);
	return OK;
}

enum err
intake_record_read(struct intake_record *r, const struct intake_forms *forms)
{
	buf_init(&r->reason, INTAKE_REASON_MAX_BYTES);
	r->collected = (struct collected){r->now_ms / MS_PER_S, COLLECTED_UNSAID};
	enum err e = read_record(r, forms);
	if (r->submission)
		submission_shed(r->submission);
	if (!e)
		remember(r);
	return e;
}

void
intake_record_owner(
	struct intake_record *r, bool known, const uint8_t pseudonym[static ID_BYTES])
{
	r->problem = r->read_problem;
	r->reason.len = r->read_reason_len;
	memcpy(r->participant, pseudonym, ID_BYTES);
	if (!known)
		intake_record_hold(r, SUBMIT_NO_CODE, FORM_PARTICIPANT,
			"nobody at this site has this study code");
}

void
intake_record_done(struct intake_record *r)
{
	submission_free(r->submission);
	r->submission = NULL;
	buf_done(&r->reason);
	crypto_wipe(r->code, sizeof(r->code));
}
