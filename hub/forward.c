#include "hub/forward.h"

#include <stdio.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"

#include "hub/forward_inside.h"
#include "hub/row.h"

#define ROW_NAME "journal"

/* the row */

enum err
forward_row_get(struct vault_txn *t, struct forward_row *ret)
{
	OWNED_BUF struct buf row;
	struct forward_row r = {.turn = 0};
	*ret = r;
	buf_init(&row, ROW_MAX_BYTES);
	enum err e = vault_get(t, VAULT_META, view_text(ROW_NAME), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	r.mark.items = cursor_u64(&c);
	cursor_copy(&c, r.mark.check, sizeof(r.mark.check));
	r.turn = cursor_u64(&c);
	r.epoch = cursor_u64(&c);
	e = row_end(&c, "journal");
	if (!e)
		*ret = r;
	return e;
}

static enum err
put_row(const struct forward *f, struct vault_txn *t)
{
	OWNED_BUF struct buf row;
	const struct journal_mark mark = journal_mark_of(f->journal);
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, mark.items);
	buf_add(&row, mark.check, sizeof(mark.check));
	buf_u64(&row, f->turn + 1);
	buf_u64(&row, f->next_epoch);
	enum err e = buf_check(&row, "journal");
	return e ? e : vault_put(t, VAULT_META, view_text(ROW_NAME), buf_view(&row));
}

/* opening */

struct opening {
	struct forward *forward;
	journal_item_fn *each;
	void *arg;
};

static enum err
take_item(void *arg, uint8_t kind, struct view content)
{
	const struct opening *o = arg;
	if (kind == JOURNAL_TURN)
		return forward_read_turn(o->forward, content);
	return o->each ? o->each(o->arg, kind, content) : OK;
}

enum err
forward_open(struct forward **ret, const char *dir, const struct forward_row *row,
	journal_item_fn *each, void *arg)
{
	OWNED(forward) struct forward *f = xcalloc(1, sizeof(*f));
	struct opening opening = {f, each, arg};
	*ret = NULL;
	f->epoch = 1;
	buf_init(&f->notes, JOURNAL_ITEM_MAX_BYTES);
	enum err e = journal_open(&f->journal, dir, &row->mark, take_item, &opening);
	f->next_epoch = f->epoch = MAX(f->epoch, row->epoch);
	f->turn = MAX(f->turn, row->turn);
	f->last = take(f->undo);
	f->last_count = f->undo_count;
	f->undo_count = 0;
	if (!e)
		*ret = take(f);
	return e;
}

void
forward_free(struct forward *f)
{
	if (!f)
		return;
	journal_free(f->journal);
	for (size_t i = 0; i < f->backup_count; i++)
		mem_drop(&f->backups[i].held);
	mem_drop(&f->backups);
	mem_drop(&f->writers);
	mem_drop(&f->withdrawals);
	mem_drop(&f->erasures);
	mem_drop(&f->undo);
	mem_drop(&f->last);
	forward_changes_free(f);
	buf_done(&f->notes);
	mem_drop(&f);
}

/* what stands */

const struct forward_writer *
forward_find(const struct forward *f, const uint8_t writer[static SIGN_PUBLIC_BYTES])
{
	for (size_t i = 0; i < f->writer_count; i++)
		if (memcmp(f->writers[i].kept.writer, writer, SIGN_PUBLIC_BYTES) == 0)
			return &f->writers[i].kept;
	return NULL;
}

const struct forward_writer *
forward_writer_at(const struct forward *f, size_t i)
{
	return &f->writers[i].kept;
}

size_t
forward_writer_count(const struct forward *f)
{
	return f->writer_count;
}

const struct forward_withdrawal *
forward_withdrawals(const struct forward *f, size_t *ret_count)
{
	*ret_count = f->withdrawal_count;
	return f->withdrawals;
}

const struct forward_backup *
forward_backups(const struct forward *f, size_t *ret_count)
{
	*ret_count = f->backup_count;
	return f->backups;
}

uint64_t
forward_backup_changes(const struct forward *f)
{
	return f->backup_changes;
}

uint64_t
forward_epoch(const struct forward *f)
{
	return f->epoch;
}

uint64_t
forward_turn(const struct forward *f)
{
	return f->turn;
}

uint64_t
forward_bytes(const struct forward *f)
{
	return journal_bytes(f->journal);
}

static uint64_t
held_by(const struct forward_backup *b, const uint8_t *writer, uint32_t incarnation,
	uint8_t lane)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->held[i].incarnation == incarnation &&
			memcmp(b->held[i].writer, writer, SIGN_PUBLIC_BYTES) == 0)
			return b->held[i].seq[lane - 1];
	return 0;
}

/* The least of all, not the oldest: after a restore a newer backup may hold less. */
uint64_t
forward_retained(const struct forward *f, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint32_t incarnation, uint8_t lane)
{
	uint64_t least = f->backup_count ? UINT64_MAX : 0;
	for (size_t i = 0; i < f->backup_count; i++)
		least = MIN(least, held_by(&f->backups[i], writer, incarnation, lane));
	return least;
}

/* the turn */

enum err
forward_keep(struct forward *f, struct vault_txn *t)
{
	OWNED_BUF struct buf item;
	buf_init(&item, JOURNAL_ITEM_MAX_BYTES);
	if (!f->has_notes)
		return OK;
	buf_u64(&item, f->turn + 1);
	forward_write_writers(f, &item);
	buf_add_view(&item, buf_view(&f->notes));
	enum err e = buf_check(&item, "what a turn leaves in the journal");
	if (!e)
		e = buf_check(&f->notes, "what a turn leaves in the journal");
	if (!e)
		e = journal_append(f->journal, JOURNAL_TURN, buf_view(&item));
	f->is_ahead = e == OK;
	return e ? e : put_row(f, t);
}

/* Where that fails the journal takes nothing more, and the next turn ends the process. */
static void
take_back(struct forward *f)
{
	if (f->is_ahead && journal_take_back(f->journal))
		log_error("journal", "%s", err_text());
}

void
forward_kept(struct forward *f, enum err commit)
{
	const bool committed = commit == OK;
	if (!f->has_notes)
		return;
	if (!committed && commit != E_IO)
		take_back(f);
	f->is_ahead = false;
	for (size_t i = 0; i < f->writer_count; i++) {
		struct forward_slot *s = &f->writers[i];
		if (committed)
			s->kept = s->next;
		else
			s->next = s->kept;
		s->has_tokens = false;
		memset(s->has_end, 0, sizeof(s->has_end));
	}
	forward_erasures_kept(f, committed);
	if (committed) {
		f->turn++;
		forward_apply(f, buf_view(&f->notes));
	}
	f->next_epoch = f->epoch;
	f->has_notes = false;
	buf_reset(&f->notes);
}

enum err
forward_append(struct forward *f, enum journal_kind kind, struct view content)
{
	return journal_append(f->journal, kind, content);
}
