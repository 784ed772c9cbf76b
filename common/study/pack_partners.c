#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/text.h"
#include "common/study/pack_own.h"
#include "common/study/pack_sheet.h"

#define SITES_FILE     "sites.csv"
#define LIST_MAX_BYTES ((size_t)4 << 20)

static const char *const columns[] = {"site", "id", "name", "kind", "example"};

/* partners.csv being read. */
struct reader {
	struct pack *pack;
	struct pack_sheet sheet;
};

/* The same organisation may be a partner of several sites: it has one name and one kind. */
static void
check_same(const struct reader *r, const struct pack_partner *new)
{
	for (size_t i = 0; i < r->pack->partner_count; i++) {
		const struct pack_partner *p = &r->pack->partners[i];
		if (strcmp(p->id, new->id) != 0)
			continue;
		if (strcmp(p->site, new->site) == 0)
			faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "id"),
				"the site has the partner '%s' twice", new->id);
		if (strcmp(p->name, new->name) != 0)
			faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "name"),
				"the partner '%s' has another name further up", new->id);
		if (strcmp(p->kind, new->kind) != 0)
			faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "kind"),
				"the partner '%s' is of another kind further up", new->id);
	}
}

static void
read_partner(const struct reader *r)
{
	struct pack *p = r->pack;
	const struct pack_partner new = {.site = pack_sheet_need(&r->sheet, "site"),
		.id = pack_sheet_need(&r->sheet, "id"),
		.name = pack_sheet_need(&r->sheet, "name"),
		.kind = pack_sheet_need(&r->sheet, "kind"),
		.example = strcmp(pack_sheet_cell(&r->sheet, "example"), "yes") == 0};
	if (!new.example && strcmp(pack_sheet_cell(&r->sheet, "example"), "no") != 0)
		faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "example"),
			"yes or no is wanted");
	if (*new.site && !pack_site(p, new.site))
		faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "site"),
			"sites.csv has no site '%s'", new.site);
	if (*new.id && !text_is_name(new.id, FORM_MAX_NAME_BYTES))
		faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "id"),
			"an id is a small letter and a-z, 0-9, '_', '-'");
	if (*new.kind && !text_is_name(new.kind, FORM_MAX_NAME_BYTES))
		faults_add(r->sheet.faults, pack_sheet_place(&r->sheet, "kind"),
			"a kind is a small letter and a-z, 0-9, '_', '-'");
	check_same(r, &new);
	p->partners[p->partner_count++] = new;
}

void
pack_read_partners(struct pack *p, struct view text, struct faults *faults)
{
	OWNED(csv_sheet) struct csv_sheet *sheet = NULL;
	const struct fault_place whole = {PACK_PARTNERS, 0, NULL};
	if (csv_load(&sheet, text, PACK_PARTNERS) != OK) {
		faults_add(faults, whole, "%s", err_text());
		return;
	}
	struct reader r = {p, {PACK_PARTNERS, faults, sheet, 0}};
	const size_t rows = csv_rows(sheet);
	pack_sheet_columns(&r.sheet,
		&(struct pack_columns){.names = columns, .count = ARRAY_LEN(columns)});
	if (rows > PACK_MAX_PARTNERS) {
		faults_add(faults, whole, "more than %d partners", PACK_MAX_PARTNERS);
		return;
	}
	p->partners = xcalloc(rows + 1, sizeof(*p->partners));
	for (; r.sheet.row < rows; r.sheet.row++)
		read_partner(&r);
}

void
pack_partners_done(struct pack *p)
{
	for (size_t i = 0; i < p->partner_count; i++) {
		free(p->partners[i].site);
		free(p->partners[i].id);
		free(p->partners[i].name);
		free(p->partners[i].kind);
	}
	free(p->partners);
}

/* ---- what a whole pack has to keep to ---- */

static bool
asks_partner(const struct form *f)
{
	for (size_t i = 0; i < f->file_count; i++)
		if (strcmp(f->files[i].name, PACK_PARTNERS) == 0)
			return true;
	return false;
}

static size_t
count_at(const struct pack *p, const char *site)
{
	size_t count = 0;
	for (size_t i = 0; i < p->partner_count; i++)
		count += strcmp(p->partners[i].site, site) == 0;
	return count;
}

/* Two files that say how many partners a site has say the same. */
static void
check_number(
	const struct pack *p, const struct csv_sheet *sites, size_t row, struct faults *faults)
{
	const char *site = csv_cell(sites, row, csv_column(sites, "id"));
	const char *said = csv_cell(sites, row, csv_column(sites, "partners"));
	const struct fault_place at = {SITES_FILE, csv_row_number(sites, row), "partners"};
	int64_t number = 0;
	if (*said &&
		(!text_int(view_text(said), &number) || number != (int64_t)count_at(p, site)))
		faults_add(faults, at, "%s names %zu partners of this site", PACK_PARTNERS,
			count_at(p, site));
}

static void
check_form(const struct pack *p, const struct form *f, struct faults *faults)
{
	if (!asks_partner(f))
		return;
	if (p->partner_count == 0)
		faults_add(faults, (struct fault_place){PACK_PARTNERS, 0, NULL},
			"this file is missing: form %s asks for it", f->id);
	for (size_t i = 0; p->partner_count && i < p->site_count; i++)
		if (pack_form_at(p, f, p->sites[i].id) && count_at(p, p->sites[i].id) == 0)
			faults_add(faults, (struct fault_place){PACK_PARTNERS, 0, "site"},
				"site '%s' has no partner, and form %s asks for one",
				p->sites[i].id, f->id);
}

void
pack_check_partners(const struct pack *p, struct faults *faults)
{
	OWNED(csv_sheet) struct csv_sheet *sites = NULL;
	const struct pack_document *d = pack_document_named(p->own, SITES_FILE);
	for (size_t i = 0; i < p->form_count; i++)
		check_form(p, p->forms[i], faults);
	if (p->partner_count == 0 || !d || csv_load(&sites, d->bytes, SITES_FILE) != OK)
		return;
	for (size_t row = 0; row < csv_rows(sites); row++)
		check_number(p, sites, row, faults);
}

/* ---- use ---- */

const struct pack_partner *
pack_partner(const struct pack *p, const char *site, const char *id)
{
	for (size_t i = 0; i < p->partner_count; i++)
		if (strcmp(p->partners[i].site, site) == 0 &&
			strcmp(p->partners[i].id, id) == 0)
			return &p->partners[i];
	return NULL;
}

/* RFC 4180: in quotes, those inside doubled. */
static void
put_cell(struct buf *out, const char *text, bool last)
{
	buf_u8(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			buf_u8(out, '"');
		buf_u8(out, (uint8_t)*text);
	}
	buf_u8(out, '"');
	buf_u8(out, last ? '\n' : ',');
}

enum err
pack_partners_at(struct buf *out, struct view text, const char *site)
{
	OWNED(csv_sheet) struct csv_sheet *sheet = NULL;
	enum err e = csv_load(&sheet, text, PACK_PARTNERS);
	if (e)
		return e;
	const size_t width = csv_columns(sheet);
	const int at = csv_column(sheet, "site");
	bool any = false;
	for (size_t row = 0; row < csv_rows(sheet); row++)
		any = any || strcmp(csv_cell(sheet, row, at), site) == 0;
	for (size_t c = 0; c < width; c++)
		put_cell(out, csv_column_name(sheet, c), c + 1 == width);
	for (size_t row = 0; row < csv_rows(sheet); row++)
		for (size_t c = 0; c < width; c++)
			if (!any || strcmp(csv_cell(sheet, row, at), site) == 0)
				put_cell(out, csv_cell(sheet, row, (int)c), c + 1 == width);
	return buf_check(out, PACK_PARTNERS);
}

static bool
stands_before(const struct csv_sheet *sheet, size_t row, int column)
{
	for (size_t i = 0; i < row; i++)
		if (strcmp(csv_cell(sheet, i, column), csv_cell(sheet, row, column)) == 0)
			return true;
	return false;
}

struct view
pack_partner_list(struct pack_private *own)
{
	OWNED(csv_sheet) struct csv_sheet *sheet = NULL;
	const struct pack_document *d = pack_document_named(own, PACK_PARTNERS);
	if (!d || own->partner_list.at)
		return own->partner_list;
	if (csv_load(&sheet, d->bytes, PACK_PARTNERS) != OK)
		return own->partner_list; /* said when the file itself is read */
	OWNED_BUF struct buf out;
	buf_init(&out, LIST_MAX_BYTES);
	const int id = csv_column(sheet, "id"), name = csv_column(sheet, "name");
	put_cell(&out, "name", false);
	put_cell(&out, "label", true);
	for (size_t row = 0; row < csv_rows(sheet) && row < PACK_MAX_PARTNERS; row++) {
		if (stands_before(sheet, row, id))
			continue;
		put_cell(&out, csv_cell(sheet, row, id), false);
		put_cell(&out, csv_cell(sheet, row, name), true);
	}
	if (!out.broken)
		own->partner_list = view_of(xmemdup(out.at, out.len), out.len);
	return own->partner_list;
}
