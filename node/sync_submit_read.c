#include "node/sync_submit_read.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#include "node/sync_kept.h"
#include "node/sync_review.h"

#define NAME_MAX_BYTES   255
#define AGENT_MAX_BYTES  1024
#define REASON_MAX_BYTES 4096

static enum err
read_expected(struct cursor *c, struct sync_request *r)
{
	uint32_t count = cursor_u32(c);
	if (c->broken || count > SYNC_EXPECTED_MAX_COUNT)
		return fail(E_FORMAT, "submission: it names too many files");
	r->expected = xcalloc(count, sizeof(*r->expected));
	for (; r->expected_count < count; r->expected_count++) {
		r->expected[r->expected_count].name = cursor_blob(c);
		r->expected[r->expected_count].goes = cursor_u8(c);
	}
	return OK;
}

static enum err
read_files(struct cursor *c, struct sync_request *r)
{
	uint32_t count = cursor_u32(c);
	enum err e = OK;
	if (c->broken || count > SUBMIT_FILES_MAX_COUNT)
		return fail(E_FORMAT, "submission: too many files");
	r->files = xcalloc(count, sizeof(*r->files));
	for (; !e && r->file_count < count; r->file_count++) {
		struct sync_file_in *f = &r->files[r->file_count];
		f->name = cursor_blob(c);
		f->goes = cursor_u8(c);
		f->plain_bytes = cursor_u64(c);
		cursor_copy(c, f->digest, HASH_BYTES);
		f->sealed = cursor_blob(c);
		e = c->broken ? fail(E_FORMAT, "submission: a file is cut short")
			      : sync_file_check(f);
	}
	return e;
}

static enum err
check_text(const char *what, struct view v, size_t most)
{
	if (v.len > most || !text_is_utf8(v) || (v.len && memchr(v.at, 0, v.len)))
		return fail(E_FORMAT, "submission: %s is not of its form", what);
	return OK;
}

static enum err
check_texts(const struct sync_request *r)
{
	enum err e = check_text("form", r->form, NAME_MAX_BYTES);
	if (!e)
		e = check_text("version", r->version, NAME_MAX_BYTES);
	if (!e)
		e = check_text("study code", r->code, NAME_MAX_BYTES);
	if (!e)
		e = check_text("collector", r->collector, NAME_MAX_BYTES);
	if (!e)
		e = check_text("user agent", r->agent, AGENT_MAX_BYTES);
	if (!e)
		e = check_text("reason", r->reason, REASON_MAX_BYTES);
	for (size_t i = 0; !e && i < r->expected_count; i++)
		e = check_text("file name", r->expected[i].name, ATTACH_NAME_BYTES - 1);
	return e;
}

enum err
sync_request_read(struct sync_request *ret, struct view bytes)
{
	struct cursor c = cursor_of(bytes);
	struct sync_request *r = ret;
	*r = (struct sync_request){0};
	r->form = cursor_blob(&c);
	r->version = cursor_blob(&c);
	r->code = cursor_blob(&c);
	cursor_copy(&c, r->participant, ID_BYTES);
	cursor_copy(&c, r->instance, ID_BYTES);
	cursor_copy(&c, r->deprecates, ID_BYTES);
	cursor_copy(&c, r->digest, HASH_BYTES);
	r->collector = cursor_blob(&c);
	r->agent = cursor_blob(&c);
	r->problem = (enum submit_problem)cursor_u8(&c);
	r->reason = cursor_blob(&c);
	if (c.broken || r->problem > SUBMIT_TEXT)
		return fail(E_FORMAT, "submission: it is cut short, or of an unknown kind");
	enum err e = read_expected(&c, r);
	if (!e)
		e = read_files(&c, r);
	r->item = cursor_blob(&c);
	r->site_part = cursor_blob(&c);
	r->spare = cursor_blob(&c);
	if (!e)
		e = cursor_end(&c, "submission");
	if (!e && !r->item.len != (r->problem == SUBMIT_NO_FORM))
		e = fail(E_FORMAT, "submission: its record is missing, or not to be there");
	if (!e && r->spare.len && r->problem != SUBMIT_TEXT)
		e = fail(
			E_FORMAT, "submission: it has a spare and nothing wrong with its text");
	return e ? e : check_texts(r);
}

void
sync_request_done(struct sync_request *r)
{
	mem_drop(&r->expected);
	mem_drop(&r->files);
}

enum err
sync_request_fits(
	const struct sync_judge *j, const struct sync_request *r, const struct sync_item *item)
{
	struct vault *v = j->vault;
	enum err e = r->site_part.len ? sync_review_fits(v, r->site_part) : OK;
	for (size_t i = 0; !e && item && i < item->entry_count; i++) {
		e = sync_review_fits_entry(v, &item->entries[i]);
		if (!e)
			e = sync_kept_fits(j, &item->entries[i]);
	}
	for (size_t i = 0; !e && i < r->file_count; i++)
		if (r->files[i].goes == FORM_SITE)
			e = sync_review_fits(v, r->files[i].sealed);
	return e;
}
