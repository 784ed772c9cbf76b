#include "hub/weights.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/ini.h"
#include "common/codec/text.h"

#define POOLED_BY_PEOPLE "population"
#define POOLED_EQUALLY   "equal"

static struct view
document(const struct pack *p, const char *name)
{
	size_t count;
	const struct pack_document *documents = pack_documents(p, &count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(documents[i].name, name) == 0)
			return documents[i].bytes;
	return view_of(NULL, 0);
}

/* gives the column of sites.csv with the people who could answer the form, NULL when the study
 * names none. */
static char *
eligible_column(const struct pack *p, const struct form *f)
{
	OWNED(ini) struct ini *study = NULL;
	OWNED_MEM char *section = xasprintf("form.%s", f->id);
	if (ini_load(&study, document(p, "study.ini"), "study.ini"))
		return NULL;
	const char *name = ini_value(study, section, "eligible", "");
	return *name ? xstrdup(name) : NULL;
}

/* As many as could have answered there; false: sites.csv does not say. */
static bool
read_people(double *ret, const struct csv_sheet *sheet, const char *column, const char *site)
{
	for (size_t r = 0; r < csv_rows(sheet); r++) {
		if (strcmp(csv_cell(sheet, r, csv_column(sheet, "id")), site) != 0)
			continue;
		const char *cell = csv_cell(sheet, r, csv_column(sheet, column));
		return text_decimal(view_text(cell), ret) && *ret > 0;
	}
	return false;
}

static enum err
lacks_people(const char *column, const char *site)
{
	return fail(E_DENIED, "sites.csv %s: site %s has no number of people to weigh it by",
		column, site);
}

/* The weights of a form, before anybody says of which sites. */
struct weighing {
	bool is_heap, equal;
	char *column;
	struct csv_sheet *sheet;
};

static void
weighing_done(struct weighing *w)
{
	mem_drop(&w->column);
	csv_sheet_free(w->sheet);
}

static enum err
weighing_begin(struct weighing *w, const struct pack *p, const struct form *f)
{
	*w = (struct weighing){.equal = strcmp(p->pooling, POOLED_EQUALLY) == 0};
	if (strcmp(p->pooling, POOLED_BY_PEOPLE) == 0)
		w->column = eligible_column(p, f);
	w->is_heap = !w->equal && !w->column;
	return w->column ? csv_load(&w->sheet, document(p, "sites.csv"), "sites.csv") : OK;
}

enum err
weights_make(double **ret, const struct pack *p, const struct form *f,
	const struct cohort_site *sites, size_t count)
{
	OWNED_BY(weighing_done) struct weighing w = {.is_heap = true};
	*ret = NULL;
	enum err e = weighing_begin(&w, p, f);
	if (e || w.is_heap)
		return e;
	OWNED_MEM double *made = xcalloc(count + 1, sizeof(*made));
	for (size_t i = 0; !e && i < count; i++) {
		made[i] = 1;
		if (!w.equal && sites[i].state == SITE_TAKES_PART &&
			!read_people(&made[i], w.sheet, w.column, sites[i].id))
			e = lacks_people(w.column, sites[i].id);
	}
	if (!e)
		*ret = take(made);
	return e;
}

/* Of the sites that count for a printed one: those whose numbers stand for it, or all that take
 * part. */
static double
sum_people(const struct weighing *w, const struct weights_cut *c, size_t printed, bool stands)
{
	double sum = 0, people = 0;
	for (size_t i = 0; i < c->cut->site_count; i++) {
		const struct sitecut_site *s = &c->cut->sites[i];
		const bool counts = stands ? s->stands : c->sites[i].state == SITE_TAKES_PART;
		if (s->printed == printed && counts &&
			read_people(&people, w->sheet, w->column, c->sites[i].id))
			sum += people;
	}
	return sum;
}

static bool
takes_part(const struct weights_cut *c, size_t printed)
{
	for (size_t i = 0; i < c->cut->site_count; i++)
		if (c->cut->sites[i].printed == printed && c->sites[i].state == SITE_TAKES_PART)
			return true;
	return false;
}

enum err
weights_printed(
	double **ret, const struct pack *p, const struct form *f, const struct weights_cut *c)
{
	OWNED_BY(weighing_done) struct weighing w = {.is_heap = true};
	const size_t count = c->cut->printed_count;
	*ret = NULL;
	enum err e = weighing_begin(&w, p, f);
	if (e || w.is_heap)
		return e;
	OWNED_MEM double *made = xcalloc(count + 1, sizeof(*made));
	for (size_t i = 0; !e && i < count; i++) {
		made[i] = 1;
		if (w.equal || !takes_part(c, i))
			continue;
		made[i] = sum_people(&w, c, i, true);
		if (!(made[i] > 0))
			made[i] = sum_people(&w, c, i, false);
		if (!(made[i] > 0))
			e = lacks_people(w.column, c->cut->printed[i].id);
	}
	if (!e)
		*ret = take(made);
	return e;
}
