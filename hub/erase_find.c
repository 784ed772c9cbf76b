#include "hub/erase_rows_inside.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/wire_rules.h"
#include "common/trust/roots.h"

#include "hub/record.h"

/* Looking for so few pseudonyms as bytes is faster than taking every part apart. */
#define FEW_COUNT 4

int
erase_compare_ids(const void *a, const void *b)
{
	return memcmp(a, b, ID_BYTES);
}

/* A row of the walk; false: it was looked at in the piece before. */
static bool
is_next(struct erase_piece *p, struct view key, bool *ret_stop)
{
	struct erase_search *s = p->search;
	if (view_same(key, buf_view(&s->from)))
		return false;
	buf_reset(&s->from);
	buf_add_view(&s->from, key);
	*ret_stop = ++p->rows == ERASE_PIECE_ROWS;
	return true;
}

/* The next rows of a table; behind the last one the next stage begins. */
static enum err
walk(struct erase_piece *p, enum vault_table table, bool (*only)(struct view),
	vault_each_fn *each)
{
	OWNED_BUF struct buf from;
	struct erase_search *s = p->search;
	buf_init(&from, ERASE_KEY_MAX_BYTES);
	buf_add_view(&from, buf_view(&s->from));
	const struct vault_range range = {
		.table = table, .from = buf_view(&from), .only = only, .takes_damaged = true};
	enum err e = vault_each(p->txn, &range, each, p);
	if (e || p->rows == ERASE_PIECE_ROWS)
		return e;
	buf_reset(&s->from);
	s->stage++;
	return OK;
}

void
erase_found_add(struct erase_search *s, const struct place *p, const uint8_t *instance)
{
	if ((s->count & (s->count - 1)) == 0)
		s->found = xrealloc(s->found, MAX(s->count * 2, (size_t)1), sizeof(*s->found));
	s->found[s->count].place = *p;
	memcpy(s->found[s->count++].instance, instance, ID_BYTES);
}

static bool
has_bytes_of(const struct erase_search *s, struct view part)
{
	for (size_t i = 0; i < s->id_count; i++)
		if (memmem(part.at, part.len, s->ids[i], ID_BYTES))
			return true;
	return false;
}

static bool
may_be_meant(const struct erase_search *s, struct view part)
{
	return s->id_count > FEW_COUNT || has_bytes_of(s, part);
}

/* What cannot be taken apart is theirs whose pseudonym stands in it; it stands for no id. */
static void
add_unread(struct erase_search *s, const struct place *p, struct view part)
{
	static const uint8_t no_instance[ID_BYTES];
	if (has_bytes_of(s, part))
		erase_found_add(s, p, no_instance);
}

static bool
is_rules_part(struct view key)
{
	return key.len == PLACE_PART_KEY_BYTES && key.at[PLACE_KEY_BYTES] == PART_RULES;
}

static enum err
look(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct erase_piece *piece = arg;
	struct erase_search *s = piece->search;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	struct place p;
	if (!is_next(piece, key, ret_stop) || !may_be_meant(s, value))
		return OK;
	enum err e = place_from_key(&p, view_of(key.at, PLACE_KEY_BYTES));
	if (e)
		return e == E_FORMAT ? OK : e; /* it is the part of no entry */
	e = wire_rules_unpack(&r, value);
	if (e == E_FORMAT) {
		add_unread(s, &p, value);
		return OK;
	}
	if (e)
		return e;
	if (bsearch(r->participant, s->ids, s->id_count, sizeof(*s->ids), erase_compare_ids))
		erase_found_add(s, &p, r->instance);
	return OK;
}

static bool
is_found(const struct erase_search *s, const uint8_t place[static PLACE_KEY_BYTES])
{
	size_t low = 0, high = s->count;
	uint8_t other[PLACE_KEY_BYTES];
	while (low < high) {
		size_t middle = (low + high) / 2;
		place_key(other, &s->found[middle].place);
		int order = memcmp(other, place, sizeof(other));
		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Ids that stand for a person, form and wave point at the same places. */
static enum err
look_at_instance(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct erase_piece *piece = arg;
	if (is_next(piece, key, ret_stop) && value.len == PLACE_KEY_BYTES &&
		is_found(piece->search, value.at))
		buf_blob(&piece->search->instances, key);
	return OK;
}

/* files */

/* Not there, or damaged: it names nothing that could be found. */
static bool
is_unreadable(enum err e)
{
	return e == E_NOTFOUND || e == E_AUTH || e == E_FORMAT;
}

static enum err
note_roots(struct erase_search *s, struct vault_txn *t, const struct place *p)
{
	OWNED_MEM struct roots_file *list = NULL;
	OWNED_BUF struct buf part;
	size_t count = 0;
	buf_init(&part, RECORD_PART_MAX_BYTES);
	enum err e = record_part(t, p, PART_ROOTS, &part);
	if (e)
		return is_unreadable(e) ? OK : e;
	list = xcalloc(ROOTS_MAX_COUNT, sizeof(*list));
	if (roots_unpack(list, &count, buf_view(&part)))
		return OK;
	s->roots = xrealloc(s->roots, s->root_count + count + 1, sizeof(*s->roots));
	for (size_t i = 0; i < count; i++)
		memcpy(s->roots[s->root_count++], list[i].root, HASH_BYTES);
	return OK;
}

static enum err
find_files(struct erase_piece *p)
{
	struct erase_search *s = p->search;
	enum err e = OK;
	for (; !e && s->entry < s->count && p->rows < ERASE_PIECE_ROWS; s->entry++) {
		e = note_roots(s, p->txn, &s->found[s->entry].place);
		p->rows++;
	}
	if (e || s->entry < s->count)
		return e;
	s->entry = 0;
	s->stage = s->root_count ? FIND_SHARED : DROP;
	return record_count(p->txn, &s->records);
}

/* Rules parts are passed over as well, so that a piece stays one where few have files. */
static bool
is_counted_part(struct view key)
{
	return is_rules_part(key) ||
	       (key.len == PLACE_PART_KEY_BYTES && key.at[PLACE_KEY_BYTES] == PART_ROOTS);
}

static void
keep_shared(struct erase_search *s, struct view roots_part)
{
	OWNED_MEM struct roots_file *list = xcalloc(ROOTS_MAX_COUNT, sizeof(*list));
	size_t count = 0, left = 0;
	if (roots_unpack(list, &count, roots_part))
		return;
	for (size_t i = 0; i < s->root_count; i++) {
		bool shared = false;
		for (size_t k = 0; k < count; k++)
			shared = shared || memcmp(s->roots[i], list[k].root, HASH_BYTES) == 0;
		if (!shared)
			memmove(s->roots[left++], s->roots[i], HASH_BYTES);
	}
	s->root_count = left;
}

/* What a record that stays names too stays. */
static enum err
look_at_roots(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct erase_piece *piece = arg;
	if (is_next(piece, key, ret_stop) && !is_rules_part(key) &&
		!is_found(piece->search, key.at))
		keep_shared(piece->search, value);
	return OK;
}

enum err
erase_find_newest(struct erase_search *s, struct vault_txn *t)
{
	uint32_t count = 0;
	enum err e = s->root_count ? record_count(t, &count) : OK;
	for (; !e && s->records < count; s->records++) {
		OWNED_BUF struct buf part;
		struct place p;
		buf_init(&part, RECORD_PART_MAX_BYTES);
		e = record_at(t, s->records, &p);
		if (!e)
			e = record_part(t, &p, PART_ROOTS, &part);
		if (!e)
			keep_shared(s, buf_view(&part));
		e = is_unreadable(e) ? OK : e;
	}
	return e;
}

enum err
erase_find(struct erase_piece *p)
{
	switch (p->search->stage) {
	case FIND_ENTRIES:
		return walk(p, VAULT_PARTS, is_rules_part, look);
	case FIND_INSTANCES:
		return walk(p, VAULT_INSTANCES, NULL, look_at_instance);
	case FIND_FILES:
		return find_files(p);
	case FIND_SHARED:
		return walk(p, VAULT_PARTS, is_counted_part, look_at_roots);
	case DROP:
		break;
	}
	return OK;
}
