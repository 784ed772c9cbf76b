#include "hub/answers.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/codec/json.h"
#include "common/codec/text.h"

#include "hub/attachments.h"
#include "hub/audit.h"
#include "hub/decisions.h"
#include "hub/export_fhir.h"
#include "hub/facts.h"
#include "hub/forward.h"
#include "hub/holdacts.h"
#include "hub/ingest.h"
#include "hub/judge.h"
#include "hub/recovery.h"
#include "hub/release.h"
#include "hub/release_desk.h"
#include "hub/renewal_status.h"
#include "hub/siteacts.h"
#include "hub/standing.h"
#include "hub/tally.h"
#include "hub/trial.h"
#include "hub/versions.h"
#include "hub/witness.h"
#include "hub/writer.h"

#define ARGS_MAX_BYTES 65536
#define MS_PER_S       1000
#define PREFIX_BYTES   4

/* One question being answered. */
struct answer {
	const struct answers *from;
	struct vault_txn *txn;
	const struct json *args;
	struct json_out out;
};

static const char *const standing_words[] = {"", "in good standing", "behind",
	"in quarantine: two different entries under one number", "in quarantine: used twice",
	"revoked", "needs an upgrade"};

/* status */

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

static enum err
answer_status(struct answer *a)
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

/* why */

static void
put_verdict(struct answer *a, const char *key, const struct verdict *v, const char *reason)
{
	json_put_object(&a->out, key);
	json_put_text(&a->out, "outcome", rules_outcome_word(v->outcome));
	json_put_text(&a->out, "reason", reason);
	json_put_array(&a->out, "fired");
	for (size_t i = 0; i < v->fired_count; i++) {
		json_put_object(&a->out, NULL);
		json_put_text(&a->out, "rule", v->fired[i].rule);
		json_put_text(&a->out, "outcome", rules_outcome_word(v->fired[i].outcome));
		json_put_text(&a->out, "reason", v->fired[i].reason);
		json_put_close(&a->out);
	}
	json_put_close(&a->out);
	json_put_close(&a->out);
}

static void
put_permissions(struct answer *a, const struct wire_consent *c)
{
	json_put_array(&a->out, "permissions");
	for (size_t i = 0; i < c->permission_count; i++) {
		json_put_object(&a->out, NULL);
		json_put_text(&a->out, "code", c->permissions[i].code);
		json_put_text(
			&a->out, "decision", c->permissions[i].permit ? "permit" : "deny");
		json_put_int(&a->out, "from_s", c->permissions[i].from_s);
		json_put_int(&a->out, "until_s", c->permissions[i].until_s);
		json_put_close(&a->out);
	}
	json_put_close(&a->out);
}

static enum err
put_consent(void *arg, const struct record_consent *c)
{
	struct answer *a = arg;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	char name[PLACE_NAME_BYTES];
	enum err e = record_rules(a->txn, &c->place, &r);
	if (e && e != E_NOTFOUND)
		return e;
	place_name(name, &c->place);
	json_put_object(&a->out, NULL);
	json_put_text(&a->out, "entry", name);
	json_put_int(&a->out, "leaf", (int64_t)c->leaf);
	json_put_text(&a->out, "event", r ? r->consent.event : "erased");
	if (r) {
		json_put_text(&a->out, "level", r->consent.level);
		json_put_int(&a->out, "given_s", r->consent.given_at_s);
		json_put_int(&a->out, "until_s", r->consent.valid_until_s);
		put_permissions(a, &r->consent);
	}
	json_put_close(&a->out);
	return OK;
}

static enum err
put_person(struct answer *a, const struct wire_rules *r)
{
	enum err e = OK;
	json_put_array(&a->out, "consents");
	if (r && !wire_is_zero(r->participant, sizeof(r->participant)))
		e = record_consent_each(a->txn, r->participant, put_consent, a);
	json_put_close(&a->out);
	return e;
}

/* When it is to be true and what is to be known; with a time the rules of that time are
 * asked. */
static enum err
read_when(const struct answer *a, struct judge_ask *ask)
{
	int64_t at = 0;
	enum err e = OK;
	if (json_has(a->args, "known_at"))
		e = json_get_int(a->args, "known_at", 0, INT64_MAX, &at);
	if (!e && json_has(a->args, "known_at"))
		ask->known_upto = (uint64_t)at;
	if (e || !json_has(a->args, "true_at_s"))
		return e;
	e = json_get_int(a->args, "true_at_s", 0, INT64_MAX / 1000, &at);
	if (e)
		return e;
	ask->true_at_ms = at * 1000;
	const struct versions *v = a->from->hub->versions;
	const struct pack *then = v ? versions_in_force(v, ask->true_at_ms) : NULL;
	ask->rules = then ? then->rules : NULL;
	return OK;
}

/* Only records have a use that is judged; of all others the stored verdict is all there is. */
static enum err
put_now(struct answer *a, const struct place *p, const char *purpose)
{
	OWNED(judge) struct judge *judge = NULL;
	struct judge_ask ask;
	struct judged now;
	if (p->lane != LANE_R)
		return OK;
	enum err e = trial_purpose(purpose, &ask);
	if (!e && a->from->hub->versions)
		e = versions_read(a->from->hub->versions, a->txn);
	if (!e)
		e = read_when(a, &ask);
	if (!e)
		e = judge_new(&judge, a->from->hub, a->txn);
	if (!e)
		e = judge_stored(judge, p, &ask, &now);
	if (e)
		return e;
	json_put_text(&a->out, "purpose", purpose[0] ? purpose : "collect");
	json_put_int(&a->out, "true_at_s", ask.true_at_ms / 1000);
	json_put_int(&a->out, "rules_version", now.verdict.rules_version);
	put_verdict(a, "now", &now.verdict, now.reason);
	json_put_array(&a->out, "approvals");
	for (size_t i = 0; i < now.approval_count; i++)
		json_put_text(&a->out, NULL, now.approvals[i]);
	json_put_close(&a->out);
	return OK;
}

static const char *
kind_word(const struct wire_rules *r, const struct place *p)
{
	static const char *const words[] = {
		"", "record", "consent", "key", "participation change"};
	if (r)
		return words[r->kind];
	return p->lane == LANE_A ? "act" : "erased";
}

static enum err
find_entry(struct answer *a, struct place *ret_place, struct record_verdict *ret_stored,
	struct writer *ret_writer)
{
	const char *name = "";
	enum err e = json_get_text(a->args, "entry", PLACE_NAME_BYTES, &name);
	if (!e)
		e = place_find(ret_place, a->txn, name);
	if (!e)
		e = record_verdict_get(a->txn, ret_place, ret_stored);
	if (e == E_NOTFOUND)
		return fail(e, "there is no entry %s at the hub", name);
	return e ? e : writer_get(a->txn, ret_place->writer, ret_writer);
}

static enum err
answer_why(struct answer *a)
{
	OWNED(wire_rules) struct wire_rules *r = NULL;
	struct record_verdict stored;
	struct writer writer;
	struct place p;
	char name[PLACE_NAME_BYTES];
	const char *purpose = "";
	enum err e = find_entry(a, &p, &stored, &writer);
	if (!e && json_has(a->args, "purpose"))
		e = json_get_text(a->args, "purpose", WIRE_NAME_BYTES, &purpose);
	enum err found = e ? e : record_rules(a->txn, &p, &r);
	if (e || (found && found != E_NOTFOUND && found != E_FORMAT))
		return found;
	place_name(name, &p);
	json_put_object(&a->out, NULL);
	json_put_text(&a->out, "entry", name);
	json_put_text(&a->out, "site", writer.site);
	json_put_text(&a->out, "kind", kind_word(r, &p));
	json_put_text(&a->out, "form", r ? r->form : "");
	json_put_text(&a->out, "form_version", r ? r->form_version : "");
	json_put_text(&a->out, "wave", r ? r->wave : "");
	json_put_int(&a->out, "captured_s", r ? r->captured_s : 0);
	json_put_int(&a->out, "received_s", stored.at_s);
	json_put_int(&a->out, "leaf", (int64_t)stored.leaf);
	json_put_int(&a->out, "manifest", (int64_t)stored.manifest_number);
	put_verdict(a, "stored", &stored.verdict, stored.reason);
	e = put_now(a, &p, purpose);
	if (!e)
		e = put_person(a, r);
	json_put_close(&a->out);
	return e;
}

/* the consents of people, under an act that says so */
static enum err
answer_fhir(struct answer *a)
{
	return export_fhir_page(a->from->hub, a->args, &a->out);
}

static enum err
answer_try(struct answer *a)
{
	return trial_answer(&a->out, a->from->hub, a->txn, a->args);
}

static enum err
answer_hold(struct answer *a)
{
	return holdacts_answer(a->from->hub, a->args, &a->out);
}

static enum err
answer_lineage(struct answer *a)
{
	return siteacts_lineage(a->from->hub, &a->out);
}

static enum err
answer_sites(struct answer *a)
{
	return siteacts_sites(a->from->hub, a->args, &a->out);
}

/* the table */

static const struct {
	const char *question;
	enum err (*answer)(struct answer *a);
} questions[] = {
	{"status", answer_status},
	{"why", answer_why},
	{"hold", answer_hold},
	{"rules-try", answer_try},
	{"lineage", answer_lineage},
	{"sites", answer_sites},
	{"fhir", answer_fhir},
};

enum err
answers_give(const struct answers *a, const char *question, struct view args, struct buf *reply)
{
	OWNED(json) struct json *tree = NULL;
	struct answer answer = {.from = a};
	enum err e = hub_txn_reserve(a->hub, &answer.txn);
	if (!e)
		e = json_parse(&tree, args, ARGS_MAX_BYTES);
	if (e)
		return e;
	answer.args = tree;
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		if (strcmp(questions[i].question, question) != 0)
			continue;
		json_begin(&answer.out, reply);
		e = questions[i].answer(&answer);
		return e ? e : json_end(&answer.out, question);
	}
	return release_is_question(question) ? release_answer(a->hub, question, args, reply)
					     : facts_answer(a->hub, question, tree, reply);
}
