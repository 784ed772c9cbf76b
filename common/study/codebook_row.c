#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/codebook_inside.h"

#define SCALE_MOST 1e9

static char *
words(struct codebook_reader *r, const char *column)
{
	if (!*codebook_cell(r, column))
		faults_add(r->faults, codebook_place(r, column), "this cell is empty");
	return xstrdup(codebook_cell(r, column));
}

/* A word out of a list of words between bars: "|skip|never|". */
static char *
one_of(struct codebook_reader *r, const char *column, const char *known)
{
	const char *cell = codebook_cell(r, column);
	OWNED_MEM char *wanted = xasprintf("|%s|", cell);
	if (!*cell && strncmp(known, "||", 2) != 0)
		faults_add(r->faults, codebook_place(r, column), "this cell is empty");
	else if (strchr(cell, '|') || !strstr(known, wanted))
		faults_add(r->faults, codebook_place(r, column), "'%.60s' is not known", cell);
	return xstrdup(cell);
}

static void
read_id(struct codebook_reader *r)
{
	struct indicator *i = r->at;
	const struct indicator *first;
	i->id = xstrdup(codebook_cell(r, "id"));
	if (strlen(i->id) != 3 || i->id[0] < 'A' || i->id[0] > 'Z' ||
		!isdigit((unsigned char)i->id[1]) || !isdigit((unsigned char)i->id[2]))
		faults_add(r->faults, codebook_place(r, "id"),
			"an id is a capital and two digits");
	first = codebook_find(r->book, i->id);
	if (first && first != i)
		faults_add(r->faults, codebook_place(r, "id"), "the id '%.8s' stands twice",
			i->id);
}

static const struct form *
form_named(const struct codebook_reader *r, const char *id)
{
	for (size_t n = 0; n < r->source->form_count; n++)
		if (strcmp(r->source->forms[n]->id, id) == 0)
			return r->source->forms[n];
	return NULL;
}

static void
read_forms(struct codebook_reader *r)
{
	struct indicator *i = r->at;
	const char *at = codebook_cell(r, "form");
	char id[CODEBOOK_PIECE_BYTES];
	if (strcmp(at, "system") == 0)
		return;
	while (codebook_piece(&at, ";", id)) {
		const struct form *f = form_named(r, id);
		if (!f)
			faults_add(r->faults, codebook_place(r, "form"),
				"there is no form '%.60s'", id);
		else if (i->form_count == CODEBOOK_MAX_FORMS)
			faults_add(r->faults, codebook_place(r, "form"), "more than %d forms",
				CODEBOOK_MAX_FORMS);
		else
			i->forms[i->form_count++] = f;
	}
	i->form = i->form_count ? i->forms[0] : NULL;
}

static bool
has_form(const struct indicator *i, const struct form *f)
{
	for (size_t k = 0; k < i->form_count; k++)
		if (i->forms[k] == f)
			return true;
	return !f && i->form_count == 0;
}

static void
add_group(struct codebook_reader *r, const char *id)
{
	struct indicator *i = r->at;
	struct fault_place at = codebook_place(r, "stakeholder");
	const struct codebook_source *s = r->source;
	size_t n = 0;
	while (n < s->group_count && strcmp(s->groups[n].id, id) != 0)
		n++;
	if (n == s->group_count)
		faults_add(r->faults, at, "study.ini has no group '%.60s'", id);
	else if (i->group_count == CODEBOOK_MAX_GROUPS)
		faults_add(r->faults, at, "more than %d groups", CODEBOOK_MAX_GROUPS);
	else if (!has_form(i, s->groups[n].form))
		faults_add(r->faults, at, "the group '%.60s' does not fill in '%s'", id,
			i->form ? i->form->id : "system");
	else
		i->groups[i->group_count++] = n;
}

static void
read_groups(struct codebook_reader *r)
{
	const char *at = codebook_cell(r, "stakeholder");
	char id[CODEBOOK_PIECE_BYTES];
	r->at->stakeholder = words(r, "stakeholder");
	while (r->source->groups && codebook_piece(&at, ";", id))
		add_group(r, id);
}

static bool
read_end(struct codebook_reader *r, const char *column, double *ret)
{
	*ret = 0;
	if (!*codebook_cell(r, column))
		return false;
	if (!text_decimal(view_text(codebook_cell(r, column)), ret) || *ret > SCALE_MOST ||
		*ret < -SCALE_MOST) {
		faults_add(
			r->faults, codebook_place(r, column), "not a number from -1e9 to 1e9");
		*ret = 0;
		return false;
	}
	return true;
}

static void
read_scale(struct codebook_reader *r)
{
	struct indicator *i = r->at;
	int64_t n = 0;
	i->has_lo = read_end(r, "scale_lo", &i->scale_lo);
	i->has_hi = read_end(r, "scale_hi", &i->scale_hi);
	if (i->has_lo && i->has_hi && i->scale_lo >= i->scale_hi) {
		faults_add(
			r->faults, codebook_place(r, "scale_hi"), "has to be above scale_lo");
		i->has_hi = false;
	}
	if (!text_int(view_text(codebook_cell(r, "min_n")), &n) || n < 1 || n > 1000000)
		faults_add(r->faults, codebook_place(r, "min_n"),
			"a whole number from 1 to 1000000 is wanted");
	else
		i->min_n = (uint32_t)n;
}

void
codebook_read_row(struct codebook_reader *r)
{
	struct indicator *i = r->at;
	read_id(r);
	i->label = words(r, "label");
	i->family = one_of(r, "family", "|structure|process|outcome|");
	i->level = one_of(r, "level", "|study|mandatory|local|");
	read_forms(r);
	read_groups(r);
	i->derivation = words(r, "derivation");
	read_scale(r);
	i->unit = words(r, "unit");
	i->direction = one_of(r, "direction", "|higher|lower|neither|");
	i->denominator = words(r, "denominator");
	i->missing_rule = one_of(r, "missing_rule", "|skip|scale|never|system|");
	i->defined_by = one_of(r, "defined_by",
		"|national|commissioner|staff|users|carers|residents|researchers|system|");
	i->seed_theme = words(r, "seed_theme");
	i->factor_group =
		one_of(r, "factor_group", "||organisational|cultural_professional|contextual|");
	i->network_criterion = one_of(r, "network_criterion",
		"||contribution|retention|range|strength_of_ties|network_office|meeting_"
		"needs|");
}
