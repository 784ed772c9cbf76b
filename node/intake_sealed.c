#include "node/intake_sealed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/attach.h"
#include "node/capture_ids.h"
#include "node/leads.h"

#define MS_PER_S   1000
#define WAVE_BYTES 16
#define FIELD_WAVE "wave"

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

/* The wave that the form asks for; else the one that was open as it was filled in. "" is held
 * by sync. */
static void
find_wave(const struct intake_record *r, char ret[static WAVE_BYTES])
{
	const char *said = intake_record_answer(r, FIELD_WAVE);
	const struct pack_wave *wave =
		pack_wave_at(r->form->pack, r->form->form, r->collected.at_s * MS_PER_S);
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
		.captured_s = r->collected.at_s,
		.captured_said = r->collected.word == COLLECTED_SAID,
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
intake_sealed_add(struct intake_record *r, struct buf *out)
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
			intake_record_hold(r, SUBMIT_NO_FORM, "", err_text());
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
