#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/record_inside.h"
#include "common/trust/crypto.h"

/* ---- types ---- */

bool
record_is_multiple(const struct form_field *f)
{
	return f->list && f->type == FORM_SELECT_MULTIPLE;
}

bool
record_is_choice(const struct form_field *f)
{
	return f->list && f->type != FORM_SELECT_MULTIPLE && f->type != FORM_RANK;
}

static bool
is_numeric(const struct form *f, const struct form_list *l, const struct missing_codes *missing)
{
	size_t answers = 0;
	int64_t n;
	for (size_t i = 0; i < l->count; i++) {
		const char *code = l->choices[i].code;
		if (missing_is_code(missing, f->id, code, NULL))
			continue;
		if (!text_int(view_text(code), &n))
			return false;
		answers++;
	}
	return answers > 0;
}

enum expr_type
record_type(const struct form *f, size_t field, const struct missing_codes *missing)
{
	const struct form_field *it = &f->fields[field];
	if (record_is_multiple(it))
		return EXPR_CODES;
	if (record_is_choice(it))
		return is_numeric(f, it->list, missing) ? EXPR_NUMBER : EXPR_CODE;
	if (it->type == FORM_INTEGER || it->type == FORM_DECIMAL)
		return EXPR_NUMBER;
	return it->type == FORM_DATE ? EXPR_DATE : EXPR_TEXT;
}

int
record_repeat(const struct form *f, size_t field)
{
	return f->repeat_count ? f->fields[field].repeat : -1;
}

static const char *
path_of(const struct form_field *f)
{
	return f->path ? f->path : f->name;
}

/* ---- versions ---- */

static bool
same_codes(const struct form_list *a, const struct form_list *b)
{
	if (a == b || !a || !b || a->count != b->count)
		return a == b;
	OWNED(names) struct names *names = names_new(a->count);
	size_t found;
	for (size_t i = 0; i < a->count; i++)
		names_add(names, a->choices[i].code, i);
	for (size_t i = 0; i < b->count; i++)
		if (!names_find(names, b->choices[i].code, strlen(b->choices[i].code), &found))
			return false;
	return true;
}

/* The repeat of the form in force that a repeat of the written one is, or -1. */
int
record_repeat_shared(const struct form *f, const struct form *written, int repeat)
{
	for (size_t i = 0; repeat >= 0 && i < f->repeat_count; i++)
		if (strcmp(f->repeats[i].name, written->repeats[repeat].name) == 0)
			return (int)i;
	return -1;
}

bool
record_shares(const struct form *f, const struct form *written, size_t written_field,
	size_t *ret_field)
{
	const struct form_field *w = &written->fields[written_field];
	int at = f == written ? (int)written_field : form_field(f, w->name);
	if (at < 0)
		return false;
	const struct form_field *it = &f->fields[at];
	int repeat = record_repeat(written, written_field);
	if (f != written && (it->type != w->type || !same_codes(it->list, w->list) ||
				    record_repeat(f, (size_t)at) !=
					    record_repeat_shared(f, written, repeat)))
		return false;
	if (repeat >= 0 && record_repeat(f, (size_t)at) < 0)
		return false;
	if (ret_field)
		*ret_field = (size_t)at;
	return true;
}

/* ---- make ---- */

static struct record_choices *
make_choices(
	const struct form *f, const struct form_list *list, const struct missing_codes *missing)
{
	struct record_choices *c = xcalloc(1, sizeof(*c));
	bool numeric = is_numeric(f, list, missing);
	c->list = list;
	c->names = names_new(list->count);
	c->values = xcalloc(list->count + 1, sizeof(*c->values));
	for (size_t i = 0; i < list->count; i++) {
		const char *code = list->choices[i].code;
		struct expr_value *v = &c->values[i];
		int64_t n = (int64_t)i;
		names_add(c->names, code, i);
		if (missing_is_code(missing, f->id, code, &v->why))
			continue;
		if (numeric && !text_int(view_text(code), &n))
			n = 0;
		*v = (struct expr_value){.present = true, .place = (int)i, .number = (double)n};
	}
	return c;
}

static const struct record_choices *
choices_of(struct record *r, const struct form_list *list, const struct missing_codes *missing)
{
	for (size_t i = 0; i < r->choices_count; i++)
		if (r->choices[i]->list == list)
			return r->choices[i];
	r->choices =
		xrealloc(r->choices, r->choices_count + 1, sizeof(struct record_choices *));
	r->choices[r->choices_count++] = make_choices(r->form, list, missing);
	return r->choices[r->choices_count - 1];
}

static void
make_places(struct record *r, const struct missing_codes *missing)
{
	const struct form *f = r->form;
	r->section_count = f->repeat_count + 1;
	r->sections = xcalloc(r->section_count, sizeof(*r->sections));
	r->places = xcalloc(f->field_count + 1, sizeof(*r->places));
	for (size_t i = 0; i < f->field_count; i++) {
		const struct form_field *it = &f->fields[i];
		struct record_place *p = &r->places[i];
		int section = record_repeat(f, i) + 1;
		p->section = (size_t)section;
		struct record_section *s = &r->sections[p->section];
		p->slot = s->width++;
		p->bits = s->words;
		if (it->list && it->type != FORM_RANK)
			p->choices = choices_of(r, it->list, missing);
		if (record_is_multiple(it))
			s->words += (it->list->count + RECORD_BITS - 1) / RECORD_BITS;
	}
}

static void
make_paths(struct record *r)
{
	const struct form *w = r->written;
	size_t count = w->field_count + w->repeat_count;
	r->names = names_new(count);
	r->paths = xcalloc(count + 1, sizeof(*r->paths));
	for (size_t i = 0; i < w->field_count; i++) {
		struct record_path *p = &r->paths[i];
		*p = (struct record_path){
			.field = RECORD_IGNORED, .repeat = record_repeat(w, i)};
		(void)record_shares(r->form, w, i, &p->field);
		names_add(r->names, path_of(&w->fields[i]), i);
	}
	for (size_t i = 0; i < w->repeat_count; i++) {
		r->paths[w->field_count + i] = (struct record_path){
			.field = RECORD_IGNORED, .repeat = (int)i, .is_repeat = true};
		names_add(r->names, w->repeats[i].path, w->field_count + i);
	}
}

void
record_grow(struct record_section *s, size_t room)
{
	size_t values = s->room * s->width, words = s->room * s->words;
	/* Growing by xrealloc() would leave answers behind in memory that was given back. */
	struct expr_value *more = xcalloc(room * s->width + 1, sizeof(*more));
	uint64_t *bits = xcalloc(room * s->words + 1, sizeof(*bits));
	if (s->values) {
		memcpy(more, s->values, values * sizeof(*more));
		crypto_wipe(s->values, values * sizeof(*more));
	}
	if (s->bits) {
		memcpy(bits, s->bits, words * sizeof(*bits));
		crypto_wipe(s->bits, words * sizeof(*bits));
	}
	free(s->values);
	free(s->bits);
	s->values = more;
	s->bits = bits;
	s->room = room;
}

struct record *
record_new(
	const struct form *f, const struct form *written, const struct missing_codes *missing)
{
	struct record *r = xcalloc(1, sizeof(*r));
	r->form = f;
	r->written = written ? written : f;
	make_places(r, missing);
	make_paths(r);
	record_grow(&r->sections[0], 1);
	record_clear(r);
	return r;
}
