#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/study/openitems.h"

#include "hub/opening_inside.h"
#include "hub/season.h"

#define NOTE_MAX_BYTES ((size_t)16384)
#define PERCENT        100

/* Why the outcomes of a site cannot be judged; NULL: they can. */
static const char *
too_few(const struct opening *o, size_t wave, size_t site)
{
	uint64_t count, of;
	if (o->printed[site].state != SITE_TAKES_PART)
		return NULL;
	systemfigures_response(o->waves[wave].system, site, &count, &of);
	if (of == 0)
		return "nobody counted how many were asked (F01), and the study set";
	if (count * PERCENT >= o->ask.pack->response_warn_percent * of)
		return NULL;
	return "its response rate (F01) is under what the study set";
}

static void
put_note(struct json_out *w, struct buf *note)
{
	buf_u8(note, 0);
	json_put_text(w, NULL, note->broken ? "too much to say" : (const char *)note->at);
}

/* "exa", or "wave 1, exa" where waves are compared. */
static void
name_place(struct buf *out, const struct opening *o, size_t wave, size_t site)
{
	if (o->wave_count > 1)
		buf_format(out, "wave %u, ", opening_wave_number(o, wave));
	buf_format(out, "%s", o->printed[site].id);
}

static void
put_mark(struct json_out *w, const struct opening *o, size_t wave, size_t site)
{
	const char *why = too_few(o, wave, site);
	OWNED_BUF struct buf note;
	const struct codebook *book = o->ask.pack->codebook;
	buf_init(&note, NOTE_MAX_BYTES);
	if (!why)
		return;
	name_place(&note, o, wave, site);
	buf_format(&note, ": too few to judge");
	for (size_t i = 0; i < book->count; i++)
		if (chosen_is_judged(o->chosen, i))
			buf_format(&note, " %s", book->indicators[i].id);
	buf_format(&note, ": %s, %u percent", why, o->ask.pack->response_warn_percent);
	put_note(w, &note);
}

void
opening_count_partner(struct opening *o, struct opening_wave *w, uint16_t site,
	const struct form *f, const struct wire_rules *rules)
{
	bool not_asked;
	const char *id = openitems_partner(f, rules, &not_asked);
	size_t i = 0;
	if (not_asked || !o->ask.pack->partner_warn_percent)
		return;
	while (i < w->partner_count &&
		(w->partners[i].site != site || strcmp(w->partners[i].id, id ? id : "") != 0))
		i++;
	if (i == w->partner_count) {
		w->partners = xrealloc(w->partners, i + 1, sizeof(*w->partners));
		w->partners[i] = (struct opening_partner){.site = site};
		(void)snprintf(
			w->partners[i].id, sizeof(w->partners[i].id), "%s", id ? id : "");
		w->partner_count++;
	}
	w->partners[i].count++;
}

/* Which organisation it is stays unsaid, and so does a site of few records. */
static void
put_partner(struct json_out *w, const struct opening *o, size_t wave, size_t site)
{
	const struct opening_wave *of = &o->waves[wave];
	uint64_t all = 0, most = 0;
	OWNED_BUF struct buf note;
	for (size_t i = 0; i < of->partner_count; i++) {
		const struct opening_partner *p = &of->partners[i];
		all += p->site == site ? p->count : 0;
		if (p->site == site && p->id[0])
			most = MAX(most, p->count);
	}
	buf_init(&note, NOTE_MAX_BYTES);
	name_place(&note, o, wave, site);
	buf_format(&note, ": over %u percent of the records come from one partner organisation",
		o->ask.pack->partner_warn_percent);
	if (all >= o->profile.count_min_people &&
		most * PERCENT > o->ask.pack->partner_warn_percent * all)
		put_note(w, &note);
}

static void
put_wave(struct json_out *w, const struct opening *o, size_t wave)
{
	bool any = false;
	for (size_t i = 0; !any && i < o->ask.pack->codebook->count; i++)
		any = chosen_is_judged(o->chosen, i);
	for (size_t i = 0; any && i < o->printed_count; i++)
		put_mark(w, o, wave, i);
	for (size_t i = 0; o->waves[wave].partner_count && i < o->printed_count; i++)
		put_partner(w, o, wave, i);
}

/* A reader must not take ALL for more than it is. */
static void
put_withheld(struct json_out *w, const struct table *t)
{
	bool any = false;
	for (size_t g = 0; !any && g < t->group_count; g++)
		any = t->groups[g].withheld_count > 0;
	OWNED_MEM char *note = xasprintf("%s%s%s: sites and groups of which all is [c] are not "
					 "in ALL either",
		t->indicator, *t->which ? " " : "", t->which);
	if (any)
		json_put_text(w, NULL, note);
}

/* An indicator with a distribution and numbers has two tables of the same groups. */
static bool
is_same_as_last(const struct opened *t, size_t i)
{
	return i > 0 && strcmp(t->tables[i]->indicator, t->tables[i - 1]->indicator) == 0 &&
	       strcmp(t->tables[i]->which, t->tables[i - 1]->which) == 0;
}

/* Winter is compared with winter. */
static void
put_season(struct json_out *w, const struct opening *o, uint32_t wave)
{
	OWNED_BUF struct buf note;
	buf_init(&note, NOTE_MAX_BYTES);
	if (o->wave_count > 1)
		buf_format(&note,
			"wave %u is compared with wave %u, both of season %s: people of the "
			"two waves are not paired, and the change of ALL is [z] where not the "
			"same sites have a figure in both",
			o->ask.wave, o->ask.compared, pack_wave(o->ask.pack, wave)->season);
	else
		season_note(&note, o->ask.pack, wave);
	if (note.len)
		put_note(w, &note);
}

void
opening_put_marks(
	struct json_out *w, const struct opening *o, const struct opened *t, uint32_t wave)
{
	for (size_t i = 0; i < o->wave_count; i++)
		put_wave(w, o, i);
	for (size_t i = 0; i < t->table_count; i++)
		if (!is_same_as_last(t, i))
			put_withheld(w, t->tables[i]);
	put_season(w, o, wave);
}
