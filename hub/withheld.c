#include "hub/withheld.h"

#include <string.h>

#include "common/codec/wire_entry.h"
#include "common/trust/entry.h"

#include "hub/record.h"
#include "hub/row.h"

#define PREFIX    "withheld-"
#define KEY_BYTES (sizeof(PREFIX) - 1 + ID_BYTES + HASH_BYTES)

/* The strictest is last. */
static const char *const levels[] = {"died", "no-further-contact", "no-more-collection",
	"capacity-lost", "objection", "no-further-use", "erase"};

static void
make_key(uint8_t ret[static KEY_BYTES], const uint8_t *participant, const uint8_t *root)
{
	memcpy(ret, PREFIX, sizeof(PREFIX) - 1);
	memcpy(ret + sizeof(PREFIX) - 1, participant, ID_BYTES);
	memcpy(ret + sizeof(PREFIX) - 1 + ID_BYTES, root, HASH_BYTES);
}

enum err
withheld_put(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const uint8_t root[static HASH_BYTES], const struct withheld *w)
{
	OWNED_BUF struct buf row;
	uint8_t key[KEY_BYTES];
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, w->known);
	buf_u64(&row, (uint64_t)w->given_s);
	buf_blob_text(&row, w->level);
	if (w->place.incarnation)
		place_write(&row, &w->place);
	make_key(key, participant, root);
	enum err e = buf_check(&row, "withdrawal");
	return e ? e : vault_put(t, VAULT_META, view_of(key, sizeof(key)), buf_view(&row));
}

enum err
withheld_drop(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const uint8_t root[static HASH_BYTES])
{
	uint8_t key[KEY_BYTES];
	make_key(key, participant, root);
	enum err e = vault_delete(t, VAULT_META, view_of(key, sizeof(key)));
	return e == E_NOTFOUND ? OK : e;
}

enum err
withheld_has(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const uint8_t root[static HASH_BYTES], bool *ret)
{
	OWNED_BUF struct buf row;
	uint8_t key[KEY_BYTES];
	buf_init(&row, ROW_MAX_BYTES);
	make_key(key, participant, root);
	enum err e = vault_get(t, VAULT_META, view_of(key, sizeof(key)), &row);
	*ret = e == OK;
	return e == E_NOTFOUND ? OK : e;
}

struct looking {
	struct vault_txn *txn;
	const uint8_t *root;
	bool found;
};

static enum err
compare_root(void *arg, const struct record_consent *c)
{
	struct looking *l = arg;
	OWNED_BUF struct buf header;
	struct wire_header h;
	uint8_t key[PLACE_KEY_BYTES], hash[HASH_BYTES];
	buf_init(&header, WIRE_HEADER_MAX_BYTES);
	place_key(key, &c->place);
	enum err e = vault_get(l->txn, VAULT_ENTRIES, view_of(key, sizeof(key)), &header);
	if (!e)
		e = wire_header_unpack(&h, buf_view(&header));
	if (e)
		return e == E_IO ? e : OK; /* what cannot be read does not count as there */
	entry_hash(hash, buf_view(&header));
	l->found = l->found || memcmp(hash, l->root, sizeof(hash)) == 0 ||
		   memcmp(h.repeats, l->root, sizeof(hash)) == 0;
	return OK;
}

enum err
withheld_is_said(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	const uint8_t root[static HASH_BYTES], bool *ret)
{
	struct looking l = {t, root, false};
	enum err e = record_consent_each(t, participant, compare_root, &l);
	*ret = l.found;
	return e;
}

struct walk {
	withheld_fn *each;
	void *arg;
	uint64_t count;
};

static enum err
read_row(struct withheld *ret, struct view value)
{
	char level[ROW_ID_BYTES];
	struct cursor c = row_begin(value);
	*ret = (struct withheld){.level = levels[ARRAY_LEN(levels) - 1]};
	ret->known = cursor_u64(&c);
	ret->given_s = (int64_t)cursor_u64(&c);
	row_text(&c, level, sizeof(level));
	if (c.left)
		place_read(&c, &ret->place);
	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		if (strcmp(levels[i], level) == 0)
			ret->level = levels[i];
	return row_end(&c, "withdrawal");
}

static enum err
visit(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct walk *walk = arg;
	struct withheld w;
	(void)key;
	(void)ret_stop;
	enum err e = read_row(&w, value);
	if (e)
		return e;
	walk->count++;
	return walk->each ? walk->each(walk->arg, &w) : OK;
}

enum err
withheld_each(struct vault_txn *t, const uint8_t participant[static ID_BYTES],
	withheld_fn *each, void *arg)
{
	uint8_t key[KEY_BYTES];
	const uint8_t none[HASH_BYTES] = {0};
	struct walk walk = {each, arg, 0};
	make_key(key, participant, none);
	const struct vault_range range = {
		.table = VAULT_META, .prefix = view_of(key, sizeof(key) - HASH_BYTES)};
	return vault_each(t, &range, visit, &walk);
}

bool
withheld_any(struct vault_txn *t)
{
	return vault_last(t, VAULT_META, view_text(PREFIX), NULL, NULL) != E_NOTFOUND;
}

enum err
withheld_count(struct vault_txn *t, uint64_t *ret)
{
	struct walk walk = {NULL, NULL, 0};
	const struct vault_range all = {.table = VAULT_META, .prefix = view_text(PREFIX)};
	enum err e = vault_each(t, &all, visit, &walk);
	*ret = walk.count;
	return e;
}

/* what a node lost */

struct lost {
	struct vault_txn *txn;
	const uint8_t *writer;
	uint32_t incarnation;
	withheld_fn *each;
	void *arg;
};

struct newer {
	struct vault_txn *txn;
	uint64_t than;
	bool found;
};

/* A look at the opt-out is no word of the person, and what cannot be read is none either. */
static enum err
see_newer(void *arg, const struct record_consent *c)
{
	struct newer *n = arg;
	OWNED(wire_rules) struct wire_rules *r = NULL;
	if (n->found || c->leaf <= n->than)
		return OK;
	enum err e = record_rules(n->txn, &c->place, &r);
	n->found = !e && r->kind != RULES_OPT_OUT;
	return e == E_IO ? e : OK;
}

static enum err
see_lost(void *arg, struct view key, struct view value, bool *ret_stop)
{
	const struct lost *l = arg;
	struct withheld w;
	(void)ret_stop;
	enum err e = key.len == KEY_BYTES
			     ? read_row(&w, value)
			     : fail(E_FORMAT, "a row of the hub is damaged: withdrawal");
	if (e || w.place.incarnation == 0 || w.place.incarnation >= l->incarnation ||
		memcmp(w.place.writer, l->writer, sizeof(w.place.writer)) != 0)
		return e;
	struct newer newer = {.txn = l->txn, .than = w.known};
	uint8_t participant[ID_BYTES];
	memcpy(participant, key.at + sizeof(PREFIX) - 1, sizeof(participant));
	e = record_consent_each(l->txn, participant, see_newer, &newer);
	return e || newer.found ? e : l->each(l->arg, &w);
}

enum err
withheld_each_lost(struct vault_txn *t, const uint8_t writer[static SIGN_PUBLIC_BYTES],
	uint32_t incarnation, withheld_fn *each, void *arg)
{
	struct lost l = {t, writer, incarnation, each, arg};
	const struct vault_range all = {.table = VAULT_META, .prefix = view_text(PREFIX)};
	return vault_each(t, &all, see_lost, &l);
}
