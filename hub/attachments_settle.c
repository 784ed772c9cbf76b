#include "hub/attachments_inside.h"

#include "common/base/log.h"
#include "common/base/mem.h"
#include "common/trust/roots.h"

/* Are all files whole that the record at this place names? */
static enum err
is_complete(struct vault_txn *t, const struct place *p, bool *ret)
{
	OWNED_BUF struct buf part;
	OWNED_MEM struct roots_file *list = xcalloc(ROOTS_MAX_COUNT, sizeof(*list));
	uint8_t key[PLACE_PART_KEY_BYTES];
	size_t count = 0;
	buf_init(&part, ROOTS_PART_MAX_BYTES);
	place_part_key(key, p, PART_ROOTS);
	*ret = true;
	enum err e = vault_get(t, VAULT_PARTS, view_of(key, sizeof(key)), &part);
	if (!e)
		e = roots_unpack(list, &count, buf_view(&part));
	for (size_t i = 0; !e && i < count; i++) {
		struct attachment f;
		e = attachments_get(t, list[i].root, &f);
		*ret = *ret && !e && f.have == f.count && f.count == list[i].chunk_count;
	}
	/* Its part was erased meanwhile: nothing is waited for. */
	return e == E_NOTFOUND ? OK : e;
}

static enum err
is_now_complete(struct vault_txn *t, const struct place *p, bool *ret)
{
	enum err e = is_complete(t, p, ret);
	if (e != E_AUTH && e != E_FORMAT)
		return e;
	log_error("ledger", "a record that waits for its files is damaged: %s", err_text());
	*ret = false;
	return OK;
}

static enum err
drop_lack(struct vault_txn *t, const struct place *p)
{
	OWNED_BUF struct buf lacks;
	attachments_place_key(&lacks, 'i', NULL, p);
	enum err e = vault_delete(t, VAULT_FILES, buf_view(&lacks));
	return e == E_NOTFOUND ? OK : e;
}

struct naming {
	struct vault_txn *txn;
	size_t left; /* records that may still be looked at in this turn */
};

static enum err
see_named(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct naming *n = arg;
	struct vault_txn *t = n->txn;
	OWNED_BUF struct buf named;
	struct place p;
	bool complete = false;
	(void)value;
	buf_init(&named, ATTACHMENTS_KEY_MAX_BYTES);
	*ret_stop = n->left == 0;
	if (n->left == 0)
		return OK;
	n->left--;
	buf_add_view(&named, key);
	enum err e = place_from_key(
		&p, view_of(named.at + 1 + HASH_BYTES, named.len - 1 - HASH_BYTES));
	if (!e)
		e = is_now_complete(t, &p, &complete);
	if (!e)
		e = vault_delete(t, VAULT_FILES, buf_view(&named));
	return e || !complete ? e : drop_lack(t, &p);
}

/* Some of the records that wait for this whole file; it is in the list as long as there are
 * more. */
enum err
attachments_finish(struct vault_txn *t, const uint8_t *root)
{
	OWNED_BUF struct buf prefix, due;
	struct naming n = {.txn = t, .left = ATTACHMENTS_TURN_COUNT};
	attachments_key(&prefix, 'n', root);
	attachments_key(&due, 'd', root);
	const struct vault_range range = {.table = VAULT_FILES, .prefix = buf_view(&prefix)};
	enum err e = vault_each(t, &range, see_named, &n);
	if (!e && n.left == 0)
		return vault_put(t, VAULT_FILES, buf_view(&due), view_text("d"));
	if (!e)
		e = vault_delete(t, VAULT_FILES, buf_view(&due));
	return e == E_NOTFOUND ? OK : e;
}

static enum err
first_due(void *arg, struct view key, struct view value, bool *ret_stop)
{
	struct buf *root = arg;
	(void)value;
	buf_add(root, key.at + 1, key.len - 1);
	*ret_stop = true;
	return OK;
}

enum err
attachments_settle(struct vault_txn *t)
{
	OWNED_BUF struct buf root;
	const struct vault_range due = {.table = VAULT_FILES, .prefix = view_text("d")};
	buf_init(&root, HASH_BYTES);
	enum err e = vault_each(t, &due, first_due, &root);
	if (e || root.len == 0)
		return e;
	return root.len == HASH_BYTES
		       ? attachments_finish(t, root.at)
		       : fail(E_FORMAT, "a row of the hub is damaged: whole file");
}

enum err
attachments_mended(struct vault_txn *t, const struct place *p)
{
	OWNED_BUF struct buf part;
	uint8_t key[PLACE_PART_KEY_BYTES];
	bool lacks = false, complete = false;
	buf_init(&part, ROOTS_PART_MAX_BYTES);
	place_part_key(key, p, PART_ROOTS);
	enum err e = attachments_lacks(t, p, &lacks);
	if (!e && lacks)
		e = vault_get(t, VAULT_PARTS, view_of(key, sizeof(key)), &part);
	/* A node that pruned it sends it without its parts: nobody knows its files any more. */
	if (e || !lacks)
		return e == E_NOTFOUND || e == E_AUTH ? OK : e;
	e = is_now_complete(t, p, &complete);
	return e || !complete ? e : drop_lack(t, p);
}
