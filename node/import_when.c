#include "node/import_when.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/study/collected.h"

#define MS_PER_S 1000

static enum err
find_wave(struct import_when *w, const struct import_when_ask *q)
{
	const char *day = w->said ? "then" : "today";
	const bool has_windows = pack_has_windows(q->pack, q->form);
	const struct pack_wave *wave =
		q->wave ? pack_wave(q->pack, (uint32_t)q->wave)
			: pack_wave_at(q->pack, q->form, w->at_s * MS_PER_S);
	if (!wave && !q->wave && !has_windows)
		return OK; /* a consent form is filled in at any time */
	if (!wave && q->wave)
		return fail(E_NOTFOUND, "study %s has no wave %" PRId64, q->pack->id, q->wave);
	if (!wave)
		return fail(E_DENIED, "form %s takes no records %s: no wave of it is open",
			q->form->id, day);
	if (has_windows && !pack_wave_is_open(wave, q->form, w->at_s * MS_PER_S))
		return fail(E_DENIED, "form %s takes no records of wave %" PRIu32 " %s",
			q->form->id, wave->number, day);
	(void)snprintf(w->wave, sizeof(w->wave), "%" PRIu32, wave->number);
	return OK;
}

static enum err
find_one(struct import_when *ret, const struct import_when_ask *q, const char *text)
{
	if (q->form->per_site && text && *text)
		return fail(E_FORMAT,
			"a record about the site counts from when it is entered: no other time "
			"is said of it");
	struct collected c = collected_by_hand(text, pack_zone(q->pack), q->now_s);
	if (c.word == COLLECTED_UNREAD)
		return fail(
			E_FORMAT, "this is no day YYYY-MM-DD, and no time YYYY-MM-DDThh:mm");
	if (c.word == COLLECTED_AHEAD)
		return fail(E_FORMAT, "nothing is filled in later than now");
	*ret = (struct import_when){.at_s = c.at_s, .said = c.word == COLLECTED_SAID};
	return find_wave(ret, q);
}

/* Of all rows that do not say it themselves. */
static enum err
find_rest(struct import_when *ret, const struct import_when_ask *q)
{
	enum err e = find_one(ret, q, q->day);
	return e && q->day ? fail_in(e, "--filled-in") : e;
}

enum err
import_when_find(struct import_when *ret, const struct import_when_ask *q)
{
	struct import_when rest = {.at_s = 0};
	enum err e = OK;
	for (size_t i = 0; !e && i < import_rows(q->rows); i++) {
		const char *text = import_filled_in(q->rows, i);
		if (*text) {
			e = find_one(&ret[i], q, text);
			if (e)
				e = fail_in(e, "row %zu", import_row_number(q->rows, i));
			continue;
		}
		if (!rest.at_s)
			e = find_rest(&rest, q);
		ret[i] = rest;
	}
	return e;
}
