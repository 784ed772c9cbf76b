#include "common/base/mem.h"
#include "common/figures/tabulate_inside.h"

/* Nobody of the group is counted by it any more. */
static void
drop_members(struct group *g, const struct bitmap *base, struct bitmap *const *cells,
	size_t cell_count)
{
	bitmap_remove(g->base, base);
	for (size_t c = 0; c < cell_count; c++)
		bitmap_remove(g->cells[c], cells[c]);
	g->n = bitmap_count(g->base);
}

static void
withhold(struct table *t, struct group *g, struct group *all)
{
	g->withheld_count = g->n;
	drop_members(all, g->base, g->cells, t->cell_count);
	drop_members(g, g->base, g->cells, t->cell_count);
}

void
table_withhold(struct table *t, size_t least_people)
{
	const size_t combinations = table_combinations(t);
	const size_t of_sites = t->group_count - combinations;
	for (size_t i = 0; i < of_sites; i++) {
		struct group *g = &t->groups[i];
		struct group *all = &t->groups[of_sites + i % combinations];
		if (g->n == 0 || g->n >= least_people)
			continue;
		withhold(t, g, all);
		/* That nobody is left in ALL would say the same of it as of the site. */
		if (all->n == 0)
			all->withheld_count = g->withheld_count;
	}
}
