#include "hub/compared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

/* A list of rows in the order of what they are of. */
struct sorted {
	const struct figure_row **rows;
	size_t count;
};

struct compared {
	const struct cohort_site *sites;
	size_t site_count;
	struct sorted now, earlier;
	struct compared_row *rows;
	size_t count;
};

static void
sorted_done(struct sorted *s)
{
	mem_drop(&s->rows);
}

/* order */

static int
compare_by(const char *a, const char *b)
{
	return !a || !b ? (a != NULL) - (b != NULL) : strcmp(a, b);
}

static int
compare_rows(const void *a, const void *b)
{
	const struct figure_row *x = *(const struct figure_row *const *)a;
	const struct figure_row *y = *(const struct figure_row *const *)b;
	int order = (x->of > y->of) - (x->of < y->of);
	if (!order)
		order = (x->statistic > y->statistic) - (x->statistic < y->statistic);
	if (!order)
		order = strcmp(x->site, y->site);
	if (!order)
		order = strcmp(x->level, y->level);
	for (size_t i = 0; !order && i < TABLE_BY_MAX; i++)
		order = compare_by(x->by[i], y->by[i]);
	return order;
}

static struct sorted
sort(const struct figure_rows *rows)
{
	struct sorted s = {.count = figure_rows_count(rows)};
	s.rows = xcalloc(s.count + 1, sizeof(struct figure_row *));
	for (size_t i = 0; i < s.count; i++)
		s.rows[i] = figure_rows_at(rows, i);
	qsort(s.rows, s.count, sizeof(struct figure_row *), compare_rows);
	return s;
}

static const struct figure_row *
find(const struct sorted *s, const struct figure_row *like)
{
	const struct figure_row **at =
		bsearch(&like, s->rows, s->count, sizeof(struct figure_row *), compare_rows);
	return at ? *at : NULL;
}

/* changes */

static bool
has_change(enum statistic s)
{
	switch (s) {
	case STATISTIC_N:
	case STATISTIC_COUNT:
	case STATISTIC_PROPORTION:
	case STATISTIC_MEAN:
	case STATISTIC_SD:
	case STATISTIC_MEDIAN:
	case STATISTIC_SUM:
	case STATISTIC_SHARE_NEGATIVE:
	case STATISTIC_SHARE_POSITIVE:
	case STATISTIC_MISSING:
	case STATISTIC_VALUE:
	case STATISTIC_FUNNEL_TARGET:
	case STATISTIC_DIFFERENCE:
	case STATISTIC_RATIO:
		return true;
	case STATISTIC_INTERVAL_LO:
	case STATISTIC_INTERVAL_HI:
	case STATISTIC_ALPHA:
	case STATISTIC_RANK:
	case STATISTIC_FUNNEL_LO_95:
	case STATISTIC_FUNNEL_HI_95:
	case STATISTIC_FUNNEL_LO_998:
	case STATISTIC_FUNNEL_HI_998:
	case STATISTIC_FUNNEL_FACTOR:
		return false;
	}
	return false;
}

/* How many answered is what these two say. */
static bool
is_of_whoever(enum statistic s)
{
	return s == STATISTIC_N || s == STATISTIC_MISSING;
}

static bool
is_there(const struct sorted *s, const struct figure_row *like)
{
	const struct figure_row *r = find(s, like);
	return r && r->there;
}

/* Has the same figure of each site a value in both waves, or in none? */
static bool
same_sites(const struct compared *c, const struct figure_row *all)
{
	struct figure_row like = *all;
	for (size_t i = 0; i < c->site_count; i++) {
		like.site = c->sites[i].id;
		if (is_there(&c->now, &like) != is_there(&c->earlier, &like))
			return false;
	}
	return true;
}

static void
set_change(const struct compared *c, const struct figure_row *now,
	const struct figure_row *earlier, char ret[static ROW_TEXT_MAX_BYTES])
{
	const bool is_hidden = (now && now->hidden) || (earlier && earlier->hidden);
	const char *symbol = is_hidden ? SYMBOL_HIDDEN : SYMBOL_NOT_APPLICABLE;
	(void)snprintf(ret, ROW_TEXT_MAX_BYTES, "%s", symbol);
	if (is_hidden || !now || !earlier || !now->there || !earlier->there ||
		!has_change(now->statistic))
		return;
	if (strcmp(now->site, ROWS_ALL) != 0 || is_of_whoever(now->statistic) ||
		same_sites(c, now))
		figure_text(ret, now->value - earlier->value);
}

/* rows */

static void
put_row(struct compared *c, const struct figure_row *now, const struct figure_row *earlier)
{
	struct compared_row *to = &c->rows[c->count++];
	*to = (struct compared_row){.row = now ? now : earlier,
		.now = now ? now->text : SYMBOL_NOBODY,
		.earlier = earlier ? earlier->text : SYMBOL_NOBODY};
	set_change(c, now, earlier, to->change);
}

struct compared *
compared_new(const struct figure_rows *now, const struct figure_rows *earlier,
	const struct cohort_site *sites, size_t site_count)
{
	struct compared *c = xcalloc(1, sizeof(*c));
	c->sites = sites;
	c->site_count = site_count;
	c->now = sort(now);
	c->earlier = sort(earlier);
	c->rows = xcalloc(c->now.count + c->earlier.count + 1, sizeof(*c->rows));
	for (size_t i = 0; i < c->now.count; i++) {
		const struct figure_row *r = figure_rows_at(now, i);
		put_row(c, r, find(&c->earlier, r));
	}
	for (size_t i = 0; i < c->earlier.count; i++) {
		const struct figure_row *r = figure_rows_at(earlier, i);
		if (!find(&c->now, r))
			put_row(c, NULL, r);
	}
	return c;
}

void
compared_free(struct compared *c)
{
	if (!c)
		return;
	sorted_done(&c->now);
	sorted_done(&c->earlier);
	mem_drop(&c->rows);
	mem_drop(&c);
}

size_t
compared_count(const struct compared *c)
{
	return c->count;
}

const struct compared_row *
compared_at(const struct compared *c, size_t i)
{
	return &c->rows[i];
}
