#include "hub/chosen.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/study/derive.h"

#define OUTCOME "outcome"

static bool
is_named(const char *id, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], id) == 0)
			return true;
	return false;
}

static enum err
check_names(const struct codebook *c, const char *const *names, size_t count)
{
	if (count == 0)
		return fail(E_FORMAT, "a release names one indicator or more");
	if (count == 1 && strcmp(names[0], CHOSEN_ALL) == 0)
		return OK;
	for (size_t i = 0; i < count; i++) {
		if (!codebook_find(c, names[i]))
			return fail(E_NOTFOUND, "the codebook in force has no indicator %.16s",
				names[i]);
		if (is_named(names[i], names, i))
			return fail(E_FORMAT, "%s is named twice", names[i]);
	}
	return OK;
}

bool
chosen_has_form(const struct chosen *c, const char *form)
{
	return is_named(form, c->forms, c->form_count);
}

bool
chosen_is_judged(const struct chosen *c, size_t indicator)
{
	const struct indicator *i = &c->codebook->indicators[indicator];
	return c->pack->response_warn_percent && c->named[indicator] &&
	       i->kind != CODEBOOK_SYSTEM && !(i->form && i->form->per_site) &&
	       strcmp(i->family, OUTCOME) == 0;
}

static enum err
add_form(struct chosen *c, const char *form)
{
	if (chosen_has_form(c, form))
		return OK;
	if (c->form_count == CHOSEN_MAX_FORMS)
		return fail(E_FULL, "a release of more than %d forms", CHOSEN_MAX_FORMS);
	c->forms[c->form_count++] = form;
	return OK;
}

/* Item non-response is seen in the records themselves. */
static enum err
add_all_forms(struct chosen *c)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < c->pack->form_count; i++)
		if (!c->pack->forms[i]->many)
			e = add_form(c, c->pack->forms[i]->id);
	return e;
}

static enum err
need_one(struct chosen *c, const struct indicator *i)
{
	const size_t at = (size_t)(i - c->codebook->indicators);
	if (c->needed[at])
		return OK;
	c->needed[at] = true;
	if (i->system == CODEBOOK_ITEM_MISSING)
		return add_all_forms(c);
	if (i->kind == CODEBOOK_SYSTEM)
		return add_form(c, CHOSEN_SYSTEM);
	if (i->kind != CODEBOOK_RECORD)
		return OK;
	if (i->form->many)
		return fail(E_DENIED,
			"%s: form %s takes several records of a person in a wave, and this "
			"version counts people",
			i->id, i->form->id);
	return add_form(c, i->form->id);
}

/* The cell expression and what it reads; cell expressions do not read each other. */
static enum err
need(struct chosen *c, const struct indicator *i)
{
	enum err e = need_one(c, i);
	if (i->kind != CODEBOOK_CELL)
		return e;
	for (size_t k = 0; !e && k < derive_figure_count(i); k++) {
		const struct indicator *of = derive_figure(c->codebook, i, k).of;
		if (of->kind == CODEBOOK_CELL)
			return fail(E_DENIED,
				"%s reads %s: this version joins figures of records and "
				"counts only",
				i->id, of->id);
		e = need_one(c, of);
	}
	return e;
}

enum err
chosen_make(
	struct chosen **ret, const struct pack *pack, const char *const *names, size_t count)
{
	const struct codebook *book = pack->codebook;
	OWNED(chosen) struct chosen *c = xcalloc(1, sizeof(*c));
	*ret = NULL;
	c->pack = pack;
	c->codebook = book;
	c->named = xcalloc(book->count + 1, sizeof(*c->named));
	c->needed = xcalloc(book->count + 1, sizeof(*c->needed));
	enum err e = check_names(book, names, count);
	const bool all = !e && strcmp(names[0], CHOSEN_ALL) == 0;
	for (size_t i = 0; !e && i < book->count; i++) {
		c->named[i] = all || is_named(book->indicators[i].id, names, count);
		if (c->named[i])
			e = need(c, &book->indicators[i]);
		if (!e && chosen_is_judged(c, i))
			e = add_form(c, CHOSEN_SYSTEM);
	}
	if (!e)
		*ret = take(c);
	return e;
}

void
chosen_free(struct chosen *c)
{
	if (!c)
		return;
	mem_drop(&c->named);
	mem_drop(&c->needed);
	mem_drop(&c);
}
