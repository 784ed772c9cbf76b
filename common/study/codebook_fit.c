#include <string.h>

#include "common/base/mem.h"
#include "common/study/codebook_inside.h"

/* What fits each kind of figure. */
#define FIT_NUMBER                                                                             \
	(CODEBOOK_N | CODEBOOK_MISSING | CODEBOOK_INTERVAL | CODEBOOK_DISTRIBUTION |           \
		CODEBOOK_MEAN | CODEBOOK_SD | CODEBOOK_MEDIAN | CODEBOOK_SUM |                 \
		CODEBOOK_SHARE_NEGATIVE | CODEBOOK_SHARE_POSITIVE | CODEBOOK_ALPHA |           \
		CODEBOOK_VALUE | CODEBOOK_FUNNEL | CODEBOOK_RANK)
#define FIT_CODE                                                                               \
	(CODEBOOK_N | CODEBOOK_MISSING | CODEBOOK_INTERVAL | CODEBOOK_DISTRIBUTION |           \
		CODEBOOK_VALUE)
#define FIT_BOOL                                                                               \
	(CODEBOOK_N | CODEBOOK_MISSING | CODEBOOK_COUNT | CODEBOOK_PROPORTION |                \
		CODEBOOK_INTERVAL | CODEBOOK_VALUE | CODEBOOK_RANK)
#define FIT_SYSTEM (CODEBOOK_N | CODEBOOK_COUNT | CODEBOOK_PROPORTION | CODEBOOK_INTERVAL)
#define FIT_CELL   (CODEBOOK_N | CODEBOOK_DIFFERENCE | CODEBOOK_RATIO | CODEBOOK_INTERVAL)
/* Behind what an interval can stand. */
#define WITH_INTERVAL                                                                          \
	(CODEBOOK_PROPORTION | CODEBOOK_DISTRIBUTION | CODEBOOK_MEAN | CODEBOOK_DIFFERENCE)

static void
fault(struct codebook_reader *r, const char *column, const char *sentence)
{
	faults_add(r->faults, codebook_place(r, column), "%s", sentence);
}

/* ---- statistics ---- */

static unsigned
fitting(const struct indicator *i)
{
	if (i->kind == CODEBOOK_SYSTEM)
		return FIT_SYSTEM;
	if (i->kind == CODEBOOK_CELL)
		return FIT_CELL;
	if (!i->value)
		return ~0u;
	switch (expr_type_of(i->value)) {
	case EXPR_NUMBER:
		return FIT_NUMBER;
	case EXPR_CODE:
		return FIT_CODE;
	case EXPR_BOOL:
		return FIT_BOOL;
	case EXPR_TEXT:
	case EXPR_CODES:
	case EXPR_DATE:
		return 0;
	}
	return 0;
}

static void
read_funnel(struct codebook_reader *r, const char *item)
{
	struct indicator *i = r->at;
	int at = i->form ? form_field(i->form, item) : -1;
	const struct form_field *f = at < 0 ? NULL : &i->form->fields[at];
	if (!f || (i->form->repeat_count && f->repeat >= 0) ||
		record_type(i->form, (size_t)at, r->book->missing) != EXPR_NUMBER)
		faults_add(r->faults, codebook_place(r, "statistics"),
			"funnel: '%.60s' is no number outside repeats", item);
	else if (f->goes == FORM_SITE)
		fault(r, "statistics", "funnel: the base stays at the site");
	else
		i->funnel_base = (size_t)at;
}

static void
check_asked(struct codebook_reader *r, unsigned bit)
{
	const struct indicator *i = r->at;
	if (bit == CODEBOOK_ALPHA && i->value && expr_part_count(i->value) < 2)
		fault(r, "statistics", "alpha is of a mean() of two arguments or more");
	if ((bit == CODEBOOK_VALUE || bit == CODEBOOK_FUNNEL) && i->form &&
		!(i->form->per_site && !i->form->many))
		fault(r, "statistics", "value and funnel are of forms with one record a site");
	if (bit == CODEBOOK_FUNNEL && !codebook_asks(i, CODEBOOK_VALUE))
		fault(r, "statistics", "funnel stands behind value");
	if (bit == CODEBOOK_RANK && !i->by_count)
		fault(r, "statistics", "rank is of an indicator with a by");
}

static void
add_statistic(struct codebook_reader *r, const char *word, unsigned before)
{
	struct indicator *i = r->at;
	struct fault_place at = codebook_place(r, "statistics");
	const char *colon = strchr(word, ':');
	OWNED_MEM char *name = xmemdup(word, colon ? (size_t)(colon - word) : strlen(word));
	unsigned bit = (unsigned)codebook_statistic_of(name);
	if (!bit || (colon != NULL) != (bit == CODEBOOK_FUNNEL))
		faults_add(r->faults, at, "'%.60s' is not known", word);
	if (bit & i->statistics)
		faults_add(r->faults, at, "'%.60s' stands twice", word);
	if (!i->statistics && bit != CODEBOOK_N)
		faults_add(r->faults, at, "n has to be the first");
	if (bit & ~fitting(i))
		faults_add(r->faults, at, "'%.60s' does not fit what is derived", word);
	else
		check_asked(r, bit);
	if (bit == CODEBOOK_FUNNEL && colon)
		read_funnel(r, colon + 1);
	if (bit == CODEBOOK_INTERVAL && !(before & WITH_INTERVAL))
		faults_add(r->faults, at,
			"an interval stands behind proportion, distribution, mean or "
			"difference");
	if (bit == CODEBOOK_INTERVAL)
		i->interval_of = before;
	i->statistics |= bit;
}

void
codebook_read_statistics(struct codebook_reader *r)
{
	struct indicator *i = r->at;
	const char *at = codebook_cell(r, "statistics");
	char word[CODEBOOK_PIECE_BYTES];
	unsigned before = 0;
	if (!*at)
		fault(r, "statistics", "this cell is empty");
	while (codebook_piece(&at, ";", word)) {
		add_statistic(r, word, before);
		before = (unsigned)codebook_statistic_of(word);
	}
	bool whole = i->has_lo && i->has_hi && i->scale_lo == (double)(int)i->scale_lo &&
		     i->scale_hi == (double)(int)i->scale_hi &&
		     i->scale_hi - i->scale_lo < CODEBOOK_MAX_LEVELS;
	if (codebook_asks(i, CODEBOOK_DISTRIBUTION) && !i->levels.list && !whole)
		faults_add(r->faults, codebook_place(r, "scale_hi"),
			"a distribution needs whole ends of the scale, at most %d apart",
			CODEBOOK_MAX_LEVELS);
}

/* ---- record expressions ---- */

static bool
can_be_missing(const struct codebook_reader *r, const struct form_field *f)
{
	for (size_t k = 0; f->list && k < f->list->count; k++)
		if (missing_is_code(
			    r->book->missing, r->at->form->id, f->list->choices[k].code, NULL))
			return true;
	return !f->required;
}

static void
check_field(struct codebook_reader *r, size_t field)
{
	const struct indicator *i = r->at;
	const struct form_field *f = &i->form->fields[field];
	bool number = expr_type_of(i->value) == EXPR_NUMBER;
	if (f->goes == FORM_SITE)
		faults_add(r->faults, codebook_place(r, "derivation"), "'%s' stays at the site",
			f->name);
	if (strcmp(i->missing_rule, "never") == 0 && can_be_missing(r, f))
		faults_add(r->faults, codebook_place(r, "missing_rule"),
			"never: '%s' can be without an answer", f->name);
	if (number && f->reverse != expr_reverses(i->value, field))
		faults_warn(r->faults, codebook_place(r, "derivation"),
			"'%s' is %smarked weir_reverse", f->name, f->reverse ? "" : "not ");
}

static void
check_record(struct codebook_reader *r)
{
	const struct indicator *i = r->at;
	size_t used = 0, references;
	enum expr_type type = expr_type_of(i->value);
	(void)expr_references(i->value, &references);
	if (i->form_count != 1)
		fault(r, "form", "a record expression has one form");
	if (expr_is_bare(i->value))
		fault(r, "derivation", "nothing but one item is written value(item)");
	if (type != EXPR_NUMBER && type != EXPR_CODE && type != EXPR_BOOL)
		fault(r, "derivation", "no text, date or several codes can be a figure");
	for (size_t n = 0; n < i->form->field_count; n++) {
		if (!expr_uses(i->value, n))
			continue;
		used++;
		check_field(r, n);
	}
	if (!used && !references && !expr_repeats(i->value))
		fault(r, "derivation", "names no item of the form");
	if (i->by_count && i->by[0].kind == CODEBOOK_BY_MULTIPLE && !expr_uses_key(i->value))
		fault(r, "by", "by a select_multiple without key in the derivation");
	if (type == EXPR_BOOL &&
		!(i->has_lo && i->has_hi && i->scale_lo == 0 && i->scale_hi == 1))
		fault(r, "scale_lo", "true or false runs from 0 to 1");
	if (type == EXPR_CODE && (i->has_lo || i->has_hi))
		fault(r, "scale_lo", "codes have no scale");
	if ((strcmp(i->missing_rule, "scale") == 0) != expr_scales(i->value))
		fault(r, "missing_rule", "scale goes with min= or need=");
	if (strcmp(i->missing_rule, "system") == 0)
		fault(r, "missing_rule", "system is for system counts");
}

/* ---- cell expressions ---- */

/* `shared` is NULL where neither the cell nor what it refers to has keys. */
static void
check_keys(struct codebook_reader *r, const struct codebook_by *shared,
	const struct expr_reference *ref)
{
	const struct indicator *of = &r->book->indicators[ref->indicator];
	bool keyed = ref->over_keys || r->at->by_count;
	if (!keyed && of->by_count)
		faults_add(r->faults, codebook_place(r, "by"),
			"%s has a by: it needs the same key here, or count(keys, ...)", of->id);
	else if (keyed && of->by_count != 1)
		faults_add(r->faults, codebook_place(r, "by"), "%s has no one key", of->id);
	else if (keyed && shared && !codebook_same_key(shared, &of->by[0]))
		faults_add(r->faults, codebook_place(r, "by"),
			"the keys of %s and %s are of different lists", shared->name,
			of->by[0].name);
}

/* The variable whose codes are the keys: the cell's own, or that of the first reference that
 * is over keys. */
static const struct codebook_by *
shared_key(const struct codebook_reader *r, const struct expr_reference *refs, size_t count)
{
	if (r->at->by_count)
		return &r->at->by[0];
	for (size_t k = 0; k < count; k++)
		if (refs[k].over_keys && r->book->indicators[refs[k].indicator].by_count)
			return &r->book->indicators[refs[k].indicator].by[0];
	return NULL;
}

static bool
reaches(const struct codebook_reader *r, const struct form *f)
{
	size_t count;
	const struct expr_reference *refs = expr_references(r->at->value, &count);
	for (size_t k = 0; k < count; k++) {
		const struct indicator *of = &r->book->indicators[refs[k].indicator];
		for (size_t n = 0; n < of->form_count; n++)
			if (of->forms[n] == f)
				return true;
	}
	return false;
}

static bool
names_form(const struct indicator *i, const struct form *f)
{
	for (size_t n = 0; n < i->form_count; n++)
		if (i->forms[n] == f)
			return true;
	return false;
}

static void
check_forms(struct codebook_reader *r, const struct expr_reference *refs, size_t count)
{
	for (size_t n = 0; n < r->at->form_count; n++)
		if (!reaches(r, r->at->forms[n]))
			faults_add(r->faults, codebook_place(r, "form"),
				"the derivation does not reach '%s'", r->at->forms[n]->id);
	for (size_t k = 0; k < count; k++) {
		const struct indicator *of = &r->book->indicators[refs[k].indicator];
		for (size_t n = 0; n < of->form_count; n++)
			if (!names_form(r->at, of->forms[n]))
				faults_add(r->faults, codebook_place(r, "form"),
					"the derivation reaches '%s', too", of->forms[n]->id);
	}
}

static void
check_difference(struct codebook_reader *r, const struct expr_reference *refs)
{
	const struct indicator *i = r->at;
	if (codebook_asks(i, CODEBOOK_DIFFERENCE) && !expr_subtracts(i->value))
		fault(r, "statistics", "difference is of a - b");
	if (i->interval_of != CODEBOOK_DIFFERENCE)
		return;
	bool mean = expr_is_difference(i->value) && refs[0].statistic == CODEBOOK_MEAN &&
		    refs[1].statistic == CODEBOOK_MEAN;
	bool share = expr_is_difference(i->value) && refs[0].statistic == CODEBOOK_PROPORTION &&
		     refs[1].statistic == CODEBOOK_PROPORTION;
	if (!mean && !share)
		fault(r, "statistics",
			"the interval of a difference is of A.mean - B.mean or A.proportion - "
			"B.proportion");
	for (size_t k = 0; mean && k < 2; k++)
		if (!codebook_asks(&r->book->indicators[refs[k].indicator], CODEBOOK_SD))
			faults_add(r->faults, codebook_place(r, "statistics"),
				"the interval of a difference of means needs %s.sd",
				r->book->indicators[refs[k].indicator].id);
}

static void
check_cell(struct codebook_reader *r)
{
	const struct indicator *i = r->at;
	size_t count;
	const struct expr_reference *refs = expr_references(i->value, &count);
	const struct codebook_by *shared = shared_key(r, refs, count);
	bool over_keys = false;
	if (expr_type_of(i->value) != EXPR_NUMBER)
		fault(r, "derivation", "a cell expression gives a number");
	for (size_t k = 0; k < count; k++) {
		over_keys = over_keys || refs[k].over_keys;
		check_keys(r, shared, &refs[k]);
	}
	if (i->by_count > 1)
		fault(r, "by", "a cell expression has one key");
	if (i->by_count && over_keys)
		fault(r, "by", "count(keys, ...) uses the keys up: no by");
	if (strcmp(i->missing_rule, "skip") != 0)
		fault(r, "missing_rule", "of a cell expression it is skip");
	check_forms(r, refs, count);
	check_difference(r, refs);
}

void
codebook_check_row(struct codebook_reader *r)
{
	const struct indicator *i = r->at;
	if (i->kind == CODEBOOK_SYSTEM && strcmp(i->missing_rule, "system") != 0)
		fault(r, "missing_rule", "of a system count it is system");
	if (i->value && i->kind == CODEBOOK_RECORD)
		check_record(r);
	if (i->value && i->kind == CODEBOOK_CELL)
		check_cell(r);
}
