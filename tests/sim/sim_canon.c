#include "tests/sim/sim_canon.h"

#include <string.h>

#include "tests/sim/sim_ids.h"

/* Where a session stood; the next WELCOME says it anew. */
static void
tidy_lanes(struct lane_node *n)
{
	for (size_t i = 0; i < LANE_COUNT; i++) {
		n->lanes[i].acked = (struct sync_mark){0};
		n->lanes[i].sent = 0;
		n->lanes[i].hub_retained = 0;
	}
}

/* What a machine carries along and never reads again in its state would tell equal states
 * apart. */
static void
tidy_node(struct sim_copy *c)
{
	struct lane_node *n = &c->node;
	memset(n->flights + n->flight_count, 0,
		(LANE_FLIGHTS_MAX_COUNT - n->flight_count) * sizeof(n->flights[0]));
	n->failures = 0;
	n->skew_ms = 0;
	n->reason = NULL;
	n->hub_mode = SYNC_NORMAL;
	n->log.asked_ms = 0;
	n->window = (struct lane_window){0};
	for (size_t i = 0; i < n->flight_count; i++)
		n->flights[i].sent_ms = 0, n->flights[i].acked_before_bytes = 0,
		n->flights[i].turns = 0;
	c->connect_ms = 0;
	if (c->token_waits && c->token_ticket != n->ticket)
		c->token_waits = false;
	n->ticket = c->token_waits ? 1 : 0;
	c->token_ticket = n->ticket;
	if (!c->token_waits)
		memset(c->token, 0, sizeof(c->token)), c->welcome = 0;
	if (n->state == LANE_UP || n->state == LANE_REFILL)
		memset(n->nonce, 0, sizeof(n->nonce)), memset(n->hello_hash, 0, HASH_BYTES);
	if (n->state != LANE_REFILL && !c->token_waits)
		memset(&n->refill, 0, sizeof(n->refill));
	if (n->state != LANE_OFFLINE && n->state != LANE_STOPPED)
		return;
	tidy_lanes(n);
	memset(n->nonce, 0, sizeof(n->nonce));
	memset(n->next_token, 0, sizeof(n->next_token));
	memset(n->hello_hash, 0, sizeof(n->hello_hash));
	memset(n->transcript, 0, sizeof(n->transcript));
	memset(&n->offered, 0, sizeof(n->offered));
	memset(&n->held, 0, sizeof(n->held));
	memset(c->taken, 0, sizeof(c->taken));
	c->taken_count = 0;
}

static void
tidy_hub(struct sim_hub *h)
{
	struct lane_hub_writer *w = &h->lane;
	w->refused_count = 0;
	w->greeting.reason = NULL;
	if (w->greeting.open)
		w->greeting.ticket = 1;
	else
		memset(&w->greeting, 0, sizeof(w->greeting));
	if (h->tokens_wait && h->tokens_ticket != w->ticket)
		h->tokens_wait = false;
	w->ticket = 1;
	h->tokens_ticket = 1;
	if (w->state == LANE_ALIVE)
		return;
	if (!w->greeting.open)
		h->routing = 0;
	memset(w->transcript, 0, sizeof(w->transcript));
	memset(w->expected, 0, sizeof(w->expected));
	w->heard = false;
	w->granted_bytes = 0;
	for (size_t i = 0; i < LANE_COUNT; i++)
		w->lanes[i].nacked = false, w->lanes[i].receipted = 0;
}

/* Where numbers of WELCOMEs stand in a state; the bounds among them last. */
static size_t
list_welcomes(struct sim *s, uint32_t **ret)
{
	size_t count = 0;
	for (size_t i = 0; i < SIM_COPIES_COUNT; i++) {
		if (!s->copies[i].there)
			continue;
		ret[count++] = &s->copies[i].disk.welcome;
		ret[count++] = &s->copies[i].backup.welcome;
		ret[count++] = &s->copies[i].welcome;
	}
	for (size_t i = 0; i < s->frame_count; i++)
		ret[count++] = &s->frames[i].welcome;
	ret[count++] = &s->ghost.live;
	ret[count++] = &s->hub.live_welcome;
	ret[count++] = &s->ghost.live_upto;
	ret[count++] = &s->hub.live_upto;
	return count;
}

/* A number that is compared with nothing any more: not the newest session's, and below what was
 * there when that one began. */
static bool
is_past(const struct sim *s, uint32_t n)
{
	const struct sim_ghost *g = &s->ghost;
	uint32_t upto =
		s->hub.live_welcome ? MIN(g->live_upto, s->hub.live_upto) : g->live_upto;
	return n < upto && n != g->live && n != s->hub.live_welcome;
}

static bool
is_first(const uint32_t *numbers, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (numbers[i] == numbers[at])
			return false;
	return true;
}

/* Of these numbers only the order matters, and of those that are past not even that. */
static void
tidy_welcomes(struct sim *s)
{
	uint32_t *all[3 * SIM_COPIES_COUNT + SIM_FRAMES_COUNT + 4];
	uint32_t was[ARRAY_LEN(all)]; /* 1: past; 2 more than it was */
	s->hub.heard_welcome = 0;
	if (!s->hub.live_welcome)
		s->hub.live_upto = 0;
	size_t count = list_welcomes(s, all);
	for (size_t i = 0; i < count; i++)
		was[i] = *all[i] == 0 ? 0 : is_past(s, *all[i]) ? 1 : *all[i] + 2;
	s->ghost.welcomes = 1;
	for (size_t i = 0; i < count; i++) {
		*all[i] = was[i] ? 1 : 0;
		for (size_t k = 0; k < count; k++)
			if (was[k] > 1 && was[k] <= was[i])
				*all[i] += is_first(was, k);
		s->ghost.welcomes = MAX(s->ghost.welcomes, *all[i]);
	}
}

static bool
goes_before(const struct sim_frame *a, const struct sim_frame *b)
{
	if (a->copy != b->copy)
		return a->copy < b->copy;
	if (a->to_hub != b->to_hub)
		return a->to_hub;
	return a->is_old && !b->is_old;
}

/* Lines are apart; within one the order stays. */
static void
tidy_lines(struct sim *s)
{
	for (size_t i = 1; i < s->frame_count; i++) {
		struct sim_frame f = s->frames[i];
		size_t at = i;
		for (; at > 0 && goes_before(&f, &s->frames[at - 1]); at--)
			s->frames[at] = s->frames[at - 1];
		s->frames[at] = f;
	}
}

/* Copies for which there is no restore any more say nothing. */
static void
tidy_backups(struct sim *s)
{
	uint16_t *left = s->budget.left;
	bool prunes = left[SIM_PRUNE] > 0;
	for (size_t i = 0; i < SIM_COPIES_COUNT && left[SIM_RESTORE_NODE] == 0; i++) {
		memset(&s->copies[i].backup, 0, sizeof(s->copies[i].backup));
		s->copies[i].has_backup = false;
		left[SIM_BACKUP_NODE] = 0;
	}
	for (size_t i = 0; i < LANE_COUNT && !prunes; i++)
		s->hub.lane.lanes[i].retained = 0;
	if (left[SIM_RESTORE_HUB] || left[SIM_ROLL_HUB] || prunes)
		return;
	memset(s->hub.backups, 0, sizeof(s->hub.backups));
	s->hub.backup_count = 0;
	left[SIM_BACKUP_HUB] = 0;
}

void
sim_tidy(struct sim *s)
{
	for (size_t i = 0; i < SIM_COPIES_COUNT; i++)
		if (s->copies[i].there)
			tidy_node(&s->copies[i]);
	tidy_hub(&s->hub);
	tidy_backups(s);
	tidy_lines(s);
	tidy_welcomes(s);
}

/* Two sums that multiply and fold (in the manner of wyhash, Wang Yi, public domain idea): fast,
 * and 128 bits wide so that no two of a few million states meet by chance. */
static uint64_t
fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide m = (wide)a * b;
	return (uint64_t)m ^ (uint64_t)(m >> 64);
}

struct sim_key
sim_key_of(const struct sim *s, uint64_t salt)
{
	struct sim_key k = {salt ^ 0x9e3779b97f4a7c15u, salt ^ 0xc2b2ae3d27d4eb4fu};
	struct view v = sim_ids_renamed(s);
	uint64_t two[2];
	for (size_t i = 0; i < v.len; i += sizeof(two)) {
		memset(two, 0, sizeof(two));
		memcpy(two, v.at + i, MIN(sizeof(two), v.len - i));
		k.a = fold(k.a ^ two[0], two[1] ^ 0xa0761d6478bd642fu);
		k.b = fold(k.b + two[1], two[0] ^ 0xe7037ed1a0b428dbu) + k.a;
	}
	k.a = fold(k.a ^ v.len, 0x8ebc6af09c88c6e3u);
	k.b = fold(k.b + v.len, 0x589965cc75374cc3u);
	return k;
}
