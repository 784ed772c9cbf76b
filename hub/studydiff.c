#include "hub/studydiff.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/ini.h"
#include "common/study/formcheck.h"
#include "common/study/pack_partners.h"

#include "hub/studydiff_inside.h"

#define TEXT_BYTES 400

/* changes */

static struct studydiff_change *
add(struct studydiff_place at, const char *what, const char *format, va_list args)
{
	struct studydiff *d = at.to;
	char text[TEXT_BYTES];
	if (d->count == STUDYDIFF_MAX) {
		d->dropped++;
		return NULL;
	}
	if ((d->count & (d->count - 1)) == 0)
		d->changes =
			xrealloc(d->changes, MAX(d->count * 2, (size_t)1), sizeof(*d->changes));
	(void)vsnprintf(text, sizeof(text), format, args);
	struct studydiff_change *c = &d->changes[d->count++];
	*c = (struct studydiff_change){
		.file = xstrdup(at.file), .what = xstrdup(what), .text = xstrdup(text)};
	return c;
}

void
studydiff_show(struct studydiff_place at, const char *what, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	(void)add(at, what, format, args);
	va_end(args);
}

void
studydiff_refuse(struct studydiff_place at, const char *what, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct studydiff_change *c = add(at, what, format, args);
	va_end(args);
	at.to->refused++;
	if (c)
		c->refused = true;
}

void
studydiff_free(struct studydiff *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->count; i++) {
		mem_drop(&d->changes[i].file);
		mem_drop(&d->changes[i].what);
		mem_drop(&d->changes[i].text);
	}
	mem_drop(&d->changes);
	mem_drop(&d);
}

enum err
studydiff_check(const struct studydiff *d)
{
	for (size_t i = 0; d->refused && i < d->count; i++) {
		const struct studydiff_change *c = &d->changes[i];
		const char *gap = *c->what ? " " : "";
		if (c->refused && d->refused == 1)
			return fail(E_DENIED, "%s%s%s: %s", c->file, gap, c->what, c->text);
		if (c->refused)
			return fail(E_DENIED, "%s%s%s: %s; %zu more", c->file, gap, c->what,
				c->text, d->refused - 1);
	}
	return d->refused ? fail(E_DENIED, "%zu changes are refused", d->refused) : OK;
}

/* documents */

static struct view
document(const struct pack *p, const char *name)
{
	size_t count;
	const struct pack_document *all = pack_documents(p, &count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].bytes;
	return view_of(NULL, 0);
}

/* Does the document belong to this form: "forms/ID/..." or "forms/ID.xlsx"? */
static bool
is_of_form(const char *name, const char *form)
{
	static const char folder[] = "forms/";
	size_t len = strlen(form);
	if (strncmp(name, folder, strlen(folder)) != 0)
		return false;
	name += strlen(folder);
	return strncmp(name, form, len) == 0 && (name[len] == '/' || name[len] == '.');
}

/* Every document of the form that one side lacks or has otherwise. */
static void
diff_files(struct studydiff_place at, const struct pack *from, const struct pack *to,
	const char *form)
{
	size_t count;
	const struct pack_document *all = pack_documents(from, &count);
	for (size_t i = 0; i < count; i++) {
		if (!is_of_form(all[i].name, form))
			continue;
		struct view other = document(to, all[i].name);
		if (!other.at)
			studydiff_show(at, all[i].name, "the file is taken out");
		else if (!view_same(other, all[i].bytes))
			studydiff_show(at, all[i].name, "the file differs");
	}
	all = pack_documents(to, &count);
	for (size_t i = 0; i < count; i++)
		if (is_of_form(all[i].name, form) && !document(from, all[i].name).at)
			studydiff_show(at, all[i].name, "the file is new");
}

/* Whoever agreed to the version before has to know where they stand. */
static void
diff_reconsent(struct studydiff_place at, const struct pack *p, const struct form *before,
	const struct form *after)
{
	if (formcheck_is_consent(after) && strcmp(before->version, after->version) != 0 &&
		!*pack_reconsent(p, after))
		studydiff_refuse(at, "",
			"study.ini [form.%s] has to say what the new version asks of who "
			"agreed to an older one: reconsent = none, next-contact, "
			"before-collection or before-use",
			after->id);
}

static void
diff_partner(struct studydiff_place at, const struct pack_partner *p,
	const struct pack_partner *before)
{
	if (!before)
		studydiff_show(at, p->id, "the partner is new at site %s", p->site);
	else if (strcmp(before->name, p->name) != 0)
		studydiff_show(
			at, p->id, "its name was '%s' and becomes '%s'", before->name, p->name);
	else if (strcmp(before->kind, p->kind) != 0)
		studydiff_show(
			at, p->id, "its kind was %s and becomes %s", before->kind, p->kind);
}

static void
diff_partners(struct studydiff *d, const struct pack *before, const struct pack *after)
{
	const struct studydiff_place at = {d, PACK_PARTNERS};
	for (size_t i = 0; i < after->partner_count; i++) {
		const struct pack_partner *p = &after->partners[i];
		diff_partner(at, p, pack_partner(before, p->site, p->id));
	}
	for (size_t i = 0; i < before->partner_count; i++) {
		const struct pack_partner *p = &before->partners[i];
		if (!pack_partner(after, p->site, p->id))
			studydiff_show(at, p->id,
				"the partner is taken out of site %s: what its staff gave "
				"counts as before",
				p->site);
	}
}

static void
diff_forms(struct studydiff *d, const struct pack *before, const struct pack *after)
{
	for (size_t i = 0; i < after->form_count; i++) {
		const struct form *f = after->forms[i], *old = pack_form(before, f->id);
		OWNED_MEM char *file = xasprintf("forms/%s", f->id);
		struct studydiff_place at = {d, file};
		if (old) {
			studydiff_form(d, old, f);
			diff_reconsent(at, after, old, f);
			diff_files(at, before, after, f->id);
		} else {
			studydiff_show(at, "",
				"the form is new, in version %s with %zu "
				"questions",
				f->version, f->field_count);
		}
	}
	for (size_t i = 0; i < before->form_count; i++) {
		OWNED_MEM char *file = xasprintf("forms/%s", before->forms[i]->id);
		if (!pack_form(after, before->forms[i]->id))
			studydiff_show((struct studydiff_place){d, file}, "",
				"the form is taken out; what was filled in before is still "
				"taken");
	}
}

/* sheets with an id in every row */

static int
row_of(const struct csv_sheet *s, const char *id)
{
	for (size_t row = 0; row < csv_rows(s); row++)
		if (strcmp(csv_cell(s, row, csv_column(s, "id")), id) == 0)
			return (int)row;
	return -1;
}

static void
diff_row(struct studydiff_place at, const struct csv_sheet *before, size_t old_row,
	const struct csv_sheet *after, size_t row)
{
	const char *id = csv_cell(after, row, csv_column(after, "id"));
	OWNED_BUF struct buf columns;
	buf_init(&columns, TEXT_BYTES / 2);
	for (size_t i = 0; i < csv_columns(after); i++) {
		const char *name = csv_column_name(after, i);
		if (strcmp(csv_cell(before, old_row, csv_column(before, name)),
			    csv_cell(after, row, (int)i)) != 0)
			buf_format(&columns, "%s%s", columns.len ? ", " : "", name);
	}
	if (columns.len)
		studydiff_show(
			at, id, "differs in %.*s", (int)columns.len, (const char *)columns.at);
}

static void
diff_sheets(struct studydiff_place at, const struct csv_sheet *before,
	const struct csv_sheet *after)
{
	for (size_t row = 0; row < csv_rows(after); row++) {
		const char *id = csv_cell(after, row, csv_column(after, "id"));
		int old = row_of(before, id);
		if (old < 0)
			studydiff_show(at, id, "the row is new");
		else
			diff_row(at, before, (size_t)old, after, row);
	}
	for (size_t row = 0; row < csv_rows(before); row++) {
		const char *id = csv_cell(before, row, csv_column(before, "id"));
		if (row_of(after, id) < 0)
			studydiff_show(at, id, "the row is taken out");
	}
}

/* Both packs were loaded, so their sheets and keys can be read. */
static void
diff_csv(struct studydiff *d, const char *file, const struct pack *before,
	const struct pack *after)
{
	OWNED(csv_sheet) struct csv_sheet *old = NULL;
	OWNED(csv_sheet) struct csv_sheet *new = NULL;
	enum err e = csv_load(&old, document(before, file), file);
	if (!e)
		e = csv_load(&new, document(after, file), file);
	if (!e)
		diff_sheets((struct studydiff_place){d, file}, old, new);
}

/* keys */

static void
diff_keys(struct studydiff_place at, const struct ini *before, const struct ini *after)
{
	for (size_t i = 0; i < after->count; i++) {
		const struct ini_item *now = &after->items[i];
		const struct ini_item *was = ini_find(before, now->section, now->key);
		OWNED_MEM char *what =
			xasprintf("[%s]%s%s", now->section, *now->key ? " " : "", now->key);
		if (!was)
			studydiff_show(at, what,
				*now->key ? "the key is new: '%s'" : "the section is new%s",
				now->value);
		else if (strcmp(was->value, now->value) != 0)
			studydiff_show(at, what, "'%s' becomes '%s'", was->value, now->value);
	}
	for (size_t i = 0; i < before->count; i++) {
		const struct ini_item *was = &before->items[i];
		OWNED_MEM char *what =
			xasprintf("[%s]%s%s", was->section, *was->key ? " " : "", was->key);
		if (!ini_find(after, was->section, was->key))
			studydiff_show(at, what,
				*was->key ? "the key is taken out"
					  : "the section is taken out");
	}
}

static void
diff_ini(struct studydiff *d, const char *file, const struct pack *before,
	const struct pack *after)
{
	OWNED(ini) struct ini *old = NULL;
	OWNED(ini) struct ini *new = NULL;
	enum err e = ini_load(&old, document(before, file), file);
	if (!e)
		e = ini_load(&new, document(after, file), file);
	if (!e)
		diff_keys((struct studydiff_place){d, file}, old, new);
}

static bool
is_past_plan(const struct pack *p, int64_t wall_ms)
{
	OWNED(ini) struct ini *ini = NULL;
	int64_t day_ms;
	if (ini_load(&ini, document(p, "study.ini"), "study.ini"))
		return false;
	return clock_parse(ini_value(ini, "plan", "date", ""), &day_ms) && wall_ms >= day_ms;
}

struct studydiff *
studydiff_make(const struct pack *before, const struct pack *after, int64_t wall_ms)
{
	struct studydiff *d = xcalloc(1, sizeof(*d));
	diff_forms(d, before, after);
	size_t first = d->count;
	diff_csv(d, "codebook.csv", before, after);
	for (size_t i = first; i < d->count && is_past_plan(after, wall_ms); i++)
		d->changes[i].exploratory =
			codebook_find(after->codebook, d->changes[i].what) != NULL;
	diff_csv(d, "sites.csv", before, after);
	diff_partners(d, before, after);
	diff_ini(d, "study.ini", before, after);
	diff_ini(d, "rules.ini", before, after);
	return d;
}
