#include <string.h>

#include "common/base/clock.h"
#include "common/codec/text.h"
#include "common/codec/wire_rules.h"
#include "common/trust/entry.h"
#include "common/trust/leaf.h"

#include "hub/acts.h"
#include "hub/audit.h"
#include "hub/forward.h"
#include "hub/ingest_inside.h"
#include "hub/record.h"
#include "hub/withheld.h"

/* A change of participation whose entry is still to come. */
struct notice {
	struct place place;
	struct wire_rules *rules; /* owned */
	struct record_person person;
	uint8_t hash[HASH_BYTES];
	uint8_t root[HASH_BYTES]; /* of what it says, however often it is said */
};

static void
notice_done(struct notice *x)
{
	wire_rules_free(x->rules);
}

static enum err
read_notice(struct notice *ret, const struct sync_batch *b)
{
	struct wire_header h;
	enum err e = wire_header_unpack(&h, b->entries[0].header);
	if (!e)
		e = wire_rules_unpack(&ret->rules, b->entries[0].parts[0].bytes);
	if (!e && ret->rules->kind != RULES_CHANGE)
		e = fail(E_FORMAT, "a notice is not of a change of participation");
	if (e)
		return e;
	ret->place = (struct place){
		.incarnation = h.incarnation, .lane = (uint8_t)h.lane, .seq = h.seq};
	memcpy(ret->place.writer, h.writer, sizeof(ret->place.writer));
	memcpy(ret->hash, b->head, sizeof(ret->hash));
	bool is_first = wire_is_zero(h.repeats, sizeof(h.repeats));
	memcpy(ret->root, is_first ? ret->hash : h.repeats, sizeof(ret->root));
	return OK;
}

/* Whoever names a person first is at home with it, as with the entry itself. */
static enum err
see_person(struct vault_txn *t, const struct writer *w, struct notice *x, bool *ret_foreign)
{
	struct record_person first = {0};
	memcpy(first.writer, w->public, sizeof(first.writer));
	memcpy(first.site, w->site, sizeof(first.site));
	enum err e = record_person_see(t, x->rules->participant, &first, &x->person);
	*ret_foreign = !e && strcmp(x->person.site, w->site) != 0;
	return e;
}

static enum err
log_notice(struct hub *h, const struct writer *w, const struct notice *x, uint64_t *ret_leaf)
{
	struct act_leaf_room room;
	const struct act none = {0};
	struct leaf leaf;
	char commit[2 * HASH_BYTES + 1], person[2 * HASH_BYTES + 1], name[PLACE_NAME_BYTES];
	acts_leaf(&leaf, &room, &none, "change-noticed");
	text_hex(commit, x->hash, sizeof(x->hash));
	text_hex(room.key_id, w->public, 8);
	audit_person_commit(person, leaf.id, x->person.audit_key);
	place_name(name, &x->place);
	leaf.actor = "sync";
	leaf.role = "node";
	leaf.site = w->site;
	leaf.key_id = room.key_id;
	leaf.object_type = "entry";
	leaf.object_commit = commit;
	leaf.person_commit = person;
	leaf.request_id = name;
	leaf.outcome = "in force";
	return audit_add(h->audit, h->txn, &leaf, ret_leaf);
}

/* In the journal, in force and in the log, unless it is already. */
static enum err
put_in_force(struct hub *h, const struct writer *w, const struct notice *x)
{
	const struct wire_rules *r = x->rules;
	struct forward_withdrawal f = {.given_s = r->consent.given_at_s};
	struct withheld held = {.given_s = r->consent.given_at_s, .place = x->place};
	bool is_said = false, is_held = false;
	enum err e = withheld_is_said(h->txn, r->participant, x->root, &is_said);
	if (!e)
		e = withheld_has(h->txn, r->participant, x->root, &is_held);
	if (e || is_said || is_held)
		return e;
	memcpy(f.participant, r->participant, sizeof(f.participant));
	memcpy(f.root, x->root, sizeof(f.root));
	memcpy(f.level, r->consent.level, MIN(strlen(r->consent.level), sizeof(f.level) - 1));
	held.level = f.level;
	forward_note_withdrawal(audit_forward(h->audit), &f);
	e = log_notice(h, w, x, &held.known);
	return e ? e : withheld_put(h->txn, r->participant, x->root, &held);
}

static void
answer_later(struct node *n, const struct sync_mark *mark)
{
	for (size_t i = 0; i < n->noted_count; i++)
		if (n->noted[i].seq == mark->seq)
			return;
	n->noted[n->noted_count++] = *mark;
}

/* One that is not what it should be has no effect and no answer; its entry will be judged as
 * any other. */
enum err
ingest_note_change(struct ingest *g, struct node *n, const struct lane_action *a)
{
	OWNED_BY(notice_done) struct notice x = {.rules = NULL};
	bool is_foreign = false;
	if (n->noted_count == LANE_NOTICES_MAX_COUNT || read_notice(&x, a->batch)) {
		g->dropped_count++;
		return OK;
	}
	n->is_touched = true;
	enum err e = see_person(g->hub->txn, &n->writer, &x, &is_foreign);
	if (e || is_foreign)
		return e;
	e = put_in_force(g->hub, &n->writer, &x);
	if (!e)
		answer_later(n, &a->mark);
	return e;
}
