#include "common/study/codebook.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/csv.h"
#include "common/codec/text.h"

#define MAX_LEVELS  200 /* of a distribution without a choice list */
#define PIECE_BYTES 64  /* a word of a list in a cell */

static const char *const columns[] = {"id", "label", "family", "level", "stakeholder", "form",
	"derivation", "by", "scale_lo", "scale_hi", "unit", "direction", "statistics",
	"denominator", "min_n", "missing_rule", "defined_by", "seed_theme", "factor_group",
	"network_criterion"};

static const struct {
	const char *word;
	unsigned bit;
} statistics[] = {
	{"n", CODEBOOK_N},
	{"count", CODEBOOK_COUNT},
	{"proportion", CODEBOOK_PROPORTION},
	{"interval", CODEBOOK_INTERVAL},
	{"distribution", CODEBOOK_DISTRIBUTION},
	{"mean", CODEBOOK_MEAN},
	{"sd", CODEBOOK_SD},
	{"median", CODEBOOK_MEDIAN},
};

/* What fits each type of derivation, by enum expr_type. */
static const unsigned fitting[] = {
	[EXPR_NUMBER] = CODEBOOK_N | CODEBOOK_DISTRIBUTION | CODEBOOK_INTERVAL | CODEBOOK_MEAN |
			CODEBOOK_SD | CODEBOOK_MEDIAN,
	[EXPR_CODE] = CODEBOOK_N | CODEBOOK_DISTRIBUTION | CODEBOOK_INTERVAL,
	[EXPR_TEXT] = 0,
	[EXPR_BOOL] = CODEBOOK_N | CODEBOOK_COUNT | CODEBOOK_PROPORTION | CODEBOOK_INTERVAL,
};

/* A codebook being read. */
struct reader {
	const char *file;
	struct faults *faults;
	struct form *const *forms;
	size_t form_count;
	struct csv_sheet *sheet;
	struct codebook *book;
	size_t row; /* from 0 */
};

static const char *
cell(const struct reader *r, const char *column)
{
	return csv_cell(r->sheet, r->row, csv_column(r->sheet, column));
}

static struct fault_place
place(const struct reader *r, const char *column)
{
	return (struct fault_place){r->file, csv_row_number(r->sheet, r->row), column};
}

static char *
words(struct reader *r, const char *column)
{
	if (!*cell(r, column))
		faults_add(r->faults, place(r, column), "this cell is empty");
	return xstrdup(cell(r, column));
}

/* A word out of a list of words between bars: "|skip|never|". */
static char *
one_of(struct reader *r, const char *column, const char *known)
{
	OWNED_MEM char *wanted = xasprintf("|%s|", cell(r, column));
	if (strchr(cell(r, column), '|') || !strstr(known, wanted))
		faults_add(r->faults, place(r, column),
			"'%.60s' is not known, or not built yet in this "
			"version",
			cell(r, column));
	return xstrdup(cell(r, column));
}

static double
number(struct reader *r, const char *column)
{
	double n = 0;
	if (!text_decimal(view_text(cell(r, column)), &n))
		faults_add(r->faults, place(r, column), "not a number");
	return n;
}

/* Copies the next word of a list and moves behind it; false at its end. */
static bool
next_piece(const char **at, const char *between, char ret[static PIECE_BYTES])
{
	if (!*at)
		return false;
	const char *end = strstr(*at, between);
	size_t len = end ? (size_t)(end - *at) : strlen(*at);
	(void)snprintf(ret, PIECE_BYTES, "%.*s", (int)MIN(len, (size_t)PIECE_BYTES), *at);
	*at = end ? end + strlen(between) : NULL;
	return true;
}

static void
read_id(struct reader *r, struct indicator *i)
{
	const char *id = cell(r, "id");
	i->id = xstrdup(id);
	if (strlen(id) != 3 || id[0] < 'A' || id[0] > 'Z' || !isdigit((unsigned char)id[1]) ||
		!isdigit((unsigned char)id[2]))
		faults_add(r->faults, place(r, "id"), "an id is a capital and two digits");
	else if (codebook_find(r->book, id))
		faults_add(r->faults, place(r, "id"), "the id '%s' stands twice", id);
}

static void
read_form(struct reader *r, struct indicator *i)
{
	const char *id = cell(r, "form");
	for (size_t n = 0; n < r->form_count; n++)
		if (strcmp(r->forms[n]->id, id) == 0)
			i->form = r->forms[n];
	if (!i->form)
		faults_add(r->faults, place(r, "form"), "there is no form '%.60s'", id);
}

/* ---- derivation ---- */

/* What the compiler of expressions asks about items. */
struct items {
	const struct form *form;
	size_t found;
	bool stays; /* an item was named that stays at the site */
};

static bool
find_item(const void *context, const char *name, struct constraint_item *ret)
{
	struct items *items = *(struct items *const *)context;
	int at = form_field(items->form, name);
	if (at < 0)
		return false;
	const struct form_field *f = &items->form->fields[at];
	items->stays = items->stays || f->goes == FORM_SITE;
	items->found++;
	*ret = (struct constraint_item){.index = (size_t)at,
		.type = form_expr_type(f),
		.listed = f->list && f->list->numeric};
	return true;
}

static int
find_code(const void *context, size_t index, const char *code)
{
	const struct items *items = *(struct items *const *)context;
	const struct form_list *list = items->form->fields[index].list;
	return list ? form_choice(list, code) : -1;
}

static void
read_derivation(struct reader *r, struct indicator *i)
{
	i->derivation = xstrdup(cell(r, "derivation"));
	if (!i->form)
		return;
	struct items items = {.form = i->form}, *context = &items;
	const struct constraint_dialect dialect = {
		.context = (const void *)&context, .find = find_item, .code = find_code};
	struct fault_place at = place(r, "derivation");
	if (constraint_compile(&i->value, i->derivation, &dialect) != OK)
		faults_add(r->faults, at, "%s", err_text());
	else if (items.found == 0)
		faults_add(r->faults, at, "names no item of the form");
	else if (items.stays)
		faults_add(r->faults, at, "names an item that stays at the site");
	else if (constraint_type_of(i->value) == EXPR_TEXT)
		faults_add(r->faults, at, "a text or date cannot be a figure");
	int only = i->value ? constraint_only_item(i->value) : -1;
	if (only >= 0)
		i->levels = i->form->fields[only].list;
}

static void
add_by(struct reader *r, struct indicator *i, const char *name)
{
	int at = form_field(i->form, name);
	struct fault_place where = place(r, "by");
	if (at < 0) {
		faults_add(r->faults, where, "there is no item '%s'", name);
		return;
	}
	const struct form_field *f = &i->form->fields[at];
	if (f->type != FORM_SELECT_ONE)
		faults_add(r->faults, where, "'%s' is no select_one", name);
	if (f->goes == FORM_SITE)
		faults_add(r->faults, where, "'%s' stays at the site", name);
	for (size_t k = 0; k < i->by_count; k++)
		if (i->by[k] == (size_t)at)
			faults_add(r->faults, where, "'%s' stands twice", name);
	if (i->by_count == CODEBOOK_MAX_BY) {
		faults_add(r->faults, where, "more than %d items", CODEBOOK_MAX_BY);
		return;
	}
	i->by[i->by_count++] = (size_t)at;
}

static void
read_by(struct reader *r, struct indicator *i)
{
	const char *at = *cell(r, "by") ? cell(r, "by") : NULL;
	char name[PIECE_BYTES];
	while (i->form && next_piece(&at, " x ", name))
		add_by(r, i, name);
}

/* ---- statistics ---- */

static unsigned
statistic_bit(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(statistics); i++)
		if (strcmp(statistics[i].word, word) == 0)
			return statistics[i].bit;
	return 0;
}

static void
add_statistic(struct reader *r, struct indicator *i, const char *word, unsigned before)
{
	struct fault_place at = place(r, "statistics");
	unsigned bit = statistic_bit(word);
	if (!bit)
		faults_add(r->faults, at, "'%s' is not built yet in this version", word);
	if (bit & i->statistics)
		faults_add(r->faults, at, "'%s' stands twice", word);
	if (!i->statistics && bit != CODEBOOK_N)
		faults_add(r->faults, at, "n has to be the first");
	if (i->value && bit && !(bit & fitting[constraint_type_of(i->value)]))
		faults_add(r->faults, at, "'%s' does not fit what is derived", word);
	if (bit == CODEBOOK_INTERVAL &&
		!(before & (CODEBOOK_PROPORTION | CODEBOOK_DISTRIBUTION)))
		faults_add(r->faults, at,
			"an interval is built for proportion and distribution only, and "
			"stands behind it");
	i->statistics |= bit;
}

static void
read_statistics(struct reader *r, struct indicator *i)
{
	const char *at = cell(r, "statistics");
	char word[PIECE_BYTES];
	unsigned before = 0;
	while (next_piece(&at, ";", word)) {
		add_statistic(r, i, word, before);
		before = statistic_bit(word);
	}
	bool whole = i->scale_lo == (double)(int)i->scale_lo &&
		     i->scale_hi == (double)(int)i->scale_hi;
	if ((i->statistics & CODEBOOK_DISTRIBUTION) && !i->levels &&
		(!whole || i->scale_hi - i->scale_lo >= MAX_LEVELS))
		faults_add(r->faults, place(r, "scale_hi"),
			"a distribution needs whole ends of the scale, at most %d apart",
			MAX_LEVELS);
}

static void
read_scale(struct reader *r, struct indicator *i)
{
	int64_t n = 0;
	i->scale_lo = number(r, "scale_lo");
	i->scale_hi = number(r, "scale_hi");
	bool in_range = i->scale_lo >= -1e9 && i->scale_hi <= 1e9;
	if (!(i->scale_lo < i->scale_hi) || !in_range) {
		faults_add(r->faults, place(r, "scale_hi"),
			"has to be above scale_lo, both within 1e9");
		i->scale_lo = i->scale_hi = 0;
	}
	if (!text_int(view_text(cell(r, "min_n")), &n) || n < 1 || n > 1000000)
		faults_add(r->faults, place(r, "min_n"),
			"a whole number from 1 to 1000000 is wanted");
	else
		i->min_n = (uint32_t)n;
}

static void
read_indicator(struct reader *r)
{
	struct indicator i = {.row = csv_row_number(r->sheet, r->row)};
	read_id(r, &i);
	i.label = words(r, "label");
	i.family = one_of(r, "family", "|structure|process|outcome|");
	i.level = one_of(r, "level", "|study|mandatory|local|");
	i.stakeholder = words(r, "stakeholder");
	read_form(r, &i);
	read_derivation(r, &i);
	read_by(r, &i);
	read_scale(r, &i);
	i.unit = words(r, "unit");
	i.direction = one_of(r, "direction", "|higher|lower|neither|");
	read_statistics(r, &i);
	i.denominator = words(r, "denominator");
	i.missing_rule = one_of(r, "missing_rule", "|skip|");
	i.defined_by = one_of(r, "defined_by",
		"|national|commissioner|staff|users|carers|residents|researchers|");
	i.seed_theme = words(r, "seed_theme");
	i.factor_group =
		one_of(r, "factor_group", "||cultural_professional|organisational|contextual|");
	i.network_criterion = xstrdup(cell(r, "network_criterion"));
	r->book->indicators[r->book->count++] = i;
}

static bool
check_columns(const struct reader *r)
{
	size_t before = r->faults->errors;
	for (size_t i = 0; i < csv_columns(r->sheet); i++) {
		const char *name = csv_column_name(r->sheet, i);
		size_t k = 0;
		while (k < ARRAY_LEN(columns) && strcmp(columns[k], name) != 0)
			k++;
		if (k == ARRAY_LEN(columns))
			faults_add(r->faults, (struct fault_place){r->file, 1, name},
				"this column is not known");
	}
	for (size_t k = 0; k < ARRAY_LEN(columns); k++)
		if (csv_column(r->sheet, columns[k]) < 0)
			faults_add(r->faults, (struct fault_place){r->file, 1, columns[k]},
				"this column is missing");
	return r->faults->errors == before;
}

struct codebook *
codebook_read(struct view text, const char *file, struct form *const *forms, size_t form_count,
	struct faults *faults)
{
	OWNED(codebook) struct codebook *book = xcalloc(1, sizeof(*book));
	OWNED(csv_sheet) struct csv_sheet *sheet = NULL;
	struct fault_place whole = {file, 0, NULL};
	size_t before = faults->errors;
	if (csv_load(&sheet, text, file) != OK) {
		faults_add(faults, whole, "%s", err_text());
		return NULL;
	}
	struct reader r = {file, faults, forms, form_count, sheet, book, 0};
	if (csv_rows(sheet) > CODEBOOK_MAX_INDICATORS)
		faults_add(faults, whole, "more than %d indicators", CODEBOOK_MAX_INDICATORS);
	if (!check_columns(&r) || faults->errors != before)
		return NULL;
	book->indicators = xcalloc(csv_rows(sheet) + 1, sizeof(*book->indicators));
	for (; r.row < csv_rows(sheet); r.row++)
		read_indicator(&r);
	return faults->errors == before ? take(book) : NULL;
}

/* ---- use ---- */

const struct indicator *
codebook_find(const struct codebook *c, const char *id)
{
	for (size_t i = 0; i < c->count; i++)
		if (strcmp(c->indicators[i].id, id) == 0)
			return &c->indicators[i];
	return NULL;
}

enum expr_type
codebook_type(const struct indicator *i)
{
	return constraint_type_of(i->value);
}

struct expr_value
codebook_eval(const struct indicator *i, const struct expr_value *values)
{
	return constraint_value_of(i->value, values);
}

/* A code of a numeric list was given as its number, any other as its place. */
static int
choice_of(const struct form_list *list, const struct expr_value *v)
{
	if (!v->present)
		return -1;
	if (!list->numeric)
		return (int)v->number;
	for (size_t i = 0; i < list->count; i++)
		if (strtod(list->choices[i].code, NULL) == v->number)
			return (int)i;
	return -1;
}

size_t
codebook_level_count(const struct indicator *i)
{
	if (i->levels)
		return i->levels->count;
	return (size_t)(i->scale_hi - i->scale_lo) + 1;
}

void
codebook_level_name(
	const struct indicator *i, size_t level, char ret[static CODEBOOK_LEVEL_BYTES])
{
	if (!i->levels)
		(void)snprintf(ret, CODEBOOK_LEVEL_BYTES, "%.0f", i->scale_lo + (double)level);
	else
		(void)snprintf(ret, CODEBOOK_LEVEL_BYTES, "%s",
			level < i->levels->count ? i->levels->choices[level].code : "");
}

int
codebook_level(const struct indicator *i, const struct expr_value *value)
{
	if (i->levels)
		return choice_of(i->levels, value);
	double level = value->number - i->scale_lo;
	bool fits = value->present && level >= 0 && value->number <= i->scale_hi &&
		    level == (double)(int)level;
	return fits ? (int)level : -1;
}

int
codebook_by_choice(const struct indicator *i, size_t which, const struct expr_value *values)
{
	size_t field = i->by[which];
	return choice_of(i->form->fields[field].list, &values[field]);
}

static void
indicator_done(struct indicator *i)
{
	char *texts[] = {i->id, i->label, i->family, i->level, i->stakeholder, i->derivation,
		i->unit, i->direction, i->denominator, i->missing_rule, i->defined_by,
		i->seed_theme, i->factor_group, i->network_criterion};
	for (size_t k = 0; k < ARRAY_LEN(texts); k++)
		free(texts[k]);
	constraint_free(i->value);
}

void
codebook_free(struct codebook *c)
{
	if (!c)
		return;
	for (size_t i = 0; c->indicators && i < c->count; i++)
		indicator_done(&c->indicators[i]);
	free(c->indicators);
	free(c);
}
