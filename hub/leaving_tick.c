#include "hub/leaving_tick.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/study/pack.h"

#include "hub/audit.h"
#include "hub/erase.h"
#include "hub/erase_rows.h"
#include "hub/forward_erase.h"
#include "hub/leaving.h"
#include "hub/record.h"
#include "hub/standing.h"
#include "hub/writer.h"

#define PREFIX    "leaving-"
#define KEY_BYTES (sizeof(PREFIX) + ROW_ID_BYTES)
#define ROW_BYTES 128
#define IDLE_MS   60000

/* How far a site is. */
struct state {
	uint8_t upto[ID_BYTES];
	uint64_t asked;
	uint64_t entries; /* of the site's nodes, when the last round began */
	bool lasts;
	uint32_t records;
};

static enum err
get_state(struct vault_txn *t, const char *site, struct state *ret)
{
	OWNED_BUF struct buf row;
	char key[KEY_BYTES];
	buf_init(&row, ROW_BYTES);
	*ret = (struct state){.asked = 0};
	(void)snprintf(key, sizeof(key), PREFIX "%s", site);
	enum err e = vault_get(t, VAULT_META, view_text(key), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	cursor_copy(&c, ret->upto, sizeof(ret->upto));
	ret->asked = cursor_u64(&c);
	ret->entries = cursor_u64(&c);
	ret->lasts = cursor_u8(&c) != 0;
	ret->records = cursor_u32(&c);
	return row_end(&c, "erasure of a site");
}

static enum err
put_state(struct vault_txn *t, const char *site, const struct state *s)
{
	OWNED_BUF struct buf row;
	char key[KEY_BYTES];
	buf_init(&row, ROW_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_add(&row, s->upto, sizeof(s->upto));
	buf_u64(&row, s->asked);
	buf_u64(&row, s->entries);
	buf_u8(&row, s->lasts);
	buf_u32(&row, s->records);
	(void)snprintf(key, sizeof(key), PREFIX "%s", site);
	enum err e = buf_check(&row, "erasure of a site");
	return e ? e : vault_put(t, VAULT_META, view_text(key), buf_view(&row));
}

enum err
leaving_tick_asked(struct vault_txn *t, const char *site, uint64_t *ret)
{
	struct state s;
	*ret = 0;
	enum err e = get_state(t, site, &s);
	if (!e)
		*ret = s.asked;
	return e;
}

/* One step of one site. */
struct step {
	struct hub *hub;
	const char *site;
	struct state state;
	size_t looked;
	uint64_t erased; /* records about the site */
};

/* persons */

struct last_consent {
	struct vault_txn *txn;
	uint8_t instance[ID_BYTES];
};

static enum err
note_consent(void *arg, const struct record_consent *c)
{
	struct last_consent *last = arg;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	enum err e = record_rules(last->txn, &c->place, &r);
	if (e)
		return e == E_NOTFOUND || e == E_FORMAT ? OK : e;
	if (r->kind != RULES_OPT_OUT)
		memcpy(last->instance, r->instance, ID_BYTES);
	return OK;
}

static enum err
ask_for(struct step *s, const uint8_t participant[static ID_BYTES])
{
	struct last_consent last = {.txn = s->hub->txn};
	if (erase_is_asked(s->hub, participant))
		return OK;
	crypto_random(last.instance, sizeof(last.instance));
	enum err e = record_consent_each(last.txn, participant, note_consent, &last);
	if (e)
		return e;
	erase_asked(s->hub, &(struct erase_asking){participant, last.instance, s->site});
	s->state.asked++;
	return OK;
}

static enum err
see_person(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct step *s = arg;
	struct record_person person;
	uint8_t participant[ID_BYTES];
	(void)value;
	if (key.len != ID_BYTES)
		return fail(E_FORMAT, "a person's row is not of its form");
	if (memcmp(key.at, s->state.upto, ID_BYTES) == 0)
		return OK; /* seen in the step before */
	*ret_stop = ++s->looked == LEAVING_STEP_COUNT;
	memcpy(participant, key.at, ID_BYTES);
	memcpy(s->state.upto, participant, ID_BYTES);
	bool is_there = false;
	enum err e = record_person_find(s->hub->txn, participant, &person, &is_there);
	if (e || !is_there || strcmp(person.site, s->site) != 0)
		return e;
	return ask_for(s, participant);
}

static enum err
ask_persons(struct step *s)
{
	uint8_t from[ID_BYTES];
	memcpy(from, s->state.upto, sizeof(from));
	const struct vault_range range = {.table = VAULT_PEOPLE,
		.from = view_of(from, sizeof(from)),
		.takes_damaged = true};
	enum err e = vault_each(s->hub->txn, &range, see_person, s);
	if (e || s->looked >= LEAVING_STEP_COUNT)
		return e;
	memset(s->state.upto, 0, sizeof(s->state.upto));
	s->state.lasts = false;
	return OK;
}

/* What the nodes of a site have sent, over all their incarnations: it never goes down. */
struct sent {
	struct vault_txn *txn;
	const char *site;
	uint64_t entries;
};

static enum err
see_writer(void *arg, const struct writer *w)
{
	static const uint8_t lanes[] = {LANE_C, LANE_R};
	struct sent *sent = arg;
	struct standing s;
	enum err e = strcmp(w->site, sent->site) == 0 ? standing_get(sent->txn, w->public, &s)
						      : E_NOTFOUND;
	if (e)
		return e == E_NOTFOUND ? OK : e;
	for (uint32_t inc = 1; !e && inc <= s.incarnation; inc++)
		for (size_t i = 0; !e && i < ARRAY_LEN(lanes); i++) {
			struct place p = {.incarnation = inc, .lane = lanes[i]};
			struct sync_mark end;
			memcpy(p.writer, w->public, sizeof(p.writer));
			e = standing_head_get(sent->txn, &p, &end);
			sent->entries += e ? 0 : end.seq;
		}
	return e;
}

/* records about the site */

static enum err
is_about_site(struct step *s, const struct place *p, bool *ret)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	struct writer w;
	*ret = false;
	enum err e = writer_get(s->hub->txn, p->writer, &w);
	if (e || strcmp(w.site, s->site) != 0)
		return e;
	e = record_rules(s->hub->txn, p, &r);
	if (e)
		return e == E_NOTFOUND || e == E_FORMAT ? OK : e;
	*ret = wire_is_zero(r->participant, sizeof(r->participant));
	return OK;
}

static enum err
erase_records(struct step *s, uint32_t count)
{
	OWNED_MEM struct place *places = xcalloc(LEAVING_STEP_COUNT, sizeof(*places));
	struct erase_done done = {0};
	size_t found = 0;
	enum err e = OK;
	for (; !e && s->state.records < count && s->looked < LEAVING_STEP_COUNT; s->looked++) {
		struct place *p = &places[found];
		bool is_meant = false;
		e = record_at(s->hub->txn, s->state.records++, p);
		if (!e)
			e = is_about_site(s, p, &is_meant);
		found += is_meant;
	}
	if (!e && found)
		e = erase_places(s->hub->txn, places, found, &done);
	return e || !done.entries ? e : erase_moves(s->hub->erase);
}

/* a step */

static enum err
step_of(struct hub *h, const char *site, bool *ret_more)
{
	struct step s = {.hub = h, .site = site};
	struct sent sent = {h->txn, site, 0};
	uint32_t records = 0;
	*ret_more = false;
	enum err e = get_state(h->txn, site, &s.state);
	if (!e)
		e = writer_each(h->txn, see_writer, &sent);
	if (!e)
		e = record_count(h->txn, &records);
	if (e || (!s.state.lasts && s.state.entries == sent.entries &&
			 s.state.records == records))
		return e;
	/* What comes while a round lasts begins another one. */
	if (!s.state.lasts && s.state.entries != sent.entries) {
		s.state.lasts = true;
		s.state.entries = sent.entries;
	}
	if (s.state.lasts)
		e = ask_persons(&s);
	if (!e)
		e = erase_records(&s, records);
	*ret_more =
		s.state.lasts || s.state.entries != sent.entries || s.state.records < records;
	return e ? e : put_state(h->txn, site, &s.state);
}

static bool
is_due(const struct hub *h, const struct leavings *all, const struct leaving *l)
{
	return l == leaving_of(all, l->site, UINT64_MAX) && l->data == LEAVING_ERASE &&
	       leaving_begun(l, pack_zone(h->pack), clock_wall_ms());
}

enum err
leaving_tick(struct hub *h)
{
	OWNED_LEAVINGS struct leavings all = {.at = NULL};
	struct vault_txn *t;
	const int64_t now_ms = clock_mono_ms();
	bool any_more = false;
	if (!h->pack || !h->erase || now_ms < h->leaving_next_ms)
		return OK;
	enum err e = hub_txn_reserve(h, &t);
	if (!e)
		e = leavings_read(&all, t);
	for (size_t i = 0; !e && i < all.count; i++) {
		bool more = false;
		if (!is_due(h, &all, &all.at[i]))
			continue;
		e = step_of(h, all.at[i].site, &more);
		any_more = any_more || more;
	}
	h->leaving_next_ms = any_more ? now_ms : now_ms + IDLE_MS;
	return e;
}
