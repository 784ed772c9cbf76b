#include "hub/erase_rows_inside.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/wire_rules.h"

#include "hub/attachments.h"
#include "hub/erased.h"
#include "hub/record_instance.h"

#define PREFIX_MAX_BYTES 64
#define KEYS_MAX_BYTES   ((size_t)256 << 20)

struct erase_search *
erase_search_new(const struct erase_people *people)
{
	struct erase_search *s = xcalloc(1, sizeof(*s));
	s->ids = xcalloc(people->count + 1, sizeof(*s->ids));
	s->id_count = people->count;
	for (size_t i = 0; i < people->count; i++)
		memcpy(s->ids[i], people->ids[i], ID_BYTES);
	qsort(s->ids, s->id_count, sizeof(*s->ids), erase_compare_ids);
	buf_init(&s->from, ERASE_KEY_MAX_BYTES);
	buf_init(&s->instances, KEYS_MAX_BYTES);
	return s;
}

void
erase_search_free(struct erase_search *s)
{
	if (!s)
		return;
	mem_drop(&s->ids);
	mem_drop(&s->found);
	mem_drop(&s->roots);
	buf_done(&s->from);
	buf_done(&s->instances);
	mem_drop(&s);
}

/* deleting */

static enum err
drop_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct vault_txn *t = arg;
	(void)value;
	(void)ret_stop;
	return vault_delete(t, VAULT_CONSENTS, key);
}

static enum err
drop_meta(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct vault_txn *t = arg;
	OWNED_BUF struct buf copy;
	(void)value;
	(void)ret_stop;
	buf_init(&copy, 512);
	buf_add_view(&copy, key);
	return vault_delete(t, VAULT_META, buf_view(&copy));
}

static enum err
drop_meta_of(struct vault_txn *t, const char *name, const uint8_t *id)
{
	OWNED_BUF struct buf prefix;
	buf_init(&prefix, PREFIX_MAX_BYTES);
	buf_add_view(&prefix, view_text(name));
	buf_add(&prefix, id, ID_BYTES);
	const struct vault_range range = {
		.table = VAULT_META, .prefix = buf_view(&prefix), .takes_damaged = true};
	return vault_each(t, &range, drop_meta, t);
}

static enum err
drop_person(struct vault_txn *t, const uint8_t *id)
{
	const struct vault_range consents = {.table = VAULT_CONSENTS,
		.prefix = view_of(id, ID_BYTES),
		.takes_damaged = true};
	enum err e = vault_each(t, &consents, drop_row, t);
	if (!e)
		e = drop_meta_of(t, "withheld-", id);
	if (!e)
		e = drop_meta_of(t, "hold-", id);
	if (!e)
		e = vault_delete(t, VAULT_PEOPLE, view_of(id, ID_BYTES));
	return e == E_NOTFOUND ? OK : e;
}

static enum err
drop_entry(struct vault_txn *t, const struct erase_found *f, struct erase_done *done)
{
	uint64_t parts = 0;
	struct place at;
	/* Another person's record may stand under the same id: it keeps its place. */
	enum err e = record_instance_get(t, f->instance, &at);
	const bool is_other = !e && !place_same(&at, &f->place);
	e = is_other ? OK : record_instance_drop(t, f->instance);
	if (!e)
		e = attachments_unnamed(t, &f->place);
	if (!e)
		e = erased_make(t, &f->place, &parts);
	done->entries += e == OK;
	done->parts += parts;
	return e;
}

static enum err
drop_instances(struct erase_piece *p)
{
	struct erase_search *s = p->search;
	enum err e = OK;
	for (; !e && s->pointing.left && p->rows < ERASE_PIECE_ENTRIES; p->rows++) {
		e = vault_delete(p->txn, VAULT_INSTANCES, cursor_blob(&s->pointing));
		e = e == E_NOTFOUND ? OK : e;
	}
	return e;
}

/* One a piece: its chunks are many rows. */
static enum err
drop_file(struct erase_piece *p)
{
	struct erase_search *s = p->search;
	p->rows = ERASE_PIECE_ENTRIES;
	enum err e = erase_find_newest(s, p->txn);
	if (e || !s->root_count)
		return e;
	e = attachments_drop(p->txn, s->roots[--s->root_count]);
	s->done.files += e == OK;
	return e;
}

static enum err
drop_some(struct erase_piece *p, bool *ret_finished)
{
	struct erase_search *s = p->search;
	enum err e = drop_instances(p);
	if (!e && !s->pointing.left && s->root_count && p->rows < ERASE_PIECE_ENTRIES)
		e = drop_file(p);
	for (; !e && s->entry < s->count && p->rows < ERASE_PIECE_ENTRIES; p->rows++)
		e = drop_entry(p->txn, &s->found[s->entry++], &s->done);
	for (; !e && s->person < s->id_count && p->rows < ERASE_PIECE_ENTRIES; p->rows++)
		e = drop_person(p->txn, s->ids[s->person++]);
	*ret_finished = !e && p->rows < ERASE_PIECE_ENTRIES;
	return e;
}

static enum err
begin_drop(struct erase_search *s)
{
	enum err e = buf_check(&s->instances, "what stands for the entries of erased persons");
	s->pointing = cursor_of(buf_view(&s->instances));
	return e;
}

enum err
erase_search_step(
	struct erase_search *s, struct vault_txn *t, bool *ret_finished, struct erase_done *ret)
{
	struct erase_piece p = {.search = s, .txn = t};
	const enum erase_stage before = s->stage;
	*ret_finished = false;
	enum err e = before == DROP ? drop_some(&p, ret_finished) : erase_find(&p);
	if (!e && before != DROP && s->stage == DROP)
		e = begin_drop(s);
	*ret = s->done;
	return e;
}

static enum err
run_through(struct erase_search *s, struct vault_txn *t, struct erase_done *ret)
{
	bool finished = false;
	enum err e = OK;
	*ret = (struct erase_done){0};
	while (!e && !finished)
		e = erase_search_step(s, t, &finished, ret);
	return e;
}

enum err
erase_rows(struct vault_txn *t, const struct erase_people *people, struct erase_done *ret)
{
	OWNED(erase_search) struct erase_search *s = erase_search_new(people);
	return run_through(s, t, ret);
}

static int
compare_found(const void *a, const void *b)
{
	const struct erase_found *x = a, *y = b;
	uint8_t left[PLACE_KEY_BYTES], right[PLACE_KEY_BYTES];
	place_key(left, &x->place);
	place_key(right, &y->place);
	return memcmp(left, right, sizeof(left));
}

/* Places are known: the search begins behind them. */
enum err
erase_places(
	struct vault_txn *t, const struct place *places, size_t count, struct erase_done *ret)
{
	static const struct erase_people nobody = {.count = 0};
	OWNED(erase_search) struct erase_search *s = erase_search_new(&nobody);
	enum err e = OK;
	*ret = (struct erase_done){0};
	for (size_t i = 0; !e && i < count; i++) {
		OWNED(wire_rules) struct wire_rules *r = NULL;
		e = record_rules(t, &places[i], &r);
		if (!e)
			erase_found_add(s, &places[i], r->instance);
	}
	if (e || !s->count)
		return e;
	qsort(s->found, s->count, sizeof(*s->found), compare_found);
	s->stage = FIND_INSTANCES;
	return run_through(s, t, ret);
}
