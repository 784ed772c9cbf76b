#include "common/study/lineage.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/zone.h"

#define VIEW_RECORDED "recorded"
#define VIEW_ALL_TIME "lineage"
#define VIEW_AS_OF    "as-of:"

const char *
lineage_word(enum lineage_kind kind)
{
	switch (kind) {
	case LINEAGE_MERGE:
		return "merge";
	case LINEAGE_SPLIT:
		return "split";
	case LINEAGE_FOLLOW:
		return "follow";
	case LINEAGE_NAME:
		return "name";
	}
	return "";
}

bool
lineage_is_day(const char *text)
{
	int64_t ms;
	return zone_day("UTC", text, &ms);
}

/* sides of a change */

static bool
has(const char (*list)[LINEAGE_ID_BYTES], size_t count, const char *site)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], site) == 0)
			return true;
	return false;
}

static bool
is_from(const struct lineage_change *c, const char *site)
{
	return has(c->from, c->from_count, site);
}

static bool
is_into(const struct lineage_change *c, const char *site)
{
	return has(c->into, c->into_count, site);
}

static bool
is_of_sites(const struct lineage_change *c)
{
	return c->kind != LINEAGE_NAME;
}

const struct lineage_change *
lineage_end_of(const struct lineage *l, const char *site)
{
	for (size_t i = 0; i < l->count; i++)
		if (is_of_sites(&l->at[i]) && is_from(&l->at[i], site) &&
			!is_into(&l->at[i], site))
			return &l->at[i];
	return NULL;
}

const struct lineage_change *
lineage_begin_of(const struct lineage *l, const char *site)
{
	for (size_t i = 0; i < l->count; i++)
		if (is_of_sites(&l->at[i]) && is_into(&l->at[i], site) &&
			!is_from(&l->at[i], site))
			return &l->at[i];
	return NULL;
}

/* what may be recorded */

static enum err
check_codes(const char (*list)[LINEAGE_ID_BYTES], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!text_is_name(list[i], LINEAGE_ID_BYTES - 1))
			return fail(E_FORMAT, "a code is made of a-z, 0-9, _ and -");
		if (has(list, i, list[i]))
			return fail(E_FORMAT, "%s stands twice on one side", list[i]);
	}
	return OK;
}

static enum err
check_sides(const struct lineage_change *c)
{
	const size_t from = c->from_count, into = c->into_count;
	if (from > LINEAGE_SIDE_MAX || into > LINEAGE_SIDE_MAX)
		return fail(E_FORMAT, "more than %d on one side", LINEAGE_SIDE_MAX);
	switch (c->kind) {
	case LINEAGE_MERGE:
		return from >= 2 && into == 1
			       ? OK
			       : fail(E_FORMAT, "a merger is of two or more into one");
	case LINEAGE_SPLIT:
		return from == 1 && into >= 2
			       ? OK
			       : fail(E_FORMAT, "a split is of one into two or more");
	case LINEAGE_FOLLOW:
		return from == 1 && into == 1 && strcmp(c->from[0], c->into[0]) != 0
			       ? OK
			       : fail(E_FORMAT, "one goes on under one other code");
	case LINEAGE_NAME:
		return from == 1 && into == 0 && c->was[0] && c->becomes[0]
			       ? OK
			       : fail(E_FORMAT, "a new name is of one, that had one before");
	}
	return fail(E_FORMAT, "there is no such kind of change");
}

static enum err
check_form(const struct lineage_change *c)
{
	if (!lineage_is_day(c->day))
		return fail(E_FORMAT, "a change needs its day, YYYY-MM-DD");
	enum err e = check_sides(c);
	if (!e)
		e = check_codes(c->from, c->from_count);
	return e ? e : check_codes(c->into, c->into_count);
}

/* It has to be there the day before, and what goes with this change is in no later one. */
static enum err
check_left(const struct lineage *l, const struct lineage_change *next, const char *site)
{
	const struct lineage_change *begin = lineage_begin_of(l, site),
				    *end = lineage_end_of(l, site);
	const bool goes_on = !is_of_sites(next) || is_into(next, site);
	if (begin && strcmp(begin->day, next->day) >= 0)
		return fail(E_CONFLICT, "%s begins on %s, not before", site, begin->day);
	if (end && (!goes_on || strcmp(end->day, next->day) <= 0))
		return fail(E_CONFLICT, "%s ended on %s by a %s", site, end->day,
			lineage_word(end->kind));
	for (size_t i = 0; i < l->count && !goes_on; i++)
		if (is_of_sites(&l->at[i]) && is_from(&l->at[i], site) &&
			strcmp(l->at[i].day, next->day) >= 0)
			return fail(E_CONFLICT, "%s still takes part in a %s on %s", site,
				lineage_word(l->at[i].kind), l->at[i].day);
	return OK;
}

/* What begins was not there before. */
static enum err
check_right(const struct lineage *l, const struct lineage_change *next, const char *site)
{
	const struct lineage_change *begin = lineage_begin_of(l, site);
	if (is_from(next, site))
		return OK;
	if (begin)
		return fail(E_CONFLICT, "%s began on %s by a %s", site, begin->day,
			lineage_word(begin->kind));
	for (size_t i = 0; i < l->count; i++)
		if (is_of_sites(&l->at[i]) && is_from(&l->at[i], site) &&
			strcmp(l->at[i].day, next->day) <= 0)
			return fail(E_CONFLICT,
				"%s was there before: it takes part in a %s on %s", site,
				lineage_word(l->at[i].kind), l->at[i].day);
	return OK;
}

enum err
lineage_check(const struct lineage *l, const struct lineage_change *next)
{
	enum err e = check_form(next);
	for (size_t i = 0; !e && i < next->from_count; i++)
		e = check_left(l, next, next->from[i]);
	for (size_t i = 0; !e && i < next->into_count; i++)
		e = check_right(l, next, next->into[i]);
	return e;
}

/* where a site counts */

/* What the site had become one step later by the day; NULL: nothing, or several. */
static const char *
next_by(const struct lineage *l, const char *site, const char *day)
{
	const struct lineage_change *end = lineage_end_of(l, site);
	const bool is_one = end && end->into_count == 1 && strcmp(end->day, day) <= 0;
	return is_one ? end->into[0] : NULL;
}

/* What the site was one step before, if it began after the day; NULL: itself, or several. */
static const char *
before_at(const struct lineage *l, const char *site, const char *day)
{
	const struct lineage_change *begin = lineage_begin_of(l, site);
	const bool is_one = begin && begin->from_count == 1 && strcmp(begin->day, day) > 0;
	return is_one ? begin->from[0] : NULL;
}

/* Each step goes on through the days in one direction, so no more steps are there than
 * changes. */
const char *
lineage_as_of(const struct lineage *l, const char *site, const char *day)
{
	for (size_t i = 0; i <= l->count; i++) {
		const char *step = next_by(l, site, day);
		if (!step)
			step = before_at(l, site, day);
		if (!step)
			return site;
		site = step;
	}
	return site;
}

/* Do the two changes name a site in common? */
static bool
share(const struct lineage_change *a, const struct lineage_change *b)
{
	for (size_t i = 0; i < a->from_count; i++)
		if (is_from(b, a->from[i]) || is_into(b, a->from[i]))
			return true;
	for (size_t i = 0; i < a->into_count; i++)
		if (is_from(b, a->into[i]) || is_into(b, a->into[i]))
			return true;
	return false;
}

/* gives a number for each change, the same for those that sites connect. */
static size_t *
families(const struct lineage *l)
{
	size_t *of = xcalloc(l->count + 1, sizeof(*of));
	bool moved = true;
	for (size_t i = 0; i < l->count; i++)
		of[i] = i;
	while (moved) {
		moved = false;
		for (size_t i = 0; i < l->count; i++)
			for (size_t k = 0; k < l->count; k++)
				if (of[k] < of[i] && share(&l->at[i], &l->at[k])) {
					of[i] = of[k];
					moved = true;
				}
	}
	return of;
}

/* SIZE_MAX: no change names the site. */
static size_t
family_of(const struct lineage *l, const size_t *families, const char *site)
{
	for (size_t i = 0; i < l->count; i++)
		if (is_of_sites(&l->at[i]) &&
			(is_from(&l->at[i], site) || is_into(&l->at[i], site)))
			return families[i];
	return SIZE_MAX;
}

bool
lineage_connects(const struct lineage *l, const char *a, const char *b)
{
	OWNED_MEM size_t *all = families(l);
	const size_t one = family_of(l, all, a);
	return strcmp(a, b) == 0 || (one != SIZE_MAX && one == family_of(l, all, b));
}

const char *
lineage_name(const struct lineage *l, const char *site, const char *day, const char *name)
{
	const struct lineage_change *last = NULL, *first_after = NULL;
	for (size_t i = 0; i < l->count; i++) {
		const struct lineage_change *c = &l->at[i];
		if (c->kind != LINEAGE_NAME || !is_from(c, site))
			continue;
		const bool is_past = strcmp(c->day, day) <= 0;
		if (is_past && (!last || strcmp(c->day, last->day) >= 0))
			last = c;
		if (!is_past && (!first_after || strcmp(c->day, first_after->day) < 0))
			first_after = c;
	}
	if (last)
		return last->becomes;
	return first_after ? first_after->was : name;
}

/* views */

enum err
lineage_view_read(struct lineage_view *ret, const char *text)
{
	const size_t len = strlen(VIEW_AS_OF);
	*ret = (struct lineage_view){.by = LINEAGE_RECORDED};
	if (strcmp(text, VIEW_RECORDED) == 0)
		return OK;
	if (strcmp(text, VIEW_ALL_TIME) == 0) {
		ret->by = LINEAGE_ALL_TIME;
		return OK;
	}
	if (strncmp(text, VIEW_AS_OF, len) != 0 || !lineage_is_day(text + len))
		return fail(E_FORMAT,
			"sites are named as recorded, by lineage, or as-of:YYYY-MM-DD");
	ret->by = LINEAGE_AS_OF;
	(void)snprintf(ret->day, sizeof(ret->day), "%s", text + len);
	return OK;
}

void
lineage_view_text(char ret[static LINEAGE_VIEW_BYTES], const struct lineage_view *v)
{
	switch (v->by) {
	case LINEAGE_RECORDED:
		(void)snprintf(ret, LINEAGE_VIEW_BYTES, "%s", VIEW_RECORDED);
		return;
	case LINEAGE_ALL_TIME:
		(void)snprintf(ret, LINEAGE_VIEW_BYTES, "%s", VIEW_ALL_TIME);
		return;
	case LINEAGE_AS_OF:
		(void)snprintf(ret, LINEAGE_VIEW_BYTES, "%s%s", VIEW_AS_OF, v->day);
		return;
	}
}

/* Sites of one key count together. */
struct key {
	const char *as;
	size_t family;
};

static bool
is_same_key(const struct key *a, const struct key *b)
{
	return strcmp(a->as, b->as) == 0 || (a->family != SIZE_MAX && a->family == b->family);
}

static struct lineage_place
place_in(const struct lineage *l, const struct lineage_view *v, const char *site,
	const struct key *key)
{
	switch (v->by) {
	case LINEAGE_RECORDED:
		return (struct lineage_place){.as = site, .stands = true};
	case LINEAGE_AS_OF:
		return (struct lineage_place){
			.as = key->as, .stands = strcmp(key->as, site) == 0};
	case LINEAGE_ALL_TIME:
		return (struct lineage_place){.stands = !lineage_end_of(l, site)};
	}
	return (struct lineage_place){.as = site};
}

void
lineage_places(const struct lineage *l, const struct lineage_view *v, const char *const *sites,
	size_t count, struct lineage_place *ret)
{
	OWNED_MEM size_t *all = families(l);
	OWNED_MEM struct key *keys = xcalloc(count + 1, sizeof(*keys));
	for (size_t i = 0; i < count; i++) {
		size_t first = 0;
		keys[i] = (struct key){sites[i], SIZE_MAX};
		if (v->by == LINEAGE_AS_OF)
			keys[i].as = lineage_as_of(l, sites[i], v->day);
		if (v->by == LINEAGE_ALL_TIME)
			keys[i].family = family_of(l, all, sites[i]);
		while (first < i && !is_same_key(&keys[first], &keys[i]))
			first++;
		ret[i] = place_in(l, v, sites[i], &keys[i]);
		ret[i].counts_for = first;
	}
}
