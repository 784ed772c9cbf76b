#include "node/namebook.h"

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"

#include "node/namebook_inside.h"

#define DESK_DIR  "desk"
#define NAMES_DIR "desk/names"
#define MAP_BYTES ((size_t)256 << 20)

static const char *const tables[] = {"locks", "people", "marks"};

/* opening */

/* A store without any lock is a new one. */
static enum err
begin_rows(struct namebook *n)
{
	OWNED(store_txn) struct store_txn *t = NULL;
	uint64_t locks = 0;
	enum err e = store_write_reserve(&t, n->store);
	if (!e)
		e = namebook_unlock(n, t);
	if (e != E_NOTFOUND)
		return e;
	e = store_count(t, NAMEBOOK_LOCKS, &locks);
	if (!e && locks)
		e = fail(E_AUTH, "the names store is under another key than the desk's");
	if (e)
		return e;
	n->rows = secret_new(AEAD_KEY_BYTES);
	crypto_random(secret_bytes(n->rows), AEAD_KEY_BYTES);
	e = namebook_lock(t, n->key, n->rows);
	return e ? e : store_commit(take(t));
}

enum err
namebook_open(struct namebook **ret, const char *dir, struct secret *key)
{
	OWNED(namebook) struct namebook *n = xcalloc(1, sizeof(*n));
	char path[DATADIR_PATH_BYTES];
	*ret = NULL;
	buf_init(&n->plain, NAMEBOOK_PLAIN_MAX_BYTES);
	buf_reserve(&n->plain, NAMEBOOK_PLAIN_MAX_BYTES);
	if (secret_len(key) != AEAD_KEY_BYTES)
		return fail(E_FORMAT, "the names key is not of its form");
	n->key = secret_copy(secret_bytes(key), AEAD_KEY_BYTES);
	enum err e = datadir_make(dir, DESK_DIR);
	if (!e)
		e = datadir_path(path, dir, NAMES_DIR);
	const struct store_config config = {.dir = path,
		.map_bytes = MAP_BYTES,
		.tables = tables,
		.table_count = ARRAY_LEN(tables)};
	if (!e)
		e = store_open(&n->store, &config);
	if (!e)
		e = begin_rows(n);
	/* Of two keys that a renewal put there the one that was kept stays. */
	if (!e)
		e = namebook_settle(n, n->key);
	if (!e)
		e = namebook_finish_compact(n);
	if (!e)
		*ret = take(n);
	return e;
}

void
namebook_free(struct namebook *n)
{
	if (!n)
		return;
	buf_wipe(&n->plain);
	secret_free(n->rows);
	secret_free(n->key);
	store_free(n->store);
	mem_drop(&n);
}

/* persons */

static enum err
check_text(struct view text, const char *what, size_t max_bytes)
{
	if (text.len > max_bytes)
		return fail(E_FORMAT, "the %s has more than %zu bytes", what, max_bytes);
	if (!text_is_utf8(text))
		return fail(E_FORMAT, "the %s is not UTF-8", what);
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < 0x20 || text.at[i] == 0x7f)
			return fail(E_FORMAT, "the %s has a control character", what);
	return OK;
}

static enum err
check_person(const struct name *p)
{
	enum err e = check_text(p->code, "study code", NAMEBOOK_CODE_MAX_BYTES);
	if (!e)
		e = check_text(p->name, "name", NAMEBOOK_TEXT_MAX_BYTES);
	if (!e)
		e = check_text(p->contact, "contact", NAMEBOOK_TEXT_MAX_BYTES);
	if (!e)
		e = check_text(p->way, "preferred way", NAMEBOOK_TEXT_MAX_BYTES);
	if (!e && !p->code.len)
		e = fail(E_FORMAT, "the study code is missing");
	if (!e && !p->name.len)
		e = fail(E_FORMAT, "the name is missing");
	return e;
}

static enum err
check_room(struct store_txn *t, struct view id)
{
	struct view row;
	uint64_t count = 0;
	enum err e = store_get(t, NAMEBOOK_PEOPLE, id, &row);
	if (e != E_NOTFOUND)
		return e;
	e = store_count(t, NAMEBOOK_PEOPLE, &count);
	if (!e && count >= NAMEBOOK_MAX_COUNT)
		e = fail(E_FULL, "a desk keeps at most %d names", NAMEBOOK_MAX_COUNT);
	return e;
}

enum err
namebook_put(struct namebook *n, const struct name *p)
{
	uint8_t id[ID_BYTES];
	OWNED(store_txn) struct store_txn *t = NULL;
	OWNED_BUF struct buf value;
	buf_init(&value, NAMEBOOK_VALUE_MAX_BYTES);
	enum err e = check_person(p);
	if (e)
		return e;
	namebook_id(id, n->rows, p->code);
	e = namebook_seal(&value, id, p, n->rows);
	if (!e)
		e = store_write(&t, n->store);
	if (!e)
		e = check_room(t, view_of(id, sizeof(id)));
	if (!e)
		e = store_put(t, NAMEBOOK_PEOPLE, view_of(id, sizeof(id)), buf_view(&value));
	return e ? e : store_commit(take(t));
}

static enum err
no_name(void)
{
	return fail(E_NOTFOUND, "the desk keeps no name under this study code");
}

enum err
namebook_get(struct namebook *n, struct view code, struct name *ret)
{
	uint8_t id[ID_BYTES];
	struct view value;
	OWNED(store_txn) struct store_txn *t = NULL;
	*ret = (struct name){.changed_s = 0};
	namebook_id(id, n->rows, code);
	enum err e = store_read(&t, n->store);
	if (!e)
		e = store_get(t, NAMEBOOK_PEOPLE, view_of(id, sizeof(id)), &value);
	if (e)
		return e == E_NOTFOUND ? no_name() : e;
	return namebook_open_row(n, view_of(id, sizeof(id)), value, ret);
}

enum err
namebook_remove(struct namebook *n, struct view code)
{
	uint8_t id[ID_BYTES];
	OWNED(store_txn) struct store_txn *t = NULL;
	namebook_id(id, n->rows, code);
	enum err e = store_write_reserve(&t, n->store);
	if (!e)
		e = store_delete(t, NAMEBOOK_PEOPLE, view_of(id, sizeof(id)));
	if (e == E_NOTFOUND)
		return no_name();
	if (!e)
		e = namebook_mark_compact(t);
	if (!e)
		e = store_commit(take(t));
	return e ? e : namebook_compact(n);
}

/* everybody */

void
namebook_begin_walk(struct namebook *n)
{
	n->damage = (struct namebook_damage){.count = 0};
}

void
namebook_note_damage(struct namebook *n, struct view id)
{
	if (n->damage.count++ == 0)
		text_hex(n->damage.row, id.at, MIN(id.len, (size_t)NAMEBOOK_ROW_SHOWN_BYTES));
}

struct namebook_damage
namebook_damage(const struct namebook *n)
{
	return n->damage;
}

struct walk {
	struct namebook *names;
	namebook_each_fn *each;
	void *arg;
};

static enum err
walk_one(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct walk *w = arg;
	struct name p;
	(void)ret_stop;
	if (!namebook_open_row(w->names, key, value, &p))
		return w->each(w->arg, &p);
	namebook_note_damage(w->names, key);
	return OK;
}

enum err
namebook_each(struct namebook *n, namebook_each_fn *each, void *arg)
{
	OWNED(store_txn) struct store_txn *t = NULL;
	struct walk w = {n, each, arg};
	const struct store_range all = {.table = NAMEBOOK_PEOPLE};
	namebook_begin_walk(n);
	enum err e = store_read(&t, n->store);
	return e ? e : store_each(t, &all, walk_one, &w);
}

static enum err
count_one(void *arg, const struct name *p)
{
	uint64_t *count = arg;
	(void)p;
	(*count)++;
	return OK;
}

enum err
namebook_count(struct namebook *n, uint64_t *ret)
{
	uint64_t count = 0;
	enum err e = namebook_each(n, count_one, &count);
	*ret = e ? 0 : count;
	return e;
}
