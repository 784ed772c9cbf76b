#include "tests/sim/sim_inside.h"

#include <string.h>

#define LONG_MS      400000
#define BULKY_ONE_IN 32 /* seeds */
#define CARRY_ONE_IN 4
#define BACK_ONE_IN  8

static const char *const names[SIM_ACTS_COUNT] = {
	[SIM_DELIVER] = "deliver",
	[SIM_DROP] = "drop",
	[SIM_DOUBLE] = "double",
	[SIM_COMMIT_HUB] = "commit-hub",
	[SIM_COMMIT_NODE] = "commit-node",
	[SIM_CONNECT] = "connect",
	[SIM_LOSE_LINE] = "lose-line",
	[SIM_WRITE_RECORD] = "write-record",
	[SIM_WRITE_CONSENT] = "write-consent",
	[SIM_WRITE_WITHDRAWAL] = "write-withdrawal",
	[SIM_WRITE_ACT] = "write-act",
	[SIM_CRASH_NODE] = "crash-node",
	[SIM_BACKUP_NODE] = "backup-node",
	[SIM_RESTORE_NODE] = "restore-node",
	[SIM_CLONE] = "clone",
	[SIM_SURVIVE] = "survive",
	[SIM_PRUNE] = "prune",
	[SIM_CRASH_HUB] = "crash-hub",
	[SIM_CRASH_HUB_JOURNALED] = "crash-hub-journaled",
	[SIM_FAIL_COMMIT] = "fail-commit",
	[SIM_BACKUP_HUB] = "backup-hub",
	[SIM_RESTORE_HUB] = "restore-hub",
	[SIM_TICK] = "tick",
	[SIM_CHECKPOINT] = "checkpoint",
	[SIM_OFFER] = "offer",
	[SIM_DRAIN] = "drain",
	[SIM_CREDIT] = "credit",
	[SIM_PROBE] = "probe",
	[SIM_DAMAGE_FILE] = "damage-file",
	[SIM_FORK_LOG] = "fork-log",
	[SIM_CARRY_WRITE] = "carry-write",
	[SIM_CARRY_ANSWER] = "carry-answer",
	[SIM_CARRY_READ] = "carry-read",
	[SIM_LIE] = "lie",
	[SIM_ROLL_HUB] = "roll-hub",
};

const char *
sim_act_name(enum sim_act act)
{
	return names[act];
}

void
sim_begin(struct sim *s, struct sim_pool *pool, uint64_t seed)
{
	memset(s, 0, sizeof(*s));
	pool_empty(pool);
	s->pool = pool;
	s->chance = seed;
	s->plays_log = seed != 0;
	s->plays_notices = seed != 0;
	s->plays_bundles = seed % CARRY_ONE_IN == 2;
	s->plays_back = seed % BACK_ONE_IN == 3;
	s->is_bulky = seed % BULKY_ONE_IN == 1;
	s->hub.mode = SYNC_NORMAL;
	s->hub.epoch = 1;
	s->hub.disk.standing = SYNC_OK;
	s->hub.journal.standing = SYNC_OK;
	s->hub.disk.store.count = 1;
	s->hub.disk.store.chains[0].incarnation = 1;
	s->copies[0].there = true;
	s->copies[0].disk.store = s->hub.disk.store;
	sim_hub_start(s);
	sim_node_start(s, 0);
	s->copies[0].connect_ms = 0;
}

/* ---- what may happen ---- */

static bool
is_first_of_its_line(const struct sim *s, size_t frame)
{
	const struct sim_frame *f = &s->frames[frame];
	for (size_t i = 0; i < frame; i++)
		if (s->frames[i].to_hub == f->to_hub && s->frames[i].copy == f->copy &&
			s->frames[i].is_old == f->is_old)
			return false;
	return true;
}

/* The node waits for something that will not come; a real one finds out by its clock. */
bool
sim_waits_in_vain(const struct sim *s, size_t copy)
{
	const struct lane_node *n = &s->copies[copy].node;
	for (size_t i = 0; i < s->frame_count; i++)
		if (s->frames[i].copy == copy && !s->frames[i].is_old)
			return false;
	if (s->copies[copy].token_waits || s->hub.is_dirty || s->hub.tokens_wait)
		return false;
	return n->state == LANE_HELLO_SENT || n->state == LANE_REFILL ||
	       (n->state == LANE_UP && (n->flight_count || !n->confirmed || n->unfound));
}

static bool
can_write(const struct sim_copy *c)
{
	const struct sim_chain *top = sim_top(&c->disk.store);
	for (size_t l = 0; l < LANE_COUNT; l++)
		if (top->lanes[l].count >= SIM_WRITTEN_COUNT)
			return false;
	return true;
}

static bool
can_survive(const struct sim *s, const struct lane_node *n)
{
	return n->state == LANE_STOPPED && n->verdict != SYNC_REVOKED &&
	       s->hub.lane.granted < SIM_NUMBERS_COUNT - 2 &&
	       s->hub.disk.store.count < SIM_CHAINS_COUNT - 1;
}

static bool
can_copy(const struct sim *s, enum sim_act act, size_t copy)
{
	if (copy >= SIM_COPIES_COUNT || !s->copies[copy].there)
		return false;
	const struct sim_copy *c = &s->copies[copy];
	bool is_on = c->node.state == LANE_HELLO_SENT || c->node.state == LANE_UP ||
		     c->node.state == LANE_REFILL;
	if (act == SIM_COMMIT_NODE)
		return c->token_waits;
	if (act == SIM_CONNECT)
		return c->node.state == LANE_OFFLINE &&
		       (s->explores || s->mono_ms >= c->connect_ms);
	if (act == SIM_LOSE_LINE)
		return s->explores ? sim_waits_in_vain(s, copy) : is_on;
	if (act >= SIM_WRITE_RECORD && act <= SIM_WRITE_ACT)
		return can_write(c);
	if (act == SIM_RESTORE_NODE)
		return c->has_backup;
	if (act == SIM_CLONE)
		return !s->copies[SIM_COPIES_COUNT - 1].there;
	if (act == SIM_SURVIVE)
		return can_survive(s, &c->node);
	return true;
}

bool
sim_can(const struct sim *s, enum sim_act act, size_t which)
{
	if (act == SIM_DELIVER)
		return which < s->frame_count && is_first_of_its_line(s, which);
	if (act == SIM_DROP || act == SIM_DOUBLE)
		return which < s->frame_count && s->frame_count < SIM_FRAMES_COUNT / 4;
	if (act >= SIM_COMMIT_NODE && act <= SIM_PRUNE)
		return can_copy(s, act, which);
	if (act == SIM_PROBE)
		return which <= SIM_COPIES_COUNT;
	if (act == SIM_CARRY_READ)
		return sim_carry_can(s, which);
	if (act == SIM_DAMAGE_FILE || act == SIM_CARRY_WRITE)
		return which < SIM_COPIES_COUNT && s->copies[which].there;
	if (act == SIM_LIE)
		return which < SIM_COPIES_COUNT && s->copies[which].there &&
		       s->copies[which].node.state == LANE_OFFLINE;
	if (act == SIM_RESTORE_HUB || act == SIM_ROLL_HUB)
		return which < s->hub.backup_count &&
		       (act == SIM_RESTORE_HUB || !s->hub.is_shared);
	if (which)
		return false;
	if (act == SIM_COMMIT_HUB || act == SIM_CRASH_HUB_JOURNALED || act == SIM_FAIL_COMMIT)
		return s->hub.is_dirty;
	return true;
}

/* ---- acts ---- */

static void
deliver(struct sim *s, size_t frame)
{
	const struct sim_frame f = s->frames[frame];
	struct view bytes = pool_bytes(s->pool, f.at);
	struct pool_room *room = pool_room(s->pool);
	struct sync_msg m;
	sim_take_frame(s, frame);
	room->arena.used = 0;
	if (sync_unpack(&m, &room->arena, bytes)) {
		sim_breach(s, "what was packed can be unpacked");
		return;
	}
	struct lane_event ev = {.kind = LANE_MESSAGE, .message = &m, .frame = bytes};
	if (f.to_hub) {
		s->hub.routing = f.copy;
		s->hub.heard_welcome = f.welcome;
		sim_hub_tell(s, &ev);
	} else {
		struct sim_copy *c = &s->copies[f.copy];
		bool waited = c->node.state == LANE_HELLO_SENT && !c->node.welcomed;
		if (f.welcome && !c->token_waits)
			c->welcome = f.welcome;
		sim_node_tell(s, f.copy, &ev);
		if (m.kind == SYNC_WELCOME && waited && c->node.welcomed &&
			memcmp(m.welcome.nonce, c->node.nonce, WIRE_ID_BYTES) != 0)
			sim_breach(s, "a WELCOME counts only for its HELLO");
	}
}

static void
connect_copy(struct sim *s, size_t copy)
{
	struct lane_event ev = {.kind = LANE_CONNECTED, .wall_ms = s->mono_ms};
	sim_fresh_id(s, ev.id);
	sim_node_tell(s, copy, &ev);
}

void
sim_lose_line(struct sim *s, size_t copy)
{
	const struct lane_event ev = {.kind = LANE_LOST};
	sim_node_tell(s, copy, &ev);
	sim_cut_line(s, copy);
}

static void
clone(struct sim *s, size_t copy)
{
	size_t to = 0;
	while (s->copies[to].there)
		to++;
	s->copies[to] = (struct sim_copy){.there = true, .disk = s->copies[copy].disk};
	sim_node_start(s, to);
}

static void
prune(struct sim_copy *c)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		uint64_t upto = MIN(c->node.lanes[i].hub_retained, c->disk.at_hub[i]);
		if (c->node.state == LANE_UP && c->node.incarnation == c->node.own.incarnation)
			c->disk.pruned[i] = MAX(c->disk.pruned[i], upto);
	}
}

static void
backup_hub(struct sim *s)
{
	struct sim_hub *h = &s->hub;
	h->backups[1] = h->backups[0];
	h->backups[0] = h->disk;
	h->backup_count = MIN(h->backup_count + 1, ARRAY_LEN(h->backups));
	for (uint8_t i = 0; i < LANE_COUNT; i++) {
		struct lane_event ev = {.kind = LANE_RETAINED,
			.lane = (uint8_t)(i + 1),
			.mark = {.seq = sim_retained(s, i)}};
		bool rises = sim_top(&h->live.store)->incarnation !=
			     sim_top(&h->disk.store)->incarnation;
		if (!rises)
			sim_hub_tell(s, &ev);
	}
}

static void
crash_hub(struct sim *s)
{
	sim_hub_start(s);
	for (size_t i = 0; i < SIM_COPIES_COUNT; i++)
		if (s->copies[i].there && s->copies[i].node.state != LANE_OFFLINE)
			sim_lose_line(s, i);
}

static void
restore_hub(struct sim *s, size_t backup)
{
	s->hub.disk = s->hub.backups[backup];
	s->hub.mode = SYNC_RECOVERY;
	s->hub.heard = s->hub.waived = false;
	s->hub.epoch++;
	crash_hub(s);
}

/* What is in the journal stands; but nothing there says that the vault is older. */
static void
roll_hub(struct sim *s, size_t backup)
{
	s->hub.disk = s->hub.backups[backup];
	crash_hub(s);
}

static void
tick(struct sim *s)
{
	const struct lane_event ev = {.kind = LANE_TICK};
	s->mono_ms += SIM_TICK_MS;
	if (sim_chance(s) % 16 == 0)
		s->mono_ms += (int64_t)(sim_chance(s) % LONG_MS);
	sim_hub_tell(s, &ev);
	for (size_t i = 0; i < SIM_COPIES_COUNT; i++)
		if (s->copies[i].there)
			sim_node_tell(s, i, &ev);
}

static void
fail_commit(struct sim *s)
{
	const struct lane_event ev = {.kind = LANE_STORE_FAILED};
	sim_hub_tell(s, &ev);
	sim_hub_start(s);
}

static void
tell_hub_news(struct sim *s, enum sim_act act)
{
	struct sim_hub *h = &s->hub;
	struct lane_event ev = {.kind = LANE_CHECKPOINT};
	if (act == SIM_CHECKPOINT)
		sim_log_grow(s, &ev);
	if (act == SIM_OFFER) {
		h->offered += sim_chance(s) % 4 ? 1 : 0;
		ev.kind = LANE_OFFER;
		ev.config = (struct sync_offer){
			h->offered, {(uint8_t)h->offered}, SIM_CONFIG_BYTES};
	} else if (act == SIM_CREDIT) {
		ev.kind = LANE_CREDIT;
		ev.credit_bytes = sim_chance(s) % 3 ? SYNC_CREDIT_MIN_BYTES : 0;
	} else if (act == SIM_DRAIN) {
		if (h->mode == SYNC_RECOVERY)
			return;
		h->mode = h->mode == SYNC_DRAIN ? SYNC_NORMAL : SYNC_DRAIN;
		ev.kind = LANE_MODE;
		ev.mode = h->mode;
		ev.retry_after_ms = SIM_TICK_MS * 5;
	}
	sim_hub_tell(s, &ev);
}

/* One side compares a place of its own with the other. */
static void
probe(struct sim *s, size_t which)
{
	uint8_t lane = (uint8_t)(1 + sim_chance(s) % LANE_COUNT);
	const struct sim_store *st =
		which < SIM_COPIES_COUNT ? &s->copies[which].disk.store : &s->hub.disk.store;
	if (st->count == 0 || sim_top(st)->lanes[lane - 1].count == 0)
		return;
	const struct sim_lane *l = &sim_top(st)->lanes[lane - 1];
	struct lane_event ev = {.kind = LANE_PROBE,
		.lane = lane,
		.mark = sim_mark(s, l, 1 + sim_chance(s) % l->count)};
	if (which == SIM_COPIES_COUNT)
		sim_hub_tell(s, &ev);
	else if (s->copies[which].node.incarnation == sim_top(st)->incarnation)
		sim_node_tell(s, which, &ev);
}

static void
double_frame(struct sim *s, size_t which)
{
	struct sim_frame *f = &s->frames[s->frame_count++];
	*f = s->frames[which];
	f->is_again = true;
}

static void
act_on_copy(struct sim *s, enum sim_act act, size_t copy)
{
	struct sim_copy *c = &s->copies[copy];
	const struct lane_event survive = {.kind = LANE_SURVIVE};
	if (act == SIM_COMMIT_NODE)
		sim_node_commit(s, copy);
	else if (act == SIM_CONNECT)
		connect_copy(s, copy);
	else if (act == SIM_LOSE_LINE)
		sim_lose_line(s, copy);
	else if (act >= SIM_WRITE_RECORD && act <= SIM_WRITE_ACT)
		sim_node_write(s, copy, (uint8_t)(POOL_RECORD + act - SIM_WRITE_RECORD));
	else if (act == SIM_CLONE)
		clone(s, copy);
	else if (act == SIM_PRUNE)
		prune(c);
	else if (act == SIM_BACKUP_NODE)
		c->backup = c->disk, c->has_backup = true;
	if (act == SIM_RESTORE_NODE)
		c->disk = c->backup;
	if (act == SIM_RESTORE_NODE || act == SIM_CRASH_NODE)
		sim_node_start(s, copy);
	if (act == SIM_SURVIVE) {
		c->disk.survivor = true;
		sim_node_tell(s, copy, &survive);
	}
}

void
sim_act(struct sim *s, enum sim_act act, size_t which)
{
	if (act == SIM_DELIVER)
		deliver(s, which);
	else if (act == SIM_DROP)
		sim_take_frame(s, which);
	else if (act == SIM_DOUBLE)
		double_frame(s, which);
	else if (act >= SIM_COMMIT_NODE && act <= SIM_PRUNE)
		act_on_copy(s, act, which);
	else if (act == SIM_COMMIT_HUB)
		sim_hub_commit(s);
	else if (act == SIM_CRASH_HUB_JOURNALED)
		sim_hub_journal(s), crash_hub(s);
	else if (act == SIM_CRASH_HUB)
		crash_hub(s);
	else if (act == SIM_FAIL_COMMIT)
		fail_commit(s);
	else if (act == SIM_BACKUP_HUB)
		backup_hub(s);
	else if (act == SIM_RESTORE_HUB)
		restore_hub(s, which);
	else if (act == SIM_ROLL_HUB)
		roll_hub(s, which);
	else if (act == SIM_LIE)
		sim_back_lie(s, which);
	else if (act == SIM_TICK)
		tick(s);
	else if (act == SIM_PROBE)
		probe(s, which);
	else if (act == SIM_CARRY_WRITE)
		sim_carry_write(s, which);
	else if (act == SIM_CARRY_ANSWER)
		sim_carry_answer(s);
	else if (act == SIM_CARRY_READ)
		sim_carry_read(s, which);
	else if (act == SIM_FORK_LOG)
		sim_log_fork(s);
	else if (act == SIM_DAMAGE_FILE)
		sim_files_damage(s, &s->copies[which].disk);
	else
		tell_hub_news(s, act);
	sim_check(s);
}
