#include "hub/leaving_note.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"

#include "hub/unsaid.h"
#include "hub/writer.h"

#define PERSONAL   "weir-left-v1"
#define PREFIX     "left-"
#define BY_JOURNAL "journal"
#define MS_PER_S   1000

static void
hash_site(uint8_t ret[static HASH_BYTES], const char *site)
{
	crypto_hash_one(ret, PERSONAL, view_text(site));
}

void
leaving_note(struct forward *f, const struct leaving *l)
{
	struct forward_withdrawal w = {.given_s = 0};
	int64_t day_ms = 0;
	if (clock_parse(l->day, &day_ms))
		w.given_s = day_ms / MS_PER_S;
	hash_site(w.root, l->site);
	memcpy(w.participant, w.root, sizeof(w.participant));
	(void)snprintf(w.level, sizeof(w.level), PREFIX "%s", leaving_word(l->data));
	forward_note_withdrawal(f, &w);
}

bool
leaving_is_note(const struct forward_withdrawal *w)
{
	return strncmp(w->level, PREFIX, strlen(PREFIX)) == 0;
}

/* Restoring, note by note. */
struct restoring {
	struct vault_txn *txn;
	const struct forward_withdrawal *note;
	uint64_t leaves;
	char site[ROW_ID_BYTES]; /* "": no node of it is known */
};

static enum err
see_writer(void *arg, const struct writer *w)
{
	struct restoring *r = arg;
	uint8_t hash[HASH_BYTES];
	hash_site(hash, w->site);
	if (memcmp(hash, r->note->root, sizeof(hash)) == 0)
		memcpy(r->site, w->site, sizeof(r->site));
	return OK;
}

static enum err
restore_one(struct restoring *r)
{
	OWNED_LEAVINGS struct leavings all = {.at = NULL};
	struct leaving l = {.number = 1, .by = BY_JOURNAL, .agreed_by = BY_JOURNAL};
	char day[CLOCK_TEXT_BYTES];
	enum err e = leavings_read(&all, r->txn);
	if (e)
		return e;
	const struct leaving *last = leaving_last(&all, r->site),
			     *agreed = leaving_of(&all, r->site, UINT64_MAX);
	l.data = leaving_of_word(r->note->level + strlen(PREFIX));
	if (!l.data || (agreed && agreed->data >= l.data))
		return OK;
	/* It takes the place of what nobody has agreed to yet. */
	if (last)
		l.number = (uint8_t)(last->number + (last->agreed_by[0] != '\0'));
	memcpy(l.site, r->site, sizeof(l.site));
	clock_text(day, r->note->given_s * MS_PER_S);
	(void)snprintf(l.day, sizeof(l.day), "%.*s", LINEAGE_DAY_BYTES - 1, day);
	(void)snprintf(l.reason, sizeof(l.reason), "the journal says so");
	l.leaf = l.agreed_leaf = r->leaves;
	e = leaving_put(r->txn, &l);
	return e ? e : unsaid_put(r->txn, UNSAID_LEFT, view_text(l.site));
}

enum err
leaving_restore(struct vault_txn *t, const struct forward_withdrawal *all, size_t count,
	uint64_t leaves)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++) {
		struct restoring r = {.txn = t, .note = &all[i], .leaves = leaves};
		if (!leaving_is_note(&all[i]))
			continue;
		e = writer_each(t, see_writer, &r);
		if (!e && r.site[0])
			e = restore_one(&r);
	}
	return e;
}
