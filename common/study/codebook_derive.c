#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/study/codebook_inside.h"

#define SYSTEM "system:"
#define SINGLE_NUMBER                                                                          \
	(CODEBOOK_N | CODEBOOK_COUNT | CODEBOOK_PROPORTION | CODEBOOK_MEAN | CODEBOOK_SD |     \
		CODEBOOK_MEDIAN | CODEBOOK_SUM | CODEBOOK_SHARE_NEGATIVE |                     \
		CODEBOOK_SHARE_POSITIVE | CODEBOOK_ALPHA | CODEBOOK_VALUE | CODEBOOK_RANK |    \
		CODEBOOK_DIFFERENCE | CODEBOOK_RATIO)

static const struct {
	const char *word;
	enum codebook_system system;
} systems[] = {
	{"response", CODEBOOK_RESPONSE},
	{"approach", CODEBOOK_APPROACH},
	{"consent", CODEBOOK_CONSENT},
	{"item_missing", CODEBOOK_ITEM_MISSING},
	{"kept", CODEBOOK_KEPT},
	{"withdrawn", CODEBOOK_WITHDRAWN},
	{"coded_harm", CODEBOOK_CODED_HARM},
	{"coded_new", CODEBOOK_CODED_NEW},
};

/* ---- the text before it is compiled ---- */

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

const char *
codebook_next_id(const char *at)
{
	bool quoted = false, inside = false;
	for (; *at; at++) {
		quoted = quoted != (*at == '\'');
		if (!quoted && !inside && *at >= 'A' && *at <= 'Z' && is_word(at[1]) &&
			is_word(at[2]) && !is_word(at[3]))
			return at;
		inside = is_word(*at);
	}
	return NULL;
}

bool
codebook_is_cell(const char *derivation)
{
	for (const char *at = codebook_next_id(derivation); at; at = codebook_next_id(at + 3))
		if (at[3 + strspn(at + 3, " ")] == '.')
			return true;
	return false;
}

/* ---- other indicators ---- */

static enum err
find_value(
	const struct codebook_finder *f, const struct indicator *i, struct expr_reference *ret)
{
	if (!f->form || i->form != f->form || i->kind != CODEBOOK_RECORD)
		return fail(E_FORMAT, "%s is not worked out from a record of this form", i->id);
	if (i->by_count)
		return fail(E_FORMAT, "%s has a by, and so no one value in a record", i->id);
	ret->type = expr_type_of(i->value);
	ret->list = expr_list(i->value);
	return OK;
}

enum err
codebook_reference(
	const void *context, const char *id, const char *statistic, struct expr_reference *ret)
{
	const struct codebook_finder *f = context;
	const struct indicator *i = codebook_find(f->book, id);
	if (!i)
		return fail(E_FORMAT, "there is no indicator %s", id);
	if (!i->kind)
		return fail(E_FORMAT, "%s refers to itself, or has a fault of its own", id);
	ret->indicator = (size_t)(i - f->book->indicators);
	if (!statistic)
		return find_value(f, i, ret);
	unsigned bit = (unsigned)codebook_statistic_of(statistic);
	if (!bit || !(i->statistics & bit))
		return fail(E_FORMAT, "%s has no statistic %s", id, statistic);
	if (!(bit & SINGLE_NUMBER))
		return fail(E_FORMAT, "%s is not one number", statistic);
	ret->statistic = bit;
	ret->type = EXPR_NUMBER;
	return OK;
}

/* ---- by ---- */

void
codebook_make_codes(struct codebook_codes *ret, const struct form_list *list, const char *form,
	const struct missing_codes *missing)
{
	*ret = (struct codebook_codes){.list = list};
	ret->places = xcalloc(list->count + 1, sizeof(*ret->places));
	for (size_t i = 0; i < list->count; i++)
		if (!missing_is_code(missing, form, list->choices[i].code, NULL))
			ret->places[ret->count++] = i;
}

void
codebook_by_done(struct codebook_by *by)
{
	free(by->codes.places);
	*by = (struct codebook_by){0};
}

static const struct form *
find_item(
	const struct form *const *forms, size_t form_count, const char *name, size_t *ret_field)
{
	*ret_field = 0;
	for (size_t i = 0; i < form_count; i++) {
		int at = form_field(forms[i], name);
		if (at < 0)
			continue;
		*ret_field = (size_t)at;
		return forms[i];
	}
	return NULL;
}

static enum err
make_variable(struct codebook_by *ret, const struct codebook *book, const struct form *f,
	size_t field)
{
	const struct form_field *it = &f->fields[field];
	bool inside = f->repeat_count && it->repeat >= 0;
	bool multiple = it->type == FORM_SELECT_MULTIPLE;
	if (!it->list || it->type == FORM_RANK)
		return fail(E_FORMAT, "'%s' has no choice list", it->name);
	if (it->goes == FORM_SITE)
		return fail(E_FORMAT, "'%s' stays at the site", it->name);
	if (inside && multiple)
		return fail(E_FORMAT, "'%s' is a select_multiple inside a repeat", it->name);
	*ret = (struct codebook_by){.name = it->name, .form = f, .field = field};
	ret->kind = CODEBOOK_BY_ONE;
	if (multiple)
		ret->kind = CODEBOOK_BY_MULTIPLE;
	if (inside)
		ret->kind = CODEBOOK_BY_REPEAT;
	codebook_make_codes(&ret->codes, it->list, f->id, book->missing);
	return OK;
}

static enum err
check_crossed(const struct codebook_by *by, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (count > 1 && by[i].kind != CODEBOOK_BY_ONE)
			return fail(E_FORMAT,
				"'%s': only select_one items outside repeats are crossed",
				by[i].name);
		for (size_t k = 0; k < i; k++)
			if (by[k].field == by[i].field)
				return fail(E_FORMAT, "'%s' stands twice", by[i].name);
	}
	return OK;
}

enum err
codebook_make_by(struct codebook_by *ret, size_t *ret_count, const struct codebook *book,
	const struct form *const *forms, size_t form_count, const char *by)
{
	const char *at = by;
	char name[CODEBOOK_PIECE_BYTES];
	enum err e = OK;
	*ret_count = 0;
	while (!e && codebook_piece(&at, " x ", name)) {
		size_t field;
		const struct form *f = find_item(forms, form_count, name, &field);
		if (!f)
			e = fail(E_FORMAT, "there is no item '%s'", name);
		else if (*ret_count == CODEBOOK_MAX_BY)
			e = fail(E_FORMAT, "more than %d items", CODEBOOK_MAX_BY);
		else
			e = make_variable(&ret[*ret_count], book, f, field);
		*ret_count += !e;
	}
	return e ? e : check_crossed(ret, *ret_count);
}

struct expr_scope
codebook_scope(const struct codebook_finder *f, const struct codebook_by *by, size_t by_count,
	bool cell)
{
	struct expr_scope s = {.form = f->form,
		.missing = f->book->missing,
		.repeat = -1,
		.key = -1,
		.find = codebook_reference,
		.context = f};
	if (cell || by_count != 1)
		return s;
	if (by[0].kind == CODEBOOK_BY_REPEAT)
		s.repeat = by[0].form->fields[by[0].field].repeat;
	if (by[0].kind == CODEBOOK_BY_MULTIPLE)
		s.key = (int)by[0].field;
	return s;
}

/* ---- a row ---- */

static void
read_system(struct codebook_reader *r)
{
	struct indicator *i = r->at;
	for (size_t k = 0; k < ARRAY_LEN(systems); k++)
		if (strcmp(systems[k].word, i->derivation + strlen(SYSTEM)) == 0)
			i->system = systems[k].system;
	if (!i->system)
		faults_add(r->faults, codebook_place(r, "derivation"),
			"there is no such system count");
	else
		i->kind = CODEBOOK_SYSTEM;
	if (*codebook_cell(r, "by"))
		faults_add(r->faults, codebook_place(r, "by"), "a system count has no by");
}

static void
read_by(struct codebook_reader *r, bool cell)
{
	struct indicator *i = r->at;
	enum err e = codebook_make_by(
		i->by, &i->by_count, r->book, i->forms, i->form_count, codebook_cell(r, "by"));
	if (e)
		faults_add(r->faults, codebook_place(r, "by"), "%s", err_text());
	for (size_t k = 0; cell && k < i->by_count; k++)
		i->by[k].kind = CODEBOOK_BY_CELL;
}

void
codebook_read_derivation(struct codebook_reader *r)
{
	struct indicator *i = r->at;
	struct fault_place at = codebook_place(r, "derivation");
	bool cell = codebook_is_cell(i->derivation);
	if (strncmp(i->derivation, SYSTEM, strlen(SYSTEM)) == 0) {
		read_system(r);
		return;
	}
	if (!i->form) {
		faults_add(
			r->faults, codebook_place(r, "form"), "only system counts have none");
		return;
	}
	read_by(r, cell);
	const struct codebook_finder finder = {r->book, i->form};
	const struct expr_scope scope = codebook_scope(&finder, i->by, i->by_count, cell);
	if (expr_compile(&i->value, i->derivation, &scope) != OK) {
		faults_add(r->faults, at, "%s", err_text());
		return;
	}
	i->kind = expr_is_cell(i->value) ? CODEBOOK_CELL : CODEBOOK_RECORD;
	const struct form_list *list = expr_list(i->value);
	if (i->kind == CODEBOOK_RECORD && list)
		codebook_make_codes(&i->levels, list, i->form->id, r->book->missing);
}

enum err
codebook_compile(struct expr **ret, const struct codebook *c, const struct form *form,
	const char *by, const char *derivation)
{
	struct codebook_by made[CODEBOOK_MAX_BY] = {{0}};
	size_t count = 0;
	const struct codebook_finder finder = {c, form};
	*ret = NULL;
	enum err e = form && by && *by ? codebook_make_by(made, &count, c, &form, 1, by) : OK;
	const struct expr_scope scope =
		codebook_scope(&finder, made, count, codebook_is_cell(derivation));
	if (!e)
		e = expr_compile(ret, derivation, &scope);
	for (size_t i = 0; i < CODEBOOK_MAX_BY; i++)
		codebook_by_done(&made[i]);
	return e;
}
