#include "node/sync_hold_walk.h"

#include <string.h>

#include "common/base/log.h"

#include "node/sync_duties.h"
#include "node/sync_hold_ids.h"

#define MS_PER_S 1000
#define DAY_MS   ((int64_t)86400 * MS_PER_S)

/* A consent that waited may let records of the person go on in their turn. */
static enum err
try_again(const struct sync_judge *j, const uint8_t id[static ID_BYTES],
	const uint8_t participant[static ID_BYTES])
{
	struct sync_try t = {.judge = j, .id = id};
	uint8_t why = 0;
	enum err e = sync_hold_try(&t, &why);
	if (!e && !why)
		e = sync_hold_release(j, participant);
	return e == E_DENIED ? OK : e;
}

/* A site that leaves puts an end to what had none; one that stays after all takes it back. */
static enum err
settle_end(const struct sync_judge *j, const uint8_t id[static ID_BYTES], struct sync_hold *h)
{
	const int64_t end_s = sync_hold_end_s(j, h->why);
	if (h->why == 0 || (end_s != 0) == (h->expires_s != 0))
		return OK;
	h->expires_s = end_s;
	return sync_hold_put(j->vault, id, h);
}

/* The consent that it waited for may be held itself by now, and goes on one day. */
static enum err
end_one(const struct sync_judge *j, const uint8_t id[static ID_BYTES], uint8_t why)
{
	struct sync_try t = {.judge = j, .id = id};
	uint8_t now = why;
	enum err e = why == HOLD_NO_CONSENT ? sync_hold_try(&t, &now) : OK;
	if (e && e != E_DENIED)
		return e;
	return now == why ? sync_hold_drop(j->vault, id) : OK;
}

static enum err
tick_one(const struct sync_judge *j, const struct sync_hold_walk *w,
	const uint8_t id[static ID_BYTES])
{
	OWNED_HOLD struct sync_hold h;
	uint8_t why;
	enum err e = sync_hold_get(j->vault, id, &h);
	if (e)
		return e == E_NOTFOUND ? OK : e; /* it went on with the one before it */
	if (h.why == HOLD_TERMS && w->tries)
		return try_again(j, id, h.participant);
	e = settle_end(j, id, &h);
	if (e)
		return e;
	if (h.expires_s == 0 || h.expires_s > j->now_ms / MS_PER_S)
		return OK;
	if (h.why)
		return end_one(j, id, h.why);
	struct sync_try t = {.judge = j, .id = id, .without_files = true};
	e = sync_hold_try(&t, &why);
	return e == E_DENIED ? OK : e;
}

/* One that is damaged, or for which there is no room, keeps no other from its turn: each is
 * judged before anything of it is put. */
static enum err
pass_over(enum err e)
{
	if (!e || e == E_IO)
		return e;
	log_warn("sync", "one that is held stays as it is: %s", err_text());
	return OK;
}

/* Whatever may let go on what waits, or a day on which an approval may begin: from the front
 * once more. */
static enum err
begin_walk(const struct sync_judge *j, struct sync_hold_walk *w)
{
	const struct sync_hold_walk before = *w;
	w->seen.terms = j->terms ? j->terms->number : 0;
	w->seen.study = j->study;
	w->seen.day = j->now_ms / DAY_MS;
	w->seen.over_s = j->over_s;
	enum err e = sync_duties_last(j->vault, &w->seen.duties);
	if (memcmp(&before.seen, &w->seen, sizeof(w->seen)) != 0) {
		w->begun = false;
		w->tries = true;
	} else if (!w->begun) {
		w->tries = false;
	}
	return e;
}

enum err
sync_hold_walk_tick(const struct sync_judge *j, struct sync_hold_walk *w)
{
	OWNED_HOLD_IDS struct sync_hold_ids l;
	sync_hold_ids_init(&l, view_of(NULL, 0));
	enum err e = begin_walk(j, w);
	memcpy(l.after, w->after, ID_BYTES);
	l.after_len = w->begun ? ID_BYTES : 0;
	if (!e && j->pack)
		e = sync_hold_ids_page(j->vault, &l);
	for (size_t i = 0; !e && i < l.count; i++)
		e = pass_over(tick_one(j, w, l.list[i]));
	w->begun = l.count == SYNC_HOLD_PAGE_COUNT;
	memcpy(w->after, l.after, ID_BYTES);
	return e;
}
