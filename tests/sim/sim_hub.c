#include "tests/sim/sim_inside.h"

#include <string.h>

#include "common/sync/lane_carry.h"
#include "common/trust/entry.h"
#include "tests/sim/sim_ids.h"

#define STEPS_MOST 32

/* ---- start ---- */

/* The least of all, not the oldest: after a restore the newer backup may hold less. */
uint64_t
sim_retained(const struct sim *s, size_t lane)
{
	const struct sim_hub *h = &s->hub;
	uint64_t least = h->backup_count ? UINT64_MAX : 0;
	for (size_t i = 0; i < h->backup_count; i++) {
		const struct sim_chain *c =
			sim_chain(&h->backups[i].store, sim_top(&h->disk.store)->incarnation);
		least = MIN(least, (uint64_t)(c ? c->lanes[lane].count : 0));
		if (LANE_MUTANT(MUTANT_RETAINED))
			break;
	}
	return least;
}

/* The journal is ahead of the vault where the vault was restored. */
static void
read_journal(struct sim_hub *h)
{
	if (LANE_MUTANT(MUTANT_NO_JOURNAL))
		return;
	memcpy(h->disk.token, h->journal.token, sizeof(h->disk.token));
	memcpy(h->disk.pending, h->journal.pending, sizeof(h->disk.pending));
	h->disk.granted = h->journal.granted;
	h->disk.standing = h->journal.standing;
}

void
sim_hub_start(struct sim *s)
{
	struct sim_hub *h = &s->hub;
	struct lane_chain chain;
	read_journal(h);
	h->live = h->disk;
	(void)sim_describe(s, &h->disk.store, sim_top(&h->disk.store)->incarnation, &chain);
	struct lane_hub_setup setup = {.study = SIM_STUDY,
		.incarnation = chain.incarnation,
		.base_incarnation = chain.base_incarnation,
		.standing = h->disk.standing,
		.granted = h->disk.granted,
		.epoch = h->epoch,
		.mode = h->mode,
		.config = {.number = h->offered},
		.credit_bytes = SYNC_CREDIT_MIN_BYTES};
	memcpy(setup.writer, pool_writer(s->pool), sizeof(setup.writer));
	memcpy(setup.token, h->disk.token, sizeof(setup.token));
	memcpy(setup.pending, h->disk.pending, sizeof(setup.pending));
	memcpy(setup.durable, chain.last, sizeof(setup.durable));
	memcpy(setup.base, chain.base, sizeof(setup.base));
	if (h->offered)
		setup.config = (struct sync_offer){
			h->offered, {(uint8_t)h->offered}, SIM_CONFIG_BYTES};
	if (!LANE_MUTANT(MUTANT_NO_JOURNAL)) {
		setup.ever_incarnation = h->journal.ever_incarnation;
		memcpy(setup.ever, h->journal.ever, sizeof(setup.ever));
	}
	for (uint8_t i = 0; i < LANE_COUNT; i++)
		setup.retained[i] = sim_retained(s, i);
	setup.origin = SIM_ORIGIN;
	memcpy(setup.receipt_public, pool_receipt(s->pool), sizeof(setup.receipt_public));
	memcpy(setup.witness, pool_witness(s->pool), sizeof(setup.witness));
	lane_hub_init(&h->lane, &setup);
	h->chunk_number = 0;
	memset(h->noted, 0, sizeof(h->noted));
	h->noted_count = 0;
	h->tokens_wait = h->is_dirty = false;
	h->live_welcome = 0;
}

/* ---- actions ---- */

static void
find(struct sim *s, const struct sim_store *st, const struct lane_action *a,
	uint32_t incarnation, struct lane_event *ev)
{
	const struct sim_chain *chain = sim_chain(st, incarnation);
	const struct sim_lane *l = chain ? &chain->lanes[a->lane - 1] : NULL;
	ev->mark.seq = a->mark.seq;
	ev->found = l && a->mark.seq >= 1 && a->mark.seq <= l->count;
	if (ev->found)
		ev->mark = sim_mark(s, l, a->mark.seq);
	(void)sim_describe(s, st, incarnation, &ev->chain);
	if (l)
		ev->end = sim_end(s, l);
}

/* What the next entry of a lane at the hub has to stand on. */
static bool
follows(const struct sim *s, const struct sim_store *st, const struct lane_action *a,
	const struct sync_mark *end)
{
	const struct pool_entry *e = pool_entry(s->pool,
		pool_find(s->pool, a->batch->entries[a->first - a->batch->first].header));
	uint8_t link[HASH_BYTES] = {0};
	if (end->seq == 0 && st->count > 1) {
		const struct sim_chain *before = &st->chains[st->count - 2];
		struct sync_mark base = sim_end(s, &before->lanes[a->lane - 1]);
		lane_link(link, before->incarnation, a->lane, &base);
	}
	return memcmp(e->prev, end->seq ? end->head : link, HASH_BYTES) == 0;
}

static void
append(struct sim *s, const struct lane_action *a)
{
	struct sim_lane *l = &sim_top(&s->hub.live.store)->lanes[a->lane - 1];
	struct sync_mark end = sim_end(s, l);
	const struct sync_batch *b = a->batch;
	/* A batch of a bundle names its incarnation, and no session. */
	if (b->incarnation == 0 &&
		memcmp(b->session, s->hub.lane.session, sizeof(b->session)) != 0)
		sim_breach(s, "H2: frames of another session change nothing");
	if (memcmp(&end, &a->mark, sizeof(end)) != 0)
		sim_breach(s, "the hub appends behind the end of its store");
	else if (!follows(s, &s->hub.live.store, a, &end))
		sim_breach(s, "I2: what the hub appends stands on what it has");
	if (a->lane != LANE_C &&
		b->control_floor > sim_top(&s->hub.disk.store)->lanes[LANE_C - 1].count)
		sim_breach(s, "H5: records wait for the control entries that they build on");
	for (size_t i = a->first - b->first; i < b->count; i++)
		sim_add(s, l, pool_find(s->pool, b->entries[i].header));
	s->hub.is_dirty = true;
}

static void
rise(struct sim *s, const struct lane_action *a)
{
	struct sim_vault *v = &s->hub.live;
	if (v->store.count == SIM_CHAINS_COUNT) {
		sim_breach(s, "simulator: the hub has room for all chains");
		return;
	}
	v->store.chains[v->store.count++] = (struct sim_chain){.incarnation = a->incarnation};
	v->standing = SYNC_OK;
	s->hub.is_dirty = true;
}

static void
keep_tokens(struct sim *s, const struct lane_action *a)
{
	struct sim_vault *v = &s->hub.live;
	memcpy(v->token, a->token, sizeof(v->token));
	memcpy(v->pending, a->pending, sizeof(v->pending));
	v->granted = a->granted;
	s->hub.is_dirty = true;
	if (a->ticket == 0)
		return;
	sim_check_greeting(s);
	s->hub.tokens_wait = true;
	s->hub.tokens_ticket = a->ticket;
}

static void
read_config(struct sim *s, const struct lane_action *a, struct lane_event *ev)
{
	ev->kind = LANE_CONFIG_READ;
	ev->offset_bytes = a->offset_bytes;
	ev->config.length_bytes = SIM_CONFIG_BYTES;
	ev->bytes = view_of(SIM_STUDY, sizeof(SIM_STUDY));
	(void)s;
}

static void
carry_out(struct sim *s, struct lane_action *a, struct lane_event *ev)
{
	struct sim_hub *h = &s->hub;
	*ev = (struct lane_event){.ticket = a->ticket,
		.lane = a->lane,
		.why = a->why,
		.batch = a->batch,
		.config = a->config};
	memcpy(ev->wanted, a->wanted, sizeof(ev->wanted));
	if (a->kind == LANE_SEND) {
		sim_check_hub_send(s, &a->msg);
		sim_send(s, false, h->routing, a);
	} else if (a->kind == LANE_FIND_HEAD) {
		find(s, &h->live.store, a, sim_top(&h->live.store)->incarnation, ev);
		ev->kind = LANE_HEAD_FOUND;
	} else if (a->kind == LANE_LOOK) {
		find(s, &h->disk.store, a, a->incarnation, ev);
		ev->kind = LANE_LOOKED;
	} else if (a->kind == LANE_FETCH) {
		const struct sim_chain *chain = sim_chain(&h->disk.store, a->incarnation);
		ev->kind = LANE_FETCHED;
		ev->batch = chain ? sim_batch(s, &chain->lanes[a->lane - 1], a, true) : NULL;
	} else if (a->kind == LANE_KEEP_TOKENS) {
		keep_tokens(s, a);
	} else if (a->kind == LANE_APPEND) {
		append(s, a);
	} else if (a->kind == LANE_READ_CONFIG) {
		read_config(s, a, ev);
	} else if (a->kind == LANE_LIVE) {
		sim_check_live(s);
	} else if (a->kind == LANE_QUARANTINE) {
		sim_check_quarantine(s, a->verdict);
		h->live.standing = a->verdict;
		h->is_dirty = true;
	} else if (a->kind == LANE_RISE) {
		rise(s, a);
	} else if (a->kind == LANE_HEARD && h->is_shared) {
		h->heard = h->mode == SYNC_RECOVERY;
	} else if (a->kind == LANE_HEARD && h->mode == SYNC_RECOVERY) {
		h->mode = SYNC_NORMAL;
		ev->kind = LANE_MODE;
		ev->mode = SYNC_NORMAL;
	} else if (!sim_files_hub(s, a, ev)) {
		(void)sim_log_hub(s, a, ev);
	}
	if (a->kind == LANE_REPORT && a->ok)
		sim_back_told(s, ev);
	if (a->kind == LANE_NOTE_CHANGE)
		sim_notice_keep(s, a);
}

static void
fresh_seed(struct sim *s, uint8_t ret[static WIRE_ID_BYTES])
{
	if (s->explores)
		sim_ids_least(s, SIM_SEED, ret);
	else
		sim_fresh_id(s, ret);
}

void
sim_hub_tell(struct sim *s, const struct lane_event *ev)
{
	struct lane_event todo[STEPS_MOST] = {*ev};
	size_t count = 1;
	struct lane_actions *out = pool_room(s->pool)->actions;
	for (size_t i = 0; i < count && !s->breach; i++) {
		todo[i].mono_ms = s->mono_ms;
		todo[i].wall_ms = s->mono_ms;
		bool greets =
			todo[i].kind == LANE_MESSAGE && todo[i].message->kind == SYNC_HELLO;
		if (greets) {
			sim_fresh_id(s, todo[i].id);
			fresh_seed(s, todo[i].token);
			sim_back_heard(s, &todo[i].message->hello);
		}
		lane_hub_step(&s->hub.lane, &todo[i], out);
		if (out->count == LANE_ACTIONS_MAX_COUNT)
			sim_breach(s, "a step asks for fewer actions than there is room for");
		for (size_t k = 0; k < out->count; k++) {
			struct lane_event answer;
			carry_out(s, &out->at[k], &answer);
			if (answer.kind && count < STEPS_MOST)
				todo[count++] = answer;
			else if (answer.kind)
				sim_breach(s, "one event leads to a bounded number of answers");
		}
	}
}

/* ---- bundles ---- */

static enum lane_carried
carry_once(
	struct sim *s, const struct sync_batch *b, const struct sync_mark *found, bool reached)
{
	struct lane_actions *out = pool_room(s->pool)->actions;
	enum lane_carried how = reached ? lane_hub_carry_reached(&s->hub.lane, b, found, out)
					: lane_hub_carry(&s->hub.lane, b, found, out);
	struct lane_event answer;
	for (size_t i = 0; how != LANE_CARRIED_LOOK && i < out->count; i++) {
		carry_out(s, &out->at[i], &answer);
		if (answer.kind)
			sim_breach(s, "what is carried asks for no answer");
	}
	return how;
}

enum lane_carried
sim_hub_carry(struct sim *s, const struct sync_batch *b, bool reached)
{
	enum lane_carried how = carry_once(s, b, NULL, reached);
	if (how == LANE_CARRIED_LOOK) {
		const struct lane_action *look = &pool_room(s->pool)->actions->at[0];
		struct lane_event ev = {.mark = {0}};
		find(s, &s->hub.live.store, look, look->incarnation, &ev);
		if (!ev.found)
			ev.mark.seq = 0;
		how = carry_once(s, b, &ev.mark, reached);
	}
	return how;
}

enum lane_carried
sim_hub_reach(struct sim *s, const struct sync_batch *b, struct sync_mark *end)
{
	struct lane_actions *out = pool_room(s->pool)->actions;
	enum lane_carried how = lane_hub_carry_reach(&s->hub.lane, b, end, out);
	struct lane_event answer;
	for (size_t i = 0; i < out->count; i++)
		carry_out(s, &out->at[i], &answer);
	return how;
}

/* ---- commit ---- */

static void
journal_withdrawals(struct sim *s)
{
	const struct sim_store *st = &s->hub.live.store;
	for (size_t c = 0; c < st->count; c++)
		for (size_t i = 0; i < st->chains[c].lanes[LANE_C - 1].count; i++) {
			const struct pool_entry *e =
				pool_entry(s->pool, st->chains[c].lanes[LANE_C - 1].at[i]);
			if (e->content.kind == POOL_WITHDRAWAL)
				s->hub.journal.withdrawn |= 1u << e->content.subject;
		}
}

/* The furthest ends of the highest incarnation. */
static void
journal_ends(struct sim *s)
{
	struct sim_journal *j = &s->hub.journal;
	const struct sim_chain *top = sim_top(&s->hub.live.store);
	if (top->incarnation < j->ever_incarnation)
		return;
	for (size_t i = 0; i < LANE_COUNT; i++) {
		struct sync_mark end = sim_end(s, &top->lanes[i]);
		if (top->incarnation > j->ever_incarnation || end.seq > j->ever[i].seq)
			j->ever[i] = end;
	}
	j->ever_incarnation = top->incarnation;
}

void
sim_hub_journal(struct sim *s)
{
	struct sim_journal *j = &s->hub.journal;
	const struct sim_vault *v = &s->hub.live;
	if (LANE_MUTANT(MUTANT_NO_JOURNAL))
		return;
	journal_withdrawals(s);
	if (!LANE_MUTANT(MUTANT_NOTICE))
		j->withdrawn |= v->noticed;
	memcpy(j->token, v->token, sizeof(j->token));
	memcpy(j->pending, v->pending, sizeof(j->pending));
	j->granted = v->granted;
	journal_ends(s);
	j->standing = v->standing;
	sim_note_live(s);
}

void
sim_hub_commit(struct sim *s)
{
	struct sim_hub *h = &s->hub;
	sim_hub_journal(s);
	bool stored[LANE_COUNT] = {0};
	for (size_t i = 0; i < LANE_COUNT; i++)
		stored[i] = sim_top(&h->live.store)->lanes[i].count !=
				    sim_top(&h->disk.store)->lanes[i].count &&
			    h->live.store.count == h->disk.store.count;
	h->disk = h->live;
	h->is_dirty = false;
	sim_note_live(s);
	for (uint8_t i = 0; i < LANE_COUNT; i++) {
		struct lane_event ev = {.kind = LANE_STORED,
			.lane = (uint8_t)(i + 1),
			.mark = sim_end(s, &sim_top(&h->disk.store)->lanes[i])};
		if (stored[i] || h->lane.lanes[i].tail.seq > h->lane.lanes[i].durable.seq)
			sim_hub_tell(s, &ev);
	}
	sim_files_committed(s);
	sim_notice_committed(s);
	struct lane_event kept = {.kind = LANE_TOKENS_KEPT, .ticket = h->tokens_ticket};
	if (h->tokens_wait) {
		h->tokens_wait = false;
		sim_hub_tell(s, &kept);
	}
}
