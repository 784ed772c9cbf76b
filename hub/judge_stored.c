#include "hub/judge_inside.h"

#include <string.h>

#include "hub/attachments.h"
#include "hub/seen.h"

enum err
judge_rules(struct judge *j, const struct place *p, const struct wire_rules **ret_lent)
{
	return seen_rules(j->seen, j->txn, p, ret_lent);
}

static enum err
judge_part(struct judge *j, const struct place *p, const struct seen_entry *entry,
	const struct judge_ask *ask, struct judged *ret)
{
	const struct wire_rules *r = entry->rules;
	const struct judge_checks checks = {entry->signature, entry->parts};
	bool counts = false, lacks = false;
	if (!r)
		return judge_settle(ret, RULES_DENY, "rules part not of its form");
	enum err e = judge_entry(j, r, ask, &checks, ret);
	if (e || r->kind != RULES_RECORD || ret->verdict.outcome == RULES_DENY)
		return e;
	e = seen_counts(j->seen, j->txn, j->writer.site, &counts);
	if (!e && counts)
		e = attachments_lacks(j->txn, p, &lacks);
	if (e || (counts && !lacks))
		return e;
	return lacks ? judge_settle(ret, RULES_HOLD, JUDGE_INCOMPLETE)
		     : judge_settle(ret, RULES_DENY, JUDGE_REPLACED);
}

bool
judge_is_final(const char *reason)
{
	return strcmp(reason, JUDGE_DUPLICATE) == 0 || strcmp(reason, JUDGE_BRANCH) == 0 ||
	       strcmp(reason, JUDGE_REPEATED) == 0 ||
	       strncmp(reason, JUDGE_SOUND, strlen(JUDGE_SOUND)) == 0 ||
	       strncmp(reason, JUDGE_CORRECTS, strlen(JUDGE_CORRECTS)) == 0;
}

static enum err
judge_seen(struct judge *j, const struct place *p, const struct seen_entry *entry,
	const struct judge_ask *ask, struct judged *ret)
{
	memcpy(ret->site, j->writer.site, sizeof(ret->site));
	if (entry->is_erased)
		return judge_settle(ret, RULES_DENY, "erased");
	if (judge_is_final(entry->stored.reason))
		return judge_settle(ret, RULES_DENY, entry->stored.reason);
	if (j->writer.revoked_s && entry->stored.at_s >= j->writer.revoked_s)
		return judge_settle(ret, RULES_DENY, "the node was revoked before");
	return judge_part(j, p, entry, ask, ret);
}

enum err
judge_stored(
	struct judge *j, const struct place *p, const struct judge_ask *ask, struct judged *ret)
{
	const struct seen_entry *entry;
	*ret = (struct judged){.verdict = {.consent_then = -1, .consent_now = -1}};
	enum err e = judge_find_writer(j, p->writer);
	if (!e)
		e = seen_entry(j->seen, j->txn, p, &entry);
	return e ? e : judge_seen(j, p, entry, ask, ret);
}

enum err
judge_kept(struct judge *j, const struct record *r, const struct judge_ask *ask,
	struct judged *ret)
{
	const struct seen_entry *entry;
	*ret = (struct judged){.verdict = {.consent_then = -1, .consent_now = -1}};
	enum err e = judge_find_writer(j, r->place.writer);
	if (!e)
		e = seen_record(j->seen, j->txn, r, &entry);
	return e ? e : judge_seen(j, &r->place, entry, ask, ret);
}
