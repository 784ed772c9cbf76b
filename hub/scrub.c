#include "hub/scrub.h"

#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/chain.h"
#include "common/trust/leaf.h"

#include "hub/acts.h"
#include "hub/audit.h"
#include "hub/erased.h"
#include "hub/hub.h"
#include "hub/ingest.h"
#include "hub/standing.h"
#include "hub/vault_scan.h"
#include "hub/writer.h"

#define MS_PER_S       1000
#define PART_MAX_BYTES VAULT_VALUE_MAX_BYTES

/* One lane as it was when the pass began. */
struct lane_row {
	struct place end;
	bool is_damaged; /* its head cannot be read */
};

enum damage_state { WAITING, MENDED, FAILED, IS_HEAD };

struct damage {
	struct place at;
	enum damage_state state;
	int64_t asked_ms; /* mono; 0: not yet */
	unsigned asks;
};

struct scrub {
	struct hub *hub;
	struct ingest *ingest;
	int64_t every_ms, begun_ms; /* begun_ms: mono, of the last pass; 0: none */
	bool is_asked, runs, fast, is_count_wrong;
	struct lane_row *lanes;
	size_t lane_count, lane_at;
	uint64_t seq; /* looked at last in this lane */
	struct chain chain;
	uint64_t entries, all, damaged, mended;
	struct damage list[SCRUB_DAMAGED_COUNT];
	size_t count;
	unsigned ticks; /* since a place was compared */
};

struct scrub *
scrub_new(struct hub *h, struct ingest *g, int64_t every_s)
{
	struct scrub *s = xcalloc(1, sizeof(*s));
	s->hub = h;
	s->ingest = g;
	s->every_ms = every_s * MS_PER_S;
	return s;
}

void
scrub_free(struct scrub *s)
{
	if (!s)
		return;
	mem_drop(&s->lanes);
	mem_drop(&s);
}

void
scrub_begin(struct scrub *s)
{
	s->is_asked = true;
}

static bool
is_damage(enum err e)
{
	return e == E_AUTH || e == E_FORMAT || e == E_NOTFOUND || e == E_CONFLICT;
}

static bool
is_of(const struct place *p, const uint8_t *writer)
{
	return memcmp(p->writer, writer, sizeof(p->writer)) == 0;
}

/* beginning a pass */

/* The last entry there is, whatever the head says. */
static enum err
find_last(struct vault_txn *t, struct place *p)
{
	OWNED_BUF struct buf last;
	uint8_t key[PLACE_KEY_BYTES];
	buf_init(&last, PLACE_KEY_BYTES);
	place_key(key, p);
	enum err e = vault_last(t, VAULT_ENTRIES, view_of(key, PLACE_LANE_BYTES), &last, NULL);
	return e ? e : place_from_key(p, buf_view(&last));
}

static enum err
add_lane(void *arg, struct view key, bool is_damaged, struct view value)
{
	struct scrub *s = arg;
	uint8_t whole[PLACE_KEY_BYTES] = {0};
	struct lane_row row = {.is_damaged = is_damaged};
	if (key.len != PLACE_LANE_BYTES)
		return OK;
	memcpy(whole, key.at, key.len);
	struct cursor c = row_begin(value);
	uint64_t seq = cursor_u64(&c);
	row.is_damaged = is_damaged || c.broken;
	enum err e = place_from_key(&row.end, view_of(whole, sizeof(whole)));
	row.end.seq = row.is_damaged ? 0 : seq;
	if (e)
		return OK;
	if ((s->lane_count & (s->lane_count - 1)) == 0)
		s->lanes = xrealloc(
			s->lanes, MAX(s->lane_count * 2, (size_t)1), sizeof(*s->lanes));
	s->lanes[s->lane_count++] = row;
	return OK;
}

static enum err
find_ends(struct scrub *s)
{
	enum err e = vault_scan(s->hub->txn, VAULT_HEADS, add_lane, s);
	for (size_t i = 0; !e && i < s->lane_count; i++) {
		if (s->lanes[i].is_damaged)
			e = find_last(s->hub->txn, &s->lanes[i].end);
		e = e == E_NOTFOUND ? OK : e;
		s->all += s->lanes[i].end.seq;
	}
	return e;
}

static enum err
begin(struct scrub *s, bool fast)
{
	uint64_t stored = 0;
	s->runs = true;
	s->fast = fast;
	s->is_asked = false;
	s->lane_count = s->lane_at = s->count = 0;
	s->seq = s->entries = s->all = s->damaged = s->mended = 0;
	s->chain = (struct chain){.study = s->hub->study};
	enum err e = find_ends(s);
	if (!e)
		e = vault_count(s->hub->txn, VAULT_ENTRIES, &stored);
	s->is_count_wrong = stored != s->all;
	if (!e && s->is_count_wrong)
		log_error("scrub", "there are other entries than the heads name");
	return e;
}

/* looking */

static enum err
look_at_parts(struct vault_txn *t, const struct place *p, const struct wire_header *h)
{
	uint8_t key[PLACE_PART_KEY_BYTES];
	OWNED_BUF struct buf part;
	buf_init(&part, PART_MAX_BYTES);
	enum err e = OK;
	for (size_t i = 0; !e && i < h->part_count; i++) {
		place_part_key(key, p, (uint8_t)h->parts[i].kind);
		buf_reset(&part);
		e = vault_get(t, VAULT_PARTS, view_of(key, sizeof(key)), &part);
		if (!e)
			e = entry_part_check(h, h->parts[i].kind, buf_view(&part));
	}
	bool is_erased = false;
	if (e == E_NOTFOUND && !erased_has(t, p, &is_erased) && is_erased)
		return OK;
	return e;
}

/* With chain NULL what stands before it is not compared. */
static enum err
look(struct vault_txn *t, const char *study, const struct place *p, struct chain *chain)
{
	struct chain alone = {.study = study};
	struct wire_header h = {.part_count = 0};
	struct chain_at at = {.incarnation = p->incarnation, .lane = p->lane, .seq = p->seq};
	uint8_t key[PLACE_KEY_BYTES];
	OWNED_BUF struct buf header;
	buf_init(&header, WIRE_HEADER_MAX_BYTES);
	memcpy(at.writer, p->writer, sizeof(at.writer));
	place_key(key, p);
	enum err e = vault_get(t, VAULT_ENTRIES, view_of(key, sizeof(key)), &header);
	if (!e)
		e = wire_header_unpack(&h, buf_view(&header));
	if (e)
		return e;
	bool follows = chain && chain_same_lane(&chain->at, &at) && chain->at.seq + 1 == p->seq;
	if (!follows) {
		alone.at = at;
		alone.at.seq--;
		memcpy(alone.head, h.prev, sizeof(alone.head));
	}
	e = chain_follow(follows ? chain : &alone, &at, buf_view(&header), &h);
	if (!follows && chain)
		*chain = alone;
	return e ? e : look_at_parts(t, p, &h);
}

/* The head as it stands now, if the lane has not gone on. */
static enum err
look_at_head(struct scrub *s, const struct place *end)
{
	struct sync_mark mark;
	uint8_t signature[SIGNATURE_BYTES];
	struct entry_head h = {.study = s->hub->study,
		.incarnation = end->incarnation,
		.lane = (enum lane)end->lane,
		.seq = end->seq};
	enum err e = standing_signed_get(s->hub->txn, end, &mark, signature);
	if (e || mark.seq != end->seq)
		return e;
	memcpy(h.writer, end->writer, sizeof(h.writer));
	memcpy(h.hash, mark.head, sizeof(h.hash));
	bool known = s->chain.at.seq == end->seq && is_of(end, s->chain.at.writer);
	if (known && memcmp(mark.head, s->chain.head, sizeof(mark.head)) != 0)
		return fail(E_FORMAT, "the head names another entry");
	return entry_head_verify(signature, &h);
}

/* noting */

static enum err
tell_log(struct scrub *s, const struct place *p)
{
	struct act_leaf_room room;
	const struct act none = {0};
	struct leaf leaf;
	struct writer w;
	char commit[2 * SIGN_PUBLIC_BYTES + 1];
	text_hex(commit, p->writer, sizeof(p->writer));
	acts_leaf(&leaf, &room, &none, "damage-found");
	leaf.actor = "ledger";
	if (writer_get(s->hub->txn, p->writer, &w) == OK)
		leaf.site = w.site;
	leaf.object_type = "node";
	leaf.object_commit = commit;
	leaf.outcome = "done";
	return audit_add(s->hub->audit, s->hub->txn, &leaf, NULL);
}

static enum err
note(struct scrub *s, const struct place *p, enum damage_state state)
{
	char name[PLACE_NAME_BYTES];
	bool is_first = true;
	place_name(name, p);
	log_error("scrub", "%s %s is damaged: %s",
		state == IS_HEAD ? "the head behind entry" : "entry", name, err_text());
	s->damaged++;
	for (size_t i = 0; i < s->count; i++)
		is_first = is_first && !is_of(&s->list[i].at, p->writer);
	if (s->count < SCRUB_DAMAGED_COUNT)
		s->list[s->count++] = (struct damage){.at = *p, .state = state};
	return is_first ? tell_log(s, p) : OK;
}

static enum err
end_lane(struct scrub *s, const struct lane_row *lane)
{
	enum err e = lane->is_damaged ? fail(E_AUTH, "the head cannot be read")
				      : look_at_head(s, &lane->end);
	s->lane_at++;
	s->seq = 0;
	return is_damage(e) ? note(s, &lane->end, IS_HEAD) : e;
}

static enum err
look_at_next(struct scrub *s, const struct lane_row *lane)
{
	struct place p = lane->end;
	p.seq = ++s->seq;
	s->entries++;
	enum err e = look(s->hub->txn, s->hub->study, &p, &s->chain);
	return is_damage(e) ? note(s, &p, WAITING) : e;
}

static enum err
look_on(struct scrub *s, uint64_t count)
{
	enum err e = OK;
	for (uint64_t i = 0; !e && s->runs && i < count; i++) {
		if (s->lane_at == s->lane_count)
			s->runs = false;
		else if (s->seq >= s->lanes[s->lane_at].end.seq)
			e = end_lane(s, &s->lanes[s->lane_at]);
		else
			e = look_at_next(s, &s->lanes[s->lane_at]);
	}
	return e;
}

/* mending */

static enum err
mend(struct scrub *s, struct damage *d, int64_t mono_ms)
{
	enum err e = look(s->hub->txn, s->hub->study, &d->at, NULL);
	if (!e) {
		d->state = MENDED;
		s->mended++;
		return OK;
	}
	if (!is_damage(e))
		return e;
	if (d->asked_ms && mono_ms - d->asked_ms < SCRUB_WAIT_S * MS_PER_S)
		return OK;
	if (!ingest_is_alive(s->ingest, d->at.writer))
		return OK;
	if (d->asks++ == SCRUB_ASKS_COUNT) {
		d->state = FAILED;
		return OK;
	}
	d->asked_ms = mono_ms;
	return ingest_repair(s->ingest, &d->at, mono_ms);
}

/* The session asks for one range at a time, and an entry is vouched for by the one behind it:
 * of each node the last one first. The list is in the order of writers. */
static enum err
mend_all(struct scrub *s, int64_t mono_ms)
{
	const struct damage *before = NULL;
	enum err e = OK;
	for (size_t i = s->count; !e && i-- > 0;) {
		struct damage *d = &s->list[i];
		bool is_free = !before || !is_of(&d->at, before->at.writer);
		if (d->state != WAITING || !is_free)
			continue;
		before = d;
		e = mend(s, d, mono_ms);
	}
	return e;
}

/* comparing */

static enum err
compare(struct scrub *s, int64_t mono_ms)
{
	struct place p;
	struct sync_mark mark = {.seq = s->seq};
	if (!s->runs || s->seq == 0 || ++s->ticks < (s->fast ? 1 : SCRUB_PROBE_TICKS))
		return OK;
	s->ticks = 0;
	p = s->lanes[s->lane_at].end;
	p.seq = s->seq;
	if (s->chain.at.seq != p.seq || !is_of(&p, s->chain.at.writer))
		return OK;
	memcpy(mark.head, s->chain.head, sizeof(mark.head));
	return ingest_probe(s->ingest, &p, &mark, mono_ms);
}

/* use */

static uint64_t
pace(const struct scrub *s)
{
	uint64_t steps = s->all + s->lane_count + 1;
	uint64_t per_tick =
		s->every_ms ? steps * MS_PER_S / (uint64_t)s->every_ms + 1 : SCRUB_TURN_COUNT;
	return s->fast ? SCRUB_TURN_COUNT : MIN(per_tick, SCRUB_TURN_COUNT);
}

enum err
scrub_tick(struct scrub *s, int64_t mono_ms)
{
	struct vault_txn *t;
	bool due = s->every_ms && !s->runs &&
		   (s->begun_ms == 0 || mono_ms - s->begun_ms >= s->every_ms);
	enum err e = hub_txn_reserve(s->hub, &t);
	if (!e && (due || s->is_asked)) {
		s->begun_ms = mono_ms;
		e = begin(s, s->is_asked);
	}
	if (!e && s->runs)
		e = look_on(s, pace(s));
	if (!e)
		e = compare(s, mono_ms);
	return e ? e : mend_all(s, mono_ms);
}

void
scrub_facts(const struct scrub *s, struct scrub_facts *ret)
{
	*ret = (struct scrub_facts){.running = s->runs || s->is_asked,
		.entries = s->entries,
		.all = s->all,
		.damaged = s->damaged,
		.mended = s->mended,
		.is_count_wrong = s->is_count_wrong};
	for (size_t i = 0; i < s->count; i++)
		ret->running = ret->running ||
			       (s->list[i].state == WAITING &&
				       ingest_is_alive(s->ingest, s->list[i].at.writer));
}

void
scrub_of(const struct scrub *s, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	struct scrub_node *ret)
{
	*ret = (struct scrub_node){.waits = 0};
	for (size_t i = 0; i < s->count; i++) {
		const struct damage *d = &s->list[i];
		if (d->state == MENDED || !is_of(&d->at, writer))
			continue;
		ret->waits += d->state == WAITING;
		ret->failed += d->state == FAILED;
		ret->heads += d->state == IS_HEAD;
		if (!ret->name[0])
			place_name(ret->name, &d->at);
	}
}
