#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

#include "hub/opening_inside.h"

#define WAVE_TEXT_BYTES 16

uint32_t
opening_wave_number(const struct opening *o, size_t wave)
{
	return wave == 0 ? o->ask.wave : o->ask.compared;
}

enum err
opening_find_wave(const struct opening *o, const char *wave, size_t *ret)
{
	char number[WAVE_TEXT_BYTES];
	*ret = 0;
	for (size_t i = 0; o->wave_count > 1 && i < o->wave_count; i++) {
		(void)snprintf(number, sizeof(number), "%u", opening_wave_number(o, i));
		*ret = i;
		if (strcmp(wave, number) == 0)
			return OK;
	}
	return o->wave_count > 1 ? fail(E_DENIED, "the record is of another wave") : OK;
}

void
opening_wave_done(struct opening *o, struct opening_wave *w)
{
	for (size_t i = 0; w->sites && i < o->ask.pack->codebook->count; i++)
		sitefigures_free(w->sites[i]);
	mem_drop(&w->sites);
	systemfigures_free(w->system);
	mem_drop(&w->partners);
}

/* figures */

static void
put_people(struct opening *o, struct opened *t, size_t wave, const struct indicator *i)
{
	const size_t at = (size_t)(i - o->ask.pack->codebook->indicators);
	for (size_t k = t->first_table[wave]; k < t->first_table[wave + 1]; k++) {
		const struct table *table = t->tables[k];
		if (strcmp(table->indicator, i->id) != 0)
			continue;
		OWNED_MEM bool *hidden = xcalloc(table->figure_count + 1, sizeof(*hidden));
		for (size_t f = 0; f < table->figure_count; f++)
			hidden[f] = disclosure_why(t->shown, k, f) != DISCLOSE_SHOWN;
		printed_table(t->rows[wave], at, table, hidden);
	}
}

enum err
opening_put_figures(struct opening *o, struct opened *t, size_t wave)
{
	const struct codebook *book = o->ask.pack->codebook;
	const struct opening_wave *w = &o->waves[wave];
	struct figure_rows *rows = t->rows[wave] = figure_rows_new();
	enum err e = OK;
	for (size_t i = 0; !e && i < book->count; i++) {
		const struct indicator *of = &book->indicators[i];
		if (!o->chosen->needed[i] || of->kind == CODEBOOK_CELL)
			continue;
		if (of->kind == CODEBOOK_SYSTEM)
			systemfigures_put(w->system, of, tableplan_hides(&o->profile), rows);
		else if (w->sites[i])
			e = sitefigures_put(w->sites[i], rows);
		else
			put_people(o, t, wave, of);
	}
	const struct cell_source source = {book, o->printed, o->printed_count,
		(const struct table *const *)t->tables + t->first_table[wave],
		t->first_table[wave + 1] - t->first_table[wave]};
	for (size_t i = 0; !e && i < book->count; i++)
		if (o->chosen->needed[i] && book->indicators[i].kind == CODEBOOK_CELL)
			e = cellfigures_put(&source, &book->indicators[i], rows);
	return e;
}
