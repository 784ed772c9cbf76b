#include "node/capture_cells.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/form_stamp.h"
#include "common/trust/crypto.h"

#define PATH_BYTES       1024
#define CELL_EXTRA_BYTES 32 /* lengths and tags around one path and value */

const char *
capture_path_of(const struct form_field *f)
{
	return f->path ? f->path : f->name;
}

/* The path without its indices; false when it is none. */
static bool
strip(char ret[static PATH_BYTES], const char *path)
{
	size_t len = 0;
	bool inside = false;
	for (const char *at = path; *at; at++) {
		if (inside) {
			if (*at == ']')
				inside = false;
			else if (*at < '0' || *at > '9')
				return false;
			continue;
		}
		if (*at == '[' && len) {
			inside = true;
			continue;
		}
		if (len + 1 == PATH_BYTES)
			return false;
		ret[len++] = *at;
	}
	ret[len] = 0;
	return !inside && len > 0;
}

/* Answers come in the order of their form, so the search begins behind the one before. */
static const struct form_field *
field_behind(const struct form *form, const char *path, size_t before)
{
	char bare[PATH_BYTES];
	if (!strip(bare, path))
		return NULL;
	for (size_t k = 1; k <= form->field_count; k++) {
		const struct form_field *f = &form->fields[(before + k) % form->field_count];
		if (strcmp(capture_path_of(f), bare) == 0)
			return f;
	}
	return NULL;
}

const struct form_field *
capture_field_at(const struct form *form, const char *path)
{
	return field_behind(form, path, form->field_count ? form->field_count - 1 : 0);
}

static bool
is_repeat(const struct form *form, const char *path)
{
	char bare[PATH_BYTES];
	if (!strip(bare, path))
		return false;
	for (size_t i = 0; i < form->repeat_count; i++)
		if (strcmp(form->repeats[i].path, bare) == 0)
			return true;
	return false;
}

static bool
is_flat(const struct form *form)
{
	for (size_t i = 0; i < form->field_count; i++)
		if (strcmp(capture_path_of(&form->fields[i]), form->fields[i].name) != 0)
			return false;
	return form->repeat_count == 0;
}

static void
add_cell(struct capture_cells *c, struct capture_cell cell)
{
	c->list[c->count++] = cell;
	c->plain_bytes += strlen(cell.path) + strlen(cell.value) + CELL_EXTRA_BYTES;
}

static enum err
read_one(struct capture_cells *c, const struct form *form, const struct form_answer *a,
	bool checked)
{
	const struct form_field *last = c->count ? c->list[c->count - 1].field : NULL;
	struct capture_cell cell = {a->name, a->value ? a->value : "",
		last ? field_behind(form, a->name, (size_t)(last - form->fields))
		     : capture_field_at(form, a->name)};
	if (!cell.field && !is_repeat(form, a->name))
		return fail(E_FORMAT, "%.200s: form %s has no item of this name", a->name,
			form->id);
	if (checked || !cell.field) {
		add_cell(c, cell);
		return OK;
	}
	struct expr_value value;
	enum err e = form_check_cell(cell.field, cell.value, &value);
	if (e)
		return fail_in(e, "%.200s", a->name);
	if (value.present)
		add_cell(c, cell);
	crypto_wipe(&value, sizeof(value));
	return OK;
}

/* Columns of a sheet may stand in any order; the same row is the same bytes. */
static int
by_field(const void *a, const void *b)
{
	const struct form_field *x = ((const struct capture_cell *)a)->field;
	const struct form_field *y = ((const struct capture_cell *)b)->field;
	return (x > y) - (x < y);
}

enum err
capture_cells_read(struct capture_cells *ret, const struct form *form,
	const struct form_answer *answers, size_t count, bool checked)
{
	OWNED_CELLS struct capture_cells c = {.list = xcalloc(count, sizeof(*c.list))};
	*ret = (struct capture_cells){0};
	enum err e = OK;
	if (!checked && is_flat(form))
		e = form_check_answers(form, answers, count, NULL);
	for (size_t i = 0; !e && i < count; i++)
		e = read_one(&c, form, &answers[i], checked);
	if (!e && c.count && is_flat(form))
		qsort(c.list, c.count, sizeof(*c.list), by_field);
	if (!e) {
		*ret = c;
		c.list = NULL;
	}
	return e;
}

void
capture_cells_done(struct capture_cells *c)
{
	mem_drop(&c->list);
	c->count = 0;
}

const char *
capture_cells_value(const struct capture_cells *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].field && strcmp(c->list[i].field->name, name) == 0)
			return c->list[i].value;
	return "";
}

bool
capture_cell_is_sealed(const struct capture_cell *c)
{
	return !c->field || c->field->goes == FORM_HUB;
}

bool
capture_cell_is_local(const struct capture_cell *c)
{
	return c->field && c->field->goes == FORM_SITE && form_field_is_kept(c->field);
}
