#include <string.h>

#include "hub/tableplan.h"

static struct column_value
number_of(const struct expr_value *v)
{
	return (struct column_value){
		.there = v->present, .number = v->number, .why = (uint8_t)v->why};
}

static struct column_value
truth_of(const struct expr_value *v)
{
	return (struct column_value){
		.there = v->present, .level = v->number > 0, .why = (uint8_t)v->why};
}

/* A value that is none of the levels cannot be put among them. */
static struct column_value
level_of(const struct indicator *i, const struct expr_value *v)
{
	int level = codebook_level(i, v);
	return (struct column_value){.there = level >= 0,
		.level = level >= 0 ? (uint16_t)level : 0,
		.why = (uint8_t)(v->present ? MISSING_NOT_APPLICABLE : v->why)};
}

static void
put_value(const struct tableplan_item *item, size_t key, const struct expr_value *v,
	struct column_value *ret)
{
	if (item->levels != TABLEPLAN_NONE)
		ret[item->levels + key] = level_of(item->of, v);
	if (item->number != TABLEPLAN_NONE)
		ret[item->number + key] = number_of(v);
	if (item->truth != TABLEPLAN_NONE)
		ret[item->truth + key] = truth_of(v);
}

static void
put_parts(const struct tableplan_item *item, struct derive *d, size_t row,
	struct column_value *ret)
{
	struct expr_value parts[TABLE_PARTS_MAX] = {{0}};
	if (item->part_count == 0 || item->part_count > TABLE_PARTS_MAX)
		return;
	derive_row_parts(d, item->of, row, parts);
	for (size_t k = 0; k < item->part_count; k++)
		ret[item->parts + k] = number_of(&parts[k]);
	explicit_bzero(parts, sizeof(parts));
}

/* A value with its breakdowns as columns. */
static void
put_row(const struct tableplan_item *item, struct derive *d, size_t row,
	struct column_value *ret)
{
	const struct derive_row r = derive_row(d, item->of, row);
	for (size_t k = 0; k < item->of->by_count; k++)
		ret[item->by[k]] = (struct column_value){.there = r.keys[k] >= 0,
			.level = r.keys[k] >= 0 ? (uint16_t)r.keys[k] : 0};
	put_value(item, 0, &r.value, ret);
	put_parts(item, d, row, ret);
}

/* A key stands once in a record: the node refuses a second. */
static void
put_keyed(const struct tableplan_item *item, struct derive *d, struct column_value *ret)
{
	bool seen[COLUMNS_LEVELS_MAX] = {false};
	for (size_t row = 0; row < derive_rows(d, item->of); row++) {
		const struct derive_row r = derive_row(d, item->of, row);
		if (r.keys[0] < 0 || seen[r.keys[0]])
			continue;
		seen[r.keys[0]] = true;
		put_value(item, (size_t)r.keys[0], &r.value, ret);
	}
}

static void
set_apart(const struct tableplan *p, struct column_value *ret)
{
	for (size_t c = 0; c < p->column_count; c++)
		ret[c] = (struct column_value){.why = COLUMNS_APART};
}

bool
tableplan_counts(const struct indicator *i, const bool *groups)
{
	for (size_t k = 0; k < i->group_count; k++)
		if (groups[i->groups[k]])
			return true;
	return i->group_count == 0;
}

void
tableplan_fill(const struct tableplan *p, size_t wave, struct derive *d, const bool *groups,
	struct column_value *ret)
{
	set_apart(p, ret);
	for (size_t i = 0; i < p->item_count; i++) {
		const struct tableplan_item *item = &p->items[i];
		if (item->wave != wave || derive_rows(d, item->of) == 0 ||
			!tableplan_counts(item->of, groups))
			continue;
		if (item->key_count)
			put_keyed(item, d, ret);
		else
			put_row(item, d, 0, ret);
	}
}

void
tableplan_fill_row(
	const struct tableplan *p, struct derive *d, size_t row, struct column_value *ret)
{
	set_apart(p, ret);
	for (size_t i = 0; i < p->item_count; i++) {
		if (p->items[i].key_count)
			put_keyed(&p->items[i], d, ret);
		else
			put_row(&p->items[i], d, row, ret);
	}
}
