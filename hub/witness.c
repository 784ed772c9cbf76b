#include "hub/witness.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/clock.h"
#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/trust/tile.h"

#define DIGITS_BYTES 4
#define NAME_BYTES   (ROW_ID_BYTES + 2 * DIGITS_BYTES + 2)
#define MS_PER_S     1000

/* names */

static void
name_of(char ret[static NAME_BYTES], const struct writer *w, char between)
{
	char digits[2 * DIGITS_BYTES + 1];
	text_hex(digits, w->public, DIGITS_BYTES);
	(void)snprintf(ret, NAME_BYTES, "%s%c%s", w->site, between, digits);
}

enum err
witness_key(struct note_key *ret, const struct writer *w)
{
	char name[NAME_BYTES];
	name_of(name, w, '/');
	return note_key_make(ret, name, NOTE_COSIGNATURE, w->witness);
}

/* proofs */

enum err
witness_prove(struct audit *a, uint64_t size, struct buf *out_note, struct merkle_proof *ret)
{
	uint64_t upto = audit_published_size(a);
	ret->count = 0;
	enum err e = audit_checkpoint(a, out_note);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	/* To a node that saw more, the shorter log is shown as it is. */
	if (size == 0 || size >= upto)
		return OK;
	OWNED(tile_tree) struct tile_tree *tree = audit_tree(a);
	const struct merkle_source from = tile_tree_source(tree);
	return merkle_prove_consistency(ret, &from, size, upto);
}

static enum err
check_root(struct audit *a, const struct sync_mark *m)
{
	uint8_t root[HASH_BYTES];
	if (m->seq > audit_published_size(a))
		return fail(E_CONFLICT, "a witness saw more of the log than there is");
	OWNED(tile_tree) struct tile_tree *tree = audit_tree(a);
	const struct merkle_source from = tile_tree_source(tree);
	enum err e = merkle_root_of(root, &from, m->seq);
	if (!e && memcmp(root, m->head, sizeof(root)) != 0)
		e = fail(E_CONFLICT, "a witness saw another log than this one");
	return e;
}

/* rows */

enum err
witness_last(struct vault_txn *t, const struct writer *w, struct witness_last *ret)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	*ret = (struct witness_last){0};
	enum err e =
		vault_get(t, VAULT_COSIGNATURES, view_of(w->witness, sizeof(w->witness)), &row);
	if (e)
		return e == E_NOTFOUND ? OK : e;
	struct cursor c = row_begin(buf_view(&row));
	ret->size = cursor_u64(&c);
	cursor_copy(&c, ret->root, sizeof(ret->root));
	ret->time_s = cursor_u64(&c);
	cursor_copy(&c, ret->signature, sizeof(ret->signature));
	ret->arrived_s = (int64_t)cursor_u64(&c);
	return row_end(&c, "cosignature");
}

static enum err
put_last(struct vault_txn *t, const struct writer *w, const struct sync_witness *m)
{
	OWNED_BUF struct buf row;
	buf_init(&row, ROW_MAX_BYTES);
	buf_u8(&row, ROW_VERSION);
	buf_u64(&row, m->checkpoint.seq);
	buf_add(&row, m->checkpoint.head, sizeof(m->checkpoint.head));
	buf_u64(&row, m->time_s);
	buf_add(&row, m->signature, sizeof(m->signature));
	buf_u64(&row, (uint64_t)(clock_wall_ms() / MS_PER_S));
	return vault_put(
		t, VAULT_COSIGNATURES, view_of(w->witness, sizeof(w->witness)), buf_view(&row));
}

/* files */

static enum err
write_note(
	struct buf *out, struct audit *a, const struct writer *w, const struct sync_witness *m)
{
	OWNED_BUF struct buf text;
	struct note_key key;
	struct note_checkpoint cp = {.size = m->checkpoint.seq};
	buf_init(&text, NOTE_MOST_BYTES);
	(void)snprintf(cp.origin, sizeof(cp.origin), "%s", audit_key(a)->name);
	memcpy(cp.root, m->checkpoint.head, sizeof(cp.root));
	enum err e = note_checkpoint_text(&text, &cp);
	if (!e)
		e = audit_sign(a, buf_view(&text), out);
	if (!e)
		e = witness_key(&key, w);
	return e ? e : note_cosign_line(out, &key, m->time_s, m->signature);
}

static enum err
write_file(struct audit *a, const struct writer *w, struct view note)
{
	char name[NAME_BYTES];
	OWNED_MEM char *dir = xasprintf("%s/cosigned", audit_dir(a));
	name_of(name, w, '-');
	OWNED_MEM char *path = xasprintf("%s/%s", dir, name);
	if (mkdir(dir, 0755) && errno != EEXIST)
		return fail(E_IO, "%s: %m", dir);
	return text_write_file(path, note, 0644);
}

enum err
witness_keep(struct audit *a, struct vault_txn *t, const struct writer *w,
	const struct sync_witness *m)
{
	OWNED_BUF struct buf note;
	struct witness_last last;
	buf_init(&note, NOTE_MOST_BYTES);
	enum err e = check_root(a, &m->checkpoint);
	if (!e)
		e = witness_last(t, w, &last);
	if (e || m->checkpoint.seq < last.size)
		return e;
	e = put_last(t, w, m);
	if (!e)
		e = write_note(&note, a, w, m);
	return e ? e : write_file(a, w, buf_view(&note));
}
