#include "common/study/codebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/codebook_inside.h"
#include "common/study/pack_sheet.h"

static const char *const columns[] = {"id", "label", "family", "level", "stakeholder", "form",
	"derivation", "by", "scale_lo", "scale_hi", "unit", "direction", "statistics",
	"denominator", "min_n", "missing_rule", "defined_by", "seed_theme", "factor_group",
	"network_criterion"};

const char *
codebook_cell(const struct codebook_reader *r, const char *column)
{
	size_t row = (size_t)(r->at - r->book->indicators);
	return csv_cell(r->sheet, row, csv_column(r->sheet, column));
}

struct fault_place
codebook_place(const struct codebook_reader *r, const char *column)
{
	return (struct fault_place){r->source->file, r->at->row, column};
}

bool
codebook_piece(const char **at, const char *between, char ret[static CODEBOOK_PIECE_BYTES])
{
	if (!*at || !**at)
		return false;
	const char *end = strstr(*at, between);
	size_t len = end ? (size_t)(end - *at) : strlen(*at);
	(void)snprintf(ret, CODEBOOK_PIECE_BYTES, "%.*s",
		(int)MIN(len, (size_t)CODEBOOK_PIECE_BYTES), *at);
	*at = end ? end + strlen(between) : NULL;
	return true;
}

static bool
check_columns(const struct codebook_reader *r)
{
	const size_t before = r->faults->errors;
	const struct pack_sheet sheet = {r->source->file, r->faults, r->sheet, 0};
	pack_sheet_columns(
		&sheet, &(struct pack_columns){.names = columns, .count = ARRAY_LEN(columns)});
	return r->faults->errors == before;
}

/* ---- the order of derivations ---- */

/* For each indicator the ones that wait for it, as lists in two arrays (a chain by `next`). */
struct waits {
	size_t *first; /* by indicator: its first wait, or SIZE_MAX */
	size_t *next;  /* by wait */
	size_t *who;   /* by wait: the indicator that waits */
	size_t count;
	size_t *open; /* by indicator: how many it waits for */
};

static void
waits_done(struct waits *w)
{
	free(w->first);
	free(w->next);
	free(w->who);
	free(w->open);
}

static void
add_waits(struct waits *w, const struct codebook *book, size_t who)
{
	const struct indicator *i = &book->indicators[who];
	const char *at = codebook_next_id(i->derivation);
	/* A longer one is refused when it is compiled. */
	if (strlen(i->derivation) > EXPR_MAX_BYTES)
		return;
	for (; at; at = codebook_next_id(at + 3)) {
		OWNED_MEM char *id = xmemdup(at, 3);
		const struct indicator *of = codebook_find(book, id);
		if (!of)
			continue;
		size_t n = (size_t)(of - book->indicators);
		w->next = xrealloc(w->next, w->count + 1, sizeof(*w->next));
		w->who = xrealloc(w->who, w->count + 1, sizeof(*w->who));
		w->next[w->count] = w->first[n];
		w->who[w->count] = who;
		w->first[n] = w->count++;
		w->open[who]++;
	}
}

/* The indicators so that each stands behind all it refers to (Kahn 1962); those in a circle
 * are left out. gives their number. */
static size_t
sort(const struct codebook *book, size_t *ret)
{
	OWNED_BY(waits_done) struct waits w = {0};
	size_t done = 0;
	w.first = xcalloc(book->count + 1, sizeof(*w.first));
	w.open = xcalloc(book->count + 1, sizeof(*w.open));
	for (size_t i = 0; i < book->count; i++)
		w.first[i] = SIZE_MAX;
	for (size_t i = 0; i < book->count; i++)
		add_waits(&w, book, i);
	for (size_t i = 0; i < book->count; i++)
		if (!w.open[i])
			ret[done++] = i;
	for (size_t i = 0; i < done; i++)
		for (size_t k = w.first[ret[i]]; k != SIZE_MAX; k = w.next[k])
			if (--w.open[w.who[k]] == 0)
				ret[done++] = w.who[k];
	return done;
}

/* What an indicator needs in the same record, from what its references need. */
static void
make_order(struct codebook *book, const size_t *sorted, size_t position)
{
	struct indicator *i = &book->indicators[sorted[position]];
	OWNED_MEM bool *needed = xcalloc(book->count + 1, sizeof(*needed));
	size_t count;
	if (i->kind != CODEBOOK_RECORD)
		return;
	const struct expr_reference *refs = expr_references(i->value, &count);
	for (size_t k = 0; k < count; k++) {
		const struct indicator *of = &book->indicators[refs[k].indicator];
		for (size_t n = 0; n < of->order_count; n++)
			needed[of->order[n]] = true;
	}
	needed[sorted[position]] = true;
	i->order = xcalloc(position + 1, sizeof(*i->order));
	for (size_t n = 0; n <= position; n++)
		if (needed[sorted[n]])
			i->order[i->order_count++] = sorted[n];
	i->order = xrealloc(i->order, i->order_count, sizeof(*i->order));
}

static void
read_derivations(struct codebook_reader *r)
{
	struct codebook *book = r->book;
	OWNED_MEM size_t *sorted = xcalloc(book->count + 1, sizeof(*sorted));
	size_t count = sort(book, sorted);
	for (size_t i = 0; i < count; i++) {
		r->at = &book->indicators[sorted[i]];
		codebook_read_derivation(r);
		codebook_read_statistics(r);
		make_order(book, sorted, i);
	}
	OWNED_MEM bool *placed = xcalloc(book->count + 1, sizeof(*placed));
	for (size_t i = 0; i < count; i++)
		placed[sorted[i]] = true;
	for (size_t i = 0; i < book->count; i++) {
		r->at = &book->indicators[i];
		if (!placed[i])
			faults_add(r->faults, codebook_place(r, "derivation"),
				"refers to itself, or to one that does");
		else
			codebook_check_row(r);
	}
}

static void
read_rows(struct codebook_reader *r)
{
	struct codebook *book = r->book;
	book->indicators = xcalloc(csv_rows(r->sheet) + 1, sizeof(*book->indicators));
	book->ids = names_new(csv_rows(r->sheet));
	for (size_t row = 0; row < csv_rows(r->sheet); row++) {
		r->at = &book->indicators[row];
		r->at->row = csv_row_number(r->sheet, row);
		codebook_read_row(r);
		names_add(book->ids, r->at->id, row);
		book->count++;
	}
}

struct codebook *
codebook_load(const struct codebook_source *s, struct faults *faults)
{
	OWNED(codebook) struct codebook *book = xcalloc(1, sizeof(*book));
	OWNED(csv_sheet) struct csv_sheet *sheet = NULL;
	struct fault_place whole = {s->file, 0, NULL};
	size_t before = faults->errors;
	book->missing = s->missing;
	if (csv_load(&sheet, s->text, s->file) != OK) {
		faults_add(faults, whole, "%s", err_text());
		return NULL;
	}
	struct codebook_reader r = {
		.source = s, .faults = faults, .sheet = sheet, .book = book};
	if (csv_rows(sheet) > CODEBOOK_MAX_INDICATORS)
		faults_add(faults, whole, "more than %d indicators", CODEBOOK_MAX_INDICATORS);
	if (!check_columns(&r) || faults->errors != before)
		return NULL;
	read_rows(&r);
	read_derivations(&r);
	return faults->errors == before ? take(book) : NULL;
}

const struct indicator *
codebook_find(const struct codebook *c, const char *id)
{
	size_t at;
	return c->ids && names_find(c->ids, id, strlen(id), &at) ? &c->indicators[at] : NULL;
}

static void
indicator_done(struct indicator *i)
{
	char *texts[] = {i->id, i->label, i->family, i->level, i->stakeholder, i->derivation,
		i->unit, i->direction, i->denominator, i->missing_rule, i->defined_by,
		i->seed_theme, i->factor_group, i->network_criterion};
	for (size_t k = 0; k < ARRAY_LEN(texts); k++)
		free(texts[k]);
	for (size_t k = 0; k < CODEBOOK_MAX_BY; k++)
		codebook_by_done(&i->by[k]);
	expr_free(i->value);
	free(i->order);
	free(i->levels.places);
}

void
codebook_free(struct codebook *c)
{
	if (!c)
		return;
	for (size_t i = 0; c->indicators && i < c->count; i++)
		indicator_done(&c->indicators[i]);
	free(c->indicators);
	names_free(c->ids);
	free(c);
}
