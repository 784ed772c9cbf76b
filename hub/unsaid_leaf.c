#include "hub/unsaid_leaf.h"

#include <stdio.h>
#include <string.h>

#include "common/codec/text.h"
#include "common/trust/leaf.h"

#include "hub/acts.h"
#include "hub/audit.h"
#include "hub/forward_change.h"
#include "hub/forward_erase.h"
#include "hub/hold.h"
#include "hub/leaving.h"
#include "hub/lineage_note.h"
#include "hub/record.h"
#include "hub/unsaid.h"

#define NODE_DIGIT_BYTES 4 /* of its key, as eight digits */
#define NUMBER_BYTES     4
#define CUT_OFF          "cut off before anybody was answered"

/* What a leaf has to say; NULL: it says nothing of that, or anything. */
struct telling {
	const char *action, *object_type, *request_id, *site, *reason;
	const struct record_person *person;
};

static bool
is_same(const char *sought, const char *said)
{
	return !sought || strcmp(sought, said) == 0;
}

static bool
tells(const struct leaf *l, const struct telling *of)
{
	char commit[2 * HASH_BYTES + 1];
	if (strcmp(l->action, of->action) != 0 || !is_same(of->request_id, l->request_id) ||
		!is_same(of->site, l->site) || !is_same(of->reason, l->reason_code))
		return false;
	if (of->person)
		audit_person_commit(commit, l->id, of->person->audit_key);
	return !of->person || strcmp(commit, l->person_commit) == 0;
}

struct search {
	const struct telling *of;
	size_t found;
};

static enum err
see_leaf(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct search *s = arg;
	OWNED(json) struct json *tree = NULL;
	struct leaf leaf;
	(void)key;
	(void)ret_stop;
	s->found += !leaf_parse(&leaf, &tree, value) && tells(&leaf, s->of);
	return OK;
}

static enum err
write_leaf(struct hub *h, const struct telling *of, uint64_t *ret_index)
{
	const struct act none = {0};
	struct act_leaf_room room;
	struct leaf leaf;
	acts_leaf(&leaf, &room, &none, of->action);
	leaf.actor = "ledger";
	leaf.object_type = of->object_type;
	leaf.request_id = of->request_id;
	leaf.site = of->site;
	leaf.reason_code = of->reason ? of->reason : CUT_OFF;
	leaf.outcome = "done";
	if (of->person) {
		audit_person_commit(room.person, room.id, of->person->audit_key);
		leaf.person_commit = room.person;
	}
	return audit_add(h->audit, h->txn, &leaf, ret_index);
}

/* A restore brings leaves back, too: then there are as many as there have to be. */
static enum err
tell(struct hub *h, const struct telling *of, size_t wanted)
{
	const struct vault_range all = {.table = VAULT_LEAVES, .takes_damaged = true};
	struct search s = {.of = of};
	enum err e = vault_each(h->txn, &all, see_leaf, &s);
	return e || s.found >= wanted ? e : write_leaf(h, of, NULL);
}

/* ---- each act ---- */

static enum err
tell_revoked(void *arg, struct view about)
{
	struct hub *h = arg;
	char node[2 * NODE_DIGIT_BYTES + 1];
	const struct telling of = {
		.action = "node-revoked", .object_type = "node", .request_id = node};
	if (about.len != SIGN_PUBLIC_BYTES)
		return OK;
	text_hex(node, about.at, NODE_DIGIT_BYTES);
	enum err e = tell(h, &of, 1);
	return e ? e : unsaid_drop(h->txn, UNSAID_REVOKED, about);
}

/* The journal has a note of each hold, and the log a leaf. */
static enum err
tell_hold(struct hub *h, enum unsaid_act act, struct view about)
{
	const bool is_placed = act == UNSAID_PLACED;
	struct record_person person;
	struct telling of = {.action = is_placed ? "hold-placed" : "hold-lifted",
		.object_type = "person",
		.person = &person};
	uint8_t participant[ID_BYTES];
	bool is_known = false;
	if (about.len != ID_BYTES)
		return OK;
	memcpy(participant, about.at, ID_BYTES);
	const struct forward *f = audit_forward(h->audit);
	const struct forward_erasure *erasure = forward_erasure_of(f, participant);
	enum err e = record_person_find(h->txn, participant, &person, &is_known);
	of.site = person.site;
	if (!e && is_known)
		e = tell(h, &of,
			hold_notes(f, participant, is_placed ? HOLD_PLACED : HOLD_LIFTED));
	crypto_wipe(&person, sizeof(person));
	if (e || !(is_known || (erasure && erasure->gone_s)))
		return e;
	return unsaid_drop(h->txn, act, about);
}

static enum err
tell_placed(void *arg, struct view about)
{
	return tell_hold(arg, UNSAID_PLACED, about);
}

static enum err
tell_lifted(void *arg, struct view about)
{
	return tell_hold(arg, UNSAID_LIFTED, about);
}

/* The row names its leaf: there is that one, or none. */
static enum err
tell_at(struct hub *h, const struct telling *of, uint64_t *index)
{
	OWNED(json) struct json *tree = NULL;
	OWNED_BUF struct buf bytes;
	struct leaf leaf;
	buf_init(&bytes, LEAF_MOST_BYTES);
	enum err e = audit_leaf(h->txn, *index, &bytes);
	if (!e && leaf_parse(&leaf, &tree, buf_view(&bytes)) == OK && tells(&leaf, of))
		return OK;
	return e && e != E_NOTFOUND ? e : write_leaf(h, of, index);
}

/* What the journal says of it stands, for an older vault may name another leaf. */
static enum err
tell_row(struct hub *h, struct lineage_row *r)
{
	char number[16];
	(void)snprintf(number, sizeof(number), "%u", r->number);
	const struct telling changed = {.action = "site-changed",
		.object_type = "site",
		.request_id = r->change.from[0],
		.site = r->scope[0] ? r->scope : r->change.from[0]};
	const struct telling struck = {
		.action = "site-change-struck", .object_type = "site", .request_id = number};
	enum err e = tell_at(h, &changed, &r->leaf);
	if (!e && r->struck_by[0])
		e = tell_at(h, &struck, &r->struck_leaf);
	if (!e)
		e = lineage_row_put(h->txn, r);
	return e ? e : lineage_note(audit_forward(h->audit), r);
}

static enum err
tell_change(void *arg, struct view about)
{
	struct hub *h = arg;
	struct lineage_row r;
	struct cursor c = cursor_of(about);
	const uint32_t number = cursor_u32(&c);
	const struct forward_change *known = forward_change_of(audit_forward(h->audit), number);
	enum err e = OK;
	if (about.len != NUMBER_BYTES)
		return OK;
	if (known)
		e = lineage_row_unpack(&r, number, view_of(known->row, known->len));
	if (!e && known)
		e = tell_row(h, &r);
	return e ? e : unsaid_drop(h->txn, UNSAID_CHANGE, about);
}

/* A later choice takes more away: of each there is one leaf. */
static enum err
tell_left(void *arg, struct view about)
{
	struct hub *h = arg;
	OWNED_LEAVINGS struct leavings all = {.at = NULL};
	char site[UNSAID_ABOUT_MAX_BYTES + 1] = "";
	memcpy(site, about.at, about.len);
	enum err e = leavings_read(&all, h->txn);
	const struct leaving *l = e ? NULL : leaving_of(&all, site, UINT64_MAX);
	const struct telling of = {.action = "site-left",
		.object_type = "site",
		.request_id = site,
		.site = site,
		.reason = l ? leaving_word(l->data) : NULL};
	if (l)
		e = tell(h, &of, 1);
	return e ? e : unsaid_drop(h->txn, UNSAID_LEFT, about);
}

enum err
unsaid_leaf_start(struct hub *h)
{
	static unsaid_fn *const tell_each[] = {[UNSAID_REVOKED] = tell_revoked,
		[UNSAID_PLACED] = tell_placed,
		[UNSAID_LIFTED] = tell_lifted,
		[UNSAID_CHANGE] = tell_change,
		[UNSAID_LEFT] = tell_left};
	struct vault_txn *t;
	enum err e = hub_txn_reserve(h, &t);
	for (size_t i = 0; !e && i < ARRAY_LEN(tell_each); i++)
		e = unsaid_each(t, (enum unsaid_act)i, tell_each[i], h);
	return e;
}
