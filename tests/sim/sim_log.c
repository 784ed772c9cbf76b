#include "tests/sim/sim_files.h"

#include <string.h>

#include "common/trust/merkle.h"
#include "common/trust/note.h"
#include "tests/sim/sim_inside.h"

static enum err
subtree(void *arg, unsigned level, uint64_t index, uint8_t ret[static HASH_BYTES])
{
	const struct sim_book *book = arg;
	uint8_t leaves[SIM_LEAVES_COUNT][HASH_BYTES];
	size_t count = (size_t)1 << level, first = (size_t)(index << level);
	for (size_t i = 0; i < count; i++) {
		const uint8_t leaf[2] = {(uint8_t)(first + i), book->telling[first + i]};
		merkle_leaf(leaves[i], view_of(leaf, sizeof(leaf)));
	}
	merkle_join(ret, (const uint8_t(*)[HASH_BYTES])leaves, count);
	return OK;
}

static struct sync_mark
mark_of(struct sim_book *book, uint64_t size)
{
	struct sync_mark m = {.seq = size};
	const struct merkle_source from = {subtree, book};
	(void)!merkle_root_of(m.head, &from, size);
	return m;
}

static bool
is_prefix(const struct sim_book *of, uint64_t size, const struct sim_book *longer, uint64_t to)
{
	return size <= to && memcmp(of->telling, longer->telling, (size_t)size) == 0;
}

void
sim_log_grow(struct sim *s, struct lane_event *ev)
{
	struct sim_book *b = &s->hub.book;
	if (!s->plays_log) {
		ev->mark.seq = ++s->ids;
		memset(ev->mark.head, 0x33, sizeof(ev->mark.head));
		return;
	}
	if (b->size < SIM_LEAVES_COUNT)
		b->telling[b->size++] = (uint8_t)s->ghost.book_count;
	ev->mark = mark_of(b, b->size);
}

void
sim_log_fork(struct sim *s)
{
	struct sim_book *b = &s->hub.book;
	struct sim_ghost *g = &s->ghost;
	if (b->size == 0 || g->book_count == SIM_BOOKS_COUNT)
		return;
	g->books[g->book_count++] = *b;
	for (size_t i = sim_chance(s) % b->size; i < b->size; i++)
		b->telling[i] = (uint8_t)g->book_count;
}

/* The telling of the log that a checkpoint was made of. */
static struct sim_book *
book_of(struct sim *s, const struct sync_mark *mark)
{
	struct sim_book *books[SIM_BOOKS_COUNT + 1] = {&s->hub.book};
	size_t count = 1;
	for (size_t i = 0; i < s->ghost.book_count; i++)
		books[count++] = &s->ghost.books[i];
	for (size_t i = 0; i < count; i++) {
		struct sync_mark m =
			mark_of(books[i], MIN(mark->seq, (uint64_t)books[i]->size));
		if (memcmp(&m, mark, sizeof(m)) == 0)
			return books[i];
	}
	sim_breach(s, "a node keeps checkpoints that the log had");
	return &s->hub.book;
}

/* ---- hub ---- */

static void
prove(struct sim *s, const struct lane_action *a, struct lane_event *ev)
{
	struct pool_room *room = pool_room(s->pool);
	struct sim_book *b = &s->hub.book;
	OWNED_BUF struct buf text, note;
	buf_init(&text, sizeof(room->note));
	buf_init(&note, sizeof(room->note));
	struct sync_mark m = mark_of(b, b->size);
	struct note_checkpoint cp = {.origin = SIM_ORIGIN, .size = m.seq};
	const struct merkle_source from = {subtree, b};
	ev->kind = LANE_PROVED;
	ev->mark = a->mark;
	if (b->size == 0)
		return;
	memcpy(cp.root, m.head, sizeof(cp.root));
	if (note_checkpoint_text(&text, &cp) || note_begin(&note, buf_view(&text)) ||
		note_sign(&note, buf_view(&text), pool_log(s->pool), pool_log_key(s->pool), 0))
		sim_breach(s, "simulator: a checkpoint can be signed");
	memcpy(room->note, note.at, note.len);
	ev->bytes = view_of(room->note, note.len);
	if (a->mark.seq == 0 || a->mark.seq > b->size ||
		merkle_prove_consistency(&room->proof, &from, a->mark.seq, b->size))
		return;
	ev->proof = view_of(room->proof.hash, room->proof.count * HASH_BYTES);
}

bool
sim_log_hub(struct sim *s, const struct lane_action *a, struct lane_event *ev)
{
	if (a->kind == LANE_PROVE)
		prove(s, a, ev);
	return a->kind == LANE_PROVE;
}

/* ---- node ---- */

static void
alarm_is_true(struct sim *s, const struct sim_disk *d, const struct lane_action *a)
{
	struct sync_mark m = {0};
	if (!lane_log_read(&m, a->bytes, pool_log(s->pool)))
		sim_breach(s, "an alarm shows what the log signed");
	else if (is_prefix(&d->book, d->checkpoint.seq, book_of(s, &m), m.seq))
		sim_breach(s, "no honest log is an alarm");
}

bool
sim_log_node(
	struct sim *s, struct sim_disk *d, const struct lane_action *a, struct lane_event *ev)
{
	if (a->kind == LANE_KEEP_CHECKPOINT) {
		d->checkpoint = a->mark;
		ev->kind = LANE_CHECKPOINT_KEPT;
		ev->wall_ms = s->mono_ms;
	} else if (a->kind == LANE_ALARM) {
		alarm_is_true(s, d, a);
		d->alarmed = true;
	}
	return a->kind == LANE_KEEP_CHECKPOINT || a->kind == LANE_ALARM;
}

void
sim_log_check_witness(struct sim *s, struct sim_disk *d, const struct sync_witness *w)
{
	struct sim_book *b = book_of(s, &w->checkpoint);
	if (memcmp(&d->checkpoint, &w->checkpoint, sizeof(d->checkpoint)) != 0)
		sim_breach(s, "N6: a checkpoint is stored before it is cosigned");
	if (!is_prefix(&d->book, d->book.size, b, w->checkpoint.seq))
		sim_breach(s, "I8: a witnessed checkpoint is a prefix of every later one");
	d->book = *b;
	d->book.size = (uint8_t)w->checkpoint.seq;
	memset(d->book.telling + d->book.size, 0, sizeof(d->book.telling) - d->book.size);
}
