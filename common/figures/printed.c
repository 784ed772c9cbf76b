#include "common/figures/printed.h"

#include <stdio.h>

const char *
printed_symbol(const struct table *t, const struct figure *f)
{
	const struct group *g = &t->groups[f->group];
	if (g->withheld_count)
		return SYMBOL_HIDDEN;
	switch (g->state) {
	case SITE_NOT_IN_WAVE:
		return SYMBOL_NOT_IN_WAVE;
	case SITE_LATE:
		return SYMBOL_LATE;
	case SITE_TAKES_PART:
		return g->n ? SYMBOL_NOT_APPLICABLE : SYMBOL_NOBODY;
	}
	return SYMBOL_NOT_APPLICABLE;
}

void
printed_table(struct figure_rows *r, size_t of, const struct table *t, const bool *hidden)
{
	for (size_t i = 0; i < t->figure_count; i++) {
		const struct figure *f = &t->figures[i];
		const struct group *g = &t->groups[f->group];
		struct figure_row row = {.of = of,
			.site = table_site(t, g),
			.level = table_level(t, f->level),
			.statistic = f->statistic,
			.hidden = g->withheld_count || (hidden && hidden[i]),
			.there = f->there,
			.value = f->value};
		for (size_t k = 0; k < t->by_count; k++)
			row.by[k] = table_by(t, g, k);
		if (!f->there)
			(void)snprintf(row.text, sizeof(row.text), "%s", printed_symbol(t, f));
		figure_rows_put(r, &row);
	}
}
