#include "node/custody.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"

#include "node/custody_inside.h"
#include "node/rescue.h"

#define LIST_PERSONAL "weir-custody-v1"
#define FILE_PERSONAL "weir-custodyfile"
#define VERSION       1

void
custody_free(struct custody *k)
{
	if (!k)
		return;
	secret_free(k->names);
	for (size_t i = 0; i < k->count; i++)
		secret_free(k->review[i]);
	mem_drop(&k);
}

bool
custody_there(const char *dir)
{
	char path[DATADIR_PATH_BYTES];
	return datadir_path(path, dir, CUSTODY_FILE_NAME) == OK && access(path, F_OK) == 0;
}

/* the list */

static void
put_who(struct buf *out, const struct custody_who *w, bool with_lock)
{
	buf_u8(out, (uint8_t)w->kind);
	buf_blob_text(out, w->id);
	buf_add(out, w->public, sizeof(w->public));
	if (with_lock)
		buf_blob(out, view_of(w->lock, w->lock_len));
}

static void
put_list(struct buf *out, const struct custody_list *l, bool with_locks)
{
	buf_u32(out, (uint32_t)l->count);
	for (size_t i = 0; i < l->count; i++)
		put_who(out, &l->who[i], with_locks);
}

void
custody_put_list(struct buf *out, const struct custody_list *l)
{
	put_list(out, l, true);
}

/* Without the locks, so that a passphrase may be changed and nothing else. */
enum err
custody_hash_list(uint8_t ret[static HASH_BYTES], const struct custody_list *l)
{
	OWNED_BUF struct buf bytes;
	buf_init(&bytes, CUSTODY_FILE_MAX_BYTES);
	put_list(&bytes, l, false);
	crypto_hash_one(ret, LIST_PERSONAL, buf_view(&bytes));
	return buf_check(&bytes, "who opens the desk");
}

static void
read_who(struct cursor *c, struct custody_who *ret)
{
	uint8_t kind = cursor_u8(c);
	struct view id = cursor_blob(c);
	cursor_copy(c, ret->public, sizeof(ret->public));
	struct view lock = cursor_blob(c);
	if (kind < CUSTODY_COORDINATOR || kind > CUSTODY_SHEET || id.len >= sizeof(ret->id) ||
		lock.len > sizeof(ret->lock))
		c->broken = true;
	if (c->broken)
		return;
	ret->kind = (enum custody_kind)kind;
	memcpy(ret->id, id.at, id.len);
	memcpy(ret->lock, lock.at, lock.len);
	ret->lock_len = lock.len;
	if (!text_is_name(ret->id, sizeof(ret->id) - 1))
		c->broken = true;
}

enum err
custody_check_list(const struct custody_list *l)
{
	size_t coordinators = 0, sheets = 0;
	for (size_t i = 0; i < l->count; i++) {
		coordinators += l->who[i].kind == CUSTODY_COORDINATOR;
		sheets += l->who[i].kind == CUSTODY_SHEET;
		for (size_t k = 0; k < i; k++)
			if (strcmp(l->who[i].id, l->who[k].id) == 0)
				return fail(
					E_CONFLICT, "%s opens the desk already", l->who[i].id);
	}
	if (!coordinators)
		return fail(E_DENIED, "somebody has to be left who opens the desk");
	return sheets > 1 ? fail(E_FORMAT, "there is one recovery sheet at a time") : OK;
}

enum err
custody_get_list(struct custody_list *ret, struct cursor *c)
{
	ret->count = 0;
	uint32_t count = cursor_u32(c);
	if (count == 0 || count > CUSTODY_WHO_COUNT)
		c->broken = true;
	for (uint32_t i = 0; !c->broken && i < count; i++) {
		ret->who[i] = (struct custody_who){.lock_len = 0};
		read_who(c, &ret->who[i]);
	}
	if (c->broken)
		return fail(E_FORMAT, "the list of those who open the desk is not of its form");
	ret->count = count;
	return custody_check_list(ret);
}

void
custody_file_done(struct custody_file *f)
{
	mem_drop(&f->bytes);
}

enum err
custody_read_file(struct custody_file *f, const char *dir)
{
	char path[DATADIR_PATH_BYTES];
	size_t len = 0;
	enum err e = datadir_path(path, dir, CUSTODY_FILE_NAME);
	if (!e)
		e = text_read_file(&f->bytes, &len, path, CUSTODY_FILE_MAX_BYTES);
	if (e)
		return e;
	crypto_hash_one(f->stamp, FILE_PERSONAL, view_of(f->bytes, len));
	struct cursor c = cursor_of(view_of(f->bytes, len));
	struct view format = cursor_bytes(&c, strlen(CUSTODY_FORMAT));
	e = view_same(format, view_text(CUSTODY_FORMAT))
		    ? custody_get_list(&f->list, &c)
		    : fail(E_FORMAT, CUSTODY_FILE_NAME ": not of its form");
	for (size_t i = 0; !e && i < f->list.count; i++)
		f->boxes[i] = cursor_blob(&c);
	return e ? e : cursor_end(&c, CUSTODY_FILE_NAME);
}

enum err
custody_read_list(struct custody_list *ret, const char *dir)
{
	OWNED_BY(custody_file_done) struct custody_file f = {.bytes = NULL};
	enum err e = custody_read_file(&f, dir);
	*ret = f.list;
	return e;
}

enum err
custody_stamp(uint8_t ret[static HASH_BYTES], const char *dir)
{
	OWNED_BY(custody_file_done) struct custody_file f = {.bytes = NULL};
	enum err e = custody_read_file(&f, dir);
	memcpy(ret, f.stamp, HASH_BYTES);
	return e;
}

/* what they hold */

void
custody_pack(const struct custody *k, struct buf *out)
{
	buf_u8(out, VERSION);
	buf_add(out, k->list, sizeof(k->list));
	buf_add_view(out, secret_view(k->names));
	buf_u32(out, (uint32_t)k->count);
	for (size_t i = 0; i < k->count; i++) {
		buf_u32(out, k->number[i]);
		buf_add_view(out, secret_view(k->review[i]));
	}
}

enum err
custody_unpack(struct custody **ret, struct view packed)
{
	OWNED(custody) struct custody *k = xcalloc(1, sizeof(*k));
	struct cursor c = cursor_of(packed);
	uint32_t before = 0;
	*ret = NULL;
	if (cursor_u8(&c) != VERSION)
		c.broken = true;
	cursor_copy(&c, k->list, sizeof(k->list));
	struct view names = cursor_bytes(&c, AEAD_KEY_BYTES);
	uint32_t count = cursor_u32(&c);
	if (count == 0 || count > CUSTODY_REVIEW_COUNT)
		c.broken = true;
	for (uint32_t i = 0; !c.broken && i < count; i++) {
		k->number[i] = cursor_u32(&c);
		struct view secret = cursor_bytes(&c, BOX_SECRET_BYTES);
		if (c.broken || k->number[i] <= before) {
			c.broken = true;
			break;
		}
		before = k->number[i];
		k->review[k->count++] = secret_copy(secret.at, secret.len);
	}
	enum err e = cursor_end(&c, "what opens at this site");
	if (e)
		return e;
	k->names = secret_copy(names.at, names.len);
	*ret = take(k);
	return OK;
}

/* opening */

static enum err
open_box(struct custody **ret, const struct custody_file *f, size_t at, struct secret *seed)
{
	OWNED_SECRET struct secret *secret = NULL, *plain = NULL;
	OWNED(custody) struct custody *k = NULL;
	uint8_t public[BOX_PUBLIC_BYTES], list[HASH_BYTES];
	box_from_seed(public, &secret, secret_bytes(seed));
	enum err e = box_open_secret(&plain, f->boxes[at], secret);
	if (!e)
		e = custody_unpack(&k, secret_view(plain));
	if (!e)
		e = custody_hash_list(list, &f->list);
	if (!e && memcmp(list, k->list, sizeof(list)) != 0)
		e = fail(E_AUTH, "the list of those who open the desk was changed");
	if (e)
		return e;
	memcpy(k->file, f->stamp, sizeof(k->file));
	*ret = take(k);
	return OK;
}

enum err
custody_open(struct custody **ret, char ret_id[static CUSTODY_ID_BYTES], const char *dir,
	const char *id, struct secret *passphrase)
{
	OWNED_BY(custody_file_done) struct custody_file f = {.bytes = NULL};
	enum err e = custody_read_file(&f, dir), tried = OK;
	*ret = NULL;
	for (size_t i = 0; !e && i < f.list.count; i++) {
		const struct custody_who *w = &f.list.who[i];
		OWNED_SECRET struct secret *seed = NULL;
		if (w->kind != CUSTODY_COORDINATOR || (id && strcmp(w->id, id) != 0))
			continue;
		tried = keys_unseal(&seed, view_of(w->lock, w->lock_len), "the desk",
			CUSTODY_LOCK_KIND, passphrase);
		if (tried == E_AUTH)
			continue;
		if (!tried && secret_len(seed) != CUSTODY_SEED_BYTES)
			tried = fail(E_FORMAT, CUSTODY_FILE_NAME ": not of its form");
		(void)snprintf(ret_id, CUSTODY_ID_BYTES, "%s", w->id);
		return tried ? tried : open_box(ret, &f, i, seed);
	}
	if (e)
		return e;
	return tried ? tried : fail(E_NOTFOUND, "nobody called %s opens the desk", id);
}

enum err
custody_open_sheet(struct custody **ret, const char *dir, const char *code)
{
	OWNED_BY(custody_file_done) struct custody_file f = {.bytes = NULL};
	struct custody_who sheet;
	OWNED_SECRET struct secret *seed = NULL;
	*ret = NULL;
	enum err e = custody_read_file(&f, dir);
	if (!e)
		e = rescue_seed(&seed, code);
	if (!e)
		e = custody_sheet(&sheet, code);
	for (size_t i = 0; !e && i < f.list.count; i++)
		if (f.list.who[i].kind == CUSTODY_SHEET &&
			memcmp(f.list.who[i].public, sheet.public, sizeof(sheet.public)) == 0)
			return open_box(ret, &f, i, seed);
	return e ? e
		 : fail(E_AUTH,
			   "this recovery sheet opens nothing here: it was used, or a newer "
			   "one was printed");
}
