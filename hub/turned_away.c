#include "hub/turned_away.h"

#include <string.h>

#include "common/codec/text.h"

#include "hub/acts.h"
#include "hub/audit.h"

#define MS_PER_MINUTE 60000

/* NULL: it says nothing about the bundle. */
static const char *
reason_of(enum err e)
{
	switch (e) {
	case E_AUTH:
		return "changed";
	case E_FORMAT:
		return "form";
	case E_DENIED:
		return "denied";
	case E_NOTFOUND:
		return "unknown";
	case E_CONFLICT:
		return "order";
	case OK:
	case E_FULL:
	case E_IO:
	case E_BUSY:
	case E_ABSENT:
		return NULL;
	}
	return NULL;
}

static struct turned *
find(struct turned_away *t, const struct writer *by, const char *reason)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->at[i].reason == reason &&
			memcmp(t->at[i].by.public, by->public, sizeof(by->public)) == 0)
			return &t->at[i];
	return NULL;
}

void
turned_away_note(struct turned_away *t, const struct writer *by, enum err why, int64_t mono_ms)
{
	static const struct writer nobody;
	const char *reason = reason_of(why);
	if (!reason)
		return;
	/* The last places are for nobody, one a reason. */
	if (!by || t->count + 5 >= TURNED_AWAY_MAX_COUNT)
		by = &nobody;
	struct turned *at = find(t, by, reason);
	if (!at) {
		at = &t->at[t->count++];
		*at = (struct turned){.by = *by, .reason = reason, .since_ms = mono_ms};
	}
	at->count++;
}

static const char *
bucket(uint64_t count)
{
	if (count >= 100)
		return "100+";
	if (count >= 10)
		return "10-99";
	return count > 1 ? "2-9" : "1";
}

static enum err
add_leaf(struct hub *h, const struct turned *at)
{
	struct act_leaf_room room;
	const struct act none = {0};
	struct leaf leaf;
	char commit[2 * SIGN_PUBLIC_BYTES + 1];
	text_hex(commit, at->by.public, sizeof(at->by.public));
	acts_leaf(&leaf, &room, &none, "bundle-refused");
	leaf.actor = "ledger";
	leaf.site = at->by.site;
	leaf.object_type = "node";
	leaf.object_commit = at->by.site[0] ? commit : "";
	leaf.decision = "deny";
	leaf.reason_code = at->reason;
	leaf.count_bucket = bucket(at->count);
	return audit_add(h->audit, h->txn, &leaf, NULL);
}

static bool
is_due(const struct turned *at, int64_t mono_ms)
{
	return mono_ms - at->since_ms >= MS_PER_MINUTE;
}

enum err
turned_away_tick(struct turned_away *t, struct hub *h, int64_t mono_ms)
{
	struct vault_txn *txn;
	enum err e = OK;
	size_t kept = 0;
	for (size_t i = 0; !e && i < t->count; i++) {
		if (is_due(&t->at[i], mono_ms))
			e = hub_txn_reserve(h, &txn);
		if (!e && is_due(&t->at[i], mono_ms))
			e = add_leaf(h, &t->at[i]);
	}
	if (e)
		return e;
	for (size_t i = 0; i < t->count; i++)
		if (!is_due(&t->at[i], mono_ms))
			t->at[kept++] = t->at[i];
	t->count = kept;
	return OK;
}
