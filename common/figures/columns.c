#include "common/figures/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define FIRST_ROOM_ROWS 1024u

struct column {
	struct column_spec spec;
	char *name;
	char **levels;
	uint16_t *level;
	double *number;
	uint8_t *why;
};

struct columns {
	char **site_names;
	enum site_state *site_states;
	size_t site_count;
	struct column *columns;
	size_t count;
	uint16_t *row_sites;
	size_t rows;
	size_t room;
};

static enum err
spec_check(const struct column_spec *specs, size_t i)
{
	const struct column_spec *s = &specs[i];
	if (!s->name || !*s->name)
		return fail(E_FORMAT, "column %zu has no name", i + 1);
	for (size_t j = 0; j < i; j++)
		if (strcmp(specs[j].name, s->name) == 0)
			return fail(E_FORMAT, "column %s is there twice", s->name);
	if (s->kind != COLUMN_CATEGORY)
		return OK;
	if (s->level_count == 0 || s->level_count > COLUMNS_LEVELS_MAX)
		return fail(E_FORMAT, "column %s has %zu levels, 1 to %u can be counted",
			s->name, s->level_count, COLUMNS_LEVELS_MAX);
	return OK;
}

static enum err
sites_check(const struct column_site *sites, size_t count)
{
	if (count == 0 || count > COLUMNS_SITES_MAX)
		return fail(E_FORMAT, "%zu sites, 1 to %u can be told apart", count,
			COLUMNS_SITES_MAX);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(sites[i].name, "ALL") == 0)
			return fail(
				E_FORMAT, "a site cannot be called ALL, that is all of them");
		for (size_t j = 0; j < i; j++)
			if (strcmp(sites[i].name, sites[j].name) == 0)
				return fail(E_FORMAT, "site %s is there twice", sites[i].name);
	}
	return OK;
}

static void
column_init(struct column *to, const struct column_spec *from)
{
	to->name = xstrdup(from->name);
	if (from->kind == COLUMN_CATEGORY) {
		to->levels = xcalloc(from->level_count, sizeof *to->levels);
		for (size_t i = 0; i < from->level_count; i++)
			to->levels[i] = xstrdup(from->levels[i]);
	}
	to->spec = (struct column_spec){.name = to->name,
		.kind = from->kind,
		.levels = (const char *const *)to->levels,
		.level_count = from->kind == COLUMN_CATEGORY ? from->level_count
			       : from->kind == COLUMN_TRUTH  ? 2
							     : 0};
}

enum err
columns_make(struct columns **ret, const struct column_site *sites, size_t site_count,
	const struct column_spec *specs, size_t spec_count)
{
	*ret = NULL;
	enum err e = sites_check(sites, site_count);
	if (!e && spec_count > COLUMNS_MAX)
		e = fail(E_FORMAT, "%zu columns, at most %u are held", spec_count, COLUMNS_MAX);
	for (size_t i = 0; !e && i < spec_count; i++)
		e = spec_check(specs, i);
	if (e)
		return e;
	struct columns *c = xcalloc(1, sizeof *c);
	c->site_names = xcalloc(site_count, sizeof *c->site_names);
	c->site_states = xcalloc(site_count, sizeof *c->site_states);
	for (; c->site_count < site_count; c->site_count++) {
		c->site_names[c->site_count] = xstrdup(sites[c->site_count].name);
		c->site_states[c->site_count] = sites[c->site_count].state;
	}
	c->columns = xcalloc(spec_count + 1, sizeof *c->columns);
	for (; c->count < spec_count; c->count++)
		column_init(&c->columns[c->count], &specs[c->count]);
	*ret = c;
	return OK;
}

static void
column_done(struct column *column, size_t room)
{
	if (column->level)
		explicit_bzero(column->level, room * sizeof *column->level);
	if (column->number)
		explicit_bzero(column->number, room * sizeof *column->number);
	if (column->why)
		explicit_bzero(column->why, room * sizeof *column->why);
	free(column->level);
	free(column->number);
	free(column->why);
	for (size_t i = 0; column->levels && i < column->spec.level_count; i++)
		free(column->levels[i]);
	free(column->levels);
	free(column->name);
}

void
columns_free(struct columns *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		column_done(&c->columns[i], c->room);
	for (size_t i = 0; i < c->site_count; i++)
		free(c->site_names[i]);
	free(c->columns);
	free(c->site_names);
	free(c->site_states);
	free(c->row_sites);
	free(c);
}

/* A wider array with the old values; the old one is wiped, which realloc would not do. */
static void *
moved(void *old, size_t old_count, size_t count, size_t size)
{
	void *made = xcalloc(count, size);
	if (old) {
		memcpy(made, old, old_count * size);
		explicit_bzero(old, old_count * size);
		free(old);
	}
	return made;
}

static void
grow(struct columns *c)
{
	size_t room = c->room ? 2 * c->room : FIRST_ROOM_ROWS;
	c->row_sites = moved(c->row_sites, c->room, room, sizeof *c->row_sites);
	for (size_t i = 0; i < c->count; i++) {
		struct column *column = &c->columns[i];
		column->why = moved(column->why, c->room, room, sizeof *column->why);
		if (column->spec.kind == COLUMN_NUMBER)
			column->number =
				moved(column->number, c->room, room, sizeof *column->number);
		else
			column->level =
				moved(column->level, c->room, room, sizeof *column->level);
	}
	c->room = room;
}

static enum err
value_check(const struct column *column, const struct column_value *v)
{
	if (!v->there)
		return OK;
	if (column->spec.kind == COLUMN_NUMBER ? !isfinite(v->number)
					       : v->level >= column->spec.level_count)
		return fail(
			E_FORMAT, "column %s: a value is outside of its kind", column->name);
	return OK;
}

enum err
columns_add(struct columns *c, uint16_t site, const struct column_value *values)
{
	if (site >= c->site_count)
		return fail(E_FORMAT, "a row names site %u of %zu", site + 1u, c->site_count);
	if (c->site_states[site] != SITE_TAKES_PART)
		return fail(E_DENIED, "site %s takes no part, its rows are not counted",
			c->site_names[site]);
	if (c->rows >= COLUMNS_ROWS_MAX)
		return fail(E_FULL, "a release holds at most %u records", COLUMNS_ROWS_MAX);
	for (size_t i = 0; i < c->count; i++) {
		enum err e = value_check(&c->columns[i], &values[i]);
		if (e)
			return e;
	}
	if (c->rows == c->room)
		grow(c);
	for (size_t i = 0; i < c->count; i++) {
		struct column *column = &c->columns[i];
		const struct column_value *v = &values[i];
		column->why[c->rows] = v->there ? 0 : v->why;
		if (column->spec.kind == COLUMN_NUMBER)
			column->number[c->rows] = v->there ? v->number : (double)NAN;
		else
			column->level[c->rows] = v->there ? v->level : COLUMNS_NO_LEVEL;
	}
	c->row_sites[c->rows++] = site;
	return OK;
}

size_t
columns_rows(const struct columns *c)
{
	return c->rows;
}

size_t
columns_sites(const struct columns *c)
{
	return c->site_count;
}

const char *
columns_site_name(const struct columns *c, size_t site)
{
	return c->site_names[site];
}

enum site_state
columns_site_state(const struct columns *c, size_t site)
{
	return c->site_states[site];
}

enum err
columns_find(const struct columns *c, const char *name, size_t *ret_column)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->columns[i].name, name) == 0) {
			*ret_column = i;
			return OK;
		}
	return fail(E_NOTFOUND, "no column %s", name);
}

const struct column_spec *
columns_spec(const struct columns *c, size_t column)
{
	return &c->columns[column].spec;
}

const uint16_t *
columns_row_sites(const struct columns *c)
{
	return c->row_sites;
}

const uint16_t *
columns_levels(const struct columns *c, size_t column)
{
	return c->columns[column].level;
}

const double *
columns_numbers(const struct columns *c, size_t column)
{
	return c->columns[column].number;
}

const uint8_t *
columns_whys(const struct columns *c, size_t column)
{
	return c->columns[column].why;
}
