#include "node/capture_ids.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/form_stamp.h"

#include "node/capture_inside.h"

#define PERSONAL_INSTANCE "weir-instance-v1"
#define PERSONAL_ROW      "weir-row-v1"

static bool
has_many(const struct form *f)
{
	return f->many || f->per_site;
}

/* travels: without the answers that stay at the site. */
static enum err
row_digest(uint8_t ret[static HASH_BYTES], const struct capture_site *site,
	const struct capture_row *row, bool travels)
{
	OWNED_WIPED struct buf plain;
	const struct capture_record *r = row->record;
	buf_init(&plain, CAPTURE_ROW_MAX_BYTES);
	buf_reserve(&plain, row->cells.plain_bytes + 1024);
	buf_blob_text(&plain, r->form->id);
	buf_blob(&plain, view_of(r->participant, ID_BYTES));
	for (size_t i = 0; i < row->cells.count; i++) {
		const struct capture_cell *c = &row->cells.list[i];
		if (!*c->value || (c->field && !form_field_is_kept(c->field)))
			continue;
		if (travels && capture_cell_is_local(c))
			continue;
		buf_blob_text(&plain, c->path);
		buf_blob_text(&plain, c->value);
	}
	capture_digest_of(ret, site->row_key, buf_view(&plain));
	return buf_check(&plain, "row");
}

static void
record_instance(uint8_t ret[static ID_BYTES], const struct capture_site *site,
	const struct capture_record *r, const uint8_t digest[static HASH_BYTES])
{
	OWNED_BUF struct buf about;
	buf_init(&about, 4096);
	buf_blob_text(&about, r->form->id);
	buf_blob(&about, view_of(r->participant, ID_BYTES));
	buf_blob_text(&about, r->wave);
	if (has_many(r->form))
		buf_blob(&about, view_of(digest, HASH_BYTES));
	struct view whole = buf_view(&about);
	crypto_hash_id(ret, PERSONAL_INSTANCE, site->row_key, &whole, 1);
}

enum err
capture_name(uint8_t ret_instance[static ID_BYTES], uint8_t ret_digest[static HASH_BYTES],
	const struct capture_site *site, const struct capture_row *row)
{
	const struct capture_record *r = row->record;
	uint8_t travels[HASH_BYTES];
	enum err e = OK;
	if (r->digest)
		memcpy(ret_digest, r->digest, HASH_BYTES);
	else
		e = row_digest(ret_digest, site, row, false);
	if (!e && !r->instance)
		e = row_digest(travels, site, row, true);
	if (e)
		return e;
	if (r->instance)
		memcpy(ret_instance, r->instance, ID_BYTES);
	else
		record_instance(ret_instance, site, r, travels);
	return OK;
}

bool
capture_hides(const struct form *f)
{
	bool hides = false;
	for (size_t i = 0; i < f->field_count; i++)
		hides = hides ||
			(f->fields[i].goes == FORM_SITE && form_field_is_kept(&f->fields[i]));
	return hides && has_many(f);
}

enum err
capture_ids(struct capture_ids *ret, const struct capture_site *site,
	const struct capture_record *r)
{
	OWNED_CELLS struct capture_cells cells = {0};
	uint8_t travels[HASH_BYTES];
	*ret = (struct capture_ids){.digest = {0}};
	enum err e = capture_cells_read(&cells, r->form, r->answers, r->count, r->checked);
	const struct capture_row row = {r, cells, NULL};
	if (!e)
		e = row_digest(ret->digest, site, &row, false);
	if (!e)
		e = row_digest(travels, site, &row, true);
	if (e)
		return e;
	record_instance(ret->first, site, r, travels);
	record_instance(ret->before, site, r, ret->digest);
	return OK;
}

void
capture_instance_turn(uint8_t ret[static ID_BYTES], const uint8_t row_key[static HASH_BYTES],
	const uint8_t first[static ID_BYTES], uint32_t turn)
{
	OWNED_BUF struct buf about;
	buf_init(&about, ID_BYTES + sizeof(turn));
	buf_add(&about, first, ID_BYTES);
	buf_u32(&about, turn);
	struct view whole = buf_view(&about);
	if (turn == 0)
		memcpy(ret, first, ID_BYTES);
	else
		crypto_hash_id(ret, PERSONAL_INSTANCE, row_key, &whole, 1);
}

void
capture_instance_of(uint8_t ret[static ID_BYTES], const uint8_t row_key[static HASH_BYTES],
	const char *instance_id)
{
	struct view whole = view_text(instance_id);
	crypto_hash_id(ret, PERSONAL_INSTANCE, row_key, &whole, 1);
}

void
capture_digest_of(uint8_t ret[static HASH_BYTES], const uint8_t row_key[static HASH_BYTES],
	struct view bytes)
{
	crypto_hash_many(ret, PERSONAL_ROW, row_key, &bytes, 1);
}
