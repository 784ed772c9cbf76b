#include "common/run/keycopy.h"

#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define KEY_FILE_MAX_BYTES ((size_t)128 * 1024)
#define COPY_MAX_BYTES     ((size_t)2 * 1024 * 1024)

enum err
keycopy_may_lie(const char *file, const char *apart)
{
	size_t n = strlen(apart);
	while (n > 1 && apart[n - 1] == '/')
		n--;
	if (strncmp(file, apart, n) == 0 && (file[n] == '/' || file[n] == '\0'))
		return fail(E_CONFLICT,
			"the keys do not go into the directory of the backup: who "
			"has both needs only the passphrases");
	if (access(file, F_OK) == 0)
		return fail(E_CONFLICT, "%s is there already", file);
	return OK;
}

/* ---- making ---- */

void
keycopy_held_done(struct keycopy_held *held)
{
	supersede_read_done(held->files, KEYCOPY_FILES_COUNT);
}

enum err
keycopy_read(struct keycopy_held *ret, const struct keycopy *k, const char *dir)
{
	return supersede_read(ret->files, dir, k->names, k->count, KEY_FILE_MAX_BYTES);
}

struct view
keycopy_file(const struct keycopy_held *held, const struct keycopy *k, const char *name)
{
	for (size_t i = 0; i < k->count; i++)
		if (strcmp(k->names[i], name) == 0)
			return view_of(held->files[i].bytes, held->files[i].len);
	return view_of(NULL, 0);
}

enum err
keycopy_write(const struct keycopy_held *held, const struct keycopy *k, const char *file)
{
	OWNED_BUF struct buf out;
	buf_init(&out, COPY_MAX_BYTES);
	buf_add_view(&out, view_text(k->format));
	for (size_t i = 0; i < k->count; i++)
		buf_blob(&out, view_of(held->files[i].bytes, held->files[i].len));
	enum err e = buf_check(&out, "keys");
	return e ? e : text_write_file(file, buf_view(&out), 0600);
}

/* ---- putting back ---- */

static enum err
restore_key(const char *dir, const char *name, struct view bytes)
{
	OWNED_MEM char *path = xasprintf("%s/%s", dir, name);
	if (!bytes.len || access(path, F_OK) == 0)
		return OK;
	return text_write_file(path, bytes, 0600);
}

enum err
keycopy_restore(const struct keycopy *k, const char *dir, const char *file)
{
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0, magic = strlen(k->format);
	struct view blobs[KEYCOPY_FILES_COUNT];
	enum err e = text_read_file(&bytes, &len, file, COPY_MAX_BYTES);
	if (e)
		return e;
	if (len < magic || memcmp(bytes, k->format, magic) != 0)
		return fail(E_FORMAT, "%s is no copy of these keys", file);
	struct cursor c = cursor_of(view_of(bytes + magic, len - magic));
	for (size_t i = 0; i < k->count; i++)
		blobs[i] = cursor_blob(&c);
	e = cursor_end(&c, "copy of the keys");
	for (size_t i = 0; !e && i < k->count; i++)
		e = restore_key(dir, k->names[i], blobs[i]);
	return e;
}
