#include "node/sync_scrub.h"

#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"

#include "node/vault_erase.h"
#include "node/vault_prune.h"

#define MS_PER_S       1000
#define PART_MAX_BYTES ((size_t)1024 * 1024) /* more than a frame of sync carries */

struct damage {
	struct vault_at at;
	int64_t asked_ms; /* of the hub; 0: not yet */
	bool mended, lost;
	char name[VAULT_NAME_BYTES];
};

struct sync_scrub {
	struct vault *vault;
	struct sync_link *link;
	int64_t every_ms, begun_ms; /* begun_ms: mono, of the last pass; 0: none yet */
	bool runs, fast;
	struct vault_at at; /* looked at last */
	uint64_t entries, all, damaged, mended;
	struct damage list[SYNC_SCRUB_DAMAGED_COUNT];
	size_t count;
	unsigned ticks; /* since a place was compared */
};

struct sync_scrub *
sync_scrub_new(struct vault *v, struct sync_link *link, int64_t every_s)
{
	struct sync_scrub *s = xcalloc(1, sizeof(*s));
	s->vault = v;
	s->link = link;
	s->every_ms = every_s * MS_PER_S;
	return s;
}

void
sync_scrub_free(struct sync_scrub *s)
{
	mem_drop(&s);
}

static uint64_t
count_all(const struct vault *v)
{
	struct lane_chain c = {.incarnation = 0};
	uint64_t count = 0;
	while (vault_chain_above(v, c.incarnation, &c))
		for (size_t i = 0; i < LANE_COUNT; i++)
			count += c.last[i].seq;
	return count;
}

void
sync_scrub_begin(struct sync_scrub *s)
{
	s->runs = true;
	s->fast = true;
	s->at = (struct vault_at){.incarnation = 0};
	s->entries = s->damaged = s->mended = 0;
	s->all = count_all(s->vault);
	s->count = 0;
}

/* looking */

/* The next place; false behind the last. */
static bool
go_on(struct sync_scrub *s)
{
	struct lane_chain c;
	struct vault_at *at = &s->at;
	bool there = at->incarnation && vault_chain(s->vault, at->incarnation, &c);
	if (!there && !vault_chain_above(s->vault, at->incarnation, &c))
		return false;
	if (!there)
		*at = (struct vault_at){c.incarnation, LANE_C, 0};
	while (at->seq >= c.last[at->lane - 1].seq) {
		if (at->lane < LANE_A)
			*at = (struct vault_at){c.incarnation, (enum lane)(at->lane + 1), 0};
		else if (vault_chain_above(s->vault, c.incarnation, &c))
			*at = (struct vault_at){c.incarnation, LANE_C, 0};
		else
			return false;
	}
	at->seq++;
	return true;
}

/* E_FORMAT when something of it is damaged or missing. */
static enum err
look(struct vault *v, const struct vault_at *at)
{
	OWNED_BUF struct buf bytes;
	struct wire_header h;
	uint64_t pruned = 0;
	buf_init(&bytes, WIRE_HEADER_MAX_BYTES);
	enum err e = vault_header(v, at, &bytes);
	if (!e)
		e = wire_header_unpack(&h, buf_view(&bytes));
	if (!e && at->lane == LANE_R)
		e = vault_pruned(v, at->incarnation, &pruned);
	for (size_t i = 0; !e && i < h.part_count; i++) {
		OWNED_BUF struct buf part;
		buf_init(&part, PART_MAX_BYTES);
		e = vault_part(v, at, h.parts[i].kind, &part);
		bool may_lack = at->seq <= pruned && h.parts[i].kind != PART_RULES;
		if (e == E_NOTFOUND && may_lack)
			e = OK;
	}
	bool erased = false;
	if (e == E_NOTFOUND && !vault_is_erased(v, at, &erased) && erased)
		return OK;
	return e == E_NOTFOUND ? fail(E_FORMAT, "a part or an entry is missing") : e;
}

static void
note(struct sync_scrub *s)
{
	char name[VAULT_NAME_BYTES];
	vault_name(s->vault, &s->at, name);
	log_error("sync", "entry %s is damaged: %s", name, err_text());
	s->damaged++;
	if (s->count == SYNC_SCRUB_DAMAGED_COUNT)
		return;
	struct damage *d = &s->list[s->count++];
	*d = (struct damage){.at = s->at};
	memcpy(d->name, name, sizeof(d->name));
}

static enum err
look_on(struct sync_scrub *s, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		if (!go_on(s)) {
			s->runs = false;
			return OK;
		}
		enum err e = look(s->vault, &s->at);
		if (e == E_FORMAT)
			note(s);
		else if (e)
			return e;
		s->entries++;
	}
	return OK;
}

/* mending */

/* The hub has it: its incarnation is an earlier one, or its mark says so. */
static enum err
is_at_hub(struct sync_scrub *s, const struct vault_at *at, bool *ret)
{
	struct vault_mark m;
	enum err e = vault_mark_get(s->vault, at->lane, &m);
	*ret = !e && (at->incarnation < vault_incarnation(s->vault) || at->seq <= m.durable);
	return e;
}

static enum err
mend(struct sync_scrub *s, struct damage *d, int64_t mono_ms)
{
	bool there = false;
	enum err e = look(s->vault, &d->at);
	if (!e) {
		d->mended = true;
		s->mended++;
		return OK;
	}
	if (e != E_FORMAT)
		return e;
	e = is_at_hub(s, &d->at, &there);
	d->lost = !there;
	if (e || d->lost || sync_link_node(s->link)->state != LANE_UP)
		return e;
	if (d->asked_ms && mono_ms - d->asked_ms < SYNC_SCRUB_WAIT_S * MS_PER_S)
		return OK;
	d->asked_ms = mono_ms;
	return sync_link_repair(s->link, &d->at);
}

/* One after another: the session asks for one range at a time. The last one first, as an entry
 * is known by the one behind it; one that does not come lets the others go before it. */
static enum err
mend_next(struct sync_scrub *s, int64_t mono_ms)
{
	struct damage *next = NULL;
	bool waits = false;
	for (size_t i = 0; i < s->count && !waits; i++) {
		struct damage *d = &s->list[i];
		if (d->mended || d->lost)
			continue;
		waits = d->asked_ms && mono_ms - d->asked_ms < SYNC_SCRUB_WAIT_S * MS_PER_S;
		if (waits || !next || d->asked_ms <= next->asked_ms)
			next = d;
	}
	return next ? mend(s, next, mono_ms) : OK;
}

/* comparing */

static enum err
compare(struct sync_scrub *s)
{
	const struct lane_node *n = sync_link_node(s->link);
	struct vault_mark m;
	struct sync_mark mark = {.seq = s->at.seq};
	unsigned every = s->fast ? 1 : SYNC_SCRUB_PROBE_TICKS;
	if (!s->runs || ++s->ticks < every)
		return OK;
	s->ticks = 0;
	if (n->state != LANE_UP || s->at.incarnation != n->incarnation)
		return OK;
	enum err e = vault_mark_get(s->vault, s->at.lane, &m);
	if (e || s->at.seq > m.durable)
		return e;
	e = vault_hash(s->vault, &s->at, mark.head);
	if (e == E_FORMAT || e == E_NOTFOUND)
		return OK;
	return e ? e : sync_link_probe(s->link, s->at.lane, &mark);
}

static uint64_t
pace(const struct sync_scrub *s)
{
	uint64_t per_tick = s->every_ms ? s->all * MS_PER_S / (uint64_t)s->every_ms + 1
					: SYNC_SCRUB_TURN_COUNT;
	return s->fast ? SYNC_SCRUB_TURN_COUNT : MIN(per_tick, SYNC_SCRUB_TURN_COUNT);
}

enum err
sync_scrub_tick(struct sync_scrub *s, int64_t mono_ms)
{
	bool due = s->every_ms && !s->runs &&
		   (s->begun_ms == 0 || mono_ms - s->begun_ms >= s->every_ms);
	if (s->runs && s->fast)
		s->begun_ms = mono_ms;
	if (due) {
		sync_scrub_begin(s);
		s->fast = false;
		s->begun_ms = mono_ms;
	}
	enum err e = s->runs ? look_on(s, pace(s)) : OK;
	if (!e)
		e = compare(s);
	return e ? e : mend_next(s, mono_ms);
}

void
sync_scrub_facts(const struct sync_scrub *s, struct sync_scrub_facts *ret)
{
	*ret = (struct sync_scrub_facts){.running = s->runs,
		.entries = s->entries,
		.all = s->all,
		.damaged = s->damaged,
		.mended = s->mended};
	for (size_t i = 0; i < s->count; i++) {
		ret->lost += s->list[i].lost;
		ret->running = ret->running || !(s->list[i].mended || s->list[i].lost);
	}
}

const char *
sync_scrub_lost(const struct sync_scrub *s, size_t i)
{
	for (size_t k = 0; k < s->count; k++)
		if (s->list[k].lost && i-- == 0)
			return s->list[k].name;
	return NULL;
}
