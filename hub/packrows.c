#include "hub/packrows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/trust/manifest.h"

#include "hub/ipc.h"
#include "hub/row.h"

#define LEAF_KEY_BYTES 48

/* The documents of a manifest in memory; each struct buf is owned here. */
struct held {
	struct pack_document *documents;
	struct buf *bytes;
	size_t count;
};

static void
held_done(struct held *d)
{
	for (size_t i = 0; i < d->count; i++)
		buf_done(&d->bytes[i]);
	mem_drop(&d->bytes);
	mem_drop(&d->documents);
}

static enum err
read_document(struct vault_txn *t, const struct wire_document *want, struct buf *b)
{
	uint8_t hash[HASH_BYTES];
	enum err e = vault_get(t, VAULT_DOCUMENTS, view_of(want->hash, sizeof(want->hash)), b);
	if (e == E_NOTFOUND)
		return fail(e, "the manifest names %s, which was not sent", want->name);
	if (e)
		return e;
	if (b->len != want->length)
		return fail(
			E_FORMAT, "%s is of another length than the manifest says", want->name);
	manifest_document_hash(hash, buf_view(b));
	if (memcmp(hash, want->hash, sizeof(hash)) != 0)
		return fail(E_AUTH, "%s is not what the manifest names", want->name);
	return OK;
}

static enum err
hold_documents(struct vault_txn *t, const struct wire_manifest *m, struct held *d)
{
	enum err e = OK;
	d->documents = xcalloc(m->document_count + 1, sizeof(*d->documents));
	d->bytes = xcalloc(m->document_count + 1, sizeof(*d->bytes));
	for (size_t i = 0; !e && i < m->document_count; i++) {
		struct buf *b = &d->bytes[d->count++];
		buf_init(b, IPC_DOCUMENT_MAX_BYTES);
		e = read_document(t, &m->documents[i], b);
		d->documents[i] = (struct pack_document){m->documents[i].name, buf_view(b)};
	}
	return e;
}

enum err
packrows_load(struct pack **ret, struct vault_txn *t, const struct wire_manifest *m)
{
	OWNED_BY(held_done) struct held held = {0};
	OWNED(faults) struct faults *faults = faults_new();
	*ret = NULL;
	enum err e = hold_documents(t, m, &held);
	if (!e)
		e = pack_load_documents(ret, held.documents, held.count, faults);
	enum err named = e == E_FORMAT ? faults_check(faults) : e;
	return named ? named : e;
}

void
packrows_key(uint8_t ret[static PACKROWS_NUMBER_BYTES], uint64_t number)
{
	bytes_put_u64(ret, number);
}

uint64_t
packrows_number(struct view key)
{
	struct cursor c = cursor_of(key);
	uint64_t number = cursor_u64(&c);
	return c.broken || c.left ? 0 : number;
}

static struct view
leaf_key(char room[static LEAF_KEY_BYTES], uint64_t number)
{
	(void)snprintf(room, LEAF_KEY_BYTES, "manifest-leaf-%" PRIu64, number);
	return view_text(room);
}

enum err
packrows_put_leaf(struct vault_txn *t, uint64_t number, uint64_t leaf)
{
	OWNED_BUF struct buf row;
	char key[LEAF_KEY_BYTES];
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, leaf);
	return vault_put(t, VAULT_META, leaf_key(key, number), buf_view(&row));
}

enum err
packrows_leaf(struct vault_txn *t, uint64_t number, uint64_t *ret)
{
	OWNED_BUF struct buf row;
	char key[LEAF_KEY_BYTES];
	buf_init(&row, ROW_MAX_BYTES);
	*ret = 0;
	enum err e = vault_get(t, VAULT_META, leaf_key(key, number), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	*ret = cursor_u64(&c);
	return row_end(&c, "leaf of a manifest");
}
