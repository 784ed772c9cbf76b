#include "hub/decisions_inside.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/json.h"
#include "common/codec/text.h"
#include "common/study/terms.h"

#include "hub/audit.h"
#include "hub/erase.h"
#include "hub/erase_renew.h"
#include "hub/forward.h"
#include "hub/forward_erase.h"
#include "hub/hold.h"
#include "hub/ingest.h"
#include "hub/leaving.h"
#include "hub/leaving_tick.h"
#include "hub/record.h"
#include "hub/recovery.h"
#include "hub/renewal.h"
#include "hub/scrub.h"
#include "hub/withheld.h"

#define PREFIX_BYTES 4
#define MS_PER_S     1000

void
decisions_say(
	const struct deciding *d, const char *about, const char *words, const char *command)
{
	if (d->waits != !command)
		return;
	json_put_object(d->w, NULL);
	json_put_text(d->w, "about", about);
	json_put_text(d->w, "words", words);
	if (command)
		json_put_text(d->w, "command", command);
	json_put_close(d->w);
}

static enum err
put_recovery(const struct deciding *d)
{
	OWNED_RECOVERY struct recovery r = {.nodes = NULL};
	enum err e = recovery_get(&r, d->txn);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	for (size_t i = 0; i < r.count; i++) {
		char id[2 * PREFIX_BYTES + 1];
		text_hex(id, r.nodes[i].writer, PREFIX_BYTES);
		OWNED_MEM char *command = xasprintf("weir-hub recovery waive %s --reason TEXT "
						    "--by OFFICER, if it is lost for good",
			id);
		if (!r.nodes[i].is_heard)
			decisions_say(d, id,
				"the hub was restored from a backup: nothing is released until "
				"this node was heard again",
				command);
	}
	return OK;
}

static enum err
put_withheld(const struct deciding *d)
{
	uint64_t count = 0;
	enum err e = withheld_count(d->txn, &count);
	OWNED_MEM char *words = xasprintf("%" PRIu64 " withdrawals are in force %s", count,
		recovery_is_on(d->txn)
			? "that only the journal has: their entries come again from the nodes"
			: "whose entries are not here: they are on their way, or their node is "
			  "given up or lost them and they stay in force without");
	if (!e && count)
		decisions_say(d, "hub", words, NULL);
	return e;
}

/* One that the journal brought back knows neither receipt nor who was rung. */
static enum err
put_hold(void *arg, const struct hold *h)
{
	const struct deciding *const *deciding = arg;
	const struct deciding *d = *deciding;
	struct record_person person;
	char at[CLOCK_TEXT_BYTES];
	enum err e = record_person_get(d->txn, h->participant, &person);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	clock_text(at, h->placed_s * MS_PER_S);
	OWNED_MEM char *words =
		xasprintf("a person of %s%s%s is on hold since %.10s, by %s: the "
			  "site has to say which level was meant",
			person.site, *h->number ? ", receipt " : "", h->number, at, h->by);
	decisions_say(d, "hub", words,
		"the site sees it in its weir-node status, and enters weir-node change --level "
		"LEVEL with the receipt number; "
		"or weir-hub hold lift --receipt NUMBER --reason TEXT --by PERSON");
	return OK;
}

static void
put_wishes(const struct deciding *d)
{
	size_t waiting = erase_waiting(d->hub);
	OWNED_MEM char *words =
		xasprintf("asked to be erased, and not yet deleted: %zu of whom no figure is "
			  "made any more",
			waiting);
	if (waiting)
		decisions_say(d, "erasures", words,
			"weir-hub erase run --by OFFICER deletes them all; before it one may "
			"be refused "
			"by weir-hub erase decide NUMBER, numbers by weir-hub erase list");
}

static enum err
count_waiting(void *arg, const struct writer *w, enum renewal_wait why, int64_t until_s)
{
	size_t *count = arg;
	(void)w;
	(void)until_s;
	*count += why != RENEWAL_WAITS_NOT;
	return OK;
}

/* The next thing that a person has to do before keys from before the deletion go: a number
 * made with the keeper open, a study that names it, a backup behind both. NULL: nodes are
 * waited for. */
static enum err
next_of_erasure(const struct deciding *d, uint32_t intake, const char **ret)
{
	struct renewal_state s;
	size_t waiting = 0;
	*ret = NULL;
	enum err e = renewal_state(d->hub, RENEWAL_INTAKE, 0, &s);
	if (!e)
		e = renewal_each_waiting(d->hub, RENEWAL_INTAKE, count_waiting, &waiting);
	if (e)
		return e;
	if (intake >= s.newest)
		*ret = "weir-hub keeper unlock --by HOLDER, by two of them: it makes the new "
		       "keys; then study publish, study verify and a backup";
	else if (intake >= s.told)
		*ret = "weir-hub study publish PACK --by OFFICER and weir-hub study verify, "
		       "which tell the nodes of the new keys; then a backup";
	else if (!waiting)
		*ret = "weir-hub backup DIR --keys FILE; the keys from before are destroyed "
		       "behind it";
	return OK;
}

/* Who is deleted, while a copy from before could still be opened. */
static enum err
put_unfinished(const struct deciding *d)
{
	size_t count, unfinished = 0;
	uint32_t intake = 0;
	const char *command = NULL;
	const struct forward_erasure *all =
		forward_erasures(audit_forward(d->hub->audit), &count);
	for (size_t i = 0; i < count; i++)
		if (all[i].gone_s && !all[i].erased_s) {
			intake = MAX(intake, all[i].intake);
			unfinished++;
		}
	if (!unfinished)
		return OK;
	enum err e = next_of_erasure(d, intake, &command);
	OWNED_MEM char *words = xasprintf("deleted here and not erased yet: %zu, of whom an "
					  "older copy of the stores could "
					  "still be opened with keys that are in force%s",
		unfinished,
		command ? "" : "; the nodes that are named under keys are waited for");
	if (!e)
		decisions_say(d, "erasures", words, command);
	return e;
}

/* Nobody else's key goes for them: the keeper waits. */
static void
put_damaged_keys(const struct deciding *d)
{
	const uint64_t count = erase_damaged(d->hub);
	OWNED_MEM char *words =
		xasprintf("keys of %" PRIu64 " entries cannot be read, because the entries are "
			  "damaged at the hub: no number is made or destroyed, "
			  "and nobody is erased, until they are mended",
			count);
	if (count)
		decisions_say(d, "keys", words,
			"weir-hub scrub fetches them from their nodes; what no node has any "
			"more: weir-hub restore DIR puts a backup back, or weir-hub keys renew "
			"--leave-damaged --reason TEXT --by OFFICER gives it up");
}

static enum err
put_erasures(const struct deciding *d)
{
	size_t unread = 0;
	put_wishes(d);
	put_damaged_keys(d);
	enum err e = put_unfinished(d);
	if (!e)
		e = erase_unread(d->hub, &unread);
	OWNED_MEM char *words =
		xasprintf("what a site reported of an erasure does not read at the "
			  "hub, for %zu persons: their receipts do not become "
			  "`erased`, all others go on",
			unread);
	if (!e && unread)
		decisions_say(d, "erasures", words,
			"weir-hub erase list names them; weir-hub restore DIR puts a backup "
			"back "
			"that was made before the damage");
	return e;
}

/* A site whose leaving waits for its own word, and one whose persons are to be erased. */
static enum err
put_leaving(const struct deciding *d, const struct leaving *l, bool is_newest)
{
	uint64_t asked = 0;
	OWNED_MEM char *words =
		xasprintf("site %s is to leave on %s, its data: %s; said by %s, "
			  "the site has not agreed yet",
			l->site, l->day, leaving_word(l->data), l->by);
	OWNED_MEM char *command = xasprintf(
		"weir-hub site leave %s --agree --by the person who answers for it", l->site);
	if (!l->agreed_by[0]) {
		decisions_say(d, "hub", words, command);
		return OK;
	}
	if (!is_newest || l->data != LEAVING_ERASE)
		return OK;
	enum err e = leaving_tick_asked(d->txn, l->site, &asked);
	OWNED_MEM char *erasing = xasprintf("site %s left on %s: erasure was begun for %" PRIu64
					    " of its persons",
		l->site, l->day, asked);
	if (!e)
		decisions_say(d, "hub", erasing, NULL);
	return e;
}

static enum err
put_leavings(const struct deciding *d)
{
	OWNED_LEAVINGS struct leavings all = {.at = NULL};
	enum err e = leavings_read(&all, d->txn);
	for (size_t i = 0; !e && i < all.count; i++)
		e = put_leaving(d, &all.at[i],
			&all.at[i] == leaving_of(&all, all.at[i].site, UINT64_MAX));
	return e;
}

static void
put_pause(const struct deciding *d)
{
	uint32_t ms = ingest_drain_ms(d->ingest);
	OWNED_MEM char *words = xasprintf(
		"no node is served: they were told to come back after %u s", ms / MS_PER_S);
	if (ms)
		decisions_say(d, "hub", words, "weir-hub drain --off");
}

static void
put_cut(const struct deciding *d)
{
	for (size_t i = 0; ingest_terms_cut(d->ingest, i); i++) {
		OWNED_MEM char *words =
			xasprintf("site %s: its approvals and delegation log are more than "
				  "%zu KiB and cannot be handed out: nothing new is collected "
				  "there",
				ingest_terms_cut(d->ingest, i), TERMS_MAX_BYTES / 1024);
		decisions_say(d, "hub", words,
			"weir-hub approval list shows them; enter later ones with "
			"fewer conditions and forms, for the study and not for each site");
	}
}

static enum err
put_hub(const struct deciding *d)
{
	size_t backups;
	(void)forward_backups(audit_forward(d->hub->audit), &backups);
	if (d->hub->on_reserve)
		decisions_say(d, "hub",
			"the disk or the vault is full: only withdrawals are taken, everything "
			"else waits at the nodes",
			"make room on the disk of the hub; it goes on by itself");
	if (!backups)
		decisions_say(d, "hub",
			"no backup is noted: if this machine is lost, what the nodes pruned "
			"would be lost, so they prune nothing",
			"weir-hub backup DIR, on another disk");
	struct scrub_facts f = {.running = false};
	if (d->hub->scrub)
		scrub_facts(d->hub->scrub, &f);
	if (f.is_count_wrong)
		decisions_say(d, "hub", "the vault holds more or fewer entries than it should",
			"weir-hub check --read-data");
	put_pause(d);
	put_cut(d);
	enum err e = put_recovery(d);
	if (!e)
		e = put_withheld(d);
	if (!e)
		e = put_leavings(d);
	if (!e)
		e = put_erasures(d);
	if (!e)
		e = decisions_put_approvals(d);
	return e ? e : hold_each(d->txn, put_hold, &d);
}

enum err
decisions_put(struct json_out *w, struct hub *h, const struct ingest *g, struct vault_txn *t)
{
	static const char *const lists[] = {"decisions", "waits"};
	enum err e = OK;
	for (size_t i = 0; !e && i < ARRAY_LEN(lists); i++) {
		struct deciding d = {w, h, g, t, i == 1};
		json_put_array(w, lists[i]);
		e = put_hub(&d);
		if (!e)
			e = writer_each(t, decisions_put_node, &d);
		json_put_close(w);
	}
	return e;
}
