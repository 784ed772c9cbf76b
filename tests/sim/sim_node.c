#include "tests/sim/sim_inside.h"

#include <string.h>

#include "common/sync/lane_carry.h"

#define STEPS_MOST 64

/* What follows; a fetch waits for its turn, so that one batch at a time is in the room. */
struct follow {
	struct lane_event event;
	bool fetches;
	struct lane_action asked;
};

struct steps {
	struct follow at[STEPS_MOST];
	size_t count;
};

/* ---- start ---- */

void
sim_node_start(struct sim *s, size_t copy)
{
	struct sim_copy *c = &s->copies[copy];
	const struct sim_disk *d = &c->disk;
	struct lane_chain chain;
	(void)sim_describe(s, &d->store, sim_top(&d->store)->incarnation, &chain);
	struct lane_node_setup setup = {.study = SIM_STUDY,
		.incarnation = chain.incarnation,
		.base_incarnation = chain.base_incarnation,
		.survivor = d->survivor,
		.config = d->config};
	memcpy(setup.writer, pool_writer(s->pool), sizeof(setup.writer));
	memcpy(setup.receipt_public, pool_receipt(s->pool), sizeof(setup.receipt_public));
	memcpy(setup.receipts, d->receipts, sizeof(setup.receipts));
	memcpy(setup.token, d->token, sizeof(setup.token));
	memcpy(setup.base, chain.base, sizeof(setup.base));
	memcpy(setup.last, chain.last, sizeof(setup.last));
	memcpy(setup.acked, d->acked, sizeof(setup.acked));
	memcpy(setup.at_hub, d->at_hub, sizeof(setup.at_hub));
	setup.log_key = s->plays_log ? pool_log(s->pool) : NULL;
	setup.checkpoint = d->checkpoint;
	setup.alarmed = d->alarmed;
	lane_node_init(&c->node, &setup);
	c->token_waits = false;
	c->taken_count = 0;
	c->connect_ms = s->mono_ms + SIM_TICK_MS;
	sim_cut_line(s, copy);
}

/* ---- a refill and what it ends in ---- */

static struct sim_taken *
taken_of(struct sim *s, struct sim_copy *c, uint32_t incarnation)
{
	for (size_t i = 0; i < c->taken_count; i++)
		if (c->taken[i].incarnation == incarnation)
			return &c->taken[i];
	if (c->taken_count == SIM_CHAINS_COUNT) {
		sim_breach(s, "simulator: a refill has room for all chains");
		return &c->taken[0];
	}
	struct sim_taken *t = &c->taken[c->taken_count++];
	*t = (struct sim_taken){.incarnation = incarnation};
	return t;
}

static void
take_entries(struct sim *s, struct sim_copy *c, const struct lane_action *a)
{
	if (a->incarnation == 0) {
		memset(c->taken, 0, sizeof(c->taken));
		c->taken_count = 0;
		return;
	}
	if (c->node.state == LANE_UP)
		return;
	struct sim_taken *t = taken_of(s, c, a->incarnation);
	struct sim_lane *l = &t->lanes[a->lane - 1];
	if (!a->batch) {
		t->end[a->lane - 1] = a->mark.seq;
		return;
	}
	if (l->count == 0)
		t->first[a->lane - 1] = a->batch->first;
	for (size_t i = 0; i < a->batch->count; i++)
		sim_add(s, l, pool_find(s->pool, a->batch->entries[i].header));
}

/* A lane as it is at the hub: own entries below what was taken, then that. */
static void
adopt_lane(struct sim *s, struct sim_lane *to, const struct sim_taken *t,
	const struct sim_chain *own, size_t lane)
{
	const struct sim_lane *pulled = &t->lanes[lane];
	uint64_t low = pulled->count ? t->first[lane] - 1 : t->end[lane];
	for (uint64_t i = 0; i < low; i++)
		sim_add(s, to, own && i < own->lanes[lane].count ? own->lanes[lane].at[i] : 0);
	for (size_t i = 0; i < pulled->count; i++)
		sim_add(s, to, pulled->at[i]);
	if (to->count != t->end[lane])
		sim_breach(s, "a refill brings every lane to the hub's end");
}

/* Own chains below the one that both have, then what was taken, lowest first. */
static void
adopt(struct sim *s, const struct sim_copy *c, struct sim_store *ret)
{
	const struct sim_store *own = &c->disk.store;
	uint32_t common = c->taken[c->taken_count - 1].incarnation;
	for (size_t i = 0; i < own->count && own->chains[i].incarnation < common; i++)
		if (sim_chain(own, common))
			ret->chains[ret->count++] = own->chains[i];
	for (size_t k = c->taken_count; k-- > 0 && ret->count < SIM_CHAINS_COUNT - 1;) {
		const struct sim_taken *t = &c->taken[k];
		struct sim_chain *to = &ret->chains[ret->count++];
		to->incarnation = t->incarnation;
		for (size_t l = 0; l < LANE_COUNT; l++)
			adopt_lane(s, &to->lanes[l], t, sim_chain(own, t->incarnation), l);
	}
}

/* What was in the own chain and is not in the new one is said again. */
static void
say_again(struct sim *s, struct sim_store *st, const struct sim_store *own, size_t lane)
{
	struct sim_chain *top = sim_top(st);
	struct sim_lane *to = &top->lanes[lane];
	struct sync_mark base = sim_end(s, &top[-1].lanes[lane]);
	for (size_t c = 0; c < own->count; c++)
		for (size_t i = 0; i < own->chains[c].lanes[lane].count; i++) {
			const struct pool_entry *e =
				pool_entry(s->pool, own->chains[c].lanes[lane].at[i]);
			if (sim_holds(s, st, e->root) && !LANE_MUTANT(MUTANT_REPEATS))
				continue;
			struct pool_place place = {.incarnation = top->incarnation,
				.lane = (uint8_t)(lane + 1),
				.seq = to->count + 1u,
				.repeats = e->root};
			lane_link(place.prev, top[-1].incarnation, place.lane, &base);
			if (to->count)
				memcpy(place.prev, sim_end(s, to).head, sizeof(place.prev));
			sim_add(s, to, pool_make(s->pool, &place, &e->content));
		}
}

static void
rebase(struct sim *s, struct sim_copy *c, const struct lane_action *a, struct lane_event *ev)
{
	struct sim_store made = {0};
	adopt(s, c, &made);
	if (made.count == 0 || sim_top(&made)->incarnation != a->base_incarnation) {
		sim_breach(s, "a rebase follows what was taken");
		return;
	}
	made.chains[made.count++].incarnation = a->incarnation;
	for (size_t l = 0; l < LANE_COUNT; l++)
		say_again(s, &made, &c->disk.store, l);
	c->disk.store = made;
	c->disk.survivor = false;
	memset(c->disk.acked, 0, sizeof(c->disk.acked));
	memset(c->disk.at_hub, 0, sizeof(c->disk.at_hub));
	memset(c->disk.pruned, 0, sizeof(c->disk.pruned));
	memset(c->disk.receipts, 0, sizeof(c->disk.receipts));
	ev->kind = LANE_REBASED;
	(void)sim_describe(s, &made, a->incarnation, &ev->chain);
}

/* ---- actions ---- */

static void
find(struct sim *s, const struct sim_copy *c, const struct lane_action *a,
	struct lane_event *ev)
{
	const struct sim_chain *chain = sim_chain(&c->disk.store, a->incarnation);
	const struct sim_lane *l = chain ? &chain->lanes[a->lane - 1] : NULL;
	ev->kind = a->kind == LANE_LOOK ? LANE_LOOKED : LANE_HEAD_FOUND;
	ev->mark.seq = a->mark.seq;
	ev->found = l && a->mark.seq >= 1 && a->mark.seq <= l->count;
	if (ev->found)
		ev->mark = sim_mark(s, l, a->mark.seq);
	(void)sim_describe(s, &c->disk.store, a->incarnation, &ev->chain);
	if (l)
		ev->end = sim_end(s, l);
}

static void
open_chain(struct sim *s, const struct sim_copy *c, const struct lane_action *a,
	struct lane_event *ev)
{
	const struct sim_store *st = &c->disk.store;
	const struct sim_chain *chain = sim_chain(st, a->incarnation);
	ev->kind = LANE_OPENED;
	if (a->ok && chain)
		chain = chain == sim_top(st) ? NULL : chain + 1;
	ev->found = chain && sim_describe(s, st, chain->incarnation, &ev->chain);
}

static void
keep_acked(struct sim *s, struct sim_copy *c, const struct lane_action *a)
{
	struct sim_disk *d = &c->disk;
	d->acked[a->lane - 1] = a->mark.seq;
	d->at_hub[a->lane - 1] = MIN(d->at_hub[a->lane - 1], a->mark.seq);
	(void)s;
}

static void
config_done(
	struct sim *s, struct sim_copy *c, const struct lane_action *a, struct lane_event *ev)
{
	if (a->config.number <= c->disk.config)
		sim_breach(s, "I7: a node never fetches a manifest older than its own");
	c->disk.config = a->config.number;
	ev->kind = LANE_CONFIG_APPLIED;
	ev->ok = true;
}

/* Carries one action out; *ev is the answer, its kind 0 if there is none. */
static void
carry_out(struct sim *s, size_t copy, struct lane_action *a, struct lane_event *ev)
{
	struct sim_copy *c = &s->copies[copy];
	*ev = (struct lane_event){.ticket = a->ticket,
		.lane = a->lane,
		.why = a->why,
		.batch = a->batch,
		.config = a->config};
	memcpy(ev->wanted, a->wanted, sizeof(ev->wanted));
	if (a->kind == LANE_SEND) {
		sim_check_node_send(s, copy, &a->msg);
		sim_send(s, true, copy, a);
	} else if (a->kind == LANE_FIND_HEAD || a->kind == LANE_LOOK) {
		find(s, c, a, ev);
	} else if (a->kind == LANE_RECONNECT) {
		c->connect_ms = s->mono_ms + a->after_ms;
		sim_cut_line(s, copy);
	} else if (a->kind == LANE_KEEP_TOKEN) {
		c->token_waits = true;
		c->token_ticket = a->ticket;
		memcpy(c->token, a->token, sizeof(c->token));
	} else if (a->kind == LANE_KEEP_ACKED) {
		keep_acked(s, c, a);
	} else if (a->kind == LANE_KEEP_RECEIPT) {
		c->disk.at_hub[a->lane - 1] = a->msg.ack.receipt.mark.seq;
		c->disk.receipts[a->lane - 1] = a->msg.ack.receipt;
	} else if (a->kind == LANE_CONFIG_DONE) {
		config_done(s, c, a, ev);
	} else if (a->kind == LANE_OPEN) {
		open_chain(s, c, a, ev);
	} else if (a->kind == LANE_TAKE) {
		take_entries(s, c, a);
	} else if (a->kind == LANE_REBASE) {
		rebase(s, c, a, ev);
	} else if (a->kind == LANE_FETCH_CHUNK) {
		sim_files_fetch(s, &c->disk, a, ev);
	} else {
		(void)sim_log_node(s, &c->disk, a, ev);
	}
}

static void
fetch(struct sim *s, const struct sim_copy *c, const struct lane_action *a,
	struct lane_event *ev)
{
	const struct sim_store *st = &c->disk.store;
	const struct sim_chain *chain = sim_chain(st, a->incarnation);
	*ev = (struct lane_event){.kind = LANE_FETCHED, .ticket = a->ticket, .why = a->why};
	if (chain == sim_top(st) && a->mark.seq <= c->disk.pruned[a->lane - 1])
		sim_breach(s, "I4: what was pruned is never needed again");
	if (chain)
		ev->batch = sim_batch(s, &chain->lanes[a->lane - 1], a, false);
}

static bool
is_fetch(enum lane_action_kind kind)
{
	return kind == LANE_FETCH || kind == LANE_FIND_CHANGE;
}

static void
add_follow(struct sim *s, struct steps *steps, const struct follow *f)
{
	if (steps->count == STEPS_MOST)
		sim_breach(s, "one event leads to a bounded number of answers");
	else
		steps->at[steps->count++] = *f;
}

void
sim_node_tell(struct sim *s, size_t copy, const struct lane_event *ev)
{
	static struct steps steps;
	struct lane_actions *out = pool_room(s->pool)->actions;
	struct lane_node *n = &s->copies[copy].node;
	steps.at[0] = (struct follow){.event = *ev};
	steps.count = 1;
	for (size_t i = 0; i < steps.count && !s->breach; i++) {
		struct lane_event now = steps.at[i].event;
		if (steps.at[i].fetches && steps.at[i].asked.kind == LANE_FIND_CHANGE)
			sim_notice_find(s, &s->copies[copy], &steps.at[i].asked, &now);
		else if (steps.at[i].fetches)
			fetch(s, &s->copies[copy], &steps.at[i].asked, &now);
		now.mono_ms = s->mono_ms;
		now.random = sim_chance(s);
		lane_node_step(n, &now, out);
		if (out->count == LANE_ACTIONS_MAX_COUNT)
			sim_breach(s, "a step asks for fewer actions than there is room for");
		for (size_t k = 0; k < out->count; k++) {
			struct follow f = {.fetches = is_fetch(out->at[k].kind)};
			if (f.fetches)
				f.asked = out->at[k];
			else
				carry_out(s, copy, &out->at[k], &f.event);
			if (f.fetches || f.event.kind)
				add_follow(s, &steps, &f);
		}
	}
}

/* ---- bundles ---- */

static void
carry_out_all(struct sim *s, size_t copy)
{
	struct lane_actions *out = pool_room(s->pool)->actions;
	struct lane_event answer;
	for (size_t i = 0; i < out->count; i++) {
		carry_out(s, copy, &out->at[i], &answer);
		if (answer.kind)
			sim_breach(s, "what is carried asks for no answer");
	}
}

void
sim_node_carry(struct sim *s, size_t copy, const struct sync_ack *ack, const uint8_t *own)
{
	(void)lane_node_carry(&s->copies[copy].node, ack, own, pool_room(s->pool)->actions);
	carry_out_all(s, copy);
}

void
sim_node_carry_verdict(struct sim *s, size_t copy, enum sync_verdict verdict)
{
	(void)lane_node_carry_verdict(
		&s->copies[copy].node, verdict, pool_room(s->pool)->actions);
	carry_out_all(s, copy);
}

/* ---- acts ---- */

void
sim_node_commit(struct sim *s, size_t copy)
{
	struct sim_copy *c = &s->copies[copy];
	c->token_waits = false;
	memcpy(c->disk.token, c->token, sizeof(c->disk.token));
	c->disk.welcome = c->welcome;
	struct lane_event ev = {.kind = LANE_TOKEN_KEPT, .ticket = c->token_ticket};
	sim_node_tell(s, copy, &ev);
}

void
sim_node_write(struct sim *s, size_t copy, uint8_t kind)
{
	struct sim_disk *d = &s->copies[copy].disk;
	struct sim_chain *top = sim_top(&d->store);
	uint8_t lane = kind == POOL_RECORD ? LANE_R : kind == POOL_ACT ? LANE_A : LANE_C;
	struct sim_lane *l = &top->lanes[lane - 1];
	struct pool_content content = {.number = ++s->contents,
		.kind = kind,
		.subject = (uint8_t)(sim_chance(s) % SIM_SUBJECTS),
		.is_large = s->is_bulky && (kind == POOL_RECORD || kind == POOL_CONSENT)};
	struct pool_place place = {
		.incarnation = top->incarnation, .lane = lane, .seq = l->count + 1u};
	struct sync_mark end = sim_end(s, l);
	if (l->count)
		memcpy(place.prev, end.head, sizeof(place.prev));
	else if (top != d->store.chains) {
		end = sim_end(s, &top[-1].lanes[lane - 1]);
		lane_link(place.prev, top[-1].incarnation, lane, &end);
	}
	sim_add(s, l, pool_make(s->pool, &place, &content));
	if (kind == POOL_RECORD)
		sim_files_write(s, d, content.number);
	struct lane_event ev = {.kind = LANE_APPENDED, .lane = lane, .mark = sim_end(s, l)};
	sim_node_tell(s, copy, &ev);
}
