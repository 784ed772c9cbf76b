#include "node/capture_inside.h"

#include "common/base/mem.h"

#define SITE_VERSION 1
#define SITE_ANSWERS 1
#define SITE_XML     2

/* Whose it is, in front of what is boxed for the site's review key. */
struct local {
	const char *form, *version;
	const uint8_t *participant, *instance;
	uint8_t kind;
};

static void
begin_local(struct buf *plain, const struct capture_site *site, const struct local *l)
{
	buf_u8(plain, SITE_VERSION);
	buf_u8(plain, l->kind);
	buf_blob_text(plain, site->study);
	buf_blob(plain, view_of(l->participant, ID_BYTES));
	buf_blob_text(plain, l->form);
	buf_blob_text(plain, l->version);
	buf_blob(plain, view_of(l->instance, ID_BYTES));
}

static enum err
box_local(struct buf *out, const struct capture_site *site, const struct buf *plain)
{
	enum err e = buf_check(plain, "answers of the site");
	if (e)
		return e;
	buf_u8(out, SITE_VERSION);
	buf_u32(out, site->review_number);
	box_seal(out, buf_view(plain), site->review_public);
	return buf_check(out, "answers of the site");
}

enum err
capture_local(struct buf *out, const struct capture_site *site, const struct capture_row *row,
	const uint8_t instance[static ID_BYTES])
{
	OWNED_WIPED struct buf plain;
	const struct capture_record *r = row->record;
	uint32_t count = 0;
	buf_init(&plain, CAPTURE_ROW_MAX_BYTES);
	for (size_t i = 0; i < row->cells.count; i++)
		count += capture_cell_is_local(&row->cells.list[i]);
	if (!count)
		return OK;
	struct local l = {
		r->form->id, r->form->version, r->participant, instance, SITE_ANSWERS};
	buf_reserve(&plain, row->cells.plain_bytes + 1024);
	begin_local(&plain, site, &l);
	buf_u32(&plain, count);
	for (size_t i = 0; i < row->cells.count; i++) {
		const struct capture_cell *c = &row->cells.list[i];
		if (!capture_cell_is_local(c))
			continue;
		buf_blob_text(&plain, c->path);
		buf_blob_text(&plain, c->value);
	}
	return box_local(out, site, &plain);
}

enum err
capture_unknown(
	struct buf *out, const struct capture_site *site, const struct capture_unknown *u)
{
	OWNED_WIPED struct buf plain;
	struct local l = {u->form, u->version, u->participant, u->instance, SITE_XML};
	buf_init(&plain, CAPTURE_SITE_MAX_BYTES);
	buf_reserve(&plain, MIN(u->xml.len + 2048, CAPTURE_SITE_MAX_BYTES));
	begin_local(&plain, site, &l);
	buf_blob(&plain, u->xml);
	return box_local(out, site, &plain);
}
