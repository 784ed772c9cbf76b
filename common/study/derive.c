#include "common/study/derive.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/trust/crypto.h"

struct derive {
	const struct codebook *book;
	const struct record *record;
	struct expr_value *values;     /* by indicator, of the record at hand */
	uint64_t *made;                /* by indicator: for which record its value was made */
	uint64_t turn;                 /* number of the record at hand */
	struct expr_value *references; /* of the expression at hand */
};

/* ---- records ---- */

struct derive *
derive_new(const struct codebook *c)
{
	struct derive *d = xcalloc(1, sizeof(*d));
	size_t most = 0, count;
	for (size_t i = 0; i < c->count; i++) {
		if (!c->indicators[i].value)
			continue;
		(void)expr_references(c->indicators[i].value, &count);
		most = MAX(most, count);
	}
	d->book = c;
	d->values = xcalloc(c->count + 1, sizeof(*d->values));
	d->made = xcalloc(c->count + 1, sizeof(*d->made));
	d->references = xcalloc(most + 1, sizeof(*d->references));
	return d;
}

void
derive_free(struct derive *d)
{
	if (!d)
		return;
	crypto_wipe(d->values, (d->book->count + 1) * sizeof(*d->values));
	free(d->values);
	free(d->made);
	free(d->references);
	free(d);
}

void
derive_record(struct derive *d, const struct record *r)
{
	d->record = r;
	d->turn++;
}

static struct expr_env
env_of(struct derive *d, const struct indicator *i)
{
	size_t count;
	const struct expr_reference *refs = expr_references(i->value, &count);
	for (size_t k = 0; k < count; k++)
		d->references[k] = d->values[refs[k].indicator];
	return (struct expr_env){.record = d->record, .key = -1, .references = d->references};
}

/* Everything it refers to, in order; its own value is left to the caller. */
static void
make_needed(struct derive *d, const struct indicator *i)
{
	for (size_t n = 0; n + 1 < i->order_count; n++) {
		size_t at = i->order[n];
		if (d->made[at] == d->turn)
			continue;
		const struct indicator *of = &d->book->indicators[at];
		const struct expr_env env = env_of(d, of);
		d->values[at] = expr_value_of(of->value, &env);
		d->made[at] = d->turn;
	}
}

size_t
derive_rows(const struct derive *d, const struct indicator *i)
{
	if (i->kind != CODEBOOK_RECORD || !d->record || record_form(d->record) != i->form)
		return 0;
	if (!i->by_count || i->by[0].kind == CODEBOOK_BY_ONE)
		return 1;
	if (i->by[0].kind == CODEBOOK_BY_MULTIPLE)
		return i->by[0].codes.count;
	return record_instances(d->record, (size_t)i->form->fields[i->by[0].field].repeat);
}

/* The keys of a row, and where its expression stands. */
static struct expr_env
stand(struct derive *d, const struct indicator *i, size_t row, struct derive_row *ret)
{
	*ret = (struct derive_row){.keys = {-1, -1, -1}};
	make_needed(d, i);
	struct expr_env env = env_of(d, i);
	for (size_t k = 0; k < i->by_count; k++) {
		const struct codebook_by *by = &i->by[k];
		bool inside = by->kind == CODEBOOK_BY_REPEAT;
		if (by->kind == CODEBOOK_BY_MULTIPLE) {
			ret->keys[k] = (int)row;
			env.key = (int)by->codes.places[row];
			continue;
		}
		struct expr_value v = record_value(d->record, by->field, inside ? row : 0);
		ret->keys[k] = codebook_key(by, &v);
		env.instance = inside ? row : 0;
	}
	return env;
}

struct derive_row
derive_row(struct derive *d, const struct indicator *i, size_t row)
{
	struct derive_row out;
	const struct expr_env env = stand(d, i, row, &out);
	out.value = expr_value_of(i->value, &env);
	return out;
}

size_t
derive_parts(const struct indicator *i)
{
	return i->value ? expr_part_count(i->value) : 0;
}

void
derive_row_parts(
	struct derive *d, const struct indicator *i, size_t row, struct expr_value *ret)
{
	struct derive_row out;
	const struct expr_env env = stand(d, i, row, &out);
	for (size_t k = 0; k < derive_parts(i); k++)
		ret[k] = expr_part(i->value, k, &env);
}

struct expr_value
derive_funnel_base(const struct derive *d, const struct indicator *i)
{
	if (!codebook_asks(i, CODEBOOK_FUNNEL) || record_form(d->record) != i->form)
		return (struct expr_value){.place = -1};
	return record_value(d->record, i->funnel_base, 0);
}

/* ---- cells ---- */

size_t
derive_figure_count(const struct indicator *cell)
{
	size_t count = 0;
	if (cell->kind == CODEBOOK_CELL)
		(void)expr_references(cell->value, &count);
	return count;
}

struct derive_figure
derive_figure(const struct codebook *c, const struct indicator *cell, size_t figure)
{
	size_t count;
	const struct expr_reference *r = &expr_references(cell->value, &count)[figure];
	return (struct derive_figure){.of = &c->indicators[r->indicator],
		.statistic = (enum codebook_statistic)r->statistic,
		.over_keys = r->over_keys};
}

struct expr_value
derive_cell(const struct indicator *cell, const struct expr_value *figures,
	const struct expr_value *keys, size_t key_count)
{
	const struct expr_env env = {
		.key = -1, .references = figures, .keys = keys, .key_count = key_count};
	return expr_value_of(cell->value, &env);
}
