#include "hub/decisions_inside.h"

#include <inttypes.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"

#include "hub/audit.h"
#include "hub/forward.h"
#include "hub/ingest.h"
#include "hub/lease.h"
#include "hub/scrub.h"
#include "hub/standing.h"
#include "hub/withheld.h"

#define PREFIX_BYTES 4
#define MS_PER_S     1000
#define AHEAD_MAX_MS (5 * 60 * 1000)

static void
put_stopped(const struct deciding *d, const char *id, enum sync_verdict standing)
{
	OWNED_MEM char *revoke = xasprintf(
		"weir-node survive, on the machine that is to go on; or, if none is: weir-hub "
		"node revoke %s --reason TEXT --by OFFICER",
		id);
	if (standing == SYNC_CLONE)
		decisions_say(d, id,
			"a second copy of this node is in use, or it was put back from a "
			"backup: nothing of it is taken until one machine is named",
			revoke);
	else if (standing == SYNC_FORK)
		decisions_say(d, id,
			"this node wrote two different things under one number: nothing of it "
			"is taken until one machine is named; both are kept",
			revoke);
}

static void
put_unsent(const struct deciding *d, const char *id, const struct ingest_waits *waits,
	bool is_revoked)
{
	OWNED_MEM char *words = xasprintf("%s %" PRIu64 " control entries, %" PRIu64
					  " records and %" PRIu64 " acts that are not here%s",
		is_revoked ? "it was revoked; when it was heard last it had"
			   : "when it was heard last it had",
		waits->entries[LANE_C - 1], waits->entries[LANE_R - 1],
		waits->entries[LANE_A - 1],
		is_revoked ? ": if withdrawals are among them, enter them at another node of "
			     "the site"
			   : "");
	if (waits->entries[0] || waits->entries[1] || waits->entries[2])
		decisions_say(d, id, words, NULL);
}

/* Rows of its entries that are damaged at the hub. */
static void
put_damage(const struct deciding *d, const char *id, const struct writer *w)
{
	struct scrub_node n;
	if (!d->hub->scrub)
		return;
	scrub_of(d->hub->scrub, w->public, &n);
	bool may_come = w->revoked_s == 0;
	uint64_t lost = n.failed + n.heads + (may_come ? 0 : n.waits);
	OWNED_MEM char *waits = xasprintf("%" PRIu64 " entries of this node are damaged at the "
					  "hub, the first of them %s: they will be fetched "
					  "when it connects",
		n.waits, n.name);
	OWNED_MEM char *gone = xasprintf(
		"%" PRIu64 " rows of this node are damaged at the hub, and it cannot send them "
		"again (the first is at entry %s): a backup that was made before has them",
		lost, n.name);
	if (n.waits && may_come)
		decisions_say(d, id, waits, NULL);
	if (lost)
		decisions_say(d, id, gone,
			"weir-hub check --read-data names them; weir-hub restore DIR puts a "
			"backup back, and the nodes send what came after it");
}

static void
put_clock(const struct deciding *d, const char *id, const struct ingest_waits *waits)
{
	char span[CLOCK_SPAN_BYTES];
	clock_span(span, waits->ahead_ms);
	OWNED_MEM char *words = xasprintf(
		"this node's clock was %s %s the hub's when it greeted last: one of the two is "
		"wrong, and so are its dates of consents and records",
		span, waits->ahead_ms > 0 ? "ahead of" : "behind");
	if (llabs(waits->ahead_ms) > AHEAD_MAX_MS)
		decisions_say(d, id, words,
			"compare both computers with a clock, and set the one that is off");
}

/* Its people were promised a day by which a withdrawal holds everywhere. */
static void
put_silence(const struct deciding *d, const char *id, const struct writer *w,
	const struct standing *s)
{
	char since[CLOCK_TEXT_BYTES];
	const int64_t word_s = lease_word_s(w, s);
	if (w->revoked_s || !d->hub->pack ||
		lease_holds(word_s, clock_wall_ms() / MS_PER_S, d->hub->pack->done_within_ms))
		return;
	clock_text(since, word_s * MS_PER_S);
	OWNED_MEM char *words = xasprintf("who withdrew at %s since %s is not known here: "
					  "releases leave the site out, as "
					  "late, until this node is heard",
		w->site, since);
	OWNED_MEM char *command = xasprintf(
		"connect it, or weir-hub bundle read FILE; if it is lost, or was given back "
		"when "
		"the site left: weir-hub node revoke %s --reason TEXT --by OFFICER, and where "
		"the site goes on join another one",
		id);
	decisions_say(d, id, words, command);
}

/* The last word of the hub that the site has ran out, or will if a bundle is not carried. */
static enum err
put_over(const struct deciding *d, const char *id, const struct writer *w)
{
	char until[CLOCK_TEXT_BYTES];
	struct standing_told told;
	enum err e = standing_told_get(d->txn, w->public, &told);
	if (e || w->revoked_s || !told.until_s || told.until_s > clock_wall_ms() / MS_PER_S)
		return e;
	clock_text(until, told.until_s * MS_PER_S);
	OWNED_MEM char *words = xasprintf("what %s was told last of the study counted until "
					  "%s: nothing new is collected there since then; "
					  "withdrawals and what was collected before go on",
		w->site, until);
	OWNED_MEM char *command = xasprintf(
		"connect it, or weir-hub bundle write FILE --node %s, and carry it there", id);
	decisions_say(d, id, words, command);
	return OK;
}

struct lost {
	uint64_t count;
	int64_t first_s; /* the day of the first */
};

static enum err
count_lost(void *arg, const struct withheld *w)
{
	struct lost *l = arg;
	l->first_s = l->count++ ? MIN(l->first_s, w->given_s) : w->given_s;
	return OK;
}

/* While it is connected and has sent all its control entries: none of these will come. */
static enum err
put_lost(const struct deciding *d, const char *id, const struct writer *w,
	const struct standing *s, const struct ingest_waits *waits)
{
	struct lost lost = {.count = 0};
	char first[CLOCK_TEXT_BYTES];
	if (waits->entries[LANE_C - 1] || !ingest_is_alive(d->ingest, w->public))
		return OK;
	enum err e = withheld_each_lost(d->txn, w->public, s->incarnation, count_lost, &lost);
	if (e || lost.count == 0)
		return e;
	clock_text(first, lost.first_s * MS_PER_S);
	OWNED_MEM char *words = xasprintf("%" PRIu64 " withdrawals, the first of %.10s, were "
					  "lost at this node when it was put back: they stay "
					  "in force here, and %s does not know of them",
		lost.count, first, w->site);
	OWNED_MEM char *command = xasprintf(
		"ask at %s who withdrew since that day and enter it there again: weir-node "
		"change",
		w->site);
	decisions_say(d, id, words, command);
	return OK;
}

enum err
decisions_put_node(void *arg, const struct writer *w)
{
	const struct deciding *d = arg;
	struct standing kept;
	struct ingest_waits waits;
	char id[2 * PREFIX_BYTES + 1];
	text_hex(id, w->public, PREFIX_BYTES);
	enum err e = standing_get(d->txn, w->public, &kept);
	if (e)
		return e;
	const struct forward_writer *f = forward_find(audit_forward(d->hub->audit), w->public);
	ingest_waits(d->ingest, w->public, &waits);
	if (!w->revoked_s)
		put_stopped(d, id, f ? f->standing : kept.standing);
	put_silence(d, id, w, &kept);
	e = put_over(d, id, w);
	if (e)
		return e;
	if (!w->revoked_s && waits.is_behind)
		decisions_say(d, id,
			"this node lacks what the hub has of it: it was put back from a "
			"backup. "
			"It gets it again when its person has said so",
			"weir-node survive, on that machine");
	put_damage(d, id, w);
	put_clock(d, id, &waits);
	put_unsent(d, id, &waits, w->revoked_s != 0);
	return put_lost(d, id, w, &kept, &waits);
}
