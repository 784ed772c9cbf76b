#include "hub/hold.h"

#include <stdio.h>
#include <string.h>

#include "hub/unsaid.h"

#define PREFIX       "hold-"
#define PREFIX_BYTES (sizeof(PREFIX) - 1)
#define KEY_BYTES    (PREFIX_BYTES + ID_BYTES)
#define BY_JOURNAL   "journal"

static void
make_key(uint8_t ret[static KEY_BYTES], const uint8_t participant[static ID_BYTES])
{
	memcpy(ret, PREFIX, PREFIX_BYTES);
	memcpy(ret + PREFIX_BYTES, participant, ID_BYTES);
}

enum err
hold_put(struct vault_txn *t, const struct hold *h)
{
	OWNED_BUF struct buf row;
	uint8_t key[KEY_BYTES];
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, h->known);
	buf_u64(&row, (uint64_t)h->placed_s);
	buf_blob_text(&row, h->number);
	buf_blob_text(&row, h->by);
	make_key(key, h->participant);
	enum err e = buf_check(&row, "hold");
	return e ? e : vault_put(t, VAULT_META, view_of(key, sizeof(key)), buf_view(&row));
}

static enum err
read_row(struct hold *ret, struct view value)
{
	struct cursor c = row_begin(value);
	ret->known = cursor_u64(&c);
	ret->placed_s = (int64_t)cursor_u64(&c);
	row_text(&c, ret->number, sizeof(ret->number));
	row_text(&c, ret->by, sizeof(ret->by));
	return row_end(&c, "hold");
}

enum err
hold_get(struct vault_txn *t, const uint8_t participant[static ID_BYTES], struct hold *ret)
{
	OWNED_BUF struct buf row;
	uint8_t key[KEY_BYTES];
	struct hold h = {.known = 0};
	buf_init(&row, ROW_MAX_BYTES);
	make_key(key, participant);
	enum err e = vault_get(t, VAULT_META, view_of(key, sizeof(key)), &row);
	if (!e)
		e = read_row(&h, buf_view(&row));
	if (e)
		return e;
	memcpy(h.participant, participant, ID_BYTES);
	*ret = h;
	return OK;
}

enum err
hold_drop(struct vault_txn *t, const uint8_t participant[static ID_BYTES])
{
	uint8_t key[KEY_BYTES];
	make_key(key, participant);
	return vault_delete(t, VAULT_META, view_of(key, sizeof(key)));
}

bool
hold_any(struct vault_txn *t)
{
	return vault_last(t, VAULT_META, view_text(PREFIX), NULL, NULL) != E_NOTFOUND;
}

struct walk {
	hold_fn *each;
	void *arg;
};

static enum err
visit(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct walk *walk = arg;
	struct hold h = {.known = 0};
	(void)ret_stop;
	if (key.len != KEY_BYTES)
		return fail(E_FORMAT, "hold: its key is not of its form");
	memcpy(h.participant, key.at + PREFIX_BYTES, ID_BYTES);
	enum err e = read_row(&h, value);
	return e ? e : walk->each(walk->arg, &h);
}

enum err
hold_each(struct vault_txn *t, hold_fn *each, void *arg)
{
	struct walk walk = {each, arg};
	const struct vault_range all = {.table = VAULT_META, .prefix = view_text(PREFIX)};
	return vault_each(t, &all, visit, &walk);
}

/* the journal */

void
hold_note(struct forward *f, const uint8_t participant[static ID_BYTES], const char *what,
	int64_t at_s)
{
	struct forward_withdrawal w = {.given_s = at_s};
	memcpy(w.participant, participant, ID_BYTES);
	(void)snprintf(w.level, sizeof(w.level), "%s", what);
	forward_note_withdrawal(f, &w);
}

void
hold_note_answered(struct forward *f, const struct forward_withdrawal *w, int64_t at_s)
{
	struct forward_withdrawal lifted = *w;
	lifted.given_s = at_s;
	(void)snprintf(lifted.level, sizeof(lifted.level), HOLD_LIFTED);
	forward_note_withdrawal(f, &lifted);
}

/* The site's word has a leaf of its own. */
static bool
is_by_site(const struct forward_withdrawal *w)
{
	const uint8_t zeros[HASH_BYTES] = {0};
	return memcmp(w->root, zeros, sizeof(zeros)) != 0;
}

size_t
hold_notes(
	const struct forward *f, const uint8_t participant[static ID_BYTES], const char *what)
{
	size_t count, found = 0;
	const struct forward_withdrawal *all = forward_withdrawals(f, &count);
	for (size_t i = 0; i < count; i++)
		found += strcmp(all[i].level, what) == 0 && !is_by_site(&all[i]) &&
			 memcmp(all[i].participant, participant, ID_BYTES) == 0;
	return found;
}

bool
hold_is_note(const struct forward_withdrawal *w)
{
	return strcmp(w->level, HOLD_PLACED) == 0 || strcmp(w->level, HOLD_LIFTED) == 0;
}

static bool
is_last_of_its_person(const struct forward_withdrawal *all, size_t count, size_t which)
{
	for (size_t i = which + 1; i < count; i++)
		if (hold_is_note(&all[i]) &&
			memcmp(all[i].participant, all[which].participant, ID_BYTES) == 0)
			return false;
	return true;
}

static enum err
restore_one(struct vault_txn *t, const struct forward_withdrawal *w, uint64_t leaves)
{
	struct hold h = {.known = leaves, .placed_s = w->given_s, .by = BY_JOURNAL};
	struct hold found;
	enum err e = hold_get(t, w->participant, &found);
	const bool is_there = e == OK;
	if (e && e != E_NOTFOUND)
		return e;
	const bool is_lift = strcmp(w->level, HOLD_LIFTED) == 0;
	if (is_lift != is_there)
		return OK;
	memcpy(h.participant, w->participant, ID_BYTES);
	e = is_lift ? hold_drop(t, w->participant) : hold_put(t, &h);
	if (e || (is_lift && is_by_site(w)))
		return e;
	return unsaid_put(t, is_lift ? UNSAID_LIFTED : UNSAID_PLACED,
		view_of(w->participant, sizeof(w->participant)));
}

enum err
hold_restore(struct vault_txn *t, const struct forward_withdrawal *all, size_t count,
	uint64_t leaves)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++)
		if (hold_is_note(&all[i]) && is_last_of_its_person(all, count, i))
			e = restore_one(t, &all[i], leaves);
	return e;
}
