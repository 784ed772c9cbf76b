#include "node/sync_named.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/mem.h"

#include "node/mark.h"
#include "node/vault_erase.h"

struct found {
	const struct terms_gone *gone;
	uint8_t id[ID_BYTES];
};

struct looking {
	const struct terms_gone **by_mark; /* owned, rising */
	size_t count;
	struct found *list; /* owned */
	size_t found_count;
	uint8_t last[ID_BYTES]; /* rows of one person stand together */
	bool any;
};

static void
looking_done(struct looking *l)
{
	mem_drop(&l->by_mark);
	mem_drop(&l->list);
}

static int
by_mark(const void *a, const void *b)
{
	const struct terms_gone *const *x = a, *const *y = b;
	return memcmp((*x)->mark, (*y)->mark, sizeof((*x)->mark));
}

static void
sort(struct looking *l, const struct terms_gone *gone, size_t count)
{
	l->by_mark = xcalloc(count + 1, sizeof(struct terms_gone *));
	l->count = count;
	for (size_t i = 0; i < count; i++)
		l->by_mark[i] = &gone[i];
	qsort(l->by_mark, count, sizeof(struct terms_gone *), by_mark);
}

static void
add(struct looking *l, const struct terms_gone *gone, const uint8_t *id)
{
	for (size_t i = 0; i < l->found_count; i++)
		if (memcmp(l->list[i].id, id, ID_BYTES) == 0)
			return;
	l->list = xrealloc(l->list, l->found_count + 1, sizeof(*l->list));
	struct found *f = &l->list[l->found_count++];
	f->gone = gone;
	memcpy(f->id, id, ID_BYTES);
}

static void
see(struct looking *l, const uint8_t *id)
{
	struct terms_gone wanted;
	const struct terms_gone *key = &wanted;
	if (l->any && memcmp(l->last, id, ID_BYTES) == 0)
		return;
	l->any = true;
	memcpy(l->last, id, ID_BYTES);
	terms_mark(wanted.mark, id);
	const struct terms_gone *const *hit =
		bsearch(&key, l->by_mark, l->count, sizeof(struct terms_gone *), by_mark);
	if (hit)
		add(l, *hit, id);
}

static enum err
see_key(void *arg, struct view key, struct view content)
{
	(void)content;
	if (key.len >= ID_BYTES)
		see(arg, key.at);
	return OK;
}

static enum err
see_content(void *arg, struct view key, struct view content)
{
	(void)key;
	if (content.len == ID_BYTES)
		see(arg, content.at);
	return OK;
}

static enum err
look(struct looking *l, struct vault *v)
{
	const struct view all = view_of(NULL, 0);
	enum err e = vault_each(v, VAULT_PERSONS, all, see_key, l);
	if (!e)
		e = vault_each(v, VAULT_HELD_OF, all, see_key, l);
	if (!e)
		e = vault_each(v, VAULT_PEOPLE, all, see_content, l);
	return e ? e : vault_each(v, VAULT_STRANGERS, all, see_content, l);
}

static enum err
keep_marks(struct vault *v, const struct terms_gone *gone, size_t count)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < count; i++)
		e = mark_named(v, gone[i].mark);
	return e;
}

static enum err
erase_all(
	const struct sync_erase_ask *ask, const struct looking *l, struct sync_named_done *ret)
{
	enum err e = OK;
	for (size_t i = 0; !e && i < l->found_count; i++) {
		e = sync_erase_named(ask, l->list[i].gone, l->list[i].id);
		ret->deleted += !e;
		ret->waiting += e == E_BUSY;
		e = e == E_BUSY ? OK : e;
	}
	return e;
}

enum err
sync_named_run(const struct sync_erase_ask *ask, const struct terms_gone *gone, size_t count,
	struct sync_named_done *ret)
{
	OWNED_BY(looking_done) struct looking l = {.count = 0};
	struct vault *v = ask->judge->vault;
	*ret = (struct sync_named_done){0};
	if (!count)
		return OK;
	sort(&l, gone, count);
	enum err e = look(&l, v);
	if (!e)
		e = keep_marks(v, gone, count);
	if (!e)
		e = erase_all(ask, &l, ret);
	if (!e)
		e = vault_commit(v);
	if (e || !ret->deleted)
		return e;
	log_info("sync", "%zu persons whom the hub erased were here again: deleted",
		ret->deleted);
	return vault_settle_compact(v);
}
