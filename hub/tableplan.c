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
	if (p->unbuilt)
		return refuse(p->unbuilt, "this version cannot carry it out");
	if (!p->count_of_cells && p->count_min > 1)
		return refuse("count.of", "this version asks the smallest count of cells only");
	if (p->round_base)
		return refuse("round.base", "this version does not round");
	if (p->dominance_sites)
		return refuse("dominance.sites", "this version cannot ask for it");
	if (p->audit != PROFILE_AUDIT_EXACT && p->count_min > 1)
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

bool
tableplan_hides(const struct disclose_profile *p)
{
	return p->count_min_people > 1;
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
	p->lists = xrealloc(p->lists, p->list_count + 1, sizeof(void *));
	p->lists[p->list_count++] = list;
	return list;
}

static enum err
add_column(struct tableplan *p, const struct column_spec *spec, size_t *ret)
{
	if (p->column_count == COLUMNS_MAX)
		return fail(E_FULL, "a release of more than %u columns", COLUMNS_MAX);
	if (spec->level_count > COLUMNS_LEVELS_MAX)
		return fail(E_FULL, "%s: more than %u levels", spec->name, COLUMNS_LEVELS_MAX);
	p->specs = xrealloc(p->specs, p->column_count + 1, sizeof(*p->specs));
	*ret = p->column_count;
	p->specs[p->column_count++] = *spec;
	return OK;
}

/* gives the codes of a breakdown, kept by the plan. */
static const char *const *
key_codes(struct tableplan *p, const struct codebook_by *by)
{
	const char **codes = keep_list(p, by->codes.count);
	for (size_t i = 0; i < by->codes.count; i++)
		codes[i] = codebook_key_code(by, i);
	return codes;
}

/* The column of a `by` variable, shared by all tables of its form that are broken down by
 * it. */
static enum err
add_by(struct tableplan *p, const struct codebook_by *by, size_t *ret)
{
	struct column_spec spec = {.kind = COLUMN_CATEGORY, .level_count = by->codes.count};
	spec.name = keep_text(p, xasprintf("%s %s", by->form->id, by->name));
	for (size_t i = 0; i < p->column_count; i++)
		if (strcmp(p->specs[i].name, spec.name) == 0) {
			*ret = i;
			return OK;
		}
	spec.levels = key_codes(p, by);
	return add_column(p, &spec, ret);
}

static void
name_levels(struct tableplan *p, const struct indicator *i, struct column_spec *spec)
{
	spec->level_count = codebook_level_count(i);
	if (spec->level_count > COLUMNS_LEVELS_MAX)
		return;
	const char **levels = keep_list(p, spec->level_count);
	for (size_t n = 0; n < spec->level_count; n++) {
		char name[CODEBOOK_LEVEL_BYTES];
		codebook_level_name(i, n, name);
		levels[n] = keep_text(p, xstrdup(name));
	}
	spec->levels = levels;
}

/* `count` columns side by side, alike but for their names. A blank in a name keeps it apart
 * from every field of a form. */
static enum err
add_columns(struct tableplan *p, const struct tableplan_item *item, enum column_kind kind,
	const char *word, size_t count)
{
	struct column_spec spec = {.kind = kind};
	enum err e = OK;
	size_t at;
	if (kind == COLUMN_CATEGORY)
		name_levels(p, item->of, &spec);
	for (size_t k = 0; !e && k < count; k++) {
		spec.name = keep_text(
			p, xasprintf("%s %s %zu %zu", item->of->id, word, item->wave, k));
		e = add_column(p, &spec, &at);
	}
	return e;
}

/* tables */

/* Is the item behind the value, or behind that of an indicator it refers to? */
static bool
is_behind(const struct tableplan *p, const struct indicator *i, size_t field)
{
	for (size_t n = 0; n < i->order_count; n++)
		if (expr_uses(p->codebook->indicators[i->order[n]].value, field))
			return true;
	return expr_uses(i->value, field);
}

static enum err
name_items(const struct tableplan *p, struct table_spec *t, const struct indicator *i)
{
	size_t count = 0;
	for (size_t f = 0; f < i->form->field_count; f++) {
		if (!is_behind(p, i, f))
			continue;
		if (count == TABLE_ITEMS_MAX)
			return fail(E_FULL, "%s: made from more than %u items", i->id,
				TABLE_ITEMS_MAX);
		t->items[count++] = i->form->fields[f].name;
	}
	return OK;
}

static void
name_keys(struct tableplan *p, const struct tableplan_item *item, struct table_spec *t,
	size_t first)
{
	const struct codebook_by *by = &item->of->by[0];
	const char **columns = keep_list(p, item->key_count);
	for (size_t k = 0; k < item->key_count; k++)
		columns[k] = p->specs[first + k].name;
	t->key = by->name;
	t->keys = key_codes(p, by);
	t->key_columns = columns;
	t->key_count = item->key_count;
}

static void
name_parts(struct tableplan *p, const struct tableplan_item *item, struct table_spec *t)
{
	const char **parts = keep_list(p, item->part_count);
	for (size_t k = 0; k < item->part_count; k++)
		parts[k] = p->specs[item->parts + k].name;
	t->parts = parts;
	t->part_count = item->part_count;
}

static const char *const *
name_reasons(struct tableplan *p)
{
	const char **words = keep_list(p, MISSING_WITHDRAWN);
	for (size_t i = 0; i < MISSING_WITHDRAWN; i++)
		words[i] = missing_word((enum missing)i);
	return words;
}

static enum err
add_table(struct tableplan *p, struct tableplan_item *item, enum table_kind kind, unsigned asks)
{
	static const enum column_kind kinds[] = {[TABLE_LEVELS] = COLUMN_CATEGORY,
		[TABLE_SHARE] = COLUMN_TRUTH,
		[TABLE_NUMBER] = COLUMN_NUMBER};
	static const char *const words[] = {
		[TABLE_LEVELS] = "levels", [TABLE_SHARE] = "truth", [TABLE_NUMBER] = "number"};
	size_t *const firsts[] = {[TABLE_LEVELS] = &item->levels,
		[TABLE_SHARE] = &item->truth,
		[TABLE_NUMBER] = &item->number};
	const struct indicator *i = item->of;
	struct table_spec t = {.indicator = i->id, .kind = kind, .asks = asks};
	size_t first = *firsts[kind] = p->column_count;
	enum err e = name_items(p, &t, i);
	if (!e)
		e = add_columns(
			p, item, kinds[kind], words[kind], MAX(item->key_count, (size_t)1));
	if (e)
		return e;
	t.column = p->specs[first].name;
	t.occurring = i->by_count && i->by[0].kind == CODEBOOK_BY_REPEAT;
	for (size_t k = 0; !item->key_count && k < i->by_count; k++)
		t.by[k] = p->specs[item->by[k]].name;
	if (item->key_count)
		name_keys(p, item, &t, first);
	if (asks & ASK_ALPHA)
		name_parts(p, item, &t);
	if (asks & ASK_MISSING) {
		t.reasons = name_reasons(p);
		t.reason_count = MISSING_WITHDRAWN;
	}
	p->tables = xrealloc(p->tables, p->table_count + 1, sizeof(*p->tables));
	p->tables[p->table_count++] = t;
	item->table_count++;
	return OK;
}

static unsigned
asks_of(const struct indicator *i)
{
	static const struct {
		unsigned statistic, ask;
	} pairs[] = {{CODEBOOK_N, ASK_N}, {CODEBOOK_COUNT, ASK_COUNT},
		{CODEBOOK_PROPORTION, ASK_PROPORTION},
		{CODEBOOK_DISTRIBUTION, ASK_DISTRIBUTION}, {CODEBOOK_MEAN, ASK_MEAN},
		{CODEBOOK_SD, ASK_SD}, {CODEBOOK_MEDIAN, ASK_MEDIAN},
		{CODEBOOK_MISSING, ASK_MISSING}, {CODEBOOK_SUM, ASK_SUM},
		{CODEBOOK_SHARE_NEGATIVE, ASK_SHARE_NEGATIVE},
		{CODEBOOK_SHARE_POSITIVE, ASK_SHARE_POSITIVE}, {CODEBOOK_ALPHA, ASK_ALPHA},
		{CODEBOOK_RANK, ASK_RANK}};
	unsigned asks = 0;
	for (size_t k = 0; k < ARRAY_LEN(pairs); k++)
		if (i->statistics & pairs[k].statistic)
			asks |= pairs[k].ask;
	if (!(i->statistics & CODEBOOK_INTERVAL))
		return asks;
	if (i->interval_of & (CODEBOOK_PROPORTION | CODEBOOK_DISTRIBUTION))
		asks |= ASK_INTERVAL;
	if (i->interval_of & CODEBOOK_MEAN)
		asks |= ASK_MEAN_INTERVAL;
	return asks;
}

static enum err
add_tables(struct tableplan *p, struct tableplan_item *item)
{
	const struct indicator *i = item->of;
	const unsigned of_levels = ASK_N | ASK_DISTRIBUTION | ASK_INTERVAL | ASK_MISSING;
	const unsigned asks = asks_of(i);
	if (codebook_type(i) == EXPR_BOOL)
		return add_table(p, item, TABLE_SHARE, asks);
	if (codebook_type(i) == EXPR_CODE)
		return add_table(p, item, TABLE_LEVELS, asks);
	if (!(asks & ASK_DISTRIBUTION))
		return add_table(p, item, TABLE_NUMBER, asks);
	enum err e = add_table(p, item, TABLE_LEVELS, asks & of_levels);
	return e || !(asks & ~of_levels) ? e
					 : add_table(p, item, TABLE_NUMBER, asks & ~of_levels);
}

static bool
is_keyed(const struct tableplan *p, const struct indicator *i)
{
	return i->by_count && (i->by[0].kind == CODEBOOK_BY_MULTIPLE ||
				      (i->by[0].kind == CODEBOOK_BY_REPEAT && !p->per_site));
}

enum err
tableplan_add(struct tableplan *p, const struct indicator *i, size_t wave)
{
	struct tableplan_item item = {.of = i,
		.wave = wave,
		.levels = TABLEPLAN_NONE,
		.number = TABLEPLAN_NONE,
		.truth = TABLEPLAN_NONE,
		.parts = p->column_count,
		.first_table = p->table_count};
	enum err e = OK;
	if (is_keyed(p, i))
		item.key_count = i->by[0].codes.count;
	if (i->statistics & CODEBOOK_ALPHA) {
		item.part_count = derive_parts(i);
		e = add_columns(p, &item, COLUMN_NUMBER, "part", item.part_count);
	}
	for (size_t k = 0; !e && !item.key_count && k < i->by_count; k++)
		e = add_by(p, &i->by[k], &item.by[k]);
	if (!e)
		e = add_tables(p, &item);
	if (e)
		return e;
	p->items = xrealloc(p->items, p->item_count + 1, sizeof(*p->items));
	p->items[p->item_count++] = item;
	return OK;
}

struct tableplan *
tableplan_new(const struct codebook *c, bool per_site)
{
	struct tableplan *p = xcalloc(1, sizeof(*p));
	p->codebook = c;
	p->per_site = per_site;
	return p;
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
	mem_drop(&p->items);
	mem_drop(&p->tables);
	mem_drop(&p);
}
