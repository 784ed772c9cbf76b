#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/submission_inside.h"

#define BLANKS         " \t\r\n"
#define INT_MOST       999999999 /* nine digits, as ODK's clients let people type */
#define MAX_CODES      200       /* of a list that is not here */
#define MAX_NAME_BYTES 255

static bool
is_integer(const char *text)
{
	int64_t n;
	return text_int(view_text(text), &n) && n >= -INT_MOST && n <= INT_MOST;
}

static bool
is_decimal(const char *text)
{
	double d;
	return text_number(view_text(text), &d);
}

/* "latitude longitude [altitude [accuracy]]" in degrees and metres. */
static bool
is_point(struct view text)
{
	static const double most[] = {90, 180, 1e7, 1e7};
	size_t count = 0, at = 0;
	while (at < text.len) {
		size_t end = at;
		double d;
		while (end < text.len && text.at[end] != ' ')
			end++;
		if (end > at) {
			struct view number = view_of(text.at + at, end - at);
			if (count == ARRAY_LEN(most) || !text_decimal(number, &d) ||
				fabs(d) > most[count])
				return false;
			count++;
		}
		at = end + 1;
	}
	return count >= 2;
}

static bool
is_line(const char *text, size_t least)
{
	size_t points = 0;
	for (const char *at = text; *at; at += *at == ';') {
		size_t len = strcspn(at, ";");
		bool blank = strspn(at, BLANKS) >= len;
		if (!blank && !is_point(view_of(at, len)))
			return false;
		points += !blank;
		at += len;
	}
	return points >= least;
}

static bool
is_boolean(const char *text)
{
	return strcmp(text, "true") == 0 || strcmp(text, "false") == 0 ||
	       strcmp(text, "1") == 0 || strcmp(text, "0") == 0;
}

static bool
is_file_name(const char *text)
{
	return strlen(text) <= MAX_NAME_BYTES && text_is_plain(text) && !strpbrk(text, "/\\") &&
	       strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

/* NULL if the text is of the type, else what it is not. */
static const char *
not_of_type(enum xform_type type, const char *text)
{
	switch (type) {
	case XFORM_INT:
		return is_integer(text) ? NULL : "is not a whole number of nine digits at most";
	case XFORM_DECIMAL:
		return is_decimal(text) ? NULL : "is not a number with a decimal point";
	case XFORM_BOOLEAN:
		return is_boolean(text) ? NULL : "is neither true nor false";
	case XFORM_DATE:
		return xpath_is_moment(text, true, false) ? NULL : "is not a date YYYY-MM-DD";
	case XFORM_TIME:
		return xpath_is_moment(text, false, true) ? NULL : "is not a time hh:mm:ss";
	case XFORM_DATETIME:
		return xpath_is_moment(text, true, true) ? NULL : "is not a date and a time";
	case XFORM_GEOPOINT:
		return is_point(view_text(text)) ? NULL : "is not a place on earth";
	case XFORM_GEOTRACE:
		return is_line(text, 2) ? NULL : "is not a line of two places or more";
	case XFORM_GEOSHAPE:
		return is_line(text, 3) ? NULL : "is not a shape of three places or more";
	case XFORM_BINARY:
		return is_file_name(text) ? NULL : "is not the name of a file";
	case XFORM_STRING:
	case XFORM_BARCODE:
	case XFORM_INTENT:
		return strlen(text) <= FORM_MAX_TEXT_BYTES ? NULL : "is longer than 16 KiB";
	}
	return NULL;
}

/* Lists */

struct codes {
	bool *marks; /* by place in the list */
	const char *codes[MAX_CODES];
	size_t count;
};

/* Does the choice filter leave this code? */
static bool
is_offered(struct check *c, int place, const char *code)
{
	const struct xform_node *n = &c->x->nodes[c->s->places[place].node];
	bool found = true;
	if (!n->filtered || !n->rule[XFORM_ITEMSET] || xpath_is_vague(n->rule[XFORM_ITEMSET]))
		return true;
	if (xpath_finds(c->world, n->rule[XFORM_ITEMSET], n->value_name, code, &found) != OK)
		submission_say(c, place, "its choices: %s", err_text());
	return found;
}

static bool
is_choice(struct check *c, int place, const struct xform_list *list, const char *code)
{
	if (list && !list->known)
		return true;
	if (list && xform_list_find(list, code) < 0) {
		submission_say(c, place, "holds a code that its list of choices does not have");
		return false;
	}
	if (is_offered(c, place, code))
		return true;
	submission_say(c, place, "holds a choice that the answers before it do not offer");
	return false;
}

/* Was the code there before? Places of a known list are marked; of an unknown one the few codes
 * that are taken at all are compared. */
static bool
is_new(struct codes *seen, const struct xform_list *list, const char *code)
{
	int at = list && list->known ? xform_list_find(list, code) : -1;
	if (at >= 0) {
		bool before = seen->marks[at];
		seen->marks[at] = true;
		return !before;
	}
	for (size_t i = 0; i < seen->count; i++)
		if (strcmp(seen->codes[i], code) == 0)
			return false;
	if (seen->count == MAX_CODES)
		return false;
	seen->codes[seen->count++] = code;
	return true;
}

/* Each code of a list of codes, none twice. */
static void
check_codes(struct check *c, int place, const struct xform_list *list, char *codes)
{
	char *rest = NULL;
	OWNED_MEM bool *marks = xcalloc(list ? list->count + 1 : 1, sizeof(*marks));
	struct codes seen = {.marks = marks};
	for (char *code = strtok_r(codes, BLANKS, &rest); code;
		code = strtok_r(NULL, BLANKS, &rest)) {
		if (!is_new(&seen, list, code)) {
			submission_say(c, place, "holds a choice twice, or too many");
			return;
		}
		if (!is_choice(c, place, list, code))
			return;
	}
}

/* The list whose codes a calculation holds (weir:list). */
static const struct xform_list *
list_of_calculation(const struct xform *x, const struct xform_node *n)
{
	for (size_t i = 0; n->weir[XFORM_LIST] && i < x->list_count; i++)
		if (strcmp(x->lists[i].id, n->weir[XFORM_LIST]) == 0)
			return &x->lists[i];
	return NULL;
}

static void
check_choice(struct check *c, int place)
{
	const struct place *p = &c->s->places[place];
	const struct xform_node *n = &c->x->nodes[p->node];
	const struct xform_list *list = xform_choices(c->x, p->node);
	if (n->control == XFORM_SELECT1)
		(void)is_choice(c, place, list, p->value);
	else if (n->control == XFORM_SELECT || n->control == XFORM_RANK) {
		OWNED_MEM char *codes = xstrdup(p->value);
		check_codes(c, place, list, codes);
	} else if (n->control == XFORM_NONE && n->weir[XFORM_LIST]) {
		list = list_of_calculation(c->x, n);
		if (list && list->known && xform_list_find(list, p->value) < 0)
			submission_say(c, place,
				"holds a code that its list of choices does not have");
	}
}

static void
check_range(struct check *c, int place, const struct xform_node *n)
{
	double d;
	if (n->control != XFORM_RANGE || !text_number(view_text(c->s->places[place].value), &d))
		return;
	if (d < n->least || d > n->most)
		submission_say(
			c, place, "is outside the range from %g to %g", n->least, n->most);
}

void
submission_check_value(struct check *c, int place)
{
	const struct place *p = &c->s->places[place];
	const struct xform_node *n = &c->x->nodes[p->node];
	const char *words = not_of_type(n->type, p->value);
	/* A file can be of any type of bind; its name cannot. */
	if (!words && n->control == XFORM_UPLOAD && !is_file_name(p->value))
		words = "is not the name of a file";
	if (words) {
		submission_say(c, place, "%s", words);
		return;
	}
	check_choice(c, place);
	check_range(c, place, n);
}
