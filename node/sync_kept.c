#include "node/sync_kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/trust/seal.h"

#include "node/sync_act.h"

#define META_KEPT           "kept"
#define ROW_BYTES           512
#define SINCE_COUNT         16
#define REPORT_VERSION      1
#define REPORT_BYTES        64
#define WORDS_BYTES         128
#define KEY_ENTRY_MAX_BYTES ((size_t)64 * 1024)
#define DAY_S               86400

/* numbers of what is sealed */

struct seen {
	uint32_t first;  /* numbers below it are destroyed; 0: none is known to be */
	uint32_t oldest; /* 0: nothing is sealed for the study */
	struct sync_kept_late late;
};

static bool
has_site_wrap(const struct sync_item_entry *n)
{
	for (size_t i = 0; i < n->part_count; i++)
		if (n->parts[i].kind == PART_WRAP_SITE)
			return true;
	return false;
}

static enum err
see_parts(const struct sync_item_entry *n, struct seen *s)
{
	uint32_t number = 0;
	enum err e = OK;
	for (size_t i = 0; !e && i < n->part_count; i++) {
		if (n->parts[i].kind != PART_WRAP_STUDY)
			continue;
		e = seal_wrap_number(&number, n->parts[i].bytes);
		if (e)
			break;
		s->oldest = s->oldest ? MIN(s->oldest, number) : number;
		if (number < s->first && has_site_wrap(n))
			s->late.by_site++;
		else if (number < s->first)
			s->late.by_nobody++;
	}
	return e;
}

enum err
sync_kept_fits(const struct sync_judge *j, const struct sync_item_entry *n)
{
	struct seen s = {.oldest = 0};
	enum err e = j->intake ? see_parts(n, &s) : OK;
	if (!e && s.oldest && s.oldest != j->intake)
		e = fail(E_BUSY,
			"it is sealed for number %u of the study's intake key, and number %u "
			"is in force: do it again",
			s.oldest, j->intake);
	return e;
}

/* What is not of its form goes nowhere, so nobody needs a key for it. */
static void
see_item(struct view bytes, struct seen *s)
{
	OWNED_ITEM struct sync_item t = {.entry_count = 0};
	struct cursor c = cursor_of(bytes);
	if (!bytes.len || sync_item_read(&c, &t))
		return;
	for (size_t i = 0; i < t.entry_count; i++)
		if (see_parts(&t.entries[i], s))
			return;
}

static enum err
see_late_key(void *arg, struct view key, struct view content)
{
	struct sync_item_entry n = {.part_count = 0};
	struct cursor c = cursor_of(content);
	(void)key;
	enum err e = sync_item_read_entry(&c, &n);
	if (!e)
		e = see_parts(&n, arg);
	wire_rules_free(n.rules);
	return e == E_FORMAT ? OK : e;
}

static enum err
see_held(struct vault *v, const uint8_t id[static ID_BYTES], const struct sync_hold *h,
	struct seen *s)
{
	see_item(h->item, s);
	return vault_each(v, VAULT_KEYS, view_of(id, ID_BYTES), see_late_key, s);
}

enum err
sync_kept_number(struct vault *v, const uint8_t id[static ID_BYTES], const struct sync_hold *h,
	uint32_t *ret)
{
	struct seen s = {.oldest = 0};
	enum err e = see_held(v, id, h, &s);
	*ret = s.oldest;
	return e;
}

enum err
sync_kept_late(const struct sync_judge *j, const uint8_t id[static ID_BYTES],
	const struct sync_hold *h, struct sync_kept_late *ret)
{
	struct seen s = {.first = j->intake_first};
	enum err e = j->intake_first > 1 ? see_held(j->vault, id, h, &s) : OK;
	*ret = s.late;
	return e;
}

static bool
is_record(struct view bytes)
{
	OWNED_ITEM struct sync_item t = {.entry_count = 0};
	struct cursor c = cursor_of(bytes);
	return bytes.len && !sync_item_read(&c, &t) &&
	       t.entries[t.entry_count - 1].rules->kind == RULES_RECORD;
}

enum err
sync_kept_opens(const struct sync_judge *j, const uint8_t id[static ID_BYTES],
	const struct sync_hold *h)
{
	struct sync_kept_late late;
	enum err e = sync_kept_late(j, id, h, &late);
	if (e || (!late.by_site && !late.by_nobody) || !is_record(h->item))
		return e;
	if (late.by_nobody)
		return fail(E_DENIED,
			"it is sealed for a number of the study's intake key that is "
			"destroyed, and not for the coordinator: nobody at the study can open "
			"it any more. Drop it, and have it entered anew by whoever collected "
			"it");
	return fail(E_DENIED,
		"it is sealed for a number of the study's intake key that is destroyed: open "
		"the desk with `weir-node desk unlock`, which seals its key for the number in "
		"force, and accept it then");
}

/* the row */

struct since {
	uint32_t number;
	int64_t at_s;
};

struct said {
	uint32_t newest, oldest, incarnation;
	uint32_t count;
	struct since list[SINCE_COUNT]; /* numbers rise */
};

static enum err
get_said(struct vault *v, struct said *ret)
{
	struct view row;
	*ret = (struct said){.newest = 0};
	enum err e = vault_get(v, VAULT_META, view_text(META_KEPT), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = cursor_of(row);
	ret->newest = cursor_u32(&c);
	ret->oldest = cursor_u32(&c);
	ret->incarnation = cursor_u32(&c);
	ret->count = cursor_u32(&c);
	if (ret->count > SINCE_COUNT)
		return fail(E_FORMAT, "the vault is damaged: what is kept");
	for (uint32_t i = 0; i < ret->count; i++) {
		ret->list[i].number = cursor_u32(&c);
		ret->list[i].at_s = (int64_t)cursor_u64(&c);
	}
	return cursor_end(&c, "what is kept");
}

static enum err
put_said(struct vault *v, const struct said *s)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_BYTES);
	buf_u32(&row, s->newest);
	buf_u32(&row, s->oldest);
	buf_u32(&row, s->incarnation);
	buf_u32(&row, s->count);
	for (uint32_t i = 0; i < s->count; i++) {
		buf_u32(&row, s->list[i].number);
		buf_u64(&row, (uint64_t)s->list[i].at_s);
	}
	enum err e = buf_check(&row, "what is kept");
	return e ? e : vault_put(v, VAULT_META, view_text(META_KEPT), buf_view(&row));
}

static void
add_since(struct said *s, uint32_t number, int64_t at_s)
{
	if (s->count && s->list[s->count - 1].number >= number)
		return;
	if (s->count == SINCE_COUNT) {
		memmove(&s->list[0], &s->list[1], (SINCE_COUNT - 1) * sizeof(s->list[0]));
		s->count--;
	}
	s->list[s->count++] = (struct since){number, at_s};
}

enum err
sync_kept_until(struct vault *v, uint32_t number, int64_t *ret)
{
	struct said s;
	*ret = 0;
	enum err e = get_said(v, &s);
	for (uint32_t i = 0; !e && !*ret && i < s.count; i++)
		if (s.list[i].number > number)
			*ret = s.list[i].at_s + (int64_t)SYNC_KEPT_DAYS * DAY_S;
	return e;
}

enum err
sync_kept_is_free(const struct sync_judge *j, bool *ret)
{
	struct said s;
	enum err e = get_said(j->vault, &s);
	*ret = !e && s.newest == j->intake && !s.oldest &&
	       s.incarnation == vault_incarnation(j->vault);
	return e;
}

/* what is kept */

struct search {
	struct vault *vault;
	uint32_t below, first;
	uint32_t oldest;
	uint64_t count, by_site, by_nobody;
	uint8_t id[ID_BYTES]; /* of the first of the oldest */
};

static enum err
see_hold(void *arg, struct view key, struct view content, bool *ret_stop)
{
	struct search *s = arg;
	OWNED_HOLD struct sync_hold h = {.why = 0};
	struct seen seen = {.first = s->first};
	*ret_stop = false;
	enum err e = key.len == ID_BYTES ? sync_hold_parse(&h, content) : OK;
	if (!e && key.len == ID_BYTES)
		e = see_held(s->vault, key.at, &h, &seen);
	if (e || !seen.oldest || seen.oldest >= s->below)
		return e;
	s->count++;
	s->by_nobody += seen.late.by_nobody > 0;
	s->by_site += seen.late.by_site && !seen.late.by_nobody;
	if (!s->oldest || seen.oldest < s->oldest) {
		s->oldest = seen.oldest;
		memcpy(s->id, key.at, ID_BYTES);
	}
	return OK;
}

static enum err
search(struct search *s, const struct sync_judge *j)
{
	*s = (struct search){.vault = j->vault, .below = j->intake, .first = j->intake_first};
	return vault_each_after(j->vault, VAULT_HOLDS, view_of(NULL, 0), see_hold, s);
}

enum err
sync_kept_find(const struct sync_judge *j, struct sync_kept_aside *ret)
{
	struct search s;
	struct said said;
	*ret = (struct sync_kept_aside){.count = 0};
	enum err e = get_said(j->vault, &said);
	/* Nothing is kept anew for an older number. */
	if (e || !said.oldest)
		return e;
	e = search(&s, j);
	ret->count = s.count;
	ret->by_site = s.by_site;
	ret->by_nobody = s.by_nobody;
	ret->oldest = s.oldest;
	return e || !s.oldest ? e : sync_kept_until(j->vault, s.oldest, &ret->until_s);
}

/* Is the one that was found last still kept? */
static enum err
is_there(const struct sync_judge *j, const struct sync_kept_place *place, uint32_t oldest,
	bool *ret)
{
	OWNED_HOLD struct sync_hold h = {.why = 0};
	uint32_t number = 0;
	*ret = false;
	if (!place->is_known)
		return OK;
	enum err e = sync_hold_get(j->vault, place->id, &h);
	if (!e)
		e = sync_kept_number(j->vault, place->id, &h, &number);
	*ret = !e && number == oldest;
	return e == E_NOTFOUND ? OK : e;
}

/* the word */

static enum err
say(const struct sync_judge *j, const struct search *s)
{
	OWNED_BUF struct buf report;
	char words[WORDS_BYTES];
	buf_init(&report, REPORT_BYTES);
	buf_u8(&report, REPORT_VERSION);
	buf_u32(&report, j->intake);
	buf_u32(&report, s->oldest);
	buf_u32(&report, (uint32_t)MIN(s->count, UINT32_MAX));
	buf_u32(&report, vault_incarnation(j->vault));
	buf_u64(&report, vault_head(j->vault, LANE_C).seq);
	buf_u64(&report, vault_head(j->vault, LANE_R).seq);
	if (s->oldest)
		(void)snprintf(words, sizeof(words),
			"%" PRIu64 " held for intake keys before %u, from %u on", s->count,
			j->intake, s->oldest);
	else
		(void)snprintf(words, sizeof(words), "nothing held for intake keys before %u",
			j->intake);
	enum err e = buf_check(&report, "what is kept");
	return e ? e
		 : sync_act_report(j,
			   (struct leaf){.actor = "sync",
				   .action = "intake-kept",
				   .object_type = "keys",
				   .outcome = "done",
				   .reason_code = words},
			   buf_view(&report));
}

enum err
sync_kept_tick(const struct sync_judge *j, int64_t since_s, struct sync_kept_place *place)
{
	struct said said;
	struct search s;
	bool is_same = false;
	enum err e = j->intake ? get_said(j->vault, &said) : OK;
	if (e || !j->intake || (!said.newest && j->intake == 1))
		return e;
	const bool is_due =
		said.newest != j->intake || said.incarnation != vault_incarnation(j->vault);
	if (!is_due && said.oldest)
		e = is_there(j, place, said.oldest, &is_same);
	if (e || is_same || (!is_due && !said.oldest))
		return e;
	e = search(&s, j);
	if (e)
		return e;
	place->is_known = s.oldest != 0;
	memcpy(place->id, s.id, ID_BYTES);
	if (!is_due && s.oldest == said.oldest)
		return OK;
	add_since(&said, j->intake, since_s);
	said.newest = j->intake;
	said.oldest = s.oldest;
	said.incarnation = vault_incarnation(j->vault);
	e = say(j, &s);
	return e ? e : put_said(j->vault, &said);
}
