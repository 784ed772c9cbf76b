#include "hub/forward_erase.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"

#include "hub/forward_inside.h"

const struct forward_erasure *
forward_erasures(const struct forward *f, size_t *ret_count)
{
	*ret_count = f->erasure_count;
	return f->erasures;
}

const struct forward_erasure *
forward_erasure_of(const struct forward *f, const uint8_t participant[static ID_BYTES])
{
	for (size_t i = 0; i < f->erasure_count; i++)
		if (memcmp(f->erasures[i].participant, participant, ID_BYTES) == 0)
			return &f->erasures[i];
	return NULL;
}

/* *ret_is_new: it says nothing yet. */
static struct forward_erasure *
slot_of(struct forward *f, const uint8_t *participant, bool *ret_is_new)
{
	*ret_is_new = false;
	for (size_t i = 0; i < f->erasure_count; i++)
		if (memcmp(f->erasures[i].participant, participant, ID_BYTES) == 0)
			return &f->erasures[i];
	if ((f->erasure_count & (f->erasure_count - 1)) == 0)
		f->erasures = xrealloc(f->erasures, MAX(f->erasure_count * 2, (size_t)1),
			sizeof(*f->erasures));
	*ret_is_new = true;
	return &f->erasures[f->erasure_count++];
}

static void
set(struct forward *f, const struct forward_erasure *e)
{
	struct forward_undo undo = {.at = 0};
	struct forward_erasure *slot = slot_of(f, e->participant, &undo.is_new);
	undo.at = (size_t)(slot - f->erasures);
	if (!undo.is_new)
		undo.before = *slot;
	*slot = *e;
	if ((f->undo_count & (f->undo_count - 1)) == 0)
		f->undo =
			xrealloc(f->undo, MAX(f->undo_count * 2, (size_t)1), sizeof(*f->undo));
	f->undo[f->undo_count++] = undo;
}

void
forward_note_erasure(struct forward *f, const struct forward_erasure *e)
{
	struct buf *b = forward_begin_note(f, NOTE_ERASURE);
	buf_add(b, e->participant, sizeof(e->participant));
	buf_add(b, e->receipt, sizeof(e->receipt));
	buf_u64(b, (uint64_t)e->stopped_s);
	buf_u64(b, (uint64_t)e->refused_s);
	buf_u64(b, (uint64_t)e->back_s);
	buf_u64(b, (uint64_t)e->begun_s);
	buf_u64(b, (uint64_t)e->gone_s);
	buf_u64(b, (uint64_t)e->erased_s);
	buf_u32(b, e->intake);
	buf_u32(b, e->vault_key);
	buf_blob_text(b, e->site);
	buf_blob_text(b, e->by);
	buf_blob_text(b, e->reason);
	const struct forward_erasure now = *e; /* e may lie in the list */
	set(f, &now);
}

/* A wish that the same turn brought stays, undecided. */
void
forward_undecide(struct forward *f, size_t *ret_count)
{
	*ret_count = 0;
	for (size_t i = 0; i < f->last_count; i++) {
		const struct forward_undo *undo = &f->last[i];
		struct forward_erasure e = f->erasures[undo->at];
		const bool was_decided =
			!undo->is_new && (undo->before.begun_s || undo->before.refused_s);
		if (was_decided || e.gone_s || !(e.begun_s || e.refused_s))
			continue;
		e.begun_s = e.refused_s = 0;
		e.by[0] = e.reason[0] = '\0';
		forward_note_erasure(f, &e);
		++*ret_count;
	}
}

void
forward_erasures_kept(struct forward *f, bool committed)
{
	for (size_t i = f->undo_count; !committed && i > 0; i--) {
		const struct forward_undo *u = &f->undo[i - 1];
		if (u->is_new)
			f->erasure_count--;
		else
			f->erasures[u->at] = u->before;
	}
	f->undo_count = 0;
}

void
forward_read_erasure(struct forward *f, struct cursor *c)
{
	struct forward_erasure e = {.stopped_s = 0};
	cursor_copy(c, e.participant, sizeof(e.participant));
	cursor_copy(c, e.receipt, sizeof(e.receipt));
	e.stopped_s = (int64_t)cursor_u64(c);
	e.refused_s = (int64_t)cursor_u64(c);
	e.back_s = (int64_t)cursor_u64(c);
	e.begun_s = (int64_t)cursor_u64(c);
	e.gone_s = (int64_t)cursor_u64(c);
	e.erased_s = (int64_t)cursor_u64(c);
	e.intake = cursor_u32(c);
	e.vault_key = cursor_u32(c);
	OWNED_MEM char *site = cursor_text(c, sizeof(e.site) - 1);
	OWNED_MEM char *by = cursor_text(c, sizeof(e.by) - 1);
	OWNED_MEM char *reason = cursor_text(c, sizeof(e.reason) - 1);
	if (c->broken)
		return;
	(void)snprintf(e.site, sizeof(e.site), "%s", site);
	(void)snprintf(e.by, sizeof(e.by), "%s", by);
	(void)snprintf(e.reason, sizeof(e.reason), "%s", reason);
	set(f, &e);
}
