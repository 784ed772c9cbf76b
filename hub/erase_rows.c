#include "hub/erase_rows.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/codec/wire_rules.h"
#include "common/trust/roots.h"

#include "hub/attachments.h"
#include "hub/erased.h"
#include "hub/record_instance.h"

#define PREFIX_MAX_BYTES 64

/* What was said of the persons, in the order of places. */
struct found {
	struct place place;
	uint8_t instance[ID_BYTES];
};

struct work {
	struct vault_txn *txn;
	const struct erase_people *people;
	struct found *found;
	size_t count;
	uint8_t (*roots)[HASH_BYTES]; /* of files they named */
	size_t root_count;
};

static void
work_done(struct work *w)
{
	mem_drop(&w->found);
	mem_drop(&w->roots);
}

static bool
is_meant(const struct work *w, const uint8_t *participant)
{
	for (size_t i = 0; i < w->people->count; i++)
		if (memcmp(w->people->ids[i], participant, ID_BYTES) == 0)
			return true;
	return false;
}

/* finding */

static void
add_found(struct work *w, const struct place *p, const uint8_t *instance)
{
	if ((w->count & (w->count - 1)) == 0)
		w->found = xrealloc(w->found, MAX(w->count * 2, (size_t)1), sizeof(*w->found));
	w->found[w->count].place = *p;
	memcpy(w->found[w->count++].instance, instance, ID_BYTES);
}

/* A pseudonym is looked for as bytes before a part is taken apart: few are of these persons. */
static bool
may_be_meant(const struct work *w, struct view part)
{
	for (size_t i = 0; i < w->people->count; i++)
		if (memmem(part.at, part.len, w->people->ids[i], ID_BYTES))
			return true;
	return false;
}

static bool
is_rules_part(struct view key)
{
	return key.len == PLACE_PART_KEY_BYTES && key.at[PLACE_KEY_BYTES] == PART_RULES;
}

static enum err
look(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct work *w = arg;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	struct place p;
	(void)ret_stop;
	if (!may_be_meant(w, value))
		return OK;
	enum err e = place_from_key(&p, view_of(key.at, PLACE_KEY_BYTES));
	if (!e)
		e = wire_rules_unpack(&r, value);
	/* What cannot be read belongs to nobody whom it could name. */
	if (e)
		return e == E_FORMAT ? OK : e;
	if (is_meant(w, r->participant))
		add_found(w, &p, r->instance);
	return OK;
}

/* files */

static enum err
note_roots(struct work *w, const struct place *p)
{
	OWNED_MEM struct roots_file *list = NULL;
	OWNED_BUF struct buf part;
	size_t count = 0;
	buf_init(&part, RECORD_PART_MAX_BYTES);
	enum err e = record_part(w->txn, p, PART_ROOTS, &part);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	list = xcalloc(ROOTS_MAX_COUNT, sizeof(*list));
	if (roots_unpack(list, &count, buf_view(&part)))
		return OK;
	w->roots = xrealloc(w->roots, w->root_count + count + 1, sizeof(*w->roots));
	for (size_t i = 0; i < count; i++)
		memcpy(w->roots[w->root_count++], list[i].root, HASH_BYTES);
	return attachments_unnamed(w->txn, p);
}

static bool
is_roots_part(struct view key)
{
	return key.len == PLACE_PART_KEY_BYTES && key.at[PLACE_KEY_BYTES] == PART_ROOTS;
}

static enum err
keep_shared(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct work *w = arg;
	OWNED_MEM struct roots_file *list = NULL;
	size_t count = 0, left = 0;
	(void)key;
	(void)ret_stop;
	list = xcalloc(ROOTS_MAX_COUNT, sizeof(*list));
	if (roots_unpack(list, &count, value))
		return OK;
	for (size_t i = 0; i < w->root_count; i++) {
		bool shared = false;
		for (size_t k = 0; k < count; k++)
			shared = shared || memcmp(w->roots[i], list[k].root, HASH_BYTES) == 0;
		if (!shared)
			memmove(w->roots[left++], w->roots[i], HASH_BYTES);
	}
	w->root_count = left;
	return OK;
}

/* What a record that stays names too stays. */
static enum err
drop_files(struct work *w, struct erase_done *done)
{
	const struct vault_range all = {.table = VAULT_PARTS, .only = is_roots_part};
	enum err e = w->root_count ? vault_each(w->txn, &all, keep_shared, w) : OK;
	for (size_t i = 0; !e && i < w->root_count; i++) {
		e = attachments_drop(w->txn, w->roots[i]);
		done->files += e == OK;
	}
	return e;
}

/* rows */

static enum err
drop_row(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct work *w = arg;
	(void)value;
	(void)ret_stop;
	return vault_delete(w->txn, VAULT_CONSENTS, key);
}

static enum err
drop_meta(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct work *w = arg;
	OWNED_BUF struct buf copy;
	(void)value;
	(void)ret_stop;
	buf_init(&copy, 512);
	buf_add_view(&copy, key);
	return vault_delete(w->txn, VAULT_META, buf_view(&copy));
}

static enum err
drop_meta_of(struct work *w, const char *name, const uint8_t *id)
{
	OWNED_BUF struct buf prefix;
	buf_init(&prefix, PREFIX_MAX_BYTES);
	buf_add_view(&prefix, view_text(name));
	buf_add(&prefix, id, ID_BYTES);
	const struct vault_range range = {.table = VAULT_META, .prefix = buf_view(&prefix)};
	return vault_each(w->txn, &range, drop_meta, w);
}

static enum err
drop_person(struct work *w, const uint8_t *id)
{
	const struct vault_range consents = {
		.table = VAULT_CONSENTS, .prefix = view_of(id, ID_BYTES)};
	enum err e = vault_each(w->txn, &consents, drop_row, w);
	if (!e)
		e = vault_delete(w->txn, VAULT_PEOPLE, view_of(id, ID_BYTES));
	if (!e || e == E_NOTFOUND)
		e = drop_meta_of(w, "withheld-", id);
	if (!e)
		e = drop_meta_of(w, "hold-", id);
	return e;
}

static enum err
drop_entry(struct work *w, const struct found *f, struct erase_done *done)
{
	uint64_t parts = 0;
	enum err e = note_roots(w, &f->place);
	if (!e)
		e = erased_make(w->txn, &f->place, &parts);
	done->entries += e == OK;
	done->parts += parts;
	return e ? e : record_instance_drop(w->txn, f->instance);
}

/* Ids that stand for a person, form and wave point at the same places. */
static enum err
drop_instance(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct work *w = arg;
	struct place p;
	(void)ret_stop;
	if (place_from_key(&p, value))
		return OK;
	size_t low = 0, high = w->count;
	uint8_t mine[PLACE_KEY_BYTES], other[PLACE_KEY_BYTES];
	place_key(mine, &p);
	while (low < high) {
		size_t middle = (low + high) / 2;
		place_key(other, &w->found[middle].place);
		int order = memcmp(other, mine, sizeof(mine));
		if (order == 0)
			return vault_delete(w->txn, VAULT_INSTANCES, key);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return OK;
}

enum err
erase_rows(struct vault_txn *t, const struct erase_people *people, struct erase_done *ret)
{
	OWNED_BY(work_done) struct work w = {.txn = t, .people = people};
	const struct vault_range parts = {.table = VAULT_PARTS, .only = is_rules_part};
	const struct vault_range instances = {.table = VAULT_INSTANCES};
	*ret = (struct erase_done){0};
	enum err e = people->count ? vault_each(t, &parts, look, &w) : OK;
	for (size_t i = 0; !e && i < w.count; i++)
		e = drop_entry(&w, &w.found[i], ret);
	if (!e && w.count)
		e = vault_each(t, &instances, drop_instance, &w);
	if (!e)
		e = drop_files(&w, ret);
	for (size_t i = 0; !e && i < people->count; i++)
		e = drop_person(&w, people->ids[i]);
	return e;
}

static int
compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	uint8_t left[PLACE_KEY_BYTES], right[PLACE_KEY_BYTES];
	place_key(left, &x->place);
	place_key(right, &y->place);
	return memcmp(left, right, sizeof(left));
}

enum err
erase_places(
	struct vault_txn *t, const struct place *places, size_t count, struct erase_done *ret)
{
	static const struct erase_people nobody = {.count = 0};
	OWNED_BY(work_done) struct work w = {.txn = t, .people = &nobody};
	const struct vault_range instances = {.table = VAULT_INSTANCES};
	enum err e = OK;
	*ret = (struct erase_done){0};
	for (size_t i = 0; !e && i < count; i++) {
		OWNED(wire_rules) struct wire_rules *r = NULL;
		e = record_rules(t, &places[i], &r);
		if (!e)
			add_found(&w, &places[i], r->instance);
	}
	if (!e && w.count)
		qsort(w.found, w.count, sizeof(*w.found), compare_found);
	for (size_t i = 0; !e && i < w.count; i++)
		e = drop_entry(&w, &w.found[i], ret);
	if (!e && w.count)
		e = vault_each(t, &instances, drop_instance, &w);
	return e ? e : drop_files(&w, ret);
}
