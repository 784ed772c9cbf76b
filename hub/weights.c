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

static enum err
read_people(double *ret, const struct csv_sheet *sheet, const char *column, const char *site)
{
	for (size_t r = 0; r < csv_rows(sheet); r++) {
		double people = 0;
		if (strcmp(csv_cell(sheet, r, csv_column(sheet, "id")), site) != 0)
			continue;
		const char *cell = csv_cell(sheet, r, csv_column(sheet, column));
		if (!text_decimal(view_text(cell), &people) || !(people > 0))
			break;
		*ret = people;
		return OK;
	}
	return fail(E_DENIED, "sites.csv %s: site %s has no number of people to weigh it by",
		column, site);
}

enum err
weights_make(double **ret, const struct pack *p, const struct form *f,
	const struct cohort_site *sites, size_t count)
{
	OWNED_MEM char *column = NULL;
	OWNED(csv_sheet) struct csv_sheet *sheet = NULL;
	bool equal = strcmp(p->pooling, POOLED_EQUALLY) == 0;
	*ret = NULL;
	if (strcmp(p->pooling, POOLED_BY_PEOPLE) == 0)
		column = eligible_column(p, f);
	if (!equal && !column)
		return OK;
	enum err e = equal ? OK : csv_load(&sheet, document(p, "sites.csv"), "sites.csv");
	OWNED_MEM double *made = xcalloc(count + 1, sizeof(*made));
	for (size_t i = 0; !e && i < count; i++) {
		made[i] = 1;
		if (!equal && sites[i].state == SITE_TAKES_PART)
			e = read_people(&made[i], sheet, column, sites[i].id);
	}
	if (!e)
		*ret = take(made);
	return e;
}
