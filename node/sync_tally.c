#include "node/sync_tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/study/counts.h"
#include "common/study/rules_words.h"

#include "node/effect.h"

#define MS_PER_S       1000
#define PEOPLE_MAX     200000
#define WAVE_TEXT      16
#define FIRST_ROOM     256
#define HARMLESS_LEVEL "no-further-contact"
#define REFUSAL_LEVEL  "no-further-use" /* as far as a refusal reaches */
#define EVENT_REFUSED  "refused"
#define COLLECTION     "collect-direct"

/* One record that is current, or one version of a consent, of one person. */
struct fact {
	uint8_t participant[ID_BYTES];
	enum rules_kind kind;
	int64_t at_s;
	uint32_t wave;
	char form[64];
	char group[64];
	char word[64];  /* event, or level of a change */
	size_t came;    /* its place among all that were read */
	unsigned reach; /* consent_reach() of what it took back; 0: of no level */
	bool is_no;     /* a consent that lets nothing more be asked */
};

struct facts_list {
	const struct sync_judge *judge;
	struct fact *list; /* owned */
	size_t count, room;
};

static void
facts_done(struct facts_list *l)
{
	mem_drop(&l->list);
}

/* tallies */

void
sync_tally_done(struct sync_tally *t)
{
	mem_drop(&t->rows);
}

enum err
sync_tally_add(struct sync_tally *t, const char *key, uint64_t number)
{
	if (strlen(key) >= SYNC_TALLY_KEY_BYTES)
		return fail(E_FORMAT, "the name of a count is too long");
	if (t->count == SYNC_TALLY_MAX_COUNT)
		return fail(E_FULL, "there are more than %d counts", SYNC_TALLY_MAX_COUNT);
	if (t->count == t->room) {
		t->room = t->room ? 2 * t->room : FIRST_ROOM;
		t->rows = xrealloc(t->rows, t->room, sizeof(*t->rows));
	}
	struct sync_tally_row *r = &t->rows[t->count++];
	(void)snprintf(r->key, sizeof(r->key), "%s", key);
	r->number = number;
	return OK;
}

static int
by_key(const void *a, const void *b)
{
	return strcmp(((const struct sync_tally_row *)a)->key,
		((const struct sync_tally_row *)b)->key);
}

void
sync_tally_sort(struct sync_tally *t)
{
	size_t kept = 0;
	if (t->count)
		qsort(t->rows, t->count, sizeof(*t->rows), by_key);
	for (size_t i = 0; i < t->count; i++) {
		if (kept && strcmp(t->rows[kept - 1].key, t->rows[i].key) == 0)
			t->rows[kept - 1].number += t->rows[i].number;
		else
			t->rows[kept++] = t->rows[i];
	}
	t->count = kept;
}

static enum err
count_one(struct sync_tally *t, uint32_t wave, const char *name, const struct fact *f,
	const char *detail)
{
	char key[SYNC_TALLY_KEY_BYTES];
	(void)snprintf(key, sizeof(key), "%u/%s/%s/%s%s%s", wave, name,
		f && *f->form ? f->form : COUNTS_UNKNOWN,
		f && *f->group ? f->group : COUNTS_UNKNOWN, detail ? "/" : "",
		detail ? detail : "");
	return sync_tally_add(t, key, 1);
}

/* facts of the vault */

static bool
lets_ask(const struct wire_consent *c)
{
	for (size_t i = 0; i < c->permission_count; i++)
		if (strcmp(c->permissions[i].code, COLLECTION) == 0)
			return c->permissions[i].permit;
	return false;
}

/* Of a consent or a change. What a level does is the study's say: a change keeps the permission
 * that its effect asks for as it was before. */
static void
set_said(struct fact *f, const struct pack *pack, const struct wire_rules *r)
{
	const struct wire_consent *c = &r->consent;
	const struct rules_consent said = sync_consents_view(r);
	const bool is_change = r->kind == RULES_CHANGE;
	const bool is_refusal = !is_change && strcmp(c->event, EVENT_REFUSED) == 0;
	f->at_s = c->given_at_s;
	if (is_change)
		f->reach = consent_reach(effect_of(pack, c, c->level).as);
	else if (is_refusal)
		f->reach = consent_reach(REFUSAL_LEVEL);
	if (!is_change && strcmp(c->event, CONSENT_CHANGED) == 0)
		f->is_no = !lets_ask(c);
	if (!is_change && rules_says_no(&said))
		f->is_no = true;
	(void)snprintf(f->word, sizeof(f->word), "%s", is_change ? c->level : c->event);
}

static enum err
add_fact(struct facts_list *l, const struct wire_rules *r)
{
	int64_t wave = 0;
	if (l->count == PEOPLE_MAX)
		return fail(E_FULL, "there are more than %d records to count", PEOPLE_MAX);
	if (l->count == l->room) {
		l->room = l->room ? 2 * l->room : FIRST_ROOM;
		l->list = xrealloc(l->list, l->room, sizeof(*l->list));
	}
	struct fact *f = &l->list[l->count++];
	*f = (struct fact){.kind = r->kind, .at_s = r->captured_s, .came = l->count};
	memcpy(f->participant, r->participant, ID_BYTES);
	if (r->kind != RULES_RECORD) {
		set_said(f, l->judge->pack, r);
		return OK;
	}
	if (text_int(view_text(r->wave), &wave) && wave > 0 && wave < UINT16_MAX)
		f->wave = (uint32_t)wave;
	(void)snprintf(f->form, sizeof(f->form), "%s", r->form);
	(void)snprintf(f->group, sizeof(f->group), "%s", r->group);
	return OK;
}

static enum err
read_entry(struct facts_list *l, const struct vault_at *at)
{
	OWNED(wire_rules) struct wire_rules *rules = NULL;
	OWNED_BUF struct buf part;
	buf_init(&part, WIRE_RULES_MAX_BYTES);
	enum err e = vault_part(l->judge->vault, at, PART_RULES, &part);
	if (!e)
		e = wire_rules_unpack(&rules, buf_view(&part));
	if (!e && !wire_is_zero(rules->participant, ID_BYTES))
		e = add_fact(l, rules);
	return e == E_NOTFOUND ? OK : e; /* its part was erased */
}

static enum err
read_current(void *arg, struct view key, struct view content)
{
	struct facts_list *l = arg;
	struct view row;
	(void)key;
	enum err e = vault_get(l->judge->vault, VAULT_INSTANCES, content, &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	(void)cursor_bytes(&c, HASH_BYTES);
	const struct vault_at at = vault_at_read(&c);
	e = cursor_end(&c, "instance on file");
	return e ? e : read_entry(l, &at);
}

static enum err
read_consent(void *arg, struct view key, struct view content)
{
	struct cursor c = cursor_of(content);
	if (sync_consents_is_opt_out(key))
		return OK;
	const struct vault_at at = vault_at_read(&c);
	enum err e = cursor_end(&c, "consent on file");
	return e ? e : read_entry(arg, &at);
}

/* Of one person: consents by their dates and, of one second, as they came, behind the records.
 */
static int
by_person(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;
	int order = memcmp(x->participant, y->participant, ID_BYTES);
	if (order)
		return order;
	bool record_x = x->kind == RULES_RECORD, record_y = y->kind == RULES_RECORD;
	if (record_x != record_y)
		return record_x ? -1 : 1;
	if (record_x)
		return (x->wave > y->wave) - (x->wave < y->wave);
	order = (x->at_s > y->at_s) - (x->at_s < y->at_s);
	return order ? order : (x->came > y->came) - (x->came < y->came);
}

/* one person */

static bool
is_agreement(const struct fact *f)
{
	return f->kind == RULES_CONSENT &&
	       (strcmp(f->word, "given") == 0 || strcmp(f->word, "advice-supports") == 0);
}

/* The dead took nothing back. */
static bool
takes_back(const struct fact *f)
{
	if (f->kind == RULES_CHANGE)
		return strcmp(f->word, HARMLESS_LEVEL) != 0 &&
		       strcmp(f->word, WIRE_LEVEL_DIED) != 0;
	return strcmp(f->word, EVENT_REFUSED) == 0 || strcmp(f->word, CONSENT_CHANGED) == 0;
}

/* What reached furthest of what was taken back after the agreement, the first of two that reach
 * as far; NULL: nothing was. */
static const struct fact *
taken_back(const struct fact *list, size_t count)
{
	const struct fact *found = NULL;
	for (size_t i = 0; i < count; i++)
		if (takes_back(&list[i]) && (!found || list[i].reach > found->reach))
			found = &list[i];
	return found;
}

/* Does nobody ask the person any more: by a change or a death that stands, or because the last
 * that they said is a no? */
static enum err
has_ended(const struct sync_judge *j, const struct fact *list, size_t count, bool *ret)
{
	bool has_change = false, is_no = false;
	for (size_t i = 0; i < count; i++)
		if (list[i].kind == RULES_CHANGE)
			has_change = true;
		else
			is_no = list[i].is_no;
	*ret = is_no;
	if (!has_change || is_no)
		return OK;
	enum err e = sync_judge_ended(j, list->participant, ret);
	if (e != E_NOTFOUND)
		return e;
	*ret = true; /* a part was erased */
	return OK;
}

/* The first wave that was open then or after; 0: none. */
static uint32_t
wave_of(const struct pack *p, int64_t at_s)
{
	for (size_t i = 0; i < p->wave_count; i++)
		for (size_t k = 0; k < p->waves[i].window_count; k++)
			if (p->waves[i].windows[k].closes_ms > at_s * MS_PER_S)
				return p->waves[i].number;
	return 0;
}

static enum err
count_consents(struct sync_tally *t, const struct pack *p, const struct fact *list,
	size_t records, size_t count)
{
	char detail[128];
	const struct fact *consents = list + records;
	if (count == records || !is_agreement(&consents[0]))
		return OK;
	uint32_t wave = wave_of(p, consents[0].at_s);
	const struct fact *record = NULL;
	for (size_t i = 0; i < records && !record; i++)
		if (list[i].wave == wave)
			record = &list[i];
	enum err e = count_one(t, wave, COUNTS_CONSENTED, record, NULL);
	const struct fact *back = taken_back(consents, count - records);
	if (e || !back)
		return e;
	(void)snprintf(detail, sizeof(detail), "%s-%s",
		record && record->at_s <= back->at_s ? "after" : "before", back->word);
	return count_one(t, wave, COUNTS_WITHDRAWN, record, detail);
}

static enum err
count_seen(struct sync_tally *t, const struct fact *list, size_t records, bool ended)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < records; i++) {
		bool both = false;
		for (size_t k = 0; k < records; k++)
			both = both || (list[k].wave == list[i].wave + 1 &&
					       strcmp(list[k].form, list[i].form) == 0);
		e = count_one(t, list[i].wave, COUNTS_COMPLETED, &list[i], NULL);
		if (!e && both)
			e = count_one(t, list[i].wave + 1, COUNTS_SEEN_IN_BOTH, &list[i], NULL);
		if (!e && (both || !ended))
			e = count_one(t, list[i].wave + 1, COUNTS_SEEN_EARLIER, &list[i], NULL);
	}
	return e;
}

static enum err
count_person(
	struct sync_tally *t, const struct sync_judge *j, const struct fact *list, size_t count)
{
	size_t records = 0;
	bool ended = false;
	while (records < count && list[records].kind == RULES_RECORD)
		records++;
	enum err e = has_ended(j, list + records, count - records, &ended);
	if (!e)
		e = count_seen(t, list, records, ended);
	return e ? e : count_consents(t, j->pack, list, records, count);
}

enum err
sync_tally_people(struct sync_tally *t, const struct sync_judge *j)
{
	OWNED_BY(facts_done) struct facts_list l = {.judge = j};
	struct view all = view_of(NULL, 0);
	enum err e = vault_each(j->vault, VAULT_CURRENT, all, read_current, &l);
	if (!e)
		e = vault_each(j->vault, VAULT_CONSENTS, all, read_consent, &l);
	if (l.count)
		qsort(l.list, l.count, sizeof(*l.list), by_person);
	for (size_t from = 0, to = 0; !e && from < l.count; from = to) {
		while (to < l.count &&
			memcmp(l.list[to].participant, l.list[from].participant, ID_BYTES) == 0)
			to++;
		e = count_person(t, j, l.list + from, to - from);
	}
	return e;
}
