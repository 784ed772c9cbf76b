#include "hub/numbered.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/codec/text.h"
#include "common/run/datadir.h"
#include "common/run/supersede.h"

#define VERSION        1
#define FILE_MAX_BYTES 8192

void
numbered_free(struct numbered *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->count; i++)
		secret_free(n->secret[i]);
	mem_drop(&n);
}

/* the file */

static enum err
unpack(struct numbered *n, struct view plain, const char *name)
{
	struct cursor c = cursor_of(plain);
	uint32_t before = 0;
	if (cursor_u8(&c) != VERSION)
		c.broken = true;
	uint32_t count = cursor_u32(&c);
	if (count == 0 || count > NUMBERED_COUNT)
		c.broken = true;
	for (uint32_t i = 0; !c.broken && i < count; i++) {
		n->number[i] = cursor_u32(&c);
		struct view secret = cursor_bytes(&c, NUMBERED_SECRET_BYTES);
		if (c.broken || n->number[i] <= before) {
			c.broken = true;
			break;
		}
		before = n->number[i];
		n->secret[n->count++] = secret_copy(secret.at, secret.len);
	}
	return cursor_end(&c, name);
}

enum err
numbered_open(struct numbered **ret, const struct numbered_file *f, struct view content)
{
	OWNED(numbered) struct numbered *n = xcalloc(1, sizeof(*n));
	OWNED_SECRET struct secret *key = crypto_subkey(f->key, f->subkey);
	OWNED_SECRET struct secret *plain = NULL;
	*ret = NULL;
	enum err e = aead_open_secret(&plain, content, view_text(f->format), secret_bytes(key));
	if (!e)
		e = unpack(n, secret_view(plain), f->name);
	if (!e)
		*ret = take(n);
	return e;
}

static enum err
read_once(struct numbered **ret, const struct numbered_file *f)
{
	OWNED_MEM uint8_t *sealed = NULL;
	char path[DATADIR_PATH_BYTES];
	size_t len = 0;
	*ret = NULL;
	enum err e = datadir_path(path, f->dir, f->name);
	if (!e)
		e = text_read_file(&sealed, &len, path, FILE_MAX_BYTES);
	return e ? e : numbered_open(ret, f, view_of(sealed, len));
}

enum err
numbered_read(struct numbered **ret, const struct numbered_file *f)
{
	enum err e = read_once(ret, f);
	/* It was replaced, and overwritten, while it was read. */
	return e == E_AUTH ? read_once(ret, f) : e;
}

enum err
numbered_write(const struct numbered *n, const struct numbered_file *f)
{
	OWNED_SECRET struct secret *key = crypto_subkey(f->key, f->subkey);
	OWNED_WIPED struct buf plain;
	OWNED_BUF struct buf sealed;
	buf_init(&plain, FILE_MAX_BYTES);
	buf_reserve(&plain, FILE_MAX_BYTES);
	buf_init(&sealed, FILE_MAX_BYTES);
	buf_u8(&plain, VERSION);
	buf_u32(&plain, (uint32_t)n->count);
	for (size_t i = 0; i < n->count; i++) {
		buf_u32(&plain, n->number[i]);
		buf_add_view(&plain, secret_view(n->secret[i]));
	}
	aead_seal(&sealed, buf_view(&plain), view_text(f->format), secret_bytes(key));
	enum err e = buf_check(&plain, f->name);
	if (!e)
		e = buf_check(&sealed, f->name);
	const struct supersede_file file = {f->name, buf_view(&sealed)};
	return e ? e : supersede(f->dir, &file, 1);
}

enum err
numbered_recover(const struct numbered_file *f)
{
	const struct supersede_file file = {.name = f->name};
	return supersede_recover(f->dir, &file, 1);
}

/* in memory */

enum err
numbered_add(struct numbered *n, uint32_t number, struct secret *secret)
{
	OWNED_SECRET struct secret *mine = secret;
	if (n->count == NUMBERED_COUNT)
		return fail(E_FULL, "%d numbered keys are not destroyed yet", NUMBERED_COUNT);
	n->number[n->count] = number;
	n->secret[n->count++] = take(mine);
	return OK;
}

size_t
numbered_drop_below(struct numbered *n, uint32_t number)
{
	size_t gone = 0;
	while (gone + 1 < n->count && n->number[gone] < number)
		gone++;
	for (size_t i = 0; i < gone; i++)
		secret_free(take(n->secret[i]));
	n->count -= gone;
	memmove(n->number, n->number + gone, n->count * sizeof(n->number[0]));
	memmove(n->secret, n->secret + gone, n->count * sizeof(struct secret *));
	return gone;
}

void
numbered_drop_newest(struct numbered *n)
{
	if (!n->count)
		return;
	n->count--;
	secret_free(take(n->secret[n->count]));
}

struct secret *
numbered_find(const struct numbered *n, uint32_t number)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->number[i] == number)
			return n->secret[i];
	return NULL;
}
