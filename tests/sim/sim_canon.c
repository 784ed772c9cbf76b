#include "tests/sim/sim_canon.h"

#include <string.h>

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
	memset(w->transcript, 0, sizeof(w->transcript));
	memset(w->expected, 0, sizeof(w->expected));
	w->heard = false;
	w->granted_bytes = 0;
	for (size_t i = 0; i < LANE_COUNT; i++)
		w->lanes[i].nacked = false, w->lanes[i].receipted = 0;
}

/* Where numbers of WELCOMEs stand in a state. */
static size_t
list_welcomes(struct sim *s, uint32_t **ret)
{
	size_t count = 0;
	for (size_t i = 0; i < SIM_COPIES_COUNT; i++) {
		ret[count++] = &s->copies[i].disk.welcome;
		ret[count++] = &s->copies[i].backup.welcome;
		ret[count++] = &s->copies[i].welcome;
	}
	for (size_t i = 0; i < s->frame_count; i++)
		ret[count++] = &s->frames[i].welcome;
	return count;
}

static uint32_t
rank_of(uint32_t **all, size_t count, uint32_t number, uint32_t upto)
{
	uint32_t rank = 0;
	for (uint32_t n = upto + 1; n < number; n++)
		for (size_t i = 0; i < count; i++)
			if (*all[i] == n) {
				rank++;
				break;
			}
	return rank;
}

/* Of these numbers only their order matters, and which is the newest session's. */
static void
tidy_welcomes(struct sim *s)
{
	struct sim_ghost *g = &s->ghost;
	uint32_t *all[3 * SIM_COPIES_COUNT + SIM_FRAMES_COUNT];
	uint32_t made[ARRAY_LEN(all)], most = 3;
	if (s->hub.live_welcome)
		return;
	size_t count = list_welcomes(s, all);
	for (size_t i = 0; i < count; i++) {
		uint32_t n = *all[i];
		made[i] = n == 0 ? 0 : n == g->live ? 2 : 1;
		if (n && n != g->live && n > g->live_upto)
			made[i] = 4 + rank_of(all, count, n, g->live_upto);
		most = MAX(most, made[i]);
	}
	for (size_t i = 0; i < count; i++)
		*all[i] = made[i];
	s->hub.heard_welcome = 0;
	s->hub.live_upto = 0;
	g->live_upto = g->live ? 3 : 0;
	g->live = g->live ? 2 : 0;
	g->welcomes = most;
}

void
sim_tidy(struct sim *s)
{
	for (size_t i = 0; i < SIM_COPIES_COUNT; i++)
		if (s->copies[i].there)
			tidy_node(&s->copies[i]);
	tidy_hub(&s->hub);
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
	const uint8_t *p = (const uint8_t *)s;
	uint64_t two[2];
	for (size_t i = 0; i + sizeof(two) <= sizeof(*s); i += sizeof(two)) {
		memcpy(two, p + i, sizeof(two));
		k.a = fold(k.a ^ two[0], two[1] ^ 0xa0761d6478bd642fu);
		k.b = fold(k.b + two[1], two[0] ^ 0xe7037ed1a0b428dbu) + k.a;
	}
	_Static_assert(sizeof(struct sim) % 16 == 0 || sizeof(struct sim) % 16 == 8, "words");
	uint64_t last = 0;
	memcpy(&last, p + sizeof(*s) - sizeof(last), sizeof(last));
	k.a = fold(k.a ^ last, 0x8ebc6af09c88c6e3u);
	k.b = fold(k.b + last, 0x589965cc75374cc3u);
	return k;
}
