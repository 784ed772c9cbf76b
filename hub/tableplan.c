#include "hub/tableplan.h"

#include <string.h>

#include "common/base/mem.h"

/* profile */

static enum err
refuse(const char *key, const char *why)
{
	return fail(E_DENIED, "rules.ini [disclosure] %s: %s", key, why);
}

enum err
tableplan_profile(struct disclose_profile *ret, const struct profile *p)
{
	static const enum disclose_zero zeros[] = {[PROFILE_ZERO_SHOW] = DISCLOSE_ZERO_SHOW,
		[PROFILE_ZERO_HIDE] = DISCLOSE_ZERO_HIDE,
		[PROFILE_ZERO_REVIEW] = DISCLOSE_ZERO_REVIEW};
	*ret = (struct disclose_profile){0};
	if (!p->count_of_cells && p->count_min > 1)
		return refuse("count.of", "this version asks the smallest count of cells only");
	if (p->round_base)
		return refuse("round.base", "this version does not round");
	if (p->dominance_sites)
		return refuse("dominance.sites", "this version cannot ask for it");
	if (p->audit != PROFILE_AUDIT_EXACT)
		return refuse("audit", "this version releases with an exact audit only");
	if (p->complementary && p->least == PROFILE_LEAST_NONE)
		return refuse("complementary.least", "people or cells has to be said");
	*ret = (struct disclose_profile){.count_min_people = p->count_min,
		.zero = zeros[p->zero],
		.complementary = p->complementary,
		.least = p->least == PROFILE_LEAST_CELLS ? DISCLOSE_LEAST_CELLS
							 : DISCLOSE_LEAST_PEOPLE,
		.audit_of = p->audit_of == PROFILE_AUDIT_ALL ? DISCLOSE_OF_ALL
							     : DISCLOSE_OF_PRIMARY,
		.audit_width_people = p->audit_width,
		.audit_span = p->audit_span,
		.linked = p->linked,
		.sites_min = p->sites_min};
	return OK;
}

/* columns */

static const char *
keep_text(struct tableplan *p, char *text)
{
	p->texts = xrealloc(p->texts, p->text_count + 1, sizeof(char *));
	p->texts[p->text_count++] = text;
	return text;
}

static const char **
keep_list(struct tableplan *p, size_t count)
{
	const char **list = xcalloc(count + 1, sizeof(char *));
	p->lists = xrealloc(p->lists, p->list_count + 1, sizeof(char **));
	p->lists[p->list_count++] = list;
	return list;
}

static enum err
add_column(struct tableplan *p, const struct column_spec *spec,
	const struct tableplan_column *filled)
{
	if (p->column_count == COLUMNS_MAX)
		return fail(E_FULL, "a release of more than %u columns", COLUMNS_MAX);
	if (spec->level_count > COLUMNS_LEVELS_MAX)
		return fail(E_FULL, "%s: more than %u levels", spec->name, COLUMNS_LEVELS_MAX);
	p->specs = xrealloc(p->specs, p->column_count + 1, sizeof(*p->specs));
	p->columns = xrealloc(p->columns, p->column_count + 1, sizeof(*p->columns));
	p->specs[p->column_count] = *spec;
	p->columns[p->column_count++] = *filled;
	return OK;
}

static bool
has_column(const struct tableplan *p, const char *name)
{
	for (size_t i = 0; i < p->column_count; i++)
		if (strcmp(p->specs[i].name, name) == 0)
			return true;
	return false;
}

/* The column of a `by` variable, shared by all tables that are broken down by it. */
static enum err
add_by(struct tableplan *p, const struct indicator *i, size_t which)
{
	const struct codebook_by *by = &i->by[which];
	struct tableplan_column filled = {COLUMN_CATEGORY, i, which};
	if (has_column(p, by->name))
		return OK;
	if (p->by_count == STAGED_BY_MAX)
		return fail(E_FULL, "a release by more than %d variables", STAGED_BY_MAX);
	const char **levels = keep_list(p, by->codes.count);
	for (size_t n = 0; n < by->codes.count; n++)
		levels[n] = codebook_key_code(by, n);
	p->by[p->by_count++] = by->name;
	struct column_spec spec = {by->name, COLUMN_CATEGORY, levels, by->codes.count};
	return add_column(p, &spec, &filled);
}

static enum err
add_value(struct tableplan *p, const struct indicator *i, enum column_kind kind,
	const char **ret_name)
{
	static const char *const words[] = {[COLUMN_CATEGORY] = "levels",
		[COLUMN_NUMBER] = "number",
		[COLUMN_TRUTH] = "truth"};
	struct column_spec spec = {.kind = kind};
	struct tableplan_column filled = {kind, i, TABLEPLAN_VALUE};
	/* A blank in the name keeps it apart from every field of a form. */
	*ret_name = spec.name = keep_text(p, xasprintf("%s %s", i->id, words[kind]));
	if (kind == COLUMN_CATEGORY) {
		spec.level_count = codebook_level_count(i);
		if (spec.level_count > COLUMNS_LEVELS_MAX)
			return fail(
				E_FULL, "%s: more than %u levels", i->id, COLUMNS_LEVELS_MAX);
		const char **levels = keep_list(p, spec.level_count);
		for (size_t n = 0; n < spec.level_count; n++) {
			char name[CODEBOOK_LEVEL_BYTES];
			codebook_level_name(i, n, name);
			levels[n] = keep_text(p, xstrdup(name));
		}
		spec.levels = levels;
	}
	return add_column(p, &spec, &filled);
}

struct column_value
tableplan_value(const struct tableplan_column *c, struct derive *d)
{
	struct column_value v = {0};
	const struct derive_row row = derive_row(d, c->of, 0);
	if (c->by != TABLEPLAN_VALUE) {
		int choice = row.keys[c->by];
		v.there = choice >= 0;
		v.level = v.there ? (uint16_t)choice : 0;
		return v;
	}
	const struct expr_value is = row.value;
	v.there = is.present;
	if (c->kind == COLUMN_NUMBER)
		v.number = is.present ? is.number : 0;
	else if (c->kind == COLUMN_TRUTH)
		v.level = is.present && is.number > 0;
	else {
		int level = codebook_level(c->of, &is);
		v.there = level >= 0;
		v.level = v.there ? (uint16_t)level : 0;
	}
	return v;
}

/* tables */

/* Is the item behind the value, or behind one that it refers to? */
static bool
uses(const struct tableplan *p, const struct indicator *i, size_t field)
{
	for (size_t n = 0; n < i->order_count; n++)
		if (expr_uses(p->codebook->indicators[i->order[n]].value, field))
			return true;
	return false;
}

static enum err
name_items(const struct tableplan *p, struct table_spec *t, const struct indicator *i)
{
	size_t count = 0;
	for (size_t f = 0; f < i->form->field_count; f++) {
		if (!uses(p, i, f))
			continue;
		if (count == TABLE_ITEMS_MAX)
			return fail(E_FULL, "%s: made from more than %u items", i->id,
				TABLE_ITEMS_MAX);
		t->items[count++] = i->form->fields[f].name;
	}
	return OK;
}

static enum err
add_table(struct tableplan *p, const struct indicator *i, enum table_kind kind, unsigned asks)
{
	static const enum column_kind kinds[] = {[TABLE_LEVELS] = COLUMN_CATEGORY,
		[TABLE_SHARE] = COLUMN_TRUTH,
		[TABLE_NUMBER] = COLUMN_NUMBER};
	struct table_spec t = {.indicator = i->id, .kind = kind, .asks = asks};
	if (p->table_count == DISCLOSE_TABLES_MAX)
		return fail(E_FULL, "a release of more than %u tables", DISCLOSE_TABLES_MAX);
	for (size_t k = 0; k < i->by_count; k++)
		t.by[k] = i->by[k].name;
	enum err e = name_items(p, &t, i);
	if (!e)
		e = add_value(p, i, kinds[kind], &t.column);
	if (e)
		return e;
	p->tables = xrealloc(p->tables, p->table_count + 1, sizeof(*p->tables));
	p->tables[p->table_count++] = t;
	return OK;
}

static unsigned
asks_of(unsigned statistics)
{
	static const struct {
		unsigned statistic, ask;
	} pairs[] = {{CODEBOOK_N, ASK_N}, {CODEBOOK_COUNT, ASK_COUNT},
		{CODEBOOK_PROPORTION, ASK_PROPORTION}, {CODEBOOK_INTERVAL, ASK_INTERVAL},
		{CODEBOOK_DISTRIBUTION, ASK_DISTRIBUTION}, {CODEBOOK_MEAN, ASK_MEAN},
		{CODEBOOK_SD, ASK_SD}, {CODEBOOK_MEDIAN, ASK_MEDIAN}};
	unsigned asks = 0;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (statistics & pairs[i].statistic)
			asks |= pairs[i].ask;
	return asks;
}

static enum err
add_tables(struct tableplan *p, const struct indicator *i)
{
	const unsigned asks = asks_of(i->statistics);
	const unsigned of_numbers = asks & (ASK_MEAN | ASK_SD | ASK_MEDIAN);
	if (codebook_type(i) == EXPR_BOOL)
		return add_table(p, i, TABLE_SHARE, asks);
	if (!(asks & ASK_DISTRIBUTION))
		return of_numbers || codebook_type(i) == EXPR_NUMBER
			       ? add_table(p, i, TABLE_NUMBER, asks & (ASK_N | of_numbers))
			       : add_table(p, i, TABLE_LEVELS, asks);
	enum err e = add_table(p, i, TABLE_LEVELS, asks & ~of_numbers);
	return e || !of_numbers ? e : add_table(p, i, TABLE_NUMBER, of_numbers);
}

static enum err
check_kind(const struct indicator *i)
{
	const unsigned known = CODEBOOK_N | CODEBOOK_COUNT | CODEBOOK_PROPORTION |
			       CODEBOOK_INTERVAL | CODEBOOK_DISTRIBUTION | CODEBOOK_MEAN |
			       CODEBOOK_SD | CODEBOOK_MEDIAN;
	if (i->kind != CODEBOOK_RECORD)
		return fail(
			E_DENIED, "%s: this version releases figures of records only", i->id);
	if (i->by_count && i->by[0].kind != CODEBOOK_BY_ONE)
		return fail(E_DENIED, "%s: this version breaks down by select_one items only",
			i->id);
	if (i->statistics & ~known)
		return fail(E_DENIED,
			"%s asks for a statistic that this version does not release", i->id);
	if (i->interval_of & ~(unsigned)(CODEBOOK_PROPORTION | CODEBOOK_DISTRIBUTION))
		return fail(E_DENIED, "%s: this version has intervals of shares only", i->id);
	return OK;
}

static enum err
check_form(struct tableplan *p, const struct indicator *i)
{
	if (i->form->per_site)
		return fail(E_DENIED,
			"%s is about sites: this version releases figures of "
			"people only",
			i->id);
	if (i->form->many)
		return fail(E_DENIED,
			"%s: form %s takes several records of a person in a wave, "
			"and this version counts people",
			i->id, i->form->id);
	if (p->form && p->form != i->form)
		return fail(E_DENIED, "%s is of form %s, others of form %s: propose them apart",
			i->id, i->form->id, p->form->id);
	p->form = i->form;
	return OK;
}

static enum err
add_indicator(struct tableplan *p, const struct indicator *i)
{
	enum err e = check_kind(i);
	if (!e)
		e = check_form(p, i);
	for (size_t k = 0; !e && k < i->by_count; k++)
		e = add_by(p, i, k);
	p->profile.count_min_people = MAX(p->profile.count_min_people, i->min_n);
	return e ? e : add_tables(p, i);
}

static bool
is_named(const char *id, const char *const *indicators, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(indicators[i], id) == 0)
			return true;
	return false;
}

static enum err
check_names(const struct pack *pack, const char *const *indicators, size_t count)
{
	if (count == 0)
		return fail(E_FORMAT, "a release names one indicator or more");
	for (size_t i = 0; i < count; i++) {
		if (!codebook_find(pack->codebook, indicators[i]))
			return fail(E_NOTFOUND, "the codebook in force has no indicator %.16s",
				indicators[i]);
		if (is_named(indicators[i], indicators, i))
			return fail(E_FORMAT, "%s is named twice", indicators[i]);
	}
	return OK;
}

enum err
tableplan_make(struct tableplan **ret, const struct pack *pack, const char *const *indicators,
	size_t count)
{
	OWNED(tableplan) struct tableplan *p = xcalloc(1, sizeof(*p));
	*ret = NULL;
	p->codebook = pack->codebook;
	enum err e = check_names(pack, indicators, count);
	if (!e)
		e = tableplan_profile(&p->profile, &pack->profile);
	for (size_t i = 0; !e && i < pack->codebook->count; i++) {
		const struct indicator *row = &pack->codebook->indicators[i];
		if (is_named(row->id, indicators, count))
			e = add_indicator(p, row);
	}
	if (!e)
		*ret = take(p);
	return e;
}

void
tableplan_free(struct tableplan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->text_count; i++)
		mem_drop(&p->texts[i]);
	for (size_t i = 0; i < p->list_count; i++)
		mem_drop(&p->lists[i]);
	mem_drop(&p->texts);
	mem_drop(&p->lists);
	mem_drop(&p->specs);
	mem_drop(&p->columns);
	mem_drop(&p->tables);
	mem_drop(&p);
}
