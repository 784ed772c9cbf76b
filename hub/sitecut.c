#include "hub/sitecut.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/study/zone.h"

#define NAME_MAX_BYTES 1000
#define NOTE_MAX_BYTES 900 /* a text of a released document holds it */
#define JOINT          "+"
#define MORE_BYTES     16 /* "+999 more" */
#define MS_PER_MIN     60000

/* One cut in the making. */
struct making {
	const struct sitecut_facts *facts;
	struct lineage_view view;
	char today[CLOCK_TEXT_BYTES];
	struct lineage_place *places;
	struct sitecut *cut;
};

/* The day of the study's clock. */
static void
find_today(struct making *m)
{
	const int64_t ms = m->facts->made_ms;
	clock_text(m->today, ms + zone_minutes(pack_zone(m->facts->pack), ms) * MS_PER_MIN);
	m->today[LINEAGE_DAY_BYTES - 1] = '\0';
}

static const char *
name_of(const struct making *m, size_t site)
{
	const struct pack_site *s = &m->facts->pack->sites[site];
	return lineage_name(m->facts->lineage, s->id,
		m->view.by == LINEAGE_AS_OF ? m->view.day : m->today, s->name);
}

/* printed sites */

static size_t
find_site(const struct pack *p, const char *id)
{
	size_t i = 0;
	while (i < p->site_count && strcmp(p->sites[i].id, id) != 0)
		i++;
	return i;
}

static void
join_names(const struct making *m, size_t first, struct sitecut_printed *ret)
{
	const struct pack *p = m->facts->pack;
	OWNED_BUF struct buf name;
	size_t count = 0;
	buf_init(&name, NAME_MAX_BYTES);
	for (size_t i = first; i < p->site_count; i++) {
		const char *one = name_of(m, i);
		if (m->places[i].counts_for != first)
			continue;
		if (name.len + strlen(one) + MORE_BYTES > NAME_MAX_BYTES)
			break;
		buf_format(&name, "%s%s", count++ ? " " JOINT " " : "", one);
	}
	ret->name = xmemdup(name.at, name.len);
}

/* "a+b+c", or "a+2 more" where that is too long. */
static void
join_codes(const struct making *m, size_t first, struct sitecut_printed *ret)
{
	const struct pack *p = m->facts->pack;
	OWNED_BUF struct buf codes;
	size_t count = 0;
	buf_init(&codes, (size_t)COLUMNS_SITES_MAX * LINEAGE_ID_BYTES);
	for (size_t i = first; i < p->site_count; i++)
		if (m->places[i].counts_for == first)
			buf_format(&codes, "%s%s", count++ ? JOINT : "", p->sites[i].id);
	if (codes.len < sizeof(ret->id))
		(void)snprintf(ret->id, sizeof(ret->id), "%.*s", (int)codes.len,
			(const char *)codes.at);
	else
		(void)snprintf(ret->id, sizeof(ret->id), "%.*s" JOINT "%zu more",
			(int)(sizeof(ret->id) - MORE_BYTES), p->sites[first].id, count - 1);
}

static void
print_site(struct making *m, size_t first)
{
	const struct pack *p = m->facts->pack;
	const struct lineage_place *place = &m->places[first];
	struct sitecut_printed *to = &m->cut->printed[m->cut->printed_count++];
	if (!place->as) {
		join_codes(m, first, to);
		join_names(m, first, to);
		return;
	}
	const size_t as = find_site(p, place->as);
	(void)snprintf(to->id, sizeof(to->id), "%s", place->as);
	to->name = xstrdup(as < p->site_count ? name_of(m, as) : place->as);
}

static void
place_sites(struct making *m)
{
	const struct pack *p = m->facts->pack;
	struct sitecut *c = m->cut;
	c->printed = xcalloc(p->site_count + 1, sizeof(*c->printed));
	c->sites = xcalloc(p->site_count + 1, sizeof(*c->sites));
	c->site_count = p->site_count;
	for (size_t i = 0; i < p->site_count; i++) {
		const size_t first = m->places[i].counts_for;
		if (first == i) {
			c->sites[i].printed = c->printed_count;
			print_site(m, i);
		}
		c->sites[i].printed = c->sites[first].printed;
		c->sites[i].stands = m->places[i].stands;
	}
}

/* notes */

static void
add_side(struct buf *note, const char (*side)[LINEAGE_ID_BYTES], size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_format(note, "%s%s",
			i == 0           ? ""
			: i + 1 == count ? " and "
					 : ", ",
			side[i]);
}

/* Where the change is seen in this view. */
static const char *
effect_of(const struct making *m, const struct lineage_change *c)
{
	const bool has_begun = strcmp(c->day, m->view.day) <= 0;
	switch (m->view.by) {
	case LINEAGE_RECORDED:
		return "; here each counts under the code that it was collected under";
	case LINEAGE_ALL_TIME:
		return "; here they count together";
	case LINEAGE_AS_OF:
		break;
	}
	switch (c->kind) {
	case LINEAGE_MERGE:
		return has_begun ? "; here they count together"
				 : "; here what was collected after that is not told apart";
	case LINEAGE_SPLIT:
		return has_begun ? "; here what was collected before is not told apart"
				 : "; here they still count together";
	case LINEAGE_FOLLOW:
		return has_begun ? "; here the new code is used"
				 : "; here the old code is used";
	case LINEAGE_NAME:
		return "";
	}
	return "";
}

static void
add_note(struct making *m, const struct buf *note)
{
	struct sitecut *c = m->cut;
	c->notes = xrealloc(c->notes, c->note_count + 1, sizeof(*c->notes));
	c->notes[c->note_count++] = xmemdup(note->at, MIN(note->len, (size_t)NOTE_MAX_BYTES));
}

static void
note_change(struct making *m, const struct lineage_change *c)
{
	static const char *const verbs[] = {[LINEAGE_MERGE] = " merged into ",
		[LINEAGE_SPLIT] = " was split into ",
		[LINEAGE_FOLLOW] = " goes on as ",
		[LINEAGE_NAME] = " is named "};
	OWNED_BUF struct buf note;
	buf_init(&note, (size_t)4 * LINEAGE_SIDE_MAX * LINEAGE_ID_BYTES);
	buf_format(&note, "on %s ", c->day);
	add_side(&note, c->from, c->from_count);
	buf_format(&note, "%s", verbs[c->kind]);
	add_side(&note, c->into, c->into_count);
	if (c->kind == LINEAGE_NAME)
		buf_format(&note, "%s, before %s", c->becomes, c->was);
	buf_format(&note, "%s", effect_of(m, c));
	add_note(m, &note);
}

static void
note_leaving(struct making *m, const struct leaving *l)
{
	static const char *const words[] = {
		"", [LEAVING_KEEP] = "what was collected before counts",
		[LEAVING_STOP] = "nothing of it counts from then on",
		[LEAVING_ERASE] = "nothing of it counts from then on"};
	OWNED_BUF struct buf note;
	buf_init(&note, NOTE_MAX_BYTES);
	buf_format(&note, "%s left the study on %s; %s", l->site, l->day, words[l->data]);
	add_note(m, &note);
}

/* In the order of their days, so that the order of recording says nothing. */
static void
note_all(struct making *m)
{
	const struct lineage *l = m->facts->lineage;
	OWNED_MEM bool *done = xcalloc(l->count + 1, sizeof(*done));
	for (size_t k = 0; k < l->count; k++) {
		size_t next = l->count;
		for (size_t i = 0; i < l->count; i++)
			if (!done[i] &&
				(next == l->count || strcmp(l->at[i].day, l->at[next].day) < 0))
				next = i;
		done[next] = true;
		note_change(m, &l->at[next]);
	}
	for (size_t i = 0; i < m->facts->pack->site_count; i++) {
		const struct leaving *left =
			leaving_of(m->facts->leavings, m->facts->pack->sites[i].id, UINT64_MAX);
		if (left)
			note_leaving(m, left);
	}
}

/* make */

enum err
sitecut_make(struct sitecut **ret, const struct sitecut_facts *f, const char *view)
{
	OWNED(sitecut) struct sitecut *c = xcalloc(1, sizeof(*c));
	const size_t count = f->pack->site_count;
	OWNED_MEM const char **ids = xcalloc(count + 1, sizeof(*ids));
	OWNED_MEM struct lineage_place *places = xcalloc(count + 1, sizeof(*places));
	struct making m = {.facts = f, .places = places, .cut = c};
	*ret = NULL;
	enum err e = lineage_view_read(&m.view, view);
	if (e)
		return e;
	lineage_view_text(c->view, &m.view);
	c->is_recorded = m.view.by == LINEAGE_RECORDED;
	find_today(&m);
	for (size_t i = 0; i < count; i++)
		ids[i] = f->pack->sites[i].id;
	lineage_places(f->lineage, &m.view, ids, count, places);
	place_sites(&m);
	note_all(&m);
	*ret = take(c);
	return OK;
}

enum err
sitecut_read(struct sitecut **ret, struct vault_txn *t, const struct pack *pack,
	const char *view, int64_t made_ms)
{
	OWNED_LINEAGE struct lineage_rows rows = {.at = NULL};
	OWNED_LEAVINGS struct leavings left = {.at = NULL};
	*ret = NULL;
	enum err e = lineage_rows_read(&rows, t, "");
	if (!e)
		e = leavings_read(&left, t);
	const struct sitecut_facts facts = {pack, &rows.lineage, &left, made_ms};
	return e ? e : sitecut_make(ret, &facts, view);
}

void
sitecut_free(struct sitecut *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->printed_count; i++)
		mem_drop(&c->printed[i].name);
	for (size_t i = 0; i < c->note_count; i++)
		mem_drop(&c->notes[i]);
	mem_drop(&c->printed);
	mem_drop(&c->sites);
	mem_drop(&c->notes);
	mem_drop(&c);
}

/* cohorts */

void
sitecut_to_cohort(const struct sitecut *c, struct cohort *into)
{
	if (c->is_recorded)
		return;
	(void)snprintf(into->view, sizeof(into->view), "%s", c->view);
	into->as = xcalloc(into->site_count + 1, sizeof(*into->as));
	for (size_t i = 0; i < c->site_count && i < into->site_count; i++) {
		const struct sitecut_site *s = &c->sites[i];
		(void)snprintf(into->as[i].as, sizeof(into->as[i].as), "%s",
			c->printed[s->printed].id);
		into->as[i].stands = s->stands;
	}
}

bool
sitecut_is_of(const struct sitecut *c, const struct cohort *of)
{
	bool same = c->site_count == of->site_count && c->is_recorded == !of->as;
	if (!same || !of->as)
		return same;
	same = strcmp(c->view, of->view) == 0;
	for (size_t i = 0; same && i < c->site_count; i++)
		same = strcmp(c->printed[c->sites[i].printed].id, of->as[i].as) == 0 &&
		       c->sites[i].stands == of->as[i].stands;
	return same;
}
