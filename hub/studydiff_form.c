#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#include "hub/studydiff_inside.h"

static const char *const types[] = {[FORM_TEXT] = "text",
	[FORM_INTEGER] = "integer",
	[FORM_DECIMAL] = "decimal",
	[FORM_SELECT_ONE] = "select_one",
	[FORM_DATE] = "date",
	[FORM_SELECT_MULTIPLE] = "select_multiple",
	[FORM_TIME] = "time",
	[FORM_DATETIME] = "dateTime",
	[FORM_GEO] = "place",
	[FORM_BINARY] = "file",
	[FORM_RANK] = "rank",
	[FORM_ACKNOWLEDGE] = "acknowledge"};
static const char *const destinations[] = {"nowhere", "site", "hub", "open"};
static const char *const abouts[] = {"a person", "the site"};

static const char *
word(const char *const *words, size_t count, unsigned i)
{
	return i < count && words[i] ? words[i] : "something else";
}
#define WORD(words, i) word(words, ARRAY_LEN(words), (unsigned)(i))

/* A run of digits in front of each, compared as numbers of any length. */
static int
compare_digits(const char **a, const char **b)
{
	static const char digits[] = "0123456789";
	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	size_t long_a = strspn(*a, digits), long_b = strspn(*b, digits);
	int order = long_a != long_b ? (long_a < long_b ? -1 : 1) : strncmp(*a, *b, long_a);
	*a += long_a;
	*b += long_b;
	return order;
}

int
studydiff_version(const char *a, const char *b)
{
	while (*a && *b) {
		bool number = *a >= '0' && *a <= '9' && *b >= '0' && *b <= '9';
		int order = number ? compare_digits(&a, &b)
				   : (unsigned char)*a++ - (unsigned char)*b++;
		if (order)
			return order;
	}
	return (*a != '\0') - (*b != '\0');
}

/* questions */

static const char *
repeat_of(const struct form *f, const struct form_field *q)
{
	return q->repeat >= 0 && (size_t)q->repeat < f->repeat_count
		       ? f->repeats[q->repeat].path
		       : "";
}

/* A code that one list has and the other lacks; NULL if there is none. */
static const char *
lacking(const struct form_list *list, const struct form_list *other)
{
	for (size_t i = 0; list && i < list->count; i++)
		if (!other || form_choice(other, list->choices[i].code) < 0)
			return list->choices[i].code;
	return NULL;
}

static void
diff_codes(
	struct studydiff_place at, const struct form_field *was, const struct form_field *now)
{
	const char *gone = lacking(was->list, now->list), *new = lacking(now->list, was->list);
	if (gone)
		studydiff_refuse(at, now->name,
			"the choice '%s' is taken out: give the question a new name", gone);
	else if (new)
		studydiff_refuse(at, now->name,
			"the choice '%s' is new: give the question a new name", new);
	for (size_t i = 0; !gone && !new && now->list &&i < now->list->count; i++) {
		const struct form_choice *c = &now->list->choices[i];
		int old = form_choice(was->list, c->code);
		if (old >= 0 && strcmp(was->list->choices[old].label, c->label) != 0)
			studydiff_show(
				at, now->name, "the choice '%s' reads differently", c->code);
	}
}

static bool
is_external(const struct form_field *q)
{
	return q->list && q->list->external;
}

static const char *
text(const char *t)
{
	return t ? t : "";
}

static void
diff_meaning(struct studydiff_place at, const struct form *before, const struct form_field *was,
	const struct form *after, const struct form_field *now)
{
	if (was->type != now->type)
		studydiff_refuse(at, now->name,
			"the type was %s and becomes %s: give the question a new name",
			WORD(types, was->type), WORD(types, now->type));
	else if (!is_external(was) && !is_external(now))
		diff_codes(at, was, now);
	if (strcmp(repeat_of(before, was), repeat_of(after, now)) != 0)
		studydiff_refuse(at, now->name,
			"it is asked in another repeat than before: give it a new name");
	if (was->reverse != now->reverse)
		studydiff_refuse(at, now->name,
			"its scale is turned round: give the question a new name");
	if (strcmp(text(was->permission), text(now->permission)) != 0)
		studydiff_refuse(at, now->name,
			"it stands for another permission: give the question a new name");
}

static void
diff_rest(struct studydiff_place at, const struct form_field *was, const struct form_field *now)
{
	if (was->goes != now->goes)
		studydiff_show(at, now->name, "it went to %s and goes to %s",
			WORD(destinations, was->goes), WORD(destinations, now->goes));
	if (was->disclosure != now->disclosure)
		studydiff_show(at, now->name, "what it may disclose is marked differently");
	if (strcmp(text(was->label), text(now->label)) != 0)
		studydiff_show(at, now->name, "the question reads differently");
	if (was->required != now->required)
		studydiff_show(at, now->name,
			now->required ? "it has to be answered now"
				      : "it may be left empty now");
	if (strcmp(text(was->constraint), text(now->constraint)) != 0)
		studydiff_show(at, now->name, "other answers are taken");
	if (strcmp(text(was->path), text(now->path)) != 0)
		studydiff_show(at, now->name, "it stands in another group");
	if (strcmp(text(was->scale), text(now->scale)) != 0)
		studydiff_show(at, now->name, "it is of another scale");
}

static void
diff_fields(struct studydiff_place at, const struct form *before, const struct form *after)
{
	for (size_t i = 0; i < after->field_count; i++) {
		const struct form_field *now = &after->fields[i];
		int old = form_field(before, now->name);
		if (old < 0) {
			studydiff_show(at, now->name, "the question is new");
			continue;
		}
		diff_meaning(at, before, &before->fields[old], after, now);
		diff_rest(at, &before->fields[old], now);
	}
	for (size_t i = 0; i < before->field_count; i++)
		if (form_field(after, before->fields[i].name) < 0)
			studydiff_show(at, before->fields[i].name, "the question is taken out");
}

/* the form */

static bool
is_same_form(const struct form *before, const struct form *after, bool no_change_seen)
{
	if (before->xml && after->xml)
		return view_same(buf_view(before->xml), buf_view(after->xml));
	return no_change_seen;
}

static void
diff_version(struct studydiff_place at, const struct form *before, const struct form *after,
	bool same)
{
	int order = studydiff_version(after->version, before->version);
	if (order < 0)
		studydiff_refuse(at, "", "the version was %s and goes down to %s",
			before->version, after->version);
	else if (order > 0)
		studydiff_show(
			at, "", "version %s becomes %s", before->version, after->version);
	else if (!same)
		studydiff_refuse(at, "", "it differs and is still version %s", before->version);
}

void
studydiff_form(struct studydiff *d, const struct form *before, const struct form *after)
{
	OWNED_MEM char *file = xasprintf("forms/%s", after->id);
	struct studydiff_place at = {d, file};
	size_t seen = d->count;
	if (before->per_site != after->per_site)
		studydiff_refuse(at, "", "its records were about %s and are about %s",
			abouts[before->per_site], abouts[after->per_site]);
	diff_fields(at, before, after);
	diff_version(at, before, after, is_same_form(before, after, d->count == seen));
}
