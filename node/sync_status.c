#include "node/sync_status.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#include "node/putback.h"
#include "node/sync_chain.h"
#include "node/sync_change.h"
#include "node/sync_chunks.h"
#include "node/sync_kept.h"
#include "node/sync_marks.h"
#include "node/sync_needs.h"
#include "node/sync_witness.h"

#define WRITER_SHOWN_BYTES 4
#define SENTENCE_BYTES     400
#define SKEW_MAX_MS        (5 * 60 * 1000)
#define MS_PER_S           1000
#define LOST_SHOWN_COUNT   16

/* Entries of one lane over all incarnations. */
struct lane_counts {
	uint64_t kept, sent, at_hub, retained;
};

static const char *
link_word(enum sync_link_state state)
{
	switch (state) {
	case SYNC_LINK_WAITING:
		return "waiting";
	case SYNC_LINK_CONNECTING:
		return "connecting";
	case SYNC_LINK_UP:
		return "connected";
	case SYNC_LINK_REFUSED:
		return "refused";
	case SYNC_LINK_STOPPED:
		return "stopped";
	}
	return "";
}

static const char *
about(enum lane lane)
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

static void
write_link(struct json_out *w, const struct sync_link *link)
{
	struct sync_link_facts f;
	char when[CLOCK_TEXT_BYTES] = "";
	sync_link_facts(link, &f);
	if (f.contact_ms)
		clock_text(when, f.contact_ms);
	json_put_text(w, "link", link_word(f.state));
	json_put_text(w, "reason", f.reason);
	json_put_text(w, "last_contact", when);
	json_put_int(w, "ahead_s", -sync_link_node(link)->skew_ms / MS_PER_S);
	json_put_int(w, "dropped", (int64_t)f.dropped_count);
}

static void
write_forms(struct json_out *w, const struct sync_config *config)
{
	const struct pack *pack = sync_config_pack(config);
	json_put_int(w, "manifest", (int64_t)sync_config_number(config));
	json_put_array(w, "forms");
	for (size_t i = 0; pack && i < pack->form_count; i++) {
		json_put_object(w, NULL);
		json_put_text(w, "id", pack->forms[i]->id);
		json_put_text(w, "version", pack->forms[i]->version);
		json_put_text(w, "title", pack->forms[i]->title);
		json_put_close(w);
	}
	json_put_close(w);
}

/* what is where */

/* Incarnations below the one in use are what the hub had when it was opened: they are there
 * unless the hub was restored to before them. */
static enum err
count_lane(struct vault *v, enum lane lane, struct lane_counts *ret)
{
	struct vault_mark m;
	struct lane_chain c = {.incarnation = 0};
	uint32_t lost = 0;
	*ret = (struct lane_counts){0};
	enum err e = sync_chain_lost(v, &lost);
	if (!e)
		e = vault_mark_get(v, lane, &m);
	while (!e && vault_chain_above(v, c.incarnation, &c)) {
		uint64_t all = c.last[lane - 1].seq;
		bool there = !lost || c.incarnation < lost;
		ret->kept += all;
		ret->sent += !there ? 0 : c.more ? all : m.durable;
		ret->at_hub += !there ? 0 : c.more ? all : m.at_hub;
		ret->retained += !there || c.more ? 0 : m.retained;
	}
	return e;
}

static void
put_counts(struct json_out *w, const struct lane_counts *n)
{
	json_put_int(w, "kept", (int64_t)n->kept);
	json_put_int(w, "sent", (int64_t)n->sent);
	json_put_int(w, "at_hub", (int64_t)n->at_hub);
	json_put_int(w, "in_backups", (int64_t)n->retained);
}

static enum err
write_changes(struct json_out *w, struct vault *v)
{
	struct sync_change_counts n;
	struct vault_mark m;
	enum err e = vault_mark_get(v, LANE_C, &m);
	if (!e)
		e = sync_change_counts(v, m.at_hub, &n);
	if (e)
		return e;
	json_put_object(w, "changes");
	json_put_int(w, "waiting", (int64_t)n.waiting);
	json_put_int(w, "known", (int64_t)n.known);
	json_put_close(w);
	return OK;
}

static enum err
write_lanes(struct json_out *w, struct vault *v)
{
	static const char letters[][2] = {"", "C", "R", "A"};
	struct lane_counts all = {0};
	json_put_array(w, "lanes");
	for (enum lane lane = LANE_C; lane <= LANE_A; lane++) {
		struct lane_counts n;
		enum err e = count_lane(v, lane, &n);
		if (e)
			return e;
		json_put_object(w, NULL);
		json_put_text(w, "lane", letters[lane]);
		json_put_text(w, "about", about(lane));
		put_counts(w, &n);
		json_put_close(w);
		all.kept += n.kept;
		all.sent += n.sent;
		all.at_hub += n.at_hub;
		all.retained += n.retained;
	}
	json_put_close(w);
	put_counts(w, &all);
	return write_changes(w, v);
}

static enum err
write_files(struct json_out *w, struct vault *v)
{
	struct sync_chunks_count n;
	enum err e = sync_chunks_counts(v, &n);
	json_put_object(w, "files");
	json_put_int(w, "kept", (int64_t)n.all);
	json_put_int(w, "at_hub", (int64_t)n.sent);
	json_put_close(w);
	return e;
}

static enum err
write_needs(struct json_out *w, const struct sync_link_site *site)
{
	const struct sync_judge j = {.vault = site->vault,
		.pack = sync_config_pack(site->config),
		.terms = sync_config_terms(site->config),
		.site = site->card->site,
		.now_ms = clock_wall_ms()};
	return sync_needs_write(&j, w);
}

static enum err
write_room(struct json_out *w, struct vault *v)
{
	struct vault_usage u;
	enum err e = vault_usage(v, &u);
	if (e)
		return e;
	json_put_int(w, "used_bytes", (int64_t)u.used_bytes);
	json_put_int(w, "limit_bytes", (int64_t)u.limit_bytes);
	json_put_int(w, "disk_free_bytes", (int64_t)u.disk_free_bytes);
	return OK;
}

/* what was brought back, and what a person has to decide */

static void
write_refilled(struct json_out *w, const struct sync_refilled *r)
{
	char when[CLOCK_TEXT_BYTES];
	if (!r->at_s)
		return;
	clock_text(when, r->at_s * MS_PER_S);
	json_put_object(w, "refilled");
	json_put_text(w, "at", when);
	json_put_int(w, "came_back", (int64_t)r->taken);
	json_put_int(w, "sent_again", (int64_t)r->repeated);
	json_put_int(w, "erased", (int64_t)r->erased);
	json_put_int(w, "without_code", (int64_t)r->without_code);
	json_put_int(w, "lost", (int64_t)r->lost);
	json_put_close(w);
}

static void
put_decision(struct json_out *w, const char *what, const char *command)
{
	json_put_object(w, NULL);
	json_put_text(w, "what", what);
	json_put_text(w, "command", command);
	json_put_close(w);
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
		       "entries "
		       "of it that are not here. If no other copy of it is in use, let this "
		       "one go on";
	return "two copies of this installation have been in use. Choose one, switch the other "
	       "off for good, and let the chosen one go on";
}

static void
write_verdict(struct json_out *w, const struct lane_node *n)
{
	bool asks = n->state == LANE_STOPPED && n->verdict != SYNC_REVOKED;
	if (n->state == LANE_STOPPED || n->state == LANE_MUST_UPGRADE)
		put_decision(w, about_verdict(n), asks ? "weir-node survive" : "");
}

/* The next entry to be sent cannot be read: what lies behind it waits, all else goes on. */
static void
write_stuck(struct json_out *w, const struct vault *v, const struct lane_node *n)
{
	char sentence[SENTENCE_BYTES], name[VAULT_NAME_BYTES];
	for (enum lane lane = LANE_C; lane <= LANE_A; lane++) {
		const struct vault_at at = {n->incarnation, lane, n->lanes[lane - 1].sent + 1};
		if (!(n->stuck & 1u << lane))
			continue;
		vault_name(v, &at, name);
		(void)snprintf(sentence, sizeof(sentence),
			"entry %s (%s) is damaged on this machine and is not at the hub; what "
			"was entered after it waits%s. Ask the research team: a backup that "
			"was made after it was entered can be put back, if there is one",
			name, about(lane),
			lane == LANE_C ? ", and so do the records" : ", all else goes on");
		put_decision(w, sentence, "weir-node restore DIR");
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
	char sentence[SENTENCE_BYTES];
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
			put_decision(w, sentence, "weir-node restore DIR");
	}
	if (sync_scrub_lost(scrub, LOST_SHOWN_COUNT))
		put_decision(w, "more entries than these are damaged on this machine",
			"weir-node check --read-data");
}

/* Row 40: never, as long as the hub keeps its word on what it retains. */
static enum err
write_missed(struct json_out *w, struct vault *v)
{
	char sentence[SENTENCE_BYTES];
	struct sync_marks_missed m;
	enum err e = sync_marks_missed(v, &m);
	if (e || !m.incarnation)
		return e;
	(void)snprintf(sentence, sizeof(sentence),
		"the hub was put back to before records %" PRIu64 " to %" PRIu64
		" (part %u), whose answers this machine had handed over for good. Ask the "
		"research team: only a backup of theirs has these answers",
		m.first, m.last, m.incarnation);
	put_decision(w, sentence, "");
	return OK;
}

static void
write_clock(struct json_out *w, const struct lane_node *n)
{
	char sentence[SENTENCE_BYTES], span[CLOCK_SPAN_BYTES];
	if (llabs(n->skew_ms) <= SKEW_MAX_MS)
		return;
	clock_span(span, n->skew_ms);
	(void)snprintf(sentence, sizeof(sentence),
		"this computer's clock is %s %s the hub's: times of consents and records are "
		"wrong as long as one of the two is. Look at the date and time of this "
		"computer",
		span, n->skew_ms < 0 ? "ahead of" : "behind");
	put_decision(w, sentence, "");
}

static enum err
write_put_back(struct json_out *w, struct vault *v)
{
	enum putback state;
	enum err e = putback_state(v, &state);
	if (!e && state == PUTBACK_WAITS)
		put_decision(w,
			"this computer was put back from a backup and waits to hear from the "
			"hub who was erased since: the desk stays locked until then. Connect "
			"it, or read the newest bundle of the hub",
			"weir-node bundle read FILE");
	if (!e && state == PUTBACK_HEARD)
		put_decision(w,
			"persons who were erased came back with the backup: they are deleted "
			"again as soon as all that is about them is at the hub; the desk stays "
			"locked until then",
			"");
	return e;
}

/* What is held and sealed for a key of the study that is destroyed. */
static void
write_late(struct json_out *w, const struct sync_kept_aside *kept)
{
	char sentence[SENTENCE_BYTES];
	if (kept->by_site) {
		(void)snprintf(sentence, sizeof(sentence),
			"%" PRIu64 " held records are sealed for a key of the study that is "
			"destroyed. This site can still open them: open the desk, which seals "
			"their keys for the newest one",
			kept->by_site);
		put_decision(w, sentence, "weir-node desk unlock");
	}
	if (kept->by_nobody) {
		(void)snprintf(sentence, sizeof(sentence),
			"%" PRIu64 " held records are sealed for a key of the study that is "
			"destroyed, and not for this site: nobody can open them any more. Drop "
			"each, and have it entered anew by whoever collected it",
			kept->by_nobody);
		put_decision(w, sentence, "weir-node held list");
	}
}

/* What is held and sealed for an older key of the study, before it is too late. */
static enum err
write_kept(struct json_out *w, const struct sync_link_site *site)
{
	char sentence[SENTENCE_BYTES], day[CLOCK_TEXT_BYTES];
	const struct wire_manifest *m = sync_config_manifest(site->config);
	const struct sync_judge j = {.vault = site->vault,
		.intake = m ? m->intake[m->intake_count - 1].number : 0,
		.intake_first = m ? m->intake[0].number : 0};
	const int64_t warn_s = (int64_t)(SYNC_KEPT_DAYS - SYNC_KEPT_WARN_DAYS) * 86400;
	struct sync_kept_aside kept;
	enum err e = sync_kept_find(&j, &kept);
	if (!e)
		write_late(w, &kept);
	if (e || kept.count == kept.by_site + kept.by_nobody ||
		clock_wall_ms() / MS_PER_S < kept.until_s - warn_s)
		return e;
	clock_text(day, kept.until_s * MS_PER_S);
	(void)snprintf(sentence, sizeof(sentence),
		"%" PRIu64
		" held records are sealed for an older key of the study, which may be "
		"destroyed on %.10s: after that nobody at the study can open them any more. "
		"Before it accept each, drop it, or bring the approval that it waits for",
		kept.count - kept.by_site - kept.by_nobody, day);
	put_decision(w, sentence, "weir-node held list");
	return OK;
}

struct deciding {
	struct vault *vault;
	const struct sync_link_site *site;
	const struct lane_node *node;
	const struct sync_scrub *scrub;
	const struct sync_refilled *refilled;
};

static enum err
write_decisions(struct json_out *w, const struct deciding *d)
{
	char sentence[SENTENCE_BYTES];
	const struct sync_refilled *r = d->refilled;
	uint64_t held = 0;
	enum err e = vault_each(d->vault, VAULT_HOLDS, view_of(NULL, 0), count_row, &held);
	json_put_array(w, "decide");
	write_verdict(w, d->node);
	write_stuck(w, d->vault, d->node);
	write_lost(w, d->vault, d->node, d->scrub);
	write_clock(w, d->node);
	if (!e)
		e = write_put_back(w, d->vault);
	if (!e)
		e = write_missed(w, d->vault);
	if (!e)
		e = write_kept(w, d->site);
	if (held) {
		(void)snprintf(sentence, sizeof(sentence),
			"%" PRIu64 " records are held until somebody has looked at them", held);
		put_decision(w, sentence, "weir-node held list");
	}
	if (r->without_code) {
		(void)snprintf(sentence, sizeof(sentence),
			"the study codes of %" PRIu64 " people came back with no list: each is "
			"known again when its card is used; enter withdrawals as usual",
			r->without_code);
		put_decision(w, sentence, "");
	}
	if (r->lost) {
		(void)snprintf(sentence, sizeof(sentence),
			"%" PRIu64
			" entries that only this copy had were damaged and could not be "
			"sent: the log names them; enter them again from paper where there is "
			"any",
			r->lost);
		put_decision(w, sentence, "");
	}
	json_put_close(w);
	return e;
}

enum err
sync_status_write(const struct sync_link_site *site, const struct sync_link *link,
	const struct sync_scrub *scrub, struct buf *out)
{
	struct json_out w;
	struct sync_refilled refilled;
	const struct lane_node *node = sync_link_node(link);
	const struct sync_witness_self self = {
		site->card->site, site->keys->writer_public, site->keys->witness_public};
	json_begin(&w, out);
	json_put_object(&w, NULL);
	json_put_text(&w, "study", site->card->study);
	json_put_text(&w, "site", site->card->site);
	json_put_hex(&w, "writer", view_of(site->keys->writer_public, WRITER_SHOWN_BYTES));
	json_put_int(&w, "incarnation", vault_incarnation(site->vault));
	write_link(&w, link);
	json_put_text(
		&w, "refilling", node->survivor && node->state != LANE_STOPPED ? "yes" : "no");
	write_forms(&w, site->config);
	enum err e = write_needs(&w, site);
	if (!e)
		e = write_lanes(&w, site->vault);
	if (!e)
		e = write_files(&w, site->vault);
	if (!e)
		e = sync_witness_write(site->vault, site->config, &self, &w);
	if (!e)
		e = write_room(&w, site->vault);
	if (!e)
		e = sync_refill_last(site->vault, &refilled);
	if (!e) {
		write_refilled(&w, &refilled);
		const struct deciding d = {site->vault, site, node, scrub, &refilled};
		e = write_decisions(&w, &d);
	}
	json_put_close(&w);
	return e ? e : json_end(&w, "status of the node");
}
