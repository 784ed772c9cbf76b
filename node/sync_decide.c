#include "node/sync_decide_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/trust/backupdir.h"

#include "node/putback.h"
#include "node/sync_contact.h"
#include "node/sync_erase.h"
#include "node/sync_erased.h"
#include "node/sync_marks.h"

#define SKEW_MAX_MS      (5 * 60 * 1000)
#define LOST_SHOWN_COUNT 16

const char *
sync_decide_lane(enum lane lane)
{
	switch (lane) {
	case LANE_C:
		return "consents, keys and changes";
	case LANE_R:
		return "records";
	case LANE_A:
		return "acts at the site";
	}
	return "";
}

void
sync_decide_put(struct json_out *w, const char *what, const char *command)
{
	json_put_object(w, NULL);
	json_put_text(w, "what", what);
	json_put_text(w, "command", command);
	json_put_close(w);
}

static const char *
about_verdict(const struct lane_node *n)
{
	if (n->state == LANE_MUST_UPGRADE)
		return "the hub speaks a newer version: install it; what is collected is kept";
	if (n->verdict == SYNC_REVOKED)
		return "the hub has closed this installation: ask the research team; what is "
		       "collected is kept";
	if (n->verdict == SYNC_BEHIND)
		return "this installation was put back to an earlier state: the hub has "
		       "entries of it that are not here. If no other copy of it is in use, let "
		       "this one go on";
	return "two copies of this installation have been in use. Choose one, switch the other "
	       "off for good, and let the chosen one go on";
}

static void
write_verdict(struct json_out *w, const struct lane_node *n)
{
	bool asks = n->state == LANE_STOPPED && n->verdict != SYNC_REVOKED;
	if (n->state == LANE_STOPPED || n->state == LANE_MUST_UPGRADE)
		sync_decide_put(w, about_verdict(n), asks ? "weir-node survive" : "");
}

/* The next entry to be sent cannot be read: what lies behind it waits, all else goes on. */
static void
write_stuck(struct json_out *w, const struct vault *v, const struct lane_node *n)
{
	char sentence[SYNC_DECIDE_BYTES], name[VAULT_NAME_BYTES];
	for (enum lane lane = LANE_C; lane <= LANE_A; lane++) {
		const struct vault_at at = {n->incarnation, lane, n->lanes[lane - 1].sent + 1};
		if (!(n->stuck & 1u << lane))
			continue;
		vault_name(v, &at, name);
		(void)snprintf(sentence, sizeof(sentence),
			"entry %s (%s) is damaged on this machine and is not at the hub; what "
			"was entered after it waits%s. Ask the research team: a backup that "
			"was made after it was entered can be put back, if there is one",
			name, sync_decide_lane(lane),
			lane == LANE_C ? ", and so do the records" : ", all else goes on");
		sync_decide_put(w, sentence, "weir-node restore DIR");
	}
}

static bool
is_stuck_at(const struct vault *v, const struct lane_node *n, const char *name)
{
	char stuck[VAULT_NAME_BYTES];
	for (enum lane lane = LANE_C; lane <= LANE_A; lane++) {
		const struct vault_at at = {n->incarnation, lane, n->lanes[lane - 1].sent + 1};
		vault_name(v, &at, stuck);
		if ((n->stuck & 1u << lane) && strcmp(stuck, name) == 0)
			return true;
	}
	return false;
}

/* What reading everything once more has found and the hub cannot mend. */
static void
write_lost(struct json_out *w, const struct vault *v, const struct lane_node *n,
	const struct sync_scrub *scrub)
{
	char sentence[SYNC_DECIDE_BYTES];
	const char *name = NULL;
	for (size_t i = 0; i < LOST_SHOWN_COUNT; i++) {
		name = sync_scrub_lost(scrub, i);
		if (!name)
			return;
		(void)snprintf(sentence, sizeof(sentence),
			"entry %s is damaged on this machine and is not at the hub. Ask the "
			"research team: a backup that was made after it was entered can be put "
			"back, if there is one",
			name);
		if (!is_stuck_at(v, n, name))
			sync_decide_put(w, sentence, "weir-node restore DIR");
	}
	if (sync_scrub_lost(scrub, LOST_SHOWN_COUNT))
		sync_decide_put(w, "more entries than these are damaged on this machine",
			"weir-node check --read-data");
}

/* Row 40: never, as long as the hub keeps its word on what it retains. */
static enum err
write_missed(struct json_out *w, struct vault *v)
{
	char sentence[SYNC_DECIDE_BYTES];
	struct sync_marks_missed m;
	enum err e = sync_marks_missed(v, &m);
	if (e || !m.incarnation)
		return e;
	(void)snprintf(sentence, sizeof(sentence),
		"the hub was put back to before records %" PRIu64 " to %" PRIu64
		" (part %u), whose answers this machine had handed over for good. Ask the "
		"research team: only a backup of theirs has these answers",
		m.first, m.last, m.incarnation);
	sync_decide_put(w, sentence, "");
	return OK;
}

static void
write_clock(struct json_out *w, const struct lane_node *n)
{
	char sentence[SYNC_DECIDE_BYTES], span[CLOCK_SPAN_BYTES];
	if (llabs(n->skew_ms) <= SKEW_MAX_MS)
		return;
	clock_span(span, n->skew_ms);
	(void)snprintf(sentence, sizeof(sentence),
		"this computer's clock is %s %s the hub's: times of consents and records are "
		"wrong as long as one of the two is. Look at the date and time of this "
		"computer",
		span, n->skew_ms < 0 ? "ahead of" : "behind");
	sync_decide_put(w, sentence, "");
}

static enum err
write_put_back(struct json_out *w, struct vault *v)
{
	enum putback state;
	enum err e = putback_state(v, &state);
	if (!e && state == PUTBACK_WAITS)
		sync_decide_put(w,
			"this computer was put back from a backup and waits to hear from the "
			"hub who was erased since: the desk stays locked until then. Connect "
			"it, or read the newest bundle of the hub",
			"weir-node bundle read FILE");
	if (!e && state == PUTBACK_HEARD)
		sync_decide_put(w,
			"persons who were erased came back with the backup: they are deleted "
			"again as soon as all that is about them is at the hub; the desk stays "
			"locked until then",
			"");
	return e;
}

/* A wish that cannot be read waits; the hub has a whole one. */
static enum err
write_damaged_wishes(struct json_out *w, struct vault *v)
{
	char sentence[SYNC_DECIDE_BYTES];
	uint32_t count = 0;
	enum err e = sync_erase_damaged(v, &count);
	if (e || !count)
		return e;
	(void)snprintf(sentence, sizeof(sentence),
		"the wishes of %" PRIu32 " people who asked to be erased are damaged on this "
		"machine: they are erased here as soon as the wishes were read again from the "
		"hub",
		count);
	sync_decide_put(w, sentence, "weir-node scrub");
	return OK;
}

/* Somebody is not erased as long as a vault that a restore put aside may have the person. */
static enum err
write_beside(struct json_out *w, const struct sync_link_site *site)
{
	char sentence[SYNC_DECIDE_BYTES], name[BACKUPDIR_NAME_BYTES];
	uint32_t wants = 0;
	enum err e = sync_erased_wants(site->vault, &wants);
	if (e || !wants || !site->dir || !backupdir_beside(site->dir, name))
		return e;
	(void)snprintf(sentence, sizeof(sentence),
		"somebody asked to be erased, and %s, which a restore put aside in the "
		"directory of this node, may still have the person: nobody is erased here "
		"until it is deleted. It may have records that are nowhere else: ask the "
		"research team first if you are not sure",
		name);
	sync_decide_put(w, sentence, "");
	return OK;
}

/* Names of the desk that the study says are kept no longer. */
static enum err
write_names(struct json_out *w, const struct sync_link_site *site)
{
	bool is_due = false;
	enum err e = sync_contact_due(
		site->vault, sync_config_pack(site->config), clock_wall_ms(), &is_due);
	if (!e && is_due)
		sync_decide_put(w,
			"names and contacts at the desk are kept for longer behind the last "
			"contact than the study says: open the desk, look at `weir-node "
			"contact list`, and remove them",
			"weir-node contact remove --due");
	return e;
}

static enum err
count_row(void *arg, struct view key, struct view content)
{
	uint64_t *count = arg;
	(void)key;
	(void)content;
	++*count;
	return OK;
}

static enum err
write_held(struct json_out *w, struct vault *v)
{
	char sentence[SYNC_DECIDE_BYTES];
	uint64_t held = 0;
	enum err e = vault_each(v, VAULT_HOLDS, view_of(NULL, 0), count_row, &held);
	if (e || !held)
		return e;
	(void)snprintf(sentence, sizeof(sentence),
		"%" PRIu64 " records are held until somebody has looked at them", held);
	sync_decide_put(w, sentence, "weir-node held list");
	return OK;
}

/* What came back from the hub, or did not, after this computer was put back. */
static void
write_refilled(struct json_out *w, const struct sync_refilled *r)
{
	char sentence[SYNC_DECIDE_BYTES];
	if (r->without_code) {
		(void)snprintf(sentence, sizeof(sentence),
			"the study codes of %" PRIu64 " people came back with no list: each is "
			"known again when its card is used; enter withdrawals as usual",
			r->without_code);
		sync_decide_put(w, sentence, "");
	}
	if (r->lost) {
		(void)snprintf(sentence, sizeof(sentence),
			"%" PRIu64
			" entries that only this copy had were damaged and could not be "
			"sent: the log names them; enter them again from paper where there is "
			"any",
			r->lost);
		sync_decide_put(w, sentence, "");
	}
}

enum err
sync_decide_write(struct json_out *w, const struct sync_decide *d)
{
	json_put_array(w, "decide");
	write_verdict(w, d->node);
	write_stuck(w, d->vault, d->node);
	write_lost(w, d->vault, d->node, d->scrub);
	write_clock(w, d->node);
	enum err e = write_put_back(w, d->vault);
	if (!e)
		e = write_damaged_wishes(w, d->vault);
	if (!e)
		e = sync_decide_review(w, d->site);
	if (!e)
		e = write_beside(w, d->site);
	if (!e)
		e = write_names(w, d->site);
	if (!e)
		e = write_missed(w, d->vault);
	if (!e)
		e = sync_decide_kept(w, d->site);
	if (!e)
		e = write_held(w, d->vault);
	write_refilled(w, d->refilled);
	json_put_close(w);
	return e;
}
