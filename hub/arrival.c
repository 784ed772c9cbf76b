#include "hub/arrival_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/study/datakind.h"
#include "common/trust/entry.h"
#include "common/trust/roots.h"

#include "hub/attachments.h"
#include "hub/audit.h"
#include "hub/delegation.h"
#include "hub/erase.h"
#include "hub/erase_site.h"
#include "hub/erased.h"
#include "hub/forward.h"
#include "hub/hold.h"
#include "hub/instance.h"
#include "hub/judge_study.h"
#include "hub/record_instance.h"
#include "hub/withheld.h"

#define REASON_FOREIGN "the person is at home at another site"
#define ACT_PREFIX     "act-"
#define ACT_KEY_BYTES  (4 + HASH_BYTES)
#define MS_PER_S       1000

struct view
arrival_part(const struct sync_entry *entry, enum part_kind kind)
{
	for (size_t i = 0; i < entry->part_count; i++)
		if (entry->parts[i].kind == kind)
			return entry->parts[i].bytes;
	return view_of(NULL, 0);
}

/* bytes */

static enum err
keep_bytes(const struct arrival *a, const struct incoming *in)
{
	uint8_t key[PLACE_KEY_BYTES], part_key[PLACE_PART_KEY_BYTES];
	place_key(key, &in->place);
	enum err e = vault_put_new(
		a->txn, VAULT_ENTRIES, view_of(key, sizeof(key)), in->entry->header);
	for (size_t i = 0; !e && i < in->entry->part_count; i++) {
		place_part_key(part_key, &in->place, in->entry->parts[i].kind);
		e = vault_put(a->txn, VAULT_PARTS, view_of(part_key, sizeof(part_key)),
			in->entry->parts[i].bytes);
	}
	return e;
}

/* said again */

/* Of an entry with this hash. */
static void
root_of(uint8_t ret[static HASH_BYTES], const struct wire_header *h,
	const uint8_t hash[static HASH_BYTES])
{
	memcpy(ret, wire_is_zero(h->repeats, sizeof(h->repeats)) ? hash : h->repeats,
		HASH_BYTES);
}

/* Does the entry at this place say the same? */
static enum err
says_the_same(
	const struct arrival *a, const struct incoming *in, const struct place *p, bool *ret)
{
	OWNED_BUF struct buf header;
	struct wire_header h;
	uint8_t key[PLACE_KEY_BYTES], hash[HASH_BYTES], root[HASH_BYTES];
	buf_init(&header, WIRE_HEADER_MAX_BYTES);
	place_key(key, p);
	*ret = false;
	enum err e = vault_get(a->txn, VAULT_ENTRIES, view_of(key, sizeof(key)), &header);
	if (!e)
		e = wire_header_unpack(&h, buf_view(&header));
	if (e)
		return e == E_NOTFOUND ? OK : e;
	entry_hash(hash, buf_view(&header));
	root_of(root, &h, hash);
	*ret = !place_same(p, &in->place) && memcmp(root, in->root, sizeof(root)) == 0;
	return OK;
}

/* An act has no instance: it is found by its root. */
static enum err
see_act(const struct arrival *a, struct incoming *in)
{
	uint8_t key[ACT_KEY_BYTES], place[PLACE_KEY_BYTES];
	memcpy(key, ACT_PREFIX, ACT_KEY_BYTES - HASH_BYTES);
	memcpy(key + ACT_KEY_BYTES - HASH_BYTES, in->root, HASH_BYTES);
	place_key(place, &in->place);
	enum err e = vault_put_new(
		a->txn, VAULT_META, view_of(key, sizeof(key)), view_of(place, sizeof(place)));
	in->is_repeated = e == E_CONFLICT;
	return in->is_repeated ? OK : e;
}

/* What the hub has already has its effect already. Nothing was before the first incarnation. */
static enum err
see_repeated(const struct arrival *a, struct incoming *in)
{
	struct place first;
	if (in->place.lane == LANE_A)
		return see_act(a, in);
	if (!in->rules || in->header.incarnation == 1)
		return OK;
	enum err e = record_instance_get(a->txn, in->rules->instance, &first);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	return says_the_same(a, in, &first, &in->is_repeated);
}

/* people and instances */

static enum err
see_person(const struct arrival *a, struct incoming *in)
{
	struct record_person first = {0};
	if (!in->rules || wire_is_zero(in->rules->participant, ID_BYTES))
		return OK;
	memcpy(first.writer, a->writer->public, sizeof(first.writer));
	memcpy(first.site, a->writer->site, sizeof(first.site));
	enum err e = judge_see_person(a->judge, in->rules->participant, &first, &in->person);
	in->has_person = !e;
	in->is_foreign = !e && strcmp(in->person.site, a->writer->site) != 0;
	return e;
}

/* verdicts */

static void
settle(struct incoming *in, enum rules_outcome outcome, const char *reason)
{
	in->judged = (struct judged){.form = in->judged.form, .verdict = {.outcome = outcome}};
	(void)snprintf(in->judged.reason, sizeof(in->judged.reason), "%s", reason);
}

/* The place of a record among those of its instance, person, form and wave. */
static enum err
take_instance(const struct arrival *a, struct incoming *in, const char **ret_why)
{
	const struct instance_entry entry = {.place = &in->place,
		.rules = in->rules,
		.site = a->writer->site,
		.is_many = in->judged.form && in->judged.form->many,
		.is_aside = strcmp(in->judged.reason, JUDGE_NO_FORM) == 0 ||
			    strcmp(in->judged.reason, JUDGE_NO_VERSION) == 0};
	enum err e = instance_take(a->txn, &entry, ret_why);
	in->record.leads = !e && !*ret_why;
	in->record.leads_once = in->record.leads && !entry.is_many;
	return e;
}

/* What intake says of sound decides which permission is asked, so it is held against the files
 * that came with it. Of a form that is not known nothing can be said. */
static void
judge_sound(struct incoming *in)
{
	const struct view part = arrival_part(in->entry, PART_ROOTS);
	size_t count = 0;
	if (!in->judged.form)
		return;
	OWNED_MEM struct roots_file *list =
		part.len ? xcalloc(ROOTS_MAX_COUNT, sizeof(*list)) : NULL;
	if (list && roots_unpack(list, &count, part))
		return; /* it stays incomplete (attachments.h) */
	const char *why = datakind_contradicts(in->judged.form, in->rules, count);
	OWNED_MEM char *reason = why ? xasprintf(JUDGE_SOUND "%s", why) : NULL;
	if (reason)
		settle(in, RULES_DENY, reason);
}

static enum err
judge_record(const struct arrival *a, struct incoming *in)
{
	const char *why = NULL;
	const struct judge_ask ask = {.action = RULES_COLLECT,
		.use = RULES_NO_USE,
		.true_at_ms = in->now_ms,
		.known_upto = UINT64_MAX};
	enum err e = judge_arriving(a->judge, &in->place, in->rules, &ask, &in->judged);
	if (!e && !in->is_foreign)
		e = take_instance(a, in, &why);
	if (!e && why)
		settle(in, RULES_DENY, why);
	if (!e && !why)
		judge_sound(in);
	return e;
}

static enum err
judge_control(const struct arrival *a, struct incoming *in)
{
	if (in->is_foreign) {
		settle(in, RULES_DENY, REASON_FOREIGN);
		return OK;
	}
	settle(in, RULES_PERMIT, "");
	enum err e = record_instance_claim(a->txn, in->rules->instance, &in->place);
	return e == E_CONFLICT ? OK : e;
}

/* The part that rules see stands in its own lane only. */
static bool
is_in_its_lane(const struct incoming *in)
{
	return (in->rules->kind == RULES_RECORD) == (in->place.lane == LANE_R);
}

static enum err
judge_entry(const struct arrival *a, struct incoming *in)
{
	if (in->place.lane == LANE_A) {
		wire_rules_free(take(in->rules)); /* an act says nothing to the rules */
		settle(in, RULES_PERMIT, "");
		return see_repeated(a, in);
	}
	if (!in->rules || !is_in_its_lane(in)) {
		wire_rules_free(take(in->rules));
		settle(in, RULES_DENY, ARRIVAL_BAD_RULES);
		return OK;
	}
	enum err e = see_person(a, in);
	if (!e)
		e = see_repeated(a, in);
	if (e || in->is_repeated)
		return e;
	return in->place.lane == LANE_R ? judge_record(a, in) : judge_control(a, in);
}

/* The site has said what the person wants: what was held until then is no longer. Word of a
 * death says nothing of that. */
static enum err
end_hold(const struct arrival *a, const struct forward_withdrawal *w)
{
	if (strcmp(w->level, WIRE_LEVEL_DIED) == 0)
		return OK;
	enum err e = hold_drop(a->txn, w->participant);
	a->hub->terms_changes += !e;
	if (!e)
		hold_note_answered(audit_forward(a->hub->audit), w, clock_wall_ms() / MS_PER_S);
	return e == E_NOTFOUND ? OK : e;
}

/* The journal has it before the vault, and it is acknowledged behind both. */
static enum err
keep_withdrawal(const struct arrival *a, const struct incoming *in)
{
	struct forward_withdrawal w = {.given_s = in->rules->consent.given_at_s};
	memcpy(w.participant, in->rules->participant, sizeof(w.participant));
	memcpy(w.root, in->root, sizeof(w.root));
	(void)snprintf(w.level, sizeof(w.level), "%s", in->rules->consent.level);
	if (strcmp(w.level, "erase") == 0)
		erase_asked(a->hub, &(struct erase_asking){w.participant, in->rules->instance,
					    a->writer->site});
	forward_note_withdrawal(audit_forward(a->hub->audit), &w);
	enum err e = withheld_drop(a->txn, w.participant, w.root);
	if (!e && strcmp(w.level, "erase") == 0)
		e = erase_site_asked(a->txn, in->rules->instance, a->writer->site);
	return e ? e : end_hold(a, &w);
}

/* What is said again is no record: the hub has it already. */
static enum err
put_verdict(const struct arrival *a, struct incoming *in)
{
	if (in->place.lane != LANE_R || in->is_repeated)
		return record_verdict_put(a->txn, &in->place, &in->verdict);
	const struct wire_part *part = wire_header_part(&in->header, PART_RULES);
	in->record.place = in->place;
	if (part)
		memcpy(in->record.part_hash, part->hash, sizeof(in->record.part_hash));
	return record_add(a->txn, &in->record, &in->verdict);
}

static enum err
keep_verdict(const struct arrival *a, struct incoming *in)
{
	bool is_consent = in->rules && !in->is_foreign &&
			  (in->rules->kind == RULES_CONSENT || in->rules->kind == RULES_CHANGE);
	const bool is_opt_out =
		in->rules && !in->is_foreign && in->rules->kind == RULES_OPT_OUT;
	enum err e = put_verdict(a, in);
	if (e || in->is_repeated)
		return e;
	if (is_consent || is_opt_out)
		e = record_consent_add(
			a->txn, in->rules->participant, &in->place, in->verdict.leaf);
	if (!e && is_consent && in->rules->kind == RULES_CHANGE)
		e = keep_withdrawal(a, in);
	else if (!e && is_consent)
		e = erase_consented(a->hub, in->rules->participant);
	if (!e && in->place.lane == LANE_R) {
		tally_add(a->tally, &in->verdict, in->rules ? in->rules->form : "",
			in->rules ? in->rules->form_version : "");
		if (in->rules && in->verdict.verdict.outcome == RULES_PERMIT)
			e = judge_study_note(
				a->hub, in->rules, a->writer->site, in->verdict.leaf);
	}
	return e;
}

/* Of a person who was erased only the header is kept: it may be on its way for the first time,
 * or come again after a restore. */
static enum err
keep_header(const struct arrival *a, struct incoming *in)
{
	const struct sync_entry whole = *in->entry;
	struct sync_entry bare = {.header = whole.header};
	in->entry = &bare;
	wire_rules_free(take(in->rules));
	settle(in, RULES_DENY, "erased");
	enum err e = keep_bytes(a, in);
	if (!e)
		e = erased_put(a->txn, &in->place);
	in->verdict.verdict = in->judged.verdict;
	in->verdict.at_s = in->now_ms / MS_PER_S;
	in->verdict.manifest_number = a->hub->manifest_number;
	(void)snprintf(in->verdict.reason, sizeof(in->verdict.reason), "erased");
	if (!e)
		e = arrival_log_entry(a, in);
	if (!e)
		e = put_verdict(a, in);
	in->entry = NULL;
	return e;
}

static bool
is_of_erased(const struct arrival *a, const struct incoming *in)
{
	/* A site that erased has nothing else left to send. */
	if (in->entry->part_count == 0 && in->header.part_count > 0)
		return true;
	return in->rules && erase_is_gone(a->hub, in->rules->participant);
}

static enum err
keep(const struct arrival *a, struct incoming *in)
{
	struct view roots = arrival_part(in->entry, PART_ROOTS);
	if (wire_rules_unpack(&in->rules, arrival_part(in->entry, PART_RULES)))
		in->rules = NULL;
	if (is_of_erased(a, in))
		return keep_header(a, in);
	enum err e = keep_bytes(a, in);
	if (!e && in->place.lane == LANE_R && roots.len)
		e = attachments_named(a->txn, &in->place, roots);
	if (!e)
		e = judge_entry(a, in);
	if (e)
		return e;
	if (in->is_repeated)
		settle(in, RULES_DENY, JUDGE_REPEATED);
	in->verdict.verdict = in->judged.verdict;
	in->verdict.at_s = in->now_ms / MS_PER_S;
	in->verdict.manifest_number = a->hub->manifest_number;
	memcpy(in->verdict.reason, in->judged.reason, sizeof(in->verdict.reason));
	e = in->place.lane == LANE_A ? arrival_log_act(a, in) : arrival_log_entry(a, in);
	return e ? e : keep_verdict(a, in);
}

enum err
arrival_keep(const struct arrival *a, const struct sync_entry *entry)
{
	struct incoming in = {.entry = entry};
	enum err e = wire_header_unpack(&in.header, entry->header);
	if (e)
		return e;
	memcpy(in.place.writer, in.header.writer, sizeof(in.place.writer));
	in.place.incarnation = in.header.incarnation;
	in.place.lane = (uint8_t)in.header.lane;
	in.place.seq = in.header.seq;
	in.now_ms = clock_wall_ms();
	entry_hash(in.hash, entry->header);
	root_of(in.root, &in.header, in.hash);
	e = keep(a, &in);
	wire_rules_free(in.rules);
	return e;
}
