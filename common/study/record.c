#include "common/study/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/codec/text.h"
#include "common/study/record_inside.h"
#include "common/trust/crypto.h"

#define DAY_MS      86400000
#define DATE_BYTES  10        /* YYYY-MM-DD */
#define MAX_INTEGER 999999999 /* ODK integers have nine digits at most */

static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static enum err
read_choice(const struct form_field *f, const struct record_choices *c, const char *text,
	struct expr_value *ret)
{
	size_t place;
	if (!names_find(c->names, text, strlen(text), &place))
		return fail(E_FORMAT, "%s: not a code of the choice list '%s'", f->name,
			f->list->name);
	*ret = c->values[place];
	return OK;
}

static enum err
read_multiple(const struct form_field *f, const struct record_place *p, const char *text,
	uint64_t *bits)
{
	for (const char *at = text + strspn(text, " "); *at;) {
		size_t len = strcspn(at, " "), place;
		if (!names_find(p->choices->names, at, len, &place))
			return fail(E_FORMAT, "%s: not a code of the choice list '%s'", f->name,
				f->list->name);
		bits[p->bits + place / RECORD_BITS] |= (uint64_t)1 << (place % RECORD_BITS);
		at += len;
		at += strspn(at, " ");
	}
	return OK;
}

/* A missing code is the whole answer. */
static struct expr_value
multiple_value(const struct record_place *p, const uint64_t *bits)
{
	const struct form_list *l = p->choices->list;
	for (size_t i = 0; i < l->count; i++)
		if (bits[p->bits + i / RECORD_BITS] >> (i % RECORD_BITS) & 1 &&
			!p->choices->values[i].present)
			return p->choices->values[i];
	return (struct expr_value){.present = true, .place = -1};
}

static enum err
read_plain(const struct form_field *f, const char *text, struct expr_value *ret)
{
	struct expr_value v = {.present = true, .place = -1};
	int64_t n;
	if (f->type == FORM_INTEGER) {
		if (!text_int(view_text(text), &n) || n > MAX_INTEGER || n < -MAX_INTEGER)
			return fail(E_FORMAT, "%s: not a whole number of nine digits at most",
				f->name);
		v.number = (double)n;
	} else if (f->type == FORM_DECIMAL) {
		if (!text_number(view_text(text), &v.number) || !isfinite(v.number))
			return fail(E_FORMAT, "%s: not a number with a decimal point", f->name);
	} else if (f->type == FORM_DATE) {
		if (strlen(text) != DATE_BYTES || !clock_parse(text, &n))
			return fail(E_FORMAT, "%s: not a date YYYY-MM-DD", f->name);
		v.number = floor((double)n / DAY_MS);
	}
	*ret = v;
	return OK;
}

static enum err
put_value(struct record *r, size_t field, size_t instance, const char *text)
{
	const struct form_field *f = &r->form->fields[field];
	const struct record_place *p = &r->places[field];
	struct record_section *s = &r->sections[p->section];
	struct expr_value *v = &s->values[instance * s->width + p->slot];
	uint64_t *bits = s->bits + instance * s->words;
	if (v->present || v->why != MISSING_NOT_ASKED)
		return fail(E_FORMAT, "%s: answered twice", f->name);
	if (is_blank(text)) {
		v->why = MISSING_NOT_ANSWERED;
		return OK;
	}
	if (record_is_multiple(f)) {
		enum err e = read_multiple(f, p, text, bits);
		if (!e)
			*v = multiple_value(p, bits);
		return e;
	}
	return record_is_choice(f) ? read_choice(f, p->choices, text, v)
				   : read_plain(f, text, v);
}

enum err
record_put(struct record *r, const char *path, const char *value)
{
	const struct record_path *p;
	size_t instance;
	enum err e = record_find(r, path, &p, &instance);
	if (!e && p->is_repeat && !is_blank(value))
		e = fail(E_FORMAT, "%s: a repeat has no answer of its own",
			r->written->repeats[p->repeat].name);
	if (e || p->is_repeat || p->field == RECORD_IGNORED || instance == RECORD_IGNORED)
		return e;
	return put_value(r, p->field, instance, value);
}

/* ---- use ---- */

const struct form *
record_form(const struct record *r)
{
	return r->form;
}

struct expr_value
record_value(const struct record *r, size_t field, size_t instance)
{
	const struct record_place *p = &r->places[field];
	const struct record_section *s = &r->sections[p->section];
	if (instance >= s->count)
		return (struct expr_value){.place = -1};
	return s->values[instance * s->width + p->slot];
}

bool
record_chosen(const struct record *r, size_t field, size_t instance, size_t place)
{
	const struct record_place *p = &r->places[field];
	const struct record_section *s = &r->sections[p->section];
	if (instance >= s->count || !p->choices || place >= p->choices->list->count)
		return false;
	return s->bits[instance * s->words + p->bits + place / RECORD_BITS] >>
		       (place % RECORD_BITS) &
	       1;
}

size_t
record_instances(const struct record *r, size_t repeat)
{
	return repeat + 1 < r->section_count ? r->sections[repeat + 1].count : 0;
}

void
record_clear(struct record *r)
{
	for (size_t i = 0; i < r->section_count; i++) {
		struct record_section *s = &r->sections[i];
		if (s->count) {
			crypto_wipe(s->values, s->count * s->width * sizeof(*s->values));
			crypto_wipe(s->bits, s->count * s->words * sizeof(*s->bits));
		}
		s->count = s->outer = s->first = 0;
	}
	r->sections[0].count = 1;
	r->values = r->sections[0].width;
}

void
record_free(struct record *r)
{
	if (!r)
		return;
	record_clear(r);
	for (size_t i = 0; i < r->section_count; i++) {
		free(r->sections[i].values);
		free(r->sections[i].bits);
	}
	for (size_t i = 0; i < r->choices_count; i++) {
		names_free(r->choices[i]->names);
		free(r->choices[i]->values);
		free(r->choices[i]);
	}
	names_free(r->names);
	free(r->choices);
	free(r->sections);
	free(r->places);
	free(r->paths);
	free(r);
}
