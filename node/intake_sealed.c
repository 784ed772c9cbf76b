#include "node/intake_sealed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/pack_group.h"
#include "common/study/zone.h"

#include "node/attach.h"
#include "node/capture_ids.h"
#include "node/code.h"
#include "node/consent_form.h"
#include "node/leads.h"

#define WAVE_BYTES    16
#define FIELD_WAVE    "wave"
#define WORDS_UNKNOWN "no version of the form that is known here has this number"

/* reading */

static void
add_reason(struct intake_record *r, enum submit_problem problem, const char *where,
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
read_code(struct intake_record *r, const char *typed)
{
	char normal[CODE_BYTES];
	if (pack_is_code(r->form->pack, typed) && strlen(typed) < sizeof(r->code)) {
		memcpy(r->code, typed, strlen(typed) + 1);
		return true;
	}
	if (!code_normal(normal, typed))
		return false;
	memcpy(r->code, normal, sizeof(normal));
	return true;
}

static const char *
answer_of(const struct intake_record *r, const char *field)
{
	size_t count = 0;
	const struct submission_answer *a = submission_answers(r->submission, &count);
	int wanted = form_field(r->form->form, field);
	for (size_t i = 0; wanted >= 0 && i < count; i++)
		if (a[i].field == wanted)
			return a[i].value;
	return NULL;
}

static void
find_code(struct intake_record *r)
{
	const char *typed = answer_of(r, FORM_PARTICIPANT);
	if (r->form->form->per_site)
		return;
	if (!typed || !read_code(r, typed))
		add_reason(r, SUBMIT_NO_CODE, FORM_PARTICIPANT,
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
			add_reason(r, SUBMIT_NO_FORM, "",
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
		add_reason(r, SUBMIT_TEXT, a[i].path, words);
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
		add_reason(r, SUBMIT_INVALID, "", err_text());
}

static enum err
check(struct intake_record *r)
{
	struct submission_report report = {.count = 0};
	const struct submission_context context = {
		r->now_ms, zone_minutes(pack_zone(r->form->pack), r->now_ms)};
	enum err e = submission_check(r->submission, r->form->form, &context, &report);
	if (!e)
		find_leads(r);
	for (size_t i = 0; !e && i < report.count; i++)
		add_reason(r, SUBMIT_INVALID, report.lines[i].path, report.lines[i].reason);
	submission_report_done(&report);
	if (e)
		add_reason(r, SUBMIT_NO_FORM, "", err_text());
	else
		find_group(r);
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
	if (!r->form)
		add_reason(r, SUBMIT_NO_FORM, "", WORDS_UNKNOWN);
	else if (submission_is_encrypted(r->submission))
		add_reason(r, SUBMIT_NO_FORM, "", "the submission is encrypted");
	else
		return check(r);
	return OK;
}

enum err
intake_record_read(struct intake_record *r, const struct intake_forms *forms)
{
	buf_init(&r->reason, INTAKE_REASON_MAX_BYTES);
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
		add_reason(r, SUBMIT_NO_CODE, FORM_PARTICIPANT,
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

/* answers */

/* The answers as capture wants them. NULL: one of them has no place in the form. without_leads:
 * texts that look like they lead to a person are left empty. */
static struct form_answer *
list_answers(const struct intake_record *r, bool without_leads, size_t *ret_count)
{
	const struct submission_answer *a = submission_answers(r->submission, ret_count);
	OWNED_MEM struct form_answer *list = xcalloc(*ret_count + 1, sizeof(*list));
	for (size_t i = 0; i < *ret_count; i++) {
		size_t len = strlen(a[i].path);
		if (a[i].field < 0 && (len == 0 || a[i].path[len - 1] != ']'))
			return NULL;
		bool leads = without_leads && a[i].field >= 0 &&
			     leads_to(&r->form->form->fields[a[i].field], a[i].value);
		list[i] = (struct form_answer){a[i].path, leads ? "" : a[i].value};
	}
	return take(list);
}

/* The wave that the form asks for; else the one that is open. "" is held by sync. */
static void
find_wave(const struct intake_record *r, char ret[static WAVE_BYTES])
{
	const char *said = answer_of(r, FIELD_WAVE);
	const struct pack_wave *wave = pack_wave_at(r->form->pack, r->form->form, r->now_ms);
	int64_t number = 0;
	ret[0] = '\0';
	if (said && text_int(view_text(said), &number) && number > 0 && number < 10000)
		(void)snprintf(ret, WAVE_BYTES, "%" PRId64, number);
	else if (wave)
		(void)snprintf(ret, WAVE_BYTES, "%" PRIu32, wave->number);
}

static enum err
seal_answers(struct intake_record *r, const uint8_t instance[static ID_BYTES],
	const uint8_t digest[static HASH_BYTES], struct capture_sealed *ret)
{
	size_t count = 0;
	char wave[WAVE_BYTES];
	OWNED_MEM struct form_answer *answers = list_answers(r, false, &count);
	OWNED_MEM struct form_answer *spare =
		r->problem == SUBMIT_TEXT ? list_answers(r, true, &count) : NULL;
	if (!answers)
		return fail(E_FORMAT, "it has answers that are not in the form");
	find_wave(r, wave);
	struct capture_record c = {.form = r->form->form,
		.code = r->code,
		.wave = wave,
		.group = r->group,
		.answers = answers,
		.count = count,
		.captured_s = r->now_ms / 1000,
		.instance = instance,
		.digest = digest,
		.spare = spare,
		.checked = true};
	memcpy(c.participant, r->participant, ID_BYTES);
	return capture_seal(ret, r->site, &c);
}

static enum err
seal_whole(struct intake_record *r, const uint8_t instance[static ID_BYTES],
	struct capture_sealed *ret)
{
	struct capture_unknown u = {.form = submission_form_id(r->submission),
		.version = submission_version(r->submission),
		.xml = intake_upload_xml(r->upload)};
	memcpy(u.participant, r->participant, ID_BYTES);
	memcpy(u.instance, instance, ID_BYTES);
	return capture_unknown(&ret->site_part, r->site, &u);
}

/* files */

/* Where a file goes: with the answer that names it. 0: no answer does. */
static enum form_goes
file_goes(const struct intake_record *r, const char *name)
{
	size_t count = 0, named = 0;
	if (r->problem == SUBMIT_NO_FORM)
		return FORM_SITE;
	const struct submission_answer *a = submission_answers(r->submission, &count);
	for (size_t i = 0; i < count; i++)
		if (a[i].field >= 0 && strcmp(a[i].value, name) == 0 &&
			r->form->form->fields[a[i].field].type == FORM_BINARY)
			return r->form->form->fields[a[i].field].goes == FORM_SITE ? FORM_SITE
										   : FORM_HUB;
	const char *const *names = submission_attachments(r->submission, &named);
	for (size_t i = 0; i < named; i++)
		if (strcmp(names[i], name) == 0)
			return FORM_SITE;
	return (enum form_goes)0;
}

static enum err
add_file(const struct intake_record *r, size_t i, enum form_goes goes,
	struct capture_sealed *sealed, struct buf *out)
{
	OWNED_BUF struct buf box;
	uint8_t digest[HASH_BYTES];
	struct view plain = intake_upload_file(r->upload, i);
	struct attach_context c = {
		.study = r->site->study, .name = intake_upload_file_name(r->upload, i)};
	memcpy(c.participant, r->participant, ID_BYTES);
	memcpy(c.instance, sealed->instance, ID_BYTES);
	buf_init(&box, SUBMIT_MAX_BYTES);
	enum err e = goes == FORM_SITE ? attach_seal_site(&box, plain, &c,
						 r->site->review_number, r->site->review_public)
				       : attach_seal(&box, plain, &c, sealed->key);
	if (e)
		return e;
	capture_digest_of(digest, r->site->row_key, plain);
	buf_blob_text(out, c.name);
	buf_u8(out, (uint8_t)goes);
	buf_u64(out, plain.len);
	buf_add(out, digest, HASH_BYTES);
	buf_blob(out, buf_view(&box));
	return buf_check(&box, "file");
}

static enum err
add_files(const struct intake_record *r, struct capture_sealed *sealed, struct buf *out)
{
	size_t count = intake_upload_file_count(r->upload);
	uint32_t kept = 0;
	enum err e = OK;
	for (size_t i = 0; i < count; i++)
		kept += file_goes(r, intake_upload_file_name(r->upload, i)) != 0;
	buf_u32(out, kept);
	for (size_t i = 0; !e && i < count; i++) {
		enum form_goes goes = file_goes(r, intake_upload_file_name(r->upload, i));
		if (goes)
			e = add_file(r, i, goes, sealed, out);
	}
	return e;
}

/* All that the answers name, and where each goes; of one that nobody can read, all that
 * came. */
static void
add_expected(const struct intake_record *r, struct buf *out)
{
	size_t count = 0;
	bool came = r->problem == SUBMIT_NO_FORM && !submission_is_encrypted(r->submission);
	const char *const *names = submission_attachments(r->submission, &count);
	if (came)
		count = intake_upload_file_count(r->upload);
	buf_u32(out, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		const char *name = came ? intake_upload_file_name(r->upload, i) : names[i];
		buf_blob_text(out, name);
		buf_u8(out, (uint8_t)file_goes(r, name));
	}
}

/* the request */

static void
add_id(const struct intake_record *r, const char *id, struct buf *out)
{
	uint8_t bytes[ID_BYTES] = {0};
	if (id[0])
		capture_instance_of(bytes, r->site->row_key, id);
	buf_add(out, bytes, ID_BYTES);
}

static void
add_head(
	const struct intake_record *r, const uint8_t digest[static HASH_BYTES], struct buf *out)
{
	buf_blob_text(out, submission_form_id(r->submission));
	buf_blob_text(out, submission_version(r->submission));
	buf_blob_text(out, r->code);
	buf_add(out, r->participant, ID_BYTES);
	add_id(r, submission_instance_id(r->submission), out);
	add_id(r, submission_deprecated_id(r->submission), out);
	buf_add(out, digest, HASH_BYTES);
	buf_blob_text(out, r->collector);
	buf_blob_text(out, r->agent);
	buf_u8(out, (uint8_t)r->problem);
	buf_blob(out, buf_view(&r->reason));
	add_expected(r, out);
}

enum err
intake_record_seal(struct intake_record *r, struct buf *out)
{
	OWNED_SEALED struct capture_sealed sealed = {.key = NULL};
	uint8_t instance[ID_BYTES], digest[HASH_BYTES];
	enum err e = E_FORMAT;
	capture_instance_of(instance, r->site->row_key, submission_instance_id(r->submission));
	capture_digest_of(digest, r->site->row_key, intake_upload_xml(r->upload));
	if (r->problem != SUBMIT_NO_FORM)
		e = seal_answers(r, instance, digest, &sealed);
	if (e == E_FORMAT) {
		if (r->problem != SUBMIT_NO_FORM)
			add_reason(r, SUBMIT_NO_FORM, "", err_text());
		capture_sealed_done(&sealed);
		buf_init(&sealed.site_part, CAPTURE_SITE_MAX_BYTES);
		e = seal_whole(r, instance, &sealed);
	}
	memcpy(sealed.instance, instance, ID_BYTES);
	if (!e)
		add_head(r, digest, out);
	if (!e)
		e = add_files(r, &sealed, out);
	buf_blob(out, buf_view(&sealed.item));
	buf_blob(out, buf_view(&sealed.site_part));
	buf_blob(out, buf_view(&sealed.spare));
	return e ? e : buf_check(out, "submission");
}
