#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/study/openitems.h"

#include "hub/opening_inside.h"

#define NOTE_MAX_BYTES ((size_t)16384)
#define PERCENT        100

/* Why the outcomes of a site cannot be judged; NULL: they can. */
static const char *
too_few(const struct opening *o, size_t site)
{
	uint64_t count, of;
	if (o->printed[site].state != SITE_TAKES_PART)
		return NULL;
	systemfigures_response(o->system, site, &count, &of);
	if (of == 0)
		return "nobody counted how many were asked (F01), and the study set";
	if (count * PERCENT >= o->ask.pack->response_warn_percent * of)
		return NULL;
	return "its response rate (F01) is under what the study set";
}

static void
put_mark(struct json_out *w, const struct opening *o, size_t site, const char *why)
{
	OWNED_BUF struct buf note;
	const struct codebook *book = o->ask.pack->codebook;
	buf_init(&note, NOTE_MAX_BYTES);
	buf_format(&note, "%s: too few to judge", o->printed[site].id);
	for (size_t i = 0; i < book->count; i++)
		if (chosen_is_judged(o->chosen, i))
			buf_format(&note, " %s", book->indicators[i].id);
	buf_format(&note, ": %s, %u percent", why, o->ask.pack->response_warn_percent);
	buf_u8(&note, 0);
	json_put_text(w, NULL, note.broken ? "too few to judge" : (const char *)note.at);
}

void
opening_count_partner(
	struct opening *o, uint16_t site, const struct form *f, const struct wire_rules *rules)
{
	bool not_asked;
	const char *id = openitems_partner(f, rules, &not_asked);
	size_t i = 0;
	if (not_asked || !o->ask.pack->partner_warn_percent)
		return;
	while (i < o->partner_count &&
		(o->partners[i].site != site || strcmp(o->partners[i].id, id ? id : "") != 0))
		i++;
	if (i == o->partner_count) {
		o->partners = xrealloc(o->partners, i + 1, sizeof(*o->partners));
		o->partners[i] = (struct opening_partner){.site = site};
		(void)snprintf(
			o->partners[i].id, sizeof(o->partners[i].id), "%s", id ? id : "");
		o->partner_count++;
	}
	o->partners[i].count++;
}

/* Which organisation it is stays unsaid, and so does a site of few records. */
static void
put_partner(struct json_out *w, const struct opening *o, size_t site)
{
	OWNED_MEM char *note = xasprintf(
		"%s: over %u percent of the records come from one partner organisation",
		o->printed[site].id, o->ask.pack->partner_warn_percent);
	uint64_t all = 0, most = 0;
	for (size_t i = 0; i < o->partner_count; i++) {
		const struct opening_partner *p = &o->partners[i];
		all += p->site == site ? p->count : 0;
		if (p->site == site && p->id[0])
			most = MAX(most, p->count);
	}
	if (all >= o->profile.count_min_people &&
		most * PERCENT > o->ask.pack->partner_warn_percent * all)
		json_put_text(w, NULL, note);
}

/* Winter is compared with winter. */
static void
put_season(struct json_out *w, const struct pack *p, uint32_t wave)
{
	OWNED_BUF struct buf note;
	const struct pack_wave *of = pack_wave(p, wave);
	size_t like = 0;
	buf_init(&note, NOTE_MAX_BYTES);
	if (!of || !*of->season)
		return;
	buf_format(&note, "wave %u is of season %s: ", wave, of->season);
	for (size_t i = 0; i < p->wave_count; i++)
		if (p->waves[i].number != wave && strcmp(p->waves[i].season, of->season) == 0)
			buf_format(&note, "%s %u", like++ ? "," : "compare it with wave",
				p->waves[i].number);
	buf_format(&note, "%s", like ? " alone" : "the study has no other wave like it");
	buf_u8(&note, 0);
	if (!note.broken)
		json_put_text(w, NULL, (const char *)note.at);
}

void
opening_put_marks(struct json_out *w, const struct opening *o, uint32_t wave)
{
	bool any = false;
	for (size_t i = 0; !any && i < o->ask.pack->codebook->count; i++)
		any = chosen_is_judged(o->chosen, i);
	for (size_t i = 0; any && i < o->printed_count; i++) {
		const char *why = too_few(o, i);
		if (why)
			put_mark(w, o, i, why);
	}
	for (size_t i = 0; o->partner_count && i < o->printed_count; i++)
		put_partner(w, o, i);
	put_season(w, o->ask.pack, wave);
}
