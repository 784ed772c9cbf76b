#include "common/trust/keys.h"

#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/codec/text.h"

#define KEY_FORMAT     "weir-key-v1"
#define KEY_CHECK_NAME "weir-keyfile-v1"
#define CHECK_BYTES    8
#define FILE_MODE      0600
#define FILE_MAX_BYTES (KEYS_PAYLOAD_MAX_BYTES + 256)

/* What stands before the sealed payload; all of it is bound to it as AAD. */
static void
put_front(struct buf *b, const char *kind, const uint8_t *salt, enum kdf_cost cost, size_t len)
{
	buf_add(b, KEY_FORMAT, strlen(KEY_FORMAT));
	buf_u8(b, (uint8_t)strlen(kind));
	buf_add(b, kind, strlen(kind));
	buf_u8(b, (uint8_t)cost);
	buf_add(b, salt, KDF_SALT_BYTES);
	buf_u32(b, (uint32_t)len);
}

static void
put_check(struct buf *b)
{
	uint8_t hash[HASH_BYTES];
	crypto_hash_one(hash, KEY_CHECK_NAME, buf_view(b));
	buf_add(b, hash, CHECK_BYTES);
}

enum err
keys_seal(struct buf *out, const char *kind, struct view payload, struct secret *passphrase,
	enum kdf_cost cost)
{
	size_t kind_len = strlen(kind);
	if (kind_len == 0 || kind_len > KEYS_KIND_MAX_BYTES ||
		payload.len > KEYS_PAYLOAD_MAX_BYTES)
		return fail(E_FORMAT, "kind or content is too long for a key file");
	uint8_t salt[KDF_SALT_BYTES];
	crypto_random(salt, sizeof(salt));
	OWNED_SECRET struct secret *key = NULL;
	enum err e = crypto_kdf(&key, passphrase, salt, cost);
	if (e)
		return e;
	OWNED_BUF struct buf front, whole;
	buf_init(&front, FILE_MAX_BYTES);
	buf_init(&whole, FILE_MAX_BYTES);
	put_front(&front, kind, salt, cost, payload.len + AEAD_EXTRA_BYTES);
	buf_add_view(&whole, buf_view(&front));
	aead_seal(&whole, payload, buf_view(&front), secret_bytes(key));
	put_check(&whole);
	e = buf_check(&whole, "key file");
	if (!e)
		buf_add_view(out, buf_view(&whole));
	return e ? e : buf_check(out, "key file");
}

enum err
keys_rewrite(const char *path, const char *kind, struct view payload, struct secret *passphrase,
	enum kdf_cost cost)
{
	OWNED_BUF struct buf whole;
	buf_init(&whole, FILE_MAX_BYTES);
	enum err e = keys_seal(&whole, kind, payload, passphrase, cost);
	if (e)
		return fail_in(e, "%s", path);
	return text_write_file(path, buf_view(&whole), FILE_MODE);
}

/* Two programs that make the same file at once are kept apart by the directory's lock file. */
enum err
keys_write(const char *path, const char *kind, struct view payload, struct secret *passphrase,
	enum kdf_cost cost)
{
	if (access(path, F_OK) == 0)
		return fail(E_CONFLICT, "%s: a key file is there already", path);
	return keys_rewrite(path, kind, payload, passphrase, cost);
}

/* What a file says of itself. Views into its bytes. */
struct found {
	struct view kind;
	uint8_t cost;
	uint8_t salt[KDF_SALT_BYTES];
	struct view front;
	struct view sealed;
};

static enum err
read_found(struct found *f, struct view file, const char *path)
{
	struct view name = view_text(KEY_FORMAT);
	if (file.len < name.len || !view_same(view_of(file.at, name.len), name))
		return fail(E_FORMAT, "%s: not a key file", path);
	if (file.len < name.len + CHECK_BYTES)
		return fail(E_FORMAT, "%s: the key file is damaged", path);
	struct view body = view_of(file.at, file.len - CHECK_BYTES);
	uint8_t hash[HASH_BYTES];
	crypto_hash_one(hash, KEY_CHECK_NAME, body);
	if (memcmp(hash, body.at + body.len, CHECK_BYTES) != 0)
		return fail(E_FORMAT, "%s: the key file is damaged", path);
	struct cursor c = cursor_of(body);
	(void)cursor_bytes(&c, name.len);
	f->kind = cursor_bytes(&c, cursor_u8(&c));
	f->cost = cursor_u8(&c);
	cursor_copy(&c, f->salt, sizeof(f->salt));
	uint32_t len = cursor_u32(&c);
	f->front = view_of(body.at, body.len - c.left);
	f->sealed = cursor_bytes(&c, len);
	return cursor_end(&c, path);
}

enum err
keys_unseal(struct secret **ret, struct view file, const char *path, const char *kind,
	struct secret *passphrase)
{
	struct found f;
	*ret = NULL;
	enum err e = read_found(&f, file, path);
	if (!e && !view_same(f.kind, view_text(kind)))
		e = fail(E_FORMAT, "%s: holds a key of another kind than %s", path, kind);
	if (e)
		return e;
	OWNED_SECRET struct secret *key = NULL;
	e = crypto_kdf(&key, passphrase, f.salt, (enum kdf_cost)f.cost);
	if (!e)
		e = aead_open_secret(ret, f.sealed, f.front, secret_bytes(key));
	return e == E_AUTH ? fail(E_AUTH, "wrong passphrase for %s", path) : e;
}

enum err
keys_read(struct secret **ret, const char *path, const char *kind, struct secret *passphrase)
{
	*ret = NULL;
	OWNED_MEM uint8_t *bytes = NULL;
	size_t len = 0;
	enum err e = text_read_file(&bytes, &len, path, FILE_MAX_BYTES);
	return e ? e : keys_unseal(ret, view_of(bytes, len), path, kind, passphrase);
}
