#include "hub/forward_inside.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

#define HELD_BYTES (SIGN_PUBLIC_BYTES + 4 + 8 * LANE_COUNT)

/* slots */

static struct forward_slot *
slot_of(struct forward *f, const uint8_t *writer)
{
	for (size_t i = 0; i < f->writer_count; i++)
		if (memcmp(f->writers[i].kept.writer, writer, SIGN_PUBLIC_BYTES) == 0)
			return &f->writers[i];
	if ((f->writer_count & (f->writer_count - 1)) == 0)
		f->writers = xrealloc(
			f->writers, MAX(f->writer_count * 2, (size_t)1), sizeof(*f->writers));
	struct forward_slot *s = &f->writers[f->writer_count++];
	*s = (struct forward_slot){.kept = {.standing = SYNC_OK}};
	memcpy(s->kept.writer, writer, SIGN_PUBLIC_BYTES);
	s->next = s->kept;
	return s;
}

/* An end of an earlier incarnation says nothing; that of a later one begins anew. */
static bool
set_end(struct forward_writer *w, uint32_t incarnation, uint8_t lane,
	const struct sync_mark *end)
{
	if (incarnation < w->incarnation ||
		(incarnation == w->incarnation && end->seq < w->ever[lane - 1].seq))
		return false;
	if (incarnation > w->incarnation)
		memset(w->ever, 0, sizeof(w->ever));
	w->incarnation = incarnation;
	w->ever[lane - 1] = *end;
	return true;
}

static void
set_tokens(struct forward_writer *w, const struct forward_writer *from)
{
	memcpy(w->token, from->token, sizeof(w->token));
	memcpy(w->pending, from->pending, sizeof(w->pending));
	w->granted = MAX(w->granted, from->granted);
	w->standing = from->standing;
}

/* notes of a turn */

void
forward_note_tokens(struct forward *f, const struct forward_writer *w)
{
	struct forward_slot *s = slot_of(f, w->writer);
	set_tokens(&s->next, w);
	s->has_tokens = true;
	f->has_notes = true;
}

void
forward_note_end(struct forward *f, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint32_t incarnation, uint8_t lane, const struct sync_mark *end)
{
	struct forward_slot *s = slot_of(f, writer);
	if (!set_end(&s->next, incarnation, lane, end))
		return;
	s->has_end[lane - 1] = true;
	f->has_notes = true;
}

struct buf *
forward_begin_note(struct forward *f, enum forward_note kind)
{
	f->has_notes = true;
	buf_u8(&f->notes, (uint8_t)kind);
	return &f->notes;
}

void
forward_note_withdrawal(struct forward *f, const struct forward_withdrawal *w)
{
	struct buf *b = forward_begin_note(f, NOTE_WITHDRAWAL);
	buf_add(b, w->participant, sizeof(w->participant));
	buf_add(b, w->root, sizeof(w->root));
	buf_u64(b, (uint64_t)w->given_s);
	buf_blob_text(b, w->level);
}

void
forward_note_revoked(
	struct forward *f, const uint8_t writer[static SIGN_PUBLIC_BYTES], int64_t at_s)
{
	struct buf *b = forward_begin_note(f, NOTE_REVOKED);
	buf_add(b, writer, SIGN_PUBLIC_BYTES);
	buf_u64(b, (uint64_t)at_s);
}

void
forward_note_epoch(struct forward *f, uint64_t epoch)
{
	buf_u64(forward_begin_note(f, NOTE_EPOCH), epoch);
	f->next_epoch = epoch;
}

/* A number that 0 stands for none of. */
static void
note_of_backup(struct forward *f, enum forward_note kind, const struct forward_backup *backup,
	uint32_t number)
{
	if (!number)
		return;
	struct buf *b = forward_begin_note(f, kind);
	buf_add(b, backup->id, sizeof(backup->id));
	buf_u32(b, number);
}

void
forward_note_backup(struct forward *f, const struct forward_backup *backup)
{
	struct buf *b = forward_begin_note(f, NOTE_BACKUP);
	buf_add(b, backup->id, sizeof(backup->id));
	buf_u64(b, (uint64_t)backup->made_s);
	buf_u32(b, (uint32_t)backup->count);
	for (size_t i = 0; i < backup->count; i++) {
		const struct forward_held *h = &backup->held[i];
		buf_add(b, h->writer, sizeof(h->writer));
		buf_u32(b, h->incarnation);
		for (size_t k = 0; k < LANE_COUNT; k++)
			buf_u64(b, h->seq[k]);
	}
	note_of_backup(f, NOTE_KEYRING, backup, backup->keyring_epoch);
	note_of_backup(f, NOTE_VAULT_KEY, backup, backup->vault_key);
}

void
forward_note_gone(struct forward *f, const uint8_t id[static ID_BYTES])
{
	buf_add(forward_begin_note(f, NOTE_GONE), id, ID_BYTES);
}

static void
write_tokens(const struct forward_writer *w, struct buf *out)
{
	buf_u8(out, NOTE_TOKENS);
	buf_add(out, w->writer, sizeof(w->writer));
	buf_add(out, w->token, sizeof(w->token));
	buf_add(out, w->pending, sizeof(w->pending));
	buf_u32(out, w->granted);
	buf_u8(out, (uint8_t)w->standing);
}

static void
write_end(const struct forward_writer *w, uint8_t lane, struct buf *out)
{
	buf_u8(out, NOTE_END);
	buf_add(out, w->writer, sizeof(w->writer));
	buf_u32(out, w->incarnation);
	buf_u8(out, lane);
	buf_u64(out, w->ever[lane - 1].seq);
	buf_add(out, w->ever[lane - 1].head, HASH_BYTES);
}

void
forward_write_writers(const struct forward *f, struct buf *out)
{
	for (size_t i = 0; i < f->writer_count; i++) {
		const struct forward_slot *s = &f->writers[i];
		if (s->has_tokens)
			write_tokens(&s->next, out);
		for (enum lane lane = LANE_C; lane <= LANE_A; lane++)
			if (s->has_end[lane - 1])
				write_end(&s->next, (uint8_t)lane, out);
	}
}

/* reading */

static void
read_tokens(struct forward *f, struct cursor *c)
{
	struct forward_writer w = {.granted = 0};
	cursor_copy(c, w.writer, sizeof(w.writer));
	cursor_copy(c, w.token, sizeof(w.token));
	cursor_copy(c, w.pending, sizeof(w.pending));
	w.granted = cursor_u32(c);
	uint8_t standing = cursor_u8(c);
	if (standing < SYNC_OK || standing > SYNC_REVOKED)
		c->broken = true;
	if (c->broken)
		return;
	w.standing = (enum sync_verdict)standing;
	struct forward_slot *s = slot_of(f, w.writer);
	set_tokens(&s->kept, &w);
	s->next = s->kept;
}

static void
read_end(struct forward *f, struct cursor *c)
{
	uint8_t writer[SIGN_PUBLIC_BYTES];
	struct sync_mark end;
	cursor_copy(c, writer, sizeof(writer));
	uint32_t incarnation = cursor_u32(c);
	uint8_t lane = cursor_u8(c);
	end.seq = cursor_u64(c);
	cursor_copy(c, end.head, sizeof(end.head));
	if (lane < LANE_C || lane > LANE_A)
		c->broken = true;
	if (c->broken)
		return;
	struct forward_slot *s = slot_of(f, writer);
	(void)set_end(&s->kept, incarnation, lane, &end);
	s->next = s->kept;
}

static void
read_withdrawal(struct forward *f, struct cursor *c)
{
	struct forward_withdrawal w = {.given_s = 0};
	cursor_copy(c, w.participant, sizeof(w.participant));
	cursor_copy(c, w.root, sizeof(w.root));
	w.given_s = (int64_t)cursor_u64(c);
	struct view level = cursor_blob(c);
	if (level.len >= sizeof(w.level))
		c->broken = true;
	if (c->broken)
		return;
	memcpy(w.level, level.at, level.len);
	if ((f->withdrawal_count & (f->withdrawal_count - 1)) == 0)
		f->withdrawals = xrealloc(f->withdrawals,
			MAX(f->withdrawal_count * 2, (size_t)1), sizeof(*f->withdrawals));
	f->withdrawals[f->withdrawal_count++] = w;
}

static void
read_revoked(struct forward *f, struct cursor *c)
{
	uint8_t writer[SIGN_PUBLIC_BYTES];
	cursor_copy(c, writer, sizeof(writer));
	int64_t at_s = (int64_t)cursor_u64(c);
	if (c->broken)
		return;
	struct forward_slot *s = slot_of(f, writer);
	s->kept.revoked_s = at_s;
	s->next = s->kept;
}

static void
drop_backup(struct forward *f, const uint8_t *id)
{
	f->backup_changes++;
	for (size_t i = 0; i < f->backup_count; i++) {
		if (memcmp(f->backups[i].id, id, ID_BYTES) != 0)
			continue;
		mem_drop(&f->backups[i].held);
		f->backups[i] = f->backups[--f->backup_count];
		return;
	}
}

static void
read_backup(struct forward *f, struct cursor *c)
{
	struct forward_backup b = {.made_s = 0};
	cursor_copy(c, b.id, sizeof(b.id));
	b.made_s = (int64_t)cursor_u64(c);
	b.count = cursor_u32(c);
	if (b.count > c->left / HELD_BYTES)
		c->broken = true;
	if (c->broken)
		return;
	b.held = xcalloc(b.count + 1, sizeof(*b.held));
	for (size_t i = 0; i < b.count; i++) {
		struct forward_held *h = &b.held[i];
		cursor_copy(c, h->writer, sizeof(h->writer));
		h->incarnation = cursor_u32(c);
		for (size_t k = 0; k < LANE_COUNT; k++)
			h->seq[k] = cursor_u64(c);
	}
	drop_backup(f, b.id);
	f->backups = xrealloc(f->backups, f->backup_count + 1, sizeof(*f->backups));
	f->backups[f->backup_count++] = b;
}

/* NULL: it is gone, or what is read is broken. */
static struct forward_backup *
read_backup_id(struct forward *f, struct cursor *c)
{
	uint8_t id[ID_BYTES];
	cursor_copy(c, id, sizeof(id));
	for (size_t i = 0; !c->broken && i < f->backup_count; i++)
		if (memcmp(f->backups[i].id, id, ID_BYTES) == 0)
			return &f->backups[i];
	return NULL;
}

static void
read_keyring(struct forward *f, struct cursor *c)
{
	struct forward_backup *b = read_backup_id(f, c);
	uint32_t epoch = cursor_u32(c);
	if (b && !c->broken)
		b->keyring_epoch = epoch;
}

static void
read_vault_key(struct forward *f, struct cursor *c)
{
	struct forward_backup *b = read_backup_id(f, c);
	uint32_t number = cursor_u32(c);
	if (b && !c->broken)
		b->vault_key = number;
}

static void
read_gone(struct forward *f, struct cursor *c)
{
	uint8_t id[ID_BYTES];
	cursor_copy(c, id, sizeof(id));
	drop_backup(f, id);
}

static void
read_epoch(struct forward *f, struct cursor *c)
{
	uint64_t epoch = cursor_u64(c);
	f->epoch = MAX(f->epoch, epoch);
}

static void
read_note(struct forward *f, struct cursor *c)
{
	uint8_t kind = cursor_u8(c);
	if (kind == NOTE_TOKENS)
		read_tokens(f, c);
	else if (kind == NOTE_END)
		read_end(f, c);
	else if (kind == NOTE_WITHDRAWAL)
		read_withdrawal(f, c);
	else if (kind == NOTE_REVOKED)
		read_revoked(f, c);
	else if (kind == NOTE_EPOCH)
		read_epoch(f, c);
	else if (kind == NOTE_BACKUP)
		read_backup(f, c);
	else if (kind == NOTE_GONE)
		read_gone(f, c);
	else if (kind == NOTE_ERASURE)
		forward_read_erasure(f, c);
	else if (kind == NOTE_KEYRING)
		read_keyring(f, c);
	else if (kind == NOTE_VAULT_KEY)
		read_vault_key(f, c);
	else if (kind == NOTE_CHANGE)
		forward_read_change(f, c);
	else
		c->broken = true;
}

enum err
forward_read_turn(struct forward *f, struct view content)
{
	struct cursor c = cursor_of(content);
	uint64_t turn = cursor_u64(&c);
	f->undo_count = 0;
	while (!c.broken && c.left)
		read_note(f, &c);
	f->turn = MAX(f->turn, turn);
	return cursor_end(&c, "turn in the journal");
}

void
forward_apply(struct forward *f, struct view notes)
{
	struct cursor c = cursor_of(notes);
	while (!c.broken && c.left)
		read_note(f, &c);
	f->undo_count = 0; /* it stands */
}
