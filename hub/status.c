#include "hub/status.h"

#include <string.h>

#include "common/base/clock.h"

#include "hub/attachments.h"
#include "hub/audit.h"
#include "hub/decisions.h"
#include "hub/forward.h"
#include "hub/ingest.h"
#include "hub/recovery.h"
#include "hub/release_desk.h"
#include "hub/renewal_status.h"
#include "hub/standing.h"
#include "hub/tally.h"
#include "hub/versions.h"
#include "hub/witness.h"
#include "hub/writer.h"

#define MS_PER_S     1000
#define PREFIX_BYTES 4

static const char *const standing_words[] = {"", "in good standing", "behind",
	"in quarantine: two different entries under one number", "in quarantine: used twice",
	"revoked", "needs an upgrade"};

/* Of all incarnations: what was said again after a copy was chosen stands in the newest one,
 * and what the hub had before it in those below. */
static enum err
count_entries(struct answer *a, const struct writer *w, uint32_t incarnation,
	uint64_t counts[static LANE_COUNT])
{
	enum err e = OK;
	while (!e && incarnation) {
		struct place lane = {.incarnation = incarnation};
		struct standing_base base = {.incarnation = 0};
		memcpy(lane.writer, w->public, sizeof(lane.writer));
		for (uint8_t i = 0; !e && i < LANE_COUNT; i++) {
			struct sync_mark mark = {.seq = 0};
			lane.lane = (uint8_t)(i + 1);
			e = standing_head_get(a->txn, &lane, &mark);
			counts[i] += mark.seq;
		}
		if (!e)
			e = standing_base_get(a->txn, w->public, incarnation, &base);
		incarnation = base.incarnation < incarnation ? base.incarnation : 0;
	}
	return e;
}

static enum err
put_lanes(struct answer *a, const struct writer *w, uint32_t incarnation)
{
	static const char *const names[LANE_COUNT] = {"C", "R", "A"};
	uint64_t counts[LANE_COUNT] = {0};
	enum err e = count_entries(a, w, incarnation, counts);
	json_put_array(&a->out, "lanes");
	for (size_t i = 0; !e && i < LANE_COUNT; i++) {
		json_put_object(&a->out, NULL);
		json_put_text(&a->out, "lane", names[i]);
		json_put_int(&a->out, "entries", (int64_t)counts[i]);
		json_put_close(&a->out);
	}
	json_put_close(&a->out);
	return e;
}

static void
put_forms(struct answer *a, const struct tally *t)
{
	json_put_array(&a->out, "forms");
	for (size_t i = 0; i < t->form_count; i++) {
		json_put_object(&a->out, NULL);
		json_put_text(&a->out, "form", t->forms[i].form);
		json_put_text(&a->out, "version", t->forms[i].version);
		for (int outcome = RULES_PERMIT; outcome >= RULES_DENY; outcome--)
			json_put_int(&a->out, rules_outcome_word((enum rules_outcome)outcome),
				(int64_t)t->forms[i].records[outcome]);
		json_put_close(&a->out);
	}
	json_put_close(&a->out);
}

static enum err
put_records(struct answer *a, const struct writer *w)
{
	struct tally t;
	enum err e = tally_get(a->txn, w->public, &t);
	if (!e)
		put_forms(a, &t);
	json_put_array(&a->out, "records");
	for (size_t i = 0; !e && i < t.count; i++) {
		json_put_object(&a->out, NULL);
		json_put_text(&a->out, "outcome", rules_outcome_word(t.at[i].outcome));
		json_put_text(&a->out, "reason", t.at[i].reason);
		json_put_int(&a->out, "count", (int64_t)t.at[i].records);
		json_put_close(&a->out);
	}
	json_put_close(&a->out);
	return e;
}

/* Files that have not come, and what the node as a witness has seen of the log. */
static enum err
put_files(struct answer *a, const struct writer *w)
{
	struct attachments_count count;
	struct witness_last last = {0};
	enum err e = attachments_counts(a->txn, w->public, &count);
	if (!e)
		e = witness_last(a->txn, w, &last);
	if (e)
		return e;
	json_put_int(&a->out, "records_incomplete", (int64_t)count.records);
	json_put_int(&a->out, "files_missing", (int64_t)count.files);
	json_put_int(&a->out, "cosigned_size", (int64_t)last.size);
	json_put_int(&a->out, "cosigned_s", (int64_t)last.time_s);
	return OK;
}

/* By what, and for how long, a site collects without another word of the hub. */
static enum err
put_told(struct answer *a, const struct writer *w)
{
	struct standing_told told;
	enum err e = standing_told_get(a->txn, w->public, &told);
	json_put_int(&a->out, "told_manifest", (int64_t)told.manifest);
	json_put_int(&a->out, "told_until_s", told.until_s);
	return e;
}

static enum err
put_node(void *arg, const struct writer *w)
{
	struct answer *a = arg;
	struct standing s;
	enum err e = standing_get(a->txn, w->public, &s);
	if (e)
		return e;
	json_put_object(&a->out, NULL);
	json_put_hex(&a->out, "writer", view_of(w->public, PREFIX_BYTES));
	json_put_text(&a->out, "site", w->site);
	json_put_text(&a->out, "name", w->name);
	ingest_status(a->from->ingest, w->public, &a->out);
	json_put_text(&a->out, "standing",
		w->revoked_s ? standing_words[SYNC_REVOKED] : standing_words[s.standing]);
	json_put_int(&a->out, "manifest", (int64_t)s.manifest);
	json_put_int(&a->out, "contact_s", s.contact_s);
	e = put_told(a, w);
	if (!e)
		e = put_lanes(a, w, s.incarnation);
	if (!e)
		e = put_files(a, w);
	if (!e)
		e = put_records(a, w);
	json_put_close(&a->out);
	return e;
}

/* Versions of a pack that cannot be read any more count as never published: people have to
 * see that. */
static void
put_lost(struct answer *a)
{
	const struct hub *h = a->from->hub;
	const char *why = "";
	size_t lost = h->versions ? versions_lost(h->versions, &why) : 0;
	json_put_int(&a->out, "lost_packs", (int64_t)lost);
	json_put_text(&a->out, "lost_why", why);
}

/* What no restore takes back, and the backups that nodes keep their entries for. */
static void
put_journal(struct answer *a)
{
	const struct forward *f = audit_forward(a->from->hub->audit);
	size_t count;
	const struct forward_backup *all = forward_backups(f, &count);
	json_put_int(&a->out, "journal_bytes", (int64_t)forward_bytes(f));
	json_put_int(&a->out, "epoch", (int64_t)forward_epoch(f));
	json_put_array(&a->out, "backups");
	for (size_t i = 0; i < count; i++) {
		json_put_object(&a->out, NULL);
		json_put_hex(&a->out, "id", view_of(all[i].id, PREFIX_BYTES));
		json_put_int(&a->out, "made_s", all[i].made_s);
		json_put_close(&a->out);
	}
	json_put_close(&a->out);
}

/* Nothing is released while the hub waits for nodes: people have to see for which. */
static enum err
put_recovery(struct answer *a)
{
	OWNED_RECOVERY struct recovery r = {.nodes = NULL};
	enum err e = recovery_get(&r, a->txn);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	json_put_object(&a->out, "recovery");
	json_put_int(&a->out, "since_s", r.since_s);
	json_put_int(&a->out, "leaves_vault", (int64_t)r.leaves_vault);
	json_put_int(&a->out, "leaves_back", (int64_t)r.leaves_back);
	json_put_int(&a->out, "acts", (int64_t)r.acts);
	json_put_array(&a->out, "waits");
	for (size_t i = 0; i < r.count; i++)
		if (!r.nodes[i].is_heard)
			json_put_hex(&a->out, NULL, view_of(r.nodes[i].writer, PREFIX_BYTES));
	json_put_close(&a->out);
	json_put_close(&a->out);
	return OK;
}

enum err
status_answer(struct answer *a)
{
	const struct hub *h = a->from->hub;
	json_put_object(&a->out, NULL);
	json_put_text(&a->out, "study", h->study);
	json_put_int(&a->out, "manifest", (int64_t)h->manifest_number);
	json_put_int(&a->out, "leaves", (int64_t)audit_size(h->audit));
	json_put_int(&a->out, "published", (int64_t)audit_published_size(h->audit));
	json_put_int(&a->out, "started_s", a->from->started_s);
	json_put_int(&a->out, "now_s", clock_wall_ms() / MS_PER_S);
	json_put_bool(&a->out, "keeper_open",
		a->from->desk && release_desk_keeper_is_open(a->from->desk));
	json_put_int(&a->out, "refused", (int64_t)ingest_dropped_count(a->from->ingest));
	put_lost(a);
	put_journal(a);
	enum err e = put_recovery(a);
	if (!e)
		e = renewal_status_put(&a->out, a->from->hub, h->renew_days);
	if (!e)
		e = decisions_put(&a->out, a->from->hub, a->from->ingest, a->txn);
	json_put_array(&a->out, "nodes");
	if (!e)
		e = writer_each(a->txn, put_node, a);
	json_put_close(&a->out);
	json_put_close(&a->out);
	return e;
}
